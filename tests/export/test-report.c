/* test-report.c: the report for people, from dossiers that no case is likely to hold
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-report.h"

#include "base/csm-error.h"
#include "dossier-fixture.h"
#include "media/csm-frame-index-builder.h"

#include <cairo.h>
#include <string.h>

#define HOSTILE "</script></style><script>alert(1)</script>\"'&\001\342\200\256<!--"

/* ---- Stills ---- */

static cairo_status_t
append_cb (void *closure, const unsigned char *data, unsigned int length)
{
  g_byte_array_append (closure, data, length);
  return CAIRO_STATUS_SUCCESS;
}

/* @data: NULL, a picture; "broken"; "missing". */
static GBytes *
read_still_cb (const char *path, gpointer data, GError **error)
{
  GByteArray *bytes = g_byte_array_new ();
  cairo_surface_t *surface;

  g_assert_true (g_str_has_prefix (path, "stills/"));
  if (g_strcmp0 (data, "broken") == 0)
    return g_byte_array_free_to_bytes (
        g_byte_array_append (bytes, (const guint8 *) "\211PNG\r\n\032\nno picture", 18));
  if (g_strcmp0 (data, "missing") == 0)
    {
      g_byte_array_unref (bytes);
      g_set_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_NOT_FOUND, "%s is not there", path);
      return NULL;
    }
  surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 320, 240);
  cairo_surface_write_to_png_stream (surface, append_cb, bytes);
  cairo_surface_destroy (surface);
  return g_byte_array_free_to_bytes (bytes);
}

static char *
write_html (const CsmDossier *dossier)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) html = csm_report_write_html (dossier, &error);

  g_assert_no_error (error);
  g_assert_true (
      g_utf8_validate (g_bytes_get_data (html, NULL), (gssize) g_bytes_get_size (html), NULL));
  return g_strndup (g_bytes_get_data (html, NULL), g_bytes_get_size (html));
}

static GBytes *
write_pdf (const CsmDossier *dossier, const char *how)
{
  g_autoptr (GError) error = NULL;
  GBytes *pdf = csm_report_write_pdf (dossier, read_still_cb, (gpointer) how, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (pdf, NULL), 5, "%PDF-", 5);
  return pdf;
}

/* What annotations do not ask for, and the fixture leaves out. */
static void
fill_in (CsmDossier *dossier)
{
  for (unsigned i = 0; i < dossier->exhibits->len; i++)
    {
      CsmDossierExhibit *exhibit = g_ptr_array_index (dossier->exhibits, i);
      CsmMediaInfo *info = exhibit->info;

      if (exhibit->exhibit->acquisition == NULL)
        exhibit->exhibit->acquisition = csm_acquisition_new ();
      if (info == NULL)
        continue;
      if (info->library == NULL)
        info->library = g_strdup ("libavcodec");
      if (info->format == NULL)
        info->format = g_strdup ("mov,mp4");
      for (int j = 0; j < info->n_streams; j++)
        if (info->streams[j].codec == NULL)
          info->streams[j].codec = g_strdup ("h264");
    }
  if (dossier->records == NULL)
    dossier->records = g_ptr_array_new ();
}

static CsmDossier *
make_dossier (void)
{
  CsmDossier *dossier = dossier_fixture_new ();
  CsmDossierMark *mark = dossier_fixture_add_mark (
      dossier, dossier_fixture_get_exhibit (dossier, 1), 0, 1, 2, NULL, "a still");

  fill_in (dossier);
  g_free (mark->still);
  mark->still = g_strdup ("stills/E-0001-f000001.png");
  dossier_fixture_add_region (mark, 1, (CsmRect){ -5, 10, 5000, 20 });
  return dossier;
}

/* ---- What holds ---- */

static void
test_same_bytes (void)
{
  CsmDossier *dossier = make_dossier ();
  g_autofree char *one = write_html (dossier);
  g_autofree char *two = write_html (dossier);
  g_autoptr (GBytes) pdf_one = write_pdf (dossier, NULL);
  g_autoptr (GBytes) pdf_two = write_pdf (dossier, NULL);

  g_assert_cmpstr (one, ==, two);
  g_assert_true (g_bytes_equal (pdf_one, pdf_two));
  dossier_fixture_free (dossier);
}

static void
replace (char **text)
{
  g_free (*text);
  *text = g_strdup (HOSTILE);
}

/* Every text that comes from elsewhere. */
static void
test_hostile (void)
{
  CsmDossier *dossier = make_dossier ();
  CsmDossierExhibit *exhibit = dossier_fixture_get_exhibit (dossier, 1);
  CsmDossierMark *mark = g_ptr_array_index (exhibit->marks, 0);
  g_autofree char *html = NULL;
  g_autoptr (GBytes) pdf = NULL;
  const char *at;
  int scripts = 0;

  replace (&dossier->title);
  replace (&exhibit->exhibit->name);
  replace (&exhibit->exhibit->status);
  replace (&exhibit->exhibit->format);
  replace (&exhibit->exhibit->codec);
  replace (&exhibit->exhibit->acquisition->source);
  replace (&mark->mark->text);
  replace (&mark->mark->code);
  mark->code = NULL;
  replace (&((CsmDossierReviewer *) g_ptr_array_index (dossier->reviewers, 0))->label);
  html = write_html (dossier);
  g_assert_null (strstr (html, "<script>alert"));
  g_assert_null (strstr (html, "\001"));
  g_assert_null (strstr (html, "<!--"));
  g_assert_nonnull (strstr (html, "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;"));
  for (at = strstr (html, "<script>"); at != NULL; at = strstr (at + 1, "<script>"))
    scripts++;
  g_assert_cmpint (scripts, ==, 1);
  pdf = write_pdf (dossier, NULL);
  dossier_fixture_free (dossier);
}

