/* csm-oddities-frames.c: what is odd about a file, in words: its packets and frames
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/csm-frame-index-builder.h"
#include "media/csm-oddities-private.h"

#include <glib/gi18n-lib.h>

#define MAX_RUNS 8    /* of damaged frames that are named */
#define MAX_CHANGES 4 /* of size that are named */
#define GAP_MS 1000   /* between two frames, and ten times the usual */

/* ---- packets ---- */

typedef struct
{
  int64_t n, at_start, at_end; /* not to be shown */
  int64_t corrupt;
  int64_t shown;
} Packets;

static bool
is_discarded (const CsmFrameIndex *index, int64_t packet)
{
  return (csm_frame_index_get_packet (index, packet)->flags & CSM_INDEX_PACKET_DISCARD) != 0;
}

static Packets
count_packets (const CsmFrameIndex *index)
{
  int64_t n = csm_frame_index_get_n_packets (index);
  Packets count = { 0 };

  for (int64_t i = 0; i < n; i++)
    {
      unsigned flags = csm_frame_index_get_packet (index, i)->flags;

      count.n += (flags & CSM_INDEX_PACKET_DISCARD) != 0;
      count.corrupt += (flags & CSM_INDEX_PACKET_CORRUPT) != 0;
      count.shown += (flags & (CSM_INDEX_PACKET_DISCARD | CSM_INDEX_PACKET_HIDDEN)) == 0;
    }
  while (count.at_start < n && is_discarded (index, count.at_start))
    count.at_start++;
  while (count.at_end < n - count.at_start && is_discarded (index, n - 1 - count.at_end))
    count.at_end++;
  return count;
}

static void
add_edits (GPtrArray *list, const Packets *count)
{
  if (count->n == 0)
    return;
  csm_oddities_add (
      list,
      g_strdup_printf (_ ("An edit list hides frames that are in the file: %" G_GINT64_FORMAT
                          " (%" G_GINT64_FORMAT " at the start, %" G_GINT64_FORMAT
                          " at the end). They are not numbered."),
                       count->n, count->at_start, count->at_end));
}

static void
add_packets (GPtrArray *list, const CsmFrameIndex *index)
{
  const Packets count = count_packets (index);
  int64_t missing = count.shown - csm_frame_index_get_n_frames (index);

  add_edits (list, &count);
  if ((csm_frame_index_get_risks (index) & CSM_FRAME_RISK_FIRST_NOT_KEY) != 0)
    csm_oddities_add (list, g_strdup (_ ("The file begins amid a group of pictures: its first "
                                         "frames may be damaged or missing.")));
  if (count.corrupt > 0)
    csm_oddities_add (list, g_strdup_printf (_ ("Packets that the container marks as damaged: "
                                                "%" G_GINT64_FORMAT "."),
                                             count.corrupt));
  if (csm_frame_index_is_exact (index) && missing > 0)
    csm_oddities_add (
        list, g_strdup_printf (_ ("Packets that gave no picture of their own (one field "
                                  "of two, hidden, or damaged): %" G_GINT64_FORMAT "."),
                               missing));
}

/* ---- times ---- */

typedef struct
{
  int64_t no_pts, first_no_pts;
  int64_t equal, first_equal;
  int64_t back, first_back;
  int64_t gaps, first_gap, longest_gap; /* ticks */
  int64_t shortest, longest;            /* ticks between two frames; 0: not known */
  int64_t n_steps, sum;
} Times;

static void
count_one (int64_t *n, int64_t *first, int64_t ordinal)
{
  if ((*n)++ == 0)
    *first = ordinal;
}

static void
count_step (Times *times, int64_t step)
{
  if (times->n_steps == 0 || step < times->shortest)
    times->shortest = step;
  if (step > times->longest)
    times->longest = step;
  times->n_steps++;
  if (__builtin_add_overflow (times->sum, step, &times->sum))
    times->sum = INT64_MAX;
}

