/* test-worker-corpus.c: frame N is line N of FFmpeg's framemd5, on footage from everywhere
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-exact.h"

#include <string.h>

#define N_SHUFFLED 8
/* Larger files are left to a run with CSM_CORPUS_ALL set, which takes half an hour. */
#define MAX_PIXELS (24.0 * 1000 * 1000)

/* The collection beside the sources, if there is one, with a manifest of tab-separated lines.
 */
static char *
find_corpus (void)
{
  const char *named = g_getenv ("CSM_CORPUS");

  return named != NULL
             ? g_strdup (named)
             : g_canonicalize_filename ("../shared/corpus", g_getenv ("CSM_SOURCE_ROOT"));
}

static void
every_frame_is_ffmpegs (gconstpointer path)
{
  g_autoptr (GArray) truth = csm_exact_get_truth (path);

  csm_exact_assert (path, truth, true, N_SHUFFLED, 9082020);
}

static void
what_names_other_files_is_refused (gconstpointer path)
{
  g_autoptr (CsmMediaSource) source = csm_media_source_new_for_path (path, NULL);
  g_autoptr (CsmWorker) worker = csm_worker_new (source, false);
  g_autoptr (GError) error = NULL;

  g_assert_null (csm_worker_probe (worker, NULL, &error));
  g_assert_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_REFUSED);
}

/* Columns: 0 path, 7 size as WxH, 9 frames. */
static void
add_line (const char *corpus, const char *line)
{
  g_auto (GStrv) fields = g_strsplit (line, "\t", -1);
  g_autofree char *name = NULL;
  double pixels = 0;
  const char *by;

  if (g_strv_length (fields) < 10)
    return;
  by = strchr (fields[7], 'x');
  if (by != NULL)
    pixels = g_ascii_strtod (fields[7], NULL) * g_ascii_strtod (by + 1, NULL) *
             g_ascii_strtod (fields[9], NULL);
  if (pixels > MAX_PIXELS && g_getenv ("CSM_CORPUS_ALL") == NULL)
    return;
  name = g_strdup_printf ("/casement/media/worker-corpus/%s", fields[0]);
  g_test_add_data_func_full (name, g_build_filename (corpus, fields[0], NULL),
                             g_str_has_prefix (fields[0], "hostile__")
                                 ? what_names_other_files_is_refused
                                 : every_frame_is_ffmpegs,
                             g_free);
}

static void
add_corpus (const char *corpus)
{
  g_autofree char *manifest = g_build_filename (corpus, "MANIFEST.tsv", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (manifest, &text, NULL, NULL))
    return;
  lines = g_strsplit (text, "\n", -1);
  for (char **line = lines + 1; lines[0] != NULL && *line != NULL; line++)
    add_line (corpus, *line);
}

/* Footage that comes with the sources. */
static void
add_samples (void)
{
  g_autofree char *folder =
      g_build_filename (g_getenv ("CSM_SOURCE_ROOT"), "data", "sample", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *file;

  while (dir != NULL && (file = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *name = g_strdup_printf ("/casement/media/worker-corpus/sample/%s", file);

      if (!g_str_has_suffix (file, ".mp4") && !g_str_has_suffix (file, ".avi") &&
          !g_str_has_suffix (file, ".ogv"))
        continue;
      g_test_add_data_func_full (name, g_build_filename (folder, file, NULL),
                                 every_frame_is_ffmpegs, g_free);
    }
}

int
main (int argc, char **argv)
{
  g_autofree char *corpus = find_corpus ();

  g_test_init (&argc, &argv, NULL);
  add_samples ();
  add_corpus (corpus);
  return g_test_run ();
}
