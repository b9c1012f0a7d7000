/* csm-timestamp-private.h: shared by the reading of a time stamp and the check of its signature
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "custody/csm-timestamp.h"

#include <openssl/ts.h>

struct _CsmTimestamp
{
  GBytes *token;
  PKCS7 *pkcs7;
  TS_TST_INFO *info;
  CsmDigest imprint;
  CsmTime time;
  char *serial;
  char *authority; /* (nullable): not checked yet */
  CsmTime expiry;
};

/* Always FALSE. */
gboolean csm_timestamp_fail (GError **error, CsmCustodyError code, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
/* Whole seconds; false for what is no time. */
bool csm_timestamp_read_time (const ASN1_TIME *time, CsmTime *ret_time);
/* libcrypto keeps its own list of what went wrong, which the next caller would find. */
void csm_timestamp_clear_errors (void);
