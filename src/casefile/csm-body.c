/* csm-body.c: bodies of entries, written and read
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-body.h"

#include "casefile/csm-apply-private.h"

#include <string.h>

static void
set_pts (json_t *object, const char *key, int64_t pts)
{
  json_object_set_new (object, key, pts == CSM_NO_PTS ? json_null () : csm_json_decimal (pts));
}

static void
set_digest (json_t *object, const char *key, const CsmDigest *digest)
{
  char hex[CSM_DIGEST_HEX_SIZE];

  csm_digest_to_hex (digest, hex);
  json_object_set_new (object, key, json_string (hex));
}

json_t *
csm_frames_build (const CsmFrameCommit *frames, int n_frames)
{
  json_t *array = json_array ();

  for (int i = 0; i < n_frames; i++)
    {
      json_t *frame = json_object ();

      json_object_set_new (frame, "ordinal", json_integer (frames[i].ordinal));
      set_pts (frame, "pts", frames[i].pts);
      set_digest (frame, "sha256", &frames[i].sha256);
      json_object_set_new (frame, "pixel_format", json_string (frames[i].pixel_format));
      json_object_set_new (frame, "width", json_integer (frames[i].width));
      json_object_set_new (frame, "height", json_integer (frames[i].height));
      json_object_set_new (frame, "library", json_string (frames[i].library));
      json_array_append_new (array, frame);
    }
  return array;
}

static json_t *
build_regions (const CsmRegion *regions, int n_regions)
{
  json_t *array = json_array ();

  for (int i = 0; i < n_regions; i++)
    {
      json_t *region = json_object ();

      json_object_set_new (region, "shape", json_string ("rect"));
      json_object_set_new (region, "frame", json_integer (regions[i].frame));
      json_object_set_new (region, "x", csm_json_decimal (regions[i].rect.x));
      json_object_set_new (region, "y", csm_json_decimal (regions[i].rect.y));
      json_object_set_new (region, "width", csm_json_decimal (regions[i].rect.width));
      json_object_set_new (region, "height", csm_json_decimal (regions[i].rect.height));
      json_array_append_new (array, region);
    }
  return array;
}

json_t *
csm_mark_list_regions (const CsmMark *mark)
{
  json_t *array = json_array ();

  for (int i = 0; i < mark->n_regions; i++)
    {
      const CsmRegion *region = &mark->regions[i];

      json_array_append_new (array,
                             json_pack ("{s:s, s:I, s:i, s:i, s:i, s:i}", "shape", "rect",
                                        "frame", (json_int_t) region->frame, "x",
                                        region->rect.x, "y", region->rect.y, "width",
                                        region->rect.width, "height", region->rect.height));
    }
  return array;
}

json_t *
csm_mark_body_build (const CsmMark *mark,
                     const CsmDigest *exhibit_sha256,
                     const CsmFrameCommit *frames,
                     int n_frames)
{
  json_t *body = json_object ();
  json_t *timebase = json_array ();
  char track[16];

  csm_track_format (mark->track, track);
  json_array_append_new (timebase, json_integer (mark->timebase.num));
  json_array_append_new (timebase, json_integer (mark->timebase.den));
  json_object_set_new (body, "exhibit", json_string (mark->exhibit.hex));
  set_digest (body, "exhibit_sha256", exhibit_sha256);
  json_object_set_new (body, "track", json_string (track));
  json_object_set_new (body, "from", json_integer (mark->from));
  json_object_set_new (body, "to", json_integer (mark->to));
  set_pts (body, "from_pts", mark->from_pts);
  set_pts (body, "to_pts", mark->to_pts);
  json_object_set_new (body, "timebase", timebase);
  json_object_set_new (body, "code", csm_json_nullable (mark->code));
  json_object_set_new (body, "text", json_string (mark->text != NULL ? mark->text : ""));
  json_object_set_new (body, "regions", build_regions (mark->regions, mark->n_regions));
  json_object_set_new (body, "frames",
                       n_frames > 0 ? csm_frames_build (frames, n_frames) : json_null ());
  return body;
}

static json_t *
text_or_empty (const char *text)
{
  return json_string (text != NULL ? text : "");
}

void
csm_acquisition_build (json_t *body, const CsmAcquisition *acquisition)
{
  json_object_set_new (body, "title", text_or_empty (acquisition->title));
  json_object_set_new (body, "source", text_or_empty (acquisition->source));
  json_object_set_new (body, "obtained_from", text_or_empty (acquisition->obtained_from));
  json_object_set_new (body, "obtained_when", text_or_empty (acquisition->obtained_when));
  json_object_set_new (body, "obtained_how", text_or_empty (acquisition->obtained_how));
  json_object_set_new (body, "notes", text_or_empty (acquisition->notes));
  json_object_set_new (body, "do_not_export", json_boolean (acquisition->do_not_export));
  if (acquisition->sound_offset_ms != 0)
    json_object_set_new (body, "sound_offset_ms", json_integer (acquisition->sound_offset_ms));
}

static gboolean
copy_text (const json_t *object, const char *key, char *ret, size_t size, GError **error)
{
  const char *text;

  if (!csm_body_text (object, key, &text, error))
    return FALSE;
  if (strlen (text) >= size)
    return csm_apply_fail (error, "the body's '%s' is too long", key);
  g_strlcpy (ret, text, size);
  return TRUE;
}

static gboolean
parse_frame (const json_t *object, CsmFrameCommit *ret, GError **error)
{
  int64_t width, height;

  if (!csm_body_int (object, "ordinal", 0, INT64_MAX, &ret->ordinal, error) ||
      !csm_body_pts (object, "pts", &ret->pts, error) ||
      !csm_body_digest (object, "sha256", &ret->sha256, error) ||
      !copy_text (object, "pixel_format", ret->pixel_format, sizeof ret->pixel_format, error) ||
      !csm_body_int (object, "width", 1, G_MAXINT, &width, error) ||
      !csm_body_int (object, "height", 1, G_MAXINT, &height, error) ||
      !copy_text (object, "library", ret->library, sizeof ret->library, error))
    return FALSE;
  ret->width = (int) width;
  ret->height = (int) height;
  return TRUE;
}

gboolean
csm_frames_parse (const json_t *array,
                  CsmFrameCommit **ret_frames,
                  int *ret_n_frames,
                  GError **error)
{
  const size_t n = json_array_size (array);
  g_autofree CsmFrameCommit *frames = NULL;

  if (!json_is_array (array) || n > CSM_MAX_FRAME_COMMITS)
    return csm_apply_fail (error, "the body's 'frames' is no list, or too long");
  frames = g_new0 (CsmFrameCommit, MAX (n, 1));
  for (size_t i = 0; i < n; i++)
    if (!parse_frame (json_array_get (array, i), &frames[i], error))
      return FALSE;
  *ret_frames = g_steal_pointer (&frames);
  *ret_n_frames = (int) n;
  return TRUE;
}

static gboolean
parse_pixels (const json_t *object, const char *key, int min, int *ret_value, GError **error)
{
  int64_t value;

  if (!csm_json_get_decimal (object, key, &value) || value < min || value > G_MAXINT)
    return csm_apply_fail (error, "a rectangle's '%s' is no number, or out of range", key);
  *ret_value = (int) value;
  return TRUE;
}

static gboolean
parse_region (const json_t *object, CsmRegion *ret, GError **error)
{
  const char *shape;

  if (!csm_body_text (object, "shape", &shape, error))
    return FALSE;
  if (strcmp (shape, "rect") != 0)
    {
      g_set_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_NEWER,
                   "a region has a shape that this version does not know: update Casement");
      return FALSE;
    }
  return csm_body_int (object, "frame", 0, INT64_MAX, &ret->frame, error) &&
         parse_pixels (object, "x", 0, &ret->rect.x, error) &&
         parse_pixels (object, "y", 0, &ret->rect.y, error) &&
         parse_pixels (object, "width", 1, &ret->rect.width, error) &&
         parse_pixels (object, "height", 1, &ret->rect.height, error);
}

static gboolean
parse_regions (const json_t *array, CsmMark *mark, GError **error)
{
  const size_t n = json_array_size (array);

  if (!json_is_array (array) || n > CSM_MAX_REGIONS)
    return csm_apply_fail (error, "the body's 'regions' is no list, or too long");
  mark->regions = g_new0 (CsmRegion, MAX (n, 1));
  mark->n_regions = (int) n;
  for (size_t i = 0; i < n; i++)
    if (!parse_region (json_array_get (array, i), &mark->regions[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
parse_timebase (const json_t *array, CsmTimebase *ret, GError **error)
{
  const json_int_t num = json_integer_value (json_array_get (array, 0));
  const json_int_t den = json_integer_value (json_array_get (array, 1));

  if (json_array_size (array) != 2 || num < 1 || num > INT32_MAX || den < 1 || den > INT32_MAX)
    return csm_apply_fail (error, "the body's 'timebase' is no fraction");
  ret->num = (int32_t) num;
  ret->den = (int32_t) den;
  return TRUE;
}

static gboolean
parse_track (const json_t *body, int *ret_track, GError **error)
{
  const char *track;

  if (!csm_body_text (body, "track", &track, error))
    return FALSE;
  if (!csm_track_parse (track, ret_track))
    return csm_apply_fail (error, "the body's 'track' is no video or sound track");
  return TRUE;
}

static gboolean
parse_mark (const json_t *body, CsmMarkBody *self, GError **error)
{
  CsmMark *mark = self->mark;
  const char *code, *text;
  const json_t *frames = json_object_get (body, "frames");

  if (!csm_body_id (body, "exhibit", &mark->exhibit, error) ||
      !csm_body_digest (body, "exhibit_sha256", &self->exhibit_sha256, error) ||
      !parse_track (body, &mark->track, error) ||
      !csm_body_int (body, "from", 0, INT64_MAX, &mark->from, error) ||
      !csm_body_int (body, "to", mark->from, INT64_MAX, &mark->to, error) ||
      !csm_body_pts (body, "from_pts", &mark->from_pts, error) ||
      !csm_body_pts (body, "to_pts", &mark->to_pts, error) ||
      !parse_timebase (json_object_get (body, "timebase"), &mark->timebase, error) ||
      !csm_body_text_or_null (body, "code", &code, error) ||
      !csm_body_text (body, "text", &text, error) ||
      !parse_regions (json_object_get (body, "regions"), mark, error))
    return FALSE;
  mark->code = g_strdup (code);
  mark->text = g_strdup (text);
  return json_is_null (frames) ||
         csm_frames_parse (frames, &self->frames, &self->n_frames, error);
}

CsmMarkBody *
csm_mark_body_parse (const CsmEntry *entry, const json_t *body, GError **error)
{
  g_autoptr (CsmMarkBody) self = g_new0 (CsmMarkBody, 1);
  const CsmId *subject = csm_entry_get_subject (entry);
  g_autofree char *author = csm_hex_encode (csm_entry_get_author (entry), CSM_PUBLIC_KEY_SIZE);

  self->mark = g_new0 (CsmMark, 1);
  if (subject == NULL)
    {
      csm_apply_fail (error, "the entry has no subject");
      return NULL;
    }
  self->mark->id = *subject;
  self->mark->time = csm_entry_get_time (entry);
  self->mark->entry = *csm_entry_get_id (entry);
  g_strlcpy (self->mark->author_key, author, sizeof self->mark->author_key);
  if (!parse_mark (body, self, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
csm_mark_body_free (CsmMarkBody *self)
{
  if (self == NULL)
    return;

  csm_mark_free (self->mark);
  g_free (self->frames);
  g_free (self);
}

static bool
is_code_id (const char *id)
{
  const size_t size = id != NULL ? strlen (id) : 0;

  return size >= 1 && size <= 64 &&
         strspn (id, "abcdefghijklmnopqrstuvwxyz0123456789-") == size;
}

gboolean
csm_code_check (const CsmCode *code, GError **error)
{
  if (!is_code_id (code->id))
    return csm_case_fail (error, CSM_CASE_ERROR_INVALID,
                          "a code's id is 1 to 64 lower-case letters, digits and '-'");
  if (code->label == NULL || *code->label == '\0')
    return csm_case_fail (error, CSM_CASE_ERROR_INVALID, "a code needs a label");
  return csm_case_check_text (code->label, "the label", error) &&
         csm_case_check_text (code->definition, "the definition", error) &&
         csm_case_check_text (code->source, "the source", error) &&
         csm_case_check_text (code->parent, "the parent", error);
}
