/* csm-annotations-web.c: marks as linked data (W3C Web Annotation Data Model, 2017-02-23)
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-annotations.h"
#include "export/csm-media-clock.h"

#include <jansson.h>

#define NAMESPACE "https://casement.example/ns/1#"

static void
set_text (json_t *object, const char *key, const char *text)
{
  json_object_set_new (object, key, json_string (text));
}

static void
set_int (json_t *object, const char *key, int64_t value)
{
  json_object_set_new (object, key, json_integer (value));
}

/* Ticks are decimal strings, since readers of JSON may round large numbers. */
static void
set_ticks (json_t *object, const char *key, int64_t ticks)
{
  g_autofree char *text = NULL;

  if (ticks == CSM_NO_PTS)
    return;
  text = g_strdup_printf ("%" G_GINT64_FORMAT, ticks);
  set_text (object, key, text);
}

static void
set_digest (json_t *object, const char *key, const CsmDigest *digest)
{
  char hex[CSM_DIGEST_HEX_SIZE];

  csm_digest_to_hex (digest, hex);
  set_text (object, key, hex);
}

/* A file of the bundle. */
static void
set_file (json_t *object, const char *key, const char *path)
{
  if (path != NULL)
    json_object_set_new (object, key, json_pack ("{s:s}", "id", path));
}

/* (transfer full): the 16 bytes in the form of RFC 4122, whatever version they seem to be. */
static char *
dup_urn (const CsmId *id)
{
  const char *hex = id->hex;

  return g_strdup_printf ("urn:uuid:%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12,
                          hex + 16, hex + 20);
}

/* --- what a mark is about --- */

static const char *
get_type (const char *mime_type)
{
  if (g_str_has_prefix (mime_type, "video/"))
    return "Video";
  if (g_str_has_prefix (mime_type, "audio/"))
    return "Audio";
  return g_str_has_prefix (mime_type, "image/") ? "Image" : "Dataset";
}

/* What times are counted from. */
static void
add_start (json_t *source, const CsmDossierExhibit *exhibit)
{
  CsmTimebase timebase;
  const int64_t start = csm_media_clock_get_start (exhibit, &timebase);
  g_autofree char *text = g_strdup_printf ("%d/%d", timebase.num, timebase.den);

  if (!csm_media_clock_has_time (exhibit))
    return;
  set_ticks (source, "casement:start", start);
  set_text (source, "casement:startTimebase", text);
}

/* Regions are in the pixels as decoded: what a player does to them before it shows them. */
static void
add_presentation (json_t *source, const CsmDossierExhibit *exhibit)
{
  const CsmStreamInfo *stream =
      exhibit->info != NULL ? csm_media_info_get_stream (exhibit->info, 'v', 0) : NULL;

  if (stream == NULL)
    return;
  if (stream->rotation != 0)
    set_int (source, "casement:rotation", stream->rotation);
  if (stream->sar_num > 0 && stream->sar_den > 0 && stream->sar_num != stream->sar_den)
    {
      g_autofree char *ratio = g_strdup_printf ("%d:%d", stream->sar_num, stream->sar_den);

      set_text (source, "casement:sampleAspectRatio", ratio);
    }
}

static json_t *
build_source (const CsmDossierExhibit *exhibit)
{
  json_t *source = json_object ();
  g_autofree char *urn = NULL;
  char hex[CSM_DIGEST_HEX_SIZE];

  csm_digest_to_hex (&exhibit->exhibit->sha256, hex);
  urn = g_strdup_printf ("urn:sha256:%s", hex);
  set_text (source, "id", exhibit->file != NULL ? exhibit->file : urn);
  set_text (source, "type", get_type (exhibit->mime_type));
  set_text (source, "format", exhibit->mime_type);
  set_text (source, "label", exhibit->label);
  set_text (source, "casement:sha256", hex);
  set_int (source, "casement:size", exhibit->exhibit->size);
  add_start (source, exhibit);
  add_presentation (source, exhibit);
  return source;
}

static json_t *
new_fragment (const char *value)
{
  return json_pack ("{s:s, s:s, s:s}", "type", "FragmentSelector", "conformsTo",
                    "http://www.w3.org/TR/media-frags/", "value", value);
}

/* Media Fragments URI 1.0, section 4.2.1: half open, as the clock's spans. */
static json_t *
build_time (const CsmDossierExhibit *exhibit, const CsmMark *mark)
{
  g_autofree char *value = NULL;
  int64_t start, end;

  if (!csm_media_clock_get_span (exhibit, mark, CSM_CLOCK_US, &start, &end))
    return NULL;
  value = g_strdup_printf ("t=%" G_GINT64_FORMAT ".%06d,%" G_GINT64_FORMAT ".%06d",
                           start / CSM_CLOCK_US, (int) (start % CSM_CLOCK_US),
                           end / CSM_CLOCK_US, (int) (end % CSM_CLOCK_US));
  return new_fragment (value);
}

