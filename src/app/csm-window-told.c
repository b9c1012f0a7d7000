/* csm-window-told.c: what is said until it is dismissed: how a job ended, and what went wrong
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-window-private.h"

#include <string.h>

#define MAX_LINES 4

/* What was the last thing to be said is not said twice. */
static char *
dup_with_last_lines (const char *said, const char *text)
{
  g_auto (GStrv) lines = g_strsplit (said, "\n", -1);
  unsigned n = g_strv_length (lines);
  unsigned first = n >= MAX_LINES ? n - MAX_LINES + 1 : 0;
  g_autofree char *kept = NULL;

  if (n > 0 && g_str_equal (lines[n - 1], text))
    return g_strdup (said);
  kept = g_strjoinv ("\n", lines + first);
  return kept[0] != '\0' ? g_strdup_printf ("%s\n%s", kept, text) : g_strdup (text);
}

void
csm_window_tell (CsmWindow *self, const char *text, bool failed)
{
  g_autofree char *all = dup_with_last_lines (gtk_label_get_text (self->told), text);

  gtk_label_set_text (self->told, all);
  if (failed)
    gtk_widget_add_css_class (GTK_WIDGET (self->told_box), "failed");
  gtk_widget_set_visible (GTK_WIDGET (self->told_revealer), !csm_window_is_covered (self));
  gtk_revealer_set_reveal_child (self->told_revealer, TRUE);
}

void
csm_window_untell (CsmWindow *self)
{
  gtk_revealer_set_reveal_child (self->told_revealer, FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->told_revealer), FALSE);
  gtk_widget_remove_css_class (GTK_WIDGET (self->told_box), "failed");
  gtk_label_set_text (self->told, "");
}
