/* csm-worker-text.h: text that a worker hands over
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

/* (transfer full): valid UTF-8; control characters, line and paragraph separators and explicit
 * changes of writing direction become U+FFFD. */
char *csm_worker_text_clean (const char *untrusted_text);
