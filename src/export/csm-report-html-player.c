/* csm-report-html-player.c: what plays in index.html, and where its frames are
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-report-html.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

/* Runs of equal steps that are written of a whole file; of a file with more only the marks'
 * frames and their neighbours are. */
#define MAX_RUNS 4000
/* What a browser's numbers hold exactly. */
#define MAX_INTEGER (INT64_C (1) << 53)

/* ---- What browsers play ---- */

static bool
is_one_of (const char *name, const char *const *names)
{
  return name != NULL && g_strv_contains (names, name);
}

/* No browser opens what is refused here; what is not refused is tried, and the page shows
 * stills when it fails. NULL: may be played; else why not. */
static const char *
find_hindrance (const CsmDossierExhibit *exhibit)
{
  static const char *const containers[] = { "mov", "matroska", "webm", "ogg", "wav",
                                            "mp3", "flac",     "aac",  NULL };
  static const char *const video[] = { "h264", "hevc", "vp8", "vp9", "av1", NULL };
  static const char *const sound[] = { "aac",       "mp3",       "opus",      "vorbis",
                                       "flac",      "pcm_s16le", "pcm_u8",    "pcm_s24le",
                                       "pcm_f32le", "pcm_alaw",  "pcm_mulaw", NULL };
  const CsmStreamInfo *stream;
  g_auto (GStrv) names = NULL;
  bool known = false;

  if (exhibit->file == NULL)
    return _ ("The file of this exhibit is not in the bundle.");
  if (exhibit->info == NULL)
    return _ ("This file cannot be read.");
  names = g_strsplit (exhibit->info->format, ",", -1);
  for (int i = 0; names[i] != NULL; i++)
    known |= is_one_of (names[i], containers);
  stream = csm_media_info_get_stream (exhibit->info, 'v', 0);
  if (stream != NULL && stream->mirrored)
    return _ (
        "This file asks for a mirrored picture. Browsers mirror it; Casement and the stills "
        "do not.");
  if (known && stream != NULL)
    known = is_one_of (stream->codec, video);
  else if (known)
    {
      stream = csm_media_info_get_stream (exhibit->info, 'a', 0);
      known = stream != NULL && is_one_of (stream->codec, sound);
    }
  return known ? NULL : _ ("Browsers do not play this kind of file.");
}

/* ---- Time stamps ---- */

static int64_t
get_pts (const CsmFrameIndex *index, int64_t frame)
{
  return csm_frame_index_get (index, frame)->pts;
}

static bool
has_numbers (const CsmFrameIndex *index)
{
  const int64_t n = csm_frame_index_get_n_frames (index);

  for (int64_t i = 0; i < n; i++)
    if (get_pts (index, i) <= -MAX_INTEGER || get_pts (index, i) >= MAX_INTEGER)
      return false;
  return n > 0;
}

static int64_t
count_runs (const CsmFrameIndex *index)
{
  const int64_t n = csm_frame_index_get_n_frames (index);
  int64_t runs = n > 1;

  for (int64_t i = 2; i < n; i++)
    runs += get_pts (index, i) - get_pts (index, i - 1) !=
            get_pts (index, i - 1) - get_pts (index, i - 2);
  return runs;
}

/* [first frame, its ticks, [step, how often, step, how often ...]] */
static void
append_piece (GString *html, const CsmFrameIndex *index, int64_t from, int64_t to)
{
  int64_t step = 0;
  int64_t times = 0;
  bool comma = false;

  g_string_append_printf (html, "[%" PRId64 ",%" PRId64 ",[", from, get_pts (index, from));
  for (int64_t i = from + 1; i <= to + 1; i++)
    {
      const int64_t next = i <= to ? get_pts (index, i) - get_pts (index, i - 1) : 0;

      if (times > 0 && (i > to || next != step))
        {
          g_string_append_printf (html, "%s%" PRId64 ",%" PRId64, comma ? "," : "", step,
                                  times);
          comma = true;
          times = 0;
        }
      step = next;
      times++;
    }
  g_string_append (html, "]]");
}

