/* csm-session.h: one case as a window sees it: what is open, where the playhead is, what can be
 * undone
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-secret.h"
#include "intake/csm-intake.h"
#include "review/csm-items.h"

#include <gio/gio.h>

/* CsmSession: all state of the interface that is not a widget. The case, the worker of the
 * exhibit in view and background work each live on a lane; answers arrive on the main thread.
 * Nothing here blocks.
 *
 * Threads  main thread only.
 * Errors   of the rooms below; each message is a sentence for people: what failed, why, what
 *          to do.
 *
 * Signals
 *   "picture-changed"  ()             csm_session_get_picture() is another one, or NULL
 *   "notice"           (string text)  something to say in passing ("Mark saved")
 *   "problem"          (string text)  a background failure, to be shown until dismissed
 *   "view-changed"     ()             how the picture is looked at
 *   "marks-changed"    ()             marks of the exhibit in view, for the timeline
 * Properties (all read-only but where _set_ exists; notify::NAME) */
#define CSM_TYPE_SESSION (csm_session_get_type ())
G_DECLARE_FINAL_TYPE (CsmSession, csm_session, CSM, SESSION, GObject)

typedef enum {
  CSM_SESSION_CLOSED,
  CSM_SESSION_OPENING, /* deriving keys, reading */
  CSM_SESSION_OPEN,
  CSM_SESSION_LOCKED, /* keys wiped, picture and lists gone; knows path and position */
} CsmSessionState;

CsmSession *csm_session_new (void);

/* --- the case --- */
CsmSessionState csm_session_get_state (CsmSession *self); /* "state", int */
const char *csm_session_get_title (CsmSession *self);     /* "title"; "" unless open */
const char *csm_session_get_path (CsmSession *self);      /* "path" (nullable) */
const char *csm_session_get_reviewer (CsmSession *self);  /* "reviewer"; "" for a reader */
bool csm_session_is_read_only (CsmSession *self);         /* "read-only" */

typedef struct
{
  const char *path;
  const char *title;
  const char *reviewer;
  CsmSecret *passphrase;
  bool clock_confirmed;
  bool record_access;
  bool recovery;
} CsmSessionCreate;
/* The finish function returns the recovery code (transfer full), or NULL without error when
 * none was asked for. The session is open then. Locked or closed meanwhile, nothing is made
 * (G_IO_ERROR_CANCELLED); when it was too late for that, the code comes all the same, from a
 * session that is closed: show it. */
void csm_session_create_async (CsmSession *self,
                               const CsmSessionCreate *options,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer data);
gboolean csm_session_create_finish (CsmSession *self,
                                    GAsyncResult *result,
                                    CsmSecret **ret_recovery,
                                    GError **error);
/* Also unlocks: with the path of a locked session it comes back to exhibit and frame. */
void csm_session_open_async (CsmSession *self,
                             const char *path,
                             CsmSecret *passphrase,
                             bool read_only,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer data);
gboolean csm_session_open_finish (CsmSession *self, GAsyncResult *result, GError **error);
/* (nullable): what the files say when they are a copy in part, or of different days: a sentence
 * for people. The case is open to look only then. */
const char *csm_session_get_restored (CsmSession *self);
/* Verifies all of the closed case at @path, and opens it for writing as it is, which is
 * recorded; refused when it does not hold. Finish: csm_session_open_finish(). */
void csm_session_continue_async (CsmSession *self,
                                 const char *path,
                                 CsmSecret *passphrase,
                                 GAsyncReadyCallback callback,
                                 gpointer data);
/* Pauses and ends jobs at a safe point, records it, closes the case, wipes keys and pictures.
 * At return the picture and all lists are empty already; the state is LOCKED when the keys are
 * gone. */
void csm_session_lock (CsmSession *self);
/* The same, to CLOSED. */
void csm_session_close (CsmSession *self);
/* (transfer full): where a locked session was, for another process to go on from: the path,
 * and ids and ordinals; nothing else of the case. */
GVariant *csm_session_dup_place (CsmSession *self);
/* A session that was never open is locked there: opening its path comes back to exhibit and
 * frame. What is no id in @place is passed over. */
void csm_session_go_to_place (CsmSession *self, GVariant *place);
/* Whether @passphrase opens the slot that opened this case; between two steps of a job that
 * runs. For a window that was covered and not locked. */
void csm_session_check_passphrase_async (CsmSession *self,
                                         CsmSecret *passphrase,
                                         GAsyncReadyCallback callback,
                                         gpointer data);
