/* csm-passphrase-hints.h: why a passphrase may not be what was meant: layout and Caps Lock
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#define CSM_TYPE_PASSPHRASE_HINTS (csm_passphrase_hints_get_type ())
G_DECLARE_FINAL_TYPE (CsmPassphraseHints, csm_passphrase_hints, CSM, PASSPHRASE_HINTS, AdwBin)

/* The entry whose letters' script is told when the desktop does not say the layout. */
void csm_passphrase_hints_watch (CsmPassphraseHints *self, GtkEditable *entry);
/* Shows @text (a suggested passphrase) to be written down; NULL hides it. */
void csm_passphrase_hints_reveal (CsmPassphraseHints *self, const char *text);
