/* csm-leaf.h: records in one page of an SQLite b-tree, read without SQLite
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* For salvage: the page authenticated once, but it may be any page, of another moment than its
 * neighbours, so nothing in it is believed. Every offset is checked against the page, every
 * length against what it may be, and a chain of overflow pages ends with the record.
 *
 * Threads  any. */

#define CSM_LEAF_PAGE_SIZE 4096
#define CSM_LEAF_MAX_COLUMNS 12
/* Nothing that a case keeps in one record is larger. */
#define CSM_LEAF_MAX_PAYLOAD (256 * 1024 * 1024)

typedef enum {
  CSM_CELL_NULL,
  CSM_CELL_INT,
  CSM_CELL_REAL,
  CSM_CELL_TEXT,
  CSM_CELL_BLOB,
} CsmCellType;

typedef struct
{
  CsmCellType type;
  int64_t value; /* of an integer, once the cell is loaded */
  size_t offset; /* in the payload */
  size_t size;
} CsmCellValue;

/* One record. Borrows the page; csm_cell_clear() before it is used again. */
typedef struct
{
  bool has_rowid; /* of a table; else of an index, or of a table without rowids */
  int64_t rowid;
  int n_values;
  CsmCellValue values[CSM_LEAF_MAX_COLUMNS];

  const uint8_t *local;
  size_t n_local;
  size_t n_payload;
  uint32_t overflow; /* 0: all of it is local */
  uint8_t *payload;  /* NULL until it is loaded */
} CsmCell;

/* Reads page @number, @variant 0 being its newest copy. False when there is none that holds. */
typedef bool (*CsmLeafFetch) (uint32_t number,
                              int variant,
                              uint8_t ret_page[CSM_LEAF_PAGE_SIZE],
                              gpointer data);

/* How many records @page may hold: 0 for what is no page of records. @number is the page's. */
int csm_leaf_count (const uint8_t page[CSM_LEAF_PAGE_SIZE], uint32_t number);
/* The @n-th record's types and sizes; false when it breaks the format's rules, or has more
 * columns than any record that is looked for. */
bool csm_leaf_open (const uint8_t page[CSM_LEAF_PAGE_SIZE],
                    uint32_t number,
                    int n,
                    CsmCell *ret_cell);
/* Brings the whole payload together. */
bool csm_cell_load (CsmCell *self, int variant, CsmLeafFetch fetch, gpointer data);
void csm_cell_clear (CsmCell *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CsmCell, csm_cell_clear)

/* Of a loaded cell: borrowed. */
const uint8_t *csm_cell_peek (const CsmCell *self, int column);
