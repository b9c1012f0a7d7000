/* csm-session-private.h: what the files of the session share
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-lane.h"
#include "review/csm-item-list.h"
#include "review/csm-items-private.h"
#include "review/csm-ledger-model.h"
#include "review/csm-session.h"

typedef struct _CsmUndo CsmUndo;
typedef struct _CsmPass CsmPass;
typedef struct _CsmImport CsmImport;
typedef struct _CsmPlayer CsmPlayer;
typedef struct _CsmDisplayed CsmDisplayed;
typedef struct _CsmStrip CsmStrip;

/* How the session works.
 *
 * Lanes      "case" owns the CsmCase. "view" owns the worker of the exhibit in view, "sound"
 *            and "strip" others of the same exhibit.
 *            "background" runs the worker of one pass at a time; the pass owns that worker and
 *            hands it on, so that one lane at a time has it.
 * Late       every internal call carries the sequence number of the case, or of the view, that
 *            it was made for; an answer that finds another number is dropped.
 * Yielding   a long job on the case lane (a file being copied) lets the short ones, which wait
 *            in @case_queue, run between two of its steps: see csm_session_run_case(). */
struct _CsmSession
{
  GObject parent_instance;

  /* Immutable */
  CsmLane *case_lane;
  CsmLane *view_lane;
  CsmLane *back_lane;

  /* Guarded by queue_lock */
  GMutex queue_lock;
  GQueue case_queue; /* of short jobs that wait for the case lane */

  /* Atomic */
  int search_sequence;

  /* Main thread only: the case */
  CsmSessionState state;
  char *title;
  char *path;
  char *reviewer;
  char *restored; /* (nullable) */
  char reviewer_key[65];
  bool read_only;
  bool can_sign;
  unsigned sequence;
  GCancellable *case_cancellable;
  GPtrArray *reviewers;
  GHashTable *code_labels; /* id to label */

  /* Main thread only: closing */
  bool closing;
  CsmSessionState close_to;
  int close_steps; /* lanes that still hold something */
  int n_writes;    /* saves that must reach the disk before the case closes */
  GTask *pending_open;

  /* Main thread only: lists */
  CsmItemList *exhibits;
  CsmItemList *exhibit_marks;
  CsmItemList *marks;
  CsmItemList *codes;
  CsmItemList *conflicts;
  GHashTable *conflict_marks; /* set of ids in hex */
  CsmItemList *results;
  CsmItemList *jobs;
  CsmLedgerModel *ledger;
  bool filter_by_exhibit;
  CsmId filter_exhibit;
  char *filter_code;
  char *filter_author;
  unsigned refresh_wanted; /* CsmRefresh */
  bool refreshing;

  /* Main thread only: the view */
  unsigned view_sequence;
  GCancellable *view_cancellable;
  CsmWorker *view_process; /* borrowed: the view lane's, or its job's before */
  CsmWorker *view_worker;  /* the same, once it is ready; else NULL */
  CsmExhibitItem *selected;
  int track; /* the video track in view, v:N */
  CsmMarkItem *selected_mark;
  CsmFrameIndex *index;
  CsmFrameIndex *found_index; /* not to be used yet: its risks want a full check */
  CsmIndexState index_state;
  CsmMediaInfo *info; /* (nullable): what its file says of itself */
  CsmPicture *picture;
  int64_t ordinal;
  int64_t n_frames;
  int64_t in, out;
  GHashTable *positions; /* exhibit id to CsmPosition; kept while locked */
  bool has_landing;      /* the track was changed: its playhead begins at @landing_us */
  int64_t landing_us;
  CsmId locked_exhibit;
  bool has_locked_exhibit;
  bool committing;
  unsigned n_saves_reading; /* saves that the view lane still has */
  GHashTable *uncommitted;  /* entries of marks whose pictures could not be committed, in hex */
  bool wants_mark;          /* to be selected when the marks of the view are here */
  CsmId wanted_mark;

