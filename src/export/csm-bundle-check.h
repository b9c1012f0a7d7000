/* csm-bundle-check.h: does a bundle hold? No case needed
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "casefile/csm-case.h"

/* Every byte of a bundle is hostile: nothing outside its folder is opened, links are not
 * followed, sizes are bounded. Blocking; any thread. */

typedef struct
{
  const char *key; /* (nullable): the public key that must have signed: minisign's base64, 64
                    * hex digits, or a file; without it the signature only shows that all of the
                    * bundle is one signer's */
  bool frames;     /* decode the marked frames again, in workers */
} CsmBundleCheckOptions;

/* Structure, both kinds of manifest, files too many or too few, signature, ledger (headers,
 * disclosed metas and bodies, signatures, chains, receipt, time stamps), annotations against
 * the ledger, marked frames. A bag that is not Casement's is checked as a bag, and says so.
 * Findings say what holds, what does not, and (as notes) what was not checked. TRUE when the
 * check ran to its end. */
gboolean csm_bundle_check (const char *path,
                           const CsmBundleCheckOptions *options,
                           CsmFindingCallback finding,
                           CsmProgressCallback progress,
                           gpointer data,
                           bool *ret_holds,
                           GCancellable *cancellable,
                           GError **error);