/* How large the frames are that a region was drawn over; false when nothing says. */
static bool
get_frame_size (const CsmDossierExhibit *exhibit,
                const CsmDossierMark *mark,
                int64_t ordinal,
                int *ret_width,
                int *ret_height)
{
  const CsmFrameIndex *index = csm_dossier_exhibit_get_index (exhibit, mark->mark->track);
  const int n_shapes = index != NULL ? csm_frame_index_get_n_shapes (index) : 0;

  *ret_width = mark->n_frames > 0      ? mark->frames[0].width
               : mark->mark->track > 0 ? 0
                                       : exhibit->exhibit->width;
  *ret_height = mark->n_frames > 0      ? mark->frames[0].height
                : mark->mark->track > 0 ? 0
                                        : exhibit->exhibit->height;
  for (int i = 0; i < n_shapes && csm_frame_index_get_shape (index, i)->ordinal <= ordinal; i++)
    {
      *ret_width = csm_frame_index_get_shape (index, i)->width;
      *ret_height = csm_frame_index_get_shape (index, i)->height;
    }
  return *ret_width > 0 && *ret_height > 0;
}

/* (transfer full): both ways of saying the same rectangle. */
static json_t *
build_region (const CsmDossierExhibit *exhibit,
              const CsmDossierMark *mark,
              const CsmRegion *region)
{
  const CsmRect *rect = &region->rect;
  g_autofree char *fragment =
      g_strdup_printf ("xywh=pixel:%d,%d,%d,%d", rect->x, rect->y, rect->width, rect->height);
  json_t *selectors = json_pack ("[o]", new_fragment (fragment));
  int width, height;

  if (get_frame_size (exhibit, mark, region->frame, &width, &height))
    {
      g_autofree char *svg = g_strdup_printf (
          "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\"><rect x=\"%d\" "
          "y=\"%d\" width=\"%d\" height=\"%d\"/></svg>",
          width, height, rect->x, rect->y, rect->width, rect->height);

      json_array_append_new (selectors,
                             json_pack ("{s:s, s:s}", "type", "SvgSelector", "value", svg));
    }
  return selectors;
}

/* @region may be NULL. */
static json_t *
build_target (const CsmDossierExhibit *exhibit,
              const CsmDossierMark *mark,
              const CsmRegion *region)
{
  json_t *target =
      json_pack ("{s:s, s:o}", "type", "SpecificResource", "source", build_source (exhibit));
  json_t *time = build_time (exhibit, mark->mark);
  json_t *selectors = region != NULL ? build_region (exhibit, mark, region) : NULL;

  if (time != NULL && selectors != NULL)
    json_object_set_new (time, "refinedBy", selectors);
  if (time != NULL)
    json_object_set_new (target, "selector", time);
  else if (selectors != NULL)
    json_object_set_new (target, "selector", selectors);
  if (region != NULL)
    set_int (target, "casement:regionFrame", region->frame);
  return target;
}

static json_t *
build_targets (const CsmDossierExhibit *exhibit, const CsmDossierMark *mark)
{
  json_t *targets;

  if (mark->mark->n_regions == 0)
    return build_target (exhibit, mark, NULL);
  targets = json_array ();
  for (int i = 0; i < mark->mark->n_regions; i++)
    json_array_append_new (targets, build_target (exhibit, mark, &mark->mark->regions[i]));
  return targets;
}

/* --- the exact span, which no selector says --- */

static json_t *
build_frame (const CsmFrameCommit *commit)
{
  json_t *frame = json_object ();

  set_int (frame, "casement:ordinal", commit->ordinal);
  set_ticks (frame, "casement:pts", commit->pts);
  set_digest (frame, "casement:sha256", &commit->sha256);
  set_text (frame, "casement:pixelFormat", commit->pixel_format);
  set_int (frame, "casement:width", commit->width);
  set_int (frame, "casement:height", commit->height);
  set_text (frame, "casement:library", commit->library);
  return frame;
}

static json_t *
build_span (const CsmDossierMark *mark)
{
  const CsmMark *record = mark->mark;
  g_autofree char *timebase =
      g_strdup_printf ("%d/%d", record->timebase.num, record->timebase.den);
  json_t *span = json_object ();
  char track[16];

  csm_track_format (record->track, track);
  set_text (span, "casement:track", track);
  set_int (span, "casement:from", record->from);
  set_int (span, "casement:to", record->to);
  set_ticks (span, "casement:fromPts", record->from_pts);
  set_ticks (span, "casement:toPts", record->to_pts);
  set_text (span, "casement:timebase", timebase);
  if (mark->n_frames > 0)
    {
      json_t *frames = json_array ();

      for (int i = 0; i < mark->n_frames; i++)
        json_array_append_new (frames, build_frame (&mark->frames[i]));
      json_object_set_new (span, "casement:frames", frames);
    }
  return span;
}

/* --- an annotation --- */