/* Calls for each frame that has a time and whose last one had one: @step may be anything. */
static void
walk_times (const CsmFrameIndex *index,
            Times *times,
            void (*visit) (Times *times, int64_t ordinal, int64_t step))
{
  int64_t last = CSM_NO_PTS, step;

  for (int64_t i = 0; i < csm_frame_index_get_n_frames (index); i++)
    {
      int64_t pts = csm_frame_index_get (index, i)->pts;

      if (pts != CSM_NO_PTS && last != CSM_NO_PTS && !__builtin_sub_overflow (pts, last, &step))
        visit (times, i, step);
      last = pts;
    }
}

static void
visit_order (Times *times, int64_t ordinal, int64_t step)
{
  if (step == 0)
    count_one (&times->equal, &times->first_equal, ordinal);
  else if (step < 0)
    count_one (&times->back, &times->first_back, ordinal);
  else
    count_step (times, step);
}

/* Again, now that the usual step is known. @longest is of what is no gap. */
static void
visit_gaps (Times *times, int64_t ordinal, int64_t step)
{
  if (step <= times->longest_gap)
    {
      times->longest = MAX (times->longest, step);
      return;
    }
  count_one (&times->gaps, &times->first_gap, ordinal);
}

static Times
measure_times (const CsmFrameIndex *index)
{
  CsmTimebase timebase = csm_frame_index_get_timebase (index);
  Times times = { 0 };
  int64_t usual;

  for (int64_t i = 0; i < csm_frame_index_get_n_frames (index); i++)
    if (csm_frame_index_get (index, i)->pts == CSM_NO_PTS)
      count_one (&times.no_pts, &times.first_no_pts, i);
  walk_times (index, &times, visit_order);
  if (times.n_steps == 0)
    return times;
  usual = times.sum / times.n_steps;
  /* What is longer than this is a gap, not a rate. */
  times.longest_gap = usual < INT64_MAX / 10 ? usual * 10 : INT64_MAX;
  while (times.longest_gap < INT64_MAX / 2 &&
         csm_ticks_to_ms (times.longest_gap, timebase) < GAP_MS)
    times.longest_gap *= 2;
  times.longest = 0;
  walk_times (index, &times, visit_gaps);
  return times;
}

static double
to_seconds (int64_t ticks, CsmTimebase timebase)
{
  return (double) ticks * timebase.num / timebase.den;
}

static void
add_rate (GPtrArray *list, const CsmFrameIndex *index, const Times *times)
{
  CsmTimebase timebase = csm_frame_index_get_timebase (index);

  /* A coarse time base rounds: one tick more or less is no other rate. */
  if (times->n_steps > 0 && times->longest - times->shortest > 1)
    csm_oddities_add (list,
                      g_strdup_printf (_ ("The frame rate varies: from one frame to the next "
                                          "it takes between %.4f and %.4f seconds."),
                                       to_seconds (times->shortest, timebase),
                                       to_seconds (times->longest, timebase)));
  if (times->gaps > 0)
    csm_oddities_add (list,
                      g_strdup_printf (_ ("Gaps in time: %" G_GINT64_FORMAT
                                          ", the first before frame %" G_GINT64_FORMAT "."),
                                       times->gaps, times->first_gap));
}

static void
add_times (GPtrArray *list, const CsmFrameIndex *index)
{
  const Times times = measure_times (index);

  add_rate (list, index, &times);
  /* Translators: in these three, how many, and the number of the first */
  if (times.no_pts > 0)
    csm_oddities_add (list, g_strdup_printf (_ ("Frames without a time stamp: %" G_GINT64_FORMAT
                                                ", the first is %" G_GINT64_FORMAT "."),
                                             times.no_pts, times.first_no_pts));
  if (times.equal > 0)
    csm_oddities_add (
        list, g_strdup_printf (_ ("Frames with the time stamp of the frame before: "
                                  "%" G_GINT64_FORMAT ", the first is %" G_GINT64_FORMAT "."),
                               times.equal, times.first_equal));
  if (times.back > 0)
    csm_oddities_add (list,
                      g_strdup_printf (_ ("Frames whose time stamp goes back: %" G_GINT64_FORMAT
                                          ", the first is %" G_GINT64_FORMAT "."),
                                       times.back, times.first_back));
}

/* ---- pictures ---- */

