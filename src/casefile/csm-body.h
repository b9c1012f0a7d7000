/* csm-body.h: bodies of entries, written and read
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-json.h"
#include "casefile/csm-records.h"

#define CSM_MAX_REGIONS 1024
#define CSM_MAX_FRAME_COMMITS 4096
#define CSM_MAX_TEXT (64 * 1024)

/* A mark.set as it was signed. */
typedef struct
{
  CsmMark *mark; /* what the body says; author's name, number and revision are empty */
  CsmDigest exhibit_sha256;
  CsmFrameCommit *frames;
  int n_frames;
} CsmMarkBody;

/* (transfer full): objects for csm_entry_new(). */
json_t *csm_mark_body_build (const CsmMark *mark,
                             const CsmDigest *exhibit_sha256,
                             const CsmFrameCommit *frames,
                             int n_frames);
json_t *csm_frames_build (const CsmFrameCommit *frames, int n_frames);
/* (transfer full): the regions of @mark in numbers, for tables that are read, not signed. */
json_t *csm_mark_list_regions (const CsmMark *mark);
/* Adds the fields of @acquisition to @body. */
void csm_acquisition_build (json_t *body, const CsmAcquisition *acquisition);

/* (transfer full) (nullable): what is signed may still be nonsense: spans, sizes and counts are
 * checked. _NEWER for a shape that this version does not know. */
CsmMarkBody *csm_mark_body_parse (const CsmEntry *entry, const json_t *body, GError **error);
void csm_mark_body_free (CsmMarkBody *self);
/* What every code.set holds to, in a live write and in what other copies signed: _INVALID. */
gboolean csm_code_check (const CsmCode *code, GError **error);
gboolean csm_frames_parse (const json_t *array,
                           CsmFrameCommit **ret_frames,
                           int *ret_n_frames,
                           GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmMarkBody, csm_mark_body_free)
