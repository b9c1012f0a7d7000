/* csm-media-io.c: whole reads and writes on the media store's files
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-error.h"
#include "vault/csm-fail.h"
#include "vault/csm-media-private.h"

#include <errno.h>
#include <unistd.h>

int
csm_media_pread (int fd, void *buffer, size_t size, int64_t offset)
{
  size_t done = 0;

  while (done < size)
    {
      const ssize_t n = pread (fd, (char *) buffer + done, size - done, offset + (off_t) done);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return errno;
      if (n == 0)
        return ENODATA;
      done += (size_t) n;
    }
  return 0;
}

int
csm_media_pwrite (int fd, const void *data, size_t size, int64_t offset)
{
  size_t done = 0;

  while (done < size)
    {
      const ssize_t n =
          pwrite (fd, (const char *) data + done, size - done, offset + (off_t) done);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return n < 0 ? errno : EIO;
      done += (size_t) n;
    }
  return 0;
}

gboolean
csm_media_fail_base (GError **error, GError *failed, const char *what)
{
  static const struct
  {
    CsmBaseError from;
    int to;
  } codes[] = {
    { CSM_BASE_ERROR_FULL, ENOSPC },
    { CSM_BASE_ERROR_READ_ONLY, EROFS },
    { CSM_BASE_ERROR_EXISTS, EEXIST },
    { CSM_BASE_ERROR_NOT_FOUND, ENOENT },
  };
  int errnum = EIO;

  for (size_t i = 0; i < G_N_ELEMENTS (codes); i++)
    if (g_error_matches (failed, CSM_BASE_ERROR, (int) codes[i].from))
      errnum = codes[i].to;
  g_error_free (failed);
  return csm_vault_fail_errno (error, errnum, what);
}
