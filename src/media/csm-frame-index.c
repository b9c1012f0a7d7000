/* csm-frame-index.c: every displayable frame of one video track, in presentation order
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/csm-frame-index.h"

#include "media/csm-frame-index-private.h"

#include <stdlib.h>

/* ---- what follows from packets and frames ---- */

static bool
packet_is_shown (const CsmIndexPacket *packet)
{
  return (packet->flags & (CSM_INDEX_PACKET_DISCARD | CSM_INDEX_PACKET_HIDDEN)) == 0;
}

static int
compare_frames (gconstpointer a, gconstpointer b)
{
  const CsmFrameEntry *one = a, *other = b;

  if (one->pts != other->pts)
    return one->pts < other->pts ? -1 : 1;
  return one->packet < other->packet ? -1 : one->packet > other->packet;
}

/* The frames that a decoder shows if nothing is odd; see csm_frame_index_get_risks(). */
static void
make_provisional_frames (CsmFrameIndex *self)
{
  bool timed = true;

  self->frames = g_new0 (CsmFrameEntry, MAX (self->n_packets, 1));
  self->n_frames = 0;
  for (int64_t i = 0; i < self->n_packets; i++)
    {
      const CsmIndexPacket *packet = &self->packets[i];

      if (!packet_is_shown (packet))
        continue;
      timed = timed && packet->pts != CSM_NO_PTS;
      self->frames[self->n_frames++] = (CsmFrameEntry){
        .pts = packet->pts,
        .duration = packet->duration,
        .packet = i,
        .key = (packet->flags & CSM_INDEX_PACKET_KEY) != 0,
      };
    }
  if (timed)
    qsort (self->frames, self->n_frames, sizeof *self->frames, compare_frames);
}

/* Pictures of the first group that would be shown before its key frame: the decoder lacks what
 * they refer to. */
static bool
starts_with_leading_pictures (const CsmFrameIndex *self)
{
  for (int64_t i = 1; i < self->n_packets; i++)
    {
      const CsmIndexPacket *packet = &self->packets[i];

      if ((packet->flags & CSM_INDEX_PACKET_KEY) != 0)
        return false;
      if (packet_is_shown (packet) && packet->pts != CSM_NO_PTS &&
          packet->pts < self->packets[0].pts)
        return true;
    }
  return false;
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  const int64_t *one = a, *other = b;

  return *one < *other ? -1 : *one > *other;
}

static bool
has_duplicate_pts (const CsmFrameIndex *self)
{
  g_autofree int64_t *times = g_new (int64_t, MAX (self->n_packets, 1));
  int64_t n = 0;

  for (int64_t i = 0; i < self->n_packets; i++)
    if (packet_is_shown (&self->packets[i]) && self->packets[i].pts != CSM_NO_PTS)
      times[n++] = self->packets[i].pts;
  qsort (times, n, sizeof *times, compare_times);
  for (int64_t i = 1; i < n; i++)
    if (times[i] == times[i - 1])
      return true;
  return false;
}

static unsigned
find_risks (const CsmFrameIndex *self)
{
  unsigned risks = 0;
  int64_t last_dts = CSM_NO_PTS;

  if (self->n_packets == 0)
    return 0;
  for (int64_t i = 0; i < self->n_packets; i++)
    {
      const CsmIndexPacket *packet = &self->packets[i];

      if (packet->pts == CSM_NO_PTS)
        risks |= CSM_FRAME_RISK_NO_PTS;
      if ((packet->flags & CSM_INDEX_PACKET_CORRUPT) != 0)
        risks |= CSM_FRAME_RISK_CORRUPT;
      if (packet->dts == CSM_NO_PTS)
        continue;
      if (last_dts != CSM_NO_PTS && packet->dts <= last_dts)
        risks |= CSM_FRAME_RISK_DTS_BACKWARD;
      last_dts = packet->dts;
    }
  if ((self->packets[0].flags & CSM_INDEX_PACKET_KEY) == 0 ||
      starts_with_leading_pictures (self))
    risks |= CSM_FRAME_RISK_FIRST_NOT_KEY;
  if (has_duplicate_pts (self))
    risks |= CSM_FRAME_RISK_DUPLICATE_PTS;
  return risks;
}

static int
compare_ordinals (gconstpointer a, gconstpointer b, gpointer data)
{
  const CsmFrameEntry *frames = data;
  uint32_t one = *(const uint32_t *) a, other = *(const uint32_t *) b;

  if (frames[one].pts != frames[other].pts)
    return frames[one].pts < frames[other].pts ? -1 : 1;
  return one < other ? -1 : one > other;
}

static void
sort_by_pts (CsmFrameIndex *self)
{
  bool rising = true;

  for (int64_t i = 0; i < self->n_frames && rising; i++)
    rising = self->frames[i].pts != CSM_NO_PTS &&
             (i == 0 || self->frames[i - 1].pts <= self->frames[i].pts);
  if (rising)
    {
      self->n_by_pts = self->n_frames;
      return;
    }

  self->by_pts = g_new (uint32_t, self->n_frames);
  for (int64_t i = 0; i < self->n_frames; i++)
    if (self->frames[i].pts != CSM_NO_PTS)
      self->by_pts[self->n_by_pts++] = (uint32_t) i;
  g_qsort_with_data (self->by_pts, (int) self->n_by_pts, sizeof *self->by_pts, compare_ordinals,
                     self->frames);
}

