/* fuzz-index.c: any bytes as a stored frame index
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/csm-oddities.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* What is read back is the same in every word that is said about it, and in its one stored
 * form. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (CsmFrameIndex) index = csm_frame_index_parse (bytes, NULL);
  g_autoptr (CsmFrameIndex) again = NULL;
  g_autoptr (GBytes) stored = NULL;
  g_autoptr (GPtrArray) odd = NULL;
  int64_t n;

  if (index == NULL)
    return 0;
  stored = csm_frame_index_serialize (index);
  g_assert_true (g_bytes_equal (bytes, stored));
  again = csm_frame_index_parse (stored, NULL);
  g_assert_nonnull (again);
  odd = csm_oddities_list (NULL, again, 0);
  for (unsigned i = 0; i < odd->len; i++)
    g_assert_true (g_utf8_validate (g_ptr_array_index (odd, i), -1, NULL));
  n = csm_frame_index_get_n_frames (again);
  for (int64_t i = 0; i < n; i++)
    {
      int64_t pts = csm_frame_index_get (again, i)->pts;

      if (pts != CSM_NO_PTS)
        g_assert_cmpint (csm_frame_index_find_pts (again, pts), <, n);
    }
  return 0;
}
