/* fuzz-tar.c: any bytes as the tar in a hand-over
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-error.h"
#include "export/csm-error.h"
#include "export/csm-tar.h"

#include <glib/gstdio.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

typedef struct
{
  const uint8_t *at;
  size_t left;
} Input;

static gboolean
read_cb (const uint8_t **ret_data, size_t *ret_size, gpointer data, GError **error)
{
  Input *input = data;
  const size_t n = MIN (input->left, 700);

  *ret_data = input->at;
  *ret_size = n;
  input->at += n;
  input->left -= n;
  return TRUE;
}

/* Removes what was unpacked: plain files and folders, and no more bytes than there were. */
static void
check_tree (const char *path, int64_t *room)
{
  struct stat st;
  g_autoptr (GDir) dir = NULL;
  const char *name;

  g_assert_cmpint (lstat (path, &st), ==, 0);
  g_assert_true (S_ISREG (st.st_mode) || S_ISDIR (st.st_mode));
  if (S_ISREG (st.st_mode))
    g_assert_cmpint (*room -= st.st_size, >=, 0);
  else
    dir = g_dir_open (path, 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      check_tree (child, room);
    }
  g_assert_cmpint (g_remove (path), ==, 0);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *parent = g_dir_make_tmp ("csm-fuzz-tar-XXXXXX", NULL);
  g_autofree char *folder = g_build_filename (parent, "a", NULL);
  g_autoptr (GError) error = NULL;
  Input input = { data, size };
  int64_t room = (int64_t) size;
  int fd;

  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (csm_tar_read_folder (fd, (int64_t) size, read_cb, &input, NULL, NULL, NULL, &error))
    g_assert_cmpuint (input.left, ==, 0);
  else
    g_assert_true (error->domain == CSM_EXPORT_ERROR || error->domain == CSM_BASE_ERROR);
  (void) close (fd);
  check_tree (folder, &room);
  g_assert_cmpint (g_rmdir (parent), ==, 0); /* nothing went beside */
  return 0;
}
