/* fuzz-media.c: any bytes as an exhibit, read as the worker reads it but for the cage
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/worker/csm-credentials.h"
#include "media/worker/csm-decoder.h"
#include "media/worker/csm-passes.h"
#include "media/worker/csm-place.h"
#include "media/worker/csm-reader.h"

#include <string.h>

#define MAX_STEPS 300 /* a file of few bytes can say that it is very long */
#define MAX_FRAMES 4
#define CACHE ((size_t) 16 << 20)

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

typedef struct
{
  const uint8_t *data;
  size_t size;
} File;

static ssize_t
read_file (gpointer data, int64_t offset, void *buffer, size_t size, GError **error)
{
  const File *file = data;
  size_t n = MIN (size, file->size - (size_t) offset);

  memcpy (buffer, file->data + offset, n);
  return (ssize_t) n;
}

static const CsmByteSourceClass file_class = { .read_at = read_file };

static bool
count_cb (gpointer steps)
{
  return --*(int *) steps < 0;
}

static bool
progress_cb (int64_t done, int64_t total, gpointer steps)
{
  return count_cb (steps);
}

static void
read_frames (CsmByteSource *source, CsmFrameIndex *index)
{
  int64_t n = MIN (csm_frame_index_get_n_frames (index), MAX_FRAMES);
  CsmReader *reader = csm_reader_new (source, index, CACHE, NULL);

  for (int64_t i = n - 1; i >= 0; i--)
    {
      int steps = MAX_STEPS;
      g_autoptr (GError) error = NULL;
      g_autoptr (AVFrame) frame = csm_reader_read (reader, i, -1, count_cb, &steps, &error);

      g_assert_true ((frame == NULL) == (error != NULL));
    }
  csm_reader_free (reader);
}

static void
scan_and_verify (CsmByteSource *source, CsmInput *input)
{
  int steps = MAX_STEPS;
  g_autoptr (GError) scan_error = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmFrameIndex) scanned =
      csm_pass_scan (input, 0, progress_cb, &steps, &scan_error);
  g_autoptr (CsmFrameIndex) exact = NULL;

  g_assert_true ((scanned == NULL) == (scan_error != NULL));
  steps = MAX_STEPS;
  exact = csm_pass_verify (source, 0, progress_cb, &steps, &error);
  g_assert_true ((exact == NULL) == (error != NULL));
  if (exact != NULL)
    read_frames (source, exact);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static bool quiet;
  File file = { data, size };
  g_autoptr (CsmByteSource) source = csm_byte_source_new ((int64_t) size, &file_class, &file);
  g_autoptr (GError) error = NULL;
  int steps = MAX_STEPS;
  CsmPlace place;
  g_autoptr (CsmInput) input = NULL;
  g_autoptr (CsmInput) packets = NULL;

  if (!quiet)
    csm_decoder_init_log ();
  quiet = true;
  (void) csm_credentials_are_present (source); /* either answer will do */
  input = csm_input_open (source, count_cb, &steps, &error);
  g_assert_true ((input == NULL) == (error != NULL));
  if (input == NULL)
    return 0;
  if (csm_place_from_tags (csm_input_get_format (input)->metadata, &place))
    g_assert_cmpint (ABS (place.latitude), <=, INT64_C (900000000));
  if (csm_input_get_video (input, 0) == NULL)
    return 0;
  scan_and_verify (source, input);
  steps = MAX_STEPS;
  packets = csm_input_open_packets (source, count_cb, &steps);
  if (packets != NULL)
    csm_frame_index_unref (csm_pass_scan (packets, 0, progress_cb, &steps, NULL));
  return 0;
}
