/* csm-session-search.c: finding words in the case, and going where they are
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review/csm-session-private.h"

#include <glib/gi18n-lib.h>

#define MAX_HITS 200

typedef struct
{
  char *words;
  int sequence;
} SearchJob;

static void
search_job_free (gpointer data)
{
  SearchJob *job = data;

  g_free (job->words);
  g_free (job);
}

static void
search_job (GTask *task, gpointer resource)
{
  CsmSession *self = g_task_get_source_object (task);
  const SearchJob *job = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  GPtrArray *hits;

  if (!csm_session_need_case (task, resource))
    return;
  if (g_atomic_int_get (&self->search_sequence) != job->sequence)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "%s",
                               _ ("Another search replaced this one"));
      return;
    }
  hits = csm_case_search (resource, job->words, MAX_HITS, &error);
  if (hits == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_pointer (task, hits, (GDestroyNotify) g_ptr_array_unref);
}

static void
found_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  const SearchJob *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) hits = g_task_propagate_pointer (G_TASK (result), &error);
  GPtrArray *items;

  if (!csm_session_is_current (self, data) ||
      g_atomic_int_get (&self->search_sequence) != job->sequence)
    return;
  if (hits == NULL)
    {
      csm_session_emit_error (self, _ ("The search failed"), error);
      return;
    }
  items = g_ptr_array_sized_new (hits->len);
  g_ptr_array_set_free_func (hits, NULL);
  for (unsigned i = 0; i < hits->len; i++)
    g_ptr_array_add (items, csm_search_item_new (hits->pdata[i]));
  csm_item_list_set (self->results, items);
}

void
csm_session_search (CsmSession *self, const char *words)
{
  g_return_if_fail (CSM_IS_SESSION (self) && words != NULL);

  SearchJob *job;
  int sequence = g_atomic_int_add (&self->search_sequence, 1) + 1;
  g_autofree char *clean = g_strstrip (g_strdup (words));

  if (*clean == '\0' || !csm_session_is_usable (self))
    {
      csm_item_list_clear (self->results);
      return;
    }
  job = g_new0 (SearchJob, 1);
  job->words = g_steal_pointer (&clean);
  job->sequence = sequence;
  csm_session_run_case (self,
                        csm_session_task_new (self, self->case_cancellable, found_cb,
                                              self->sequence, job, search_job_free),
                        search_job);
}

void
csm_session_show_hit (CsmSession *self, const CsmSearchHit *hit)
{
  g_return_if_fail (CSM_IS_SESSION (self) && hit != NULL);

  if (!csm_session_is_usable (self))
    return;
  switch (hit->kind)
    {
      case CSM_HIT_MARK: {
        const CsmId mark = hit->mark, exhibit = hit->exhibit;
        int64_t frame = hit->frame;

        csm_session_select_at (self, &exhibit, hit->track, frame);
        csm_session_select_mark (self, &mark);
        break;
      }
    case CSM_HIT_EXHIBIT:
      csm_session_select (self, &hit->exhibit);
      break;
    case CSM_HIT_CODE:
    default:
      /* A code is everywhere that it was used: the list of marks shows where. */
      csm_session_set_filter (self, NULL, hit->code, NULL);
      break;
    }
}
