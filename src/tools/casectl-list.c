/* casectl-list.c: listings: exhibits, codebook, marks, search, log
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-body.h"
#include "tools/casectl.h"

#include <stdio.h>

/* A page of the ledger: long ones are not held in memory at once. */
#define LOG_PAGE 10000
#define SEARCH_LIMIT 10000

static int
fail_listing (const CsmTool *tool, const GError *error)
{
  return csm_tool_fail (tool, "read the case", error, CSM_EXIT_CANNOT_OPEN);
}

/* Parses, opens read-only: NULL with *@ret_exit. */
static CsmCase *
begin (CsmTool *tool,
       const GOptionEntry *entries,
       int n_paths,
       int argc,
       char **argv,
       int *ret_exit)
{
  if (!csm_tool_parse (tool, entries, CSM_TOOL_JSON | CSM_TOOL_PASSPHRASE, n_paths, n_paths,
                       argc, argv, ret_exit))
    return NULL;
  return csm_tool_open (tool, tool->paths[0], true, ret_exit);
}

static json_t *
pack_exhibit (const CsmExhibit *exhibit)
{
  char sha256[CSM_DIGEST_HEX_SIZE];

  csm_digest_to_hex (&exhibit->sha256, sha256);
  return json_pack ("{s:s, s:s, s:s, s:I, s:o, s:o, s:s, s:s, s:s, s:b}", "number",
                    exhibit->number, "name", exhibit->name, "sha256", sha256, "size",
                    (json_int_t) exhibit->size, "duration",
                    csm_tool_json_duration (exhibit->duration_ms), "frames",
                    exhibit->n_frames < 0 ? json_null () : json_integer (exhibit->n_frames),
                    "status", exhibit->status, "id", exhibit->id.hex, "title",
                    exhibit->acquisition->title, "linked", exhibit->linked);
}

int
csm_tool_exhibits (CsmTool *tool, int argc, char **argv)
{
  static const char *const columns[] = { "number",   "name",   "sha256", "size",
                                         "duration", "frames", "status", NULL };
  g_autoptr (GPtrArray) exhibits = NULL;
  g_autoptr (GError) error = NULL;
  CsmListing listing;
  int code;
  g_autoptr (CsmCase) acase = begin (tool, NULL, 1, argc, argv, &code);

  if (acase == NULL)
    return code;
  exhibits = csm_case_list_exhibits (acase, &error);
  if (exhibits == NULL)
    return fail_listing (tool, error);
  csm_listing_begin (&listing, tool->json, columns);
  for (unsigned i = 0; i < exhibits->len; i++)
    csm_listing_add (&listing, pack_exhibit (g_ptr_array_index (exhibits, i)));
  csm_listing_end (&listing);
  return CSM_EXIT_DONE;
}

int
csm_tool_codebook (CsmTool *tool, int argc, char **argv)
{
  static const char *const columns[] = { "id", "label", NULL };
  g_autoptr (GPtrArray) codes = NULL;
  g_autoptr (GError) error = NULL;
  CsmListing listing;
  int code;
  g_autoptr (CsmCase) acase = begin (tool, NULL, 1, argc, argv, &code);

  if (acase == NULL)
    return code;
  codes = csm_case_list_codes (acase, &error);
  if (codes == NULL)
    return fail_listing (tool, error);
  csm_listing_begin (&listing, tool->json, columns);
  for (unsigned i = 0; i < codes->len; i++)
    {
      const CsmCode *row = g_ptr_array_index (codes, i);

      csm_listing_add (&listing, json_pack ("{s:s, s:s, s:s, s:s, s:s?}", "id", row->id,
                                            "label", row->label, "definition", row->definition,
                                            "source", row->source, "parent", row->parent));
    }
  csm_listing_end (&listing);
  return CSM_EXIT_DONE;
}

static json_t *
pack_mark (const CsmMark *mark)
{
  char track[16];

  csm_track_format (mark->track, track);
  return json_pack ("{s:s, s:s, s:s, s:I, s:I, s:s?, s:s, s:o, s:s, s:o}", "id", mark->id.hex,
                    "exhibit", mark->exhibit_number, "track", track, "from",
                    (json_int_t) mark->from, "to", (json_int_t) mark->to, "code", mark->code,
                    "text", mark->text, "regions", csm_mark_list_regions (mark), "author",
                    mark->author, "time", csm_tool_json_time (mark->time));
}

static int
list_marks (CsmTool *tool, CsmCase *acase, const CsmMarkFilter *filter)
{
  static const char *const columns[] = { "id",   "exhibit", "track",  "from", "to",
                                         "code", "text",    "author", "time", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) marks = csm_case_list_marks (acase, filter, &error);
  CsmListing listing;

  if (marks == NULL)
    return fail_listing (tool, error);
  csm_listing_begin (&listing, tool->json, columns);
  for (unsigned i = 0; i < marks->len; i++)
    csm_listing_add (&listing, pack_mark (g_ptr_array_index (marks, i)));
  csm_listing_end (&listing);
  return CSM_EXIT_DONE;
}