static void
append_pieces (GString *html, const CsmDossierExhibit *exhibit)
{
  const CsmFrameIndex *index = exhibit->index;
  const int64_t last = csm_frame_index_get_n_frames (index) - 1;
  int64_t done = -1;

  if (count_runs (index) <= MAX_RUNS)
    {
      append_piece (html, index, 0, last);
      return;
    }
  /* They are in the order of their first frames. */
  for (unsigned i = 0; i < exhibit->marks->len; i++)
    {
      const CsmDossierMark *mark = g_ptr_array_index (exhibit->marks, i);
      const int64_t from = MAX (mark->mark->from - 1, done + 1);
      const int64_t to = MIN (mark->mark->to + 1, last);

      if (mark->mark->track != 0 || from > to)
        continue;
      if (done >= 0)
        g_string_append_c (html, ',');
      append_piece (html, index, MAX (from, 0), to);
      done = to;
    }
}

static void
append_index (GString *html, const CsmDossierExhibit *exhibit)
{
  const CsmFrameIndex *index = exhibit->index;
  CsmTimebase base;
  int64_t n;

  if (index == NULL || !has_numbers (index))
    return;
  base = csm_frame_index_get_timebase (index);
  n = csm_frame_index_get_n_frames (index);
  g_string_append_printf (
      html,
      "<script type=\"application/json\">{\"base\":[%d,%d],\"count\":%" PRId64
      ",\"last\":%" PRId64 ",\"pieces\":[",
      base.num, base.den, n,
      CLAMP (csm_frame_index_get (index, n - 1)->duration, 0, MAX_INTEGER));
  append_pieces (html, exhibit);
  g_string_append (html, "]}</script>\n");
}

/* ---- Pictures ---- */

static void
append_number (GString *html, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append (html, g_ascii_formatd (text, sizeof text, "%.6g", value));
}

static void
append_matrix (GString *html, const CsmReportShape *shape)
{
  for (int i = 0; i < 6; i++)
    {
      if (i > 0)
        g_string_append_c (html, ' ');
      append_number (html, shape->matrix[i]);
    }
}

static void
append_svg (GString *html, const CsmReportShape *shape, const CsmMark *mark)
{
  static const char *const classes[] = { "outline", "region" };

  g_string_append (html,
                   "<svg preserveAspectRatio=\"none\" aria-hidden=\"true\" viewBox=\"0 0 ");
  append_number (html, shape->shown_width);
  g_string_append_c (html, ' ');
  append_number (html, shape->shown_height);
  g_string_append (html, "\">");
  for (size_t pass = 0; mark != NULL && pass < G_N_ELEMENTS (classes); pass++)
    for (int i = 0; i < mark->n_regions; i++)
      {
        const CsmRect *rect = &mark->regions[i].rect;

        g_string_append_printf (
            html,
            "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" "
            "transform=\"matrix(",
            classes[pass], rect->x, rect->y, rect->width, rect->height);
        append_matrix (html, shape);
        g_string_append (html, ")\"/>");
      }
  g_string_append (html, "</svg>");
}

void
csm_html_append_picture (GString *html,
                         const CsmDossierExhibit *exhibit,
                         const CsmDossierMark *mark)
{
  CsmReportShape shape;
  g_autofree char *words = NULL;

  if (mark->still == NULL)
    return;
  csm_report_get_shape (exhibit, MAX (mark->mark->track, 0), &shape);
  words = g_strdup_printf (_ ("%s, frame %" PRId64), exhibit->label, mark->mark->from);
  g_string_append (html, "<div class=\"pic");
  if (mark->mark->track > 0)
    g_string_append_printf (html, " v%d", mark->mark->track);
  g_string_append (html, "\"><img loading=\"lazy\" decoding=\"async\"");
  csm_html_append_attribute (html, "src", mark->still);
  csm_html_append_attribute (html, "alt", words);
  if (shape.width > 0 && shape.height > 0)
    g_string_append_printf (html, " width=\"%d\" height=\"%d\"", shape.width, shape.height);
  g_string_append_c (html, '>');
  if (shape.width > 0 && shape.height > 0)
    append_svg (html, &shape, mark->mark);
  g_string_append (html, "</div>");
}

/* @selector: what names the pictures of v:@track. */
static void
append_shape (GString *css,
              const CsmDossierExhibit *exhibit,
              int track,
              const char *selector,
              const char *aspect)
{
  CsmReportShape shape;
  bool turned;

  csm_report_get_shape (exhibit, track, &shape);
  if (shape.width <= 0 || shape.height <= 0)
    return;
  turned = shape.rotation % 180 != 0;
  g_string_append_printf (css, "%s{--aspect:", aspect);
  append_number (css, shape.shown_width / shape.shown_height);
  g_string_append_printf (css, "}\n%s{aspect-ratio:var(--aspect)}\n", selector);
  g_string_append_printf (css, "%s img{position:absolute;left:50%%;top:50%%;width:", selector);
  append_number (css, turned ? 100 * shape.shown_height / shape.shown_width : 100);
  g_string_append (css, "%;height:");
  append_number (css, turned ? 100 * shape.shown_width / shape.shown_height : 100);
  g_string_append_printf (css, "%%;transform:translate(-50%%,-50%%) rotate(%ddeg)}\n",
                          shape.rotation);
}

