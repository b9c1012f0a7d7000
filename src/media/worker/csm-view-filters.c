/* csm-view-filters.c: the text of a view's filters
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/worker/csm-view-filters.h"

#include "media/worker/csm-colour.h"

#include <libavutil/pixdesc.h>

#define FLAGS "flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp"
/* Repeats pixels and lines, invents none. */
#define REPEAT "flags=neighbor"

/* The filters so far, and what they give. */
typedef struct
{
  GString *text;
  enum AVPixelFormat format;
  const char *matrix;
  const char *range;
  int width, height;
} Chain;

static void G_GNUC_PRINTF (2, 3) add (Chain *chain, const char *format, ...)
{
  va_list arguments;

  if (chain->text->len > 0)
    g_string_append_c (chain->text, ',');
  va_start (arguments, format);
  g_string_append_vprintf (chain->text, format, arguments);
  va_end (arguments);
}

/* 8-bit planar YUV with the frame's own subsampling, which all filters here take and which
 * keeps its fields apart. */
static enum AVPixelFormat
choose_format (const CsmView *view, const AVFrame *frame)
{
  const AVPixFmtDescriptor *format = av_pix_fmt_desc_get (frame->format);
  int w = format->log2_chroma_w, h = format->log2_chroma_h;
  /* The filter "field" reads past the chroma of a frame that does not fall into two fields. */
  bool halves = view->field == CSM_VIEW_BOTH_FIELDS || frame->height % (2 << h) == 0;

  if (csm_colour_is_rgb (frame) || format->nb_components < 3 || (w == 0 && h == 0) || !halves)
    return AV_PIX_FMT_YUV444P;
  if (w == 1)
    return h == 1 ? AV_PIX_FMT_YUV420P : AV_PIX_FMT_YUV422P;
  if (w == 2)
    return h == 2 ? AV_PIX_FMT_YUV410P : AV_PIX_FMT_YUV411P;
  return AV_PIX_FMT_YUV444P;
}

/* Only on the way to a screen: linear light costs too much for pixels that are not shown. */
static void
add_fit (Chain *chain, const AVFrame *frame, int max_width, int max_height)
{
  double shrink = 1;

  if (max_width > 0)
    shrink = MIN (shrink, (double) max_width / chain->width);
  if (max_height > 0)
    shrink = MIN (shrink, (double) max_height / chain->height);
  if (shrink >= 1)
    return;
  chain->width = MAX ((int) (chain->width * shrink) / 4 * 4, 4);
  chain->height = MAX ((int) (chain->height * shrink) / 4 * 4, 4);
  add (chain, "scale=w=%d:h=%d:flags=bilinear,format=%s", chain->width, chain->height,
       av_get_pix_fmt_name (frame->format));
}

/* HDR becomes RGB, and stays it when nothing else is to be done. */
static void
add_beginning (Chain *chain,
               const CsmView *view,
               const AVFrame *frame,
               int max_width,
               int max_height)
{
  bool tone_map = csm_colour_can_tone_map (frame);
  bool rgb = tone_map || csm_colour_is_rgb (frame);
  g_autofree char *filters = tone_map ? csm_colour_dup_tone_map (frame) : NULL;

  if (tone_map)
    {
      add_fit (chain, frame, max_width, max_height);
      add (chain, "%s", filters);
    }
  chain->matrix = rgb ? "bt709" : csm_colour_get_matrix_name (frame);
  chain->range = rgb || csm_colour_is_full_range (frame) ? "full" : "limited";
  chain->format = rgb ? AV_PIX_FMT_YUV444P : choose_format (view, frame);
  if ((tone_map || chain->format != frame->format) && !csm_view_is_plain (view))
    add (chain,
         "scale=in_color_matrix=%s:in_range=%s:out_color_matrix=%s:out_range=%s:" FLAGS
         ",format=%s",
         chain->matrix, chain->range, chain->matrix, chain->range,
         av_get_pix_fmt_name (chain->format));
}

static void
add_time (Chain *chain, const CsmView *view)
{
  int d = view->denoise * 100;

  if (view->deinterlace != 0)
    add (chain, "bwdif=mode=send_frame:parity=auto:deint=all");
  if (view->field != CSM_VIEW_BOTH_FIELDS)
    add (chain, "field=type=%s,scale=w=%d:h=%d:" REPEAT ",format=%s",
         view->field == CSM_VIEW_TOP_FIELD ? "top" : "bottom", chain->width, chain->height,
         av_get_pix_fmt_name (chain->format));
  /* The proportions that hqdn3d has by itself. */
  if (d > 0)
    add (chain,
         "hqdn3d=luma_spatial=%d.%02d:chroma_spatial=%d.%02d:luma_tmp=%d.%02d:"
         "chroma_tmp=%d.%02d",
         d / 100, d % 100, d * 3 / 4 / 100, d * 3 / 4 % 100, d * 3 / 2 / 100, d * 3 / 2 % 100,
         d * 9 / 8 / 100, d * 9 / 8 % 100);
  if (view->stabilise != 0)
    add (chain, "deshake=rx=16:ry=16:edge=clamp:blocksize=8:contrast=125:search=less");
}

