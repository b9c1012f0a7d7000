/* csm-qr-view.h: draws a QR code
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-secret.h"

#include <gtk/gtk.h>

#define CSM_TYPE_QR_VIEW (csm_qr_view_get_type ())
G_DECLARE_FINAL_TYPE (CsmQrView, csm_qr_view, CSM, QR_VIEW, GtkWidget)

/* Dark on white in any theme, with its quiet zone; NULL, or what does not fit, hides it. */
void csm_qr_view_set_text (CsmQrView *self, const CsmSecret *text);