/* A still of v:@track stands whole in the place of the first track's pictures. */
static void
append_fit (GString *css, const CsmDossierExhibit *exhibit, int track, const char *id)
{
  CsmReportShape place, shape;

  csm_report_get_shape (exhibit, 0, &place);
  csm_report_get_shape (exhibit, track, &shape);
  if (place.width <= 0 || place.height <= 0 || shape.width <= 0 || shape.height <= 0)
    return;
  g_string_append_printf (css, "#%s .instead .pic.v%d{width:", id, track);
  append_number (css, MIN (100, 100 * (shape.shown_width / shape.shown_height) /
                                    (place.shown_width / place.shown_height)));
  g_string_append (css, "%}\n");
}

void
csm_html_append_style (GString *css, const CsmDossierExhibit *exhibit)
{
  g_autofree char *id = g_ascii_strdown (exhibit->label, -1);
  g_autofree char *all = g_strdup_printf ("#%s", id);
  g_autofree char *pictures = g_strdup_printf ("#%s .pic", id);

  append_shape (css, exhibit, 0, pictures, all);
  for (unsigned i = 0; exhibit->others != NULL && i < exhibit->others->len; i++)
    {
      int track = csm_frame_index_get_track (g_ptr_array_index (exhibit->others, i));
      g_autofree char *others = g_strdup_printf ("#%s .pic.v%d", id, track);

      append_shape (css, exhibit, track, others, others);
      append_fit (css, exhibit, track, id);
    }
}

/* ---- Player ---- */

static void
append_button (GString *html,
               const char *name,
               const char *key,
               const char *text,
               const char *all)
{
  g_string_append (html, "<button type=\"button\"");
  csm_html_append_attribute (html, "name", name);
  csm_html_append_attribute (html, "aria-label", all);
  csm_html_append_attribute (html, "title", all);
  if (key != NULL)
    csm_html_append_attribute (html, "aria-keyshortcuts", key);
  g_string_append_c (html, '>');
  csm_html_append (html, text);
  g_string_append (html, "</button>");
}

static void
append_buttons (GString *html, bool plays, bool sound)
{
  g_string_append (html, "<div class=\"buttons\">");
  if (plays && !sound)
    {
      g_string_append (html,
                       "<input type=\"range\" min=\"0\" max=\"1\" step=\"any\" value=\"0\"");
      csm_html_append_attribute (html, "aria-label", _ ("Position"));
      g_string_append (html, ">");
      append_button (html, "run", NULL, _ ("Play"), _ ("Play or pause"));
      append_button (html, "sound", NULL, _ ("Sound"), _ ("Sound on or off"));
    }
  g_string_append (html, "<span class=\"group\">");
  if (!sound)
    {
      append_button (html, "first", "Home", _ ("First"), _ ("First frame of the mark"));
      append_button (html, "previous", ",", _ ("Previous"), _ ("Previous frame of the mark"));
      append_button (html, "next", ".", _ ("Next"), _ ("Next frame of the mark"));
      append_button (html, "last", "End", _ ("Last"), _ ("Last frame of the mark"));
    }
  append_button (html, "play", NULL, _ ("Play the mark"), _ ("Play the mark"));
  g_string_append (html, "</span></div>\n");
}

static void
append_media (GString *html, const CsmDossierExhibit *exhibit, bool sound)
{
  g_string_append (html, sound ? "<audio" : "<video muted playsinline");
  g_string_append (html, " controls preload=\"metadata\"");
  csm_html_append_attribute (html, "src", exhibit->file);
  csm_html_append_attribute (html, "aria-label", exhibit->label);
  g_string_append (html, sound ? "></audio>" : "></video>");
}

