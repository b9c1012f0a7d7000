/* csm-protocol.h: what the host and the caged worker say to each other
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "media/csm-sound-map.h"
#include "media/csm-view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* One SOCK_SEQPACKET socket, descriptor 3 of the worker. Both ends are the same machine and the
 * same build, so that messages are plain structs of fixed-width integers, padded by hand.
 *
 * Host to worker: one CsmRequest, for _HELLO, _INDEX_DATA, _SOUND and _CLIP followed by
 * @payload bytes. Worker to host: one CsmReply, for some kinds followed by @payload bytes.
 *
 * Order   The host sends _HELLO with the descriptors (SCM_RIGHTS: transfer memory first, then
 *         1 to 16 of the source) and the source's blob as payload, and gets _READY (layers of
 *         the cage in text) or _ERROR, after which the worker ends. Then one request at a time;
 *         each gets any number of _PROGRESS, _DATA, _INFO, _STREAM, _TAG, _CHAPTER, _BAND,
 *         _FILTERS, _CLIP or _PIECE replies and exactly one _DONE or _ERROR, all with the
 * request's id. A worker that is asked for anything out of order ends. Cancel  _CANCEL with the
 * id of the running request: the answer is _ERROR with _CANCELLED, or the _DONE that crossed
 * it. A _CANCEL that comes too late is ignored. Bands   A picture comes as one or more bands
 * from the top; each lies at the start of the transfer memory, and the worker waits for _ACK
 * (same id) before the next and, after the last, before _DONE. _CANCEL counts as _ACK. Index
 * The host sends _SET_INDEX with @total, then _INDEX_DATA (same id) until @total bytes of
 * csm_frame_index_serialize() are there, then gets _DONE. _SCAN and _VERIFY answer with the
 * same form in _DATA. Trust   Every field is hostile to its reader, both ways:
 * csm_request_check() and csm_reply_check() hold the bounds, what they cannot know is checked
 * by the caller. */

#define CSM_PROTOCOL_VERSION 1
#define CSM_PROTOCOL_SOCKET 3
#define CSM_PROTOCOL_RING_SIZE (64 << 20)
#define CSM_PROTOCOL_MAX_PAYLOAD 32768
#define CSM_PROTOCOL_MAX_TEXT 256 /* bytes with the closing NUL */
#define CSM_PROTOCOL_MAX_FDS 17   /* transfer memory and 16 of the source */
#define CSM_PROTOCOL_MAX_INDEX (256 << 20)
#define CSM_PROTOCOL_MAX_IMAGE (512 << 20) /* a PNG */
#define CSM_PROTOCOL_MAX_STREAMS 64
#define CSM_PROTOCOL_MAX_TAGS 256
#define CSM_PROTOCOL_MAX_CHAPTERS 256
#define CSM_PROTOCOL_MAX_SIDE 65536                   /* pixels */
#define CSM_PROTOCOL_MAX_LATITUDE INT64_C (900000000) /* 90 degrees, in 1e-7 degrees */
#define CSM_PROTOCOL_MIN_CACHE 16                     /* MiB */
#define CSM_PROTOCOL_MAX_CACHE 2048
#define CSM_PROTOCOL_MAX_FILTERS 4096 /* bytes with the closing NUL */
#define CSM_PROTOCOL_MAX_CLIP (INT64_C (1) << 40)

