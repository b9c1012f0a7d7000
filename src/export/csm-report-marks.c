/* csm-report-marks.c: the report's blocks: marks, and what was displayed
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-report-text.h"

#include "casefile/csm-displayed.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

/* ---- Marks ---- */

static char *
dup_frames (int64_t from, int64_t to, int64_t count)
{
  if (count < 0)
    return from == to ? g_strdup_printf (_ ("frame %" PRId64 " (the first is 0)"), from)
                      : g_strdup_printf (
                            _ ("frames %" PRId64 " to %" PRId64 " (the first is 0)"), from, to);
  if (from == to)
    return g_strdup_printf (_ ("frame %" PRId64 " (the first is 0) of %" PRId64), from, count);
  return g_strdup_printf (_ ("frames %" PRId64 " to %" PRId64 " (the first is 0) of %" PRId64),
                          from, to, count);
}

char *
csm_report_dup_span (const CsmDossierExhibit *exhibit, const CsmDossierMark *mark)
{
  const int64_t from = mark->mark->from;
  const int64_t to = mark->mark->to;
  const int track = mark->mark->track;
  const CsmFrameIndex *index;
  g_autofree char *frames = NULL;

  if (track < 0)
    return from == to
               ? g_strdup_printf (_ ("sample %" PRId64 " (the first is 0)"), from)
               : g_strdup_printf (_ ("samples %" PRId64 " to %" PRId64 " (the first is 0)"),
                                  from, to);
  index = csm_dossier_exhibit_get_index (exhibit, track);
  frames = dup_frames (from, to,
                       index != NULL ? csm_frame_index_get_n_frames (index)
                       : track == 0  ? exhibit->exhibit->n_frames
                                     : -1);
  if (track == 0)
    return g_steal_pointer (&frames);
  /* Translators: "frame 7 (the first is 0) of 30", and the number of the video track, "v:1" */
  return g_strdup_printf (_ ("%s of the video track v:%d"), frames, track);
}

/* When the first and the last frame begin. */
static char *
dup_media_time (const CsmMark *mark)
{
  g_autofree char *from = csm_ticks_format (mark->from_pts, mark->timebase);
  g_autofree char *to = csm_ticks_format (mark->to_pts, mark->timebase);

  if (mark->from == mark->to)
    return g_steal_pointer (&from);
  if (mark->track < 0)
    /* Translators: two media times */
    return g_strdup_printf (_ ("%s to %s"), from, to);
  return g_strdup_printf (_ ("%s to %s, when the last of these frames begins"), from, to);
}

static char *
dup_ticks (const CsmMark *mark)
{
  if (mark->from_pts == CSM_NO_PTS || mark->to_pts == CSM_NO_PTS)
    return g_strdup (_ ("the file has none here"));
  if (mark->from == mark->to)
    return g_strdup_printf (_ ("%" PRId64 ", in units of %d/%d s"), mark->from_pts,
                            mark->timebase.num, mark->timebase.den);
  return g_strdup_printf (_ ("%" PRId64 " to %" PRId64 ", in units of %d/%d s"), mark->from_pts,
                          mark->to_pts, mark->timebase.num, mark->timebase.den);
}

