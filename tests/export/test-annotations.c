/* test-annotations.c: marks in the formats of other tools
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-annotations.h"

#include "dossier-fixture.h"

#include <string.h>

/* --- what FORMAT.md says, as kept --- */

static void
assert_kept (GBytes *bytes, const char *name)
{
  g_autofree char *path =
      g_test_build_filename (G_TEST_DIST, "export", "data", "annotations", name, NULL);
  g_autofree char *written =
      g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_autofree char *kept = NULL;
  GString *expected;
  g_autoptr (GError) error = NULL;

  (void) g_file_get_contents (path, &kept, NULL, &error);
  g_assert_no_error (error);
  expected = g_string_new (kept);
  g_string_replace (expected, "@VERSION@", CSM_VERSION, 0);
  g_assert_cmpstr (written, ==, expected->str);
  g_string_free (expected, TRUE);
}

static void
test_are_as_kept (void)
{
  CsmDossier *dossier = dossier_fixture_new ();
  const CsmDossierExhibit *exhibit = dossier_fixture_get_exhibit (dossier, 1);
  g_autoptr (GBytes) web = csm_annotations_write_web (dossier);
  g_autoptr (GBytes) vtt = csm_annotations_write_vtt (dossier, exhibit);
  g_autoptr (GBytes) eaf = csm_annotations_write_eaf (dossier, exhibit);
  g_autoptr (GBytes) csv = csm_annotations_write_csv (dossier);
  g_autoptr (GBytes) frames = csm_annotations_write_frames (dossier);

  assert_kept (web, "annotations.jsonld");
  assert_kept (vtt, "E-0001.vtt");
  assert_kept (eaf, "E-0001.eaf");
  assert_kept (csv, "marks.csv");
  assert_kept (frames, "marked-frames.tsv");
  dossier_fixture_free (dossier);
}

static void
test_do_not_name_the_time_of_export (void)
{
  CsmDossier *dossier = dossier_fixture_new ();
  const CsmDossierExhibit *exhibit = dossier_fixture_get_exhibit (dossier, 1);
  g_autoptr (GBytes) web = NULL;
  g_autoptr (GBytes) eaf = NULL;

  dossier->made += 86400000;
  web = csm_annotations_write_web (dossier);
  eaf = csm_annotations_write_eaf (dossier, exhibit);
  assert_kept (web, "annotations.jsonld");
  assert_kept (eaf, "E-0001.eaf");
  dossier_fixture_free (dossier);
}

/* --- what has no time --- */

static void
test_without_time_there_is_nothing_to_write (void)
{
  CsmDossier *dossier = dossier_fixture_new ();

  /* A picture, frames without time stamps, no marks. */
  for (unsigned i = 3; i <= 5; i++)
    {
      const CsmDossierExhibit *exhibit = dossier_fixture_get_exhibit (dossier, i);

      g_assert_null (csm_annotations_write_vtt (dossier, exhibit));
      g_assert_null (csm_annotations_write_eaf (dossier, exhibit));
    }
  dossier_fixture_free (dossier);
}

/* --- odd ones --- */

static void
assert_holds (GBytes *bytes, const char *part)
{
  g_assert_nonnull (
      g_strstr_len (g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes), part));
}

static void
test_marks_of_lost_entries_are_not_lost (void)
{
  CsmDossier *dossier = dossier_fixture_new ();
  CsmDossierExhibit *exhibit = dossier_fixture_get_exhibit (dossier, 2);
  CsmDossierMark *mark = g_ptr_array_index (exhibit->marks, 0);
  g_autoptr (GBytes) web = NULL;
  g_autoptr (GBytes) vtt = NULL;
  g_autoptr (GBytes) eaf = NULL;

  mark->reviewer = NULL;
  *mark->mark->author = '\0';
  web = csm_annotations_write_web (dossier);
  vtt = csm_annotations_write_vtt (dossier, exhibit);
  eaf = csm_annotations_write_eaf (dossier, exhibit);
  assert_holds (web, "shouting");
  assert_holds (vtt, "<v >shouting");
  assert_holds (eaf, "<ANNOTATION_VALUE>shouting</ANNOTATION_VALUE>");
  assert_holds (eaf, "TIER_ID=\"not known\"");
  dossier_fixture_free (dossier);
}

