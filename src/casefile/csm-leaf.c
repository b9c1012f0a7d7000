/* csm-leaf.c: records in one page of an SQLite b-tree, read without SQLite
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-leaf.h"

#include <string.h>

/* https://www.sqlite.org/fileformat2.html, sections 1.6 and 2. */

#define PAGE_SIZE CSM_LEAF_PAGE_SIZE
/* Of each page 104 bytes are reserved. */
#define USABLE 3992
#define FILE_HEADER 100 /* before the header of page 1 */

#define INTERIOR_INDEX 0x02
#define LEAF_INDEX 0x0a
#define LEAF_TABLE 0x0d

static unsigned
load16 (const uint8_t *from)
{
  return (unsigned) (from[0] << 8 | from[1]);
}

static uint32_t
load32 (const uint8_t *from)
{
  return (uint32_t) from[0] << 24 | (uint32_t) from[1] << 16 | (uint32_t) from[2] << 8 |
         from[3];
}

/* Bytes that cannot be read past. */
typedef struct
{
  const uint8_t *at;
  size_t left;
} Cursor;

static bool
skip (Cursor *self, size_t size)
{
  if (size > self->left)
    return false;
  self->at += size;
  self->left -= size;
  return true;
}

static bool
read_varint (Cursor *self, uint64_t *ret_value)
{
  uint64_t value = 0;

  for (int i = 0; i < 9; i++)
    {
      uint8_t byte;

      if (self->left == 0)
        return false;
      byte = *self->at;
      (void) skip (self, 1); /* just checked */
      if (i == 8)
        {
          *ret_value = value << 8 | byte;
          return true;
        }
      value = value << 7 | (byte & 0x7f);
      if ((byte & 0x80) == 0)
        {
          *ret_value = value;
          return true;
        }
    }
  return false;
}

static size_t
header_offset (uint32_t number)
{
  return number == 1 ? FILE_HEADER : 0;
}

static size_t
header_size (uint8_t kind)
{
  return kind == INTERIOR_INDEX ? 12 : 8;
}

int
csm_leaf_count (const uint8_t page[CSM_LEAF_PAGE_SIZE], uint32_t number)
{
  const uint8_t *header = page + header_offset (number);
  const uint8_t kind = header[0];
  size_t n;

  if (kind != LEAF_TABLE && kind != LEAF_INDEX && kind != INTERIOR_INDEX)
    return 0;
  n = load16 (header + 3);
  /* Each has two bytes in the list of cells. */
  return header_offset (number) + header_size (kind) + 2 * n <= USABLE ? (int) n : 0;
}

/* How much of a payload lies in the page: the rest is in overflow pages. */
static size_t
count_local (uint8_t kind, size_t n_payload)
{
  const size_t most = kind == LEAF_TABLE ? USABLE - 35 : (USABLE - 12) * 64 / 255 - 23;
  const size_t least = (USABLE - 12) * 32 / 255 - 23;
  size_t n;

  if (n_payload <= most)
    return n_payload;
  n = least + (n_payload - least) % (USABLE - 4);
  return n <= most ? n : least;
}

/* Size and type by a record's serial type. */
static bool
describe (uint64_t serial, CsmCellValue *ret_value)
{
  static const uint8_t sizes[] = { 0, 1, 2, 3, 4, 6, 8, 8, 0, 0 };

  ret_value->value = 0;
  if (serial < G_N_ELEMENTS (sizes))
    {
      ret_value->type = serial == 0   ? CSM_CELL_NULL
                        : serial == 7 ? CSM_CELL_REAL
                                      : CSM_CELL_INT;
      ret_value->size = sizes[serial];
      ret_value->value = serial == 9;
      return true;
    }
  if (serial < 12 || serial > 2 * (uint64_t) CSM_LEAF_MAX_PAYLOAD + 13)
    return false;
  ret_value->type = serial % 2 == 0 ? CSM_CELL_BLOB : CSM_CELL_TEXT;
  ret_value->size = (size_t) ((serial - 12) / 2);
  return true;
}

