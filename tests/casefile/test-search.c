/* test-search.c: words in any script, and no query language
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-case-fixture.h"

#include "casefile/csm-case-private.h"

#include <string.h>

static GPtrArray *
search (CaseFixture *self, const char *words)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *hits = csm_case_search (self->acase, words, 1000, &error);

  g_assert_no_error (error);
  return hits;
}

/* Hits of one kind. */
static int
count (CaseFixture *self, const char *words, int kind)
{
  g_autoptr (GPtrArray) hits = search (self, words);
  int n = 0;

  for (guint i = 0; i < hits->len; i++)
    n += (int) ((CsmSearchHit *) hits->pdata[i])->kind == kind;
  return n;
}

static void
test_any_script (CaseFixture *self, gconstpointer data)
{
  static const struct
  {
    const char *text;
    const char *finds[5];
    const char * not ;
  } rows[] = {
    { "Омоновец бьёт лежащего дубинкой у Стелы",
      { "дубинкой", "ДУБИНКОЙ", "дубин", "лежащего стел", "бьёт" },
      "дубинками" },
    { "ضرب المتظاهرين بالهراوات قرب الساحة",
      { "بالهراوات", "الساحة", "المتظاهر", "ضرب الساح", "قرب" },
      "الشارع" },
    { "Coup porté à l’épaule, élève à terre",
      { "epaule", "ÉPAULE", "eleve terre", "porté", "coup" },
      "bras" },
    { "警察在广场 使用 催泪弹", { "催泪弹", "使用", "催泪", "警察在广场", "警察" }, "水炮" },
  };
  g_autoptr (CsmExhibit) exhibit = case_fixture_import (self, "a.mp4", 100, 1);

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    csm_mark_free (case_fixture_mark (self, exhibit, (int64_t) i, 10, NULL, rows[i].text));
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      for (size_t k = 0; k < G_N_ELEMENTS (rows[i].finds); k++)
        {
          g_autoptr (GPtrArray) hits = search (self, rows[i].finds[k]);

          if (hits->len != 1)
            g_error ("'%s' has %u hits", rows[i].finds[k], hits->len);
          g_assert_cmpint (((CsmSearchHit *) hits->pdata[0])->frame, ==, (int64_t) i);
        }
      g_assert_cmpint (count (self, rows[i].not, CSM_HIT_MARK), ==, 0);
    }
}

static void
test_no_query_language (CaseFixture *self, gconstpointer data)
{
  static const char *const hostile[] = { "\"",
                                         "\"\"",
                                         "a\"b",
                                         "*",
                                         "name : gate",
                                         "gate NOT van",
                                         "(",
                                         "NEAR(a b)",
                                         "^gate",
                                         "-gate",
                                         "a + b",
                                         "{a} : b",
                                         "'; DROP TABLE mark; --",
                                         "%",
                                         "AND OR NOT",
                                         "\\",
                                         "\t\n",
                                         "---",
                                         "gate -- ",
                                         "\x01",
                                         "🙂" };
  g_autoptr (CsmExhibit) exhibit = case_fixture_import (self, "a.mp4", 100, 1);
  g_autoptr (CsmMark) mark = case_fixture_mark (self, exhibit, 3, 4, NULL, "at the gate");
  g_autofree char *many = g_strnfill (100000, 'a');
  g_autoptr (GString) words = g_string_new (NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (hostile); i++)
    {
      g_autoptr (GPtrArray) hits = search (self, hostile[i]);
      g_autoptr (GError) error = NULL;
      const CsmMarkFilter filter = { .text = hostile[i] };
      g_autoptr (GPtrArray) marks = csm_case_list_marks (self->acase, &filter, &error);

      g_assert_no_error (error);
      g_assert_nonnull (marks);
      g_assert_nonnull (hits);
    }
  /* Words that are operators elsewhere are words here. */
  g_assert_cmpint (count (self, "gate NOT van", CSM_HIT_MARK), ==, 0);
  g_assert_cmpint (count (self, "gate --", CSM_HIT_MARK), ==, 1);
  g_assert_cmpint (count (self, "(gate)", CSM_HIT_MARK), ==, 1);
  g_assert_cmpint (count (self, many, CSM_HIT_MARK), ==, 0);
  for (int i = 0; i < 500; i++)
    g_string_append (words, "gate ");
  g_assert_cmpint (count (self, words->str, CSM_HIT_MARK), ==, 1);
  g_assert_cmpint (count (self, "\xff\xfe", CSM_HIT_MARK), ==, 0);
}

