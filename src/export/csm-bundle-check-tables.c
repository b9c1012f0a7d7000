/* csm-bundle-check-tables.c: a bundle's tables of marks against bundle.json
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-bundle-check-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

#define WEB "data/annotations.jsonld"
#define CSV "data/marks.csv"
#define FRAMES "data/marked-frames.tsv"
#define MAX_TABLE_SIZE (512 * 1024 * 1024)
#define MAX_COLUMNS 256
/* Of this version; later ones have more behind them. */
#define CSV_COLUMNS                                                                        \
  "exhibit,file,sha256,track,from,to,from_time,to_time,code,text,x,y,width,height,author," \
  "time,entry,mark,from_pts,to_pts,timebase_num,timebase_den,region_frame"
#define FRAMES_COLUMNS "file\ttrack\tordinal\tpts\tsha256\tpixel_format\twidth\theight\tlibrary"

void
csm_checked_table_say_row (CsmCheckedTable *self, int64_t number, const char *what)
{
  if (!self->broken) /* the first is enough: the rest may follow from it */
    csm_bundle_say (self->check, CSM_FINDING_BROKEN, self->path,
                    /* Translators: which row of a table, from 1, and what of it differs */
                    _ ("row %" PRId64 " says other than bundle.json: %s"), number, what);
  self->broken = true;
}

void
csm_checked_table_say (CsmCheckedTable *self, const char *what)
{
  if (!self->broken)
    csm_bundle_say (self->check, CSM_FINDING_BROKEN, self->path, "%s", what);
  self->broken = true;
}

bool
csm_bundle_same_text (const json_t *json, const char *key, const char *text)
{
  const char *said = csm_json_get_string (json, key);

  return strcmp (said != NULL ? said : "", text != NULL ? text : "") == 0;
}

static bool
same_number (const json_t *json, const char *key, const char *text)
{
  int64_t said, value;

  return csm_json_get_int (json, key, &said) && text != NULL &&
         g_ascii_string_to_signed (text, 10, INT64_MIN, INT64_MAX, &value, NULL) &&
         value == said;
}

const char *
csm_bundle_find_label (const CsmBundleCheck *check, const CsmCheckedMark *mark)
{
  const json_t *reviewers = csm_json_get_array (check->bundle, "reviewers");
  const char *key = csm_json_get_string (mark->json, "reviewer");

  for (size_t i = 0; key != NULL && i < json_array_size (reviewers); i++)
    {
      const json_t *reviewer = json_array_get (reviewers, i);
      const char *label = csm_json_get_string (reviewer, "label");

      if (label != NULL && g_strcmp0 (csm_json_get_string (reviewer, "key"), key) == 0)
        return label;
    }
  return "";
}

/* ---- Rows ---- */

typedef struct
{
  GPtrArray *columns; /* of char *: the first row */
  GPtrArray *cells;   /* of char *: this one */
} Rows;

