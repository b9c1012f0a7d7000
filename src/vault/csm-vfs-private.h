/* csm-vfs-private.h: the three kinds of file that SQLite opens in a vault; private to the room
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "vault/csm-seal.h"
#include "vault/csm-vault-private.h"

#include <sqlite3.h>

/* The main file: pages sealed in place. The disk file is the vault's own. */
typedef struct
{
  sqlite3_file parent;
  CsmVault *vault;
  int64_t size; /* as SQLite sees it */
  uint8_t sealed[CSM_PAGE_SIZE];
  uint8_t plain[CSM_PAGE_SIZE];
} CsmVfsMain;

/* The WAL: one sealed slot for the header and for each frame. */
typedef struct
{
  sqlite3_file parent;
  CsmVault *vault;
  CsmDiskFile *file; /* NULL until there is something to read or write */
  int64_t size;      /* as SQLite sees it */

  /* The incarnation in use; not started: nothing can be read. */
  bool started;
  bool made; /* the file is new in its folder, which was not synced yet */
  uint8_t generation[CSM_GENERATION_SIZE];

  /* The slot being written; -1: none. */
  int64_t current;
  bool dirty;

  uint64_t mark;      /* slots below are durable and committed */
  uint64_t seen_mark; /* the highest mark read */
  bool scanned;       /* all marks were read */
  int64_t last_commit;
  GByteArray *flags; /* of each slot: what is known of it */
  int64_t n_unsummed;

  uint8_t plain[CSM_WAL_FRAME_SIZE];
  uint8_t scratch[CSM_WAL_FRAME_SIZE];
  uint8_t sealed[CSM_WAL_SLOT_SIZE];
} CsmVfsWal;

/* What SQLite would put into a temporary file: memory, wiped when it goes. */
typedef struct
{
  sqlite3_file parent;
  GPtrArray *blocks;
  int64_t size;
} CsmVfsTemp;

/* Each fills what xOpen was given; an SQLite code. */
int csm_vfs_main_open (CsmVfsMain *self, CsmVault *vault);
int csm_vfs_wal_open (CsmVfsWal *self, CsmVault *vault);
int csm_vfs_temp_open (CsmVfsTemp *self);

/* For tests: without the guard SQLite loses commits after its cache has spilled. */
void csm_vfs_wal_set_guard (bool guards);

/* An SQLite code for an errno value: SQLITE_FULL when the disk is full, else @otherwise. */
int csm_vfs_from_errno (int failed, int otherwise);

/* Shared by the three: there is one connection, and the vault holds the lock. */
int csm_vfs_lock (sqlite3_file *file, int level);
int csm_vfs_check_reserved_lock (sqlite3_file *file, int *ret_held);
int csm_vfs_sector_size (sqlite3_file *file);
int csm_vfs_device_characteristics (sqlite3_file *file);
