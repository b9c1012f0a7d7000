/* csm-dossier-private.h: what the parts of CsmDossier share
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "export/csm-dossier.h"

/* csm-dossier-exhibits.c: exhibits and marks, and what of them stays home. */
gboolean csm_dossier_read_exhibits (CsmDossier *self,
                                    CsmCase *acase,
                                    const CsmSelection *selection,
                                    GError **error);
/* csm-dossier-records.c: what happened to the exhibits. */
gboolean csm_dossier_read_records (CsmDossier *self,
                                   CsmCase *acase,
                                   const CsmSelection *selection,
                                   GError **error);
/* @what (transfer full) is nothing when @count is 0. @why is static. */
void csm_dossier_withhold (CsmDossier *self, char *what, const char *why, int64_t count);

/* csm-dossier-names.c. */
/* (transfer full): the number, when it is safe in names of files, else a label that is. Two
 * exhibits never have the same: @taken (of char *, lower case) gets it. */
char *csm_dossier_make_label (const char *number, GHashTable *taken);
/* (transfer full): of what was received as @name, and is of FFmpeg's @format: letters and
 * digits, without the dot. */
char *csm_dossier_make_extension (const char *name, const char *format);
/* Static. @picture: there is more than sound in it. */
const char *csm_dossier_find_mime_type (const char *name, const char *format, bool picture);
