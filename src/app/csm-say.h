/* csm-say.h: what a page says under a field
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

/* Shows @text in @label as it stands, never as markup; NULL hides the label. */
void csm_say (GtkLabel *label, const char *text);

/* (transfer full): @text with a capital letter. */
char *csm_say_capital (const char *text);
/* (transfer full): the same with a full stop, when it has no end of its own. */
char *csm_say_sentence (const char *text);
/* (transfer full): the rooms' messages start small and end bare, so that casectl can print them
 * after a colon; a window shows them with a capital letter and a full stop. */
char *csm_say_error (const GError *error);
