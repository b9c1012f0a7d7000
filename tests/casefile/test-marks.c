/* test-marks.c: marks: set, changed, removed, brought back, listed
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-case-fixture.h"

#include "casefile/csm-case-private.h"

#include <string.h>

static CsmFrameCommit
make_commit (int64_t ordinal)
{
  CsmFrameCommit commit = { .ordinal = ordinal,
                            .pts = ordinal * 512,
                            .pixel_format = "yuv420p",
                            .width = 1920,
                            .height = 1080,
                            .library = "Lavc 59.37.100" };

  memset (commit.sha256.bytes, (int) ordinal + 1, sizeof commit.sha256.bytes);
  return commit;
}

static void
test_mark_is_read_back (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmExhibit) exhibit = case_fixture_import (self, "a.mp4", 100, 1);
  CsmRegion regions[2] = { { 12, { 0, 1, 640, 480 } }, { 10, { 5, 6, 7, 8 } } };
  CsmMark mark = case_fixture_new_mark (exhibit, 10, 25);
  g_autoptr (CsmMark) saved = NULL;
  g_autoptr (CsmMark) got = NULL;

  mark.code = (char *) "baton";
  mark.text = (char *) "Two officers, one on the ground";
  mark.regions = regions;
  mark.n_regions = 2;
  g_assert_true (csm_case_set_mark (self->acase, &mark, NULL, 0, &saved, &error));
  g_assert_no_error (error);
  case_fixture_reopen (self);
  got = csm_case_get_mark (self->acase, &mark.id, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (got->exhibit.hex, ==, exhibit->id.hex);
  g_assert_cmpstr (got->exhibit_number, ==, "E-0001");
  g_assert_cmpint (got->track, ==, 0);
  g_assert_cmpint (got->from, ==, 10);
  g_assert_cmpint (got->to, ==, 25);
  g_assert_cmpint (got->from_pts, ==, 5120);
  g_assert_cmpint (got->to_pts, ==, 12800);
  g_assert_cmpint (got->timebase.num, ==, 1);
  g_assert_cmpint (got->timebase.den, ==, 12800);
  g_assert_cmpstr (got->code, ==, "baton");
  g_assert_cmpstr (got->text, ==, "Two officers, one on the ground");
  g_assert_cmpint (got->n_regions, ==, 2);
  g_assert_cmpmem (got->regions, sizeof regions, regions, sizeof regions);
  g_assert_false (got->committed);
  g_assert_cmpstr (got->author, ==, "Anna");
  g_assert_cmpstr (got->author_key, ==, csm_case_get_self (self->acase)->key);
  g_assert_cmpint (got->revision, ==, 1);
  g_assert_true (csm_digest_equal (&got->entry, &saved->entry));
  case_fixture_assert_holds (self);
}

static void
test_mark_on_sound (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmExhibit) exhibit = case_fixture_import (self, "a.wav", 100, 1);
  g_autoptr (GBytes) map = g_bytes_new ("map", 3);
  CsmMark mark = case_fixture_new_mark (exhibit, 4800, 47999);
  CsmRegion region = { 4800, { 0, 0, 2, 2 } };
  g_autoptr (CsmMark) saved = NULL;
  g_autoptr (CsmMark) got = NULL;

  g_assert_true (csm_case_set_sound (self->acase, &exhibit->id, 0, 48000, map, &error));
  mark.track = CSM_SOUND_TRACK (0);
  g_assert_true (csm_case_set_mark (self->acase, &mark, NULL, 0, &saved, &error));
  g_assert_no_error (error);
  case_fixture_reopen (self);
  got = csm_case_get_mark (self->acase, &mark.id, &error);
  g_assert_cmpint (got->track, ==, CSM_SOUND_TRACK (0));
  g_assert_cmpint (got->from, ==, 4800);
  case_fixture_assert_holds (self);

  mark.to = 48000;
  g_assert_false (csm_case_set_mark (self->acase, &mark, NULL, 0, NULL, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_INVALID);
  g_clear_error (&error);
  mark.to = 47999;
  mark.regions = &region;
  mark.n_regions = 1;
  g_assert_false (csm_case_set_mark (self->acase, &mark, NULL, 0, NULL, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_INVALID);
}

static void
test_tracks_have_names (void)
{
  char text[16];
  int track;

  csm_track_format (CSM_SOUND_TRACK (3), text);
  g_assert_cmpstr (text, ==, "a:3");
  g_assert_true (csm_track_parse ("a:3", &track));
  g_assert_cmpint (track, ==, CSM_SOUND_TRACK (3));
  g_assert_true (csm_track_parse ("v:2", &track));
  g_assert_cmpint (track, ==, 2);
  g_assert_false (csm_track_parse ("s:0", &track));
  g_assert_false (csm_track_parse ("v:-1", &track));
  g_assert_false (csm_track_parse ("a:", &track));
}

static void
test_frames_without_pts (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmExhibit) exhibit = case_fixture_import (self, "a.png", 100, 1);
  CsmMark mark = case_fixture_new_mark (exhibit, 0, 0);
  g_autoptr (CsmMark) saved = NULL;

  mark.from_pts = CSM_NO_PTS;
  mark.to_pts = CSM_NO_PTS;
  g_assert_true (csm_case_set_mark (self->acase, &mark, NULL, 0, &saved, &error));
  g_assert_no_error (error);
  g_assert_true (saved->from_pts == CSM_NO_PTS);
  g_assert_cmpstr (saved->text, ==, "");
  g_assert_cmpstr (saved->code, ==, NULL);
  case_fixture_assert_holds (self);
}

static void
test_every_revision_is_kept (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmExhibit) exhibit = case_fixture_import (self, "a.mp4", 100, 1);
  g_autoptr (CsmMark) mark = case_fixture_mark (self, exhibit, 10, 25, "baton", "first");
  g_autoptr (CsmMark) changed = csm_mark_copy (mark);
  g_autoptr (CsmMark) now = NULL;
  g_autoptr (CsmMark) back = NULL;
  g_autoptr (GPtrArray) revisions = NULL;
  g_autoptr (GPtrArray) entries = NULL;
  const CsmMark *revision;
  const CsmDigest *replaces;
  int n_replaces;
  int64_t n;

  g_free (changed->text);
  changed->text = g_strdup ("second");
  changed->to = 30;
  g_free (changed->code);
  changed->code = g_strdup ("arrest");
  changed->from = 9;
  changed->from_pts = 9 * 512;
  g_assert_true (csm_case_set_mark (self->acase, changed, NULL, 0, NULL, &error));
  now = csm_case_get_mark (self->acase, &mark->id, &error);
  g_assert_cmpstr (now->text, ==, "second");
  g_assert_cmpstr (now->code, ==, "arrest");
  g_assert_cmpint (now->from, ==, 9);
  g_assert_cmpint (now->from_pts, ==, 9 * 512);
  g_assert_cmpint (now->to, ==, 30);
  g_assert_cmpint (now->revision, ==, 2);
  g_assert_true (csm_case_remove_mark (self->acase, &mark->id, &error));
  g_assert_null (csm_case_get_mark (self->acase, &mark->id, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (csm_case_remove_mark (self->acase, &mark->id, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_NOT_FOUND);
  g_clear_error (&error);

  /* Undo of the removal: the same mark, set once more. */
  n = csm_case_count_entries (self->acase, NULL);
  g_assert_true (csm_case_set_mark (self->acase, changed, NULL, 0, &back, &error));
  g_assert_no_error (error);
  g_assert_cmpint (back->revision, ==, 4);
  g_assert_cmpint (back->to, ==, 30);
  case_fixture_reopen (self);

  revisions = csm_case_list_revisions (self->acase, &mark->id, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (revisions->len, ==, 4);
  revision = revisions->pdata[0];
  g_assert_cmpstr (revision->text, ==, "first");
  g_assert_cmpint (revision->revision, ==, 1);
  g_assert_cmpstr (revision->author, ==, "Anna");
  g_assert_cmpstr (revision->exhibit_number, ==, "E-0001");
  revision = revisions->pdata[1];
  g_assert_cmpstr (revision->text, ==, "second");
  g_assert_cmpint (revision->n_regions, ==, 0);
  revision = revisions->pdata[2];
  g_assert_cmpint (revision->n_regions, ==, -1);
  revision = revisions->pdata[3];
  g_assert_true (csm_digest_equal (&revision->entry, &back->entry));

  entries = csm_case_list_entries (self->acase, n, 1, &error);
  replaces = csm_entry_get_replaces (entries->pdata[0], &n_replaces);
  g_assert_cmpint (n_replaces, ==, 1);
  revision = revisions->pdata[2];
  g_assert_true (csm_digest_equal (&replaces[0], &revision->entry));
  case_fixture_assert_holds (self);
}

