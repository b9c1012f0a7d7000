/* test-salvage.c: what still verifies in a damaged case comes back, and the rest is named
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-case-fixture.h"

#include "casefile/csm-case-merge.h"
#include "casefile/csm-case-private.h"
#include "casefile/csm-case-salvage.h"
#include "casefile/csm-case-tracks.h"
#include "vault/csm-seal.h"
#include "vault/csm-vault-private.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define PAGE 4096
#define ROUNDS 25

/* A case with marks of every size, its files as they lie on the disk while it is open, and
 * where each entry lies in them. */
typedef struct
{
  CaseFixture parent;
  bool live; /* most of it is in the WAL */
  uint8_t *main, *wal;
  size_t n_main, n_wal;
  GHashTable *entries;  /* id in hex to GArray of uint32_t, its pages */
  GHashTable *newest;   /* page to slot of the WAL, in GINT */
  GHashTable *interior; /* pages of any b-tree that are no leaves */
  char *room;           /* where the damaged copies lie */
  char *damaged, *out;
} Fixture;

static void
fill_case (Fixture *self, int seed)
{
  CaseFixture *acase = &self->parent;
  g_autoptr (CsmExhibit) exhibit = case_fixture_import (acase, "square.mp4", 90000, seed);
  g_autoptr (CsmExhibit) other = case_fixture_import (acase, "other.mp4", 1000, seed + 1);
  g_autoptr (GBytes) png = g_bytes_new_take (g_strnfill (9000, 'p'), 9000);
  g_autoptr (GBytes) index = g_bytes_new_take (g_strnfill (30000, 'i'), 30000);
  g_autoptr (GError) error = NULL;

  csm_case_set_index (acase->acase, &exhibit->id, index, true, "test", 1000, &error);
  csm_case_set_thumbnail (acase->acase, &exhibit->id, png, &error);
  g_assert_no_error (error);
  csm_case_set_track (acase->acase, &exhibit->id,
                      &(CsmKeptTrack){ .track = 1,
                                       .state = CSM_INDEX_EXACT,
                                       .n_frames = 1000,
                                       .index = index,
                                       .library = (char *) "test" },
                      &error);
  g_assert_no_error (error);
  for (int i = 0; i < 90; i++)
    {
      g_autofree char *text = g_strnfill (i % 9 == 0 ? 300 * (gsize) i : 20, 'a' + i % 26);

      csm_mark_free (case_fixture_mark (acase, i % 3 == 0 ? other : exhibit, i, i + 4,
                                        i % 2 == 0 ? "baton" : NULL, text));
    }
}

/* "PATH/n": the cell that an overflow page belongs to comes after the leaf's path. */
static void
note_overflow (GHashTable *leaves, const char *path, uint32_t page, GPtrArray *rows)
{
  const char *plus = strrchr (path, '+');
  g_autofree char *cell = plus != NULL ? g_strndup (path, (gsize) (plus - path)) : NULL;
  char *slash = cell != NULL ? strrchr (cell, '/') : NULL;
  int first;
  GArray *pages;

  if (slash == NULL)
    return;
  *slash = '\0';
  /* With the slash that ends a page's path. */
  g_autofree char *leaf = g_strconcat (cell, "/", NULL);
  first = GPOINTER_TO_INT (g_hash_table_lookup (leaves, leaf));
  g_assert_cmpint (first, >, 0);
  pages = rows->pdata[first - 1 + (int) g_ascii_strtoll (slash + 1, NULL, 16)];
  g_array_append_val (pages, page);
}

/* Where SQLite itself says that rows of the ledger are: leaves in order, with their numbers of
 * cells; the rows in order. */
