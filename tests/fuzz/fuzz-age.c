/* fuzz-age.c: any bytes as an age file
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-error.h"
#include "export/csm-age.h"
#include "export/csm-error.h"

#include <string.h>

/* Of tests/export/test-hand-over.c. No passphrase: its work is asked for by the file. */
#define IDENTITY "AGE-SECRET-KEY-1WM4ENQT7H40KDNC5KXW6979FYFA5MFM6C60S8LYJAU0RS56UL6XQD0PZ8W"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static ssize_t
read_at (gpointer data, int64_t offset, void *buffer, size_t size, GError **error)
{
  gsize have;
  const uint8_t *bytes = g_bytes_get_data (data, &have);
  const size_t n = MIN (size, have - (size_t) offset);

  memcpy (buffer, bytes + offset, n);
  return (ssize_t) n;
}

static void
free_bytes (gpointer data)
{
  g_bytes_unref (data);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const CsmByteSourceClass klass = { read_at, free_bytes };
  g_autoptr (CsmByteSource) source =
      csm_byte_source_new ((int64_t) size, &klass, g_bytes_new (data, size));
  g_autoptr (CsmSecret) identity = csm_secret_new_from (IDENTITY, strlen (IDENTITY));
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmAgeReader) reader = csm_age_reader_new (source, identity, NULL, &error);
  int64_t total = 0;
  size_t n = 1;

  while (reader != NULL && n > 0)
    {
      const uint8_t *text;

      if (!csm_age_reader_read (reader, &text, &n, &error))
        break;
      g_assert_cmpuint (n, <=, CSM_AGE_CHUNK_SIZE);
      total += (int64_t) n;
    }
  if (error == NULL)
    g_assert_cmpint (total, ==, csm_age_reader_get_size (reader));
  else
    g_assert_true (error->domain == CSM_EXPORT_ERROR);
  return 0;
}
