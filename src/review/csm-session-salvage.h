/* csm-session-salvage.h: a new case from what still verifies in a damaged one
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "casefile/csm-case-salvage.h"
#include "review/csm-session.h"

/* What was found, on the main thread, before the job ends; not called when it fails. */
typedef void (*CsmSessionSalvaged) (const CsmSalvageReport *report, gpointer data);
/* (transfer full) (nullable): a job outside the list of jobs, for a session that has no case
 * open; NULL while it has. The session is opening meanwhile, and is then as it was. Neither the
 * damaged case at @path nor its media is written to; @out must not exist. Closing the session
 * stops it, and leaves nothing at @out. */
CsmJob *csm_session_salvage (CsmSession *self,
                             const char *path,
                             CsmSecret *passphrase,
                             const char *out,
                             CsmSessionSalvaged salvaged,
                             gpointer data,
                             GDestroyNotify free_data);
