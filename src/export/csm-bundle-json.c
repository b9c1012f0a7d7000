/* csm-bundle-json.c: bundle.json, what the bundle holds
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-body.h"
#include "export/csm-bundle-parts.h"

#define FORMAT_VERSION 1

static json_t *
pack_digest (const CsmDigest *digest)
{
  char hex[CSM_DIGEST_HEX_SIZE];

  csm_digest_to_hex (digest, hex);
  return json_string (hex);
}

static json_t *
pack_time (CsmTime time)
{
  g_autofree char *text = csm_time_format (time);

  return json_string (text);
}

/* Ticks in decimal, or null. */
static json_t *
pack_pts (int64_t pts)
{
  return pts == CSM_NO_PTS ? json_null () : csm_json_decimal (pts);
}

static json_t *
pack_timebase (CsmTimebase timebase)
{
  return json_pack ("[i, i]", timebase.num, timebase.den);
}

/* null for nobody. */
static json_t *
pack_reviewer (const CsmDossierReviewer *reviewer)
{
  return csm_json_nullable (reviewer != NULL ? reviewer->key : NULL);
}

/* ---- What was chosen ---- */

/* Of those that are in the bundle: the ids of others are nobody's business. */
static json_t *
pack_chosen_exhibits (const CsmDossier *dossier, const CsmSelection *selection)
{
  json_t *array = json_array ();

  for (guint i = 0; i < selection->exhibits->len; i++)
    {
      const CsmDossierExhibit *exhibit =
          csm_dossier_find_exhibit (dossier, selection->exhibits->pdata[i]);

      if (exhibit != NULL)
        json_array_append_new (array, json_string (exhibit->exhibit->id.hex));
    }
  return array;
}

static json_t *
pack_chosen_marks (const CsmDossier *dossier, const CsmSelection *selection)
{
  json_t *array = json_array ();

  for (guint i = 0; i < selection->marks->len; i++)
    {
      const CsmId *id = selection->marks->pdata[i];

      if (csm_dossier_find_mark (dossier, id) != NULL)
        json_array_append_new (array, json_string (id->hex));
    }
  return array;
}

static json_t *
pack_texts (const GPtrArray *texts)
{
  json_t *array = json_array ();

  for (guint i = 0; i < texts->len; i++)
    json_array_append_new (array, json_string (texts->pdata[i]));
  return array;
}

static json_t *
pack_selection (const CsmDossier *dossier, const CsmSelection *selection)
{
  static const char *const clips[] = { "none", "copied", "ffv1", "h264" };

  return json_pack ("{s:o, s:o, s:o, s:o, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:s, s:b}",
                    "exhibits", pack_chosen_exhibits (dossier, selection), "marks",
                    pack_chosen_marks (dossier, selection), "codes",
                    pack_texts (selection->codes), "authors", pack_texts (selection->authors),
                    "names", selection->names, "acquisition", selection->acquisition, "notes",
                    selection->notes, "superseded", selection->superseded, "access",
                    selection->access, "files", selection->files, "stills", selection->stills,
                    "captions", selection->captions, "clips", clips[selection->clips], "report",
                    selection->report);
}

/* ---- People and codes ---- */

static json_t *
pack_reviewers (const CsmDossier *dossier)
{
  json_t *array = json_array ();

  for (guint i = 0; i < dossier->reviewers->len; i++)
    {
      const CsmDossierReviewer *reviewer = dossier->reviewers->pdata[i];

      json_array_append_new (array,
                             json_pack ("{s:s, s:s, s:s}", "key", reviewer->key, "key_file",
                                        reviewer->key_file, "label", reviewer->label));
    }
  return array;
}

static json_t *
pack_codes (const CsmDossier *dossier)
{
  json_t *array = json_array ();

  for (guint i = 0; i < dossier->codes->len; i++)
    {
      const CsmCode *code = dossier->codes->pdata[i];

      json_array_append_new (array, json_pack ("{s:s, s:s, s:s, s:s, s:o}", "id", code->id,
                                               "label", code->label, "definition",
                                               code->definition, "source", code->source,
                                               "parent", csm_json_nullable (code->parent)));
    }
  return array;
}