static void
locate_entries (Fixture *self)
{
  g_autoptr (GHashTable) leaves = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) rows = g_ptr_array_new ();
  CsmDb *db = self->parent.acase->db;
  guint n = 0;

  for (int pass = 0; pass < 2; pass++)
    {
      g_autoptr (CsmQuery) query =
          csm_query_new_once (db, "test",
                              "SELECT path, pageno, pagetype, ncell FROM dbstat WHERE name = "
                              "'entry' ORDER BY path");

      while (csm_query_step (query, NULL) > 0)
        {
          const char *path = csm_query_get_text (query, 0);
          const char *type = csm_query_get_text (query, 2);
          const uint32_t page = (uint32_t) csm_query_get_int (query, 1);

          if (pass == 0 && strcmp (type, "leaf") == 0)
            {
              g_hash_table_insert (leaves, g_strdup (path), GINT_TO_POINTER (rows->len + 1));
              for (int i = 0; i < csm_query_get_int (query, 3); i++)
                {
                  GArray *pages = g_array_new (FALSE, FALSE, sizeof (uint32_t));

                  g_array_append_val (pages, page);
                  g_ptr_array_add (rows, pages);
                }
            }
          if (pass == 1 && strcmp (type, "overflow") == 0)
            note_overflow (leaves, path, page, rows);
        }
    }

  g_autoptr (CsmQuery) ids =
      csm_query_new_once (db, "test", "SELECT lower (hex (id)) FROM entry ORDER BY n");
  while (csm_query_step (ids, NULL) > 0)
    g_hash_table_insert (self->entries, csm_query_dup_text (ids, 0), rows->pdata[n++]);
  g_assert_cmpuint (n, ==, rows->len);

  g_autoptr (CsmQuery) interior = csm_query_new_once (
      db, "test", "SELECT pageno FROM dbstat WHERE pagetype = 'internal' OR pageno = 1");
  while (csm_query_step (interior, NULL) > 0)
    g_hash_table_add (self->interior, GINT_TO_POINTER (csm_query_get_int (interior, 0)));
}

static void
locate_frames (Fixture *self)
{
  const CsmVault *vault = self->parent.acase->vault;

  for (size_t slot = 1; slot < self->n_wal / PAGE; slot++)
    {
      uint8_t plain[CSM_WAL_FRAME_SIZE];
      uint64_t mark;
      uint32_t page;

      if (!csm_wal_slot_open (plain, &mark, self->wal + slot * PAGE, slot,
                              vault->binding.generation, vault->header.file_id, vault->wal_key))
        break;
      memcpy (&page, plain, sizeof page);
      g_hash_table_replace (self->newest, GINT_TO_POINTER (GUINT32_FROM_BE (page)),
                            GINT_TO_POINTER (slot));
    }
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autofree char *wal = NULL;

  case_fixture_set_up (&self->parent, NULL);
  self->live = data != NULL;
  fill_case (self, 4);
  if (!self->live)
    case_fixture_reopen (&self->parent);
  else /* what came last is in the WAL, what came first is not */
    {
      sqlite3 *db = csm_db_get_handle (self->parent.acase->db);

      g_assert_cmpint (
          sqlite3_wal_checkpoint_v2 (db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL), ==, 0);
      fill_case (self, 40);
    }
  self->entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->newest = g_hash_table_new (NULL, NULL);
  self->interior = g_hash_table_new (NULL, NULL);
  locate_entries (self);
  wal = g_strconcat (self->parent.path, "-wal", NULL);
  g_assert_true (
      g_file_get_contents (self->parent.path, (char **) &self->main, &self->n_main, NULL));
  if (self->live)
    {
      g_assert_true (g_file_get_contents (wal, (char **) &self->wal, &self->n_wal, NULL));
      locate_frames (self);
      g_assert_cmpuint (g_hash_table_size (self->newest), >, 20);
    }
  self->room = g_build_filename (self->parent.folder, "room", NULL);
  g_assert_cmpint (g_mkdir (self->room, 0700), ==, 0);
  self->damaged = g_build_filename (self->room, "bad.casement", NULL);
  self->out = g_build_filename (self->parent.folder, "out.casement", NULL);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  GHashTableIter iter;
  gpointer pages;

  g_hash_table_iter_init (&iter, self->entries);
  GHashTable *seen = g_hash_table_new (NULL, NULL);
  while (g_hash_table_iter_next (&iter, NULL, &pages))
    if (g_hash_table_add (seen, pages))
      g_array_unref (pages);
  g_hash_table_unref (seen);
  g_hash_table_unref (self->entries);
  g_hash_table_unref (self->newest);
  g_hash_table_unref (self->interior);
  g_free (self->main);
  g_free (self->wal);
  g_free (self->room);
  g_free (self->damaged);
  g_free (self->out);
  case_fixture_tear_down (&self->parent, data);
}

