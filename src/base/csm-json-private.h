/* csm-json-private.h: what reading and writing canonical JSON share
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-json.h"

/* What every reader of JSON can hold exactly (RFC 7493, section 2.2). */
#define CSM_JSON_MAX_INTEGER ((INT64_C (1) << 53) - 1)
/* Deeper than anything we write; also ends the walk over a value that contains itself. */
#define CSM_JSON_MAX_DEPTH 64

/* As strcmp(), in the order of UTF-16 code units; both are UTF-8. */
int csm_json_compare_keys (const char *a, const char *b);
