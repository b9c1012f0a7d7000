/* test-frame-index.c: ordinals, times and risks, and the stored form against hostile bytes
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/csm-error.h"
#include "media/csm-frame-index-builder.h"

#include <string.h>

#define LIBRARY "libavcodec 59.37.100 libavformat 59.27.100"

static const CsmTimebase TIMEBASE = { 1, 90000 };

static CsmFrameIndexBuilder *
new_builder (void)
{
  return csm_frame_index_builder_new (2, TIMEBASE, LIBRARY);
}

static void
add (CsmFrameIndexBuilder *builder, int64_t pts, int64_t dts, unsigned flags)
{
  CsmIndexPacket packet = {
    .pos = 1000, .pts = pts, .dts = dts, .duration = 10, .size = 7, .flags = flags
  };

  g_assert_true (csm_frame_index_builder_add_packet (builder, &packet));
}

/* I P B B in decoding order, then an edit list's left-over and a hidden packet. */
static CsmFrameIndex *
new_small_index (void)
{
  CsmFrameIndexBuilder *builder = new_builder ();

  add (builder, 0, -20, CSM_INDEX_PACKET_KEY);
  add (builder, 30, -10, 0);
  add (builder, 10, 0, 0);
  add (builder, 20, 10, 0);
  add (builder, 40, 20, CSM_INDEX_PACKET_DISCARD);
  add (builder, 50, 30, CSM_INDEX_PACKET_HIDDEN);
  return csm_frame_index_builder_finish (builder, false);
}

static int64_t
random_int64 (GRand *random)
{
  uint64_t bits = ((uint64_t) g_rand_int (random) << 32) | g_rand_int (random);

  switch (g_rand_int_range (random, 0, 5))
    {
    case 0:
      return CSM_NO_PTS;
    case 1:
      return g_rand_boolean (random) ? INT64_MAX : INT64_MIN + 1;
    case 2:
      return (int64_t) bits;
    default:
      return (int64_t) (bits >> 40);
    }
}

/* Any packets and frames at all: what is built can be stored. */
static CsmFrameIndex *
new_random_index (GRand *random, bool exact)
{
  CsmFrameIndexBuilder *builder = new_builder ();
  int n_packets = g_rand_int_range (random, 0, 40);

  for (int i = 0; i < n_packets; i++)
    {
      CsmIndexPacket packet = {
        .pos = random_int64 (random),
        .pts = random_int64 (random),
        .dts = random_int64 (random),
        .duration = random_int64 (random),
        .size = (int32_t) g_rand_int (random),
        .flags = g_rand_int_range (random, 0, 16),
      };
      g_assert_true (csm_frame_index_builder_add_packet (builder, &packet));
    }
  for (int i = g_rand_int_range (random, 0, 40); exact && i > 0; i--)
    {
      CsmFrameEntry frame = {
        .pts = random_int64 (random),
        .duration = random_int64 (random),
        .packet = g_rand_int_range (random, -1, n_packets + 3),
        .key = g_rand_boolean (random),
        .damaged = g_rand_boolean (random),
        .cut = g_rand_boolean (random),
        .hash = { (uint64_t) random_int64 (random), (uint64_t) random_int64 (random) },
      };
      g_assert_true (csm_frame_index_builder_add_frame (builder, &frame));
    }
  return csm_frame_index_builder_finish (builder, exact);
}

