/* casectl-key.c: who can open the case: key list, add, remove, rotate, recovery, request
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-file.h"
#include "casefile/csm-case-keys.h"
#include "tools/casectl.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define SHORT_ID 8

typedef struct
{
  char *reviewer;
  char *slot;
  char *request;
  gboolean reader;
} KeyOptions;

static void
key_options_clear (KeyOptions *self)
{
  g_free (self->reviewer);
  g_free (self->slot);
  g_free (self->request);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (KeyOptions, key_options_clear)

#define REVIEWER_OPTION(options, text)                                         \
  {                                                                            \
    "reviewer", 0, 0, G_OPTION_ARG_FILENAME, &(options).reviewer, text, "NAME" \
  }
#define READER_OPTION(options)                                                          \
  {                                                                                     \
    "reader", 0, 0, G_OPTION_ARG_NONE, &(options).reader, "Can view, cannot sign", NULL \
  }

/* --- list --- */

static const char *
name_type (CsmSlotType type)
{
  switch (type)
    {
    case CSM_SLOT_RECOVERY:
      return "recovery";
    case CSM_SLOT_JOINING:
      return "request";
    default:
      return "passphrase";
    }
}

static json_t *
describe_holder (const CsmKeyHolder *holder, bool json)
{
  json_t *row = json_object ();
  g_autofree char *short_id = g_strndup (holder->slot.hex, SHORT_ID);

  json_object_set_new (row, "slot", json_string (json ? holder->slot.hex : short_id));
  json_object_set_new (row, "type", json_string (name_type (holder->type)));
  json_object_set_new (row, "name", json_string (holder->name));
  json_object_set_new (row, "role", json_string (holder->can_sign ? "reviewer" : "reader"));
  json_object_set_new (row, "can_sign", json_boolean (holder->can_sign));
  json_object_set_new (row, "key", holder->can_sign ? json_string (holder->key) : json_null ());
  json_object_set_new (row, "created", csm_tool_json_time (holder->created));
  json_object_set_new (row, "own", json_boolean (holder->own));
  return row;
}

static int
run_list (CsmTool *tool, int argc, char **argv)
{
  static const char *const columns[] = {
    "slot", "type", "name", "role", "created", "own", NULL
  };
  g_autoptr (CsmCase) acase = NULL;
  g_autoptr (GPtrArray) holders = NULL;
  g_autoptr (GError) error = NULL;
  CsmListing listing;
  int code;

  if (!csm_tool_parse (tool, NULL, CSM_TOOL_JSON | CSM_TOOL_PASSPHRASE, 1, 1, argc, argv,
                       &code) ||
      (acase = csm_tool_open (tool, tool->paths[0], true, &code)) == NULL)
    return code;
  holders = csm_case_list_keys (acase, &error);
  if (holders == NULL)
    return csm_tool_fail (tool, "read the key slots", error, CSM_EXIT_CANNOT_OPEN);
  csm_listing_begin (&listing, tool->json, columns);
  for (guint i = 0; i < holders->len; i++)
    csm_listing_add (&listing, describe_holder (holders->pdata[i], tool->json));
  csm_listing_end (&listing);
  return CSM_EXIT_DONE;
}

/* --- add --- */

static int
tell_added (const char *name, bool reader)
{
  printf ("Gave a key to ");
  csm_tool_print_text (stdout, name);
  puts (reader ? ", who can view and cannot sign." : ".");
  return CSM_EXIT_DONE;
}

static void
show_request (const CsmJoinRequest *request)
{
  printf ("name         ");
  csm_tool_print_text (stdout, request->name);
  printf ("\nrole         %s\nfingerprint  %s\n", request->reader ? "reader" : "reviewer",
          request->fingerprint);
  (void) fflush (stdout);
}

