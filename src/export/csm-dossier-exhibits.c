/* csm-dossier-exhibits.c: which exhibits and marks a selection comes to
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case-export.h"
#include "export/csm-dossier-private.h"

#include "casefile/csm-case-tracks.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

static void
mark_free (CsmDossierMark *self)
{
  csm_mark_free (self->mark);
  g_free (self->frames);
  g_free (self->still);
  g_free (self->captioned);
  g_free (self->clip);
  g_free (self);
}

static void
exhibit_free (CsmDossierExhibit *self)
{
  csm_exhibit_free (self->exhibit);
  g_free (self->label);
  g_free (self->file);
  g_clear_pointer (&self->info, csm_media_info_unref);
  g_clear_pointer (&self->index, csm_frame_index_unref);
  g_clear_pointer (&self->others, g_ptr_array_unref);
  g_free (self->contact_sheet);
  g_clear_pointer (&self->marks, g_ptr_array_unref);
  g_clear_pointer (&self->displayed, g_ptr_array_unref);
  g_free (self);
}

/* ---- What was chosen ---- */

static bool
holds_id (const GPtrArray *ids, const CsmId *id)
{
  for (guint i = 0; i < ids->len; i++)
    if (strcmp (((const CsmId *) ids->pdata[i])->hex, id->hex) == 0)
      return true;
  return ids->len == 0;
}

static bool
holds_text (const GPtrArray *texts, const char *text)
{
  for (guint i = 0; i < texts->len; i++)
    if (g_strcmp0 (texts->pdata[i], text) == 0)
      return true;
  return texts->len == 0;
}

/* An exhibit goes for its marks alone. */
static bool
goes_by_marks (const CsmSelection *selection)
{
  return selection->marks->len > 0 || selection->codes->len > 0 || selection->authors->len > 0;
}

static bool
chooses_mark (const CsmSelection *selection, const CsmMark *mark)
{
  return holds_id (selection->marks, &mark->id) && holds_text (selection->codes, mark->code) &&
         holds_text (selection->authors, mark->author_key);
}

static gboolean
check_codes (CsmCase *acase, const CsmSelection *selection, GError **error)
{
  g_autoptr (GPtrArray) codes = csm_case_list_codes (acase, error);

  if (codes == NULL)
    return FALSE;
  for (guint i = 0; i < selection->codes->len; i++)
    {
      bool found = false;

      for (guint k = 0; k < codes->len && !found; k++)
        found = strcmp (((CsmCode *) codes->pdata[k])->id, selection->codes->pdata[i]) == 0;
      if (!found)
        {
          g_set_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_NOT_FOUND,
                       "there is no code '%s' in the codebook",
                       (const char *) selection->codes->pdata[i]);
          return FALSE;
        }
    }
  return TRUE;
}

/* What was named is there; removed things count as not. */
static gboolean
check_chosen (const CsmDossier *self,
              CsmCase *acase,
              const CsmSelection *selection,
              GError **error)
{
  for (guint i = 0; i < selection->exhibits->len; i++)
    {
      g_autoptr (CsmExhibit) exhibit =
          csm_case_get_exhibit (acase, selection->exhibits->pdata[i], error);

      if (exhibit == NULL)
        return FALSE;
    }
  for (guint i = 0; i < selection->marks->len; i++)
    {
      g_autoptr (CsmMark) mark = csm_case_get_mark (acase, selection->marks->pdata[i], error);

      if (mark == NULL)
        return FALSE;
    }
  for (guint i = 0; i < selection->authors->len; i++)
    if (csm_dossier_find_reviewer (self, selection->authors->pdata[i]) == NULL)
      {
        g_set_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_NOT_FOUND,
                     "nobody has signed an entry with the key %s",
                     (const char *) selection->authors->pdata[i]);
        return FALSE;
      }
  return selection->codes->len == 0 || check_codes (acase, selection, error);
}

/* ---- Exhibits ---- */

/* What a person said of it stays home unless asked for; how sound and picture go together is no
 * more than a setting. */
