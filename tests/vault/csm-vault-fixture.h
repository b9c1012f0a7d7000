/* csm-vault-fixture.h: a throw-away folder with a case in it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "vault/csm-vault-database.h"

#include <sqlite3.h>

/* The least that libsodium takes. */
extern const CsmVaultCost fixture_cost;

/* (transfer full): a new folder under TMPDIR. */
char *fixture_make_folder (void);
/* Removes the folder and all that is in it; frees @folder. */
void fixture_remove_folder (char *folder);
/* (transfer full) */
CsmSecret *fixture_secret (const char *text);
/* (transfer full): "FOLDER/case.casement", made with passphrase "pass" and 300 rows in table
 * t(id, ver, body), each body holding the words "needle in the hay". */
char *fixture_make_case (const char *folder);
/* (transfer full): opens "pass" or aborts. */
CsmVault *fixture_open (const char *path, bool read_only);
/* Opens or aborts. */
sqlite3 *fixture_open_database (CsmVault *vault);
void fixture_exec (sqlite3 *db, const char *sql);
/* The one number that @sql answers with; -1 when it fails. */
int64_t fixture_query (sqlite3 *db, const char *sql);

/* Whole files; abort on failure. */
GBytes *fixture_read (const char *path);
void fixture_write (const char *path, const void *data, size_t size);
void fixture_write_bytes (const char *path, GBytes *bytes);
bool fixture_contains (GBytes *bytes, const char *text);
