/* csm-session-export.h: a bundle out of the case, and the check of one
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "export/csm-export.h"
#include "export/csm-received-bundle.h"
#include "review/csm-session.h"

/* What would leave, on the main thread, before the job ends; not called when it fails. @preview
 * is borrowed; @free_space: bytes where the bundle is to be, -1 when that is not known. */
typedef void (*CsmSessionPreviewed) (const CsmExportPreview *preview,
                                     int64_t free_space,
                                     gpointer data);
/* (transfer full) (nullable): a job outside the list of jobs, that writes nothing. Takes
 * @selection. Fails at once when @path is there already, or its folder is not. */
CsmJob *csm_session_preview_export (CsmSession *self,
                                    CsmSelection *selection,
                                    const char *path,
                                    CsmSessionPreviewed previewed,
                                    gpointer data,
                                    GDestroyNotify free_data);

/* An encrypted file beside the bundle, "PATH.age": csm_hand_over_write(). */
typedef struct
{
  const char *const *recipients; /* (nullable) */
  CsmSecret *passphrase;         /* (nullable) */
} CsmSessionHandOver;

/* What was made, as above. @hand_over: its path, NULL when none was asked for or it failed;
 * @problem (nullable): why that failed, a sentence; the bundle is whole then. */
typedef void (*CsmSessionExported) (const CsmExportReport *report,
                                    const char *hand_over,
                                    const char *problem,
                                    gpointer data);
/* (transfer none) (nullable): a job. Takes @selection; reads @hand_over (nullable) before it
 * returns. Work in the case goes on meanwhile. */
CsmJob *csm_session_export (CsmSession *self,
                            CsmSelection *selection,
                            const char *path,
                            const CsmSessionHandOver *hand_over,
                            CsmSessionExported exported,
                            gpointer data,
                            GDestroyNotify free_data);

/* A bundle of Casement that holds, on the main thread, before the job ends; (transfer full). */
typedef void (*CsmSessionChecked) (CsmReceivedBundle *bundle, gpointer data);
/* (transfer full): a job outside the list of jobs, that needs no case and touches none: the
 * session may be open or closed. @key (nullable): as csm_bundle_check() takes it. @checked may
 * be NULL. */
CsmJob *csm_session_check_bundle (CsmSession *self,
                                  const char *path,
                                  const char *key,
                                  bool frames,
                                  CsmSessionFinding finding,
                                  CsmSessionChecked checked,
                                  gpointer data,
                                  GDestroyNotify free_data);

/* (transfer none) (nullable): a job, as csm_session_import(), that brings in all of @bundle
 * (takes it), which was checked. What is not any more what was checked is not brought in, and
 * nothing after it. */
CsmJob *csm_session_take_in (CsmSession *self, CsmReceivedBundle *bundle);

/* (transfer full): a job outside the list of jobs, that needs no case and touches none. The
 * encrypted file @path into the new folder @folder: csm_hand_over_open(). Exactly one of
 * @key_file, a path, and @passphrase is given. */
CsmJob *csm_session_open_hand_over (CsmSession *self,
                                    const char *path,
                                    const char *folder,
                                    const char *key_file,
                                    CsmSecret *passphrase);
