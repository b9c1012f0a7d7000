/* test-dossier.c: what a selection comes to, and what stays home
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle-fixture.h"

#include "base/csm-json.h"
#include "casefile/csm-displayed.h"
#include "export/csm-dossier-private.h"

#include <string.h>

static void
choose (GPtrArray *ids, const CsmId *id)
{
  g_ptr_array_add (ids, g_memdup2 (id, sizeof *id));
}

static const CsmDossierExhibit *
get_exhibit (const CsmDossier *dossier, guint number)
{
  g_assert_cmpuint (number, <, dossier->exhibits->len);
  return dossier->exhibits->pdata[number];
}

static const CsmDossierMark *
get_mark (const CsmDossier *dossier, guint exhibit, guint number)
{
  g_assert_cmpuint (number, <, get_exhibit (dossier, exhibit)->marks->len);
  return get_exhibit (dossier, exhibit)->marks->pdata[number];
}

static int64_t
count_withheld (const CsmDossier *dossier, const char *what, const char *why)
{
  for (guint i = 0; i < dossier->withheld->len; i++)
    {
      const CsmDossierWithheld *withheld = dossier->withheld->pdata[i];

      if (strcmp (withheld->what, what) == 0 && strcmp (withheld->why, why) == 0)
        return withheld->count;
    }
  return 0;
}

static void
test_whole (BundleFixture *fixture, gconstpointer data)
{
  g_autoptr (CsmSelection) all = csm_selection_new ();
  g_autoptr (CsmDossier) dossier = bundle_fixture_read (fixture, all);

  g_assert_cmpuint (dossier->exhibits->len, ==, 2);
  g_assert_cmpint (dossier->n_marks, ==, 3);
  g_assert_cmpstr (get_mark (dossier, 0, 0)->mark->text, ==, "smoke");
  g_assert_cmpstr (get_mark (dossier, 0, 1)->mark->text, ==, "two officers, one baton");
  g_assert_cmpint (get_mark (dossier, 0, 1)->n_frames, ==, 2);
  g_assert_cmpint (get_mark (dossier, 0, 1)->frames[1].ordinal, ==, 25);
  g_assert_cmpint (dossier->made, ==, BUNDLE_MADE);
  g_assert_cmpint (dossier->n_entries, ==, csm_case_count_entries (fixture->acase.acase, NULL));
  g_assert_cmpint (dossier->n_superseded, ==, 2);
}

static void
test_withheld (BundleFixture *fixture, gconstpointer data)
{
  g_autoptr (CsmSelection) all = csm_selection_new ();
  g_autoptr (CsmDossier) dossier = bundle_fixture_read (fixture, all);

  g_assert_cmpint (count_withheld (dossier, "1 exhibit", "marked 'do not export'"), ==, 1);
  g_assert_cmpint (count_withheld (dossier, "1 mark", "marked 'do not export'"), ==, 1);
  g_assert_cmpint (count_withheld (dossier, "how 1 exhibit was obtained", "not asked for"), ==,
                   1);
  g_assert_cmpint (count_withheld (dossier, "the notes on 1 exhibit", "not asked for"), ==, 1);
  g_assert_cmpint (
      count_withheld (dossier, "2 earlier revisions and removed marks", "not asked for"), ==,
      2);
  g_assert_cmpint (count_withheld (dossier, "the reviewers' names", "not asked for"), ==, 2);
}

static void
test_do_not_export_is_obeyed (BundleFixture *fixture, gconstpointer data)
{
  g_autoptr (CsmSelection) selection = csm_selection_new ();
  g_autoptr (GError) error = NULL;

  choose (selection->exhibits, &fixture->hidden->id);
  g_assert_null (csm_dossier_new (fixture->acase.acase, selection, BUNDLE_MADE, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_INVALID);
}

static void
test_pseudonyms (BundleFixture *fixture, gconstpointer data)
{
  g_autoptr (CsmSelection) all = csm_selection_new ();
  g_autoptr (CsmDossier) dossier = bundle_fixture_read (fixture, all);
  const CsmDossierReviewer *second = csm_dossier_find_reviewer (dossier, fixture->their_key);

  g_assert_cmpuint (dossier->reviewers->len, ==, 2);
  g_assert_cmpstr (dossier->exporter->label, ==, "Reviewer A");
  g_assert_cmpstr (dossier->exporter->key_file, ==, "ledger/keys/reviewer-a");
  g_assert_cmpstr (second->label, ==, "Reviewer B");
  g_assert_cmpstr (get_mark (dossier, 1, 0)->mark->author, ==, "Reviewer B");
  g_assert_true (get_mark (dossier, 1, 0)->reviewer == second);
}

static void
test_names (BundleFixture *fixture, gconstpointer data)
{
  g_autoptr (CsmSelection) all = csm_selection_new ();
  g_autoptr (CsmDossier) dossier = NULL;

  all->names = true;
  dossier = bundle_fixture_read (fixture, all);
  g_assert_cmpstr (dossier->exporter->label, ==, FIRST_REVIEWER);
  g_assert_cmpstr (get_mark (dossier, 1, 0)->mark->author, ==, SECOND_REVIEWER);
  g_assert_cmpint (count_withheld (dossier, "the reviewers' names", "not asked for"), ==, 0);
}

static void
test_said (BundleFixture *fixture, gconstpointer data)
{
  g_autoptr (CsmSelection) selection = csm_selection_new ();

  for (int i = 0; i < 4; i++)
    {
      g_autoptr (CsmDossier) dossier = NULL;
      const CsmAcquisition *said;

      selection->acquisition = (i & 1) != 0;
      selection->notes = (i & 2) != 0;
      dossier = bundle_fixture_read (fixture, selection);
      said = get_exhibit (dossier, 0)->exhibit->acquisition;
      g_assert_cmpstr (said->source, ==, selection->acquisition ? SECRET_SOURCE : "");
      g_assert_cmpstr (said->obtained_from, ==, selection->acquisition ? SECRET_GIVER : "");
      g_assert_cmpstr (said->notes, ==, selection->notes ? SECRET_NOTE : "");
    }
}

static void
test_files (BundleFixture *fixture, gconstpointer data)
{
  g_autoptr (CsmSelection) selection = csm_selection_new ();
  g_autoptr (CsmDossier) with = bundle_fixture_read (fixture, selection);
  g_autoptr (CsmDossier) without = NULL;

  g_assert_cmpstr (get_exhibit (with, 0)->file, ==, "exhibits/E-0001.mp4");
  g_assert_cmpstr (get_exhibit (with, 0)->mime_type, ==, "video/mp4");
  g_assert_cmpstr (get_exhibit (with, 1)->label, ==, "E-0003");
  g_assert_cmpstr (get_exhibit (with, 1)->file, ==, "exhibits/E-0003.bin");
  g_assert_cmpstr (get_exhibit (with, 1)->mime_type, ==, "application/octet-stream");
  selection->files = false;
  without = bundle_fixture_read (fixture, selection);
  g_assert_null (get_exhibit (without, 0)->file);
}

static void
test_choosing_by_code (BundleFixture *fixture, gconstpointer data)
{
  g_autoptr (CsmSelection) selection = csm_selection_new ();
  g_autoptr (CsmDossier) dossier = NULL;
  bool holds_baton = false;

  g_ptr_array_add (selection->codes, g_strdup ("baton"));
  dossier = bundle_fixture_read (fixture, selection);
  g_assert_cmpuint (dossier->exhibits->len, ==, 1);
  g_assert_cmpint (dossier->n_marks, ==, 1);
  g_assert_cmpstr (get_mark (dossier, 0, 0)->mark->id.hex, ==, fixture->baton->id.hex);
  g_assert_cmpstr (get_mark (dossier, 0, 0)->code->id, ==, "baton");
  g_assert_cmpint (count_withheld (dossier, "2 marks", "not chosen"), ==, 2);
  g_assert_cmpint (count_withheld (dossier, "1 exhibit", "not chosen"), ==, 1);
  /* It and its parents, and no other. */
  g_assert_cmpuint (dossier->codes->len, <=, 3);
  for (guint i = 0; i < dossier->codes->len; i++)
    holds_baton = holds_baton || dossier->codes->pdata[i] == get_mark (dossier, 0, 0)->code;
  g_assert_true (holds_baton);
}

