/* csm-case-tracks.h: what is known of an exhibit's further video tracks
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "casefile/csm-case.h"

/* The first video track, v:0, is the exhibit's own: csm_case_set_media_facts(),
 * csm_case_set_index(). Of the others nothing is known until somebody chooses them. */

/* CsmKeptTrack: a heap value that owns its parts; csm_kept_track_free() takes NULL. */
typedef struct
{
  int track; /* 1 upward: v:1 */
  CsmIndexState state;
  char *status;     /* one line for people: "exact" */
  int64_t n_frames; /* -1 unknown */
  GBytes *index;    /* (nullable): the serialised frame index, exact when @state is */
  char *library;    /* of csm_case_set_track() alone: what made an exact index */
} CsmKeptTrack;
void csm_kept_track_free (CsmKeptTrack *self);

/* Keeps @track of @exhibit, in the place of what was kept of it. An exact index is bound by an
 * entry "exhibit.track" that holds the track, the exhibit's hash, the index's SHA-256, the
 * library and the number of frames; one that an entry binds already makes no other. */
gboolean csm_case_set_track (CsmCase *self,
                             const CsmId *exhibit,
                             const CsmKeptTrack *track,
                             GError **error);
/* (transfer full) (nullable): NULL without error when nobody chose v:@track yet. _DAMAGED when
 * no entry names its exact index. */
CsmKeptTrack *csm_case_get_track (CsmCase *self,
                                  const CsmId *exhibit,
                                  int track,
                                  GError **error);
/* (transfer full) (element-type CsmKeptTrack): all that are kept of @exhibit, in order;
 * fails like csm_case_get_track(). */
GPtrArray *csm_case_list_tracks (CsmCase *self, const CsmId *exhibit, GError **error);
/* (transfer full) (element-type CsmId): the exhibits of which further tracks are kept. */
GArray *csm_case_list_tracked (CsmCase *self, GError **error);
/* (transfer full) (nullable): the serialised index of any video track, v:0 too; NULL without
 * error when there is none. */
GBytes *csm_case_get_track_index (CsmCase *self,
                                  const CsmId *exhibit,
                                  int track,
                                  GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmKeptTrack, csm_kept_track_free)
