/* csm-passphrase.h: passphrases that hold
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-secret.h"

/* (transfer full): five words of three syllables each, 90 random bits, easy to type on any
 * Latin keyboard; NUL-terminated text. */
CsmSecret *csm_passphrase_suggest (void);

/* True for what a guessing machine finds soon: fewer than 12 characters, or fewer than 6
 * different ones. @text is UTF-8. */
bool csm_passphrase_is_weak (const char *text);