static void
test_a_name_stays_a_name (void)
{
  CsmDossier *dossier = dossier_fixture_new ();
  CsmDossierExhibit *exhibit = dossier_fixture_get_exhibit (dossier, 2);
  CsmDossierMark *mark = g_ptr_array_index (exhibit->marks, 0);
  CsmDossierReviewer *reviewer = g_ptr_array_index (dossier->reviewers, 0);
  g_autoptr (GBytes) vtt = NULL;
  g_autoptr (GBytes) eaf = NULL;

  g_free (reviewer->label);
  reviewer->label = g_strdup ("A\n\n\"<b>\" & -->");
  g_free (mark->mark->author);
  mark->mark->author = g_strdup (reviewer->label);
  vtt = csm_annotations_write_vtt (dossier, exhibit);
  eaf = csm_annotations_write_eaf (dossier, exhibit);
  assert_holds (vtt, "\n<v A  \"&lt;b&gt;\" &amp; --&gt;>shouting\n");
  assert_holds (eaf, "TIER_ID=\"A&#10;&#10;&quot;&lt;b&gt;&quot; &amp; --&gt;\"");
  dossier_fixture_free (dossier);
}

/* A ledger that was merged may hold a code of any letters. */
static void
test_a_code_stays_a_class (void)
{
  CsmDossier *dossier = dossier_fixture_new ();
  CsmDossierExhibit *exhibit = dossier_fixture_get_exhibit (dossier, 2);
  CsmDossierMark *mark = g_ptr_array_index (exhibit->marks, 0);
  g_autoptr (GBytes) vtt = NULL;

  g_free (mark->mark->code);
  mark->mark->code = g_strdup ("a-1>\n\n00:00:00.000 --> 00:00:09.000\n\303\251");
  mark->code = NULL;
  vtt = csm_annotations_write_vtt (dossier, exhibit);
  assert_holds (vtt, "<c.a-1---00-00-00-000-----00-00-09-000--->a-1&gt;\n&nbsp;\n");
  dossier_fixture_free (dossier);
}

static void
test_hashes_stay_in_their_cells (void)
{
  CsmDossier *dossier = dossier_fixture_new ();
  CsmDossierExhibit *exhibit = dossier_fixture_get_exhibit (dossier, 1);
  CsmDossierMark *mark = g_ptr_array_index (exhibit->marks, 0);
  g_autoptr (GBytes) frames = NULL;

  g_strlcpy (mark->frames[0].library, "a\tb\nc", sizeof mark->frames[0].library);
  frames = csm_annotations_write_frames (dossier);
  assert_holds (frames, "\t320\t240\ta?b?c\n");
  dossier_fixture_free (dossier);
}

static void
test_a_region_is_drawn_on_its_own_frames_size (void)
{
  CsmDossier *dossier = dossier_fixture_new ();
  CsmDossierExhibit *exhibit = dossier_fixture_get_exhibit (dossier, 3);
  CsmDossierMark *mark = g_ptr_array_index (exhibit->marks, 0);
  g_autoptr (GBytes) shaped = NULL;
  g_autoptr (GBytes) committed = NULL;

  mark->frames[0].width = 640;
  shaped = csm_annotations_write_web (dossier);
  assert_holds (shaped, "viewBox=\\\"0 0 320 240\\\"><rect x=\\\"5\\\"");
  g_clear_pointer (&exhibit->index, csm_frame_index_unref);
  committed = csm_annotations_write_web (dossier);
  assert_holds (committed, "viewBox=\\\"0 0 640 240\\\"><rect x=\\\"5\\\"");
  dossier_fixture_free (dossier);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, test) g_test_add_func ("/casement/export/annotations/" name, test)
  ADD ("are-as-kept", test_are_as_kept);
  ADD ("do-not-name-the-time-of-export", test_do_not_name_the_time_of_export);
  ADD ("without-time-there-is-nothing-to-write", test_without_time_there_is_nothing_to_write);
  ADD ("a-code-stays-a-class", test_a_code_stays_a_class);
  ADD ("marks-of-lost-entries-are-not-lost", test_marks_of_lost_entries_are_not_lost);
  ADD ("a-name-stays-a-name", test_a_name_stays_a_name);
  ADD ("hashes-stay-in-their-cells", test_hashes_stay_in_their_cells);
  ADD ("a-region-is-drawn-on-its-own-frames-size",
       test_a_region_is_drawn_on_its_own_frames_size);
  return g_test_run ();
}
