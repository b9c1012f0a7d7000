/* casectl-mark.c: marking frames, and saving one as a still
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/csm-intake-still.h"
#include "tools/casectl.h"

#include <stdio.h>

#define TRACK_USAGE "--track is a video track, as v:1"

typedef struct
{
  char *from_text, *to_text, *code, *text, *rect_text, *track_text;
  int track;
  int64_t from, to;
  bool from_is_time, to_is_time; /* they are milliseconds */
  CsmRegion region;
} MarkOptions;

static void
mark_options_clear (MarkOptions *self)
{
  g_free (self->from_text);
  g_free (self->to_text);
  g_free (self->code);
  g_free (self->text);
  g_free (self->rect_text);
  g_free (self->track_text);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MarkOptions, mark_options_clear)

/* A frame or sample from 0, or a time. */
static bool
parse_place (const char *text, int64_t *ret_place, bool *ret_is_time)
{
  *ret_is_time = false;
  if (csm_tool_parse_number (text, ret_place))
    return true;
  *ret_is_time = true;
  return csm_clock_parse (text, ret_place);
}

static bool
check_options (CsmTool *tool, MarkOptions *self, int *ret_exit)
{
  *ret_exit = CSM_EXIT_USAGE;
  if (self->from_text == NULL)
    return csm_tool_usage (tool, "--from is needed") == CSM_EXIT_DONE;
  if (!parse_place (self->from_text, &self->from, &self->from_is_time))
    return csm_tool_usage (tool, "--from is a frame number, from 0") == CSM_EXIT_DONE;
  self->to = self->from;
  self->to_is_time = self->from_is_time;
  if (self->to_text != NULL && !parse_place (self->to_text, &self->to, &self->to_is_time))
    return csm_tool_usage (tool, "--to is a frame number, from 0") == CSM_EXIT_DONE;
  if (self->rect_text != NULL && !csm_tool_parse_rect (self->rect_text, &self->region.rect))
    return csm_tool_usage (tool, "--rect is x,y,w,h in pixels") == CSM_EXIT_DONE;
  if (!csm_tool_parse_track (self->track_text, &self->track))
    return csm_tool_usage (tool, TRACK_USAGE) == CSM_EXIT_DONE;
  self->region.frame = self->from;
  *ret_exit = CSM_EXIT_REFUSED;
  return csm_tool_check_text (tool, "--text", self->text) &&
         csm_tool_check_text (tool, "--code", self->code);
}

static bool
check_span (CsmTool *tool, const MarkOptions *self, const CsmExhibit *exhibit, int64_t n_frames)
{
  if (self->from > self->to)
    (void) csm_tool_refuse (tool, CSM_EXIT_REFUSED,
                            "mark %s: the span ends before it begins; swap --from and --to",
                            exhibit->number);
  else if (self->to >= n_frames)
    (void) csm_tool_refuse (tool, CSM_EXIT_REFUSED,
                            "mark %s: frame %" G_GINT64_FORMAT
                            " lies outside; its frames are 0 to %" G_GINT64_FORMAT,
                            exhibit->number, self->to, n_frames - 1);
  else
    return true;
  return false;
}

static bool
check_rect (CsmTool *tool, const MarkOptions *self, int width, int height)
{
  const CsmRect *rect = &self->region.rect;

  if (self->rect_text == NULL ||
      (rect->width > 0 && rect->height > 0 && rect->x <= width - rect->width &&
       rect->y <= height - rect->height))
    return true;
  (void) csm_tool_refuse (tool, CSM_EXIT_REFUSED,
                          "--rect %s: it does not lie inside the picture; the frame has %dx%d "
                          "pixels",
                          self->rect_text, width, height);
  return false;
}

/* Both ends' commitments; the number of them, 0 after the reason was said. */
static int
commit_ends (CsmTool *tool,
             const MarkOptions *self,
             CsmWorker *worker,
             const CsmFrameIndex *index,
             CsmFrameCommit ret_commits[2],
             int *ret_exit)
{
  const int64_t ends[2] = { self->from, self->to };
  int n = self->from == self->to ? 1 : 2;

  for (int i = 0; i < n; i++)
    {
      g_autoptr (GError) error = NULL;
      CsmFrameDigest digest;

      if (!csm_worker_read_digest (worker, ends[i], &digest, tool->cancellable, &error))
        {
          *ret_exit = csm_tool_fail (tool, "read the frame", error, CSM_EXIT_CANNOT_OPEN);
          return 0;
        }
      csm_intake_make_commit (index, ends[i], &digest, &ret_commits[i]);
    }
  *ret_exit = CSM_EXIT_REFUSED;
  return check_rect (tool, self, ret_commits[0].width, ret_commits[0].height) ? n : 0;
}

