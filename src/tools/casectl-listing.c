/* casectl-listing.c: listings as text or as one JSON document, and progress
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/casectl.h"

#include <stdio.h>
#include <unistd.h>

#define JSON_FLAGS (JSON_COMPACT | JSON_REAL_PRECISION (15))

void
csm_listing_begin (CsmListing *self, bool json, const char *const *columns)
{
  *self = (CsmListing){ .json = json, .columns = columns };
  if (json)
    fputc ('[', stdout);
}

static void
print_cell (const json_t *value)
{
  if (json_is_string (value))
    csm_tool_print_text (stdout, json_string_value (value));
  else if (json_is_integer (value))
    printf ("%" JSON_INTEGER_FORMAT, json_integer_value (value));
  else if (json_is_real (value))
    printf ("%.3f", json_real_value (value));
  else if (json_is_boolean (value))
    fputs (json_is_true (value) ? "yes" : "no", stdout);
  else
    fputc ('-', stdout);
}

/* What is bold is a terminal's business, and no part of what is written elsewhere. */
static void
print_bold (const char *text, const json_t *spans)
{
  const char *at = text;
  const json_t *span;
  size_t i;

  json_array_foreach (spans, i, span)
  {
    const char *first =
        g_utf8_offset_to_pointer (text, json_integer_value (json_array_get (span, 0)));
    const char *end =
        g_utf8_offset_to_pointer (text, json_integer_value (json_array_get (span, 1)));
    g_autofree char *before = g_strndup (at, (size_t) (first - at));
    g_autofree char *within = g_strndup (first, (size_t) (end - first));

    csm_tool_print_text (stdout, before);
    fputs ("\033[1m", stdout);
    csm_tool_print_text (stdout, within);
    fputs ("\033[22m", stdout);
    at = end;
  }
  csm_tool_print_text (stdout, at);
}

void
csm_listing_add (CsmListing *self, json_t *row)
{
  if (self->json)
    {
      fputs (self->n_rows == 0 ? "\n" : ",\n", stdout);
      /* A failed write shows in ferror() when the command ends. */
      (void) json_dumpf (row, stdout, JSON_FLAGS);
    }
  else
    {
      const bool bold = self->bold != NULL && isatty (STDOUT_FILENO);

      for (int i = 0; self->columns[i] != NULL; i++)
        {
          const json_t *cell = json_object_get (row, self->columns[i]);

          if (i > 0)
            fputc ('\t', stdout);
          if (bold && self->columns[i + 1] == NULL)
            print_bold (json_string_value (cell), json_object_get (row, self->bold));
          else
            print_cell (cell);
        }
      fputc ('\n', stdout);
    }
  self->n_rows++;
  json_decref (row);
}

void
csm_listing_end (CsmListing *self)
{
  if (self->json)
    fputs (self->n_rows == 0 ? "]\n" : "\n]\n", stdout);
}

void
csm_tool_print_json (json_t *document)
{
  (void) json_dumpf (document, stdout, JSON_INDENT (2) | JSON_REAL_PRECISION (15));
  fputc ('\n', stdout);
  json_decref (document);
}

json_t *
csm_tool_json_time (CsmTime time)
{
  g_autofree char *text = csm_time_format (time);

  return json_string (text);
}

json_t *
csm_tool_json_duration (int64_t ms)
{
  return ms < 0 ? json_null () : json_real ((double) ms / 1000.0);
}

/* Whether a progress line stands on the terminal. */
static bool progress_shown;

void
csm_tool_progress (const char *what, int64_t done, int64_t total)
{
  static int64_t last;
  int64_t now = g_get_monotonic_time ();

  if (!isatty (STDERR_FILENO) || (progress_shown && now - last < G_USEC_PER_SEC / 10))
    return;
  last = now;
  progress_shown = true;
  fputs ("\r\033[K", stderr);
  csm_tool_print_text (stderr, what);
  fprintf (stderr, " %d %%", total > 0 ? (int) (done * 100.0 / total) : 0);
}

void
csm_tool_progress_cb (int64_t done, int64_t total, gpointer what)
{
  csm_tool_progress (what, done, total);
}

void
csm_tool_progress_end (void)
{
  if (progress_shown)
    fputs ("\r\033[K", stderr);
  progress_shown = false;
}
