/* casectl-case.c: opening a case, and what is said about it: info and passwd
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/casectl.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static CsmCase *
open_case (CsmTool *tool, const char *path, bool read_only, bool fall_back, int *ret_exit)
{
  g_autofree char *shown = g_filename_display_name (path);
  g_autofree char *what = g_strdup_printf ("open %s", shown);
  g_autoptr (CsmSecret) passphrase = NULL;
  g_autoptr (GError) error = NULL;
  CsmCase *acase = NULL;

  /* What is no case, or in use, is said before anyone types a passphrase. */
  if (csm_vault_peek (path, &error))
    {
      passphrase =
          csm_tool_read_passphrase (tool, tool->passphrase_file, "Passphrase", false, ret_exit);
      if (passphrase == NULL)
        return NULL;
      acase = csm_case_open (path, passphrase, read_only, &error);
    }
  if (fall_back && g_error_matches (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_READ_ONLY))
    {
      g_clear_error (&error);
      acase = csm_case_open (path, passphrase, true, &error);
      if (acase != NULL)
        csm_tool_warn ("%s is in a place that cannot be written to: what is done now is not "
                       "recorded in the ledger",
                       shown);
    }
  if (g_error_matches (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_DAMAGED) ||
      g_error_matches (error, CSM_CASE_ERROR, CSM_CASE_ERROR_DAMAGED))
    csm_tool_warn ("without a backup, casectl salvage CASE OUT recovers what still verifies "
                   "into a new case");
  if (acase == NULL)
    *ret_exit = csm_tool_fail (tool, what, error, CSM_EXIT_CANNOT_OPEN);
  return acase;
}

static void
tell_repairs (CsmCase *acase)
{
  g_autofree char *repairs = csm_vault_dup_repairs (csm_case_get_vault (acase));
  g_autofree char *loss = csm_vault_dup_loss (csm_case_get_vault (acase));

  if (loss != NULL)
    csm_tool_warn ("%s", loss);
  if (repairs != NULL)
    csm_tool_warn ("repaired: %s", repairs);
}

CsmCase *
csm_tool_open (CsmTool *tool, const char *path, bool read_only, int *ret_exit)
{
  CsmCase *acase = open_case (tool, path, read_only, false, ret_exit);

  if (acase != NULL)
    tell_repairs (acase);
  return acase;
}

CsmCase *
csm_tool_open_recording (CsmTool *tool, const char *path, int *ret_exit)
{
  CsmCase *acase = open_case (tool, path, false, true, ret_exit);

  if (acase != NULL)
    tell_repairs (acase);
  return acase;
}

CsmExhibit *
csm_tool_find_exhibit (CsmTool *tool, CsmCase *acase, const char *name, int *ret_exit)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *valid = g_utf8_make_valid (name, -1);
  g_autofree char *what = g_strdup_printf ("find exhibit %s", valid);
  CsmExhibit *exhibit = csm_case_find_exhibit (acase, valid, &error);

  if (exhibit != NULL)
    return exhibit;
  if (error == NULL || g_error_matches (error, CSM_CASE_ERROR, CSM_CASE_ERROR_NOT_FOUND))
    *ret_exit = csm_tool_refuse (tool, CSM_EXIT_REFUSED,
                                 "%s: there is none of that number, id or SHA-256; see casectl "
                                 "exhibits",
                                 what);
  else
    *ret_exit = csm_tool_fail (tool, what, error, CSM_EXIT_CANNOT_OPEN);
  return NULL;
}

static int64_t
measure_file (const char *path)
{
  struct stat st;

  return stat (path, &st) == 0 ? (int64_t) st.st_size : 0;
}

static int64_t
measure_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  int64_t sum = 0;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      sum += measure_file (path);
    }
  return sum;
}

static json_t *
list_reviewers (CsmCase *acase, GError **error)
{
  g_autoptr (GPtrArray) reviewers = csm_case_list_reviewers (acase, error);
  json_t *array;

  if (reviewers == NULL)
    return NULL;
  array = json_array ();
  for (unsigned i = 0; i < reviewers->len; i++)
    {
      const CsmReviewer *reviewer = g_ptr_array_index (reviewers, i);

      json_array_append_new (
          array, json_pack ("{s:s, s:s}", "name", reviewer->name, "key", reviewer->key));
    }
  return array;
}

static json_t *
list_heads (CsmCase *acase, GError **error)
{
  g_autoptr (GArray) heads = csm_case_list_heads (acase, error);
  json_t *array;

  if (heads == NULL)
    return NULL;
  array = json_array ();
  for (unsigned i = 0; i < heads->len; i++)
    {
      char hex[CSM_DIGEST_HEX_SIZE];

      csm_digest_to_hex (&g_array_index (heads, CsmDigest, i), hex);
      json_array_append_new (array, json_string (hex));
    }
  return array;
}

