/* csm-case-fixture.c: a case in a folder of its own, for tests
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-case-fixture.h"

#include "casefile/csm-case-private.h"
#include "vault/csm-vault-database.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int
case_fixture_get_setting (const char *name, int otherwise)
{
  const char *text = g_getenv (name);

  return text != NULL ? atoi (text) : otherwise;
}

CsmCaseOptions
case_fixture_options (const CaseFixture *self)
{
  return (CsmCaseOptions){ .title = "Minsk, August 2020",
                           .reviewer = "Anna",
                           .passphrase = self->passphrase,
                           .cost = { 1, 8192 },
                           .clock_confirmed = true,
                           .record_access = true };
}

void
case_fixture_set_up (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  CsmCaseOptions options;

  self->folder = g_dir_make_tmp ("casement-case-XXXXXX", &error);
  g_assert_no_error (error);
  self->path = g_build_filename (self->folder, "a.casement", NULL);
  self->passphrase = csm_secret_new_from ("correct horse", 13);
  options = case_fixture_options (self);
  self->acase = csm_case_create (self->path, &options, NULL, &error);
  g_assert_no_error (error);
}

void
case_fixture_copy_tree (const char *from, const char *to)
{
  g_autoptr (GDir) dir = g_dir_open (from, 0, NULL);
  g_autofree char *bytes = NULL;
  const char *name;
  size_t size;

  if (dir == NULL)
    {
      g_assert_true (g_file_get_contents (from, &bytes, &size, NULL));
      g_assert_true (g_file_set_contents_full (to, bytes, (gssize) size,
                                               G_FILE_SET_CONTENTS_NONE, 0600, NULL));
      return;
    }
  (void) g_mkdir (to, 0700); /* the topmost is there */
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *source = g_build_filename (from, name, NULL);
      g_autofree char *target = g_build_filename (to, name, NULL);

      case_fixture_copy_tree (source, target);
    }
}

void
case_fixture_set_up_copy (CaseFixture *self, const CaseFixture *from)
{
  g_autoptr (GError) error = NULL;

  self->folder = g_dir_make_tmp ("casement-case-XXXXXX", &error);
  g_assert_no_error (error);
  case_fixture_copy_tree (from->folder, self->folder);
  self->path = g_build_filename (self->folder, "a.casement", NULL);
  self->passphrase = csm_secret_ref (from->passphrase);
  case_fixture_open (self, false);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_remove (path);
}

char *
case_fixture_save (const CaseFixture *self)
{
  g_autoptr (GError) error = NULL;
  char *saved = g_dir_make_tmp ("casement-saved-XXXXXX", &error);

  g_assert_no_error (error);
  case_fixture_copy_tree (self->folder, saved);
  return saved;
}

static void
write_over (const char *from, const char *to)
{
  g_autofree char *bytes = NULL;
  size_t size;
  FILE *file = fopen (to, "r+");

  g_assert_nonnull (file);
  g_assert_true (g_file_get_contents (from, &bytes, &size, NULL));
  g_assert_cmpint (ftruncate (fileno (file), 0), ==, 0);
  g_assert_cmpuint (fwrite (bytes, 1, size, file), ==, size);
  g_assert_cmpint (fclose (file), ==, 0);
}

void
case_fixture_put_back (const CaseFixture *self, char *saved)
{
  static const char *const names[] = { "a.casement", "a.media/freshness-a",
                                       "a.media/freshness-b" };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *from = g_build_filename (saved, names[i], NULL);
      g_autofree char *to = g_build_filename (self->folder, names[i], NULL);

      if (g_file_test (from, G_FILE_TEST_EXISTS))
        write_over (from, to);
      else
        (void) g_remove (to); /* was not there yet */
    }
  remove_tree (saved);
  g_free (saved);
}

void
case_fixture_tear_down (CaseFixture *self, gconstpointer data)
{
  g_clear_pointer (&self->acase, csm_case_close);
  remove_tree (self->folder);
  g_free (self->folder);
  g_free (self->path);
  csm_secret_unref (self->passphrase);
}

