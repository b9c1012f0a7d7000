/* csm-still.c: a worker on one clip, and what the ffmpeg program makes of pictures
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-still.h"

#include "csm-clip.h"

void
csm_still_open (CsmStillFixture *self, const char *path)
{
  g_autoptr (CsmFrameIndex) index = NULL;
  g_autoptr (GError) error = NULL;

  self->source = csm_media_source_new_for_path (path, &error);
  g_assert_no_error (error);
  self->worker = csm_worker_new (self->source, false);
  index = csm_worker_verify (self->worker, 0, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  csm_worker_set_index (self->worker, index, &error);
  g_assert_no_error (error);
}

void
csm_still_close (CsmStillFixture *self)
{
  csm_worker_free (self->worker);
  csm_media_source_unref (self->source);
}

static GBytes *
make_rgb (const char *arguments)
{
  g_autofree char *raw = csm_clip_make ("still.rgb", arguments);
  g_autoptr (GError) error = NULL;
  char *bytes;
  gsize size;

  g_file_get_contents (raw, &bytes, &size, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (bytes, size);
}

GBytes *
csm_still_to_rgb (GBytes *png)
{
  g_autofree char *path = csm_clip_get_path ("still.png");
  g_autofree char *arguments = g_strdup_printf ("-i %s -f rawvideo -pix_fmt rgb24", path);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, g_bytes_get_data (png, NULL), (gssize) g_bytes_get_size (png),
                       &error);
  g_assert_no_error (error);
  return make_rgb (arguments);
}

GBytes *
csm_still_filter (const char *path, const char *filters)
{
  g_autofree char *arguments = g_strdup_printf (
      "-noautorotate -i %s -map 0:v:0 -vf \"%s\" -fps_mode passthrough -f rawvideo", path,
      filters);

  return make_rgb (arguments);
}
