/* csm-erase-private.h: which bodies an erasure takes
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "casefile/csm-case-erase.h"
#include "casefile/csm-case-private.h"

/* Entries in one erase.entries. */
#define CSM_MAX_ERASED 4096

/* False for kinds on which the case itself, its people or its witnesses rest: their bodies
 * stay, whatever an erase.entries names. */
bool csm_erase_may_take (const char *kind);

/* (transfer full) (nullable) (element-type CsmDigest): entries that still have a body and rest
 * on
 * @exhibit, as rule 10 says; sorted. */
GArray *csm_erase_list_exhibit (CsmDb *db, const CsmId *exhibit, GError **error);

/* csm-case-erase.c */

/* Signs as many erase.entries as @entries needs. */
gboolean csm_erase_sign (CsmChange *change,
                         const GArray *entries,
                         const CsmId *exhibit,
                         const char *reason,
                         GError **error);
/* Within a transaction. */
gboolean csm_erase_drop_bodies (CsmDb *db, const GArray *entries, GError **error);
gboolean csm_erase_drop_kept (CsmDb *db, const CsmId *exhibit, GError **error);
/* After it, and after deriving again: nothing of what was overwritten stays in the WAL. */
gboolean csm_erase_clean_log (CsmCase *self, GError **error);
