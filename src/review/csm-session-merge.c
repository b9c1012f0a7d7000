/* csm-session-merge.c: another copy taken in, and what both changed settled
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review/csm-session-merge.h"

#include "review/csm-session-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* --- merging --- */

typedef struct
{
  /* Immutable */
  char *path;
  CsmSecret *passphrase;
  CsmJob *job;
  CsmProgress *progress;

  /* Main thread only */
  CsmSessionMerged merged;
  gpointer data;
  GDestroyNotify free_data;

  /* The task */
  bool stuck; /* entries came in, and the tables could not follow */
} MergeJob;

static void
merge_job_free (gpointer data)
{
  MergeJob *job = data;

  g_free (job->path);
  csm_secret_unref (job->passphrase);
  g_object_unref (job->job);
  csm_progress_unref (job->progress);
  g_free (job);
}

/* What the caller gave is freed where it lives; the task may end on the lane. */
static void
release_caller (MergeJob *job)
{
  if (job->free_data != NULL)
    job->free_data (job->data);
  job->free_data = NULL;
  job->merged = NULL;
}

static void
merging_cb (int64_t done, int64_t total, gpointer data)
{
  csm_progress_report (((MergeJob *) data)->progress, done, total);
}

static void
merge_job (GTask *task, gpointer resource)
{
  MergeJob *job = g_task_get_task_data (task);
  g_autoptr (CsmCase) other = NULL;
  g_autoptr (GError) error = NULL;
  CsmMergeReport *report = NULL;
  bool was_read_only;

  if (!csm_session_need_case (task, resource))
    return;
  was_read_only = csm_case_is_read_only (resource);
  other = csm_case_open (job->path, job->passphrase, true, &error);
  if (other == NULL)
    g_prefix_error (&error, "%s", _ ("The other copy cannot be opened: "));
  else if (csm_case_merge (resource, other, merging_cb, job, &report,
                           g_task_get_cancellable (task), &error))
    {
      g_task_return_pointer (task, report, (GDestroyNotify) csm_merge_report_free);
      return;
    }
  job->stuck = csm_case_is_read_only (resource) && !was_read_only;
  g_task_return_error (task, g_steal_pointer (&error));
}

/* (transfer full): one sentence, or a few. */
static char *
sum_up (const CsmMergeReport *report)
{
  g_autoptr (GString) text = g_string_new (NULL);
  const int n_exhibits = (int) report->exhibits->len;

  if (report->n_entries == 0)
    return g_strdup (_ ("The other copy holds nothing that is not here."));
  g_string_append_printf (text,
                          g_dngettext (GETTEXT_PACKAGE, "%d entry came in",
                                       "%d entries came in", (unsigned long) report->n_entries),
                          (int) report->n_entries);
  g_string_append_printf (text,
                          g_dngettext (GETTEXT_PACKAGE, ", with %d new exhibit",
                                       ", with %d new exhibits", (unsigned long) n_exhibits),
                          n_exhibits);
  g_string_append_printf (text,
                          g_dngettext (GETTEXT_PACKAGE, " and %d new mark.",
                                       " and %d new marks.", (unsigned long) report->n_marks),
                          (int) report->n_marks);
  if (report->n_conflicts > 0)
    g_string_append_printf (text,
                            g_dngettext (GETTEXT_PACKAGE, " %d conflict is to be settled.",
                                         " %d conflicts are to be settled.",
                                         (unsigned long) report->n_conflicts),
                            (int) report->n_conflicts);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
look_at_new_exhibits (CsmSession *self)
{
  for (unsigned i = 0; i < csm_item_list_get_size (self->exhibits); i++)
    csm_session_enqueue (self,
                         csm_exhibit_item_get_record (csm_item_list_peek (self->exhibits, i)));
}

static void
merged_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  MergeJob *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmMergeReport) report = g_task_propagate_pointer (G_TASK (result), &error);
  g_autofree char *outcome = NULL;

  csm_progress_stop (job->progress);
  if (report == NULL)
    {
      csm_session_fail_job (self, job->job, error);
      release_caller (job);
      if (job->stuck && csm_session_is_current (self, data))
        {
          csm_session_emit_problem (self, _ ("The merge was interrupted half-way. The case was "
                                             "locked: unlock it, and it goes on."));
          csm_session_lock (self);
        }
      return;
    }
  outcome = sum_up (report);
  if (job->merged != NULL)
    job->merged (report, job->data);
  csm_session_end_job (self, job->job, CSM_JOB_DONE, outcome);
  release_caller (job);
  if (!csm_session_is_current (self, data) || report->n_entries == 0)
    return;
  /* What was to be undone may have been changed by the other copy. */
  csm_session_clear_undo (self);
  csm_session_refresh (self, CSM_REFRESH_ALL);
  look_at_new_exhibits (self);
}

