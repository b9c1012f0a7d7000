/* csm-case-keys.h: who holds a key of the case: listing, adding, taking away, a new data key
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "casefile/csm-case.h"
#include "vault/csm-vault-keys.h"

/* One way to unlock the case. */
typedef struct
{
  CsmId slot;
  CsmSlotType type;
  char *name;    /* "" when no entry says */
  char key[65];  /* Ed25519 in hex; "" for a reader */
  bool can_sign; /* a recovery code can, once it opened the case */
  CsmTime created;
  bool own; /* opened the case */
} CsmKeyHolder;
void csm_key_holder_free (CsmKeyHolder *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmKeyHolder, csm_key_holder_free)

/* (transfer container) (element-type CsmKeyHolder): in the header's order. */
GPtrArray *csm_case_list_keys (CsmCase *self, GError **error);

/* What follows is for those who sign (else _READ_ONLY), and is an entry each. Nobody's
 * passphrase is needed but that of who is added, and nobody's signing key is seen but that of
 * who is added by a passphrase typed here, while it is made. */

/* Entries "reviewer.add" (unless @reader) and "key.added". _EXISTS when somebody who holds a
 * key has this name, or this passphrase. @ret_slot may be NULL. */
gboolean csm_case_add_key (CsmCase *self,
                           const char *name,
                           const CsmSecret *passphrase,
                           bool reader,
                           CsmId *ret_slot,
                           GError **error);
/* The same from a join request, whose fingerprint was compared. */
gboolean csm_case_add_request (CsmCase *self,
                               const CsmJoinRequest *request,
                               CsmId *ret_slot,
                               GError **error);
/* Encrypts the whole case anew under a new data key, without @slot (nullable), as
 * csm_vault_rotate() does: entries "key.removed", "chain.start" and "key.rotated" are in the
 * new file. Exhibits' files keep their keys. Whoever took their own key away closes the case
 * next. Should the new file be in place and not open, the case can be closed only: every call
 * fails. */
gboolean csm_case_rotate (CsmCase *self,
                          const CsmId *slot,
                          CsmVaultProgress progress,
                          gpointer data,
                          GCancellable *cancellable,
                          GError **error);
/* (transfer full) (nullable): a new recovery code, as it is shown; the one there was opens
 * nothing any more. Entry "key.recovery". */
CsmSecret *csm_case_make_recovery (CsmCase *self, GError **error);