/* --- damaging --- */

/* Copies of the files, to be damaged. */
typedef struct
{
  uint8_t *main, *wal;
  size_t n_main, n_wal;
  bool no_wal;
} Bytes;

static Bytes
copy_bytes (Fixture *self)
{
  return (Bytes){ g_memdup2 (self->main, self->n_main), g_memdup2 (self->wal, self->n_wal),
                  self->n_main, self->n_wal, !self->live };
}

static void
write_bytes (Fixture *self, Bytes *bytes)
{
  g_autofree char *wal = g_strconcat (self->damaged, "-wal", NULL);

  g_assert_true (g_file_set_contents_full (self->damaged, (char *) bytes->main,
                                           (gssize) bytes->n_main, 0, 0600, NULL));
  (void) g_unlink (wal);
  if (!bytes->no_wal)
    g_assert_true (g_file_set_contents_full (wal, (char *) bytes->wal, (gssize) bytes->n_wal, 0,
                                             0600, NULL));
  g_free (bytes->main);
  g_free (bytes->wal);
}

static void
spoil (GRand *rand, uint8_t *page)
{
  switch (g_rand_int_range (rand, 0, 3))
    {
    case 0:
      memset (page, 0, PAGE);
      return;
    case 1:
      for (int i = 0; i < PAGE; i++)
        page[i] = (uint8_t) g_rand_int (rand);
      return;
    default:
      page[g_rand_int_range (rand, 0, PAGE)] ^= (uint8_t) (1 << g_rand_int_range (rand, 0, 8));
    }
}

static bool
is_same (const uint8_t *a, size_t n_a, const uint8_t *b, size_t n_b, size_t at)
{
  return at + PAGE <= n_a && at + PAGE <= n_b && memcmp (a + at, b + at, PAGE) == 0;
}

/* Whether what SQLite would read of @page is still there. */
static bool
is_intact (Fixture *self, const Bytes *bytes, uint32_t page)
{
  const size_t slot =
      GPOINTER_TO_SIZE (g_hash_table_lookup (self->newest, GINT_TO_POINTER (page)));

  if (slot == 0)
    return is_same (self->main, self->n_main, bytes->main, bytes->n_main,
                    CSM_PAGES_OFFSET + (size_t) (page - 1) * PAGE);
  return !bytes->no_wal &&
         is_same (self->wal, self->n_wal, bytes->wal, bytes->n_wal, slot * PAGE);
}

/* (transfer full): ids of entries all of whose pages are intact. */
static GPtrArray *
list_expected (Fixture *self, const Bytes *bytes)
{
  GPtrArray *expected = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer id, value;

  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, &id, &value))
    {
      const GArray *pages = value;
      bool intact = true;

      for (guint i = 0; i < pages->len; i++)
        intact = intact && is_intact (self, bytes, g_array_index (pages, uint32_t, i));
      if (intact)
        g_ptr_array_add (expected, id);
    }
  return expected;
}

/* --- salvaging --- */

static CsmSalvageReport *
salvage (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  CsmSalvageReport *report = NULL;

  csm_case_salvage (self->damaged, self->parent.passphrase, self->out, NULL, NULL, &report,
                    NULL, &error);
  g_assert_no_error (error);
  return report;
}

static CaseFixture
open_out (Fixture *self, bool read_only)
{
  CaseFixture out = { .folder = self->parent.folder,
                      .path = self->out,
                      .passphrase = self->parent.passphrase };

  case_fixture_open (&out, read_only);
  return out;
}

