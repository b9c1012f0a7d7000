/* csm-session-case.c: creating, opening, locking and closing the case
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case-restored.h"
#include "review/csm-session-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* --- opening --- */

typedef struct
{
  char *path;
  char *title;
  char *reviewer;
  CsmSecret *passphrase;
  bool create;
  bool restored; /* verify, and go on with it as it is */
  bool read_only;
  bool clock_confirmed;
  bool record_access;
  bool recovery;
  GCancellable *given_up; /* nullable */
  CsmRefreshWish *wish;
} OpenJob;

typedef struct
{
  char *title;
  char *reviewer;
  char reviewer_key[65];
  bool can_sign;
  bool read_only;
  CsmSecret *recovery;
  CsmSnapshot *snapshot;
  char *repairs;        /* nullable */
  char *loss;           /* nullable */
  char *restored;       /* nullable */
  char *only_to_look;   /* nullable: why nothing can be changed, which nobody asked for */
  GError *not_recorded; /* nullable */
  bool media_missing;
} Opened;

static void
open_job_free (gpointer data)
{
  OpenJob *job = data;

  g_free (job->path);
  g_free (job->title);
  g_free (job->reviewer);
  csm_secret_unref (job->passphrase);
  csm_refresh_wish_free (job->wish);
  g_clear_object (&job->given_up);
  g_free (job);
}

static void
opened_free (gpointer data)
{
  Opened *opened = data;

  g_free (opened->title);
  g_free (opened->reviewer);
  csm_secret_unref (opened->recovery);
  csm_snapshot_free (opened->snapshot);
  g_free (opened->repairs);
  g_free (opened->loss);
  g_free (opened->restored);
  g_free (opened->only_to_look);
  g_clear_error (&opened->not_recorded);
  g_free (opened);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Opened, opened_free)

static CsmCase *
go_on (const OpenJob *job, GError **error)
{
  g_autoptr (CsmCase) look = csm_case_open (job->path, job->passphrase, true, error);
  bool holds = false;

  if (look == NULL || !csm_case_verify_restored (look, NULL, NULL, NULL, &holds, NULL, error))
    return NULL;
  if (!holds)
    {
      g_set_error_literal (error, CSM_CASE_ERROR, CSM_CASE_ERROR_DAMAGED,
                           _ ("This copy does not hold, and was left as it is: open it, and "
                              "Verify Case says what is wrong. Take another backup."));
      return NULL;
    }
  g_clear_pointer (&look, csm_case_close);
  return csm_case_continue_restored (job->path, job->passphrase, error);
}

static CsmCase *
open_case (const OpenJob *job, CsmSecret **ret_recovery, GError **error)
{
  if (job->restored)
    return go_on (job, error);
  if (!job->create)
    return csm_case_open (job->path, job->passphrase, job->read_only, error);

  const CsmCaseOptions options = {
    .title = job->title,
    .reviewer = job->reviewer,
    .passphrase = job->passphrase,
    .clock_confirmed = job->clock_confirmed,
    .record_access = job->record_access,
    .recovery = job->recovery,
    .cancellable = job->given_up,
  };

  return csm_case_create (job->path, &options, ret_recovery, error);
}

static void
describe_case (Opened *opened, const OpenJob *job, CsmCase *acase)
{
  const CsmReviewer *reviewer = csm_case_get_self (acase);

  opened->title = g_strdup (csm_case_get_title (acase));
  opened->read_only = csm_case_is_read_only (acase);
  opened->repairs = csm_vault_dup_repairs (csm_case_get_vault (acase));
  opened->loss = csm_vault_dup_loss (csm_case_get_vault (acase));
  opened->restored = csm_case_dup_restored (acase);
  if (!job->read_only && opened->loss == NULL && opened->restored == NULL)
    opened->only_to_look = g_strdup (csm_case_get_why_read_only (acase));
  opened->media_missing = csm_case_get_media_store (acase) == NULL;
  opened->reviewer = g_strdup (reviewer != NULL ? reviewer->name : "");
  if (reviewer != NULL)
    g_strlcpy (opened->reviewer_key, reviewer->key, sizeof (opened->reviewer_key));
  opened->can_sign = reviewer != NULL && !opened->read_only;
}