/* (transfer full): "12–15, 40, …" */
static char *
list_damaged (const CsmFrameIndex *index)
{
  g_autoptr (GString) text = g_string_new (NULL);
  int64_t n = csm_frame_index_get_n_frames (index);
  int runs = 0;

  for (int64_t i = 0; i < n; i++)
    {
      int64_t from = i;

      if (!csm_frame_index_get (index, i)->damaged)
        continue;
      while (i + 1 < n && csm_frame_index_get (index, i + 1)->damaged)
        i++;
      if (runs > 0)
        g_string_append (text, ", ");
      if (runs++ == MAX_RUNS)
        {
          g_string_append (text, "…");
          break;
        }
      g_string_append_printf (text, "%" G_GINT64_FORMAT, from);
      if (i > from)
        g_string_append_printf (text, "–%" G_GINT64_FORMAT, i);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
add_damage (GPtrArray *list, const CsmFrameIndex *index)
{
  g_autofree char *where = list_damaged (index);

  if (csm_frame_index_get_n_damaged (index) > 0)
    /* Translators: how many of how many frames, and which */
    csm_oddities_add (list, g_strdup_printf (_ ("The decoder found damage in %" G_GINT64_FORMAT
                                                " of %" G_GINT64_FORMAT " frames: %s."),
                                             csm_frame_index_get_n_damaged (index),
                                             csm_frame_index_get_n_frames (index), where));
}

static void
add_repeats (GPtrArray *list, const CsmFrameIndex *index)
{
  int64_t n = 0, first = 0;

  for (int64_t i = 1; i < csm_frame_index_get_n_frames (index); i++)
    {
      const CsmFrameEntry *one = csm_frame_index_get (index, i - 1);
      const CsmFrameEntry *two = csm_frame_index_get (index, i);

      if (one->hash[0] == two->hash[0] && one->hash[1] == two->hash[1])
        count_one (&n, &first, i);
    }
  if (n > 0)
    csm_oddities_add (list, g_strdup_printf (_ ("Frames with exactly the picture of the frame "
                                                "before: %" G_GINT64_FORMAT
                                                ", the first is %" G_GINT64_FORMAT "."),
                                             n, first));
}

static void
add_changes (GPtrArray *list, const CsmFrameIndex *index)
{
  int n = 0;

  for (int i = 1; i < csm_frame_index_get_n_shapes (index); i++)
    {
      const CsmFrameShape *one = csm_frame_index_get_shape (index, i - 1);
      const CsmFrameShape *two = csm_frame_index_get_shape (index, i);

      if (one->width == two->width && one->height == two->height &&
          g_str_equal (one->pixel_format, two->pixel_format))
        continue;
      if (n++ < MAX_CHANGES)
        csm_oddities_add (list, g_strdup_printf (_ ("At frame %" G_GINT64_FORMAT
                                                    " the picture changes from %d × %d "
                                                    "(%s) to %d × %d (%s)."),
                                                 two->ordinal, one->width, one->height,
                                                 one->pixel_format, two->width, two->height,
                                                 two->pixel_format));
    }
  if (n > MAX_CHANGES)
    csm_oddities_add (list,
                      g_strdup_printf (_ ("Size or pixel format change %d times in all."), n));
}

static void
add_interlace (GPtrArray *list, const CsmFrameIndex *index)
{
  int n = csm_frame_index_get_n_shapes (index), n_interlaced = 0;

  for (int i = 0; i < n; i++)
    n_interlaced += csm_frame_index_get_shape (index, i)->interlaced;
  if (n_interlaced > 0)
    csm_oddities_add (list, g_strdup (n_interlaced == n
                                          ? _ ("Each frame is two fields, taken one after the "
                                               "other (interlaced); a frame number names both.")
                                          : _ ("Some frames are two fields, taken one after "
                                               "the other (interlaced); a frame number names "
                                               "both.")));
}

void
csm_oddities_add_frames (GPtrArray *list, const CsmFrameIndex *index)
{
  add_packets (list, index);
  add_times (list, index);
  if (!csm_frame_index_is_exact (index))
    return;
  if (csm_frame_index_get_n_frames (index) == 0)
    csm_oddities_add (list, g_strdup (_ ("Not one frame comes out of this track.")));
  add_damage (list, index);
  add_changes (list, index);
  add_interlace (list, index);
  add_repeats (list, index);
}