static bool
read_record_header (CsmCell *self)
{
  Cursor cursor = { self->local, self->n_local };
  uint64_t n_header;
  size_t offset;

  if (!read_varint (&cursor, &n_header) || n_header > self->n_local ||
      n_header < (uint64_t) (cursor.at - self->local))
    return false;
  offset = (size_t) n_header;
  cursor.left = offset - (size_t) (cursor.at - self->local);
  while (cursor.left > 0)
    {
      uint64_t serial;
      CsmCellValue *value = &self->values[self->n_values];

      if (self->n_values == CSM_LEAF_MAX_COLUMNS || !read_varint (&cursor, &serial) ||
          !describe (serial, value) || value->size > self->n_payload - offset)
        return false;
      value->offset = offset;
      offset += value->size;
      self->n_values++;
    }
  return offset == self->n_payload;
}

bool
csm_leaf_open (const uint8_t page[CSM_LEAF_PAGE_SIZE],
               uint32_t number,
               int n,
               CsmCell *ret_cell)
{
  const size_t base = header_offset (number);
  const uint8_t kind = page[base];
  CsmCell cell = { .has_rowid = kind == LEAF_TABLE };
  Cursor cursor;
  uint64_t n_payload, rowid = 0;
  size_t at;

  if (n < 0 || n >= csm_leaf_count (page, number))
    return false;
  at = load16 (page + base + header_size (kind) + 2 * (size_t) n);
  if (at >= USABLE)
    return false;
  cursor = (Cursor){ page + at, USABLE - at };
  if ((kind == INTERIOR_INDEX && !skip (&cursor, 4)) || !read_varint (&cursor, &n_payload) ||
      n_payload == 0 || n_payload > CSM_LEAF_MAX_PAYLOAD ||
      (cell.has_rowid && !read_varint (&cursor, &rowid)))
    return false;
  cell.rowid = (int64_t) rowid;
  cell.n_payload = (size_t) n_payload;
  cell.n_local = count_local (kind, cell.n_payload);
  cell.local = cursor.at;
  if (!skip (&cursor, cell.n_local))
    return false;
  if (cell.n_local < cell.n_payload)
    {
      if (cursor.left < 4)
        return false;
      cell.overflow = load32 (cursor.at);
      if (cell.overflow == 0)
        return false;
    }
  if (!read_record_header (&cell))
    return false;
  *ret_cell = cell;
  return true;
}

static bool
load_overflow (CsmCell *self, int variant, CsmLeafFetch fetch, gpointer data)
{
  uint8_t page[CSM_LEAF_PAGE_SIZE];
  size_t done = self->n_local;
  uint32_t next = self->overflow;

  /* Each page brings something, so a chain in a circle ends too. */
  while (done < self->n_payload)
    {
      const size_t n = MIN (self->n_payload - done, USABLE - 4);

      if (next == 0 || !fetch (next, variant, page, data))
        return false;
      memcpy (self->payload + done, page + 4, n);
      done += n;
      next = load32 (page);
    }
  return true;
}

static int64_t
load_int (const uint8_t *from, size_t size)
{
  uint64_t value = size > 0 && (from[0] & 0x80) != 0 ? UINT64_MAX : 0;

  for (size_t i = 0; i < size; i++)
    value = value << 8 | from[i];
  return (int64_t) value;
}

bool
csm_cell_load (CsmCell *self, int variant, CsmLeafFetch fetch, gpointer data)
{
  csm_cell_clear (self);
  self->payload = g_try_malloc (self->n_payload);
  if (self->payload == NULL)
    return false;
  memcpy (self->payload, self->local, self->n_local);
  if (self->n_local < self->n_payload && !load_overflow (self, variant, fetch, data))
    {
      csm_cell_clear (self);
      return false;
    }
  for (int i = 0; i < self->n_values; i++)
    if (self->values[i].type == CSM_CELL_INT && self->values[i].size > 0)
      self->values[i].value =
          load_int (self->payload + self->values[i].offset, self->values[i].size);
  return true;
}

void
csm_cell_clear (CsmCell *self)
{
  g_clear_pointer (&self->payload, g_free);
}

const uint8_t *
csm_cell_peek (const CsmCell *self, int column)
{
  g_assert (self->payload != NULL && column >= 0 && column < self->n_values);
  return self->payload + self->values[column].offset;
}