static void
refuse (CaseFixture *self, const CsmMark *mark, int expected)
{
  g_autoptr (GError) error = NULL;
  const int64_t n = csm_case_count_entries (self->acase, NULL);

  g_assert_false (csm_case_set_mark (self->acase, mark, NULL, 0, NULL, &error));
  g_assert_error (error, CSM_CASE_ERROR, expected);
  g_assert_cmpint (csm_case_count_entries (self->acase, NULL), ==, n);
}

static void
test_bad_marks_are_refused (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmExhibit) exhibit = case_fixture_import (self, "a.mp4", 100, 1);
  g_autoptr (CsmExhibit) other = case_fixture_import (self, "b.mp4", 100, 2);
  g_autoptr (CsmMark) there = case_fixture_mark (self, exhibit, 1, 2, NULL, "");
  const CsmMediaFacts facts = { .state = CSM_INDEX_EXACT, .n_frames = 100 };
  CsmRegion region = { 10, { 0, 0, 0, 10 } };
  CsmMark mark;

  g_assert_true (csm_case_set_media_facts (self->acase, &exhibit->id, &facts, &error));
  mark = case_fixture_new_mark (exhibit, 10, 9);
  refuse (self, &mark, CSM_CASE_ERROR_INVALID);
  mark = case_fixture_new_mark (exhibit, -1, 9);
  refuse (self, &mark, CSM_CASE_ERROR_INVALID);
  mark = case_fixture_new_mark (exhibit, 99, 100);
  refuse (self, &mark, CSM_CASE_ERROR_INVALID);
  mark = case_fixture_new_mark (exhibit, 10, 11);
  mark.code = (char *) "no-such-code";
  refuse (self, &mark, CSM_CASE_ERROR_NOT_FOUND);
  mark = case_fixture_new_mark (exhibit, 10, 11);
  mark.text = (char *) "\xc3";
  refuse (self, &mark, CSM_CASE_ERROR_INVALID);
  mark = case_fixture_new_mark (exhibit, 10, 11);
  mark.timebase.den = 0;
  refuse (self, &mark, CSM_CASE_ERROR_INVALID);

  mark = case_fixture_new_mark (exhibit, 10, 11);
  mark.regions = &region;
  mark.n_regions = 1;
  refuse (self, &mark, CSM_CASE_ERROR_INVALID);
  region.rect = (CsmRect){ -1, 0, 10, 10 };
  refuse (self, &mark, CSM_CASE_ERROR_INVALID);
  region.rect = (CsmRect){ 0, 0, 10, 10 };
  region.frame = 12;
  refuse (self, &mark, CSM_CASE_ERROR_INVALID);
  region.frame = 11;
  mark.exhibit = csm_id_new ();
  refuse (self, &mark, CSM_CASE_ERROR_NOT_FOUND);

  mark = *there;
  mark.exhibit = other->id;
  refuse (self, &mark, CSM_CASE_ERROR_INVALID);
  g_strlcpy (mark.id.hex, "not an id", sizeof mark.id.hex);
  refuse (self, &mark, CSM_CASE_ERROR_INVALID);

  /* The last frame is one. */
  mark = case_fixture_new_mark (exhibit, 99, 99);
  g_assert_true (csm_case_set_mark (self->acase, &mark, NULL, 0, NULL, &error));
}

