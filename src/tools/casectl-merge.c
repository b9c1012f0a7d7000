/* casectl-merge.c: another copy of a case taken in, and what both copies changed settled
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case-merge.h"

#include "casefile/csm-case-conflicts.h"
#include "tools/casectl.h"

#include <stdio.h>

/* (transfer full) (nullable): NULL after the reason was said. */
static CsmCase *
open_one (CsmTool *tool,
          const char *path,
          const CsmSecret *passphrase,
          bool read_only,
          int *ret_exit)
{
  g_autofree char *shown = g_filename_display_name (path);
  g_autofree char *what = g_strdup_printf ("open %s", shown);
  g_autoptr (GError) error = NULL;
  CsmCase *acase = csm_case_open (path, passphrase, read_only, &error);

  if (acase == NULL)
    *ret_exit = csm_tool_fail (tool, what, error, CSM_EXIT_CANNOT_OPEN);
  return acase;
}

/* Both are cases, and nobody has them open, before anyone types a passphrase. */
static bool
peek_both (CsmTool *tool, int *ret_exit)
{
  for (int i = 0; i < 2; i++)
    {
      g_autofree char *shown = g_filename_display_name (tool->paths[i]);
      g_autofree char *what = g_strdup_printf ("open %s", shown);
      g_autoptr (GError) error = NULL;

      if (!csm_vault_peek (tool->paths[i], &error))
        {
          *ret_exit = csm_tool_fail (tool, what, error, CSM_EXIT_CANNOT_OPEN);
          return false;
        }
    }
  return true;
}

static bool
open_both (CsmTool *tool,
           const char *other_file,
           CsmCase **ret_case,
           CsmCase **ret_other,
           int *ret_exit)
{
  g_autoptr (CsmSecret) passphrase = NULL;
  g_autoptr (CsmSecret) other_passphrase = NULL;
  g_autoptr (CsmCase) acase = NULL;

  if (!peek_both (tool, ret_exit))
    return false;
  passphrase =
      csm_tool_read_passphrase (tool, tool->passphrase_file, "Passphrase", false, ret_exit);
  if (passphrase == NULL)
    return false;
  other_passphrase = other_file == NULL ? csm_secret_ref (passphrase)
                                        : csm_tool_read_passphrase (tool, other_file,
                                                                    "Passphrase of the other",
                                                                    false, ret_exit);
  if (other_passphrase == NULL)
    return false;
  acase = open_one (tool, tool->paths[0], passphrase, false, ret_exit);
  if (acase == NULL)
    return false;
  *ret_other = open_one (tool, tool->paths[1], other_passphrase, true, ret_exit);
  if (*ret_other == NULL)
    return false;
  *ret_case = g_steal_pointer (&acase);
  return true;
}

static json_t *
make_list (const GPtrArray *texts)
{
  json_t *list = json_array ();

  for (guint i = 0; i < texts->len; i++)
    json_array_append_new (list, json_string (texts->pdata[i]));
  return list;
}

static void
print_lines (const char *label, const GPtrArray *texts)
{
  for (guint i = 0; i < texts->len; i++)
    {
      printf ("%s  ", label);
      csm_tool_print_text (stdout, texts->pdata[i]);
      putchar ('\n');
    }
}

static void
print_report (const CsmTool *tool, const CsmMergeReport *report)
{
  if (tool->json)
    {
      csm_tool_print_json (json_pack (
          "{s:I, s:I, s:o, s:o, s:I, s:I}", "entries", (json_int_t) report->n_entries, "marks",
          (json_int_t) report->n_marks, "exhibits", make_list (report->exhibits), "twins",
          make_list (report->twins), "conflicts", (json_int_t) report->n_conflicts, "forks",
          (json_int_t) report->n_forks));
      return;
    }
  if (report->n_entries == 0)
    {
      puts ("The other copy holds nothing that is not here: nothing was written.");
      return;
    }
  printf ("%" G_GINT64_FORMAT " entries came in, %" G_GINT64_FORMAT " new marks, %u new "
          "exhibits\n",
          report->n_entries, report->n_marks, report->exhibits->len);
  print_lines ("exhibit ", report->exhibits);
  print_lines ("twin    ", report->twins);
  if (report->n_forks > 0)
    printf ("%" G_GINT64_FORMAT " chains on which two copies went on: both are kept\n",
            report->n_forks);
  if (report->n_conflicts > 0)
    printf ("%" G_GINT64_FORMAT " conflicts to settle: see casectl conflicts\n",
            report->n_conflicts);
  puts ("Passphrases and key slots are each copy's own and were not merged.");
}