static void
add_light (Chain *chain, const CsmView *view)
{
  int c = view->contrast + 100, g = view->gamma + 100, b = ABS (view->brightness);

  if (view->brightness != 0 || view->contrast != 0 || view->gamma != 0)
    add (chain, "eq=contrast=%d.%02d:brightness=%s%d.%02d:gamma=%d.%02d", c / 100, c % 100,
         view->brightness < 0 ? "-" : "", b / 100, b % 100, g / 100, g % 100);
  if (view->sharpen > 0)
    add (chain,
         "unsharp=luma_msize_x=5:luma_msize_y=5:luma_amount=%d.%02d:chroma_msize_x=5:"
         "chroma_msize_y=5:chroma_amount=0",
         view->sharpen / 100, view->sharpen % 100);
  if (view->grey != 0)
    add (chain, "hue=s=0");
}

/* A plane's own codes, from 0 for black to 255 for white, whatever the range. */
static void
add_channel (Chain *chain, CsmViewChannel channel)
{
  if (channel <= CSM_VIEW_B)
    add (chain,
         "scale=in_color_matrix=%s:in_range=%s:out_range=full:" FLAGS
         ",format=gbrp,extractplanes=planes=%c",
         chain->matrix, chain->range, " rgb"[channel]);
  else
    add (chain, "extractplanes=planes=%c", "yuv"[channel - CSM_VIEW_Y]);
  add (chain, "scale=w=%d:h=%d:in_range=full:out_range=full:" REPEAT ",format=rgb24",
       chain->width, chain->height);
}

static void
add_rgb (Chain *chain, const CsmView *view)
{
  if (view->channel != CSM_VIEW_ALL_CHANNELS)
    add_channel (chain, (CsmViewChannel) view->channel);
  else
    add (chain, "scale=in_color_matrix=%s:in_range=%s:out_range=full:" FLAGS ",format=rgb24",
         chain->matrix, chain->range);
}

static gboolean
check_fit (const Chain *chain, const CsmView *view, GError **error)
{
  switch (csm_view_find_fit (view, chain->width, chain->height))
    {
    case CSM_VIEW_CROP_OUTSIDE:
      g_set_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_UNSUPPORTED,
                   "The crop does not lie inside the picture, which has %dx%d pixels.",
                   chain->width, chain->height);
      return FALSE;
    case CSM_VIEW_TOO_LARGE:
      g_set_error_literal (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_UNSUPPORTED,
                           "The picture is too large for this zoom; crop it, or zoom less.");
      return FALSE;
    default:
      return TRUE;
    }
}

static void
add_geometry (Chain *chain, const CsmView *view)
{
  if (view->crop_width > 0)
    {
      add (chain, "crop=w=%d:h=%d:x=%d:y=%d:exact=1", view->crop_width, view->crop_height,
           view->crop_x, view->crop_y);
      chain->width = view->crop_width;
      chain->height = view->crop_height;
    }
  if (view->zoom > 1)
    add (chain, "scale=w=%d:h=%d:" REPEAT ",format=rgb24", chain->width * view->zoom,
         chain->height * view->zoom);
  if (view->turn == CSM_VIEW_TURN_90 || view->turn == CSM_VIEW_TURN_270)
    add (chain, "transpose=dir=%s", view->turn == CSM_VIEW_TURN_90 ? "clock" : "cclock");
  if (view->turn == CSM_VIEW_TURN_180)
    add (chain, "hflip,vflip");
}

char *
csm_view_filters_write (const CsmView *view,
                        const AVFrame *frame,
                        int max_width,
                        int max_height,
                        GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  Chain chain = { .text = text, .width = frame->width, .height = frame->height };

  add_beginning (&chain, view, frame, max_width, max_height);
  if (!check_fit (&chain, view, error))
    return NULL;
  add_time (&chain, view);
  add_light (&chain, view);
  add_rgb (&chain, view);
  add_geometry (&chain, view);
  return g_string_free (g_steal_pointer (&text), FALSE);
}
