/* test-erase.c: what is erased is gone from every page, and the ledger still verifies
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-case-fixture.h"

#include "casefile/csm-case-erase.h"
#include "casefile/csm-case-merge.h"
#include "casefile/csm-case-private.h"
#include "casefile/csm-case-tracks.h"
#include "vault/csm-page-scan.h"

#include <glib/gstdio.h>
#include <string.h>

#define REASON "consent withdrawn"

/* Two exhibits with everything that is said and kept about them. */
typedef struct
{
  CaseFixture parent;
  CsmExhibit *exhibit, *other;
  CsmMark *mark, *other_mark;
} Fixture;

/* Said about the exhibit that goes, each once in its own words. */
static const char *const said[] = {
  "zhdanovichname",      "qkatsiaryna",         "xvhotelbalcony",
  "jfirstwordsofhers",   "wsecondwordsofhers",  "yremovedwords",
  "PNGbytesthatshowher", "indexbytesofherfile", "kcodecofherfile",
};
/* And about the other. */
static const char *const kept[] = { "oursquare", "vwhatstays", "PNGbytesofthesquare" };

static void
change_mark (CaseFixture *self, const CsmMark *mark, const char *text)
{
  g_autoptr (GError) error = NULL;
  CsmMark changed = *mark;

  changed.text = (char *) text;
  csm_case_set_mark (self->acase, &changed, NULL, 0, NULL, &error);
  g_assert_no_error (error);
}

static void
keep_about (CaseFixture *self, const CsmId *exhibit, const char *png, const char *index)
{
  const CsmMediaFacts facts = { .state = CSM_INDEX_EXACT,
                                .codec = "kcodecofherfile",
                                .n_frames = 1000 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) large = g_string_new (NULL);

  while (large->len < 20000)
    g_string_append (large, png);
  g_autoptr (GBytes) bytes = g_bytes_new (large->str, large->len);
  g_autoptr (GBytes) index_bytes = g_bytes_new (index, strlen (index));
  csm_case_set_thumbnail (self->acase, exhibit, bytes, &error);
  g_assert_no_error (error);
  csm_case_set_index (self->acase, exhibit, index_bytes, true, "test", 1000, &error);
  g_assert_no_error (error);
  csm_case_set_track (self->acase, exhibit,
                      &(CsmKeptTrack){ .track = 1,
                                       .state = CSM_INDEX_EXACT,
                                       .n_frames = 1000,
                                       .index = index_bytes,
                                       .library = (char *) "test" },
                      &error);
  g_assert_no_error (error);
  if (strstr (png, "her") != NULL)
    csm_case_set_media_facts (self->acase, exhibit, &facts, &error);
  g_assert_no_error (error);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  CaseFixture *acase = &self->parent;
  CsmAcquisition acquisition = { .title = "qkatsiaryna", .notes = "xvhotelbalcony" };
  g_autoptr (CsmMark) gone = NULL;
  g_autoptr (GError) error = NULL;

  case_fixture_set_up (acase, data);
  self->other = case_fixture_import (acase, "oursquare.mp4", 5000, 1);
  self->exhibit = case_fixture_import (acase, "zhdanovichname.mp4", 150000, 2);
  csm_case_set_acquisition (acase->acase, &self->exhibit->id, &acquisition, &error);
  g_assert_no_error (error);
  keep_about (acase, &self->other->id, "PNGbytesofthesquare", "index");
  keep_about (acase, &self->exhibit->id, "PNGbytesthatshowher", "indexbytesofherfile");
  self->other_mark = case_fixture_mark (acase, self->other, 1, 2, "baton", "vwhatstays");
  self->mark = case_fixture_mark (acase, self->exhibit, 3, 4, "arrest", "jfirstwordsofhers");
  change_mark (acase, self->mark, "wsecondwordsofhers");
  gone = case_fixture_mark (acase, self->exhibit, 5, 6, NULL, "yremovedwords");
  csm_case_remove_mark (acase->acase, &gone->id, &error);
  csm_case_record_access (acase->acase, "extracted", &self->exhibit->id, NULL, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  csm_exhibit_free (self->exhibit);
  csm_exhibit_free (self->other);
  csm_mark_free (self->mark);
  csm_mark_free (self->other_mark);
  case_fixture_tear_down (&self->parent, data);
}

/* --- every byte of the open case, decrypted --- */

static void
copy_file (const char *from, const char *to)
{
  g_autofree char *bytes = NULL;
  size_t size;

  if (g_file_get_contents (from, &bytes, &size, NULL))
    g_assert_true (g_file_set_contents_full (to, bytes, (gssize) size, 0, 0600, NULL));
}

/* (transfer full): all copies of all pages, free ones too. */
static GByteArray *
read_pages (const CaseFixture *self)
{
  g_autofree char *copy = g_build_filename (self->folder, "look.casement", NULL);
  g_autofree char *copy_wal = g_strconcat (copy, "-wal", NULL);
  g_autofree char *wal = g_strconcat (self->path, "-wal", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmPageScan) scan = NULL;
  GByteArray *all = g_byte_array_new ();

  copy_file (self->path, copy);
  copy_file (wal, copy_wal);
  scan = csm_page_scan_open (copy, self->passphrase, &error);
  g_assert_no_error (error);
  for (uint32_t page = 1; page <= csm_page_scan_count_pages (scan); page++)
    for (int i = 0; i < csm_page_scan_count_copies (scan, page); i++)
      {
        uint8_t bytes[CSM_SCAN_PAGE_SIZE];

        g_assert_true (csm_page_scan_read (scan, page, i, bytes));
        g_byte_array_append (all, bytes, CSM_SCAN_PAGE_USED);
      }
  (void) g_unlink (copy);
  (void) g_unlink (copy_wal);
  return all;
}

static bool
holds (const GByteArray *pages, const char *words)
{
  return memmem (pages->data, pages->len, words, strlen (words)) != NULL;
}

/* Also without its beginning: the search index leaves out what neighbours have in common. */
static void
assert_gone (const GByteArray *pages, const char *words)
{
  if (holds (pages, words) || holds (pages, words + 3))
    g_error ("'%s' is still in a page", words);
}

static void
assert_there (const GByteArray *pages, const char *words)
{
  if (!holds (pages, words + 3))
    g_error ("'%s' is in no page", words);
}

static void
erase_exhibit (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmEraseReport) report = NULL;

  csm_case_erase_exhibit (self->parent.acase, &self->exhibit->id, REASON, NULL, NULL, &report,
                          &error);
  g_assert_no_error (error);
  g_assert_cmpstr (report->what, ==, "E-0002 zhdanovichname.mp4");
  g_assert_cmpint (report->n_entries, ==, 9);
  g_assert_true (report->file_is_gone);
}

