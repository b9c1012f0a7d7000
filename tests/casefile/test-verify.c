/* test-verify.c: what someone with the passphrase changes past Casement is found, and where
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-case-fixture.h"

#include "casefile/csm-case-private.h"

#include <glib/gstdio.h>
#include <string.h>

/* One exhibit, two marks, one of them with a rectangle and committed frames. */
static void
fill (CaseFixture *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmExhibit) exhibit = case_fixture_import (self, "a.mp4", 1000, 1);
  CsmMark mark = case_fixture_new_mark (exhibit, 10, 10);
  CsmRegion region = { 10, { 1, 2, 3, 4 } };
  CsmFrameCommit commit = { .ordinal = 10,
                            .pts = 5120,
                            .pixel_format = "yuv420p",
                            .width = 16,
                            .height = 16,
                            .library = "Lavc" };
  g_autoptr (GBytes) index = g_bytes_new_static ("index", 5);

  mark.code = (char *) "baton";
  mark.text = (char *) "first text";
  mark.regions = &region;
  mark.n_regions = 1;
  g_assert_true (csm_case_set_mark (self->acase, &mark, &commit, 1, NULL, &error));
  g_assert_no_error (error);
  csm_mark_free (case_fixture_mark (self, exhibit, 20, 21, "arrest", "second text"));
  g_assert_true (
      csm_case_set_index (self->acase, &exhibit->id, index, true, "Lavc", 5, &error));
  g_assert_true (csm_case_record_access (self->acase, "opened", NULL, NULL, &error));
}

typedef struct
{
  const char *sql;
  const char *finding; /* must be part of what is broken */
} Tampering;

/* Each in a copy of its own; @original is torn down. */
static void
check_list (CaseFixture *original, const Tampering *list, size_t n)
{
  case_fixture_close (original);
  for (size_t i = 0; i < n; i++)
    {
      CaseFixture fixture = { 0 };
      g_autofree char *broken = NULL;

      case_fixture_set_up_copy (&fixture, original);
      case_fixture_tamper (&fixture, list[i].sql);
      broken = case_fixture_verify (&fixture, false, NULL);
      if (strstr (broken, list[i].finding) == NULL)
        g_error ("%s\nshould give '%s', gave:\n%s", list[i].sql, list[i].finding, broken);
      case_fixture_tear_down (&fixture, NULL);
    }
  case_fixture_tear_down (original, NULL);
}

static void
check_all (const Tampering *list, size_t n)
{
  CaseFixture original = { 0 };

  case_fixture_set_up (&original, NULL);
  fill (&original);
  check_list (&original, list, n);
}

static void
test_untouched_holds (CaseFixture *self, gconstpointer data)
{
  g_autofree char *all = NULL;
  g_autofree char *broken = NULL;

  fill (self);
  case_fixture_reopen (self);
  broken = case_fixture_verify (self, true, &all);
  g_assert_cmpstr (broken, ==, "");
  g_assert_true (g_str_has_prefix (all,
                                   "note|Ledger|Dated by this computer's clock only: no receipt"
                                   " or time stamp is kept.\n"));
  g_assert_nonnull (strstr (all, "holds|Case file|"));
  g_assert_nonnull (strstr (all, "holds|Database|"));
  g_assert_nonnull (strstr (all, "holds|Ledger|"));
  g_assert_nonnull (strstr (all, "holds|Tables|"));
  g_assert_nonnull (strstr (all, "holds|Kept rows|"));
  g_assert_nonnull (strstr (all, "holds|Exhibits|every file has the bytes"));
  /* The tampering of these tests itself is not what is found. */
  case_fixture_tamper (self, "SELECT 1");
  case_fixture_assert_holds (self);
}

