/* csm-disclosure.h: which parts of an entry go with a bundle
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "export/csm-dossier.h"

/* The header of every entry goes, so that the chains can be checked. Whether its meta and its
 * body go is decided here and nowhere else, by the table in FORMAT.md. Threads: any. */
typedef struct
{
  bool meta, body;
} CsmDisclosure;
CsmDisclosure csm_disclosure_decide (const CsmDossier *dossier,
                                     const CsmSelection *selection,
                                     const CsmEntry *entry);