static void
test_an_exhibit_is_gone_from_every_page (Fixture *self, gconstpointer data)
{
  g_autoptr (GByteArray) before = read_pages (&self->parent);
  g_autoptr (GByteArray) after = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (said); i++)
    assert_there (before, said[i]);
  erase_exhibit (self);
  after = read_pages (&self->parent);
  for (size_t i = 0; i < G_N_ELEMENTS (said); i++)
    assert_gone (after, said[i]);
  for (size_t i = 0; i < G_N_ELEMENTS (kept); i++)
    assert_there (after, kept[i]);
  case_fixture_assert_holds (&self->parent);
}

/* Enough of it that tables and index split and shrink. */
static void
test_many_marks_are_gone_from_every_page (Fixture *self, gconstpointer data)
{
  g_autoptr (GByteArray) after = NULL;

  for (int i = 0; i < 150; i++)
    {
      g_autofree char *text = g_strdup_printf ("q%dherwords%d %s", i * 7919, i, "qkatsiaryna");
      g_autofree char *stays = g_strdup_printf ("v%dourwords", i * 7919);

      csm_mark_free (case_fixture_mark (&self->parent, self->exhibit, i, i, "baton", text));
      csm_mark_free (case_fixture_mark (&self->parent, self->other, i, i, "baton", stays));
    }
  case_fixture_reopen (&self->parent);
  csm_case_erase_exhibit (self->parent.acase, &self->exhibit->id, REASON, NULL, NULL, NULL,
                          NULL);
  after = read_pages (&self->parent);
  assert_gone (after, "xxxherwords");
  for (size_t i = 0; i < G_N_ELEMENTS (said); i++)
    assert_gone (after, said[i]);
  g_assert_true (holds (after, "ourwords"));
  case_fixture_assert_holds (&self->parent);
}

