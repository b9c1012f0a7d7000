/* watch-clipboards.c: says what is on the clipboards whenever that changes
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <gtk/gtk.h>

#include <stdio.h>

static void
text_read_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autofree char *text = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (object), result, NULL);

  if (text != NULL)
    printf ("%s: %s\n", (const char *) data, text);
  else
    printf ("%s without text\n", (const char *) data);
  fflush (stdout);
}

static void
changed_cb (GdkClipboard *clipboard, gpointer name)
{
  gdk_clipboard_read_text_async (clipboard, NULL, text_read_cb, name);
}

static void
watch (GdkClipboard *clipboard, char *name)
{
  g_signal_connect (clipboard, "changed", G_CALLBACK (changed_cb), name);
  changed_cb (clipboard, name);
}

/* watch-clipboards: a line for each text, until it is ended */
int
main (void)
{
  char clipboard[] = "clipboard", primary[] = "primary";

  gtk_init ();
  watch (gdk_display_get_clipboard (gdk_display_get_default ()), clipboard);
  watch (gdk_display_get_primary_clipboard (gdk_display_get_default ()), primary);
  for (;;)
    g_main_context_iteration (NULL, TRUE);
}