static void
test_derived_rows (void)
{
  static const Tampering list[] = {
    { "UPDATE mark SET text = 'other' WHERE first = 20", "its text is not what" },
    { "UPDATE mark SET first = 19 WHERE first = 20", "its first is not what" },
    { "UPDATE mark SET code = NULL WHERE first = 20", "its code is not what" },
    { "UPDATE mark SET removed = 1 WHERE first = 20", "its removed is not what" },
    { "UPDATE mark SET committed = 1 WHERE first = 20", "its committed is not what" },
    { "DELETE FROM mark WHERE first = 20", "is missing, though" },
    { "INSERT INTO mark SELECT zeroblob (16), exhibit, track, first, last, first_pts, last_pts,"
      " timebase_num, timebase_den, code, text, committed, author, time, revision, removed,"
      " entry FROM mark WHERE first = 20",
      "Table mark, row 00000000000000000000000000000000|no entry explains it" },
    { "UPDATE mark_region SET width = 5", "Table mark_region, row " },
    { "DELETE FROM mark_region", "is missing, though" },
    { "UPDATE mark_frame SET sha256 = randomblob (32)", "its sha256 is not what" },
    { "UPDATE exhibit SET sha256 = zeroblob (32)", "Table exhibit, row " },
    { "UPDATE exhibit SET sound_offset_ms = 40", "its sound_offset_ms is not what" },
    { "UPDATE exhibit SET do_not_export = 1", "its do_not_export is not what" },
    { "UPDATE exhibit SET number = 'E-0009'", "its number is not what" },
    { "UPDATE code SET definition = 'x' WHERE id = 'baton'", "Table code, row baton|its def" },
    { "INSERT INTO code VALUES ('zz', 'Z', '', '', NULL, 999, zeroblob (32))",
      "Table code, row zz|no entry explains it" },
    { "UPDATE reviewer SET name = 'Boris'", "its name is not what" },
    { "INSERT INTO reviewer VALUES (zeroblob (32), 'Boris', 0, zeroblob (32), zeroblob (32))",
      "no entry explains it" },
    { "UPDATE case_info SET title = 'Other'", "Table case_info, row 1|its title" },
    { "UPDATE event SET time = time - 86400000 WHERE kind = 'mark.set'", "its time is not" },
    { "INSERT INTO event SELECT zeroblob (32), 999999, kind, subject, author, time FROM event"
      " WHERE kind = 'mark.set' LIMIT 1",
      "Table event, row 0000000000000000000000000000000000000000000000000000000000000000|no "
      "entry" },
    { "INSERT INTO mark_region SELECT mark, 7, frame, x, y, width, height FROM mark_region",
      "no entry explains it" },
    /* An event that promises more of a mark does not hide what the mark was made to be. */
    { "UPDATE mark SET text = 'other' WHERE first = 20;"
      "INSERT INTO event SELECT zeroblob (32), 999999, kind, subject, author, time FROM event"
      " WHERE subject = (SELECT id FROM mark WHERE first = 20)",
      "its text is not what" },
    { "UPDATE chain SET head = zeroblob (32)", "its head is not what" },
    { "UPDATE document SET body = 'x' WHERE kind = 1", "Table document, row " },
    { "CREATE TRIGGER sly AFTER INSERT ON mark BEGIN DELETE FROM mark_region; END",
      "Table sqlite_schema, row sly|no entry explains it" },
    { "DROP INDEX mark_code", "Table sqlite_schema, row mark_code|is missing" },
  };

  check_all (list, G_N_ELEMENTS (list));
}

/* Three marks that were edited more than once, one of them removed and brought back. */
static void
fill_with_edits (CaseFixture *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmExhibit) exhibit = case_fixture_import (self, "a.mp4", 1000, 1);

  for (int i = 1; i <= 3; i++)
    {
      g_autofree char *text = g_strdup_printf ("text %d", i);
      g_autoptr (CsmMark) mark =
          case_fixture_mark (self, exhibit, 10 * i, 10 * i, "baton", text);
      CsmRegion region = { 10 * i, { i, i, i, i } };

      for (int edit = 0; edit < 3; edit++)
        {
          CsmMark *changed = csm_mark_copy (mark);

          changed->regions = &region;
          changed->n_regions = 1;
          changed->to++;
          if (edit == 2)
            g_assert_true (csm_case_remove_mark (self->acase, &mark->id, &error));
          g_assert_no_error (error);
          g_assert_true (csm_case_set_mark (self->acase, changed, NULL, 0, NULL, &error));
          g_assert_no_error (error);
          mark->to = changed->to;
          changed->regions = NULL;
          changed->n_regions = 0;
          csm_mark_free (changed);
        }
    }
}

