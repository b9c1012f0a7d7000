/* csm-case.h: one open case: the ledger, what is derived from it, and what is kept beside it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-byte-source.h"
#include "base/csm-secret.h"
#include "casefile/csm-error.h"
#include "casefile/csm-records.h"
#include "vault/csm-media-store.h"
#include "vault/csm-vault.h"

/* CsmCase: every change is one signed entry and its derived rows in one transaction; when a
 * call returns success, it is on the disk.
 *
 * Ownership  csm_case_close() checkpoints, closes, wipes; takes NULL. Lists are
 *            (transfer container), freeing their records.
 * Threads    one lane; every call blocks. The first statement of each is an assertion that it
 *            runs on the thread that opened the case.
 * Errors     CSM_CASE_ERROR and CSM_VAULT_ERROR; a failed call leaves the case as it was. */
typedef struct _CsmCase CsmCase;

typedef struct
{
  const char *title;
  const char *reviewer;        /* the first reviewer's name */
  const CsmSecret *passphrase; /* UTF-8 */
  CsmVaultCost cost;           /* zero: calibrated */
  bool clock_confirmed;        /* the reviewer said that clock and zone are right */
  bool record_access;          /* openings, locks and looking are entries too */
  bool recovery;               /* make a recovery code */
  GCancellable *cancellable;   /* (nullable): heeded until the case gets its name */
} CsmCaseOptions;

/* (transfer full) (nullable): makes case file, media store, default codebook and the first
 * entries, then opens it. With options->recovery, @ret_recovery (may be NULL otherwise) gets
 * the code. Fails without leaving anything. */
CsmCase *csm_case_create (const char *path,
                          const CsmCaseOptions *options,
                          CsmSecret **ret_recovery,
                          GError **error);
/* (transfer full) (nullable): starts a new chain when the file is not the one last opened here.
 * Does not record the opening: csm_case_record_access() does. */
CsmCase *csm_case_open (const char *path,
                        const CsmSecret *passphrase,
                        bool read_only,
                        GError **error);
void csm_case_close (CsmCase *self);

/* Borrowed answers. */
const char *csm_case_get_title (CsmCase *self);
const char *csm_case_get_path (CsmCase *self);
CsmId csm_case_get_id (CsmCase *self);
bool csm_case_is_read_only (CsmCase *self);
/* (nullable) (transfer none): why it is, and what to do; for people, without a stop. */
const char *csm_case_get_why_read_only (CsmCase *self);
CsmVault *csm_case_get_vault (CsmCase *self);
/* (nullable): missing; exhibits cannot be shown, all else works. */
CsmMediaStore *csm_case_get_media_store (CsmCase *self);
/* Who signs: NULL for a reader. */
const CsmReviewer *csm_case_get_self (CsmCase *self);
GPtrArray *csm_case_list_reviewers (CsmCase *self, GError **error);
/* Heads of all chains, sorted: (element-type CsmDigest). */
GArray *csm_case_list_heads (CsmCase *self, GError **error);
gboolean csm_case_count (CsmCase *self,
                         int64_t *ret_exhibits,
                         int64_t *ret_marks,
                         int64_t *ret_entries,
                         GError **error);

/* Codebook. */
GPtrArray *csm_case_list_codes (CsmCase *self, GError **error);
/* Adds, or changes the one with this id. */
gboolean csm_case_set_code (CsmCase *self, const CsmCode *code, GError **error);

/* Exhibits. In order of their number. */
GPtrArray *csm_case_list_exhibits (CsmCase *self, GError **error);
/* (transfer full) (nullable): by id, or by number or SHA-256 for people's input. */
CsmExhibit *csm_case_get_exhibit (CsmCase *self, const CsmId *id, GError **error);
CsmExhibit *csm_case_find_exhibit (CsmCase *self, const char *name, GError **error);
/* (transfer full) (nullable): the exhibit with this hash, NULL without error when none. A
 * removed one does not count. */
CsmExhibit *csm_case_find_sha256 (CsmCase *self, const CsmDigest *sha256, GError **error);

/* Whether an exhibit, removed ones left out, has @size bytes. */
gboolean csm_case_has_size (CsmCase *self, int64_t size, bool *ret_has, GError **error);

