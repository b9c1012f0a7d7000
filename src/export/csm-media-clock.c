/* csm-media-clock.c: the time that a player shows
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-media-clock.h"

#include <string.h>

/* Enough for 30,000 years in microseconds. */
#define MAX_TIME (INT64_C (1) << 60)

/* @seconds and a fraction of one, exactly. */
typedef struct
{
  __int128 seconds;
  int64_t part, whole; /* 0 <= part < whole */
} Instant;

static Instant
instant_from_ticks (int64_t ticks, CsmTimebase timebase)
{
  const __int128 numerator = (__int128) ticks * timebase.num;
  Instant instant = { numerator / timebase.den, (int64_t) (numerator % timebase.den),
                      timebase.den };

  if (instant.part < 0)
    {
      instant.seconds--;
      instant.part += instant.whole;
    }
  return instant;
}

static bool
is_before (int64_t ticks, CsmTimebase timebase, int64_t others, CsmTimebase other_timebase)
{
  const Instant one = instant_from_ticks (ticks, timebase);
  const Instant other = instant_from_ticks (others, other_timebase);

  if (one.seconds != other.seconds)
    return one.seconds < other.seconds;
  return (__int128) one.part * other.whole < (__int128) other.part * one.whole;
}

static bool
is_timebase (CsmTimebase timebase)
{
  return timebase.num > 0 && timebase.den > 0;
}

/* What FFmpeg calls the start of the file: pictures that are covers do not count. Without the
 * container it is where the pictures begin. */
int64_t
csm_media_clock_get_start (const CsmDossierExhibit *exhibit, CsmTimebase *ret_timebase)
{
  const CsmMediaInfo *info = exhibit->info;
  const CsmFrameIndex *index = exhibit->index;
  CsmTimebase timebase = { 1, 1 };
  int64_t ticks = 0;
  bool found = false;

  if (index != NULL && csm_frame_index_get_n_frames (index) > 0 &&
      csm_frame_index_get (index, 0)->pts != CSM_NO_PTS &&
      is_timebase (csm_frame_index_get_timebase (index)))
    {
      timebase = csm_frame_index_get_timebase (index);
      ticks = csm_frame_index_get (index, 0)->pts;
    }
  for (int i = 0; info != NULL && i < info->n_streams; i++)
    {
      const CsmStreamInfo *stream = &info->streams[i];

      if ((stream->kind != 'v' && stream->kind != 'a') || stream->attached_picture ||
          stream->start_pts == CSM_NO_PTS || !is_timebase (stream->timebase))
        continue;
      if (!found || is_before (stream->start_pts, stream->timebase, ticks, timebase))
        {
          ticks = stream->start_pts;
          timebase = stream->timebase;
        }
      found = true;
    }
  *ret_timebase = timebase;
  return ticks;
}

bool
csm_media_clock_has_time (const CsmDossierExhibit *exhibit)
{
  if (!is_timebase (exhibit->timebase))
    return false;
  return !g_str_has_prefix (exhibit->mime_type, "image/") ||
         (exhibit->index != NULL && csm_frame_index_get_n_frames (exhibit->index) > 1);
}

bool
csm_media_clock_get (const CsmDossierExhibit *exhibit,
                     int64_t pts,
                     CsmTimebase timebase,
                     int per_second,
                     int64_t *ret_time)
{
  CsmTimebase start_timebase;
  int64_t start_ticks;
  Instant start, at;
  __int128 seconds, part, whole;

  if (pts == CSM_NO_PTS || !is_timebase (timebase) || !csm_media_clock_has_time (exhibit))
    return false;
  start_ticks = csm_media_clock_get_start (exhibit, &start_timebase);
  start = instant_from_ticks (start_ticks, start_timebase);
  at = instant_from_ticks (pts, timebase);
  seconds = at.seconds - start.seconds;
  /* At most 62 bits, and 20 for a million. */
  part = ((__int128) at.part * start.whole - (__int128) start.part * at.whole) * per_second;
  whole = (__int128) at.whole * start.whole;
  /* Division of integers rounds towards zero, which is up below zero. */
  seconds = seconds * per_second + part / whole + (part % whole > 0 ? 1 : 0);
  *ret_time = (int64_t) CLAMP (seconds, (__int128) 0, (__int128) MAX_TIME);
  return true;
}