void
csm_html_append_player (GString *html, const CsmDossierExhibit *exhibit)
{
  const char *hindrance = find_hindrance (exhibit);
  const bool sound =
      exhibit->info != NULL && csm_media_info_get_stream (exhibit->info, 'v', 0) == NULL;
  CsmReportShape shape;

  csm_report_get_shape (exhibit, 0, &shape);
  g_string_append_printf (html, "<div class=\"player%s\" role=\"group\"",
                          sound ? " sound" : "");
  csm_html_append_attribute (html, "aria-label", exhibit->label);
  g_string_append (html, " data-matrix=\"");
  append_matrix (html, &shape);
  g_string_append (html, "\">\n");
  if (hindrance != NULL)
    {
      g_string_append (html, "<p class=\"cannot\">");
      csm_html_append (html, hindrance);
      g_string_append_c (html, ' ');
      csm_html_append (html, _ ("The stills of its marks are shown instead."));
      g_string_append (html, "</p>");
    }
  g_string_append (html, "<div class=\"screen\"><div class=\"stage\">");
  if (hindrance == NULL)
    append_media (html, exhibit, sound);
  if (!sound)
    append_svg (html, &shape, NULL);
  g_string_append (html, "</div></div>\n");
  append_buttons (html, hindrance == NULL, sound);
  g_string_append (html, "<p class=\"readout\" role=\"status\"></p>"
                         "<p class=\"state\" role=\"status\"></p>\n");
  append_index (html, exhibit);
  g_string_append (html, "</div>\n");
}

/* Where @mark ends, for playing it: when the frame after it begins. */
static int64_t
get_end (const CsmDossierExhibit *exhibit, const CsmMark *mark)
{
  const CsmFrameIndex *index;

  if (mark->track < 0)
    return mark->to_pts < MAX_INTEGER ? mark->to_pts + 1 : mark->to_pts;
  index = csm_dossier_exhibit_get_index (exhibit, mark->track);
  if (index == NULL || mark->to < 0 || mark->to >= csm_frame_index_get_n_frames (index))
    return mark->to_pts;
  if (mark->to + 1 < csm_frame_index_get_n_frames (index))
    return get_pts (index, mark->to + 1);
  /* What the ledger says of the frame may be anything, and so may the file. */
  if (get_pts (index, mark->to) >= MAX_INTEGER)
    return get_pts (index, mark->to);
  return get_pts (index, mark->to) +
         CLAMP (csm_frame_index_get (index, mark->to)->duration, 0, MAX_INTEGER);
}

void
csm_html_append_place (GString *html,
                       const CsmDossierExhibit *exhibit,
                       const CsmDossierMark *mark)
{
  const CsmMark *row = mark->mark;

  g_string_append_printf (html,
                          " data-from=\"%" PRId64 "\" data-to=\"%" PRId64
                          "\" data-from-ticks=\"%" PRId64 "\" data-end-ticks=\"%" PRId64
                          "\" data-base=\"%d/%d\"",
                          row->from, row->to, row->from_pts, get_end (exhibit, row),
                          row->timebase.num, MAX (row->timebase.den, 1));
  if (row->track < 0)
    g_string_append (html, " data-sound");
  if (row->track > 0)
    g_string_append (html, " data-elsewhere");
  if (row->n_regions == 0)
    return;
  g_string_append (html, " data-regions=\"");
  for (int i = 0; i < row->n_regions; i++)
    {
      const CsmRect *rect = &row->regions[i].rect;

      g_string_append_printf (html, "%s%d,%d,%d,%d", i > 0 ? ";" : "", rect->x, rect->y,
                              rect->width, rect->height);
    }
  g_string_append_c (html, '"');
}

void
csm_html_append_words (GString *html)
{
  /* Translators: what stands in braces stays as it is */
  const char *const words[][2] = {
    { "run", _ ("Play") },
    { "pause", _ ("Pause") },
    { "frame", _ ("frame {frame} (the first is 0) of {count}, media time {time}") },
    { "exact", _ ("The browser says that this is the frame with this time stamp.") },
    { "unknown",
      _ ("This browser does not say which frame it shows: compare it with the still.") },
    { "other", _ ("This browser shows another frame here.") },
    { "track", _ ("This mark is on another video track than the one that browsers play.") },
    { "same", _ ("By its time stamp this frame cannot be told from the next.") },
    { "still", _ ("This is the still of the first frame of the mark.") },
    { "nostill", _ ("There is no still of it. See VERIFY.txt for how to decode it.") },
  };

  g_string_append_c (html, '{');
  for (size_t i = 0; i < G_N_ELEMENTS (words); i++)
    {
      g_string_append_printf (html, "%s\"%s\":", i > 0 ? "," : "", words[i][0]);
      csm_html_append_json (html, words[i][1]);
    }
  g_string_append_c (html, '}');
}
