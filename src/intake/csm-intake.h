/* csm-intake.h: bringing files in, and what the worker finds in them
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-byte-source.h"
#include "casefile/csm-case-tracks.h"
#include "media/csm-worker.h"

/* Errors   CSM_CASE_ERROR, CSM_VAULT_ERROR, CSM_MEDIA_ERROR, CSM_BASE_ERROR.
 * Threads  the case's lane; every call blocks. */

/* Every regular file under @paths, folders entered (sorted by name, hidden files and symbolic
 * links left out): (transfer container) (element-type filename). A link among @paths itself is
 * resolved. @ret_bytes (may be NULL) gets the sum of their sizes. What cannot be read below a
 * folder is left out, and @refused (element-type utf8) gets a "PATH: why" for it. Fails when a
 * path itself is missing or nothing is found. */
GPtrArray *csm_intake_list_files (char *const *paths,
                                  int64_t *ret_bytes,
                                  GPtrArray *refused,
                                  GError **error);

/* True for the case's own files, which a folder that is brought in may hold: the case file, its
 * WAL and its media store. csm_intake_add_file() refuses them. */
bool csm_intake_is_own_file (CsmCase *acase, const char *path);

typedef enum {
  CSM_INTAKE_ADDED,
  CSM_INTAKE_DUPLICATE, /* @ret_exhibit is the one that has these bytes already */
  CSM_INTAKE_RELINKED,  /* the same, and its linked file was gone: it is this one now */
} CsmIntakeOutcome;

typedef struct
{
  const CsmAcquisition *acquisition; /* (nullable) */
  bool link;                         /* keep it where it is */
  const CsmDigest *sha256; /* (nullable): what was checked before; other bytes are refused */
} CsmIntakeOptions;

/* One pass over @path, opened read-only: read, SHA-256, encrypt, write, fsync; then the entry.
 * Where an exhibit has its size already, a pass that only hashes goes before: a duplicate takes
 * no room.
 * @progress in bytes. Cancelled or failed it leaves nothing of this file. A file that changed
 * size or time while it was read, or is not the one that was checked, fails with
 * CSM_MEDIA_ERROR_CHANGED. The bytes are those of a
 * regular file, symbolic links refused; what they mean is not looked at here. */
gboolean csm_intake_add_file (CsmCase *acase,
                              const char *path,
                              const CsmIntakeOptions *options,
                              CsmProgressCallback progress,
                              gpointer data,
                              CsmIntakeOutcome *ret_outcome,
                              CsmExhibit **ret_exhibit,
                              GCancellable *cancellable,
                              GError **error);

/* The same for bytes that are no one file, all of @source, as the file @name; @where says where
 * they lie, as a path would. Nothing is linked. @source is read from its start to its end, once
 * or twice. */
gboolean csm_intake_add_source (CsmCase *acase,
                                CsmByteSource *source,
                                const char *name,
                                const char *where,
                                const CsmIntakeOptions *options,
                                CsmProgressCallback progress,
                                gpointer data,
                                CsmIntakeOutcome *ret_outcome,
                                CsmExhibit **ret_exhibit,
                                GCancellable *cancellable,
                                GError **error);

/* (transfer full) (nullable): what a worker is given to read @exhibit. */
CsmMediaSource *csm_intake_open_media (CsmCase *acase, const CsmId *exhibit, GError **error);

/* Looks into @exhibit by @worker: probe, scan, thumbnail; stores facts, provisional index and
 * thumbnail. A file that cannot be read is no error: its state becomes FAILED with the reason
 * (TRUE). */
gboolean csm_intake_look (CsmCase *acase,
                          const CsmId *exhibit,
                          CsmWorker *worker,
                          GCancellable *cancellable,
                          GError **error);

/* What csm_intake_look() finds, without touching the case: for callers that keep the case's
 * lane free. Worker lane only. csm_intake_store_look() on the case's lane then writes it.
 * NULL only when cancelled. When the worker could not do its work (no cage, no process) the
 * state stays NONE, so that a later look tries again. */
typedef struct _CsmIntakeLook CsmIntakeLook;
CsmIntakeLook *csm_intake_look_worker (CsmWorker *worker, GCancellable *cancellable);
gboolean csm_intake_store_look (CsmCase *acase,
                                const CsmId *exhibit,
                                const CsmIntakeLook *look,
                                GError **error);
