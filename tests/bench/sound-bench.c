/* sound-bench.c: how long the map of a sound track takes, waveform included
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/csm-worker.h"

#include <stdio.h>
#include <sys/resource.h>

/* sound-bench FILE: prints seconds of sound, seconds of the worker's CPU, and how many times
 * real time that is. */
int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmMediaSource) source = NULL;
  g_autoptr (CsmSoundMap) map = NULL;
  CsmWorker *worker;
  struct rusage used;
  double sound, cpu;

  if (argc != 2)
    return 2;
  source = csm_media_source_new_for_path (argv[1], &error);
  if (source != NULL)
    {
      worker = csm_worker_new (source, false);
      map = csm_worker_map_sound (worker, 0, NULL, NULL, NULL, &error);
      csm_worker_free (worker); /* and waits for it, so that its time is known */
    }
  if (map == NULL)
    {
      fprintf (stderr, "sound-bench: %s\n", error->message);
      return 1;
    }
  getrusage (RUSAGE_CHILDREN, &used);
  sound = (double) csm_sound_map_get_n_samples (map) / csm_sound_map_get_rate (map);
  cpu = (double) (used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
        (double) (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
  printf ("%.1f s of sound in %.2f s of CPU: %.0f times real time\n", sound, cpu, sound / cpu);
  return 0;
}
