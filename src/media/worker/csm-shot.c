/* csm-shot.c: frames at which the picture changes as a whole
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/worker/csm-shot.h"

#include <libavutil/pixdesc.h>
#include <string.h>

#define N_MEANS (CSM_SHOT_COLUMNS * CSM_SHOT_ROWS)
#define THRESHOLD_PERCENT 10

static const AVPixFmtDescriptor *
get_readable (const AVFrame *frame)
{
  const AVPixFmtDescriptor *format = av_pix_fmt_desc_get (frame->format);

  if (format == NULL || frame->width <= 0 || frame->height <= 0 ||
      (format->flags & (AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_FLOAT)) != 0 ||
      format->comp[0].depth > 16)
    return NULL;
  return format;
}

/* One row of samples, from one row of the frame. */
static void
take_row (const AVFrame *frame,
          const AVPixFmtDescriptor *format,
          int y,
          uint16_t *line,
          uint8_t *means)
{
  int depth = format->comp[0].depth;
  bool palette = (format->flags & AV_PIX_FMT_FLAG_PAL) != 0;

  av_read_image_line2 (line, (const uint8_t **) frame->data, frame->linesize, format, 0, y, 0,
                       frame->width, palette, sizeof *line);
  for (int column = 0; column < CSM_SHOT_COLUMNS; column++)
    {
      int from = (int) ((int64_t) column * frame->width / CSM_SHOT_COLUMNS);
      int to = (int) ((int64_t) (column + 1) * frame->width / CSM_SHOT_COLUMNS);
      uint64_t sum = 0;

      to = MAX (to, from + 1);
      for (int x = from; x < to; x++)
        sum += line[x];
      means[column] = (uint8_t) MIN ((sum << 8) / (uint64_t) (to - from) >> depth, 255);
    }
}

bool
csm_shot_next (CsmShot *self, const AVFrame *frame)
{
  const AVPixFmtDescriptor *format = get_readable (frame);
  uint8_t means[N_MEANS];
  g_autofree uint16_t *line = NULL;
  int64_t difference = 0, change;
  bool begun = self->begun;

  if (format == NULL)
    return false;
  line = g_new (uint16_t, frame->width);
  for (int row = 0; row < CSM_SHOT_ROWS; row++)
    {
      int y = (int) ((2 * (int64_t) row + 1) * frame->height / (2 * CSM_SHOT_ROWS));

      take_row (frame, format, y, line, means + row * CSM_SHOT_COLUMNS);
    }
  for (int i = 0; begun && i < N_MEANS; i++)
    difference += ABS (means[i] - self->means[i]);
  change = MIN (difference, ABS (difference - self->difference));
  memcpy (self->means, means, sizeof means);
  self->difference = difference;
  self->begun = true;
  return begun && change * 100 >= (int64_t) THRESHOLD_PERCENT * N_MEANS * 256;
}
