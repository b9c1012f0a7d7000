/* test-pictures.c: what is made of an exhibit's marks is the exhibit's frames, named right
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-clip.h"
#include "csm-exact.h"
#include "csm-still.h"

#include "export/csm-export-pictures.h"
#include "export/csm-picture-text.h"

#include <cairo.h>
#include <string.h>

#define TITLE "Минск, август 2020 / مظاهرة في مينسك"

/* A dossier of one exhibit, in memory, and what the sink was given. */
typedef struct
{
  CsmStillFixture still;
  char *path;
  CsmDossier dossier;
  CsmDossierExhibit exhibit;
  CsmExhibit row;
  CsmCode code;
  CsmDossierReviewer reviewer;
  CsmSelection selection;
  GPtrArray *notes;

  GHashTable *files; /* path to GByteArray */
  char *open;
  int fail_at; /* appends to go before one fails; -1 never */
} Fixture;

static void
free_mark (gpointer data)
{
  CsmDossierMark *self = data;

  g_free (self->mark);
  g_free (self->still);
  g_free (self->captioned);
  g_free (self->clip);
  g_free (self);
}

static void
set_up_with (Fixture *f, const char *path)
{
  g_autoptr (GError) error = NULL;

  f->path = g_strdup (path);
  csm_still_open (&f->still, path);
  f->exhibit.index = csm_worker_verify (f->still.worker, 0, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  f->exhibit.info = csm_worker_probe (f->still.worker, NULL, &error);
  g_assert_no_error (error);
  f->exhibit.timebase = csm_frame_index_get_timebase (f->exhibit.index);
  f->exhibit.exhibit = &f->row;
  f->exhibit.label = (char *) "E-0001";
  f->exhibit.marks = g_ptr_array_new_with_free_func (free_mark);
  f->dossier.title = (char *) TITLE;
  f->code.id = (char *) "baton";
  f->code.label = (char *) "Удар дубинкой";
  f->reviewer.label = (char *) "Reviewer A";
  for (int i = 0; i < 32; i++)
    f->row.sha256.bytes[i] = (uint8_t) (i * 7 + 1);
  f->selection.stills = f->selection.captions = true;
  f->notes = g_ptr_array_new_with_free_func (g_free);
  f->files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                    (GDestroyNotify) g_byte_array_unref);
  f->fail_at = -1;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autofree char *path = csm_clip_make (
      "film.mp4",
      "-f lavfi -i testsrc2=s=320x180:r=25:d=2 -c:v libx264 -preset veryfast -g 20 -bf 2");

  set_up_with (f, path);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  csm_still_close (&f->still);
  csm_frame_index_unref (f->exhibit.index);
  csm_media_info_unref (f->exhibit.info);
  g_ptr_array_unref (f->exhibit.marks);
  g_free (f->exhibit.contact_sheet);
  g_ptr_array_unref (f->notes);
  g_hash_table_unref (f->files);
  g_free (f->open);
  g_free (f->path);
}

static CsmDossierMark *
add_mark (Fixture *f, int track, int64_t from, int64_t to)
{
  CsmDossierMark *mark = g_new0 (CsmDossierMark, 1);

  mark->mark = g_new0 (CsmMark, 1);
  mark->mark->track = track;
  mark->mark->from = from;
  mark->mark->to = to;
  mark->code = &f->code;
  mark->reviewer = &f->reviewer;
  g_ptr_array_add (f->exhibit.marks, mark);
  return mark;
}

/* ---- a sink in memory ---- */

static gboolean
begin_cb (const char *path, gpointer data, GError **error)
{
  Fixture *f = data;

  g_assert_null (f->open);
  g_assert_false (g_hash_table_contains (f->files, path));
  f->open = g_strdup (path);
  g_hash_table_insert (f->files, g_strdup (path), g_byte_array_new ());
  return TRUE;
}

static gboolean
append_cb (const void *bytes, size_t size, gpointer data, GError **error)
{
  Fixture *f = data;

  if (f->fail_at >= 0 && f->fail_at-- == 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "full");
      return FALSE;
    }
  g_byte_array_append (g_hash_table_lookup (f->files, f->open), bytes, (guint) size);
  return TRUE;
}

static gboolean
end_cb (gpointer data, GError **error)
{
  Fixture *f = data;

  g_assert_nonnull (f->open);
  g_clear_pointer (&f->open, g_free);
  return TRUE;
}

static gboolean
drop_cb (gpointer data, GError **error)
{
  Fixture *f = data;

  g_hash_table_remove (f->files, f->open);
  return end_cb (data, error);
}

