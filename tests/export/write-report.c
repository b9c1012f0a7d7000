/* write-report.c: a dossier of real files, and the report of it, without a case
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-report.h"

#include "casefile/csm-displayed.h"
#include "media/csm-worker.h"

#include <gio/gio.h>
#include <stdlib.h>
#include <string.h>

/* write-report FOLDER SPEC: makes FOLDER/exhibits, FOLDER/stills, FOLDER/index.html and
 * FOLDER/report.pdf. SPEC has lines of fields with tabs between:
 *
 *   title TITLE
 *   file PATH NAME            an exhibit, copied
 *   mark FROM TO CODE X,Y,W,H TEXT   of the file above; "-" for what there is not
 *   displayed FROM TO         a span of the file above
 *   withheld WHAT WHY */

typedef struct
{
  char *folder;
  CsmDossier dossier;
  CsmDossierExhibit *exhibit;
  CsmWorker *worker;
} Writer;

static void
die (GError *error)
{
  if (error != NULL)
    g_error ("%s", error->message);
}

static void
hash_text (const char *text, CsmDigest *ret_digest)
{
  csm_sha256 (text, strlen (text), ret_digest);
}

static void
make_id (CsmId *id, const char *kind, unsigned number)
{
  g_autofree char *text = g_strdup_printf ("%s %u", kind, number);
  CsmDigest digest;
  char hex[CSM_DIGEST_HEX_SIZE];

  hash_text (text, &digest);
  csm_digest_to_hex (&digest, hex);
  memcpy (id->hex, hex, sizeof id->hex - 1);
  id->hex[sizeof id->hex - 1] = '\0';
}

static void
add_record (Writer *self, const char *sentence)
{
  CsmDossierRecord *record = g_new0 (CsmDossierRecord, 1);

  record->time = INT64_C (1767225600000) + 61000 * (int64_t) self->dossier.records->len;
  record->reviewer = g_ptr_array_index (self->dossier.reviewers, 0);
  record->exhibit = self->exhibit;
  record->sentence = g_strdup (sentence);
  hash_text (sentence, &record->entry);
  g_ptr_array_add (self->dossier.records, record);
}

static void
set_media (CsmDossierExhibit *exhibit, CsmMediaInfo *info, CsmFrameIndex *index)
{
  const CsmStreamInfo *stream = NULL;
  CsmExhibit *row = exhibit->exhibit;

  row->duration_ms = -1;
  row->n_frames = -1;
  row->format = g_strdup (info != NULL ? info->format : "");
  exhibit->info = info;
  exhibit->index = index;
  if (info == NULL)
    return;
  row->duration_ms = info->duration_ms;
  stream = csm_media_info_get_stream (info, 'v', 0);
  if (stream == NULL)
    stream = csm_media_info_get_stream (info, 'a', 0);
  if (stream == NULL)
    return;
  row->codec = g_strdup (stream->codec);
  row->width = stream->width;
  row->height = stream->height;
  exhibit->timebase = stream->timebase;
  if (index != NULL)
    {
      row->n_frames = csm_frame_index_get_n_frames (index);
      exhibit->timebase = csm_frame_index_get_timebase (index);
    }
}

static void
add_file (Writer *self, const char *path, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmMediaSource) source = csm_media_source_new_for_path (path, &error);
  const unsigned number = self->dossier.exhibits->len + 1;
  CsmDossierExhibit *exhibit = g_new0 (CsmDossierExhibit, 1);
  CsmMediaInfo *info;
  CsmFrameIndex *index = NULL;
  g_autofree char *copy = NULL;
  g_autofree char *sentence = NULL;
  g_autofree char *bytes = NULL;
  const char *dot = strrchr (path, '.');
  gsize size;

  die (error);
  g_file_get_contents (path, &bytes, &size, &error);
  die (error);
  exhibit->exhibit = g_new0 (CsmExhibit, 1);
  exhibit->label = g_strdup_printf ("E-%04u", number);
  exhibit->file = g_strdup_printf ("exhibits/%s%s", exhibit->label, dot);
  exhibit->mime_type = "application/octet-stream";
  exhibit->marks = g_ptr_array_new ();
  make_id (&exhibit->exhibit->id, "exhibit", number);
  exhibit->exhibit->number = g_strdup (exhibit->label);
  exhibit->exhibit->name = g_strdup (name);
  exhibit->exhibit->size = (int64_t) size;
  exhibit->exhibit->added = INT64_C (1767225600000);
  exhibit->exhibit->acquisition = csm_acquisition_new ();
  csm_sha256 (bytes, size, &exhibit->exhibit->sha256);
  copy = g_build_filename (self->folder, exhibit->file, NULL);
  g_file_set_contents (copy, bytes, (gssize) size, &error);
  die (error);
  g_clear_pointer (&self->worker, csm_worker_free);
  self->worker = csm_worker_new (source, false);
  info = csm_worker_probe (self->worker, NULL, NULL);
  if (info != NULL && csm_media_info_get_stream (info, 'v', 0) != NULL)
    index = csm_worker_verify (self->worker, 0, NULL, NULL, NULL, NULL);
  if (index != NULL)
    csm_worker_set_index (self->worker, index, &error);
  die (error);
  set_media (exhibit, info, index);
  self->exhibit = exhibit;
  g_ptr_array_add (self->dossier.exhibits, exhibit);
  sentence = g_strdup_printf ("Taken in as %s: %s", exhibit->label, name);
  add_record (self, sentence);
}

