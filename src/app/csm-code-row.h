/* csm-code-row.h: a code of the codebook, indented under its parents
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "review/csm-items.h"

#include <adwaita.h>

/* CsmCodeRow: property "item" (CsmCodeItem, nullable). */
#define CSM_TYPE_CODE_ROW (csm_code_row_get_type ())
G_DECLARE_FINAL_TYPE (CsmCodeRow, csm_code_row, CSM, CODE_ROW, AdwBin)
