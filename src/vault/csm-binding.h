/* csm-binding.h: which WAL belongs to the case file; private to the room
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "vault/csm-header.h"

#define CSM_BINDING_SIZE 4096
#define CSM_GENERATION_SIZE 16

typedef enum {
  CSM_WAL_CLEAN = 1,
  CSM_WAL_OPENING = 2,
  CSM_WAL_LIVE = 3,
} CsmWalState;

/* FORMAT.md, section 2.3. */
typedef struct
{
  uint64_t seq;
  CsmWalState state;
  uint8_t generation[CSM_GENERATION_SIZE];
} CsmBinding;

void csm_binding_encode (const CsmBinding *self,
                         const uint8_t *file_id,
                         const CsmSecret *mac_key,
                         uint8_t ret_bytes[CSM_BINDING_SIZE]);
/* False when @bytes do not authenticate. */
bool csm_binding_decode (const uint8_t bytes[CSM_BINDING_SIZE],
                         const uint8_t *file_id,
                         const CsmSecret *mac_key,
                         CsmBinding *ret_binding);
