/* csm-credentials.h: whether a file carries Content Credentials
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-byte-source.h"

#include <stdbool.h>

/* true when a C2PA manifest store lies where the C2PA specification (2.1, appendix A) puts it:
 * a "uuid" box at the top level of MP4, QuickTime and HEIF, segments APP11 of JPEG, a "caBX"
 * chunk of PNG, a "C2PA" chunk of RIFF. Nothing is validated. Looks at most at the first 1024
 * boxes, segments or chunks, at their heads alone. */
bool csm_credentials_are_present (CsmByteSource *source);
