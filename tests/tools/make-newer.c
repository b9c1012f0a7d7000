/* make-newer.c: makes a case look as a later version of Casement would leave it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case-private.h"

#include <stdio.h>
#include <string.h>

/* make-newer CASE PASSPHRASE tables|kind: tables of a later version, or an entry of one */
int
main (int argc, char **argv)
{
  g_autoptr (CsmSecret) passphrase = NULL;
  g_autoptr (CsmCase) acase = NULL;
  g_autoptr (json_t) body = json_object ();
  g_autoptr (GError) error = NULL;
  gboolean done = FALSE;

  if (argc != 4)
    return 2;
  passphrase = csm_secret_new_from (argv[2], strlen (argv[2]));
  acase = csm_case_open (argv[1], passphrase, false, &error);
  if (acase != NULL && g_str_equal (argv[3], "tables"))
    done = csm_db_exec (acase->db, "PRAGMA user_version = 99", "make the tables newer", &error);
  else if (acase != NULL)
    done = csm_case_sign (acase, "subject.set", NULL, NULL, body, &error);
  if (!done)
    fprintf (stderr, "make-newer: %s\n", error->message);
  return done ? 0 : 1;
}