static void
test_its_file_is_gone (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmMediaRef) ref =
      csm_case_get_media_ref (self->parent.acase, &self->exhibit->id, NULL, NULL);
  g_autofree char *path = g_strdup_printf ("%s/a.media/%s.0", self->parent.folder, ref->name);

  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  erase_exhibit (self);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_null (csm_case_get_media_ref (self->parent.acase, &self->exhibit->id, NULL, NULL));
}

static void
test_the_log_is_empty (Fixture *self, gconstpointer data)
{
  g_autofree char *wal = g_strconcat (self->parent.path, "-wal", NULL);
  GStatBuf st;

  erase_exhibit (self);
  g_assert_cmpint (g_stat (wal, &st), ==, 0);
  g_assert_cmpint (st.st_size, ==, 0);
}

static void
test_verify_explains_what_is_missing (Fixture *self, gconstpointer data)
{
  g_autofree char *broken = NULL;
  g_autofree char *all = NULL;

  erase_exhibit (self);
  broken = case_fixture_verify (&self->parent, true, &all);
  g_assert_cmpstr (broken, ==, "");
  g_assert_nonnull (strstr (all, "erased the content of 9 entries in this copy: " REASON));
}

static void
test_a_missing_body_without_an_erasure_is_broken (Fixture *self, gconstpointer data)
{
  case_fixture_tamper (&self->parent, "UPDATE entry SET body = NULL WHERE id ="
                                      " (SELECT entry FROM mark WHERE text = 'vwhatstays')");
  case_fixture_assert_broken (&self->parent, "no entry says that it was erased");
}

static void
test_a_body_that_came_back_is_broken (Fixture *self, gconstpointer data)
{
  g_autofree char *id = case_fixture_digest_hex (&self->mark->entry);
  g_autofree char *back = NULL;
  g_autoptr (CsmEntry) entry =
      csm_case_load_entry (self->parent.acase, &self->mark->entry, NULL);
  g_autofree char *body = g_strndup (g_bytes_get_data (csm_entry_get_body (entry), NULL),
                                     g_bytes_get_size (csm_entry_get_body (entry)));

  erase_exhibit (self);
  back = g_strdup_printf ("UPDATE entry SET body = CAST ('%s' AS BLOB) WHERE id = x'%s'", body,
                          id);
  case_fixture_tamper (&self->parent, back);
  case_fixture_assert_broken (&self->parent, "content is still here");
}

static void
test_a_mark_goes_in_every_revision (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmEraseReport) report = NULL;
  g_autoptr (GByteArray) after = NULL;

  csm_case_erase_mark (self->parent.acase, &self->mark->id, REASON, NULL, NULL, &report,
                       &error);
  g_assert_no_error (error);
  g_assert_cmpint (report->n_entries, ==, 2);
  after = read_pages (&self->parent);
  assert_gone (after, "jfirstwordsofhers");
  assert_gone (after, "wsecondwordsofhers");
  assert_there (after, "zhdanovichname");
  g_assert_null (csm_case_get_mark (self->parent.acase, &self->mark->id, NULL));
  case_fixture_assert_holds (&self->parent);
}

static void
erase_entry_of (Fixture *self, const CsmDigest *entry)
{
  g_autoptr (GError) error = NULL;

  csm_case_erase_entry (self->parent.acase, entry, REASON, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

/* What the newest revision replaced does not come back as if it had been said last. */
static void
test_an_erased_revision_does_not_bring_the_one_before_back (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmMark) newest = csm_case_get_mark (self->parent.acase, &self->mark->id, NULL);
  g_autoptr (GByteArray) after = NULL;
  g_autoptr (GPtrArray) marks = NULL;

  erase_entry_of (self, &newest->entry);
  after = read_pages (&self->parent);
  assert_gone (after, "wsecondwordsofhers");
  marks = csm_case_list_marks (self->parent.acase, NULL, NULL);
  g_assert_cmpuint (marks->len, ==, 1);
  case_fixture_assert_holds (&self->parent);
  change_mark (&self->parent, self->mark, "said again");
  g_assert_cmpint (case_fixture_get_int (&self->parent, "SELECT count (*) FROM conflict"), ==,
                   0);
  case_fixture_assert_holds (&self->parent);
}

static void
test_an_earlier_revision_goes_without_a_conflict (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmMark) newest = NULL;

  erase_entry_of (self, &self->mark->entry);
  newest = csm_case_get_mark (self->parent.acase, &self->mark->id, NULL);
  g_assert_cmpstr (newest->text, ==, "wsecondwordsofhers");
  g_assert_cmpint (case_fixture_get_int (&self->parent, "SELECT count (*) FROM conflict"), ==,
                   0);
  case_fixture_assert_holds (&self->parent);
}

