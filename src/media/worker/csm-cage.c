/* csm-cage.c: what the worker gives up before it looks at a single byte
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/worker/csm-cage.h"

#include "media/csm-error.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX_OPEN_FILES 64

static gboolean
fail (GError **error, const char *what)
{
  g_set_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_NO_CAGE,
               "The cage for media could not be closed: %s: %s", what, g_strerror (errno));
  return FALSE;
}

/* ---- namespaces ---- */

static bool
write_file (const char *path, const char *text)
{
  int fd = open (path, O_WRONLY | O_CLOEXEC);
  ssize_t written;

  if (fd < 0)
    return false;
  written = write (fd, text, strlen (text));
  (void) close (fd); /* procfs: the write said it all */
  return written == (ssize_t) strlen (text);
}

static bool
map_ids (unsigned uid, unsigned gid)
{
  char map[64];

  (void) write_file ("/proc/self/setgroups", "deny"); /* absent on kernels that need it not */
  g_snprintf (map, sizeof map, "65534 %u 1", uid);
  if (!write_file ("/proc/self/uid_map", map))
    return false;
  g_snprintf (map, sizeof map, "65534 %u 1", gid);
  return write_file ("/proc/self/gid_map", map);
}

static bool
empty_root (void)
{
  if (mount ("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
      mount ("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=4k,mode=0") != 0)
    return false;
  if (chdir ("/tmp") != 0 || syscall (SYS_pivot_root, ".", ".") != 0)
    return false;
  if (umount2 (".", MNT_DETACH) != 0 || chdir ("/") != 0)
    return false;
  return mount ("none", "/", NULL,
                MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == 0;
}

/* Needs /proc/self to be ours, so before the process is made undumpable. */
static bool
enter_namespaces (void)
{
  unsigned uid = getuid (), gid = getgid ();

  if (unshare (CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWNS | CLONE_NEWUTS) != 0)
    return false;
  return map_ids (uid, gid) && empty_root ();
}

/* ---- capabilities ---- */

/* In a user namespace of its own a process has all of them, and root has them without one. */
static bool
drop_capabilities (void)
{
  struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
  struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };

  return syscall (SYS_capset, &head, none) == 0;
}

/* ---- Landlock ---- */

/* The newest shape that we know; older kernels take the front of it. */
typedef struct
{
  uint64_t fs, net, scoped;
} LandlockRules;

/* The ABI's number, 0 when there is none. */
static int
enter_landlock (void)
{
  int abi =
      (int) syscall (SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
  LandlockRules rules = { .fs = (1ULL << 13) - 1 };
  size_t size = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
  int fd, rc;

  if (abi < 1)
    return 0;
  rules.fs |= abi >= 2 ? 1ULL << 13 : 0; /* refer */
  rules.fs |= abi >= 3 ? 1ULL << 14 : 0; /* truncate */
  rules.fs |= abi >= 5 ? 1ULL << 15 : 0; /* ioctl on devices */
  rules.net = abi >= 4 ? 3 : 0;          /* bind, connect */
  rules.scoped = abi >= 6 ? 3 : 0;       /* abstract sockets, signals */
  fd = (int) syscall (SYS_landlock_create_ruleset, &rules, size, 0);
  if (fd < 0)
    return 0;
  rc = (int) syscall (SYS_landlock_restrict_self, fd, 0);
  (void) close (fd); /* only a rule set */
  return rc == 0 ? abi : 0;
}

/* ---- limits ---- */

static bool
set_limit (int resource, rlim_t value)
{
  struct rlimit limit = { value, value };

  return setrlimit (resource, &limit) == 0;
}

static gboolean
set_limits (size_t address_space, GError **error)
{
  bool ok = set_limit (RLIMIT_CORE, 0) && set_limit (RLIMIT_FSIZE, 0) &&
            set_limit (RLIMIT_NOFILE, MAX_OPEN_FILES);

#if !defined(__SANITIZE_ADDRESS__) /* whose shadow memory is larger than any limit */
  ok = ok && set_limit (RLIMIT_AS, address_space);
#endif
  return ok ? TRUE : fail (error, "resource limits");
}

/* ---- seccomp ---- */

static const int allowed_calls[] = {
  SCMP_SYS (read),
  SCMP_SYS (pread64),
  SCMP_SYS (write),
  SCMP_SYS (sendmsg),
  SCMP_SYS (recvmsg),
  SCMP_SYS (poll),
  SCMP_SYS (ppoll),
  SCMP_SYS (futex),
  SCMP_SYS (munmap),
  SCMP_SYS (mremap),
  SCMP_SYS (madvise),
  SCMP_SYS (brk),
  SCMP_SYS (rseq),
  SCMP_SYS (set_robust_list),
  SCMP_SYS (rt_sigprocmask),
  SCMP_SYS (rt_sigreturn),
  SCMP_SYS (rt_sigaction), /* pthread_create installs its own signal */
  SCMP_SYS (exit),
  SCMP_SYS (exit_group),
  SCMP_SYS (clock_gettime),
  SCMP_SYS (clock_nanosleep),
  SCMP_SYS (gettimeofday),
  SCMP_SYS (gettid),
  SCMP_SYS (getpid),
  SCMP_SYS (sched_yield),
  SCMP_SYS (sched_getaffinity),
  SCMP_SYS (restart_syscall),
  SCMP_SYS (getrandom),
  SCMP_SYS (close),
  SCMP_SYS (lseek),
#if defined(__SANITIZE_ADDRESS__)
  SCMP_SYS (sigaltstack),
#endif
};

/* Libraries probe these and live without. */
static const int refused_calls[] = {
  SCMP_SYS (openat), SCMP_SYS (open),     SCMP_SYS (newfstatat), SCMP_SYS (fstat),
  SCMP_SYS (statx),  SCMP_SYS (readlink), SCMP_SYS (access),     SCMP_SYS (ioctl),
  SCMP_SYS (getcwd), SCMP_SYS (unlink),   SCMP_SYS (sysinfo),    SCMP_SYS (fcntl),
  SCMP_SYS (socket), SCMP_SYS (connect),  SCMP_SYS (stat),       SCMP_SYS (lstat),
};

static int
add_argument_rules (scmp_filter_ctx filter)
{
  const unsigned long thread =
      CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
  const unsigned long foreign = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET |
                                CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP | CLONE_VFORK |
                                CLONE_PTRACE;
  int rc = 0;

  rc |= seccomp_rule_add (filter, SCMP_ACT_ALLOW, SCMP_SYS (mmap), 2,
                          SCMP_A2 (SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
                          SCMP_A3 (SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS));
  rc |= seccomp_rule_add (filter, SCMP_ACT_ALLOW, SCMP_SYS (mprotect), 1,
                          SCMP_A2 (SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
  rc |= seccomp_rule_add (filter, SCMP_ACT_ALLOW, SCMP_SYS (clone), 1,
                          SCMP_A0 (SCMP_CMP_MASKED_EQ, thread | foreign, thread));
  /* Its flags lie behind a pointer; without it the C library falls back to clone. */
  rc |= seccomp_rule_add (filter, SCMP_ACT_ERRNO (ENOSYS), SCMP_SYS (clone3), 0);
  rc |= seccomp_rule_add (filter, SCMP_ACT_ALLOW, SCMP_SYS (prctl), 1,
                          SCMP_A0 (SCMP_CMP_EQ, PR_SET_NAME));
  /* abort() */
  rc |= seccomp_rule_add (filter, SCMP_ACT_ALLOW, SCMP_SYS (tgkill), 1,
                          SCMP_A0 (SCMP_CMP_EQ, (scmp_datum_t) getpid ()));
  return rc;
}

static gboolean
enter_seccomp (GError **error)
{
  scmp_filter_ctx filter = seccomp_init (SCMP_ACT_KILL_PROCESS);
  int rc;

  if (filter == NULL)
    return fail (error, "seccomp");
  rc = add_argument_rules (filter);
  for (size_t i = 0; i < G_N_ELEMENTS (allowed_calls); i++)
    rc |= seccomp_rule_add (filter, SCMP_ACT_ALLOW, allowed_calls[i], 0);
  for (size_t i = 0; i < G_N_ELEMENTS (refused_calls); i++)
    rc |= seccomp_rule_add (filter, SCMP_ACT_ERRNO (EACCES), refused_calls[i], 0);
  if (rc == 0)
    rc = seccomp_load (filter);
  seccomp_release (filter);
  errno = rc < 0 ? -rc : 0;
  return rc == 0 ? TRUE : fail (error, "seccomp");
}

char *
csm_cage_lock (size_t address_space, GError **error)
{
  g_autoptr (GString) layers = g_string_new (NULL);
  int landlock;

  (void) prctl (PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); /* the socket's end says it too */
  if (enter_namespaces ())
    g_string_append (layers, "namespaces ");
  if (!drop_capabilities ())
    {
      fail (error, "capabilities");
      return NULL;
    }
  if (prctl (PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
    {
      fail (error, "core dumps");
      return NULL;
    }
  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    {
      fail (error, "no_new_privs");
      return NULL;
    }
  if (!set_limits (address_space, error))
    return NULL;
  landlock = enter_landlock ();
  if (landlock > 0)
    g_string_append_printf (layers, "landlock-%d ", landlock);
  if (!enter_seccomp (error))
    return NULL;
  g_string_append (layers, "limits seccomp");
  return g_strdup (layers->str);
}
