/* csm-annotations-eaf.c: marks as tiers (ELAN Annotation Format 3.0)
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-annotations.h"
#include "export/csm-media-clock.h"

#define ROOT                                                                             \
  "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"                                         \
  "<ANNOTATION_DOCUMENT AUTHOR=\"Casement\" DATE=\"%s\" FORMAT=\"3.0\" VERSION=\"3.0\" " \
  "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "                             \
  "xsi:noNamespaceSchemaLocation=\"http://www.mpi.nl/tools/elan/EAFv3.0.xsd\">\n"
#define TYPES                                                                             \
  "  <LINGUISTIC_TYPE GRAPHIC_REFERENCES=\"false\" LINGUISTIC_TYPE_ID=\"mark\" "          \
  "TIME_ALIGNABLE=\"true\"/>\n"                                                           \
  "  <LINGUISTIC_TYPE CONSTRAINTS=\"Symbolic_Association\" GRAPHIC_REFERENCES=\"false\" " \
  "LINGUISTIC_TYPE_ID=\"of-mark\" TIME_ALIGNABLE=\"false\"/>\n"                           \
  "  <CONSTRAINT DESCRIPTION=\"1-1 association with a parent annotation\" "               \
  "STEREOTYPE=\"Symbolic_Association\"/>\n"                                               \
  "</ANNOTATION_DOCUMENT>\n"

/* What is said of a mark below it. */
typedef enum {
  CHILD_ID,
  CHILD_TICKS,
  CHILD_CODE,
  N_CHILDREN,
} Child;

static const char *const child_names[] = { "id", "ticks", "code" };

typedef struct
{
  GString *out;
  GArray *cues;    /* of CsmCue */
  unsigned *slots; /* two for each cue: numbers of its start and its end */
  unsigned *ids;   /* for each cue: the number of its annotation */
  unsigned n_annotations;
} Writer;

/* What XML 1.0 cannot say at all, even escaped, becomes U+FFFD. */
static void
append_escaped (GString *out, const char *text)
{
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      const gunichar c = g_utf8_get_char (p);

      if (c == '&')
        g_string_append (out, "&amp;");
      else if (c == '<')
        g_string_append (out, "&lt;");
      else if (c == '>')
        g_string_append (out, "&gt;");
      else if (c == '"')
        g_string_append (out, "&quot;");
      else if (c == '\r' || c == '\n' || c == '\t')
        g_string_append_printf (out, "&#%u;", c);
      else if (c < ' ' || c == 0xfffe || c == 0xffff)
        g_string_append_unichar (out, 0xfffd);
      else
        g_string_append_unichar (out, c);
    }
}

/* --- header --- */

/* Nothing that differs between two bundles of the same marks. */
static CsmTime
get_date (const CsmDossierExhibit *exhibit)
{
  CsmTime latest = exhibit->exhibit->added;

  for (unsigned i = 0; i < exhibit->marks->len; i++)
    {
      const CsmDossierMark *mark = g_ptr_array_index (exhibit->marks, i);

      latest = MAX (latest, mark->mark->time);
    }
  return latest;
}

static void
append_header (Writer *self, const CsmDossierExhibit *exhibit, unsigned n_annotations)
{
  g_autofree char *date = csm_time_format (get_date (exhibit));
  CsmTimebase timebase;
  const int64_t start = csm_media_clock_get_start (exhibit, &timebase);
  char hex[CSM_DIGEST_HEX_SIZE];

  csm_digest_to_hex (&exhibit->exhibit->sha256, hex);
  g_string_append_printf (self->out, ROOT, date);
  g_string_append (self->out, "  <HEADER MEDIA_FILE=\"\" TIME_UNITS=\"milliseconds\">\n");
  if (exhibit->file != NULL)
    g_string_append_printf (self->out,
                            "    <MEDIA_DESCRIPTOR MEDIA_URL=\"file:///../%s\" "
                            "MIME_TYPE=\"%s\" RELATIVE_MEDIA_URL=\"../%s\"/>\n",
                            exhibit->file, exhibit->mime_type, exhibit->file);
  g_string_append_printf (
      self->out,
      "    <PROPERTY NAME=\"casement:exhibit\">%s</PROPERTY>\n"
      "    <PROPERTY NAME=\"casement:sha256\">%s</PROPERTY>\n"
      "    <PROPERTY NAME=\"casement:start\">%" G_GINT64_FORMAT "</PROPERTY>\n"
      "    <PROPERTY NAME=\"casement:startTimebase\">%d/%d</PROPERTY>\n"
      "    <PROPERTY NAME=\"lastUsedAnnotationId\">%u</PROPERTY>\n"
      "  </HEADER>\n",
      exhibit->label, hex, start, timebase.num, timebase.den, n_annotations);
}