gboolean csm_session_check_passphrase_finish (CsmSession *self,
                                              GAsyncResult *result,
                                              GError **error);
/* Re-seals the slot and records it. */
void csm_session_change_passphrase_async (CsmSession *self,
                                          CsmSecret *old_passphrase,
                                          CsmSecret *new_passphrase,
                                          GAsyncReadyCallback callback,
                                          gpointer data);
gboolean csm_session_change_passphrase_finish (CsmSession *self,
                                               GAsyncResult *result,
                                               GError **error);

/* --- lists: borrowed, the same object for the session's life --- */
GListModel *csm_session_get_exhibits (CsmSession *self);      /* CsmExhibitItem */
GListModel *csm_session_get_exhibit_marks (CsmSession *self); /* CsmMarkItem, of the exhibit in
                                                                 view, by first frame */
GListModel *csm_session_get_marks (CsmSession *self);   /* CsmMarkItem, whole case, filtered */
GListModel *csm_session_get_codes (CsmSession *self);   /* CsmCodeItem, tree order */
GListModel *csm_session_get_ledger (CsmSession *self);  /* CsmLedgerItem, newest first, lazy */
GListModel *csm_session_get_results (CsmSession *self); /* CsmSearchItem */
GListModel *csm_session_get_jobs (CsmSession *self);    /* CsmJob, running ones */
/* (transfer container) (element-type CsmReviewer): snapshot. */
GPtrArray *csm_session_list_reviewers (CsmSession *self);

/* --- exhibits --- */
/* (nullable): files and folders; starts a job, which it returns (borrowed from the jobs model
 * while it runs; ref it to see the outcome). NULL when no case is open, or it is closing; so do
 * the other functions that return a job. */
CsmJob *csm_session_import (CsmSession *self,
                            char *const *paths,
                            const CsmAcquisition *acquisition,
                            bool link);
/* Shows @exhibit (NULL: none) at frame 0 of v:0, or where the playhead was in it last. */
void csm_session_select (CsmSession *self, const CsmId *exhibit);
CsmExhibitItem *csm_session_get_selected (CsmSession *self); /* "selected" (nullable) */
void csm_session_set_acquisition (CsmSession *self,
                                  const CsmId *exhibit,
                                  const CsmAcquisition *acquisition);
void csm_session_remove_exhibit (CsmSession *self, const CsmId *exhibit);

/* The video track of the exhibit in view, v:N: "track", 0 at first and where there is none.
 * Everything that counts frames is of it: index, pictures, strip, new marks, what was
 * displayed. Setting one that the file has goes to the same time in it; each exhibit comes back
 * with the one that was in view last. */
int csm_session_get_track (CsmSession *self);
void csm_session_set_track (CsmSession *self, int track);
/* Whether @mark, of the exhibit in view, is on what the playhead counts: the track in view, or
 * the sound where there is no picture. */
bool csm_session_is_on_track (CsmSession *self, const CsmMark *mark);

/* --- the playhead --- */
int64_t csm_session_get_ordinal (CsmSession *self);  /* "ordinal"; -1 without a picture */
int64_t csm_session_get_n_frames (CsmSession *self); /* "n-frames"; 0 without */
CsmIndexState csm_session_get_index_state (CsmSession *self); /* "index-state", int */
/* (transfer none) (nullable): of the track in view; "index". */
CsmFrameIndex *csm_session_get_index (CsmSession *self);
/* (transfer none) (nullable): what the file in view says of itself; "media-info". */
CsmMediaInfo *csm_session_get_media_info (CsmSession *self);
/* Clamped to the track. The newest wins; pictures arrive by "picture-changed". "ordinal" is
 * the frame asked for, get_picture()->ordinal the one shown. */
void csm_session_seek (CsmSession *self, int64_t ordinal);
void csm_session_step (CsmSession *self, int64_t delta);
/* As a playhead that is dragged: the cheapest picture near @ordinal comes at once and says what
 * it is (get_picture()->ordinal, ->preview), the frame itself after a moment's rest. */
void csm_session_scrub (CsmSession *self, int64_t ordinal);
/* "1234", "00:00:41.133" or "41.1s": false with @error (a sentence) when it is neither, or
 * outside. */
