/* test-worker-steps.c: what stepping, jumping and dragging cost, in frames decoded
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-clip.h"
#include "csm-exact.h"
#include "media/csm-protocol.h"

#define N_FRAMES 180
#define GOP 30
#define LONG_GOP 90
/* Of 640x360: some 45 frames, so that a group of pictures fits and two do not. */
#define CACHE_MIB 16

typedef struct
{
  CsmWorker *worker;
  CsmFrameIndex *index;
} Fixture;

static char *clip, *long_groups;

static void
open_clip (Fixture *f, const char *path, gconstpointer exact)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmMediaSource) source = csm_media_source_new_for_path (path, &error);

  g_assert_no_error (error);
  f->worker = csm_worker_new (source, false);
  csm_worker_set_cache (f->worker, CACHE_MIB);
  f->index = GPOINTER_TO_INT (exact)
                 ? csm_worker_verify (f->worker, 0, NULL, NULL, NULL, &error)
                 : csm_worker_scan (f->worker, 0, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (csm_frame_index_get_n_frames (f->index), ==, N_FRAMES);
  csm_worker_set_index (f->worker, f->index, &error);
  g_assert_no_error (error);
}

static void
set_up (Fixture *f, gconstpointer exact)
{
  open_clip (f, clip, exact);
}

static void
set_up_long_groups (Fixture *f, gconstpointer exact)
{
  open_clip (f, long_groups, exact);
}

static void
tear_down (Fixture *f, gconstpointer exact)
{
  csm_worker_free (f->worker);
  csm_frame_index_unref (f->index);
}

static char *
read_frame (Fixture *f, int64_t ordinal, int direction)
{
  const CsmPictureOptions options = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmPicture) picture =
      csm_worker_read_picture (f->worker, ordinal, &options, direction, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (picture->ordinal, ==, ordinal);
  g_assert_false (picture->preview);
  return g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, picture->pixels);
}

static void
step_to (Fixture *f, int64_t ordinal, int direction)
{
  g_free (read_frame (f, ordinal, direction));
}

static CsmWorkerStatistics
get_statistics (Fixture *f)
{
  CsmWorkerStatistics statistics;
  g_autoptr (GError) error = NULL;

  csm_worker_read_statistics (f->worker, &statistics, &error);
  g_assert_no_error (error);
  g_assert_cmpint (statistics.cached_bytes, <=, CACHE_MIB << 20);
  return statistics;
}

static CsmWorkerStatistics
settle (Fixture *f)
{
  CsmWorkerStatistics statistics = get_statistics (f);

  while (!statistics.settled)
    {
      g_usleep (1000);
      statistics = get_statistics (f);
    }
  return statistics;
}

/* One and a half frames decoded a step, whatever the idle time between two steps was. */
static void
hold_back (Fixture *f, gulong pause)
{
  CsmWorkerStatistics after;

  for (int64_t i = N_FRAMES - 1; i >= 0; i--)
    {
      step_to (f, i, -1);
      g_usleep (pause);
    }
  after = settle (f);
  g_assert_cmpint (after.capacity, >, GOP);
  g_assert_cmpint (after.capacity, <, 2 * GOP);
  g_assert_cmpint (after.n_reads, ==, N_FRAMES);
  g_assert_cmpint (after.n_decoded, >=, N_FRAMES);
  g_assert_cmpint (after.n_decoded * 2, <=, N_FRAMES * 3);
}

static void
holding_back_decodes_a_group_once (Fixture *f, gconstpointer exact)
{
  hold_back (f, 0);
}

static void
holding_back_slowly_decodes_a_group_once (Fixture *f, gconstpointer exact)
{
  hold_back (f, 5000);
}