/* The thumbnail alone, of an exhibit that was looked at before. Without one changes nothing. */
gboolean csm_intake_store_thumbnail (CsmCase *acase,
                                     const CsmId *exhibit,
                                     const CsmIntakeLook *look,
                                     GError **error);
/* The map of the sound alone, of an exhibit that was looked at before there were maps. */
gboolean csm_intake_store_sound (CsmCase *acase,
                                 const CsmId *exhibit,
                                 const CsmSoundMap *map,
                                 GError **error);
bool csm_intake_look_has_thumbnail (const CsmIntakeLook *look);
void csm_intake_look_free (CsmIntakeLook *look);

/* The worker could not decode v:@track of @exhibit to its end (@error): its status says so. A
 * provisional index that shows no risk stays in use, else the state becomes FAILED; of a track
 * after the first it always does. Errors that say nothing
 * about the file (no cage, a full disk, cancelled) change nothing. */
gboolean csm_intake_store_failure (CsmCase *acase,
                                   const CsmId *exhibit,
                                   int track,
                                   const GError *failure,
                                   GError **error);

/* The exact index of its track was reached: stores it, and commits the frames of marks on the
 * track that wait for it. A mark whose pictures cannot be read goes on waiting, and the
 * exhibit's status says why; only when @digest was cancelled, or the case cannot be written to,
 * this fails. @digest answers frame digests (it runs on the caller's thread). */
typedef gboolean (*CsmIntakeDigest) (int64_t ordinal,
                                     CsmFrameDigest *ret_digest,
                                     gpointer data,
                                     GError **error);
gboolean csm_intake_store_exact (CsmCase *acase,
                                 const CsmId *exhibit,
                                 CsmFrameIndex *index,
                                 CsmIntakeDigest digest,
                                 gpointer data,
                                 GError **error);
/* What is known about an exact index that another FFmpeg made than @library, the running one.
 */
typedef enum {
  CSM_RECHECK_NOT_NEEDED, /* there is no exact index, or this very library made it */
  CSM_RECHECK_WANTED,     /* nobody has decoded the file again with @library */
  CSM_RECHECK_SAME,       /* somebody has: every frame was as before */
  CSM_RECHECK_DIFFERS,    /* somebody has: frames differ, or it cannot be read any more */
} CsmRecheck;
/* Of an index in @state that @made_by (nullable) made, with @status (nullable). */
CsmRecheck csm_intake_get_recheck (CsmIndexState state,
                                   const char *made_by,
                                   const char *status,
                                   const char *library);
CsmRecheck csm_intake_get_exhibit_recheck (const CsmExhibit *exhibit, const char *library);
CsmRecheck csm_intake_get_track_recheck (const CsmKeptTrack *track, const char *library);
/* The video track v:@track of @exhibit was decoded again, to @again, with @library: its status
 * says from now on how many frames are other ones than in @stored. The stored index stays. When
 * it could not be decoded, @failure says why, and the indexes may be NULL. */
gboolean csm_intake_store_recheck (CsmCase *acase,
                                   const CsmId *exhibit,
                                   int track,
                                   const CsmFrameIndex *stored,
                                   const CsmFrameIndex *again,
                                   const char *library,
                                   const GError *failure,
                                   GError **error);
/* A mark's commitment from a digest. */
void csm_intake_make_commit (const CsmFrameIndex *index,
                             int64_t ordinal,
                             const CsmFrameDigest *digest,
                             CsmFrameCommit *ret_commit);

/* What leaves a case, in this order: written beside @path (refuses to overwrite) under a
 * temporary name and synced; recorded in the ledger with its SHA-256, unless the case takes no
 * entry (read-only, or a reader's); given its name. So no file is there without an entry, and
 * an entry without its file only when the renaming fails: the error then says so. */

/* Writes @bytes to @path, recorded as "exported". @detail (takes it) says what they are. */
gboolean csm_intake_export (CsmCase *acase,
                            const char *path,
                            GBytes *bytes,
                            const CsmId *exhibit,
                            json_t *detail,
                            GError **error);
/* Writes the bytes of @exhibit to @path, recorded as "extracted", and hashed on the way out: a
 * mismatch fails with CSM_CASE_ERROR_DAMAGED and leaves nothing. */
gboolean csm_intake_extract (CsmCase *acase,
                             const CsmId *exhibit,
                             const char *path,
                             CsmProgressCallback progress,
                             gpointer data,
                             GCancellable *cancellable,
                             GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmIntakeLook, csm_intake_look_free)
