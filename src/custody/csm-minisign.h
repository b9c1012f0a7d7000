/* csm-minisign.h: signatures that minisign checks (https://jedisct1.github.io/minisign/)
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "custody/csm-error.h"
#include "custody/csm-signer.h"

#include <gio/gio.h>

#define CSM_MINISIGN_ID_SIZE 8
#define CSM_MINISIGN_ID_HEX_SIZE 17
/* Larger files are no signature and no key. */
#define CSM_MINISIGN_MAX_SIZE (16 * 1024)
/* The first line of each signature that Casement writes. Nothing signs that line, so a checker
 * takes no other. */
#define CSM_MINISIGN_COMMENT "untrusted comment: signature by a Casement reviewer key"

/* Threads any. Errors CSM_CUSTODY_ERROR: _MALFORMED; _SIGNATURE. */

/* A public key, with the id by which minisign finds it. A plain value. */
typedef struct
{
  uint8_t id[CSM_MINISIGN_ID_SIZE];
  uint8_t key[CSM_PUBLIC_KEY_SIZE];
} CsmMinisignKey;

/* Casement's id of a key is the first 8 bytes of its SHA-256; minisign's own are random. */
void csm_minisign_key_init (CsmMinisignKey *key, const uint8_t public_key[CSM_PUBLIC_KEY_SIZE]);
/* The file, or base64 alone, that minisign takes by -p and -P. */
gboolean csm_minisign_key_parse (CsmMinisignKey *ret_key, const char *text, GError **error);
/* (transfer full): 56 characters of base64. */
char *csm_minisign_key_to_base64 (const CsmMinisignKey *key);
/* (transfer full): what a .pub file holds. */
GBytes *csm_minisign_key_write (const CsmMinisignKey *key);
/* As minisign shows it: 16 hexadecimal digits, the last byte first. */
void csm_minisign_id_to_hex (const uint8_t id[CSM_MINISIGN_ID_SIZE],
                             char ret_hex[CSM_MINISIGN_ID_HEX_SIZE]);

/* (transfer full) (nullable): what a .minisig file holds: @message signed with its BLAKE2b-512
 * (`ED`), @trusted_comment, which is signed too, and CSM_MINISIGN_COMMENT. The comment is one
 * line of printable UTF-8 and tabs, at most 8000 bytes. */
GBytes *csm_minisign_sign (const CsmSigner *signer,
                           GBytes *message,
                           const char *trusted_comment,
                           GError **error);

/* CsmMinisig: a signature file.
 * Ownership  csm_minisig_free() takes NULL; answers are borrowed.
 * Threads    immutable. */
typedef struct _CsmMinisig CsmMinisig;

/* (transfer full) (nullable): four lines, and nothing else; hostile bytes. */
CsmMinisig *csm_minisig_parse (GBytes *bytes, GError **error);
void csm_minisig_free (CsmMinisig *self);
/* The id that the file names its key by. */
const uint8_t *csm_minisig_get_key_id (const CsmMinisig *self);
/* Signs the message itself (`Ed`), as minisign did before 2015 and does by -l. */
bool csm_minisig_is_legacy (const CsmMinisig *self);
/* The whole first line, which nothing signs. Made of bytes that may not be UTF-8. */
const char *csm_minisig_get_untrusted_line (const CsmMinisig *self);
/* What the signer said, valid UTF-8; only once csm_minisig_verify() has returned TRUE. */
const char *csm_minisig_get_trusted_comment (const CsmMinisig *self);
/* Both signatures, by @key, over @message. Another key's is told apart, by the ids. Legacy ones
 * are refused unless @legacy. */
gboolean csm_minisig_verify (const CsmMinisig *self,
                             const CsmMinisignKey *key,
                             GBytes *message,
                             bool legacy,
                             GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmMinisig, csm_minisig_free)