/* Intake: entry "exhibit.add". Exactly one of @ref (media store) and @link_path is given.
 * @name is the file's name, @source_path where it was (kept, never in the ledger). _EXISTS when
 * the hash is there. Returns the new exhibit. */
CsmExhibit *csm_case_add_exhibit (CsmCase *self,
                                  const char *name,
                                  const char *source_path,
                                  const CsmDigest *sha256,
                                  int64_t size,
                                  const CsmAcquisition *acquisition,
                                  const CsmMediaRef *ref,
                                  const char *link_path,
                                  GError **error);
gboolean csm_case_set_acquisition (CsmCase *self,
                                   const CsmId *exhibit,
                                   const CsmAcquisition *acquisition,
                                   GError **error);
/* The entry and its history stay; the exhibit leaves the lists, its marks with it. */
gboolean csm_case_remove_exhibit (CsmCase *self, const CsmId *exhibit, GError **error);
/* Undoes the removal. */
gboolean csm_case_restore_exhibit (CsmCase *self, const CsmId *exhibit, GError **error);

/* The bytes of an exhibit. (transfer full) (nullable) */
CsmByteSource *csm_case_read_media (CsmCase *self, const CsmId *exhibit, GError **error);
/* How the media store holds it; NULL without error when it is linked (then @ret_link_path,
 * transfer full). */
CsmMediaRef *csm_case_get_media_ref (CsmCase *self,
                                     const CsmId *exhibit,
                                     char **ret_link_path,
                                     GError **error);

/* A linked exhibit's file is at @link_path now. Kept, never in the ledger: what binds it is its
 * hash, which the caller has compared. */
gboolean csm_case_relink (CsmCase *self,
                          const CsmId *exhibit,
                          const char *link_path,
                          GError **error);

/* Kept rows. */
typedef struct
{
  CsmIndexState state;
  const char *status;
  const char *format;
  const char *codec;
  int width, height;
  int64_t n_frames, duration_ms;
} CsmMediaFacts;
gboolean csm_case_set_media_facts (CsmCase *self,
                                   const CsmId *exhibit,
                                   const CsmMediaFacts *facts,
                                   GError **error);
/* Stores the serialised index; an exact one is bound by an entry "exhibit.index" that holds its
 * SHA-256, the exhibit's hash, @library and @n_frames. One that an entry binds already makes no
 * other. */
gboolean csm_case_set_index (CsmCase *self,
                             const CsmId *exhibit,
                             GBytes *index,
                             bool exact,
                             const char *library,
                             int64_t n_frames,
                             GError **error);
/* (transfer full) (nullable): NULL without error when there is none. _DAMAGED when it is not
 * the one that its entry names. */
GBytes *csm_case_get_index (CsmCase *self, const CsmId *exhibit, GError **error);
gboolean csm_case_set_thumbnail (CsmCase *self,
                                 const CsmId *exhibit,
                                 GBytes *png,
                                 GError **error);
GBytes *csm_case_get_thumbnail (CsmCase *self, const CsmId *exhibit, GError **error);
/* The serialised CsmSoundMap of sound track a:@track, which has @n_samples: waveform, and where
 * samples are. One an exhibit. */
gboolean csm_case_set_sound (CsmCase *self,
                             const CsmId *exhibit,
                             int track,
                             int64_t n_samples,
                             GBytes *map,
                             GError **error);
/* (transfer full) (nullable): NULL without error when there is none. */
GBytes *csm_case_get_sound (CsmCase *self, const CsmId *exhibit, GError **error);

/* Marks. */
typedef struct
{
  const CsmId *exhibit;   /* (nullable) */
  const char *code;       /* (nullable) */
  const char *author_key; /* (nullable) */
  const char *text;       /* (nullable) words to search for */
} CsmMarkFilter;
/* By exhibit number, then first frame. @filter may be NULL. */
GPtrArray *csm_case_list_marks (CsmCase *self, const CsmMarkFilter *filter, GError **error);
CsmMark *csm_case_get_mark (CsmCase *self, const CsmId *mark, GError **error);
/* Every revision of a mark, oldest first, removals as rows with n_regions -1. */
GPtrArray *csm_case_list_revisions (CsmCase *self, const CsmId *mark, GError **error);
/* Entry "mark.set": adds (fresh id from csm_id_new()), changes, or brings back @mark; reads id,
 * exhibit, track, span, pts, timebase, code, text and regions. @commits (may be NULL) holds
 * both end frames' commitments. Refuses spans outside the exhibit, unknown codes, empty
 * rectangles.
 * @ret_mark may be NULL. */
