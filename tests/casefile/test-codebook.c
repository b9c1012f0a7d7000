/* test-codebook.c: the codebook that comes with the program, and changes to it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-case-fixture.h"

#include "casefile/csm-case-private.h"

#include <string.h>

static CsmCode *
find_code (GPtrArray *codes, const char *id)
{
  for (guint i = 0; i < codes->len; i++)
    if (strcmp (((CsmCode *) codes->pdata[i])->id, id) == 0)
      return codes->pdata[i];
  return NULL;
}

static GPtrArray *
list_codes (CaseFixture *self)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *codes = csm_case_list_codes (self->acase, &error);

  g_assert_no_error (error);
  return codes;
}

static void
test_default_is_whole (void)
{
  g_autofree char *path =
      g_build_filename (g_getenv ("CSM_SOURCE_ROOT"), "data", "codebook.json", NULL);
  g_autoptr (json_t) book = json_load_file (path, JSON_REJECT_DUPLICATES, NULL);
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);
  const json_t *codes = json_object_get (book, "codes");
  size_t i;
  json_t *code;

  g_assert_cmpint (json_integer_value (json_object_get (book, "version")), ==, 1);
  g_assert_cmpuint (json_array_size (codes), >=, 25);
  json_array_foreach (codes, i, code)
  {
    const char *id = csm_json_get_string (code, "id");
    const char *parent = csm_json_get_string (code, "parent");

    g_assert_cmpuint (json_object_size (code), ==, 5);
    g_assert_cmpuint (strspn (id, "abcdefghijklmnopqrstuvwxyz0123456789-"), ==, strlen (id));
    g_assert_cmpuint (strlen (csm_json_get_string (code, "label")), >, 3);
    g_assert_cmpuint (strlen (csm_json_get_string (code, "definition")), >, 20);
    /* A public text with its year. */
    g_assert_true (g_regex_match_simple ("(19|20)[0-9][0-9]|Covenant",
                                         csm_json_get_string (code, "source"), 0, 0));
    if (parent != NULL)
      g_assert_true (g_hash_table_contains (ids, parent));
    else
      g_assert_true (json_is_null (json_object_get (code, "parent")));
    g_assert_true (g_hash_table_add (ids, (gpointer) id));
  }
  g_assert_true (g_hash_table_contains (ids, "baton"));
  g_assert_true (g_hash_table_contains (ids, "arrest"));
  g_assert_true (g_hash_table_contains (ids, "tear-gas"));
}

static void
test_new_case_has_the_default (CaseFixture *self, gconstpointer data)
{
  g_autofree char *path =
      g_build_filename (g_getenv ("CSM_SOURCE_ROOT"), "data", "codebook.json", NULL);
  g_autoptr (json_t) book = json_load_file (path, 0, NULL);
  g_autoptr (GPtrArray) codes = list_codes (self);
  const json_t *expected = json_object_get (book, "codes");
  size_t i;
  json_t *code;

  g_assert_cmpuint (codes->len, ==, json_array_size (expected));
  json_array_foreach (expected, i, code)
  {
    const CsmCode *got = find_code (codes, csm_json_get_string (code, "id"));

    g_assert_nonnull (got);
    g_assert_cmpstr (got->label, ==, csm_json_get_string (code, "label"));
    g_assert_cmpstr (got->definition, ==, csm_json_get_string (code, "definition"));
    g_assert_cmpstr (got->source, ==, csm_json_get_string (code, "source"));
    g_assert_cmpstr (got->parent, ==, csm_json_get_string (code, "parent"));
  }
}

static void
test_children_follow_their_parent (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) codes = NULL;
  const CsmCode fresh = { (char *) "net-gun", (char *) "Net", (char *) "A net is thrown.",
                          (char *) "", (char *) "use-of-force" };
  guint at = 0;

  g_assert_true (csm_case_set_code (self->acase, &fresh, &error));
  g_assert_no_error (error);
  codes = list_codes (self);
  for (guint i = 0; i < codes->len; i++)
    {
      const CsmCode *code = codes->pdata[i];

      if (code->parent != NULL)
        g_assert_true (g_hash_table_contains (seen, code->parent));
      g_hash_table_add (seen, code->id);
      if (strcmp (code->id, "net-gun") == 0)
        at = i;
    }
  /* Among its siblings, not at the end of the list. */
  g_assert_cmpuint (at, >, 0);
  g_assert_cmpuint (at, <, codes->len - 1);
  g_assert_cmpstr (((CsmCode *) codes->pdata[at + 1])->id, ==, "detention");
  case_fixture_assert_holds (self);
}

