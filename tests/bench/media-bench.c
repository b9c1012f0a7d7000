/* media-bench.c: the engine beside its peers, on one clip: one line for each way and figure
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/csm-worker.h"

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#ifdef WITH_FFMS2
#include <ffms.h>
#endif

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SEED 20200809
#define THREADS 2

/* ---- clocks ---- */

typedef struct
{
  double wall, cpu; /* milliseconds */
} Spent;

static double
read_clock (clockid_t clock)
{
  struct timespec t;

  if (clock_gettime (clock, &t) != 0)
    return 0;
  return (double) t.tv_sec * 1e3 + (double) t.tv_nsec / 1e6;
}

/* Of the worker alone. */
static Spent
now_there (CsmWorker *worker)
{
  Spent self = { read_clock (CLOCK_MONOTONIC), 0 };
  clockid_t clock;

  if (worker != NULL && csm_worker_get_pid (worker) > 0 &&
      clock_getcpuclockid (csm_worker_get_pid (worker), &clock) == 0)
    self.cpu = read_clock (clock);
  return self;
}

/* Of this process and of the worker (nullable). */
static Spent
now (CsmWorker *worker)
{
  Spent self = now_there (worker);

  self.cpu += read_clock (CLOCK_PROCESS_CPUTIME_ID);
  return self;
}

typedef struct
{
  double *wall;
  double cpu;
  int n;
} Series;

static void
series_add (Series *self, Spent from, Spent to)
{
  self->wall = g_renew (double, self->wall, self->n + 1);
  self->wall[self->n++] = to.wall - from.wall;
  self->cpu += to.cpu - from.cpu;
}

static int
compare (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

/* what, who, mean, median, p95 (wall), mean CPU: milliseconds */
static void
series_print (Series *self, const char *what, const char *who)
{
  double sum = 0;

  if (self->n == 0)
    return;
  for (int i = 0; i < self->n; i++)
    sum += self->wall[i];
  qsort (self->wall, (size_t) self->n, sizeof *self->wall, compare);
  printf ("%s\t%s\t%.3f\t%.3f\t%.3f\t%.3f\n", what, who, sum / self->n, self->wall[self->n / 2],
          self->wall[MIN (self->n - 1, self->n * 95 / 100)], self->cpu / self->n);
  fflush (stdout);
  g_free (self->wall);
}

static void
print_figure (const char *what, const char *who, double figure)
{
  printf ("%s\t%s\t%.3f\n", what, who, figure);
  fflush (stdout);
}

/* ---- the plain recipe: seek to the key before a time, decode until it is there ---- */

typedef struct
{
  AVFormatContext *format;
  AVCodecContext *codec;
  int stream;
  AVPacket *packet;
  AVFrame *frame;
} Plain;

static void
plain_open (Plain *self, const char *path)
{
  const AVCodec *decoder = NULL;

  *self = (Plain){ .packet = av_packet_alloc (), .frame = av_frame_alloc () };
  if (avformat_open_input (&self->format, path, NULL, NULL) < 0 ||
      avformat_find_stream_info (self->format, NULL) < 0)
    g_error ("%s cannot be opened", path);
  self->stream = av_find_best_stream (self->format, AVMEDIA_TYPE_VIDEO, -1, -1, &decoder, 0);
  for (unsigned i = 0; i < self->format->nb_streams; i++)
    self->format->streams[i]->discard =
        (int) i == self->stream ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
  self->codec = avcodec_alloc_context3 (decoder);
  avcodec_parameters_to_context (self->codec, self->format->streams[self->stream]->codecpar);
  self->codec->thread_count = THREADS;
  if (avcodec_open2 (self->codec, decoder, NULL) < 0)
    g_error ("no decoder");
}

static void
plain_close (Plain *self)
{
  avcodec_free_context (&self->codec);
  avformat_close_input (&self->format);
  av_packet_free (&self->packet);
  av_frame_free (&self->frame);
}

static bool
plain_next (Plain *self)
{
  for (;;)
    {
      int rc = avcodec_receive_frame (self->codec, self->frame);

      if (rc == 0)
        return true;
      if (rc != AVERROR (EAGAIN))
        return false;
      rc = av_read_frame (self->format, self->packet);
      if (rc >= 0 && self->packet->stream_index != self->stream)
        {
          av_packet_unref (self->packet);
          continue;
        }
      avcodec_send_packet (self->codec, rc >= 0 ? self->packet : NULL);
      av_packet_unref (self->packet);
    }
}

static void
plain_go_to (Plain *self, int64_t pts)
{
  av_seek_frame (self->format, self->stream, pts, AVSEEK_FLAG_BACKWARD);
  avcodec_flush_buffers (self->codec);
  while (plain_next (self) && self->frame->best_effort_timestamp < pts)
    ;
}

/* ---- FFMS2 ---- */

#ifdef WITH_FFMS2
typedef struct
{
  FFMS_VideoSource *video;
} Ffms;

static FFMS_Index *
ffms_index (const char *path)
{
  char text[256];
  FFMS_ErrorInfo error = { .Buffer = text, .BufferSize = sizeof text };
  FFMS_Indexer *indexer = FFMS_CreateIndexer (path, &error);
  FFMS_Index *index = indexer != NULL ? FFMS_DoIndexing2 (indexer, 0, &error) : NULL;

  if (index == NULL)
    g_error ("FFMS2: %s", text);
  return index;
}

static void
ffms_open (Ffms *self, const char *path)
{
  char text[256];
  FFMS_ErrorInfo error = { .Buffer = text, .BufferSize = sizeof text };
  FFMS_Index *index = ffms_index (path);
  int track = FFMS_GetFirstTrackOfType (index, FFMS_TYPE_VIDEO, &error);

  self->video = FFMS_CreateVideoSource (path, track, index, THREADS, FFMS_SEEK_NORMAL, &error);
  FFMS_DestroyIndex (index);
  if (self->video == NULL)
    g_error ("FFMS2: %s", text);
}

static void
ffms_close (Ffms *self)
{
  FFMS_DestroyVideoSource (self->video);
}

static void
ffms_go_to (Ffms *self, int64_t ordinal)
{
  char text[256];
  FFMS_ErrorInfo error = { .Buffer = text, .BufferSize = sizeof text };

  if (FFMS_GetFrame (self->video, (int) ordinal, &error) == NULL)
    g_error ("FFMS2: %s", text);
}
#else
typedef struct
{
  int nothing;
} Ffms;
#endif

/* ---- ours ---- */

typedef struct
{
  CsmWorker *worker;
  CsmFrameIndex *index;
} Ours;

static CsmWorker *
new_worker (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmMediaSource) source = csm_media_source_new_for_path (path, &error);

  g_assert_no_error (error);
  return csm_worker_new (source, false);
}

