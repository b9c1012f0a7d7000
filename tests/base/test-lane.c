/* test-lane.c: jobs run in order, on one thread, and are answered where they were asked
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-lane.h"

/* A lane that stands still until the gate opens, so that what waits behind is certain. */
typedef struct
{
  CsmLane *lane;
  GMutex lock;
  GCond changed;
  bool open;

  /* Lane only until the lane is freed */
  GString *log;

  /* Main thread only */
  GString *answers;
  int n_answers;
} Fixture;

typedef struct
{
  Fixture *fixture;
  char name;
} Request;

static void
wait_job (GTask *task, gpointer resource)
{
  Fixture *f = resource;

  g_mutex_lock (&f->lock);
  while (!f->open)
    g_cond_wait (&f->changed, &f->lock);
  g_mutex_unlock (&f->lock);
  g_task_return_boolean (task, TRUE);
}

static void
open_gate (Fixture *f)
{
  g_mutex_lock (&f->lock);
  f->open = true;
  g_cond_broadcast (&f->changed);
  g_mutex_unlock (&f->lock);
}

static void
log_job (GTask *task, gpointer resource)
{
  Fixture *f = resource;
  const Request *request = g_task_get_task_data (task);

  g_assert_true (csm_lane_is_current (f->lane));
  g_string_append_c (f->log, request->name);
  g_task_return_boolean (task, TRUE);
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Request *request = data;
  Fixture *f = request->fixture;
  g_autoptr (GError) error = NULL;

  g_assert_false (csm_lane_is_current (f->lane));
  if (g_task_propagate_boolean (G_TASK (result), &error))
    g_string_append_c (f->answers, request->name);
  else
    {
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_string_append_c (f->answers, g_ascii_toupper (request->name));
    }
  f->n_answers++;
}

static void
ask (Fixture *f, char name, const char *kind, CsmLaneJob job, GCancellable *cancellable)
{
  Request *request = g_new0 (Request, 1);
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, answered_cb, request);

  request->fixture = f;
  request->name = name;
  g_task_set_task_data (task, request, g_free);
  csm_lane_run (f->lane, task, kind, job);
}

static void
wait_answers (Fixture *f, int n)
{
  while (f->n_answers < n)
    g_main_context_iteration (NULL, TRUE);
}

static void
fixture_init (Fixture *f)
{
  g_mutex_init (&f->lock);
  g_cond_init (&f->changed);
  f->log = g_string_new (NULL);
  f->answers = g_string_new (NULL);
  f->lane = csm_lane_new ("test", f, NULL);
}

static void
fixture_clear (Fixture *f)
{
  csm_lane_free (f->lane);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_string_free (f->log, TRUE);
  g_string_free (f->answers, TRUE);
  g_mutex_clear (&f->lock);
  g_cond_clear (&f->changed);
}

static void
test_order (void)
{
  Fixture f = { 0 };

  fixture_init (&f);
  ask (&f, '0', NULL, wait_job, NULL);
  for (char name = 'a'; name <= 'z'; name++)
    ask (&f, name, NULL, log_job, NULL);
  g_assert_cmpint (f.n_answers, ==, 0);
  open_gate (&f);
  wait_answers (&f, 27);
  g_assert_cmpstr (f.log->str, ==, "abcdefghijklmnopqrstuvwxyz");
  g_assert_cmpstr (f.answers->str, ==, "0abcdefghijklmnopqrstuvwxyz");
  fixture_clear (&f);
}

static void
test_replaced (void)
{
  g_autofree char *same_text = g_strdup ("seek"); /* another pointer */
  Fixture f = { 0 };

  fixture_init (&f);
  ask (&f, '0', "seek", wait_job, NULL);
  /* The gate's job may still wait, or run already; only then can it not be replaced. */
  ask (&f, 'x', NULL, log_job, NULL);
  open_gate (&f);
  wait_answers (&f, 2);
  f.open = false;

  ask (&f, '1', NULL, wait_job, NULL);
  ask (&f, 'a', "seek", log_job, NULL);
  ask (&f, 'b', NULL, log_job, NULL);
  ask (&f, 'c', "other", log_job, NULL);
  ask (&f, 'd', "seek", log_job, NULL);
  ask (&f, 'e', NULL, log_job, NULL);
  ask (&f, 'f', same_text, log_job, NULL);
  open_gate (&f);
  wait_answers (&f, 9);
  g_assert_cmpstr (f.log->str, ==, "xbcef");
  g_assert_cmpstr (f.answers->str, ==, "0x1AbcDef");
  fixture_clear (&f);
}

