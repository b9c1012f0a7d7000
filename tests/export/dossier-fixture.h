/* dossier-fixture.h: a dossier made by hand, for tests of what is written from one
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "export/csm-dossier.h"

/* (transfer full): of the case "Minsk & <August>" by "Reviewer A" and "Reviewer B":
 *
 * E-0001  exhibits/E-0001.ts, 320x240; v:0 has 6 frames of 1/90000 that do not last the same,
 * from 129600 on; sound begins at 126000. Marks of both reviewers, some of them at once. E-0002
 * exhibits/E-0002.wav, sound alone, 44100 samples a second; one mark. E-0003
 * exhibits/E-0003.png, a picture; one mark with a region. E-0004  stays home; its frames have
 * no time stamps; one mark. E-0005  no mark.
 *
 * The same whenever it is made. */
CsmDossier *dossier_fixture_new (void);
void dossier_fixture_free (CsmDossier *dossier);

CsmDossierExhibit *dossier_fixture_get_exhibit (const CsmDossier *dossier, unsigned number);
/* Of @exhibit's track v:0, or a:0 when it has no pictures; @code and @text may be NULL. */
CsmDossierMark *dossier_fixture_add_mark (CsmDossier *dossier,
                                          CsmDossierExhibit *exhibit,
                                          unsigned reviewer,
                                          int64_t from,
                                          int64_t to,
                                          const char *code,
                                          const char *text);
void dossier_fixture_add_region (CsmDossierMark *mark, int64_t frame, CsmRect rect);
/* Takes the marks off. */
void dossier_fixture_clear_marks (CsmDossier *dossier);
