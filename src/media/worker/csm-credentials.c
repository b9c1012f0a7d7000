/* csm-credentials.c: whether a file carries Content Credentials
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/worker/csm-credentials.h"

#include <glib.h>
#include <string.h>

#define MAX_PARTS 1024

static const uint8_t BOX_UUID[16] = { 0xd8, 0xfe, 0xc3, 0xd6, 0x1b, 0x0e, 0x48, 0x3c,
                                      0x92, 0x97, 0x58, 0x28, 0x87, 0x7e, 0xc4, 0x81 };

static uint64_t
load_be (const uint8_t *bytes, int n)
{
  uint64_t value = 0;

  for (int i = 0; i < n; i++)
    value = value << 8 | bytes[i];
  return value;
}

/* A failed read is no credentials: whoever reads the footage meets it again. */
static bool
read_at (CsmByteSource *source, int64_t at, uint8_t *ret, int size)
{
  return csm_byte_source_read_at (source, at, ret, (size_t) size, NULL) == size;
}

/* Goes on by @size, which has to fit. */
static bool
advance (int64_t *at, uint64_t size, int64_t end)
{
  if (size > (uint64_t) (end - *at))
    return false;
  *at += (int64_t) size;
  return true;
}

static bool
is_in_boxes (CsmByteSource *source, int64_t end)
{
  uint8_t head[32];
  int64_t at = 0;

  for (int i = 0; i < MAX_PARTS && read_at (source, at, head, 8); i++)
    {
      uint64_t size = load_be (head, 4);
      int head_size = size == 1 ? 16 : 8;

      if (memcmp (head + 4, "uuid", 4) == 0 && read_at (source, at, head, head_size + 16) &&
          memcmp (head + head_size, BOX_UUID, sizeof BOX_UUID) == 0)
        return true;
      if (size == 1 && read_at (source, at, head, 16))
        size = load_be (head + 8, 8);
      if (size < 8 || !advance (&at, size, end))
        return false;
    }
  return false;
}

/* APP11: length, "JP", instance, sequence, then a JUMBF box: length, "jumb". */
static bool
is_in_segments (CsmByteSource *source, int64_t end)
{
  uint8_t head[20];
  int64_t at = 2;

  for (int i = 0; i < MAX_PARTS && read_at (source, at, head, 4); i++)
    {
      if (head[0] != 0xff || head[1] == 0xda || head[1] == 0xd9) /* the picture, the end */
        return false;
      if (head[1] == 0xeb && read_at (source, at, head, 20) &&
          memcmp (head + 4, "JP", 2) == 0 && memcmp (head + 16, "jumb", 4) == 0)
        return true;
      if (!advance (&at, 2 + load_be (head + 2, 2), end))
        return false;
    }
  return false;
}

static bool
is_in_png (CsmByteSource *source, int64_t end)
{
  uint8_t head[8];
  int64_t at = 8;

  for (int i = 0; i < MAX_PARTS && read_at (source, at, head, 8); i++)
    {
      if (memcmp (head + 4, "caBX", 4) == 0)
        return true;
      if (!advance (&at, 12 + load_be (head, 4), end)) /* length, name, data, checksum */
        return false;
    }
  return false;
}

static bool
is_in_riff (CsmByteSource *source, int64_t end)
{
  uint8_t head[8];
  int64_t at = 12;

  for (int i = 0; i < MAX_PARTS && read_at (source, at, head, 8); i++)
    {
      uint64_t size = (uint64_t) head[4] | (uint64_t) head[5] << 8 | (uint64_t) head[6] << 16 |
                      (uint64_t) head[7] << 24;

      if (memcmp (head, "C2PA", 4) == 0)
        return true;
      if (!advance (&at, 8 + size + size % 2, end))
        return false;
    }
  return false;
}

bool
csm_credentials_are_present (CsmByteSource *source)
{
  int64_t end = csm_byte_source_get_size (source);
  uint8_t head[12];

  if (!read_at (source, 0, head, sizeof head))
    return false;
  if (memcmp (head, "\xff\xd8\xff", 3) == 0)
    return is_in_segments (source, end);
  if (memcmp (head, "\x89PNG\r\n\x1a\n", 8) == 0)
    return is_in_png (source, end);
  if (memcmp (head, "RIFF", 4) == 0)
    return is_in_riff (source, end);
  if (memcmp (head + 4, "ftyp", 4) == 0)
    return is_in_boxes (source, end);
  return false;
}
