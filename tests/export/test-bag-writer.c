/* test-bag-writer.c: a bag is there whole or not at all
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "bag-fixture.h"
#include "base/csm-error.h"
#include "export/csm-bag-writer.h"

#include <glib/gstdio.h>

#include <string.h>
#include <sys/stat.h>

static const char *const info[] = { "Source-Organization", "A\nB", "Bagging-Date", "2026-01-02",
                                    NULL };

/* Of a file of 3 MiB and a bit, so that pieces follow one another. */
#define SOURCE_SIZE (3 * 1024 * 1024 + 17)

typedef struct
{
  int64_t size;
  int64_t fails_at; /* -1: never */
} Source;

static uint8_t
byte_at (int64_t offset)
{
  return (uint8_t) (offset * 31 + (offset >> 11));
}

static ssize_t
source_read_at (gpointer data, int64_t offset, void *buffer, size_t size, GError **error)
{
  const Source *source = data;

  if (source->fails_at >= 0 && offset + (int64_t) size > source->fails_at)
    {
      g_set_error_literal (error, CSM_BASE_ERROR, CSM_BASE_ERROR_IO, "the disk failed");
      return -1;
    }
  for (size_t i = 0; i < size; i++)
    ((uint8_t *) buffer)[i] = byte_at (offset + (int64_t) i);
  return (ssize_t) size;
}

static CsmByteSource *
new_source (int64_t size, int64_t fails_at)
{
  static const CsmByteSourceClass klass = { source_read_at, g_free };
  Source *source = g_new (Source, 1);

  source->size = size;
  source->fails_at = fails_at;
  return csm_byte_source_new (size, &klass, source);
}

static GBytes *
text_bytes (const char *text)
{
  return g_bytes_new (text, strlen (text));
}

static CsmBagWriter *
new_writer (const BagFixture *f)
{
  g_autoptr (GError) error = NULL;
  CsmBagWriter *writer = csm_bag_writer_new (f->bag, &error);

  g_assert_no_error (error);
  return writer;
}

static void
add (CsmBagWriter *writer, const char *path, const char *text)
{
  g_autoptr (GBytes) bytes = text_bytes (text);
  g_autoptr (GError) error = NULL;

  csm_bag_writer_add (writer, path, bytes, &error);
  g_assert_no_error (error);
}

static void
assert_empty (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name = g_dir_read_name (dir);

  if (name != NULL)
    g_error ("left behind: %s", name);
}

static void
write_bag (const BagFixture *f)
{
  g_autoptr (CsmBagWriter) writer = new_writer (f);
  g_autoptr (CsmByteSource) source = new_source (SOURCE_SIZE, -1);
  g_autoptr (CsmByteSource) nothing = new_source (0, -1);
  g_autoptr (GBytes) verify = text_bytes ("how\n");
  g_autoptr (GBytes) manifest = NULL;
  g_autoptr (GBytes) signature = text_bytes ("signed\n");
  g_autoptr (GError) error = NULL;
  g_autofree char *written = NULL;

  add (writer, "z.txt", "last\n");
  add (writer, "ledger/keys/reviewer-a.pem", "key\n");
  g_assert_true (csm_bag_writer_add_source (writer, "exhibits/E-0001.mp4", source, NULL, NULL,
                                            NULL, NULL, &error));
  g_assert_true (csm_bag_writer_add_source (writer, "exhibits/E-0002.mp4", nothing, NULL, NULL,
                                            NULL, NULL, &error));
  g_assert_true (csm_bag_writer_begin (writer, "clips/a.mkv", &error));
  g_assert_true (csm_bag_writer_append (writer, "one", 3, &error));
  g_assert_true (csm_bag_writer_append (writer, "two", 3, &error));
  g_assert_true (csm_bag_writer_end (writer, &error));
  g_assert_true (csm_bag_writer_add_tag (writer, "VERIFY.txt", verify, &error));
  g_assert_false (g_file_test (f->bag, G_FILE_TEST_EXISTS));
  manifest = csm_bag_writer_close (writer, info, &error);
  g_assert_no_error (error);
  g_assert_true (csm_bag_writer_add_signature (writer, "tagmanifest-sha256.txt.minisig",
                                               signature, &error));
  g_assert_true (csm_bag_writer_publish (writer, &error));
  g_assert_no_error (error);
  written = bag_fixture_get (f, "tagmanifest-sha256.txt");
  g_assert_cmpmem (written, strlen (written), g_bytes_get_data (manifest, NULL),
                   g_bytes_get_size (manifest));
}