static void
going_forward_decodes_each_frame_once (Fixture *f, gconstpointer exact)
{
  CsmWorkerStatistics after;

  for (int64_t i = 0; i < N_FRAMES; i++)
    step_to (f, i, 1);
  after = settle (f);
  /* What was there at the start of the track is not decoded again for the way back. */
  g_assert_cmpint (after.n_decoded, >=, N_FRAMES);
  g_assert_cmpint (after.n_decoded, <=, N_FRAMES + GOP);
}

static void
steps_around_a_rest_are_there (Fixture *f, gconstpointer exact)
{
  CsmWorkerStatistics before, after;

  step_to (f, 3 * GOP, 0); /* the first of a group */
  before = settle (f);
  /* Back over the edge of the group, all of the one before, and forward. */
  for (int64_t i = 3 * GOP - 1; i >= 2 * GOP + 2; i--)
    {
      step_to (f, i, -1);
      g_assert_cmpint (get_statistics (f).n_hits, ==, before.n_hits + 3 * GOP - i);
    }
  step_to (f, 5 * GOP + 7, 0);
  before = settle (f);
  for (int64_t i = 1; i <= 8; i++)
    step_to (f, 5 * GOP + 7 + i, 1);
  step_to (f, 5 * GOP + 6, -1);
  after = get_statistics (f);
  g_assert_cmpint (after.n_hits - before.n_hits, ==, 9);
}

static void
a_step_over_an_edge_decodes_one_group (Fixture *f, gconstpointer exact)
{
  CsmWorkerStatistics before;

  step_to (f, 3 * GOP, 0);
  before = get_statistics (f);
  step_to (f, 3 * GOP - 1, -1);
  /* And what was decoded ahead while nobody asked. */
  g_assert_cmpint (get_statistics (f).n_decoded - before.n_decoded, <=, GOP * 11 / 10 + 16);
}

/* The decoder leaves out what nobody refers to on the way, and the picture is the same. In a
 * group so long that what is left out is more than what is decoded ahead meanwhile. */
static void
a_jump_decodes_less_than_the_way_there (Fixture *f, gconstpointer exact)
{
  g_autofree char *there = NULL, *again = NULL;
  CsmWorkerStatistics before, after;

  step_to (f, 0, 0);
  before = settle (f);
  there = read_frame (f, N_FRAMES - 2, 0);
  after = get_statistics (f);
  g_assert_cmpint (after.n_decoded - before.n_decoded, <, LONG_GOP * 3 / 4);
  step_to (f, 0, 0);
  for (int64_t i = N_FRAMES - LONG_GOP; i < N_FRAMES - 2; i++)
    step_to (f, i, 1);
  again = read_frame (f, N_FRAMES - 2, 1);
  g_assert_cmpstr (there, ==, again);
}

static CsmPicture *
preview (Fixture *f, int64_t ordinal)
{
  const CsmPictureOptions options = { 0 };
  g_autoptr (GError) error = NULL;
  CsmPicture *picture = csm_worker_read_preview (f->worker, ordinal, &options, NULL, &error);

  g_assert_no_error (error);
  return picture;
}

static void
a_preview_is_the_key_and_says_so (Fixture *f, gconstpointer exact)
{
  g_autofree char *shown = NULL, *real = NULL;
  g_autoptr (CsmPicture) picture = NULL, same = NULL;
  CsmWorkerStatistics before, after;

  step_to (f, 0, 0);
  before = settle (f);
  picture = preview (f, 4 * GOP + 20);
  after = get_statistics (f);
  g_assert_true (picture->preview);
  g_assert_cmpint (picture->ordinal, ==, 4 * GOP);
  g_assert_cmpint (after.n_decoded, ==, before.n_decoded + 1);
  g_assert_true (after.settled);
  shown = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, picture->pixels);
  real = read_frame (f, 4 * GOP, 0);
  g_assert_cmpstr (shown, ==, real);
  same = preview (f, 4 * GOP);
  g_assert_false (same->preview);
}