static void
limit_acquisition (CsmAcquisition *said, const CsmSelection *selection)
{
  char **const about_source[] = { &said->title, &said->source, &said->obtained_from,
                                  &said->obtained_when, &said->obtained_how };

  for (size_t i = 0; !selection->acquisition && i < G_N_ELEMENTS (about_source); i++)
    {
      g_free (*about_source[i]);
      *about_source[i] = g_strdup ("");
    }
  if (!selection->notes)
    {
      g_free (said->notes);
      said->notes = g_strdup ("");
    }
}

static bool
says_anything (const CsmAcquisition *said)
{
  return said->title[0] != '\0' || said->source[0] != '\0' || said->obtained_from[0] != '\0' ||
         said->obtained_when[0] != '\0' || said->obtained_how[0] != '\0';
}

void
csm_dossier_exhibit_set_media (CsmDossierExhibit *self,
                               CsmMediaInfo *info,
                               CsmFrameIndex *index,
                               bool with_file)
{
  const CsmStreamInfo *video = NULL;
  const CsmStreamInfo *sound = NULL;
  const char *format = info != NULL ? info->format : self->exhibit->format;
  bool picture = self->exhibit->width > 0 || *format == '\0';

  if (info != NULL && self->info != info)
    {
      g_clear_pointer (&self->info, csm_media_info_unref);
      self->info = csm_media_info_ref (info);
    }
  if (index != NULL && self->index != index)
    {
      g_clear_pointer (&self->index, csm_frame_index_unref);
      self->index = csm_frame_index_ref (index);
    }
  if (info != NULL)
    {
      video = csm_media_info_get_stream (info, 'v', 0);
      sound = csm_media_info_get_stream (info, 'a', 0);
      picture = (video != NULL && !video->attached_picture) || sound == NULL;
    }
  self->mime_type = csm_dossier_find_mime_type (self->exhibit->name, format, picture);
  if (self->index != NULL)
    self->timebase = csm_frame_index_get_timebase (self->index);
  else if (video != NULL || sound != NULL)
    self->timebase = video != NULL ? video->timebase : sound->timebase;
  g_clear_pointer (&self->file, g_free);
  if (with_file)
    {
      g_autofree char *extension = csm_dossier_make_extension (self->exhibit->name, format);

      self->file = g_strdup_printf ("exhibits/%s.%s", self->label, extension);
    }
}

void
csm_dossier_exhibit_add_index (CsmDossierExhibit *self, CsmFrameIndex *index)
{
  g_return_if_fail (csm_frame_index_get_track (index) > 0);
  if (self->others == NULL)
    self->others = g_ptr_array_new_with_free_func ((GDestroyNotify) csm_frame_index_unref);
  g_ptr_array_add (self->others, index);
}

CsmFrameIndex *
csm_dossier_exhibit_get_index (const CsmDossierExhibit *self, int track)
{
  if (track == 0)
    return self->index;
  for (guint i = 0; self->others != NULL && i < self->others->len; i++)
    if (csm_frame_index_get_track (self->others->pdata[i]) == track)
      return self->others->pdata[i];
  return NULL;
}

/* NULL without error when the case holds no exact one. */
static CsmFrameIndex *
read_index (CsmCase *acase, const CsmExhibit *exhibit, int track, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (CsmFrameIndex) index = NULL;

  if (track == 0 && exhibit->index_state != CSM_INDEX_EXACT)
    return NULL;
  bytes = csm_case_get_track_index (acase, &exhibit->id, track, &local);
  index = bytes != NULL ? csm_frame_index_parse (bytes, &local) : NULL;
  if (local != NULL)
    g_propagate_prefixed_error (error, g_steal_pointer (&local), "%s: ", exhibit->number);
  return index != NULL && csm_frame_index_is_exact (index) ? g_steal_pointer (&index) : NULL;
}

