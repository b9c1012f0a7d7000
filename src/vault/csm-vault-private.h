/* csm-vault-private.h: what the files of the vault share; private to the room
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "vault/csm-binding.h"
#include "vault/csm-disk.h"
#include "vault/csm-freshness.h"
#include "vault/csm-header.h"
#include "vault/csm-vault.h"

/* What is known of the newest tag of every page. Lane only. */
typedef struct
{
  CsmVaultFreshness state;
  CsmTagTable tags;  /* complete when the state is FRESH, and in a vault being made */
  CsmRoot root;      /* the one that holds; seq 0: none */
  uint64_t last_seq; /* the highest that was met or tried */
  bool changed;      /* tags, since root was written */
  bool table_saved;  /* the table of root stands in the folder */
  bool doubled;      /* both places say the same */
  bool named[2];     /* the table's name was synced since the case was opened */
  char *folder;      /* the media store's; NULL: not looked for, or none */
} CsmFreshness;

struct _CsmVault
{
  /* Immutable once open, but for the renaming of csm_vault_publish() */
  const CsmDisk *disk;
  char *path;
  char *final_path; /* NULL when published; else the file goes at the end */
  CsmDiskFile *file;
  bool may_write; /* it was asked for, and the format allows it */
  bool read_only; /* csm_vault_reseal() may end it */
  bool wal_missing;
  CsmVaultOpenFlags flags;
  int64_t n_lost_frames; /* of the bound WAL: there, and not to be read */
  CsmSecret *data_key;
  CsmSecret *page_key;
  CsmSecret *wal_key;
  CsmSecret *header_key;
  CsmSecret *binding_key;
  CsmSecret *freshness_key;
  CsmSecret *slot_secret; /* of the own slot */
  uint8_t own_slot[CSM_VAULT_ID_SIZE];
  GString *repairs;

  /* Lane only */
  CsmHeader header;
  bool copy_a_behind;       /* a try to write it failed: the header stands in copy B alone */
  const CsmSlot *next_slot; /* borrowed (nullable): one that is being added */
  CsmBinding binding;
  int binding_place; /* where the newest binding stands */
  CsmFreshness fresh;
  bool has_database;
  bool is_settled; /* the connection has its settings, and keeps them */

  /* Atomic */
  int has_fault;

  /* Lane only: before the newest change of the passphrase, whose secret is NULL without one */
  CsmHeader header_before;
  uint8_t slot_before[CSM_VAULT_ID_SIZE];
  CsmSecret *secret_before;

  /* Guarded by lock */
  GMutex lock;
  char *fault;
};

typedef enum {
  CSM_PAGE_DAMAGED,
  CSM_PAGE_STALE,   /* an older one */
  CSM_PAGE_MISSING, /* the file ends before it */
} CsmPageFault;

/* csm-vault.c */

/* Neither file nor keys yet. */
CsmVault *csm_vault_new (CsmVaultOpenFlags flags);
/* Opens and locks the file at @path. */
gboolean csm_vault_take_file (CsmVault *self, const char *path, GError **error);
/* By what the slots of @header hold: data key, slot secret and own slot. */
gboolean csm_vault_unlock (CsmVault *self,
                           const CsmHeader *header,
                           const CsmSecret *passphrase,
                           GError **error);
