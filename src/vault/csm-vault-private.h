/* csm-vault-private.h: what the files of the vault share; private to the room
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "vault/csm-binding.h"
#include "vault/csm-disk.h"
#include "vault/csm-header.h"
#include "vault/csm-vault.h"

struct _CsmVault
{
  /* Immutable once open, but for the renaming of csm_vault_publish() */
  const CsmDisk *disk;
  char *path;
  char *final_path; /* NULL when published */
  CsmDiskFile *file;
  bool read_only;
  bool wal_missing;
  CsmSecret *data_key;
  CsmSecret *page_key;
  CsmSecret *wal_key;
  CsmSecret *header_key;
  CsmSecret *binding_key;
  CsmSecret *slot_secret; /* of the own slot */
  uint8_t own_slot[CSM_VAULT_ID_SIZE];
  GString *repairs;

  /* Lane only */
  CsmHeader header;
  CsmBinding binding;
  int binding_place; /* where the newest binding stands */
  bool has_database;
  bool is_settled; /* the connection has its settings, and keeps them */

  /* Guarded by lock */
  GMutex lock;
  char *fault;
};

/* csm-vault.c */

CsmVault *csm_vault_new (bool read_only);
/* Opens and locks the file at @path. */
gboolean csm_vault_take_file (CsmVault *self, const char *path, GError **error);
/* By what the slots of @header hold: data key, slot secret and own slot. */
gboolean csm_vault_unlock (CsmVault *self,
                           const CsmHeader *header,
                           const CsmSecret *passphrase,
                           GError **error);
/* An empty file under a temporary name beside @path, locked. */
gboolean csm_vault_make_part (CsmVault *self, const char *path, GError **error);
/* Headers and bindings of a new file, by self->header and its keys. */
gboolean csm_vault_write_first (CsmVault *self, GError **error);
/* Makes the sub-keys; takes @data_key. */
void csm_vault_set_data_key (CsmVault *self, CsmSecret *data_key);
/* (transfer full): "@path-wal" */
char *csm_vault_dup_wal_path (const CsmVault *self);
void csm_vault_set_fault (CsmVault *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

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
/* Live: the WAL must be there and be the one that is bound. */
gboolean csm_vault_check_wal (CsmVault *self, GError **error);
/* An errno value; @generation is NULL for CSM_WAL_CLEAN. */
int csm_vault_bind (CsmVault *self, CsmWalState state, const uint8_t *generation);

/* csm-vfs.c: the registry of open vaults, by path */

void csm_vfs_register (CsmVault *vault);
void csm_vfs_unregister (CsmVault *vault);
