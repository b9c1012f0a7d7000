/* csm-search.c: full text over marks, codes and exhibits
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case-private.h"

#include <string.h>

#define MAX_WORDS 64

/* What the statements below put around what was found: characters that no font shows, and that
 * are taken out of the text again, wherever they came from. */
#define FOUND '\x02'
#define FOUND_END '\x03'

char *
csm_search_build_query (const char *words)
{
  g_autoptr (GString) query = g_string_new (NULL);
  const char *at = words;
  int n = 0;

  if (!g_utf8_validate (words, -1, NULL))
    return NULL;
  while (*at != '\0' && n < MAX_WORDS)
    {
      const char *end;

      while (*at != '\0' && g_unichar_isspace (g_utf8_get_char (at)))
        at = g_utf8_next_char (at);
      if (*at == '\0')
        break;
      if (n++ > 0)
        g_string_append_c (query, ' ');
      g_string_append_c (query, '"');
      for (end = at; *end != '\0' && !g_unichar_isspace (g_utf8_get_char (end));
           end = g_utf8_next_char (end))
        {
          /* Within quotes FTS5 knows one special character, which is doubled. */
          if (*end == '"')
            g_string_append_c (query, '"');
          g_string_append_len (query, end, g_utf8_next_char (end) - end);
        }
      g_string_append_c (query, '"');
      at = end;
    }
  if (n == 0)
    return NULL;
  g_string_append_c (query, '*');
  return g_string_free (g_steal_pointer (&query), FALSE);
}

/* (transfer full): the lines of @text in one, empty ones left out: a snippet may span fields.
 */
static char *
dup_line (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr (GString) line = g_string_new (NULL);

  for (int i = 0; lines[i] != NULL; i++)
    if (g_strstrip (lines[i])[0] != '\0')
      g_string_append_printf (line, "%s%s", line->len > 0 ? " · " : "", lines[i]);
  return g_string_free (g_steal_pointer (&line), FALSE);
}

/* Text that holds such marks comes from a case too: they need not be in pairs. */
static void
take_text (CsmSearchHit *hit, const char *marked)
{
  g_autofree char *line = dup_line (marked);
  g_autoptr (GString) plain = g_string_new (NULL);
  CsmTextSpan span = { 0, 0 };
  bool within = false;

  hit->matches = g_array_new (FALSE, FALSE, sizeof (CsmTextSpan));
  for (const char *at = line; *at != '\0'; at++)
    {
      if (*at != FOUND && *at != FOUND_END)
        {
          g_string_append_c (plain, *at);
          continue;
        }
      span.end = (unsigned) plain->len;
      if (within && *at == FOUND_END && span.end > span.start)
        g_array_append_val (hit->matches, span);
      within = *at == FOUND;
      span.start = span.end;
    }
  hit->snippet = g_string_free (g_steal_pointer (&plain), FALSE);
}

static CsmSearchHit *
mark_from_row (CsmQuery *query)
{
  CsmSearchHit *hit = g_new0 (CsmSearchHit, 1);

  hit->kind = CSM_HIT_MARK;
  csm_query_get_id (query, 0, &hit->mark);
  csm_query_get_id (query, 1, &hit->exhibit);
  hit->code = csm_query_dup_text (query, 2);
  hit->frame = csm_query_get_int (query, 3);
  hit->where = csm_query_dup_text (query, 4);
  hit->track = (int) csm_query_get_int (query, 5);
  take_text (hit, csm_query_get_text (query, 6));
  return hit;
}

static CsmSearchHit *
exhibit_from_row (CsmQuery *query)
{
  CsmSearchHit *hit = g_new0 (CsmSearchHit, 1);

  hit->kind = CSM_HIT_EXHIBIT;
  csm_query_get_id (query, 0, &hit->exhibit);
  hit->where = csm_query_dup_text (query, 1);
  take_text (hit, csm_query_get_text (query, 2));
  return hit;
}

