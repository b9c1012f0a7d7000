/* csm-thumbnail.h: a small picture of an exhibit
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

/* CsmThumbnail: property "png" (GBytes, nullable), made by our own worker; shows a neutral icon
 * without one. */
#define CSM_TYPE_THUMBNAIL (csm_thumbnail_get_type ())
G_DECLARE_FINAL_TYPE (CsmThumbnail, csm_thumbnail, CSM, THUMBNAIL, AdwBin)
