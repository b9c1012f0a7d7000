/* review-fixture.h: a case in a folder, a session over it, and a loop that waits for answers
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "review/csm-session.h"

typedef struct
{
  char *folder;
  char *case_path;
  CsmSession *session;
  GPtrArray *notices;  /* texts, in order */
  GPtrArray *problems; /* the same */
} Fixture;

#define FIXTURE_PASSPHRASE "seven green lamps"

/* Clips of 75 frames at 25 a second, made once for the program. @kind: "a.mp4", "b.mp4"
 * (another picture), "raw.h264" (no times: only a full check numbers its frames); "sizes.ts" is
 * 10 frames of 160 x 120, then 10 of 192 x 144. Borrowed. */
const char *fixture_clip (const char *kind);
/* Last in main(). */
int fixture_run (void);

/* A case of lowest cost, closed; the session is closed too. */
void fixture_set_up (Fixture *self, gconstpointer data);
/* Closes the session, and sees that nothing keeps it alive. */
void fixture_tear_down (Fixture *self, gconstpointer data);
char *fixture_path (const Fixture *self, const char *name);
/* (transfer full): "dash.mkv" in the fixture's folder. v:0 is H.264 with B-frames, 75 of 25 a
 * second; v:1 is MPEG-4, 30 of 10 a second, smaller. */
char *fixture_make_two_tracks (const Fixture *self);
CsmSecret *fixture_passphrase (void);

/* Runs the loop until @expression is true; fails the test when that takes very long. */
#define fixture_wait_for(self, expression)             \
  G_STMT_START                                         \
  {                                                    \
    FixtureGuard guard_ = fixture_guard (#expression); \
    while (!(expression))                              \
      fixture_turn (guard_);                           \
    fixture_unguard (guard_);                          \
  }                                                    \
  G_STMT_END
typedef guint FixtureGuard;
FixtureGuard fixture_guard (const char *what);
void fixture_turn (FixtureGuard guard);
void fixture_unguard (FixtureGuard guard);

/* Stores the result that an async call hands to it; @data is a GAsyncResult **. */
void fixture_answer_cb (GObject *object, GAsyncResult *result, gpointer data);

void fixture_open (Fixture *self);
void fixture_lock (Fixture *self);
/* Brings in @paths (NULL-terminated) and waits; (transfer full): the ended job. */
CsmJob *fixture_import (Fixture *self, const char *const *paths);
/* The exhibit at @position in the list. */
const CsmExhibit *fixture_exhibit (Fixture *self, unsigned position);
/* Shows it and waits for its first picture. */
void fixture_select (Fixture *self, unsigned position);
/* Waits until the picture of the frame at the playhead is shown. */
void fixture_wait_picture (Fixture *self);
/* Until every exhibit's index is exact, or it failed. */
void fixture_wait_checked (Fixture *self);
/* Saves and waits. */
void fixture_save_mark (Fixture *self, const CsmMark *mark);
/* A mark on @from to @to of the exhibit in view, saved; its id. */
CsmId fixture_mark (Fixture *self,
                    int64_t from,
                    int64_t to,
                    const char *code,
                    const char *text);
const CsmMark *fixture_exhibit_mark (Fixture *self, unsigned position);
bool fixture_has_text (GPtrArray *texts, const char *part);