static int
add_request (CsmTool *tool, const KeyOptions *options)
{
  g_autofree char *shown = g_filename_display_name (options->request);
  g_autofree char *what = g_strdup_printf ("take the join request %s in", shown);
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmJoinRequest) request = csm_join_request_load (options->request, &error);
  g_autoptr (CsmCase) acase = NULL;
  int code;

  if (request == NULL)
    return csm_tool_fail (tool, what, error, CSM_EXIT_CANNOT_OPEN);
  show_request (request);
  if (csm_tool_is_interactive (tool) &&
      !csm_tool_ask_yes (tool,
                         "Call them: do they read out the same fingerprint? Then give them a "
                         "key [y/N]",
                         false))
    return csm_tool_refuse (tool, CSM_EXIT_REFUSED,
                            "%s: the fingerprint was not confirmed; ask for the file again",
                            what);
  acase = csm_tool_open (tool, tool->paths[0], false, &code);
  if (acase == NULL)
    return code;
  if (!csm_case_add_request (acase, request, NULL, &error))
    return csm_tool_fail (tool, what, error, CSM_EXIT_WRITE);
  return tell_added (request->name, request->reader);
}

static int
add_passphrase (CsmTool *tool, const KeyOptions *options)
{
  g_autoptr (CsmCase) acase = NULL;
  g_autoptr (CsmSecret) passphrase = NULL;
  g_autoptr (GError) error = NULL;
  int code;

  acase = csm_tool_open (tool, tool->paths[0], false, &code);
  if (acase == NULL)
    return code;
  passphrase = csm_tool_read_passphrase (tool, tool->new_passphrase_file, "Their passphrase",
                                         true, &code);
  if (passphrase == NULL)
    return code;
  if (!csm_case_add_key (acase, options->reviewer, passphrase, options->reader, NULL, &error))
    return csm_tool_fail (tool, "give them a key", error, CSM_EXIT_WRITE);
  return tell_added (options->reviewer, options->reader);
}

static int
run_add (CsmTool *tool, int argc, char **argv)
{
  g_auto (KeyOptions) options = { NULL, NULL, NULL, FALSE };
  const GOptionEntry entries[] = { REVIEWER_OPTION (options,
                                                    "Their name, as it stands in the ledger"),
                                   READER_OPTION (options),
                                   { "request", 0, 0, G_OPTION_ARG_FILENAME, &options.request,
                                     "Take in the join request that they made", "FILE" },
                                   G_OPTION_ENTRY_NULL };
  int code;

  if (!csm_tool_parse (tool, entries, CSM_TOOL_PASSPHRASE | CSM_TOOL_NEW_PASSPHRASE, 1, 1, argc,
                       argv, &code))
    return code;
  if ((options.reviewer == NULL) == (options.request == NULL))
    return csm_tool_usage (tool, "either --reviewer or --request is needed");
  if (options.request != NULL && (options.reader || tool->new_passphrase_file != NULL))
    return csm_tool_usage (tool, "a join request says all that --reader and "
                                 "--new-passphrase-file would");
  if (!csm_tool_check_text (tool, "--reviewer", options.reviewer))
    return CSM_EXIT_REFUSED;
  return options.request != NULL ? add_request (tool, &options)
                                 : add_passphrase (tool, &options);
}

/* --- remove, rotate --- */

static bool
matches (const CsmKeyHolder *holder, const KeyOptions *options)
{
  if (options->slot != NULL)
    return g_str_has_prefix (holder->slot.hex, options->slot);
  return strcmp (holder->name, options->reviewer) == 0;
}

/* (transfer full) (nullable) */
static CsmKeyHolder *
find_holder (CsmTool *tool, CsmCase *acase, const KeyOptions *options, int *ret_exit)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) holders = csm_case_list_keys (acase, &error);
  g_autoptr (CsmKeyHolder) found = NULL;

  if (holders == NULL)
    {
      *ret_exit = csm_tool_fail (tool, "read the key slots", error, CSM_EXIT_CANNOT_OPEN);
      return NULL;
    }
  for (guint i = holders->len; i-- > 0;)
    {
      if (!matches (holders->pdata[i], options))
        continue;
      if (found != NULL)
        {
          *ret_exit = csm_tool_refuse (tool, CSM_EXIT_REFUSED,
                                       "find the key: more than one fits; name one by --slot, "
                                       "see casectl key list");
          return NULL;
        }
      found = g_ptr_array_steal_index (holders, i);
    }
  if (found == NULL)
    *ret_exit = csm_tool_refuse (tool, CSM_EXIT_REFUSED,
                                 "find the key: nobody of that name or slot holds one; see "
                                 "casectl key list");
  return g_steal_pointer (&found);
}

