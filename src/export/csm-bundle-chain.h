/* csm-bundle-chain.h: a bundle taken in as evidence, with the chain that it came with
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "export/csm-bag-folder.h"
#include "export/csm-bundle-check.h"

/* Where its exhibits lie. */
#define CSM_BUNDLE_EXHIBITS "data/exhibits/"

/* What is kept of a bundle beside its exhibits: one tar (POSIX ustar) of every file outside of
 * data/exhibits/, by path, with times of 0, no owner, mode 0644. The same bundle gives the same
 * bytes. Unpacked, and with the exhibits put back under their names, it can be checked again.
 *
 * A view: files are opened while it is read, from its start to its end and, if wanted, again,
 * but not out of order. @folder was checked: a file that is not any more what it was then fails
 * with CSM_MEDIA_ERROR_CHANGED before its last byte is given. _INVALID for names that ustar has
 * no room for, and files of 8 GiB or more. Refs nothing: @folder outlives it. */
CsmByteSource *csm_bundle_chain_new (CsmBagFolder *folder, GError **error);

/* Whether @path looks like a bundle of Casement: has what makes it one. */
bool csm_bundle_is_bundle (const char *path);
