/* intake-fixture.c: a folder and a case in it, for one test
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake-fixture.h"

#include <glib/gstdio.h>

#include <string.h>

static CsmSecret *
new_passphrase (void)
{
  return csm_secret_new_from ("seven green lamps", strlen ("seven green lamps"));
}

void
fixture_set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmSecret) passphrase = new_passphrase ();
  g_autoptr (GError) error = NULL;
  CsmCaseOptions options = { .title = "Square",
                             .reviewer = "R. Viewer",
                             .passphrase = passphrase,
                             .cost = { 1, 8192 },
                             .record_access = true };

  self->folder = g_dir_make_tmp ("csm-intake-XXXXXX", &error);
  g_assert_no_error (error);
  self->case_path = fixture_path (self, "square.casement");
  self->acase = csm_case_create (self->case_path, &options, NULL, &error);
  g_assert_no_error (error);
}

static void
remove_tree (const char *path)
{
  if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
    {
      g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
      const char *name;

      while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
        {
          g_autofree char *child = g_build_filename (path, name, NULL);

          remove_tree (child);
        }
    }
  g_assert_cmpint (g_remove (path), ==, 0);
}

void
fixture_tear_down (Fixture *self, gconstpointer data)
{
  csm_case_close (self->acase);
  remove_tree (self->folder);
  g_free (self->case_path);
  g_free (self->folder);
}

char *
fixture_path (const Fixture *self, const char *name)
{
  return g_build_filename (self->folder, name, NULL);
}

char *
fixture_make_file (const Fixture *self, const char *name, size_t size, uint32_t seed)
{
  char *path = fixture_path (self, name);
  g_autofree char *bytes = g_malloc (size + 1);
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  g_autoptr (GError) error = NULL;

  for (size_t i = 0; i < size; i++)
    bytes[i] = (char) g_rand_int (random);
  g_file_set_contents (path, bytes, (gssize) size, &error);
  g_assert_no_error (error);
  return path;
}

int
fixture_count_media (const Fixture *self)
{
  CsmMediaStore *store = csm_case_get_media_store (self->acase);
  g_autoptr (GDir) dir = g_dir_open (csm_media_store_get_path (store), 0, NULL);
  const char *name;
  int n = 0;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      /* A random name of 32 hex digits, then what the store adds: parts, ".part". */
      n += strspn (name, "0123456789abcdef") == 32 ? 1 : 0;
      g_assert_false (g_str_has_suffix (name, ".part"));
    }
  return n;
}

void
fixture_reopen (Fixture *self, bool read_only)
{
  g_autoptr (CsmSecret) passphrase = new_passphrase ();
  g_autoptr (GError) error = NULL;

  csm_case_close (self->acase);
  self->acase = csm_case_open (self->case_path, passphrase, read_only, &error);
  g_assert_no_error (error);
}

int64_t
fixture_count_entries (const Fixture *self)
{
  g_autoptr (GError) error = NULL;
  int64_t n = csm_case_count_entries (self->acase, &error);

  g_assert_no_error (error);
  return n;
}

static void
finding_cb (CsmFindingKind kind, const char *where, const char *what, gpointer data)
{
  if (kind == CSM_FINDING_BROKEN)
    g_test_message ("%s: %s", where, what);
}

void
fixture_assert_holds (const Fixture *self)
{
  g_autoptr (GError) error = NULL;
  bool holds = false;

  g_assert_true (
      csm_case_verify (self->acase, true, finding_cb, NULL, NULL, &holds, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (holds);
}