#define FIRST_MARK "(SELECT id FROM mark WHERE first = 10)"
#define SECOND_EVENT                                                                           \
  "id = (SELECT id FROM event WHERE subject = " FIRST_MARK " ORDER BY lamport LIMIT 1 OFFSET " \
  "1)"

static void
test_rows_of_edited_marks (void)
{
  static const Tampering list[] = {
    /* Values that change places: the table has the same ones as before. */
    { "UPDATE mark SET text = CASE first WHEN 10 THEN 'text 2' WHEN 20 THEN 'text 1' ELSE text"
      " END",
      "its text is not what" },
    { "UPDATE mark_region SET x = 3 - x, y = 3 - y WHERE x < 3", "its x is not what" },
    { "UPDATE document SET body = CASE body WHEN 'text 1' THEN 'text 2' WHEN 'text 2' THEN"
      " 'text 1' ELSE body END",
      "its body is not what" },
    { "UPDATE event SET time = (SELECT max (time) + 5 FROM event) WHERE " SECOND_EVENT,
      "its time is not what" },
    /* One row for another: as many as before. */
    { "DELETE FROM mark_region WHERE x = 1;"
      "INSERT INTO mark_region SELECT mark, 1, frame, x, y, width, height FROM mark_region"
      " WHERE x = 2",
      "is missing, though" },
    { "DELETE FROM mark_region WHERE x = 1;"
      "INSERT INTO mark_region SELECT mark, 1, frame, x, y, width, height FROM mark_region"
      " WHERE x = 2",
      " 1|no entry explains it" },
    /* Events by which verify knows how long a mark is in motion. */
    { "DELETE FROM event WHERE " SECOND_EVENT, "is missing, though" },
    { "UPDATE event SET subject = NULL WHERE " SECOND_EVENT, "its subject is not what" },
    { "UPDATE event SET subject = NULL WHERE subject = " FIRST_MARK,
      "its subject is not what" },
    { "INSERT INTO event SELECT randomblob (32), 999999, kind, subject, author, time FROM event"
      " WHERE subject = " FIRST_MARK ";"
      "UPDATE mark SET last = last + 1 WHERE first = 10",
      "its last is not what" },
  };
  CaseFixture original = { 0 };

  case_fixture_set_up (&original, NULL);
  fill_with_edits (&original);
  case_fixture_assert_holds (&original);
  check_list (&original, list, G_N_ELEMENTS (list));
}

/* What is as the entries say is not called broken for another row's sake. */
static void
test_only_what_differs_is_named (CaseFixture *self, gconstpointer data)
{
  g_autofree char *broken = NULL;
  g_auto (GStrv) lines = NULL;

  fill_with_edits (self);
  case_fixture_reopen (self);
  case_fixture_tamper (self, "UPDATE mark SET text = 'x' WHERE first = 20");
  broken = case_fixture_verify (self, false, NULL);
  lines = g_strsplit (broken, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 2); /* and the end */
  g_assert_true (g_str_has_prefix (lines[0], "broken|Table mark, row "));
  g_assert_nonnull (strstr (lines[0], "|its text is not what the entries say"));
}

/* The table is what the ledger says; what is looked up by an index is not. */
#define WITHOUT_INDEX(name, sql)                                                    \
  "CREATE TEMP TABLE kept AS SELECT * FROM sqlite_schema WHERE name = '" name "';"  \
  "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = '" name "';" \
  "PRAGMA writable_schema = RESET;" sql ";"                                         \
  "PRAGMA writable_schema = ON; INSERT INTO sqlite_schema SELECT * FROM kept;"      \
  "PRAGMA writable_schema = RESET"
#define RENAMED_INDEX(name, as, sql)                                  \
  "DROP INDEX " name "; " as ";"                                      \
  "PRAGMA writable_schema = ON;"                                      \
  "UPDATE sqlite_schema SET sql = '" sql "' WHERE name = '" name "';" \
  "PRAGMA writable_schema = RESET"