static void
test_choosing_by_reviewer (BundleFixture *fixture, gconstpointer data)
{
  g_autoptr (CsmSelection) selection = csm_selection_new ();
  g_autoptr (CsmDossier) dossier = NULL;

  g_ptr_array_add (selection->authors, g_strdup (fixture->their_key));
  dossier = bundle_fixture_read (fixture, selection);
  g_assert_cmpint (dossier->n_marks, ==, 1);
  g_assert_cmpstr (get_mark (dossier, 0, 0)->mark->id.hex, ==, fixture->theirs->id.hex);
}

static void
test_choosing_both (BundleFixture *fixture, gconstpointer data)
{
  g_autoptr (CsmSelection) selection = csm_selection_new ();
  g_autoptr (CsmDossier) dossier = NULL;
  g_autoptr (GError) error = NULL;

  choose (selection->exhibits, &fixture->first->id);
  choose (selection->marks, &fixture->plain->id);
  choose (selection->marks, &fixture->theirs->id);
  dossier = bundle_fixture_read (fixture, selection);
  g_assert_cmpint (dossier->n_marks, ==, 1);
  g_assert_cmpstr (get_mark (dossier, 0, 0)->mark->id.hex, ==, fixture->plain->id.hex);
  g_ptr_array_add (selection->codes, g_strdup ("baton"));
  g_assert_null (csm_dossier_new (fixture->acase.acase, selection, BUNDLE_MADE, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_INVALID);
}

static void
test_choosing_what_is_not_there (BundleFixture *fixture, gconstpointer data)
{
  const CsmId nothing = csm_id_new ();

  for (int i = 0; i < 4; i++)
    {
      g_autoptr (CsmSelection) selection = csm_selection_new ();
      g_autoptr (GError) error = NULL;

      if (i < 2)
        choose (i == 0 ? selection->exhibits : selection->marks, &nothing);
      else
        g_ptr_array_add (i == 2 ? selection->codes : selection->authors, g_strdup ("none"));
      g_assert_null (csm_dossier_new (fixture->acase.acase, selection, BUNDLE_MADE, &error));
      g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_NOT_FOUND);
    }
}

