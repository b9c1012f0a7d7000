/* csm-error.h: errors of the casefile room
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#define CSM_CASE_ERROR (csm_case_error_quark ())
GQuark csm_case_error_quark (void);

typedef enum {
  CSM_CASE_ERROR_DATABASE = 1, /* SQLite failed; the message names the step */
  CSM_CASE_ERROR_DAMAGED,      /* content that its own checks refuse; the message says where */
  CSM_CASE_ERROR_NEWER,        /* schema or entry kinds that this program does not know */
  CSM_CASE_ERROR_NOT_FOUND,    /* no such exhibit, mark, code */
  CSM_CASE_ERROR_EXISTS,       /* the same hash or id is there already */
  CSM_CASE_ERROR_INVALID,      /* input refused: what it breaks is in the message */
  CSM_CASE_ERROR_READ_ONLY,    /* opened to look, or the reader has no signing key */
  CSM_CASE_ERROR_BEHIND, /* opened to look, but its tables are to be derived again first */
  CSM_CASE_ERROR_GONE,   /* the open case file is not at its place any more */
} CsmCaseError;
