/* csm-say.h: an error as a sentence
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

/* (transfer full): the rooms' messages start small and end bare, so that casectl can print them
 * after a colon; a window shows them with a capital letter and a full stop. */
char *csm_say_error (const GError *error);