/* ---- Marks ---- */

static json_t *
pack_frames (const CsmDossierMark *mark)
{
  json_t *array = json_array ();

  for (int i = 0; i < mark->n_frames; i++)
    {
      const CsmFrameCommit *frame = &mark->frames[i];

      json_array_append_new (
          array,
          json_pack ("{s:I, s:o, s:o, s:s, s:i, s:i, s:s}", "ordinal",
                     (json_int_t) frame->ordinal, "pts", pack_pts (frame->pts), "sha256",
                     pack_digest (&frame->sha256), "pixel_format", frame->pixel_format, "width",
                     frame->width, "height", frame->height, "library", frame->library));
    }
  return array;
}

static json_t *
pack_clip (const CsmDossierMark *mark)
{
  if (mark->clip == NULL)
    return json_null ();
  return json_pack ("{s:s, s:I, s:I}", "file", mark->clip, "from", (json_int_t) mark->clip_from,
                    "to", (json_int_t) mark->clip_to);
}

static json_t *
pack_mark (const CsmDossierMark *dossier_mark)
{
  const CsmMark *mark = dossier_mark->mark;
  json_t *object = json_pack (
      "{s:s, s:o, s:I, s:I, s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:i}", "id", mark->id.hex,
      "entry", pack_digest (&mark->entry), "from", (json_int_t) mark->from, "to",
      (json_int_t) mark->to, "from_pts", pack_pts (mark->from_pts), "to_pts",
      pack_pts (mark->to_pts), "timebase", pack_timebase (mark->timebase), "code",
      csm_json_nullable (mark->code), "text", mark->text, "regions",
      csm_mark_list_regions (mark), "reviewer", pack_reviewer (dossier_mark->reviewer), "time",
      pack_time (mark->time), "revision", mark->revision);
  char track[16];

  csm_track_format (mark->track, track);
  json_object_set_new (object, "track", json_string (track));
  json_object_set_new (object, "frames", pack_frames (dossier_mark));
  json_object_set_new (object, "still", csm_json_nullable (dossier_mark->still));
  json_object_set_new (object, "captioned", csm_json_nullable (dossier_mark->captioned));
  json_object_set_new (object, "clip", pack_clip (dossier_mark));
  return object;
}

/* ---- Exhibits ---- */

/* null where it says nothing. */
static json_t *
pack_acquisition (const CsmAcquisition *said)
{
  const struct
  {
    const char *key, *text;
  } fields[] = {
    { "title", said->title },
    { "source", said->source },
    { "obtained_from", said->obtained_from },
    { "obtained_when", said->obtained_when },
    { "obtained_how", said->obtained_how },
    { "notes", said->notes },
  };
  json_t *object = json_object ();

  for (size_t i = 0; i < G_N_ELEMENTS (fields); i++)
    if (fields[i].text[0] != '\0')
      json_object_set_new (object, fields[i].key, json_string (fields[i].text));
  if (json_object_size (object) > 0)
    return object;
  json_decref (object);
  return json_null ();
}

static const char *
find_main_track (const CsmDossierExhibit *exhibit)
{
  if (exhibit->index != NULL)
    return "v:0";
  if (exhibit->info != NULL && csm_media_info_get_stream (exhibit->info, 'v', 0) != NULL)
    return "v:0";
  if (exhibit->info != NULL && csm_media_info_get_stream (exhibit->info, 'a', 0) != NULL)
    return "a:0";
  return NULL;
}

