/* csm-public-key.h: a public key as openssl reads it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "custody/csm-error.h"
#include "custody/csm-signer.h"

#include <gio/gio.h>

/* (transfer full): PEM of the SubjectPublicKeyInfo of an Ed25519 key (RFC 8410, section 4;
 * RFC 7468): three lines. Threads: any. */
GBytes *csm_public_key_write_pem (const uint8_t public_key[CSM_PUBLIC_KEY_SIZE]);
/* Exactly what csm_public_key_write_pem() writes; hostile bytes.
 * Errors  CSM_CUSTODY_ERROR_MALFORMED. */
gboolean csm_public_key_parse_pem (GBytes *pem,
                                   uint8_t ret_public_key[CSM_PUBLIC_KEY_SIZE],
                                   GError **error);
