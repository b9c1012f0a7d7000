/* csm-received-bundle.h: a bundle of somebody else, and what of it comes into a case
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "export/csm-bundle-check.h"
#include "intake/csm-intake.h"

/* CsmReceivedBundle: a bundle that was checked, and held. What comes in of it is what was
 * checked then, to the byte, or nothing.
 *
 * Ownership  csm_received_bundle_free() takes NULL; answers are borrowed.
 * Threads    one at a time. */
typedef struct _CsmReceivedBundle CsmReceivedBundle;

/* (transfer full): takes what is in @summary, which csm_bundle_check() filled for @path. */
CsmReceivedBundle *csm_received_bundle_new (const char *path, CsmBundleSummary *summary);
void csm_received_bundle_free (CsmReceivedBundle *self);

/* Number 0 is everything but its exhibits, see csm-bundle-chain.h: what it says of them is in
 * the case before they are. Its exhibits follow. */
guint csm_received_bundle_get_n_files (const CsmReceivedBundle *self);
/* (transfer full): where the file lies, or would, for number 0. */
char *csm_received_bundle_dup_path (const CsmReceivedBundle *self, guint number);
/* Of all of it, in bytes. */
int64_t csm_received_bundle_get_size (const CsmReceivedBundle *self);

/* The case's lane; blocking. csm_intake_add_file() for the file @number. Where @options says
 * nothing of how it was obtained, the bundle's case, receipt and signer are named. _CHANGED
 * when it is not what was checked: nothing of it is brought in then. */
gboolean csm_received_bundle_add (CsmReceivedBundle *self,
                                  guint number,
                                  CsmCase *acase,
                                  const CsmIntakeOptions *options,
                                  CsmProgressCallback progress,
                                  gpointer data,
                                  CsmIntakeOutcome *ret_outcome,
                                  CsmExhibit **ret_exhibit,
                                  GCancellable *cancellable,
                                  GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmReceivedBundle, csm_received_bundle_free)