static void
test_commits_bind_both_ends (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmExhibit) exhibit = case_fixture_import (self, "a.mp4", 100, 1);
  const CsmFrameCommit both[2] = { make_commit (10), make_commit (25) };
  CsmMark mark = case_fixture_new_mark (exhibit, 10, 25);
  g_autoptr (CsmMark) half = NULL;
  g_autoptr (CsmMark) whole = NULL;
  g_autoptr (CsmMark) later = NULL;
  g_autoptr (GPtrArray) revisions = NULL;

  g_assert_true (csm_case_set_mark (self->acase, &mark, both, 1, &half, &error));
  g_assert_no_error (error);
  g_assert_false (half->committed);
  g_assert_true (csm_case_set_mark (self->acase, &mark, both, 2, &whole, &error));
  g_assert_true (whole->committed);
  /* A new revision commits anew. */
  g_assert_true (csm_case_set_mark (self->acase, &mark, NULL, 0, NULL, &error));
  g_assert_cmpint (case_fixture_get_int (self, "SELECT count (*) FROM mark_frame"), ==, 0);
  g_assert_true (csm_case_commit_frames (self->acase, &mark.id, both, 2, &error));
  later = csm_case_get_mark (self->acase, &mark.id, &error);
  g_assert_true (later->committed);
  /* The commitment is no revision. */
  g_assert_cmpint (later->revision, ==, 3);
  revisions = csm_case_list_revisions (self->acase, &mark.id, &error);
  g_assert_cmpuint (revisions->len, ==, 3);
  g_assert_false (((CsmMark *) revisions->pdata[0])->committed);
  g_assert_true (((CsmMark *) revisions->pdata[1])->committed);
  g_assert_true (((CsmMark *) revisions->pdata[2])->committed);
  case_fixture_assert_holds (self);
}