  /* Main thread only: the playhead */
  CsmPictureOptions view_options;
  bool playing;
  double rate;
  unsigned play_epoch; /* bumped whenever a picture under way stops being wanted */
  bool play_busy;      /* a picture is under way */
  bool play_round;     /* the clock starts again when the first frame of the loop is here */
  int64_t play_due;    /* monotonic time at which the frame at the playhead was due */
  guint play_source;
  int n_failures; /* pictures in a row that failed */
  bool loop;
  int64_t n_dropped;
  int64_t play_shown;             /* monotonic time of the last picture while playing */
  GCancellable *seek_cancellable; /* nullable: of the picture under way, unless playing */
  guint rest_source;              /* until the playhead has rested */
  int64_t asked_at;               /* monotonic time of the last picture asked for */
  int cache_mib;

  /* Main thread only: how the picture is looked at */
  CsmView view;
  bool view_is_off;
  bool uncovered; /* graphic spans of this exhibit: the reviewer asked for them */

  /* Main thread only: undo */
  GPtrArray *undo;
  GPtrArray *redo;

  /* Main thread only: background */
  GQueue look_queue;    /* of char *, "ID v:N" */
  GQueue verify_queue;  /* of char * */
  GQueue recheck_queue; /* of char *: exact by another library than ours */
  char *library;        /* (nullable): the one that this computer's workers run */
  CsmPass *pass;        /* the running one */

  /* Sound; the lane is immutable, the player main thread only */
  CsmLane *sound_lane;
  CsmPlayer *player;

  /* Main thread only: small pictures, and what was displayed */
  CsmLane *strip_lane; /* immutable */
  CsmStrip *strip;
  CsmDisplayed *displayed;
};

enum {
  CSM_SESSION_PROP_0,
  CSM_SESSION_PROP_STATE,
  CSM_SESSION_PROP_TITLE,
  CSM_SESSION_PROP_PATH,
  CSM_SESSION_PROP_REVIEWER,
  CSM_SESSION_PROP_READ_ONLY,
  CSM_SESSION_PROP_SELECTED,
  CSM_SESSION_PROP_ORDINAL,
  CSM_SESSION_PROP_N_FRAMES,
  CSM_SESSION_PROP_INDEX_STATE,
  CSM_SESSION_PROP_INDEX,
  CSM_SESSION_PROP_PLAYING,
  CSM_SESSION_PROP_RATE,
  CSM_SESSION_PROP_IN,
  CSM_SESSION_PROP_OUT,
  CSM_SESSION_PROP_SELECTED_MARK,
  CSM_SESSION_PROP_CAN_UNDO,
  CSM_SESSION_PROP_CAN_REDO,
  CSM_SESSION_PROP_UNDO_LABEL,
  CSM_SESSION_PROP_REDO_LABEL,
  CSM_SESSION_PROP_MEDIA_INFO,
  CSM_SESSION_PROP_LOOP,
  CSM_SESSION_PROP_N_DROPPED,
  CSM_SESSION_PROP_MUTED,
  CSM_SESSION_PROP_VOLUME,
  CSM_SESSION_PROP_SOUND,
  CSM_SESSION_PROP_STRIP,
  CSM_SESSION_PROP_TRACK,
  CSM_SESSION_N_PROPS
};

void csm_session_notify (CsmSession *self, int property);
void csm_session_emit_picture_changed (CsmSession *self);
void csm_session_emit_marks_changed (CsmSession *self);
void csm_session_emit_view_changed (CsmSession *self);
void csm_session_emit_notice (CsmSession *self, const char *text);
void csm_session_emit_problem (CsmSession *self, const char *text);
/* "@lead: what went wrong"; says nothing about what was cancelled. */
void csm_session_emit_error (CsmSession *self, const char *lead, const GError *error);

/* An open case that is not about to close. */
bool csm_session_is_usable (CsmSession *self);
/* Sets @error when csm_session_is_usable() does not hold. */
gboolean csm_session_check_usable (CsmSession *self, GError **error);

void csm_session_set_state (CsmSession *self, CsmSessionState state);
void csm_session_set_path (CsmSession *self, const char *path);
void csm_session_forget_identity (CsmSession *self);
/* No case came of it: locked or closed, as it was before. */
void csm_session_opening_failed (CsmSession *self);
/* Takes @outer, a task of csm_session_open_async() or _create_async(): starts it, lets it wait
 * for a closing, or refuses. */
void csm_session_start_opening (CsmSession *self, GTask *outer);

/* --- lanes --- */
/* (transfer full): a call to a lane: source object, task data, and the number that
 * csm_session_is_current() or csm_session_is_in_view() compares. */