static bool
is_slot_id (const char *text)
{
  const size_t size = strlen (text);

  return size >= 4 && size < CSM_ID_HEX_SIZE && strspn (text, "0123456789abcdef") == size;
}

static int
rotate (CsmTool *tool, CsmCase *acase, const CsmKeyHolder *removed)
{
  g_autoptr (GError) error = NULL;

  if (!csm_case_rotate (acase, removed != NULL ? &removed->slot : NULL, csm_tool_progress_cb,
                        "Encrypting anew", tool->cancellable, &error))
    return csm_tool_fail (tool, removed != NULL ? "take the key away" : "change the data key",
                          error, CSM_EXIT_WRITE);
  csm_tool_progress_end ();
  if (removed != NULL)
    {
      printf ("Took the key of ");
      csm_tool_print_text (stdout, removed->name);
      puts (" away.");
    }
  puts ("The case has a new data key. Copies made before open as they did, and exhibits keep "
        "their keys.");
  return CSM_EXIT_DONE;
}

static int
run_remove (CsmTool *tool, int argc, char **argv)
{
  g_auto (KeyOptions) options = { NULL, NULL, NULL, FALSE };
  const GOptionEntry entries[] = { REVIEWER_OPTION (options, "Whose key is taken away"),
                                   { "slot", 0, 0, G_OPTION_ARG_FILENAME, &options.slot,
                                     "The key slot, as casectl key list shows it", "ID" },
                                   G_OPTION_ENTRY_NULL };
  g_autoptr (CsmCase) acase = NULL;
  g_autoptr (CsmKeyHolder) holder = NULL;
  int code;

  if (!csm_tool_parse (tool, entries, CSM_TOOL_PASSPHRASE, 1, 1, argc, argv, &code))
    return code;
  if ((options.reviewer == NULL) == (options.slot == NULL))
    return csm_tool_usage (tool, "either --reviewer or --slot is needed");
  if (!csm_tool_check_text (tool, "--reviewer", options.reviewer))
    return CSM_EXIT_REFUSED;
  if (options.slot != NULL && !is_slot_id (options.slot))
    return csm_tool_usage (tool, "a slot is 4 to 32 hexadecimal digits");
  acase = csm_tool_open (tool, tool->paths[0], false, &code);
  if (acase == NULL || (holder = find_holder (tool, acase, &options, &code)) == NULL)
    return code;
  return rotate (tool, acase, holder);
}

static int
run_rotate (CsmTool *tool, int argc, char **argv)
{
  g_autoptr (CsmCase) acase = NULL;
  int code;

  if (!csm_tool_parse (tool, NULL, CSM_TOOL_PASSPHRASE, 1, 1, argc, argv, &code) ||
      (acase = csm_tool_open (tool, tool->paths[0], false, &code)) == NULL)
    return code;
  return rotate (tool, acase, NULL);
}

/* --- recovery --- */

static int
run_recovery (CsmTool *tool, int argc, char **argv)
{
  g_autoptr (CsmCase) acase = NULL;
  g_autoptr (CsmSecret) recovery = NULL;
  g_autoptr (GError) error = NULL;
  int code;

  if (!csm_tool_parse (tool, NULL, CSM_TOOL_PASSPHRASE, 1, 1, argc, argv, &code) ||
      (acase = csm_tool_open (tool, tool->paths[0], false, &code)) == NULL)
    return code;
  recovery = csm_case_make_recovery (acase, &error);
  if (recovery == NULL)
    return csm_tool_fail (tool, "make a recovery code", error, CSM_EXIT_WRITE);
  csm_tool_show_recovery (tool, recovery, csm_tool_is_interactive (tool));
  puts ("Any recovery code made before opens nothing but older copies of the case.");
  return CSM_EXIT_DONE;
}

/* --- request --- */