void
case_fixture_close (CaseFixture *self)
{
  g_clear_pointer (&self->acase, csm_case_close);
}

void
case_fixture_open (CaseFixture *self, bool read_only)
{
  g_autoptr (GError) error = NULL;

  self->acase = csm_case_open (self->path, self->passphrase, read_only, &error);
  g_assert_no_error (error);
}

void
case_fixture_reopen (CaseFixture *self)
{
  case_fixture_close (self);
  case_fixture_open (self, false);
}

void
case_fixture_tamper (CaseFixture *self, const char *sql)
{
  static const char *const triggers[] = { "entry_no_update", "entry_no_delete" };
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmVault) vault = NULL;
  g_autoptr (GString) all = g_string_new ("PRAGMA foreign_keys = OFF;");
  sqlite3 *db = NULL;
  char *message = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (triggers); i++)
    g_string_append_printf (all, "DROP TRIGGER %s;", triggers[i]);
  g_string_append_printf (all, "%s;", sql);
  g_string_append (all, "CREATE TRIGGER entry_no_update BEFORE UPDATE ON entry"
                        "  BEGIN SELECT RAISE (ABORT, 'the ledger only grows'); END;"
                        "CREATE TRIGGER entry_no_delete BEFORE DELETE ON entry"
                        "  BEGIN SELECT RAISE (ABORT, 'the ledger only grows'); END;");

  case_fixture_close (self);
  vault = csm_vault_open (self->path, self->passphrase, false, &error);
  g_assert_no_error (error);
  csm_vault_open_database (vault, &db, &error);
  g_assert_no_error (error);
  /* Who tampers uses an SQLite of their own. */
  g_assert_cmpint (sqlite3_db_config (db, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL), ==, SQLITE_OK);
  sqlite3_exec (db, all->str, NULL, NULL, &message);
  g_assert_cmpstr (message, ==, NULL);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
  g_clear_pointer (&vault, csm_vault_close);
  case_fixture_open (self, false);
}

int64_t
case_fixture_get_int (CaseFixture *self, const char *sql)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmQuery) query = csm_query_new_once (self->acase->db, "test", sql);
  const int step = csm_query_step (query, &error);

  g_assert_no_error (error);
  g_assert_cmpint (step, ==, 1);
  return csm_query_get_int (query, 0);
}

CsmExhibit *
case_fixture_import (CaseFixture *self, const char *name, int size, int seed)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmMediaWriter) writer = NULL;
  g_autoptr (CsmMediaRef) ref = NULL;
  g_autofree uint8_t *bytes = g_malloc ((size_t) size);
  CsmDigest sha256;
  CsmExhibit *exhibit;

  for (int i = 0; i < size; i++)
    bytes[i] = (uint8_t) (i * 7 + seed);
  csm_sha256 (bytes, (size_t) size, &sha256);
  writer = csm_media_store_begin (csm_case_get_media_store (self->acase), &error);
  g_assert_no_error (error);
  csm_media_writer_write (writer, bytes, (size_t) size, &error);
  g_assert_no_error (error);
  ref = csm_media_writer_finish (writer, &error);
  g_assert_no_error (error);
  exhibit = csm_case_add_exhibit (self->acase, name, "/media/stick/DCIM/x.mp4", &sha256, size,
                                  NULL, ref, NULL, &error);
  g_assert_no_error (error);
  return exhibit;
}

CsmExhibit *
case_fixture_link (CaseFixture *self, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  CsmDigest sha256;

  g_assert_true (g_file_set_contents (path, "hello", 5, NULL));
  csm_sha256 ("hello", 5, &sha256);
  return csm_case_add_exhibit (self->acase, name, path, &sha256, 5, NULL, NULL, path, error);
}

