/* csm-small-picture.h: a picture for lists, as plain pixels that nothing has to be parsed for
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A small picture comes out of the worker and out of the case: bytes that may be hostile, shown
 * by a process that holds the keys. So it is no image file but this:
 *
 *   0   8 bytes  "csm-pic1"
 *   8   u32      width, 1 to _MAX_WIDTH   (little-endian)
 *   12  u32      height, 1 to _MAX_HEIGHT
 *   16  pixels   B8G8R8A8 premultiplied, rows from the top, without padding; nothing follows */
#define CSM_SMALL_PICTURE_MAX_WIDTH 320
#define CSM_SMALL_PICTURE_MAX_HEIGHT 240
#define CSM_SMALL_PICTURE_HEADER 16
#define CSM_SMALL_PICTURE_MAX_SIZE \
  (CSM_SMALL_PICTURE_HEADER + CSM_SMALL_PICTURE_MAX_WIDTH * CSM_SMALL_PICTURE_MAX_HEIGHT * 4)

/* (transfer full) (nullable): NULL when a side is out of bounds. Rows of @pixels are @stride
 * bytes apart. */
GBytes *csm_small_picture_new (int width, int height, const uint8_t *pixels, size_t stride);
/* Whether @bytes (nullable) is exactly such a picture. */
bool csm_small_picture_check (GBytes *bytes, int *ret_width, int *ret_height);
/* (transfer full): the pixels of one that was checked. */
GBytes *csm_small_picture_dup_pixels (GBytes *bytes);
