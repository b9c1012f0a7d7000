/* csm-say.c: what a page says under a field
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-say.h"

#include <string.h>

void
csm_say (GtkLabel *label, const char *text)
{
  gtk_label_set_text (label, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (label), text != NULL);
}

char *
csm_say_error (const GError *error)
{
  const char *message = error->message;
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_append_unichar (text, g_unichar_toupper (g_utf8_get_char (message)));
  g_string_append (text, g_utf8_next_char (message));
  if (text->len > 0 && !strchr (".!?", text->str[text->len - 1]))
    g_string_append_c (text, '.');
  return g_string_free (g_steal_pointer (&text), FALSE);
}