gboolean csm_session_go_to (CsmSession *self, const char *text, GError **error);
/* Borrowed (nullable): the picture shown. */
const CsmPicture *csm_session_get_picture (CsmSession *self);
/* The size in device pixels that the picture is shown at; smaller pictures are cheaper. 0, 0
 * asks for full size, @as_decoded for the still's own pixels. */
void csm_session_set_view (CsmSession *self, int max_width, int max_height, bool as_decoded);
void csm_session_set_playing (CsmSession *self, bool playing); /* "playing" */
bool csm_session_get_playing (CsmSession *self);
void csm_session_set_rate (CsmSession *self, double rate); /* "rate": 0.1 to 4, or -4 to -0.1 */
double csm_session_get_rate (CsmSession *self);
/* Playing goes round: from out to in, or from the end to the start where they are not set. */
void csm_session_set_loop (CsmSession *self, bool loop); /* "loop" */
bool csm_session_get_loop (CsmSession *self);
/* Frames left out since playing started last, because their time had passed before they could
 * be shown. */
int64_t csm_session_get_n_dropped (CsmSession *self); /* "n-dropped" */
/* MiB of memory for decoded frames, for exhibits that come into view from now on: see
 * csm_worker_set_cache(). */
void csm_session_set_frame_cache (CsmSession *self, int mib);
/* The picture was painted on the screen. What is painted is what counts as displayed: a picture
 * that came and was covered, minimised or overtaken does not. Kept in the case, when the team
 * chose so, as the spans of one entry: when the exhibit is left, on locking, and every two
 * minutes, so that a crash loses no more than these. */
void csm_session_displayed (CsmSession *self);
/* How the picture is looked at: of the window, for this exhibit only; never kept, and no
 * evidence. Signal "view-changed". A still saved under a view is saved as decoded, too. */
const CsmView *csm_session_get_view (CsmSession *self);
void csm_session_change_view (CsmSession *self, const CsmView *view);
/* Off shows the plain picture, to compare, and forgets nothing. Changing the view switches it
 * on.
 */
bool csm_session_get_view_on (CsmSession *self);
void csm_session_set_view_on (CsmSession *self, bool on);
/* The picture is under a view: there is one, it is on, and it fits the frame shown. One that
 * does not (a crop, in a track whose frames change their size) is left out there, of stills
 * too. */
bool csm_session_shows_view (CsmSession *self);
/* The picture lies in a span that a mark calls graphic (the code of that id), and was not asked
 * for: it is not to be seen. Asking holds until the exhibit is left. Told by "view-changed",
 * "picture-changed" and "marks-changed". */
bool csm_session_is_covered (CsmSession *self);
/* The same of frame @ordinal, shown or not. */
bool csm_session_covers (CsmSession *self, int64_t ordinal);
void csm_session_uncover (CsmSession *self);
/* -1: not set. Setting one beyond the other moves the other away. */
int64_t csm_session_get_in (CsmSession *self);  /* "in" */
int64_t csm_session_get_out (CsmSession *self); /* "out" */
void csm_session_set_in (CsmSession *self, int64_t ordinal);
void csm_session_set_out (CsmSession *self, int64_t ordinal);
/* Playhead to the mark before or after it on this track. */
void csm_session_step_mark (CsmSession *self, int direction);

/* Time stamp of frame (or sample) @ordinal, or CSM_NO_PTS, in @ret_timebase. */
int64_t csm_session_get_pts (CsmSession *self, int64_t ordinal, CsmTimebase *ret_timebase);
/* The last frame or sample at or before @pts. With something in view. */
int64_t csm_session_find_pts (CsmSession *self, int64_t pts);
/* The same in microseconds of the container's clock; false when the frame carries no time. */
bool csm_session_get_us (CsmSession *self, int64_t ordinal, int64_t *ret_us);
int64_t csm_session_find_us (CsmSession *self, int64_t us);

/* --- the strip: small pictures along the exhibit in view, made in the background; "strip" ---
 */
/* Places that divide the frames evenly; 0: no pictures to come. */
unsigned csm_session_get_strip_size (CsmSession *self);
/* Borrowed (nullable): the small picture (csm-small-picture.h) at @place, NULL until it is
 * there; @ret_ordinal: the frame that it is of, at or after the place's first. */
GBytes *csm_session_get_strip (CsmSession *self, unsigned place, int64_t *ret_ordinal);

