/* csm-pack.h: little-endian integers in byte buffers; private to the room
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <stdint.h>
#include <string.h>

static inline void
csm_store16 (uint8_t *to, uint16_t value)
{
  uint16_t le = GUINT16_TO_LE (value);
  memcpy (to, &le, sizeof le);
}

static inline void
csm_store32 (uint8_t *to, uint32_t value)
{
  uint32_t le = GUINT32_TO_LE (value);
  memcpy (to, &le, sizeof le);
}

static inline void
csm_store64 (uint8_t *to, uint64_t value)
{
  uint64_t le = GUINT64_TO_LE (value);
  memcpy (to, &le, sizeof le);
}

static inline uint16_t
csm_load16 (const uint8_t *from)
{
  uint16_t le;
  memcpy (&le, from, sizeof le);
  return GUINT16_FROM_LE (le);
}

static inline uint32_t
csm_load32 (const uint8_t *from)
{
  uint32_t le;
  memcpy (&le, from, sizeof le);
  return GUINT32_FROM_LE (le);
}

static inline uint64_t
csm_load64 (const uint8_t *from)
{
  uint64_t le;
  memcpy (&le, from, sizeof le);
  return GUINT64_FROM_LE (le);
}
