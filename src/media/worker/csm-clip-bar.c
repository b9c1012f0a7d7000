/* csm-clip-bar.c: number and time of a frame, written below its picture
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/worker/csm-clip.h"

#include <libavutil/pixdesc.h>
#include <string.h>

#define LETTER_WIDTH 5
#define LETTER_HEIGHT 9 /* two of them below the line */
#define ADVANCE (LETTER_WIDTH + 1)
#define LINE (LETTER_HEIGHT + 3)
#define MARGIN 4
#define GAP 3 /* letters between two parts of the text */
#define N_PARTS 3
#define MAX_LINES 16
#define MAX_SCALE 16
#define NARROW 360 /* pixels, below which letters are not enlarged */

typedef struct
{
  char letter;
  uint8_t rows[LETTER_HEIGHT]; /* bit 4 is the leftmost */
} Glyph;

/* What csm_clip_bar_draw() writes, and no more. */
static const Glyph glyphs[] = {
  { '0', { 0x0e, 0x11, 0x13, 0x15, 0x19, 0x11, 0x0e, 0x00, 0x00 } },
  { '1', { 0x04, 0x0c, 0x04, 0x04, 0x04, 0x04, 0x0e, 0x00, 0x00 } },
  { '2', { 0x0e, 0x11, 0x01, 0x06, 0x08, 0x10, 0x1f, 0x00, 0x00 } },
  { '3', { 0x0e, 0x11, 0x01, 0x06, 0x01, 0x11, 0x0e, 0x00, 0x00 } },
  { '4', { 0x02, 0x06, 0x0a, 0x12, 0x1f, 0x02, 0x02, 0x00, 0x00 } },
  { '5', { 0x1f, 0x10, 0x1e, 0x01, 0x01, 0x11, 0x0e, 0x00, 0x00 } },
  { '6', { 0x06, 0x08, 0x10, 0x1e, 0x11, 0x11, 0x0e, 0x00, 0x00 } },
  { '7', { 0x1f, 0x01, 0x02, 0x04, 0x08, 0x08, 0x08, 0x00, 0x00 } },
  { '8', { 0x0e, 0x11, 0x11, 0x0e, 0x11, 0x11, 0x0e, 0x00, 0x00 } },
  { '9', { 0x0e, 0x11, 0x11, 0x0f, 0x01, 0x02, 0x0c, 0x00, 0x00 } },
  { 'a', { 0x00, 0x00, 0x0e, 0x01, 0x0f, 0x11, 0x0f, 0x00, 0x00 } },
  { 'd', { 0x01, 0x01, 0x0f, 0x11, 0x11, 0x11, 0x0f, 0x00, 0x00 } },
  { 'e', { 0x00, 0x00, 0x0e, 0x11, 0x1f, 0x10, 0x0e, 0x00, 0x00 } },
  { 'f', { 0x06, 0x09, 0x08, 0x1c, 0x08, 0x08, 0x08, 0x00, 0x00 } },
  { 'h', { 0x10, 0x10, 0x1e, 0x11, 0x11, 0x11, 0x11, 0x00, 0x00 } },
  { 'i', { 0x04, 0x00, 0x0c, 0x04, 0x04, 0x04, 0x0e, 0x00, 0x00 } },
  { 'm', { 0x00, 0x00, 0x1a, 0x15, 0x15, 0x15, 0x15, 0x00, 0x00 } },
  { 'o', { 0x00, 0x00, 0x0e, 0x11, 0x11, 0x11, 0x0e, 0x00, 0x00 } },
  { 'p', { 0x00, 0x00, 0x1e, 0x11, 0x11, 0x11, 0x1e, 0x10, 0x10 } },
  { 'r', { 0x00, 0x00, 0x16, 0x19, 0x10, 0x10, 0x10, 0x00, 0x00 } },
  { 's', { 0x00, 0x00, 0x0f, 0x10, 0x0e, 0x01, 0x1e, 0x00, 0x00 } },
  { 't', { 0x08, 0x08, 0x1e, 0x08, 0x08, 0x09, 0x06, 0x00, 0x00 } },
  { '(', { 0x02, 0x04, 0x08, 0x08, 0x08, 0x04, 0x02, 0x00, 0x00 } },
  { ')', { 0x08, 0x04, 0x02, 0x02, 0x02, 0x04, 0x08, 0x00, 0x00 } },
  { ':', { 0x00, 0x0c, 0x0c, 0x00, 0x0c, 0x0c, 0x00, 0x00, 0x00 } },
  { '.', { 0x00, 0x00, 0x00, 0x00, 0x00, 0x0c, 0x0c, 0x00, 0x00 } },
  { '-', { 0x00, 0x00, 0x00, 0x1f, 0x00, 0x00, 0x00, 0x00, 0x00 } },
  { '/', { 0x01, 0x01, 0x02, 0x04, 0x08, 0x10, 0x10, 0x00, 0x00 } },
  { ',', { 0x00, 0x00, 0x00, 0x00, 0x00, 0x0c, 0x0c, 0x04, 0x08 } },
};