static void
assert_same (const CsmFrameIndex *a, const CsmFrameIndex *b)
{
  CsmTimebase one = csm_frame_index_get_timebase (a), other = csm_frame_index_get_timebase (b);

  g_assert_cmpint (csm_frame_index_is_exact (a), ==, csm_frame_index_is_exact (b));
  g_assert_cmpuint (csm_frame_index_get_risks (a), ==, csm_frame_index_get_risks (b));
  g_assert_cmpint (csm_frame_index_get_n_damaged (a), ==, csm_frame_index_get_n_damaged (b));
  g_assert_cmpint (csm_frame_index_get_track (a), ==, csm_frame_index_get_track (b));
  g_assert_cmpint (one.num, ==, other.num);
  g_assert_cmpint (one.den, ==, other.den);
  g_assert_cmpstr (csm_frame_index_get_library (a), ==, csm_frame_index_get_library (b));
  g_assert_cmpint (csm_frame_index_get_n_packets (a), ==, csm_frame_index_get_n_packets (b));
  g_assert_cmpint (csm_frame_index_get_n_frames (a), ==, csm_frame_index_get_n_frames (b));
  for (int64_t i = 0; i < csm_frame_index_get_n_packets (a); i++)
    {
      const CsmIndexPacket *p = csm_frame_index_get_packet (a, i);
      const CsmIndexPacket *q = csm_frame_index_get_packet (b, i);

      g_assert_cmpint (p->pos, ==, q->pos);
      g_assert_cmpint (p->pts, ==, q->pts);
      g_assert_cmpint (p->dts, ==, q->dts);
      g_assert_cmpint (p->duration, ==, q->duration);
      g_assert_cmpint (p->size, ==, q->size);
      g_assert_cmpuint (p->flags, ==, q->flags);
    }
  for (int64_t i = 0; i < csm_frame_index_get_n_frames (a); i++)
    {
      const CsmFrameEntry *p = csm_frame_index_get (a, i), *q = csm_frame_index_get (b, i);

      g_assert_cmpint (p->pts, ==, q->pts);
      g_assert_cmpint (p->duration, ==, q->duration);
      g_assert_cmpint (p->packet, ==, q->packet);
      g_assert_cmpint (p->key, ==, q->key);
      g_assert_cmpint (p->damaged, ==, q->damaged);
      g_assert_cmpint (p->cut, ==, q->cut);
      g_assert_cmpmem (p->hash, sizeof p->hash, q->hash, sizeof q->hash);
    }
}

static void
test_provisional_order (void)
{
  g_autoptr (CsmFrameIndex) index = new_small_index ();
  const int64_t packets[] = { 0, 2, 3, 1 };

  g_assert_false (csm_frame_index_is_exact (index));
  g_assert_cmpint (csm_frame_index_get_n_packets (index), ==, 6);
  g_assert_cmpint (csm_frame_index_get_n_frames (index), ==, 4);
  for (int i = 0; i < 4; i++)
    {
      const CsmFrameEntry *frame = csm_frame_index_get (index, i);

      g_assert_cmpint (frame->packet, ==, packets[i]);
      g_assert_cmpint (frame->pts, ==, i * 10);
      g_assert_cmpint (frame->duration, ==, 10);
      g_assert_cmpint (frame->key, ==, i == 0);
      g_assert_cmpuint (frame->hash[0] | frame->hash[1], ==, 0);
    }
  g_assert_cmpuint (csm_frame_index_get_risks (index), ==, 0);
}

static void
test_untimed_keeps_file_order (void)
{
  CsmFrameIndexBuilder *builder = new_builder ();
  g_autoptr (CsmFrameIndex) index = NULL;

  add (builder, 20, 0, CSM_INDEX_PACKET_KEY);
  add (builder, CSM_NO_PTS, 10, 0);
  add (builder, 10, 20, 0);
  index = csm_frame_index_builder_finish (builder, false);
  for (int i = 0; i < 3; i++)
    g_assert_cmpint (csm_frame_index_get (index, i)->packet, ==, i);
}

static unsigned
risks_of (const CsmIndexPacket *packets, int n)
{
  CsmFrameIndexBuilder *builder = new_builder ();
  g_autoptr (CsmFrameIndex) index = NULL;

  for (int i = 0; i < n; i++)
    add (builder, packets[i].pts, packets[i].dts, packets[i].flags);
  index = csm_frame_index_builder_finish (builder, false);
  return csm_frame_index_get_risks (index);
}

