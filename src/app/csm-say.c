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

static GString *
begin_capital (const char *text)
{
  GString *capital = g_string_new (NULL);

  if (text[0] == '\0')
    return capital;
  g_string_append_unichar (capital, g_unichar_toupper (g_utf8_get_char (text)));
  g_string_append (capital, g_utf8_next_char (text));
  return capital;
}

char *
csm_say_capital (const char *text)
{
  return g_string_free (begin_capital (text), FALSE);
}

char *
csm_say_sentence (const char *text)
{
  g_autoptr (GString) sentence = begin_capital (text);

  if (sentence->len > 0 && !strchr (".!?", sentence->str[sentence->len - 1]))
    g_string_append_c (sentence, '.');
  return g_string_free (g_steal_pointer (&sentence), FALSE);
}

char *
csm_say_error (const GError *error)
{
  return csm_say_sentence (error->message);
}
