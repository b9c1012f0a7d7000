/* csm-hash-thread.c: SHA-256 or SHA-512 over a stream, on a thread of its own
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-hash-thread.h"

struct _CsmHashThread
{
  /* Immutable */
  GThread *thread;

  GMutex lock;
  GCond changed;

  /* Guarded by lock */
  bool busy; /* from begin until the thread is through; it alone touches the hasher then */
  bool ends;
  const void *data;
  size_t size;
  CsmHasher *hasher;
};

static gpointer
hash_thread (gpointer data)
{
  CsmHashThread *self = data;

  g_mutex_lock (&self->lock);
  while (!self->ends || self->busy)
    {
      if (!self->busy)
        {
          g_cond_wait (&self->changed, &self->lock);
          continue;
        }
      g_mutex_unlock (&self->lock);
      csm_hasher_update (self->hasher, self->data, self->size);
      g_mutex_lock (&self->lock);
      self->busy = false;
      g_cond_broadcast (&self->changed);
    }
  g_mutex_unlock (&self->lock);
  return NULL;
}

/* Takes @hasher. */
static CsmHashThread *
new_thread (CsmHasher *hasher)
{
  CsmHashThread *self = g_new0 (CsmHashThread, 1);

  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  self->hasher = hasher;
  self->thread = g_thread_new ("hash", hash_thread, self);
  return self;
}

CsmHashThread *
csm_hash_thread_new (void)
{
  return new_thread (csm_hasher_new ());
}

CsmHashThread *
csm_hash_thread_new_sha512 (void)
{
  return new_thread (csm_hasher_new_sha512 ());
}

void
csm_hash_thread_begin (CsmHashThread *self, const void *data, size_t size)
{
  g_return_if_fail (self != NULL && (data != NULL || size == 0));

  g_mutex_lock (&self->lock);
  g_assert (!self->busy);
  self->data = data;
  self->size = size;
  self->busy = true;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

void
csm_hash_thread_wait (CsmHashThread *self)
{
  g_return_if_fail (self != NULL);

  g_mutex_lock (&self->lock);
  while (self->busy)
    g_cond_wait (&self->changed, &self->lock);
  g_mutex_unlock (&self->lock);
}

void
csm_hash_thread_finish (CsmHashThread *self, CsmDigest *ret_digest)
{
  csm_hash_thread_wait (self);
  csm_hasher_finish (self->hasher, ret_digest);
}

void
csm_hash_thread_finish_sha512 (CsmHashThread *self, CsmDigest512 *ret_digest)
{
  csm_hash_thread_wait (self);
  csm_hasher_finish_sha512 (self->hasher, ret_digest);
}

void
csm_hash_thread_free (CsmHashThread *self)
{
  if (self == NULL)
    return;
  g_mutex_lock (&self->lock);
  self->ends = true;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
  g_thread_join (self->thread);
  csm_hasher_free (self->hasher);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);
  g_free (self);
}