static void
started_job (GTask *task, gpointer resource)
{
  Fixture *f = resource;

  g_mutex_lock (&f->lock);
  f->open = true;
  g_cond_broadcast (&f->changed);
  g_mutex_unlock (&f->lock);
  /* Until the test has queued the newer one. */
  g_mutex_lock (&f->lock);
  while (f->open)
    g_cond_wait (&f->changed, &f->lock);
  g_mutex_unlock (&f->lock);
  g_task_return_boolean (task, TRUE);
}

static void
test_running_is_not_replaced (void)
{
  Fixture f = { 0 };

  fixture_init (&f);
  ask (&f, 'a', "seek", started_job, NULL);
  g_mutex_lock (&f.lock);
  while (!f.open)
    g_cond_wait (&f.changed, &f.lock);
  g_mutex_unlock (&f.lock);
  ask (&f, 'b', "seek", log_job, NULL);
  g_mutex_lock (&f.lock);
  f.open = false;
  g_cond_broadcast (&f.changed);
  g_mutex_unlock (&f.lock);
  wait_answers (&f, 2);
  g_assert_cmpstr (f.answers->str, ==, "ab");
  fixture_clear (&f);
}

static void
test_cancelled_while_waiting (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Fixture f = { 0 };

  fixture_init (&f);
  ask (&f, '0', NULL, wait_job, NULL);
  ask (&f, 'a', NULL, log_job, cancellable);
  ask (&f, 'b', NULL, log_job, NULL);
  g_cancellable_cancel (cancellable);
  open_gate (&f);
  wait_answers (&f, 3);
  g_assert_cmpstr (f.log->str, ==, "b");
  g_assert_cmpstr (f.answers->str, ==, "0Ab");
  fixture_clear (&f);
}

static void
test_free_runs_what_waits (void)
{
  Fixture f = { 0 };

  fixture_init (&f);
  ask (&f, '0', NULL, wait_job, NULL);
  ask (&f, 'a', NULL, log_job, NULL);
  ask (&f, 'b', NULL, log_job, NULL);
  open_gate (&f);

  CsmLane *lane = g_steal_pointer (&f.lane);

  /* The jobs look at f.lane; is_current needs only the thread. */
  f.lane = lane;
  csm_lane_free (lane);
  g_assert_cmpstr (f.log->str, ==, "ab");
  f.lane = csm_lane_new ("another", NULL, NULL);
  wait_answers (&f, 3);
  g_assert_cmpstr (f.answers->str, ==, "0ab");
  fixture_clear (&f);
  csm_lane_free (NULL);
}

typedef struct
{
  GThread *made_on;
  GThread *freed_on;
} Resource;

static void
resource_free (gpointer data)
{
  ((Resource *) data)->freed_on = g_thread_self ();
}

typedef struct
{
  CsmLane *lane;
  Resource *first;
  Resource *second;
} SetResource;

static void
set_resource_job (GTask *task, gpointer resource)
{
  SetResource *set = g_task_get_task_data (task);

  g_assert_true (resource == set->first);
  set->second->made_on = g_thread_self ();
  csm_lane_set_resource (set->lane, set->second);
  g_assert_true (set->first->freed_on == g_thread_self ());
  g_task_return_boolean (task, TRUE);
}

static void
see_resource_job (GTask *task, gpointer resource)
{
  SetResource *set = g_task_get_task_data (task);

  g_task_return_boolean (task, resource == set->second);
}

static void
seen_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  *(int *) data = g_task_propagate_boolean (G_TASK (result), NULL);
}

