/* fuzz-case-file.c: a case whose files were changed anywhere, opened and read
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "../vault/csm-lossy-disk.h"
#include "../vault/csm-vault-fixture.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

#define PATH "/case.casement"

static const char *const paths[] = { PATH, PATH "-wal", "/case.media/freshness-a",
                                     "/case.media/freshness-b" };
static GBytes *kept[G_N_ELEMENTS (paths)];

/* With a WAL, as a crash leaves it; ver is 1 to 3 in every row. */
static void
make_case (void)
{
  g_autofree char *path = NULL;
  CsmVault *vault;
  sqlite3 *db;

  lossy_disk_start (&(CsmLossyConfig){ 0 });
  path = fixture_make_case ("/");
  vault = fixture_open (PATH, false);
  db = fixture_open_database (vault);
  fixture_exec (db, "DELETE FROM t WHERE id > 20; VACUUM; UPDATE t SET ver = 2;"
                    "PRAGMA wal_checkpoint(TRUNCATE); UPDATE t SET ver = 3;"
                    "UPDATE t SET body = 'x' WHERE id = 1");
  for (size_t i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      const GByteArray *bytes = lossy_disk_peek (paths[i]);

      kept[i] = g_bytes_new (bytes->data, bytes->len);
    }
  (void) sqlite3_close (db); /* what it writes now is put back */
  csm_vault_close (vault);
}

static void
put_back (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      CsmDiskFile *file = NULL;
      gsize size;
      const uint8_t *bytes = g_bytes_get_data (kept[i], &size);

      g_assert_cmpint (csm_disk_get ()->open (paths[i], CSM_DISK_ENSURE, &file), ==, 0);
      g_assert_cmpint (file->disk->truncate (file, (int64_t) size), ==, 0);
      g_assert_cmpint (file->disk->write (file, bytes, size, 0), ==, 0);
      g_assert_cmpint (file->disk->sync (file), ==, 0);
      file->disk->close (file);
    }
}

/* Opens it or says why not. What is read is of one moment. */
static void
look (CsmVaultOpenFlags flags)
{
  g_autoptr (CsmSecret) passphrase = fixture_secret ("pass");
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmVault) vault = csm_vault_open (PATH, passphrase, flags, &error);
  sqlite3 *db = NULL;

  if (vault == NULL)
    {
      g_assert_true (error->domain == CSM_VAULT_ERROR);
      return;
    }
  if (csm_vault_open_database (vault, &db, &error))
    {
      const int64_t sum = fixture_query (db, "SELECT sum(ver) FROM t");

      g_assert_true (sum == -1 || sum == 40 || sum == 60);
      (void) sqlite3_close_v2 (db); /* may not be able to write */
    }
  (void) csm_vault_check (vault, NULL, NULL); /* says what it finds */
}

/* Patches: which file and place (4 bytes), length (1), bytes. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (kept[0] == NULL)
    make_case ();
  put_back ();
  while (size > 5)
    {
      const guint file = data[0] % G_N_ELEMENTS (paths);
      const guint at = (guint) data[1] << 16 | (guint) data[2] << 8 | data[3];
      GByteArray *bytes = lossy_disk_peek (paths[file]);
      const size_t length = MIN ((size_t) data[4] + 1, size - 5);

      if (data[0] >= 0xf0)
        g_byte_array_set_size (bytes, at % (bytes->len + 1));
      else
        for (size_t i = 0; i < length; i++)
          bytes->data[(at + i) % bytes->len] ^= data[5 + i];
      data += 5 + length;
      size -= 5 + length;
      if (bytes->len == 0)
        break;
    }
  look (CSM_VAULT_OPEN_READ_ONLY);
  look (CSM_VAULT_OPEN_WRITE);
  return 0;
}
