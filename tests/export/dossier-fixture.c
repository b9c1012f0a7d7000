/* dossier-fixture.c: a dossier made by hand, for tests of what is written from one
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "dossier-fixture.h"

#include "media/csm-frame-index-builder.h"

#include <string.h>

#define TIME INT64_C (1600000000123) /* 2020-09-13T12:26:40.123Z */
#define LIBRARY "libavcodec 59.37.100 libavformat 59.27.100"

static const int64_t frame_times[] = { 129600, 132600, 141600, 144600, 144630, 153600 };

/* --- parts --- */

static void
reviewer_free (gpointer data)
{
  CsmDossierReviewer *reviewer = data;

  g_free (reviewer->label);
  g_free (reviewer->key_file);
  g_free (reviewer);
}

static void
mark_free (gpointer data)
{
  CsmDossierMark *mark = data;

  csm_mark_free (mark->mark);
  g_free (mark->frames);
  g_free (mark->still);
  g_free (mark);
}

static void
exhibit_free (gpointer data)
{
  CsmDossierExhibit *exhibit = data;

  csm_exhibit_free (exhibit->exhibit);
  g_free (exhibit->label);
  g_free (exhibit->file);
  g_clear_pointer (&exhibit->info, csm_media_info_unref);
  g_clear_pointer (&exhibit->index, csm_frame_index_unref);
  g_ptr_array_unref (exhibit->marks);
  g_free (exhibit);
}

static void
add_reviewer (CsmDossier *dossier, char letter)
{
  CsmDossierReviewer *reviewer = g_new0 (CsmDossierReviewer, 1);

  memset (reviewer->key, g_ascii_tolower (letter), 64);
  reviewer->label = g_strdup_printf ("Reviewer %c", letter);
  reviewer->key_file = g_strdup_printf ("ledger/keys/reviewer-%c", g_ascii_tolower (letter));
  g_ptr_array_add (dossier->reviewers, reviewer);
}

static void
add_code (CsmDossier *dossier, const char *id, const char *label)
{
  CsmCode *code = g_new0 (CsmCode, 1);

  code->id = g_strdup (id);
  code->label = g_strdup (label);
  code->definition = g_strdup ("");
  code->source = g_strdup ("");
  g_ptr_array_add (dossier->codes, code);
}

static const CsmCode *
find_code (const CsmDossier *dossier, const char *id)
{
  for (unsigned i = 0; i < dossier->codes->len; i++)
    {
      const CsmCode *code = g_ptr_array_index (dossier->codes, i);

      if (g_strcmp0 (code->id, id) == 0)
        return code;
    }
  return NULL;
}

/* 16 bytes that are @kind and @number. */
static CsmId
make_id (int kind, unsigned number)
{
  CsmId id;

  g_snprintf (id.hex, sizeof id.hex, "%02x%030x", kind, number);
  return id;
}

static CsmDossierExhibit *
add_exhibit (CsmDossier *dossier,
             const char *extension,
             const char *mime_type,
             CsmTimebase timebase)
{
  const unsigned number = dossier->exhibits->len + 1;
  CsmDossierExhibit *exhibit = g_new0 (CsmDossierExhibit, 1);
  CsmExhibit *record = g_new0 (CsmExhibit, 1);

  record->id = make_id (0xee, number);
  record->number = g_strdup_printf ("E-%04u", number);
  record->name = g_strdup_printf ("found, \"%u\".%s", number, extension);
  memset (&record->sha256, (int) number, sizeof record->sha256);
  record->size = 1000 * number;
  record->added = TIME;
  record->acquisition = csm_acquisition_new ();
  record->status = g_strdup ("exact");
  record->format = g_strdup (extension);
  record->codec = g_strdup ("");
  exhibit->exhibit = record;
  exhibit->label = g_strdup (record->number);
  exhibit->file = g_strdup_printf ("exhibits/%s.%s", record->number, extension);
  exhibit->mime_type = mime_type;
  exhibit->timebase = timebase;
  exhibit->marks = g_ptr_array_new_with_free_func (mark_free);
  g_ptr_array_add (dossier->exhibits, exhibit);
  return exhibit;
}

static void
set_stream (CsmStreamInfo *stream, char kind, int64_t start, CsmTimebase timebase)
{
  stream->kind = kind;
  stream->timebase = timebase;
  stream->start_pts = start;
  stream->duration = CSM_NO_PTS;
}