static void
test_removed_marks_are_asked_about (BundleFixture *fixture, gconstpointer data)
{
  g_autoptr (CsmSelection) selection = csm_selection_new ();
  g_autoptr (CsmDossier) dossier = bundle_fixture_read (fixture, selection);
  g_autoptr (CsmDossier) asked = NULL;

  g_assert_cmpuint (g_hash_table_size (dossier->removed), ==, 0);
  selection->superseded = true;
  asked = bundle_fixture_read (fixture, selection);
  g_assert_cmpuint (g_hash_table_size (asked->removed), ==, 1);
  g_assert_cmpint (
      count_withheld (asked, "2 earlier revisions and removed marks", "not asked for"), ==, 0);
}

static int
count_records (const CsmDossier *dossier, const char *part)
{
  int n = 0;

  for (guint i = 0; i < dossier->records->len; i++)
    {
      const CsmDossierRecord *record = dossier->records->pdata[i];

      n += strstr (record->sentence, part) != NULL ? 1 : 0;
      g_assert_null (strstr (record->sentence, FIRST_REVIEWER));
      g_assert_null (strstr (record->sentence, SECRET_READER));
      g_assert_null (strstr (record->sentence, "clip one"));
      g_assert_nonnull (record->reviewer);
    }
  return n;
}

static void
test_records (BundleFixture *fixture, gconstpointer data)
{
  g_autoptr (CsmSelection) selection = csm_selection_new ();
  g_autoptr (CsmDossier) dossier = bundle_fixture_read (fixture, selection);
  const CsmDossierRecord *first = dossier->records->pdata[0];
  g_autoptr (CsmDossier) asked = NULL;

  g_assert_cmpstr (first->sentence, ==, "The case was created");
  g_assert_cmpint (count_records (dossier, "Taken in as E-0001"), ==, 1);
  g_assert_cmpint (count_records (dossier, "E-0002"), ==, 0);
  g_assert_cmpint (count_records (dossier, "What is said about E-0001 changed"), ==, 2);
  g_assert_cmpint (count_records (dossier, "File of"), ==, 0);
  g_assert_null (get_exhibit (dossier, 0)->displayed);
  selection->access = true;
  asked = bundle_fixture_read (fixture, selection);
  g_assert_cmpint (count_records (asked, "File of E-0001 written"), ==, 1);
  g_assert_cmpint (count_records (asked, "File of"), ==, 1);
  g_assert_nonnull (get_exhibit (asked, 0)->displayed);
}

