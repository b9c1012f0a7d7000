/* csm-case-marks.c: marks: listed, set, removed, brought back
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case-export.h"
#include "casefile/csm-case-private.h"

#include <string.h>

#define MARK_COLUMNS                                                                        \
  "m.id, m.exhibit, e.number, m.track, m.first, m.last, m.first_pts, m.last_pts,"           \
  " m.timebase_num, m.timebase_den, m.code, m.text, m.committed, r.name, m.author, m.time," \
  " m.entry, m.revision"

static CsmMark *
mark_from_row (CsmQuery *query)
{
  CsmMark *mark = g_new0 (CsmMark, 1);
  CsmDigest author;

  csm_query_get_id (query, 0, &mark->id);
  csm_query_get_id (query, 1, &mark->exhibit);
  mark->exhibit_number = csm_query_dup_text (query, 2);
  mark->track = (int) csm_query_get_int (query, 3);
  mark->from = csm_query_get_int (query, 4);
  mark->to = csm_query_get_int (query, 5);
  mark->from_pts = csm_query_get_pts (query, 6);
  mark->to_pts = csm_query_get_pts (query, 7);
  mark->timebase.num = (int32_t) csm_query_get_int (query, 8);
  mark->timebase.den = (int32_t) csm_query_get_int (query, 9);
  mark->code = csm_query_dup_text (query, 10);
  mark->text = csm_query_dup_text (query, 11);
  mark->committed = csm_query_get_int (query, 12) != 0;
  mark->author = csm_query_dup_text (query, 13);
  csm_query_get_digest (query, 14, &author);
  csm_digest_to_hex (&author, mark->author_key);
  mark->time = csm_query_get_int (query, 15);
  csm_query_get_digest (query, 16, &mark->entry);
  mark->revision = (int) csm_query_get_int (query, 17);
  return mark;
}

static gboolean
load_regions (CsmCase *self, CsmMark *mark, GError **error)
{
  g_autoptr (GArray) regions = g_array_new (FALSE, TRUE, sizeof (CsmRegion));
  g_autoptr (CsmQuery) query =
      csm_query_new (self->db, "read the rectangles",
                     "SELECT frame, x, y, width, height FROM mark_region"
                     " WHERE mark = ? ORDER BY n");
  int step;

  csm_query_id (query, &mark->id);
  while ((step = csm_query_step (query, error)) > 0)
    {
      CsmRegion region = { .frame = csm_query_get_int (query, 0),
                           .rect = { .x = (int) csm_query_get_int (query, 1),
                                     .y = (int) csm_query_get_int (query, 2),
                                     .width = (int) csm_query_get_int (query, 3),
                                     .height = (int) csm_query_get_int (query, 4) } };

      g_array_append_val (regions, region);
    }
  if (step < 0)
    return FALSE;
  mark->n_regions = (int) regions->len;
  if (mark->n_regions > 0)
    mark->regions = (CsmRegion *) g_array_free (g_steal_pointer (&regions), FALSE);
  return TRUE;
}

char *
csm_marks_build_list_sql (const CsmMarkFilter *filter, bool words)
{
  GString *sql = g_string_new ("SELECT " MARK_COLUMNS " FROM ");

  /* CROSS JOIN keeps the order of the loops: what was found by words first, else exhibit by
   * exhibit, which is the order that is asked for. */
  g_string_append (sql, words ? "(" CSM_SEARCH_MARKS_SQL ") AS w"
                                " CROSS JOIN mark AS m ON m.id = w.subject AND m.removed = 0"
                                " CROSS JOIN exhibit AS e ON e.id = m.exhibit"
                              : "exhibit AS e"
                                " CROSS JOIN mark AS m ON m.exhibit = e.id AND m.removed = 0");
  g_string_append (sql, " LEFT JOIN reviewer AS r ON r.key = m.author WHERE e.removed = 0");
  if (filter->exhibit != NULL)
    g_string_append (sql, " AND e.id = ?2");
  if (filter->code != NULL)
    g_string_append (sql, " AND m.code = ?3");
  if (filter->author_key != NULL)
    g_string_append (sql, " AND m.author = ?4");
  g_string_append (sql, " ORDER BY e.position, e.number, m.first, m.last, m.id");
  return g_string_free (sql, FALSE);
}

