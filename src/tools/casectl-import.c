/* casectl-import.c: bringing files in, and one out again
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-error.h"
#include "export/csm-bundle-chain.h"
#include "export/csm-received-bundle.h"
#include "intake/csm-intake.h"
#include "tools/casectl.h"

#include <stdio.h>

/* One run of the command. */
typedef struct
{
  CsmTool *tool;
  CsmCase *acase;
  CsmIntakeOptions options;
  GPtrArray *refused; /* what could not be looked into: "PATH: why" */
  unsigned n_in;      /* files that are in the case now */
  int code;
} Import;

static void
print_outcome (const CsmExhibit *exhibit, const char *path, CsmIntakeOutcome outcome)
{
  g_autofree char *name = g_path_get_basename (path);
  char sha256[CSM_DIGEST_HEX_SIZE];

  csm_digest_to_hex (&exhibit->sha256, sha256);
  csm_tool_progress_end ();
  printf ("%s  ", exhibit->number);
  csm_tool_print_text (stdout, name);
  if (outcome == CSM_INTAKE_ADDED)
    printf ("  %s  added\n", sha256);
  else if (outcome == CSM_INTAKE_RELINKED)
    printf ("  %s  relinked\n", sha256);
  else
    printf ("  %s  duplicate of %s\n", sha256, exhibit->number);
  /* What is said to be in the case is in it, whatever happens to this process next. */
  (void) fflush (stdout);
}

static gboolean
look_into (Import *self, const CsmExhibit *exhibit, GError **error)
{
  g_autoptr (CsmWorker) worker = NULL;

  /* A duplicate may have been left half looked at by a run that was stopped. */
  if (exhibit->index_state == CSM_INDEX_EXACT || exhibit->index_state == CSM_INDEX_FAILED)
    return TRUE;
  worker = csm_tool_start_worker (self->acase, &exhibit->id, error);
  return worker != NULL &&
         csm_tool_make_exact (self->tool, self->acase, exhibit, worker, error);
}

/* Errors of the base room are about what was to be read: the case is not to blame. */
static int
fail_source (Import *self, const char *what, const GError *error)
{
  if (g_error_matches (error, CSM_BASE_ERROR, CSM_BASE_ERROR_READ_ONLY) ||
      g_error_matches (error, CSM_BASE_ERROR, CSM_BASE_ERROR_NOT_FOUND))
    return csm_tool_refuse (self->tool, CSM_EXIT_REFUSED,
                            "%s: %s; see that it is there and that you may read it", what,
                            error->message);
  return csm_tool_fail (self->tool, what, error, CSM_EXIT_REFUSED);
}

/* @path, or the file @number of @bundle, which lies there. False when the run is to end. */
static bool
bring_in (Import *self, CsmReceivedBundle *bundle, guint number, const char *path)
{
  g_autofree char *shown = g_filename_display_name (path);
  g_autofree char *what = g_strdup_printf ("bring in %s", shown);
  g_autoptr (CsmExhibit) exhibit = NULL;
  g_autoptr (GError) error = NULL;
  CsmIntakeOutcome outcome;
  gboolean is_in;
  int code;

  if (bundle != NULL)
    is_in = csm_received_bundle_add (bundle, number, self->acase, &self->options,
                                     csm_tool_progress_cb, shown, &outcome, &exhibit,
                                     self->tool->cancellable, &error);
  else
    is_in = csm_intake_add_file (self->acase, path, &self->options, csm_tool_progress_cb, shown,
                                 &outcome, &exhibit, self->tool->cancellable, &error);
  if (is_in)
    {
      self->n_in++;
      print_outcome (exhibit, path, outcome);
      if (look_into (self, exhibit, &error))
        return true;
    }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return false;
  /* The rooms that write speak of writing; the others of the file. */
  if (error->domain == CSM_VAULT_ERROR || error->domain == CSM_CASE_ERROR)
    code = csm_tool_fail (self->tool, what, error, CSM_EXIT_WRITE);
  else
    code = fail_source (self, what, error);
  self->code = MAX (self->code, code);
  return code == CSM_EXIT_REFUSED;
}

/* ---- Bundles: the exhibits, and the chain that they came with ---- */

static void
count_broken_cb (CsmFindingKind kind, const char *where, const char *what, gpointer data)
{
  if (kind == CSM_FINDING_BROKEN)
    ++*(int64_t *) data;
}