/* Where a new file will be; _EXISTS when something is there. Makes it, see below. */
gboolean csm_vault_make_part_of (CsmVault *self, const char *path, GError **error);
/* Makes the file, under a temporary name beside @final_path, and locks it. */
gboolean csm_vault_make_part (CsmVault *self, GError **error);
/* Both headers, both bindings (clean), nothing else up to the first page; fsync. */
gboolean csm_vault_write_first_headers (CsmVault *self, GError **error);
/* Makes the sub-keys; takes @data_key. */
void csm_vault_set_data_key (CsmVault *self, CsmSecret *data_key);
/* (transfer full): "@path-wal" */
char *csm_vault_dup_wal_path (const CsmVault *self);
/* After the first fault nothing more is written through SQLite. */
void csm_vault_set_fault (CsmVault *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* @number from 0. */
void csm_vault_set_page_fault (CsmVault *self, CsmPageFault fault, int64_t number);
bool csm_vault_refuses_writes (CsmVault *self);
/* Adds to what csm_vault_dup_repairs() says. */
void csm_vault_note_repair (CsmVault *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* csm-vault-header.c: reading, choosing, mending and writing copies */

typedef struct
{
  uint8_t bytes[2][CSM_HEADER_SIZE];
  CsmHeader header[2];
  CsmCopyState state[2];
  int best; /* the newer whole copy */
} CsmHeaderPair;

gboolean csm_header_pair_load (CsmHeaderPair *self, CsmDiskFile *file, GError **error);
/* After unlocking: settles which copy holds, and mends the other. */
gboolean csm_vault_settle_header (CsmVault *self, const CsmHeaderPair *pair, GError **error);
/* Writes @header with the next sequence number to both copies, B first, and adopts it. */
gboolean csm_vault_write_header (CsmVault *self, const CsmHeader *header, GError **error);

/* csm-vault-binding.c */

gboolean csm_vault_load_binding (CsmVault *self, GError **error);
/* Live: the WAL must be there and be the one that is bound; to write, it is synced. */
gboolean csm_vault_check_wal (CsmVault *self, GError **error);
/* An errno value; @generation is NULL for CSM_WAL_CLEAN. */
int csm_vault_bind (CsmVault *self, CsmWalState state, const uint8_t *generation);

/* csm-vault-slots.c */

/* A joining slot that opened @self for writing becomes a passphrase slot. */
gboolean csm_vault_finish_joining (CsmVault *self, const CsmSecret *passphrase, GError **error);
gboolean csm_vault_check_writable (const CsmVault *self, GError **error);
/* (nullable): empties the slot @id of @header; _NOT_FOUND, _SLOTS for the last one. */
gboolean csm_header_remove_slot (CsmHeader *header, const uint8_t *id, GError **error);

/* csm-vault-freshness.c: keeping roots and tables; functions of type int return an errno value
 */

/* Where the root with sequence number @seq stands: 0 A, 1 B. */
int csm_freshness_place (uint64_t seq);
/* (transfer full): its table's file; NULL without a folder. */
char *csm_freshness_dup_path (const CsmVault *self, int place);
/* The tags of the pages as they are. */
int csm_vault_read_tags (CsmVault *self, CsmTagTable *ret_tags);
/* Writes @root to its place in the main file; fsync. */
int csm_vault_write_root (CsmVault *self, const CsmRoot *root);
/* Before the first page is written: the table of a root that was written without one. */
int csm_vault_save_first_table (CsmVault *self);
/* A page as it was written just now, the number of pages as it is now. False: no memory. */
bool csm_vault_note_page (CsmVault *self, uint64_t number, const uint8_t *tag);
bool csm_vault_note_size (CsmVault *self, uint64_t n_pages);
bool csm_vault_is_stale (const CsmVault *self, uint64_t number, const uint8_t *tag);
/* Whether the newest root speaks of it. */
bool csm_vault_knows_page (const CsmVault *self, uint64_t number);
/* Table and root of the pages as they were just synced; nothing when nothing changed. */
int csm_vault_store_freshness (CsmVault *self);
/* At rest both places say the same. */
int csm_vault_double_freshness (CsmVault *self);
/* For a file that is new in its place: over self->fresh.tags, to both places, without a table,
 * numbered above self->fresh.last_seq. */
int csm_vault_write_first_root (CsmVault *self);
void csm_freshness_clear (CsmFreshness *self);

/* csm-vault-freshness-load.c: finding the root that holds */

/* After the binding. A file without a root that holds becomes read-only. */
gboolean csm_vault_load_freshness (CsmVault *self, GError **error);
/* The newest number among roots and tables of the copy at @path that @self's keys read; 0 when
 * there is none. */
uint64_t csm_vault_find_root_seq (CsmVault *self, const char *path);
/* The tables beside @path, whose roots need none. */
void csm_vault_drop_tables (CsmVault *self, const char *path);
/* (nullable): what of the roots and tables does not hold. */
const char *csm_vault_find_unfit (CsmVault *self);

/* csm-vfs.c: the registry of open vaults, by path */

void csm_vfs_register (CsmVault *vault);
void csm_vfs_unregister (CsmVault *vault);
