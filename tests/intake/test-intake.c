/* test-intake.c: one pass in: the bytes, the hash, and nothing left of what failed
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-error.h"
#include "intake-fixture.h"
#include "intake/csm-intake.h"

#include <glib/gstdio.h>

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MIB (1024 * 1024)

static CsmExhibit *
add (Fixture *fixture, const char *path, bool link, CsmIntakeOutcome expected)
{
  CsmIntakeOptions options = { .link = link };
  CsmIntakeOutcome outcome;
  CsmExhibit *exhibit = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (csm_intake_add_file (fixture->acase, path, &options, NULL, NULL, &outcome,
                                      &exhibit, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (outcome, ==, expected);
  return exhibit;
}

static void
assert_bytes (Fixture *fixture, const CsmExhibit *exhibit, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmByteSource) source = csm_case_read_media (fixture->acase, &exhibit->id, &error);
  g_autofree char *expected = NULL;
  g_autofree char *found = NULL;
  size_t size;

  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &expected, &size, NULL));
  g_assert_cmpint (csm_byte_source_get_size (source), ==, size);
  g_assert_cmpint (exhibit->size, ==, size);
  found = g_malloc (size + 1);
  g_assert_cmpint (csm_byte_source_read_at (source, 0, found, size, &error), ==, size);
  g_assert_cmpmem (found, size, expected, size);
}

static void
assert_sha256 (const CsmExhibit *exhibit, const char *path)
{
  g_autofree char *bytes = NULL;
  g_autofree char *expected = NULL;
  char found[CSM_DIGEST_HEX_SIZE];
  size_t size;

  g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
  expected = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) bytes, size);
  csm_digest_to_hex (&exhibit->sha256, found);
  g_assert_cmpstr (found, ==, expected);
}

static void
test_bytes (Fixture *fixture, gconstpointer data)
{
  static const size_t sizes[] = { 0, 1, 65536, 3 * MIB + 17 };

  for (unsigned i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *path = fixture_make_file (fixture, "clip", sizes[i], i);
      g_autoptr (CsmExhibit) exhibit = add (fixture, path, false, CSM_INTAKE_ADDED);

      g_assert_cmpstr (exhibit->name, ==, "clip");
      assert_sha256 (exhibit, path);
      assert_bytes (fixture, exhibit, path);
    }
  g_assert_cmpint (fixture_count_media (fixture), ==, G_N_ELEMENTS (sizes));
  fixture_assert_holds (fixture);
}

static void
test_source_untouched (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = fixture_make_file (fixture, "clip", 100000, 7);
  struct stat before, after;

  /* Read-only for everyone: nothing here may need more. */
  g_assert_cmpint (chmod (path, 0400), ==, 0);
  g_assert_cmpint (stat (path, &before), ==, 0);
  csm_exhibit_free (add (fixture, path, false, CSM_INTAKE_ADDED));
  g_assert_cmpint (stat (path, &after), ==, 0);
  g_assert_cmpint (after.st_mtim.tv_nsec, ==, before.st_mtim.tv_nsec);
  g_assert_cmpint (after.st_ctim.tv_nsec, ==, before.st_ctim.tv_nsec);
  g_assert_cmpint (after.st_atim.tv_nsec, ==, before.st_atim.tv_nsec);
}

static void
test_duplicate (Fixture *fixture, gconstpointer data)
{
  g_autofree char *first = fixture_make_file (fixture, "first", 2 * MIB, 3);
  g_autofree char *second = fixture_make_file (fixture, "second", 2 * MIB, 3);
  g_autoptr (CsmExhibit) added = add (fixture, first, false, CSM_INTAKE_ADDED);
  int64_t n_entries = fixture_count_entries (fixture);
  g_autoptr (CsmExhibit) found = add (fixture, second, false, CSM_INTAKE_DUPLICATE);

  g_assert_cmpstr (found->id.hex, ==, added->id.hex);
  g_assert_cmpint (fixture_count_media (fixture), ==, 1);
  g_assert_cmpint (fixture_count_entries (fixture), ==, n_entries);
}

