/* csm-passphrase.h: passphrases and recovery codes as people type them; private to the room
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-secret.h"

#include <stdbool.h>
#include <stdint.h>

#define CSM_RECOVERY_SIZE 20
/* 8 groups of 5, hyphens between them, and the closing NUL. */
#define CSM_RECOVERY_TEXT_SIZE 48

/* (transfer full) (nullable): @passphrase without what follows a NUL, in Unicode NFC when it is
 * UTF-8, else as it is; NULL when empty. All copies made on the way are guarded. */
CsmSecret *csm_passphrase_normalise (const CsmSecret *passphrase);

/* (transfer full): the text of a code of CSM_RECOVERY_SIZE bytes, NUL-terminated. */
CsmSecret *csm_recovery_format (const CsmSecret *code);
/* (transfer full) (nullable): NULL when @text is no recovery code or its check fails. */
CsmSecret *csm_recovery_parse (const CsmSecret *text);
