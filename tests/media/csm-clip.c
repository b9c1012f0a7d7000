/* csm-clip.c: clips made by the ffmpeg program for one test run
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-clip.h"

#include <glib/gstdio.h>

static char *folder;

void
csm_clip_begin (void)
{
  g_autoptr (GError) error = NULL;

  folder = g_dir_make_tmp ("casement-clips-XXXXXX", &error);
  g_assert_no_error (error);
}

void
csm_clip_end (void)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = csm_clip_get_path (name);

      (void) g_unlink (path); /* only room */
    }
  (void) g_rmdir (folder); /* only room */
  g_clear_pointer (&folder, g_free);
}

char *
csm_clip_get_path (const char *name)
{
  return g_build_filename (folder, name, NULL);
}

char *
csm_clip_make (const char *name, const char *arguments)
{
  g_autofree char *path = csm_clip_get_path (name);
  g_autofree char *line = g_strdup_printf (
      "ffmpeg -nostdin -loglevel error -y -threads 1 %s -fflags +bitexact %s", arguments, path);
  g_autoptr (GError) error = NULL;
  int status = 0;

  g_spawn_command_line_sync (line, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  if (status != 0)
    g_error ("%s: ffmpeg ended with %d", line, status);
  return g_steal_pointer (&path);
}