static void
ours_open (Ours *self, const char *path)
{
  g_autoptr (GError) error = NULL;

  self->worker = new_worker (path);
  self->index = csm_worker_scan (self->worker, 0, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  csm_worker_set_index (self->worker, self->index, &error);
  g_assert_no_error (error);
}

static void
ours_close (Ours *self)
{
  csm_worker_free (self->worker);
  csm_frame_index_unref (self->index);
}

static void
ours_go_to (Ours *self, int64_t ordinal, int direction)
{
  /* As others, who convert nothing: a picture that costs next to nothing. */
  const CsmPictureOptions options = { .max_width = 16, .max_height = 16 };
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmPicture) picture =
      csm_worker_read_picture (self->worker, ordinal, &options, direction, NULL, &error);

  g_assert_no_error (error);
}

static CsmWorkerStatistics
ours_get_statistics (Ours *self)
{
  CsmWorkerStatistics statistics;
  g_autoptr (GError) error = NULL;

  csm_worker_read_statistics (self->worker, &statistics, &error);
  g_assert_no_error (error);
  return statistics;
}

static void
ours_settle (Ours *self)
{
  while (!ours_get_statistics (self).settled)
    g_usleep (5000);
}

/* What is decoded ahead while a peer runs would be held against the peer. */
static void
ours_hold (Ours *self, bool hold)
{
  kill (csm_worker_get_pid (self->worker), hold ? SIGSTOP : SIGCONT);
}

/* ---- what is measured ---- */

static int64_t
choose_far (GRand *random, int64_t n_frames, int64_t from)
{
  int64_t n;

  do
    n = g_rand_int_range (random, 0, (gint32) n_frames);
  while (ABS (n - from) < 100);
  return n;
}

static void
measure_access (const char *path, int n)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (SEED);
  Series series[3] = { 0 };
  Plain plain;
  Ours ours;
  Spent from;
  int64_t at = -1000;

  plain_open (&plain, path);
  ours_open (&ours, path);
  ours_go_to (&ours, 0, 0);
#ifdef WITH_FFMS2
  Ffms ffms;

  ours_hold (&ours, true);
  ffms_open (&ffms, path);
  ours_hold (&ours, false);
#endif
  for (int i = 0; i < n; i++)
    {
      at = choose_far (random, csm_frame_index_get_n_frames (ours.index), at);
      from = now (ours.worker);
      ours_go_to (&ours, at, 0);
      series_add (&series[0], from, now (ours.worker));
      ours_hold (&ours, true);
#ifdef WITH_FFMS2
      from = now (NULL);
      ffms_go_to (&ffms, at);
      series_add (&series[1], from, now (NULL));
#endif
      from = now (NULL);
      plain_go_to (&plain, csm_frame_index_get (ours.index, at)->pts);
      series_add (&series[2], from, now (NULL));
      ours_hold (&ours, false);
    }
  series_print (&series[0], "access", "ours");
  series_print (&series[1], "access", "FFMS2");
  series_print (&series[2], "access", "libav");