/* What is said, and why: text describes, a code tags, a mark with neither highlights. */
static void
add_bodies (json_t *annotation, const CsmDossierMark *mark)
{
  const CsmMark *record = mark->mark;
  json_t *bodies = json_array ();
  json_t *motivations = json_array ();

  if (*record->text != '\0')
    {
      json_array_append_new (bodies,
                             json_pack ("{s:s, s:s, s:s, s:s, s:s}", "type", "TextualBody",
                                        "value", record->text, "format", "text/plain",
                                        "textDirection", "auto", "purpose", "describing"));
      json_array_append_new (motivations, json_string ("describing"));
    }
  if (record->code != NULL)
    {
      json_t *tag = json_pack ("{s:s, s:s, s:s}", "type", "TextualBody", "value", record->code,
                               "purpose", "tagging");

      if (mark->code != NULL)
        set_text (tag, "label", mark->code->label);
      json_array_append_new (bodies, tag);
      json_array_append_new (motivations, json_string ("tagging"));
    }
  if (json_array_size (bodies) == 0)
    json_array_append_new (motivations, json_string ("highlighting"));
  else
    json_object_set (annotation, "body", bodies);
  json_decref (bodies);
  json_object_set_new (annotation, "motivation", motivations);
}

static json_t *
build_creator (const CsmDossierReviewer *reviewer)
{
  g_autofree char *id = g_strdup_printf ("urn:casement:key:%s", reviewer->key);

  return json_pack ("{s:s, s:s, s:s}", "id", id, "type", "Person", "name", reviewer->label);
}

static json_t *
build_annotation (const CsmDossierExhibit *exhibit, const CsmDossierMark *mark)
{
  const CsmMark *record = mark->mark;
  json_t *annotation = json_object ();
  g_autofree char *urn = dup_urn (&record->id);
  g_autofree char *time = csm_time_format (record->time);

  set_text (annotation, "id", urn);
  set_text (annotation, "type", "Annotation");
  /* When the first revision was made is not said of a later one. */
  set_text (annotation, record->revision == 1 ? "created" : "modified", time);
  if (mark->reviewer != NULL)
    json_object_set_new (annotation, "creator", build_creator (mark->reviewer));
  add_bodies (annotation, mark);
  json_object_set_new (annotation, "target", build_targets (exhibit, mark));
  json_object_set_new (annotation, "casement:span", build_span (mark));
  set_digest (annotation, "casement:entry", &record->entry);
  set_int (annotation, "casement:revision", record->revision);
  set_file (annotation, "casement:still", mark->still);
  set_file (annotation, "casement:captionedStill", mark->captioned);
  set_file (annotation, "casement:clip", mark->clip);
  return annotation;
}

static int64_t
count_marks (const CsmDossier *dossier)
{
  int64_t n_marks = 0;

  for (unsigned i = 0; i < dossier->exhibits->len; i++)
    n_marks += ((CsmDossierExhibit *) g_ptr_array_index (dossier->exhibits, i))->marks->len;
  return n_marks;
}

/* All but the annotations. */
static json_t *
build_page (const CsmDossier *dossier)
{
  g_autofree char *urn = dup_urn (&dossier->case_id);
  g_autofree char *id = g_strdup_printf ("%s#marks", urn);
  json_t *page = json_object ();

  json_object_set_new (
      page, "@context",
      json_pack ("[s, {s:s}]", "http://www.w3.org/ns/anno.jsonld", "casement", NAMESPACE));
  set_text (page, "id", id);
  set_text (page, "type", "AnnotationPage");
  json_object_set_new (page, "partOf",
                       json_pack ("{s:s, s:s, s:s, s:I}", "id", urn, "type",
                                  "AnnotationCollection", "label", dossier->title, "total",
                                  (json_int_t) count_marks (dossier)));
  set_int (page, "startIndex", 0);
  json_object_set_new (page, "generator",
                       json_pack ("{s:s, s:s, s:s}", "id", "urn:casement:app", "type",
                                  "Software", "name", "Casement " CSM_VERSION));
  return page;
}

/* Takes @value. */
static void
append_value (GString *out, json_t *value)
{
  char *text = json_dumps (value, JSON_COMPACT | JSON_SORT_KEYS);

  g_string_append (out, text);
  free (text);
  json_decref (value);
}

/* One at a time: a tree of all of them would take ten times the text. */
static void
append_items (GString *out, const CsmDossier *dossier)
{
  const char *between = "\n";

  for (unsigned i = 0; i < dossier->exhibits->len; i++)
    {
      const CsmDossierExhibit *exhibit = g_ptr_array_index (dossier->exhibits, i);

      for (unsigned m = 0; m < exhibit->marks->len; m++)
        {
          g_string_append (out, between);
          append_value (out, build_annotation (exhibit, g_ptr_array_index (exhibit->marks, m)));
          between = ",\n";
        }
    }
}

GBytes *
csm_annotations_write_web (const CsmDossier *dossier)
{
  GString *out = g_string_new (NULL);

  append_value (out, build_page (dossier));
  /* The page's closing brace comes behind its last member. */
  g_string_truncate (out, out->len - 1);
  g_string_append (out, ",\"items\":[");
  append_items (out, dossier);
  g_string_append (out, "\n]}\n");
  return g_string_free_to_bytes (out);
}
