/* csm-frame-index-builder.c: how a frame index is made, packet by packet
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/csm-frame-index-builder.h"

#include "media/csm-frame-index-private.h"

#include <string.h>

struct _CsmFrameIndexBuilder
{
  int track;
  CsmTimebase timebase;
  char *library;
  GArray *packets; /* CsmIndexPacket */
  GArray *frames;  /* CsmFrameEntry */
  GArray *shapes;  /* CsmFrameShape */
};

/* (transfer full): at most CSM_FRAME_INDEX_MAX_LIBRARY bytes, whole characters, none of them a
 * control character. */
static char *
dup_bounded (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "", -1);

  for (char *c = valid; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c))
      *c = '?';
  if (strlen (valid) > CSM_FRAME_INDEX_MAX_LIBRARY)
    {
      const char *end = g_utf8_find_prev_char (valid, valid + CSM_FRAME_INDEX_MAX_LIBRARY + 1);

      return g_strndup (valid, end != NULL ? end - valid : 0);
    }
  return g_steal_pointer (&valid);
}

CsmFrameIndexBuilder *
csm_frame_index_builder_new (int track, CsmTimebase timebase, const char *library)
{
  CsmFrameIndexBuilder *self;

  g_return_val_if_fail (track >= 0 && track <= CSM_FRAME_INDEX_MAX_TRACK, NULL);
  g_return_val_if_fail (timebase.num > 0 && timebase.den > 0, NULL);

  self = g_new0 (CsmFrameIndexBuilder, 1);
  self->track = track;
  self->timebase = timebase;
  self->library = dup_bounded (library);
  self->packets = g_array_new (FALSE, FALSE, sizeof (CsmIndexPacket));
  self->frames = g_array_new (FALSE, FALSE, sizeof (CsmFrameEntry));
  self->shapes = g_array_new (FALSE, FALSE, sizeof (CsmFrameShape));
  return self;
}

void
csm_frame_index_builder_free (CsmFrameIndexBuilder *self)
{
  if (self == NULL)
    return;
  g_free (self->library);
  g_array_unref (self->packets);
  g_array_unref (self->frames);
  g_array_unref (self->shapes);
  g_free (self);
}

/* What a demuxer says is the world's: nonsense is taken as "unknown", so that what is built can
 * be stored and read back. */
bool
csm_frame_index_builder_add_packet (CsmFrameIndexBuilder *self, const CsmIndexPacket *packet)
{
  CsmIndexPacket sane = *packet;

  if (self->packets->len >= CSM_FRAME_INDEX_MAX_PACKETS)
    return false;
  sane.pos = MAX (sane.pos, -1);
  sane.size = MAX (sane.size, 0);
  sane.duration = MAX (sane.duration, 0);
  sane.flags &= CSM_FRAME_INDEX_PACKET_FLAGS;
  g_array_append_val (self->packets, sane);
  return true;
}

bool
csm_frame_index_builder_add_frame (CsmFrameIndexBuilder *self, const CsmFrameEntry *frame)
{
  CsmFrameEntry sane = *frame;

  if (self->frames->len >= CSM_FRAME_INDEX_MAX_FRAMES)
    return false;
  sane.duration = MAX (sane.duration, 0);
  if (sane.packet < 0 || sane.packet >= self->packets->len)
    sane.packet = -1;
  g_array_append_val (self->frames, sane);
  return true;
}

static bool
same_shape (const CsmFrameShape *one, const CsmFrameShape *other)
{
  return one->width == other->width && one->height == other->height &&
         one->interlaced == other->interlaced &&
         strcmp (one->pixel_format, other->pixel_format) == 0;
}

void
csm_frame_index_builder_add_shape (CsmFrameIndexBuilder *self, const CsmFrameShape *shape)
{
  CsmFrameShape sane = { .ordinal = (int64_t) self->frames->len - 1,
                         .width = CLAMP (shape->width, 0, CSM_FRAME_INDEX_MAX_SIDE),
                         .height = CLAMP (shape->height, 0, CSM_FRAME_INDEX_MAX_SIDE),
                         .interlaced = shape->interlaced };
  GArray *shapes = self->shapes;

  if (sane.ordinal < 0 || shapes->len >= CSM_FRAME_INDEX_MAX_SHAPES)
    return;
  g_strlcpy (sane.pixel_format, shape->pixel_format, sizeof sane.pixel_format);
  if (shapes->len > 0 &&
      same_shape (&g_array_index (shapes, CsmFrameShape, shapes->len - 1), &sane))
    return;
  g_array_append_val (shapes, sane);
}

CsmFrameIndex *
csm_frame_index_builder_finish (CsmFrameIndexBuilder *self, bool exact)
{
  gsize n_packets, n_frames, n_shapes;
  CsmIndexPacket *packets = g_array_steal (self->packets, &n_packets);
  CsmFrameEntry *frames = g_array_steal (self->frames, &n_frames);
  CsmFrameShape *shapes = g_array_steal (self->shapes, &n_shapes);
  CsmFrameIndex *index;

  if (!exact)
    {
      g_clear_pointer (&frames, g_free);
      g_clear_pointer (&shapes, g_free);
      n_frames = n_shapes = 0;
    }
  index = csm_frame_index_new (self->track, self->timebase, self->library, packets,
                               (int64_t) n_packets, frames, (int64_t) n_frames, shapes,
                               (int) n_shapes, exact);
  csm_frame_index_builder_free (self);
  return index;
}
