/* make-hand-over.c: FOLDER FILE -p PASSPHRASE | RECIPIENT...: an encrypted hand-over of any
 * folder SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-hand-over.h"

#include <stdio.h>
#include <string.h>

int
main (int argc, char **argv)
{
  g_autoptr (CsmSecret) passphrase = NULL;
  g_autoptr (GError) error = NULL;

  if (argc < 4)
    return 2;
  if (g_str_equal (argv[3], "-p") && argc == 5)
    passphrase = csm_secret_new_from (argv[4], strlen (argv[4]));
  if (csm_hand_over_write (argv[1], argv[2],
                           passphrase == NULL ? (const char *const *) argv + 3 : NULL,
                           passphrase, NULL, NULL, NULL, &error))
    return 0;
  fprintf (stderr, "%s\n", error->message);
  return 1;
}
