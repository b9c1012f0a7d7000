/* csm-intake-private.h: what the parts of intake share
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "intake/csm-intake.h"

/* Keeps @state and @status of @row's exhibit, and what @index (nullable) knows better than
 * @row. */
gboolean csm_intake_update_facts (CsmCase *acase,
                                  const CsmExhibit *row,
                                  CsmIndexState state,
                                  const char *status,
                                  const CsmFrameIndex *index,
                                  GError **error);