#ifdef WITH_FFMS2
  ffms_close (&ffms);
#endif
  plain_close (&plain);
  ours_close (&ours);
}

static double
read_peak_mib (int pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/status", pid);
  g_autofree char *text = NULL;
  const char *line;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return 0;
  line = strstr (text, "VmHWM:");
  return line != NULL ? atof (line + 6) / 1024 : 0;
}

/* Holding back the key, thirty steps a second. */
static void
measure_back (const char *path, int64_t start, int n)
{
  Series series[3] = { 0 };
  CsmWorkerStatistics before, after;
  Plain plain;
  Ours ours;
  Spent from;

  ours_open (&ours, path);
  ours_go_to (&ours, start, 0);
  ours_settle (&ours);
  before = ours_get_statistics (&ours);
  for (int i = 1; i <= n; i++)
    {
      from = now (ours.worker);
      ours_go_to (&ours, start - i, -1);
      series_add (&series[0], from, now (ours.worker));
      g_usleep (33000);
    }
  after = ours_get_statistics (&ours);
  print_figure ("decodes a step back", "ours",
                (double) (after.n_decoded - before.n_decoded) / n);
  print_figure ("steps back that were there, of 100", "ours",
                100.0 * (double) (after.n_hits - before.n_hits) / n);
  ours_settle (&ours);
  print_figure ("memory of the worker, MiB", "ours",
                read_peak_mib (csm_worker_get_pid (ours.worker)));
  ours_hold (&ours, true);
#ifdef WITH_FFMS2
  Ffms ffms;

  ffms_open (&ffms, path);
  ffms_go_to (&ffms, start);
  for (int i = 1; i <= MIN (n, 20); i++)
    {
      from = now (NULL);
      ffms_go_to (&ffms, start - i);
      series_add (&series[1], from, now (NULL));
    }
  ffms_close (&ffms);
#endif
  plain_open (&plain, path);
  for (int i = 1; i <= MIN (n, 20); i++)
    {
      from = now (NULL);
      plain_go_to (&plain, csm_frame_index_get (ours.index, start - i)->pts);
      series_add (&series[2], from, now (NULL));
    }
  plain_close (&plain);
  series_print (&series[0], "step back", "ours");
  series_print (&series[1], "step back", "FFMS2");
  series_print (&series[2], "step back", "libav");
  ours_hold (&ours, false);
  ours_close (&ours);
}

static void
measure_cached (const char *path)
{
  const CsmPictureOptions full = { 0 };
  Series shown = { 0 }, step = { 0 }, forward = { 0 }, edge = { 0 };
  Ours ours;
  Spent from;

  ours_open (&ours, path);
  ours_go_to (&ours, 600, 0);
  ours_settle (&ours);
  for (int i = 0; i < 100; i++)
    {
      from = now (ours.worker);
      ours_go_to (&ours, 600 - i % 2, 0);
      series_add (&step, from, now (ours.worker));
      ours_settle (&ours);
      from = now_there (ours.worker);
      csm_picture_free (
          csm_worker_read_picture (ours.worker, 600 - i % 2, &full, 0, NULL, NULL));
      if (i > 0)
        series_add (&shown, from, now_there (ours.worker));
    }
  for (int i = 0; i < 90; i++)
    {
      from = now (ours.worker);
      ours_go_to (&ours, 601 + i, 1);
      series_add (&forward, from, now (ours.worker));
      g_usleep (33000);
    }
  /* Back over the edge of a group, after a second's rest. */
  for (int i = 0; i < 10; i++)
    {
      ours_go_to (&ours, 60 + 120 * i, 0);
      g_usleep (1000 * 1000);
      from = now (ours.worker);
      ours_go_to (&ours, 60 + 120 * i - 1, -1);
      series_add (&edge, from, now (ours.worker));
    }
  series_print (&step, "step inside the cache", "ours");
  series_print (&shown, "conversion, 1920x1080", "ours");
  series_print (&forward, "step forward, 30 a second", "ours");
  series_print (&edge, "step back over an edge after 1 s", "ours");
  ours_close (&ours);
}

static void
measure_playing (const char *path)
{
  const CsmPictureOptions full = { 0 };
  Series series = { 0 };
  Ours ours;
  Spent from;

  ours_open (&ours, path);
  from = now (ours.worker);
  for (int i = 0; i < 300; i++)
    csm_picture_free (csm_worker_read_picture (ours.worker, i, &full, 1, NULL, NULL));
  series_add (&series, from, now (ours.worker));
  series.wall[0] /= 300;
  series.cpu /= 300;
  series_print (&series, "playing, a frame", "ours");
  ours_close (&ours);
}