CsmJob *
csm_session_merge (CsmSession *self,
                   const char *path,
                   CsmSecret *passphrase,
                   CsmSessionMerged merged,
                   gpointer data,
                   GDestroyNotify free_data)
{
  g_return_val_if_fail (CSM_IS_SESSION (self) && path != NULL && passphrase != NULL, NULL);

  MergeJob *job;

  if (!csm_session_is_usable (self))
    {
      if (free_data != NULL)
        free_data (data);
      return NULL;
    }
  job = g_new0 (MergeJob, 1);
  job->path = g_strdup (path);
  job->passphrase = csm_secret_ref (passphrase);
  job->job = g_object_ref (csm_session_add_job (self, _ ("Merging another copy")));
  job->progress = csm_progress_new_for_job (job->job);
  job->merged = merged;
  job->data = data;
  job->free_data = free_data;
  csm_session_run_case_long (self,
                             csm_session_task_new (self, csm_job_get_cancellable (job->job),
                                                   merged_cb, self->sequence, job,
                                                   merge_job_free),
                             merge_job);
  return job->job;
}

/* --- conflicts --- */

GListModel *
csm_session_get_conflicts (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), NULL);
  return G_LIST_MODEL (self->conflicts);
}

bool
csm_session_is_in_conflict (CsmSession *self, const CsmId *mark)
{
  g_return_val_if_fail (CSM_IS_SESSION (self) && mark != NULL, false);
  return g_hash_table_contains (self->conflict_marks, mark->hex);
}

static bool
is_same_conflict (const CsmConflict *a, const CsmConflict *b)
{
  if (strcmp (a->name, b->name) != 0 || a->versions->len != b->versions->len)
    return false;
  for (guint i = 0; i < a->versions->len; i++)
    {
      const CsmConflictVersion *x = a->versions->pdata[i];
      const CsmConflictVersion *y = b->versions->pdata[i];

      if (!csm_digest_equal (&x->entry, &y->entry) || x->in_effect != y->in_effect)
        return false;
    }
  return true;
}

void
csm_session_apply_conflicts (CsmSession *self, GPtrArray *records)
{
  GPtrArray *items = g_ptr_array_new ();

  g_ptr_array_set_free_func (records, NULL);
  g_hash_table_remove_all (self->conflict_marks);
  for (guint i = 0; i < records->len; i++)
    {
      CsmConflict *record = records->pdata[i];
      CsmConflictItem *there = i < csm_item_list_get_size (self->conflicts)
                                   ? csm_item_list_peek (self->conflicts, i)
                                   : NULL;

      if (strcmp (record->facet, "mark") == 0)
        g_hash_table_add (self->conflict_marks, g_strdup (record->subject.hex));
      if (there != NULL && is_same_conflict (csm_conflict_item_get_record (there), record))
        {
          csm_conflict_free (record);
          g_ptr_array_add (items, g_object_ref (there));
        }
      else
        g_ptr_array_add (items, csm_conflict_item_new (record));
    }
  csm_item_list_set (self->conflicts, items);
}

/* What names a conflict and the version taken; the rest is read anew. */
typedef struct
{
  char *name;
  CsmDigest take;
} SettleJob;

static void
settle_job_free (gpointer data)
{
  SettleJob *job = data;

  g_free (job->name);
  g_free (job);
}

static void
settle_job (GTask *task, gpointer resource)
{
  const SettleJob *job = g_task_get_task_data (task);
  g_autoptr (CsmConflict) conflict = NULL;
  g_autoptr (GError) error = NULL;

  if (!csm_session_need_case (task, resource))
    return;
  conflict = csm_case_find_conflict (resource, job->name, &error);
  if (conflict != NULL && csm_case_settle (resource, conflict, &job->take, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
settled_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  g_autoptr (GTask) outer = data;
  g_autoptr (GError) error = NULL;
  bool settled = g_task_propagate_boolean (G_TASK (result), &error);

  csm_session_end_write (self);
  csm_session_refresh (self, CSM_REFRESH_ALL);
  if (settled)
    {
      csm_session_emit_notice (self, _ ("Conflict settled"));
      g_task_return_boolean (outer, TRUE);
    }
  else
    g_task_return_error (outer, g_steal_pointer (&error));
}

void
csm_session_settle_async (CsmSession *self,
                          const CsmConflict *conflict,
                          const CsmDigest *take,
                          GAsyncReadyCallback callback,
                          gpointer data)
{
  g_return_if_fail (CSM_IS_SESSION (self) && conflict != NULL && take != NULL);

  GTask *outer = g_task_new (self, NULL, callback, data);
  GError *error = NULL;
  SettleJob *job;
  GTask *inner;

  g_task_set_source_tag (outer, csm_session_settle_async);
  if (!csm_session_check_usable (self, &error))
    {
      g_task_return_error (outer, error);
      g_object_unref (outer);
      return;
    }
  job = g_new0 (SettleJob, 1);
  job->name = conflict->code != NULL
                  ? g_strdup (conflict->name)
                  : g_strdup_printf ("%s-%s", conflict->facet, conflict->subject.hex);
  job->take = *take;
  inner = g_task_new (self, NULL, settled_cb, outer);
  g_task_set_task_data (inner, job, settle_job_free);
  csm_session_begin_write (self);
  csm_session_run_case (self, inner, settle_job);
}

gboolean
csm_session_settle_finish (CsmSession *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}
