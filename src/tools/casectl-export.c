/* casectl-export.c: a signed bundle out of a case
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-export.h"

#include "export/csm-hand-over.h"
#include "tools/casectl.h"

#include <stdio.h>
#include <string.h>

/* What was asked for. */
typedef struct
{
  char **exhibits, **marks, **codes, **reviewers; /* (nullable) */
  gboolean names, acquisition, notes, superseded, access;
  gboolean no_files, no_stills, captions, no_report, preview;
  char *clips;                /* (nullable) */
  char **recipients;          /* (nullable) */
  char *hand_over_passphrase; /* (nullable): a file */
  char *output;               /* (nullable) */
} Export;

static void
export_clear (Export *self)
{
  g_strfreev (self->exhibits);
  g_strfreev (self->marks);
  g_strfreev (self->codes);
  g_strfreev (self->reviewers);
  g_free (self->clips);
  g_strfreev (self->recipients);
  g_free (self->hand_over_passphrase);
  g_free (self->output);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Export, export_clear)

/* --- what goes --- */

static bool
choose_exhibits (CsmTool *tool,
                 CsmCase *acase,
                 const Export *what,
                 CsmSelection *selection,
                 int *ret_exit)
{
  for (char **name = what->exhibits; name != NULL && *name != NULL; name++)
    {
      g_autoptr (CsmExhibit) exhibit = csm_tool_find_exhibit (tool, acase, *name, ret_exit);

      if (exhibit == NULL)
        return false;
      g_ptr_array_add (selection->exhibits, g_memdup2 (&exhibit->id, sizeof exhibit->id));
    }
  return true;
}

static bool
choose_marks (CsmTool *tool, const Export *what, CsmSelection *selection, int *ret_exit)
{
  for (char **name = what->marks; name != NULL && *name != NULL; name++)
    {
      CsmId id;

      if (!csm_id_parse (*name, &id))
        {
          g_autofree char *valid = g_utf8_make_valid (*name, -1);

          *ret_exit = csm_tool_refuse (
              tool, CSM_EXIT_REFUSED,
              "--mark: '%s' is no id of a mark; see casectl marks --json", valid);
          return false;
        }
      g_ptr_array_add (selection->marks, g_memdup2 (&id, sizeof id));
    }
  return true;
}

/* By name, which more than one key may have, or by key. */
static bool
choose_reviewer (CsmTool *tool,
                 const GPtrArray *reviewers,
                 const char *name,
                 CsmSelection *selection,
                 int *ret_exit)
{
  const guint before = selection->authors->len;

  for (guint i = 0; i < reviewers->len; i++)
    {
      const CsmReviewer *reviewer = reviewers->pdata[i];

      if (strcmp (reviewer->name, name) == 0 || strcmp (reviewer->key, name) == 0)
        g_ptr_array_add (selection->authors, g_strdup (reviewer->key));
    }
  if (selection->authors->len > before)
    return true;
  *ret_exit = csm_tool_refuse (tool, CSM_EXIT_REFUSED,
                               "--reviewer: there is no reviewer '%s'; see casectl info", name);
  return false;
}

static bool
choose_reviewers (CsmTool *tool,
                  CsmCase *acase,
                  const Export *what,
                  CsmSelection *selection,
                  int *ret_exit)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) reviewers = csm_case_list_reviewers (acase, &error);

  if (reviewers == NULL)
    {
      *ret_exit = csm_tool_fail (tool, "read the reviewers", error, CSM_EXIT_CANNOT_OPEN);
      return false;
    }
  for (char **name = what->reviewers; name != NULL && *name != NULL; name++)
    if (!choose_reviewer (tool, reviewers, *name, selection, ret_exit))
      return false;
  return true;
}