/* --- time slots: one for each end of each mark, in the order of time --- */

typedef struct
{
  int64_t ms;
  unsigned end; /* twice the cue's number, and one for its end */
} Slot;

static int
compare_slots (gconstpointer a, gconstpointer b)
{
  const Slot *first = a;
  const Slot *second = b;

  if (first->ms != second->ms)
    return first->ms < second->ms ? -1 : 1;
  return first->end < second->end ? -1 : 1;
}

static void
append_slots (Writer *self)
{
  g_autoptr (GArray) slots = g_array_new (FALSE, FALSE, sizeof (Slot));

  for (unsigned i = 0; i < self->cues->len; i++)
    {
      const CsmCue *cue = &g_array_index (self->cues, CsmCue, i);
      const Slot ends[] = { { cue->start, 2 * i }, { cue->end, 2 * i + 1 } };

      g_array_append_vals (slots, ends, G_N_ELEMENTS (ends));
    }
  g_array_sort (slots, compare_slots);
  g_string_append (self->out, "  <TIME_ORDER>\n");
  for (unsigned i = 0; i < slots->len; i++)
    {
      const Slot *slot = &g_array_index (slots, Slot, i);

      self->slots[slot->end] = i + 1;
      g_string_append_printf (self->out,
                              "    <TIME_SLOT TIME_SLOT_ID=\"ts%u\" "
                              "TIME_VALUE=\"%" G_GINT64_FORMAT "\"/>\n",
                              i + 1, slot->ms);
    }
  g_string_append (self->out, "  </TIME_ORDER>\n");
}

/* --- tiers --- */

typedef struct
{
  int64_t end;     /* of its last mark */
  GArray *numbers; /* of its cues, in order */
} Tier;

static void
tier_clear (gpointer data)
{
  Tier *tier = data;

  g_array_unref (tier->numbers);
}

/* (transfer full) (element-type Tier): marks of one tier may not overlap, so each goes to the
 * first tier of @reviewer that is free. */
static GArray *
choose_tiers (Writer *self, const CsmDossierReviewer *reviewer)
{
  GArray *tiers = g_array_new (FALSE, FALSE, sizeof (Tier));

  g_array_set_clear_func (tiers, tier_clear);
  for (unsigned i = 0; i < self->cues->len; i++)
    {
      const CsmCue *cue = &g_array_index (self->cues, CsmCue, i);
      unsigned level = 0;

      if (cue->mark->reviewer != reviewer)
        continue;
      while (level < tiers->len && g_array_index (tiers, Tier, level).end > cue->start)
        level++;
      if (level == tiers->len)
        {
          const Tier tier = { 0, g_array_new (FALSE, FALSE, sizeof (unsigned)) };

          g_array_append_val (tiers, tier);
        }
      g_array_index (tiers, Tier, level).end = cue->end;
      g_array_append_val (g_array_index (tiers, Tier, level).numbers, i);
    }
  return tiers;
}

/* @reviewer is NULL for those of marks whose entries were lost. */
static const char *
get_label (const CsmDossierReviewer *reviewer)
{
  return reviewer != NULL ? reviewer->label : "not known";
}

/* (transfer full): "Reviewer A", "Reviewer A#2"; no two reviewers have the same label. */
static char *
name_tier (const CsmDossierReviewer *reviewer, unsigned level)
{
  if (level == 0)
    return g_strdup (get_label (reviewer));
  return g_strdup_printf ("%s#%u", get_label (reviewer), level + 1);
}

static void
open_tier (Writer *self,
           const char *name,
           const char *child,
           const CsmDossierReviewer *reviewer)
{
  g_string_append (self->out, "  <TIER ANNOTATOR=\"");
  append_escaped (self->out, get_label (reviewer));
  g_string_append_printf (self->out, "\" LINGUISTIC_TYPE_REF=\"%s\"",
                          child != NULL ? "of-mark" : "mark");
  if (child != NULL)
    {
      g_string_append (self->out, " PARENT_REF=\"");
      append_escaped (self->out, name);
      g_string_append_c (self->out, '"');
    }
  g_string_append (self->out, " TIER_ID=\"");
  if (child != NULL)
    g_string_append_printf (self->out, "%s@", child);
  append_escaped (self->out, name);
  g_string_append (self->out, "\">\n");
}

