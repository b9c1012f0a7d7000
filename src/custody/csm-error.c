/* csm-error.c: errors of the custody room
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "custody/csm-error.h"

G_DEFINE_QUARK (csm_custody_error, csm_custody_error)
