/* test-worker-fuzz.c: true answers, bent at random, never bring the host down
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz-reply.h"

#include "media/csm-frame-index-builder.h"
#include "media/csm-protocol.h"

#include <string.h>

#define N_ROUNDS 20000

/* ---- true answers ---- */

static void
say (GByteArray *out,
     uint32_t kind,
     uint32_t id,
     int64_t total,
     const void *payload,
     size_t size)
{
  CsmReply reply = { .kind = kind, .id = id, .total = total, .payload = (uint32_t) size };
  uint16_t length = GUINT16_TO_LE ((uint16_t) (sizeof reply + size));

  g_byte_array_append (out, (const uint8_t *) &length, sizeof length);
  g_byte_array_append (out, (const uint8_t *) &reply, sizeof reply);
  if (size > 0)
    g_byte_array_append (out, payload, (guint) size);
}

static GByteArray *
new_answer (int question)
{
  GByteArray *out = g_byte_array_new ();
  uint8_t byte = (uint8_t) question;

  g_byte_array_append (out, &byte, 1);
  if (question >= FUZZ_PICTURE)
    say (out, CSM_REPLY_DONE, 1, 0, NULL, 0); /* to the index */
  return out;
}

static void
add_probe (GByteArray *out)
{
  CsmInfoMessage info = { .format = "mov", .library = "lib", .n_streams = 2, .n_tags = 1 };
  CsmStreamMessage stream = {
    .codec = "h264",
    .kind = 'v',
    .width = 16,
    .height = 16,
    .sar_num = 1,
    .sar_den = 1,
    .timebase_num = 1,
    .timebase_den = 25,
  };
  CsmTagMessage tag = { .key = "title", .value = "\xd0\x9c\xd0\xb8\xd0\xbd\xd1\x81\xd0\xba" };

  say (out, CSM_REPLY_INFO, 1, 0, &info, sizeof info);
  say (out, CSM_REPLY_STREAM, 1, 0, &stream, sizeof stream);
  stream.kind = 'a';
  say (out, CSM_REPLY_STREAM, 1, 0, &stream, sizeof stream);
  say (out, CSM_REPLY_TAG, 1, 0, &tag, sizeof tag);
  say (out, CSM_REPLY_DONE, 1, 0, NULL, 0);
}

