/* test-media-store.c: exhibits in the encrypted store
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-vault-fixture.h"
#include "vault/csm-media-private.h"

#include <glib/gstdio.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define MIB (1 << 20)

typedef struct
{
  char *folder;
  char *case_path;
  uint8_t case_id[CSM_VAULT_ID_SIZE];
  CsmMediaStore *store;
} Fixture;

static void
open_store (Fixture *self, bool create)
{
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&self->store, csm_media_store_free);
  self->store = csm_media_store_open (self->case_path, self->case_id, create, &error);
  g_assert_no_error (error);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->folder = fixture_make_folder ();
  self->case_path = g_build_filename (self->folder, "case.casement", NULL);
  memset (self->case_id, 0xc5, sizeof self->case_id);
  open_store (self, true);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  csm_media_set_part_units (0);
  csm_media_store_free (self->store);
  g_free (self->case_path);
  fixture_remove_folder (self->folder);
}

/* (transfer full): bytes that differ from one place to the next. */
static uint8_t *
make_content (size_t size, uint32_t seed)
{
  uint8_t *content = g_malloc (size + 1);

  for (size_t i = 0; i < size; i++)
    {
      seed = seed * 1664525 + 1013904223;
      content[i] = (uint8_t) (seed >> 24);
    }
  return content;
}

static CsmMediaRef *
store_content (Fixture *self, const uint8_t *content, size_t size, size_t step)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmMediaWriter) writer = csm_media_store_begin (self->store, &error);
  CsmMediaRef *ref;

  g_assert_no_error (error);
  for (size_t done = 0; done < size; done += step)
    {
      csm_media_writer_write (writer, content + done, MIN (step, size - done), &error);
      g_assert_no_error (error);
    }
  ref = csm_media_writer_finish (writer, &error);
  g_assert_no_error (error);
  g_assert_cmpint (ref->size, ==, (int64_t) size);
  return ref;
}

static void
assert_reads_back (CsmByteSource *source, const uint8_t *content, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autofree uint8_t *back = g_malloc (size + 1);

  g_assert_cmpint (csm_byte_source_get_size (source), ==, (int64_t) size);
  g_assert_cmpint (csm_byte_source_read_at (source, 0, back, size + 1, &error), ==,
                   (ssize_t) size);
  g_assert_no_error (error);
  g_assert_true (size == 0 || memcmp (back, content, size) == 0);
  for (size_t offset = 0; offset < size; offset += 1 + size / 37)
    {
      const size_t n = MIN (70000, size - offset);

      g_assert_cmpint (csm_byte_source_read_at (source, (int64_t) offset, back, n, &error), ==,
                       (ssize_t) n);
      g_assert_true (memcmp (back, content + offset, n) == 0);
    }
  g_assert_cmpint (csm_byte_source_read_at (source, (int64_t) size, back, 1, &error), ==, 0);
}

