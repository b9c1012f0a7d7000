/* csm-thumbnail.h: a small picture of an exhibit
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

/* CsmThumbnail: property "png" (GBytes, nullable), made by our own worker; shows a neutral icon
 * without one. */
#define CSM_TYPE_THUMBNAIL (csm_thumbnail_get_type ())
G_DECLARE_FINAL_TYPE (CsmThumbnail, csm_thumbnail, CSM, THUMBNAIL, AdwBin)

/* (transfer full) (nullable): of @bytes in the form of csm-small-picture.h. No image loader
 * runs in this process: what is not plain pixels is NULL. Any thread. */
GdkTexture *csm_thumbnail_make_texture (GBytes *bytes);
