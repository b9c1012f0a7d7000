/* csm-afresh.c: the same process with nothing of its past in its memory
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-afresh.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_KEPT (64 * 1024 * 1024)
#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static bool
write_all (int fd, const void *data, size_t size)
{
  const char *from = data;

  while (size > 0)
    {
      ssize_t done = write (fd, from, size);

      if (done < 0 && errno == EINTR)
        continue;
      if (done <= 0)
        return false;
      from += done;
      size -= (size_t) done;
    }
  return true;
}

static int
keep (GVariant *kept)
{
  int fd = memfd_create ("casement-kept", MFD_CLOEXEC | MFD_ALLOW_SEALING);

  if (fd >= 0 && write_all (fd, g_variant_get_data (kept), g_variant_get_size (kept)) &&
      fcntl (fd, F_ADD_SEALS, SEALS) == 0)
    return fd;
  if (fd >= 0)
    close (fd);
  return -1;
}

gboolean
csm_afresh_execute (GVariant *kept, GError **error)
{
  int fd = keep (kept);
  g_autofree char *option = g_strdup_printf ("--after-lock=%d", fd);
  char *argv[] = { "casement", option, NULL };

  /* The option says where, not what: command lines are read by everybody. */
  if (fd >= 0 && close_range (3, ~0U, CLOSE_RANGE_CLOEXEC) == 0 && fcntl (fd, F_SETFD, 0) == 0)
    execv ("/proc/self/exe", argv);

  g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (errno), g_strerror (errno));
  if (fd >= 0)
    close (fd);
  return FALSE;
}

static GBytes *
read_all (int fd)
{
  g_autoptr (GByteArray) all = g_byte_array_new ();
  struct stat status;
  size_t done = 0;

  if (fstat (fd, &status) != 0 || status.st_size > MAX_KEPT)
    return NULL;
  g_byte_array_set_size (all, (guint) status.st_size);
  while (done < all->len)
    {
      ssize_t got = pread (fd, all->data + done, all->len - done, (off_t) done);

      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0)
        return NULL;
      done += (size_t) got;
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&all));
}

GVariant *
csm_afresh_take (int fd, const GVariantType *type)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GVariant) kept = NULL;

  if (fcntl (fd, F_GET_SEALS) != SEALS)
    return NULL; /* a number that somebody gave, not what csm_afresh_execute() did */
  bytes = read_all (fd);
  close (fd);
  if (bytes == NULL)
    return NULL;
  kept = g_variant_ref_sink (g_variant_new_from_bytes (type, bytes, FALSE));
  return g_variant_is_normal_form (kept) ? g_steal_pointer (&kept) : NULL;
}
