/* csm-worker-process.c: one running casement-worker, its socket and its transfer memory
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/csm-worker-process.h"

#include "media/csm-error.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define NICE 10
/* How long a worker that closed its socket may take to be gone before it is killed. */
#define LAST_BREATH_MS 500

/* ---- where the worker is ---- */

static bool
is_program (const char *path)
{
  return g_file_test (path, G_FILE_TEST_IS_REGULAR) && access (path, X_OK) == 0;
}

/* (transfer full) (nullable): beside this program, as built or as laid out by hand; else where
 * it is installed. CSM_WORKER overrides, but never for a program with raised privileges. */
static char *
find_program (void)
{
  const char *named = getauxval (AT_SECURE) == 0 ? g_getenv ("CSM_WORKER") : NULL;
  g_autofree char *self = NULL, *folder = NULL;
  const char *places[] = { "casement-worker", "../tools/casement-worker",
                           CSM_LIBEXECDIR "/casement/casement-worker",
                           CSM_LIBEXECDIR "/casement-worker" };

  if (named != NULL && *named != '\0')
    return g_canonicalize_filename (named, NULL);

  self = g_file_read_link ("/proc/self/exe", NULL);
  folder = self != NULL ? g_path_get_dirname (self) : g_strdup ("/");
  for (size_t i = 0; i < G_N_ELEMENTS (places); i++)
    {
      /* An absolute place stays what it is. */
      g_autofree char *path = g_canonicalize_filename (places[i], folder);

      if (is_program (path))
        return g_steal_pointer (&path);
    }
  return NULL;
}

/* ---- starting ---- */