static void
rows_clear (Rows *self)
{
  g_clear_pointer (&self->columns, g_ptr_array_unref);
  g_clear_pointer (&self->cells, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Rows, rows_clear)

/* (nullable): of a column that the table does not have. */
static const char *
get_cell (const Rows *self, const char *column)
{
  for (guint i = 0; i < self->columns->len && i < self->cells->len; i++)
    if (strcmp (self->columns->pdata[i], column) == 0)
      return self->cells->pdata[i];
  return NULL;
}

/* The columns are those, and no other has the name of one of them. */
static void
check_columns (CsmCheckedTable *self,
               const Rows *rows,
               const char *columns,
               const char *between)
{
  g_auto (GStrv) names = g_strsplit (columns, between, -1);
  const guint n = g_strv_length (names);
  bool same = rows->columns != NULL && rows->columns->len >= n;

  for (guint i = 0; same && i < rows->columns->len; i++)
    same = i < n ? strcmp (rows->columns->pdata[i], names[i]) == 0
                 : !g_strv_contains ((const char *const *) names, rows->columns->pdata[i]);
  if (!same)
    csm_checked_table_say (self, _ ("has other columns"));
}

/* The next cell of RFC 4180; *@ret_last: it ends its row. (transfer full) (nullable) */
static char *
next_cell (const char **at, bool *ret_last)
{
  GString *cell = g_string_new (NULL);
  const char *c = *at;

  if (*c == '"')
    for (c++; *c != '\0'; c++)
      {
        if (*c == '"' && *++c != '"')
          break;
        g_string_append_c (cell, *c);
      }
  for (; *c != '\0' && *c != ',' && *c != '\r' && *c != '\n'; c++)
    g_string_append_c (cell, *c);
  *ret_last = *c != ',';
  if (*c == '\r' && c[1] == '\n')
    c++;
  *at = *c != '\0' ? c + 1 : c;
  return g_string_free (cell, FALSE);
}

/* (transfer full) (nullable): NULL at the end. */
static GPtrArray *
next_csv_row (const char **at)
{
  GPtrArray *row;
  bool last = false;

  if (**at == '\0')
    return NULL;
  row = g_ptr_array_new_with_free_func (g_free);
  while (!last && row->len < MAX_COLUMNS)
    g_ptr_array_add (row, next_cell (at, &last));
  return row;
}

static GPtrArray *
next_tsv_row (const char **at)
{
  const char *end = strchr (*at, '\n');
  g_autofree char *line = NULL;
  g_auto (GStrv) parts = NULL;
  GPtrArray *row;

  if (**at == '\0')
    return NULL;
  line = end != NULL ? g_strndup (*at, (gsize) (end - *at)) : g_strdup (*at);
  *at = end != NULL ? end + 1 : *at + strlen (*at);
  parts = g_strsplit (line, "\t", MAX_COLUMNS);
  row = g_ptr_array_new_with_free_func (g_free);
  for (int i = 0; parts[i] != NULL; i++)
    g_ptr_array_add (row, g_strdup (parts[i]));
  return row;
}

/* (transfer full) (nullable): a table as text. */
static char *
read_text (CsmCheckedTable *self)
{
  g_autoptr (GBytes) bytes = csm_bundle_read (self->check, self->path, MAX_TABLE_SIZE);
  gsize size;
  const char *data = bytes != NULL ? g_bytes_get_data (bytes, &size) : NULL;

  if (data == NULL)
    return NULL;
  if (g_utf8_validate (data, (gssize) size, NULL))
    return g_strndup (data, size);
  csm_checked_table_say (self, _ ("is no text"));
  return NULL;
}

/* ---- marks.csv ---- */

/* The apostrophe keeps a spreadsheet from running the text. */
static const char *
unguard (const char *cell)
{
  if (cell == NULL)
    return "";
  return *cell == '\'' ? cell + 1 : cell;
}

static const char *
compare_csv_region (const Rows *rows, const json_t *regions, int64_t row)
{
  const json_t *region = json_array_get (regions, (size_t) row);
  static const char *const keys[][2] = { { "x", "x" },
                                         { "y", "y" },
                                         { "width", "width" },
                                         { "height", "height" },
                                         { "frame", "region_frame" } };

  for (size_t i = 0; i < G_N_ELEMENTS (keys); i++)
    if (region != NULL ? !same_number (region, keys[i][0], get_cell (rows, keys[i][1]))
                       : g_strcmp0 (get_cell (rows, keys[i][1]), "") != 0)
      return _ ("the regions");
  return NULL;
}

/* "00:00:01.500", as the window shows it. */
static bool
same_media_time (const json_t *mark, const char *key, CsmTimebase timebase, const char *cell)
{
  int64_t pts = CSM_NO_PTS;
  g_autofree char *time = NULL;

  (void) csm_json_get_decimal (mark, key, &pts); /* null: none */
  if (pts != CSM_NO_PTS && (timebase.num <= 0 || timebase.den <= 0))
    return false;
  time = csm_ticks_format (pts, timebase);
  return g_strcmp0 (time, cell) == 0;
}

static bool
same_csv_times (const Rows *rows, const json_t *mark)
{
  const json_t *pair = csm_json_get_array (mark, "timebase");
  const json_int_t num = json_integer_value (json_array_get (pair, 0));
  const json_int_t den = json_integer_value (json_array_get (pair, 1));
  g_autofree char *num_text = g_strdup_printf ("%" JSON_INTEGER_FORMAT, num);
  g_autofree char *den_text = g_strdup_printf ("%" JSON_INTEGER_FORMAT, den);
  const CsmTimebase timebase = { (int) num, (int) den };

  return num >= 0 && num <= INT_MAX && den >= 0 && den <= INT_MAX &&
         g_strcmp0 (num_text, get_cell (rows, "timebase_num")) == 0 &&
         g_strcmp0 (den_text, get_cell (rows, "timebase_den")) == 0 &&
         csm_bundle_same_text (mark, "from_pts", get_cell (rows, "from_pts")) &&
         csm_bundle_same_text (mark, "to_pts", get_cell (rows, "to_pts")) &&
         same_media_time (mark, "from_pts", timebase, get_cell (rows, "from_time")) &&
         same_media_time (mark, "to_pts", timebase, get_cell (rows, "to_time"));
}

static bool
same_csv_exhibit (const Rows *rows, const json_t *exhibit)
{
  return csm_bundle_same_text (exhibit, "number", unguard (get_cell (rows, "exhibit"))) &&
         csm_bundle_same_text (exhibit, "name", unguard (get_cell (rows, "file"))) &&
         csm_bundle_same_text (exhibit, "sha256", get_cell (rows, "sha256"));
}

/* NULL, or what differs. */
static const char *
compare_csv_row (CsmCheckedTable *self, const Rows *rows)
{
  const char *id = get_cell (rows, "mark");
  CsmCheckedMark *mark = id != NULL ? g_hash_table_lookup (self->check->marks_by_id, id) : NULL;
  int64_t row;

  if (mark == NULL)
    return _ ("the mark that it is about");
  row = GPOINTER_TO_SIZE (g_hash_table_lookup (self->seen, mark));
  g_hash_table_insert (self->seen, mark, GSIZE_TO_POINTER (row + 1));
  if (!same_csv_exhibit (rows, mark->exhibit->json))
    return _ ("the exhibit");
  if (!csm_bundle_same_text (mark->json, "track", get_cell (rows, "track")) ||
      !same_number (mark->json, "from", get_cell (rows, "from")) ||
      !same_number (mark->json, "to", get_cell (rows, "to")))
    return _ ("the frames that it spans");
  if (!same_csv_times (rows, mark->json))
    return _ ("the time stamps of its frames");
  if (!csm_bundle_same_text (mark->json, "entry", get_cell (rows, "entry")))
    return _ ("the entry");
  if (!csm_bundle_same_text (mark->json, "time", get_cell (rows, "time")))
    return _ ("the time");
  if (strcmp (csm_bundle_find_label (self->check, mark), unguard (get_cell (rows, "author"))) !=
      0)
    return _ ("the reviewer");
  if (!csm_bundle_same_text (mark->json, "code", unguard (get_cell (rows, "code"))))
    return _ ("the code");
  if (!csm_bundle_same_text (mark->json, "text", unguard (get_cell (rows, "text"))))
    return _ ("the text");
  return compare_csv_region (rows, csm_json_get_array (mark->json, "regions"), row);
}

/* Each mark has a row for each region, or one. */
static bool
has_all_rows (const CsmCheckedTable *self)
{
  GHashTableIter iter;
  gpointer mark;

  g_hash_table_iter_init (&iter, self->check->marks_by_id);
  while (g_hash_table_iter_next (&iter, NULL, &mark))
    {
      const json_t *regions = csm_json_get_array (((CsmCheckedMark *) mark)->json, "regions");
      const size_t rows = MAX (json_array_size (regions), 1);

      if (GPOINTER_TO_SIZE (g_hash_table_lookup (self->seen, mark)) != rows)
        return false;
    }
  return true;
}

static void
check_csv (CsmCheckedTable *self)
{
  g_autofree char *text = read_text (self);
  g_auto (Rows) rows = { NULL, NULL };
  const char *at = text;

  if (text == NULL)
    return;
  rows.columns = next_csv_row (&at);
  check_columns (self, &rows, CSV_COLUMNS, ",");
  for (int64_t number = 1; rows.columns != NULL && (rows.cells = next_csv_row (&at)) != NULL;
       number++)
    {
      const char *differs = compare_csv_row (self, &rows);

      if (differs != NULL)
        csm_checked_table_say_row (self, number, differs);
      g_clear_pointer (&rows.cells, g_ptr_array_unref);
    }
  if (!has_all_rows (self))
    csm_checked_table_say (self, _ ("has not the rows that bundle.json asks for"));
}

/* ---- marked-frames.tsv ---- */

static bool
same_pts_cell (const json_t *frame, const char *cell)
{
  const char *pts = csm_json_get_string (frame, "pts");

  return g_strcmp0 (pts != NULL ? pts : "-", cell) == 0;
}

/* A cell has '?' for what would end it. */
static bool
same_plain_text (const json_t *frame, const char *key, const char *cell)
{
  const char *said = csm_json_get_string (frame, key);
  g_autofree char *plain = g_strdup (said != NULL ? said : "");

  for (char *c = plain; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c))
      *c = '?';
  return g_strcmp0 (plain, cell) == 0;
}