/* (transfer full) (nullable): NULL after the reason was said. */
static CsmSelection *
make_selection (CsmTool *tool,
                CsmCase *acase,
                const Export *what,
                CsmClips clips,
                int *ret_exit)
{
  g_autoptr (CsmSelection) selection = csm_selection_new ();

  if (!choose_exhibits (tool, acase, what, selection, ret_exit) ||
      !choose_marks (tool, what, selection, ret_exit) ||
      !choose_reviewers (tool, acase, what, selection, ret_exit))
    return NULL;
  for (char **code = what->codes; code != NULL && *code != NULL; code++)
    g_ptr_array_add (selection->codes, g_strdup (*code));
  selection->names = what->names;
  selection->acquisition = what->acquisition;
  selection->notes = what->notes;
  selection->superseded = what->superseded;
  selection->access = what->access;
  selection->files = !what->no_files;
  selection->stills = !what->no_stills;
  selection->captions = what->captions;
  selection->clips = clips;
  selection->report = !what->no_report;
  return g_steal_pointer (&selection);
}

/* --- what is said --- */

static void
progress_cb (const char *step, int64_t done, int64_t total, gpointer data)
{
  csm_tool_progress (step, done, total);
}

static json_t *
pack_texts (const GPtrArray *texts)
{
  json_t *array = json_array ();

  for (guint i = 0; i < texts->len; i++)
    json_array_append_new (array, json_string (texts->pdata[i]));
  return array;
}

static json_t *
pack_preview (const CsmExportPreview *preview)
{
  const CsmDossier *dossier = preview->dossier;
  json_t *exhibits = json_array ();
  json_t *withheld = json_array ();

  for (guint i = 0; i < dossier->exhibits->len; i++)
    {
      const CsmDossierExhibit *exhibit = dossier->exhibits->pdata[i];

      json_array_append_new (exhibits, json_pack ("{s:s, s:s, s:I, s:I}", "number",
                                                  exhibit->exhibit->number, "name",
                                                  exhibit->exhibit->name, "size",
                                                  (json_int_t) exhibit->exhibit->size, "marks",
                                                  (json_int_t) exhibit->marks->len));
    }
  for (guint i = 0; i < dossier->withheld->len; i++)
    {
      const CsmDossierWithheld *one = dossier->withheld->pdata[i];

      json_array_append_new (withheld, json_pack ("{s:s, s:s, s:I}", "what", one->what, "why",
                                                  one->why, "count", (json_int_t) one->count));
    }
  return json_pack ("{s:o, s:I, s:I, s:I, s:o, s:o}", "exhibits", exhibits, "marks",
                    (json_int_t) dossier->n_marks, "bytes", (json_int_t) preview->bytes,
                    "superseded", (json_int_t) preview->n_superseded, "withheld", withheld,
                    "identifying", pack_texts (preview->identifying));
}

static void
print_line (const char *word, const char *text)
{
  printf ("%s\t", word);
  csm_tool_print_text (stdout, text);
  putchar ('\n');
}

static void
print_preview (const CsmExportPreview *preview)
{
  const CsmDossier *dossier = preview->dossier;
  g_autofree char *size = g_format_size ((guint64) MAX (preview->bytes, 0));

  for (guint i = 0; i < dossier->exhibits->len; i++)
    {
      const CsmDossierExhibit *exhibit = dossier->exhibits->pdata[i];
      g_autofree char *text = g_strdup_printf ("%s %s, marks: %u", exhibit->exhibit->number,
                                               exhibit->exhibit->name, exhibit->marks->len);

      print_line ("goes", text);
    }
  for (guint i = 0; i < dossier->withheld->len; i++)
    {
      const CsmDossierWithheld *withheld = dossier->withheld->pdata[i];
      g_autofree char *text = g_strdup_printf ("%s: %s", withheld->what, withheld->why);

      print_line ("stays", text);
    }
  for (guint i = 0; i < preview->identifying->len; i++)
    print_line ("says", preview->identifying->pdata[i]);
  print_line ("size", size);
}

