/* csm-bech32.h: keys as text (BIP 173); private to the room
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The 32 bytes that @text (@length characters of one case) says under the prefix @hrp (lower
 * case). False for anything else; @ret_bytes is zeros then. Keeps no copy of them. */
bool csm_bech32_decode (const char *text,
                        size_t length,
                        const char *hrp,
                        uint8_t ret_bytes[32]);
