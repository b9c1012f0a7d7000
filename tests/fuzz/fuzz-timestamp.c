/* fuzz-timestamp.c: any bytes as the answer of a time-stamping service
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "custody/csm-timestamp.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* (transfer full): a file of tests/custody/data. */
static GBytes *
read_file (const char *name)
{
  g_autofree char *path =
      g_build_filename (g_getenv ("CSM_SOURCE_ROOT"), "tests/custody/data", name, NULL);
  g_autoptr (GError) error = NULL;
  char *bytes;
  gsize size;

  if (!g_file_get_contents (path, &bytes, &size, &error))
    g_error ("%s", error->message);
  return g_bytes_new_take (bytes, size);
}

/* This service has signed one answer in its life: what is believed says the same. */
static void
assert_sound (CsmTimestamp *stamp)
{
  static CsmTimestamp *only;
  g_autoptr (GError) error = NULL;

  if (only == NULL)
    {
      g_autoptr (GBytes) answer = read_file ("resp.tsr");

      only = csm_timestamp_parse (answer, &error);
      g_assert_no_error (error);
    }
  g_assert_true (
      csm_digest_equal (csm_timestamp_get_imprint (stamp), csm_timestamp_get_imprint (only)));
  g_assert_cmpint (csm_timestamp_get_time (stamp), ==, csm_timestamp_get_time (only));
  g_assert_cmpstr (csm_timestamp_get_serial (stamp), ==, csm_timestamp_get_serial (only));
  g_assert_nonnull (csm_timestamp_get_authority (stamp));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static GBytes *ca;
  static GBytes *request;
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmTimestamp) stamp = csm_timestamp_parse (bytes, &error);
  g_autoptr (GError) why = NULL;

  if (ca == NULL)
    {
      ca = read_file ("ca.crt");
      request = read_file ("req.tsq");
    }
  if (stamp == NULL)
    {
      g_assert_true (error->domain == CSM_CUSTODY_ERROR);
      return 0;
    }
  g_assert_nonnull (csm_timestamp_get_serial (stamp));
  if (!csm_timestamp_check_request (stamp, request, &why))
    g_assert_true (why->domain == CSM_CUSTODY_ERROR);
  g_clear_error (&why);
  if (csm_timestamp_check_signature (stamp, ca, NULL, &why))
    assert_sound (stamp);
  else
    g_assert_true (why->domain == CSM_CUSTODY_ERROR);
  g_clear_error (&why);
  /* As a CA file and as a request the bytes are no better. */
  g_assert_false (csm_timestamp_check_signature (stamp, bytes, bytes, &why));
  g_clear_error (&why);
  g_assert_false (csm_timestamp_check_request (stamp, bytes, &why));
  return 0;
}
