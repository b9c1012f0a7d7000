/* csm-filter-bar.h: which of the case's marks are listed
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "review/csm-session.h"

#include <adwaita.h>

/* CsmFilterBar: by code, by reviewer, by exhibit. Property "active" (boolean, read-only). */
#define CSM_TYPE_FILTER_BAR (csm_filter_bar_get_type ())
G_DECLARE_FINAL_TYPE (CsmFilterBar, csm_filter_bar, CSM, FILTER_BAR, AdwBin)

void csm_filter_bar_set_session (CsmFilterBar *self, CsmSession *session);
bool csm_filter_bar_is_active (CsmFilterBar *self);
void csm_filter_bar_clear (CsmFilterBar *self);
/* Marks with @code, of anyone, anywhere. */
void csm_filter_bar_set_code (CsmFilterBar *self, const char *code);