static json_t *
pack_exhibit (const CsmDossierExhibit *dossier_exhibit)
{
  const CsmExhibit *exhibit = dossier_exhibit->exhibit;
  const CsmFrameIndex *index = dossier_exhibit->index;
  const CsmTimebase timebase = dossier_exhibit->timebase;
  json_t *marks = json_array ();
  json_t *object = json_pack (
      "{s:s, s:s, s:s, s:o, s:o, s:I, s:s, s:s, s:o, s:o, s:o}", "id", exhibit->id.hex,
      "number", exhibit->number, "label", dossier_exhibit->label, "file",
      csm_json_nullable (dossier_exhibit->file), "sha256", pack_digest (&exhibit->sha256),
      "size", (json_int_t) exhibit->size, "name", exhibit->name, "mime_type",
      dossier_exhibit->mime_type, "added", pack_time (exhibit->added), "contact_sheet",
      csm_json_nullable (dossier_exhibit->contact_sheet), "acquisition",
      pack_acquisition (exhibit->acquisition));

  json_object_set_new (object, "track", csm_json_nullable (find_main_track (dossier_exhibit)));
  json_object_set_new (object, "timebase",
                       timebase.den > 0 ? pack_timebase (timebase) : json_null ());
  json_object_set_new (object, "frames",
                       index != NULL ? json_integer (csm_frame_index_get_n_frames (index))
                                     : json_null ());
  json_object_set_new (
      object, "index_library",
      csm_json_nullable (index != NULL ? csm_frame_index_get_library (index) : NULL));
  for (guint i = 0; i < dossier_exhibit->marks->len; i++)
    json_array_append_new (marks, pack_mark (dossier_exhibit->marks->pdata[i]));
  json_object_set_new (object, "marks", marks);
  return object;
}

/* ---- All of it ---- */

static json_t *
pack_withheld (const CsmDossier *dossier)
{
  json_t *array = json_array ();

  for (guint i = 0; i < dossier->withheld->len; i++)
    {
      const CsmDossierWithheld *withheld = dossier->withheld->pdata[i];

      json_array_append_new (array,
                             json_pack ("{s:s, s:s, s:I}", "what", withheld->what, "why",
                                        withheld->why, "count", (json_int_t) withheld->count));
    }
  return array;
}

static json_t *
pack_receipt (const CsmReceipt *receipt)
{
  char code[CSM_RECEIPT_CODE_LENGTH + 1];

  csm_receipt_code (csm_receipt_get_sha256 (receipt), code);
  return json_pack ("{s:s, s:o}", "code", code, "sha256",
                    pack_digest (csm_receipt_get_sha256 (receipt)));
}

/* Of the programs that made it: the bundle's own, and those that read the exhibits for it. */
static json_t *
pack_program (const CsmDossier *dossier)
{
  json_t *libraries = json_array ();

  for (guint i = 0; i < dossier->exhibits->len; i++)
    {
      const CsmDossierExhibit *exhibit = dossier->exhibits->pdata[i];
      bool there = exhibit->info == NULL || exhibit->info->library == NULL;

      for (size_t k = 0; k < json_array_size (libraries) && !there; k++)
        there = g_strcmp0 (json_string_value (json_array_get (libraries, k)),
                           exhibit->info->library) == 0;
      if (!there)
        json_array_append_new (libraries, json_string (exhibit->info->library));
    }
  return json_pack ("{s:s, s:s, s:o}", "name", "Casement", "version", CSM_VERSION, "libraries",
                    libraries);
}

GBytes *
csm_bundle_write_json (const CsmDossier *dossier, const CsmSelection *selection, GError **error)
{
  json_t *exhibits = json_array ();
  g_autoptr (json_t) bundle = json_pack (
      "{s:i, s:o, s:{s:s, s:s, s:o}, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I}", "v",
      FORMAT_VERSION, "program", pack_program (dossier), "case", "id", dossier->case_id.hex,
      "title", dossier->title, "created", pack_time (dossier->created), "made",
      pack_time (dossier->made), "exporter", pack_reviewer (dossier->exporter), "selection",
      pack_selection (dossier, selection), "reviewers", pack_reviewers (dossier), "codes",
      pack_codes (dossier), "receipt", pack_receipt (dossier->receipt), "withheld",
      pack_withheld (dossier), "n_entries", (json_int_t) dossier->n_entries);

  for (guint i = 0; i < dossier->exhibits->len; i++)
    json_array_append_new (exhibits, pack_exhibit (dossier->exhibits->pdata[i]));
  json_object_set_new (bundle, "exhibits", exhibits);
  return csm_json_encode (bundle, error);
}
