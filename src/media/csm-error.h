/* csm-error.h: errors of the media room
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#define CSM_MEDIA_ERROR (csm_media_error_quark ())
GQuark csm_media_error_quark (void);

/* The nick of each code is written to the ledger: append only, never renumber. */
typedef enum {
  CSM_MEDIA_ERROR_IO = 1,      /* the disk or the pipe failed, retrying may help */
  CSM_MEDIA_ERROR_UNSUPPORTED, /* container or codec that is not read here */
  CSM_MEDIA_ERROR_DAMAGED,     /* the bytes break the format's own rules */
  CSM_MEDIA_ERROR_CHANGED,     /* the file is not the one the index was built from */
  CSM_MEDIA_ERROR_NO_FRAME,    /* the ordinal lies outside the track */
  CSM_MEDIA_ERROR_CRASHED,     /* the worker died over this file, and was replaced */
  CSM_MEDIA_ERROR_HUNG,        /* the worker made no progress, and was replaced */
  CSM_MEDIA_ERROR_REFUSED,     /* refers to other files, or asks for too much */
  CSM_MEDIA_ERROR_NO_CAGE,     /* the sandbox could not be set up: media stays closed */
} CsmMediaError;