static void
test_hits_say_where (CaseFixture *self, gconstpointer data)
{
  g_autoptr (CsmExhibit) exhibit = case_fixture_import (self, "stela_2020.mp4", 100, 1);
  g_autoptr (CsmMark) mark =
      case_fixture_mark (self, exhibit, 77, 80, "baton", "near the kiosk");
  g_autoptr (GPtrArray) hits = search (self, "kiosk");
  g_autoptr (GPtrArray) files = search (self, "stela");
  const CsmSearchHit *hit = hits->pdata[0];

  g_assert_cmpuint (hits->len, ==, 1);
  g_assert_cmpint ((int) hit->kind, ==, CSM_HIT_MARK);
  g_assert_cmpstr (hit->mark.hex, ==, mark->id.hex);
  g_assert_cmpstr (hit->exhibit.hex, ==, exhibit->id.hex);
  g_assert_cmpstr (hit->code, ==, "baton");
  g_assert_cmpint (hit->frame, ==, 77);
  g_assert_cmpstr (hit->where, ==, "E-0001 stela_2020.mp4");
  g_assert_cmpstr (hit->snippet, ==, "near the kiosk");

  hit = files->pdata[0];
  g_assert_cmpuint (files->len, ==, 1);
  g_assert_cmpint ((int) hit->kind, ==, CSM_HIT_EXHIBIT);
  g_assert_cmpstr (hit->exhibit.hex, ==, exhibit->id.hex);
  g_assert_cmpstr (hit->where, ==, "E-0001 stela_2020.mp4");
  g_assert_cmpint (count (self, "E-0001", CSM_HIT_EXHIBIT), ==, 1);
}

static void
test_snippets_are_one_line (CaseFixture *self, gconstpointer data)
{
  g_autoptr (CsmExhibit) exhibit = case_fixture_import (self, "a.mp4", 100, 1);
  g_autoptr (CsmAcquisition) acquisition = csm_acquisition_new ();
  g_autoptr (CsmMark) mark =
      case_fixture_mark (self, exhibit, 1, 2, NULL, "first line\n\n  second kiosk ");
  g_autoptr (GPtrArray) marks = search (self, "kiosk");
  g_autoptr (GPtrArray) exhibits = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (((CsmSearchHit *) marks->pdata[0])->snippet, ==,
                   "first line · second kiosk");

  g_free (acquisition->source);
  acquisition->source = g_strdup ("a channel");
  g_free (acquisition->notes);
  acquisition->notes = g_strdup ("seen by two");
  g_assert_true (csm_case_set_acquisition (self->acase, &exhibit->id, acquisition, &error));
  g_assert_no_error (error);
  exhibits = search (self, "channel");
  g_assert_cmpuint (exhibits->len, ==, 1);
  g_assert_null (strchr (((CsmSearchHit *) exhibits->pdata[0])->snippet, '\n'));
}

/* The words that @hit says were found, with "/" between; NULL for none. */
static char *
dup_matches (const CsmSearchHit *hit)
{
  g_autoptr (GString) words = NULL;

  for (guint i = 0; i < hit->matches->len; i++)
    {
      const CsmTextSpan *span = &g_array_index (hit->matches, CsmTextSpan, i);

      g_assert_cmpuint (span->start, <, span->end);
      g_assert_cmpuint (span->end, <=, strlen (hit->snippet));
      if (words == NULL)
        words = g_string_new (NULL);
      else
        g_string_append_c (words, '/');
      g_string_append_len (words, hit->snippet + span->start, span->end - span->start);
    }
  return words != NULL ? g_string_free (g_steal_pointer (&words), FALSE) : NULL;
}

static void
test_what_was_found_is_marked (CaseFixture *self, gconstpointer data)
{
  static const struct
  {
    const char *text, *words, *shown, *found;
  } rows[] = {
    { "Омоновец бьёт лежащего дубинкой", "бьёт ДУБИН", "Омоновец бьёт лежащего дубинкой",
      "бьёт/дубинкой" },
    { "élève à terre", "eleve", "élève à terre", "élève" },
    { "<b>kiosk</b> & more", "kiosk", "<b>kiosk</b> & more", "kiosk" },
    { "first line\n\n second gate ", "gate line", "first line · second gate", "line/gate" },
    /* What the marks themselves are made of is text of a case, too. */
    { "\x02 van \x03\x03 near\x02", "van", " van  near", "van" },
    { "\x02\x02plain\x03 umbrella\x02", "umbrella", "plain umbrella", "plain/umbrella" },
  };
  g_autoptr (CsmExhibit) exhibit = case_fixture_import (self, "a.mp4", 100, 1);

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    csm_mark_free (case_fixture_mark (self, exhibit, (int64_t) i, 10, NULL, rows[i].text));
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GPtrArray) hits = search (self, rows[i].words);
      const CsmSearchHit *hit;
      g_autofree char *found = NULL;

      g_assert_cmpuint (hits->len, >=, 1);
      hit = hits->pdata[0];
      g_assert_cmpint ((int) hit->kind, ==, CSM_HIT_MARK);
      found = dup_matches (hit);
      g_assert_cmpstr (hit->snippet, ==, rows[i].shown);
      g_assert_cmpstr (found, ==, rows[i].found);
    }
}

