/* csm-afresh.h: the same process with nothing of its past in its memory
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <stdbool.h>

/* Texts of a case are copied by every library that lays them out, and what is freed is not
 * wiped. So that none stays once a case is locked, this program is executed anew in its
 * process, as it was when it started, also when its file was replaced or removed since: the
 * kernel takes all of the old memory away, and only @kept goes over, in memory that no file
 * and no list of processes shows. It must hold nothing of the case. Standard input, output and
 * error stay open, nothing else does. Returns only when that failed. Everything must be on the
 * disk, and every child gone, before. */
gboolean csm_afresh_execute (GVariant *kept, GError **error);
/* (transfer full) (nullable): what was kept, of @type; closes @fd. NULL when nothing was, and
 * @fd is then left as it is. */
GVariant *csm_afresh_take (int fd, const GVariantType *type);