static int
make_ring (void)
{
  int fd = memfd_create ("casement-frames", MFD_CLOEXEC | MFD_ALLOW_SEALING);

  if (fd < 0)
    return -1;
  if (ftruncate (fd, CSM_PROTOCOL_RING_SIZE) == 0 &&
      fcntl (fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0)
    return fd;
  close (fd);
  return -1;
}

/* The child has descriptors 0 to 2 on /dev/null, @socket as 3, and nothing else; no
 * environment, no signal mask, and its own process group, so that Ctrl+C in a terminal reaches
 * us first. Returns an errno value. */
static int
spawn (const char *program, int socket, pid_t *ret_pid)
{
  char *argv[] = { (char *) program, NULL };
  char *envp[] = { "LC_ALL=C.UTF-8", NULL };
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t none, all;
  int rc;

  sigemptyset (&none);
  sigfillset (&all);
  posix_spawn_file_actions_init (&actions);
  /* First: the others would close it, should it be one of 0 to 2 here. */
  posix_spawn_file_actions_adddup2 (&actions, socket, CSM_PROTOCOL_SOCKET);
  posix_spawn_file_actions_addopen (&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen (&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen (&actions, 2, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addclosefrom_np (&actions, CSM_PROTOCOL_SOCKET + 1);
  posix_spawn_file_actions_addchdir_np (&actions, "/");
  posix_spawnattr_init (&attributes);
  posix_spawnattr_setsigmask (&attributes, &none);
  posix_spawnattr_setsigdefault (&attributes, &all);
  posix_spawnattr_setpgroup (&attributes, 0);
  posix_spawnattr_setflags (&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                             POSIX_SPAWN_SETPGROUP);

  rc = posix_spawn (ret_pid, program, &actions, &attributes, argv, envp);
  posix_spawnattr_destroy (&attributes);
  posix_spawn_file_actions_destroy (&actions);
  return rc;
}

static void
fail_start (GError **error, int errnum)
{
  g_set_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_IO, "Cannot start the media worker: %s",
               g_strerror (errnum));
}

static CsmWorkerProcess *
start_process (GError **error)
{
  g_autofree char *program = find_program ();
  CsmWorkerProcess *self;
  int sockets[2], ring, rc;
  pid_t pid = 0;

  if (program == NULL)
    {
      g_set_error_literal (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_NO_CAGE,
                           "casement-worker is not installed: media stays closed");
      return NULL;
    }
  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0)
    {
      fail_start (error, errno);
      return NULL;
    }
  ring = make_ring ();
  rc = ring < 0 ? errno : spawn (program, sockets[1], &pid);
  close (sockets[1]);
  if (rc != 0)
    {
      fail_start (error, rc);
      close (sockets[0]);
      if (ring >= 0)
        close (ring);
      return NULL;
    }

  self = g_new0 (CsmWorkerProcess, 1);
  self->pid = pid;
  self->socket = sockets[0];
  self->ring = ring;
  return self;
}

/* ---- the spawner ----
 * A worker asks the kernel to be killed when the thread that started it ends. Lanes and pools
 * come and go, so one thread that never ends starts them all, and keeps the spare. */

typedef struct
{
  CsmWorkerProcess *result;
  GError *error;
  bool is_fence; /* starts nothing: its answer says that all pushed before is done */
  bool answered;
} SpawnJob;

static GMutex spawner_lock;
static GCond spawner_answered;
/* Guarded by spawner_lock */
static CsmWorkerProcess *spare;
static bool keep_spare;

/* What is pushed to have the spare made. */
static SpawnJob refill;

static void
refill_spare (void)
{
  CsmWorkerProcess *fresh;
  bool wanted;

  g_mutex_lock (&spawner_lock);
  wanted = keep_spare && spare == NULL;
  g_mutex_unlock (&spawner_lock);
  if (!wanted)
    return;

  /* A failure shows when a worker is really needed. */
  fresh = start_process (NULL);
  g_mutex_lock (&spawner_lock);
  spare = fresh;
  g_mutex_unlock (&spawner_lock);
}

static void
answer (SpawnJob *job, CsmWorkerProcess *result, GError *error)
{
  g_mutex_lock (&spawner_lock);
  job->result = result;
  job->error = error;
  job->answered = true;
  g_cond_broadcast (&spawner_answered);
  g_mutex_unlock (&spawner_lock);
}

static void
wait_for_answer (SpawnJob *job)
{
  g_mutex_lock (&spawner_lock);
  while (!job->answered)
    g_cond_wait (&spawner_answered, &spawner_lock);
  g_mutex_unlock (&spawner_lock);
}

static gpointer
spawner_thread (gpointer data)
{
  GAsyncQueue *queue = data;

  for (;;)
    {
      SpawnJob *job = g_async_queue_pop (queue);
      CsmWorkerProcess *result = NULL;
      GError *error = NULL;

      if (job == &refill)
        {
          refill_spare ();
          continue;
        }
      if (!job->is_fence)
        result = start_process (&error);
      answer (job, result, error);
    }
  return NULL;
}

static void
push_job (SpawnJob *job)
{
  static gsize ready = 0;
  static GAsyncQueue *queue = NULL;

  if (g_once_init_enter (&ready))
    {
      queue = g_async_queue_new ();
      g_thread_unref (g_thread_new ("csm-spawner", spawner_thread, queue));
      g_once_init_leave (&ready, 1);
    }
  g_async_queue_push (queue, job);
}

void
csm_worker_process_keep_spare (void)
{
  g_mutex_lock (&spawner_lock);
  keep_spare = true;
  g_mutex_unlock (&spawner_lock);
  push_job (&refill);
}

void
csm_worker_process_end_spare (void)
{
  SpawnJob fence = { .is_fence = true };

  g_mutex_lock (&spawner_lock);
  keep_spare = false;
  g_mutex_unlock (&spawner_lock);
  push_job (&fence);
  wait_for_answer (&fence);

  g_mutex_lock (&spawner_lock);
  CsmWorkerProcess *last = g_steal_pointer (&spare);
  g_mutex_unlock (&spawner_lock);
  csm_worker_process_free (last);
}

/* (transfer full) (nullable): a spare that is still alive. */
static CsmWorkerProcess *
take_spare (void)
{
  g_autoptr (CsmWorkerProcess) taken = NULL;
  bool wanted;

  g_mutex_lock (&spawner_lock);
  taken = g_steal_pointer (&spare);
  wanted = keep_spare;
  g_mutex_unlock (&spawner_lock);
  if (wanted)
    push_job (&refill);

  /* It has nothing to say yet: readable means gone. */
  if (taken != NULL &&
      csm_worker_process_wait (taken, POLLIN, 0, NULL) == CSM_WORKER_WAIT_READY)
    return NULL;
  return g_steal_pointer (&taken);
}

CsmWorkerProcess *
csm_worker_process_start (GError **error)
{
  CsmWorkerProcess *self = take_spare ();
  SpawnJob job = { 0 };

  if (self != NULL)
    return self;

  push_job (&job);
  wait_for_answer (&job);
  if (job.error != NULL)
    g_propagate_error (error, job.error);
  return job.result;
}

/* ---- running ---- */

void
csm_worker_process_set_nice (CsmWorkerProcess *self)
{
  struct sched_param parameters = { 0 };

  /* Politeness: a worker that stays in a hurry still works. */
  (void) setpriority (PRIO_PROCESS, (id_t) self->pid, NICE);
  (void) sched_setscheduler (self->pid, SCHED_BATCH, &parameters);
}

CsmWorkerWait
csm_worker_process_wait (CsmWorkerProcess *self,
                         short events,
                         int64_t deadline,
                         const GPollFD *cancel)
{
  struct pollfd fds[2] = {
    { .fd = self->socket, .events = events },
    { .fd = cancel != NULL ? cancel->fd : -1, .events = POLLIN },
  };

  for (;;)
    {
      int64_t left = deadline - g_get_monotonic_time ();
      int rc = poll (fds, 2, (int) CLAMP ((left + 999) / 1000, 0, 3600 * 1000));

      if (rc > 0 && fds[1].revents != 0)
        return CSM_WORKER_WAIT_CANCELLED;
      if (rc > 0)
        return CSM_WORKER_WAIT_READY;
      if (left <= 0)
        return CSM_WORKER_WAIT_TIMEOUT;
    }
}

bool
csm_worker_process_copy (CsmWorkerProcess *self, void *ret_bytes, size_t size)
{
  uint8_t *to = ret_bytes;
  size_t done = 0;

  /* Read, not mapped: one copy by nature, and nothing that the worker does to the memory can
   * fault us. */
  while (done < size)
    {
      ssize_t got = pread (self->ring, to + done, size - done, (off_t) done);

      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0)
        return false;
      done += (size_t) got;
    }
  return true;
}

/* ---- ending ---- */

/* Waits for the process to end by itself for a moment, then ends it. Returns its status, or -1
 * when somebody else has reaped it. */
static int
reap (int pid, int patience_ms)
{
  int status = 0;

  for (int waited = 0;; waited++)
    {
      int rc = waitpid (pid, &status, waited < patience_ms ? WNOHANG : 0);

      if (rc == pid)
        return status;
      if (rc < 0 && errno != EINTR)
        return -1;
      if (waited < patience_ms)
        g_usleep (1000);
      if (waited + 1 == patience_ms)
        kill (pid, SIGKILL);
    }
}

char *
csm_worker_process_end (CsmWorkerProcess *self)
{
  int status = self->pid > 0 ? reap (self->pid, LAST_BREATH_MS) : -1;

  self->pid = 0;
  if (status == -1)
    return g_strdup ("unknown end");
  if (WIFSIGNALED (status))
    return g_strdup_printf ("signal %d (%s)", WTERMSIG (status),
                            g_strsignal (WTERMSIG (status)));
  return g_strdup_printf ("exit status %d", WEXITSTATUS (status));
}

void
csm_worker_process_free (CsmWorkerProcess *self)
{
  if (self == NULL)
    return;
  if (self->pid > 0)
    {
      kill (self->pid, SIGKILL);
      (void) reap (self->pid, 0); /* killed by us: the status says nothing */
    }
  close (self->socket);
  close (self->ring);
  g_free (self);
}
