/* csm-session-looking.c: views of the picture, which are no evidence
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review/csm-session-private.h"

static const CsmView plain;

const CsmView *
csm_session_get_view (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), &plain);
  return &self->view;
}

bool
csm_session_get_view_on (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), false);
  return !self->view_is_off;
}

const CsmView *
csm_session_peek_shown_view (CsmSession *self)
{
  return self->view_is_off ? &plain : &self->view;
}

bool
csm_session_shows_view (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), false);
  return !csm_view_is_plain (csm_session_peek_shown_view (self)) &&
         (self->picture == NULL || self->picture->view_fit == CSM_VIEW_FITS);
}

static void
change (CsmSession *self, const CsmView *view, bool off)
{
  CsmView before = *csm_session_peek_shown_view (self);

  if (csm_view_is_equal (view, &self->view) && off == self->view_is_off)
    return;
  self->view = *view;
  self->view_is_off = off;
  csm_session_emit_view_changed (self);
  if (!self->playing && !csm_view_is_equal (&before, csm_session_peek_shown_view (self)))
    csm_session_request_picture (self, 0);
}

void
csm_session_change_view (CsmSession *self, const CsmView *view)
{
  g_return_if_fail (CSM_IS_SESSION (self) && csm_view_check (view));
  change (self, view, false);
}

void
csm_session_set_view_on (CsmSession *self, bool on)
{
  g_return_if_fail (CSM_IS_SESSION (self));
  change (self, &self->view, !on);
}

/* What was right for one exhibit may mislead in the next. Grey is for the reviewer's sake. */
void
csm_session_forget_view (CsmSession *self)
{
  CsmView next = { .grey = csm_session_peek_shown_view (self)->grey };

  self->uncovered = false;
  change (self, &next, false);
}

/* ---- care for the reviewer ---- */

/* A code of the default codebook. */
#define GRAPHIC "graphic"

static bool
is_graphic (CsmSession *self, int64_t ordinal)
{
  for (unsigned i = 0; i < csm_item_list_get_size (self->exhibit_marks); i++)
    {
      const CsmMark *mark =
          csm_mark_item_get_record (csm_item_list_peek (self->exhibit_marks, i));

      if (g_strcmp0 (mark->code, GRAPHIC) == 0 && csm_session_is_on_track (self, mark) &&
          mark->from <= ordinal && ordinal <= mark->to)
        return true;
    }
  return false;
}

bool
csm_session_is_covered (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), false);
  return self->picture != NULL && csm_session_covers (self, self->picture->ordinal);
}

bool
csm_session_covers (CsmSession *self, int64_t ordinal)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), false);
  return !self->uncovered && is_graphic (self, ordinal);
}

void
csm_session_uncover (CsmSession *self)
{
  g_return_if_fail (CSM_IS_SESSION (self));

  if (self->uncovered)
    return;
  self->uncovered = true;
  csm_session_emit_view_changed (self);
}