int
csm_tool_merge (CsmTool *tool, int argc, char **argv)
{
  g_autofree char *other_file = NULL;
  const GOptionEntry entries[] = {
    { "other-passphrase-file", 0, 0, G_OPTION_ARG_FILENAME, &other_file,
      "Take the other copy's passphrase, when it differs, from this file's first line",
      "FILE" },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr (CsmCase) acase = NULL;
  g_autoptr (CsmCase) other = NULL;
  g_autoptr (CsmMergeReport) report = NULL;
  g_autoptr (GError) error = NULL;
  int code;

  if (!csm_tool_parse (tool, entries, CSM_TOOL_JSON | CSM_TOOL_PASSPHRASE, 2, 2, argc, argv,
                       &code) ||
      !open_both (tool, other_file, &acase, &other, &code))
    return code;
  if (!csm_case_merge (acase, other, csm_tool_progress_cb, "merging", &report,
                       tool->cancellable, &error))
    return csm_tool_fail (tool, "merge the other copy", error, CSM_EXIT_WRITE);
  csm_tool_progress_end ();
  print_report (tool, report);
  return CSM_EXIT_DONE;
}

/* --- conflicts --- */

static json_t *
make_version (const CsmConflictVersion *version, guint n)
{
  char hex[CSM_DIGEST_HEX_SIZE];

  csm_digest_to_hex (&version->entry, hex);
  return json_pack ("{s:i, s:s, s:s, s:o, s:b, s:O}", "n", (int) n, "entry", hex, "author",
                    version->author, "time", csm_tool_json_time (version->time), "in_effect",
                    version->in_effect, "values", version->values);
}

static json_t *
make_conflict (const CsmConflict *conflict)
{
  json_t *differs = json_array ();
  json_t *versions = json_array ();

  for (char **key = conflict->differs; *key != NULL; key++)
    json_array_append_new (differs, json_string (*key));
  for (guint i = 0; i < conflict->versions->len; i++)
    json_array_append_new (versions, make_version (conflict->versions->pdata[i], i + 1));
  return json_pack ("{s:s, s:s, s:s, s:o, s:o}", "conflict", conflict->name, "facet",
                    conflict->facet, "where", conflict->where, "differs", differs, "versions",
                    versions);
}

/* (transfer full): "text: by a; code: baton": of what differs only. */
static char *
sum_up (const CsmConflict *conflict, const CsmConflictVersion *version)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (char **key = conflict->differs; *key != NULL; key++)
    {
      const char *value = json_string_value (json_object_get (version->values, *key));

      if (value != NULL)
        g_string_append_printf (text, "%s%s: %s", text->len > 0 ? "; " : "", *key, value);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* A line a version. */
static void
print_conflicts (const GPtrArray *list)
{
  static const char *const columns[] = { "conflict", "n",    "in_effect", "where",
                                         "author",   "time", "says",      NULL };
  CsmListing listing;

  csm_listing_begin (&listing, false, columns);
  for (guint i = 0; i < list->len; i++)
    {
      const CsmConflict *conflict = list->pdata[i];

      for (guint k = 0; k < conflict->versions->len; k++)
        {
          const CsmConflictVersion *version = conflict->versions->pdata[k];
          g_autofree char *says = sum_up (conflict, version);

          csm_listing_add (&listing,
                           json_pack ("{s:s, s:i, s:s, s:s, s:s, s:o, s:s}", "conflict",
                                      conflict->name, "n", (int) k + 1, "in_effect",
                                      version->in_effect ? "in effect" : "-", "where",
                                      conflict->where, "author", version->author, "time",
                                      csm_tool_json_time (version->time), "says", says));
        }
    }
  csm_listing_end (&listing);
}

int
csm_tool_conflicts (CsmTool *tool, int argc, char **argv)
{
  g_autoptr (CsmCase) acase = NULL;
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (GError) error = NULL;
  json_t *array;
  int code;

  if (!csm_tool_parse (tool, NULL, CSM_TOOL_JSON | CSM_TOOL_PASSPHRASE, 1, 1, argc, argv,
                       &code) ||
      (acase = csm_tool_open (tool, tool->paths[0], true, &code)) == NULL)
    return code;
  list = csm_case_list_conflicts (acase, &error);
  if (list == NULL)
    return csm_tool_fail (tool, "list the conflicts", error, CSM_EXIT_CANNOT_OPEN);
  if (!tool->json)
    {
      print_conflicts (list);
      return CSM_EXIT_DONE;
    }
  array = json_array ();
  for (guint i = 0; i < list->len; i++)
    json_array_append_new (array, make_conflict (list->pdata[i]));
  csm_tool_print_json (array);
  return CSM_EXIT_DONE;
}

int
csm_tool_settle (CsmTool *tool, int argc, char **argv)
{
  g_autofree char *take_text = NULL;
  const GOptionEntry entries[] = {
    { "take", 0, 0, G_OPTION_ARG_FILENAME, &take_text,
      "The version that counts from now on, as conflicts lists it", "N" },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr (CsmCase) acase = NULL;
  g_autoptr (CsmConflict) conflict = NULL;
  g_autoptr (GError) error = NULL;
  const CsmConflictVersion *version;
  int64_t take;
  int code;

  if (!csm_tool_parse (tool, entries, CSM_TOOL_PASSPHRASE, 2, 2, argc, argv, &code))
    return code;
  if (take_text == NULL || !csm_tool_parse_number (take_text, &take) || take < 1)
    return csm_tool_usage (tool, "--take is the number of a version, from 1");
  if (!csm_tool_check_text (tool, "CONFLICT", tool->paths[1]))
    return CSM_EXIT_REFUSED;
  acase = csm_tool_open (tool, tool->paths[0], false, &code);
  if (acase == NULL)
    return code;
  conflict = csm_case_find_conflict (acase, tool->paths[1], &error);
  if (conflict == NULL)
    return csm_tool_fail (tool, "find the conflict", error, CSM_EXIT_CANNOT_OPEN);
  if (take > conflict->versions->len)
    return csm_tool_refuse (tool, CSM_EXIT_REFUSED,
                            "settle %s: it has %u versions; see casectl conflicts",
                            conflict->name, conflict->versions->len);
  version = conflict->versions->pdata[take - 1];
  if (!csm_case_settle (acase, conflict, &version->entry, &error))
    return csm_tool_fail (tool, "settle the conflict", error, CSM_EXIT_WRITE);
  puts ("Settled: the version that was taken was signed again, in the place of all.");
  return CSM_EXIT_DONE;
}
