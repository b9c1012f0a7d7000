/* hostile-worker.c: what a hijacked or broken worker could say, one lie for each name it has
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-small-picture.h"
#include "media/csm-error.h"
#include "media/csm-frame-index-builder.h"
#include "media/csm-protocol.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The lie stands in the file "lie" beside the link that it is run by: it gets no arguments and
 * no environment. It greets properly unless the lie is about the greeting. */

static int ring = -1;
static uint32_t id;

static void
say (uint32_t kind, int64_t done, int64_t total, const void *payload, size_t size)
{
  CsmReply reply = {
    .kind = kind, .id = id, .done = done, .total = total, .payload = (uint32_t) size
  };

  if (!csm_protocol_send (CSM_PROTOCOL_SOCKET, &reply, sizeof reply, payload, size, NULL, 0))
    _exit (4);
}

static void
say_error (uint32_t code, const char *text)
{
  CsmReply reply = { .kind = CSM_REPLY_ERROR, .id = id, .code = code };

  g_strlcpy (reply.text, text, sizeof reply.text);
  csm_protocol_send (CSM_PROTOCOL_SOCKET, &reply, sizeof reply, NULL, 0, NULL, 0);
}

static void
say_raw (size_t size)
{
  static uint8_t bytes[100000];

  memset (bytes, 0xa5, sizeof bytes);
  csm_protocol_send (CSM_PROTOCOL_SOCKET, bytes, size, NULL, 0, NULL, 0);
}

static void
hear (CsmRequest *ret_request, bool greeting)
{
  uint8_t message[sizeof (CsmRequest) + CSM_PROTOCOL_MAX_PAYLOAD];
  int fds[CSM_PROTOCOL_MAX_FDS], n_fds = 0;
  ssize_t size = csm_protocol_receive (CSM_PROTOCOL_SOCKET, message, sizeof message, true, fds,
                                       CSM_PROTOCOL_MAX_FDS, &n_fds);

  if (size < (ssize_t) sizeof *ret_request)
    _exit (0);
  memcpy (ret_request, message, sizeof *ret_request);
  if (greeting && n_fds > 0)
    ring = fds[0];
}

static void
sleep_for_ever (void)
{
  for (;;)
    pause ();
}

static void
say_info (int n_streams, int n_tags)
{
  CsmInfoMessage info = { .duration_ms = -1, .n_streams = n_streams, .n_tags = n_tags };

  strcpy (info.format, "mov\x1b[31m");
  memset (info.library, 0xff, sizeof info.library - 1);
  say (CSM_REPLY_INFO, 0, 0, &info, sizeof info);
}

static void
say_stream (int kind, int width)
{
  CsmStreamMessage stream = {
    .kind = kind,
    .width = width,
    .height = 16,
    .sar_num = 1,
    .sar_den = 1,
    .timebase_num = 1,
    .timebase_den = 25,
    .duration = -5,
  };

  strcpy (stream.codec, "h264\n\xe2\x80\xae");
  say (CSM_REPLY_STREAM, 0, 0, &stream, sizeof stream);
}

static void
say_tag (void)
{
  CsmTagMessage tag = { .key = "title" };

  memset (tag.value, 'x', sizeof tag.value - 1);
  tag.value[sizeof tag.value - 2] = (char) 0xd0; /* half a letter */
  say (CSM_REPLY_TAG, 0, 0, &tag, sizeof tag);
}

static void
say_band (int64_t ordinal, int width, int height, int y, int rows)
{
  CsmBandMessage band = {
    .ordinal = ordinal,
    .width = width,
    .height = height,
    .stride = width * 4,
    .y = y,
    .rows = rows,
    .frame_width = 16,
    .frame_height = 16,
  };

  say (CSM_REPLY_BAND, 0, 0, &band, sizeof band);
}

static void
say_flags (int64_t ordinal, uint32_t flags)
{
  CsmBandMessage band = { .ordinal = ordinal,
                          .width = 4,
                          .height = 4,
                          .stride = 16,
                          .rows = 4,
                          .frame_width = 16,
                          .frame_height = 16,
                          .flags = flags };

  say (CSM_REPLY_BAND, 0, 0, &band, sizeof band);
}

static void
hear_ack (void)
{
  CsmRequest request;

  do
    hear (&request, false);
  while (request.kind != CSM_REQUEST_ACK);
}

/* A 4x4 picture in two bands, each of one colour, after which the memory is changed. */
static void
paint (int64_t ordinal)
{
  uint8_t *memory =
      mmap (NULL, CSM_PROTOCOL_RING_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, ring, 0);

  if (memory == MAP_FAILED)
    _exit (5);
  for (int i = 0; i < 2; i++)
    {
      memset (memory, i + 1, 32);
      say_band (ordinal, 4, 4, i * 2, 2);
      hear_ack ();
    }
  memset (memory, 0xee, 32);
  say (CSM_REPLY_DONE, 0, 0, NULL, 0);
}

