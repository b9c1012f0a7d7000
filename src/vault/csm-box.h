/* csm-box.h: bytes sealed to an X25519 public key, with additional data; private to the room
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-secret.h"

/* What a box is longer than its content. */
#define CSM_BOX_OVERHEAD 48

/* @ret_box has room for @size + CSM_BOX_OVERHEAD bytes. */
void csm_box_seal (uint8_t *ret_box,
                   const uint8_t *data,
                   size_t size,
                   const uint8_t *public_key,
                   const uint8_t *ad,
                   size_t ad_size);
/* (transfer full) (nullable): NULL when the box is not for this key or was changed. */
CsmSecret *csm_box_open (const uint8_t *box,
                         size_t box_size,
                         const uint8_t *public_key,
                         const CsmSecret *secret_key,
                         const uint8_t *ad,
                         size_t ad_size);
