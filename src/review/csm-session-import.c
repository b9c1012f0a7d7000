/* csm-session-import.c: bringing files in, one after another
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review/csm-session-export.h"
#include "review/csm-session-private.h"

#include <glib/gi18n-lib.h>

/* One job on the case lane for each file, so that other work gets its turn between two; within
 * a file, short work passes at each report of progress. */
struct _CsmImport
{
  /* Immutable */
  char **paths;
  CsmAcquisition *acquisition; /* nullable */
  bool link;
  CsmReceivedBundle *bundle; /* (nullable): its files, instead of @paths */
  unsigned sequence;
  CsmJob *job;
  CsmSession *session; /* borrowed: tasks hold it */
  CsmProgress *progress;

  /* Main thread, or the task on the case lane */
  GPtrArray *files;   /* NULL until listed */
  GPtrArray *refused; /* what could not be looked into */
  unsigned next;
  int64_t n_bytes; /* of all files */
  int64_t n_done;  /* of files before the one in hand */
  int64_t n_hand;  /* of the one in hand, by its own report */

  /* Main thread only */
  unsigned n_added, n_there, n_relinked, n_failed;
  char *first_failure;
};

typedef struct
{
  CsmImport *import; /* borrowed */
  CsmIntakeOutcome outcome;
  CsmExhibit *exhibit;
} FileJob;

static void import_next (CsmImport *import);

static void
import_free (CsmImport *import)
{
  g_strfreev (import->paths);
  csm_received_bundle_free (import->bundle);
  csm_acquisition_free (import->acquisition);
  g_clear_object (&import->job);
  csm_progress_unref (import->progress);
  g_clear_pointer (&import->files, g_ptr_array_unref);
  g_ptr_array_unref (import->refused);
  g_free (import->first_failure);
  g_free (import);
}

static void
file_job_free (gpointer data)
{
  FileJob *job = data;

  csm_exhibit_free (job->exhibit);
  g_free (job);
}

/* --- how it ended --- */

static void
append_sentence (GString *text, const char *sentence)
{
  if (text->len > 0)
    g_string_append_c (text, ' ');
  g_string_append (text, sentence);
}

static void
append_counts (GString *text, const CsmImport *import)
{
  g_autofree char *added = g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "%u file added", "%u files added", import->n_added),
      import->n_added);

  append_sentence (text, added);
  if (import->n_there > 0)
    g_string_append_printf (text,
                            g_dngettext (GETTEXT_PACKAGE, ", %u was there already",
                                         ", %u were there already", import->n_there),
                            import->n_there);
  if (import->n_relinked > 0)
    g_string_append_printf (text,
                            g_dngettext (GETTEXT_PACKAGE, ", %u was found at another place",
                                         ", %u were found at another place",
                                         import->n_relinked),
                            import->n_relinked);
  if (import->n_failed > 0)
    g_string_append_printf (text,
                            g_dngettext (GETTEXT_PACKAGE, ", %u could not be added",
                                         ", %u could not be added", import->n_failed),
                            import->n_failed);
  g_string_append_c (text, '.');
}

static void
append_failure (GString *text, const CsmImport *import)
{
  const char *failure = import->first_failure;
  g_autofree char *bare = g_strdup (failure);
  g_autofree char *sentence = NULL;

  if (g_str_has_suffix (bare, "."))
    bare[strlen (bare) - 1] = '\0';
  sentence = g_strdup_printf (
      import->bundle != NULL
          /* Translators: %s is a file and what went wrong with it */
          ? _ ("Not added: %s. Nothing that follows it was taken in.")
          /* Translators: %s is a file and what went wrong with it */
          : _ ("Not added: %s. See that the file is there and can be read, then import it "
               "again."),
      bare);
  append_sentence (text, sentence);
}

