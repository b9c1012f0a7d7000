/* csm-bundle-check.h: does a bundle hold? No case needed
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "casefile/csm-case.h"
#include "export/csm-bag-folder.h"

/* Every byte of a bundle is hostile: nothing outside its folder is opened, links are not
 * followed, sizes are bounded. Blocking; any thread. */

/* What is read as a whole, and so what an export may write. bundle.json is kept as a tree: a
 * mark takes some 970 bytes of it and 50 values, so that 250,000 marks have room, and no bytes
 * at all make a tree of more than some 3 GB. Of annotations.jsonld, 2200 bytes a mark, there is
 * only one annotation as a tree at a time. */
#define CSM_BUNDLE_MAX_CONTENTS (256 * 1024 * 1024)
#define CSM_BUNDLE_MAX_VALUES 16000000
#define CSM_BUNDLE_MAX_WEB (640 * 1024 * 1024)
#define CSM_BUNDLE_MAX_ANNOTATION (4 * 1024 * 1024)

/* What a bundle that holds says of itself. Free with csm_bundle_summary_clear(). */
typedef struct
{
  CsmBagFolder *folder; /* as it was checked: each file of the payload is hashed */
  CsmId case_id;
  char *made;      /* as bundle.json has it */
  char *receipt;   /* the code */
  char *key;       /* minisign's line of who signed it */
  char *key_words; /* the same, to read out */
} CsmBundleSummary;
void csm_bundle_summary_clear (CsmBundleSummary *summary);

typedef struct
{
  const char *key; /* (nullable): the public key that must have signed: minisign's base64, 64
                    * hex digits, or a file; without it the signature only shows that all of the
                    * bundle is one signer's */
  CsmBundleSummary
      *ret_summary; /* (nullable): filled when the bundle is Casement's and holds */
  bool frames;      /* decode the marked frames again, in workers */
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

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CsmBundleSummary, csm_bundle_summary_clear)