static CsmFrameIndex *
build_index (const int64_t *times, unsigned n_times, CsmTimebase timebase)
{
  CsmFrameIndexBuilder *builder = csm_frame_index_builder_new (0, timebase, LIBRARY);
  CsmFrameShape shape = { .width = 320, .height = 240, .pixel_format = "yuv420p" };

  for (unsigned i = 0; i < n_times; i++)
    {
      const CsmIndexPacket packet = { .pos = i, .pts = times[i], .dts = times[i], .size = 1 };
      const CsmFrameEntry frame = { .pts = times[i], .duration = 3000, .packet = i };

      csm_frame_index_builder_add_packet (builder, &packet);
      csm_frame_index_builder_add_frame (builder, &frame);
      csm_frame_index_builder_add_shape (builder, &shape);
    }
  return csm_frame_index_builder_finish (builder, true);
}

CsmDossierExhibit *
dossier_fixture_get_exhibit (const CsmDossier *dossier, unsigned number)
{
  return g_ptr_array_index (dossier->exhibits, number - 1);
}

static void
set_span (const CsmDossierExhibit *exhibit, CsmMark *mark)
{
  mark->timebase = exhibit->timebase;
  mark->from_pts = mark->from;
  mark->to_pts = mark->to;
  if (exhibit->index != NULL)
    {
      mark->from_pts = csm_frame_index_get (exhibit->index, mark->from)->pts;
      mark->to_pts = csm_frame_index_get (exhibit->index, mark->to)->pts;
    }
  else if (g_str_has_prefix (exhibit->mime_type, "audio/"))
    mark->track = CSM_SOUND_TRACK (0);
}

/* The pictures at both ends. */
static void
add_commits (CsmDossierMark *mark)
{
  const CsmMark *record = mark->mark;

  mark->n_frames = record->from == record->to ? 1 : 2;
  mark->frames = g_new0 (CsmFrameCommit, mark->n_frames);
  for (int i = 0; i < mark->n_frames; i++)
    {
      CsmFrameCommit *commit = &mark->frames[i];

      commit->ordinal = i == 0 ? record->from : record->to;
      commit->pts = i == 0 ? record->from_pts : record->to_pts;
      memset (&commit->sha256, 0xf0 + (int) commit->ordinal, sizeof commit->sha256);
      g_strlcpy (commit->pixel_format, "yuv420p", sizeof commit->pixel_format);
      commit->width = 320;
      commit->height = 240;
      g_strlcpy (commit->library, LIBRARY, sizeof commit->library);
    }
}

CsmDossierMark *
dossier_fixture_add_mark (CsmDossier *dossier,
                          CsmDossierExhibit *exhibit,
                          unsigned reviewer,
                          int64_t from,
                          int64_t to,
                          const char *code,
                          const char *text)
{
  CsmDossierMark *mark = g_new0 (CsmDossierMark, 1);
  CsmMark *record = g_new0 (CsmMark, 1);

  mark->mark = record;
  mark->reviewer = g_ptr_array_index (dossier->reviewers, reviewer);
  mark->code = find_code (dossier, code);
  mark->clip_from = mark->clip_to = -1;
  record->id = make_id (0xaa, (unsigned) ++dossier->n_marks);
  record->exhibit = exhibit->exhibit->id;
  record->exhibit_number = g_strdup (exhibit->exhibit->number);
  record->from = from;
  record->to = to;
  set_span (exhibit, record);
  record->code = g_strdup (code);
  record->text = g_strdup (text != NULL ? text : "");
  record->author = g_strdup (mark->reviewer->label);
  g_strlcpy (record->author_key, mark->reviewer->key, sizeof record->author_key);
  record->time = TIME;
  memset (&record->entry, (int) (0xa0 + dossier->n_marks), sizeof record->entry);
  record->revision = 1;
  if (record->track >= 0)
    add_commits (mark);
  g_ptr_array_add (exhibit->marks, mark);
  return mark;
}

void
dossier_fixture_add_region (CsmDossierMark *mark, int64_t frame, CsmRect rect)
{
  CsmMark *record = mark->mark;

  record->regions = g_renew (CsmRegion, record->regions, record->n_regions + 1);
  record->regions[record->n_regions++] = (CsmRegion){ frame, rect };
}

void
dossier_fixture_clear_marks (CsmDossier *dossier)
{
  for (unsigned i = 1; i <= dossier->exhibits->len; i++)
    g_ptr_array_set_size (dossier_fixture_get_exhibit (dossier, i)->marks, 0);
  dossier->n_marks = 0;
}

/* --- the whole --- */

