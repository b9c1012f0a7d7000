/* csm-sqlite-memory.c: SQLite's heap, wiped block by block
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "vault/csm-sqlite-memory.h"

#include <glib.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

/* A page of 4096 bytes and what SQLite keeps beside it. */
#define SLOT_SIZE 4608
#define CHUNK_SIZE (SLOT_SIZE * 256)
/* Less goes to the heap. */
#define LEAST_IN_SLOT 2048

/* Before each block; keeps the alignment of malloc(). */
typedef struct
{
  uint64_t room; /* bytes behind it */
  uint64_t is_slot;
} Head;

typedef struct _FreeSlot FreeSlot;
struct _FreeSlot
{
  FreeSlot *next;
};

G_STATIC_ASSERT (sizeof (Head) == 16);

static GMutex lock;

/* Guarded by lock */
static FreeSlot *free_slots;
static size_t may_lock; /* bytes */

/* Chunks stay: a case that is opened again takes the same ones. */
static bool
add_chunk (void)
{
  uint8_t *chunk =
      mmap (NULL, CHUNK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  if (chunk == MAP_FAILED)
    return false;
  (void) madvise (chunk, CHUNK_SIZE, MADV_DONTDUMP); /* old kernels do not know it */
  if (may_lock >= CHUNK_SIZE && mlock (chunk, CHUNK_SIZE) == 0)
    may_lock -= CHUNK_SIZE;
  for (size_t at = 0; at < CHUNK_SIZE; at += SLOT_SIZE)
    {
      FreeSlot *slot = (FreeSlot *) (chunk + CHUNK_SIZE - SLOT_SIZE - at);

      slot->next = free_slots;
      free_slots = slot;
    }
  return true;
}

static Head *
take_slot (void)
{
  FreeSlot *slot = NULL;

  g_mutex_lock (&lock);
  if (free_slots != NULL || add_chunk ())
    {
      slot = free_slots;
      free_slots = slot->next;
    }
  g_mutex_unlock (&lock);
  return (Head *) slot;
}

static void
give_slot (Head *head)
{
  FreeSlot *slot = (FreeSlot *) head;

  g_mutex_lock (&lock);
  slot->next = free_slots;
  free_slots = slot;
  g_mutex_unlock (&lock);
}

static void *
memory_malloc (int size)
{
  const size_t room = ((size_t) size + 7) & ~(size_t) 7;
  const bool is_slot = room >= LEAST_IN_SLOT && room <= SLOT_SIZE - sizeof (Head);
  Head *head = is_slot ? take_slot () : malloc (sizeof (Head) + room);

  if (head == NULL)
    return NULL;
  head->room = is_slot ? SLOT_SIZE - sizeof (Head) : room;
  head->is_slot = is_slot;
  return head + 1;
}

static void
memory_free (void *block)
{
  Head *head = (Head *) block - 1;
  const bool is_slot = head->is_slot != 0;

  sodium_memzero (head, sizeof *head + head->room);
  if (is_slot)
    give_slot (head);
  else
    free (head);
}

static int
memory_size (void *block)
{
  return block != NULL ? (int) ((Head *) block - 1)->room : 0;
}

/* Never in place beyond its room: realloc() would leave the old bytes behind. */
static void *
memory_realloc (void *block, int size)
{
  const int room = memory_size (block);
  void *larger;

  if (size <= room && size > room / 2)
    return block;
  larger = memory_malloc (size);
  if (larger == NULL)
    return NULL;
  memcpy (larger, block, (size_t) MIN (room, size));
  memory_free (block);
  return larger;
}

static int
memory_roundup (int size)
{
  return (size + 7) & ~7;
}

static int
memory_init (void *data)
{
  return SQLITE_OK;
}

static void
memory_shutdown (void *data)
{
}

static bool
protect (void)
{
  static const sqlite3_mem_methods methods = {
    .xMalloc = memory_malloc,
    .xFree = memory_free,
    .xRealloc = memory_realloc,
    .xSize = memory_size,
    .xRoundup = memory_roundup,
    .xInit = memory_init,
    .xShutdown = memory_shutdown,
  };
  struct rlimit limit;

  if (getrlimit (RLIMIT_MEMLOCK, &limit) == 0)
    may_lock = limit.rlim_cur / 2;
  /* Each page a block of its own, not the first twenty in one. */
  return sqlite3_config (SQLITE_CONFIG_MALLOC, &methods) == SQLITE_OK &&
         sqlite3_config (SQLITE_CONFIG_PAGECACHE, NULL, 0, 0) == SQLITE_OK;
}

bool
csm_sqlite_memory_protect (void)
{
  static gsize done;

  if (g_once_init_enter (&done))
    g_once_init_leave (&done, protect () ? 1 : 2);
  return done == 1;
}
