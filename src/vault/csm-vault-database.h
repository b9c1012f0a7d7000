/* csm-vault-database.h: the SQLite connection over an unlocked case file
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "vault/csm-vault.h"

#include <sqlite3.h>

/* One connection for each vault, for as long as the vault lives; close it before the vault is
 * closed or published. */

/* Opens the database of @vault through its VFS, makes it when @vault was just created, and
 * applies and reads back what the format demands: page size 4096 with 104 bytes reserved, WAL,
 * exclusive locking, synchronous FULL, no cache spill, temporary data in memory, foreign keys
 * and secure delete on, extended result codes. A WAL that a crash left behind is recovered
 * here; a read-only vault is opened for reading, whatever its WAL holds. @ret_db is for
 * sqlite3_close_v2(). The settings named above cannot be changed on the connection
 * afterwards. Blocking; lane or tool only. */
gboolean csm_vault_open_database (CsmVault *vault, sqlite3 **ret_db, GError **error);

/* Sets @error from @rc, an answer of SQLite about @db (nullable), as a CSM_VAULT_ERROR: _FULL,
 * _READ_ONLY, _BUSY, _DAMAGED with the place where authentication failed, or _IO. The message
 * begins with @what ("write the mark"). Always returns false, so that a caller can return it.
 */
gboolean csm_vault_fail_sql (CsmVault *vault,
                             sqlite3 *db,
                             int rc,
                             const char *what,
                             GError **error);
