/* csm-session-keys.h: who holds a key of the session's case
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "review/csm-key-item.h"
#include "review/csm-session.h"

/* As all of csm-session.h: main thread only, nothing blocks. Each change is an entry; when a
 * finish function says TRUE, it is on the disk. What is signed needs a reviewer: a reader gets
 * CSM_CASE_ERROR_READ_ONLY. */

/* The finish function returns a model of CsmKeyItem as it is now (transfer full). */
void csm_session_load_keys_async (CsmSession *self,
                                  GAsyncReadyCallback callback,
                                  gpointer data);
GListModel *csm_session_load_keys_finish (CsmSession *self,
                                          GAsyncResult *result,
                                          GError **error);

/* Somebody who typed @passphrase here. */
void csm_session_add_key_async (CsmSession *self,
                                const char *name,
                                CsmSecret *passphrase,
                                bool reader,
                                GAsyncReadyCallback callback,
                                gpointer data);
gboolean csm_session_add_key_finish (CsmSession *self, GAsyncResult *result, GError **error);

/* Reads a join request; nothing is added. The finish function returns it (transfer full). */
void csm_session_load_request_async (CsmSession *self,
                                     const char *path,
                                     GAsyncReadyCallback callback,
                                     gpointer data);
CsmJoinRequest *csm_session_load_request_finish (CsmSession *self,
                                                 GAsyncResult *result,
                                                 GError **error);
/* Its fingerprint was compared. Takes @request. */
void csm_session_add_request_async (CsmSession *self,
                                    CsmJoinRequest *request,
                                    GAsyncReadyCallback callback,
                                    gpointer data);
gboolean csm_session_add_request_finish (CsmSession *self,
                                         GAsyncResult *result,
                                         GError **error);

/* The finish function returns the new code (transfer full); the old one is void. */
void csm_session_make_recovery_async (CsmSession *self,
                                      GAsyncReadyCallback callback,
                                      gpointer data);
CsmSecret *csm_session_make_recovery_finish (CsmSession *self,
                                             GAsyncResult *result,
                                             GError **error);

/* A job, as csm_session_verify() returns one: takes the key of @slot (NULL: nobody's) away and
 * encrypts the case anew under a new data key. */
CsmJob *csm_session_rotate (CsmSession *self, const CsmId *slot);