/* Of the tracks after the first that marks are on. */
static gboolean
read_others (CsmDossierExhibit *self, CsmCase *acase, GError **error)
{
  for (guint i = 0; i < self->marks->len; i++)
    {
      int track = ((CsmDossierMark *) self->marks->pdata[i])->mark->track;
      g_autoptr (GError) local = NULL;
      CsmFrameIndex *index;

      if (track <= 0 || csm_dossier_exhibit_get_index (self, track) != NULL)
        continue;
      index = read_index (acase, self->exhibit, track, &local);
      if (index != NULL)
        csm_dossier_exhibit_add_index (self, index);
      if (local != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
fill_exhibit (CsmDossierExhibit *self,
              CsmCase *acase,
              const CsmSelection *selection,
              GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (CsmFrameIndex) index = read_index (acase, self->exhibit, 0, &local);

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (!read_others (self, acase, error))
    return FALSE;
  limit_acquisition (self->exhibit->acquisition, selection);
  /* What kept an exhibit from being looked at is this computer's affair, and names its files.
   */
  if (self->exhibit->index_state == CSM_INDEX_NONE)
    {
      g_free (self->exhibit->status);
      self->exhibit->status = g_strdup ("not looked at yet");
    }
  for (guint i = self->marks->len; i > 0; i--)
    {
      const CsmMark *mark = ((CsmDossierMark *) self->marks->pdata[i - 1])->mark;

      if (mark->track <= 0)
        self->timebase = mark->timebase;
    }
  csm_dossier_exhibit_set_media (self, NULL, index, selection->files);
  return TRUE;
}

/* ---- Marks ---- */

static gboolean
add_mark (CsmDossier *self,
          CsmDossierExhibit *exhibit,
          CsmCase *acase,
          CsmMark *mark,
          GError **error)
{
  CsmDossierMark *one = g_new0 (CsmDossierMark, 1);
  g_autoptr (GArray) frames = NULL;
  gsize n_frames = 0;

  one->mark = mark;
  one->clip_from = one->clip_to = -1;
  g_ptr_array_add (exhibit->marks, one);
  one->reviewer = csm_dossier_find_reviewer (self, mark->author_key);
  g_free (mark->author);
  mark->author = g_strdup (one->reviewer != NULL ? one->reviewer->label : "");
  frames = csm_case_list_frame_commits (acase, &mark->id, error);
  if (frames == NULL)
    return FALSE;
  one->frames = g_array_steal (frames, &n_frames);
  one->n_frames = (int) n_frames;
  g_hash_table_insert (self->by_mark, mark->id.hex, one);
  self->n_marks++;
  self->n_superseded += MAX (mark->revision - 1, 0);
  return TRUE;
}

static gboolean
note_removed (CsmDossier *self,
              CsmCase *acase,
              const CsmSelection *selection,
              const CsmId *exhibit,
              GError **error)
{
  g_autoptr (GPtrArray) removed = csm_case_list_removed_marks (acase, exhibit, error);

  if (removed == NULL)
    return FALSE;
  for (guint i = 0; i < removed->len; i++)
    {
      const CsmMark *mark = removed->pdata[i];

      if (!chooses_mark (selection, mark))
        continue;
      self->n_superseded++;
      if (selection->superseded)
        g_hash_table_add (self->removed, g_strdup (mark->id.hex));
    }
  return TRUE;
}

/* ---- All of it ---- */

/* What stays home, and why. */
typedef struct
{
  int64_t n_exhibits, n_marks;             /* "do not export" */
  int64_t n_other_exhibits, n_other_marks; /* not chosen */
  int64_t n_said, n_notes;
} Left;

static gboolean
read_exhibit (CsmDossier *self,
              CsmCase *acase,
              const CsmSelection *selection,
              CsmExhibit *row,
              GHashTable *taken,
              Left *left,
              GError **error)
{
  CsmDossierExhibit *exhibit = g_new0 (CsmDossierExhibit, 1);
  const CsmMarkFilter filter = { .exhibit = &row->id };
  g_autoptr (GPtrArray) marks = NULL;

  exhibit->exhibit = row;
  exhibit->marks = g_ptr_array_new_with_free_func ((GDestroyNotify) mark_free);
  exhibit->label = csm_dossier_make_label (row->number, taken);
  g_ptr_array_add (self->exhibits, exhibit);
  marks = csm_case_list_marks (acase, &filter, error);
  if (marks == NULL)
    return FALSE;
  for (guint i = 0; i < marks->len; i++)
    {
      if (!chooses_mark (selection, marks->pdata[i]))
        left->n_other_marks++;
      else if (!add_mark (self, exhibit, acase, g_steal_pointer (&marks->pdata[i]), error))
        return FALSE;
    }
  if (exhibit->marks->len == 0 && goes_by_marks (selection))
    {
      left->n_other_exhibits++;
      g_ptr_array_remove_index (self->exhibits, self->exhibits->len - 1);
      return TRUE;
    }
  left->n_said += !selection->acquisition && says_anything (row->acquisition);
  left->n_notes += !selection->notes && row->acquisition->notes[0] != '\0';
  row->n_marks = exhibit->marks->len;
  g_hash_table_insert (self->by_exhibit, row->id.hex, exhibit);
  return fill_exhibit (exhibit, acase, selection, error) &&
         note_removed (self, acase, selection, &row->id, error);
}

static char *
count (const char *one, const char *many, int64_t n)
{
  g_auto (GStrv) parts =
      g_strsplit (g_dngettext (GETTEXT_PACKAGE, one, many, (unsigned long) n), "%d", 2);
  g_autofree char *number = g_strdup_printf ("%" PRId64, n);

  return g_strjoinv (number, parts);
}

static void
say_what_is_left (CsmDossier *self, const CsmSelection *selection, const Left *left)
{
  const char *do_not = _ ("marked 'do not export'");
  const char *not_chosen = _ ("not chosen");
  const char *not_asked = _ ("not asked for");

  csm_dossier_withhold (self, count ("%d exhibit", "%d exhibits", left->n_exhibits), do_not,
                        left->n_exhibits);
  csm_dossier_withhold (self, count ("%d mark", "%d marks", left->n_marks), do_not,
                        left->n_marks);
  csm_dossier_withhold (self, count ("%d exhibit", "%d exhibits", left->n_other_exhibits),
                        not_chosen, left->n_other_exhibits);
  csm_dossier_withhold (self, count ("%d mark", "%d marks", left->n_other_marks), not_chosen,
                        left->n_other_marks);
  csm_dossier_withhold (
      self,
      count ("how %d exhibit was obtained", "how %d exhibits were obtained", left->n_said),
      not_asked, left->n_said);
  csm_dossier_withhold (
      self, count ("the notes on %d exhibit", "the notes on %d exhibits", left->n_notes),
      not_asked, left->n_notes);
  if (!selection->superseded)
    csm_dossier_withhold (self,
                          count ("%d earlier revision or removed mark",
                                 "%d earlier revisions and removed marks", self->n_superseded),
                          not_asked, self->n_superseded);
}

static gboolean
choose (CsmDossier *self,
        CsmCase *acase,
        const CsmSelection *selection,
        GPtrArray *rows,
        Left *left,
        GError **error)
{
  g_autoptr (GHashTable) taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < rows->len; i++)
    {
      CsmExhibit *row = rows->pdata[i];

      if (row->acquisition->do_not_export)
        {
          left->n_exhibits++;
          left->n_marks += row->n_marks;
        }
      else if (!holds_id (selection->exhibits, &row->id))
        {
          left->n_other_exhibits++;
          left->n_other_marks += row->n_marks;
        }
      else if (!read_exhibit (self, acase, selection, g_steal_pointer (&rows->pdata[i]), taken,
                              left, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
csm_dossier_read_exhibits (CsmDossier *self,
                           CsmCase *acase,
                           const CsmSelection *selection,
                           GError **error)
{
  g_autoptr (GPtrArray) rows = NULL;
  Left left = { 0 };

  self->exhibits = g_ptr_array_new_with_free_func ((GDestroyNotify) exhibit_free);
  if (!check_chosen (self, acase, selection, error))
    return FALSE;
  rows = csm_case_list_exhibits (acase, error);
  if (rows == NULL || !choose (self, acase, selection, rows, &left, error))
    return FALSE;
  if (self->exhibits->len == 0)
    {
      g_set_error_literal (error, CSM_CASE_ERROR, CSM_CASE_ERROR_INVALID,
                           left.n_exhibits > 0
                               ? "nothing is left to leave the case: what was chosen is marked "
                                 "'do not export'"
                               : "nothing is left to leave the case: no exhibit fits what was "
                                 "chosen");
      return FALSE;
    }
  say_what_is_left (self, selection, &left);
  return TRUE;
}
