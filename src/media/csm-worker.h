/* csm-worker.h: one caged process that reads one exhibit for us
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-hash.h"
#include "media/csm-error.h"
#include "media/csm-frame-index.h"
#include "media/csm-media-info.h"
#include "media/csm-media-source.h"
#include "media/csm-sound-map.h"
#include "media/csm-view.h"

/* CsmWorker: parses, decodes and converts in a locked `casement-worker` process. A worker that
 * crashes or hangs is replaced, at most twice for one source, and the call that met it fails
 * with _CRASHED or _HUNG; the next call works on a fresh process. After the third failure all
 * calls fail with _REFUSED and say why.
 *
 * Ownership  csm_worker_free() kills the process; takes NULL.
 * Threads    one lane at a time; every call blocks. csm_worker_get_pid(): any thread.
 * Cancelling each call with a GCancellable stops the worker at the next packet and fails with
 *            G_IO_ERROR_CANCELLED; the worker stays usable.
 * Errors     CSM_MEDIA_ERROR.
 * Trust      everything that a worker says is checked here: sizes, counts, text, enums. */
typedef struct _CsmWorker CsmWorker;

/* How far it is, in no unit; @total is 0 when unknown; goes back when a pass starts again.
 * Called on the calling thread. */
typedef void (*CsmWorkerProgress) (int64_t done, int64_t total, gpointer data);

/* A picture as shown, copied out of shared memory.
 * Ownership  reference counted through @pixels; free with csm_picture_free(). */
typedef struct
{
  int64_t ordinal;           /* what it really is */
  bool preview;              /* another one was asked for: this one is near it */
  int width, height, stride; /* pixels, pixels, bytes */
  /* The frame it was made of, unrotated and unscaled: what regions are counted in. The
   * container may say another size than the decoder gives. */
  int frame_width, frame_height;
  /* Of @frame_width x @frame_height, that is shown: all of it, but where a view crops; and how
   * often a view repeats its pixels, 1 when none does. */
  CsmRect part;
  int zoom;
  CsmViewFit view_fit; /* when it does not, this is the picture without the view */
  int rotation;        /* degrees clockwise that the picture is turned against the frame */
  GBytes *pixels;      /* B8G8R8A8, alpha premultiplied */
  bool has_alpha;
  bool tone_mapped;   /* HDR, brought to an ordinary screen */
  bool hdr_as_coded;  /* HDR, its codes shown as they are: flat and dark */
  bool is_interlaced; /* the frame is coded as two fields */
  char *colour;       /* the colour path in words; never to be trusted as markup */
} CsmPicture;
void csm_picture_free (CsmPicture *self);

typedef struct
{
  int max_width, max_height; /* fit inside, keeping the aspect ratio; 0: full size */
  bool accurate;             /* accurate conversion (paused, stills), else the fast one */
  bool as_decoded;           /* no rotation, no sample aspect ratio, no tone-mapping */
  CsmView view;              /* whose turn takes the place of the file's rotation; left out
                              * where it does not fit the frame */
} CsmPictureOptions;

/* What a mark commits to. */
typedef struct
{
  CsmDigest sha256;      /* of the raw planes, rows unpadded, as framemd5 hashes them */
  uint8_t md5[16];       /* the same bytes; equal to FFmpeg's framemd5 */
  char pixel_format[32]; /* "yuv420p" */
  int width, height;
  int64_t size; /* bytes hashed */
} CsmFrameDigest;

/* How the frame calls were answered since the index was set: for tests and measurements. */
typedef struct
{
  int64_t n_reads;      /* frames asked for to be shown */
  int64_t n_hits;       /* of them, those that were decoded already */
  int64_t n_decoded;    /* frames that decoders gave out, wanted or not */
  int64_t n_seeks;      /* of a decoder */
  int64_t n_cached;     /* decoded frames that are kept */
  int64_t cached_bytes; /* of them */
  int64_t capacity;     /* frames that there is room for */
  bool settled;         /* nothing is left to be decoded ahead */
} CsmWorkerStatistics;

/* (transfer full): starts no process yet. @nice is true for background work. */
CsmWorker *csm_worker_new (CsmMediaSource *source, bool nice);
/* What decoded frames may take of memory, in MiB: 256 unless said, clamped to 16 and 2048.
 * Before the first call; a worker needs up to 150 MiB on top of it. */
#define CSM_WORKER_CACHE_MIB 256
void csm_worker_set_cache (CsmWorker *self, int mib);
void csm_worker_free (CsmWorker *self);
/* The process, or 0: for tests that kill it. */
int csm_worker_get_pid (const CsmWorker *self);
/* Keeps one process started ahead for the workers to come, since starting one takes about
 * 100 ms. For programs that open one exhibit after the other. Any thread. */
void csm_worker_prestart (void);
/* Ends that one, reaped: this process is about to become another program. */
void csm_worker_end_prestarted (void);
/* (transfer full): the achieved layers, "user-namespace landlock-7 seccomp", or NULL before
 * the first call. */
char *csm_worker_dup_cage (const CsmWorker *self);

/* (transfer full) (nullable): opens the source, or answers from the first call. _UNSUPPORTED,
 * _DAMAGED and _REFUSED say in words what it is. */
CsmMediaInfo *csm_worker_probe (CsmWorker *self, GCancellable *cancellable, GError **error);
/* (transfer full) (nullable): provisional index of video track v:@track, from its packets. */
CsmFrameIndex *csm_worker_scan (CsmWorker *self,
                                int track,
                                CsmWorkerProgress progress,
                                gpointer data,
                                GCancellable *cancellable,
                                GError **error);
