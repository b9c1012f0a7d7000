/* csm-media-source.c: what a worker is given to read
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/csm-media-source.h"

#include "base/csm-secret.h"
#include "media/csm-error.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct _CsmMediaSource
{
  /* Immutable */
  int fds[CSM_MEDIA_SOURCE_MAX_FDS];
  int n_fds;
  CsmSecret *blob; /* NULL: none */
};

CsmMediaSource *
csm_media_source_new (const int *fds, int n_fds, const void *blob, size_t blob_size)
{
  CsmMediaSource *self;

  g_return_val_if_fail (fds != NULL, NULL);
  g_return_val_if_fail (n_fds >= 1 && n_fds <= CSM_MEDIA_SOURCE_MAX_FDS, NULL);
  g_return_val_if_fail (blob_size <= CSM_MEDIA_SOURCE_MAX_BLOB, NULL);
  g_return_val_if_fail (blob != NULL || blob_size == 0, NULL);

  self = g_atomic_rc_box_new0 (CsmMediaSource);
  memcpy (self->fds, fds, sizeof (int) * n_fds);
  self->n_fds = n_fds;
  if (blob_size > 0)
    self->blob = csm_secret_new_from (blob, blob_size);
  return self;
}

static void
fail_io (GError **error, int errnum, const char *what)
{
  g_set_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_IO, "%s: %s", what, g_strerror (errnum));
}

static gboolean
check_regular (const struct stat *st, GError **error)
{
  if (S_ISREG (st->st_mode))
    return TRUE;
  g_set_error_literal (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_IO,
                       S_ISDIR (st->st_mode) ? "This is a folder, not a file"
                                             : "This is not a regular file");
  return FALSE;
}

CsmMediaSource *
csm_media_source_new_for_path (const char *path, GError **error)
{
  struct stat st;
  int fd;

  g_return_val_if_fail (path != NULL, NULL);

  /* Looked at before it is opened, since opening a device can already do something. */
  if (stat (path, &st) != 0)
    {
      fail_io (error, errno, "Cannot look at the file");
      return NULL;
    }
  if (!check_regular (&st, error))
    return NULL;

  /* O_NONBLOCK: should a FIFO have taken the file's place since, open does not wait. It has
   * no effect on regular files and is left set. */
  fd = open (path, O_RDONLY | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    {
      fail_io (error, errno, "Cannot open the file");
      return NULL;
    }
  if (fstat (fd, &st) != 0)
    fail_io (error, errno, "Cannot look at the file");
  else if (check_regular (&st, error))
    return csm_media_source_new (&fd, 1, NULL, 0);

  close (fd);
  return NULL;
}

CsmMediaSource *
csm_media_source_ref (CsmMediaSource *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
media_source_clear (gpointer data)
{
  CsmMediaSource *self = data;

  for (int i = 0; i < self->n_fds; i++)
    close (self->fds[i]);
  csm_secret_unref (self->blob);
}

void
csm_media_source_unref (CsmMediaSource *self)
{
  if (self != NULL)
    g_atomic_rc_box_release_full (self, media_source_clear);
}

const int *
csm_media_source_get_fds (const CsmMediaSource *self, int *ret_n_fds)
{
  *ret_n_fds = self->n_fds;
  return self->fds;
}

const uint8_t *
csm_media_source_get_blob (const CsmMediaSource *self, size_t *ret_size)
{
  if (self->blob == NULL)
    {
      *ret_size = 0;
      return NULL;
    }
  *ret_size = csm_secret_get_size (self->blob);
  return csm_secret_peek (self->blob);
}
