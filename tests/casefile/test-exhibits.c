/* test-exhibits.c: exhibits, their bytes, and what is kept beside the ledger
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-case-fixture.h"

#include "casefile/csm-case-private.h"

#include <glib/gstdio.h>
#include <string.h>

static void
test_import_is_numbered (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmExhibit) a = case_fixture_import (self, "a.mp4", 100, 1);
  g_autoptr (CsmExhibit) b = case_fixture_import (self, "Митинг 9 августа.mov", 200, 2);
  g_autoptr (CsmExhibit) again = NULL;
  g_autoptr (GPtrArray) list = NULL;

  g_assert_cmpstr (a->number, ==, "E-0001");
  g_assert_cmpstr (b->number, ==, "E-0002");
  case_fixture_reopen (self);
  list = csm_case_list_exhibits (self->acase, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (list->len, ==, 2);
  again = csm_case_get_exhibit (self->acase, &b->id, &error);
  g_assert_cmpstr (again->name, ==, "Митинг 9 августа.mov");
  g_assert_cmpint (again->size, ==, 200);
  g_assert_false (again->linked);
  g_assert_cmpint (again->index_state, ==, CSM_INDEX_NONE);
  g_assert_cmpint (again->n_frames, ==, -1);
  g_assert_cmpint (again->duration_ms, ==, -1);
  g_assert_cmpstr (again->status, ==, "");
  g_assert_true (csm_digest_equal (&again->sha256, &b->sha256));
  case_fixture_assert_holds (self);
}

static void
test_bytes_come_back (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmExhibit) exhibit = case_fixture_import (self, "a.mp4", 100000, 3);
  g_autoptr (CsmByteSource) source = NULL;
  g_autofree uint8_t *bytes = g_malloc (100000);
  CsmDigest digest;

  case_fixture_reopen (self);
  source = csm_case_read_media (self->acase, &exhibit->id, &error);
  g_assert_no_error (error);
  g_assert_cmpint (csm_byte_source_get_size (source), ==, 100000);
  g_assert_cmpint (csm_byte_source_read_at (source, 0, bytes, 100000, &error), ==, 100000);
  csm_sha256 (bytes, 100000, &digest);
  g_assert_true (csm_digest_equal (&digest, &exhibit->sha256));
}

static void
test_duplicate_is_named (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmExhibit) a = case_fixture_import (self, "a.mp4", 100, 1);
  g_autoptr (CsmExhibit) found = NULL;
  const int64_t n = csm_case_count_entries (self->acase, NULL);
  const CsmDigest other = { { 1 } };

  g_assert_null (csm_case_add_exhibit (self->acase, "b.mp4", NULL, &a->sha256, 100, NULL, NULL,
                                       "/tmp/b.mp4", &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_EXISTS);
  g_assert_nonnull (strstr (error->message, "E-0001"));
  g_clear_error (&error);
  g_assert_cmpint (csm_case_count_entries (self->acase, NULL), ==, n);

  found = csm_case_find_sha256 (self->acase, &a->sha256, &error);
  g_assert_cmpstr (found->number, ==, "E-0001");
  g_assert_null (csm_case_find_sha256 (self->acase, &other, &error));
  g_assert_no_error (error);
}

static void
test_people_find_by_number_or_hash (CaseFixture *self, gconstpointer data)
{
  g_autoptr (CsmExhibit) a = case_fixture_import (self, "a.mp4", 100, 1);
  g_autofree char *hex = case_fixture_digest_hex (&a->sha256);
  const char *const names[] = { "E-0001", "e-0001", "e-1", "1", a->id.hex, hex };
  const char *const others[] = {
    "E-0002", "", "E-", "a.mp4", "-1", "\xff", "00000000000000000000000000000000"
  };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (CsmExhibit) found = csm_case_find_exhibit (self->acase, names[i], &error);

      g_assert_no_error (error);
      g_assert_cmpstr (found->id.hex, ==, a->id.hex);
    }
  for (size_t i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (csm_case_find_exhibit (self->acase, others[i], &error));
      g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_NOT_FOUND);
    }
}

static void
test_acquisition_is_kept (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmExhibit) a = case_fixture_import (self, "a.mp4", 100, 1);
  g_autoptr (CsmExhibit) again = NULL;
  g_autoptr (CsmAcquisition) acquisition = csm_acquisition_new ();
  g_autofree char *long_text = g_strnfill (65537, 'x');

  g_free (acquisition->title);
  acquisition->title = g_strdup ("Stela, evening");
  g_free (acquisition->obtained_from);
  acquisition->obtained_from = g_strdup ("a witness");
  acquisition->do_not_export = true;
  g_assert_true (csm_case_set_acquisition (self->acase, &a->id, acquisition, &error));
  g_assert_no_error (error);
  case_fixture_reopen (self);
  again = csm_case_get_exhibit (self->acase, &a->id, &error);
  g_assert_cmpstr (again->acquisition->title, ==, "Stela, evening");
  g_assert_cmpstr (again->acquisition->obtained_from, ==, "a witness");
  g_assert_cmpstr (again->acquisition->notes, ==, "");
  g_assert_true (again->acquisition->do_not_export);
  g_assert_true (again->added == a->added);
  case_fixture_assert_holds (self);

  g_free (acquisition->notes);
  acquisition->notes = g_steal_pointer (&long_text);
  g_assert_false (csm_case_set_acquisition (self->acase, &a->id, acquisition, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_INVALID);
}

static void
test_sound_offset_is_an_entry (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmExhibit) a = case_fixture_import (self, "a.mp4", 100, 1);
  g_autoptr (CsmExhibit) again = NULL;
  g_autoptr (CsmExhibit) back = NULL;
  g_autoptr (CsmAcquisition) acquisition = csm_acquisition_new ();
  int64_t before = csm_case_count_entries (self->acase, &error);

  acquisition->sound_offset_ms = -240;
  g_assert_true (csm_case_set_acquisition (self->acase, &a->id, acquisition, &error));
  g_assert_no_error (error);
  g_assert_cmpint (csm_case_count_entries (self->acase, &error), ==, before + 1);
  case_fixture_reopen (self);
  again = csm_case_get_exhibit (self->acase, &a->id, &error);
  g_assert_cmpint (again->acquisition->sound_offset_ms, ==, -240);
  case_fixture_assert_holds (self);

  acquisition->sound_offset_ms = 0;
  g_assert_true (csm_case_set_acquisition (self->acase, &a->id, acquisition, &error));
  back = csm_case_get_exhibit (self->acase, &a->id, &error);
  g_assert_cmpint (back->acquisition->sound_offset_ms, ==, 0);
  case_fixture_assert_holds (self);

  acquisition->sound_offset_ms = CSM_MAX_SOUND_OFFSET_MS + 1;
  g_assert_false (csm_case_set_acquisition (self->acase, &a->id, acquisition, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_INVALID);
}

static void
test_map_of_sound_is_kept (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmExhibit) a = case_fixture_import (self, "a.mp4", 100, 1);
  g_autoptr (GBytes) map = g_bytes_new ("whatever the worker said", 24);
  g_autoptr (GBytes) got = NULL;

  g_assert_null (csm_case_get_sound (self->acase, &a->id, &error));
  g_assert_no_error (error);
  g_assert_true (csm_case_set_sound (self->acase, &a->id, 0, 48000, map, &error));
  g_assert_no_error (error);
  case_fixture_reopen (self);
  got = csm_case_get_sound (self->acase, &a->id, &error);
  g_assert_true (g_bytes_equal (got, map));
  case_fixture_assert_holds (self);
}

static void
test_removed_comes_back (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmExhibit) a = case_fixture_import (self, "a.mp4", 100, 1);
  g_autoptr (CsmMark) mark = case_fixture_mark (self, a, 1, 2, "baton", "x");
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (GPtrArray) marks = NULL;
  g_autoptr (CsmExhibit) twin = NULL;
  int64_t n_exhibits, n_marks, n_entries;

  g_assert_true (csm_case_remove_exhibit (self->acase, &a->id, &error));
  list = csm_case_list_exhibits (self->acase, &error);
  g_assert_cmpuint (list->len, ==, 0);
  marks = csm_case_list_marks (self->acase, NULL, &error);
  g_assert_cmpuint (marks->len, ==, 0);
  g_assert_null (csm_case_get_mark (self->acase, &mark->id, &error));
  g_clear_error (&error);
  g_assert_true (csm_case_count (self->acase, &n_exhibits, &n_marks, &n_entries, &error));
  g_assert_cmpint (n_exhibits, ==, 0);
  g_assert_cmpint (n_marks, ==, 0);
  g_assert_false (csm_case_remove_exhibit (self->acase, &a->id, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  case_fixture_assert_holds (self);

  g_assert_true (csm_case_restore_exhibit (self->acase, &a->id, &error));
  g_assert_no_error (error);
  g_assert_true (csm_case_count (self->acase, &n_exhibits, &n_marks, &n_entries, &error));
  g_assert_cmpint (n_exhibits, ==, 1);
  g_assert_cmpint (n_marks, ==, 1);
  g_assert_false (csm_case_restore_exhibit (self->acase, &a->id, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  case_fixture_assert_holds (self);

  /* Imported again while it was removed: two of the same would be in the lists. */
  g_assert_true (csm_case_remove_exhibit (self->acase, &a->id, &error));
  twin = case_fixture_import (self, "a.mp4", 100, 1);
  g_assert_cmpstr (twin->number, ==, "E-0002");
  g_assert_false (csm_case_restore_exhibit (self->acase, &a->id, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_EXISTS);
}