static void
test_risks (void)
{
  const unsigned key = CSM_INDEX_PACKET_KEY;
  const struct
  {
    CsmIndexPacket packets[3];
    unsigned risks;
  } cases[] = {
    { { { .pts = 0, .dts = 0, .flags = key }, { .pts = 2, .dts = 1 }, { .pts = 1, .dts = 2 } },
      0 },
    { { { .pts = 0, .dts = CSM_NO_PTS, .flags = key },
        { .pts = 1, .dts = CSM_NO_PTS },
        { .pts = 2, .dts = CSM_NO_PTS } },
      0 },
    { { { .pts = 0, .dts = 0, .flags = key },
        { .pts = CSM_NO_PTS, .dts = 1 },
        { .pts = 2, .dts = 2 } },
      CSM_FRAME_RISK_NO_PTS },
    { { { .pts = 0, .dts = 0, .flags = key }, { .pts = 5, .dts = 1 }, { .pts = 5, .dts = 2 } },
      CSM_FRAME_RISK_DUPLICATE_PTS },
    { { { .pts = 0, .dts = 0, .flags = key },
        { .pts = 5, .dts = 1 },
        { .pts = 5, .dts = 2, .flags = CSM_INDEX_PACKET_DISCARD } },
      0 },
    { { { .pts = 0, .dts = 5, .flags = key }, { .pts = 6, .dts = 5 }, { .pts = 7, .dts = 7 } },
      CSM_FRAME_RISK_DTS_BACKWARD },
    { { { .pts = 0, .dts = 0, .flags = key },
        { .pts = 1, .dts = 1, .flags = CSM_INDEX_PACKET_CORRUPT },
        { .pts = 2, .dts = 2 } },
      CSM_FRAME_RISK_CORRUPT },
    { { { .pts = 0, .dts = 0 }, { .pts = 1, .dts = 1, .flags = key }, { .pts = 2, .dts = 2 } },
      CSM_FRAME_RISK_FIRST_NOT_KEY },
    /* Pictures before the first key: their references are not in the file. */
    { { { .pts = 9, .dts = 0, .flags = key }, { .pts = 7, .dts = 1 }, { .pts = 8, .dts = 2 } },
      CSM_FRAME_RISK_FIRST_NOT_KEY },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpuint (risks_of (cases[i].packets, 3), ==, cases[i].risks);
}

static CsmFrameIndex *
new_exact_index (const int64_t *times, int n)
{
  CsmFrameIndexBuilder *builder = new_builder ();

  for (int i = 0; i < n; i++)
    {
      CsmFrameEntry frame = { .pts = times[i], .packet = i, .damaged = i == 1 };

      add (builder, times[i], i, CSM_INDEX_PACKET_KEY);
      g_assert_true (csm_frame_index_builder_add_frame (builder, &frame));
    }
  return csm_frame_index_builder_finish (builder, true);
}

static void
test_find_by_time (void)
{
  const int64_t rising[] = { 10, 20, 20, 31 };
  const int64_t reset[] = { 100, 110, CSM_NO_PTS, 5, 15, 105 };
  g_autoptr (CsmFrameIndex) a = new_exact_index (rising, G_N_ELEMENTS (rising));
  g_autoptr (CsmFrameIndex) b = new_exact_index (reset, G_N_ELEMENTS (reset));
  g_autoptr (CsmFrameIndex) none = new_exact_index (NULL, 0);

  g_assert_cmpint (csm_frame_index_find_pts (a, 9), ==, 0);
  g_assert_cmpint (csm_frame_index_find_pts (a, 10), ==, 0);
  g_assert_cmpint (csm_frame_index_find_pts (a, 19), ==, 0);
  g_assert_cmpint (csm_frame_index_find_pts (a, 20), ==, 2);
  g_assert_cmpint (csm_frame_index_find_pts (a, INT64_MAX), ==, 3);
  g_assert_cmpint (csm_frame_index_find_pts (a, INT64_MIN), ==, 0);

  g_assert_cmpint (csm_frame_index_find_pts (b, 5), ==, 3);
  g_assert_cmpint (csm_frame_index_find_pts (b, 99), ==, 4);
  g_assert_cmpint (csm_frame_index_find_pts (b, 104), ==, 0);
  g_assert_cmpint (csm_frame_index_find_pts (b, 108), ==, 5);
  g_assert_cmpint (csm_frame_index_find_pts (b, 200), ==, 1);

  g_assert_cmpint (csm_frame_index_find_pts (none, 0), ==, 0);
}

static void
test_damage (void)
{
  const int64_t times[] = { 0, 33, 67, 100 };
  g_autoptr (CsmFrameIndex) a = new_exact_index (times, 4);

  g_assert_cmpint (csm_frame_index_get_n_damaged (a), ==, 1);
}

static void
test_round_trip (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (g_test_rand_int ());

  for (int i = 0; i < 500; i++)
    {
      g_autoptr (CsmFrameIndex) index = new_random_index (random, i % 2 == 0);
      g_autoptr (GBytes) bytes = csm_frame_index_serialize (index);
      g_autoptr (GBytes) again = NULL;
      g_autoptr (CsmFrameIndex) parsed = NULL;
      g_autoptr (GError) error = NULL;

      parsed = csm_frame_index_parse (bytes, &error);
      g_assert_no_error (error);
      assert_same (index, parsed);
      again = csm_frame_index_serialize (parsed);
      g_assert_true (g_bytes_equal (bytes, again));
    }
}

/* What parses has one form only, whatever was done to the bytes. */
static void
assert_refused_or_canonical (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmFrameIndex) index = csm_frame_index_parse (bytes, &error);
  g_autoptr (GBytes) again = NULL;

  if (index == NULL)
    {
      g_assert_nonnull (error);
      g_assert_true (error->domain == CSM_MEDIA_ERROR);
      return;
    }
  again = csm_frame_index_serialize (index);
  g_assert_true (g_bytes_equal (bytes, again));
}