static void
open_case_job (GTask *task, gpointer resource)
{
  CsmSession *self = g_task_get_source_object (task);
  OpenJob *job = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (Opened) opened = g_new0 (Opened, 1);
  g_autoptr (CsmCase) acase = open_case (job, &opened->recovery, &error);

  if (acase == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  describe_case (opened, job, acase);
  /* A case that cannot note its opening can still be read; the reviewer hears of it. */
  if (opened->can_sign && !job->create)
    csm_case_record_access (acase, "opened", NULL, NULL, &opened->not_recorded);
  opened->snapshot = csm_snapshot_read (acase, g_steal_pointer (&job->wish), &error);
  if (opened->snapshot == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  csm_lane_set_resource (self->case_lane, g_steal_pointer (&acase));
  csm_worker_prestart (); /* exhibits are opened next, one after the other */
  g_task_return_pointer (task, g_steal_pointer (&opened), opened_free);
}

void
csm_session_set_state (CsmSession *self, CsmSessionState state)
{
  if (self->state == state)
    return;
  self->state = state;
  csm_session_notify (self, CSM_SESSION_PROP_STATE);
}

void
csm_session_set_path (CsmSession *self, const char *path)
{
  if (g_strcmp0 (self->path, path) == 0)
    return;
  g_free (self->path);
  self->path = g_strdup (path);
  csm_session_notify (self, CSM_SESSION_PROP_PATH);
}

static void
set_identity (CsmSession *self, const Opened *opened)
{
  g_free (self->title);
  g_free (self->reviewer);
  g_free (self->restored);
  self->restored = g_strdup (opened != NULL ? opened->restored : NULL);
  self->title = g_strdup (opened != NULL ? opened->title : "");
  self->reviewer = g_strdup (opened != NULL ? opened->reviewer : "");
  memset (self->reviewer_key, 0, sizeof (self->reviewer_key));
  if (opened != NULL)
    memcpy (self->reviewer_key, opened->reviewer_key, sizeof (self->reviewer_key));
  self->can_sign = opened != NULL && opened->can_sign;
  self->read_only = opened != NULL && opened->read_only;
  csm_session_notify (self, CSM_SESSION_PROP_TITLE);
  csm_session_notify (self, CSM_SESSION_PROP_REVIEWER);
  csm_session_notify (self, CSM_SESSION_PROP_READ_ONLY);
}

void
csm_session_forget_identity (CsmSession *self)
{
  set_identity (self, NULL);
}

static void
tell_what_opening_met (CsmSession *self, const Opened *opened)
{
  if (opened->repairs != NULL)
    {
      /* Translators: %s says what was repaired, in a sentence without a stop */
      g_autofree char *text = g_strdup_printf (_ ("Repaired: %s."), opened->repairs);

      csm_session_emit_notice (self, text);
    }
  if (opened->loss != NULL && opened->restored == NULL)
    {
      /* Translators: %s says what cannot be read and what to do, without a stop */
      g_autofree char *text = g_strdup_printf (_ ("Not all was read: %s."), opened->loss);

      csm_session_emit_problem (self, text);
    }
  if (opened->only_to_look != NULL)
    {
      /* Translators: %s says why, and what to do, without a stop */
      g_autofree char *text =
          g_strdup_printf (_ ("The case was opened to look only: %s."), opened->only_to_look);

      csm_session_emit_problem (self, text);
    }
  if (opened->not_recorded != NULL)
    csm_session_emit_error (self, _ ("The opening could not be recorded"),
                            opened->not_recorded);
  if (opened->media_missing)
    csm_session_emit_problem (self,
                              _ ("The media folder of this case is not beside it: exhibits "
                                 "cannot be shown. Put it back and open the case again."));
}

static void
opened_as_wished (CsmSession *self, const char *path, Opened *opened)
{
  bool returning = self->has_locked_exhibit && g_strcmp0 (self->path, path) == 0;
  const CsmId back_to = self->locked_exhibit;

  if (!returning)
    g_hash_table_remove_all (self->positions);
  self->has_locked_exhibit = false;
  csm_session_set_path (self, path);
  set_identity (self, opened);
  /* Usable before the lists fill: what they set off asks for the state. */
  self->state = CSM_SESSION_OPEN;
  csm_session_apply (self, g_steal_pointer (&opened->snapshot));
  csm_session_notify (self, CSM_SESSION_PROP_STATE);
  for (unsigned i = 0; i < csm_item_list_get_size (self->exhibits); i++)
    csm_session_enqueue (self,
                         csm_exhibit_item_get_record (csm_item_list_peek (self->exhibits, i)));
  if (returning && csm_session_find_exhibit_item (self, &back_to) != NULL)
    csm_session_select (self, &back_to);
  tell_what_opening_met (self, opened);
}

void
csm_session_opening_failed (CsmSession *self)
{
  if (!self->closing)
    csm_session_set_state (self, self->has_locked_exhibit || self->path != NULL
                                     ? CSM_SESSION_LOCKED
                                     : CSM_SESSION_CLOSED);
}

static void
case_opened_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  GTask *inner = G_TASK (result);
  const OpenJob *job = g_task_get_task_data (inner);
  g_autoptr (GTask) outer = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (Opened) opened = g_task_propagate_pointer (inner, &error);

  if (opened != NULL && self->closing && opened->recovery != NULL)
    {
      /* Too late to give the new case up: a code that opens it is not thrown away unseen. */
      g_task_return_pointer (outer, g_steal_pointer (&opened->recovery),
                             (GDestroyNotify) csm_secret_unref);
      return;
    }
  if (opened != NULL && self->closing)
    {
      /* Locked while it was opening: the closing that waits behind finishes it. */
      g_task_return_new_error (outer, G_IO_ERROR, G_IO_ERROR_CANCELLED, "%s",
                               _ ("The case was closed"));
      return;
    }
  if (opened == NULL)
    {
      csm_session_opening_failed (self);
      g_task_return_error (outer, g_steal_pointer (&error));
      return;
    }
  opened_as_wished (self, job->path, opened);
  if (opened->recovery != NULL)
    g_task_return_pointer (outer, g_steal_pointer (&opened->recovery),
                           (GDestroyNotify) csm_secret_unref);
  else
    g_task_return_pointer (outer, NULL, NULL);
}

static void
start_opening (CsmSession *self, GTask *outer)
{
  OpenJob *job = g_task_get_task_data (outer);
  OpenJob *own = g_new0 (OpenJob, 1);
  GTask *inner;

  *own = *job;
  own->path = g_strdup (job->path);
  own->title = g_strdup (job->title);
  own->reviewer = g_strdup (job->reviewer);
  own->passphrase = csm_secret_ref (job->passphrase);
  self->sequence++;
  own->wish = csm_session_make_wish (self, CSM_REFRESH_ALL);
  g_set_object (&self->case_cancellable, NULL);
  self->case_cancellable = g_cancellable_new ();
  own->given_up = g_object_ref (self->case_cancellable);
  csm_session_set_state (self, CSM_SESSION_OPENING);
  inner = g_task_new (self, g_task_get_cancellable (outer), case_opened_cb, outer);
  g_task_set_check_cancellable (inner, FALSE);
  g_task_set_task_data (inner, own, open_job_free);
  csm_session_run_case_long (self, inner, open_case_job);
}

void
csm_session_start_opening (CsmSession *self, GTask *outer)
{
  if (self->closing && self->pending_open == NULL)
    self->pending_open = outer;
  else if (self->closing || self->state == CSM_SESSION_OPEN ||
           self->state == CSM_SESSION_OPENING)
    {
      g_task_return_new_error (outer, G_IO_ERROR, G_IO_ERROR_BUSY, "%s",
                               _ ("Another case is open in this window; close it first"));
      g_object_unref (outer);
    }
  else
    start_opening (self, outer);
}

void
csm_session_create_async (CsmSession *self,
                          const CsmSessionCreate *options,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer data)
{
  g_return_if_fail (CSM_IS_SESSION (self) && options != NULL && options->path != NULL);
  g_return_if_fail (options->title != NULL && options->reviewer != NULL);
  g_return_if_fail (options->passphrase != NULL);

  GTask *outer = g_task_new (self, cancellable, callback, data);
  OpenJob *job = g_new0 (OpenJob, 1);

  g_task_set_source_tag (outer, csm_session_create_async);
  g_task_set_check_cancellable (outer, FALSE);
  job->create = true;
  job->path = g_strdup (options->path);
  job->title = g_strdup (options->title);
  job->reviewer = g_strdup (options->reviewer);
  job->passphrase = csm_secret_ref (options->passphrase);
  job->clock_confirmed = options->clock_confirmed;
  job->record_access = options->record_access;
  job->recovery = options->recovery;
  g_task_set_task_data (outer, job, open_job_free);
  csm_session_start_opening (self, outer);
}

gboolean
csm_session_create_finish (CsmSession *self,
                           GAsyncResult *result,
                           CsmSecret **ret_recovery,
                           GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  g_autoptr (GError) local = NULL;
  g_autoptr (CsmSecret) recovery = g_task_propagate_pointer (G_TASK (result), &local);

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (ret_recovery != NULL)
    *ret_recovery = g_steal_pointer (&recovery);
  return TRUE;
}

void
csm_session_open_async (CsmSession *self,
                        const char *path,
                        CsmSecret *passphrase,
                        bool read_only,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer data)
{
  g_return_if_fail (CSM_IS_SESSION (self) && path != NULL && passphrase != NULL);

  GTask *outer = g_task_new (self, cancellable, callback, data);
  OpenJob *job = g_new0 (OpenJob, 1);

  g_task_set_source_tag (outer, csm_session_open_async);
  g_task_set_check_cancellable (outer, FALSE);
  job->path = g_strdup (path);
  job->passphrase = csm_secret_ref (passphrase);
  job->read_only = read_only;
  g_task_set_task_data (outer, job, open_job_free);
  csm_session_start_opening (self, outer);
}

gboolean
csm_session_open_finish (CsmSession *self, GAsyncResult *result, GError **error)
{
  return csm_session_create_finish (self, result, NULL, error);
}

void
csm_session_continue_async (CsmSession *self,
                            const char *path,
                            CsmSecret *passphrase,
                            GAsyncReadyCallback callback,
                            gpointer data)
{
  g_return_if_fail (CSM_IS_SESSION (self) && path != NULL && passphrase != NULL);

  GTask *outer = g_task_new (self, NULL, callback, data);
  OpenJob *job = g_new0 (OpenJob, 1);

  g_task_set_source_tag (outer, csm_session_continue_async);
  job->path = g_strdup (path);
  job->passphrase = csm_secret_ref (passphrase);
  job->restored = true;
  g_task_set_task_data (outer, job, open_job_free);
  csm_session_start_opening (self, outer);
}

const char *
csm_session_get_restored (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), NULL);
  return self->restored;
}
