/* csm-power-harness.h: a case on a disk that loses power, beside a database that does not
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "csm-lossy-disk.h"
#include "csm-vault-fixture.h"
#include "vault/csm-media-store.h"

#define POWER_PATH "/case.casement"

/* Every transaction runs on the case and, once it is acknowledged, on a database in memory;
 * after each cut both must agree, but for the one transaction that was in flight. */
typedef struct
{
  /* What a run is made of */
  bool with_errors; /* calls fail with EIO and ENOSPC besides */
  bool with_media;  /* exhibits are stored besides, and their keys committed */
  bool lies;        /* the disk says that it synced, once the case is made */

  sqlite3 *shadow; /* in memory: what was committed */
  GPtrArray *sql;  /* the transaction in hand */
  int64_t seq;     /* of the last commit */
  bool in_flight;  /* the transaction in hand may or may not be on the disk */

  CsmVault *vault;
  sqlite3 *db;
  CsmMediaStore *store;
} PowerHarness;

void power_harness_init (PowerHarness *self);
void power_harness_clear (PowerHarness *self);
/* A new case on an empty disk. */
void power_harness_make_case (PowerHarness *self);
/* False while the power goes; read-only is false too. */
bool power_harness_open (PowerHarness *self, GError **error);
void power_harness_close (PowerHarness *self);
void power_harness_make_transaction (PowerHarness *self);
/* Stores one, and adds the statement that commits its key to the transaction in hand; nothing
 * when it could not be stored. */
void power_harness_store_exhibit (PowerHarness *self);
/* Runs the transaction in hand on the case, and on the other database if it was acknowledged.
 */
bool power_harness_commit (PowerHarness *self);
/* Everything authenticates, is fresh and is sound, and holds what was committed, or that and
 * the transaction in flight. */
bool power_harness_check (PowerHarness *self, GError **error);
/* One cut, perhaps after a kill, and up to three more during recovery. */
bool power_harness_run_round (PowerHarness *self);
/* Returns how many of @rounds did not hold. */
int power_harness_run (PowerHarness *self, const CsmLossyConfig *config, int rounds);

int power_roll (int n);
