/* csm-annotations-vtt.c: marks as cues (WebVTT, W3C Candidate Recommendation 2019)
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-annotations.h"
#include "export/csm-media-clock.h"

#include <string.h>

/* Behind what is there: within a cue no line may be empty, nor hold "-->". */
static void
append_escaped (GString *vtt, const char *text)
{
  bool line_is_empty = vtt->str[vtt->len - 1] == '\n';

  for (const char *p = text;; p++)
    {
      const bool ends = *p == '\0' || *p == '\n' || *p == '\r';

      if (ends && line_is_empty)
        g_string_append (vtt, "&nbsp;");
      line_is_empty = ends;
      if (*p == '\0')
        return;
      if (*p == '\r' && p[1] == '\n')
        p++;
      if (ends)
        g_string_append_c (vtt, '\n');
      else if (*p == '&')
        g_string_append (vtt, "&amp;");
      else if (*p == '<')
        g_string_append (vtt, "&lt;");
      else if (*p == '>')
        g_string_append (vtt, "&gt;");
      else
        g_string_append_c (vtt, *p);
    }
}

static void
append_time (GString *vtt, int64_t ms)
{
  g_string_append_printf (vtt, "%02" G_GINT64_FORMAT ":%02d:%02d.%03d", ms / 3600000,
                          (int) (ms / 60000 % 60), (int) (ms / 1000 % 60), (int) (ms % 1000));
}

/* What a mark without text shows. */
static void
append_span (GString *vtt, const CsmMark *mark)
{
  g_string_append_printf (vtt,
                          mark->track < 0 ? "samples %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT
                                          : "frames %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
                          mark->from, mark->to);
}

/* A class ends at much, so that of a code that no codebook here would take only letters, digits
 * and hyphens stay. */
static void
append_class (GString *vtt, const char *code)
{
  g_string_append (vtt, "<c.");
  for (const char *p = code; *p != '\0'; p++)
    g_string_append_c (vtt, g_ascii_isalnum (*p) ? *p : '-');
  g_string_append_c (vtt, '>');
}

static void
append_payload (GString *vtt, const CsmDossierMark *mark)
{
  const CsmMark *record = mark->mark;
  g_autofree char *voice = g_strdup (record->author);
  const bool has_text = *record->text != '\0';

  g_strdelimit (voice, "\n\r", ' ');
  g_string_append (vtt, "<v ");
  append_escaped (vtt, voice);
  g_string_append_c (vtt, '>');
  if (record->code != NULL)
    {
      append_class (vtt, record->code);
      append_escaped (vtt, mark->code != NULL ? mark->code->label : record->code);
      g_string_append (vtt, has_text ? "</c>\n" : "</c>");
    }
  else if (!has_text)
    append_span (vtt, record);
  append_escaped (vtt, record->text);
  g_string_append_c (vtt, '\n');
}

static void
append_header (GString *vtt, const CsmDossierExhibit *exhibit)
{
  CsmTimebase timebase;
  const int64_t start = csm_media_clock_get_start (exhibit, &timebase);
  char hex[CSM_DIGEST_HEX_SIZE];

  csm_digest_to_hex (&exhibit->exhibit->sha256, hex);
  g_string_append_printf (vtt, "WEBVTT - Casement, marks in %s\n\nNOTE\nexhibit=%s sha256=%s",
                          exhibit->label, exhibit->label, hex);
  if (exhibit->file != NULL)
    g_string_append_printf (vtt, " file=../%s", exhibit->file);
  g_string_append_printf (vtt, " start=%" G_GINT64_FORMAT " start_timebase=%d/%d", start,
                          timebase.num, timebase.den);
  g_string_append (vtt,
                   "\nTimes are those that a player shows, rounded up to milliseconds. The\n"
                   "exact frames stand above each cue, which is named by its mark's id.\n");
}

GBytes *
csm_annotations_write_vtt (const CsmDossier *dossier, const CsmDossierExhibit *exhibit)
{
  g_autoptr (GArray) cues = csm_media_clock_list_cues (exhibit);
  GString *vtt;

  (void) dossier; /* what cues say is the exhibit's */
  if (cues->len == 0)
    return NULL;
  vtt = g_string_new (NULL);
  append_header (vtt, exhibit);
  for (unsigned i = 0; i < cues->len; i++)
    {
      const CsmCue *cue = &g_array_index (cues, CsmCue, i);
      const CsmMark *mark = cue->mark->mark;
      g_autofree char *exact = csm_media_clock_describe_mark (mark);

      g_string_append_printf (vtt, "\nNOTE mark=%s %s\n\n%s\n", mark->id.hex, exact,
                              mark->id.hex);
      append_time (vtt, cue->start);
      g_string_append (vtt, " --> ");
      append_time (vtt, cue->end);
      g_string_append_c (vtt, '\n');
      append_payload (vtt, cue->mark);
    }
  return g_string_free_to_bytes (vtt);
}
