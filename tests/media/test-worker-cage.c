/* test-worker-cage.c: what a locked worker can no longer do, tried from inside
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/csm-worker.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

/* The worker ends by the kernel's hand, or is told no. */
typedef enum {
  KILLED,
  REFUSED,
  SUCCEEDED,
} Outcome;

static Outcome
attempt (const char *name)
{
  const char *command[] = { g_getenv ("CSM_WORKER"), "--self-test-cage", name, NULL };
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;
  int status = 0;

  g_assert_nonnull (command[0]);
  g_spawn_sync (NULL, (char **) command, NULL, G_SPAWN_DEFAULT, NULL, NULL, &output, NULL,
                &status, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (output, "locked: "));
  if (WIFSIGNALED (status))
    {
      g_assert_cmpint (WTERMSIG (status), ==, SIGSYS);
      return KILLED;
    }
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  if (strstr (output, "\nrefused: ") != NULL)
    return REFUSED;
  g_assert_nonnull (strstr (output, "\nsucceeded\n"));
  return SUCCEEDED;
}

static void
is_refused (gconstpointer name)
{
  g_assert_cmpint (attempt (name), ==, REFUSED);
}

static void
is_killed (gconstpointer name)
{
  g_assert_cmpint (attempt (name), ==, KILLED);
}

static void
harmless_work_goes_on (void)
{
  g_assert_cmpint (attempt ("nothing"), ==, SUCCEEDED);
}

/* As the kernel has it, seen from outside. */
static void
nothing_is_left_to_it (void)
{
  static const char *const lines[] = { "CapInh:\t0000000000000000",
                                       "CapPrm:\t0000000000000000",
                                       "CapEff:\t0000000000000000",

                                       "CapAmb:\t0000000000000000",
                                       "NoNewPrivs:\t1",
                                       "Seccomp:\t2" };
  g_autofree char *footage =
      g_build_filename (g_getenv ("CSM_SOURCE_ROOT"), "data/sample/street-walkers.avi", NULL);
  g_autoptr (CsmMediaSource) source = csm_media_source_new_for_path (footage, NULL);
  g_autoptr (CsmWorker) worker = csm_worker_new (source, false);
  g_autoptr (CsmMediaInfo) info = NULL;
  g_autofree char *path = NULL;
  g_autofree char *status = NULL;

  info = csm_worker_probe (worker, NULL, NULL);
  g_assert_nonnull (info); /* it has read a file */
  path = g_strdup_printf ("/proc/%d/status", csm_worker_get_pid (worker));
  g_assert_true (g_file_get_contents (path, &status, NULL, NULL));
  for (size_t i = 0; i < G_N_ELEMENTS (lines); i++)
    if (strstr (status, lines[i]) == NULL)
      g_error ("not \"%s\" in %s", lines[i], status);
}

static const char *const refused[] = {
  "open",   "create", "inet-socket", "unix-socket",
#if !defined(__SANITIZE_ADDRESS__) /* whose shadow needs more than any limit */
  "memory",
#endif
};
static const char *const killed[] = {
  "creat", "openat2",     "rename",        "truncate", "mmap-file", "exec",
  "fork",  "ptrace",      "kill",          "io-uring", "unshare",   "mount",
  "bpf",   "read-parent", "mprotect-exec", "mmap-exec"
};

static void
add (const char *const *names, size_t n, GTestDataFunc run, const char *ending)
{
  for (size_t i = 0; i < n; i++)
    {
      g_autofree char *path =
          g_strdup_printf ("/casement/media/worker-cage/%s-is-%s", names[i], ending);

      g_test_add_data_func (path, names[i], run);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add (refused, G_N_ELEMENTS (refused), is_refused, "refused");
  add (killed, G_N_ELEMENTS (killed), is_killed, "killed");
  g_test_add_func ("/casement/media/worker-cage/harmless-work-goes-on", harmless_work_goes_on);
  g_test_add_func ("/casement/media/worker-cage/nothing-is-left-to-it", nothing_is_left_to_it);
  return g_test_run ();
}
