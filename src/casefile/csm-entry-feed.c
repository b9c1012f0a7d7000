/* csm-entry-feed.c: the ledger in replay order, parsed on two threads
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-entry-feed.h"

#include "casefile/csm-case-private.h"

#include <string.h>

#define BATCH 32
#define AHEAD 16 /* batches */

typedef struct
{
  CsmFedEntry fed;
  GBytes *header, *meta, *body; /* until it is parsed */
  uint8_t signature[CSM_SIGNATURE_SIZE];
} Row;

typedef enum {
  BATCH_FREE,
  BATCH_READ,
  BATCH_TAKEN, /* whoever parses it has it to themselves */
  BATCH_PARSED,
} BatchState;

typedef struct
{
  BatchState state; /* guarded by the feed's lock */
  Row rows[BATCH];
  int n;
} Batch;

/* Batches go round in a ring: the lane reads into what is free, both threads parse the first
 * that is read, the lane takes what is parsed, in order. */
struct _CsmEntryFeed
{
  /* Immutable */
  GThread *thread;

  GMutex lock;
  GCond changed;
  bool ends; /* guarded by lock */
  Batch ring[AHEAD];
  int first; /* guarded by lock: what the lane takes next */

  /* Lane only */
  CsmQuery *query;
  int n_ahead; /* batches that hold rows, but for the current one */
  bool ended;  /* no more rows */
  GError *error;
  Batch *current; /* (nullable) */
  int at;
};

static void
row_clear (Row *row)
{
  csm_entry_unref (row->fed.entry);
  g_clear_error (&row->fed.error);
  g_clear_pointer (&row->header, g_bytes_unref);
  g_clear_pointer (&row->meta, g_bytes_unref);
  g_clear_pointer (&row->body, g_bytes_unref);
  memset (row, 0, sizeof *row);
}

static void
batch_clear (Batch *batch)
{
  for (int i = 0; i < batch->n; i++)
    row_clear (&batch->rows[i]);
  batch->n = 0;
}

static void
batch_parse (Batch *batch)
{
  for (int i = 0; i < batch->n; i++)
    {
      Row *row = &batch->rows[i];

      if (row->fed.error == NULL)
        row->fed.entry = csm_entry_parse (row->header, row->meta, row->body, row->signature,
                                          &row->fed.error);
    }
}

/* (nullable): the first batch that nobody has parsed. The lock is held. */
static Batch *
take_read (CsmEntryFeed *self)
{
  for (int i = 0; i < AHEAD; i++)
    {
      Batch *batch = &self->ring[(self->first + i) % AHEAD];

      if (batch->state == BATCH_READ)
        {
          batch->state = BATCH_TAKEN;
          return batch;
        }
    }
  return NULL;
}

/* Parses @batch without the lock, which is held before and after. */
static void
parse_taken (CsmEntryFeed *self, Batch *batch)
{
  g_mutex_unlock (&self->lock);
  batch_parse (batch);
  g_mutex_lock (&self->lock);
  batch->state = BATCH_PARSED;
  g_cond_broadcast (&self->changed);
}

static gpointer
parse_thread (gpointer data)
{
  CsmEntryFeed *self = data;

  g_mutex_lock (&self->lock);
  while (!self->ends)
    {
      Batch *batch = take_read (self);

      if (batch != NULL)
        parse_taken (self, batch);
      else
        g_cond_wait (&self->changed, &self->lock);
    }
  g_mutex_unlock (&self->lock);
  return NULL;
}

CsmEntryFeed *
csm_entry_feed_new (CsmDb *db)
{
  CsmEntryFeed *self = g_new0 (CsmEntryFeed, 1);

  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  self->query =
      csm_query_new (db, "read the ledger",
                     "SELECT n, header, meta, body, signature, id, chain, seq, lamport"
                     " FROM entry ORDER BY lamport, id");
  self->thread = g_thread_new ("entries", parse_thread, self);
  return self;
}

void
csm_entry_feed_free (CsmEntryFeed *self)
{
  if (self == NULL)
    return;
  g_mutex_lock (&self->lock);
  self->ends = true;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
  g_thread_join (self->thread);
  for (int i = 0; i < AHEAD; i++)
    batch_clear (&self->ring[i]);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);
  csm_query_free (self->query);
  g_clear_error (&self->error);
  g_free (self);
}

static void
read_row (CsmQuery *query, Row *row)
{
  row->fed.n = csm_query_get_int (query, 0);
  row->header = csm_query_dup_bytes (query, 1);
  row->meta = csm_query_dup_bytes (query, 2);
  row->body = csm_query_dup_bytes (query, 3);
  /* What does not fit stays zeroes, which is no entry's. */
  (void) csm_query_get_digest (query, 5, &row->fed.id);
  (void) csm_query_get_id (query, 6, &row->fed.chain);
  row->fed.seq = csm_query_get_int (query, 7);
  row->fed.lamport = csm_query_get_int (query, 8);
  if (row->header == NULL ||
      !csm_query_get_blob (query, 4, row->signature, sizeof row->signature))
    csm_case_fail (&row->fed.error, CSM_CASE_ERROR_DAMAGED,
                   "an entry has no header or signature");
}

static void
read_batch (CsmEntryFeed *self, Batch *batch)
{
  int step = 1;

  while (batch->n < BATCH && (step = csm_query_step (self->query, &self->error)) > 0)
    read_row (self->query, &batch->rows[batch->n++]);
  self->ended = step <= 0;
}

static void
set_state (CsmEntryFeed *self, Batch *batch, BatchState state)
{
  g_mutex_lock (&self->lock);
  batch->state = state;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

static void
read_ahead (CsmEntryFeed *self)
{
  while (!self->ended && self->n_ahead < AHEAD)
    {
      Batch *batch = &self->ring[(self->first + self->n_ahead) % AHEAD];

      read_batch (self, batch);
      self->n_ahead++;
      set_state (self, batch, BATCH_READ);
    }
}

/* The first batch, parsed; while the other thread has it in hand, this one parses what comes
 * after. */
static Batch *
take_first (CsmEntryFeed *self)
{
  Batch *first;

  g_mutex_lock (&self->lock);
  first = &self->ring[self->first];
  while (first->state != BATCH_PARSED)
    {
      Batch *batch = take_read (self);

      if (batch != NULL)
        parse_taken (self, batch);
      else
        g_cond_wait (&self->changed, &self->lock);
    }
  self->first = (self->first + 1) % AHEAD;
  g_mutex_unlock (&self->lock);
  self->n_ahead--;
  return first;
}

static void
give_back (CsmEntryFeed *self)
{
  if (self->current == NULL)
    return;
  batch_clear (self->current);
  set_state (self, self->current, BATCH_FREE);
  self->current = NULL;
}

int
csm_entry_feed_next (CsmEntryFeed *self, const CsmFedEntry **ret_fed, GError **error)
{
  while (self->current == NULL || self->at == self->current->n)
    {
      give_back (self);
      read_ahead (self);
      if (self->n_ahead == 0)
        {
          if (self->error == NULL)
            return 0;
          g_propagate_error (error, g_steal_pointer (&self->error));
          return -1;
        }
      self->current = take_first (self);
      self->at = 0;
    }
  *ret_fed = &self->current->rows[self->at++].fed;
  return 1;
}
