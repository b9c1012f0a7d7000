/* csm-session-exhibits.c: what is said about an exhibit, and whether it is in the case
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review/csm-session-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

typedef struct
{
  CsmId id;
  CsmAcquisition *acquisition; /* nullable */
  bool remove;
  bool restore;
  unsigned sequence;

  /* Answers */
  CsmAcquisition *before;
  CsmExhibit *after; /* nullable */
} ExhibitJob;

static void
exhibit_job_free (gpointer data)
{
  ExhibitJob *job = data;

  csm_acquisition_free (job->acquisition);
  csm_acquisition_free (job->before);
  csm_exhibit_free (job->after);
  g_free (job);
}

static gboolean
change_exhibit (CsmCase *acase, ExhibitJob *job, GError **error)
{
  g_autoptr (CsmExhibit) now = NULL;

  if (job->restore)
    return csm_case_restore_exhibit (acase, &job->id, error);
  if (job->remove)
    return csm_case_remove_exhibit (acase, &job->id, error);
  now = csm_case_get_exhibit (acase, &job->id, error);
  if (now == NULL)
    return FALSE;
  job->before = g_steal_pointer (&now->acquisition);
  return csm_case_set_acquisition (acase, &job->id, job->acquisition, error);
}

static void
change_exhibit_job (GTask *task, gpointer resource)
{
  ExhibitJob *job = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (!csm_session_need_case (task, resource))
    return;
  if (!change_exhibit (resource, job, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  if (!job->remove)
    job->after = csm_case_get_exhibit (resource, &job->id, NULL);
  g_task_return_boolean (task, TRUE);
}

static void
show_change (CsmSession *self, ExhibitJob *job)
{
  if (job->remove)
    {
      CsmExhibitItem *item = csm_session_find_exhibit_item (self, &job->id);

      if (item != NULL && item == self->selected)
        csm_session_select (self, NULL);
      if (item != NULL)
        csm_item_list_remove_item (self->exhibits, item);
    }
  else if (job->after != NULL)
    {
      if (job->restore)
        csm_session_enqueue (self, job->after);
      csm_session_put_exhibit (self, g_steal_pointer (&job->after));
    }
  csm_session_refresh (self,
                       job->remove || job->restore ? CSM_REFRESH_MARKS : CSM_REFRESH_LEDGER);
}

static void
exhibit_changed_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  ExhibitJob *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GTask) outer = data;
  g_autoptr (GError) error = NULL;
  bool changed = g_task_propagate_boolean (G_TASK (result), &error);

  if (changed && csm_session_is_usable (self) && job->sequence == self->sequence)
    show_change (self, job);
  if (changed)
    {
      /* What was said before, so that it can be taken back; an empty one stands for none. */
      CsmAcquisition *before = g_steal_pointer (&job->before);

      g_task_return_pointer (outer, before != NULL ? before : csm_acquisition_new (),
                             (GDestroyNotify) csm_acquisition_free);
    }
  else
    g_task_return_error (outer, g_steal_pointer (&error));
  csm_session_end_write (self);
}

void
csm_session_put_exhibit_async (CsmSession *self,
                               const CsmId *exhibit,
                               const CsmAcquisition *acquisition,
                               bool remove,
                               bool restore,
                               GAsyncReadyCallback callback,
                               gpointer data)
{
  GTask *outer = g_task_new (self, NULL, callback, data);
  ExhibitJob *job = g_new0 (ExhibitJob, 1);
  GError *error = NULL;
  GTask *inner;

  job->id = *exhibit;
  job->acquisition = acquisition != NULL ? csm_acquisition_copy (acquisition) : NULL;
  job->remove = remove;
  job->restore = restore;
  job->sequence = self->sequence;
  if (!csm_session_check_usable (self, &error))
    {
      exhibit_job_free (job);
      g_task_return_error (outer, error);
      g_object_unref (outer);
      return;
    }
  csm_session_begin_write (self);
  inner = g_task_new (self, NULL, exhibit_changed_cb, outer);
  g_task_set_task_data (inner, job, exhibit_job_free);
  csm_session_run_case (self, inner, change_exhibit_job);
}

gboolean
csm_session_put_exhibit_finish (CsmSession *self,
                                GAsyncResult *result,
                                CsmAcquisition **ret_before,
                                GError **error)
{
  CsmAcquisition *before = g_task_propagate_pointer (G_TASK (result), error);

  if (before == NULL)
    return FALSE;
  *ret_before = before;
  return TRUE;
}

static void
acquisition_set_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  CsmUndo *undo = data;
  g_autoptr (GError) error = NULL;

  if (!csm_session_put_exhibit_finish (self, result, &undo->acquisition_before, &error))
    {
      csm_undo_free (undo);
      csm_session_emit_error (self, _ ("The exhibit could not be changed"), error);
      return;
    }
  csm_session_push_undo (self, undo);
}

void
csm_session_set_acquisition (CsmSession *self,
                             const CsmId *exhibit,
                             const CsmAcquisition *acquisition)
{
  g_return_if_fail (CSM_IS_SESSION (self) && exhibit != NULL && acquisition != NULL);

  CsmUndo *undo = g_new0 (CsmUndo, 1);

  undo->kind = CSM_UNDO_ACQUISITION;
  undo->id = *exhibit;
  undo->acquisition_after = csm_acquisition_copy (acquisition);
  csm_session_put_exhibit_async (self, exhibit, acquisition, false, false, acquisition_set_cb,
                                 undo);
}

static void
exhibit_removed_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  CsmUndo *undo = data;
  g_autoptr (CsmAcquisition) before = NULL;
  g_autoptr (GError) error = NULL;

  if (!csm_session_put_exhibit_finish (self, result, &before, &error))
    {
      csm_undo_free (undo);
      csm_session_emit_error (self, _ ("The exhibit could not be removed"), error);
      return;
    }
  csm_session_push_undo (self, undo);
  if (csm_session_is_usable (self))
    csm_session_emit_notice (self, _ ("Exhibit removed; the ledger keeps it"));
}

void
csm_session_remove_exhibit (CsmSession *self, const CsmId *exhibit)
{
  g_return_if_fail (CSM_IS_SESSION (self) && exhibit != NULL);

  CsmUndo *undo = g_new0 (CsmUndo, 1);

  undo->kind = CSM_UNDO_EXHIBIT;
  undo->id = *exhibit;
  csm_session_put_exhibit_async (self, exhibit, NULL, true, false, exhibit_removed_cb, undo);
}