static void
a_preview_takes_what_is_there (Fixture *f, gconstpointer exact)
{
  g_autoptr (CsmPicture) picture = NULL;
  CsmWorkerStatistics before;

  step_to (f, 4 * GOP + 5, 0);
  before = settle (f);
  picture = preview (f, 4 * GOP + 4);
  g_assert_cmpint (picture->ordinal, ==, 4 * GOP + 4);
  g_assert_false (picture->preview);
  g_assert_cmpint (get_statistics (f).n_decoded, ==, before.n_decoded);
}

static void
a_digest_leaves_the_playhead (Fixture *f, gconstpointer exact)
{
  g_autoptr (GError) error = NULL;
  CsmWorkerStatistics before, after;
  CsmFrameDigest digest;

  step_to (f, 2 * GOP, 0);
  (void) settle (f);
  csm_worker_read_digest (f->worker, 5 * GOP + 3, &digest, NULL, &error);
  g_assert_no_error (error);
  before = settle (f);
  step_to (f, 2 * GOP - 1, -1);
  after = get_statistics (f);
  g_assert_cmpint (after.n_hits, ==, before.n_hits + 1);
}

static void
a_budget_has_bounds (void)
{
  CsmRequest hello = { .kind = CSM_REQUEST_HELLO, .id = 1, .version = CSM_PROTOCOL_VERSION };
  const struct
  {
    uint32_t mib;
    bool sane;
  } budgets[] = { { 0, false },   { 15, false },   { 16, true },
                  { 2048, true }, { 2049, false }, { UINT32_MAX, false } };

  for (size_t i = 0; i < G_N_ELEMENTS (budgets); i++)
    {
      hello.cache_mib = budgets[i].mib;
      g_assert_cmpint (csm_request_check (&hello, sizeof hello), ==, budgets[i].sane);
    }
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  csm_clip_begin ();
  clip = csm_clip_make ("steps.mp4", "-f lavfi -i testsrc2=s=640x360:r=30:d=6 -c:v libx264 "
                                     "-preset veryfast -pix_fmt yuv420p -g 30 -keyint_min 30 "
                                     "-sc_threshold 0 -bf 3");
  long_groups =
      csm_clip_make ("long.mp4", "-f lavfi -i testsrc2=s=640x360:r=30:d=6 -c:v libx264 "
                                 "-preset veryfast -pix_fmt yuv420p -g 90 "
                                 "-keyint_min 90 -sc_threshold 0 -bf 3");
#define FACT_OF(what, set_up, run)                                                             \
  g_test_add ("/casement/media/worker-steps/" what, Fixture, GINT_TO_POINTER (1), set_up, run, \
              tear_down);                                                                      \
  g_test_add ("/casement/media/worker-steps/provisional/" what, Fixture, NULL, set_up, run,    \
              tear_down)
#define FACT(what, run) FACT_OF (what, set_up, run)
  FACT ("holding-back-decodes-a-group-once", holding_back_decodes_a_group_once);
  FACT ("holding-back-slowly-decodes-a-group-once", holding_back_slowly_decodes_a_group_once);
  FACT ("going-forward-decodes-each-frame-once", going_forward_decodes_each_frame_once);
  FACT ("steps-around-a-rest-are-there", steps_around_a_rest_are_there);
  FACT ("a-step-over-an-edge-decodes-one-group", a_step_over_an_edge_decodes_one_group);
  FACT_OF ("a-jump-decodes-less-than-the-way", set_up_long_groups,
           a_jump_decodes_less_than_the_way_there);
  FACT ("a-preview-is-the-key-and-says-so", a_preview_is_the_key_and_says_so);
  FACT ("a-preview-takes-what-is-there", a_preview_takes_what_is_there);
  FACT ("a-digest-leaves-the-playhead", a_digest_leaves_the_playhead);
  g_test_add_func ("/casement/media/worker-steps/a-budget-has-bounds", a_budget_has_bounds);
  status = g_test_run ();
  csm_clip_end ();
  g_free (clip);
  g_free (long_groups);
  return status;
}
