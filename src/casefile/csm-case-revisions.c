/* csm-case-revisions.c: what a mark was before, from the ledger itself
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case-private.h"

#include <string.h>

/* What the rows around a revision say: author's name, exhibit's number. */
static gboolean
name_revision (CsmCase *self, CsmMark *mark, GError **error)
{
  g_autoptr (CsmQuery) query =
      csm_query_new (self->db, "read the mark",
                     "SELECT (SELECT number FROM exhibit WHERE id = ?),"
                     " (SELECT name FROM reviewer WHERE key = ?)");
  CsmDigest author = { 0 };

  (void) csm_digest_from_hex (mark->author_key, &author); /* we wrote it from a digest */
  csm_query_id (query, &mark->exhibit);
  csm_query_digest (query, &author);
  if (csm_query_step (query, error) <= 0)
    return FALSE;
  mark->exhibit_number = g_strdup (csm_query_get_text (query, 0));
  mark->author = g_strdup (csm_query_get_text (query, 1));
  return TRUE;
}

/* A removal: where the mark was, with n_regions -1. */
static CsmMark *
make_removal (const CsmEntry *entry, const CsmMark *last)
{
  CsmMark *mark = csm_mark_copy (last);
  g_autofree char *author = csm_hex_encode (csm_entry_get_author (entry), CSM_PUBLIC_KEY_SIZE);

  g_clear_pointer (&mark->regions, g_free);
  g_clear_pointer (&mark->author, g_free);
  g_clear_pointer (&mark->exhibit_number, g_free);
  mark->n_regions = -1;
  mark->committed = false;
  mark->entry = *csm_entry_get_id (entry);
  mark->time = csm_entry_get_time (entry);
  g_strlcpy (mark->author_key, author, sizeof mark->author_key);
  return mark;
}

static bool
has_frame (const CsmFrameCommit *frames, int n_frames, int64_t ordinal)
{
  for (int i = 0; i < n_frames; i++)
    if (frames[i].ordinal == ordinal)
      return true;
  return false;
}

/* The revision that a mark.frames speaks of, as far as it commits to both ends. */
static gboolean
note_frames (GPtrArray *list, const CsmEntry *entry, GError **error)
{
  const json_t *body = csm_entry_get_content (entry);
  const char *hex = csm_json_get_string (body, "mark_entry");
  g_autofree CsmFrameCommit *frames = NULL;
  CsmDigest of;
  int n_frames;

  if (hex == NULL || !csm_digest_from_hex (hex, &of) ||
      !csm_frames_parse (json_object_get (body, "frames"), &frames, &n_frames, error))
    return FALSE;
  for (guint i = 0; i < list->len; i++)
    {
      CsmMark *mark = list->pdata[i];

      if (csm_digest_equal (&mark->entry, &of) && has_frame (frames, n_frames, mark->from) &&
          has_frame (frames, n_frames, mark->to))
        mark->committed = true;
    }
  return TRUE;
}

static gboolean
add_revision (CsmCase *self, GPtrArray *list, const CsmEntry *entry, GError **error)
{
  const char *kind = csm_entry_get_kind (entry);
  CsmMark *mark;

  /* Withheld parts have nothing to show; an erased revision is a removal. */
  if (csm_entry_get_content (entry) == NULL &&
      (strcmp (kind, "mark.set") != 0 || list->len == 0))
    return TRUE;
  if (strcmp (kind, "mark.frames") == 0)
    return note_frames (list, entry, error);
  if (strcmp (kind, "mark.set") == 0 && csm_entry_get_content (entry) != NULL)
    {
      g_autoptr (CsmMarkBody) body =
          csm_mark_body_parse (entry, csm_entry_get_content (entry), error);

      if (body == NULL)
        return FALSE;
      body->mark->committed = has_frame (body->frames, body->n_frames, body->mark->from) &&
                              has_frame (body->frames, body->n_frames, body->mark->to);
      mark = g_steal_pointer (&body->mark);
    }
  else if (strcmp (kind, "mark.frames") != 0 && list->len > 0)
    mark = make_removal (entry, list->pdata[list->len - 1]);
  else
    return TRUE;
  mark->revision = (int) list->len + 1;
  g_ptr_array_add (list, mark);
  return name_revision (self, mark, error);
}

GPtrArray *
csm_case_list_revisions (CsmCase *self, const CsmId *mark, GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) csm_mark_free);
  g_autoptr (CsmQuery) query = NULL;
  int step;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (mark != NULL, NULL);
  query = csm_query_new (self->db, "read the mark's history",
                         "SELECT n.header, n.meta, n.body, n.signature FROM event AS v"
                         " JOIN entry AS n ON n.id = v.id WHERE v.subject = ?"
                         " ORDER BY v.lamport, v.id");
  csm_query_id (query, mark);
  while ((step = csm_query_step (query, error)) > 0)
    {
      g_autoptr (CsmEntry) entry = csm_entry_from_row (query, 0, error);

      if (entry == NULL || !add_revision (self, list, entry, error))
        return NULL;
    }
  if (step == 0 && list->len == 0)
    csm_case_fail (error, CSM_CASE_ERROR_NOT_FOUND, "there is no mark with the id %s",
                   mark->hex);
  return step == 0 && list->len > 0 ? g_steal_pointer (&list) : NULL;
}
