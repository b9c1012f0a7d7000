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

  change (self, &next, false);
}
