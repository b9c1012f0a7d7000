/* csm-key-item.h: who holds a key, as a list shows it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "casefile/csm-case-keys.h"

#include <gio/gio.h>

#define CSM_TYPE_KEY_ITEM (csm_key_item_get_type ())
G_DECLARE_FINAL_TYPE (CsmKeyItem, csm_key_item, CSM, KEY_ITEM, GObject)
/* Properties (read-only): "name", "detail" ("Reviewer, since 5 March 2026"). Takes @record.
 *
 * Threads  main thread only. */
CsmKeyItem *csm_key_item_new (CsmKeyHolder *record);
const CsmKeyHolder *csm_key_item_get_record (CsmKeyItem *self);