static gboolean
run_list (CsmCase *self, CsmQuery *query, GPtrArray *list, GError **error)
{
  int step;

  while ((step = csm_query_step (query, error)) > 0)
    {
      CsmMark *mark = mark_from_row (query);

      g_ptr_array_add (list, mark);
      if (!load_regions (self, mark, error))
        return FALSE;
    }
  return step == 0;
}

GPtrArray *
csm_case_list_marks (CsmCase *self, const CsmMarkFilter *filter, GError **error)
{
  static const CsmMarkFilter everything = { 0 };
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) csm_mark_free);
  g_autoptr (CsmQuery) query = NULL;
  g_autofree char *words = NULL;
  g_autofree char *sql = NULL;
  CsmDigest author = { 0 };

  CSM_CASE_ASSERT_LANE (self);
  if (filter == NULL)
    filter = &everything;
  words = filter->text != NULL ? csm_search_build_query (filter->text) : NULL;
  /* An author that is no key has no marks. */
  if (filter->author_key != NULL && !csm_digest_from_hex (filter->author_key, &author))
    return g_steal_pointer (&list);

  sql = csm_marks_build_list_sql (filter, words != NULL);
  query = csm_query_new_once (self->db, "read the marks", sql);
  csm_query_text_at (query, 1, words);
  csm_query_id_at (query, 2, filter->exhibit);
  csm_query_text_at (query, 3, filter->code);
  csm_query_digest_at (query, 4, filter->author_key != NULL ? &author : NULL);
  return run_list (self, query, list, error) ? g_steal_pointer (&list) : NULL;
}

CsmMark *
csm_case_get_mark (CsmCase *self, const CsmId *mark, GError **error)
{
  g_autoptr (CsmQuery) query = NULL;
  g_autoptr (CsmMark) found = NULL;
  int step;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (mark != NULL, NULL);
  query = csm_query_new (self->db, "read the mark",
                         "SELECT " MARK_COLUMNS " FROM mark AS m"
                         " JOIN exhibit AS e ON e.id = m.exhibit"
                         " LEFT JOIN reviewer AS r ON r.key = m.author"
                         " WHERE m.id = ? AND m.removed = 0 AND e.removed = 0");
  csm_query_id (query, mark);
  step = csm_query_step (query, error);
  if (step == 0)
    csm_case_fail (error, CSM_CASE_ERROR_NOT_FOUND, "there is no mark with the id %s",
                   mark->hex);
  if (step <= 0)
    return NULL;
  found = mark_from_row (query);
  return load_regions (self, found, error) ? g_steal_pointer (&found) : NULL;
}

GPtrArray *
csm_case_list_removed_marks (CsmCase *self, const CsmId *exhibit, GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) csm_mark_free);
  g_autoptr (CsmQuery) query = NULL;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (exhibit != NULL, NULL);
  query = csm_query_new (self->db, "read the marks that were removed",
                         "SELECT " MARK_COLUMNS " FROM mark AS m"
                         " JOIN exhibit AS e ON e.id = m.exhibit"
                         " LEFT JOIN reviewer AS r ON r.key = m.author"
                         " WHERE m.exhibit = ? AND m.removed = 1 ORDER BY m.id");
  csm_query_id (query, exhibit);
  return run_list (self, query, list, error) ? g_steal_pointer (&list) : NULL;
}

static gboolean
check_regions (const CsmMark *mark, GError **error)
{
  if (mark->n_regions < 0 || mark->n_regions > CSM_MAX_REGIONS)
    return csm_case_fail (error, CSM_CASE_ERROR_INVALID, "a mark has at most %d rectangles",
                          CSM_MAX_REGIONS);
  for (int i = 0; i < mark->n_regions; i++)
    {
      const CsmRegion *region = &mark->regions[i];

      if (region->rect.width <= 0 || region->rect.height <= 0)
        return csm_case_fail (error, CSM_CASE_ERROR_INVALID, "the rectangle is empty");
      if (region->rect.x < 0 || region->rect.y < 0 ||
          region->rect.x > G_MAXINT - region->rect.width ||
          region->rect.y > G_MAXINT - region->rect.height)
        return csm_case_fail (error, CSM_CASE_ERROR_INVALID,
                              "the rectangle leaves the picture");
      if (region->frame < mark->from || region->frame > mark->to)
        return csm_case_fail (error, CSM_CASE_ERROR_INVALID,
                              "the rectangle is on a frame outside of the span");
    }
  return TRUE;
}

