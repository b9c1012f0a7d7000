/* csm-marks-csv.c: marks as a table that any spreadsheet opens
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-marks-csv.h"

#include <string.h>

#define HEADER                                                                             \
  "exhibit,file,sha256,track,from,to,from_time,to_time,code,text,x,y,width,height,author," \
  "time,entry,mark,from_pts,to_pts,timebase_num,timebase_den,region_frame\r\n"

/* What starts like this is run by spreadsheets, also behind white space or within quotes. An
 * apostrophe is guarded too, so that one at the front of a cell is always the guard. */
static bool
looks_like_formula (const char *text)
{
  static const char *const wide[] = { "＝", "＋", "－", "＠" };

  for (unsigned i = 0; i < G_N_ELEMENTS (wide); i++)
    if (g_str_has_prefix (text, wide[i]))
      return true;
  return *text != '\0' && strchr ("=+-@\t\r\n|%'", *text) != NULL;
}

static void
append_text (GString *csv, const char *text)
{
  const char *start = text != NULL ? text : "";
  const char *content = start + strspn (start, " ");
  bool guard = looks_like_formula (start) || looks_like_formula (content);

  if (!guard && strpbrk (start, ",\"\r\n") == NULL)
    {
      g_string_append (csv, start);
      g_string_append_c (csv, ',');
      return;
    }
  g_string_append_c (csv, '"');
  if (guard)
    g_string_append_c (csv, '\'');
  for (const char *p = start; *p != '\0'; p++)
    {
      if (*p == '"')
        g_string_append_c (csv, '"');
      g_string_append_c (csv, *p);
    }
  g_string_append (csv, "\",");
}

static void
append_media_time (GString *csv, int64_t pts, CsmTimebase timebase)
{
  g_autofree char *time = csm_ticks_format (pts, timebase);

  /* No guard: what is written here is ours, and a negative time is a time. */
  g_string_append_printf (csv, "%s,", time);
}

static void
append_pts (GString *csv, int64_t pts)
{
  if (pts != CSM_NO_PTS)
    g_string_append_printf (csv, "%" G_GINT64_FORMAT, pts);
  g_string_append_c (csv, ',');
}

static void
append_row (GString *csv,
            const CsmMark *mark,
            const CsmExhibit *exhibit,
            const CsmRegion *region)
{
  g_autofree char *time = csm_time_format (mark->time);
  char hex[CSM_DIGEST_HEX_SIZE] = "";
  char track[16];

  csm_track_format (mark->track, track);
  append_text (csv, mark->exhibit_number);
  append_text (csv, exhibit != NULL ? exhibit->name : "");
  if (exhibit != NULL)
    csm_digest_to_hex (&exhibit->sha256, hex);
  g_string_append_printf (csv, "%s,%s,%" G_GINT64_FORMAT ",%" G_GINT64_FORMAT ",", hex, track,
                          mark->from, mark->to);
  append_media_time (csv, mark->from_pts, mark->timebase);
  append_media_time (csv, mark->to_pts, mark->timebase);
  append_text (csv, mark->code);
  append_text (csv, mark->text);
  if (region != NULL)
    g_string_append_printf (csv, "%d,%d,%d,%d,", region->rect.x, region->rect.y,
                            region->rect.width, region->rect.height);
  else
    g_string_append (csv, ",,,,");
  append_text (csv, mark->author);
  csm_digest_to_hex (&mark->entry, hex);
  g_string_append_printf (csv, "%s,%s,%s,", time, hex, mark->id.hex);
  append_pts (csv, mark->from_pts);
  append_pts (csv, mark->to_pts);
  g_string_append_printf (csv, "%d,%d,", mark->timebase.num, mark->timebase.den);
  if (region != NULL)
    g_string_append_printf (csv, "%" G_GINT64_FORMAT, region->frame);
  g_string_append (csv, "\r\n");
}

GBytes *
csm_marks_csv_write (GPtrArray *marks, GPtrArray *exhibits)
{
  g_autoptr (GHashTable) by_id = g_hash_table_new (g_str_hash, g_str_equal);
  GString *csv = g_string_new (HEADER);

  for (unsigned i = 0; i < exhibits->len; i++)
    {
      CsmExhibit *exhibit = g_ptr_array_index (exhibits, i);

      g_hash_table_insert (by_id, exhibit->id.hex, exhibit);
    }
  for (unsigned i = 0; i < marks->len; i++)
    {
      const CsmMark *mark = g_ptr_array_index (marks, i);
      const CsmExhibit *exhibit = g_hash_table_lookup (by_id, mark->exhibit.hex);

      if (mark->n_regions <= 0)
        append_row (csv, mark, exhibit, NULL);
      for (int r = 0; r < mark->n_regions; r++)
        append_row (csv, mark, exhibit, &mark->regions[r]);
    }
  return g_string_free_to_bytes (csv);
}
