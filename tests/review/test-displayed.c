/* test-displayed.c: what was on the screen is kept in the case; small pictures along it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-small-picture.h"
#include "casefile/csm-displayed.h"
#include "review-fixture.h"

#include "review/csm-session-private.h"

#include <string.h>

static void
set_up_view (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmJob) job = NULL;

  fixture_set_up (self, data);
  fixture_open (self);
  job = fixture_import (self, (const char *[]){ fixture_clip ("a.mp4"), NULL });
  fixture_wait_checked (self);
  fixture_select (self, 0);
}

/* As the window does when it paints. */
static void
show (Fixture *self, int64_t ordinal)
{
  csm_session_seek (self->session, ordinal);
  fixture_wait_picture (self);
  csm_session_displayed (self->session);
}

/* (transfer full) (nullable): of the newest entry about what was displayed. */
static char *
find_summary (Fixture *self)
{
  GListModel *ledger = csm_session_get_ledger (self->session);

  for (unsigned i = 0; i < g_list_model_get_n_items (ledger); i++)
    {
      g_autoptr (CsmLedgerItem) item = g_list_model_get_item (ledger, i);
      g_autofree char *summary = NULL;

      g_object_get (item, "summary", &summary, NULL);
      if (summary != NULL && g_str_has_prefix (summary, "Displayed of "))
        return g_steal_pointer (&summary);
    }
  return NULL;
}

static bool
ledger_says (Fixture *self, const char *expected)
{
  g_autofree char *summary = find_summary (self);

  return g_strcmp0 (summary, expected) == 0;
}

static void
test_left_exhibit_is_kept (Fixture *self, gconstpointer data)
{
  show (self, 0);
  show (self, 0); /* painted again */
  show (self, 10);
  show (self, 11);
  show (self, 12);
  show (self, 40);
  show (self, 39);
  csm_session_select (self->session, NULL);
  fixture_wait_for (self,
                    ledger_says (self, "Displayed of E-0001: frame 0 paused, frames 10 to 12 "
                                       "paused, frames 40 to 39 paused"));
}

/* A picture that came and was not painted is not on the screen. */
static void
test_what_is_not_painted_is_not_kept (Fixture *self, gconstpointer data)
{
  csm_session_seek (self->session, 20);
  fixture_wait_picture (self);
  csm_session_lock (self->session);
  fixture_wait_for (self, csm_session_get_state (self->session) == CSM_SESSION_LOCKED);
  fixture_open (self);
  fixture_wait_for (self, ledger_says (self, NULL));
}

static void
test_locking_keeps (Fixture *self, gconstpointer data)
{
  show (self, 33);
  csm_session_lock (self->session);
  fixture_wait_for (self, csm_session_get_state (self->session) == CSM_SESSION_LOCKED);
  g_assert_cmpuint (self->problems->len, ==, 0);
  fixture_open (self);
  fixture_wait_for (self, ledger_says (self, "Displayed of E-0001: frame 33 paused"));
}

static void
painted_cb (CsmSession *session)
{
  csm_session_displayed (session);
}

static void
test_playing_tells_its_speed (Fixture *self, gconstpointer data)
{
  gulong painted;
  g_autofree char *summary = NULL;

  csm_session_seek (self->session, 70);
  fixture_wait_picture (self);
  painted = g_signal_connect (self->session, "picture-changed", G_CALLBACK (painted_cb), NULL);
  csm_session_set_rate (self->session, -0.5);
  csm_session_set_playing (self->session, true);
  fixture_wait_for (self, csm_session_get_ordinal (self->session) < 66);
  csm_session_set_playing (self->session, false);
  fixture_wait_picture (self);
  g_signal_handler_disconnect (self->session, painted);
  csm_session_select (self->session, NULL);
  fixture_wait_for (self, (summary = find_summary (self)) != NULL);
  g_assert_true (g_str_has_prefix (summary, "Displayed of E-0001: frames 69 to "));
  g_assert_nonnull (strstr (summary, " at -0.5×"));
}

static void
test_many_jumps_are_several_entries (Fixture *self, gconstpointer data)
{
  for (int i = 0; i <= CSM_DISPLAYED_MAX; i++)
    show (self, i % 2 == 0 ? 10 : 50);
  fixture_wait_for (self, ledger_says (self, "Displayed of E-0001: frame 10 paused, frame 50 "
                                             "paused, frame 10 paused, frame 50 paused, and "
                                             "496 more spans"));
  csm_session_select (self->session, NULL);
  fixture_wait_for (self, ledger_says (self, "Displayed of E-0001: frame 10 paused"));
}

static void
test_erased_exhibit_is_not_named_again (Fixture *self, gconstpointer data)
{
  CsmId id = fixture_exhibit (self, 0)->id;

  show (self, 5);
  csm_session_erase_exhibit (self->session, &id, "consent withdrawn");
  fixture_wait_for (self,
                    g_list_model_get_n_items (csm_session_get_exhibits (self->session)) == 0);
  csm_session_lock (self->session);
  fixture_wait_for (self, csm_session_get_state (self->session) == CSM_SESSION_LOCKED);
  fixture_open (self);
  fixture_wait_for (self, ledger_says (self, NULL));
  g_assert_cmpuint (self->problems->len, ==, 0);
}

static unsigned
count_small_pictures (Fixture *self)
{
  unsigned n = csm_session_get_strip_size (self->session), found = 0;
  int64_t last = -1;

  for (unsigned i = 0; i < n; i++)
    {
      int64_t ordinal = -1;
      GBytes *bytes = csm_session_get_strip (self->session, i, &ordinal);
      int width, height;

      if (bytes == NULL)
        continue;
      g_assert_true (csm_small_picture_check (bytes, &width, &height));
      g_assert_cmpint (ordinal, >=, 75 * i / n);
      g_assert_cmpint (ordinal, <, 75 * (i + 1) / n);
      g_assert_cmpint (ordinal, >, last);
      last = ordinal;
      found++;
    }
  return found;
}

static void
test_strip_is_made_and_given_up (Fixture *self, gconstpointer data)
{
  fixture_wait_for (self, count_small_pictures (self) == 32);
  csm_session_select (self->session, NULL);
  g_assert_cmpuint (csm_session_get_strip_size (self->session), ==, 0);
  fixture_select (self, 0);
  fixture_wait_for (self, count_small_pictures (self) > 0);
  csm_session_lock (self->session);
  g_assert_cmpuint (csm_session_get_strip_size (self->session), ==, 0);
  fixture_wait_for (self, csm_session_get_state (self->session) == CSM_SESSION_LOCKED);
}

#define ADD(name, function)                                                             \
  g_test_add ("/casement/review/displayed/" name, Fixture, NULL, set_up_view, function, \
              fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("left-exhibit-is-kept", test_left_exhibit_is_kept);
  ADD ("what-is-not-painted-is-not-kept", test_what_is_not_painted_is_not_kept);
  ADD ("locking-keeps", test_locking_keeps);
  ADD ("playing-tells-its-speed", test_playing_tells_its_speed);
  ADD ("many-jumps-are-several-entries", test_many_jumps_are_several_entries);
  ADD ("erased-exhibit-is-not-named-again", test_erased_exhibit_is_not_named_again);
  ADD ("strip-is-made-and-given-up", test_strip_is_made_and_given_up);
  return fixture_run ();
}