static const uint8_t *
find_rows (char letter)
{
  static const uint8_t blank[LETTER_HEIGHT];

  for (size_t i = 0; i < G_N_ELEMENTS (glyphs); i++)
    if (glyphs[i].letter == letter)
      return glyphs[i].rows;
  return blank;
}

/* ---- the text ---- */

/* (transfer full): lines that fit @columns letters as well as they can, joined by newlines. */
static char *
make_text (CsmFrameIndex *index, int64_t ordinal, int columns)
{
  const CsmFrameEntry *entry = csm_frame_index_get (index, ordinal);
  CsmTimebase timebase = csm_frame_index_get_timebase (index);
  g_autofree char *time = csm_ticks_format (entry->pts, timebase);
  g_autofree char *pts = entry->pts == CSM_NO_PTS
                             ? g_strdup ("-")
                             : g_strdup_printf ("%" G_GINT64_FORMAT, entry->pts);
  g_autofree char *parts[N_PARTS] = {
    g_strdup_printf ("frame %" G_GINT64_FORMAT " (the first is 0) of %" G_GINT64_FORMAT,
                     ordinal, csm_frame_index_get_n_frames (index)),
    g_strdup_printf ("media time %s", time),
    g_strdup_printf ("pts %s (%d/%d s)", pts, timebase.num, timebase.den),
  };
  GString *text = g_string_new (NULL);
  int used = 0;

  for (int i = 0; i < N_PARTS; i++)
    {
      g_auto (GStrv) words = g_strsplit (parts[i], " ", -1);
      bool whole = (int) strlen (parts[i]) <= columns;

      for (char **word = words; *word != NULL; word++)
        {
          int gap = word == words ? GAP : 1;
          int size = (int) strlen (word == words && whole ? parts[i] : *word);

          if (used > 0 && used + gap + size > columns && !(whole && word != words))
            {
              g_string_append_c (text, '\n');
              used = 0;
            }
          if (used > 0)
            {
              g_string_append_printf (text, "%*s", gap, "");
              used += gap;
            }
          g_string_append (text, *word);
          used += (int) strlen (*word);
        }
    }
  return g_string_free (text, FALSE);
}

static int
count_columns (int width, int scale)
{
  return MAX ((width - 2 * MARGIN * scale + scale) / (ADVANCE * scale), 1);
}

static int
count_lines (CsmFrameIndex *index, int64_t ordinal, int columns)
{
  g_autofree char *text = make_text (index, ordinal, columns);
  int n = 1;

  for (const char *at = text; *at != '\0'; at++)
    n += *at == '\n';
  return MIN (n, MAX_LINES);
}

CsmClipBar
csm_clip_bar_new (int width, CsmFrameIndex *index, int64_t first, int64_t last)
{
  CsmClipBar self = { .width = width,
                      .scale = CLAMP ((width + 200) / 400, width < NARROW ? 1 : 2, MAX_SCALE) };
  int columns = count_columns (width, self.scale);
  int n_lines;

  /* The longest text is one of the ends', but for a sign or a frame without a time. */
  n_lines = MAX (count_lines (index, first, columns), count_lines (index, last, columns));
  self.height = (n_lines * LINE + 2 * MARGIN - 3) * self.scale;
  self.height += self.height % 2;
  return self;
}

/* ---- drawing ---- */

