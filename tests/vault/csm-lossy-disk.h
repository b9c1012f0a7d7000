/* csm-lossy-disk.h: a disk in memory that loses power
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "vault/csm-disk.h"

#include <glib.h>

/* Everything written since a file's last sync may be kept, dropped or torn when the power goes;
 * every name made, renamed or deleted since the folder's last sync may be as it was before. */
typedef struct
{
  /* What a torn write wrecks: 0 only its own bytes, else whole sectors of this size, with the
   * bytes of neighbours in them. */
  int sector;
  /* The WAL's bytes begin here: its slots lie across sectors, against the format. To see that a
   * test notices. */
  int wal_shift;
} CsmLossyConfig;

typedef enum {
  LOSSY_CHANGES, /* calls that change something */
  LOSSY_READS,   /* calls that look */
} CsmLossyKind;

typedef struct
{
  CsmLossyKind kind;
  int after;          /* how many such calls succeed first */
  int errnum;         /* of reads 0: fewer bytes come than there are */
  bool is_persistent; /* all later ones fail too */
} CsmLossyFailure;

/* Puts the disk, empty, under the vault. */
void lossy_disk_start (const CsmLossyConfig *config);
/* The real disk again; frees all. */
void lossy_disk_stop (void);
/* Forgets all files. */
void lossy_disk_clear (void);

/* The power goes in the @n-th operation from now that changes something, counted from 0; -1: it
 * stays. */
void lossy_disk_cut_after (int n);
/* A write that fails may have begun; what a sync that fails did not write counts as written
 * from then on, as Linux has it; all else that fails is without effect. NULL: nothing fails
 * from now on. */
void lossy_disk_fail (const CsmLossyFailure *failure);
/* Whether the call that was to fail has come. */
bool lossy_disk_has_failed (void);
/* Whether a sync that failed left, since the power came, what no later one writes. */
bool lossy_disk_has_dropped (void);
/* Calls of both kinds since the start of the program. */
int lossy_disk_count_calls (void);
/* Syncs do nothing from now on: to see that a test notices. */
void lossy_disk_lie (bool lies);
bool lossy_disk_is_dead (void);
/* The bytes of a file as they are now; NULL when it is not there. */
GByteArray *lossy_disk_peek (const char *path);
/* Decides what survived, and lets the power come back. */
void lossy_disk_power_on (void);
/* Only the process had gone: all that was written is there, and none of it synced by that. */
void lossy_disk_restart (void);
