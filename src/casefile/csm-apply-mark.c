/* csm-apply-mark.c: what an entry does to marks, their rectangles and their frames
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-apply-private.h"

#include "casefile/csm-body.h"

#include <string.h>

/* What a mark was before this entry; all zero when it is new. */
typedef struct
{
  CsmId exhibit;
  CsmDigest entry;
  int64_t revision;
  bool removed;
} MarkBefore;

/* 1, 0 when there is none, -1 */
static int
read_before (CsmDb *db, const CsmId *mark, MarkBefore *ret_before, GError **error)
{
  g_autoptr (CsmQuery) query = csm_query_new (
      db, "read the mark", "SELECT exhibit, entry, revision, removed FROM mark WHERE id = ?");
  int step;

  csm_query_id (query, mark);
  step = csm_query_step (query, error);
  if (step <= 0)
    return step;
  csm_query_get_id (query, 0, &ret_before->exhibit);
  csm_query_get_digest (query, 1, &ret_before->entry);
  ret_before->revision = csm_query_get_int (query, 2);
  ret_before->removed = csm_query_get_int (query, 3) != 0;
  return 1;
}

static gboolean
remove_parts (CsmDb *db, const CsmId *mark, GError **error)
{
  g_autoptr (CsmQuery) regions =
      csm_query_new (db, "note the mark", "DELETE FROM mark_region WHERE mark = ?");
  g_autoptr (CsmQuery) frames =
      csm_query_new (db, "note the mark", "DELETE FROM mark_frame WHERE mark = ?");

  csm_query_id (regions, mark);
  csm_query_id (frames, mark);
  return csm_query_run (regions, error) && csm_query_run (frames, error);
}