static void
test_stock_tools_agree (BagFixture *f, gconstpointer unused)
{
  write_bag (f);
  g_assert_true (bag_fixture_run (f, "sha256sum --strict -c manifest-sha256.txt"));
  g_assert_true (bag_fixture_run (f, "sha512sum --strict -c manifest-sha512.txt"));
  g_assert_true (bag_fixture_run (f, "sha256sum --strict -c tagmanifest-sha256.txt"));
  g_assert_true (bag_fixture_run (f, "sha512sum --strict -c tagmanifest-sha512.txt"));
  /* Each file of data/, sorted by its path, and nothing else. */
  g_assert_true (bag_fixture_run (f, "test \"$(cut -c67- manifest-sha256.txt)\" = "
                                     "\"$(find data -type f | LC_ALL=C sort)\""));
  g_assert_true (bag_fixture_run (f, "test \"$(cut -c131- manifest-sha512.txt)\" = "
                                     "\"$(find data -type f | LC_ALL=C sort)\""));
  g_assert_true (bag_fixture_run (f,
                                  "test \"$(cut -c67- tagmanifest-sha256.txt)\" = "
                                  "\"$(ls VERIFY.txt bag*.txt manifest* | LC_ALL=C sort)\""));
}

static void
test_contents (BagFixture *f, gconstpointer unused)
{
  g_autofree char *declaration = NULL, *said = NULL, *clip = NULL, *path = NULL, *bytes = NULL;
  size_t size;

  write_bag (f);
  declaration = bag_fixture_get (f, "bagit.txt");
  g_assert_cmpstr (declaration, ==, "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n");
  said = bag_fixture_get (f, "bag-info.txt");
  g_assert_cmpstr (said, ==,
                   "Source-Organization: A B\nBagging-Date: 2026-01-02\n"
                   "Payload-Oxum: 3145760.5\n");
  clip = bag_fixture_get (f, "data/clips/a.mkv");
  g_assert_cmpstr (clip, ==, "onetwo");
  path = bag_fixture_path (f, "data/exhibits/E-0001.mp4");
  g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
  g_assert_cmpuint (size, ==, SOURCE_SIZE);
  for (size_t i = 0; i < size; i++)
    if ((uint8_t) bytes[i] != byte_at ((int64_t) i))
      g_error ("byte %zu differs", i);
}

static void
test_modes (BagFixture *f, gconstpointer unused)
{
  const mode_t mask = umask (0);

  write_bag (f);
  (void) umask (mask);
  g_assert_true (bag_fixture_run (f, "test -z \"$(find . -type f ! -perm 600)\""));
  g_assert_true (bag_fixture_run (f, "test -z \"$(find . -type d ! -perm 700)\""));
}

static void
test_given_up (BagFixture *f, gconstpointer unused)
{
  for (int step = 0; step < 4; step++)
    {
      g_autoptr (CsmBagWriter) writer = new_writer (f);
      g_autoptr (GBytes) manifest = NULL;

      if (step > 0)
        add (writer, "a/b/c.txt", "c");
      if (step > 1)
        {
          g_assert_true (csm_bag_writer_begin (writer, "a/d.txt", NULL));
          g_assert_true (csm_bag_writer_append (writer, "d", 1, NULL));
        }
      if (step > 2)
        {
          g_assert_true (csm_bag_writer_end (writer, NULL));
          manifest = csm_bag_writer_close (writer, NULL, NULL);
          g_assert_nonnull (manifest);
        }
      g_clear_pointer (&writer, csm_bag_writer_free);
      assert_empty (f->folder);
    }
}

static void
cancel_cb (int64_t done, int64_t total, gpointer data)
{
  if (done > total / 2)
    g_cancellable_cancel (data);
}

