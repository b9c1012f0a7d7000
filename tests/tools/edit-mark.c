/* edit-mark.c: gives the first mark of a case another text, which the command line cannot
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case.h"

#include <stdio.h>
#include <string.h>

/* edit-mark CASE PASSPHRASE TEXT */
int
main (int argc, char **argv)
{
  g_autoptr (CsmSecret) passphrase = NULL;
  g_autoptr (CsmCase) acase = NULL;
  g_autoptr (GPtrArray) marks = NULL;
  g_autoptr (GError) error = NULL;

  if (argc != 4)
    return 2;
  passphrase = csm_secret_new_from (argv[2], strlen (argv[2]));
  acase = csm_case_open (argv[1], passphrase, false, &error);
  marks = acase != NULL ? csm_case_list_marks (acase, NULL, &error) : NULL;
  if (marks != NULL && marks->len > 0)
    {
      CsmMark *mark = marks->pdata[0];

      g_free (mark->text);
      mark->text = g_strdup (argv[3]);
      if (csm_case_set_mark (acase, mark, NULL, 0, NULL, &error))
        return 0;
    }
  fprintf (stderr, "edit-mark: %s\n", error != NULL ? error->message : "there is no mark");
  return 1;
}