static void
assert_holds (Fixture *self, const CsmMediaRef *ref)
{
  g_autoptr (GError) error = NULL;

  csm_media_store_check (self->store, ref, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
assert_damaged (Fixture *self, const CsmMediaRef *ref)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (csm_media_store_check (self->store, ref, NULL, NULL, NULL, &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_DAMAGED);
}

static char *
dup_part (Fixture *self, const CsmMediaRef *ref, int part)
{
  return csm_media_store_dup_part_path (self->store, ref->name, part, false);
}

static int64_t
file_size (const char *path)
{
  GStatBuf st;

  return g_stat (path, &st) == 0 ? st.st_size : -1;
}

static guint
count_files (Fixture *self)
{
  g_autoptr (GDir) dir = g_dir_open (csm_media_store_get_path (self->store), 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
flip (const char *path, int64_t offset)
{
  const int fd = g_open (path, O_RDWR);
  uint8_t byte;

  g_assert_cmpint (pread (fd, &byte, 1, offset), ==, 1);
  byte ^= (uint8_t) (1 << offset % 8);
  g_assert_cmpint (pwrite (fd, &byte, 1, offset), ==, 1);
  g_assert_cmpint (close (fd), ==, 0);
}

static void
test_round_trip (Fixture *self, gconstpointer data)
{
  static const size_t sizes[] = { 0,
                                  1,
                                  CSM_MEDIA_UNIT_CONTENT - 1,
                                  CSM_MEDIA_UNIT_CONTENT,
                                  CSM_MEDIA_UNIT_CONTENT + 1,
                                  65535,
                                  65536,
                                  65537,
                                  15 * CSM_MEDIA_UNIT_CONTENT,
                                  15 * CSM_MEDIA_UNIT_CONTENT + 1,
                                  MIB - 1,
                                  MIB,
                                  MIB + 1 };

  for (size_t i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree uint8_t *content = make_content (sizes[i], (uint32_t) i);
      g_autoptr (CsmMediaRef) ref =
          store_content (self, content, sizes[i], i % 2 ? 4096 : 100001);
      g_autoptr (CsmByteSource) source = csm_media_store_read (self->store, ref, &error);
      g_autofree char *path = dup_part (self, ref, 0);

      g_assert_no_error (error);
      assert_reads_back (source, content, sizes[i]);
      assert_holds (self, ref);
      g_assert_cmpint (file_size (path) % MIB, ==, 0);
    }
}

static void
test_padding_has_the_stated_sizes (void)
{
  int64_t last = 0;

  g_assert_cmpint (csm_media_count_units (0), ==, 16);
  g_assert_cmpint (csm_media_count_units (15 * CSM_MEDIA_UNIT_CONTENT), ==, 16);
  g_assert_cmpint (csm_media_count_units (15 * CSM_MEDIA_UNIT_CONTENT + 1), ==, 32);
  /* Padme keeps 5 bits below the first here: whole multiples of 2 MiB from 64 MiB on. */
  g_assert_cmpint (csm_media_count_units (65 * (int64_t) MIB), ==, 66 * 16);
  g_assert_cmpint (csm_media_count_units ((int64_t) 1 << 40) % (1 << 18), ==, 0);
  for (int64_t size = 1; size < (int64_t) 1 << 40; size += 1 + size / 3)
    {
      const int64_t units = csm_media_count_units (size);

      g_assert_cmpint (units * CSM_MEDIA_UNIT_CONTENT, >=, size + CSM_MEDIA_UNIT_CONTENT);
      g_assert_cmpint (units % 16, ==, 0);
      g_assert_cmpint (units, >=, last);
      if (size > 32 * MIB)
        g_assert_cmpfloat ((double) units * CSM_MEDIA_UNIT_SIZE, <=,
                           1.125 * (double) size + 2 * MIB);
      last = units;
    }
}

static void
test_parts (Fixture *self, gconstpointer data)
{
  const size_t size = 5 * MIB + 77;
  g_autofree uint8_t *content = make_content (size, 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmMediaRef) ref = NULL;
  g_autoptr (CsmByteSource) source = NULL;
  g_autofree char *third = NULL;

  csm_media_set_part_units (24);
  ref = store_content (self, content, size, 300000);
  csm_media_set_part_units (0); /* the file knows its own */
  third = dup_part (self, ref, 2);
  g_assert_cmpint (file_size (third), ==, 24 * CSM_MEDIA_UNIT_SIZE);
  source = csm_media_store_read (self->store, ref, &error);
  g_assert_no_error (error);
  assert_reads_back (source, content, size);
  assert_holds (self, ref);
  flip (third, 5000);
  assert_damaged (self, ref);
  g_assert_cmpint (g_unlink (third), ==, 0);
  g_assert_null (csm_media_store_read (self->store, ref, &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_MEDIA_MISSING);
}

static void
test_too_many_parts_leave_nothing (Fixture *self, gconstpointer data)
{
  g_autofree uint8_t *content = make_content (2 * MIB, 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmMediaWriter) writer = NULL;

  csm_media_set_part_units (1);
  writer = csm_media_store_begin (self->store, &error);
  g_assert_false (csm_media_writer_write (writer, content, 2 * MIB, &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_FULL);
  g_clear_pointer (&writer, csm_media_writer_free);
  g_assert_cmpuint (count_files (self), ==, 1);
}

static void
test_every_damage_is_found (Fixture *self, gconstpointer data)
{
  g_autofree uint8_t *content = make_content (100000, 1);
  g_autoptr (CsmMediaRef) ref = store_content (self, content, 100000, 100000);
  g_autofree char *path = dup_part (self, ref, 0);
  const int64_t size = file_size (path);

  /* Header, content, padding, tags. */
  for (int64_t offset = 0; offset < size; offset += 16411)
    {
      flip (path, offset);
      assert_damaged (self, ref);
      flip (path, offset);
    }
  for (int64_t unit = 1; unit <= size / CSM_MEDIA_UNIT_SIZE; unit++)
    {
      flip (path, unit * CSM_MEDIA_UNIT_SIZE - 1);
      assert_damaged (self, ref);
      flip (path, unit * CSM_MEDIA_UNIT_SIZE - 1);
    }
  assert_holds (self, ref);
  g_assert_cmpint (truncate (path, size - CSM_MEDIA_UNIT_SIZE), ==, 0);
  assert_damaged (self, ref);
  g_assert_cmpint (truncate (path, size), ==, 0); /* zeros in its place */
  assert_damaged (self, ref);
  g_assert_cmpint (truncate (path, 10), ==, 0);
  assert_damaged (self, ref);
  g_assert_cmpint (truncate (path, 0), ==, 0);
  assert_damaged (self, ref);
}

static void
test_longer_file_is_damaged (Fixture *self, gconstpointer data)
{
  g_autofree uint8_t *content = make_content (100, 1);
  g_autoptr (CsmMediaRef) ref = store_content (self, content, 100, 100);
  g_autofree char *path = dup_part (self, ref, 0);

  g_assert_cmpint (truncate (path, file_size (path) + 1), ==, 0);
  assert_damaged (self, ref);
}

static void
assert_told (Fixture *self, const CsmMediaRef *ref, const char *place)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (csm_media_store_check (self->store, ref, NULL, NULL, NULL, &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_DAMAGED);
  g_assert_nonnull (strstr (error->message, place));
}

/* Puts unit @unit of @from to the place of unit @to of @path. */
static void
copy_unit (const char *from_path, int64_t unit, const char *path, int64_t to)
{
  g_autofree uint8_t *sealed = g_malloc (CSM_MEDIA_UNIT_SIZE);
  const int from_fd = g_open (from_path, O_RDONLY);
  const int fd = g_open (path, O_RDWR);

  g_assert_cmpint (pread (from_fd, sealed, CSM_MEDIA_UNIT_SIZE, unit * CSM_MEDIA_UNIT_SIZE), ==,
                   CSM_MEDIA_UNIT_SIZE);
  g_assert_cmpint (pwrite (fd, sealed, CSM_MEDIA_UNIT_SIZE, to * CSM_MEDIA_UNIT_SIZE), ==,
                   CSM_MEDIA_UNIT_SIZE);
  g_assert_cmpint (close (fd), ==, 0);
  g_assert_cmpint (close (from_fd), ==, 0);
}

static void
test_swapped_units_are_found (Fixture *self, gconstpointer data)
{
  g_autofree uint8_t *content = make_content (200000, 1);
  g_autoptr (CsmMediaRef) a = store_content (self, content, 200000, 200000);
  g_autoptr (CsmMediaRef) b = store_content (self, content, 200000, 200000);
  g_autoptr (CsmMediaRef) c = store_content (self, content, 200000, 200000);
  g_autofree char *path_a = dup_part (self, a, 0);
  g_autofree char *path_b = dup_part (self, b, 0);
  g_autofree char *path_c = dup_part (self, c, 0);

  copy_unit (path_b, 2, path_a, 2);
  assert_damaged (self, a);
  assert_told (self, a, "unit 2 ");
  copy_unit (path_b, 1, path_b, 2);
  assert_damaged (self, b);
  copy_unit (path_a, 0, path_c, 0);
  assert_damaged (self, c);
}

static void
test_size_key_and_case_are_bound (Fixture *self, gconstpointer data)
{
  g_autofree uint8_t *content = make_content (100, 1);
  g_autoptr (CsmMediaRef) ref = store_content (self, content, 100, 100);
  g_autofree char *from = dup_part (self, ref, 0);
  g_autofree char *to = NULL;

  ref->size = 99;
  assert_damaged (self, ref);
  ref->size = 100;
  assert_holds (self, ref);
  csm_secret_data (ref->key)[0] ^= 1;
  assert_damaged (self, ref);
  csm_secret_data (ref->key)[0] ^= 1;
  assert_holds (self, ref);
  self->case_id[0] ^= 1;
  open_store (self, true);
  to = dup_part (self, ref, 0);
  g_assert_cmpint (g_rename (from, to), ==, 0);
  assert_damaged (self, ref);
}

static void
test_abort_leaves_nothing (Fixture *self, gconstpointer data)
{
  g_autofree uint8_t *content = make_content (3 * MIB, 1);
  g_autoptr (GError) error = NULL;
  CsmMediaWriter *writer;

  csm_media_set_part_units (16);
  writer = csm_media_store_begin (self->store, &error);
  g_assert_true (csm_media_writer_write (writer, content, 3 * MIB, &error));
  g_assert_cmpuint (count_files (self), >, 2);
  csm_media_writer_free (writer);
  g_assert_cmpuint (count_files (self), ==, 1);
}

static void
test_left_overs_go (Fixture *self, gconstpointer data)
{
  g_autofree uint8_t *content = make_content (100, 1);
  g_autoptr (CsmMediaRef) ref = store_content (self, content, 100, 100);
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmMediaWriter) writer = csm_media_store_begin (self->store, &error);
  g_autoptr (CsmMediaRef) late = NULL;
  g_autoptr (CsmMediaStore) first = NULL;
  static const char *const names[] = { "00000000000000000000000000000001.0.part",
                                       "00000000000000000000000000000001.1.part",
                                       "00000000000000000000000000000002.1",
                                       "00000000000000000000000000000002.0.part",
                                       "00000000000000000000000000000003.1.part" };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path =
          g_build_filename (csm_media_store_get_path (self->store), names[i], NULL);

      fixture_write (path, "left", 4);
    }
  /* The writer goes on in the first store; the second is another process's. Opened for reading,
   * nothing is touched. */
  first = g_steal_pointer (&self->store);
  open_store (self, false);
  g_assert_cmpuint (count_files (self), ==, 3 + G_N_ELEMENTS (names));
  open_store (self, true);
  /* The marker, the finished file, and the one that is being written. */
  g_assert_cmpuint (count_files (self), ==, 3);
  assert_holds (self, ref);
  late = csm_media_writer_finish (writer, &error);
  g_assert_no_error (error);
  assert_holds (self, late);
  g_clear_pointer (&writer, csm_media_writer_free);
}

static void
test_unknown_files_are_listed (Fixture *self, gconstpointer data)
{
  g_autofree uint8_t *content = make_content (100, 1);
  g_autoptr (CsmMediaRef) a = store_content (self, content, 100, 100);
  g_autoptr (CsmMediaRef) b = store_content (self, content, 100, 100);
  g_autoptr (GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) unknown = NULL;
  g_autoptr (GError) error = NULL;

  g_hash_table_add (known, a->name);
  unknown = csm_media_store_list_unknown (self->store, known);
  g_assert_cmpuint (unknown->len, ==, 1);
  g_assert_cmpstr (g_ptr_array_index (unknown, 0), ==, b->name);
  g_assert_true (csm_media_store_remove (self->store, b, &error));
  g_clear_pointer (&unknown, g_ptr_array_unref);
  unknown = csm_media_store_list_unknown (self->store, known);
  g_assert_cmpuint (unknown->len, ==, 0);
  assert_holds (self, a);
  g_assert_null (csm_media_store_read (self->store, b, &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_MEDIA_MISSING);
}

static void
test_blob_opens_what_the_ref_names (Fixture *self, gconstpointer data)
{
  const size_t size = 2 * MIB;
  g_autofree uint8_t *content = make_content (size, 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmMediaRef) ref = NULL;
  g_autoptr (CsmByteSource) source = NULL;
  uint8_t blob[256];
  size_t blob_size = 0;
  int fds[16];
  int n;

  csm_media_set_part_units (16);
  ref = store_content (self, content, size, size);
  n = csm_media_store_open_parts (self->store, ref, fds, blob, &blob_size, &error);
  g_assert_no_error (error);
  g_assert_cmpint (n, ==, 3);
  g_assert_cmpuint (blob_size, <=, 256);
  source = csm_media_source_from_blob (fds, n, blob, blob_size, &error);
  g_assert_no_error (error);
  memset (blob, 0, sizeof blob);
  assert_reads_back (source, content, size);
}

static void
test_bad_blob_is_refused (Fixture *self, gconstpointer data)
{
  g_autofree uint8_t *content = make_content (100, 1);
  g_autoptr (CsmMediaRef) ref = store_content (self, content, 100, 100);

  for (int what = 0; what < 3; what++)
    {
      g_autoptr (GError) error = NULL;
      uint8_t blob[256];
      size_t blob_size = 0;
      int fds[16];
      int n = csm_media_store_open_parts (self->store, ref, fds, blob, &blob_size, &error);

      g_assert_cmpint (n, ==, 1);
      if (what == 0)
        blob[0] ^= 1;
      else if (what == 1)
        blob[14] = 0x7f; /* the size */
      else
        blob_size--;
      g_assert_null (csm_media_source_from_blob (fds, n, blob, blob_size, &error));
      g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_DAMAGED);
    }
}

static void
test_store_is_found_under_another_name (Fixture *self, gconstpointer data)
{
  g_autofree char *moved = g_build_filename (self->folder, "holiday", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_rename (csm_media_store_get_path (self->store), moved), ==, 0);
  open_store (self, false);
  g_assert_cmpstr (csm_media_store_get_path (self->store), ==, moved);
  g_assert_true (csm_media_store_check_marker (self->store, &error));
  self->case_id[0] ^= 1;
  g_assert_null (csm_media_store_open (self->case_path, self->case_id, false, &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_MEDIA_MISSING);
}

static void
test_a_taken_name_is_not_touched (Fixture *self, gconstpointer data)
{
  g_autofree char *first = g_strdup (csm_media_store_get_path (self->store));

  self->case_id[0] ^= 1;
  open_store (self, true);
  g_assert_cmpstr (csm_media_store_get_path (self->store), !=, first);
  self->case_id[0] ^= 1;
  open_store (self, false);
  g_assert_cmpstr (csm_media_store_get_path (self->store), ==, first);
}

static void
test_marker_damage_is_found (Fixture *self, gconstpointer data)
{
  g_autofree char *path =
      g_build_filename (csm_media_store_get_path (self->store), CSM_MEDIA_MARKER, NULL);
  const int64_t size = file_size (path);

  for (int64_t offset = 0; offset < size; offset++)
    {
      g_autoptr (GError) error = NULL;

      flip (path, offset);
      open_store (self, false);
      g_assert_false (csm_media_store_check_marker (self->store, &error));
      g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_DAMAGED);
      flip (path, offset);
    }
  g_assert_true (csm_media_store_check_marker (self->store, NULL));
}

static void
test_content_is_not_visible (Fixture *self, gconstpointer data)
{
  g_autofree uint8_t *content = make_content (100000, 1);
  g_autoptr (CsmMediaRef) ref = NULL;
  g_autofree char *path = NULL;
  g_autoptr (GBytes) bytes = NULL;

  for (int i = 0; i < 1000; i++)
    memcpy (content + i * 100, "needle in the hay", 17);
  ref = store_content (self, content, 100000, 100000);
  path = dup_part (self, ref, 0);
  bytes = fixture_read (path);
  g_assert_false (fixture_contains (bytes, "needle"));
}

/* Sealed with one nonce, zeros would show where content is, and more. */
static void
test_equal_units_look_different (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmMediaRef) a = store_content (self, (const uint8_t *) "", 0, 1);
  g_autoptr (CsmMediaRef) b = store_content (self, (const uint8_t *) "", 0, 1);
  g_autofree char *path_a = dup_part (self, a, 0);
  g_autofree char *path_b = dup_part (self, b, 0);
  g_autoptr (GBytes) bytes_a = fixture_read (path_a);
  g_autoptr (GBytes) bytes_b = fixture_read (path_b);
  const uint8_t *units_a = g_bytes_get_data (bytes_a, NULL);
  const uint8_t *units_b = g_bytes_get_data (bytes_b, NULL);

  for (size_t i = 1; i < 16; i++)
    {
      const uint8_t *unit = units_a + i * CSM_MEDIA_UNIT_SIZE;

      g_assert_cmpint (memcmp (unit, units_b + i * CSM_MEDIA_UNIT_SIZE, 32), !=, 0);
      for (size_t j = 1; j < i; j++)
        g_assert_cmpint (memcmp (unit, units_a + j * CSM_MEDIA_UNIT_SIZE, 32), !=, 0);
    }
}

static void
test_check_can_be_cancelled (Fixture *self, gconstpointer data)
{
  g_autofree uint8_t *content = make_content (100, 1);
  g_autoptr (CsmMediaRef) ref = store_content (self, content, 100, 100);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_false (csm_media_store_check (self->store, ref, NULL, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

#define ADD(name, function) \
  g_test_add ("/casement/vault/media-store/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/casement/vault/media-store/padding-has-the-stated-sizes",
                   test_padding_has_the_stated_sizes);
  ADD ("round-trip", test_round_trip);
  ADD ("parts", test_parts);
  ADD ("too-many-parts-leave-nothing", test_too_many_parts_leave_nothing);
  ADD ("every-damage-is-found", test_every_damage_is_found);
  ADD ("longer-file-is-damaged", test_longer_file_is_damaged);
  ADD ("swapped-units-are-found", test_swapped_units_are_found);
  ADD ("size-key-and-case-are-bound", test_size_key_and_case_are_bound);
  ADD ("abort-leaves-nothing", test_abort_leaves_nothing);
  ADD ("left-overs-go", test_left_overs_go);
  ADD ("unknown-files-are-listed", test_unknown_files_are_listed);
  ADD ("blob-opens-what-the-ref-names", test_blob_opens_what_the_ref_names);
  ADD ("bad-blob-is-refused", test_bad_blob_is_refused);
  ADD ("store-is-found-under-another-name", test_store_is_found_under_another_name);
  ADD ("a-taken-name-is-not-touched", test_a_taken_name_is_not_touched);
  ADD ("marker-damage-is-found", test_marker_damage_is_found);
  ADD ("content-is-not-visible", test_content_is_not_visible);
  ADD ("equal-units-look-different", test_equal_units_look_different);
  ADD ("check-can-be-cancelled", test_check_can_be_cancelled);
  return g_test_run ();
}
