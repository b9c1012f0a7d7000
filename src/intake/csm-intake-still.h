/* csm-intake-still.h: one frame as a picture file, and how a view shows it beside
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "intake/csm-intake.h"
#include "media/csm-worker.h"

/* CsmStill: a frame as decoded and, when a view was asked for, as that shows it.
 * Ownership  csm_still_free() takes NULL.
 * Errors     CSM_MEDIA_ERROR, and those of csm_intake_export(). */
typedef struct
{
  int track; /* v:N */
  int64_t ordinal;
  GBytes *png;
  GBytes *view_png; /* NULL: no view */
  char *view;       /* as csm_view_format() says it */
  char *filters;    /* what made it, for the ffmpeg program */
} CsmStill;
void csm_still_free (CsmStill *self);

/* (transfer full) (nullable): of v:@track, whose index the worker has; blocking. */
CsmStill *csm_still_read (CsmWorker *worker,
                          int track,
                          int64_t ordinal,
                          const CsmView *view,
                          GCancellable *cancellable,
                          GError **error);
/* Writes the frame to @path and the view beside it, to csm_still_dup_view_path(); each has its
 * entry, that of the view with its filters. Neither may be there; case lane. */
gboolean csm_still_write (const CsmStill *self,
                          CsmCase *acase,
                          const CsmId *exhibit,
                          const char *path,
                          GError **error);
/* (transfer full): "a.png" becomes "a-view.png". */
char *csm_still_dup_view_path (const char *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmStill, csm_still_free)