static void
test_resource (void)
{
  Resource first = { 0 }, second = { 0 };
  SetResource set = { .first = &first, .second = &second };
  int seen = -1;

  set.lane = csm_lane_new ("test", &first, resource_free);
  g_assert_false (csm_lane_is_current (set.lane));
  for (int i = 0; i < 2; i++)
    {
      g_autoptr (GTask) task = g_task_new (NULL, NULL, i == 0 ? NULL : seen_cb, &seen);

      g_task_set_task_data (task, &set, NULL);
      csm_lane_run (set.lane, task, NULL, i == 0 ? set_resource_job : see_resource_job);
    }
  while (seen == -1)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (seen, ==, 1);
  g_assert_null (second.freed_on);
  csm_lane_free (set.lane);
  g_assert_true (second.freed_on == second.made_on);
  g_assert_true (second.freed_on != g_thread_self ());
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
freed_cb (gpointer data, GObject *object)
{
  *(GThread **) data = g_thread_self ();
}

static void
quick_job (GTask *task, gpointer resource)
{
  g_task_return_boolean (task, TRUE);
}

/* What asks is often a widget, and those may not die on a lane. */
static void
test_source_object_dies_here (void)
{
  g_autoptr (CsmLane) lane = csm_lane_new ("test", NULL, NULL);

  for (int i = 0; i < 200; i++)
    {
      GThread *freed_on = NULL;
      GObject *object = g_object_new (G_TYPE_OBJECT, NULL);
      GTask *task = g_task_new (object, NULL, NULL, NULL);

      g_object_weak_ref (object, freed_cb, &freed_on);
      g_object_unref (object);
      csm_lane_run (lane, task, NULL, quick_job);
      g_object_unref (task);
      while (freed_on == NULL)
        g_main_context_iteration (NULL, TRUE);
      g_assert_true (freed_on == g_thread_self ());
    }
}

/* Whoever asked has its answer before the thread is done. */
static void
slow_end_job (GTask *task, gpointer resource)
{
  g_assert_null (resource);
  g_task_return_boolean (task, TRUE);
  g_usleep (20000);
}

static void
test_source_object_of_a_job_alone_dies_here (void)
{
  GThread *freed_on = NULL;
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);
  GTask *task = g_task_new (object, NULL, NULL, NULL);

  g_object_weak_ref (object, freed_cb, &freed_on);
  g_object_unref (object);
  csm_lane_run_alone (task, slow_end_job);
  g_object_unref (task);
  while (freed_on == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (freed_on == g_thread_self ());
}

static void
never_job (GTask *task, gpointer resource)
{
  g_assert_not_reached ();
}

static void
cancelled_cb (GObject *source, GAsyncResult *result, gpointer answered)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (g_task_propagate_boolean (G_TASK (result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  *(bool *) answered = true;
}

static void
test_cancelled_before_it_runs_alone (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  bool answered = false;
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, cancelled_cb, &answered);

  g_cancellable_cancel (cancellable);
  csm_lane_run_alone (task, never_job);
  while (!answered)
    g_main_context_iteration (NULL, TRUE);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/casement/base/lane/order", test_order);
  g_test_add_func ("/casement/base/lane/newer-of-a-kind-replaces", test_replaced);
  g_test_add_func ("/casement/base/lane/running-is-not-replaced", test_running_is_not_replaced);
  g_test_add_func ("/casement/base/lane/cancelled-while-waiting", test_cancelled_while_waiting);
  g_test_add_func ("/casement/base/lane/free-runs-what-waits", test_free_runs_what_waits);
  g_test_add_func ("/casement/base/lane/resource", test_resource);
  g_test_add_func ("/casement/base/lane/source-object-dies-here", test_source_object_dies_here);
  g_test_add_func ("/casement/base/lane/source-object-of-a-job-alone-dies-here",
                   test_source_object_of_a_job_alone_dies_here);
  g_test_add_func ("/casement/base/lane/cancelled-before-it-runs-alone",
                   test_cancelled_before_it_runs_alone);
  return g_test_run ();
}