/* When the first frame after the mark begins, in ticks of the mark; CSM_NO_PTS when unknown. */
static int64_t
get_end_pts (const CsmDossierExhibit *exhibit, const CsmMark *mark)
{
  const CsmFrameIndex *index;
  const CsmFrameEntry *last;
  CsmTimebase timebase;

  if (mark->track < 0)
    return mark->to_pts < INT64_MAX ? mark->to_pts + 1 : CSM_NO_PTS;
  index = csm_dossier_exhibit_get_index (exhibit, mark->track);
  if (index == NULL || mark->to >= csm_frame_index_get_n_frames (index))
    return CSM_NO_PTS;
  timebase = csm_frame_index_get_timebase (index);
  last = csm_frame_index_get (index, mark->to);
  if (last->pts != mark->to_pts || timebase.num != mark->timebase.num ||
      timebase.den != mark->timebase.den)
    return CSM_NO_PTS;
  if (mark->to + 1 < csm_frame_index_get_n_frames (index))
    return csm_frame_index_get (index, mark->to + 1)->pts;
  if (last->duration <= 0 || last->pts > INT64_MAX - last->duration)
    return CSM_NO_PTS;
  return last->pts + last->duration;
}

bool
csm_media_clock_get_span (const CsmDossierExhibit *exhibit,
                          const CsmMark *mark,
                          int per_second,
                          int64_t *ret_start,
                          int64_t *ret_end)
{
  const int64_t end_pts = get_end_pts (exhibit, mark);
  int64_t start, last, end;

  if (!csm_media_clock_get (exhibit, mark->from_pts, mark->timebase, per_second, &start) ||
      !csm_media_clock_get (exhibit, mark->to_pts, mark->timebase, per_second, &last))
    return false;
  /* CSM_NO_PTS is below every time stamp. */
  if (end_pts <= mark->to_pts ||
      !csm_media_clock_get (exhibit, end_pts, mark->timebase, per_second, &end))
    end = last + per_second / 1000;
  *ret_start = start;
  *ret_end = MAX (end, start + 1);
  return true;
}

static int
compare_cues (gconstpointer a, gconstpointer b)
{
  const CsmCue *first = a;
  const CsmCue *second = b;

  if (first->start != second->start)
    return first->start < second->start ? -1 : 1;
  if (first->end != second->end)
    return first->end < second->end ? -1 : 1;
  return strcmp (first->mark->mark->id.hex, second->mark->mark->id.hex);
}

GArray *
csm_media_clock_list_cues (const CsmDossierExhibit *exhibit)
{
  GArray *cues = g_array_new (FALSE, TRUE, sizeof (CsmCue));

  for (unsigned i = 0; i < exhibit->marks->len; i++)
    {
      CsmCue cue = { .mark = g_ptr_array_index (exhibit->marks, i) };

      if (csm_media_clock_get_span (exhibit, cue.mark->mark, CSM_CLOCK_MS, &cue.start,
                                    &cue.end))
        g_array_append_val (cues, cue);
    }
  g_array_sort (cues, compare_cues);
  return cues;
}

static void
append_pts (GString *line, const char *name, int64_t pts)
{
  if (pts == CSM_NO_PTS)
    g_string_append_printf (line, " %s=-", name);
  else
    g_string_append_printf (line, " %s=%" G_GINT64_FORMAT, name, pts);
}

char *
csm_media_clock_describe_mark (const CsmMark *mark)
{
  GString *line = g_string_new ("track=");
  char hex[CSM_DIGEST_HEX_SIZE];
  char track[16];

  csm_track_format (mark->track, track);
  csm_digest_to_hex (&mark->entry, hex);
  g_string_append_printf (line, "%s from=%" G_GINT64_FORMAT " to=%" G_GINT64_FORMAT, track,
                          mark->from, mark->to);
  append_pts (line, "from_pts", mark->from_pts);
  append_pts (line, "to_pts", mark->to_pts);
  g_string_append_printf (line, " timebase=%d/%d", mark->timebase.num, mark->timebase.den);
  for (int i = 0; i < mark->n_regions; i++)
    g_string_append_printf (line, " rect=%" G_GINT64_FORMAT "@%d,%d,%d,%d",
                            mark->regions[i].frame, mark->regions[i].rect.x,
                            mark->regions[i].rect.y, mark->regions[i].rect.width,
                            mark->regions[i].rect.height);
  g_string_append_printf (line, " entry=%s", hex);
  return g_string_free (line, FALSE);
}