static gboolean
insert_regions (CsmDb *db,
                const CsmId *mark,
                const CsmRegion *regions,
                int n_regions,
                GError **error)
{
  for (int i = 0; i < n_regions; i++)
    {
      g_autoptr (CsmQuery) query =
          csm_query_new (db, "note the rectangle",
                         "INSERT INTO mark_region (mark, n, frame, x, y, width, height)"
                         " VALUES (?, ?, ?, ?, ?, ?, ?)");

      csm_query_id (query, mark);
      csm_query_int (query, i);
      csm_query_int (query, regions[i].frame);
      csm_query_int (query, regions[i].rect.x);
      csm_query_int (query, regions[i].rect.y);
      csm_query_int (query, regions[i].rect.width);
      csm_query_int (query, regions[i].rect.height);
      if (!csm_query_run (query, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
insert_frames (CsmDb *db,
               const CsmEntry *entry,
               const CsmId *mark,
               const CsmFrameCommit *frames,
               int n_frames,
               GError **error)
{
  for (int i = 0; i < n_frames; i++)
    {
      g_autoptr (CsmQuery) query =
          csm_query_new (db, "note the frame",
                         "INSERT OR REPLACE INTO mark_frame (mark, ordinal, pts, sha256,"
                         " pixel_format, width, height, library, entry)"
                         " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");

      csm_query_id (query, mark);
      csm_query_int (query, frames[i].ordinal);
      csm_query_pts (query, frames[i].pts);
      csm_query_digest (query, &frames[i].sha256);
      csm_query_text (query, frames[i].pixel_format);
      csm_query_int (query, frames[i].width);
      csm_query_int (query, frames[i].height);
      csm_query_text (query, frames[i].library);
      csm_query_digest (query, csm_entry_get_id (entry));
      if (!csm_query_run (query, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
update_committed (CsmDb *db, const CsmId *mark, GError **error)
{
  g_autoptr (CsmQuery) query =
      csm_query_new (db, "note the mark",
                     "UPDATE mark SET committed ="
                     " EXISTS (SELECT 1 FROM mark_frame"
                     "         WHERE mark = mark.id AND ordinal = mark.first)"
                     " AND EXISTS (SELECT 1 FROM mark_frame"
                     "             WHERE mark = mark.id AND ordinal = mark.last)"
                     " WHERE id = ?");

  csm_query_id (query, mark);
  return csm_query_run (query, error);
}

static bool
has_frame (const CsmMarkBody *body, int64_t ordinal)
{
  for (int i = 0; i < body->n_frames; i++)
    if (body->frames[i].ordinal == ordinal)
      return true;
  return false;
}

static gboolean
upsert_mark (CsmDb *db,
             const CsmEntry *entry,
             const CsmMarkBody *body,
             int64_t revision,
             GError **error)
{
  const CsmMark *mark = body->mark;
  g_autoptr (CsmQuery) query =
      csm_query_new (db, "note the mark",
                     "INSERT INTO mark (id, exhibit, track, first, last, first_pts,"
                     " last_pts, timebase_num, timebase_den, code, text, author, time,"
                     " revision, entry, committed, removed)"
                     " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14,"
                     " ?15, ?16, 0)"
                     " ON CONFLICT (id) DO UPDATE SET track = ?3, first = ?4, last = ?5,"
                     " first_pts = ?6, last_pts = ?7, timebase_num = ?8, timebase_den = ?9,"
                     " code = ?10, text = ?11, author = ?12, time = ?13, revision = ?14,"
                     " entry = ?15, committed = ?16, removed = 0");

  csm_query_id (query, &mark->id);
  csm_query_id (query, &mark->exhibit);
  csm_query_int (query, mark->track);
  csm_query_int (query, mark->from);
  csm_query_int (query, mark->to);
  csm_query_pts (query, mark->from_pts);
  csm_query_pts (query, mark->to_pts);
  csm_query_int (query, mark->timebase.num);
  csm_query_int (query, mark->timebase.den);
  csm_query_text (query, mark->code);
  csm_query_text (query, mark->text);
  csm_query_blob (query, csm_entry_get_author (entry), CSM_PUBLIC_KEY_SIZE);
  csm_query_int (query, csm_entry_get_time (entry));
  csm_query_int (query, revision);
  csm_query_digest (query, csm_entry_get_id (entry));
  csm_query_int (query, has_frame (body, mark->from) && has_frame (body, mark->to));
  return csm_query_run (query, error);
}

/* The body's exhibit_sha256 is what a receiver of the bundle finds the file by. */
static gboolean
check_exhibit (CsmDb *db, const CsmId *exhibit, const CsmDigest *sha256, GError **error)
{
  g_autoptr (CsmQuery) query = csm_query_new (
      db, "read the exhibit", "SELECT 1 FROM exhibit WHERE id = ? AND sha256 = ?");
  int step;

  csm_query_id (query, exhibit);
  csm_query_digest (query, sha256);
  step = csm_query_step (query, error);
  if (step == 0)
    return csm_apply_fail (error, "the mark is on an exhibit that is not there");
  return step > 0;
}

static gboolean
check_code (CsmDb *db, const char *code, GError **error)
{
  g_autoptr (CsmQuery) query =
      csm_query_new (db, "read the codebook", "SELECT 1 FROM code WHERE id = ?");
  int step;

  if (code == NULL)
    return TRUE;
  csm_query_text (query, code);
  step = csm_query_step (query, error);
  if (step == 0)
    return csm_apply_fail (error, "the mark has an unknown code '%s'", code);
  return step > 0;
}

static gboolean
note_mark (CsmDb *db,
           const uint8_t subject[CSM_ID_SIZE],
           const CsmEntry *entry,
           const CsmDigest *before,
           GError **error)
{
  const CsmFacet facet = { "mark", subject, CSM_ID_SIZE };

  return csm_facet_apply (db, &facet, entry, before, error);
}

gboolean
csm_apply_mark_set (CsmDb *db, const CsmEntry *entry, const json_t *body, GError **error)
{
  g_autoptr (CsmMarkBody) parsed = csm_mark_body_parse (entry, body, error);
  MarkBefore before = { 0 };
  CsmMark *mark;
  int there;
  uint8_t subject[CSM_ID_SIZE];

  if (parsed == NULL)
    return FALSE;
  mark = parsed->mark;
  if (!check_exhibit (db, &mark->exhibit, &parsed->exhibit_sha256, error) ||
      !check_code (db, mark->code, error))
    return FALSE;
  there = read_before (db, &mark->id, &before, error);
  if (there < 0)
    return FALSE;
  if (there > 0 && strcmp (before.exhibit.hex, mark->exhibit.hex) != 0)
    return csm_apply_fail (error, "the mark moves to another exhibit");

  if (!csm_hex_decode (mark->id.hex, subject, sizeof subject))
    return csm_apply_fail (error, "the entry's subject is no id");
  return note_mark (db, subject, entry, there > 0 ? &before.entry : NULL, error) &&
         (there == 0 || remove_parts (db, &mark->id, error)) &&
         upsert_mark (db, entry, parsed, before.revision + 1, error) &&
         insert_regions (db, &mark->id, mark->regions, mark->n_regions, error) &&
         insert_frames (db, entry, &mark->id, parsed->frames, parsed->n_frames, error) &&
         csm_document_set (db, CSM_DOCUMENT_MARK, subject, sizeof subject, "", mark->text,
                           error);
}

gboolean
csm_apply_mark_remove (CsmDb *db, const CsmEntry *entry, const json_t *body, GError **error)
{
  const CsmId *id = csm_entry_get_subject (entry);
  MarkBefore before = { 0 };
  uint8_t subject[CSM_ID_SIZE];
  int there;
  g_autoptr (CsmQuery) query =
      csm_query_new (db, "note the mark",
                     "UPDATE mark SET removed = 1, entry = ?, revision = revision + 1"
                     " WHERE id = ?");

  if (id == NULL || !csm_hex_decode (id->hex, subject, sizeof subject))
    return csm_apply_fail (error, "the entry has no subject");
  there = read_before (db, id, &before, error);
  if (there < 0)
    return FALSE;
  if (there == 0)
    return csm_apply_fail (error, "a mark is removed that is not there");
  csm_query_digest (query, csm_entry_get_id (entry));
  csm_query_id (query, id);
  return note_mark (db, subject, entry, &before.entry, error) && csm_query_run (query, error) &&
         csm_document_remove (db, CSM_DOCUMENT_MARK, subject, sizeof subject, error);
}

gboolean
csm_apply_mark_frames (CsmDb *db, const CsmEntry *entry, const json_t *body, GError **error)
{
  const CsmId *id = csm_entry_get_subject (entry);
  MarkBefore before = { 0 };
  CsmDigest mark_entry;
  g_autofree CsmFrameCommit *frames = NULL;
  int n_frames = 0;
  int there;

  if (id == NULL)
    return csm_apply_fail (error, "the entry has no subject");
  if (!csm_body_digest (body, "mark_entry", &mark_entry, error) ||
      !csm_frames_parse (json_object_get (body, "frames"), &frames, &n_frames, error))
    return FALSE;
  there = read_before (db, id, &before, error);
  if (there == 0)
    return csm_apply_fail (error, "frames of a mark that is not there");
  if (there < 0)
    return FALSE;
  /* The mark went on: these frames are those of an earlier revision. */
  if (before.removed || !csm_digest_equal (&mark_entry, &before.entry))
    return TRUE;
  return insert_frames (db, entry, id, frames, n_frames, error) &&
         update_committed (db, id, error);
}
