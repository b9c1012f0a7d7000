/* csm-frame-pool.c: memory for decoded pictures, shared by the decoders of one reader
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/worker/csm-frame-pool.h"

#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>

#define MAX_SIZES 8 /* of pictures that one track changes between */
#define ALIGN 64
#define SLACK (16 + ALIGN) /* decoders read and write a little too far */

typedef struct
{
  size_t size; /* 0: free */
  AVBufferPool *buffers;
} Sized;

struct _CsmFramePool
{
  /* Guarded by lock */
  GMutex lock;
  Sized sized[MAX_SIZES];
  unsigned next; /* to give way */
};

CsmFramePool *
csm_frame_pool_new (void)
{
  CsmFramePool *self = g_new0 (CsmFramePool, 1);

  g_mutex_init (&self->lock);
  return self;
}

void
csm_frame_pool_free (CsmFramePool *self)
{
  if (self == NULL)
    return;
  for (int i = 0; i < MAX_SIZES; i++)
    av_buffer_pool_uninit (&self->sized[i].buffers);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static AVBufferRef *
take_buffer (CsmFramePool *self, size_t size)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  Sized *sized = NULL;

  for (int i = 0; i < MAX_SIZES && sized == NULL; i++)
    if (self->sized[i].size == size)
      sized = &self->sized[i];
  if (sized == NULL)
    {
      sized = &self->sized[self->next++ % MAX_SIZES];
      av_buffer_pool_uninit (&sized->buffers);
      sized->buffers = av_buffer_pool_init (size, av_buffer_allocz);
      sized->size = size;
    }
  return sized->buffers != NULL ? av_buffer_pool_get (sized->buffers) : NULL;
}

/* As libavcodec's own: rows so wide that each plane's are a multiple of what the decoder wants.
 */
static int
choose_strides (AVCodecContext *codec, const AVFrame *frame, int ret_strides[4], int *ret_rows)
{
  int wanted[AV_NUM_DATA_POINTERS];
  int width = frame->width, rows = frame->height;
  bool uneven;

  avcodec_align_dimensions2 (codec, &width, &rows, wanted);
  do
    {
      int rc = av_image_fill_linesizes (ret_strides, frame->format, width);

      if (rc < 0)
        return rc;
      width += width & ~(width - 1);
      uneven = false;
      for (int i = 0; i < 4; i++)
        uneven = uneven || ret_strides[i] % wanted[i] != 0;
  } while (uneven);
  *ret_rows = rows;
  return 0;
}

static int
give_planes (CsmFramePool *self, AVFrame *frame, const int strides[4], int rows)
{
  ptrdiff_t wide[4] = { strides[0], strides[1], strides[2], strides[3] };
  size_t sizes[4];
  int rc = av_image_fill_plane_sizes (sizes, frame->format, rows, wide);

  if (rc < 0)
    return rc;
  for (int i = 0; i < 4 && sizes[i] > 0; i++)
    {
      frame->buf[i] = take_buffer (self, sizes[i] + SLACK);
      if (frame->buf[i] == NULL)
        return AVERROR (ENOMEM);
      frame->data[i] = (uint8_t *) FFALIGN ((uintptr_t) frame->buf[i]->data, ALIGN);
      frame->linesize[i] = strides[i];
    }
  frame->extended_data = frame->data;
  return 0;
}

static int
get_buffer_cb (AVCodecContext *codec, AVFrame *frame, int flags)
{
  const AVPixFmtDescriptor *format = av_pix_fmt_desc_get (frame->format);
  int strides[4] = { 0 };
  int rows, rc;

  /* Palettes have a plane of their own kind. */
  if (format == NULL || (format->flags & (AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_PAL)) != 0)
    return avcodec_default_get_buffer2 (codec, frame, flags);
  rc = choose_strides (codec, frame, strides, &rows);
  if (rc >= 0)
    rc = give_planes (codec->opaque, frame, strides, rows);
  if (rc < 0)
    av_frame_unref (frame);
  return rc;
}

void
csm_frame_pool_serve (CsmFramePool *self, AVCodecContext *codec)
{
  codec->opaque = self;
  codec->get_buffer2 = get_buffer_cb;
#if LIBAVCODEC_VERSION_MAJOR < 60
  G_GNUC_BEGIN_IGNORE_DEPRECATIONS
  codec->thread_safe_callbacks = 1;
  G_GNUC_END_IGNORE_DEPRECATIONS
#endif
}
