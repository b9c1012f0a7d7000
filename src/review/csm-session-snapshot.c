/* csm-session-snapshot.c: reading what lists show, on the case lane
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case-conflicts.h"
#include "review/csm-session-private.h"

#include <glib/gi18n-lib.h>

CsmRefreshWish *
csm_session_make_wish (CsmSession *self, unsigned what)
{
  CsmRefreshWish *wish = g_new0 (CsmRefreshWish, 1);

  wish->what = what;
  wish->by_exhibit = self->filter_by_exhibit;
  wish->exhibit = self->filter_exhibit;
  wish->code = g_strdup (self->filter_code);
  wish->author = g_strdup (self->filter_author);
  if (self->selected != NULL)
    {
      wish->has_view = true;
      wish->view = csm_exhibit_item_get_record (self->selected)->id;
    }
  return wish;
}

void
csm_refresh_wish_free (CsmRefreshWish *wish)
{
  if (wish == NULL)
    return;
  g_free (wish->code);
  g_free (wish->author);
  g_free (wish);
}

static gboolean
read_marks (CsmCase *acase, CsmSnapshot *snapshot, GError **error)
{
  const CsmRefreshWish *wish = snapshot->wish;

  if (wish->what & CSM_REFRESH_MARKS)
    {
      const CsmMarkFilter filter = {
        .exhibit = wish->by_exhibit ? &wish->exhibit : NULL,
        .code = wish->code,
        .author_key = wish->author,
      };

      snapshot->marks = csm_case_list_marks (acase, &filter, error);
      if (snapshot->marks == NULL)
        return FALSE;
    }
  if ((wish->what & CSM_REFRESH_EXHIBIT_MARKS) && wish->has_view)
    {
      const CsmMarkFilter filter = { .exhibit = &wish->view };

      snapshot->exhibit_marks = csm_case_list_marks (acase, &filter, error);
      if (snapshot->exhibit_marks == NULL)
        return FALSE;
    }
  return TRUE;
}

CsmSnapshot *
csm_snapshot_read (CsmCase *acase, CsmRefreshWish *wish, GError **error)
{
  g_autoptr (CsmSnapshot) snapshot = g_new0 (CsmSnapshot, 1);

  snapshot->wish = wish;
  snapshot->n_entries = csm_case_count_entries (acase, error);
  if (snapshot->n_entries < 0)
    return NULL;
  if ((wish->what & CSM_REFRESH_EXHIBITS) &&
      (snapshot->exhibits = csm_case_list_exhibits (acase, error)) == NULL)
    return NULL;
  if ((wish->what & CSM_REFRESH_CODES) &&
      (snapshot->codes = csm_case_list_codes (acase, error)) == NULL)
    return NULL;
  if ((wish->what & CSM_REFRESH_REVIEWERS) &&
      (snapshot->reviewers = csm_case_list_reviewers (acase, error)) == NULL)
    return NULL;
  if (!read_marks (acase, snapshot, error) ||
      (snapshot->conflicts = csm_case_list_conflicts (acase, error)) == NULL)
    return NULL;
  return g_steal_pointer (&snapshot);
}

void
csm_snapshot_free (CsmSnapshot *snapshot)
{
  if (snapshot == NULL)
    return;
  csm_refresh_wish_free (snapshot->wish);
  g_clear_pointer (&snapshot->exhibits, g_ptr_array_unref);
  g_clear_pointer (&snapshot->marks, g_ptr_array_unref);
  g_clear_pointer (&snapshot->exhibit_marks, g_ptr_array_unref);
  g_clear_pointer (&snapshot->codes, g_ptr_array_unref);
  g_clear_pointer (&snapshot->conflicts, g_ptr_array_unref);
  g_clear_pointer (&snapshot->reviewers, g_ptr_array_unref);
  g_free (snapshot);
}

/* --- once more --- */

static void
snapshot_job (GTask *task, gpointer resource)
{
  CsmRefreshWish **wish = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  CsmSnapshot *snapshot;

  if (!csm_session_need_case (task, resource))
    return;
  snapshot = csm_snapshot_read (resource, g_steal_pointer (wish), &error);
  if (snapshot == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_pointer (task, snapshot, (GDestroyNotify) csm_snapshot_free);
}

static void
wish_holder_free (gpointer data)
{
  CsmRefreshWish **wish = data;

  csm_refresh_wish_free (*wish);
  g_free (wish);
}

static void start_refresh (CsmSession *self);

static void
snapshot_read_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmSnapshot) snapshot = g_task_propagate_pointer (G_TASK (result), &error);

  if (!csm_session_is_current (self, data))
    return;
  self->refreshing = false;
  if (snapshot == NULL)
    csm_session_emit_error (self, _ ("The case could not be read"), error);
  else
    csm_session_apply (self, g_steal_pointer (&snapshot));
  if (self->refresh_wanted != 0)
    start_refresh (self);
}

#define REFRESH_LENGTH (1u << 31)

static void
start_refresh (CsmSession *self)
{
  CsmRefreshWish **wish = g_new0 (CsmRefreshWish *, 1);

  *wish = csm_session_make_wish (self, self->refresh_wanted);
  self->refresh_wanted = 0;
  self->refreshing = true;
  csm_session_run_case (self,
                        csm_session_task_new (self, self->case_cancellable, snapshot_read_cb,
                                              self->sequence, wish, wish_holder_free),
                        snapshot_job);
}

void
csm_session_refresh (CsmSession *self, unsigned what)
{
  if (!csm_session_is_usable (self))
    return;
  self->refresh_wanted |= what | REFRESH_LENGTH;
  if (!self->refreshing)
    start_refresh (self);
}