static void
add_scan (GByteArray *out)
{
  CsmTimebase timebase = { 1, 25 };
  CsmFrameIndexBuilder *builder = csm_frame_index_builder_new (0, timebase, "lib");
  g_autoptr (CsmFrameIndex) index = NULL;
  g_autoptr (GBytes) bytes = NULL;

  for (int i = 0; i < 20; i++)
    {
      CsmIndexPacket packet = { .pos = i * 99, .pts = i, .dts = i, .duration = 1, .size = 99 };

      csm_frame_index_builder_add_packet (builder, &packet);
    }
  index = csm_frame_index_builder_finish (builder, false);
  bytes = csm_frame_index_serialize (index);
  say (out, CSM_REPLY_PROGRESS, 1, 9, NULL, 0);
  say (out, CSM_REPLY_DATA, 1, (int64_t) g_bytes_get_size (bytes),
       g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  say (out, CSM_REPLY_DONE, 1, 0, NULL, 0);
}

static void
add_sound_map (GByteArray *out)
{
  g_autoptr (CsmSoundMap) map = fuzz_new_sound_map ();
  g_autoptr (GBytes) bytes = csm_sound_map_serialize (map);

  say (out, CSM_REPLY_DATA, 1, (int64_t) g_bytes_get_size (bytes),
       g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  say (out, CSM_REPLY_DONE, 1, 0, NULL, 0);
}

static void
add_picture (GByteArray *out)
{
  CsmBandMessage band = {
    .width = 8, .height = 6, .stride = 48, .rows = 3, .frame_width = 8, .frame_height = 6
  };

  say (out, CSM_REPLY_BAND, 2, 0, &band, sizeof band);
  band.y = 3;
  say (out, CSM_REPLY_BAND, 2, 0, &band, sizeof band);
  say (out, CSM_REPLY_DONE, 2, 0, NULL, 0);
}

static void
add_clip (GByteArray *out)
{
  CsmClipMessage clip = { .container = CSM_CLIP_CONTAINER_MP4,
                          .width = 8,
                          .height = 6,
                          .clip_width = 8,
                          .clip_height = 6,
                          .sound = 1,
                          .timed = 1 };

  say (out, CSM_REPLY_PROGRESS, 2, 9, NULL, 0);
  say (out, CSM_REPLY_CLIP, 2, 0, &clip, sizeof clip);
  say (out, CSM_REPLY_PIECE, 2, 0, "ftyp", 4);
  say (out, CSM_REPLY_DONE, 2, 0, NULL, 0);
}

static GByteArray *
new_true_answer (int question)
{
  GByteArray *out = new_answer (question);
  CsmDigestMessage digest = { .pixel_format = "yuv420p", .width = 8, .height = 8, .size = 96 };

  switch (question)
    {
    case FUZZ_PROBE:
      add_probe (out);
      break;
    case FUZZ_SCAN:
      add_scan (out);
      break;
    case FUZZ_SOUND_MAP:
      add_sound_map (out);
      break;
    case FUZZ_SOUND:
      say (out, CSM_REPLY_DATA, 1, 8, "\1\2\3\4\5\6\7\10", 8);
      say (out, CSM_REPLY_DONE, 1, 0, NULL, 0);
      break;
    case FUZZ_PICTURE:
      add_picture (out);
      break;
    case FUZZ_DIGEST:
      say (out, CSM_REPLY_DIGEST, 2, 0, &digest, sizeof digest);
      say (out, CSM_REPLY_DONE, 2, 0, NULL, 0);
      break;
    case FUZZ_CLIP:
      add_clip (out);
      break;
    default:
      say (out, CSM_REPLY_DATA, 2, 4, "\x89PNG", 4);
      say (out, CSM_REPLY_DONE, 2, 0, NULL, 0);
      break;
    }
  return out;
}

static void
test_true_answers (void)
{
  for (int question = 0; question < FUZZ_N_QUESTIONS; question++)
    {
      g_autoptr (GByteArray) answer = new_true_answer (question);

      g_assert_true (fuzz_reply (answer->data, answer->len));
    }
}

/* What a fuzzer starts from is of today's messages: else it is refused at its first field, and
 * leads nowhere. */
static void
test_seeds_are_true_answers (void)
{
  static const char *const seeds[FUZZ_N_QUESTIONS] = {
    [FUZZ_PROBE] = "probe", [FUZZ_SCAN] = "scan",       [FUZZ_SOUND_MAP] = "sound-map",
    [FUZZ_SOUND] = "sound", [FUZZ_PICTURE] = "picture", [FUZZ_DIGEST] = "digest",
    [FUZZ_PNG] = "png",     [FUZZ_CLIP] = "clip",
  };

  for (int question = 0; question < FUZZ_N_QUESTIONS; question++)
    {
      g_autofree char *path = g_build_filename (g_getenv ("CSM_SOURCE_ROOT"), "tests", "fuzz",
                                                "corpus", "reply", seeds[question], NULL);
      g_autofree char *bytes = NULL;
      gsize size;

      if (!g_file_get_contents (path, &bytes, &size, NULL) || bytes[0] != question ||
          !fuzz_reply ((const uint8_t *) bytes, size))
        g_error ("%s is no true answer; write what new_true_answer() makes there", path);
    }
}

/* ---- bent ones ---- */

static void
bend (GRand *random, GByteArray *answer)
{
  static const int32_t odd[] = { 0, 1, -1, 4, 255, 256, 32768, 65535, INT32_MAX, INT32_MIN };
  guint at = (guint) g_rand_int_range (random, 1, (int) answer->len);

  switch (g_rand_int_range (random, 0, 5))
    {
    case 0:
      answer->data[at] ^= (uint8_t) (1 << g_rand_int_range (random, 0, 8));
      break;
    case 1:
      answer->data[at] = (uint8_t) g_rand_int (random);
      break;
    case 2:
    case 3:
      if (at + 4 <= answer->len)
        memcpy (answer->data + at, &odd[g_rand_int_range (random, 0, G_N_ELEMENTS (odd))], 4);
      break;
    default:
      g_byte_array_set_size (answer, at);
      break;
    }
}

static void
test_bent_answers (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (g_test_rand_int ());

  for (int i = 0; i < N_ROUNDS; i++)
    {
      g_autoptr (GByteArray) answer = new_true_answer (i % FUZZ_N_QUESTIONS);

      for (int n = g_rand_int_range (random, 1, 4); n > 0 && answer->len > 1; n--)
        bend (random, answer);
      (void) fuzz_reply (answer->data, answer->len); /* either way: it came back */
    }
}

static void
test_every_bit (void)
{
  for (int question = 0; question < FUZZ_N_QUESTIONS; question++)
    {
      g_autoptr (GByteArray) answer = new_true_answer (question);

      for (guint i = 1; i < answer->len; i++)
        {
          answer->data[i] ^= (uint8_t) (1 << i % 8);
          (void) fuzz_reply (answer->data, answer->len);
          answer->data[i] ^= (uint8_t) (1 << i % 8);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/casement/media/worker-fuzz/true-answers-are-taken", test_true_answers);
  g_test_add_func ("/casement/media/worker-fuzz/seeds-are-true-answers",
                   test_seeds_are_true_answers);
  g_test_add_func ("/casement/media/worker-fuzz/bent-answers-are-survived", test_bent_answers);
  g_test_add_func ("/casement/media/worker-fuzz/every-byte-bent", test_every_bit);
  return g_test_run ();
}