static void
add_video (CsmDossier *dossier)
{
  const CsmTimebase timebase = { 1, 90000 };
  CsmDossierExhibit *exhibit = add_exhibit (dossier, "ts", "video/mp2t", timebase);
  CsmDossierMark *mark;

  exhibit->index = build_index (frame_times, G_N_ELEMENTS (frame_times), timebase);
  exhibit->info = csm_media_info_new (3);
  set_stream (&exhibit->info->streams[0], 'v', 129600, timebase);
  set_stream (&exhibit->info->streams[1], 'a', 126000, timebase);
  /* Subtitles do not move the start. */
  set_stream (&exhibit->info->streams[2], 's', 0, timebase);
  exhibit->info->streams[0].rotation = 90;
  exhibit->info->streams[0].sar_num = 4;
  exhibit->info->streams[0].sar_den = 3;

  mark = dossier_fixture_add_mark (dossier, exhibit, 0, 0, 1, "baton", "Officer raises baton");
  dossier_fixture_add_region (mark, 0, (CsmRect){ 120, 80, 64, 96 });
  mark->still = g_strdup ("stills/E-0001-f000000.png");
  mark = dossier_fixture_add_mark (dossier, exhibit, 0, 1, 3, NULL,
                                   "a --> b & <c>\n\n\"d\"\r\n=1+1\n");
  dossier_fixture_add_region (mark, 1, (CsmRect){ 0, 0, 1, 1 });
  dossier_fixture_add_region (mark, 3, (CsmRect){ 319, 239, 1, 1 });
  dossier_fixture_add_mark (dossier, exhibit, 1, 3, 3, "arrest", NULL);
  dossier_fixture_add_mark (dossier, exhibit, 1, 4, 5, NULL, NULL);
  mark = dossier_fixture_add_mark (dossier, exhibit, 1, 5, 5, "arrest",
                                   "\nКвадрат, \xd9\x85\xd9\x8a\xd8\xaf\xd8\xa7\xd9\x86 "
                                   "\xf0\x9f\x8e\xa5 \x01 \t'x'");
  mark->mark->revision = 3;
}

static void
add_others (CsmDossier *dossier)
{
  const CsmTimebase samples = { 1, 44100 };
  const CsmTimebase milliseconds = { 1, 1000 };
  CsmDossierExhibit *exhibit = add_exhibit (dossier, "wav", "audio/x-wav", samples);
  CsmDossierMark *mark;

  exhibit->info = csm_media_info_new (1);
  set_stream (&exhibit->info->streams[0], 'a', 0, samples);
  dossier_fixture_add_mark (dossier, exhibit, 0, 22050, 44099, NULL, "shouting");

  exhibit = add_exhibit (dossier, "png", "image/png", (CsmTimebase){ 1, 25 });
  exhibit->index = build_index (&(int64_t){ 0 }, 1, (CsmTimebase){ 1, 25 });
  mark = dossier_fixture_add_mark (dossier, exhibit, 0, 0, 0, NULL, "'=plate");
  dossier_fixture_add_region (mark, 0, (CsmRect){ 5, 6, 7, 8 });

  exhibit = add_exhibit (dossier, "h264", "application/octet-stream", milliseconds);
  exhibit->index = build_index ((int64_t[]){ CSM_NO_PTS, CSM_NO_PTS }, 2, milliseconds);
  g_clear_pointer (&exhibit->file, g_free);
  dossier_fixture_add_mark (dossier, exhibit, 0, 1, 1, NULL, "=HYPERLINK(\"x\")");

  add_exhibit (dossier, "mp4", "video/mp4", milliseconds);
}

CsmDossier *
dossier_fixture_new (void)
{
  CsmDossier *dossier = g_new0 (CsmDossier, 1);

  dossier->case_id = make_id (0xca, 1);
  dossier->title = g_strdup ("Minsk & <August>");
  dossier->created = TIME;
  dossier->made = TIME + 1000;
  dossier->reviewers = g_ptr_array_new_with_free_func (reviewer_free);
  dossier->codes = g_ptr_array_new_with_free_func ((GDestroyNotify) csm_code_free);
  dossier->exhibits = g_ptr_array_new_with_free_func (exhibit_free);
  dossier->records = g_ptr_array_new ();
  dossier->withheld = g_ptr_array_new ();
  add_reviewer (dossier, 'A');
  add_reviewer (dossier, 'B');
  dossier->exporter = g_ptr_array_index (dossier->reviewers, 0);
  add_code (dossier, "baton", "Baton <strike>");
  add_code (dossier, "arrest", "Arrest");
  add_video (dossier);
  add_others (dossier);
  return dossier;
}

void
dossier_fixture_free (CsmDossier *dossier)
{
  g_ptr_array_unref (dossier->exhibits);
  g_ptr_array_unref (dossier->codes);
  g_ptr_array_unref (dossier->reviewers);
  g_ptr_array_unref (dossier->records);
  g_ptr_array_unref (dossier->withheld);
  g_free (dossier->title);
  g_free (dossier);
}
