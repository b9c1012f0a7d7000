/* csm-entry-feed.c: the ledger in replay order, parsed on a second thread
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-entry-feed.h"

#include "casefile/csm-case-private.h"

#define BATCH 32
#define AHEAD 8 /* batches */

typedef struct
{
  CsmFedEntry fed;
  GBytes *header, *meta, *body; /* until it is parsed */
  uint8_t signature[CSM_SIGNATURE_SIZE];
} Row;

/* One batch is with one thread at a time. */
typedef struct
{
  Row rows[BATCH];
  int n;
  bool last; /* tells the thread to end */
} Batch;

struct _CsmEntryFeed
{
  /* Immutable */
  GAsyncQueue *unparsed;
  GAsyncQueue *parsed;
  GThread *thread;

  /* Lane only */
  CsmQuery *query;
  int n_ahead; /* batches that are with the thread, or back and not taken */
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
}

static void
batch_free (gpointer data)
{
  Batch *batch = data;

  if (batch == NULL)
    return;
  for (int i = 0; i < batch->n; i++)
    row_clear (&batch->rows[i]);
  g_free (batch);
}

static gpointer
parse_thread (gpointer data)
{
  CsmEntryFeed *self = data;

  for (;;)
    {
      Batch *batch = g_async_queue_pop (self->unparsed);

      if (batch->last)
        {
          batch_free (batch);
          return NULL;
        }
      for (int i = 0; i < batch->n; i++)
        {
          Row *row = &batch->rows[i];

          if (row->fed.error == NULL)
            row->fed.entry = csm_entry_parse (row->header, row->meta, row->body, row->signature,
                                              &row->fed.error);
        }
      g_async_queue_push (self->parsed, batch);
    }
}

CsmEntryFeed *
csm_entry_feed_new (CsmDb *db)
{
  CsmEntryFeed *self = g_new0 (CsmEntryFeed, 1);

  self->unparsed = g_async_queue_new ();
  self->parsed = g_async_queue_new_full (batch_free);
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
  Batch *end;

  if (self == NULL)
    return;
  end = g_new0 (Batch, 1);
  end->last = true;
  g_async_queue_push_front (self->unparsed, end);
  g_thread_join (self->thread);
  for (Batch *batch; (batch = g_async_queue_try_pop (self->unparsed)) != NULL;)
    batch_free (batch);
  g_async_queue_unref (self->unparsed);
  g_async_queue_unref (self->parsed);
  batch_free (self->current);
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
read_ahead (CsmEntryFeed *self)
{
  while (!self->ended && self->n_ahead < AHEAD)
    {
      Batch *batch = g_new0 (Batch, 1);
      int step = 1;

      while (batch->n < BATCH && (step = csm_query_step (self->query, &self->error)) > 0)
        read_row (self->query, &batch->rows[batch->n++]);
      self->ended = step <= 0;
      self->n_ahead++;
      g_async_queue_push (self->unparsed, batch);
    }
}

int
csm_entry_feed_next (CsmEntryFeed *self, const CsmFedEntry **ret_fed, GError **error)
{
  while (self->current == NULL || self->at == self->current->n)
    {
      g_clear_pointer (&self->current, batch_free);
      read_ahead (self);
      if (self->n_ahead == 0)
        {
          if (self->error == NULL)
            return 0;
          g_propagate_error (error, g_steal_pointer (&self->error));
          return -1;
        }
      self->current = g_async_queue_pop (self->parsed);
      self->n_ahead--;
      self->at = 0;
    }
  *ret_fed = &self->current->rows[self->at++].fed;
  return 1;
}
