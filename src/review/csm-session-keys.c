/* csm-session-keys.c: who holds a key of the session's case
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review/csm-session-keys.h"

#include "review/csm-session-private.h"

#include <glib/gi18n-lib.h>

/* What a command is given, and what it finds. */
typedef struct
{
  bool writes;

  char *name;
  CsmSecret *passphrase;
  bool reader;
  char *path;
  CsmJoinRequest *request;

  GPtrArray *holders;
  CsmSecret *code;
} KeyJob;

static void
key_job_free (gpointer data)
{
  KeyJob *job = data;

  g_free (job->name);
  csm_secret_unref (job->passphrase);
  g_free (job->path);
  csm_join_request_free (job->request);
  g_clear_pointer (&job->holders, g_ptr_array_unref);
  csm_secret_unref (job->code);
  g_free (job);
}

static void
key_job_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  KeyJob *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GTask) outer = data;
  g_autoptr (GError) error = NULL;
  bool done = g_task_propagate_boolean (G_TASK (result), &error);

  if (job->writes)
    {
      csm_session_end_write (self);
      csm_session_refresh (self, CSM_REFRESH_LEDGER | CSM_REFRESH_REVIEWERS);
    }
  if (done)
    g_task_return_boolean (outer, TRUE);
  else
    g_task_return_error (outer, g_steal_pointer (&error));
}

/* Takes @job, which the finish functions find in the task that @callback gets. */
static void
run_key_job (CsmSession *self,
             gpointer tag,
             KeyJob *job,
             CsmLaneJob run,
             GAsyncReadyCallback callback,
             gpointer data)
{
  GTask *outer = g_task_new (self, NULL, callback, data);
  GTask *inner;
  GError *error = NULL;

  g_task_set_source_tag (outer, tag);
  g_task_set_task_data (outer, job, key_job_free);
  if (!csm_session_check_usable (self, &error))
    {
      g_task_return_error (outer, error);
      g_object_unref (outer);
      return;
    }
  inner = g_task_new (self, NULL, key_job_cb, outer);
  g_task_set_task_data (inner, job, NULL);
  if (job->writes)
    {
      csm_session_begin_write (self);
      csm_session_run_case_long (self, inner, run);
    }
  else
    csm_session_run_case (self, inner, run);
}