static void
test_linked_stays_where_it_is (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (self->folder, "linked\xff.bin", NULL);
  g_autoptr (CsmExhibit) exhibit = NULL;
  g_autoptr (CsmByteSource) source = NULL;
  g_autofree char *link_path = NULL;
  g_autofree char *broken = NULL;
  CsmDigest sha256;

  g_assert_true (g_file_set_contents (path, "hello", 5, NULL));
  csm_sha256 ("hello", 5, &sha256);
  exhibit = csm_case_add_exhibit (self->acase, "linked.bin", path, &sha256, 5, NULL, NULL, path,
                                  &error);
  g_assert_no_error (error);
  g_assert_true (exhibit->linked);
  g_assert_null (csm_case_get_media_ref (self->acase, &exhibit->id, &link_path, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (link_path, ==, path);
  source = csm_case_read_media (self->acase, &exhibit->id, &error);
  g_assert_no_error (error);
  g_assert_cmpint (csm_byte_source_get_size (source), ==, 5);
  case_fixture_assert_holds (self);

  /* Same size, other bytes: found where bytes are read. */
  g_assert_true (g_file_set_contents (path, "hallo", 5, NULL));
  broken = case_fixture_verify (self, false, NULL);
  g_assert_cmpstr (broken, ==, "");
  case_fixture_assert_broken (self, "not those that were imported");

  g_assert_true (g_file_set_contents (path, "hello there", 11, NULL));
  g_clear_pointer (&source, csm_byte_source_unref);
  g_assert_null (csm_case_read_media (self->acase, &exhibit->id, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_DAMAGED);
  g_clear_error (&error);
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_null (csm_case_read_media (self->acase, &exhibit->id, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_NOT_FOUND);
  case_fixture_assert_broken (self, "cannot be opened");
}

static void
test_facts_and_thumbnail_are_kept (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmExhibit) a = case_fixture_import (self, "a.mp4", 100, 1);
  g_autoptr (CsmExhibit) again = NULL;
  g_autoptr (GBytes) png = g_bytes_new_static ("png", 3);
  g_autoptr (GBytes) got = NULL;
  const int64_t n = csm_case_count_entries (self->acase, NULL);
  const CsmMediaFacts facts = {
    CSM_INDEX_PROVISIONAL, "packets read", "mov,mp4", "h264", 1920, 1080, 250, 10000
  };

  g_assert_null (csm_case_get_thumbnail (self->acase, &a->id, &error));
  g_assert_no_error (error);
  g_assert_true (csm_case_set_media_facts (self->acase, &a->id, &facts, &error));
  g_assert_true (csm_case_set_thumbnail (self->acase, &a->id, png, &error));
  case_fixture_reopen (self);
  /* Kept rows are no entries. */
  g_assert_cmpint (csm_case_count_entries (self->acase, NULL), ==, n);
  again = csm_case_get_exhibit (self->acase, &a->id, &error);
  g_assert_cmpint (again->index_state, ==, CSM_INDEX_PROVISIONAL);
  g_assert_cmpstr (again->status, ==, "packets read");
  g_assert_cmpstr (again->format, ==, "mov,mp4");
  g_assert_cmpstr (again->codec, ==, "h264");
  g_assert_cmpint (again->width, ==, 1920);
  g_assert_cmpint (again->height, ==, 1080);
  g_assert_cmpint (again->n_frames, ==, 250);
  g_assert_cmpint (again->duration_ms, ==, 10000);
  got = csm_case_get_thumbnail (self->acase, &a->id, &error);
  g_assert_true (g_bytes_equal (got, png));
  case_fixture_assert_holds (self);
}

static void
test_exact_index_is_bound (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmExhibit) a = case_fixture_import (self, "a.mp4", 100, 1);
  g_autoptr (GBytes) rough = g_bytes_new_static ("rough", 5);
  g_autoptr (GBytes) older = g_bytes_new_static ("older", 5);
  g_autoptr (GBytes) exact = g_bytes_new_static ("exact", 5);
  g_autoptr (GBytes) got = NULL;
  const int64_t n = csm_case_count_entries (self->acase, NULL);

  g_assert_null (csm_case_get_index (self->acase, &a->id, &error));
  g_assert_no_error (error);
  g_assert_true (csm_case_set_index (self->acase, &a->id, rough, false, NULL, 5, &error));
  g_assert_cmpint (csm_case_count_entries (self->acase, NULL), ==, n);
  got = csm_case_get_index (self->acase, &a->id, &error);
  g_assert_true (g_bytes_equal (got, rough));
  g_clear_pointer (&got, g_bytes_unref);

  g_assert_true (
      csm_case_set_index (self->acase, &a->id, older, true, "lavc 59.37", 5, &error));
  g_assert_true (csm_case_set_index (self->acase, &a->id, exact, true, "lavc 61.3", 5, &error));
  /* What an entry binds needs no other. */
  g_assert_true (csm_case_set_index (self->acase, &a->id, exact, true, "lavc 61.3", 5, &error));
  g_assert_cmpint (csm_case_count_entries (self->acase, NULL), ==, n + 2);
  case_fixture_reopen (self);
  got = csm_case_get_index (self->acase, &a->id, &error);
  g_assert_true (g_bytes_equal (got, exact));
  case_fixture_assert_holds (self);

  case_fixture_tamper (self, "UPDATE kept_index SET bytes = x'00'");
  g_assert_null (csm_case_get_index (self->acase, &a->id, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_DAMAGED);
  case_fixture_assert_broken (self, "frame index is not the one");
}

static void
test_strangers_are_not_found (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  const CsmId id = csm_id_new ();
  g_autoptr (GBytes) bytes = g_bytes_new_static ("x", 1);
  const CsmMediaFacts facts = { 0 };

  g_assert_null (csm_case_get_exhibit (self->acase, &id, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (csm_case_read_media (self->acase, &id, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (csm_case_get_media_ref (self->acase, &id, NULL, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (csm_case_set_media_facts (self->acase, &id, &facts, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (csm_case_set_index (self->acase, &id, bytes, true, "", 5, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (csm_case_set_thumbnail (self->acase, &id, bytes, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_NOT_FOUND);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  case_fixture_add ("/casement/casefile/exhibits/import-is-numbered", test_import_is_numbered);
  case_fixture_add ("/casement/casefile/exhibits/bytes-come-back", test_bytes_come_back);
  case_fixture_add ("/casement/casefile/exhibits/duplicate-is-named", test_duplicate_is_named);
  case_fixture_add ("/casement/casefile/exhibits/people-find-by-number-or-hash",
                    test_people_find_by_number_or_hash);
  case_fixture_add ("/casement/casefile/exhibits/acquisition-is-kept",
                    test_acquisition_is_kept);
  case_fixture_add ("/casement/casefile/exhibits/sound-offset-is-an-entry",
                    test_sound_offset_is_an_entry);
  case_fixture_add ("/casement/casefile/exhibits/map-of-sound-is-kept",
                    test_map_of_sound_is_kept);
  case_fixture_add ("/casement/casefile/exhibits/removed-comes-back", test_removed_comes_back);
  case_fixture_add ("/casement/casefile/exhibits/linked-stays-where-it-is",
                    test_linked_stays_where_it_is);
  case_fixture_add ("/casement/casefile/exhibits/facts-and-thumbnail-are-kept",
                    test_facts_and_thumbnail_are_kept);
  case_fixture_add ("/casement/casefile/exhibits/exact-index-is-bound",
                    test_exact_index_is_bound);
  case_fixture_add ("/casement/casefile/exhibits/strangers-are-not-found",
                    test_strangers_are_not_found);
  return g_test_run ();
}
