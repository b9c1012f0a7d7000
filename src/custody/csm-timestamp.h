/* csm-timestamp.h: time stamps by outside services (RFC 3161; FORMAT.md, section 10)
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-hash.h"
#include "base/csm-time.h"
#include "custody/csm-error.h"

/* A larger answer, CA file or chain is none. */
#define CSM_TIMESTAMP_MAX_SIZE (1024 * 1024)

/* (transfer full) (nullable): a request in DER: the SHA-256 @imprint, a fresh random nonce, and
 * that the service's certificate is wanted in the answer. */
GBytes *csm_timestamp_request_new (const CsmDigest *imprint, GError **error);

/* CsmTimestamp: an answer, or the token in it.
 *
 * What the getters say is what the token claims until csm_timestamp_check_signature() has
 * returned TRUE.
 * Ownership  csm_timestamp_free() takes NULL; answers are borrowed.
 * Threads    one at a time.
 * Errors     CSM_CUSTODY_ERROR: _MALFORMED; _STAMP for what does not fit; _SIGNATURE. Each
 *            message says what, and what to do. */
typedef struct _CsmTimestamp CsmTimestamp;

/* (transfer full) (nullable): reads an answer, or a token on its own; hostile bytes. Not
 * granted, and hashes other than SHA-256, are _STAMP. */
CsmTimestamp *csm_timestamp_parse (GBytes *answer, GError **error);
void csm_timestamp_free (CsmTimestamp *self);

/* Whether the token answers @request: the same imprint, the same nonce. */
gboolean csm_timestamp_check_request (const CsmTimestamp *self,
                                      GBytes *request,
                                      GError **error);
/* Whether one service signed the token, with a certificate for time stamping alone that leads
 * by way of the token's own certificates and @chain (nullable) to one in @ca, all of them
 * within their validity at the token's time. Both are PEM. Nothing is fetched. */
gboolean csm_timestamp_check_signature (CsmTimestamp *self,
                                        GBytes *ca,
                                        GBytes *chain,
                                        GError **error);

/* The token as it was signed, DER: what is kept. */
GBytes *csm_timestamp_get_token (const CsmTimestamp *self);
const CsmDigest *csm_timestamp_get_imprint (const CsmTimestamp *self);
CsmTime csm_timestamp_get_time (const CsmTimestamp *self);
/* In hex. */
const char *csm_timestamp_get_serial (const CsmTimestamp *self);
/* Known once the signature was checked: the name in the signer's certificate; and when that
 * certificate runs out. */
const char *csm_timestamp_get_authority (const CsmTimestamp *self);
CsmTime csm_timestamp_get_expiry (const CsmTimestamp *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmTimestamp, csm_timestamp_free)
