/* csm-session-undo.c: what can be taken back; taking back is a new entry
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review/csm-session-private.h"

#include <glib/gi18n-lib.h>

void
csm_undo_free (CsmUndo *undo)
{
  if (undo == NULL)
    return;
  csm_mark_free (undo->mark_before);
  csm_mark_free (undo->mark_after);
  csm_acquisition_free (undo->acquisition_before);
  csm_acquisition_free (undo->acquisition_after);
  g_free (undo);
}

static void
notify_undo (CsmSession *self)
{
  csm_session_notify (self, CSM_SESSION_PROP_CAN_UNDO);
  csm_session_notify (self, CSM_SESSION_PROP_CAN_REDO);
  csm_session_notify (self, CSM_SESSION_PROP_UNDO_LABEL);
  csm_session_notify (self, CSM_SESSION_PROP_REDO_LABEL);
}

void
csm_session_push_undo (CsmSession *self, CsmUndo *undo)
{
  if (!csm_session_is_usable (self))
    {
      csm_undo_free (undo);
      return;
    }
  g_ptr_array_add (self->undo, undo);
  g_ptr_array_set_size (self->redo, 0);
  notify_undo (self);
}

void
csm_session_clear_undo (CsmSession *self)
{
  g_ptr_array_set_size (self->undo, 0);
  g_ptr_array_set_size (self->redo, 0);
  notify_undo (self);
}

static const char *
get_label (const CsmUndo *undo)
{
  switch (undo->kind)
    {
    case CSM_UNDO_ACQUISITION:
      return _ ("Edit Exhibit");
    case CSM_UNDO_EXHIBIT:
      return _ ("Remove Exhibit");
    case CSM_UNDO_MARK:
    default:
      if (undo->mark_before == NULL)
        return _ ("Add Mark");
      return undo->mark_after == NULL ? _ ("Remove Mark") : _ ("Edit Mark");
    }
}

static const char *
get_newest_label (GPtrArray *stack)
{
  return stack->len > 0 ? get_label (stack->pdata[stack->len - 1]) : NULL;
}

bool
csm_session_can_undo (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), false);
  return self->undo->len > 0;
}

bool
csm_session_can_redo (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), false);
  return self->redo->len > 0;
}

const char *
csm_session_get_undo_label (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), NULL);
  return get_newest_label (self->undo);
}

const char *
csm_session_get_redo_label (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), NULL);
  return get_newest_label (self->redo);
}

static void
tell_outcome (CsmSession *self, bool done, const GError *error)
{
  if (!done)
    {
      csm_session_emit_error (self, _ ("That could not be done"), error);
      /* What follows in the stacks rests on a state that is not there. */
      csm_session_clear_undo (self);
    }
}

static void
mark_put_back_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (CsmMark) before = NULL;
  g_autoptr (CsmMark) after = NULL;
  g_autoptr (GError) error = NULL;
  bool done =
      csm_session_put_mark_finish (CSM_SESSION (object), result, &before, &after, &error);

  tell_outcome (CSM_SESSION (object), done, error);
}

static void
exhibit_put_back_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (CsmAcquisition) before = NULL;
  g_autoptr (GError) error = NULL;
  bool done = csm_session_put_exhibit_finish (CSM_SESSION (object), result, &before, &error);

  tell_outcome (CSM_SESSION (object), done, error);
}

/* Moves the newest of @from to @to and makes the case what it was before, or after, it. The
 * stacks move at once: the case lane keeps the order of what is asked for in haste. */
static void
move (CsmSession *self, GPtrArray *from, GPtrArray *to, bool back)
{
  CsmUndo *undo;

  if (from->len == 0 || !csm_session_is_usable (self))
    return;
  undo = g_ptr_array_steal_index (from, from->len - 1);
  g_ptr_array_add (to, undo);
  switch (undo->kind)
    {
    case CSM_UNDO_MARK:
      csm_session_put_mark_async (self, &undo->id, back ? undo->mark_before : undo->mark_after,
                                  mark_put_back_cb, NULL);
      break;
    case CSM_UNDO_ACQUISITION:
      csm_session_put_exhibit_async (self, &undo->id,
                                     back ? undo->acquisition_before : undo->acquisition_after,
                                     false, false, exhibit_put_back_cb, NULL);
      break;
    case CSM_UNDO_EXHIBIT:
    default:
      csm_session_put_exhibit_async (self, &undo->id, NULL, !back, back, exhibit_put_back_cb,
                                     NULL);
      break;
    }
  notify_undo (self);
}

void
csm_session_undo (CsmSession *self)
{
  g_return_if_fail (CSM_IS_SESSION (self));
  move (self, self->undo, self->redo, true);
}

void
csm_session_redo (CsmSession *self)
{
  g_return_if_fail (CSM_IS_SESSION (self));
  move (self, self->redo, self->undo, false);
}