static void
print_report (const CsmTool *tool, const CsmExportReport *report)
{
  g_autofree char *path = g_filename_display_name (report->path);
  char hex[CSM_DIGEST_HEX_SIZE];

  csm_digest_to_hex (&report->tag_manifest, hex);
  if (tool->json)
    csm_tool_print_json (json_pack ("{s:s, s:I, s:I, s:s, s:s, s:s, s:o}", "bundle", path,
                                    "files", (json_int_t) report->n_files, "bytes",
                                    (json_int_t) report->bytes, "tag_manifest", hex, "receipt",
                                    report->receipt_code, "key", report->key_words, "notes",
                                    pack_texts (report->notes)));
  else
    {
      print_line ("bundle", path);
      print_line ("receipt", report->receipt_code);
      print_line ("key", report->key_words);
    }
  for (guint i = 0; i < report->notes->len; i++)
    csm_tool_warn ("%s", (const char *) report->notes->pdata[i]);
}

/* --- doing it --- */

static int
preview (CsmTool *tool, CsmCase *acase, const CsmSelection *selection)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmExportPreview) shown =
      csm_export_preview (acase, selection, progress_cb, NULL, tool->cancellable, &error);

  csm_tool_progress_end ();
  if (shown == NULL)
    return csm_tool_fail (tool, "preview the bundle", error, CSM_EXIT_REFUSED);
  if (tool->json)
    csm_tool_print_json (pack_preview (shown));
  else
    print_preview (shown);
  return CSM_EXIT_DONE;
}

static int
hand_over (CsmTool *tool, const Export *what, const CsmSecret *passphrase)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *shown = g_filename_display_name (what->output);

  if (!csm_hand_over_write (tool->paths[1], what->output,
                            (const char *const *) what->recipients, passphrase,
                            csm_tool_progress_cb, "encrypting", tool->cancellable, &error))
    return csm_tool_fail (tool, "write the hand-over file; the bundle is there", error,
                          CSM_EXIT_WRITE);
  csm_tool_progress_end ();
  if (!tool->json)
    print_line ("file", shown);
  csm_tool_warn (
      "the bundle itself is not encrypted: delete it when only the file is to leave");
  return CSM_EXIT_DONE;
}

static int
run (CsmTool *tool,
     CsmCase *acase,
     const CsmSelection *selection,
     const Export *what,
     const CsmSecret *passphrase)
{
  g_autoptr (CsmExportReport) report = NULL;
  g_autoptr (GError) error = NULL;

  if (!csm_export_run (acase, selection, csm_time_now (), tool->paths[1], progress_cb, NULL,
                       &report, tool->cancellable, &error))
    return csm_tool_fail (tool, "make the bundle", error, CSM_EXIT_WRITE);
  csm_tool_progress_end ();
  print_report (tool, report);
  return what->output != NULL ? hand_over (tool, what, passphrase) : CSM_EXIT_DONE;
}

/* 0 when what was given belongs together. */
static int
check_options (CsmTool *tool, const Export *what, CsmClips *ret_clips)
{
  static const char *const clips[] = { "none", "copied", "ffv1", "h264" };
  const bool encrypts = what->recipients != NULL || what->hand_over_passphrase != NULL;
  bool known = what->clips == NULL;

  *ret_clips = CSM_CLIPS_NONE;
  for (size_t i = 0; what->clips != NULL && i < G_N_ELEMENTS (clips); i++)
    if (strcmp (what->clips, clips[i]) == 0)
      {
        *ret_clips = (CsmClips) i;
        known = true;
      }
  if (!known)
    return csm_tool_usage (tool, "--clips takes copied, ffv1 or h264");
  if (!what->preview && tool->paths[1] == NULL)
    return csm_tool_usage (tool, "something is missing");
  if (what->recipients != NULL && what->hand_over_passphrase != NULL)
    return csm_tool_usage (tool, "a recipient or a passphrase, not both");
  if (encrypts != (what->output != NULL))
    return csm_tool_usage (tool, "-o goes with --to-recipient or --hand-over-passphrase-file");
  for (char **text = what->codes; text != NULL && *text != NULL; text++)
    if (!csm_tool_check_text (tool, "--code", *text))
      return CSM_EXIT_REFUSED;
  for (char **text = what->reviewers; text != NULL && *text != NULL; text++)
    if (!csm_tool_check_text (tool, "--reviewer", *text))
      return CSM_EXIT_REFUSED;
  if (what->output != NULL && g_file_test (what->output, G_FILE_TEST_EXISTS))
    {
      g_autofree char *shown = g_filename_display_name (what->output);

      return csm_tool_refuse (tool, CSM_EXIT_REFUSED,
                              "%s is there already; choose another name", shown);
    }
  return 0;
}

