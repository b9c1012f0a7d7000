/* csm-worker-text.c: text that a worker hands over
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/csm-worker-text.h"

static gboolean
misleads (gunichar c)
{
  return g_unichar_iscntrl (c) || c == 0x2028 || c == 0x2029 || (c >= 0x202a && c <= 0x202e) ||
         (c >= 0x2066 && c <= 0x2069);
}

char *
csm_worker_text_clean (const char *untrusted_text)
{
  g_autofree char *valid = g_utf8_make_valid (untrusted_text, -1);
  GString *clean = g_string_new (NULL);

  for (const char *at = valid; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      g_string_append_unichar (clean, misleads (c) ? 0xfffd : c);
    }
  return g_string_free (clean, FALSE);
}