/* Beside its file, its track and its ordinal, by which it was found. */
static bool
same_frame_row (const Rows *rows, const json_t *frame)
{
  return same_plain_text (frame, "pixel_format", get_cell (rows, "pixel_format")) &&
         same_plain_text (frame, "library", get_cell (rows, "library")) &&
         same_pts_cell (frame, get_cell (rows, "pts")) &&
         csm_bundle_same_text (frame, "sha256", get_cell (rows, "sha256")) &&
         same_number (frame, "width", get_cell (rows, "width")) &&
         same_number (frame, "height", get_cell (rows, "height"));
}

/* (transfer full): one picture of a file, whichever marks commit to it. */
static char *
frame_key (const char *file, const char *track, int64_t ordinal)
{
  return g_strdup_printf ("%s\t%s\t%" PRId64, file, track, ordinal);
}

typedef struct
{
  const json_t *frame;
  bool seen;
} Wanted;

/* (transfer full): "file, track, ordinal": array of Wanted. */
static GHashTable *
list_wanted (const CsmBundleCheck *check)
{
  GHashTable *wanted =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_array_unref);

  for (guint i = 0; i < check->exhibits->len; i++)
    {
      const CsmCheckedExhibit *exhibit = check->exhibits->pdata[i];

      for (guint k = 0; k < exhibit->marks->len; k++)
        {
          const CsmCheckedMark *mark = exhibit->marks->pdata[k];
          const json_t *frames = csm_json_get_array (mark->json, "frames");
          const char *track = csm_json_get_string (mark->json, "track");

          for (size_t f = 0; track != NULL && f < json_array_size (frames); f++)
            {
              const Wanted one = { json_array_get (frames, f), false };
              int64_t ordinal = -1;
              g_autofree char *key = NULL;
              GArray *list;

              (void) csm_json_get_int (one.frame, "ordinal",
                                       &ordinal); /* -1 is found missing */
              key = frame_key (exhibit->file != NULL ? exhibit->file : "-", track, ordinal);
              list = g_hash_table_lookup (wanted, key);
              if (list == NULL)
                {
                  list = g_array_new (FALSE, FALSE, sizeof (Wanted));
                  g_hash_table_insert (wanted, g_steal_pointer (&key), list);
                }
              g_array_append_val (list, one);
            }
        }
    }
  return wanted;
}