GTask *csm_session_task_new (CsmSession *self,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             unsigned sequence,
                             gpointer job,
                             GDestroyNotify free_job);
#define CSM_SESSION_SEQUENCE(data) GPOINTER_TO_UINT (data)
bool csm_session_is_current (CsmSession *self, gpointer callback_data);
bool csm_session_is_in_view (CsmSession *self, gpointer callback_data);
/* Runs @run on the case lane; takes @task. Short jobs only: they run within long ones. The
 * resource is the CsmCase, NULL when it was closed meanwhile: csm_session_need_case(). */
void csm_session_run_case (CsmSession *self, GTask *task, CsmLaneJob run);
/* The same for jobs that take long or open and close the case: one after another. */
void csm_session_run_case_long (CsmSession *self, GTask *task, CsmLaneJob run);
/* Takes @task. @kind as in csm_lane_run(). */
void csm_session_run_view (CsmSession *self, GTask *task, const char *kind, CsmLaneJob run);
/* Case lane, between two steps of a long job that holds no transaction: runs what waits. */
void csm_session_yield (CsmSession *self, CsmCase *acase);
/* False, with the task answered, when the case was closed before the job ran. */
bool csm_session_need_case (GTask *task, gpointer resource);
/* Ends the process of a worker that nobody wants an answer from any more, whatever it does: the
 * call that waits for it returns at once. */
void csm_session_kill_worker (CsmWorker *worker);
/* Around a save: the case does not close before it is done. */
void csm_session_begin_write (CsmSession *self);
void csm_session_end_write (CsmSession *self);

/* --- what lists show --- */
typedef enum {
  CSM_REFRESH_EXHIBITS = 1 << 0,
  CSM_REFRESH_MARKS = 1 << 1,
  CSM_REFRESH_EXHIBIT_MARKS = 1 << 2,
  CSM_REFRESH_CODES = 1 << 3,
  CSM_REFRESH_REVIEWERS = 1 << 4,
  CSM_REFRESH_LEDGER = 0, /* its length always comes */
  CSM_REFRESH_ALL = 31,
} CsmRefresh;

/* What to read: made on the main thread, read on the case lane. */
typedef struct
{
  unsigned what; /* CsmRefresh */
  bool by_exhibit;
  CsmId exhibit;
  char *code;
  char *author;
  bool has_view;
  CsmId view;
} CsmRefreshWish;
/* Lists that were not asked for are NULL. */
typedef struct
{
  CsmRefreshWish *wish;
  GPtrArray *exhibits, *marks, *exhibit_marks, *codes, *reviewers;
  GPtrArray *conflicts; /* always */
  int64_t n_entries;
} CsmSnapshot;

CsmRefreshWish *csm_session_make_wish (CsmSession *self, unsigned what);
void csm_refresh_wish_free (CsmRefreshWish *wish);
/* Case lane. (transfer full) (nullable): takes @wish. */
CsmSnapshot *csm_snapshot_read (CsmCase *acase, CsmRefreshWish *wish, GError **error);
void csm_snapshot_free (CsmSnapshot *snapshot);
void csm_session_apply (CsmSession *self, CsmSnapshot *snapshot);
/* Takes the records, leaves the array. */
void csm_session_apply_conflicts (CsmSession *self, GPtrArray *records);
/* Reads again and applies; calls made meanwhile are one more reading. */
void csm_session_refresh (CsmSession *self, unsigned what);
void csm_session_clear_lists (CsmSession *self);
void csm_session_fetch_ledger_cb (int64_t offset, gpointer data);
/* Borrowed (nullable). */
CsmExhibitItem *csm_session_find_exhibit_item (CsmSession *self, const CsmId *exhibit);
CsmMarkItem *csm_session_find_mark_item (CsmSession *self, const CsmId *mark);
/* Takes @record. */
void csm_session_put_exhibit (CsmSession *self, CsmExhibit *record);
/* One mark as it is now; NULL @record: it is gone. */
void csm_session_put_mark (CsmSession *self, const CsmId *mark, const CsmMark *record);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmSnapshot, csm_snapshot_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmRefreshWish, csm_refresh_wish_free)