static void
test_change_replaces (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) before = list_codes (self);
  g_autoptr (GPtrArray) after = NULL;
  g_autoptr (GPtrArray) entries = NULL;
  const CsmCode changed = { (char *) "baton", (char *) "Truncheon", (char *) "D", (char *) "S",
                            NULL };
  const int64_t n = csm_case_count_entries (self->acase, NULL);
  int n_replaced = 0;

  g_assert_true (csm_case_set_code (self->acase, &changed, &error));
  case_fixture_reopen (self);
  after = list_codes (self);
  g_assert_cmpuint (after->len, ==, before->len);
  g_assert_cmpstr (find_code (after, "baton")->label, ==, "Truncheon");
  g_assert_cmpstr (find_code (after, "baton")->parent, ==, NULL);
  entries = csm_case_list_entries (self->acase, n, 1, &error);
  (void) csm_entry_get_replaces (entries->pdata[0], &n_replaced);
  g_assert_cmpint (n_replaced, ==, 1);
  case_fixture_assert_holds (self);
}

static void
refuse (CaseFixture *self, CsmCode code, int expected)
{
  g_autoptr (GError) error = NULL;
  const int64_t n = csm_case_count_entries (self->acase, NULL);

  g_assert_false (csm_case_set_code (self->acase, &code, &error));
  g_assert_error (error, CSM_CASE_ERROR, expected);
  g_assert_cmpint (csm_case_count_entries (self->acase, NULL), ==, n);
}

static void
test_bad_codes_are_refused (CaseFixture *self, gconstpointer data)
{
  g_autofree char *long_id = g_strnfill (65, 'a');
  g_autofree char *long_text = g_strnfill (65537, 'a');

  refuse (self, (CsmCode){ .id = (char *) "Tear Gas", .label = (char *) "x" },
          CSM_CASE_ERROR_INVALID);
  refuse (self, (CsmCode){ .id = (char *) "", .label = (char *) "x" }, CSM_CASE_ERROR_INVALID);
  refuse (self, (CsmCode){ .id = long_id, .label = (char *) "x" }, CSM_CASE_ERROR_INVALID);
  refuse (self, (CsmCode){ .id = (char *) "x", .label = (char *) "" }, CSM_CASE_ERROR_INVALID);
  refuse (self, (CsmCode){ .id = (char *) "x", .label = long_text }, CSM_CASE_ERROR_INVALID);
  refuse (self, (CsmCode){ .id = (char *) "x", .label = (char *) "\xff" },
          CSM_CASE_ERROR_INVALID);
  refuse (self,
          (CsmCode){ .id = (char *) "x", .label = (char *) "x", .parent = (char *) "nowhere" },
          CSM_CASE_ERROR_NOT_FOUND);
  /* baton is a child of use-of-force. */
  refuse (self,
          (CsmCode){ .id = (char *) "use-of-force",
                     .label = (char *) "x",
                     .parent = (char *) "baton" },
          CSM_CASE_ERROR_INVALID);
  refuse (
      self,
      (CsmCode){ .id = (char *) "baton", .label = (char *) "x", .parent = (char *) "baton" },
      CSM_CASE_ERROR_INVALID);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/casement/casefile/codebook/default-is-whole", test_default_is_whole);
  case_fixture_add ("/casement/casefile/codebook/new-case-has-the-default",
                    test_new_case_has_the_default);
  case_fixture_add ("/casement/casefile/codebook/children-follow-their-parent",
                    test_children_follow_their_parent);
  case_fixture_add ("/casement/casefile/codebook/change-replaces", test_change_replaces);
  case_fixture_add ("/casement/casefile/codebook/bad-codes-are-refused",
                    test_bad_codes_are_refused);
  return g_test_run ();
}