static const CsmCode *
find_code (Writer *self, const char *id)
{
  CsmCode *code;

  if (g_str_equal (id, "-"))
    return NULL;
  for (unsigned i = 0; i < self->dossier.codes->len; i++)
    {
      code = g_ptr_array_index (self->dossier.codes, i);
      if (g_str_equal (code->id, id))
        return code;
    }
  code = g_new0 (CsmCode, 1);
  code->id = g_strdup (id);
  code->label = g_strdup (id);
  code->definition = g_strdup ("A person in uniform strikes, or raises to strike, with a baton "
                               "or another object held in the hand.");
  code->source =
      g_strdup ("UN Human Rights Guidance on Less-Lethal Weapons in Law Enforcement, "
                "2020, section 7.1");
  g_ptr_array_add (self->dossier.codes, code);
  return code;
}

static void
write_still (Writer *self, CsmDossierMark *mark)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) png = csm_worker_read_png (self->worker, mark->mark->from, NULL, &error);
  g_autofree char *path = NULL;

  die (error);
  mark->still = g_strdup_printf ("stills/%s-f%06" G_GINT64_FORMAT ".png", self->exhibit->label,
                                 mark->mark->from);
  path = g_build_filename (self->folder, mark->still, NULL);
  g_file_set_contents (path, g_bytes_get_data (png, NULL), (gssize) g_bytes_get_size (png),
                       &error);
  die (error);
}

static void
commit_frame (Writer *self, CsmDossierMark *mark, int64_t ordinal)
{
  g_autoptr (GError) error = NULL;
  CsmFrameDigest digest;
  CsmFrameCommit *commit = &mark->frames[mark->n_frames++];

  csm_worker_read_digest (self->worker, ordinal, &digest, NULL, &error);
  die (error);
  commit->ordinal = ordinal;
  commit->pts = csm_frame_index_get (self->exhibit->index, ordinal)->pts;
  commit->sha256 = digest.sha256;
  g_strlcpy (commit->pixel_format, digest.pixel_format, sizeof commit->pixel_format);
  commit->width = digest.width;
  commit->height = digest.height;
  g_strlcpy (commit->library, csm_frame_index_get_library (self->exhibit->index),
             sizeof commit->library);
}

static void
add_region (CsmMark *row, const char *text)
{
  CsmRegion *region;

  if (g_str_equal (text, "-"))
    return;
  region = row->regions = g_new0 (CsmRegion, 1);
  row->n_regions = 1;
  region->frame = row->from;
  if (sscanf (text, "%d,%d,%d,%d", &region->rect.x, &region->rect.y, &region->rect.width,
              &region->rect.height) != 4)
    g_error ("no region: %s", text);
}

static void
add_mark (Writer *self, char **fields)
{
  CsmDossierMark *mark = g_new0 (CsmDossierMark, 1);
  CsmMark *row = mark->mark = g_new0 (CsmMark, 1);
  CsmFrameIndex *index = self->exhibit->index;

  make_id (&row->id, "mark", (unsigned) ++self->dossier.n_marks);
  row->exhibit = self->exhibit->exhibit->id;
  row->from = g_ascii_strtoll (fields[1], NULL, 10);
  row->to = g_ascii_strtoll (fields[2], NULL, 10);
  row->timebase = self->exhibit->timebase;
  mark->code = find_code (self, fields[3]);
  row->code = mark->code != NULL ? g_strdup (mark->code->id) : NULL;
  add_region (row, fields[4]);
  row->text = g_strdup (fields[5]);
  row->time = INT64_C (1767232800000) + 1000 * self->dossier.n_marks;
  row->revision = 1;
  mark->reviewer = g_ptr_array_index (self->dossier.reviewers, self->dossier.n_marks % 2);
  hash_text (row->id.hex, &row->entry);
  g_ptr_array_add (self->exhibit->marks, mark);
  if (index == NULL)
    {
      row->track = CSM_SOUND_TRACK (0);
      row->from_pts = row->from;
      row->to_pts = row->to;
      return;
    }
  row->from_pts = csm_frame_index_get (index, row->from)->pts;
  row->to_pts = csm_frame_index_get (index, row->to)->pts;
  mark->frames = g_new0 (CsmFrameCommit, 2);
  commit_frame (self, mark, row->from);
  if (row->to != row->from)
    commit_frame (self, mark, row->to);
  write_still (self, mark);
}