/* ---- life ---- */

CsmFrameIndex *
csm_frame_index_new (int track,
                     CsmTimebase timebase,
                     const char *library,
                     CsmIndexPacket *packets,
                     int64_t n_packets,
                     CsmFrameEntry *frames,
                     int64_t n_frames,
                     CsmFrameShape *shapes,
                     int n_shapes,
                     bool exact)
{
  CsmFrameIndex *self = g_atomic_rc_box_new0 (CsmFrameIndex);

  self->track = track;
  self->timebase = timebase;
  self->library = g_strdup (library);
  self->packets = packets;
  self->n_packets = n_packets;
  self->frames = frames;
  self->n_frames = n_frames;
  self->shapes = shapes;
  self->n_shapes = n_shapes;
  self->exact = exact;
  if (!exact)
    make_provisional_frames (self);

  self->risks = find_risks (self);
  for (int64_t i = 0; i < self->n_frames; i++)
    self->n_damaged += self->frames[i].damaged;
  sort_by_pts (self);
  return self;
}

CsmFrameIndex *
csm_frame_index_ref (CsmFrameIndex *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
frame_index_clear (gpointer data)
{
  CsmFrameIndex *self = data;

  g_free (self->library);
  g_free (self->packets);
  g_free (self->frames);
  g_free (self->shapes);
  g_free (self->by_pts);
}

void
csm_frame_index_unref (CsmFrameIndex *self)
{
  if (self != NULL)
    g_atomic_rc_box_release_full (self, frame_index_clear);
}

/* ---- answers ---- */

bool
csm_frame_index_is_exact (const CsmFrameIndex *self)
{
  return self->exact;
}

unsigned
csm_frame_index_get_risks (const CsmFrameIndex *self)
{
  return self->risks;
}

int64_t
csm_frame_index_get_n_frames (const CsmFrameIndex *self)
{
  return self->n_frames;
}

CsmTimebase
csm_frame_index_get_timebase (const CsmFrameIndex *self)
{
  return self->timebase;
}

const CsmFrameEntry *
csm_frame_index_get (const CsmFrameIndex *self, int64_t ordinal)
{
  g_return_val_if_fail (ordinal >= 0 && ordinal < self->n_frames, NULL);
  return &self->frames[ordinal];
}

static int64_t
ordinal_by_time (const CsmFrameIndex *self, int64_t place)
{
  return self->by_pts != NULL ? self->by_pts[place] : place;
}

int64_t
csm_frame_index_find_pts (const CsmFrameIndex *self, int64_t pts)
{
  int64_t low = 0, high = self->n_by_pts; /* the first later one lies in low..high */

  while (low < high)
    {
      int64_t middle = low + (high - low) / 2;

      if (self->frames[ordinal_by_time (self, middle)].pts <= pts)
        low = middle + 1;
      else
        high = middle;
    }
  return low > 0 ? ordinal_by_time (self, low - 1) : 0;
}

int64_t
csm_frame_index_get_n_damaged (const CsmFrameIndex *self)
{
  return self->n_damaged;
}

const char *
csm_frame_index_get_library (const CsmFrameIndex *self)
{
  return self->library;
}

int
csm_frame_index_get_track (const CsmFrameIndex *self)
{
  return self->track;
}

int64_t
csm_frame_index_get_n_packets (const CsmFrameIndex *self)
{
  return self->n_packets;
}

const CsmIndexPacket *
csm_frame_index_get_packet (const CsmFrameIndex *self, int64_t packet)
{
  g_return_val_if_fail (packet >= 0 && packet < self->n_packets, NULL);
  return &self->packets[packet];
}

int
csm_frame_index_get_n_shapes (const CsmFrameIndex *self)
{
  return self->n_shapes;
}

const CsmFrameShape *
csm_frame_index_get_shape (const CsmFrameIndex *self, int number)
{
  g_return_val_if_fail (number >= 0 && number < self->n_shapes, NULL);
  return &self->shapes[number];
}

int64_t
csm_frame_index_count_differing (const CsmFrameIndex *self,
                                 const CsmFrameIndex *other,
                                 int64_t *ret_first)
{
  int64_t common = MIN (self->n_frames, other->n_frames);
  int64_t first = -1, n = 0;

  g_return_val_if_fail (self->exact && other->exact, 0);
  for (int64_t i = 0; i < common; i++)
    {
      const CsmFrameEntry *one = &self->frames[i], *two = &other->frames[i];

      if (one->hash[0] == two->hash[0] && one->hash[1] == two->hash[1])
        continue;
      if (n++ == 0)
        first = i;
    }
  *ret_first = first;
  return n;
}