/* --- the view --- */
/* Forgets what is shown and kills its worker; remembers the position. */
void csm_session_leave_view (CsmSession *self);
/* The background reached an exact index of the exhibit in view. */
void csm_session_use_index (CsmSession *self, CsmFrameIndex *index);
/* The background cannot reach it: whoever waits in front of an empty view hears why. */
void csm_session_give_up_index (CsmSession *self, const GError *error);
/* @pending: the frame of v:@track to go to, -1: where the playhead was last; @track -1: the one
 * that was in view last. */
void csm_session_select_at (CsmSession *self, const CsmId *exhibit, int track, int64_t pending);
/* Where the playhead begins in what came into view. */
int64_t csm_session_take_start (CsmSession *self);
void csm_session_request_picture (CsmSession *self, int direction);
/* A frame that is not the one at the playhead: playing is on its way there. */
void csm_session_request_frame (CsmSession *self, int64_t ordinal, int direction);
/* A picture under way that nobody wants any more, and one that was to come at rest. */
void csm_session_cancel_seek (CsmSession *self);
/* Borrowed: the view as it is applied, plain when it is off. */
const CsmView *csm_session_peek_shown_view (CsmSession *self);
/* The exhibit is left: all but grey. */
void csm_session_forget_view (CsmSession *self);
/* Waits for the time of the next frame. */
void csm_session_play_on (CsmSession *self);
void csm_session_stop_playing (CsmSession *self);
/* Whatever was asked of the view's reader: true when @error says that it ended or hung and
 * asking again starts another. Tells the user, once until a picture is here again. */
bool csm_session_reader_replaced (CsmSession *self, const GError *error);
/* Where the playhead was last in an exhibit, zeros when nowhere. */
typedef struct
{
  int track;
  int64_t ordinal;
} CsmPosition;
void csm_session_set_position (CsmSession *self,
                               const CsmId *exhibit,
                               int track,
                               int64_t ordinal);
CsmPosition csm_session_get_position (CsmSession *self, const CsmId *exhibit);
/* For tests that kill it; 0 when there is none. */
int csm_session_get_worker_pid (CsmSession *self);

/* --- marks and undo --- */
typedef enum {
  CSM_UNDO_MARK,
  CSM_UNDO_ACQUISITION,
  CSM_UNDO_EXHIBIT, /* removal */
} CsmUndoKind;
struct _CsmUndo
{
  CsmUndoKind kind;
  CsmId id;
  CsmMark *mark_before, *mark_after; /* NULL: not there */
  CsmAcquisition *acquisition_before, *acquisition_after;
};
void csm_undo_free (CsmUndo *undo);
/* Takes @undo; forgets what could be redone. */
void csm_session_push_undo (CsmSession *self, CsmUndo *undo);
void csm_session_clear_undo (CsmSession *self);
/* Makes the mark what @target says (NULL: removed), committing both ends when the exhibit is
 * in view and its index exact. The finish function says what the mark was before (transfer
 * full, nullable). */
void csm_session_put_mark_async (CsmSession *self,
                                 const CsmId *mark,
                                 const CsmMark *target,
                                 GAsyncReadyCallback callback,
                                 gpointer data);
gboolean csm_session_put_mark_finish (CsmSession *self,
                                      GAsyncResult *result,
                                      CsmMark **ret_before,
                                      CsmMark **ret_after,
                                      GError **error);
/* Whether the frames of @mark (nullable) can be read exactly now. */
bool csm_session_can_commit (CsmSession *self, const CsmMark *mark);
/* View lane: what both ends of @mark look like. */
gboolean csm_commits_read (CsmWorker *worker,
                           const CsmFrameIndex *index,
                           const CsmMark *mark,
                           CsmFrameCommit ret_commits[2],
                           int *ret_n_commits,
                           GCancellable *cancellable,
                           GError **error);
/* Commits the frames of marks of the exhibit in view that still wait for it. */
void csm_session_commit_waiting (CsmSession *self);
/* Changes an exhibit: its acquisition, or whether it is there. The finish function says what
 * the acquisition was before. */
void csm_session_put_exhibit_async (CsmSession *self,
                                    const CsmId *exhibit,
                                    const CsmAcquisition *acquisition,
                                    bool remove,
                                    bool restore,
                                    GAsyncReadyCallback callback,
                                    gpointer data);
gboolean csm_session_put_exhibit_finish (CsmSession *self,
                                         GAsyncResult *result,
                                         CsmAcquisition **ret_before,
                                         GError **error);

