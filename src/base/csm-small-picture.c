/* csm-small-picture.c: a picture for lists, as plain pixels that nothing has to be parsed for
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-small-picture.h"

#include <string.h>

static const char magic[8] = { 'c', 's', 'm', '-', 'p', 'i', 'c', '1' };

static bool
are_sides (int64_t width, int64_t height)
{
  return width >= 1 && width <= CSM_SMALL_PICTURE_MAX_WIDTH && height >= 1 &&
         height <= CSM_SMALL_PICTURE_MAX_HEIGHT;
}

GBytes *
csm_small_picture_new (int width, int height, const uint8_t *pixels, size_t stride)
{
  g_return_val_if_fail (pixels != NULL, NULL);
  uint32_t sides[2] = { GUINT32_TO_LE ((uint32_t) width), GUINT32_TO_LE ((uint32_t) height) };
  size_t row = (size_t) width * 4;
  uint8_t *bytes;

  if (!are_sides (width, height))
    return NULL;
  g_return_val_if_fail (stride >= row, NULL);
  bytes = g_malloc (CSM_SMALL_PICTURE_HEADER + row * (size_t) height);
  memcpy (bytes, magic, sizeof magic);
  memcpy (bytes + sizeof magic, sides, sizeof sides);
  for (int y = 0; y < height; y++)
    memcpy (bytes + CSM_SMALL_PICTURE_HEADER + (size_t) y * row, pixels + (size_t) y * stride,
            row);
  return g_bytes_new_take (bytes, CSM_SMALL_PICTURE_HEADER + row * (size_t) height);
}

bool
csm_small_picture_check (GBytes *bytes, int *ret_width, int *ret_height)
{
  size_t size = 0;
  const uint8_t *data = bytes != NULL ? g_bytes_get_data (bytes, &size) : NULL;
  uint32_t sides[2];

  if (data == NULL || size < CSM_SMALL_PICTURE_HEADER ||
      memcmp (data, magic, sizeof magic) != 0)
    return false;
  memcpy (sides, data + sizeof magic, sizeof sides);
  sides[0] = GUINT32_FROM_LE (sides[0]);
  sides[1] = GUINT32_FROM_LE (sides[1]);
  if (!are_sides (sides[0], sides[1]) ||
      size != CSM_SMALL_PICTURE_HEADER + (size_t) sides[0] * sides[1] * 4)
    return false;
  *ret_width = (int) sides[0];
  *ret_height = (int) sides[1];
  return true;
}

GBytes *
csm_small_picture_dup_pixels (GBytes *bytes)
{
  g_return_val_if_fail (bytes != NULL && g_bytes_get_size (bytes) > CSM_SMALL_PICTURE_HEADER,
                        NULL);
  return g_bytes_new_from_bytes (bytes, CSM_SMALL_PICTURE_HEADER,
                                 g_bytes_get_size (bytes) - CSM_SMALL_PICTURE_HEADER);
}