/* Fills in what @mark lacks, and saves it. */
static int
save_mark (CsmTool *tool,
           CsmCase *acase,
           const CsmExhibit *exhibit,
           MarkOptions *self,
           CsmMark *mark,
           const CsmFrameCommit *commits,
           int n_commits)
{
  char empty[] = "";
  g_autoptr (GError) error = NULL;

  mark->id = csm_id_new ();
  mark->exhibit = exhibit->id;
  mark->from = self->from;
  mark->to = self->to;
  mark->code = self->code;
  mark->text = self->text == NULL ? empty : self->text;
  mark->regions = self->rect_text == NULL ? NULL : &self->region;
  mark->n_regions = self->rect_text == NULL ? 0 : 1;
  if (!csm_case_set_mark (acase, mark, commits, n_commits, NULL, &error))
    return csm_tool_fail (tool, "save the mark", error, CSM_EXIT_WRITE);
  puts (mark->id.hex);
  /* An id that was printed is one that is on the disk. */
  (void) fflush (stdout);
  return CSM_EXIT_DONE;
}

/* (transfer full) (nullable): of an exhibit that is sound alone; else NULL, without @error. */
static CsmSoundMap *
load_sound_alone (CsmCase *acase, const CsmExhibit *exhibit, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;

  if (exhibit->index_state != CSM_INDEX_EXACT || exhibit->n_frames != 0)
    return NULL;
  bytes = csm_case_get_sound (acase, &exhibit->id, error);
  return bytes != NULL ? csm_sound_map_parse (bytes, error) : NULL;
}

static int
mark_sound (CsmTool *tool,
            CsmCase *acase,
            const CsmExhibit *exhibit,
            MarkOptions *self,
            const CsmSoundMap *map)
{
  int64_t n_samples = csm_sound_map_get_n_samples (map);
  int rate = csm_sound_map_get_rate (map);
  CsmMark mark = { .track = CSM_SOUND_TRACK (csm_sound_map_get_track (map)),
                   .timebase = { 1, rate } };

  if (self->from_is_time)
    self->from = csm_sound_map_us_to_sample (map, self->from * 1000);
  if (self->to_is_time)
    self->to = csm_sound_map_us_to_sample (map, self->to * 1000);
  if (self->rect_text != NULL || self->track_text != NULL)
    return csm_tool_refuse (tool, CSM_EXIT_REFUSED, "mark %s: it is sound alone; leave %s away",
                            exhibit->number, self->rect_text != NULL ? "--rect" : "--track");
  if (self->from > self->to || self->to >= n_samples)
    return csm_tool_refuse (tool, CSM_EXIT_REFUSED,
                            "mark %s: the span lies outside or ends before it begins; its "
                            "samples are 0 to %" G_GINT64_FORMAT ", %d a second",
                            exhibit->number, n_samples - 1, rate);
  mark.from_pts = csm_sound_map_get_time (map, self->from);
  mark.to_pts = csm_sound_map_get_time (map, self->to);
  return save_mark (tool, acase, exhibit, self, &mark, NULL, 0);
}

static int
mark_frames (CsmTool *tool, CsmCase *acase, const CsmExhibit *exhibit, MarkOptions *self)
{
  g_autoptr (CsmFrameIndex) index = NULL;
  g_autoptr (CsmWorker) worker = NULL;
  CsmFrameCommit commits[2];
  CsmMark mark = { .track = self->track };
  int n_commits, code;

  if (self->from_is_time || self->to_is_time)
    return csm_tool_usage (tool, "--from and --to are frame numbers, from 0");
  worker = csm_tool_start_frames (tool, acase, exhibit, self->track, &index, &code);
  if (worker == NULL)
    return code;
  if (!check_span (tool, self, exhibit, csm_frame_index_get_n_frames (index)))
    return CSM_EXIT_REFUSED;
  n_commits = commit_ends (tool, self, worker, index, commits, &code);
  if (n_commits == 0)
    return code;
  mark.from_pts = csm_frame_index_get (index, self->from)->pts;
  mark.to_pts = csm_frame_index_get (index, self->to)->pts;
  mark.timebase = csm_frame_index_get_timebase (index);
  return save_mark (tool, acase, exhibit, self, &mark, commits, n_commits);
}