/* The new case and its folder go. */
static void
remove_out (Fixture *self)
{
  g_autofree char *media = g_build_filename (self->parent.folder, "out.media", NULL);
  g_autoptr (GDir) dir = g_dir_open (media, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (media, name, NULL);

      g_assert_cmpint (g_unlink (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (media), ==, 0);
  g_assert_cmpint (g_unlink (self->out), ==, 0);
}

static int64_t
count_entries (CaseFixture *acase)
{
  return case_fixture_get_int (acase, "SELECT count (*) FROM entry");
}

/* Everything expected is there, nothing is that was not, and the tables are those that a replay
 * makes. */
static void
check_out (Fixture *self, GPtrArray *expected, const CsmSalvageReport *report)
{
  CaseFixture out = open_out (self, true);
  g_autoptr (GPtrArray) entries = csm_case_list_entries (out.acase, 0, -1, NULL);
  g_autoptr (GHashTable) found = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *broken = case_fixture_verify (&out, false, NULL);

  g_assert_cmpint (report->n_entries, ==, entries->len);
  for (guint i = 0; i < entries->len; i++)
    {
      char *hex = case_fixture_digest_hex (csm_entry_get_id (entries->pdata[i]));

      g_assert_true (g_hash_table_contains (self->entries, hex));
      g_hash_table_add (found, hex);
    }
  for (guint i = 0; i < expected->len; i++)
    if (!g_hash_table_contains (found, expected->pdata[i]))
      g_error ("entry %s is intact, and was not recovered", (char *) expected->pdata[i]);
  if (strstr (broken, "Table ") != NULL || strstr (broken, "Search index") != NULL)
    g_error ("not what a replay makes: %s", broken);
  if (entries->len == g_hash_table_size (self->entries))
    g_assert_cmpuint (report->resting->len, ==, 0);
  else
    g_assert_false (report->is_whole);
  case_fixture_close (&out);
}

static bool
spoil_some (Fixture *self, GRand *rand, Bytes *bytes)
{
  const int n = g_rand_int_range (rand, 1, 14);
  const int first = CSM_PAGES_OFFSET / PAGE;

  for (int i = 0; i < n; i++)
    if (self->live && g_rand_boolean (rand))
      spoil (rand, bytes->wal +
                       PAGE * (size_t) g_rand_int_range (rand, 0, (int) (bytes->n_wal / PAGE)));
    else
      spoil (rand, bytes->main + PAGE * (size_t) g_rand_int_range (
                                            rand, first, (int) (bytes->n_main / PAGE)));
  if (g_rand_int_range (rand, 0, 4) == 0)
    spoil (rand, bytes->main + CSM_HEADER_OFFSET (g_rand_int_range (rand, 0, 2)));
  if (g_rand_int_range (rand, 0, 4) == 0)
    spoil (rand, bytes->main + CSM_BINDING_OFFSET (g_rand_int_range (rand, 0, 2)));
  if (g_rand_int_range (rand, 0, 5) == 0)
    bytes->n_main -= (size_t) g_rand_int_range (rand, 1, 30000);
  if (self->live && g_rand_int_range (rand, 0, 5) == 0)
    bytes->n_wal -= (size_t) g_rand_int_range (rand, 1, 30000);
  return self->live && g_rand_int_range (rand, 0, 8) == 0;
}

static void
test_what_is_intact_comes_back (Fixture *self, gconstpointer data)
{
  const int first = case_fixture_get_setting ("CSM_FIRST_ROUND", 0);
  const int n = case_fixture_get_setting ("CSM_ROUNDS", ROUNDS);

  for (int round = first; round < first + n; round++)
    {
      g_autoptr (GRand) rand =
          g_rand_new_with_seed ((guint32) round + (self->live ? 100000 : 0));
      Bytes bytes = copy_bytes (self);
      g_autoptr (GPtrArray) expected = NULL;
      g_autoptr (CsmSalvageReport) report = NULL;

      g_test_message ("round %d", round);
      bytes.no_wal |= spoil_some (self, rand, &bytes);
      expected = list_expected (self, &bytes);
      write_bytes (self, &bytes);
      report = salvage (self);
      check_out (self, expected, report);
      remove_out (self);
    }
}

static void
test_without_damage_nothing_is_missing (Fixture *self, gconstpointer data)
{
  g_autofree char *media = g_build_filename (self->parent.folder, "a.media", NULL);
  g_autofree char *beside = g_build_filename (self->room, "bad.media", NULL);
  Bytes bytes = copy_bytes (self);
  g_autoptr (CsmSalvageReport) report = NULL;
  CaseFixture out;

  write_bytes (self, &bytes);
  g_assert_cmpint (g_mkdir (beside, 0700), ==, 0);
  case_fixture_copy_tree (media, beside);
  report = salvage (self);
  g_assert_true (report->is_whole);
  g_assert_cmpint (report->n_exhibits, ==, self->live ? 4 : 2);
  out = open_out (self, false);
  case_fixture_assert_holds (&out);
  g_assert_cmpint (count_entries (&out), ==, g_hash_table_size (self->entries));
  g_assert_cmpint (case_fixture_get_int (&out, "SELECT count (*) FROM kept_salvage"), ==, 0);
  g_assert_cmpint (case_fixture_get_int (&out, "SELECT count (*) FROM kept_index"), >, 0);
  g_assert_cmpint (case_fixture_get_int (&out, "SELECT count (*) FROM kept_track"), >, 0);
  g_assert_cmpint (case_fixture_get_int (&out, "SELECT count (*) FROM kept_thumbnail"), >, 0);
  case_fixture_close (&out);
}

/* Somebody with the key wrote another index; the tracks beside it are what they were. */
static void
test_of_the_tracks_only_a_wrong_one_is_dropped (Fixture *self, gconstpointer data)
{
  g_autoptr (GBytes) index = g_bytes_new_static ("index of the second", 19);
  g_autoptr (CsmQuery) exhibit = csm_query_new_once (
      self->parent.acase->db, "test", "SELECT exhibit FROM kept_track WHERE track = 1");
  g_autoptr (CsmSalvageReport) report = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *bytes = NULL;
  size_t n_bytes;
  CaseFixture out;
  CsmId id;

  g_assert_cmpint (csm_query_step (exhibit, NULL), ==, 1);
  csm_query_get_id (exhibit, 0, &id);
  g_clear_pointer (&exhibit, csm_query_free);
  for (int track = 2; track <= 3; track++)
    csm_case_set_track (self->parent.acase, &id,
                        &(CsmKeptTrack){ .track = track,
                                         .state = CSM_INDEX_EXACT,
                                         .n_frames = 7,
                                         .index = index,
                                         .library = (char *) "test" },
                        &error);
  g_assert_no_error (error);
  csm_db_exec (self->parent.acase->db, "UPDATE kept_track SET bytes = x'00' WHERE track = 2",
               "test", &error);
  g_assert_no_error (error);
  case_fixture_close (&self->parent);
  g_assert_true (g_file_get_contents (self->parent.path, &bytes, &n_bytes, NULL));
  g_assert_true (g_file_set_contents (self->damaged, bytes, (gssize) n_bytes, NULL));
  report = salvage (self);
  out = open_out (self, true);
  g_assert_cmpint (case_fixture_get_int (&out, "SELECT count (*) FROM kept_track"), ==, 2);
  g_assert_cmpint (
      case_fixture_get_int (&out, "SELECT count (*) FROM kept_track WHERE track = 2"), ==, 0);
  case_fixture_close (&out);
  case_fixture_open (&self->parent, false);
}

/* The new case is one to work in: it is another file, so a new chain begins. */
static void
test_the_new_case_can_be_written_to (Fixture *self, gconstpointer data)
{
  Bytes bytes = copy_bytes (self);
  g_autoptr (CsmSalvageReport) report = NULL;
  g_autoptr (GPtrArray) exhibits = NULL;
  CaseFixture out;

  write_bytes (self, &bytes);
  report = salvage (self);
  out = open_out (self, false);
  exhibits = csm_case_list_exhibits (out.acase, NULL);
  csm_mark_free (case_fixture_mark (&out, exhibits->pdata[0], 1, 2, NULL, "after the salvage"));
  g_assert_cmpint (
      case_fixture_get_int (&out, "SELECT count (*) FROM event WHERE kind = 'chain.start'"), ==,
      1);
  g_assert_cmpmem (csm_vault_get_case_id (out.acase->vault), 16,
                   csm_vault_get_case_id (self->parent.acase->vault), 16);
  g_assert_cmpint (memcmp (csm_vault_get_file_id (out.acase->vault),
                           csm_vault_get_file_id (self->parent.acase->vault), 16),
                   !=, 0);
  case_fixture_close (&out);
}

static void
test_schema_and_interior_pages_are_not_needed (Fixture *self, gconstpointer data)
{
  Bytes bytes = copy_bytes (self);
  g_autoptr (CsmSalvageReport) report = NULL;
  GHashTableIter iter;
  gpointer page;

  g_assert_cmpuint (g_hash_table_size (self->interior), >, 3);
  g_hash_table_iter_init (&iter, self->interior);
  while (g_hash_table_iter_next (&iter, &page, NULL))
    memset (bytes.main + CSM_PAGES_OFFSET + (GPOINTER_TO_SIZE (page) - 1) * PAGE, 0, PAGE);
  write_bytes (self, &bytes);
  report = salvage (self);
  g_assert_cmpint (report->n_entries, ==, g_hash_table_size (self->entries));
  g_assert_cmpuint (report->gaps->len, ==, 0);
}

static void
test_either_header_copy_will_do (Fixture *self, gconstpointer data)
{
  for (int copy = 0; copy < 2; copy++)
    {
      Bytes bytes = copy_bytes (self);
      g_autoptr (CsmSalvageReport) report = NULL;

      memset (bytes.main + CSM_HEADER_OFFSET (copy), 0x5a, CSM_HEADER_SIZE);
      write_bytes (self, &bytes);
      report = salvage (self);
      g_assert_cmpint (report->n_entries, ==, g_hash_table_size (self->entries));
      remove_out (self);
    }
}

static void
test_torn_copies_of_the_header_still_open (Fixture *self, gconstpointer data)
{
  Bytes bytes = copy_bytes (self);
  g_autoptr (CsmSalvageReport) report = NULL;

  memset (bytes.main + CSM_HEADER_OFFSET (0), 0, 1000);
  bytes.main[CSM_HEADER_OFFSET (1) + 4000] ^= 1;
  write_bytes (self, &bytes);
  report = salvage (self);
  g_assert_cmpint (report->n_entries, ==, g_hash_table_size (self->entries));
}

/* Whoever changes both copies of a header can give them a slot, but no authentic MAC. */
static void
test_a_slot_that_nothing_vouches_for_is_left_out (Fixture *self, gconstpointer data)
{
  Bytes bytes = copy_bytes (self);
  g_autoptr (CsmSalvageReport) report = NULL;
  CsmSlotInfo slots[CSM_VAULT_MAX_SLOTS];
  CaseFixture out;

  for (int copy = 0; copy < 2; copy++)
    {
      uint8_t *header = bytes.main + CSM_HEADER_OFFSET (copy);

      memcpy (header + 128 + 240, header + 128, 240);
      header[128 + 240 + 8] ^= 1; /* another slot id */
    }
  write_bytes (self, &bytes);
  report = salvage (self);
  out = open_out (self, true);
  g_assert_cmpint (csm_vault_list_slots (out.acase->vault, slots), ==, 1);
  case_fixture_close (&out);
}

static void
test_without_its_log_the_rest_comes_back (Fixture *self, gconstpointer data)
{
  Bytes bytes = copy_bytes (self);
  g_autoptr (CsmSalvageReport) report = NULL;

  bytes.no_wal = true;
  write_bytes (self, &bytes);
  report = salvage (self);
  g_assert_cmpint (report->n_entries, >, 100);
  g_assert_false (report->is_whole);
}

/* (transfer full): @bytes without the page where the entry that the query names lies. */
static Bytes
without_entry (Fixture *self, const char *where)
{
  g_autofree char *sql = g_strdup_printf (
      "SELECT lower (hex (id)) FROM entry WHERE id = (SELECT id FROM event WHERE %s)", where);
  g_autoptr (CsmQuery) query = csm_query_new_once (self->parent.acase->db, "test", sql);
  Bytes bytes = copy_bytes (self);
  const GArray *pages;

  g_assert_cmpint (csm_query_step (query, NULL), ==, 1);
  pages = g_hash_table_lookup (self->entries, csm_query_get_text (query, 0));
  memset (bytes.main + CSM_PAGES_OFFSET +
              (size_t) (g_array_index (pages, uint32_t, 0) - 1) * PAGE,
          0, PAGE);
  return bytes;
}

static void
test_without_its_first_entries_a_case_still_shows_its_marks (Fixture *self, gconstpointer data)
{
  Bytes bytes = without_entry (self, "kind = 'case.create'");
  g_autoptr (CsmSalvageReport) report = NULL;
  g_autofree char *broken = NULL;
  CaseFixture out;

  write_bytes (self, &bytes);
  report = salvage (self);
  g_assert_cmpuint (report->lost->len, >=, 2);
  out = open_out (self, false);
  g_assert_cmpstr (csm_case_get_title (out.acase), ==, "Minsk, August 2020");
  g_assert_cmpstr (csm_case_get_self (out.acase)->name, ==, "Anna");
  g_assert_cmpint (case_fixture_get_int (&out, "SELECT count (*) FROM mark"), >, 40);
  broken = case_fixture_verify (&out, false, NULL);
  g_assert_nonnull (strstr (broken, "Salvage"));
  g_assert_nonnull (strstr (broken, "Anna"));
  case_fixture_close (&out);
}

static void
test_what_rests_on_a_missing_exhibit_is_named (Fixture *self, gconstpointer data)
{
  Bytes bytes = without_entry (self, "kind = 'exhibit.add' ORDER BY lamport LIMIT 1");
  g_autoptr (CsmSalvageReport) report = NULL;
  CaseFixture out;

  write_bytes (self, &bytes);
  report = salvage (self);
  g_assert_cmpint (report->n_resting, >, 30);
  g_assert_cmpuint (report->gaps->len, >, 0);
  out = open_out (self, false);
  /* They stay, and so does the key of the file: another copy may bring what they rest on. */
  g_assert_cmpint (count_entries (&out), ==, report->n_entries);
  g_assert_cmpint (case_fixture_get_int (&out, "SELECT count (*) FROM kept_media"), ==, 2);
  case_fixture_close (&out);
}

/* Whatever is missing: another copy has it. */
static void
test_a_merge_brings_back_what_is_missing (Fixture *self, gconstpointer data)
{
  Bytes bytes = without_entry (self, "kind = 'case.create'");
  Bytes second = without_entry (self, "kind = 'exhibit.add' ORDER BY lamport LIMIT 1");
  g_autoptr (CsmSalvageReport) report = NULL;
  g_autoptr (CsmMergeReport) merged = NULL;
  g_autoptr (GError) error = NULL;
  CaseFixture out;

  for (size_t i = 0; i < bytes.n_main; i++)
    if (second.main[i] == 0)
      bytes.main[i] = 0;
  g_free (second.main);
  g_free (second.wal);
  write_bytes (self, &bytes);
  report = salvage (self);
  g_assert_cmpint (report->n_resting, >, 30);
  out = open_out (self, false);
  case_fixture_close (&self->parent);
  case_fixture_open (&self->parent, true);
  csm_case_merge (out.acase, self->parent.acase, NULL, NULL, &merged, NULL, &error);
  g_assert_no_error (error);
  case_fixture_assert_holds (&out);
  g_assert_cmpint (case_fixture_get_int (&out, "SELECT count (*) FROM kept_salvage"), ==, 0);
  g_assert_cmpint (case_fixture_get_int (&out, "SELECT count (*) FROM mark"), ==, 90);
  case_fixture_close (&out);
}

static void
test_missing_media_are_named (Fixture *self, gconstpointer data)
{
  Bytes bytes = copy_bytes (self);
  g_autoptr (CsmSalvageReport) report = NULL;

  write_bytes (self, &bytes);
  report = salvage (self);
  g_assert_cmpuint (report->media->len, ==, 2);
  g_assert_true (g_str_has_prefix (report->media->pdata[0], "E-0001 square.mp4: "));
  g_assert_false (report->is_whole);
}

static void
assert_fails (Fixture *self, const CsmSecret *passphrase, const char *out, int code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmSalvageReport) report = NULL;

  g_assert_false (
      csm_case_salvage (self->damaged, passphrase, out, NULL, NULL, &report, NULL, &error));
  g_assert_error (error, CSM_VAULT_ERROR, code);
}

static void
test_nothing_is_overwritten (Fixture *self, gconstpointer data)
{
  Bytes bytes = copy_bytes (self);
  g_autofree char *media = g_build_filename (self->parent.folder, "out.media", NULL);
  g_autofree char *file = g_build_filename (media, "mine", NULL);

  write_bytes (self, &bytes);
  assert_fails (self, self->parent.passphrase, self->damaged, CSM_VAULT_ERROR_EXISTS);
  g_assert_cmpint (g_mkdir (media, 0700), ==, 0);
  g_assert_true (g_file_set_contents (file, "x", 1, NULL));
  assert_fails (self, self->parent.passphrase, self->out, CSM_VAULT_ERROR_EXISTS);
  g_assert_false (g_file_test (self->out, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (file, G_FILE_TEST_EXISTS));
}

static void
test_a_wrong_passphrase_is_said (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmSecret) wrong = csm_secret_new_from ("wrong horse", 11);
  Bytes bytes = copy_bytes (self);

  bytes.main[CSM_HEADER_OFFSET (1) + 20] ^= 1;
  write_bytes (self, &bytes);
  assert_fails (self, wrong, self->out, CSM_VAULT_ERROR_WRONG_PASSPHRASE);
}

static void
test_the_damaged_case_is_not_written_to (Fixture *self, gconstpointer data)
{
  Bytes bytes = without_entry (self, "kind = 'case.create'");
  g_autoptr (CsmSalvageReport) report = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  size_t n_before, n_after;
  g_autoptr (GDir) dir = NULL;

  write_bytes (self, &bytes);
  g_assert_true (g_file_get_contents (self->damaged, &before, &n_before, NULL));
  report = salvage (self);
  g_assert_true (g_file_get_contents (self->damaged, &after, &n_after, NULL));
  g_assert_cmpmem (before, n_before, after, n_after);
  dir = g_dir_open (self->room, 0, NULL);
  g_assert_cmpstr (g_dir_read_name (dir), ==, "bad.casement");
  g_assert_null (g_dir_read_name (dir));
}

#define add(name, live, test) \
  g_test_add ("/casement/casefile/salvage/" name, Fixture, live, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  /* Hundreds of new cases: where syncing costs nothing, when there is such a place. */
  if (access ("/dev/shm", W_OK) == 0)
    g_setenv ("TMPDIR", "/dev/shm", TRUE);
  add ("what-is-intact-comes-back", NULL, test_what_is_intact_comes_back);
  add ("what-is-intact-comes-back-with-a-log", "live", test_what_is_intact_comes_back);
  add ("without-damage-nothing-is-missing", NULL, test_without_damage_nothing_is_missing);
  add ("without-damage-nothing-is-missing-with-a-log", "live",
       test_without_damage_nothing_is_missing);
  add ("of-the-tracks-only-a-wrong-one-is-dropped", NULL,
       test_of_the_tracks_only_a_wrong_one_is_dropped);
  add ("the-new-case-can-be-written-to", NULL, test_the_new_case_can_be_written_to);
  add ("schema-and-interior-pages-are-not-needed", NULL,
       test_schema_and_interior_pages_are_not_needed);
  add ("either-header-copy-will-do", NULL, test_either_header_copy_will_do);
  add ("torn-copies-of-the-header-still-open", NULL, test_torn_copies_of_the_header_still_open);
  add ("a-slot-that-nothing-vouches-for-is-left-out", NULL,
       test_a_slot_that_nothing_vouches_for_is_left_out);
  add ("without-its-log-the-rest-comes-back", "live", test_without_its_log_the_rest_comes_back);
  add ("without-its-first-entries-a-case-still-shows-its-marks", NULL,
       test_without_its_first_entries_a_case_still_shows_its_marks);
  add ("what-rests-on-a-missing-exhibit-is-named", NULL,
       test_what_rests_on_a_missing_exhibit_is_named);
  add ("a-merge-brings-back-what-is-missing", NULL, test_a_merge_brings_back_what_is_missing);
  add ("missing-media-are-named", NULL, test_missing_media_are_named);
  add ("nothing-is-overwritten", NULL, test_nothing_is_overwritten);
  add ("a-wrong-passphrase-is-said", NULL, test_a_wrong_passphrase_is_said);
  add ("the-damaged-case-is-not-written-to", NULL, test_the_damaged_case_is_not_written_to);
  return g_test_run ();
}