static void
test_codes_and_their_marks (CaseFixture *self, gconstpointer data)
{
  g_autoptr (CsmExhibit) exhibit = case_fixture_import (self, "a.mp4", 100, 1);
  g_autoptr (CsmMark) coded = case_fixture_mark (self, exhibit, 1, 2, "tear-gas", "");
  g_autoptr (CsmMark) both =
      case_fixture_mark (self, exhibit, 5, 6, "tear-gas", "tear gas again");
  g_autoptr (GPtrArray) hits = search (self, "tear gas");

  /* The one that says so first, each once. */
  g_assert_cmpint (count (self, "tear gas", CSM_HIT_MARK), ==, 2);
  g_assert_cmpstr (((CsmSearchHit *) hits->pdata[0])->mark.hex, ==, both->id.hex);
  g_assert_cmpint (count (self, "tear gas", CSM_HIT_CODE), >=, 1);
  g_assert_cmpint (count (self, "tear-gas", CSM_HIT_MARK), ==, 2);
  /* Prose in a definition finds the code, not the marks that carry it. */
  g_assert_cmpint (count (self, "canister", CSM_HIT_CODE), ==, 1);
  g_assert_cmpint (count (self, "canister", CSM_HIT_MARK), ==, 0);
}

static void
test_search_follows_changes (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmExhibit) exhibit = case_fixture_import (self, "a.mp4", 100, 1);
  g_autoptr (CsmMark) mark = case_fixture_mark (self, exhibit, 1, 2, NULL, "yellow");
  g_autoptr (CsmAcquisition) acquisition = csm_acquisition_new ();
  CsmMark changed = *mark;

  changed.text = (char *) "green";
  g_assert_true (csm_case_set_mark (self->acase, &changed, NULL, 0, NULL, &error));
  g_assert_cmpint (count (self, "yellow", CSM_HIT_MARK), ==, 0);
  g_assert_cmpint (count (self, "green", CSM_HIT_MARK), ==, 1);
  g_assert_true (csm_case_remove_mark (self->acase, &mark->id, &error));
  g_assert_cmpint (count (self, "green", CSM_HIT_MARK), ==, 0);
  g_assert_true (csm_case_set_mark (self->acase, &changed, NULL, 0, NULL, &error));
  g_assert_cmpint (count (self, "green", CSM_HIT_MARK), ==, 1);

  g_free (acquisition->notes);
  acquisition->notes = g_strdup ("from a neighbour");
  g_assert_true (csm_case_set_acquisition (self->acase, &exhibit->id, acquisition, &error));
  g_assert_cmpint (count (self, "neighbour", CSM_HIT_EXHIBIT), ==, 1);
  g_assert_true (csm_case_remove_exhibit (self->acase, &exhibit->id, &error));
  g_assert_cmpint (count (self, "green", CSM_HIT_MARK), ==, 0);
  g_assert_cmpint (count (self, "neighbour", CSM_HIT_EXHIBIT), ==, 0);
  case_fixture_assert_holds (self);
}

static void
test_limit_holds (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmExhibit) exhibit = case_fixture_import (self, "a.mp4", 100, 1);
  g_autoptr (GPtrArray) hits = NULL;
  g_autoptr (GPtrArray) none = NULL;

  for (int i = 0; i < 20; i++)
    csm_mark_free (case_fixture_mark (self, exhibit, i, i, "baton", i % 2 ? "baton" : ""));
  hits = csm_case_search (self->acase, "baton", 15, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (hits->len, ==, 15);
  none = csm_case_search (self->acase, "baton", 0, &error);
  g_assert_cmpuint (none->len, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  case_fixture_add ("/casement/casefile/search/any-script", test_any_script);
  case_fixture_add ("/casement/casefile/search/no-query-language", test_no_query_language);
  case_fixture_add ("/casement/casefile/search/hits-say-where", test_hits_say_where);
  case_fixture_add ("/casement/casefile/search/snippets-are-one-line",
                    test_snippets_are_one_line);
  case_fixture_add ("/casement/casefile/search/what-was-found-is-marked",
                    test_what_was_found_is_marked);
  case_fixture_add ("/casement/casefile/search/codes-and-their-marks",
                    test_codes_and_their_marks);
  case_fixture_add ("/casement/casefile/search/search-follows-changes",
                    test_search_follows_changes);
  case_fixture_add ("/casement/casefile/search/limit-holds", test_limit_holds);
  return g_test_run ();
}
