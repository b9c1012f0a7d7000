/* csm-session-models.c: the lists that the window asks for
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review/csm-session-private.h"

#include <glib/gi18n-lib.h>

/* --- the ledger --- */

static void
read_ledger_job (GTask *task, gpointer resource)
{
  const int64_t *offset = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  GPtrArray *rows;

  if (!csm_session_need_case (task, resource))
    return;
  rows = csm_case_list_ledger (resource, *offset, CSM_LEDGER_PAGE, &error);
  if (rows == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_pointer (task, rows, (GDestroyNotify) g_ptr_array_unref);
}

static void
ledger_read_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  const int64_t *offset = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = g_task_propagate_pointer (G_TASK (result), &error);

  if (!csm_session_is_current (self, data))
    return;
  if (rows == NULL)
    csm_session_emit_error (self, _ ("The ledger could not be read"), error);
  csm_ledger_model_take_page (self->ledger, *offset, g_steal_pointer (&rows));
}

void
csm_session_fetch_ledger_cb (int64_t offset, gpointer data)
{
  CsmSession *self = data;

  if (!csm_session_is_usable (self))
    return;
  csm_session_run_case (self,
                        csm_session_task_new (self, self->case_cancellable, ledger_read_cb,
                                              self->sequence,
                                              g_memdup2 (&offset, sizeof offset), g_free),
                        read_ledger_job);
}

/* --- what the window asks for --- */

GListModel *
csm_session_get_exhibits (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), NULL);
  return G_LIST_MODEL (self->exhibits);
}

GListModel *
csm_session_get_exhibit_marks (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), NULL);
  return G_LIST_MODEL (self->exhibit_marks);
}

GListModel *
csm_session_get_marks (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), NULL);
  return G_LIST_MODEL (self->marks);
}

GListModel *
csm_session_get_codes (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), NULL);
  return G_LIST_MODEL (self->codes);
}

GListModel *
csm_session_get_ledger (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), NULL);
  return G_LIST_MODEL (self->ledger);
}

GListModel *
csm_session_get_results (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), NULL);
  return G_LIST_MODEL (self->results);
}

GListModel *
csm_session_get_jobs (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), NULL);
  return G_LIST_MODEL (self->jobs);
}

GPtrArray *
csm_session_list_reviewers (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), NULL);

  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) csm_reviewer_free);

  for (unsigned i = 0; i < self->reviewers->len; i++)
    {
      const CsmReviewer *reviewer = self->reviewers->pdata[i];
      CsmReviewer *copy = g_memdup2 (reviewer, sizeof (CsmReviewer));

      copy->name = g_strdup (reviewer->name);
      g_ptr_array_add (list, copy);
    }
  return list;
}

void
csm_session_set_filter (CsmSession *self,
                        const CsmId *exhibit,
                        const char *code,
                        const char *author_key)
{
  g_return_if_fail (CSM_IS_SESSION (self));

  self->filter_by_exhibit = exhibit != NULL;
  if (exhibit != NULL)
    self->filter_exhibit = *exhibit;
  g_free (self->filter_code);
  g_free (self->filter_author);
  self->filter_code = g_strdup (code);
  self->filter_author = g_strdup (author_key);
  csm_session_refresh (self, CSM_REFRESH_MARKS);
}
