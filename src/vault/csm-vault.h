/* csm-vault.h: the encrypted case file: header, key slots, and the SQLite VFS over its pages
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-secret.h"
#include "vault/csm-error.h"

#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>

#define CSM_VAULT_ID_SIZE 16
#define CSM_VAULT_MAX_SLOTS 16

/* CsmVault: one unlocked case file, held by an OFD lock for as long as it lives. The layout is
 * in FORMAT.md. While a vault lives, SQLite databases opened at csm_vault_get_path() through
 * the VFS csm_vault_get_vfs_name() are sealed with its keys; no other path opens through that
 * VFS.
 *
 * Ownership  csm_vault_close() wipes the keys and drops the lock; close the database before.
 * Threads    one lane; csm_vault_get_*() any thread.
 * Errors     CSM_VAULT_ERROR, each message with what to do. */
typedef struct _CsmVault CsmVault;

/* Argon2id. Both 0: calibrated to about one second here, never below libsodium's INTERACTIVE.
 * Non-zero values are taken as given, down to libsodium's minimum: for tests. */
typedef struct
{
  uint64_t operations;
  uint64_t memory; /* bytes */
} CsmVaultCost;

/* (transfer full) (nullable): makes the case file under a temporary name beside @path, with
 * one slot for @passphrase (UTF-8, NFC-normalised here). Refuses when @path exists. The
 * database is made through the VFS at csm_vault_get_path() (still the temporary name), closed,
 * then csm_vault_publish() gives it its name. An unpublished vault leaves nothing behind. */
CsmVault *csm_vault_create (const char *path,
                            const CsmSecret *passphrase,
                            const CsmVaultCost *cost,
                            GError **error);
/* Database closed: fsync, rename to the final name without replacing, fsync of the folder. What
 * fails after the rename leaves nothing either. */
gboolean csm_vault_publish (CsmVault *self, GError **error);
/* Takes the publishing back, database closed: csm_vault_close() removes the file. For who made
 * the vault a moment ago and cannot finish. */
void csm_vault_unpublish (CsmVault *self);

typedef enum {
  CSM_VAULT_OPEN_WRITE = 0,
  /* Never writes, not even a WAL: it opens when the place cannot be written to. */
  CSM_VAULT_OPEN_READ_ONLY = 1 << 0,
  /* For a copy that somebody decided to go on with: opens for writing although the WAL that
   * belongs to it is missing (what it held is given up), or although its freshness tables are,
   * as long as the pages fit the newest root. */
  CSM_VAULT_OPEN_CONTINUE = 1 << 1,
} CsmVaultOpenFlags;

/* (transfer full) (nullable): takes the lock, reads the header, derives the key (about a
 * second; not cancellable) and unwraps. @passphrase may also be a recovery code as it was
 * shown. A damaged header copy is rebuilt from the other one; see csm_vault_dup_repairs().
 * Opens read-only, whatever @flags say, when the file is of a later minor version, or when its
 * freshness is CSM_FRESHNESS_MISSING or _STALE. A file of format 1.0 that is opened for writing
 * becomes 1.1. */
CsmVault *csm_vault_open (const char *path,
                          const CsmSecret *passphrase,
                          CsmVaultOpenFlags flags,
                          GError **error);
/* Wipes, unlocks, frees; takes NULL. */
void csm_vault_close (CsmVault *self);

/* Name and format only, no passphrase: for the passphrase page. _NOT_FOUND, _NOT_A_CASE,
 * _NEWER, _DAMAGED, _BUSY. */
gboolean csm_vault_peek (const char *path, GError **error);

const char *csm_vault_get_path (const CsmVault *self);
/* Device and inode of the open file, which keeps them when it is renamed. _IO. */
gboolean csm_vault_identify (const CsmVault *self,
                             int64_t *ret_device,
                             int64_t *ret_inode,
                             GError **error);
/* Whether the path still names the open file: what is written to one that was moved away,
 * deleted or replaced would be lost at closing, without an error from the disk. */
bool csm_vault_is_in_place (const CsmVault *self);
const char *csm_vault_get_vfs_name (const CsmVault *self);
bool csm_vault_is_read_only (const CsmVault *self);
/* Opened for reading while the WAL that belongs to it is not there: the last changes are
 * missing, and the database may contradict itself. Opening for writing is refused then. */
bool csm_vault_is_wal_missing (const CsmVault *self);
/* Whether the pages can be told from older ones of the same file put back in their place. */
typedef enum {
  CSM_FRESHNESS_FRESH = 1, /* every page that is read is compared with the newest root */
  CSM_FRESHNESS_NONE_YET,  /* being made, or of format 1.0: nothing is compared */
  CSM_FRESHNESS_MISSING,   /* the tables in the media store's folder are not there */
  CSM_FRESHNESS_STALE,     /* no root fits its table: one of them was put back or is damaged */
} CsmVaultFreshness;
CsmVaultFreshness csm_vault_get_freshness (const CsmVault *self);
/* Takes the pages as they are, writes new roots and tables over them and makes the vault
 * writable: for a vault that was asked to open for writing and did not for its freshness, once
 * everything in it was verified and somebody decided to go on. A live WAL that is missing is
 * given up. Database closed; open it again afterwards. */