static void
add_displayed (Writer *self, char **fields)
{
  CsmDisplayedSpan *span = g_new0 (CsmDisplayedSpan, 1);

  if (self->exhibit->displayed == NULL)
    self->exhibit->displayed = g_ptr_array_new ();
  span->from = g_ascii_strtoll (fields[1], NULL, 10);
  span->to = g_ascii_strtoll (fields[2], NULL, 10);
  g_ptr_array_add (self->exhibit->displayed, span);
}

static void
read_line (Writer *self, char **fields)
{
  if (fields[0] == NULL)
    return;
  if (g_str_equal (fields[0], "title"))
    self->dossier.title = g_strdup (fields[1]);
  else if (g_str_equal (fields[0], "file"))
    add_file (self, fields[1], fields[2]);
  else if (g_str_equal (fields[0], "mark"))
    add_mark (self, fields);
  else if (g_str_equal (fields[0], "displayed"))
    add_displayed (self, fields);
  else if (g_str_equal (fields[0], "withheld"))
    {
      CsmDossierWithheld *withheld = g_new0 (CsmDossierWithheld, 1);

      withheld->what = g_strdup (fields[1]);
      withheld->why = g_strdup (fields[2]);
      g_ptr_array_add (self->dossier.withheld, withheld);
    }
}

static void
begin (Writer *self)
{
  CsmDossier *dossier = &self->dossier;
  g_autoptr (GError) error = NULL;
  CsmId file;
  CsmDigest head;

  dossier->made = INT64_C (1767312000000);
  dossier->created = INT64_C (1767225500000);
  dossier->n_entries = dossier->dating.n_entries = 61;
  dossier->exhibits = g_ptr_array_new ();
  dossier->reviewers = g_ptr_array_new ();
  dossier->codes = g_ptr_array_new ();
  dossier->records = g_ptr_array_new ();
  dossier->withheld = g_ptr_array_new ();
  for (int i = 0; i < 2; i++)
    {
      CsmDossierReviewer *reviewer = g_new0 (CsmDossierReviewer, 1);

      reviewer->label = g_strdup_printf ("Reviewer %c", 'A' + i);
      hash_text (reviewer->label, &head);
      csm_digest_to_hex (&head, reviewer->key);
      g_ptr_array_add (dossier->reviewers, reviewer);
    }
  dossier->exporter = g_ptr_array_index (dossier->reviewers, 0);
  make_id (&dossier->case_id, "case", 1);
  make_id (&file, "file", 1);
  dossier->receipt = csm_receipt_new (&dossier->case_id, &file, 7, 61, &head, 1, &error);
  die (error);
}

static GBytes *
read_still_cb (const char *path, gpointer data, GError **error)
{
  const Writer *self = data;
  g_autofree char *file = g_build_filename (self->folder, path, NULL);
  char *bytes;
  gsize size;

  if (!g_file_get_contents (file, &bytes, &size, error))
    return NULL;
  return g_bytes_new_take (bytes, size);
}

static void
write_file (Writer *self, const char *name, GBytes *bytes)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes),
                       &error);
  die (error);
}

int
main (int argc, char **argv)
{
  Writer self = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) pdf = NULL;
  g_autoptr (GBytes) html = NULL;
  g_autofree char *spec = NULL;
  g_auto (GStrv) lines = NULL;
  const char *const folders[] = { "exhibits", "stills" };

  g_assert (argc == 3);
  self.folder = argv[1];
  for (size_t i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *path = g_build_filename (self.folder, folders[i], NULL);

      g_mkdir_with_parents (path, 0700);
    }
  begin (&self);
  g_file_get_contents (argv[2], &spec, NULL, &error);
  die (error);
  lines = g_strsplit (spec, "\n", -1);
  for (int i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) fields = g_strsplit (lines[i], "\t", 6);

      read_line (&self, fields);
    }
  g_clear_pointer (&self.worker, csm_worker_free);
  html = csm_report_write_html (&self.dossier, &error);
  die (error);
  write_file (&self, "index.html", html);
  pdf = csm_report_write_pdf (&self.dossier, read_still_cb, &self, NULL, &error);
  die (error);
  write_file (&self, "report.pdf", pdf);
  /* What the dossier holds goes with the process. */
  return 0;
}