/* False after saying so: nothing of a bundle that does not hold is taken in. */
static bool
check_bundle (Import *self, const char *path, const char *shown, CsmBundleSummary *summary)
{
  const CsmBundleCheckOptions options = { .ret_summary = summary };
  g_autofree char *what = g_strdup_printf ("check the bundle %s", shown);
  g_autoptr (GError) error = NULL;
  int64_t n_broken = 0;
  bool holds = false;
  int code;

  if (!csm_bundle_check (path, &options, count_broken_cb, NULL, &n_broken, &holds,
                         self->tool->cancellable, &error))
    code = fail_source (self, what, error);
  else if (holds)
    return true;
  else
    code = csm_tool_refuse (self->tool, CSM_EXIT_REFUSED,
                            "the bundle %s does not hold (%" G_GINT64_FORMAT
                            " findings): nothing of it was brought in; see casectl check",
                            shown, n_broken);
  self->code = MAX (self->code, code);
  return false;
}

/* False when the run is to end. */
static bool
import_bundle (Import *self, const char *path)
{
  g_autofree char *shown = g_filename_display_name (path);
  g_auto (CsmBundleSummary) summary = { 0 };
  g_autoptr (CsmReceivedBundle) bundle = NULL;
  const int before = self->code;
  guint n_files, number = 0;
  bool go_on = true;

  if (!check_bundle (self, path, shown, &summary))
    return !g_cancellable_is_cancelled (self->tool->cancellable);
  bundle = csm_received_bundle_new (path, &summary);
  n_files = csm_received_bundle_get_n_files (bundle);
  self->code = CSM_EXIT_DONE;
  while (go_on && number < n_files && self->code == CSM_EXIT_DONE)
    {
      g_autofree char *file = csm_received_bundle_dup_path (bundle, number);

      go_on = bring_in (self, bundle, number++, file);
    }
  if (go_on && self->code != CSM_EXIT_DONE)
    csm_tool_warn (
        "the bundle %s was not brought in any further: %u of its %u files are in the "
        "case",
        shown, number - 1, n_files);
  self->code = MAX (self->code, before);
  return go_on;
}

/* Takes the bundles out of the paths, and brings them in. */
static bool
import_bundles (Import *self)
{
  char **paths = self->tool->paths;
  int kept = 1;
  bool go_on = true;

  for (int i = 1; paths[i] != NULL; i++)
    if (!csm_bundle_is_bundle (paths[i]))
      paths[kept++] = paths[i];
    else
      {
        go_on = go_on && import_bundle (self, paths[i]);
        g_free (paths[i]);
      }
  paths[kept] = NULL;
  return go_on;
}

static int
import_files (Import *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) files =
      csm_intake_list_files (self->tool->paths + 1, NULL, self->refused, &error);
  bool go_on = true;

  if (files == NULL)
    return fail_source (self, "list the files", error);
  for (unsigned i = 0; i < files->len && go_on; i++)
    {
      const char *path = g_ptr_array_index (files, i);

      if (csm_intake_is_own_file (self->acase, path))
        csm_tool_warn ("left out %s: it belongs to this case itself", path);
      else
        go_on = bring_in (self, NULL, 0, path);
    }
  if (g_cancellable_is_cancelled (self->tool->cancellable))
    return csm_tool_refuse (self->tool, CSM_EXIT_WRITE,
                            "stopped: %u of %u files are in the case; run it again to go on",
                            self->n_in, files->len);
  return self->code;
}

static void
tell_sources (const Import *self)
{
  if (self->n_in == 0)
    return;
  /* A warning, so that what is not one stays the error's only line. */
  if (self->options.link)
    csm_tool_warn ("linked files stay where they are and are not encrypted");
  else
    csm_tool_warn ("the files that were brought in are still where they were, unencrypted");
}

/* After all the others, where it is seen. Returns the exit code. */
static int
tell_refused (const Import *self, int code)
{
  for (unsigned i = 0; i < self->refused->len; i++)
    {
      const char *what = g_ptr_array_index (self->refused, i);
      int refused = csm_tool_refuse (self->tool, CSM_EXIT_REFUSED,
                                     "look into %s; what lies there was left out", what);

      code = MAX (code, refused);
    }
  return code;
}

static bool
check_texts (CsmTool *tool, const CsmAcquisition *acquisition)
{
  return csm_tool_check_text (tool, "--source", acquisition->source) &&
         csm_tool_check_text (tool, "--obtained-from", acquisition->obtained_from) &&
         csm_tool_check_text (tool, "--obtained-when", acquisition->obtained_when) &&
         csm_tool_check_text (tool, "--obtained-how", acquisition->obtained_how) &&
         csm_tool_check_text (tool, "--note", acquisition->notes);
}