typedef struct
{
  const Fixture *fixture;
  int64_t last;
  int n_calls;
} Watch;

/* fixture_count_media() fails on a ".part". */
static void
watch_cb (int64_t done, int64_t total, gpointer data)
{
  Watch *self = data;

  g_assert_cmpint (fixture_count_media (self->fixture), ==, 1);
  g_assert_cmpint (done, >=, self->last);
  g_assert_cmpint (done, <=, total);
  self->last = done;
  self->n_calls++;
}

static void
test_duplicate_takes_no_room (Fixture *fixture, gconstpointer data)
{
  g_autofree char *first = fixture_make_file (fixture, "first", 4 * MIB, 3);
  g_autofree char *second = fixture_make_file (fixture, "second", 4 * MIB, 3);
  g_autoptr (CsmExhibit) added = add (fixture, first, false, CSM_INTAKE_ADDED);
  Watch watch = { fixture, 0, 0 };
  CsmIntakeOutcome outcome;
  g_autoptr (GError) error = NULL;

  g_assert_true (csm_intake_add_file (fixture->acase, second, NULL, watch_cb, &watch, &outcome,
                                      NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (outcome, ==, CSM_INTAKE_DUPLICATE);
  g_assert_cmpint (watch.n_calls, >, 1);
}

static void
rising_cb (int64_t done, int64_t total, gpointer data)
{
  int64_t *last = data;

  g_assert_cmpint (done, >=, *last);
  g_assert_cmpint (done, <=, total);
  *last = done;
}

/* Of the same size, and other bytes: two passes, one way. */
static void
test_same_size_is_no_duplicate (Fixture *fixture, gconstpointer data)
{
  g_autofree char *first = fixture_make_file (fixture, "first", 3 * MIB + 1, 3);
  g_autofree char *second = fixture_make_file (fixture, "second", 3 * MIB + 1, 4);
  g_autoptr (CsmExhibit) before = add (fixture, first, false, CSM_INTAKE_ADDED);
  g_autoptr (CsmExhibit) exhibit = NULL;
  CsmIntakeOutcome outcome;
  int64_t last = 0;
  g_autoptr (GError) error = NULL;

  g_assert_true (csm_intake_add_file (fixture->acase, second, NULL, rising_cb, &last, &outcome,
                                      &exhibit, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (outcome, ==, CSM_INTAKE_ADDED);
  g_assert_cmpint (last, ==, 3 * MIB + 1);
  assert_sha256 (exhibit, second);
  assert_bytes (fixture, exhibit, second);
}

static void
test_relink (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = fixture_make_file (fixture, "clip", MIB + 5, 3);
  g_autofree char *other = fixture_make_file (fixture, "other", MIB + 5, 4);
  g_autofree char *moved = fixture_path (fixture, "moved");
  g_autoptr (CsmExhibit) exhibit = add (fixture, path, true, CSM_INTAKE_ADDED);
  g_autoptr (CsmExhibit) found = NULL;
  g_autoptr (CsmExhibit) again = NULL;
  g_autoptr (CsmMediaSource) source = NULL;
  g_autoptr (GError) error = NULL;
  const int64_t n_entries = fixture_count_entries (fixture);

  /* There still: another copy of it is only a duplicate. */
  csm_exhibit_free (add (fixture, path, true, CSM_INTAKE_DUPLICATE));
  g_assert_cmpint (g_rename (path, moved), ==, 0);
  g_assert_null (csm_intake_open_media (fixture->acase, &exhibit->id, &error));
  g_clear_error (&error);
  found = add (fixture, moved, true, CSM_INTAKE_RELINKED);
  g_assert_cmpstr (found->id.hex, ==, exhibit->id.hex);
  g_assert_cmpint (fixture_count_entries (fixture), ==, n_entries);
  assert_bytes (fixture, exhibit, moved);
  source = csm_intake_open_media (fixture->acase, &exhibit->id, &error);
  g_assert_no_error (error);
  again = add (fixture, moved, true, CSM_INTAKE_DUPLICATE);
  fixture_assert_holds (fixture);
  csm_exhibit_free (add (fixture, other, true, CSM_INTAKE_ADDED));
}

static void
test_link (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = fixture_make_file (fixture, "clip", MIB + 5, 3);
  g_autoptr (CsmExhibit) exhibit = add (fixture, path, true, CSM_INTAKE_ADDED);

  g_assert_true (exhibit->linked);
  g_assert_cmpint (fixture_count_media (fixture), ==, 0);
  assert_sha256 (exhibit, path);
  assert_bytes (fixture, exhibit, path);
  fixture_assert_holds (fixture);
}

static void
test_link_replaced (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = fixture_make_file (fixture, "clip", 1000, 3);
  g_autoptr (CsmExhibit) exhibit = add (fixture, path, true, CSM_INTAKE_ADDED);
  g_autoptr (GError) error = NULL;

  g_free (fixture_make_file (fixture, "clip", 1001, 4));
  g_assert_null (csm_intake_open_media (fixture->acase, &exhibit->id, &error));
  g_assert_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_CHANGED);
}

/* Fails with this error and leaves neither entry nor file. */
static void
assert_refused (Fixture *fixture,
                const char *path,
                const CsmIntakeOptions *options,
                CsmProgressCallback progress,
                gpointer data,
                GCancellable *cancellable,
                GQuark domain,
                int code)
{
  int n_media = fixture_count_media (fixture);
  int64_t n_entries = fixture_count_entries (fixture);
  g_autoptr (GError) error = NULL;
  CsmExhibit *exhibit = NULL;

  g_assert_false (csm_intake_add_file (fixture->acase, path, options, progress, data, NULL,
                                       &exhibit, cancellable, &error));
  g_assert_error (error, domain, code);
  g_assert_null (exhibit);
  g_assert_cmpint (fixture_count_media (fixture), ==, n_media);
  g_assert_cmpint (fixture_count_entries (fixture), ==, n_entries);
}

static void
cancel_cb (int64_t done, int64_t total, gpointer data)
{
  /* Between buffers, not at the end of the file. */
  g_assert_false (g_cancellable_is_cancelled (data));
  g_assert_cmpint (done, <=, total);
  if (done >= 2 * MIB)
    g_cancellable_cancel (data);
}

static void
test_cancel (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = fixture_make_file (fixture, "clip", 5 * MIB, 3);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  assert_refused (fixture, path, NULL, cancel_cb, cancellable, cancellable, G_IO_ERROR,
                  G_IO_ERROR_CANCELLED);
}

static void
overwrite_cb (int64_t done, int64_t total, gpointer data)
{
  int fd = open (data, O_WRONLY | O_CLOEXEC);

  g_assert_cmpint (pwrite (fd, "x", 1, 0), ==, 1);
  close (fd);
}

static void
append_cb (int64_t done, int64_t total, gpointer data)
{
  int fd = open (data, O_WRONLY | O_APPEND | O_CLOEXEC);

  g_assert_cmpint (write (fd, "x", 1), ==, 1);
  close (fd);
}

static void
truncate_cb (int64_t done, int64_t total, gpointer data)
{
  g_assert_cmpint (truncate (data, MIB), ==, 0);
}

static void
test_changed (Fixture *fixture, gconstpointer data)
{
  static const CsmProgressCallback changes[] = { overwrite_cb, append_cb, truncate_cb };

  for (size_t i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autofree char *path = fixture_make_file (fixture, "clip", 3 * MIB, 3);
      struct timespec old[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };

      /* The file system's clock ticks every few milliseconds: not from here to the change. */
      g_assert_cmpint (utimensat (AT_FDCWD, path, old, 0), ==, 0);
      assert_refused (fixture, path, NULL, changes[i], path, NULL, CSM_MEDIA_ERROR,
                      CSM_MEDIA_ERROR_CHANGED);
    }
}

/* The entry is refused after the copy was finished: the copy goes again. */
static void
test_entry_refused (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = fixture_make_file (fixture, "clip", 1000, 3);
  g_autofree char *note = g_strnfill (100 * 1024, 'x');
  g_autoptr (CsmAcquisition) acquisition = csm_acquisition_new ();
  CsmIntakeOptions options = { .acquisition = acquisition };

  g_free (acquisition->notes);
  acquisition->notes = g_steal_pointer (&note);
  assert_refused (fixture, path, &options, NULL, NULL, NULL, CSM_CASE_ERROR,
                  CSM_CASE_ERROR_INVALID);
}

static void
test_not_a_file (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = fixture_make_file (fixture, "clip", 1000, 3);
  g_autofree char *link = fixture_path (fixture, "link");
  g_autofree char *pipe_path = fixture_path (fixture, "pipe");

  g_assert_cmpint (symlink (path, link), ==, 0);
  g_assert_cmpint (mkfifo (pipe_path, 0600), ==, 0);
  assert_refused (fixture, link, NULL, NULL, NULL, NULL, CSM_BASE_ERROR, CSM_BASE_ERROR_IO);
  assert_refused (fixture, pipe_path, NULL, NULL, NULL, NULL, CSM_BASE_ERROR,
                  CSM_BASE_ERROR_INVALID);
  assert_refused (fixture, fixture->folder, NULL, NULL, NULL, NULL, CSM_BASE_ERROR,
                  CSM_BASE_ERROR_INVALID);
  assert_refused (fixture, fixture->case_path, NULL, NULL, NULL, NULL, CSM_BASE_ERROR,
                  CSM_BASE_ERROR_INVALID);
}

static void
never_cb (int64_t done, int64_t total, gpointer data)
{
  g_error ("a file that cannot be held was read");
}

static void
test_too_large (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = fixture_make_file (fixture, "clip", 0, 3);

  g_assert_cmpint (truncate (path, 70 * 1024LL * MIB), ==, 0);
  assert_refused (fixture, path, NULL, never_cb, NULL, NULL, CSM_BASE_ERROR,
                  CSM_BASE_ERROR_INVALID);
}

static void
test_name (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = fixture_make_file (fixture, "caf\xe9.mp4", 10, 3);
  g_autoptr (CsmExhibit) exhibit = add (fixture, path, false, CSM_INTAKE_ADDED);

  g_assert_cmpstr (exhibit->name, ==, "caf\xef\xbf\xbd.mp4");
}

#define ADD(name, function)                                                             \
  g_test_add ("/casement/intake/intake/" name, Fixture, NULL, fixture_set_up, function, \
              fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("bytes-and-hash-are-the-file's", test_bytes);
  ADD ("the-source-is-not-touched", test_source_untouched);
  ADD ("a-duplicate-is-named-and-not-kept", test_duplicate);
  ADD ("a-duplicate-takes-no-room", test_duplicate_takes_no_room);
  ADD ("the-same-size-is-no-duplicate", test_same_size_is_no_duplicate);
  ADD ("a-linked-file-that-moved-is-found-by-its-hash", test_relink);
  ADD ("a-linked-file-stays-where-it-is", test_link);
  ADD ("a-linked-file-of-another-size-is-refused", test_link_replaced);
  ADD ("cancelled-it-leaves-nothing", test_cancel);
  ADD ("a-file-that-changes-is-refused", test_changed);
  ADD ("a-refused-entry-leaves-no-copy", test_entry_refused);
  ADD ("only-files-are-taken", test_not_a_file);
  ADD ("a-file-too-large-is-refused-unread", test_too_large);
  ADD ("a-name-that-is-not-utf-8-is-made-so", test_name);
  return g_test_run ();
}
