/* csm-session-receipts.c: receipts and time stamps, as a window asks for them
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review/csm-session-receipts.h"

#include "base/csm-file.h"
#include "custody/csm-timestamp.h"
#include "review/csm-session-private.h"

#include <glib/gi18n-lib.h>

void
csm_receipts_free (CsmReceipts *self)
{
  if (self == NULL)
    return;

  g_clear_pointer (&self->receipts, g_ptr_array_unref);
  g_clear_pointer (&self->stamps, g_ptr_array_unref);
  g_free (self);
}

/* --- reading --- */

static void
read_job (GTask *task, gpointer resource)
{
  g_autoptr (CsmReceipts) receipts = g_new0 (CsmReceipts, 1);
  g_autoptr (GError) error = NULL;

  if (!csm_session_need_case (task, resource))
    return;
  if (csm_case_get_dating (resource, &receipts->dating, &error) &&
      (receipts->receipts = csm_case_list_receipts (resource, &error)) != NULL &&
      (receipts->stamps = csm_case_list_stamps (resource, &error)) != NULL)
    g_task_return_pointer (task, g_steal_pointer (&receipts),
                           (GDestroyNotify) csm_receipts_free);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

void
csm_session_read_receipts_async (CsmSession *self, GAsyncReadyCallback callback, gpointer data)
{
  g_return_if_fail (CSM_IS_SESSION (self));

  g_autoptr (GTask) task = g_task_new (self, NULL, callback, data);
  GError *error = NULL;

  g_task_set_source_tag (task, csm_session_read_receipts_async);
  if (!csm_session_check_usable (self, &error))
    g_task_return_error (task, error);
  else
    csm_session_run_case (self, g_steal_pointer (&task), read_job);
}

CsmReceipts *
csm_session_read_receipts_finish (CsmSession *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- what writes to the case --- */

/* Files, each as its use says. */
typedef struct
{
  char *path;
  char *ca;
  char *chain;
} Files;

static void
files_free (gpointer data)
{
  Files *files = data;

  g_free (files->path);
  g_free (files->ca);
  g_free (files->chain);
  g_free (files);
}

static void
written_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  g_autoptr (GTask) outer = data;
  g_autoptr (GError) error = NULL;
  const bool written = g_task_propagate_boolean (G_TASK (result), &error);

  csm_session_end_write (self);
  /* A receipt whose file could not be written is in the ledger all the same. */
  csm_session_refresh (self, CSM_REFRESH_LEDGER);
  if (written)
    g_task_return_boolean (outer, TRUE);
  else
    g_task_return_error (outer, g_steal_pointer (&error));
}

/* Takes @outer. Short: the case lane is free again in a moment. */
static void
run_write (CsmSession *self,
           GTask *outer,
           const char *path,
           const char *ca,
           const char *chain,
           CsmLaneJob run)
{
  GError *error = NULL;
  GTask *inner;
  Files *files;

  if (!csm_session_check_usable (self, &error))
    {
      g_task_return_error (outer, error);
      g_object_unref (outer);
      return;
    }
  files = g_new0 (Files, 1);
  files->path = g_strdup (path);
  files->ca = g_strdup (ca);
  files->chain = g_strdup (chain);
  inner = g_task_new (self, NULL, written_cb, outer);
  g_task_set_task_data (inner, files, files_free);
  csm_session_begin_write (self);
  csm_session_run_case (self, inner, run);
}

/* Answers @task. */
static void
end_write_job (GTask *task, gboolean done, GError *error)
{
  if (done)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static gboolean
check_free (const char *path, GError **error)
{
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  g_set_error_literal (error, CSM_CASE_ERROR, CSM_CASE_ERROR_EXISTS,
                       _ ("A file of that name is there already: choose another name"));
  return FALSE;
}

static void
make_job (GTask *task, gpointer resource)
{
  const Files *files = g_task_get_task_data (task);
  g_autoptr (CsmReceipt) receipt = NULL;
  GError *error = NULL;
  gboolean done;

  if (!csm_session_need_case (task, resource))
    return;
  done = check_free (files->path, &error) &&
         (receipt = csm_case_make_receipt (resource, &error)) != NULL &&
         csm_file_write (files->path, csm_receipt_get_bytes (receipt), &error);
  end_write_job (task, done, error);
}

void
csm_session_make_receipt_async (CsmSession *self,
                                const char *path,
                                GAsyncReadyCallback callback,
                                gpointer data)
{
  g_return_if_fail (CSM_IS_SESSION (self) && path != NULL);

  GTask *outer = g_task_new (self, NULL, callback, data);

  g_task_set_source_tag (outer, csm_session_make_receipt_async);
  run_write (self, outer, path, NULL, NULL, make_job);
}

gboolean
csm_session_make_receipt_finish (CsmSession *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* Borrowed (nullable) */
static const CsmReceiptRow *
find_kept (GPtrArray *receipts, GError **error)
{
  for (unsigned i = 0; i < receipts->len; i++)
    if (((const CsmReceiptRow *) receipts->pdata[i])->kept)
      return receipts->pdata[i];
  g_set_error_literal (error, CSM_CASE_ERROR, CSM_CASE_ERROR_NOT_FOUND,
                       _ ("There is no receipt yet: make one first"));
  return NULL;
}

static void
request_job (GTask *task, gpointer resource)
{
  const Files *files = g_task_get_task_data (task);
  g_autoptr (GPtrArray) receipts = NULL;
  g_autoptr (GBytes) request = NULL;
  const CsmReceiptRow *row = NULL;
  GError *error = NULL;
  gboolean done;

  if (!csm_session_need_case (task, resource))
    return;
  done = check_free (files->path, &error) &&
         (receipts = csm_case_list_receipts (resource, &error)) != NULL &&
         (row = find_kept (receipts, &error)) != NULL &&
         (request = csm_case_make_request (resource, &row->sha256, &error)) != NULL &&
         csm_file_write (files->path, request, &error);
  end_write_job (task, done, error);
}

void
csm_session_save_request_async (CsmSession *self,
                                const char *path,
                                GAsyncReadyCallback callback,
                                gpointer data)
{
  g_return_if_fail (CSM_IS_SESSION (self) && path != NULL);

  GTask *outer = g_task_new (self, NULL, callback, data);

  g_task_set_source_tag (outer, csm_session_save_request_async);
  run_write (self, outer, path, NULL, NULL, request_job);
}

gboolean
csm_session_save_request_finish (CsmSession *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* (transfer full) (nullable): "the CA file: open file: No such file or directory" */
static GBytes *
read_file (const char *path, const char *what, GError **error)
{
  GBytes *bytes = csm_file_read (path, CSM_TIMESTAMP_MAX_SIZE, error);

  if (bytes == NULL)
    g_prefix_error (error, "%s: ", what);
  return bytes;
}

static void
stamp_job (GTask *task, gpointer resource)
{
  const Files *files = g_task_get_task_data (task);
  g_autoptr (GBytes) answer = NULL;
  g_autoptr (GBytes) ca = NULL;
  g_autoptr (GBytes) chain = NULL;
  g_autoptr (CsmStampRow) row = NULL;
  GError *error = NULL;
  gboolean done;

  if (!csm_session_need_case (task, resource))
    return;
  done = (answer = read_file (files->path, _ ("the answer"), &error)) != NULL &&
         (ca = read_file (files->ca, _ ("the CA file"), &error)) != NULL &&
         (files->chain == NULL ||
          (chain = read_file (files->chain, _ ("the chain"), &error)) != NULL) &&
         (row = csm_case_add_stamp (resource, answer, ca, chain, &error)) != NULL;
  end_write_job (task, done, error);
}

void
csm_session_add_stamp_async (CsmSession *self,
                             const char *answer,
                             const char *ca,
                             const char *chain,
                             GAsyncReadyCallback callback,
                             gpointer data)
{
  g_return_if_fail (CSM_IS_SESSION (self) && answer != NULL && ca != NULL);

  GTask *outer = g_task_new (self, NULL, callback, data);

  g_task_set_source_tag (outer, csm_session_add_stamp_async);
  run_write (self, outer, answer, ca, chain, stamp_job);
}

gboolean
csm_session_add_stamp_finish (CsmSession *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- checking --- */

typedef struct
{
  CsmFindingKind kind;
  char *where;
  char *what;
} Finding;

typedef struct
{
  char *path; /* (nullable) */
  char *code; /* (nullable) */
  GPtrArray *findings;
  bool holds;
} Check;

static void
finding_free (gpointer data)
{
  Finding *finding = data;

  g_free (finding->where);
  g_free (finding->what);
  g_free (finding);
}

static void
check_free_all (gpointer data)
{
  Check *check = data;

  g_free (check->path);
  g_free (check->code);
  g_ptr_array_unref (check->findings);
  g_free (check);
}

static void
found_cb (CsmFindingKind kind, const char *where, const char *what, gpointer data)
{
  Check *check = data;
  Finding *finding = g_new0 (Finding, 1);

  finding->kind = kind;
  finding->where = g_strdup (where);
  finding->what = g_strdup (what);
  g_ptr_array_add (check->findings, finding);
}

static gboolean
check_file (CsmCase *acase, Check *check, GError **error)
{
  g_autoptr (GBytes) bytes = csm_file_read (check->path, CSM_RECEIPT_MAX_SIZE, error);
  g_autoptr (CsmReceipt) receipt = bytes != NULL ? csm_receipt_parse (bytes, error) : NULL;

  return receipt != NULL &&
         csm_case_check_receipt (acase, receipt, found_cb, check, &check->holds, error);
}

static void
check_job (GTask *task, gpointer resource)
{
  Check *check = g_task_get_task_data (task);
  GError *error = NULL;
  gboolean done;

  if (!csm_session_need_case (task, resource))
    return;
  done = check->path != NULL ? check_file (resource, check, &error)
                             : csm_case_check_code (resource, check->code, found_cb, check,
                                                    &check->holds, &error);
  end_write_job (task, done, error);
}

void
csm_session_check_receipt_async (CsmSession *self,
                                 const char *path,
                                 const char *code,
                                 GAsyncReadyCallback callback,
                                 gpointer data)
{
  g_return_if_fail (CSM_IS_SESSION (self) && (path == NULL) != (code == NULL));

  g_autoptr (GTask) task = g_task_new (self, NULL, callback, data);
  Check *check = g_new0 (Check, 1);
  GError *error = NULL;

  check->path = g_strdup (path);
  check->code = g_strdup (code);
  check->findings = g_ptr_array_new_with_free_func (finding_free);
  g_task_set_source_tag (task, csm_session_check_receipt_async);
  g_task_set_task_data (task, check, check_free_all);
  if (!csm_session_check_usable (self, &error))
    g_task_return_error (task, error);
  else
    csm_session_run_case (self, g_steal_pointer (&task), check_job);
}

gboolean
csm_session_check_receipt_finish (CsmSession *self,
                                  GAsyncResult *result,
                                  CsmSessionFinding finding,
                                  gpointer data,
                                  bool *ret_holds,
                                  GError **error)
{
  const Check *check = g_task_get_task_data (G_TASK (result));

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  for (unsigned i = 0; i < check->findings->len; i++)
    {
      const Finding *found = check->findings->pdata[i];

      finding (found->kind, found->where, found->what, data);
    }
  *ret_holds = check->holds;
  return TRUE;
}