static void
fill_texts (CsmAcquisition *acquisition)
{
  char **fields[] = { &acquisition->title,         &acquisition->source,
                      &acquisition->obtained_from, &acquisition->obtained_when,
                      &acquisition->obtained_how,  &acquisition->notes };

  for (size_t i = 0; i < G_N_ELEMENTS (fields); i++)
    if (*fields[i] == NULL)
      *fields[i] = g_strdup ("");
}

int
csm_tool_import (CsmTool *tool, int argc, char **argv)
{
  g_autoptr (CsmAcquisition) acquisition = g_new0 (CsmAcquisition, 1);
  gboolean link = FALSE, do_not_export = FALSE;
  const GOptionEntry entries[] = {
    { "link", 0, 0, G_OPTION_ARG_NONE, &link, "Keep the files where they are, not encrypted",
      NULL },
    { "source", 0, 0, G_OPTION_ARG_FILENAME, &acquisition->source, "Where they were found",
      "URL" },
    { "obtained-from", 0, 0, G_OPTION_ARG_FILENAME, &acquisition->obtained_from,
      "Who handed them over", "T" },
    { "obtained-when", 0, 0, G_OPTION_ARG_FILENAME, &acquisition->obtained_when, "When", "T" },
    { "obtained-how", 0, 0, G_OPTION_ARG_FILENAME, &acquisition->obtained_how, "By what means",
      "T" },
    { "note", 0, 0, G_OPTION_ARG_FILENAME, &acquisition->notes, "A note", "T" },
    { "do-not-export", 0, 0, G_OPTION_ARG_NONE, &do_not_export, "They must not leave the case",
      NULL },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr (CsmCase) acase = NULL;
  g_autoptr (GPtrArray) refused = g_ptr_array_new_with_free_func (g_free);
  Import self = { .tool = tool, .refused = refused };
  int code;

  if (!csm_tool_parse (tool, entries, CSM_TOOL_PASSPHRASE, 2, -1, argc, argv, &code))
    return code;
  if (!check_texts (tool, acquisition))
    return CSM_EXIT_REFUSED;
  acase = csm_tool_open (tool, tool->paths[0], false, &code);
  if (acase == NULL)
    return code;
  fill_texts (acquisition);
  acquisition->do_not_export = do_not_export;
  self.acase = acase;
  self.options = (CsmIntakeOptions){ .acquisition = acquisition, .link = link };
  if (!import_bundles (&self))
    code = g_cancellable_is_cancelled (tool->cancellable)
               ? csm_tool_refuse (tool, CSM_EXIT_WRITE,
                                  "stopped: %u files are in the case; run it again to go on",
                                  self.n_in)
               : self.code;
  else
    code = tool->paths[1] != NULL ? import_files (&self) : self.code;
  tell_sources (&self);
  return tell_refused (&self, code);
}

int
csm_tool_extract (CsmTool *tool, int argc, char **argv)
{
  g_autofree char *output = NULL;
  const GOptionEntry entries[] = { { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output,
                                     "Where to; refuses to overwrite", "FILE" },
                                   G_OPTION_ENTRY_NULL };
  g_autoptr (CsmCase) acase = NULL;
  g_autoptr (CsmExhibit) exhibit = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *what = NULL;
  char sha256[CSM_DIGEST_HEX_SIZE];
  int code;

  if (!csm_tool_parse (tool, entries, CSM_TOOL_PASSPHRASE, 2, 2, argc, argv, &code))
    return code;
  if (output == NULL || output[0] == '\0')
    return csm_tool_usage (tool, "-o is needed");
  if ((acase = csm_tool_open_recording (tool, tool->paths[0], &code)) == NULL ||
      (exhibit = csm_tool_find_exhibit (tool, acase, tool->paths[1], &code)) == NULL)
    return code;
  what = g_strdup_printf ("extract %s", exhibit->number);
  if (!csm_intake_extract (acase, &exhibit->id, output, csm_tool_progress_cb, what,
                           tool->cancellable, &error))
    {
      /* Here it is the thing checked that does not hold. */
      bool damaged = g_error_matches (error, CSM_CASE_ERROR, CSM_CASE_ERROR_DAMAGED) ||
                     g_error_matches (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_DAMAGED);

      code = csm_tool_fail (tool, what, error, CSM_EXIT_WRITE);
      return damaged ? CSM_EXIT_DOES_NOT_HOLD : code;
    }
  csm_tool_progress_end ();
  csm_digest_to_hex (&exhibit->sha256, sha256);
  printf ("%s  %s\n", exhibit->number, sha256);
  csm_tool_warn ("the extracted file is not encrypted");
  return CSM_EXIT_DONE;
}