CsmMark
case_fixture_new_mark (const CsmExhibit *exhibit, int64_t from, int64_t to)
{
  return (CsmMark){ .id = csm_id_new (),
                    .exhibit = exhibit->id,
                    .from = from,
                    .to = to,
                    .from_pts = from * 512,
                    .to_pts = to * 512,
                    .timebase = { 1, 12800 } };
}

CsmMark *
case_fixture_mark (CaseFixture *self,
                   const CsmExhibit *exhibit,
                   int64_t from,
                   int64_t to,
                   const char *code,
                   const char *text)
{
  g_autoptr (GError) error = NULL;
  CsmMark mark = case_fixture_new_mark (exhibit, from, to);
  CsmMark *saved = NULL;

  mark.code = (char *) code;
  mark.text = (char *) text;
  csm_case_set_mark (self->acase, &mark, NULL, 0, &saved, &error);
  g_assert_no_error (error);
  return saved;
}

typedef struct
{
  GString *broken;
  GString *all;
} Findings;

static void
finding_cb (CsmFindingKind kind, const char *where, const char *what, gpointer data)
{
  static const char *const names[] = { "holds", "note", "broken" };
  Findings *findings = data;

  g_string_append_printf (findings->all, "%s|%s|%s\n", names[kind], where, what);
  if (kind == CSM_FINDING_BROKEN)
    g_string_append_printf (findings->broken, "%s|%s|%s\n", names[kind], where, what);
}

char *
case_fixture_verify (CaseFixture *self, bool media, char **ret_all)
{
  g_autoptr (GError) error = NULL;
  Findings findings = { g_string_new (NULL), g_string_new (NULL) };
  bool holds = false;

  csm_case_verify (self->acase, media, finding_cb, NULL, &findings, &holds, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (holds, ==, findings.broken->len == 0);
  if (ret_all != NULL)
    *ret_all = g_string_free (findings.all, FALSE);
  else
    g_string_free (findings.all, TRUE);
  return g_string_free (findings.broken, FALSE);
}

void
case_fixture_assert_holds (CaseFixture *self)
{
  g_autofree char *broken = case_fixture_verify (self, true, NULL);

  g_assert_cmpstr (broken, ==, "");
}

void
case_fixture_assert_broken (CaseFixture *self, const char *part)
{
  g_autofree char *broken = case_fixture_verify (self, true, NULL);

  if (strstr (broken, part) == NULL)
    g_error ("looked for '%s' in: %s", part, broken);
}

char *
case_fixture_digest_hex (const CsmDigest *digest)
{
  return csm_hex_encode (digest->bytes, sizeof digest->bytes);
}

void
case_fixture_plant (CaseFixture *self, CsmSigner *signer, const char *kind, const json_t *body)
{
  g_autoptr (GError) error = NULL;
  CsmEntryPlace place = { .case_id = csm_case_get_id (self->acase),
                          .chain = csm_id_new (),
                          .seq = 1,
                          .lamport = case_fixture_get_int (
                              self, "SELECT 1 + max (lamport) FROM entry") };
  g_autoptr (CsmEntry) entry =
      csm_entry_new (signer, &place, csm_time_now (), kind, NULL, NULL, 0, body, &error);
  g_autoptr (CsmQuery) query =
      csm_query_new (self->acase->db, "test",
                     "INSERT INTO entry (id, chain, seq, lamport, header, meta, body,"
                     " signature) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");

  g_assert_no_error (error);
  csm_query_digest (query, csm_entry_get_id (entry));
  csm_query_id (query, &place.chain);
  csm_query_int (query, place.seq);
  csm_query_int (query, place.lamport);
  csm_query_bytes (query, csm_entry_get_header (entry));
  csm_query_bytes (query, csm_entry_get_meta (entry));
  csm_query_bytes (query, csm_entry_get_body (entry));
  csm_query_blob (query, csm_entry_get_signature (entry), CSM_SIGNATURE_SIZE);
  g_assert_true (csm_query_run (query, &error));
}