static void
test_nothing_known (void)
{
  CsmDossier *dossier = make_dossier ();
  g_autofree char *html = NULL;
  g_autoptr (GBytes) pdf = NULL;

  for (unsigned i = 0; i < dossier->exhibits->len; i++)
    {
      CsmDossierExhibit *exhibit = g_ptr_array_index (dossier->exhibits, i);

      g_clear_pointer (&exhibit->index, csm_frame_index_unref);
      g_clear_pointer (&exhibit->info, csm_media_info_unref);
      g_clear_pointer (&exhibit->file, g_free);
      exhibit->exhibit->n_frames = exhibit->exhibit->duration_ms = -1;
      exhibit->exhibit->width = exhibit->exhibit->height = 0;
    }
  g_ptr_array_set_size (dossier->records, 0);
  html = write_html (dossier);
  pdf = write_pdf (dossier, NULL);
  g_assert_null (strstr (html, "<video"));
  g_assert_nonnull (strstr (html, "The file of this exhibit is not in the bundle."));
  g_assert_nonnull (strstr (html, "No record is in this bundle."));
  dossier_fixture_free (dossier);
}

/* Frames that last each another while: time stamps of the marks' frames alone are written. */
static void
test_long_varying_rate (void)
{
  CsmDossier *dossier = make_dossier ();
  CsmDossierExhibit *exhibit = dossier_fixture_get_exhibit (dossier, 1);
  CsmFrameIndexBuilder *builder =
      csm_frame_index_builder_new (0, (CsmTimebase){ 1, 1000 }, "libavcodec");
  g_autofree char *html = NULL;

  for (int i = 0; i < 20000; i++)
    csm_frame_index_builder_add_packet (builder,
                                        &(CsmIndexPacket){ .pos = i * 10,
                                                           .size = 10,
                                                           .dts = i * 40,
                                                           .duration = 40,
                                                           .pts = i * 40 + i % 3,
                                                           .flags = CSM_INDEX_PACKET_KEY });
  csm_frame_index_unref (exhibit->index);
  exhibit->index = csm_frame_index_builder_finish (builder, false);
  dossier_fixture_clear_marks (dossier);
  dossier_fixture_add_mark (dossier, exhibit, 0, 100, 102, NULL, "");
  dossier_fixture_add_mark (dossier, exhibit, 0, 101, 101, NULL, "");
  dossier_fixture_add_mark (dossier, exhibit, 0, 104, 104, NULL, "");
  dossier_fixture_add_mark (dossier, exhibit, 0, 19999, 19999, NULL, "");
  html = write_html (dossier);
  g_assert_nonnull (strstr (html, "\"count\":20000,\"last\":40,\"pieces\":["
                                  "[99,3960,[41,2,38,1,41,1]],[104,4162,[38,1]],"
                                  "[19998,799920,[41,1]]]}"));
  dossier_fixture_free (dossier);
}

static void
test_stills (void)
{
  CsmDossier *dossier = make_dossier ();
  g_autoptr (GBytes) pdf = write_pdf (dossier, "broken");
  g_autoptr (GError) error = NULL;

  g_assert_null (
      csm_report_write_pdf (dossier, read_still_cb, (gpointer) "missing", NULL, &error));
  g_assert_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_NOT_FOUND);
  dossier_fixture_free (dossier);
}

/* A ledger may say anything of a frame: the index says when it ends. */
static void
test_end_of_the_last_frame (void)
{
  CsmDossier *dossier = make_dossier ();
  CsmDossierExhibit *exhibit = dossier_fixture_get_exhibit (dossier, 1);
  const int64_t last = csm_frame_index_get_n_frames (exhibit->index) - 1;
  const CsmFrameEntry *entry = csm_frame_index_get (exhibit->index, last);
  g_autofree char *html = NULL;
  g_autofree char *end = g_strdup_printf (" data-end-ticks=\"%" G_GINT64_FORMAT "\"",
                                          entry->pts + entry->duration);

  dossier_fixture_clear_marks (dossier);
  dossier_fixture_add_mark (dossier, exhibit, 0, last, last, NULL, "")->mark->to_pts =
      INT64_MAX;
  html = write_html (dossier);
  g_assert_nonnull (strstr (html, end));
  dossier_fixture_free (dossier);
}

static void
test_cancelled (void)
{
  CsmDossier *dossier = make_dossier ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (csm_report_write_pdf (dossier, read_still_cb, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  dossier_fixture_free (dossier);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/casement/export/report/same-bytes", test_same_bytes);
  g_test_add_func ("/casement/export/report/hostile-texts-stay-texts", test_hostile);
  g_test_add_func ("/casement/export/report/what-is-not-known-is-left-out", test_nothing_known);
  g_test_add_func ("/casement/export/report/time-stamps-of-marks-alone",
                   test_long_varying_rate);
  g_test_add_func ("/casement/export/report/stills-missing-and-broken", test_stills);
  g_test_add_func ("/casement/export/report/end-of-the-last-frame", test_end_of_the_last_frame);
  g_test_add_func ("/casement/export/report/cancelled", test_cancelled);
  return g_test_run ();
}