static void
test_indexes (void)
{
  static const Tampering list[] = {
    { "CREATE TEMP TABLE row AS SELECT * FROM mark WHERE first = 20;"
      "DELETE FROM mark WHERE first = 20;" WITHOUT_INDEX ("mark_code",
                                                          "INSERT INTO mark SELECT * FROM row"),
      "mark_code|the index does not name the rows of mark" },
    { "CREATE TEMP TABLE row AS SELECT * FROM event WHERE kind = 'mark.set' LIMIT 1;"
      "DELETE FROM event WHERE id IN (SELECT id FROM row);" WITHOUT_INDEX (
          "event_subject", "INSERT INTO event SELECT * FROM row"),
      "event_subject|the index does not name the rows of event" },
    { RENAMED_INDEX ("event_kind", "CREATE INDEX event_kind ON event (kind DESC, lamport)",
                     "CREATE INDEX event_kind ON event (kind, lamport)"),
      "event_kind|the index is out of order" },
    { "CREATE TEMP TABLE row AS SELECT * FROM exhibit;"
      "DELETE FROM exhibit;" WITHOUT_INDEX ("exhibit_sha256",
                                            "INSERT INTO exhibit SELECT * FROM row"),
      "missing from index exhibit_sha256" },
  };

  check_all (list, G_N_ELEMENTS (list));
}

static void
test_search_index (void)
{
  static const Tampering list[] = {
    { "INSERT INTO search (search, rowid, name, body)"
      " SELECT 'delete', n, name, body FROM document WHERE body = 'second text'",
      "Search index" },
    /* Index and texts agree with each other, not with the entries. */
    { "INSERT INTO document VALUES (9999, 1, x'00', '', 'planted');"
      "INSERT INTO search (rowid, name, body) VALUES (9999, '', 'planted')",
      "Table document, row 1 00|no entry explains it" },
    /* A word in the index that no text has. */
    { "INSERT INTO search (rowid, name, body) VALUES (9999, '', 'planted')", "Search index|" },
    { "INSERT INTO search (search, rowid, name, body)"
      " SELECT 'delete', n, name, body FROM document WHERE body = 'second text';"
      "INSERT INTO search (rowid, name, body)"
      " SELECT n, name, 'text second' FROM document WHERE body = 'second text'",
      "Search index|" },
  };

  check_all (list, G_N_ELEMENTS (list));
}

#define MARK_ENTRY "n = (SELECT min (n) FROM entry WHERE instr (body, 'first text') > 0)"
#define OTHER_ENTRY "n = (SELECT min (n) FROM entry WHERE instr (body, 'second text') > 0)"

static void
test_entries (void)
{
  static const Tampering list[] = {
    { "DELETE FROM entry WHERE " MARK_ENTRY, "before it is missing" },
    { "DELETE FROM entry WHERE n = 1", "is missing" },
    { "UPDATE entry SET body = CAST (replace (CAST (body AS TEXT), 'first text', 'other text')"
      " AS BLOB) WHERE " MARK_ENTRY,
      "body is not the one that was signed" },
    { "UPDATE entry SET meta = CAST (replace (CAST (meta AS TEXT), 'mark.set', 'mark.get')"
      " AS BLOB) WHERE " MARK_ENTRY,
      "meta is not the one that was signed" },
    { "UPDATE entry SET body = NULL WHERE " MARK_ENTRY, "its content was taken out" },
    { "UPDATE entry SET header = CAST (replace (CAST (header AS TEXT), '\"seq\":', '\"seq\":1')"
      " AS BLOB) WHERE " MARK_ENTRY,
      "not signed by its author" },
    { "UPDATE entry SET signature = zeroblob (64) WHERE " MARK_ENTRY,
      "not signed by its author" },
    { "UPDATE entry SET id = zeroblob (32) WHERE " MARK_ENTRY, "an id that is not its own" },
    { "UPDATE entry SET chain = zeroblob (16) WHERE " MARK_ENTRY, "at another place" },
    /* Swapped in the order of replay. */
    { "UPDATE entry SET lamport = 100000 WHERE " MARK_ENTRY ";"
      "UPDATE entry SET lamport = lamport - 1 WHERE " OTHER_ENTRY,
      "at another place" },
    /* The whole content of one in the place of another. */
    { "UPDATE entry SET (meta, body) = (SELECT meta, body FROM entry WHERE " OTHER_ENTRY ")"
      " WHERE " MARK_ENTRY,
      "is not the one that was signed" },
    /* Taken out with everything that it made: the chain has a hole. */
    { "DELETE FROM mark_region; DELETE FROM mark_frame; DELETE FROM mark WHERE first = 10;"
      "DELETE FROM event WHERE lamport = (SELECT lamport FROM entry WHERE " MARK_ENTRY ");"
      "DELETE FROM entry WHERE " MARK_ENTRY,
      "before it is missing" },
    /* The last one, without what it made. */
    { "DELETE FROM entry WHERE n = (SELECT max (n) FROM entry)", "no entry explains it" },
  };

  check_all (list, G_N_ELEMENTS (list));
}

