/* fuzz-leaf.c: any bytes as a page of records, and as the pages that they overflow to
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-leaf.h"

#include <string.h>
#include <sys/mman.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

typedef struct
{
  const uint8_t *data;
  size_t size;
  int left; /* fetches: an input has only so many pages to say something new */
} Pages;

/* Page @number of the input, short ones filled with zeros, in a circle. */
static bool
fetch_cb (uint32_t number, int variant, uint8_t *ret_page, gpointer data)
{
  Pages *pages = data;
  const size_t n_pages = pages->size / CSM_LEAF_PAGE_SIZE + 1;
  const size_t at = (number + (size_t) variant) % n_pages * CSM_LEAF_PAGE_SIZE;
  const size_t n = MIN (pages->size - at, CSM_LEAF_PAGE_SIZE);

  if (pages->left-- <= 0)
    return false;
  memset (ret_page, 0, CSM_LEAF_PAGE_SIZE);
  memcpy (ret_page, pages->data + at, n);
  return true;
}

/* Every byte of every value is in the payload, and may be read. */
static void
assert_sound (const CsmCell *cell)
{
  volatile uint8_t sum = 0;
  size_t expected = cell->n_values > 0 ? cell->values[0].offset : 0;

  g_assert_cmpint (cell->n_values, <=, CSM_LEAF_MAX_COLUMNS);
  for (int i = 0; i < cell->n_values; i++)
    {
      const uint8_t *bytes = csm_cell_peek (cell, i);

      g_assert_cmpuint (cell->values[i].offset, ==, expected);
      expected += cell->values[i].size;
      for (size_t n = 0; n < cell->values[i].size; n++)
        sum = (uint8_t) (sum + bytes[n]);
    }
  g_assert_cmpuint (expected, <=, cell->n_payload);
}

/* A page behind which nothing can be read: who reads on falls, without sanitisers too. */
static uint8_t *
get_page (void)
{
  static uint8_t *page;

  if (page == NULL)
    {
      page = mmap (NULL, 2 * CSM_LEAF_PAGE_SIZE, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      g_assert_true (page != MAP_FAILED);
      g_assert_cmpint (mprotect (page + CSM_LEAF_PAGE_SIZE, CSM_LEAF_PAGE_SIZE, PROT_NONE), ==,
                       0);
    }
  return page;
}

/* The first byte's lowest bit says whether this is page 1. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  uint8_t *page = get_page ();
  Pages pages = { data, size, 64 };
  uint32_t number;
  int n;

  if (size == 0)
    return 0;
  number = data[0] & 1 ? 1 : 2;
  memset (page, 0, CSM_LEAF_PAGE_SIZE);
  memcpy (page, data + 1, MIN (size - 1, CSM_LEAF_PAGE_SIZE));
  n = csm_leaf_count (page, number);
  g_assert_cmpint (n, <=, CSM_LEAF_PAGE_SIZE / 2);
  for (int i = 0; i < n; i++)
    {
      g_auto (CsmCell) cell = { 0 };

      /* A record of many pages says nothing that one of few does not. */
      if (csm_leaf_open (page, number, i, &cell) && cell.n_payload < 64 * CSM_LEAF_PAGE_SIZE &&
          csm_cell_load (&cell, i % 3, fetch_cb, &pages))
        assert_sound (&cell);
    }
  return 0;
}