/* (transfer full) (nullable): the exact index, by decoding every frame once. */
CsmFrameIndex *csm_worker_verify (CsmWorker *self,
                                  int track,
                                  CsmWorkerProgress progress,
                                  gpointer data,
                                  GCancellable *cancellable,
                                  GError **error);
/* Uses @index (scanned, verified or stored) for the frame calls below, now and after the
 * worker was replaced. */
gboolean csm_worker_set_index (CsmWorker *self, CsmFrameIndex *index, GError **error);

/* (transfer full) (nullable): frame @ordinal, exact. @direction -1, 0 or 1 hints where the
 * reader is heading, so that the worker decodes ahead when idle. The frame is the playhead:
 * what is decoded stays around it. */
CsmPicture *csm_worker_read_picture (CsmWorker *self,
                                     int64_t ordinal,
                                     const CsmPictureOptions *options,
                                     int direction,
                                     GCancellable *cancellable,
                                     GError **error);
/* (transfer full) (nullable): the cheapest frame near @ordinal, for a playhead that is dragged:
 * the nearest that is decoded, or the key frame before it. What it is, it says. */
CsmPicture *csm_worker_read_preview (CsmWorker *self,
                                     int64_t ordinal,
                                     const CsmPictureOptions *options,
                                     GCancellable *cancellable,
                                     GError **error);
gboolean csm_worker_read_statistics (CsmWorker *self,
                                     CsmWorkerStatistics *ret_statistics,
                                     GError **error);
gboolean csm_worker_read_digest (CsmWorker *self,
                                 int64_t ordinal,
                                 CsmFrameDigest *ret_digest,
                                 GCancellable *cancellable,
                                 GError **error);
/* (transfer full) (nullable): PNG of the frame as decoded (unrotated, unscaled; 16 bits a
 * channel above 8), with the colour path stated in tEXt chunks. */
GBytes *csm_worker_read_png (CsmWorker *self,
                             int64_t ordinal,
                             GCancellable *cancellable,
                             GError **error);
/* (transfer full) (nullable): PNG of the frame as @view shows it, 8 bits a channel, which says
 * so in tEXt chunks. @ret_filters (transfer full): the chain of filters, with which
 * `ffmpeg -noautorotate -i FILE -map 0:v:N -vf FILTERS` gives the same picture. */
GBytes *csm_worker_read_view_png (CsmWorker *self,
                                  int64_t ordinal,
                                  const CsmView *view,
                                  char **ret_filters,
                                  GCancellable *cancellable,
                                  GError **error);
/* (transfer full) (nullable): a small upright picture of frame @ordinal for lists, at most
 * @max_width by @max_height, in the form of csm-small-picture.h, and checked. */
GBytes *csm_worker_read_thumbnail (CsmWorker *self,
                                   int64_t ordinal,
                                   int max_width,
                                   int max_height,
                                   GCancellable *cancellable,
                                   GError **error);

/* (transfer full) (nullable): the map of sound track a:@track, by decoding it once. */
CsmSoundMap *csm_worker_map_sound (CsmWorker *self,
                                   int track,
                                   CsmWorkerProgress progress,
                                   gpointer data,
                                   GCancellable *cancellable,
                                   GError **error);
/* (transfer full) (nullable): the samples of block @block of @map, 16-bit little-endian.
 * @exact: those that the map was made of, whatever it takes (_CHANGED when they cannot be had);
 * else where noise belongs to the coding it may be other noise, which is quicker. */
GBytes *csm_worker_read_sound (CsmWorker *self,
                               const CsmSoundMap *map,
                               int64_t block,
                               bool exact,
                               GCancellable *cancellable,
                               GError **error);

/* ---- clips ---- */

typedef enum {
  /* Packets as they are, from the key frame at or before the first frame to the last packet
   * that the last one needs, with the first sound track where the container takes it. Decoded
   * once on the way: a clip that would show anything but the frames that it names is not made.
   */
  CSM_CLIP_COPIED,
  /* Exactly the frames, re-encoded, with their number and time in a bar below the picture. */
  CSM_CLIP_FFV1, /* Matroska; the samples as decoded */
  CSM_CLIP_H264, /* MP4; 8 bits, 4:2:0, upright, small */
} CsmClipKind;

/* A plain value. */
typedef struct
{
  int64_t from, to;            /* frames of the track that it holds, inclusive, no others */
  const char *ending;          /* of its name: ".mp4", ".mkv" */
  int width, height;           /* of the exhibit's part of the picture, from the top left */
  int clip_width, clip_height; /* of the picture with its bar */
  bool has_sound;
  bool is_timed; /* frames come at their own times, but for what the container rounds */
  int64_t size;  /* bytes */
} CsmClip;

/* Takes a clip while it is made. A failure of either ends the call with its error. */
typedef struct
{
  /* (nullable): before the first byte; @clip has all but its size. */
  gboolean (*begin) (const CsmClip *clip, gpointer data, GError **error);
  gboolean (*write) (const void *bytes, size_t size, gpointer data, GError **error);
  gpointer data;
} CsmClipSink;

/* Cuts frames @first to @last (inclusive) of the index's track. @max_size in bytes, 0 for what
 * a worker may say at most: a longer clip fails with _REFUSED. Nothing of the source's metadata
 * goes with it but what the packets themselves hold. The same input gives the same bytes.
 * _UNSUPPORTED: this track cannot be cut so. */
gboolean csm_worker_cut_clip (CsmWorker *self,
                              CsmClipKind kind,
                              int64_t first,
                              int64_t last,
                              int64_t max_size,
                              const CsmClipSink *sink,
                              CsmClip *ret_clip,
                              CsmWorkerProgress progress,
                              gpointer data,
                              GCancellable *cancellable,
                              GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmPicture, csm_picture_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmWorker, csm_worker_free)