static void
test_kept_rows (void)
{
  static const Tampering list[] = {
    { "UPDATE kept_media SET key = zeroblob (32)", "its media key is not the one" },
    { "UPDATE kept_media SET salt = zeroblob (32)", "its media key is not the one" },
    { "UPDATE kept_media SET key = x'00'", "the media key that is kept has a wrong size" },
    { "UPDATE kept_media SET size = 999", "what is kept about its file" },
    { "UPDATE kept_media SET name = NULL, key = NULL, link_path = x'2f'",
      "what is kept about its file" },
    { "DELETE FROM kept_media", "no file is kept" },
    { "UPDATE kept_media SET name = '00000000000000000000000000000000'", "E-0001 a.mp4" },
    { "UPDATE kept_index SET bytes = x'00'", "frame index is not the one" },
    { "INSERT INTO kept_signer VALUES (zeroblob (16), zeroblob (32), x'00')",
      "a signing key of no reviewer" },
  };

  check_all (list, G_N_ELEMENTS (list));
}

static void
test_strangers_cannot_sign (CaseFixture *self, gconstpointer data)
{
  g_autoptr (CsmSigner) stranger = csm_signer_new ();
  g_autofree char *key =
      csm_hex_encode (csm_signer_get_public_key (stranger), CSM_PUBLIC_KEY_SIZE);
  g_autoptr (json_t) access = json_object ();
  g_autoptr (json_t) reviewer = json_object ();
  g_autofree char *broken = NULL;

  json_object_set_new (access, "detail", json_null ());
  json_object_set_new (reviewer, "key", json_string (key));
  json_object_set_new (reviewer, "name", json_string ("Stranger"));
  json_object_set_new (reviewer, "by", json_string ("recovery"));
  case_fixture_plant (self, stranger, "access.opened", access);
  case_fixture_assert_broken (self, "the author is no reviewer of this case");
  case_fixture_plant (self, stranger, "reviewer.add", reviewer);
  case_fixture_assert_broken (self, "that no reviewer vouches for");
  case_fixture_plant (self, stranger, "case.create", access);
  case_fixture_assert_broken (self, "second case.create");
}

/* What a reviewer may sign by hand may still break a rule. */
static void
test_rules_are_checked (CaseFixture *self, gconstpointer data)
{
  static const struct
  {
    const char *kind;
    const char *body;
    const char *finding;
  } list[] = {
    { "code.set", "{}", "has no text 'id'" },
    { "code.set",
      "{\"id\":\"a\",\"label\":\"a\",\"definition\":\"\",\"source\":\"\",\"parent\":\"a\"}",
      "its own ancestor" },
    { "code.set",
      "{\"id\":\"A b\",\"label\":\"a\",\"definition\":\"\",\"source\":\"\",\"parent\":null}",
      "1 to 64 lower-case letters" },
    { "code.set",
      "{\"id\":\"a\",\"label\":\"\",\"definition\":\"\",\"source\":\"\",\"parent\":null}",
      "needs a label" },
    { "mark.set", "{}", "has no subject" },
    { "mark.remove", "{}", "has no subject" },
    { "exhibit.add", "{}", "has no subject" },
    { "exhibit.remove", "{}", "has no subject" },
    { "reviewer.add", "{\"key\":\"zz\"}", "is no SHA-256" },
    { "key.recovery", "{\"key\":1}", "is no SHA-256" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (list); i++)
    {
      g_autoptr (json_t) body = json_loads (list[i].body, 0, NULL);

      case_fixture_plant (self, self->acase->signer, list[i].kind, body);
      case_fixture_assert_broken (self, list[i].finding);
    }
}

static void
test_older_header_is_noticed (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) body = json_object ();

  json_object_set_new (body, "header_seq", json_integer (1000));
  g_assert_true (csm_case_sign (self->acase, "key.changed", NULL, NULL, body, &error));
  case_fixture_assert_broken (self, "an earlier header was put back");
}

