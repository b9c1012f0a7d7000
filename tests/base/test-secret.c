/* test-secret.c: secrets lie in guarded memory and processes leave no core
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-secret.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void
test_new_is_zero (void)
{
  g_autoptr (CsmSecret) secret = csm_secret_new (33);
  static const uint8_t zero[33];

  g_assert_cmpmem (csm_secret_peek (secret), csm_secret_get_size (secret), zero, sizeof zero);
  csm_secret_data (secret)[32] = 7;
  g_assert_cmpuint (csm_secret_peek (secret)[32], ==, 7);
}

static void
test_copies (void)
{
  char original[] = "correct horse";
  g_autoptr (CsmSecret) secret = csm_secret_new_from (original, sizeof original);

  memset (original, 0, sizeof original);
  g_assert_cmpuint (csm_secret_get_size (secret), ==, sizeof original);
  g_assert_cmpstr ((const char *) csm_secret_peek (secret), ==, "correct horse");
}

static void
test_random_differs (void)
{
  g_autoptr (CsmSecret) a = csm_secret_new_random (32);
  g_autoptr (CsmSecret) b = csm_secret_new_random (32);
  g_autoptr (CsmSecret) zero = csm_secret_new (32);

  g_assert_false (csm_secret_equal (a, b));
  g_assert_false (csm_secret_equal (a, zero));
}

static void
test_equality (void)
{
  g_autoptr (CsmSecret) a = csm_secret_new_from ("abcd", 4);
  g_autoptr (CsmSecret) same = csm_secret_new_from ("abcd", 4);
  g_autoptr (CsmSecret) shorter = csm_secret_new_from ("abc", 3);

  g_assert_true (csm_secret_equal (a, same));
  g_assert_false (csm_secret_equal (a, shorter));
  for (int i = 0; i < 4; i++)
    {
      g_autoptr (CsmSecret) other = csm_secret_new_from ("abcd", 4);

      csm_secret_data (other)[i] ^= 1;
      g_assert_false (csm_secret_equal (a, other));
    }
}

static void
test_references (void)
{
  CsmSecret *secret = csm_secret_new_from ("x", 1);
  CsmSecret *second = csm_secret_ref (secret);

  g_assert_true (secret == second);
  csm_secret_unref (secret);
  g_assert_cmpuint (*csm_secret_peek (second), ==, 'x');
  csm_secret_unref (second);
  csm_secret_unref (NULL);
}

/* Runs @child in a process of its own and returns how that ended. */
static int
run_child (void (*child) (void))
{
  int status;
  const pid_t pid = fork ();

  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    {
      child ();
      _exit (0);
    }
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  return status;
}

static void
write_past_end (void)
{
  CsmSecret *secret = csm_secret_new (32);
  volatile uint8_t *bytes = csm_secret_data (secret);

  signal (SIGSEGV, SIG_DFL);
  bytes[32] = 1;
}

static void
test_guard_page (void)
{
  const int status = run_child (write_past_end);

  g_assert_true (WIFSIGNALED (status));
  g_assert_cmpint (WTERMSIG (status), ==, SIGSEGV);
}

/* What /proc says of the mapping that @address lies in: "lo" locked, "dd" not dumped. */
static char *
dup_vm_flags (const void *address)
{
  g_autofree char *text = NULL;
  bool inside = false;

  g_assert_true (g_file_get_contents ("/proc/self/smaps", &text, NULL, NULL));

  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    {
      unsigned long from, to;

      if (sscanf (*line, "%lx-%lx ", &from, &to) == 2)
        inside = (gsize) address >= from && (gsize) address < to;
      else if (inside && g_str_has_prefix (*line, "VmFlags:"))
        return g_strconcat (*line, " ", NULL);
    }
  g_assert_not_reached ();
}

static void
test_not_dumped (void)
{
  g_autoptr (CsmSecret) secret = csm_secret_new (32);
  g_autofree char *flags = dup_vm_flags (csm_secret_peek (secret));

  g_assert_nonnull (strstr (flags, " dd "));
}

static void
check_hardened (void)
{
  struct rlimit limit;

  csm_process_harden ();
  if (getrlimit (RLIMIT_CORE, &limit) != 0 || limit.rlim_cur != 0 || limit.rlim_max != 0)
    _exit (1);
#if !defined(__SANITIZE_ADDRESS__)
  if (prctl (PR_GET_DUMPABLE) != 0)
    _exit (2);
#endif
}

static void
test_harden (void)
{
  const int status = run_child (check_hardened);

  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/casement/base/secret/new-is-zero", test_new_is_zero);
  g_test_add_func ("/casement/base/secret/copies", test_copies);
  g_test_add_func ("/casement/base/secret/random-differs", test_random_differs);
  g_test_add_func ("/casement/base/secret/equality", test_equality);
  g_test_add_func ("/casement/base/secret/references", test_references);
  g_test_add_func ("/casement/base/secret/guard-page-after", test_guard_page);
  g_test_add_func ("/casement/base/secret/not-dumped", test_not_dumped);
  g_test_add_func ("/casement/base/secret/process-leaves-no-core", test_harden);
  return g_test_run ();
}