static int
write_request (CsmTool *tool, const KeyOptions *options, const CsmSecret *passphrase)
{
  static const CsmVaultCost calibrated;
  g_autofree char *shown = g_filename_display_name (tool->paths[0]);
  g_autofree char *what = g_strdup_printf ("write the join request %s", shown);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = csm_join_request_make (options->reviewer, options->reader,
                                                    passphrase, &calibrated, &error);
  g_autoptr (CsmJoinRequest) request =
      bytes != NULL ? csm_join_request_parse (bytes, &error) : NULL;

  if (request == NULL || !csm_file_write (tool->paths[0], bytes, &error))
    return csm_tool_fail (tool, what, error, CSM_EXIT_WRITE);
  show_request (request);
  puts ("Send the file, and read the fingerprint out when your colleague calls. The case opens "
        "with\nthe passphrase that you chose now.");
  return CSM_EXIT_DONE;
}

static int
run_request (CsmTool *tool, int argc, char **argv)
{
  g_auto (KeyOptions) options = { NULL, NULL, NULL, FALSE };
  const GOptionEntry entries[] = { REVIEWER_OPTION (options,
                                                    "Your name, as it is to stand in the "
                                                    "ledger"),
                                   READER_OPTION (options), G_OPTION_ENTRY_NULL };
  g_autoptr (CsmSecret) passphrase = NULL;
  struct stat st;
  int code;

  if (!csm_tool_parse (tool, entries, CSM_TOOL_NEW_PASSPHRASE, 1, 1, argc, argv, &code))
    return code;
  if (options.reviewer == NULL)
    return csm_tool_usage (tool, "--reviewer is needed");
  if (!csm_tool_check_text (tool, "--reviewer", options.reviewer))
    return CSM_EXIT_REFUSED;
  if (lstat (tool->paths[0], &st) == 0)
    return csm_tool_refuse (tool, CSM_EXIT_REFUSED,
                            "write the join request: the file is there already; choose another "
                            "name");
  passphrase =
      csm_tool_read_passphrase (tool, tool->new_passphrase_file, "New passphrase", true, &code);
  return passphrase == NULL ? code : write_request (tool, &options, passphrase);
}

/* --- all of them --- */

static const struct
{
  const char *name;
  const char *full_name;
  const char *synopsis;
  const char *summary;
  CsmToolRun run;
} subcommands[] = {
  { "list", "key list", "CASE", "who can open the case", run_list },
  { "add", "key add",
    "CASE --reviewer NAME [--reader] [--new-passphrase-file FILE] | CASE --request FILE",
    "give somebody a key", run_add },
  { "remove", "key remove", "CASE --reviewer NAME | CASE --slot ID",
    "take a key away, and change the data key", run_remove },
  { "rotate", "key rotate", "CASE", "encrypt the case anew under a new data key", run_rotate },
  { "recovery", "key recovery", "CASE", "a new recovery code, in place of the old one",
    run_recovery },
  { "request", "key request", "FILE --reviewer NAME [--reader] [--new-passphrase-file FILE]",
    "ask a colleague far away for a key", run_request },
};

static int
print_subcommands (const CsmTool *tool)
{
  printf ("Usage: casectl %s %s\n%s\n\n", tool->command, tool->synopsis, tool->summary);
  for (size_t i = 0; i < G_N_ELEMENTS (subcommands); i++)
    printf ("  %-13s %s\n                %s\n", subcommands[i].full_name,
            subcommands[i].synopsis, subcommands[i].summary);
  return CSM_EXIT_DONE;
}

int
csm_tool_key (CsmTool *tool, int argc, char **argv)
{
  const char *name = argc > 1 ? argv[1] : "";

  if (strcmp (name, "--help") == 0 || strcmp (name, "-h") == 0)
    return print_subcommands (tool);
  for (size_t i = 0; i < G_N_ELEMENTS (subcommands); i++)
    if (strcmp (subcommands[i].name, name) == 0)
      {
        tool->command = subcommands[i].full_name;
        tool->synopsis = subcommands[i].synopsis;
        tool->summary = subcommands[i].summary;
        return subcommands[i].run (tool, argc - 1, argv + 1);
      }
  return csm_tool_usage (tool, name[0] == '\0' ? "what to do with the keys is missing"
                                               : "keys know nothing of that name");
}
