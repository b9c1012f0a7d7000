/* csm-plane-hash.c: the bytes of a decoded frame as FFmpeg's framemd5 has them
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/worker/csm-plane-hash.h"

#include "base/csm-hash.h"

#include <libavutil/imgutils.h>
#include <libavutil/md5.h>
#include <libavutil/mem.h>
#include <libavutil/pixdesc.h>
#include <string.h>
#include <xxhash.h>

bool
csm_plane_visit (const AVFrame *frame, CsmPlaneVisitor visitor, gpointer data)
{
  const AVPixFmtDescriptor *format = av_pix_fmt_desc_get (frame->format);
  int widths[4];

  if (format == NULL || (format->flags & AV_PIX_FMT_FLAG_HWACCEL) != 0)
    return false;
  if (av_image_fill_linesizes (widths, frame->format, frame->width) < 0)
    return false;
  for (int p = 0; p < 4 && frame->data[p] != NULL; p++)
    {
      bool chroma = p == 1 || p == 2;
      int rows = chroma ? AV_CEIL_RSHIFT (frame->height, format->log2_chroma_h) : frame->height;

      if (p == 1 && (format->flags & AV_PIX_FMT_FLAG_PAL) != 0)
        {
          visitor (data, frame->data[1], AVPALETTE_SIZE);
          break;
        }
      if (widths[p] == 0)
        break;
      for (int y = 0; y < rows; y++)
        visitor (data, frame->data[p] + (ptrdiff_t) y * frame->linesize[p], (size_t) widths[p]);
    }
  return true;
}

static void
xxh_cb (gpointer data, const uint8_t *bytes, size_t size)
{
  (void) XXH3_128bits_update (data, bytes, size); /* fails only on NULL */
}

bool
csm_plane_hash (const AVFrame *frame, uint64_t ret_hash[2])
{
  XXH3_state_t *state = XXH3_createState ();
  const char *format = av_get_pix_fmt_name (frame->format);
  int32_t shape[2] = { frame->width, frame->height };
  bool ok;

  /* The number of a format is FFmpeg's private affair, its name is not. */
  if (format == NULL)
    format = "";

  (void) XXH3_128bits_reset (state);
  xxh_cb (state, (const uint8_t *) format, strlen (format));
  xxh_cb (state, (const uint8_t *) shape, sizeof shape);
  ok = csm_plane_visit (frame, xxh_cb, state);
  if (ok)
    {
      XXH128_hash_t hash = XXH3_128bits_digest (state);

      /* All zero means "no hash" in an index. */
      ret_hash[0] = hash.low64 == 0 && hash.high64 == 0 ? 1 : hash.low64;
      ret_hash[1] = hash.high64;
    }
  (void) XXH3_freeState (state);
  return ok;
}

typedef struct
{
  CsmHasher *sha256;
  struct AVMD5 *md5;
  int64_t size;
} Digests;

static void
digest_cb (gpointer data, const uint8_t *bytes, size_t size)
{
  Digests *digests = data;

  csm_hasher_update (digests->sha256, bytes, size);
  av_md5_update (digests->md5, bytes, size);
  digests->size += (int64_t) size;
}

bool
csm_plane_digest (const AVFrame *frame,
                  uint8_t ret_sha256[32],
                  uint8_t ret_md5[16],
                  int64_t *ret_size)
{
  Digests digests = { csm_hasher_new (), av_md5_alloc (), 0 };
  bool ok;

  av_md5_init (digests.md5);
  ok = csm_plane_visit (frame, digest_cb, &digests);
  if (ok)
    {
      CsmDigest sha256;

      csm_hasher_finish (digests.sha256, &sha256);
      memcpy (ret_sha256, sha256.bytes, sizeof sha256.bytes);
      av_md5_final (digests.md5, ret_md5);
      *ret_size = digests.size;
    }
  csm_hasher_free (digests.sha256);
  av_free (digests.md5);
  return ok;
}
