/* csm-items-private.h: what the session does to the items of its lists
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "review/csm-items.h"

/* Called once, when somebody first asks for a thumbnail that is not there. */
typedef void (*CsmThumbnailLoader) (CsmExhibitItem *item, GObject *data);
/* @data is not kept alive. */
void csm_exhibit_item_set_loader (CsmExhibitItem *self,
                                  CsmThumbnailLoader loader,
                                  GObject *data);
/* The next asking calls the loader again. */
void csm_exhibit_item_expire_thumbnail (CsmExhibitItem *self);
/* Takes @record: the same exhibit as it is now. The object stays, so that a selection does. */
void csm_exhibit_item_update (CsmExhibitItem *self, CsmExhibit *record);
