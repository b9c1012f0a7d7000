/* make-case.c: a case whose key derivation costs nothing, for tests that open it often
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case.h"

#include <stdio.h>
#include <string.h>

/* make-case CASE PASSPHRASE TITLE REVIEWER */
int
main (int argc, char **argv)
{
  g_autoptr (CsmSecret) passphrase = NULL;
  g_autoptr (CsmCase) acase = NULL;
  g_autoptr (GError) error = NULL;
  CsmCaseOptions options = { .cost = { 1, 8192 }, .record_access = true };

  if (argc != 5)
    return 2;
  passphrase = csm_secret_new_from (argv[2], strlen (argv[2]));
  options.passphrase = passphrase;
  options.title = argv[3];
  options.reviewer = argv[4];
  acase = csm_case_create (argv[1], &options, NULL, &error);
  if (acase == NULL)
    fprintf (stderr, "make-case: %s\n", error->message);
  return acase == NULL ? 1 : 0;
}
