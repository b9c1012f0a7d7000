/* csm-schema.c: the tables of a case
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-schema.h"

#include "casefile/csm-rederive.h"

#include <inttypes.h>

#define APPLICATION_ID "0x43534d54"

static const char ledger_sql[] = "CREATE TABLE entry ("
                                 "  n INTEGER PRIMARY KEY,"
                                 "  id BLOB NOT NULL UNIQUE CHECK (length (id) = 32),"
                                 "  chain BLOB NOT NULL CHECK (length (chain) = 16),"
                                 "  seq INTEGER NOT NULL,"
                                 "  lamport INTEGER NOT NULL,"
                                 "  header BLOB NOT NULL,"
                                 "  meta BLOB,"
                                 "  body BLOB,"
                                 "  signature BLOB NOT NULL CHECK (length (signature) = 64)"
                                 ") STRICT;"
                                 "CREATE UNIQUE INDEX entry_order ON entry (lamport, id);"
                                 "CREATE INDEX entry_chain ON entry (chain, seq);"
                                 "CREATE TRIGGER entry_no_update BEFORE UPDATE ON entry"
                                 "  BEGIN SELECT RAISE (ABORT, 'the ledger only grows'); END;"
                                 "CREATE TRIGGER entry_no_delete BEFORE DELETE ON entry"
                                 "  BEGIN SELECT RAISE (ABORT, 'the ledger only grows'); END;";

static const char derived_people_sql[] =
    "CREATE TABLE case_info ("
    "  one INTEGER PRIMARY KEY CHECK (one = 1),"
    "  title TEXT NOT NULL,"
    "  created INTEGER NOT NULL,"
    "  zone INTEGER NOT NULL,"
    "  clock_confirmed INTEGER NOT NULL,"
    "  record_access INTEGER NOT NULL,"
    "  program TEXT NOT NULL,"
    "  author BLOB NOT NULL,"
    "  entry BLOB NOT NULL"
    ") STRICT;"
    "CREATE TABLE reviewer ("
    "  key BLOB PRIMARY KEY,"
    "  name TEXT NOT NULL,"
    "  added INTEGER NOT NULL,"
    "  vouched_by BLOB NOT NULL,"
    "  entry BLOB NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE recovery ("
    "  key BLOB PRIMARY KEY,"
    "  name TEXT NOT NULL,"
    "  vouched_by BLOB NOT NULL,"
    "  entry BLOB NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE chain ("
    "  id BLOB PRIMARY KEY,"
    "  author BLOB NOT NULL,"
    "  seq INTEGER NOT NULL,"
    "  head BLOB NOT NULL,"
    "  named INTEGER NOT NULL,"
    "  forked INTEGER" /* the first seq with two entries */
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX chain_head ON chain (head);"
    "CREATE INDEX chain_tip ON chain (head) WHERE named = 0;"
    "CREATE TABLE event ("
    "  id BLOB PRIMARY KEY,"
    "  lamport INTEGER NOT NULL,"
    "  kind TEXT,"
    "  subject BLOB,"
    "  author BLOB NOT NULL,"
    "  time INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE holder ("
    "  slot BLOB PRIMARY KEY,"
    "  name TEXT NOT NULL,"
    "  author BLOB," /* NULL: a reader */
    "  added INTEGER NOT NULL,"
    "  added_by BLOB NOT NULL,"
    "  removed INTEGER NOT NULL,"
    "  entry BLOB NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE conflict ("
    "  facet TEXT NOT NULL,"
    "  subject BLOB NOT NULL,"
    "  entry BLOB NOT NULL,"
    "  PRIMARY KEY (facet, subject, entry)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE erased ("
    "  entry BLOB PRIMARY KEY,"
    "  by_entry BLOB NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE gone ("
    "  subject BLOB PRIMARY KEY"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE receipt ("
    "  sha256 BLOB PRIMARY KEY,"
    "  made INTEGER NOT NULL,"
    "  n_entries INTEGER NOT NULL,"
    "  entry BLOB NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE anchor ("
    "  entry BLOB PRIMARY KEY,"
    "  kind TEXT NOT NULL,"
    "  receipt BLOB NOT NULL,"
    "  time INTEGER NOT NULL,"
    "  authority TEXT NOT NULL,"
    "  serial TEXT NOT NULL,"
    "  token_sha256 BLOB NOT NULL,"
    "  ca_sha256 BLOB NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX anchor_receipt ON anchor (receipt);";

/* As version 3 added it: written the way that SQLite writes what is added. */
#define SOUND_OFFSET_COLUMN "sound_offset_ms INTEGER NOT NULL DEFAULT 0"

static const char derived_evidence_sql[] =
    "CREATE TABLE code ("
    "  id TEXT PRIMARY KEY,"
    "  label TEXT NOT NULL,"
    "  definition TEXT NOT NULL,"
    "  source TEXT NOT NULL,"
    "  parent TEXT REFERENCES code (id),"
    "  position INTEGER NOT NULL,"
    "  entry BLOB NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX code_parent ON code (parent);"
    "CREATE TABLE exhibit ("
    "  id BLOB PRIMARY KEY,"
    "  number TEXT NOT NULL UNIQUE COLLATE NOCASE,"
    "  position INTEGER NOT NULL,"
    "  name TEXT NOT NULL,"
    "  sha256 BLOB NOT NULL,"
    "  size INTEGER NOT NULL,"
    "  linked INTEGER NOT NULL,"
    "  added INTEGER NOT NULL,"
    "  key_commitment BLOB,"
    "  title TEXT NOT NULL,"
    "  source TEXT NOT NULL,"
    "  obtained_from TEXT NOT NULL,"
    "  obtained_when TEXT NOT NULL,"
    "  obtained_how TEXT NOT NULL,"
    "  notes TEXT NOT NULL,"
    "  do_not_export INTEGER NOT NULL,"
    "  index_sha256 BLOB,"
    "  index_library TEXT,"
    "  index_entry BLOB,"
    "  removed INTEGER NOT NULL,"
    "  presence_entry BLOB NOT NULL,"             /* the last add, remove or restore */
    "  entry BLOB NOT NULL, " SOUND_OFFSET_COLUMN /* the last add or set */
    ") STRICT, WITHOUT ROWID;"
    "CREATE UNIQUE INDEX exhibit_position ON exhibit (position, number);"
    "CREATE INDEX exhibit_sha256 ON exhibit (sha256);"
    "CREATE TABLE mark ("
    "  id BLOB PRIMARY KEY,"
    "  exhibit BLOB NOT NULL REFERENCES exhibit (id),"
    "  track INTEGER NOT NULL,"
    "  first INTEGER NOT NULL,"
    "  last INTEGER NOT NULL,"
    "  first_pts INTEGER,"
    "  last_pts INTEGER,"
    "  timebase_num INTEGER NOT NULL,"
    "  timebase_den INTEGER NOT NULL,"
    "  code TEXT REFERENCES code (id),"
    "  text TEXT NOT NULL,"
    "  committed INTEGER NOT NULL,"
    "  author BLOB NOT NULL REFERENCES reviewer (key),"
    "  time INTEGER NOT NULL,"
    "  revision INTEGER NOT NULL,"
    "  removed INTEGER NOT NULL,"
    "  entry BLOB NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE mark_region ("
    "  mark BLOB NOT NULL REFERENCES mark (id),"
    "  n INTEGER NOT NULL,"
    "  frame INTEGER NOT NULL,"
    "  x INTEGER NOT NULL,"
    "  y INTEGER NOT NULL,"
    "  width INTEGER NOT NULL,"
    "  height INTEGER NOT NULL,"
    "  PRIMARY KEY (mark, n)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE mark_frame ("
    "  mark BLOB NOT NULL REFERENCES mark (id),"
    "  ordinal INTEGER NOT NULL,"
    "  pts INTEGER,"
    "  sha256 BLOB NOT NULL,"
    "  pixel_format TEXT NOT NULL,"
    "  width INTEGER NOT NULL,"
    "  height INTEGER NOT NULL,"
    "  library TEXT NOT NULL,"
    "  entry BLOB NOT NULL,"
    "  PRIMARY KEY (mark, ordinal)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE document ("
    "  n INTEGER PRIMARY KEY,"
    "  kind INTEGER NOT NULL,"
    "  subject BLOB NOT NULL,"
    "  name TEXT NOT NULL,"
    "  body TEXT NOT NULL,"
    "  UNIQUE (kind, subject)"
    ") STRICT;"
    "CREATE VIRTUAL TABLE search USING fts5 ("
    "  name, body, content = 'document', content_rowid = 'n',"
    "  tokenize = 'unicode61 remove_diacritics 2'"
    ");";

#define KEPT_SOUND_SQL           \
  "CREATE TABLE kept_sound ("    \
  "  exhibit BLOB PRIMARY KEY,"  \
  "  map BLOB NOT NULL,"         \
  "  track INTEGER NOT NULL,"    \
  "  n_samples INTEGER NOT NULL" \
  ") STRICT;"

#define KEPT_TRACK_SQL             \
  "CREATE TABLE kept_track ("      \
  "  exhibit BLOB NOT NULL,"       \
  "  track INTEGER NOT NULL,"      \
  "  state INTEGER NOT NULL,"      \
  "  status TEXT NOT NULL,"        \
  "  n_frames INTEGER NOT NULL,"   \
  "  bytes BLOB,"                  \
  "  PRIMARY KEY (exhibit, track)" \
  ") STRICT;"

/* What only readers need, and a replay does without. */
static const char readers_sql[] =
    "CREATE INDEX event_subject ON event (subject, lamport, id) WHERE subject IS NOT NULL;"
    "CREATE INDEX event_kind ON event (kind, lamport);"
    "CREATE INDEX mark_exhibit ON mark (exhibit, removed, first, last, id);"
    "CREATE INDEX mark_code ON mark (code, removed, exhibit, first, last, id);"
    "CREATE INDEX mark_author ON mark (author, removed, exhibit, first, last, id);";

/* No references to exhibit: kept rows stay while the derived ones are made anew. */
static const char kept_sql[] =
    "CREATE TABLE kept_signer ("
    "  slot BLOB PRIMARY KEY CHECK (length (slot) = 16),"
    "  author BLOB NOT NULL CHECK (length (author) = 32),"
    "  sealed BLOB NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE kept_chain ("
    "  author BLOB PRIMARY KEY,"
    "  chain BLOB NOT NULL,"
    "  device INTEGER NOT NULL,"
    "  inode INTEGER NOT NULL,"
    "  file_id BLOB NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE kept_media ("
    "  exhibit BLOB PRIMARY KEY,"
    "  name TEXT,"
    "  key BLOB,"
    "  size INTEGER NOT NULL,"
    "  salt BLOB,"
    "  link_path BLOB,"
    "  source_path BLOB,"
    "  CHECK ((name IS NULL) = (key IS NULL)),"
    "  CHECK ((name IS NULL) <> (link_path IS NULL))"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE kept_facts ("
    "  exhibit BLOB PRIMARY KEY,"
    "  state INTEGER NOT NULL,"
    "  status TEXT NOT NULL,"
    "  format TEXT NOT NULL,"
    "  codec TEXT NOT NULL,"
    "  width INTEGER NOT NULL,"
    "  height INTEGER NOT NULL,"
    "  n_frames INTEGER NOT NULL,"
    "  duration_ms INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    /* With rowids: a row of these is larger than a page. */
    "CREATE TABLE kept_index ("
    "  exhibit BLOB PRIMARY KEY,"
    "  exact INTEGER NOT NULL,"
    "  bytes BLOB NOT NULL"
    ") STRICT;"
    "CREATE TABLE kept_thumbnail ("
    "  exhibit BLOB PRIMARY KEY,"
    "  png BLOB NOT NULL"
    ") STRICT;" KEPT_SOUND_SQL KEPT_TRACK_SQL "CREATE TABLE kept_receipt ("
    "  sha256 BLOB PRIMARY KEY,"
    "  bytes BLOB NOT NULL"
    ") STRICT;"
    "CREATE TABLE kept_request ("
    "  sha256 BLOB PRIMARY KEY,"
    "  receipt BLOB NOT NULL,"
    "  bytes BLOB NOT NULL"
    ") STRICT;"
    "CREATE INDEX kept_request_receipt ON kept_request (receipt);"
    "CREATE TABLE kept_token ("
    "  sha256 BLOB PRIMARY KEY,"
    "  bytes BLOB NOT NULL,"
    "  ca BLOB NOT NULL,"
    "  chain BLOB"
    ") STRICT;"
    /* Rows: the case was salvaged, and lacks entries. */
    "CREATE TABLE kept_salvage ("
    "  key BLOB PRIMARY KEY," /* x'': the case itself */
    "  name TEXT NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    /* A row: the derived tables are behind the ledger. */
    "CREATE TABLE kept_rederive ("
    "  one INTEGER PRIMARY KEY CHECK (one = 1)"
    ") STRICT;";

const CsmDerivedTable csm_derived_tables[] = {
  { "case_info", "case",
    "one, title, created, zone, clock_confirmed, record_access, program, author, entry", 1 },
  { "reviewer", "reviewer", "key, name, added, vouched_by, entry", 1 },
  { "recovery", "recovery key", "key, name, vouched_by, entry", 1 },
  { "chain", "chain", "id, author, seq, head, named, forked", 1 },
  { "event", "event", CSM_EVENT_COLUMNS, 1 },
  { "holder", "key holder", "slot, name, author, added, added_by, removed, entry", 1 },
  { "conflict", "conflict", "facet, subject, entry", 3 },
  { "erased", "erasure", "entry, by_entry", 1 },
  { "gone", "what is gone", "subject", 1 },
  { "receipt", "receipt", "sha256, made, n_entries, entry", 1 },
  { "anchor", "time stamp",
    "entry, kind, receipt, time, authority, serial, token_sha256, ca_sha256", 1 },
  { "code", "code", "id, label, definition, source, parent, position, entry", 1 },
  { "exhibit", "exhibit",
    "id, number, position, name, sha256, size, linked, added, key_commitment, title, source,"
    " obtained_from, obtained_when, obtained_how, notes, do_not_export, index_sha256,"
    " index_library, index_entry, removed, presence_entry, entry, sound_offset_ms",
    1 },
  { "mark", "mark", CSM_MARK_COLUMNS, 1 },
  { "mark_region", "region of mark", CSM_MARK_REGION_COLUMNS, 2 },
  { "mark_frame", "frame of mark", CSM_MARK_FRAME_COLUMNS, 2 },
  { "document", "search text", CSM_DOCUMENT_COLUMNS, 2 },
  { NULL, NULL, NULL, 0 },
};

static gboolean
create_derived (CsmDb *db, const char *what, GError **error)
{
  return csm_db_exec (db, derived_people_sql, what, error) &&
         csm_db_exec (db, derived_evidence_sql, what, error);
}

gboolean
csm_schema_create_replay (CsmDb *db, GError **error)
{
  return create_derived (db, "make the tables", error);
}

gboolean
csm_schema_create (CsmDb *db, GError **error)
{
  g_autofree char *stamp = g_strdup_printf ("PRAGMA application_id = " APPLICATION_ID ";"
                                            "PRAGMA user_version = %d",
                                            CSM_SCHEMA_VERSION);

  if (csm_db_exec (db, "BEGIN IMMEDIATE", "make the tables", error) &&
      csm_db_exec (db, ledger_sql, "make the tables", error) &&
      create_derived (db, "make the tables", error) &&
      csm_db_exec (db, readers_sql, "make the tables", error) &&
      csm_db_exec (db, kept_sql, "make the tables", error) &&
      csm_db_exec (db, stamp, "make the tables", error) &&
      csm_db_exec (db, "COMMIT", "make the tables", error))
    return TRUE;

  /* Nothing to roll back when BEGIN itself failed. */
  (void) csm_db_exec (db, "ROLLBACK", "make the tables", NULL);
  return FALSE;
}

/* Tables of version 1. Those that are kept lose their references to exhibit, and there is no
 * other way in SQLite than to make them anew. */
static const char away_1_sql[] = "ALTER TABLE kept_signer RENAME TO old_signer;"
                                 "ALTER TABLE kept_chain RENAME TO old_chain;"
                                 "ALTER TABLE kept_media RENAME TO old_media;"
                                 "ALTER TABLE kept_facts RENAME TO old_facts;"
                                 "ALTER TABLE kept_index RENAME TO old_index;"
                                 "ALTER TABLE kept_thumbnail RENAME TO old_thumbnail;";
static const char back_1_sql[] = "INSERT INTO kept_signer SELECT * FROM old_signer;"
                                 "INSERT INTO kept_chain SELECT * FROM old_chain;"
                                 "INSERT INTO kept_media SELECT * FROM old_media;"
                                 "INSERT INTO kept_facts SELECT * FROM old_facts;"
                                 "INSERT INTO kept_index SELECT * FROM old_index;"
                                 "INSERT INTO kept_thumbnail SELECT * FROM old_thumbnail;"
                                 "DROP TABLE old_signer; DROP TABLE old_chain;"
                                 "DROP TABLE old_media; DROP TABLE old_facts;"
                                 "DROP TABLE old_index; DROP TABLE old_thumbnail;";
static const char drop_1_sql[] = "DROP TABLE search; DROP TABLE document;"
                                 "DROP TABLE mark_frame; DROP TABLE mark_region;"
                                 "DROP TABLE mark; DROP TABLE exhibit; DROP TABLE code;"
                                 "DROP TABLE event; DROP TABLE chain; DROP TABLE recovery;"
                                 "DROP TABLE reviewer; DROP TABLE case_info;";

/* The ledger stays as it is; everything derived is made anew afterwards. */
static gboolean
migrate_1 (CsmDb *db, GError **error)
{
  static const char what[] = "bring the tables up to date";

  if (csm_db_exec (db, "BEGIN IMMEDIATE", what, error) &&
      csm_db_exec (db, away_1_sql, what, error) && csm_db_exec (db, kept_sql, what, error) &&
      csm_db_exec (db, back_1_sql, what, error) && csm_db_exec (db, drop_1_sql, what, error) &&
      create_derived (db, what, error) && csm_db_exec (db, readers_sql, what, error) &&
      csm_rederive_begin (db, error) &&
      csm_db_exec (db, "PRAGMA user_version = 4; COMMIT", what, error))
    return TRUE;

  /* Nothing to roll back when BEGIN itself failed. */
  (void) csm_db_exec (db, "ROLLBACK", what, NULL);
  return FALSE;
}

/* No entry of version 2 sets an offset: what is derived from them is the same. */
static gboolean
migrate_2 (CsmDb *db, GError **error)
{
  static const char what[] = "bring the tables up to date";

  if (csm_db_exec (db, "BEGIN IMMEDIATE", what, error) &&
      csm_db_exec (db,
                   "ALTER TABLE exhibit ADD COLUMN " SOUND_OFFSET_COLUMN
                   ";" KEPT_SOUND_SQL KEPT_TRACK_SQL,
                   what, error) &&
      csm_db_exec (db, "PRAGMA user_version = 4; COMMIT", what, error))
    return TRUE;

  /* Nothing to roll back when BEGIN itself failed. */
  (void) csm_db_exec (db, "ROLLBACK", what, NULL);
  return FALSE;
}

/* Nobody chose another track than the first with version 3. */
static gboolean
migrate_3 (CsmDb *db, GError **error)
{
  static const char what[] = "bring the tables up to date";

  if (csm_db_exec (db, "BEGIN IMMEDIATE; " KEPT_TRACK_SQL "PRAGMA user_version = 4; COMMIT",
                   what, error))
    return TRUE;

  /* Nothing to roll back when BEGIN itself failed. */
  (void) csm_db_exec (db, "ROLLBACK", what, NULL);
  return FALSE;
}

static gboolean
check_finished (CsmDb *db, bool writable, GError **error)
{
  bool due = false;

  if (!csm_rederive_is_due (db, &due, error))
    return FALSE;
  if (!due)
    return TRUE;
  if (writable)
    return csm_rederive_run (db, NULL, NULL, NULL, error);
  g_set_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_BEHIND,
               "the last change to the ledger was interrupted before its tables were finished; "
               "open the case once for writing, and it goes on");
  return FALSE;
}

gboolean
csm_schema_check (CsmDb *db, bool writable, GError **error)
{
  int64_t version = 0;
  int64_t n_tables = 0;

  if (!csm_db_get_int (db, "PRAGMA user_version", &version, error))
    return FALSE;
  if (version > CSM_SCHEMA_VERSION)
    {
      g_set_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_NEWER,
                   "this case was written by a newer program (tables of version %" PRId64
                   ", known up to %d); update Casement",
                   version, CSM_SCHEMA_VERSION);
      return FALSE;
    }
  if (!csm_db_get_int (db, "SELECT count (*) FROM sqlite_schema WHERE name = 'entry'",
                       &n_tables, error))
    return FALSE;
  if (version < 1 || n_tables != 1)
    {
      g_set_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_DAMAGED,
                   "the case has no ledger: it was not finished, or is damaged; use a backup");
      return FALSE;
    }
  if (version < CSM_SCHEMA_VERSION && !writable)
    {
      g_set_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_BEHIND,
                   "the case was written by an older version (tables of version %" PRId64
                   ", this is %d); open it once for writing, and it is brought up to date",
                   version, CSM_SCHEMA_VERSION);
      return FALSE;
    }
  if (version == 1 && !migrate_1 (db, error))
    return FALSE;
  if (version == 2 && !migrate_2 (db, error))
    return FALSE;
  if (version == 3 && !migrate_3 (db, error))
    return FALSE;
  return check_finished (db, writable, error);
}
