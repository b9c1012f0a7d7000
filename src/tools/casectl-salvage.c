/* casectl-salvage.c: a new case from what still verifies in a damaged one
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case-salvage.h"
#include "tools/casectl.h"

#include <stdio.h>

static const struct
{
  const char *key, *title;
  size_t offset;
} lists[] = {
  { "damage", "damaged", G_STRUCT_OFFSET (CsmSalvageReport, damage) },
  { "gaps", "missing", G_STRUCT_OFFSET (CsmSalvageReport, gaps) },
  { "resting", "rests on what is missing", G_STRUCT_OFFSET (CsmSalvageReport, resting) },
  { "lost", "lost", G_STRUCT_OFFSET (CsmSalvageReport, lost) },
  { "media", "media", G_STRUCT_OFFSET (CsmSalvageReport, media) },
};

static void
print_json (const CsmSalvageReport *report)
{
  json_t *document =
      json_pack ("{s:I, s:I, s:I, s:b}", "entries", (json_int_t) report->n_entries,
                 "without_effect", (json_int_t) report->n_resting, "exhibits",
                 (json_int_t) report->n_exhibits, "whole", (int) report->is_whole);

  for (size_t i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      const GPtrArray *lines = G_STRUCT_MEMBER (GPtrArray *, report, lists[i].offset);
      json_t *array = json_array ();

      for (guint n = 0; n < lines->len; n++)
        json_array_append_new (array, json_string (lines->pdata[n]));
      json_object_set_new (document, lists[i].key, array);
    }
  csm_tool_print_json (document);
}

static void
print_report (const CsmSalvageReport *report)
{
  printf ("%" G_GINT64_FORMAT " entries recovered, %" G_GINT64_FORMAT
          " exhibits with their files\n",
          report->n_entries, report->n_exhibits);
  for (size_t i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      const GPtrArray *lines = G_STRUCT_MEMBER (GPtrArray *, report, lists[i].offset);

      for (guint n = 0; n < lines->len; n++)
        {
          printf ("%s\t", lists[i].title);
          csm_tool_print_text (stdout, lines->pdata[n]);
          putchar ('\n');
        }
    }
}

int
csm_tool_salvage (CsmTool *tool, int argc, char **argv)
{
  g_autoptr (CsmSecret) passphrase = NULL;
  g_autoptr (CsmSalvageReport) report = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *shown = NULL;
  g_autofree char *what = NULL;
  int code;

  if (!csm_tool_parse (tool, NULL, CSM_TOOL_JSON | CSM_TOOL_PASSPHRASE, 2, 2, argc, argv,
                       &code) ||
      (passphrase = csm_tool_read_passphrase (tool, tool->passphrase_file, "Passphrase", false,
                                              &code)) == NULL)
    return code;
  shown = g_filename_display_name (tool->paths[0]);
  what = g_strdup_printf ("salvage %s", shown);
  if (!csm_case_salvage (tool->paths[0], passphrase, tool->paths[1], csm_tool_progress_cb,
                         "salvaging", &report, tool->cancellable, &error))
    return csm_tool_fail (tool, what, error, CSM_EXIT_WRITE);
  csm_tool_progress_end ();
  if (tool->json)
    print_json (report);
  else
    print_report (report);
  if (report->is_whole)
    return CSM_EXIT_DONE;
  return csm_tool_refuse (tool, CSM_EXIT_DOES_NOT_HOLD,
                          "something is missing, as listed above; keep the damaged case, and "
                          "merge a backup or another copy into the new one");
}
