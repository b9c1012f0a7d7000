/* csm-selection.h: what of a case is to leave it, and how much of that is said
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "casefile/csm-records.h"

typedef enum {
  CSM_CLIPS_NONE,
  CSM_CLIPS_COPIED, /* packets as they are, from the key frame before to the mark's end */
  CSM_CLIPS_FFV1,   /* exactly the marked frames, re-encoded without loss */
  CSM_CLIPS_H264,   /* exactly the marked frames, re-encoded, small */
} CsmClips;

/* CsmSelection: a person's choice. All that it does not ask for stays home.
 *
 * What is "do not export" never leaves, whatever a selection says. Empty lists choose
 * everything; lists together choose what is in each of them.
 *
 * Ownership  owns its lists; csm_selection_free() takes NULL.
 * Threads    a plain value; one thread at a time. */
typedef struct
{
  /* Which exhibits and marks. */
  GPtrArray *exhibits; /* of CsmId */
  GPtrArray *marks;    /* of CsmId */
  GPtrArray *codes;   /* of char *: ids; marks with one of them, and the exhibits they lie in */
  GPtrArray *authors; /* of char *: signing keys in hex; as with codes */

  /* What is said of them, and left out unless asked for. */
  bool names;       /* reviewers by name, else "Reviewer A" */
  bool acquisition; /* source, obtained from, when, how */
  bool notes;       /* of exhibits */
  bool superseded;  /* earlier revisions of the marks, and marks that were removed */
  bool access;      /* records of opening, displaying, extracting */

  /* What is made. */
  bool files;    /* the exhibits as received; else only their hashes */
  bool stills;   /* first frame of each mark, as decoded, and a contact sheet */
  bool captions; /* a captioned copy beside each still */
  CsmClips clips;
  bool report; /* report.pdf and index.html */
} CsmSelection;

/* (transfer full): the whole case: files, stills and report, nothing that is left out unless
 * asked for. */
CsmSelection *csm_selection_new (void);
void csm_selection_free (CsmSelection *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmSelection, csm_selection_free)
