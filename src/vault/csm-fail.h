/* csm-fail.h: how the functions of this room report; private to the room
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "vault/csm-error.h"

/* Both always return false, so that a caller can return it. A message reads "what failed: why;
 * what to do". */
gboolean csm_vault_fail (GError **error, CsmVaultError code, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
gboolean csm_vault_fail_errno (GError **error, int errnum, const char *what);