gboolean csm_case_set_mark (CsmCase *self,
                            const CsmMark *mark,
                            const CsmFrameCommit *commits,
                            int n_commits,
                            CsmMark **ret_mark,
                            GError **error);
gboolean csm_case_remove_mark (CsmCase *self, const CsmId *mark, GError **error);
/* Entry "mark.frames": commits the frames of a mark that was saved while its index was
 * provisional. */
gboolean csm_case_commit_frames (CsmCase *self,
                                 const CsmId *mark,
                                 const CsmFrameCommit *commits,
                                 int n_commits,
                                 GError **error);

/* Full text over marks, codes, exhibit names, titles and notes; at most @limit hits. The
 * words are plain: no query syntax, the last one matches as a prefix. */
GPtrArray *csm_case_search (CsmCase *self, const char *words, int limit, GError **error);

/* Custody records: entry "access.@what", for "opened", "locked", "exported", "extracted",
 * "verified", "backup", "displayed" (csm-displayed.h, with an exhibit). @exhibit, @detail (an
 * object, borrowed) may be NULL. */
gboolean csm_case_record_access (CsmCase *self,
                                 const char *what,
                                 const CsmId *exhibit,
                                 const json_t *detail,
                                 GError **error);
/* Changes the passphrase of who opened the case, and signs "key.changed". Opened by a recovery
 * code, the new passphrase signs with the code's key: that key is kept for it before it opens
 * anything, so that a crash leaves either the old state or a passphrase that signs; the entry
 * is "key.added" then. A reader's
 * change makes no entry. When only the entry fails, the change is taken back. */
gboolean csm_case_change_passphrase (CsmCase *self,
                                     const CsmSecret *new_passphrase,
                                     GError **error);

/* The ledger, oldest first. */
int64_t csm_case_count_entries (CsmCase *self, GError **error);
GPtrArray *csm_case_list_ledger (CsmCase *self, int64_t offset, int64_t limit, GError **error);
/* (transfer container) (element-type CsmEntry): as signed, oldest first. */
GPtrArray *csm_case_list_entries (CsmCase *self, int64_t offset, int64_t limit, GError **error);

/* Verify. */
typedef enum {
  CSM_FINDING_HOLDS,
  CSM_FINDING_NOTE,
  CSM_FINDING_BROKEN,
} CsmFindingKind;
typedef void (*CsmFindingCallback) (CsmFindingKind kind,
                                    const char *where,
                                    const char *what,
                                    gpointer data);
typedef void (*CsmProgressCallback) (int64_t done, int64_t total, gpointer data);
/* Pages, structure, indexes, search index, every entry's form, hashes and signature, chains, a
 * replay compared with the derived rows; with @media every exhibit's bytes against its
 * source hash. Says first by what the ledger is dated. TRUE when the check ran to its end:
 * @ret_holds then says whether everything holds. Writes nothing. */
gboolean csm_case_verify (CsmCase *self,
                          bool media,
                          CsmFindingCallback finding,
                          CsmProgressCallback progress,
                          gpointer data,
                          bool *ret_holds,
                          GCancellable *cancellable,
                          GError **error);
/* The same, with @yield (may be NULL) called often where nothing of the case is being read: it
 * may use the case, and write to it, before it returns. */
typedef void (*CsmYieldCallback) (gpointer data);
gboolean csm_case_verify_yielding (CsmCase *self,
                                   bool media,
                                   CsmFindingCallback finding,
                                   CsmProgressCallback progress,
                                   CsmYieldCallback yield,
                                   gpointer data,
                                   bool *ret_holds,
                                   GCancellable *cancellable,
                                   GError **error);

/* After a change to the ledger that is not its next entry was committed together with
 * csm_rederive_begin(): every derived row is made anew. When it fails or is cancelled the case
 * is read-only and its lists are wrong: close it; the next opening begins again. */
gboolean csm_case_rederive (CsmCase *self,
                            CsmProgressCallback progress,
                            gpointer data,
                            GCancellable *cancellable,
                            GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmCase, csm_case_close)
