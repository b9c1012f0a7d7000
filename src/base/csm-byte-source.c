/* csm-byte-source.c: random access to the bytes of an exhibit, wherever they are
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-byte-source.h"

#include "base/csm-error.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

struct _CsmByteSource
{
  gatomicrefcount ref_count;

  /* Immutable */
  int64_t size;
  const CsmByteSourceClass *klass;

  /* One thread at a time */
  gpointer data;
};

CsmByteSource *
csm_byte_source_new (int64_t size, const CsmByteSourceClass *klass, gpointer data)
{
  g_return_val_if_fail (size >= 0 && klass != NULL && klass->read_at != NULL, NULL);

  CsmByteSource *self = g_new0 (CsmByteSource, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->size = size;
  self->klass = klass;
  self->data = data;
  return self;
}

static ssize_t
fd_read_at (gpointer data, int64_t offset, void *buffer, size_t size, GError **error)
{
  ssize_t n;

  do
    n = pread (GPOINTER_TO_INT (data), buffer, size, offset);
  while (n < 0 && errno == EINTR);
  if (n < 0)
    csm_base_fail_errno (error, errno, "read file");
  return n;
}

static void
fd_free (gpointer data)
{
  (void) close (GPOINTER_TO_INT (data)); /* nothing was written */
}

CsmByteSource *
csm_byte_source_new_for_fd (int fd, GError **error)
{
  static const CsmByteSourceClass klass = { fd_read_at, fd_free };
  struct stat status;

  if (fstat (fd, &status) != 0)
    {
      csm_base_fail_errno (error, errno, "read file size");
      if (fd >= 0)
        (void) close (fd);
      return NULL;
    }
  if (!S_ISREG (status.st_mode))
    {
      g_set_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_INVALID,
                   "open file: not a plain file");
      (void) close (fd);
      return NULL;
    }
  return csm_byte_source_new (status.st_size, &klass, GINT_TO_POINTER (fd));
}

CsmByteSource *
csm_byte_source_ref (CsmByteSource *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
csm_byte_source_unref (CsmByteSource *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;
  if (self->klass->free != NULL)
    self->klass->free (self->data);
  g_free (self);
}

int64_t
csm_byte_source_get_size (const CsmByteSource *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->size;
}

ssize_t
csm_byte_source_read_at (CsmByteSource *self,
                         int64_t offset,
                         void *buffer,
                         size_t size,
                         GError **error)
{
  g_return_val_if_fail (self != NULL && (buffer != NULL || size == 0), -1);

  if (offset < 0)
    {
      g_set_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_INVALID, "read before the start");
      return -1;
    }
  if (offset >= self->size)
    return 0;

  const size_t wanted = (size_t) MIN ((uint64_t) size, (uint64_t) (self->size - offset));
  size_t done = 0;

  while (done < wanted)
    {
      const ssize_t n = self->klass->read_at (self->data, offset + (int64_t) done,
                                              (uint8_t *) buffer + done, wanted - done, error);

      if (n < 0)
        return -1;
      if (n == 0)
        {
          g_set_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_IO,
                       "read file: it became shorter");
          return -1;
        }
      g_assert ((size_t) n <= wanted - done);
      done += (size_t) n;
    }
  return (ssize_t) done;
}