static json_t *
collect_info (CsmCase *acase, GError **error)
{
  g_autoptr (json_t) reviewers = list_reviewers (acase, error);
  g_autoptr (json_t) heads = reviewers == NULL ? NULL : list_heads (acase, error);
  g_autofree char *format =
      g_strdup_printf ("%d.%d", csm_vault_get_format_major (), csm_vault_get_format_minor ());
  g_autofree char *loss = csm_vault_dup_loss (csm_case_get_vault (acase));
  CsmMediaStore *store = csm_case_get_media_store (acase);
  int64_t n_exhibits, n_marks, n_entries;
  CsmId id = csm_case_get_id (acase);

  if (heads == NULL || !csm_case_count (acase, &n_exhibits, &n_marks, &n_entries, error))
    return NULL;
  return json_pack (
      "{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:b, s:s?, s:O, s:O}", "title",
      csm_case_get_title (acase), "id", id.hex, "format", format, "exhibits",
      (json_int_t) n_exhibits, "marks", (json_int_t) n_marks, "entries", (json_int_t) n_entries,
      "size", (json_int_t) measure_file (csm_case_get_path (acase)), "media_size",
      (json_int_t) (store == NULL ? 0 : measure_folder (csm_media_store_get_path (store))),
      "media_missing", store == NULL, "loss", loss, "reviewers", reviewers, "heads", heads);
}

static void
print_field (const json_t *info, const char *label, const char *key)
{
  const json_t *value = json_object_get (info, key);

  printf ("%-9s ", label);
  if (json_is_integer (value))
    printf ("%" JSON_INTEGER_FORMAT "\n", json_integer_value (value));
  else
    {
      csm_tool_print_text (stdout, json_string_value (value));
      fputc ('\n', stdout);
    }
}

static void
print_info (const json_t *info)
{
  const json_t *row;
  size_t i;

  print_field (info, "title", "title");
  print_field (info, "id", "id");
  print_field (info, "format", "format");
  print_field (info, "exhibits", "exhibits");
  print_field (info, "marks", "marks");
  print_field (info, "entries", "entries");
  print_field (info, "size", "size");
  if (json_is_true (json_object_get (info, "media_missing")))
    puts ("media     missing: put the media folder back beside the case file");
  else
    print_field (info, "media", "media_size");
  if (json_is_string (json_object_get (info, "loss")))
    print_field (info, "loss", "loss");
  json_array_foreach (json_object_get (info, "reviewers"), i, row)
  {
    printf ("reviewer  %s  ", json_string_value (json_object_get (row, "key")));
    csm_tool_print_text (stdout, json_string_value (json_object_get (row, "name")));
    fputc ('\n', stdout);
  }
  json_array_foreach (json_object_get (info, "heads"), i, row)
      printf ("head      %s\n", json_string_value (row));
}

int
csm_tool_info (CsmTool *tool, int argc, char **argv)
{
  g_autoptr (CsmCase) acase = NULL;
  g_autoptr (GError) error = NULL;
  int code;
  json_t *info;

  if (!csm_tool_parse (tool, NULL, CSM_TOOL_JSON | CSM_TOOL_PASSPHRASE, 1, 1, argc, argv,
                       &code) ||
      (acase = csm_tool_open (tool, tool->paths[0], true, &code)) == NULL)
    return code;
  info = collect_info (acase, &error);
  if (info == NULL)
    return csm_tool_fail (tool, "read the case", error, CSM_EXIT_CANNOT_OPEN);
  if (tool->json)
    csm_tool_print_json (info);
  else
    {
      print_info (info);
      json_decref (info);
    }
  return CSM_EXIT_DONE;
}

int
csm_tool_passwd (CsmTool *tool, int argc, char **argv)
{
  g_autoptr (CsmCase) acase = NULL;
  g_autoptr (CsmSecret) passphrase = NULL;
  g_autoptr (GError) error = NULL;
  int code;

  if (!csm_tool_parse (tool, NULL, CSM_TOOL_PASSPHRASE | CSM_TOOL_NEW_PASSPHRASE, 1, 1, argc,
                       argv, &code) ||
      (acase = csm_tool_open (tool, tool->paths[0], false, &code)) == NULL)
    return code;
  passphrase =
      csm_tool_read_passphrase (tool, tool->new_passphrase_file, "New passphrase", true, &code);
  if (passphrase == NULL)
    return code;
  if (!csm_case_change_passphrase (acase, passphrase, &error))
    return csm_tool_fail (tool, "change the passphrase", error, CSM_EXIT_WRITE);
  puts ("The passphrase was changed. The old one opens nothing but older copies of the case.");
  return CSM_EXIT_DONE;
}