static GPtrArray *
list (CaseFixture *self, CsmMarkFilter filter)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *marks = csm_case_list_marks (self->acase, &filter, &error);

  g_assert_no_error (error);
  return marks;
}

static guint
count (CaseFixture *self, CsmMarkFilter filter)
{
  g_autoptr (GPtrArray) marks = list (self, filter);

  return marks->len;
}

static void
test_filters_and_order (CaseFixture *self, gconstpointer data)
{
  g_autoptr (CsmExhibit) a = case_fixture_import (self, "a.mp4", 100, 1);
  g_autoptr (CsmExhibit) b = case_fixture_import (self, "b.mp4", 100, 2);
  g_autoptr (CsmMark) m1 = case_fixture_mark (self, b, 5, 6, "baton", "at the gate");
  g_autoptr (CsmMark) m2 = case_fixture_mark (self, a, 50, 60, "arrest", "at the gate");
  g_autoptr (CsmMark) m3 = case_fixture_mark (self, a, 7, 8, NULL, "a van");
  g_autoptr (GPtrArray) all = list (self, (CsmMarkFilter){ 0 });
  const char *key = csm_case_get_self (self->acase)->key;
  g_autofree char *nobody = g_strnfill (64, '0');

  g_assert_cmpuint (all->len, ==, 3);
  g_assert_cmpstr (((CsmMark *) all->pdata[0])->id.hex, ==, m3->id.hex);
  g_assert_cmpstr (((CsmMark *) all->pdata[1])->id.hex, ==, m2->id.hex);
  g_assert_cmpstr (((CsmMark *) all->pdata[2])->id.hex, ==, m1->id.hex);

  g_assert_cmpuint (count (self, (CsmMarkFilter){ .exhibit = &a->id }), ==, 2);
  g_assert_cmpuint (count (self, (CsmMarkFilter){ .code = "baton" }), ==, 1);
  g_assert_cmpuint (count (self, (CsmMarkFilter){ .code = "tear-gas" }), ==, 0);
  g_assert_cmpuint (count (self, (CsmMarkFilter){ .author_key = key }), ==, 3);
  g_assert_cmpuint (count (self, (CsmMarkFilter){ .author_key = nobody }), ==, 0);
  g_assert_cmpuint (count (self, (CsmMarkFilter){ .author_key = "x" }), ==, 0);
  g_assert_cmpuint (count (self, (CsmMarkFilter){ .text = "gate" }), ==, 2);
  g_assert_cmpuint (count (self, (CsmMarkFilter){ .text = "baton" }), ==, 1);
  g_assert_cmpuint (count (self, (CsmMarkFilter){ .text = " " }), ==, 3);
  g_assert_cmpuint (count (self, (CsmMarkFilter){ .text = "gate", .exhibit = &a->id }), ==, 1);
  g_assert_cmpuint (count (self, (CsmMarkFilter){ .text = "gate",
                                                  .exhibit = &a->id,
                                                  .code = "arrest",
                                                  .author_key = key }),
                    ==, 1);
}

