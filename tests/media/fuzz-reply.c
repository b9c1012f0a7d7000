/* fuzz-reply.c: a worker that is a row of bytes; links with libFuzzer as it stands
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz-reply.h"

#include "media/csm-frame-index-builder.h"
#include "media/csm-worker-private.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

static CsmFrameIndex *
new_index (void)
{
  CsmTimebase timebase = { 1, 25 };
  CsmIndexPacket packet = { .flags = CSM_INDEX_PACKET_KEY, .size = 1 };
  CsmFrameIndexBuilder *builder = csm_frame_index_builder_new (0, timebase, "lib");

  csm_frame_index_builder_add_packet (builder, &packet);
  return csm_frame_index_builder_finish (builder, false);
}

CsmSoundMap *
fuzz_new_sound_map (void)
{
  GArray *blocks = g_array_new (FALSE, TRUE, sizeof (CsmSoundBlock));
  GArray *peaks = g_array_new (FALSE, TRUE, sizeof (int16_t));

  g_array_set_size (blocks, 1);
  g_array_set_size (peaks, 2);
  return csm_sound_map_new (0, 8000, 1, (CsmTimebase){ 1, 8000 }, 4, blocks, peaks);
}

/* Everything that the worker will ever say lies in the socket before it is asked. */
static void
say_all (int socket, const uint8_t *data, size_t size)
{
  while (size >= 2)
    {
      size_t length = MIN ((size_t) (data[0] | data[1] << 8), size - 2);

      if (send (socket, data + 2, length, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
        break;
      data += 2 + length;
      size -= 2 + length;
    }
  shutdown (socket, SHUT_WR);
}

static CsmWorker *
new_worker (int socket)
{
  int fd = open ("/dev/null", O_RDONLY | O_CLOEXEC);
  g_autoptr (CsmMediaSource) source = csm_media_source_new (&fd, 1, NULL, 0);
  CsmWorker *worker = csm_worker_new (source, false);
  CsmWorkerProcess *process = g_new0 (CsmWorkerProcess, 1);

  process->socket = socket;
  process->ring = open ("/dev/zero", O_RDONLY | O_CLOEXEC);
  csm_worker_adopt (worker, process);
  return worker;
}

static gboolean
drop_cb (const void *bytes, size_t size, gpointer data, GError **error)
{
  *(int64_t *) data += (int64_t) size;
  return TRUE;
}

/* The clip is what was said of it: these frames, and as many bytes as came. */
static bool
ask_clip (CsmWorker *worker, GError **error)
{
  int64_t size = 0;
  const CsmClipSink sink = { .write = drop_cb, .data = &size };
  CsmClip clip;

  if (!csm_worker_cut_clip (worker, CSM_CLIP_COPIED, 0, 0, 1 << 20, &sink, &clip, NULL, NULL,
                            NULL, error))
    return false;
  g_assert_cmpint (clip.from, ==, 0);
  g_assert_cmpint (clip.to, ==, 0);
  g_assert_cmpint (clip.size, ==, size);
  g_assert_cmpint (size, <=, 1 << 20);
  return true;
}

static bool
ask (CsmWorker *worker, int question, GError **error)
{
  CsmFrameDigest digest;
  g_autoptr (CsmFrameIndex) used = new_index ();
  g_autoptr (CsmPicture) picture = NULL;
  g_autoptr (CsmFrameIndex) index = NULL;
  g_autoptr (CsmMediaInfo) info = NULL;
  g_autoptr (GBytes) png = NULL;
  g_autoptr (CsmSoundMap) map = NULL;
  g_autoptr (GBytes) sound = NULL;

  if (question == FUZZ_PROBE)
    return (info = csm_worker_probe (worker, NULL, error)) != NULL;
  if (question == FUZZ_SCAN)
    return (index = csm_worker_scan (worker, 0, NULL, NULL, NULL, error)) != NULL;
  if (question == FUZZ_SOUND_MAP)
    return (map = csm_worker_map_sound (worker, 0, NULL, NULL, NULL, error)) != NULL;
  if (question == FUZZ_SOUND)
    {
      map = fuzz_new_sound_map ();
      return (sound = csm_worker_read_sound (worker, map, 0, true, NULL, error)) != NULL;
    }
  if (!csm_worker_set_index (worker, used, error))
    return false;
  if (question == FUZZ_PICTURE)
    return (picture = csm_worker_read_picture (worker, 0, NULL, 0, NULL, error)) != NULL;
  if (question == FUZZ_DIGEST)
    return csm_worker_read_digest (worker, 0, &digest, NULL, error);
  if (question == FUZZ_CLIP)
    return ask_clip (worker, error);
  return (png = csm_worker_read_png (worker, 0, NULL, error)) != NULL;
}

bool
fuzz_reply (const uint8_t *data, size_t size)
{
  g_autoptr (CsmWorker) worker = NULL;
  g_autoptr (GError) error = NULL;
  int sockets[2];
  bool answered;

  if (size == 0)
    return false;
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets), ==, 0);
  say_all (sockets[1], data + 1, size - 1);
  worker = new_worker (sockets[0]);
  answered = ask (worker, data[0] % FUZZ_N_QUESTIONS, &error);
  g_assert_cmpint (answered, ==, error == NULL);
  close (sockets[1]);
  return answered;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  (void) fuzz_reply (data, size);
  return 0;
}
