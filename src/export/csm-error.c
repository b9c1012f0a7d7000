/* csm-error.c: errors of the export room
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-error.h"

G_DEFINE_QUARK (csm_export_error, csm_export_error)