static void
append_value (Writer *self, const char *value, const char *element)
{
  g_string_append (self->out, "        <ANNOTATION_VALUE>");
  append_escaped (self->out, value);
  g_string_append_printf (self->out, "</ANNOTATION_VALUE>\n      </%s>\n    </ANNOTATION>\n",
                          element);
}

static void
append_mark (Writer *self, unsigned number)
{
  const CsmCue *cue = &g_array_index (self->cues, CsmCue, number);

  self->ids[number] = ++self->n_annotations;
  g_string_append_printf (self->out,
                          "    <ANNOTATION>\n      <ALIGNABLE_ANNOTATION ANNOTATION_ID=\"a%u\" "
                          "TIME_SLOT_REF1=\"ts%u\" TIME_SLOT_REF2=\"ts%u\">\n",
                          self->ids[number], self->slots[2 * number],
                          self->slots[2 * number + 1]);
  append_value (self, cue->mark->mark->text, "ALIGNABLE_ANNOTATION");
}

static void
append_child (Writer *self, unsigned number, Child child)
{
  const CsmMark *mark = g_array_index (self->cues, CsmCue, number).mark->mark;
  g_autofree char *value = NULL;

  if (child == CHILD_CODE && mark->code == NULL)
    return;
  if (child == CHILD_TICKS)
    value = csm_media_clock_describe_mark (mark);
  else
    value = g_strdup (child == CHILD_ID ? mark->id.hex : mark->code);
  g_string_append_printf (self->out,
                          "    <ANNOTATION>\n      <REF_ANNOTATION ANNOTATION_ID=\"a%u\" "
                          "ANNOTATION_REF=\"a%u\">\n",
                          ++self->n_annotations, self->ids[number]);
  append_value (self, value, "REF_ANNOTATION");
}

static void
append_tier (Writer *self,
             const CsmDossierReviewer *reviewer,
             unsigned level,
             const GArray *numbers)
{
  g_autofree char *name = name_tier (reviewer, level);

  open_tier (self, name, NULL, reviewer);
  for (unsigned i = 0; i < numbers->len; i++)
    append_mark (self, g_array_index (numbers, unsigned, i));
  g_string_append (self->out, "  </TIER>\n");
  for (Child child = 0; child < N_CHILDREN; child++)
    {
      open_tier (self, name, child_names[child], reviewer);
      for (unsigned i = 0; i < numbers->len; i++)
        append_child (self, g_array_index (numbers, unsigned, i), child);
      g_string_append (self->out, "  </TIER>\n");
    }
}

static void
append_reviewer (Writer *self, const CsmDossierReviewer *reviewer)
{
  g_autoptr (GArray) tiers = choose_tiers (self, reviewer);

  for (unsigned level = 0; level < tiers->len; level++)
    append_tier (self, reviewer, level, g_array_index (tiers, Tier, level).numbers);
}

/* Every mark has an id and its ticks below it, and its code if it has one. */
static unsigned
count_annotations (GArray *cues)
{
  unsigned count = 0;

  for (unsigned i = 0; i < cues->len; i++)
    count += g_array_index (cues, CsmCue, i).mark->mark->code != NULL ? 4 : 3;
  return count;
}

GBytes *
csm_annotations_write_eaf (const CsmDossier *dossier, const CsmDossierExhibit *exhibit)
{
  g_autoptr (GArray) cues = csm_media_clock_list_cues (exhibit);
  g_autofree unsigned *slots = g_new0 (unsigned, 2 * cues->len);
  g_autofree unsigned *ids = g_new0 (unsigned, cues->len);
  Writer self = { .cues = cues, .slots = slots, .ids = ids };

  if (cues->len == 0)
    return NULL;
  self.out = g_string_new (NULL);
  append_header (&self, exhibit, count_annotations (cues));
  append_slots (&self);
  for (unsigned r = 0; r < dossier->reviewers->len; r++)
    append_reviewer (&self, g_ptr_array_index (dossier->reviewers, r));
  append_reviewer (&self, NULL);
  g_string_append (self.out, TYPES);
  return g_string_free_to_bytes (self.out);
}
