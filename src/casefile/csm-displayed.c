/* csm-displayed.c: which frames of an exhibit were on the screen, as "access.displayed" says it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-displayed.h"

#include "base/csm-json.h"
#include "casefile/csm-records.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <stdlib.h>

#define MAX_TOLD 4
#define MAX_FRAME (INT64_C (1) << 53)
#define MIN_SPEED 100
#define MAX_SPEED 4000

static const char *const names[] = { "paused", "played", "dragged" };

json_t *
csm_displayed_to_json (const CsmDisplayedSpan *spans, unsigned n_spans)
{
  json_t *detail = json_object ();
  json_t *array = json_array ();
  char track[16];

  csm_track_format (n_spans > 0 ? spans[0].track : 0, track);
  for (unsigned i = 0; i < n_spans; i++)
    {
      json_t *span = json_object ();

      json_object_set_new (span, "from", json_integer (spans[i].from));
      json_object_set_new (span, "how", json_string (names[spans[i].how]));
      json_object_set_new (span, "shown", json_integer (spans[i].n_shown));
      if (spans[i].how == CSM_DISPLAYED_PLAYED)
        json_object_set_new (span, "speed", json_integer (spans[i].speed));
      json_object_set_new (span, "to", json_integer (spans[i].to));
      json_array_append_new (array, span);
    }
  json_object_set_new (detail, "spans", array);
  json_object_set_new (detail, "track", json_string (track));
  return detail;
}

static bool
read_how (const json_t *json, CsmDisplayedSpan *span)
{
  const char *how = csm_json_get_string (json, "how");
  int64_t speed = 0;

  for (unsigned i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_strcmp0 (how, names[i]) == 0)
      {
        span->how = i;
        if (i != CSM_DISPLAYED_PLAYED)
          return true;
        if (!csm_json_get_int (json, "speed", &speed) || ABS (speed) < MIN_SPEED ||
            ABS (speed) > MAX_SPEED)
          return false;
        span->speed = (int) speed;
        return true;
      }
  return false;
}

static bool
read_span (const json_t *json, CsmDisplayedSpan *span)
{
  if (!csm_json_get_int (json, "from", &span->from) ||
      !csm_json_get_int (json, "to", &span->to) ||
      !csm_json_get_int (json, "shown", &span->n_shown) || !read_how (json, span))
    return false;
  if (span->from < 0 || span->to < 0 || span->from >= MAX_FRAME || span->to >= MAX_FRAME ||
      span->n_shown < 1)
    return false;
  /* What is dragged over may come more than once; all else goes one way. */
  if (span->how == CSM_DISPLAYED_DRAGGED)
    return span->from <= span->to;
  if (span->n_shown > llabs (span->to - span->from) + 1)
    return false;
  return span->how == CSM_DISPLAYED_PAUSED || span->from == span->to ||
         (span->to > span->from) == (span->speed > 0);
}

GArray *
csm_displayed_from_json (const json_t *detail)
{
  g_autoptr (GArray) spans = g_array_new (FALSE, TRUE, sizeof (CsmDisplayedSpan));
  const json_t *array = csm_json_get_array (detail, "spans");
  const char *name = csm_json_get_string (detail, "track");
  size_t n_spans = json_array_size (array);
  int track;

  if (name == NULL || !csm_track_parse (name, &track) || track < 0 || n_spans < 1 ||
      n_spans > CSM_DISPLAYED_MAX)
    return NULL;
  for (size_t i = 0; i < n_spans; i++)
    {
      CsmDisplayedSpan span = { .track = track };

      if (!read_span (json_array_get (array, i), &span))
        return NULL;
      g_array_append_val (spans, span);
    }
  return g_steal_pointer (&spans);
}

static char *
describe_span (const CsmDisplayedSpan *span)
{
  g_autofree char *frames = NULL;

  if (span->from == span->to)
    /* Translators: a frame's number, the first is 0 */
    frames = g_strdup_printf (_ ("frame %" PRId64), span->from);
  else
    /* Translators: the first and the last frame of a span, the first of a file is 0 */
    frames = g_strdup_printf (_ ("frames %" PRId64 " to %" PRId64), span->from, span->to);
  if (span->how == CSM_DISPLAYED_PAUSED)
    /* Translators: "frames 3 to 9" (these stood still on the screen, one after the other) */
    return g_strdup_printf (_ ("%s paused"), frames);
  if (span->how == CSM_DISPLAYED_DRAGGED)
    /* Translators: "frames 3 to 90", and how many pictures the screen showed of them */
    return g_strdup_printf (_ ("%s dragged over (%" PRId64 " shown)"), frames, span->n_shown);
  if (span->n_shown < llabs (span->to - span->from) + 1)
    /* Translators: "frames 3 to 90", how fast they were played, how many of them were shown */
    return g_strdup_printf (_ ("%s at %g× (%" PRId64 " shown)"), frames, span->speed / 1000.0,
                            span->n_shown);
  /* Translators: "frames 3 to 90", how fast they were played */
  return g_strdup_printf (_ ("%s at %g×"), frames, span->speed / 1000.0);
}

char *
csm_displayed_describe (const GArray *spans)
{
  GString *text = g_string_new (NULL);
  int track = spans->len > 0 ? g_array_index (spans, CsmDisplayedSpan, 0).track : 0;

  if (track > 0)
    /* Translators: the name of a video track, "v:1"; spans of its frames follow */
    g_string_append_printf (text, _ ("of its track v:%d: "), track);
  for (unsigned i = 0; i < MIN (spans->len, MAX_TOLD); i++)
    {
      g_autofree char *span = describe_span (&g_array_index (spans, CsmDisplayedSpan, i));

      g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", span);
    }
  if (spans->len > MAX_TOLD)
    g_string_append_printf (
        text,
        /* Translators: at the end of a list of spans */
        ngettext (", and %u more span", ", and %u more spans", spans->len - MAX_TOLD),
        spans->len - MAX_TOLD);
  return g_string_free (text, FALSE);
}