static gboolean
make (Fixture *f, int64_t max_clip, GCancellable *cancellable, GError **error)
{
  const CsmPictureWork work = { .worker = f->still.worker,
                                .dossier = &f->dossier,
                                .exhibit = &f->exhibit,
                                .sink = { begin_cb, append_cb, end_cb, drop_cb, f },
                                .max_clip = max_clip,
                                .notes = f->notes,
                                .cancellable = cancellable };

  return csm_export_pictures_make (&work, &f->selection, error);
}

/* (transfer full) */
static GBytes *
get_file (Fixture *f, const char *path)
{
  const GByteArray *bytes = g_hash_table_lookup (f->files, path);

  g_assert_nonnull (bytes);
  return g_bytes_new (bytes->data, bytes->len);
}

/* (transfer full): its path on the disk. */
static char *
save (Fixture *f, const char *path)
{
  g_autoptr (GBytes) bytes = get_file (f, path);
  g_autofree char *name = g_path_get_basename (path);
  char *saved = csm_clip_get_path (name);

  g_assert_true (g_file_set_contents (saved, g_bytes_get_data (bytes, NULL),
                                      (gssize) g_bytes_get_size (bytes), NULL));
  return saved;
}

/* ---- tests ---- */

static void
test_still (Fixture *f, gconstpointer data)
{
  CsmDossierMark *mark = add_mark (f, 0, 33, 35);
  g_autofree char *filters = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) still = NULL, rgb = NULL, truth = NULL;

  make (f, 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (mark->still, ==, "stills/E-0001-f000033.png");
  still = get_file (f, mark->still);
  rgb = csm_still_to_rgb (still);
  filters = g_strdup ("select=eq(n\\,33),scale=sws_flags=accurate_rnd+full_chroma_int+full_"
                      "chroma_inp+bicubic,format=rgb24");
  truth = csm_still_filter (f->path, filters);
  g_assert_true (g_bytes_equal (rgb, truth));
}

static cairo_surface_t *
load (Fixture *f, const char *path)
{
  g_autofree char *saved = save (f, path);
  cairo_surface_t *surface = cairo_image_surface_create_from_png (saved);

  g_assert_cmpint (cairo_surface_status (surface), ==, CAIRO_STATUS_SUCCESS);
  return surface;
}

/* The picture of the captioned copy is the plain one's, pixel for pixel, and below it there is
 * something. */
