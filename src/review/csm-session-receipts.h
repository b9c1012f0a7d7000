/* csm-session-receipts.h: receipts and time stamps, as a window asks for them
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "casefile/csm-case-receipts.h"
#include "review/csm-session.h"

/* As all of CsmSession: main thread only; nothing blocks. */

typedef struct
{
  CsmDating dating;
  GPtrArray *receipts; /* CsmReceiptRow, the newest first */
  GPtrArray *stamps;   /* CsmStampRow, the newest first */
} CsmReceipts;
void csm_receipts_free (CsmReceipts *self);

void csm_session_read_receipts_async (CsmSession *self,
                                      GAsyncReadyCallback callback,
                                      gpointer data);
/* (transfer full) (nullable) */
CsmReceipts *csm_session_read_receipts_finish (CsmSession *self,
                                               GAsyncResult *result,
                                               GError **error);

/* Makes a receipt and writes it to @path, which must not be there. */
void csm_session_make_receipt_async (CsmSession *self,
                                     const char *path,
                                     GAsyncReadyCallback callback,
                                     gpointer data);
gboolean csm_session_make_receipt_finish (CsmSession *self,
                                          GAsyncResult *result,
                                          GError **error);

/* Writes a request for a time stamp on the newest receipt that is kept. */
void csm_session_save_request_async (CsmSession *self,
                                     const char *path,
                                     GAsyncReadyCallback callback,
                                     gpointer data);
gboolean csm_session_save_request_finish (CsmSession *self,
                                          GAsyncResult *result,
                                          GError **error);

/* Takes the answer in the file @answer in; @chain may be NULL. */
void csm_session_add_stamp_async (CsmSession *self,
                                  const char *answer,
                                  const char *ca,
                                  const char *chain,
                                  GAsyncReadyCallback callback,
                                  gpointer data);
gboolean csm_session_add_stamp_finish (CsmSession *self, GAsyncResult *result, GError **error);

/* Holds the case against the receipt in the file @path, or against a @code; one is NULL. */
void csm_session_check_receipt_async (CsmSession *self,
                                      const char *path,
                                      const char *code,
                                      GAsyncReadyCallback callback,
                                      gpointer data);
/* Calls @finding for each finding; false with @error when nothing could be checked. */
gboolean csm_session_check_receipt_finish (CsmSession *self,
                                           GAsyncResult *result,
                                           CsmSessionFinding finding,
                                           gpointer data,
                                           bool *ret_holds,
                                           GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmReceipts, csm_receipts_free)
