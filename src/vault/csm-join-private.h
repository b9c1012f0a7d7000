/* csm-join-private.h: how join requests and slots meet; private to the room
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "vault/csm-header.h"
#include "vault/csm-join.h"

/* csm-slot.c: fills an empty slot with what @request brought. */
void csm_slot_fill_joining (CsmSlot *slot,
                            const CsmHeader *header,
                            const CsmJoinRequest *request,
                            const CsmSecret *data_key);

/* (transfer full) (nullable): @box is CSM_JOIN_SEED_SIZE bytes. */
CsmSecret *csm_join_open_seed (const uint8_t *box,
                               const uint8_t *public_key,
                               const CsmSecret *secret);