static char *
dup_regions (const CsmMark *mark)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (int i = 0; i < mark->n_regions; i++)
    {
      const CsmRect *rect = &mark->regions[i].rect;

      if (i > 0)
        g_string_append_c (text, '\n');
      g_string_append_printf (
          text, _ ("left %d, top %d, %d wide, %d high, drawn at frame %" PRId64), rect->x,
          rect->y, rect->width, rect->height, mark->regions[i].frame);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
add_hashes (CsmReportBlock *fields, const CsmDossierMark *mark)
{
  for (int i = 0; i < mark->n_frames; i++)
    {
      const CsmFrameCommit *commit = &mark->frames[i];
      g_autofree char *label = g_strdup_printf (_ ("Frame %" PRId64), commit->ordinal);
      g_autofree char *how =
          g_strdup_printf (_ ("%s, %d × %d, decoded by %s"), commit->pixel_format,
                           commit->width, commit->height, commit->library);
      char hex[CSM_DIGEST_HEX_SIZE];

      csm_digest_to_hex (&commit->sha256, hex);
      csm_report_add_mono (fields, label, hex);
      csm_report_add_field (fields, "", how);
    }
  if (mark->n_frames == 0 && mark->mark->track >= 0)
    csm_report_add_field (
        fields, _ ("Frame hashes"),
        _ ("This mark holds none: its frames had not been decoded for it when "
           "the bundle was made."));
}

static void
add_clip (CsmReportBlock *fields, const CsmDossierMark *mark)
{
  g_autofree char *holds = NULL;

  csm_report_add_mono (fields, _ ("Clip"), mark->clip);
  if (mark->clip == NULL)
    return;
  holds = g_strdup_printf (_ ("It holds frames %" PRId64 " to %" PRId64 " of the exhibit."),
                           mark->clip_from, mark->clip_to);
  csm_report_add_field (fields, "", holds);
}

static void
add_still (GPtrArray *blocks, const CsmDossierExhibit *exhibit, const CsmDossierMark *mark)
{
  CsmReportBlock *block;
  g_autofree char *text = NULL;

  if (mark->still == NULL)
    return;
  text = mark->mark->n_regions > 0
             ? g_strdup_printf (_ ("%s, frame %" PRId64
                                   ". The region is drawn by this report; the plain picture "
                                   "is %s."),
                                exhibit->label, mark->mark->from, mark->still)
             : g_strdup_printf (_ ("%s, frame %" PRId64 "; the whole picture is %s."),
                                exhibit->label, mark->mark->from, mark->still);
  block = csm_report_add (blocks, CSM_REPORT_STILL, text);
  block->mark = mark;
  block->exhibit = exhibit;
}

static void
add_mark (GPtrArray *blocks,
          const CsmDossier *dossier,
          const CsmDossierExhibit *exhibit,
          const CsmDossierMark *mark,
          int number)
{
  const CsmMark *row = mark->mark;
  g_autofree char *span = csm_report_dup_span (exhibit, mark);
  /* Translators: a mark's number within its exhibit, "3", and its span, "frame 7 (...)" */
  g_autofree char *heading = g_strdup_printf (_ ("Mark %d: %s"), number, span);
  g_autofree char *time = csm_time_describe (row->time);
  g_autofree char *media_time = dup_media_time (row);
  g_autofree char *ticks = dup_ticks (row);
  g_autofree char *regions = dup_regions (row);
  g_autofree char *revision = g_strdup_printf ("%d", row->revision);
  char hex[CSM_DIGEST_HEX_SIZE];
  CsmReportBlock *block = csm_report_add (blocks, CSM_REPORT_MARK, heading);

  block->mark = mark;
  block->exhibit = exhibit;
  block->anchor = g_strdup_printf ("mark-%s", row->id.hex);
  add_still (blocks, exhibit, mark);
  block = csm_report_add (blocks, CSM_REPORT_FIELDS, NULL);
  block->mark = mark;
  block->exhibit = exhibit;
  csm_report_add_field (block, _ ("Code"), mark->code != NULL ? mark->code->label : row->code);
  csm_report_add_prose (block, _ ("Text"), row->text);
  csm_report_add_field (block, _ ("Media time"), media_time);
  csm_report_add_field (block, _ ("Written by"),
                        mark->reviewer != NULL ? mark->reviewer->label : NULL);
  csm_report_add_field (block, _ ("Written at"), time);
  block->details = block->rows->len;
  if (mark->code != NULL)
    csm_report_add_field (block, _ ("Definition of the code"), mark->code->definition);
  csm_report_add_field (block, _ ("Time stamps of the file"), ticks);
  csm_report_add_field (block, _ ("Region"), regions);
  csm_report_add_field (block, _ ("Revision"), revision);
  csm_digest_to_hex (&row->entry, hex);
  csm_report_add_mono (block, _ ("Entry"), hex);
  add_hashes (block, mark);
  csm_report_add_mono (block, _ ("Captioned still"), mark->captioned);
  add_clip (block, mark);
}

void
csm_report_add_marks (GPtrArray *blocks, const CsmDossier *dossier)
{
  csm_report_add_heading (blocks, 1, "marks", _ ("Marks"));
  csm_report_add (
      blocks, CSM_REPORT_PARAGRAPH,
      _ ("A mark is what a reviewer says about a span of frames: it may be disputed. "
         "Frames count from 0. Media time counts from the file's own zero and is no "
         "time of day."));
  for (unsigned i = 0; i < dossier->exhibits->len; i++)
    {
      const CsmDossierExhibit *exhibit = g_ptr_array_index (dossier->exhibits, i);
      g_autofree char *anchor = g_ascii_strdown (exhibit->label, -1);
      CsmReportBlock *block = csm_report_add_heading (blocks, 2, anchor, exhibit->label);

      block->exhibit = exhibit;
      block->label = g_strdup (exhibit->exhibit->name);
      csm_report_add (blocks, CSM_REPORT_PLAYER, NULL)->exhibit = exhibit;
      if (exhibit->marks == NULL || exhibit->marks->len == 0)
        csm_report_add (blocks, CSM_REPORT_PARAGRAPH,
                        _ ("No mark of this exhibit is in the bundle."));
      for (unsigned j = 0; exhibit->marks != NULL && j < exhibit->marks->len; j++)
        add_mark (blocks, dossier, exhibit, g_ptr_array_index (exhibit->marks, j), (int) j + 1);
    }
}

/* ---- Displayed ---- */

typedef struct
{
  int64_t from, to;
} Range;

static int
compare_ranges (gconstpointer a, gconstpointer b)
{
  const Range *x = a;
  const Range *y = b;

  return (x->from > y->from) - (x->from < y->from);
}

/* (transfer full): sorted, apart from one another by at least a frame. Previews of dragging are
 * some frames of their range, which ones nobody knows. */
static GArray *
merge_spans (GPtrArray *spans, int track)
{
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (Range));
  GArray *merged = g_array_new (FALSE, FALSE, sizeof (Range));

  for (unsigned i = 0; i < spans->len; i++)
    {
      const CsmDisplayedSpan *span = g_ptr_array_index (spans, i);
      const Range range = { MIN (span->from, span->to), MAX (span->from, span->to) };

      if (span->how != CSM_DISPLAYED_DRAGGED && span->track == track)
        g_array_append_val (all, range);
    }
  g_array_sort (all, compare_ranges);
  for (unsigned i = 0; i < all->len; i++)
    {
      const Range *range = &g_array_index (all, Range, i);
      Range *last = merged->len > 0 ? &g_array_index (merged, Range, merged->len - 1) : NULL;

      if (last != NULL && range->from <= last->to + 1)
        last->to = MAX (last->to, range->to);
      else
        g_array_append_val (merged, *range);
    }
  return merged;
}

