/* csm-colour.c: what a frame says of its colours, what is assumed, and how that is said
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/worker/csm-colour.h"

#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
#include <string.h>

#define HD_ROWS 720

static const AVPixFmtDescriptor *
descriptor (const AVFrame *frame)
{
  return av_pix_fmt_desc_get (frame->format);
}

static bool
is_stated (const AVFrame *frame)
{
  return frame->colorspace != AVCOL_SPC_UNSPECIFIED && frame->colorspace != AVCOL_SPC_RESERVED;
}

/* What libswscale has a table for; for others it takes BT.601's without a word. */
static const char *
name_known_matrix (enum AVColorSpace matrix)
{
  switch (matrix)
    {
    case AVCOL_SPC_BT709:
      return "bt709";
    case AVCOL_SPC_FCC:
      return "fcc";
    case AVCOL_SPC_BT470BG:
    case AVCOL_SPC_SMPTE170M:
      return "smpte170m";
    case AVCOL_SPC_SMPTE240M:
      return "smpte240m";
    case AVCOL_SPC_BT2020_NCL:
      return "bt2020";
    default:
      return NULL;
    }
}

enum AVColorSpace
csm_colour_get_matrix (const AVFrame *frame)
{
  if (!is_stated (frame))
    return frame->height >= HD_ROWS ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
  return name_known_matrix (frame->colorspace) != NULL ? frame->colorspace
                                                       : AVCOL_SPC_SMPTE170M;
}

const char *
csm_colour_get_matrix_name (const AVFrame *frame)
{
  return name_known_matrix (csm_colour_get_matrix (frame));
}

static bool
is_always_full (enum AVPixelFormat format)
{
  switch (format)
    {
    case AV_PIX_FMT_YUVJ420P:
    case AV_PIX_FMT_YUVJ411P:
    case AV_PIX_FMT_YUVJ422P:
    case AV_PIX_FMT_YUVJ444P:
    case AV_PIX_FMT_YUVJ440P:
      return true;
    default:
      return false;
    }
}

bool
csm_colour_is_full_range (const AVFrame *frame)
{
  if (frame->color_range == AVCOL_RANGE_UNSPECIFIED)
    return is_always_full (frame->format) || csm_colour_is_grey (frame);
  return frame->color_range == AVCOL_RANGE_JPEG || is_always_full (frame->format);
}

bool
csm_colour_has_alpha (const AVFrame *frame)
{
  return (descriptor (frame)->flags & AV_PIX_FMT_FLAG_ALPHA) != 0;
}

bool
csm_colour_is_grey (const AVFrame *frame)
{
  const AVPixFmtDescriptor *format = descriptor (frame);

  return format->nb_components <= 2 &&
         (format->flags &
          (AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_RGB)) == 0;
}

bool
csm_colour_is_rgb (const AVFrame *frame)
{
  return (descriptor (frame)->flags & AV_PIX_FMT_FLAG_RGB) != 0;
}

/* ---- high dynamic range ---- */

bool
csm_colour_is_hdr (const AVFrame *frame)
{
  return frame->color_trc == AVCOL_TRC_SMPTE2084 || frame->color_trc == AVCOL_TRC_ARIB_STD_B67;
}

/* Of a YUV matrix zscale must know what it is; sides must be whole chroma samples. */
bool
csm_colour_can_tone_map (const AVFrame *frame)
{
  const AVPixFmtDescriptor *format = descriptor (frame);
  bool planar_yuv = format->nb_components == 3 && (format->flags & AV_PIX_FMT_FLAG_PLANAR) &&
                    !(format->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_BE)) &&
                    format->comp[2].plane == 2;

  return csm_colour_is_hdr (frame) && planar_yuv && !is_always_full (frame->format) &&
         frame->width % (1 << format->log2_chroma_w) == 0 &&
         frame->height % (1 << format->log2_chroma_h) == 0 &&
         (!is_stated (frame) || name_known_matrix (frame->colorspace) != NULL);
}

/* zscale's names are those of libavutil; what is not said is what such footage has. */
char *
csm_colour_dup_tone_map (const AVFrame *frame)
{
  bool wide =
      frame->color_primaries != AVCOL_PRI_BT709 && frame->color_primaries != AVCOL_PRI_SMPTE432;

  return g_strdup_printf (
      "zscale=tin=%s:min=%s:pin=%s:rin=%s:t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,"
      "tonemap=tonemap=hable:desat=0,zscale=t=bt709:m=gbr:r=full,format=gbrp",
      frame->color_trc == AVCOL_TRC_SMPTE2084 ? "smpte2084" : "arib-std-b67",
      is_stated (frame) && frame->colorspace != AVCOL_SPC_BT2020_NCL
          ? av_color_space_name (frame->colorspace)
          : "bt2020nc",
      wide ? "bt2020" : av_color_primaries_name (frame->color_primaries),
      csm_colour_is_full_range (frame) ? "full" : "limited");
}

/* ---- words ---- */

static void
append_matrix (GString *text, const AVFrame *frame)
{
  const char *stated = av_color_space_name (frame->colorspace);

  if (csm_colour_is_rgb (frame))
    g_string_append (text, "no matrix (RGB)");
  else if (!is_stated (frame))
    g_string_append_printf (text, "matrix %s (assumed)", csm_colour_get_matrix_name (frame));
  else if (name_known_matrix (frame->colorspace) == NULL)
    g_string_append_printf (text, "matrix smpte170m (%s is stated and not known here)",
                            stated != NULL ? stated : "another");
  else
    g_string_append_printf (text, "matrix %s (stated)", stated);
}

static void
append_range (GString *text, const AVFrame *frame)
{
  bool stated = frame->color_range != AVCOL_RANGE_UNSPECIFIED || is_always_full (frame->format);
  bool full = csm_colour_is_rgb (frame) || csm_colour_is_full_range (frame);

  g_string_append_printf (text, ", range %s (%s)", full ? "full" : "limited",
                          stated ? "stated" : "assumed");
}

static void
append_transfer (GString *text, const AVFrame *frame, CsmColourPath path)
{
  const char *primaries = frame->color_primaries != AVCOL_PRI_UNSPECIFIED
                              ? av_color_primaries_name (frame->color_primaries)
                              : NULL;
  const char *transfer = frame->color_trc != AVCOL_TRC_UNSPECIFIED
                             ? av_color_transfer_name (frame->color_trc)
                             : NULL;

  if (primaries != NULL)
    g_string_append_printf (text, ", primaries %s", primaries);
  if (transfer == NULL)
    return;
  g_string_append_printf (text, ", transfer %s", transfer);
  if (path == CSM_COLOUR_TONE_MAPPED)
    g_string_append (text, " (HDR, tone-mapped for display)");
  else if (csm_colour_is_hdr (frame))
    g_string_append (text, " (HDR, as coded)");
}

char *
csm_colour_describe (const AVFrame *frame, CsmColourPath path)
{
  static const char *const ways[] = {
    [CSM_COLOUR_FAST] = "fast",
    [CSM_COLOUR_ACCURATE] = "bicubic accurate_rnd full_chroma_int",
    [CSM_COLOUR_TONE_MAPPED] = "bicubic, zscale npl 100, tonemap hable",
  };
  g_autoptr (GString) text = g_string_new (NULL);
  unsigned v = swscale_version ();

  append_matrix (text, frame);
  append_range (text, frame);
  append_transfer (text, frame, path);
  g_string_append_printf (text, "; libswscale %u.%u.%u %s", v >> 16, (v >> 8) & 255, v & 255,
                          ways[path]);
  return g_string_free (g_steal_pointer (&text), FALSE);
}