static char *
find_media_file (CaseFixture *self)
{
  g_autofree char *folder = g_build_filename (self->folder, "a.media", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    if (strlen (name) >= 32)
      return g_build_filename (folder, name, NULL);
  g_assert_not_reached ();
}

static void
flip (const char *path, size_t at)
{
  g_autofree char *bytes = NULL;
  size_t size;

  g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
  bytes[at % size] ^= 1;
  g_assert_true (g_file_set_contents (path, bytes, (gssize) size, NULL));
}

static void
test_media_files (CaseFixture *self, gconstpointer data)
{
  g_autoptr (CsmExhibit) exhibit = case_fixture_import (self, "a.mp4", 300000, 1);
  g_autofree char *file = find_media_file (self);
  g_autofree char *marker = g_build_filename (self->folder, "a.media", "casement-media", NULL);
  g_autofree char *stranger =
      g_build_filename (self->folder, "a.media", "0123456789abcdef0123456789abcdef.0", NULL);
  g_autofree char *without = NULL;
  g_autofree char *all = NULL;
  g_autofree char *broken = NULL;

  case_fixture_assert_holds (self);
  /* In the content; in the padding behind it, which no reader ever touches. */
  flip (file, 200000);
  case_fixture_assert_broken (self, "E-0001 a.mp4");
  without = case_fixture_verify (self, false, &all);
  g_assert_cmpstr (without, ==, "");
  g_assert_nonnull (strstr (all, "their bytes were not read"));
  flip (file, 200000);
  flip (file, 1000000);
  case_fixture_assert_broken (self, "E-0001 a.mp4");
  flip (file, 1000000);
  case_fixture_assert_holds (self);

  flip (marker, 20);
  case_fixture_assert_broken (self, "Media folder");
  flip (marker, 20);
  g_assert_true (g_file_set_contents (stranger, "x", 1, NULL));
  g_clear_pointer (&all, g_free);
  broken = case_fixture_verify (self, true, &all);
  g_assert_cmpstr (broken, ==, "");
  g_assert_nonnull (strstr (all, "note|Media folder|the file 0123456789abcdef"));
  g_assert_cmpint (g_unlink (file), ==, 0);
  case_fixture_assert_broken (self, "E-0001 a.mp4");
}

static void
test_many_findings_are_summed_up (CaseFixture *self, gconstpointer data)
{
  g_autofree char *broken = NULL;
  g_auto (GStrv) lines = NULL;

  case_fixture_tamper (self, "UPDATE event SET time = 0; UPDATE event SET lamport = 0");
  broken = case_fixture_verify (self, false, NULL);
  g_assert_nonnull (strstr (broken, "more findings like these"));
  lines = g_strsplit (broken, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), <, 60);
}

typedef struct
{
  int64_t done, total;
  GCancellable *cancel;
} Progress;

static void
progress_cb (int64_t done, int64_t total, gpointer data)
{
  Progress *progress = data;

  g_assert_cmpint (done, >=, progress->done);
  g_assert_cmpint (done, <=, total);
  progress->done = done;
  progress->total = total;
  if (progress->cancel != NULL)
    g_cancellable_cancel (progress->cancel);
}

