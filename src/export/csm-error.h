/* csm-error.h: errors of the export room
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#define CSM_EXPORT_ERROR (csm_export_error_quark ())
GQuark csm_export_error_quark (void);

typedef enum {
  CSM_EXPORT_ERROR_WRONG_KEY = 1, /* this key or passphrase does not open it */
  CSM_EXPORT_ERROR_UNKNOWN,       /* not a file of this kind, or of a later version */
  CSM_EXPORT_ERROR_DAMAGED,       /* truncated, or changed after it was made */
  CSM_EXPORT_ERROR_REFUSED,       /* what it holds is not written to a disk */
} CsmExportError;
