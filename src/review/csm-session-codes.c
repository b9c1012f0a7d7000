/* csm-session-codes.c: changing the codebook
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review/csm-session-private.h"

static void
code_free (gpointer data)
{
  csm_code_free (data);
}

static void
set_code_job (GTask *task, gpointer resource)
{
  const CsmCode *code = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (!csm_session_need_case (task, resource))
    return;
  if (csm_case_set_code (resource, code, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
code_set_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  g_autoptr (GTask) outer = data;
  g_autoptr (GError) error = NULL;
  bool written = g_task_propagate_boolean (G_TASK (result), &error);

  csm_session_end_write (self);
  if (written)
    {
      /* Marks carry the labels. */
      csm_session_refresh (self,
                           CSM_REFRESH_CODES | CSM_REFRESH_MARKS | CSM_REFRESH_EXHIBIT_MARKS);
      g_task_return_boolean (outer, TRUE);
    }
  else
    g_task_return_error (outer, g_steal_pointer (&error));
}

void
csm_session_set_code (CsmSession *self,
                      const CsmCode *code,
                      GAsyncReadyCallback callback,
                      gpointer data)
{
  g_return_if_fail (CSM_IS_SESSION (self) && code != NULL);

  GTask *outer = g_task_new (self, NULL, callback, data);
  GError *error = NULL;
  CsmCode *copy;
  GTask *inner;

  g_task_set_source_tag (outer, csm_session_set_code);
  if (!csm_session_check_usable (self, &error))
    {
      g_task_return_error (outer, error);
      g_object_unref (outer);
      return;
    }
  copy = g_new0 (CsmCode, 1);
  copy->id = g_strdup (code->id);
  copy->label = g_strdup (code->label);
  copy->definition = g_strdup (code->definition != NULL ? code->definition : "");
  copy->source = g_strdup (code->source != NULL ? code->source : "");
  copy->parent = g_strdup (code->parent);
  inner = g_task_new (self, NULL, code_set_cb, outer);
  g_task_set_task_data (inner, copy, code_free);
  csm_session_begin_write (self);
  csm_session_run_case (self, inner, set_code_job);
}

gboolean
csm_session_set_code_finish (CsmSession *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}