/* A map that is not there yet bounds nothing. */
static gboolean
check_samples (CsmCase *self, const CsmMark *mark, const CsmExhibit *exhibit, GError **error)
{
  g_autoptr (CsmQuery) query =
      csm_query_new (self->db, "read the length of the sound",
                     "SELECT n_samples FROM kept_sound WHERE exhibit = ? AND track = ?");
  int step;

  if (mark->n_regions > 0)
    return csm_case_fail (error, CSM_CASE_ERROR_INVALID,
                          "a mark on sound has no rectangle: mark the picture");
  csm_query_id (query, &exhibit->id);
  csm_query_int (query, -1 - mark->track);
  step = csm_query_step (query, error);
  if (step > 0 && mark->to >= csm_query_get_int (query, 0))
    return csm_case_fail (error, CSM_CASE_ERROR_INVALID,
                          "sample %" G_GINT64_FORMAT
                          " is outside of %s, whose last one is %" G_GINT64_FORMAT,
                          mark->to, exhibit->number, csm_query_get_int (query, 0) - 1);
  return step >= 0;
}

/* As many as are known; -1 unknown, -2 with @error set. */
static int64_t
count_frames (CsmCase *self, const CsmExhibit *exhibit, int track, GError **error)
{
  g_autoptr (CsmQuery) query = NULL;
  int step;

  if (track == 0)
    return exhibit->n_frames;
  query = csm_query_new (self->db, "read the length of the track",
                         "SELECT n_frames FROM kept_track WHERE exhibit = ? AND track = ?");
  csm_query_id (query, &exhibit->id);
  csm_query_int (query, track);
  step = csm_query_step (query, error);
  return step > 0 ? csm_query_get_int (query, 0) : step == 0 ? -1 : -2;
}

static gboolean
check_frames (CsmCase *self, const CsmMark *mark, const CsmExhibit *exhibit, GError **error)
{
  int64_t n_frames = count_frames (self, exhibit, mark->track, error);
  char track[16];

  if (n_frames < 0 || mark->to < n_frames)
    return n_frames >= -1;
  csm_track_format (mark->track, track);
  return csm_case_fail (error, CSM_CASE_ERROR_INVALID,
                        "frame %" G_GINT64_FORMAT
                        " is outside of %s%s%s, whose last one is %" G_GINT64_FORMAT,
                        mark->to, exhibit->number, mark->track > 0 ? " " : "",
                        mark->track > 0 ? track : "", n_frames - 1);
}

static gboolean
check_span (CsmCase *self, const CsmMark *mark, const CsmExhibit *exhibit, GError **error)
{
  if (mark->from < 0 || mark->to < mark->from)
    return csm_case_fail (error, CSM_CASE_ERROR_INVALID,
                          "the span ends before it begins, or before frame 0");
  if (mark->track < 0 && !check_samples (self, mark, exhibit, error))
    return FALSE;
  if (mark->track >= 0 && !check_frames (self, mark, exhibit, error))
    return FALSE;
  if (mark->timebase.num < 1 || mark->timebase.den < 1)
    return csm_case_fail (error, CSM_CASE_ERROR_INVALID, "the track or time base is not one");
  return TRUE;
}

static gboolean
check_code (CsmCase *self, const char *code, GError **error)
{
  g_autoptr (CsmQuery) query =
      csm_query_new (self->db, "read the codebook", "SELECT 1 FROM code WHERE id = ?");
  int step;

  if (code == NULL)
    return TRUE;
  if (!csm_case_check_text (code, "the code", error))
    return FALSE;
  csm_query_text (query, code);
  step = csm_query_step (query, error);
  if (step == 0)
    return csm_case_fail (error, CSM_CASE_ERROR_NOT_FOUND,
                          "there is no code '%s' in the codebook", code);
  return step > 0;
}

static gboolean
check_mark (CsmCase *self, const CsmMark *mark, const CsmExhibit *exhibit, GError **error)
{
  return check_span (self, mark, exhibit, error) && check_regions (mark, error) &&
         csm_case_check_text (mark->text, "the text", error) &&
         check_code (self, mark->code, error);
}

