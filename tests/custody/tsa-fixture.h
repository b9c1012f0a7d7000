/* tsa-fixture.h: a time-stamping service and its CA, made on the spot, that can also do wrong
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <stdint.h>

typedef enum {
  TSA_NO_EKU = 1 << 0,           /* its certificate says nothing of time stamping */
  TSA_EKU_NOT_CRITICAL = 1 << 1, /* or says so in passing */
  TSA_EKU_MORE = 1 << 2,         /* or is for code signing too */
  TSA_RAN_OUT = 1 << 3,          /* its certificate, before the time stamp */
  TSA_RUNS_OUT = 1 << 4,         /* its certificate, after the time stamp and before now */
  TSA_BETWEEN = 1 << 5,          /* its certificate is from an intermediate CA */
  TSA_TWO_SIGNERS = 1 << 6,
  TSA_NO_ESS = 1 << 7, /* the signature does not name its certificate */
  TSA_SHA1 = 1 << 8,
  TSA_NO_CERTIFICATE = 1 << 9, /* left out of the token */
  TSA_OTHER_NONCE = 1 << 10,
  TSA_NO_NONCE = 1 << 11,
  TSA_OTHER_IMPRINT = 1 << 12,
  TSA_VERSION_2 = 1 << 13,
  TSA_NOT_GRANTED = 1 << 14,
  TSA_BARE = 1 << 15, /* the token alone */
  TSA_WEAK_KEY = 1 << 16,
} TsaFlags;

/* 2026-03-05T09:07:02Z: what the service says. */
#define TSA_TIME INT64_C (1772701622)

typedef struct
{
  GBytes *answer;
  GBytes *ca;    /* PEM */
  GBytes *chain; /* PEM: the service's certificate, and an intermediate one */
} TsaAnswer;

/* A fresh CA and service, and its answer to @request. */
void tsa_answer (GBytes *request, TsaFlags flags, TsaAnswer *ret);
void tsa_answer_clear (TsaAnswer *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TsaAnswer, tsa_answer_clear)