/* The memory that the host reads cannot be taken from under it. */
static void
resize_ring (void)
{
  if (ftruncate (ring, 0) == 0 || ftruncate (ring, 2LL * CSM_PROTOCOL_RING_SIZE) == 0 ||
      fcntl (ring, F_ADD_SEALS, F_SEAL_WRITE) == 0)
    _exit (6);
}

static void
say_index (int track)
{
  CsmTimebase timebase = { 1, 25 };
  CsmFrameIndexBuilder *builder = csm_frame_index_builder_new (track, timebase, "lib");
  CsmFrameIndex *index = csm_frame_index_builder_finish (builder, false);
  GBytes *bytes = csm_frame_index_serialize (index);
  gsize size;
  const void *data = g_bytes_get_data (bytes, &size);

  say (CSM_REPLY_DATA, 0, (int64_t) size, data, size);
  say (CSM_REPLY_DONE, 0, 0, NULL, 0);
}

static void
throw_descriptors (void)
{
  int fds[8];
  CsmReply reply = { .kind = CSM_REPLY_PROGRESS, .id = id };

  for (int i = 0; i < 8; i++)
    fds[i] = ring;
  for (int i = 0; i < 20; i++)
    csm_protocol_send (CSM_PROTOCOL_SOCKET, &reply, sizeof reply, NULL, 0, fds, 8);
}

/* Lies of any request. true: this was one. */
static bool
lie_always (const char *lie)
{
  if (g_str_equal (lie, "mute"))
    sleep_for_ever ();
  else if (g_str_equal (lie, "abort"))
    raise (SIGABRT);
  else if (g_str_equal (lie, "exit"))
    _exit (3);
  else if (g_str_equal (lie, "empty-message"))
    say_raw (0);
  else if (g_str_equal (lie, "short-message"))
    say_raw (5);
  else if (g_str_equal (lie, "long-message"))
    say_raw (100000);
  else if (g_str_equal (lie, "unknown-kind"))
    say (99, 0, 0, NULL, 0);
  else if (g_str_equal (lie, "unknown-code"))
    say_error (77, "what");
  else if (g_str_equal (lie, "cancelled-unasked"))
    say_error (CSM_REPLY_CODE_CANCELLED, "");
  else if (g_str_equal (lie, "done-at-once"))
    say (CSM_REPLY_DONE, 0, 0, NULL, 0);
  else if (g_str_equal (lie, "ready-again"))
    say (CSM_REPLY_READY, 0, 0, NULL, 0);
  else if (g_str_equal (lie, "coloured-error"))
    say_error (CSM_MEDIA_ERROR_DAMAGED, "bad\x1b]0;x\x07 \xff\xe2\x80\xae"
                                        "evil");
  else if (g_str_equal (lie, "same-progress"))
    for (;;)
      say (CSM_REPLY_PROGRESS, 7, 9, NULL, 0);
  else if (g_str_equal (lie, "back-and-forth"))
    for (int i = 0;; i++)
      say (CSM_REPLY_PROGRESS, i % 2, 9, NULL, 0);
  else
    return false;
  return true;
}

static void
lie_about_frames (const char *lie, int64_t ordinal)
{
  if (g_str_equal (lie, "huge-picture"))
    say_band (ordinal, 32768, 32768, 0, 1);
  else if (g_str_equal (lie, "huge-side"))
    say_band (ordinal, INT32_MAX / 4, 1, 0, 1);
  else if (g_str_equal (lie, "too-wide"))
    say_band (ordinal, 101, 1, 0, 1);
  else if (g_str_equal (lie, "other-frame"))
    say_band (ordinal + 1, 4, 4, 0, 4);
  else if (g_str_equal (lie, "band-gap"))
    say_band (ordinal, 4, 4, 1, 1);
  else if (g_str_equal (lie, "band-grows"))
    say_band (ordinal, 4, 4, 0, 2), hear_ack (), say_band (ordinal, 4, 8, 2, 2);
  else if (g_str_equal (lie, "band-flags"))
    say_flags (ordinal, CSM_BAND_ALL_FLAGS + 1);
  else if (g_str_equal (lie, "filters-for-picture"))
    say (CSM_REPLY_FILTERS, 0, 0, "hflip", 6);
  else if (g_str_equal (lie, "half-picture"))
    say_band (ordinal, 4, 4, 0, 2), hear_ack (), say (CSM_REPLY_DONE, 0, 0, NULL, 0);
  else if (g_str_equal (lie, "die-between-bands"))
    say_band (ordinal, 4, 4, 0, 2), _exit (0);
  else if (g_str_equal (lie, "bands-unheard"))
    for (int y = 0; y < 4000; y++)
      say_band (ordinal, 4, 4000, y, 1);
  else
    {
      if (g_str_equal (lie, "wrong-id"))
        id++;
      paint (ordinal);
    }
}

