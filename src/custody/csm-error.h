/* csm-error.h: errors of the custody room
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#define CSM_CUSTODY_ERROR (csm_custody_error_quark ())
GQuark csm_custody_error_quark (void);

typedef enum {
  CSM_CUSTODY_ERROR_MALFORMED = 1, /* not the canonical form, or a field out of range */
  CSM_CUSTODY_ERROR_NEWER,         /* an entry version that this program does not know */
  CSM_CUSTODY_ERROR_HASH,          /* meta or body is not the one that was signed */
  CSM_CUSTODY_ERROR_SIGNATURE,     /* not signed by its author */
  CSM_CUSTODY_ERROR_CHAIN,         /* missing, reordered, inserted or forked */
  CSM_CUSTODY_ERROR_STAMP,         /* a time stamp that does not fit what was asked for */
} CsmCustodyError;
