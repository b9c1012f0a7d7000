/* csm-view.c: ways to look at a frame that leave the frame as it is
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/csm-view.h"

#include "media/csm-error.h"

#include <string.h>

#define MAX_SIDE 65536
#define MAX_PIXELS (8192 * 8192)

typedef enum {
  KIND_HUNDREDTHS, /* said as a decimal number */
  KIND_WHOLE,
  KIND_SWITCH,
  KIND_WORD,
  KIND_RECT,
} Kind;

/* One number of a view. @words begin at the value 1. */
typedef struct
{
  const char *name;
  Kind kind;
  size_t offset;
  int min, max; /* 0 is always allowed */
  int neutral;  /* hundredths that 0 stands for */
  const char *const *words;
} Part;

static const char *const field_words[] = { "top", "bottom", NULL };
static const char *const channel_words[] = { "r", "g", "b", "y", "u", "v", NULL };
static const char *const turn_words[] = { "0", "90", "180", "270", NULL };

#define AT(member) G_STRUCT_OFFSET (CsmView, member)
static const Part parts[] = {
  { "deinterlace", KIND_SWITCH, AT (deinterlace), 0, 1, 0, NULL },
  { "field", KIND_WORD, AT (field), 0, CSM_VIEW_BOTTOM_FIELD, 0, field_words },
  { "denoise", KIND_WHOLE, AT (denoise), 0, 20, 0, NULL },
  { "stabilise", KIND_SWITCH, AT (stabilise), 0, 1, 0, NULL },
  { "brightness", KIND_HUNDREDTHS, AT (brightness), -100, 100, 0, NULL },
  { "contrast", KIND_HUNDREDTHS, AT (contrast), -100, 300, 100, NULL },
  { "gamma", KIND_HUNDREDTHS, AT (gamma), -90, 300, 100, NULL },
  { "sharpen", KIND_HUNDREDTHS, AT (sharpen), 0, 300, 0, NULL },
  { "grey", KIND_SWITCH, AT (grey), 0, 1, 0, NULL },
  { "channel", KIND_WORD, AT (channel), 0, CSM_VIEW_V, 0, channel_words },
  { "crop", KIND_RECT, AT (crop_x), 0, MAX_SIDE, 0, NULL },
  { "zoom", KIND_WHOLE, AT (zoom), 2, 8, 0, NULL },
  { "rotate", KIND_WORD, AT (turn), 0, CSM_VIEW_TURN_270, 0, turn_words },
};

static int32_t *
number_of (const CsmView *view, const Part *part)
{
  return &G_STRUCT_MEMBER (int32_t, (CsmView *) view, part->offset);
}

bool
csm_view_is_plain (const CsmView *self)
{
  return csm_view_is_equal (self, &(CsmView){ 0 });
}

bool
csm_view_is_equal (const CsmView *self, const CsmView *other)
{
  return memcmp (self, other, sizeof *self) == 0;
}

static bool
rect_is_sane (const CsmView *view)
{
  if (view->crop_width == 0 && view->crop_height == 0)
    return view->crop_x == 0 && view->crop_y == 0;
  return view->crop_x >= 0 && view->crop_y >= 0 && view->crop_width >= 1 &&
         view->crop_height >= 1 && view->crop_x <= MAX_SIDE && view->crop_y <= MAX_SIDE &&
         view->crop_width <= MAX_SIDE && view->crop_height <= MAX_SIDE;
}

static bool
part_is_sane (const CsmView *view, const Part *part)
{
  int32_t number = *number_of (view, part);

  if (part->kind == KIND_RECT)
    return rect_is_sane (view);
  return number == 0 || (number >= part->min && number <= part->max);
}

bool
csm_view_check (const CsmView *self)
{
  for (size_t i = 0; i < G_N_ELEMENTS (parts); i++)
    if (!part_is_sane (self, &parts[i]))
      return false;
  return self->field == CSM_VIEW_BOTH_FIELDS || self->deinterlace == 0;
}