static void
test_a_source_that_fails (BagFixture *f, gconstpointer unused)
{
  g_autoptr (CsmBagWriter) writer = new_writer (f);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (CsmByteSource) broken = new_source (SOURCE_SIZE, 2 * 1024 * 1024);
  g_autoptr (CsmByteSource) whole = new_source (SOURCE_SIZE, -1);
  g_autoptr (GBytes) manifest = NULL;
  g_autofree char *text = NULL;
  CsmDigest wrong = { { 1 } };
  g_autoptr (GError) first = NULL, second = NULL, third = NULL, error = NULL;

  g_assert_false (
      csm_bag_writer_add_source (writer, "a", broken, NULL, NULL, NULL, NULL, &first));
  g_assert_error (first, CSM_BASE_ERROR, CSM_BASE_ERROR_IO);
  g_assert_false (csm_bag_writer_add_source (writer, "a", whole, NULL, cancel_cb, cancellable,
                                             cancellable, &second));
  g_assert_error (second, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (
      csm_bag_writer_add_source (writer, "a", whole, &wrong, NULL, NULL, NULL, &third));
  g_assert_error (third, CSM_BASE_ERROR, CSM_BASE_ERROR_INVALID);
  /* None of them is in the bag, and the name is free. */
  g_assert_true (
      csm_bag_writer_add_source (writer, "a", whole, NULL, NULL, NULL, NULL, &error));
  manifest = csm_bag_writer_close (writer, NULL, &error);
  g_assert_nonnull (manifest);
  g_assert_true (csm_bag_writer_publish (writer, &error));
  text = bag_fixture_get (f, "manifest-sha256.txt");
  g_assert_cmpuint (strlen (text), ==, 64 + 2 + strlen ("data/a\n"));
}

static void
test_names_that_are_refused (BagFixture *f, gconstpointer unused)
{
  static const char *const wrong[] = { "",         "/a",   "a/",  "a//b", "../a",
                                       "a/../b",   "./a",  "a b", "a\nb", "a%b",
                                       "\xc3\xa4", "a\\b", "a:b", "a*" };
  g_autoptr (CsmBagWriter) writer = new_writer (f);
  g_autoptr (GBytes) bytes = text_bytes ("x");

  for (size_t i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (csm_bag_writer_add (writer, wrong[i], bytes, &error));
      g_assert_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_INVALID);
    }
  add (writer, "Name.txt", "x");
  {
    g_autoptr (GError) error = NULL;

    g_assert_false (csm_bag_writer_add (writer, "name.TXT", bytes, &error));
    g_assert_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_EXISTS);
  }
}

static void
test_nothing_is_replaced (BagFixture *f, gconstpointer unused)
{
  g_autoptr (CsmBagWriter) writer = new_writer (f);
  g_autoptr (GBytes) manifest = NULL;
  g_autoptr (GError) taken = NULL, error = NULL;

  add (writer, "a", "x");
  manifest = csm_bag_writer_close (writer, NULL, NULL);
  g_assert_cmpint (g_mkdir (f->bag, 0700), ==, 0);
  g_assert_false (csm_bag_writer_publish (writer, &error));
  g_assert_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_EXISTS);
  g_clear_pointer (&writer, csm_bag_writer_free);
  assert_empty (f->bag);
  g_assert_null (csm_bag_writer_new (f->bag, &taken));
  g_assert_error (taken, CSM_BASE_ERROR, CSM_BASE_ERROR_EXISTS);
  g_assert_cmpint (g_rmdir (f->bag), ==, 0);
  assert_empty (f->folder);
}

static void
test_no_folder_to_be_in (BagFixture *f, gconstpointer unused)
{
  g_autofree char *path = g_build_filename (f->bag, "below", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (csm_bag_writer_new (path, &error));
  g_assert_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_NOT_FOUND);
}

static void
test_free_space (BagFixture *f, gconstpointer unused)
{
  g_autoptr (CsmBagWriter) writer = new_writer (f);
  int64_t bytes = -1;

  g_assert_true (csm_bag_writer_get_free_space (writer, &bytes, NULL));
  g_assert_cmpint (bytes, >=, 0);
}

#define ADD(path, function)                                                              \
  g_test_add ("/casement/export/bag-writer/" path, BagFixture, NULL, bag_fixture_set_up, \
              function, bag_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("stock-tools-agree", test_stock_tools_agree);
  ADD ("contents", test_contents);
  ADD ("modes", test_modes);
  ADD ("given-up", test_given_up);
  ADD ("a-source-that-fails", test_a_source_that_fails);
  ADD ("names-that-are-refused", test_names_that_are_refused);
  ADD ("nothing-is-replaced", test_nothing_is_replaced);
  ADD ("no-folder-to-be-in", test_no_folder_to_be_in);
  ADD ("free-space", test_free_space);
  return g_test_run ();
}