typedef enum {
  CSM_REQUEST_HELLO = 1,
  CSM_REQUEST_PROBE,
  CSM_REQUEST_SCAN,       /* @track; _PROGRESS in bytes */
  CSM_REQUEST_VERIFY,     /* @track; _PROGRESS in packets */
  CSM_REQUEST_SET_INDEX,  /* @total */
  CSM_REQUEST_INDEX_DATA, /* payload */
  CSM_REQUEST_PICTURE,    /* @ordinal @direction @max_width @max_height @flags @view */
  CSM_REQUEST_DIGEST,     /* @ordinal */
  CSM_REQUEST_PNG,        /* @ordinal @view: with one, _FILTERS comes before _DATA */
  CSM_REQUEST_THUMBNAIL,  /* @ordinal @max_width @max_height */
  CSM_REQUEST_CANCEL,
  CSM_REQUEST_ACK,
  CSM_REQUEST_STATISTICS,
  CSM_REQUEST_SOUND_MAP, /* @track; _PROGRESS in bytes; csm_sound_map_serialize() in _DATA */
  CSM_REQUEST_SOUND,     /* @track @flags; payload: CsmSoundMessage; the samples in _DATA */
  CSM_REQUEST_CLIP,      /* @ordinal; payload: CsmClipRequest; _PROGRESS in steps */
  CSM_REQUEST_LAST = CSM_REQUEST_CLIP,
} CsmRequestKind;

typedef enum {
  CSM_REQUEST_ACCURATE = 1 << 0,
  CSM_REQUEST_AS_DECODED = 1 << 1,
  CSM_REQUEST_NEAR = 1 << 2,  /* _PICTURE: the cheapest frame near @ordinal will do */
  CSM_REQUEST_EXACT = 1 << 3, /* _SOUND: the samples have the block's hash */
} CsmRequestFlags;

typedef struct
{
  uint32_t kind;
  uint32_t id; /* never 0; _CANCEL, _ACK and _INDEX_DATA: of the request they belong to */
  uint32_t flags;
  int32_t track;
  int64_t ordinal;
  int64_t total;                 /* _SET_INDEX: 1 to _MAX_INDEX */
  int32_t direction;             /* -1, 0, 1 */
  int32_t max_width, max_height; /* 0 (no limit) to _MAX_SIDE */
  uint32_t payload;              /* bytes that follow; _HELLO: at most 256 */
  uint32_t version;              /* _HELLO: CSM_PROTOCOL_VERSION */
  uint32_t nice;                 /* _HELLO: 1 for background work */
  uint32_t cache_mib;            /* _HELLO: for decoded frames, _MIN_CACHE to _MAX_CACHE */
  uint32_t padding;
  CsmView view;
} CsmRequest;

typedef enum {
  CSM_REPLY_READY = 1, /* @text: layers of the cage */
  CSM_REPLY_PROGRESS,  /* @done @total */
  CSM_REPLY_DATA,      /* payload, in order, at @done of @total bytes */
  CSM_REPLY_INFO,      /* payload: CsmInfoMessage; then the streams, then the tags */
  CSM_REPLY_STREAM,    /* payload: CsmStreamMessage */
  CSM_REPLY_TAG,       /* payload: CsmTagMessage */
  CSM_REPLY_BAND,      /* payload: CsmBandMessage; @text: the colour path */
  CSM_REPLY_DIGEST,    /* payload: CsmDigestMessage */
  CSM_REPLY_DONE,
  CSM_REPLY_ERROR,      /* @code @text */
  CSM_REPLY_CHAPTER,    /* payload: CsmChapterMessage; after the tags */
  CSM_REPLY_STATISTICS, /* payload: CsmStatisticsMessage */
  CSM_REPLY_FILTERS,    /* payload: the text of the view's filters with its closing NUL */
  CSM_REPLY_CLIP,       /* payload: CsmClipMessage; before the first _PIECE */
  CSM_REPLY_PIECE,      /* payload, in order, at @done of a file whose size is not known yet */
  CSM_REPLY_LAST = CSM_REPLY_PIECE,
} CsmReplyKind;

/* @code of an _ERROR: a CsmMediaError, or this one. */
#define CSM_REPLY_CODE_CANCELLED 1000

typedef struct
{
  uint32_t kind;
  uint32_t id;
  uint32_t code;
  uint32_t payload;
  int64_t done;
  int64_t total;
  char text[CSM_PROTOCOL_MAX_TEXT]; /* NUL inside; may hold what a file says of itself */
} CsmReply;