static void
say_picture (int width, int height)
{
  g_autofree uint8_t *pixels = g_malloc0 ((size_t) width * (size_t) height * 4);
  g_autoptr (GBytes) bytes = csm_small_picture_new (width, height, pixels, (size_t) width * 4);
  gsize size;
  const void *data = g_bytes_get_data (bytes, &size);

  say (CSM_REPLY_DATA, 0, (int64_t) size, data, size);
  say (CSM_REPLY_DONE, 0, 0, NULL, 0);
}

/* 8 x 8 was asked for. */
static void
lie_about_thumbnail (const char *lie)
{
  static const char png[24] = "\x89PNG\r\n\x1a\n";

  if (g_str_equal (lie, "thumbnail-huge"))
    say (CSM_REPLY_DATA, 0, CSM_SMALL_PICTURE_MAX_SIZE + 1, "ab", 2);
  else if (g_str_equal (lie, "thumbnail-large"))
    say_picture (9, 8);
  else
    say (CSM_REPLY_DATA, 0, sizeof png, png, sizeof png), say (CSM_REPLY_DONE, 0, 0, NULL, 0);
}

static void
say_clip (int64_t from, int64_t to, uint32_t container)
{
  CsmClipMessage clip = { .from = from,
                          .to = to,
                          .container = container,
                          .width = 16,
                          .height = 16,
                          .clip_width = 16,
                          .clip_height = 24 };

  say (CSM_REPLY_CLIP, 0, 0, &clip, sizeof clip);
}

/* Frames 3 to 5 were asked for, of at most 8 bytes; copied for "copied-...", else as FFV1. */
static void
lie_about_clip (const char *lie)
{
  bool pieces_first = g_str_equal (lie, "clip-piece-first");
  int64_t at = g_str_equal (lie, "clip-gap") ? 1 : 0;

  if (g_str_equal (lie, "copied-late"))
    say_clip (4, 5, CSM_CLIP_CONTAINER_MATROSKA);
  else if (g_str_equal (lie, "copied-short"))
    say_clip (0, 4, CSM_CLIP_CONTAINER_MATROSKA);
  else if (g_str_equal (lie, "copied-beyond"))
    say_clip (0, 10, CSM_CLIP_CONTAINER_MATROSKA);
  else if (!pieces_first)
    say_clip (g_str_equal (lie, "clip-from") ? 2 : 3, g_str_equal (lie, "clip-to") ? 6 : 5,
              g_str_equal (lie, "clip-container") ? CSM_CLIP_CONTAINER_MP4
                                                  : CSM_CLIP_CONTAINER_MATROSKA);
  if (g_str_equal (lie, "clip-twice"))
    say_clip (3, 5, CSM_CLIP_CONTAINER_MATROSKA);
  if (!g_str_equal (lie, "clip-empty"))
    say (CSM_REPLY_PIECE, at, 0, "123456789", g_str_equal (lie, "clip-large") ? 9 : 8);
  say (CSM_REPLY_DONE, 0, 0, NULL, 0);
}

static void
lie_about_bytes (const char *lie, int track)
{
  if (g_str_equal (lie, "data-gap"))
    say (CSM_REPLY_DATA, 1, 4, "abc", 3);
  else if (g_str_equal (lie, "data-grows"))
    say (CSM_REPLY_DATA, 0, 4, "ab", 2), say (CSM_REPLY_DATA, 2, 9, "ab", 2);
  else if (g_str_equal (lie, "data-huge"))
    say (CSM_REPLY_DATA, 0, CSM_PROTOCOL_MAX_INDEX + 1, "ab", 2);
  else if (g_str_equal (lie, "filters-endless"))
    say (CSM_REPLY_FILTERS, 0, 0, "hflip", 5);
  else if (g_str_equal (lie, "filters-end-early"))
    say (CSM_REPLY_FILTERS, 0, 0, "hflip\0vflip", 12);
  else if (g_str_equal (lie, "filters-twice"))
    say (CSM_REPLY_FILTERS, 0, 0, "hflip", 6), say (CSM_REPLY_FILTERS, 0, 0, "hflip", 6);
  else if (g_str_equal (lie, "filters-missing"))
    say (CSM_REPLY_DATA, 0, 4, "abcd", 4), say (CSM_REPLY_DONE, 0, 0, NULL, 0);
  else if (g_str_equal (lie, "data-half"))
    say (CSM_REPLY_DATA, 0, 4, "ab", 2), say (CSM_REPLY_DONE, 0, 0, NULL, 0);
  else if (g_str_equal (lie, "index-garbage"))
    say (CSM_REPLY_DATA, 0, 4, "abcd", 4), say (CSM_REPLY_DONE, 0, 0, NULL, 0);
  else
    say_index (g_str_equal (lie, "index-track") ? track + 1 : track);
}