/* Samples of black and white in component @c. */
static void
find_levels (const AVPixFmtDescriptor *format,
             int c,
             bool full,
             uint16_t *black,
             uint16_t *white)
{
  int depth = format->comp[c].depth;
  uint16_t most = (uint16_t) ((1 << depth) - 1);
  bool alpha = (format->flags & AV_PIX_FMT_FLAG_ALPHA) != 0 && c == format->nb_components - 1;
  bool chroma = (format->flags & AV_PIX_FMT_FLAG_RGB) == 0 && format->nb_components >= 3 &&
                (c == 1 || c == 2);

  *black = 0;
  *white = most;
  if (alpha)
    *black = most;
  else if (chroma)
    *black = *white = (uint16_t) (1 << (depth - 1));
  else if (!full && (format->flags & AV_PIX_FMT_FLAG_RGB) == 0)
    {
      *black = (uint16_t) (16 << (depth - 8));
      *white = (uint16_t) (235 << (depth - 8));
    }
}

/* Line @line of @text, letters only. */
static const char *
find_line (const char *text, int line, int *ret_length)
{
  const char *end;

  for (; line > 0 && text != NULL; line--)
    {
      text = strchr (text, '\n');
      text = text != NULL ? text + 1 : NULL;
    }
  if (text == NULL)
    return NULL;
  end = strchr (text, '\n');
  *ret_length = end != NULL ? (int) (end - text) : (int) strlen (text);
  return text;
}

/* Which pixels of row @y of the bar are white. */
static void
draw_row (const CsmClipBar *self, const char *text, int y, uint8_t *lit)
{
  int row = y / self->scale - MARGIN;
  const char *line;
  int length = 0;

  memset (lit, 0, (size_t) self->width);
  if (row < 0 || row % LINE >= LETTER_HEIGHT)
    return;
  line = find_line (text, row / LINE, &length);
  for (int i = 0; line != NULL && i < length; i++)
    {
      uint8_t bits = find_rows (line[i])[row % LINE];

      for (int x = 0; x < LETTER_WIDTH * self->scale; x++)
        {
          int at = (MARGIN + i * ADVANCE) * self->scale + x;

          if (at < self->width && (bits >> (LETTER_WIDTH - 1 - x / self->scale) & 1) != 0)
            lit[at] = 1;
        }
    }
}

static void
draw_component (const CsmClipBar *self,
                AVFrame *picture,
                int c,
                int top,
                bool full,
                const char *text)
{
  const AVPixFmtDescriptor *format = av_pix_fmt_desc_get (picture->format);
  bool chroma = (c == 1 || c == 2) && (format->flags & AV_PIX_FMT_FLAG_RGB) == 0 &&
                format->nb_components >= 3;
  int shift_x = chroma ? format->log2_chroma_w : 0;
  int shift_y = chroma ? format->log2_chroma_h : 0;
  int width = AV_CEIL_RSHIFT (picture->width, shift_x);
  int height = AV_CEIL_RSHIFT (picture->height, shift_y);
  g_autofree uint8_t *lit = g_malloc0 ((size_t) MAX (picture->width, self->width));
  g_autofree uint16_t *line = g_new0 (uint16_t, picture->width);
  uint16_t black, white;

  find_levels (format, c, full, &black, &white);
  /* A chroma row that the picture's last row shares with the bar is the picture's. */
  for (int y = AV_CEIL_RSHIFT (top, shift_y); y < height; y++)
    {
      if (!chroma)
        draw_row (self, text, y - top, lit);
      for (int x = 0; x < width; x++)
        line[x] = !chroma && lit[x] != 0 ? white : black;
      av_write_image_line (line, picture->data, picture->linesize, format, 0, y, c, width);
    }
}

void
csm_clip_bar_draw (const CsmClipBar *self,
                   AVFrame *picture,
                   int top,
                   bool full,
                   CsmFrameIndex *index,
                   int64_t ordinal)
{
  const AVPixFmtDescriptor *format = av_pix_fmt_desc_get (picture->format);
  g_autofree char *text = make_text (index, ordinal, count_columns (self->width, self->scale));

  for (int c = 0; c < format->nb_components; c++)
    draw_component (self, picture, c, top, full, text);
}