static void
test_every_byte_flipped (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (1);

  for (int round = 0; round < 4; round++)
    {
      g_autoptr (CsmFrameIndex) index = new_random_index (random, round % 2 == 0);
      g_autoptr (GBytes) bytes = csm_frame_index_serialize (index);
      gsize size;
      g_autofree uint8_t *data = g_bytes_unref_to_data (g_steal_pointer (&bytes), &size);

      for (gsize i = 0; i < size; i++)
        for (int bit = 0; bit < 8; bit++)
          {
            data[i] ^= (uint8_t) (1 << bit);
            assert_refused_or_canonical (data, size);
            data[i] ^= (uint8_t) (1 << bit);
          }
    }
}

static void
test_every_truncation (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (2);
  g_autoptr (CsmFrameIndex) index = new_random_index (random, true);
  g_autoptr (GBytes) bytes = csm_frame_index_serialize (index);
  gsize size = g_bytes_get_size (bytes);

  for (gsize i = 0; i < size; i++)
    {
      g_autoptr (GBytes) cut = g_bytes_new (g_bytes_get_data (bytes, NULL), i);
      g_autoptr (GError) error = NULL;

      g_assert_null (csm_frame_index_parse (cut, &error));
      g_assert_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_DAMAGED);
    }
}

/* Counts that promise what does not follow must not allocate for it. */
static void
test_counts_without_content (void)
{
  const uint8_t head[] = { 'C', 'S', 'M', 'I', 1, 1, 0, 1, 1, 0 };
  const uint8_t counts[][5] = { { 0xff, 0xff, 0xff, 0x07 }, /* 1 << 24 less one */
                                { 0x80, 0x80, 0x80, 0x08 }, /* 1 << 24 */
                                { 0xff, 0xff, 0xff, 0xff, 0x0f } };

  for (size_t i = 0; i < G_N_ELEMENTS (counts); i++)
    {
      g_autoptr (GByteArray) data = g_byte_array_new ();
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (GError) error = NULL;

      g_byte_array_append (data, head, sizeof head);
      g_byte_array_append (data, counts[i], sizeof counts[i]);
      bytes = g_byte_array_free_to_bytes (g_steal_pointer (&data));
      g_assert_null (csm_frame_index_parse (bytes, &error));
      g_assert_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_DAMAGED);
    }
}

