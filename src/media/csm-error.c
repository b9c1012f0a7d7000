/* csm-error.c: errors of the media room
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/csm-error.h"

G_DEFINE_QUARK (csm_media_error, csm_media_error)