static int
open_and_run (CsmTool *tool, const Export *what, CsmClips clips)
{
  g_autoptr (CsmSecret) passphrase = NULL;
  g_autoptr (CsmCase) acase = NULL;
  g_autoptr (CsmSelection) selection = NULL;
  int code = CSM_EXIT_DONE;

  if (what->hand_over_passphrase != NULL &&
      (passphrase = csm_tool_read_passphrase (tool, what->hand_over_passphrase, "Passphrase",
                                              false, &code)) == NULL)
    return code;
  acase = csm_tool_open (tool, tool->paths[0], what->preview, &code);
  selection = acase != NULL ? make_selection (tool, acase, what, clips, &code) : NULL;
  if (selection == NULL)
    return code;
  return what->preview ? preview (tool, acase, selection)
                       : run (tool, acase, selection, what, passphrase);
}

int
csm_tool_export (CsmTool *tool, int argc, char **argv)
{
  g_auto (Export) what = { 0 };
  const GOptionEntry entries[] = {
    { "exhibit", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &what.exhibits,
      "Only this exhibit; may be repeated", "E" },
    { "mark", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &what.marks,
      "Only this mark, and the exhibit it lies in; may be repeated", "ID" },
    { "code", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &what.codes,
      "Only marks with this code; may be repeated", "ID" },
    { "reviewer", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &what.reviewers,
      "Only marks of this reviewer; may be repeated", "NAME" },
    { "names", 0, 0, G_OPTION_ARG_NONE, &what.names, "Say the reviewers' names", NULL },
    { "acquisition", 0, 0, G_OPTION_ARG_NONE, &what.acquisition,
      "Say how exhibits came to us: title, source, from whom, when, how", NULL },
    { "notes", 0, 0, G_OPTION_ARG_NONE, &what.notes, "Say the notes on exhibits", NULL },
    { "superseded", 0, 0, G_OPTION_ARG_NONE, &what.superseded,
      "Disclose earlier revisions, and marks that were removed", NULL },
    { "access", 0, 0, G_OPTION_ARG_NONE, &what.access,
      "Disclose records of opening, displaying, extracting", NULL },
    { "no-files", 0, 0, G_OPTION_ARG_NONE, &what.no_files, "Leave the exhibits' files out",
      NULL },
    { "no-stills", 0, 0, G_OPTION_ARG_NONE, &what.no_stills, "Make no stills", NULL },
    { "captions", 0, 0, G_OPTION_ARG_NONE, &what.captions,
      "Make a captioned copy beside each still", NULL },
    { "clips", 0, 0, G_OPTION_ARG_FILENAME, &what.clips, "Cut clips: copied, ffv1, h264",
      "HOW" },
    { "no-report", 0, 0, G_OPTION_ARG_NONE, &what.no_report, "Write no report", NULL },
    { "preview", 0, 0, G_OPTION_ARG_NONE, &what.preview,
      "Only say what would go and what would stay", NULL },
    { "to-recipient", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &what.recipients,
      "Also encrypt the bundle to this key, with -o; may be repeated", "age1..." },
    { "hand-over-passphrase-file", 0, 0, G_OPTION_ARG_FILENAME, &what.hand_over_passphrase,
      "Also encrypt the bundle with this file's first line, with -o", "FILE" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &what.output, "The encrypted hand-over file",
      "FILE" },
    G_OPTION_ENTRY_NULL
  };
  CsmClips clips;
  int code;

  if (!csm_tool_parse (tool, entries, CSM_TOOL_JSON | CSM_TOOL_PASSPHRASE, 1, 2, argc, argv,
                       &code) ||
      (code = check_options (tool, &what, &clips)) != 0)
    return code;
  return open_and_run (tool, &what, clips);
}