static void
answer (GTask *task, gboolean done, GError *error)
{
  if (done)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static gboolean
finish (CsmSession *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* Listing */

static void
load_keys_job (GTask *task, gpointer resource)
{
  KeyJob *job = g_task_get_task_data (task);
  GError *error = NULL;

  if (!csm_session_need_case (task, resource))
    return;
  job->holders = csm_case_list_keys (resource, &error);
  answer (task, job->holders != NULL, error);
}

void
csm_session_load_keys_async (CsmSession *self, GAsyncReadyCallback callback, gpointer data)
{
  g_return_if_fail (CSM_IS_SESSION (self));

  run_key_job (self, csm_session_load_keys_async, g_new0 (KeyJob, 1), load_keys_job, callback,
               data);
}

GListModel *
csm_session_load_keys_finish (CsmSession *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  KeyJob *job = g_task_get_task_data (G_TASK (result));
  CsmItemList *list;
  GPtrArray *items;

  if (!finish (self, result, error))
    return NULL;
  items = g_ptr_array_new ();
  while (job->holders->len > 0)
    g_ptr_array_add (items, csm_key_item_new (g_ptr_array_steal_index (job->holders, 0)));
  list = csm_item_list_new (CSM_TYPE_KEY_ITEM);
  csm_item_list_set (list, items);
  return G_LIST_MODEL (list);
}

/* Adding */

static void
add_key_job (GTask *task, gpointer resource)
{
  KeyJob *job = g_task_get_task_data (task);
  GError *error = NULL;

  if (!csm_session_need_case (task, resource))
    return;
  gboolean done =
      csm_case_add_key (resource, job->name, job->passphrase, job->reader, NULL, &error);

  answer (task, done, error);
}

void
csm_session_add_key_async (CsmSession *self,
                           const char *name,
                           CsmSecret *passphrase,
                           bool reader,
                           GAsyncReadyCallback callback,
                           gpointer data)
{
  g_return_if_fail (CSM_IS_SESSION (self) && name != NULL && passphrase != NULL);

  KeyJob *job = g_new0 (KeyJob, 1);

  job->writes = true;
  job->name = g_strdup (name);
  job->passphrase = csm_secret_ref (passphrase);
  job->reader = reader;
  run_key_job (self, csm_session_add_key_async, job, add_key_job, callback, data);
}

gboolean
csm_session_add_key_finish (CsmSession *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return finish (self, result, error);
}

/* Join requests */

static void
load_request_job (GTask *task, gpointer resource)
{
  KeyJob *job = g_task_get_task_data (task);
  GError *error = NULL;

  job->request = csm_join_request_load (job->path, &error);
  answer (task, job->request != NULL, error);
}

void
csm_session_load_request_async (CsmSession *self,
                                const char *path,
                                GAsyncReadyCallback callback,
                                gpointer data)
{
  g_return_if_fail (CSM_IS_SESSION (self) && path != NULL);

  KeyJob *job = g_new0 (KeyJob, 1);

  job->path = g_strdup (path);
  run_key_job (self, csm_session_load_request_async, job, load_request_job, callback, data);
}

CsmJoinRequest *
csm_session_load_request_finish (CsmSession *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  KeyJob *job = g_task_get_task_data (G_TASK (result));

  return finish (self, result, error) ? g_steal_pointer (&job->request) : NULL;
}

static void
add_request_job (GTask *task, gpointer resource)
{
  KeyJob *job = g_task_get_task_data (task);
  GError *error = NULL;

  if (!csm_session_need_case (task, resource))
    return;
  gboolean done = csm_case_add_request (resource, job->request, NULL, &error);

  answer (task, done, error);
}

void
csm_session_add_request_async (CsmSession *self,
                               CsmJoinRequest *request,
                               GAsyncReadyCallback callback,
                               gpointer data)
{
  g_return_if_fail (CSM_IS_SESSION (self) && request != NULL);

  KeyJob *job = g_new0 (KeyJob, 1);

  job->writes = true;
  job->request = request;
  run_key_job (self, csm_session_add_request_async, job, add_request_job, callback, data);
}

gboolean
csm_session_add_request_finish (CsmSession *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return finish (self, result, error);
}

/* Recovery codes */

static void
make_recovery_job (GTask *task, gpointer resource)
{
  KeyJob *job = g_task_get_task_data (task);
  GError *error = NULL;

  if (!csm_session_need_case (task, resource))
    return;
  job->code = csm_case_make_recovery (resource, &error);
  answer (task, job->code != NULL, error);
}

void
csm_session_make_recovery_async (CsmSession *self, GAsyncReadyCallback callback, gpointer data)
{
  g_return_if_fail (CSM_IS_SESSION (self));

  KeyJob *job = g_new0 (KeyJob, 1);

  job->writes = true;
  run_key_job (self, csm_session_make_recovery_async, job, make_recovery_job, callback, data);
}

CsmSecret *
csm_session_make_recovery_finish (CsmSession *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  KeyJob *job = g_task_get_task_data (G_TASK (result));

  return finish (self, result, error) ? g_steal_pointer (&job->code) : NULL;
}

/* A new data key */

typedef struct
{
  bool takes_away;
  CsmId slot;
  CsmJob *job;
  CsmProgress *progress;
} RotateJob;

static void
rotate_job_free (gpointer data)
{
  RotateJob *rotation = data;

  g_object_unref (rotation->job);
  csm_progress_unref (rotation->progress);
  g_free (rotation);
}

static void
encrypted_cb (int64_t done, int64_t total, gpointer data)
{
  csm_progress_report (((RotateJob *) data)->progress, done, total);
}

static void
rotate_job (GTask *task, gpointer resource)
{
  RotateJob *rotation = g_task_get_task_data (task);
  GError *error = NULL;

  if (!csm_session_need_case (task, resource))
    return;
  gboolean done =
      csm_case_rotate (resource, rotation->takes_away ? &rotation->slot : NULL, encrypted_cb,
                       rotation, g_task_get_cancellable (task), &error);

  answer (task, done, error);
}

static void
rotated_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  RotateJob *rotation = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  bool done = g_task_propagate_boolean (G_TASK (result), &error);

  csm_session_end_write (self);
  csm_progress_stop (rotation->progress);
  if (!done)
    csm_session_fail_job (self, rotation->job, error);
  else
    csm_session_end_job (self, rotation->job, CSM_JOB_DONE,
                         _ ("The case has a new data key. Copies made before open as they "
                            "did."));
  csm_session_refresh (self, CSM_REFRESH_LEDGER);
}

CsmJob *
csm_session_rotate (CsmSession *self, const CsmId *slot)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), NULL);

  RotateJob *rotation;
  CsmJob *job;

  if (!csm_session_is_usable (self))
    return NULL;
  job = csm_session_add_job (self, _ ("Encrypting the case anew"));
  rotation = g_new0 (RotateJob, 1);
  rotation->takes_away = slot != NULL;
  if (slot != NULL)
    rotation->slot = *slot;
  rotation->job = g_object_ref (job);
  rotation->progress = csm_progress_new_for_job (job);
  csm_session_begin_write (self);
  csm_session_run_case_long (self,
                             csm_session_task_new (self, csm_job_get_cancellable (job),
                                                   rotated_cb, self->sequence, rotation,
                                                   rotate_job_free),
                             rotate_job);
  return job;
}