/* 1 with what a next revision replaces, removals too; 0 when the mark is new; -1 */
static int
find_before (CsmCase *self,
             const CsmId *mark,
             CsmId *ret_exhibit,
             CsmDigest *ret_entry,
             bool *ret_removed,
             GError **error)
{
  g_autoptr (CsmQuery) query = csm_query_new (
      self->db, "read the mark", "SELECT exhibit, entry, removed FROM mark WHERE id = ?");
  int step;

  csm_query_id (query, mark);
  step = csm_query_step (query, error);
  if (step > 0)
    {
      csm_query_get_id (query, 0, ret_exhibit);
      csm_query_get_digest (query, 1, ret_entry);
      *ret_removed = csm_query_get_int (query, 2) != 0;
    }
  return step;
}

gboolean
csm_case_set_mark (CsmCase *self,
                   const CsmMark *mark,
                   const CsmFrameCommit *commits,
                   int n_commits,
                   CsmMark **ret_mark,
                   GError **error)
{
  g_autoptr (CsmExhibit) exhibit = NULL;
  g_autoptr (json_t) body = NULL;
  g_autoptr (CsmMark) written = NULL;
  CsmId before_exhibit, id;
  CsmDigest before;
  bool removed;
  int there;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (mark != NULL && (commits != NULL || n_commits == 0), FALSE);
  g_return_val_if_fail (n_commits >= 0 && n_commits <= CSM_MAX_FRAME_COMMITS, FALSE);
  if (!csm_id_parse (mark->id.hex, &id))
    return csm_case_fail (error, CSM_CASE_ERROR_INVALID, "the mark has no id");
  exhibit = csm_case_get_exhibit (self, &mark->exhibit, error);
  if (exhibit == NULL || !check_mark (self, mark, exhibit, error))
    return FALSE;
  there = find_before (self, &id, &before_exhibit, &before, &removed, error);
  if (there < 0)
    return FALSE;
  if (there > 0 && strcmp (before_exhibit.hex, mark->exhibit.hex) != 0)
    return csm_case_fail (error, CSM_CASE_ERROR_INVALID,
                          "a mark cannot move to another exhibit");

  body = csm_mark_body_build (mark, &exhibit->sha256, commits, n_commits);
  if (!csm_case_sign_edit (self, "mark.set", "mark", &id, there > 0 ? &before : NULL, body,
                           error))
    return FALSE;
  if (ret_mark == NULL)
    return TRUE;
  written = csm_case_get_mark (self, &id, error);
  if (written == NULL)
    return FALSE;
  *ret_mark = g_steal_pointer (&written);
  return TRUE;
}

gboolean
csm_case_remove_mark (CsmCase *self, const CsmId *mark, GError **error)
{
  g_autoptr (json_t) body = json_object ();
  CsmId exhibit;
  CsmDigest before;
  bool removed = false;
  int there;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (mark != NULL, FALSE);
  there = find_before (self, mark, &exhibit, &before, &removed, error);
  if (there < 0)
    return FALSE;
  if (there == 0 || removed)
    return csm_case_fail (error, CSM_CASE_ERROR_NOT_FOUND, "there is no mark with the id %s",
                          mark->hex);
  return csm_case_sign_edit (self, "mark.remove", "mark", mark, &before, body, error);
}

gboolean
csm_case_commit_frames (CsmCase *self,
                        const CsmId *mark,
                        const CsmFrameCommit *commits,
                        int n_commits,
                        GError **error)
{
  g_autoptr (json_t) body = json_object ();
  g_autoptr (CsmMark) there = NULL;
  char hex[CSM_DIGEST_HEX_SIZE];

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (mark != NULL && commits != NULL && n_commits > 0, FALSE);
  g_return_val_if_fail (n_commits <= CSM_MAX_FRAME_COMMITS, FALSE);
  there = csm_case_get_mark (self, mark, error);
  if (there == NULL)
    return FALSE;
  csm_digest_to_hex (&there->entry, hex);
  json_object_set_new (body, "mark_entry", json_string (hex));
  json_object_set_new (body, "frames", csm_frames_build (commits, n_commits));
  return csm_case_sign (self, "mark.frames", mark, NULL, body, error);
}