/* Where the golden index says which packet its frame came from: an offset from the end. */
#define GOLDEN_PACKET 19

static const uint8_t golden[] = {
  'C',  'S',  'M',  'I',  1, 1, 2,    1, 0x90, 0xbf, 0x05, 3, 'l', 'i', 'b', /* head */
  2,                                                                         /* packets */
  0x01, 0x64, 0xe0, 0x01, 0, 0, 0x28, /* key, 100 bytes at 112 */
  0x30, 0x32, 0,    0,                /* 50 bytes, only a dts */
  1,                                  /* frames */
  0x03, 0,    0,    0x28, 1, 0, 0,    0, 0,    0,    0,    0, 2,   0,   0,   0, 0, 0, 0, 0x80,
};

/* A change of the stored form needs a new version, and this vector to stay readable. */
static void
test_golden_vector (void)
{
  const CsmIndexPacket packets[] = {
    { .pos = 112, .size = 100, .flags = CSM_INDEX_PACKET_KEY, .duration = 20 },
    { .pos = -1, .size = 50, .dts = 20, .pts = CSM_NO_PTS, .duration = 20 },
  };
  const CsmFrameEntry frame = {
    .duration = 20, .key = true, .damaged = true, .hash = { 1, UINT64_C (0x8000000000000002) }
  };
  CsmFrameIndexBuilder *builder = csm_frame_index_builder_new (2, TIMEBASE, "lib");
  g_autoptr (CsmFrameIndex) index = NULL;
  g_autoptr (GBytes) bytes = NULL;

  for (int i = 0; i < 2; i++)
    g_assert_true (csm_frame_index_builder_add_packet (builder, &packets[i]));
  g_assert_true (csm_frame_index_builder_add_frame (builder, &frame));
  index = csm_frame_index_builder_finish (builder, true);
  bytes = csm_frame_index_serialize (index);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), golden,
                   sizeof golden);
}

/* The same with two shapes: version 2. */
static const uint8_t shapes_tail[] = {
  2,                                          /* shapes */
  0, 1, 0x80, 1, 64, 4,   'g', 'r', 'a', 'y', /* interlaced 128 x 64 */
  0, 0, 16,   8, 3,  'p', 'a', 'l',           /* the next frame, 16 x 8 */
};

static CsmFrameIndex *
new_index_with_shapes (void)
{
  const CsmIndexPacket packet = { .flags = CSM_INDEX_PACKET_KEY };
  const CsmFrameShape shapes[] = {
    { .width = 128, .height = 64, .pixel_format = "gray", .interlaced = true },
    { .width = 16, .height = 8, .pixel_format = "pal" },
    { .width = 16, .height = 8, .pixel_format = "pal" }, /* no change */
  };
  const CsmFrameEntry frame = { 0 };
  CsmFrameIndexBuilder *builder = csm_frame_index_builder_new (0, TIMEBASE, "lib");

  g_assert_true (csm_frame_index_builder_add_packet (builder, &packet));
  for (size_t i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      g_assert_true (csm_frame_index_builder_add_frame (builder, &frame));
      csm_frame_index_builder_add_shape (builder, &shapes[i]);
    }
  return csm_frame_index_builder_finish (builder, true);
}