/* However the filter is put together, no step of the plan reads all marks. */
static void
test_lists_use_indexes (CaseFixture *self, gconstpointer data)
{
  g_autoptr (CsmExhibit) exhibit = case_fixture_import (self, "a.mp4", 100, 1);

  for (int bits = 0; bits < 16; bits++)
    {
      const CsmMarkFilter filter = { .exhibit = bits & 1 ? &exhibit->id : NULL,
                                     .code = bits & 2 ? "baton" : NULL,
                                     .author_key = bits & 4 ? "x" : NULL };
      g_autofree char *sql = csm_marks_build_list_sql (&filter, (bits & 8) != 0);
      g_autofree char *explain = g_strconcat ("EXPLAIN QUERY PLAN ", sql, NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (CsmQuery) query = csm_query_new_once (self->acase->db, "test", explain);
      int n = 0;

      while (csm_query_step (query, &error) > 0)
        {
          const char *detail = csm_query_get_text (query, 3);

          n += strstr (detail, "SEARCH m USING") != NULL;
          if (g_str_has_prefix (detail, "SCAN m") || g_str_has_prefix (detail, "SCAN d"))
            g_error ("%s: %s", sql, detail);
          /* Sorted by the index itself, but for words, which come by rank of nothing. */
          if ((bits & 8) == 0)
            g_assert_null (strstr (detail, "TEMP B-TREE"));
        }
      g_assert_no_error (error);
      g_assert_cmpint (n, >=, 1);
    }
}

static void
test_five_thousand (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmExhibit) exhibit = case_fixture_import (self, "a.mp4", 100, 1);
  g_autoptr (CsmExhibit) written = csm_case_get_exhibit (self->acase, &exhibit->id, &error);

  /* One transaction: what is tested is reading. */
  {
    g_autoptr (CsmChange) change = csm_change_begin (self->acase, &error);

    g_assert_no_error (error);
    for (int i = 0; i < 5000; i++)
      {
        CsmMark mark = case_fixture_new_mark (exhibit, i, i + 3);
        g_autofree char *text = g_strdup_printf ("mark w%d", i);
        g_autoptr (json_t) body = NULL;

        mark.text = text;
        mark.code = (char *) (i % 10 == 0 ? "baton" : "arrest");
        body = csm_mark_body_build (&mark, &written->sha256, NULL, 0);
        g_assert_true (
            csm_change_sign (change, "mark.set", &mark.id, NULL, body, NULL, &error));
      }
    g_assert_true (csm_change_commit (change, &error));
  }
  g_assert_cmpuint (count (self, (CsmMarkFilter){ 0 }), ==, 5000);
  g_assert_cmpuint (count (self, (CsmMarkFilter){ .code = "baton" }), ==, 500);
  g_assert_cmpuint (count (self, (CsmMarkFilter){ .text = "w4999" }), ==, 1);
  g_assert_cmpuint (count (self, (CsmMarkFilter){ .text = "w499" }), ==, 11);
  case_fixture_assert_holds (self);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  case_fixture_add ("/casement/casefile/marks/on-sound", test_mark_on_sound);
  g_test_add_func ("/casement/casefile/marks/tracks-have-names", test_tracks_have_names);
  case_fixture_add ("/casement/casefile/marks/mark-is-read-back", test_mark_is_read_back);
  case_fixture_add ("/casement/casefile/marks/frames-without-pts", test_frames_without_pts);
  case_fixture_add ("/casement/casefile/marks/every-revision-is-kept",
                    test_every_revision_is_kept);
  case_fixture_add ("/casement/casefile/marks/bad-marks-are-refused",
                    test_bad_marks_are_refused);
  case_fixture_add ("/casement/casefile/marks/commits-bind-both-ends",
                    test_commits_bind_both_ends);
  case_fixture_add ("/casement/casefile/marks/filters-and-order", test_filters_and_order);
  case_fixture_add ("/casement/casefile/marks/lists-use-indexes", test_lists_use_indexes);
  case_fixture_add ("/casement/casefile/marks/five-thousand", test_five_thousand);
  return g_test_run ();
}
