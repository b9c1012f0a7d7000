/* test-worker-sound-corpus.c: sample N is sample N of ffmpeg's s16le, on sound from everywhere
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-heard.h"

#include <string.h>

#define N_SHUFFLED 4

/* The collection beside the sources, if there is one. */
static char *
find_corpus (void)
{
  const char *named = g_getenv ("CSM_CORPUS");

  return named != NULL
             ? g_strdup (named)
             : g_canonicalize_filename ("../shared/corpus", g_getenv ("CSM_SOURCE_ROOT"));
}

static void
every_sample_is_ffmpegs (gconstpointer path)
{
  csm_heard_assert (path, 0, N_SHUFFLED, 9082020);
}

static void
add_folder (const char *folder, const char *lead)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *file;

  while (dir != NULL && (file = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *name = g_strdup_printf ("%s/%s", lead, file);
      const char *dot = strrchr (file, '.');

      /* Lists and licences, and what is refused whole, which is tested elsewhere. */
      if (dot == NULL || g_str_has_prefix (file, "hostile__") ||
          strstr (".c.h.in.py.sh.md.txt.tsv.ui.build.json", dot) != NULL)
        continue;
      g_test_add_data_func_full (name, g_build_filename (folder, file, NULL),
                                 every_sample_is_ffmpegs, g_free);
    }
}

int
main (int argc, char **argv)
{
  g_autofree char *corpus = find_corpus ();
  g_autofree char *sample =
      g_build_filename (g_getenv ("CSM_SOURCE_ROOT"), "data", "sample", NULL);

  g_test_init (&argc, &argv, NULL);
  add_folder (sample, "/casement/media/worker-sound-corpus/sample");
  add_folder (corpus, "/casement/media/worker-sound-corpus");
  return g_test_run ();
}