int
csm_tool_mark (CsmTool *tool, int argc, char **argv)
{
  g_auto (MarkOptions) self = { 0 };
  const GOptionEntry entries[] = {
    { "from", 0, 0, G_OPTION_ARG_FILENAME, &self.from_text,
      "First frame, from 0; of sound alone: sample, or time", "N" },
    { "to", 0, 0, G_OPTION_ARG_FILENAME, &self.to_text, "Last frame (default: the first)",
      "N" },
    { "code", 0, 0, G_OPTION_ARG_FILENAME, &self.code, "A code of the codebook", "ID" },
    { "text", 0, 0, G_OPTION_ARG_FILENAME, &self.text, "What it shows", "T" },
    { "track", 0, 0, G_OPTION_ARG_FILENAME, &self.track_text, "Video track, v:0 if not given",
      "v:N" },
    { "rect", 0, 0, G_OPTION_ARG_FILENAME, &self.rect_text, "A rectangle in the frame's pixels",
      "X,Y,W,H" },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr (CsmCase) acase = NULL;
  g_autoptr (CsmExhibit) exhibit = NULL;
  g_autoptr (CsmSoundMap) sound = NULL;
  g_autoptr (GError) error = NULL;
  int code;

  if (!csm_tool_parse (tool, entries, CSM_TOOL_PASSPHRASE, 2, 2, argc, argv, &code) ||
      !check_options (tool, &self, &code) ||
      (acase = csm_tool_open (tool, tool->paths[0], false, &code)) == NULL ||
      (exhibit = csm_tool_find_exhibit (tool, acase, tool->paths[1], &code)) == NULL)
    return code;
  sound = load_sound_alone (acase, exhibit, &error);
  if (error != NULL)
    return csm_tool_fail (tool, exhibit->number, error, CSM_EXIT_CANNOT_OPEN);
  return sound != NULL ? mark_sound (tool, acase, exhibit, &self, sound)
                       : mark_frames (tool, acase, exhibit, &self);
}

static int
write_still (CsmTool *tool,
             CsmCase *acase,
             const CsmExhibit *exhibit,
             CsmWorker *worker,
             int track,
             int64_t frame,
             const CsmView *view,
             const char *path)
{
  g_autofree char *shown = g_filename_display_name (path);
  g_autofree char *beside = csm_still_dup_view_path (path);
  g_autofree char *beside_shown = g_filename_display_name (beside);
  g_autofree char *what = g_strdup_printf ("write %s", shown);
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmStill) still =
      csm_still_read (worker, track, frame, view, tool->cancellable, &error);

  if (still == NULL)
    return csm_tool_fail (tool, "read the frame", error,
                          g_error_matches (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_UNSUPPORTED)
                              ? CSM_EXIT_REFUSED
                              : CSM_EXIT_CANNOT_OPEN);
  if (!csm_still_write (still, acase, &exhibit->id, path, &error))
    return csm_tool_fail (tool, what, error, CSM_EXIT_WRITE);
  csm_tool_warn ("%s is not encrypted", shown);
  if (still->view_png != NULL)
    csm_tool_warn ("%s is a view, not the frame as decoded, and not encrypted", beside_shown);
  return CSM_EXIT_DONE;
}

/* "" is no view that anybody meant. */
static bool
parse_view (CsmTool *tool, const char *text, CsmView *ret_view, int *ret_exit)
{
  g_autoptr (GError) error = NULL;

  if (text == NULL)
    return true;
  if (csm_view_parse (text, ret_view, &error) && !csm_view_is_plain (ret_view))
    return true;
  *ret_exit = csm_tool_usage (tool, "--view: %s",
                              error != NULL ? error->message
                                            : "that is the frame as decoded; leave it away");
  return false;
}

int
csm_tool_still (CsmTool *tool, int argc, char **argv)
{
  g_autofree char *output = NULL;
  g_autofree char *view_text = NULL;
  g_autofree char *track_text = NULL;
  g_autofree char *words = csm_view_describe_words ();
  g_autofree char *view_help = g_strdup_printf (
      "Write FILE-view.png too, the frame as this shows it: a list with commas of %s", words);
  const GOptionEntry entries[] = { { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output,
                                     "Where to; refuses to overwrite", "FILE.png" },
                                   { "track", 0, 0, G_OPTION_ARG_FILENAME, &track_text,
                                     "Video track, v:0 if not given", "v:N" },
                                   { "view", 0, 0, G_OPTION_ARG_STRING, &view_text, view_help,
                                     "VIEW" },
                                   G_OPTION_ENTRY_NULL };
  g_autoptr (CsmCase) acase = NULL;
  g_autoptr (CsmExhibit) exhibit = NULL;
  g_autoptr (CsmWorker) worker = NULL;
  g_autoptr (CsmFrameIndex) index = NULL;
  MarkOptions span = { 0 };
  CsmView view = { 0 };
  int code;

  if (!csm_tool_parse (tool, entries, CSM_TOOL_PASSPHRASE, 3, 3, argc, argv, &code))
    return code;
  if (output == NULL || output[0] == '\0')
    return csm_tool_usage (tool, "-o is needed");
  if (!csm_tool_parse_number (tool->paths[2], &span.from))
    return csm_tool_usage (tool, "FRAME is a number, from 0");
  span.to = span.from;
  if (!csm_tool_parse_track (track_text, &span.track))
    return csm_tool_usage (tool, TRACK_USAGE);
  if (!parse_view (tool, view_text, &view, &code))
    return code;
  if ((acase = csm_tool_open_recording (tool, tool->paths[0], &code)) == NULL ||
      (exhibit = csm_tool_find_exhibit (tool, acase, tool->paths[1], &code)) == NULL ||
      (worker = csm_tool_start_frames (tool, acase, exhibit, span.track, &index, &code)) ==
          NULL)
    return code;
  if (!check_span (tool, &span, exhibit, csm_frame_index_get_n_frames (index)))
    return CSM_EXIT_REFUSED;
  return write_still (tool, acase, exhibit, worker, span.track, span.from, &view, output);
}
