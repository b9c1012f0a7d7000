/* csm-oddities.c: what is odd about a file, in words: its container
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/csm-oddities-private.h"

#include <glib/gi18n-lib.h>

void
csm_oddities_add (GPtrArray *list, char *sentence)
{
  g_ptr_array_add (list, sentence);
}

/* ---- tracks ---- */

static int
count_videos (const CsmMediaInfo *info, bool pictures)
{
  int n = 0;

  for (int i = 0; i < info->n_streams; i++)
    n += info->streams[i].kind == 'v' && info->streams[i].attached_picture == pictures;
  return n;
}

static char *
list_videos (const CsmMediaInfo *info)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (int i = 0; i < info->n_streams; i++)
    {
      const CsmStreamInfo *stream = &info->streams[i];

      if (stream->kind != 'v' || stream->attached_picture)
        continue;
      g_string_append_printf (text, "%sv:%d (%s, %d × %d)", text->len > 0 ? ", " : "",
                              stream->number, stream->codec, stream->width, stream->height);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
add_tracks (GPtrArray *list, const CsmMediaInfo *info, int track)
{
  g_autofree char *videos = list_videos (info);
  const CsmStreamInfo *own = csm_media_info_get_stream (info, 'v', track);
  int n = count_videos (info, false);

  if (n > 1)
    /* Translators: the list of tracks, "v:0 (h264, 640 × 360), v:1 (…)", and the one in use */
    csm_oddities_add (
        list, g_strdup_printf (_ ("There are several video tracks: %s. Frames are numbered in "
                                  "v:%d."),
                               videos, track));
  if (own != NULL && own->attached_picture && n > 0)
    csm_oddities_add (list,
                      g_strdup_printf (_ ("Track v:%d is an attached picture, a cover; the "
                                          "footage is %s."),
                                       track, videos));
  else if (own != NULL && own->attached_picture)
    csm_oddities_add (list, g_strdup (_ ("The only picture is an attached one, a cover.")));
  for (int i = 0; i < info->n_streams; i++)
    if (info->streams[i].kind == 'v' && info->streams[i].attached_picture &&
        &info->streams[i] != own)
      csm_oddities_add (list, g_strdup_printf (_ ("Track v:%d is an attached picture, a cover, "
                                                  "not footage."),
                                               info->streams[i].number));
}

/* ---- the track in use ---- */

static void
add_view (GPtrArray *list, const CsmStreamInfo *stream)
{
  if (stream->rotation != 0)
    csm_oddities_add (list, g_strdup_printf (_ ("The picture is stored turned: it is shown "
                                                "turned by %d degrees clockwise; a still is as "
                                                "stored."),
                                             stream->rotation));
  if (stream->mirrored)
    csm_oddities_add (list, g_strdup (_ ("The file asks for the picture to be mirrored, which "
                                         "is not done.")));
  if (stream->sar_num != stream->sar_den)
    csm_oddities_add (list, g_strdup_printf (_ ("Its pixels are not square (%d:%d): the view "
                                                "stretches them; a still does not."),
                                             stream->sar_num, stream->sar_den));
}

static void
add_fields (GPtrArray *list, const CsmStreamInfo *stream)
{
  const char *order = stream->field_order;

  if (*order == '\0' || g_str_equal (order, "progressive"))
    return;
  csm_oddities_add (list,
                    g_strdup (*order == 't' ? _ ("The container says that each frame is two "
                                                 "fields, the top one first.")
                                            : _ ("The container says that each frame is two "
                                                 "fields, the bottom one first.")));
}

void
csm_oddities_add_container (GPtrArray *list, const CsmMediaInfo *info, int track)
{
  const CsmStreamInfo *stream = csm_media_info_get_stream (info, 'v', track);

  add_tracks (list, info, track);
  if (stream == NULL)
    return;
  add_view (list, stream);
  add_fields (list, stream);
}

/* ---- both together ---- */

static void
add_count (GPtrArray *list, const CsmMediaInfo *info, const CsmFrameIndex *index, int track)
{
  const CsmStreamInfo *stream = csm_media_info_get_stream (info, 'v', track);
  int64_t decoded = csm_frame_index_get_n_frames (index);

  if (!csm_frame_index_is_exact (index) || stream == NULL || stream->n_frames == 0 ||
      stream->n_frames == decoded)
    return;
  csm_oddities_add (list,
                    g_strdup_printf (_ ("The container says %" G_GINT64_FORMAT
                                        " frames, and %" G_GINT64_FORMAT " come out of it."),
                                     stream->n_frames, decoded));
}

static void
add_size (GPtrArray *list, const CsmMediaInfo *info, const CsmFrameIndex *index, int track)
{
  const CsmStreamInfo *stream = csm_media_info_get_stream (info, 'v', track);
  const CsmFrameShape *shape =
      csm_frame_index_get_n_shapes (index) > 0 ? csm_frame_index_get_shape (index, 0) : NULL;

  if (stream == NULL || shape == NULL ||
      (shape->width == stream->width && shape->height == stream->height))
    return;
  csm_oddities_add (list, g_strdup_printf (_ ("The container says %d × %d pixels, and the "
                                              "frames have %d × %d."),
                                           stream->width, stream->height, shape->width,
                                           shape->height));
}

static void
add_library (GPtrArray *list, const CsmMediaInfo *info, const CsmFrameIndex *index)
{
  const char *then = csm_frame_index_get_library (index);

  if (g_str_equal (then, info->library))
    return;
  csm_oddities_add (list, g_strdup_printf (_ ("Its frames were counted by another FFmpeg (%s) "
                                              "than this computer's (%s)."),
                                           then, info->library));
}

GPtrArray *
csm_oddities_list (const CsmMediaInfo *info, const CsmFrameIndex *index, int track)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (g_free);

  if (info != NULL)
    csm_oddities_add_container (list, info, track);
  if (index != NULL)
    csm_oddities_add_frames (list, index);
  if (info != NULL && index != NULL)
    {
      add_count (list, info, index, track);
      add_size (list, info, index, track);
      add_library (list, info, index);
    }
  return list;
}
