/* csm-db.h: statements over one SQLite connection
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "casefile/csm-error.h"
#include "custody/csm-entry.h"
#include "vault/csm-vault-database.h"

#include <sqlite3.h>

/* CsmDb: a connection and the statements prepared on it. With a vault it is the case's own
 * database; without, a scratch database in memory, with the same settings where they matter.
 *
 * Ownership  csm_db_free() finalises and closes; takes NULL. The vault outlives it.
 * Threads    one lane.
 * Errors     CSM_CASE_ERROR_DATABASE, _DAMAGED where a table's own constraint refuses a row;
 *            for the disk's and the vault's own trouble CSM_VAULT_ERROR. */
typedef struct _CsmDb CsmDb;

CsmDb *csm_db_open (CsmVault *vault, GError **error);
CsmDb *csm_db_open_memory (GError **error);
void csm_db_free (CsmDb *self);
/* A replay's database is not searched: entries leave its search index alone. */
void csm_db_leave_search_out (CsmDb *self);
bool csm_db_has_search (const CsmDb *self);
/* Borrowed: for tests, and for what has no statement. */
sqlite3 *csm_db_get_handle (CsmDb *self);
/* Borrowed: those kept for CsmQuery, by the address of their SQL. */
GHashTable *csm_db_get_statements (CsmDb *self);
/* Runs statements without parameters; @what ends the sentence "cannot ...". */
gboolean csm_db_exec (CsmDb *self, const char *sql, const char *what, GError **error);
/* Sets @error from @rc, an answer of SQLite. Always FALSE. */
gboolean csm_db_fail (CsmDb *self, int rc, const char *what, GError **error);
/* False when the one integer that @sql asks for cannot be had; no row gives 0. */
gboolean csm_db_get_int (CsmDb *self, const char *sql, int64_t *ret_value, GError **error);

/* CsmQuery: one use of a statement. Parameters are numbered in order of the calls, columns
 * from 0. A failed preparation or binding shows at the first step, so that calls can be written
 * in a row. */
typedef struct _CsmQuery CsmQuery;

/* @sql is static: statements are kept by its address. */
CsmQuery *csm_query_new (CsmDb *db, const char *what, const char *sql);
/* @sql was put together and is prepared for this one use. */
CsmQuery *csm_query_new_once (CsmDb *db, const char *what, const char *sql);
void csm_query_free (CsmQuery *self);

void csm_query_int (CsmQuery *self, int64_t value);
void csm_query_null (CsmQuery *self);
/* NULL binds NULL. Text and bytes stay with the caller until the query is freed. */
void csm_query_text (CsmQuery *self, const char *value);
void csm_query_blob (CsmQuery *self, const void *data, size_t size);
void csm_query_bytes (CsmQuery *self, GBytes *value);
void csm_query_id (CsmQuery *self, const CsmId *value);
void csm_query_digest (CsmQuery *self, const CsmDigest *value);
/* CSM_NO_PTS binds NULL. */
void csm_query_pts (CsmQuery *self, int64_t value);

/* By number, for SQL that was put together and may leave some out: those are not bound. */
void csm_query_text_at (CsmQuery *self, int n, const char *value);
void csm_query_id_at (CsmQuery *self, int n, const CsmId *value);
void csm_query_digest_at (CsmQuery *self, int n, const CsmDigest *value);

/* 1: a row; 0: done; -1: @error set. */
int csm_query_step (CsmQuery *self, GError **error);
/* A statement without rows. */
gboolean csm_query_run (CsmQuery *self, GError **error);

int64_t csm_query_get_int (CsmQuery *self, int column);
bool csm_query_is_null (CsmQuery *self, int column);
/* Borrowed until the next step; "" for NULL. */
const char *csm_query_get_text (CsmQuery *self, int column);
/* (transfer full) (nullable): NULL for NULL. */
char *csm_query_dup_text (CsmQuery *self, int column);
GBytes *csm_query_dup_bytes (CsmQuery *self, int column);
/* False when the column does not hold bytes of that size; the answer is zeroes then. */
bool csm_query_get_blob (CsmQuery *self, int column, void *ret_data, size_t size);
bool csm_query_get_id (CsmQuery *self, int column, CsmId *ret_id);
bool csm_query_get_digest (CsmQuery *self, int column, CsmDigest *ret_digest);
int64_t csm_query_get_pts (CsmQuery *self, int column);
/* For what compares tables. */
sqlite3_stmt *csm_query_get_statement (CsmQuery *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmDb, csm_db_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmQuery, csm_query_free)