static void
test_a_removal_of_an_erased_mark_still_verifies (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmMark) mark =
      case_fixture_mark (&self->parent, self->other, 8, 9, NULL, "one revision");

  csm_case_remove_mark (self->parent.acase, &mark->id, &error);
  g_assert_no_error (error);
  erase_entry_of (self, &mark->entry);
  case_fixture_assert_holds (&self->parent);
}

static CsmDigest
find_entry (Fixture *self, const char *kind)
{
  g_autoptr (CsmQuery) query =
      csm_query_new_once (self->parent.acase->db, "test",
                          "SELECT id FROM event WHERE kind = ? ORDER BY lamport DESC LIMIT 1");
  CsmDigest id;

  csm_query_text (query, kind);
  g_assert_cmpint (csm_query_step (query, NULL), ==, 1);
  csm_query_get_digest (query, 0, &id);
  return id;
}

static void
test_what_said_how_it_was_obtained_goes (Fixture *self, gconstpointer data)
{
  const CsmDigest id = find_entry (self, "exhibit.set");
  g_autoptr (GByteArray) after = NULL;
  g_autoptr (CsmExhibit) exhibit = NULL;

  erase_entry_of (self, &id);
  after = read_pages (&self->parent);
  assert_gone (after, "qkatsiaryna");
  assert_gone (after, "xvhotelbalcony");
  exhibit = csm_case_get_exhibit (self->parent.acase, &self->exhibit->id, NULL);
  g_assert_cmpstr (exhibit->acquisition->title, ==, "");
  case_fixture_assert_holds (&self->parent);
}

static void
test_what_the_case_rests_on_is_refused (Fixture *self, gconstpointer data)
{
  static const char *const kinds[] = { "case.create", "reviewer.add",  "code.set",
                                       "exhibit.add", "exhibit.index", "mark.remove" };

  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      const CsmDigest id = find_entry (self, kinds[i]);
      g_autoptr (GError) error = NULL;

      g_assert_false (
          csm_case_erase_entry (self->parent.acase, &id, REASON, NULL, NULL, NULL, &error));
      g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_INVALID);
    }
  erase_exhibit (self);

  const CsmDigest erasure = find_entry (self, "erase.entries");
  g_autoptr (GError) error = NULL;

  g_assert_false (
      csm_case_erase_entry (self->parent.acase, &erasure, REASON, NULL, NULL, NULL, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_INVALID);
}

/* Who writes such an entry all the same is refused by every replay. */
static void
test_an_erasure_of_the_foundation_is_refused (Fixture *self, gconstpointer data)
{
  const CsmDigest id = find_entry (self, "case.create");
  g_autofree char *hex = case_fixture_digest_hex (&id);
  g_autoptr (json_t) body =
      json_pack ("{s:[s], s:n, s:s}", "entries", hex, "exhibit", "reason", "none");
  g_autoptr (GError) error = NULL;

  g_assert_false (
      csm_case_sign (self->parent.acase, "erase.entries", NULL, NULL, body, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_DAMAGED);
}

static void
test_an_erasure_needs_a_reason (Fixture *self, gconstpointer data)
{
  static const char *const reasons[] = { NULL, "", "  \n" };

  for (size_t i = 0; i < G_N_ELEMENTS (reasons); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (csm_case_erase_exhibit (self->parent.acase, &self->exhibit->id,
                                              reasons[i], NULL, NULL, NULL, &error));
      g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_INVALID);
    }
}

