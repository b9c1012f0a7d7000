/* csm-receipt-dialog.h: the files that go out of and come into the receipts of a case
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "review/csm-session.h"

#include <adwaita.h>

#define CSM_TYPE_RECEIPT_DIALOG (csm_receipt_dialog_get_type ())
G_DECLARE_FINAL_TYPE (CsmReceiptDialog, csm_receipt_dialog, CSM, RECEIPT_DIALOG, AdwWindow)

typedef enum {
  CSM_RECEIPT_MAKE,    /* a receipt goes out */
  CSM_RECEIPT_REQUEST, /* a request for a time stamp goes out */
  CSM_RECEIPT_ANSWER,  /* the answer comes in */
  CSM_RECEIPT_CHECK,   /* a receipt comes in, to hold the case against */
} CsmReceiptUse;

void csm_receipt_dialog_present (GtkWindow *parent, CsmSession *session, CsmReceiptUse use);