typedef enum {
  CSM_FIELDS_UNKNOWN,
  CSM_FIELDS_PROGRESSIVE,
  CSM_FIELDS_TOP_FIRST, /* coded and shown */
  CSM_FIELDS_BOTTOM_FIRST,
  CSM_FIELDS_TOP_CODED_FIRST, /* but the bottom one shown first */
  CSM_FIELDS_BOTTOM_CODED_FIRST,
  CSM_FIELDS_LAST = CSM_FIELDS_BOTTOM_CODED_FIRST,
} CsmFieldOrder;

typedef struct
{
  char format[64];
  char library[128];
  int64_t duration_ms; /* -1 unknown */
  int32_t n_streams;   /* at most _MAX_STREAMS */
  int32_t n_tags;      /* at most _MAX_TAGS */
  int32_t n_chapters;  /* at most _MAX_CHAPTERS */
  int32_t credentials; /* 0, 1: Content Credentials (C2PA) are in the file */
  int64_t bit_rate;    /* bits a second, 0 unknown */
  int64_t start_ms;    /* INT64_MIN unknown */
  /* Where it says it was taken: 1e-7 degrees, millimetres; INT64_MIN unknown. */
  int64_t latitude, longitude, altitude;
} CsmInfoMessage;

typedef struct
{
  char codec[32];
  char profile[64];
  char pixel_format[32];
  int32_t kind; /* 'v', 'a', 's', 'd' */
  int32_t number;
  int32_t width, height;
  int32_t sar_num, sar_den; /* 1:1 when unknown */
  int32_t rotation;         /* 0, 90, 180, 270 */
  int32_t attached_picture; /* 0, 1 */
  int32_t sample_rate, channels;
  int32_t timebase_num, timebase_den;
  int64_t start_pts; /* INT64_MIN unknown */
  int64_t duration;  /* INT64_MIN unknown */
  int64_t bit_rate;  /* bits a second, 0 unknown */
  int64_t n_frames;  /* as the container says, 0 when it does not */
  /* Pictures a second: the average, and FFmpeg's guess of the base rate; 0:0 unknown. */
  int32_t average_num, average_den;
  int32_t base_num, base_den;
  int32_t field_order; /* CsmFieldOrder */
  int32_t level;       /* of the coding, as FFmpeg counts it; -99 unknown */
  int32_t bits;        /* of a sample, 0 unknown */
  int32_t mirrored;    /* 0, 1: the display matrix mirrors */
  /* FFmpeg's names, empty when unknown. */
  char codec_tag[32];
  char range[16], matrix[32], primaries[32], transfer[32], chroma[16];
  char sample_format[16], channel_layout[64];
} CsmStreamMessage;

typedef struct
{
  char key[64];
  char value[512];
  int32_t owner; /* 0 the container, n stream n - 1 of the list, -1 the first picture (Exif) */
} CsmTagMessage;

typedef struct
{
  int64_t start_ms, end_ms; /* INT64_MIN unknown */
  char title[128];
} CsmChapterMessage;

typedef enum {
  CSM_BAND_ALPHA = 1 << 0,
  CSM_BAND_TONE_MAPPED = 1 << 1,  /* HDR brought to an ordinary screen */
  CSM_BAND_HDR_AS_CODED = 1 << 2, /* HDR shown without that */
  CSM_BAND_INTERLACED = 1 << 3,   /* the frame is coded as two fields */
  CSM_BAND_ALL_FLAGS = (1 << 4) - 1,
} CsmBandFlags;

/* Rows @y to @y + @rows of a picture of @width x @height, B8G8R8A8 premultiplied, @stride bytes
 * apart, at the start of the transfer memory; made of a frame of @frame_width x @frame_height.
 */
typedef struct
{
  int64_t ordinal;
  int32_t width, height, stride;
  int32_t y, rows;
  int32_t frame_width, frame_height;
  int32_t rotation; /* degrees clockwise, of the picture against the frame */
  uint32_t flags;   /* CsmBandFlags */
} CsmBandMessage;

