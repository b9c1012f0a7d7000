/* csm-records.c: what a case holds, as plain values
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-records.h"

CsmAcquisition *
csm_acquisition_new (void)
{
  CsmAcquisition *self = g_new0 (CsmAcquisition, 1);

  self->title = g_strdup ("");
  self->source = g_strdup ("");
  self->obtained_from = g_strdup ("");
  self->obtained_when = g_strdup ("");
  self->obtained_how = g_strdup ("");
  self->notes = g_strdup ("");
  return self;
}

CsmAcquisition *
csm_acquisition_copy (const CsmAcquisition *self)
{
  CsmAcquisition *copy = g_new0 (CsmAcquisition, 1);

  copy->title = g_strdup (self->title);
  copy->source = g_strdup (self->source);
  copy->obtained_from = g_strdup (self->obtained_from);
  copy->obtained_when = g_strdup (self->obtained_when);
  copy->obtained_how = g_strdup (self->obtained_how);
  copy->notes = g_strdup (self->notes);
  copy->do_not_export = self->do_not_export;
  copy->sound_offset_ms = self->sound_offset_ms;
  return copy;
}

void
csm_acquisition_free (CsmAcquisition *self)
{
  if (self == NULL)
    return;

  g_free (self->title);
  g_free (self->source);
  g_free (self->obtained_from);
  g_free (self->obtained_when);
  g_free (self->obtained_how);
  g_free (self->notes);
  g_free (self);
}

void
csm_exhibit_free (CsmExhibit *self)
{
  if (self == NULL)
    return;

  g_free (self->number);
  g_free (self->name);
  csm_acquisition_free (self->acquisition);
  g_free (self->status);
  g_free (self->format);
  g_free (self->codec);
  g_free (self->index_library);
  g_free (self);
}

void
csm_code_free (CsmCode *self)
{
  if (self == NULL)
    return;

  g_free (self->id);
  g_free (self->label);
  g_free (self->definition);
  g_free (self->source);
  g_free (self->parent);
  g_free (self);
}

void
csm_track_format (int track, char ret_text[16])
{
  g_snprintf (ret_text, 16, "%c:%d", track < 0 ? 'a' : 'v', track < 0 ? -1 - track : track);
}

bool
csm_track_parse (const char *text, int *ret_track)
{
  guint64 n;

  if ((!g_str_has_prefix (text, "v:") && !g_str_has_prefix (text, "a:")) ||
      !g_ascii_string_to_unsigned (text + 2, 10, 0, G_MAXINT, &n, NULL))
    return false;
  *ret_track = *text == 'a' ? CSM_SOUND_TRACK ((int) n) : (int) n;
  return true;
}

CsmMark *
csm_mark_copy (const CsmMark *self)
{
  CsmMark *copy = g_memdup2 (self, sizeof *self);

  copy->exhibit_number = g_strdup (self->exhibit_number);
  copy->code = g_strdup (self->code);
  copy->text = g_strdup (self->text);
  copy->author = g_strdup (self->author);
  copy->regions =
      self->n_regions > 0
          ? g_memdup2 (self->regions, sizeof *self->regions * (size_t) self->n_regions)
          : NULL;
  return copy;
}

void
csm_mark_free (CsmMark *self)
{
  if (self == NULL)
    return;

  g_free (self->exhibit_number);
  g_free (self->code);
  g_free (self->text);
  g_free (self->regions);
  g_free (self->author);
  g_free (self);
}

void
csm_reviewer_free (CsmReviewer *self)
{
  if (self == NULL)
    return;

  g_free (self->name);
  g_free (self);
}

void
csm_ledger_row_free (CsmLedgerRow *self)
{
  if (self == NULL)
    return;

  g_free (self->kind);
  g_free (self->author);
  g_free (self->summary);
  g_free (self->subject);
  g_free (self);
}

void
csm_search_hit_free (CsmSearchHit *self)
{
  if (self == NULL)
    return;

  g_free (self->code);
  g_free (self->where);
  g_free (self->snippet);
  g_array_unref (self->matches);
  g_free (self);
}