static void
append_range (GString *text, int64_t from, int64_t to)
{
  if (text->len > 0)
    g_string_append (text, ", ");
  if (from == to)
    g_string_append_printf (text, "%" PRId64, from);
  else
    g_string_append_printf (text, _ ("%" PRId64 " to %" PRId64), from, to);
}

static void
describe_ranges (GArray *ranges, int64_t n_frames, GString *displayed, GString *rest)
{
  int64_t next = 0;

  for (unsigned i = 0; i < ranges->len; i++)
    {
      const Range *range = &g_array_index (ranges, Range, i);

      append_range (displayed, range->from, range->to);
      if (range->from > next)
        append_range (rest, next, range->from - 1);
      next = range->to + 1;
    }
  if (n_frames > next)
    append_range (rest, next, n_frames - 1);
}

/* The next track after @track that something was displayed of; -1 for none. */
static int
next_track (const CsmDossierExhibit *exhibit, int track)
{
  int next = -1;

  for (unsigned i = 0; i < exhibit->displayed->len; i++)
    {
      const CsmDisplayedSpan *span = g_ptr_array_index (exhibit->displayed, i);

      if (span->track > track && (next < 0 || span->track < next))
        next = span->track;
    }
  return next;
}

static void
add_displayed_track (CsmReportBlock *table, const CsmDossierExhibit *exhibit, int track)
{
  g_autoptr (GArray) ranges = merge_spans (exhibit->displayed, track);
  g_autoptr (GString) displayed = g_string_new (NULL);
  g_autoptr (GString) rest = g_string_new (NULL);
  g_autofree char *name = track > 0 ? g_strdup_printf ("%s v:%d", exhibit->label, track)
                                    : g_strdup (exhibit->label);
  const CsmFrameIndex *index = csm_dossier_exhibit_get_index (exhibit, track);
  const int64_t n_frames = index != NULL ? csm_frame_index_get_n_frames (index)
                           : track == 0  ? exhibit->exhibit->n_frames
                                         : -1;

  describe_ranges (ranges, n_frames, displayed, rest);
  csm_report_add_row (
      table, (const char *[]){
                 name, displayed->len > 0 ? displayed->str : _ ("no record of any frame"),
                 track > 0 && n_frames < 0 ? _ ("not counted")
                 : rest->len > 0           ? rest->str
                                           : _ ("none") });
}

static void
add_displayed (CsmReportBlock *table, const CsmDossierExhibit *exhibit)
{
  if (exhibit->displayed == NULL)
    {
      csm_report_add_row (table, (const char *[]){ exhibit->label, _ ("left out"), "" });
      return;
    }
  for (int track = 0; track >= 0; track = next_track (exhibit, track))
    add_displayed_track (table, exhibit, track);
}

void
csm_report_add_displayed (GPtrArray *blocks, const CsmDossier *dossier)
{
  CsmReportBlock *table;
  bool any = false;

  for (unsigned i = 0; i < dossier->exhibits->len; i++)
    any |= ((CsmDossierExhibit *) g_ptr_array_index (dossier->exhibits, i))->displayed != NULL;
  csm_report_add_heading (blocks, 1, "displayed", _ ("What was displayed"));
  if (!any)
    {
      csm_report_add (
          blocks, CSM_REPORT_PARAGRAPH,
          _ ("Records of which frames were displayed on a screen are left out of this "
             "bundle."));
      return;
    }
  csm_report_add (
      blocks, CSM_REPORT_PARAGRAPH,
      _ ("Frames that were on a screen, by the records in the ledger: one by one, or played, "
         "when those that came late were left out. Where the playhead was only dragged over "
         "frames they do not count. That a frame was displayed does not say that a person "
         "noticed what it shows; that there is no record does not say that nobody saw it "
         "elsewhere."));
  table = csm_report_add (blocks, CSM_REPORT_TABLE, NULL);
  table->n_columns = 3;
  memcpy (table->widths, (int[]){ 16, 42, 42, 0 }, sizeof table->widths);
  csm_report_add_row (table, (const char *[]){ _ ("Exhibit"), _ ("Frames displayed"),
                                               _ ("Frames not displayed") });
  for (unsigned i = 0; i < dossier->exhibits->len; i++)
    add_displayed (table, g_ptr_array_index (dossier->exhibits, i));
}
