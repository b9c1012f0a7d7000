/* csm-annotations-frames.c: the pictures that marks commit to, for those who decode them again
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-annotations.h"

#include <string.h>

#define HEADER "file\ttrack\tordinal\tpts\tsha256\tpixel_format\twidth\theight\tlibrary\n"

/* One frame of one exhibit. */
typedef struct
{
  int track;
  const CsmFrameCommit *commit;
} Frame;

static int
compare_frames (gconstpointer a, gconstpointer b)
{
  const Frame *first = a;
  const Frame *second = b;
  int order = memcmp (&first->commit->sha256, &second->commit->sha256, sizeof (CsmDigest));

  if (first->track != second->track)
    return first->track < second->track ? -1 : 1;
  if (first->commit->ordinal != second->commit->ordinal)
    return first->commit->ordinal < second->commit->ordinal ? -1 : 1;
  return order != 0 ? order : strcmp (first->commit->library, second->commit->library);
}

static GArray *
list_frames (const CsmDossierExhibit *exhibit)
{
  GArray *frames = g_array_new (FALSE, TRUE, sizeof (Frame));

  for (unsigned i = 0; i < exhibit->marks->len; i++)
    {
      const CsmDossierMark *mark = g_ptr_array_index (exhibit->marks, i);

      for (int f = 0; f < mark->n_frames; f++)
        {
          const Frame frame = { mark->mark->track, &mark->frames[f] };

          g_array_append_val (frames, frame);
        }
    }
  g_array_sort (frames, compare_frames);
  return frames;
}

/* What the ledger holds may be from anyone: a cell stays one. */
static void
append_cell (GString *table, const char *text)
{
  for (const char *p = text; *p != '\0'; p++)
    g_string_append_c (table, g_ascii_iscntrl (*p) ? '?' : *p);
  g_string_append_c (table, '\t');
}

static void
append_frame (GString *table, const char *file, const Frame *frame)
{
  const CsmFrameCommit *commit = frame->commit;
  char hex[CSM_DIGEST_HEX_SIZE];
  char track[16];

  csm_track_format (frame->track, track);
  csm_digest_to_hex (&commit->sha256, hex);
  if (file != NULL)
    g_string_append_printf (table, "data/%s", file);
  else
    g_string_append_c (table, '-');
  g_string_append_printf (table, "\t%s\t%" G_GINT64_FORMAT "\t", track, commit->ordinal);
  if (commit->pts != CSM_NO_PTS)
    g_string_append_printf (table, "%" G_GINT64_FORMAT "\t", commit->pts);
  else
    g_string_append (table, "-\t");
  g_string_append_printf (table, "%s\t", hex);
  append_cell (table, commit->pixel_format);
  g_string_append_printf (table, "%d\t%d\t", commit->width, commit->height);
  append_cell (table, commit->library);
  /* The tab behind the last cell ends the row. */
  table->str[table->len - 1] = '\n';
}

GBytes *
csm_annotations_write_frames (const CsmDossier *dossier)
{
  GString *table = g_string_new (HEADER);

  for (unsigned i = 0; i < dossier->exhibits->len; i++)
    {
      const CsmDossierExhibit *exhibit = g_ptr_array_index (dossier->exhibits, i);
      g_autoptr (GArray) frames = list_frames (exhibit);

      for (unsigned f = 0; f < frames->len; f++)
        if (f == 0 || compare_frames (&g_array_index (frames, Frame, f - 1),
                                      &g_array_index (frames, Frame, f)) != 0)
          append_frame (table, exhibit->file, &g_array_index (frames, Frame, f));
    }
  return g_string_free_to_bytes (table);
}
