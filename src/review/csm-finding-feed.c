/* csm-finding-feed.c: findings on their way from a lane to the main thread
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review/csm-finding-feed.h"

typedef struct
{
  CsmFindingKind kind;
  char *where;
  char *what;
} Finding;

struct _CsmFindingFeed
{
  /* Main thread only */
  CsmSessionFinding finding; /* (nullable) */
  gpointer data;
  GDestroyNotify free_data;

  /* Guarded by lock */
  GMutex lock;
  GQueue waiting;
};

static void
finding_free (Finding *finding)
{
  g_free (finding->where);
  g_free (finding->what);
  g_free (finding);
}

CsmFindingFeed *
csm_finding_feed_new (CsmSessionFinding finding, gpointer data, GDestroyNotify free_data)
{
  CsmFindingFeed *self = g_atomic_rc_box_new0 (CsmFindingFeed);

  g_mutex_init (&self->lock);
  self->finding = finding;
  self->data = data;
  self->free_data = free_data;
  return self;
}

CsmFindingFeed *
csm_finding_feed_ref (CsmFindingFeed *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
feed_clear (gpointer data)
{
  CsmFindingFeed *self = data;

  g_queue_clear_full (&self->waiting, (GDestroyNotify) finding_free);
  g_mutex_clear (&self->lock);
}

void
csm_finding_feed_unref (CsmFindingFeed *self)
{
  if (self != NULL)
    g_atomic_rc_box_release_full (self, feed_clear);
}

static Finding *
take (CsmFindingFeed *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return g_queue_pop_head (&self->waiting);
}

static gboolean
tell_cb (gpointer data)
{
  CsmFindingFeed *self = data;
  Finding *finding;

  while ((finding = take (self)) != NULL)
    {
      if (self->finding != NULL)
        self->finding (finding->kind, finding->where, finding->what, self->data);
      finding_free (finding);
    }
  return G_SOURCE_REMOVE;
}

static void
feed_unref (gpointer data)
{
  csm_finding_feed_unref (data);
}

void
csm_finding_feed_add_cb (CsmFindingKind kind,
                         const char *where,
                         const char *what,
                         gpointer feed)
{
  CsmFindingFeed *self = feed;
  Finding *finding = g_new0 (Finding, 1);

  finding->kind = kind;
  finding->where = g_strdup (where);
  finding->what = g_strdup (what);
  g_mutex_lock (&self->lock);
  g_queue_push_tail (&self->waiting, finding);
  g_mutex_unlock (&self->lock);
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, tell_cb, csm_finding_feed_ref (self), feed_unref);
}

void
csm_finding_feed_stop (CsmFindingFeed *self)
{
  (void) tell_cb (self);
  self->finding = NULL;
  if (self->free_data != NULL)
    self->free_data (self->data);
  self->free_data = NULL;
}