CsmViewFit
csm_view_find_fit (const CsmView *self, int width, int height)
{
  int64_t zoom = MAX (self->zoom, 1);

  if (self->crop_x + self->crop_width > width || self->crop_y + self->crop_height > height)
    return CSM_VIEW_CROP_OUTSIDE;
  if (self->crop_width > 0)
    {
      width = self->crop_width;
      height = self->crop_height;
    }
  if (width * zoom > MAX_SIDE || height * zoom > MAX_SIDE ||
      width * zoom * height * zoom > MAX_PIXELS)
    return CSM_VIEW_TOO_LARGE;
  return CSM_VIEW_FITS;
}

/* ---- words ---- */

static char *
dup_hundredths (int number)
{
  return g_strdup_printf ("%s%d.%02d", number < 0 ? "-" : "", ABS (number) / 100,
                          ABS (number) % 100);
}

static char *
dup_bounds (const Part *part)
{
  g_autofree char *min = dup_hundredths (part->min + part->neutral);
  g_autofree char *max = dup_hundredths (part->max + part->neutral);
  g_autofree char *words = NULL;

  switch (part->kind)
    {
    case KIND_HUNDREDTHS:
      return g_strdup_printf ("%s=%s to %s", part->name, min, max);
    case KIND_WHOLE:
      return g_strdup_printf ("%s=%d to %d", part->name, MAX (part->min, 1), part->max);
    case KIND_WORD:
      words = g_strjoinv ("|", (char **) part->words);
      return g_strdup_printf ("%s=%s", part->name, words);
    case KIND_RECT:
      return g_strdup_printf ("%s=x:y:width:height", part->name);
    default:
      return g_strdup (part->name);
    }
}

char *
csm_view_describe_words (void)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autofree char *bounds = dup_bounds (&parts[i]);

      g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", bounds);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static bool
parse_whole (const char *text, int64_t *ret_number)
{
  if (*text == '\0' || strspn (text, "0123456789") != strlen (text))
    return false;
  return g_ascii_string_to_signed (text, 10, 0, MAX_SIDE, ret_number, NULL);
}

/* "-0.1", "2", "1.25": at most two places. */
static bool
parse_hundredths (const char *text, int64_t *ret_number)
{
  bool minus = *text == '-';
  g_auto (GStrv) halves = g_strsplit (text + minus, ".", 3);
  size_t places = halves[0] != NULL && halves[1] != NULL ? strlen (halves[1]) : 0;
  int64_t whole, rest = 0;

  if (halves[0] == NULL || !parse_whole (halves[0], &whole))
    return false;
  if (halves[1] != NULL && (halves[2] != NULL || places > 2 || !parse_whole (halves[1], &rest)))
    return false;
  *ret_number = whole * 100 + (places == 1 ? rest * 10 : rest);
  if (minus)
    *ret_number = -*ret_number;
  return true;
}

static bool
parse_word (const Part *part, const char *text, int64_t *ret_number)
{
  for (int i = 0; part->words[i] != NULL; i++)
    if (g_str_equal (part->words[i], text))
      {
        *ret_number = i + 1;
        return true;
      }
  return false;
}

static bool
parse_rect (const char *text, CsmView *view)
{
  int32_t *const sides[] = { &view->crop_x, &view->crop_y, &view->crop_width,
                             &view->crop_height };
  g_auto (GStrv) words = g_strsplit (text, ":", 5);

  if (g_strv_length (words) != 4)
    return false;
  for (int i = 0; i < 4; i++)
    {
      int64_t number;

      if (!parse_whole (words[i], &number))
        return false;
      *sides[i] = (int32_t) number;
    }
  return view->crop_width > 0 && view->crop_height > 0;
}