static const char *
compare_frame_row (const Rows *rows, GHashTable *wanted)
{
  const char *file = get_cell (rows, "file");
  const char *track = get_cell (rows, "track");
  const char *ordinal = get_cell (rows, "ordinal");
  g_autofree char *key = NULL;
  GArray *list;
  bool found = false;

  if (file == NULL || track == NULL || ordinal == NULL)
    return _ ("the frame");
  key = g_strdup_printf ("%s\t%s\t%s", file, track, ordinal);
  list = g_hash_table_lookup (wanted, key);
  for (guint i = 0; list != NULL && i < list->len; i++)
    {
      Wanted *one = &g_array_index (list, Wanted, i);

      if (!same_frame_row (rows, one->frame))
        continue;
      one->seen = true;
      found = true;
    }
  if (list == NULL)
    return _ ("the frame");
  return found ? NULL : _ ("the hash, the time stamp or the form of the frame");
}

static bool
has_all_frames (GHashTable *wanted)
{
  GHashTableIter iter;
  gpointer list;

  g_hash_table_iter_init (&iter, wanted);
  while (g_hash_table_iter_next (&iter, NULL, &list))
    for (guint i = 0; i < ((GArray *) list)->len; i++)
      if (!g_array_index ((GArray *) list, Wanted, i).seen)
        return false;
  return true;
}

static void
check_frames (CsmCheckedTable *self)
{
  g_autofree char *text = read_text (self);
  g_autoptr (GHashTable) wanted = list_wanted (self->check);
  g_auto (Rows) rows = { NULL, NULL };
  const char *at = text;

  if (text == NULL)
    return;
  rows.columns = next_tsv_row (&at);
  check_columns (self, &rows, FRAMES_COLUMNS, "\t");
  for (int64_t number = 1; rows.columns != NULL && (rows.cells = next_tsv_row (&at)) != NULL;
       number++)
    {
      const char *differs = compare_frame_row (&rows, wanted);

      if (differs != NULL)
        csm_checked_table_say_row (self, number, differs);
      g_clear_pointer (&rows.cells, g_ptr_array_unref);
    }
  if (!has_all_frames (wanted))
    csm_checked_table_say (self, _ ("has not the frames that bundle.json asks for"));
}

/* ---- All of them ---- */

void
csm_bundle_check_tables (CsmBundleCheck *self)
{
  static const struct
  {
    const char *path;
    void (*check) (CsmCheckedTable *table);
  } tables[] = { { WEB, csm_bundle_check_web }, { CSV, check_csv }, { FRAMES, check_frames } };

  for (size_t i = 0; i < G_N_ELEMENTS (tables); i++)
    {
      g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
      CsmCheckedTable table = { .check = self, .path = tables[i].path, .seen = seen };
      const bool held = self->holds;

      self->holds = true;
      if (csm_bag_folder_find (self->folder, tables[i].path) == NULL)
        csm_bundle_say (self, CSM_FINDING_BROKEN, tables[i].path, _ ("is missing"));
      else
        tables[i].check (&table);
      if (self->holds)
        csm_bundle_say (self, CSM_FINDING_HOLDS, tables[i].path,
                        _ ("says of the marks what bundle.json says"));
      self->holds = self->holds && held;
    }
}