static void
test_progress_and_cancel (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Progress progress = { 0 };
  bool holds = false;

  fill (self);
  g_assert_true (
      csm_case_verify (self->acase, true, NULL, progress_cb, &progress, &holds, NULL, &error));
  g_assert_true (holds);
  g_assert_cmpint (progress.done, ==, progress.total);
  g_assert_cmpint (progress.total, >, 0);

  progress = (Progress){ .cancel = cancellable };
  holds = true;
  g_assert_false (csm_case_verify (self->acase, true, NULL, progress_cb, &progress, &holds,
                                   cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  /* The case goes on. */
  case_fixture_assert_holds (self);
}

/* Writes wherever it may, for as long as an entry is worth it. */
typedef struct
{
  CsmCase *acase;
  int n_yields;
} Yielding;

static void
write_cb (gpointer data)
{
  Yielding *self = data;
  g_autoptr (GError) error = NULL;

  if (self->n_yields++ >= 40)
    return;
  g_assert_cmpint (sqlite3_txn_state (csm_db_get_handle (self->acase->db), NULL), ==,
                   SQLITE_TXN_NONE);
  csm_case_record_access (self->acase, "opened", NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
test_others_write_meanwhile (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  Yielding yielding = { self->acase, 0 };
  bool holds = false;

  fill (self);
  g_assert_true (csm_case_verify_yielding (self->acase, true, NULL, NULL, write_cb, &yielding,
                                           &holds, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (holds);
  g_assert_cmpint (yielding.n_yields, >, 10);
  case_fixture_assert_holds (self);
}

static int
count_steps_cb (unsigned mask, void *context, void *statement, void *sql)
{
  const char *text = sqlite3_sql (statement);

  /* Cancelled in the middle of the one statement that nothing else could stop. */
  if (text != NULL && strstr (text, "integrity_check") != NULL)
    g_cancellable_cancel (context);
  return 0;
}

static void
broken_cb (CsmFindingKind kind, const char *where, const char *what, gpointer data)
{
  g_assert_cmpint (kind, !=, CSM_FINDING_BROKEN);
  if (g_strcmp0 (where, "Database") == 0)
    *(bool *) data = true;
}

static void
test_cancel_within_a_statement (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  bool holds = true, was_ended = false;

  fill (self);
  sqlite3_trace_v2 (csm_db_get_handle (self->acase->db), SQLITE_TRACE_STMT, count_steps_cb,
                    cancellable);
  g_assert_false (csm_case_verify (self->acase, false, broken_cb, NULL, &was_ended, &holds,
                                   cancellable, &error));
  sqlite3_trace_v2 (csm_db_get_handle (self->acase->db), 0, NULL, NULL);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (was_ended);
  case_fixture_assert_holds (self);
}

static void
test_verify_writes_nothing (CaseFixture *self, gconstpointer data)
{
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autofree char *wal = g_strconcat (self->path, "-wal", NULL);
  size_t size_before, size_after;

  fill (self);
  case_fixture_reopen (self);
  g_assert_false (g_file_test (wal, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_get_contents (self->path, &before, &size_before, NULL));
  case_fixture_assert_holds (self);
  g_assert_true (g_file_get_contents (self->path, &after, &size_after, NULL));
  g_assert_cmpmem (before, size_before, after, size_after);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  case_fixture_add ("/casement/casefile/verify/untouched-holds", test_untouched_holds);
  g_test_add_func ("/casement/casefile/verify/derived-rows", test_derived_rows);
  g_test_add_func ("/casement/casefile/verify/rows-of-edited-marks", test_rows_of_edited_marks);
  case_fixture_add ("/casement/casefile/verify/only-what-differs-is-named",
                    test_only_what_differs_is_named);
  g_test_add_func ("/casement/casefile/verify/indexes", test_indexes);
  g_test_add_func ("/casement/casefile/verify/search-index", test_search_index);
  g_test_add_func ("/casement/casefile/verify/entries", test_entries);
  g_test_add_func ("/casement/casefile/verify/kept-rows", test_kept_rows);
  case_fixture_add ("/casement/casefile/verify/strangers-cannot-sign",
                    test_strangers_cannot_sign);
  case_fixture_add ("/casement/casefile/verify/rules-are-checked", test_rules_are_checked);
  case_fixture_add ("/casement/casefile/verify/older-header-is-noticed",
                    test_older_header_is_noticed);
  case_fixture_add ("/casement/casefile/verify/media-files", test_media_files);
  case_fixture_add ("/casement/casefile/verify/many-findings-are-summed-up",
                    test_many_findings_are_summed_up);
  case_fixture_add ("/casement/casefile/verify/progress-and-cancel", test_progress_and_cancel);
  case_fixture_add ("/casement/casefile/verify/others-write-meanwhile",
                    test_others_write_meanwhile);
  case_fixture_add ("/casement/casefile/verify/cancel-within-a-statement",
                    test_cancel_within_a_statement);
  case_fixture_add ("/casement/casefile/verify/verify-writes-nothing",
                    test_verify_writes_nothing);
  return g_test_run ();
}