/* --- sound: of the exhibit in view, its first sound track --- */
/* (transfer none) (nullable): where its samples are and how loud; "sound". */
CsmSoundMap *csm_session_get_sound (CsmSession *self);
/* There is no picture: "ordinal", "n-frames", "in" and "out" count samples. */
bool csm_session_is_sound_alone (CsmSession *self);
/* "muted": true at first. Muted, nothing goes to the sound server. What is faster than twice or
 * slower than half, or goes backward, is silent. */
void csm_session_set_muted (CsmSession *self, bool muted);
bool csm_session_get_muted (CsmSession *self);
void csm_session_set_volume (CsmSession *self, double volume); /* "volume": 0 to 1 */
double csm_session_get_volume (CsmSession *self);

/* --- marks --- */
/* (transfer full) (nullable): a new mark on the span (in to out, else this frame) of the
 * exhibit in view, with a fresh id; not saved. */
CsmMark *csm_session_draft_mark (CsmSession *self);
/* Saves @mark (new or changed); reads it before returning. Finish: it is on the disk. */
void csm_session_save_mark_async (CsmSession *self,
                                  const CsmMark *mark,
                                  GAsyncReadyCallback callback,
                                  gpointer data);
gboolean csm_session_save_mark_finish (CsmSession *self, GAsyncResult *result, GError **error);
void csm_session_remove_mark (CsmSession *self, const CsmId *mark);
/* Shows the exhibit, track and frame of @mark. */
void csm_session_show_mark (CsmSession *self, const CsmMark *mark);
CsmMarkItem *csm_session_get_selected_mark (CsmSession *self); /* "selected-mark" (nullable) */
void csm_session_select_mark (CsmSession *self, const CsmId *mark);
/* NULL: any. */
void csm_session_set_filter (CsmSession *self,
                             const CsmId *exhibit,
                             const char *code,
                             const char *author_key);
void csm_session_set_code (CsmSession *self,
                           const CsmCode *code,
                           GAsyncReadyCallback callback,
                           gpointer data);
gboolean csm_session_set_code_finish (CsmSession *self, GAsyncResult *result, GError **error);

/* --- undo: each is a new entry --- */
bool csm_session_can_undo (CsmSession *self);              /* "can-undo" */
bool csm_session_can_redo (CsmSession *self);              /* "can-redo" */
const char *csm_session_get_undo_label (CsmSession *self); /* "undo-label": "Add Mark" */
const char *csm_session_get_redo_label (CsmSession *self); /* "redo-label" */
void csm_session_undo (CsmSession *self);
void csm_session_redo (CsmSession *self);

/* --- search --- */
/* Fills the results; "" empties them. The newest wins. */
void csm_session_search (CsmSession *self, const char *words);
/* Lands on the hit: its exhibit, track and exact frame. */
void csm_session_show_hit (CsmSession *self, const CsmSearchHit *hit);

/* --- out: recorded, and not encrypted --- */
void csm_session_save_still_async (CsmSession *self,
                                   const char *path,
                                   GAsyncReadyCallback callback,
                                   gpointer data);
gboolean csm_session_save_still_finish (CsmSession *self, GAsyncResult *result, GError **error);
/* CSV (RFC 4180, UTF-8), spreadsheet-safe: cells that a spreadsheet would run as a formula are
 * quoted with an apostrophe. */
void csm_session_save_marks_async (CsmSession *self,
                                   const char *path,
                                   GAsyncReadyCallback callback,
                                   gpointer data);
gboolean csm_session_save_marks_finish (CsmSession *self, GAsyncResult *result, GError **error);
/* Bit for bit, re-hashed; a job. */
CsmJob *csm_session_extract (CsmSession *self, const CsmId *exhibit, const char *path);
/* A checked copy of the case in @folder, while work goes on. (transfer none) (nullable) */
CsmJob *csm_session_backup (CsmSession *self, const char *folder);
/* What somebody who withdrew consent may ask for: gone in this copy, and cannot be undone. The
 * notice, or the problem, comes as for any other change. */
void csm_session_erase_exhibit (CsmSession *self, const CsmId *exhibit, const char *reason);
void csm_session_erase_mark (CsmSession *self, const CsmId *mark, const char *reason);
/* A job; @finding is called once for each, on the main thread. */
typedef void (*CsmSessionFinding) (CsmFindingKind kind,
                                   const char *where,
                                   const char *what,
                                   gpointer data);
CsmJob *csm_session_verify (CsmSession *self,
                            bool media,
                            CsmSessionFinding finding,
                            gpointer data,
                            GDestroyNotify free_data);