static void
test_its_number_is_not_given_again (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmExhibit) next = NULL;

  erase_exhibit (self);
  next = case_fixture_import (&self->parent, "next.mp4", 3000, 9);
  g_assert_cmpstr (next->number, ==, "E-0003");
}

/* --- two copies --- */

static void
open_copy (CaseFixture *copy, const CaseFixture *from)
{
  case_fixture_set_up_copy (copy, from);
}

static void
merge (CaseFixture *self, CaseFixture *other)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmMergeReport) report = NULL;

  case_fixture_close (other);
  case_fixture_open (other, true);
  csm_case_merge (self->acase, other->acase, NULL, NULL, &report, NULL, &error);
  g_assert_no_error (error);
}

static void
assert_all_gone (CaseFixture *self)
{
  g_autoptr (GByteArray) pages = read_pages (self);

  for (size_t i = 0; i < G_N_ELEMENTS (said); i++)
    assert_gone (pages, said[i]);
  case_fixture_assert_holds (self);
}

static void
test_it_travels_with_a_merge (Fixture *self, gconstpointer data)
{
  CaseFixture copy = { 0 };

  case_fixture_close (&self->parent);
  open_copy (&copy, &self->parent);
  case_fixture_open (&self->parent, false);
  erase_exhibit (self);
  merge (&copy, &self->parent);
  assert_all_gone (&copy);
  case_fixture_tear_down (&copy, NULL);
}

static void
test_what_a_merge_brings_goes_too (Fixture *self, gconstpointer data)
{
  CaseFixture copy = { 0 };

  case_fixture_close (&self->parent);
  open_copy (&copy, &self->parent);
  change_mark (&copy, self->mark, "wsecondwordsofhers, once more");
  csm_mark_free (case_fixture_mark (&copy, self->exhibit, 9, 9, NULL, "jfirstwordsofhers"));
  csm_mark_free (case_fixture_mark (&copy, self->other, 9, 9, NULL, "vwhatstays"));
  case_fixture_open (&self->parent, false);
  erase_exhibit (self);
  merge (&self->parent, &copy);
  assert_all_gone (&self->parent);
  g_assert_cmpint (case_fixture_get_int (&self->parent, "SELECT count (*) FROM mark"), ==, 2);
  g_assert_cmpint (case_fixture_get_int (&self->parent, "SELECT count (*) FROM kept_media"), ==,
                   1);
  case_fixture_tear_down (&copy, NULL);
}

#define add(name, test) \
  g_test_add ("/casement/casefile/erase/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("an-exhibit-is-gone-from-every-page", test_an_exhibit_is_gone_from_every_page);
  add ("many-marks-are-gone-from-every-page", test_many_marks_are_gone_from_every_page);
  add ("its-file-is-gone", test_its_file_is_gone);
  add ("the-log-is-empty", test_the_log_is_empty);
  add ("verify-explains-what-is-missing", test_verify_explains_what_is_missing);
  add ("a-missing-body-without-an-erasure-is-broken",
       test_a_missing_body_without_an_erasure_is_broken);
  add ("a-body-that-came-back-is-broken", test_a_body_that_came_back_is_broken);
  add ("a-mark-goes-in-every-revision", test_a_mark_goes_in_every_revision);
  add ("an-erased-revision-does-not-bring-the-one-before-back",
       test_an_erased_revision_does_not_bring_the_one_before_back);
  add ("an-earlier-revision-goes-without-a-conflict",
       test_an_earlier_revision_goes_without_a_conflict);
  add ("a-removal-of-an-erased-mark-still-verifies",
       test_a_removal_of_an_erased_mark_still_verifies);
  add ("what-said-how-it-was-obtained-goes", test_what_said_how_it_was_obtained_goes);
  add ("what-the-case-rests-on-is-refused", test_what_the_case_rests_on_is_refused);
  add ("an-erasure-of-the-foundation-is-refused", test_an_erasure_of_the_foundation_is_refused);
  add ("an-erasure-needs-a-reason", test_an_erasure_needs_a_reason);
  add ("its-number-is-not-given-again", test_its_number_is_not_given_again);
  add ("it-travels-with-a-merge", test_it_travels_with_a_merge);
  add ("what-a-merge-brings-goes-too", test_what_a_merge_brings_goes_too);
  return g_test_run ();
}
