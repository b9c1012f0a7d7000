/* csm-qr.h: a short secret text as a QR code
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-secret.h"

/* CsmQr: a square of dark and light modules, without the quiet zone of four modules that
 * whoever draws it leaves around it. Wiped when freed.
 *
 * Threads  immutable. */
typedef struct _CsmQr CsmQr;

/* (transfer full) (nullable): @text, up to a NUL in it, at medium error correction; NULL when
 * it is empty or does not fit. */
CsmQr *csm_qr_new (const CsmSecret *text);
void csm_qr_free (CsmQr *self);
/* Modules a side. */
int csm_qr_get_size (const CsmQr *self);
bool csm_qr_is_dark (const CsmQr *self, int x, int y);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmQr, csm_qr_free)