/* --- work in the background --- */
/* Queues what @record still needs, nothing when it needs nothing. */
void csm_session_enqueue (CsmSession *self, const CsmExhibit *record);
/* For its thumbnail, which is kept in a form that is not read any more. */
void csm_session_look_again (CsmSession *self, const CsmId *exhibit);
/* The full check of v:@track, which somebody chose, comes next, behind what runs. */
void csm_session_enqueue_track (CsmSession *self, const CsmId *exhibit, int track);
/* The full check of v:@track of @exhibit comes next, before what runs. */
void csm_session_verify_first (CsmSession *self, const CsmId *exhibit, int track);
void csm_session_drop_queues (CsmSession *self);
/* A worker said which FFmpeg runs here: queues a re-check of every track that another one
 * indexed, unless that was done before with this very one. */
void csm_session_meet_library (CsmSession *self, const char *library);
/* When the track in view is known, by the @status of its exact index that @made_by made, to
 * give other frames now than that index names: they are looked for again, so that it can be
 * viewed. */
void csm_session_recheck_view (CsmSession *self, const char *made_by, const char *status);

/* CsmProgress: steps counted on a lane, shown on the main thread ten times a second at most.
 * Threads  _report(): one lane; all else: main thread. */
typedef struct _CsmProgress CsmProgress;
typedef void (*CsmProgressShow) (int64_t done, int64_t total, gpointer data);
/* @data is used on the main thread only, until csm_progress_stop(). */
CsmProgress *csm_progress_new (CsmProgressShow show, gpointer data);
/* Shows what part of @job is done; stop it before @job is let go. */
CsmProgress *csm_progress_new_for_job (CsmJob *job);
CsmProgress *csm_progress_ref (CsmProgress *self);
void csm_progress_unref (CsmProgress *self);
void csm_progress_report (CsmProgress *self, int64_t done, int64_t total);
/* Nothing is shown any more. */
void csm_progress_stop (CsmProgress *self);

/* A job in the jobs model: (transfer none). */
CsmJob *csm_session_add_job (CsmSession *self, const char *title);
void csm_session_end_job (CsmSession *self,
                          CsmJob *job,
                          CsmJobState state,
                          const char *outcome);
/* By what @error says: cancelled or failed. */
void csm_session_fail_job (CsmSession *self, CsmJob *job, const GError *error);

/* What is played, both ends inclusive: with a loop, the span between in and out. */
typedef struct
{
  int64_t first, last;
} CsmSpan;

CsmSpan csm_session_get_played (CsmSession *self);

/* --- the strip --- */
void csm_session_init_strip (CsmSession *self);
void csm_session_dispose_strip (CsmSession *self);
/* The exhibit's bytes, for a worker of its own. */
void csm_session_enter_strip (CsmSession *self, CsmMediaSource *source);
/* Begins, once the frames have numbers. */
void csm_session_start_strip (CsmSession *self);
void csm_session_leave_strip (CsmSession *self);

/* --- what was displayed --- */
void csm_session_init_displayed (CsmSession *self);
void csm_session_dispose_displayed (CsmSession *self);
/* Before the exhibit is left: keeps what is not kept yet. */
void csm_session_leave_displayed (CsmSession *self);

/* --- sound --- */
void csm_session_init_sound (CsmSession *self);
void csm_session_dispose_sound (CsmSession *self);
/* The exhibit's bytes, for a worker of its own; @map may be NULL. */
void csm_session_enter_sound (CsmSession *self, CsmMediaSource *source, CsmSoundMap *map);
void csm_session_leave_sound (CsmSession *self);
/* The exhibit has sound, and its map is not there yet. */
void csm_session_map_sound (CsmSession *self);
/* It has no picture: samples are what the playhead counts. Without a map does nothing. */
void csm_session_enter_sound_alone (CsmSession *self);
void csm_session_play_alone (CsmSession *self);
void csm_session_set_ordinal (CsmSession *self, int64_t ordinal);
/* Microseconds, by which playing goes: what is heard where there is sound, which stands still
 * when that does, else the monotonic clock. @play_due is of this clock. */
int64_t csm_session_clock_us (CsmSession *self);
/* What is at the playhead is due now: begins the sound there when there is any to be heard. */
void csm_session_restart_clock (CsmSession *self);
void csm_session_stop_sound (CsmSession *self);
