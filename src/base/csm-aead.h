/* csm-aead.h: XChaCha20-Poly1305 for what is large
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CSM_AEAD_KEY_SIZE 32
#define CSM_AEAD_NONCE_SIZE 24
#define CSM_AEAD_TAG_SIZE 16

/* The same bytes as libsodium's crypto_aead_xchacha20poly1305_ietf_*, at twice its speed: the
 * cipher is libcrypto's (RFC 8439), under a key that libsodium's HChaCha20 makes of key and
 * nonce (draft-irtf-cfrg-xchacha-03). That key of one message lies in the heap meanwhile, and
 * is wiped; the key itself does not leave where the caller has it.
 *
 * Sizes    texts of up to 1 GiB; cipher text and plain text have one size, and may be one
 * place. Threads  any. */

/* @ret_tag may follow right behind @ret_text. */
void csm_aead_seal (uint8_t *ret_text,
                    uint8_t ret_tag[CSM_AEAD_TAG_SIZE],
                    const uint8_t *text,
                    size_t size,
                    const uint8_t *ad,
                    size_t ad_size,
                    const uint8_t nonce[CSM_AEAD_NONCE_SIZE],
                    const uint8_t key[CSM_AEAD_KEY_SIZE]);
/* False when it is not authentic: @ret_text is zeros then. */
bool csm_aead_open (uint8_t *ret_text,
                    const uint8_t *text,
                    size_t size,
                    const uint8_t tag[CSM_AEAD_TAG_SIZE],
                    const uint8_t *ad,
                    size_t ad_size,
                    const uint8_t nonce[CSM_AEAD_NONCE_SIZE],
                    const uint8_t key[CSM_AEAD_KEY_SIZE]);
