/* write-annotations.c: what is written of the dossier made by hand, for other tools to read
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-annotations.h"

#include "dossier-fixture.h"

#include <stdio.h>

static bool
write_file (const char *folder, const char *name, GBytes *bytes)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;

  if (bytes == NULL)
    return true;
  if (g_file_set_contents (path, g_bytes_get_data (bytes, NULL),
                           (gssize) g_bytes_get_size (bytes), &error))
    return true;
  fprintf (stderr, "write-annotations: %s\n", error->message);
  return false;
}

static bool
write_exhibit (const CsmDossier *dossier, const CsmDossierExhibit *exhibit, const char *folder)
{
  g_autofree char *vtt_name = g_strdup_printf ("%s.vtt", exhibit->label);
  g_autofree char *eaf_name = g_strdup_printf ("%s.eaf", exhibit->label);
  g_autoptr (GBytes) vtt = csm_annotations_write_vtt (dossier, exhibit);
  g_autoptr (GBytes) eaf = csm_annotations_write_eaf (dossier, exhibit);

  return write_file (folder, vtt_name, vtt) && write_file (folder, eaf_name, eaf);
}

/* write-annotations FOLDER */
int
main (int argc, char **argv)
{
  CsmDossier *dossier = dossier_fixture_new ();
  g_autoptr (GBytes) web = csm_annotations_write_web (dossier);
  g_autoptr (GBytes) csv = csm_annotations_write_csv (dossier);
  g_autoptr (GBytes) frames = csm_annotations_write_frames (dossier);
  bool done = argc == 2;

  done = done && write_file (argv[1], "annotations.jsonld", web) &&
         write_file (argv[1], "marks.csv", csv) &&
         write_file (argv[1], "marked-frames.tsv", frames);
  for (unsigned i = 1; done && i <= dossier->exhibits->len; i++)
    done = write_exhibit (dossier, dossier_fixture_get_exhibit (dossier, i), argv[1]);
  dossier_fixture_free (dossier);
  return done ? 0 : 1;
}