gboolean csm_vault_reseal (CsmVault *self, GError **error);
/* CSM_VAULT_ID_SIZE bytes each, borrowed. The case id is one for all copies of a case; the
 * file id is random for each file and data key. */
const uint8_t *csm_vault_get_case_id (const CsmVault *self);
const uint8_t *csm_vault_get_file_id (const CsmVault *self);
uint64_t csm_vault_get_header_seq (const CsmVault *self);
int csm_vault_get_format_major (void);
int csm_vault_get_format_minor (void);

/* What was repaired while opening, in words, or NULL: "header copy A was damaged and has been
 * rebuilt from copy B". */
char *csm_vault_dup_repairs (const CsmVault *self);
/* What was saved last and cannot be read, in words with what to do, or NULL: the WAL is
 * missing, or frames of it do not authenticate. The second is also what a power cut during a
 * save leaves; nothing in the files tells the two apart, so that it is said and not judged. */
char *csm_vault_dup_loss (const CsmVault *self);
/* The newest authentication failure met by the VFS, in words with place, or NULL. Casefile
 * asks when SQLite reports SQLITE_IOERR_DATA or SQLITE_CORRUPT. From the first failure on the
 * connection writes nothing more. */
char *csm_vault_dup_fault (const CsmVault *self);
/* Reads and authenticates every byte of the main file: both header copies, slots, binding,
 * freshness roots and tables, reserved areas and each page. Database closed or idle. _DAMAGED
 * says the first place. */
gboolean csm_vault_check (CsmVault *self, GCancellable *cancellable, GError **error);

/* Slots. */
typedef enum {
  CSM_SLOT_PASSPHRASE = 1,
  CSM_SLOT_JOINING = 2, /* from a join request, not opened for writing yet */
  CSM_SLOT_RECOVERY = 3,
} CsmSlotType;

typedef struct
{
  uint8_t id[CSM_VAULT_ID_SIZE];
  CsmSlotType type;
  int64_t created; /* ms since the epoch, this computer's clock */
} CsmSlotInfo;

/* Fills @ret_slots (room for CSM_VAULT_MAX_SLOTS), returns how many. */
int csm_vault_list_slots (const CsmVault *self, CsmSlotInfo *ret_slots);
/* The slot that opened this vault, CSM_VAULT_ID_SIZE bytes. */
const uint8_t *csm_vault_get_own_slot (const CsmVault *self);
/* Whether @passphrase (or the recovery code, when that opened the vault) opens the own slot:
 * derives the key again, about a second. _WRONG_PASSPHRASE when it does not. */
gboolean csm_vault_check_passphrase (CsmVault *self,
                                     const CsmSecret *passphrase,
                                     GError **error);
/* Called before a new slot counts, with its id: csm_vault_seal_to_slot() knows it already. What
 * is sealed to it must be on the disk when this returns; FALSE, with @error, gives the slot up.
 */
typedef gboolean (*CsmVaultKeepCallback) (CsmVault *self,
                                          const uint8_t *slot_id,
                                          gpointer data,
                                          GError **error);
/* Re-seals this slot's secret key under @new_passphrase, crash-safe (the copy not in use is
 * written first, then both). The old passphrase opens nothing afterwards. Opened by a recovery
 * code, which stays as it is, the vault gets a new slot instead: @keep is called for it. */
gboolean csm_vault_change_passphrase (CsmVault *self,
                                      const CsmSecret *new_passphrase,
                                      CsmVaultKeepCallback keep,
                                      gpointer data,
                                      GError **error);
/* Right after csm_vault_change_passphrase(): the one before it counts again, for a caller that
 * could not record the change. Needs no room on the disk. */
gboolean csm_vault_undo_passphrase (CsmVault *self, GError **error);
/* (transfer full) (nullable): adds a recovery slot, replacing one there was, and returns the
 * code: 160 bits, Crockford base32 in groups with a checksum, NUL-terminated text. */
CsmSecret *csm_vault_add_recovery (CsmVault *self, GError **error);

/* (transfer full) (nullable): @data sealed to slot @slot_id's public key (X25519 sealed box),
 * and opened again with this vault's own slot key: how a signing key is kept. */
GBytes *csm_vault_seal_to_slot (CsmVault *self,
                                const uint8_t *slot_id,
                                const CsmSecret *data,
                                GError **error);
CsmSecret *csm_vault_open_sealed (CsmVault *self, GBytes *sealed, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmVault, csm_vault_close)
