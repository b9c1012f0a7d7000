/* csm-session-displayed.c: which frames were on the screen, kept in the case
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-displayed.h"
#include "review/csm-session-private.h"

#include <glib/gi18n-lib.h>

/* What a crash may lose. */
#define KEEP_EVERY_S 120

/* Main thread only. */
struct _CsmDisplayed
{
  GArray *spans; /* CsmDisplayedSpan, not kept yet */
  int64_t last;  /* the frame on the screen, -1: none of this exhibit yet */
  unsigned epoch;
  guint source; /* until they are kept */
};

typedef struct
{
  CsmId exhibit;
  json_t *detail;
} KeepJob;

static void
keep_job_free (gpointer data)
{
  KeepJob *job = data;

  json_decref (job->detail);
  g_free (job);
}

static void
keep_displayed_job (GTask *task, gpointer resource)
{
  KeepJob *job = g_task_get_task_data (task);
  g_autoptr (CsmExhibit) exhibit = NULL;
  g_autoptr (GError) error = NULL;

  if (!csm_session_need_case (task, resource))
    return;
  /* Of what was erased nothing more is said. */
  exhibit = csm_case_get_exhibit (resource, &job->exhibit, NULL);
  if (exhibit == NULL ||
      csm_case_record_access (resource, "displayed", &job->exhibit, job->detail, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
displayed_kept_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  g_autoptr (GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    csm_session_emit_error (self, _ ("What was displayed could not be recorded"), error);
  else if (csm_session_is_usable (self) && csm_session_is_current (self, data))
    csm_session_refresh (self, CSM_REFRESH_LEDGER);
  csm_session_end_write (self);
}

static void
keep (CsmSession *self)
{
  CsmDisplayed *displayed = self->displayed;
  KeepJob *job;

  g_clear_handle_id (&displayed->source, g_source_remove);
  if (displayed->spans->len == 0)
    return;
  job = g_new0 (KeepJob, 1);
  job->exhibit = csm_exhibit_item_get_record (self->selected)->id;
  job->detail = csm_displayed_to_json ((const CsmDisplayedSpan *) displayed->spans->data,
                                       displayed->spans->len);
  g_array_set_size (displayed->spans, 0);
  csm_session_begin_write (self);
  csm_session_run_case (
      self,
      csm_session_task_new (self, NULL, displayed_kept_cb, self->sequence, job, keep_job_free),
      keep_displayed_job);
}

static gboolean
keep_cb (gpointer data)
{
  CsmSession *self = data;

  self->displayed->source = 0;
  keep (self);
  return G_SOURCE_REMOVE;
}

/* Whether @span, the newest, goes on with @next, which is one frame. */
static bool
goes_on (CsmSession *self, const CsmDisplayedSpan *span, const CsmDisplayedSpan *next)
{
  int64_t step = next->from - span->to;

  if (span->how != next->how || span->speed != next->speed)
    return false;
  switch (span->how)
    {
    case CSM_DISPLAYED_PAUSED:
      return ABS (step) == 1 &&
             (span->from == span->to || (step > 0) == (span->to > span->from));
    case CSM_DISPLAYED_PLAYED:
      /* A jump while playing is another span. */
      return self->displayed->epoch == self->play_epoch && (step > 0) == (next->speed > 0);
    case CSM_DISPLAYED_DRAGGED:
      return true;
    default:
      g_assert_not_reached ();
    }
}

static void
extend (CsmDisplayedSpan *span, int64_t ordinal)
{
  span->n_shown++;
  if (span->how != CSM_DISPLAYED_DRAGGED)
    span->to = ordinal;
  else
    {
      span->from = MIN (span->from, ordinal);
      span->to = MAX (span->to, ordinal);
    }
}

void
csm_session_displayed (CsmSession *self)
{
  CsmDisplayed *displayed = self->displayed;
  GArray *spans = displayed->spans;
  CsmDisplayedSpan next = { .n_shown = 1, .track = self->track };
  CsmDisplayedSpan *last;

  g_return_if_fail (CSM_IS_SESSION (self));

  if (self->picture == NULL || self->selected == NULL || self->read_only || !self->can_sign ||
      self->picture->ordinal == displayed->last)
    return;
  next.from = next.to = displayed->last = self->picture->ordinal;
  if (self->picture->preview)
    next.how = CSM_DISPLAYED_DRAGGED;
  else if (self->playing)
    {
      next.how = CSM_DISPLAYED_PLAYED;
      next.speed = (int) (self->rate * 1000 + (self->rate < 0 ? -0.5 : 0.5));
    }
  last = spans->len > 0 ? &g_array_index (spans, CsmDisplayedSpan, spans->len - 1) : NULL;
  if (last != NULL && goes_on (self, last, &next))
    extend (last, next.from);
  else
    g_array_append_val (spans, next);
  displayed->epoch = self->play_epoch;
  if (spans->len >= CSM_DISPLAYED_MAX)
    keep (self);
  else if (displayed->source == 0)
    displayed->source = g_timeout_add_seconds (KEEP_EVERY_S, keep_cb, self);
}

void
csm_session_leave_displayed (CsmSession *self)
{
  keep (self);
  self->displayed->last = -1;
}

void
csm_session_init_displayed (CsmSession *self)
{
  self->displayed = g_new0 (CsmDisplayed, 1);
  self->displayed->spans = g_array_new (FALSE, TRUE, sizeof (CsmDisplayedSpan));
  self->displayed->last = -1;
}

void
csm_session_dispose_displayed (CsmSession *self)
{
  if (self->displayed == NULL)
    return;
  g_clear_handle_id (&self->displayed->source, g_source_remove);
  g_array_unref (self->displayed->spans);
  g_clear_pointer (&self->displayed, g_free);
}