static CsmSearchHit *
code_from_row (CsmQuery *query)
{
  CsmSearchHit *hit = g_new0 (CsmSearchHit, 1);

  hit->kind = CSM_HIT_CODE;
  hit->code = csm_query_dup_text (query, 0);
  hit->where = csm_query_dup_text (query, 1);
  take_text (hit, csm_query_get_text (query, 2));
  return hit;
}

/* One kind of hit; each statement takes the words as ?1 and a limit as ?2. */
static gboolean
add_hits (CsmCase *self,
          GPtrArray *list,
          const char *sql,
          CsmSearchHit *(*from_row) (CsmQuery *),
          const char *words,
          int limit,
          GError **error)
{
  g_autoptr (CsmQuery) query = csm_query_new (self->db, "search", sql);
  int step = 0;

  csm_query_text (query, words);
  csm_query_int (query, limit);
  while ((int) list->len < limit && (step = csm_query_step (query, error)) > 0)
    g_ptr_array_add (list, from_row (query));
  return step >= 0;
}

static const char marks_by_text_sql[] =
    "SELECT m.id, m.exhibit, m.code, m.first, e.number || ' ' || e.name, m.track,"
    " snippet (search, 1, char (2), char (3), '…', 16)"
    " FROM search CROSS JOIN document AS d ON d.n = search.rowid AND d.kind = 1"
    " CROSS JOIN mark AS m ON m.id = d.subject AND m.removed = 0"
    " CROSS JOIN exhibit AS e ON e.id = m.exhibit AND e.removed = 0"
    " WHERE search MATCH ?1 ORDER BY search.rank LIMIT ?2";

static const char exhibits_sql[] =
    "SELECT e.id, e.number || ' ' || e.name, snippet (search, -1, char (2), char (3), '…', 16)"
    " FROM search CROSS JOIN document AS d ON d.n = search.rowid AND d.kind = 2"
    " CROSS JOIN exhibit AS e ON e.id = d.subject AND e.removed = 0"
    " WHERE search MATCH ?1 ORDER BY search.rank LIMIT ?2";

static const char codes_sql[] =
    "SELECT c.id, c.label, snippet (search, -1, char (2), char (3), '…', 16)"
    " FROM search CROSS JOIN document AS d ON d.n = search.rowid AND d.kind = 3"
    " CROSS JOIN code AS c ON c.id = CAST (d.subject AS TEXT)"
    " WHERE search MATCH ?1 ORDER BY search.rank LIMIT ?2";

/* Those that carry a code which the words name, and were not found by their own text. A code's
 * definition is prose; only its label and id count here. */
static const char marks_by_code_sql[] =
    "SELECT m.id, m.exhibit, m.code, m.first, e.number || ' ' || e.name, m.track,"
    " CASE m.text WHEN '' THEN c.label ELSE m.text END"
    " FROM code AS c CROSS JOIN mark AS m ON m.code = c.id AND m.removed = 0"
    " CROSS JOIN exhibit AS e ON e.id = m.exhibit AND e.removed = 0"
    " WHERE c.id IN (" CSM_SEARCH_CODES_SQL ")"
    " AND m.id NOT IN (" CSM_SEARCH_TEXTS_SQL ")"
    " ORDER BY e.position, e.number, m.first LIMIT ?2";

GPtrArray *
csm_case_search (CsmCase *self, const char *words, int limit, GError **error)
{
  g_autoptr (GPtrArray) list =
      g_ptr_array_new_with_free_func ((GDestroyNotify) csm_search_hit_free);
  g_autofree char *query = NULL;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (words != NULL, NULL);
  query = csm_search_build_query (words);
  if (query == NULL)
    return g_steal_pointer (&list);
  if (!add_hits (self, list, marks_by_text_sql, mark_from_row, query, limit, error) ||
      !add_hits (self, list, exhibits_sql, exhibit_from_row, query, limit, error) ||
      !add_hits (self, list, codes_sql, code_from_row, query, limit, error) ||
      !add_hits (self, list, marks_by_code_sql, mark_from_row, query, limit, error))
    return NULL;
  return g_steal_pointer (&list);
}
