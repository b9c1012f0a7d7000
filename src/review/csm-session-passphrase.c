/* csm-session-passphrase.c: changing the passphrase, and asking for it again
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review/csm-session-private.h"

/* --- asking again --- */

static void
check_passphrase_job (GTask *task, gpointer resource)
{
  CsmSecret *passphrase = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (!csm_session_need_case (task, resource))
    return;
  if (csm_vault_check_passphrase (csm_case_get_vault (resource), passphrase, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

void
csm_session_check_passphrase_async (CsmSession *self,
                                    CsmSecret *passphrase,
                                    GAsyncReadyCallback callback,
                                    gpointer data)
{
  g_return_if_fail (CSM_IS_SESSION (self) && passphrase != NULL);

  GTask *task = g_task_new (self, NULL, callback, data);
  GError *error = NULL;

  g_task_set_source_tag (task, csm_session_check_passphrase_async);
  g_task_set_task_data (task, csm_secret_ref (passphrase), (GDestroyNotify) csm_secret_unref);
  if (csm_session_check_usable (self, &error))
    {
      csm_session_run_case (self, task, check_passphrase_job);
      return;
    }
  g_task_return_error (task, error);
  g_object_unref (task);
}

gboolean
csm_session_check_passphrase_finish (CsmSession *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- changing it --- */

typedef struct
{
  CsmSecret *old_passphrase;
  CsmSecret *new_passphrase;
} PassphraseJob;

static void
passphrase_job_free (gpointer data)
{
  PassphraseJob *job = data;

  csm_secret_unref (job->old_passphrase);
  csm_secret_unref (job->new_passphrase);
  g_free (job);
}

static void
change_passphrase_job (GTask *task, gpointer resource)
{
  CsmCase *acase = resource;
  const PassphraseJob *job = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (!csm_session_need_case (task, resource))
    return;
  if (!csm_vault_check_passphrase (csm_case_get_vault (acase), job->old_passphrase, &error) ||
      !csm_case_change_passphrase (acase, job->new_passphrase, &error))
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_boolean (task, TRUE);
}

static void
passphrase_changed_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  g_autoptr (GTask) outer = data;
  g_autoptr (GError) error = NULL;
  bool changed = g_task_propagate_boolean (G_TASK (result), &error);

  csm_session_end_write (self);
  if (changed)
    {
      csm_session_refresh (self, CSM_REFRESH_LEDGER);
      g_task_return_boolean (outer, TRUE);
    }
  else
    g_task_return_error (outer, g_steal_pointer (&error));
}

void
csm_session_change_passphrase_async (CsmSession *self,
                                     CsmSecret *old_passphrase,
                                     CsmSecret *new_passphrase,
                                     GAsyncReadyCallback callback,
                                     gpointer data)
{
  g_return_if_fail (CSM_IS_SESSION (self));
  g_return_if_fail (old_passphrase != NULL && new_passphrase != NULL);

  GTask *outer = g_task_new (self, NULL, callback, data);
  GTask *inner;
  PassphraseJob *job;
  GError *error = NULL;

  g_task_set_source_tag (outer, csm_session_change_passphrase_async);
  if (!csm_session_check_usable (self, &error))
    {
      g_task_return_error (outer, error);
      g_object_unref (outer);
      return;
    }
  job = g_new0 (PassphraseJob, 1);
  job->old_passphrase = csm_secret_ref (old_passphrase);
  job->new_passphrase = csm_secret_ref (new_passphrase);
  inner = g_task_new (self, NULL, passphrase_changed_cb, outer);
  g_task_set_task_data (inner, job, passphrase_job_free);
  csm_session_begin_write (self);
  csm_session_run_case_long (self, inner, change_passphrase_job);
}

gboolean
csm_session_change_passphrase_finish (CsmSession *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}