typedef struct
{
  uint8_t sha256[32];
  uint8_t md5[16];
  char pixel_format[32];
  int32_t width, height;
  int64_t size;
} CsmDigestMessage;

/* Of the reader of the index that was set last. */
typedef struct
{
  int64_t n_reads;      /* frames asked for to be shown */
  int64_t n_hits;       /* of them, those that were there */
  int64_t n_decoded;    /* frames that decoders gave out, wanted or not */
  int64_t n_seeks;      /* of a decoder */
  int64_t n_cached;     /* frames in the cache */
  int64_t cached_bytes; /* of them */
  int64_t capacity;     /* frames that the cache has room for */
  int32_t settled;      /* 1: nothing is left to be decoded ahead */
  int32_t padding;
} CsmStatisticsMessage;

/* A block of a sound track (csm-sound-map.h), and how to get there. */
typedef struct
{
  int64_t first;
  int64_t n_samples; /* 1 to _MAX_IMAGE / 4 */
  int64_t pts;
  CsmSoundPacket packet, run_up; /* the block's first, and where decoding begins before it */
  uint64_t hash;
} CsmSoundMessage;

typedef enum {
  CSM_CLIP_WAY_COPIED = 1,
  CSM_CLIP_WAY_FFV1,
  CSM_CLIP_WAY_H264,
  CSM_CLIP_WAY_LAST = CSM_CLIP_WAY_H264,
} CsmClipWay;

typedef struct
{
  int64_t last;     /* from @ordinal to this frame, inclusive */
  int64_t max_size; /* bytes that the clip may have, 1 to _MAX_CLIP */
  uint32_t way;     /* CsmClipWay */
  uint32_t padding;
} CsmClipRequest;

typedef enum {
  CSM_CLIP_CONTAINER_MP4 = 1,
  CSM_CLIP_CONTAINER_MATROSKA,
  CSM_CLIP_CONTAINER_LAST = CSM_CLIP_CONTAINER_MATROSKA,
} CsmClipContainer;

typedef struct
{
  int64_t from, to;                /* frames that it holds, inclusive */
  uint32_t container;              /* CsmClipContainer */
  int32_t width, height;           /* of the evidence in it, from the top left corner */
  int32_t clip_width, clip_height; /* of a picture of the clip */
  int32_t sound;                   /* 0, 1 */
  int32_t timed;                   /* 0: the frames' own times are no use; made up */
  uint32_t padding;
} CsmClipMessage;

/* true when @message, @size bytes as received, is a request that keeps all bounds: kind, id,
 * flags, sizes, and exactly @payload bytes behind the struct. */
bool csm_request_check (const void *message, size_t size);
/* The same for a reply; also that text ends inside its field, that payload has the size of its
 * struct, and that the numbers inside (streams, sides, bands, rotation, data range) are sane.
 * Text may still be anything but NUL: not UTF-8, control characters. */
bool csm_reply_check (const void *message, size_t size);

/* Sends @head and @payload as one message; EINTR is retried. Waits until it can be sent.
 * false with errno set. @fds may be NULL. */
bool csm_protocol_send (int socket,
                        const void *head,
                        size_t head_size,
                        const void *payload,
                        size_t payload_size,
                        const int *fds,
                        int n_fds);
/* Receives one message into @buffer; descriptors go to @ret_fds (room for @max_fds, or NULL to
 * take none; they are close-on-exec; what does not fit is closed). Returns its size; 0 when the
 * other side has gone; -1 with errno set (EMSGSIZE when it was cut, EAGAIN when @wait is false
 * and nothing is there). */
ssize_t csm_protocol_receive (int socket,
                              void *buffer,
                              size_t size,
                              bool wait,
                              int *ret_fds,
                              int max_fds,
                              int *ret_n_fds);

/* Room for any message. */
#define CSM_PROTOCOL_MAX_MESSAGE (sizeof (CsmReply) + CSM_PROTOCOL_MAX_PAYLOAD)
