/* csm-finding-feed.h: findings on their way from a lane to the main thread; private to the room
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "review/csm-session.h"

/* CsmFindingFeed.
 *
 * Ownership  reference counted, atomically; _unref() takes NULL.
 * Threads    csm_finding_feed_add_cb(), _ref(), _unref(): any; all else: main thread. */
typedef struct _CsmFindingFeed CsmFindingFeed;

/* @data is used, and freed, on the main thread only, until csm_finding_feed_stop(). */
CsmFindingFeed *csm_finding_feed_new (CsmSessionFinding finding,
                                      gpointer data,
                                      GDestroyNotify free_data);
CsmFindingFeed *csm_finding_feed_ref (CsmFindingFeed *self);
void csm_finding_feed_unref (CsmFindingFeed *self);
/* A CsmFindingCallback whose data is the feed. */
void csm_finding_feed_add_cb (CsmFindingKind kind,
                              const char *where,
                              const char *what,
                              gpointer feed);
/* Tells what waits, and then nothing any more: all findings come before an outcome. */
void csm_finding_feed_stop (CsmFindingFeed *self);