static void
test_shapes (void)
{
  g_autoptr (CsmFrameIndex) index = new_index_with_shapes ();
  g_autoptr (GBytes) bytes = csm_frame_index_serialize (index);
  g_autoptr (CsmFrameIndex) again = csm_frame_index_parse (bytes, NULL);
  gsize size;
  const uint8_t *data = g_bytes_get_data (bytes, &size);

  g_assert_cmpuint (data[4], ==, 2);
  g_assert_cmpmem (data + size - sizeof shapes_tail, sizeof shapes_tail, shapes_tail,
                   sizeof shapes_tail);
  g_assert_nonnull (again);
  g_assert_cmpint (csm_frame_index_get_n_shapes (again), ==, 2);
  g_assert_cmpint (csm_frame_index_get_shape (again, 1)->ordinal, ==, 1);
  g_assert_cmpint (csm_frame_index_get_shape (again, 1)->width, ==, 16);
  g_assert_cmpstr (csm_frame_index_get_shape (again, 0)->pixel_format, ==, "gray");
  g_assert_true (csm_frame_index_get_shape (again, 0)->interlaced);
  for (gsize cut = size - sizeof shapes_tail; cut < size; cut++)
    {
      g_autoptr (GBytes) part = g_bytes_new (data, cut);

      g_assert_null (csm_frame_index_parse (part, NULL));
    }
}

static void
test_differing (void)
{
  g_autoptr (CsmFrameIndex) index = new_index_with_shapes ();
  CsmFrameIndexBuilder *builder = csm_frame_index_builder_new (0, TIMEBASE, "other");
  const CsmFrameEntry same = { 0 }, other = { .hash = { 0, 1 } };
  g_autoptr (CsmFrameIndex) two = NULL;
  int64_t first = 0;

  g_assert_cmpint (csm_frame_index_count_differing (index, index, &first), ==, 0);
  g_assert_cmpint (first, ==, -1);
  g_assert_true (csm_frame_index_builder_add_frame (builder, &same));
  g_assert_true (csm_frame_index_builder_add_frame (builder, &other));
  two = csm_frame_index_builder_finish (builder, true);
  g_assert_cmpint (csm_frame_index_count_differing (index, two, &first), ==, 1);
  g_assert_cmpint (first, ==, 1);
}

/* A frame may come from no packet known, or from one that is there. */
static void
test_packet_outside (void)
{
  const uint8_t differences[] = { 0, 1, 2, 3, 4 }; /* packets 0, -1, 1, -2, 2 */
  const bool inside[] = { true, true, true, false, false };

  for (size_t i = 0; i < G_N_ELEMENTS (differences); i++)
    {
      uint8_t data[sizeof golden];
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (CsmFrameIndex) index = NULL;

      memcpy (data, golden, sizeof data);
      data[sizeof data - GOLDEN_PACKET] = differences[i];
      bytes = g_bytes_new (data, sizeof data);
      index = csm_frame_index_parse (bytes, NULL);
      g_assert_cmpint (index != NULL, ==, inside[i]);
    }
}

static void
test_other_version (void)
{
  g_autoptr (CsmFrameIndex) index = new_small_index ();
  g_autoptr (GBytes) bytes = csm_frame_index_serialize (index);
  g_autoptr (GBytes) newer = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;
  uint8_t *data = g_bytes_unref_to_data (g_steal_pointer (&bytes), &size);

  data[4] = 3; /* one that is still to come */
  newer = g_bytes_new_take (data, size);
  g_assert_null (csm_frame_index_parse (newer, &error));
  g_assert_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_UNSUPPORTED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add_func ("/casement/media/frame-index/" name, func)
  ADD ("provisional-frames-in-order-of-time", test_provisional_order);
  ADD ("without-times-in-order-of-the-file", test_untimed_keeps_file_order);
  ADD ("risks-are-found", test_risks);
  ADD ("frame-by-time", test_find_by_time);
  ADD ("damaged-frames-are-counted", test_damage);
  ADD ("stored-and-read-back", test_round_trip);
  ADD ("every-byte-flipped", test_every_byte_flipped);
  ADD ("every-truncation-is-refused", test_every_truncation);
  ADD ("counts-without-content", test_counts_without_content);
  ADD ("stored-form-stays", test_golden_vector);
  ADD ("frame-of-a-packet-outside", test_packet_outside);
  ADD ("shapes-are-stored-and-read-back", test_shapes);
  ADD ("frames-that-differ-are-counted", test_differing);
  ADD ("other-version-is-refused", test_other_version);
#undef ADD
  return g_test_run ();
}
