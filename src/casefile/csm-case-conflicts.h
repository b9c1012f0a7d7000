/* csm-case-conflicts.h: what two copies made of one thing, and how that is settled
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "casefile/csm-case.h"

/* One of the entries that nothing replaces. */
typedef struct
{
  CsmDigest entry;
  char *author; /* reviewer's name */
  CsmTime time;
  bool in_effect; /* what the case shows now: the last version */
  json_t *values; /* object of strings: "frames", "code", "text" ...; "removed": "yes" */
} CsmConflictVersion;

/* Edits of one thing that were made in two copies, each without the other. */
typedef struct
{
  char *name;          /* "mark-1f2e3d4c", for people's input */
  char *facet;         /* "mark", "exhibit", "presence", "index" or "code" */
  CsmId subject;       /* but for a code */
  char *code;          /* (nullable) a code's id */
  CsmId exhibit;       /* of a mark, or the exhibit; empty for a code */
  char *where;         /* "E-0003 clip.mp4", "code baton" */
  GPtrArray *versions; /* CsmConflictVersion, oldest first, at least two */
  char **differs;      /* keys of values that are not the same in all versions */
} CsmConflict;
void csm_conflict_free (CsmConflict *self);

/* Those whose versions say different things: two copies that came to the same are no matter for
 * people. By place, then time. */
GPtrArray *csm_case_list_conflicts (CsmCase *self, GError **error);
/* (transfer full) (nullable): by its name, or the beginning of one. */
CsmConflict *csm_case_find_conflict (CsmCase *self, const char *name, GError **error);
/* Signs what the version @take says once more, in the place of all versions. _NOT_FOUND when it
 * was settled or changed meanwhile; _INVALID for a frame index that is not kept here. */
gboolean csm_case_settle (CsmCase *self,
                          const CsmConflict *conflict,
                          const CsmDigest *take,
                          GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmConflict, csm_conflict_free)