static void
test_displayed (BundleFixture *fixture, gconstpointer data)
{
  const CsmDisplayedSpan spans[] = { { CSM_DISPLAYED_PLAYED, 0, 9, 10, 1000, 0 },
                                     { CSM_DISPLAYED_PAUSED, 3, 3, 1, 0, 0 } };
  g_autoptr (json_t) detail = csm_displayed_to_json (spans, 2);
  g_autoptr (CsmSelection) selection = csm_selection_new ();
  g_autoptr (CsmDossier) dossier = NULL;
  const GPtrArray *displayed;
  g_autoptr (GError) error = NULL;

  csm_case_record_access (fixture->acase.acase, "displayed", &fixture->first->id, detail,
                          &error);
  g_assert_no_error (error);
  selection->access = true;
  dossier = bundle_fixture_read (fixture, selection);
  displayed = get_exhibit (dossier, 0)->displayed;
  g_assert_cmpuint (displayed->len, ==, 2);
  g_assert_cmpint (((CsmDisplayedSpan *) displayed->pdata[0])->to, ==, 9);
}

/* ---- Names of files ---- */

static void
test_labels (void)
{
  static const struct
  {
    const char *number, *label;
  } rows[] = { { "E-0001", "E-0001" },  { "e-0001", "X-0002" },   { "E-0015b", "E-0015b" },
               { "../../x", "X-0001" }, { "COM1", "X-0003" },     { "nul", "X-0004" },
               { "-rf", "X-0005" },     { "E-0001 ", "X-0006" },  { "", "X-0007" },
               { "E.mp4", "X-0008" },   { "E-\u043e1", "X-0009" } };
  g_autoptr (GHashTable) taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *label = csm_dossier_make_label (rows[i].number, taken);

      g_assert_cmpstr (label, ==, rows[i].label);
    }
}

static void
test_extensions (void)
{
  static const struct
  {
    const char *name, *format, *extension;
  } rows[] = { { "a.MP4", "", "mp4" },           { "a.tar.gz", "", "gz" },
               { "a", "matroska,webm", "mkv" },  { "a.", "mov,mp4,m4a,3gp,3g2,mj2", "mp4" },
               { ".hidden", "avi", "avi" },      { "a.mp4/../../x", "", "bin" },
               { "a.\u043c\u043f4", "", "bin" }, { "a.ninechars", "", "bin" },
               { "a.m p", "png_pipe", "png" } };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *extension = csm_dossier_make_extension (rows[i].name, rows[i].format);

      g_assert_cmpstr (extension, ==, rows[i].extension);
    }
}

static void
test_types (void)
{
  const char *const mov = "mov,mp4,m4a,3gp,3g2,mj2";

  g_assert_cmpstr (csm_dossier_find_mime_type ("a.mov", mov, true), ==, "video/quicktime");
  g_assert_cmpstr (csm_dossier_find_mime_type ("a.m4a", mov, false), ==, "audio/mp4");
  g_assert_cmpstr (csm_dossier_find_mime_type ("a.webm", "matroska,webm", true), ==,
                   "video/webm");
  g_assert_cmpstr (csm_dossier_find_mime_type ("a.mkv", "matroska,webm", true), ==,
                   "video/x-matroska");
  g_assert_cmpstr (csm_dossier_find_mime_type ("a.jpg", "", true), ==, "image/jpeg");
  g_assert_cmpstr (csm_dossier_find_mime_type ("a.html", "", true), ==,
                   "application/octet-stream");
}

#define ADD(name, test) bundle_fixture_add ("/casement/export/dossier/" name, test)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("the-whole-case-but-what-is-not-to-leave", test_whole);
  ADD ("what-stays-home-is-counted", test_withheld);
  ADD ("do-not-export-is-obeyed-when-chosen", test_do_not_export_is_obeyed);
  ADD ("reviewers-have-letters-by-first-entry", test_pseudonyms);
  ADD ("reviewers-have-names-when-asked", test_names);
  ADD ("what-is-said-of-exhibits-is-asked-for", test_said);
  ADD ("names-of-files-are-safe", test_files);
  ADD ("marks-by-code", test_choosing_by_code);
  ADD ("marks-by-reviewer", test_choosing_by_reviewer);
  ADD ("lists-together-narrow", test_choosing_both);
  ADD ("what-is-not-there-is-not-found", test_choosing_what_is_not_there);
  ADD ("removed-marks-are-asked-about", test_removed_marks_are_asked_about);
  ADD ("records-name-nobody", test_records);
  ADD ("what-was-displayed-when-asked", test_displayed);
  g_test_add_func ("/casement/export/dossier/labels-are-safe-and-no-two-the-same", test_labels);
  g_test_add_func ("/casement/export/dossier/extensions-are-safe", test_extensions);
  g_test_add_func ("/casement/export/dossier/types-by-format-and-name", test_types);
  return g_test_run ();
}
