/* make-case.c: makes a case whose key derivation costs next to nothing, for tests
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case.h"

#include <stdio.h>
#include <string.h>

static CsmSecret *
read_first_line (const char *path, GError **error)
{
  g_autofree char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, error))
    return NULL;
  text[strcspn (text, "\r\n")] = '\0';
  return csm_secret_new_from (text, strlen (text));
}

int
main (int argc, char **argv)
{
  CsmCaseOptions options = { .cost = { 1, 8192 },
                             .clock_confirmed = true,
                             .record_access = true };
  g_autoptr (CsmSecret) passphrase = NULL;
  g_autoptr (CsmCase) acase = NULL;
  g_autoptr (GError) error = NULL;

  if (argc != 5)
    {
      fprintf (stderr, "usage: make-case PATH TITLE REVIEWER PASSPHRASE-FILE\n");
      return 2;
    }
  options.title = argv[2];
  options.reviewer = argv[3];
  passphrase = read_first_line (argv[4], &error);
  options.passphrase = passphrase;
  if (passphrase != NULL)
    acase = csm_case_create (argv[1], &options, NULL, &error);
  if (acase == NULL)
    {
      fprintf (stderr, "make-case: %s\n", error->message);
      return 5;
    }
  return 0;
}
