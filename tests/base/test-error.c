/* test-error.c: errno values become codes that tell what to do
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-error.h"

#include <errno.h>

static void
test_codes (void)
{
  static const struct
  {
    int errnum;
    int code;
  } cases[] = {
    { ENOSPC, CSM_BASE_ERROR_FULL },       { EDQUOT, CSM_BASE_ERROR_FULL },
    { EROFS, CSM_BASE_ERROR_READ_ONLY },   { EACCES, CSM_BASE_ERROR_READ_ONLY },
    { EPERM, CSM_BASE_ERROR_READ_ONLY },   { EEXIST, CSM_BASE_ERROR_EXISTS },
    { ENOTEMPTY, CSM_BASE_ERROR_EXISTS },  { ENOENT, CSM_BASE_ERROR_NOT_FOUND },
    { ENOTDIR, CSM_BASE_ERROR_NOT_FOUND }, { EIO, CSM_BASE_ERROR_IO },
    { EPIPE, CSM_BASE_ERROR_IO },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *message = g_strdup_printf ("do it: %s", g_strerror (cases[i].errnum));

      g_assert_false (csm_base_fail_errno (&error, cases[i].errnum, "do it"));
      g_assert_error (error, CSM_BASE_ERROR, cases[i].code);
      g_assert_cmpstr (error->message, ==, message);
    }
}

static void
test_nobody_asks (void)
{
  g_assert_false (csm_base_fail_errno (NULL, EIO, "do it"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/casement/base/error/codes-of-errno", test_codes);
  g_test_add_func ("/casement/base/error/nobody-asks", test_nobody_asks);
  return g_test_run ();
}
