/* csm-code-entry.h: an entry that completes to a code of the codebook
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "review/csm-session.h"

#include <adwaita.h>

/* CsmCodeEntry: takes a code's id or its label, in any case; offers those that match.
 *
 * Signals
 *   "changed" ()   the text is another one
 *   "activate" ()  Enter, with nothing offered to choose */
#define CSM_TYPE_CODE_ENTRY (csm_code_entry_get_type ())
G_DECLARE_FINAL_TYPE (CsmCodeEntry, csm_code_entry, CSM, CODE_ENTRY, AdwBin)

void csm_code_entry_set_session (CsmCodeEntry *self, CsmSession *session);
/* NULL: empty. */
void csm_code_entry_set_code (CsmCodeEntry *self, const char *id);
/* What was typed; borrowed. */
const char *csm_code_entry_get_text (CsmCodeEntry *self);
/* (transfer full) (nullable): the code's id; NULL when the text names none. */
char *csm_code_entry_dup_code (CsmCodeEntry *self);