/* @value is NULL without "=". */
static bool
parse_value (const Part *part, const char *value, CsmView *view)
{
  int64_t number = 0;
  bool ok;

  if (part->kind == KIND_SWITCH)
    {
      *number_of (view, part) = 1;
      return value == NULL;
    }
  if (value == NULL)
    return false;
  if (part->kind == KIND_RECT)
    return parse_rect (value, view);
  ok = part->kind == KIND_HUNDREDTHS ? parse_hundredths (value, &number)
       : part->kind == KIND_WORD     ? parse_word (part, value, &number)
                                     : parse_whole (value, &number);
  number -= part->neutral;
  if (!ok || number < part->min || number > part->max)
    return false;
  *number_of (view, part) = (int32_t) number;
  return true;
}

static const Part *
find_part (const char *name)
{
  for (size_t i = 0; i < G_N_ELEMENTS (parts); i++)
    if (g_str_equal (parts[i].name, name))
      return &parts[i];
  return NULL;
}

static gboolean
parse_item (const char *item, CsmView *view, unsigned *seen, GError **error)
{
  g_auto (GStrv) halves = g_strsplit (item, "=", 2);
  const Part *part = halves[0] != NULL ? find_part (halves[0]) : NULL;
  g_autofree char *bounds = NULL;

  if (part == NULL)
    {
      g_autofree char *words = csm_view_describe_words ();

      g_set_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_UNSUPPORTED,
                   "“%s” is no view that is known; known are %s", item, words);
      return FALSE;
    }
  if ((*seen & 1u << (part - parts)) != 0)
    {
      g_set_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_UNSUPPORTED,
                   "“%s” is said twice; say it once", part->name);
      return FALSE;
    }
  *seen |= 1u << (part - parts);
  if (parse_value (part, halves[1], view))
    return TRUE;
  bounds = dup_bounds (part);
  g_set_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_UNSUPPORTED,
               "“%s” cannot be done; write %s", item, bounds);
  return FALSE;
}

gboolean
csm_view_parse (const char *text, CsmView *ret_view, GError **error)
{
  g_auto (GStrv) items = g_strsplit (text, ",", -1);
  CsmView view = { 0 };
  unsigned seen = 0;

  for (int i = 0; items[i] != NULL; i++)
    if (!parse_item (items[i], &view, &seen, error))
      return FALSE;
  if (!csm_view_check (&view))
    {
      g_set_error_literal (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_UNSUPPORTED,
                           "A single field cannot be deinterlaced; choose one of the two");
      return FALSE;
    }
  *ret_view = view;
  return TRUE;
}

static void
append_part (GString *text, const CsmView *view, const Part *part)
{
  int32_t number = *number_of (view, part);
  g_autofree char *decimal = dup_hundredths (number + part->neutral);

  if (part->kind == KIND_RECT ? view->crop_width == 0 : number == 0)
    return;
  g_string_append_printf (text, "%s%s", text->len > 0 ? "," : "", part->name);
  if (part->kind == KIND_RECT)
    g_string_append_printf (text, "=%d:%d:%d:%d", view->crop_x, view->crop_y, view->crop_width,
                            view->crop_height);
  else if (part->kind == KIND_WORD)
    g_string_append_printf (text, "=%s", part->words[number - 1]);
  else if (part->kind == KIND_WHOLE)
    g_string_append_printf (text, "=%d", number);
  else if (part->kind == KIND_HUNDREDTHS)
    g_string_append_printf (text, "=%s", decimal);
}

char *
csm_view_format (const CsmView *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  g_return_val_if_fail (csm_view_check (self), NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (parts); i++)
    append_part (text, self, &parts[i]);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* ---- time ---- */

void
csm_view_get_window (const CsmView *self,
                     int64_t ordinal,
                     int64_t n_frames,
                     int64_t *ret_first,
                     int64_t *ret_last)
{
  int64_t first = ordinal, last = ordinal;

  if (self->denoise > 0 || self->stabilise != 0)
    first = ordinal / CSM_VIEW_MEMORY * CSM_VIEW_MEMORY - CSM_VIEW_MEMORY;
  else if (self->deinterlace != 0)
    first = ordinal - 1;
  if (self->deinterlace != 0)
    last = ordinal + 1;
  *ret_first = MAX (first, 0);
  *ret_last = MIN (last, MAX (n_frames, 1) - 1);
}