/* Demuxing alone, nothing known of the streams but what the container says. */
static int64_t
demux (const char *path)
{
  AVFormatContext *format = NULL;
  AVPacket *packet = av_packet_alloc ();
  int64_t n = 0;

  if (avformat_open_input (&format, path, NULL, NULL) < 0)
    g_error ("%s cannot be opened", path);
  for (unsigned i = 0; i < format->nb_streams; i++)
    if (format->streams[i]->codecpar->codec_type != AVMEDIA_TYPE_VIDEO)
      format->streams[i]->discard = AVDISCARD_ALL;
  while (av_read_frame (format, packet) >= 0)
    {
      n++;
      av_packet_unref (packet);
    }
  av_packet_free (&packet);
  avformat_close_input (&format);
  return n;
}

static void
measure_index (const char *path, int rounds)
{
  Series series[3] = { 0 };

  csm_worker_prestart ();
  for (int i = 0; i < rounds; i++)
    {
      g_autoptr (CsmWorker) worker = new_worker (path);
      g_autoptr (CsmFrameIndex) index = NULL;
      Spent from;

      g_usleep (300 * 1000); /* the spare worker starts */
      csm_frame_index_unref (csm_worker_scan (worker, 0, NULL, NULL, NULL, NULL));
      from = now (worker);
      index = csm_worker_scan (worker, 0, NULL, NULL, NULL, NULL);
      g_assert_nonnull (index);
      series_add (&series[0], from, now (worker));
      from = now (NULL);
      (void) demux (path);
      series_add (&series[1], from, now (NULL));
#ifdef WITH_FFMS2
      from = now (NULL);
      FFMS_DestroyIndex (ffms_index (path));
      series_add (&series[2], from, now (NULL));
#endif
    }
  series_print (&series[0], "index", "ours");
  series_print (&series[1], "index", "demux");
  series_print (&series[2], "index", "FFMS2");
}

/* A file nobody has seen, a worker that is started: until its first picture is here. */
static void
measure_first (const char *path, int rounds)
{
  const CsmPictureOptions options = { 0 };
  Series series = { 0 };

  csm_worker_prestart ();
  for (int i = 0; i < rounds; i++)
    {
      Ours ours;
      Spent from;

      g_usleep (300 * 1000); /* the spare worker starts */
      from = now (NULL);
      ours_open (&ours, path);
      csm_picture_free (csm_worker_read_picture (ours.worker, 0, &options, 0, NULL, NULL));
      series_add (&series, from, now (ours.worker));
      ours_close (&ours);
    }
  series_print (&series, "open to first frame", "ours");
}

static void
measure_verify (const char *path)
{
  Series series[2] = { 0 };

  for (int i = 0; i < 2; i++)
    {
      g_autoptr (CsmWorker) worker = new_worker (path);
      Plain plain;
      Spent from = now (NULL);

      csm_frame_index_unref (csm_worker_verify (worker, 0, NULL, NULL, NULL, NULL));
      series_add (&series[0], from, now (worker));
      from = now (NULL);
      plain_open (&plain, path);
      while (plain_next (&plain))
        av_frame_unref (plain.frame);
      plain_close (&plain);
      series_add (&series[1], from, now (NULL));
    }
  series_print (&series[0], "verify pass", "ours");
  series_print (&series[1], "verify pass", "libav");
}

int
main (int argc, char **argv)
{
  const char *what = argc > 2 ? argv[1] : "";

  av_log_set_level (AV_LOG_QUIET);
#ifdef WITH_FFMS2
  FFMS_Init (0, 0);
#endif
  if (g_str_equal (what, "access"))
    measure_access (argv[2], argc > 3 ? atoi (argv[3]) : 30);
  else if (g_str_equal (what, "back"))
    measure_back (argv[2], argc > 3 ? atoi (argv[3]) : 905, argc > 4 ? atoi (argv[4]) : 120);
  else if (g_str_equal (what, "cached"))
    measure_cached (argv[2]);
  else if (g_str_equal (what, "playing"))
    measure_playing (argv[2]);
  else if (g_str_equal (what, "index"))
    measure_index (argv[2], argc > 3 ? atoi (argv[3]) : 5);
  else if (g_str_equal (what, "first"))
    measure_first (argv[2], argc > 3 ? atoi (argv[3]) : 5);
  else if (g_str_equal (what, "verify"))
    measure_verify (argv[2]);
  else
    {
      fputs ("media-bench access|back|cached|playing|index|first|verify CLIP\n", stderr);
      return 2;
    }
  return 0;
}