static void
lie_about_container (const char *lie)
{
  if (g_str_equal (lie, "die-mid-info"))
    say_info (2, 0), say_stream ('v', 16), _exit (0);
  else if (g_str_equal (lie, "stream-first"))
    say_stream ('v', 16);
  else if (g_str_equal (lie, "stream-twice"))
    say_info (2, 0), say_stream ('v', 16), say_stream ('v', 16);
  else if (g_str_equal (lie, "stream-too-many"))
    say_info (0, 0), say_stream ('v', 16);
  else if (g_str_equal (lie, "stream-missing"))
    say_info (1, 0), say (CSM_REPLY_DONE, 0, 0, NULL, 0);
  else if (g_str_equal (lie, "stream-wide"))
    say_info (1, 0), say_stream ('v', 1 << 30);
  else if (g_str_equal (lie, "info-counts"))
    say_info (1 << 30, 1 << 30);
  else if (g_str_equal (lie, "info-twice"))
    say_info (0, 0), say_info (0, 0);
  else if (g_str_equal (lie, "band-for-info"))
    say_band (0, 4, 4, 0, 4);
  else
    {
      if (g_str_equal (lie, "descriptors"))
        throw_descriptors ();
      say_info (1, 1), say_stream ('v', 16), say_tag ();
      say (CSM_REPLY_DONE, 0, 0, NULL, 0);
    }
}

static void
greet (const char *lie)
{
  CsmReply ready = { .kind = CSM_REPLY_READY };
  CsmRequest request;

  if (g_str_equal (lie, "no-start"))
    _exit (127);
  hear (&request, true);
  id = request.id;
  if (g_str_equal (lie, "no-greeting"))
    sleep_for_ever ();
  if (g_str_equal (lie, "no-cage"))
    say_error (CSM_MEDIA_ERROR_NO_CAGE, "no seccomp"), _exit (1);
  if (g_str_equal (lie, "no-disk"))
    say_error (CSM_MEDIA_ERROR_IO, "pulled out"), _exit (1);
  if (g_str_equal (lie, "resize-ring"))
    resize_ring ();

  ready.id = id;
  strcpy (ready.text, "no cage\tat all");
  csm_protocol_send (CSM_PROTOCOL_SOCKET, &ready, sizeof ready, NULL, 0, NULL, 0);
}

/* All of the index, then an answer; "deaf" stops reading in the middle. */
static void
take_index (const char *lie, const CsmRequest *request)
{
  int64_t left = request->total;

  while (left > 0)
    {
      CsmRequest part;

      if (g_str_equal (lie, "deaf"))
        sleep_for_ever ();
      hear (&part, false);
      left -= part.payload;
    }
  say (CSM_REPLY_DONE, 0, 0, NULL, 0);
}

/* More than the socket, the three standard descriptors and a locale. */
static bool
inherits_anything (void)
{
  for (int fd = CSM_PROTOCOL_SOCKET + 1; fd < 256; fd++)
    if (fcntl (fd, F_GETFD) >= 0)
      return true;
  return environ[0] == NULL || !g_str_has_prefix (environ[0], "LC_ALL=") || environ[1] != NULL;
}

int
main (int argc, char **argv)
{
  g_autofree char *folder = g_path_get_dirname (argv[0]);
  g_autofree char *path = g_build_filename (folder, "lie", NULL);
  g_autofree char *lie = NULL;

  if (inherits_anything () || !g_file_get_contents (path, &lie, NULL, NULL))
    return 7;
  greet (lie);
  for (;;)
    {
      CsmRequest request;

      hear (&request, false);
      id = request.id;
      if (request.kind == CSM_REQUEST_CANCEL || request.kind == CSM_REQUEST_ACK)
        continue;
      if (request.kind == CSM_REQUEST_SET_INDEX)
        take_index (lie, &request);
      else if (lie_always (lie))
        continue;
      else if (request.kind == CSM_REQUEST_PICTURE)
        lie_about_frames (lie, request.ordinal);
      else if (request.kind == CSM_REQUEST_SCAN || request.kind == CSM_REQUEST_PNG)
        lie_about_bytes (lie, request.track);
      else if (request.kind == CSM_REQUEST_CLIP)
        lie_about_clip (lie);
      else if (request.kind == CSM_REQUEST_THUMBNAIL)
        lie_about_thumbnail (lie);
      else
        lie_about_container (lie);
    }
}
