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
} CsmLossyConfig;

/* Puts the disk, empty, under the vault. */
void lossy_disk_start (const CsmLossyConfig *config);
/* The real disk again; frees all. */
void lossy_disk_stop (void);
/* Forgets all files. */
void lossy_disk_clear (void);

/* The power goes in the @n-th operation from now that changes something, counted from 0. */
void lossy_disk_cut_after (int n);
/* The @n-th operation from now fails once, with EIO and without effect; -1: none will. */
void lossy_disk_fail_after (int n);
/* Syncs do nothing from now on: to see that a test notices. */
void lossy_disk_lie (bool lies);
bool lossy_disk_is_dead (void);
/* Decides what survived, and lets the power come back. */
void lossy_disk_power_on (void);