/* Listing them failed: there is nothing to count. */
static char *
dup_list_failure (const CsmImport *import)
{
  g_autoptr (GString) text = g_string_new (NULL);

  append_failure (text, import);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static char *
dup_outcome (const CsmImport *import, bool stopped)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (stopped)
    append_sentence (text, _ ("Stopped."));
  append_counts (text, import);
  if (import->first_failure != NULL)
    append_failure (text, import);
  if (import->link && import->n_added > 0)
    append_sentence (text, _ ("The files stay where they are and are not encrypted."));
  else if (import->n_added + import->n_there > 0)
    append_sentence (text, _ ("The source copies are still unencrypted where they were."));
  if (stopped)
    append_sentence (text, _ ("Import again to go on: what is there is not copied twice."));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* What is to come in; 0 until it is listed. */
static unsigned
get_n_files (const CsmImport *import)
{
  if (import->bundle != NULL)
    return csm_received_bundle_get_n_files (import->bundle);
  return import->files != NULL ? import->files->len : 0;
}

/* (transfer full) */
static char *
dup_path (const CsmImport *import)
{
  return import->bundle != NULL ? csm_received_bundle_dup_path (import->bundle, import->next)
                                : g_strdup (g_ptr_array_index (import->files, import->next));
}

static void
import_ended (CsmImport *import)
{
  CsmSession *self = import->session;
  const bool listed = get_n_files (import) > 0;
  bool stopped = g_cancellable_is_cancelled (csm_job_get_cancellable (import->job));
  CsmJobState state = CSM_JOB_DONE;
  g_autofree char *outcome = NULL;

  if (stopped)
    state = CSM_JOB_CANCELLED;
  else if (!listed || (import->n_failed > 0 && import->n_added == 0))
    state = CSM_JOB_FAILED;
  outcome = !listed && import->first_failure != NULL ? dup_list_failure (import)
                                                     : dup_outcome (import, stopped);
  csm_progress_stop (import->progress);
  csm_session_end_job (self, import->job, state, outcome);
  csm_session_refresh (self, CSM_REFRESH_LEDGER);
  import_free (import);
}

/* --- one file --- */

static void
show_progress_cb (int64_t done, int64_t total, gpointer data)
{
  CsmImport *import = data;

  if (total > 0)
    csm_job_set_progress (import->job, (double) done / (double) total, NULL);
}

static void
file_progress_cb (int64_t done, int64_t total, gpointer data)
{
  CsmImport *import = data;

  import->n_hand = total;
  csm_progress_report (import->progress, import->n_done + done, import->n_bytes);
}

typedef struct
{
  CsmImport *import;
  CsmCase *acase;
} YieldingProgress;

static void
file_step_cb (int64_t done, int64_t total, gpointer data)
{
  YieldingProgress *step = data;

  file_progress_cb (done, total, step->import);
  /* The copy holds no transaction between two reads: marks and pictures need not wait. */
  csm_session_yield (step->import->session, step->acase);
}

static void
add_file_job (GTask *task, gpointer resource)
{
  FileJob *job = g_task_get_task_data (task);
  CsmImport *import = job->import;
  const CsmIntakeOptions options = { .acquisition = import->acquisition, .link = import->link };
  YieldingProgress step = { import, resource };
  g_autoptr (GError) error = NULL;

  if (!csm_session_need_case (task, resource))
    return;
  if (import->bundle != NULL
          ? csm_received_bundle_add (import->bundle, import->next, resource, &options,
                                     file_step_cb, &step, &job->outcome, &job->exhibit,
                                     g_task_get_cancellable (task), &error)
          : csm_intake_add_file (resource, g_ptr_array_index (import->files, import->next),
                                 &options, file_step_cb, &step, &job->outcome, &job->exhibit,
                                 g_task_get_cancellable (task), &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
count_failure (CsmImport *import, const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  import->n_failed++;
  if (import->first_failure == NULL)
    import->first_failure = g_strdup_printf ("%s.", error->message);
}

static void
file_added_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  FileJob *job = g_task_get_task_data (G_TASK (result));
  CsmImport *import = job->import;
  g_autoptr (GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    count_failure (import, error);
  else if (job->outcome == CSM_INTAKE_DUPLICATE)
    import->n_there++;
  else if (job->outcome == CSM_INTAKE_RELINKED)
    import->n_relinked++;
  else
    {
      import->n_added++;
      if (import->sequence == self->sequence)
        {
          csm_session_enqueue (self, job->exhibit);
          csm_session_put_exhibit (self, g_steal_pointer (&job->exhibit));
          csm_session_refresh (self, CSM_REFRESH_LEDGER);
        }
    }
  import->n_done += import->n_hand;
  import->n_hand = 0;
  import->next++;
  import_next (import);
}

static void
import_next (CsmImport *import)
{
  CsmSession *self = import->session;
  g_autofree char *path = NULL;
  g_autofree char *name = NULL;
  FileJob *job;
  GTask *task;

  if (import->next >= get_n_files (import) ||
      (import->bundle != NULL && import->n_failed > 0) || import->sequence != self->sequence ||
      g_cancellable_is_cancelled (csm_job_get_cancellable (import->job)))
    {
      import_ended (import);
      return;
    }
  path = dup_path (import);
  name = g_filename_display_basename (path);
  csm_job_set_progress (import->job, csm_job_get_fraction (import->job), name);
  job = g_new0 (FileJob, 1);
  job->import = import;
  task = csm_session_task_new (self, csm_job_get_cancellable (import->job), file_added_cb,
                               self->sequence, job, file_job_free);
  csm_session_run_case_long (self, task, add_file_job);
}

/* --- all files --- */

static void
list_files_job (GTask *task, gpointer resource)
{
  CsmImport *import = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  import->files =
      csm_intake_list_files (import->paths, &import->n_bytes, import->refused, &error);
  if (import->files == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_boolean (task, TRUE);
}

static void
files_listed_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmImport *import = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    {
      import->n_failed = import->refused->len;
      if (import->refused->len > 0)
        import->first_failure =
            g_strdup_printf ("%s.", (const char *) g_ptr_array_index (import->refused, 0));
      import_next (import);
      return;
    }
  count_failure (import, error);
  import_ended (import);
}

static CsmImport *
import_new (CsmSession *self, const char *title)
{
  CsmImport *import = g_new0 (CsmImport, 1);

  import->session = self;
  import->refused = g_ptr_array_new_with_free_func (g_free);
  import->sequence = self->sequence;
  import->job = g_object_ref (csm_session_add_job (self, title));
  import->progress = csm_progress_new (show_progress_cb, import);
  return import;
}

CsmJob *
csm_session_import (CsmSession *self,
                    char *const *paths,
                    const CsmAcquisition *acquisition,
                    bool link)
{
  g_return_val_if_fail (CSM_IS_SESSION (self) && paths != NULL, NULL);

  CsmImport *import;

  if (!csm_session_is_usable (self))
    return NULL;
  import = import_new (self, _ ("Importing"));
  import->paths = g_strdupv ((char **) paths);
  import->acquisition = acquisition != NULL ? csm_acquisition_copy (acquisition) : NULL;
  import->link = link;
  csm_session_run_case_long (self,
                             csm_session_task_new (self, csm_job_get_cancellable (import->job),
                                                   files_listed_cb, self->sequence, import,
                                                   NULL),
                             list_files_job);
  return import->job;
}

CsmJob *
csm_session_take_in (CsmSession *self, CsmReceivedBundle *bundle)
{
  g_return_val_if_fail (CSM_IS_SESSION (self) && bundle != NULL, NULL);

  CsmImport *import;
  CsmJob *job;

  if (!csm_session_is_usable (self))
    {
      csm_received_bundle_free (bundle);
      return NULL;
    }
  import = import_new (self, _ ("Taking in a bundle"));
  import->bundle = bundle;
  import->n_bytes = csm_received_bundle_get_size (bundle);
  job = import->job;
  import_next (import);
  return job;
}