static void
test_caption (Fixture *f, gconstpointer data)
{
  CsmDossierMark *mark = add_mark (f, 0, 33, 35);
  g_autoptr (GError) error = NULL;
  cairo_surface_t *plain, *captioned;
  int width, height;

  make (f, 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (mark->captioned, ==, "stills/E-0001-f000033-captioned.png");
  plain = load (f, mark->still);
  captioned = load (f, mark->captioned);
  width = cairo_image_surface_get_width (plain);
  height = cairo_image_surface_get_height (plain);
  g_assert_cmpint (cairo_image_surface_get_height (captioned), >, height + 40);
  for (int y = 0; y < height; y++)
    {
      const uint32_t *a = (const uint32_t *) (cairo_image_surface_get_data (plain) +
                                              y * cairo_image_surface_get_stride (plain));
      const uint32_t *b = (const uint32_t *) (cairo_image_surface_get_data (captioned) +
                                              y * cairo_image_surface_get_stride (captioned));

      for (int x = 0; x < width; x++)
        g_assert_cmpuint (a[x] & 0xffffff, ==, b[x] & 0xffffff);
    }
  cairo_surface_destroy (plain);
  cairo_surface_destroy (captioned);
}

static void
test_clips (Fixture *f, gconstpointer data)
{
  CsmDossierMark *mark = add_mark (f, 0, 23, 31);
  g_autoptr (GError) error = NULL;
  g_autofree char *copied = NULL, *exact = NULL;
  g_autoptr (GArray) frames = NULL, truth = csm_exact_get_truth (f->path);

  f->selection.clips = CSM_CLIPS_COPIED;
  make (f, 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (mark->clip, ==, "clips/E-0001-f000023-f000031.mp4");
  g_assert_cmpint (mark->clip_from, ==, 20);
  g_assert_cmpint (mark->clip_to, >=, 31);
  copied = save (f, mark->clip);
  frames = csm_exact_get_truth (copied);
  g_assert_cmpint (frames->len, ==, mark->clip_to - mark->clip_from + 1);
  g_assert_cmpstr (g_array_index (frames, CsmTruth, 3).md5, ==,
                   g_array_index (truth, CsmTruth, 23).md5);

  g_hash_table_remove_all (f->files);
  f->selection.clips = CSM_CLIPS_FFV1;
  make (f, 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (mark->clip, ==, "clips/E-0001-f000023-f000031.mkv");
  g_assert_cmpint (mark->clip_from, ==, 23);
  g_assert_cmpint (mark->clip_to, ==, 31);
}

/* Two people mark the same frames: one file of each kind, named by both. */
static void
test_same_frames_share_files (Fixture *f, gconstpointer data)
{
  CsmDossierMark *one = add_mark (f, 0, 23, 31), *other = add_mark (f, 0, 23, 31);
  g_autoptr (GError) error = NULL;

  f->selection.clips = CSM_CLIPS_COPIED;
  make (f, 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_hash_table_size (f->files), ==, 4);
  g_assert_cmpstr (one->still, ==, other->still);
  g_assert_cmpstr (one->captioned, ==, other->captioned);
  g_assert_cmpstr (one->clip, ==, other->clip);
  g_assert_cmpint (one->clip_to, ==, other->clip_to);
}

static void
test_what_has_no_picture_is_noted (Fixture *f, gconstpointer data)
{
  CsmDossierMark *sound = add_mark (f, CSM_SOUND_TRACK (0), 0, 4000);
  CsmDossierMark *beyond = add_mark (f, 0, 49, 50);
  g_autoptr (GError) error = NULL;

  make (f, 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (sound->still);
  g_assert_null (beyond->still);
  g_assert_cmpint (f->notes->len, ==, 2);
  g_assert_cmpstr (f->notes->pdata[0], ==,
                   "E-0001: no still of frames 0 to 4000: it is a mark of sound");
}

/* A clip that is too long is noted, what was begun of it is taken back, and the next is made.
 */
static void
test_a_clip_that_is_too_long_is_dropped (Fixture *f, gconstpointer data)
{
  CsmDossierMark *large = add_mark (f, 0, 0, 49), *small = add_mark (f, 0, 10, 10);
  g_autoptr (GError) error = NULL;

  f->selection.clips = CSM_CLIPS_FFV1;
  make (f, 200000, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (large->clip);
  g_assert_nonnull (large->still);
  g_assert_nonnull (small->clip);
  g_assert_cmpint (f->notes->len, ==, 1);
  g_assert_false (g_hash_table_contains (f->files, "clips/E-0001-f000000-f000049.mkv"));
}

static void
test_a_full_disk_ends_it (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  add_mark (f, 0, 0, 49);
  f->selection.stills = f->selection.captions = false;
  f->selection.clips = CSM_CLIPS_FFV1;
  f->fail_at = 3;
  g_assert_false (make (f, 0, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_assert_cmpint (f->notes->len, ==, 0);
}

/* Somebody puts another file in its place: it is noted, and nothing of it is made. */
static void
test_an_exhibit_that_cannot_be_read_is_noted (Fixture *f, gconstpointer data)
{
  g_autofree char *other = csm_clip_get_path ("other.bin");
  g_autoptr (CsmMediaSource) source = NULL;
  g_autoptr (GError) error = NULL;
  CsmDossierMark *mark = add_mark (f, 0, 3, 9);

  g_assert_true (g_file_set_contents (other, "nothing", -1, NULL));
  source = csm_media_source_new_for_path (other, &error);
  g_assert_no_error (error);
  csm_worker_free (f->still.worker);
  f->still.worker = csm_worker_new (source, false);
  f->selection.clips = CSM_CLIPS_COPIED;
  make (f, 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (mark->still);
  g_assert_null (mark->captioned);
  g_assert_null (mark->clip);
  g_assert_cmpint (f->notes->len, ==, 3);
}

static void
test_cancelled (Fixture *f, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  add_mark (f, 0, 0, 49);
  g_cancellable_cancel (cancellable);
  g_assert_false (make (f, 0, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* Pages of a bounded size, all marks on them. */
static void
test_sheets (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  cairo_surface_t *first, *last;

  for (int i = 0; i < CSM_CONTACT_SHEET_MARKS + 1; i++)
    add_mark (f, 0, i, i + 3);
  add_mark (f, CSM_SOUND_TRACK (0), 0, 9);
  f->selection.captions = false;
  make (f, 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (f->exhibit.contact_sheet, ==, "stills/E-0001-contact-sheet.png");
  g_assert_cmpint (csm_export_pictures_count_sheets (&f->exhibit), ==, 2);
  first = load (f, f->exhibit.contact_sheet);
  last = load (f, "stills/E-0001-contact-sheet-2.png");
  g_assert_cmpint (cairo_image_surface_get_height (first), >,
                   3 * cairo_image_surface_get_height (last));
  cairo_surface_destroy (first);
  cairo_surface_destroy (last);
}

static void
test_twice_the_same (Fixture *f, gconstpointer data)
{
  g_autoptr (GHashTable) before = NULL;
  g_autoptr (GError) error = NULL;
  GHashTableIter iter;
  gpointer path, bytes;

  add_mark (f, 0, 23, 31);
  f->selection.clips = CSM_CLIPS_H264;
  make (f, 0, NULL, &error);
  g_assert_no_error (error);
  before = f->files;
  f->files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                    (GDestroyNotify) g_byte_array_unref);
  make (f, 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_hash_table_size (f->files), ==, 4);
  g_hash_table_iter_init (&iter, before);
  while (g_hash_table_iter_next (&iter, &path, &bytes))
    {
      g_autoptr (GBytes) again = get_file (f, path);
      const GByteArray *first = bytes;

      g_assert_cmpmem (first->data, first->len, g_bytes_get_data (again, NULL),
                       g_bytes_get_size (again));
    }
}

/* A private-use letter shows that it would be seen. */
static void
test_letters (Fixture *f, gconstpointer data)
{
  g_autoptr (CsmPictureText) text = csm_picture_text_new (400, 14);

  csm_picture_text_add (text, TITLE, true, 2);
  csm_picture_text_add (text, "Ўзброеныя, їхні, ґрунт; أشخاص مدنيون، پلیس", false, 0);
  csm_picture_text_add_figures (text, "SHA-256 0123456789abcdef");
  g_assert_cmpint (csm_picture_text_count_unknown (text), ==, 0);
  csm_picture_text_add (text, "\xf4\x80\x80\x80", false, 0);
  g_assert_cmpint (csm_picture_text_count_unknown (text), ==, 1);
}

/* "look FILM FOLDER TITLE": makes everything of a film into a folder, for people. */
static void
look (const char *path, const char *folder, const char *title)
{
  Fixture f = { 0 };
  GHashTableIter iter;
  gpointer name, bytes;
  g_autoptr (GError) error = NULL;
  int64_t n;

  set_up_with (&f, path);
  f.dossier.title = (char *) title;
  n = csm_frame_index_get_n_frames (f.exhibit.index);
  for (int i = 0; i < 7; i++)
    add_mark (&f, 0, n * i / 8, MIN (n * i / 8 + 20, n - 1));
  f.selection.clips = CSM_CLIPS_H264;
  make (&f, 0, NULL, &error);
  g_assert_no_error (error);
  g_hash_table_iter_init (&iter, f.files);
  while (g_hash_table_iter_next (&iter, &name, &bytes))
    {
      g_autofree char *base = g_path_get_basename (name);
      g_autofree char *to = g_build_filename (folder, base, NULL);
      const GByteArray *array = bytes;

      g_file_set_contents (to, (char *) array->data, array->len, NULL);
    }
  for (guint i = 0; i < f.notes->len; i++)
    g_print ("# %s\n", (char *) f.notes->pdata[i]);
  tear_down (&f, NULL);
}

#define ADD(name, test) \
  g_test_add ("/casement/export/pictures/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  int result;

  if (argc == 5 && g_str_equal (argv[1], "look"))
    {
      look (argv[2], argv[3], argv[4]);
      return 0;
    }
  g_test_init (&argc, &argv, NULL);
  csm_clip_begin ();
  ADD ("still", test_still);
  ADD ("caption", test_caption);
  ADD ("clips", test_clips);
  ADD ("same-frames-share-files", test_same_frames_share_files);
  ADD ("what-has-no-picture-is-noted", test_what_has_no_picture_is_noted);
  ADD ("a-clip-that-is-too-long-is-dropped", test_a_clip_that_is_too_long_is_dropped);
  ADD ("a-full-disk-ends-it", test_a_full_disk_ends_it);
  ADD ("an-exhibit-that-cannot-be-read-is-noted", test_an_exhibit_that_cannot_be_read_is_noted);
  ADD ("cancelled", test_cancelled);
  ADD ("sheets", test_sheets);
  ADD ("letters", test_letters);
  ADD ("twice-the-same", test_twice_the_same);
  result = g_test_run ();
  csm_clip_end ();
  return result;
}