int
csm_tool_marks (CsmTool *tool, int argc, char **argv)
{
  g_autofree char *name = NULL;
  g_autofree char *text = NULL;
  const GOptionEntry entries[] = {
    { "exhibit", 0, 0, G_OPTION_ARG_FILENAME, &name, "Only marks of this exhibit", "E" },
    { "search", 0, 0, G_OPTION_ARG_FILENAME, &text, "Only marks with these words", "T" },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr (CsmExhibit) exhibit = NULL;
  CsmMarkFilter filter = { 0 };
  int code;
  g_autoptr (CsmCase) acase = begin (tool, entries, 1, argc, argv, &code);

  if (acase == NULL)
    return code;
  if (!csm_tool_check_text (tool, "--search", text))
    return CSM_EXIT_REFUSED;
  if (name != NULL)
    {
      exhibit = csm_tool_find_exhibit (tool, acase, name, &code);
      if (exhibit == NULL)
        return code;
      filter.exhibit = &exhibit->id;
    }
  filter.text = text;
  return list_marks (tool, acase, &filter);
}

static json_t *
pack_matches (const CsmSearchHit *hit)
{
  json_t *array = json_array ();

  for (unsigned i = 0; i < hit->matches->len; i++)
    {
      const CsmTextSpan *span = &g_array_index (hit->matches, CsmTextSpan, i);

      json_array_append_new (
          array,
          json_pack ("[I, I]", (json_int_t) g_utf8_strlen (hit->snippet, (gssize) span->start),
                     (json_int_t) g_utf8_strlen (hit->snippet, (gssize) span->end)));
    }
  return array;
}

static json_t *
pack_hit (CsmCase *acase, const CsmSearchHit *hit)
{
  static const char *const kinds[] = { "mark", "exhibit", "code" };
  g_autoptr (CsmExhibit) exhibit =
      hit->kind == CSM_HIT_CODE ? NULL : csm_case_get_exhibit (acase, &hit->exhibit, NULL);
  bool is_mark = hit->kind == CSM_HIT_MARK;

  return json_pack (
      "{s:s, s:s?, s:s?, s:o, s:s?, s:s, s:s, s:o}", "kind", kinds[hit->kind], "exhibit",
      exhibit == NULL ? NULL : exhibit->number, "mark", is_mark ? hit->mark.hex : NULL, "frame",
      is_mark ? json_integer (hit->frame) : json_null (), "code", hit->code, "where",
      hit->where, "snippet", hit->snippet, "matches", pack_matches (hit));
}

int
csm_tool_search (CsmTool *tool, int argc, char **argv)
{
  static const char *const columns[] = { "kind",  "exhibit", "mark", "frame",
                                         "where", "snippet", NULL };
  g_autoptr (GPtrArray) hits = NULL;
  g_autoptr (GError) error = NULL;
  CsmListing listing;
  int code;
  g_autoptr (CsmCase) acase = begin (tool, NULL, 2, argc, argv, &code);

  if (acase == NULL)
    return code;
  if (!csm_tool_check_text (tool, "the words", tool->paths[1]))
    return CSM_EXIT_REFUSED;
  hits = csm_case_search (acase, tool->paths[1], SEARCH_LIMIT, &error);
  if (hits == NULL)
    return fail_listing (tool, error);
  csm_listing_begin (&listing, tool->json, columns);
  listing.bold = "matches";
  for (unsigned i = 0; i < hits->len; i++)
    csm_listing_add (&listing, pack_hit (acase, g_ptr_array_index (hits, i)));
  csm_listing_end (&listing);
  return CSM_EXIT_DONE;
}

static json_t *
pack_ledger_row (const CsmLedgerRow *row)
{
  char id[CSM_DIGEST_HEX_SIZE];

  csm_digest_to_hex (&row->id, id);
  return json_pack ("{s:s, s:o, s:s, s:s, s:s, s:s, s:I, s:s?}", "id", id, "time",
                    csm_tool_json_time (row->time), "kind", row->kind, "author", row->author,
                    "summary", row->summary, "chain", row->chain.hex, "seq",
                    (json_int_t) row->seq, "subject", row->subject);
}

int
csm_tool_log (CsmTool *tool, int argc, char **argv)
{
  static const char *const columns[] = { "time", "author", "kind", "summary", "id", NULL };
  g_autoptr (GError) error = NULL;
  CsmListing listing;
  unsigned n_rows;
  int code;
  g_autoptr (CsmCase) acase = begin (tool, NULL, 1, argc, argv, &code);

  if (acase == NULL)
    return code;
  csm_listing_begin (&listing, tool->json, columns);
  do
    {
      g_autoptr (GPtrArray) rows =
          csm_case_list_ledger (acase, listing.n_rows, LOG_PAGE, &error);

      if (rows == NULL)
        return fail_listing (tool, error);
      n_rows = rows->len;
      for (unsigned i = 0; i < n_rows; i++)
        csm_listing_add (&listing, pack_ledger_row (g_ptr_array_index (rows, i)));
  } while (n_rows == LOG_PAGE);
  csm_listing_end (&listing);
  return CSM_EXIT_DONE;
}
