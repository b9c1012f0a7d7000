/* csm-annotations-csv.c: a bundle's marks as one table
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-annotations.h"
#include "export/csm-marks-csv.h"

GBytes *
csm_annotations_write_csv (const CsmDossier *dossier)
{
  g_autoptr (GPtrArray) marks = g_ptr_array_new ();
  g_autoptr (GPtrArray) exhibits = g_ptr_array_new ();

  for (unsigned i = 0; i < dossier->exhibits->len; i++)
    {
      const CsmDossierExhibit *exhibit = g_ptr_array_index (dossier->exhibits, i);

      g_ptr_array_add (exhibits, exhibit->exhibit);
      for (unsigned m = 0; m < exhibit->marks->len; m++)
        g_ptr_array_add (marks,
                         ((CsmDossierMark *) g_ptr_array_index (exhibit->marks, m))->mark);
    }
  return csm_marks_csv_write (marks, exhibits);
}
