/* csm-error.h: errors of the base room
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#define CSM_BASE_ERROR (csm_base_error_quark ())
GQuark csm_base_error_quark (void);

typedef enum {
  CSM_BASE_ERROR_IO = 1,    /* the disk or the pipe failed, retrying may help */
  CSM_BASE_ERROR_FULL,      /* no space left on the device, or a quota */
  CSM_BASE_ERROR_READ_ONLY, /* the place cannot be written to */
  CSM_BASE_ERROR_EXISTS,    /* refuses to overwrite */
  CSM_BASE_ERROR_NOT_FOUND, /* no such file */
  CSM_BASE_ERROR_INVALID,   /* bytes that break the format's own rules */
} CsmBaseError;

/* Sets @error from @errnum (an errno value) as a CSM_BASE_ERROR with the message
 * "@what: strerror". Always returns false, so that a caller can return it. */
gboolean csm_base_fail_errno (GError **error, int errnum, const char *what);
