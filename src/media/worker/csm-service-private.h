/* csm-service-private.h: one host, one source: what requests share
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-byte-source.h"
#include "media/csm-protocol.h"
#include "media/worker/csm-convert.h"
#include "media/worker/csm-input.h"
#include "media/worker/csm-reader.h"
#include "media/worker/csm-sound-reader.h"
#include "media/worker/csm-view-chain.h"

/* Inside media/worker only. */
typedef struct
{
  int socket;
  uint8_t *ring; /* CSM_PROTOCOL_RING_SIZE bytes, shared with the host */
  CsmByteSource *source;
  CsmConverter *converter;

  CsmInput *spare;      /* opened by a probe and not read from yet, or NULL */
  CsmInput *used;       /* the same, read from: good for seeking, or NULL */
  CsmReader *reader;    /* NULL before an index was set */
  size_t cache_budget;  /* of a reader, in bytes */
  GByteArray *incoming; /* index on its way in, or NULL */
  size_t expected;      /* bytes of it */
  int rotation;         /* of the reader's track */
  AVRational sample_aspect;

  uint32_t id;           /* of the running request */
  bool cancelled;        /* the running request */
  bool gone;             /* the host went away or broke the protocol: end */
  int64_t n_steps;       /* packets and the like, since the start: shows that work goes on */
  int64_t job_done;      /* of a request that knows how far it is */
  int64_t job_total;     /* 0: the running one does not */
  int64_t last_report;   /* microseconds of the monotonic clock */
  CsmSoundReader *sound; /* NULL before any was asked for */
  int64_t last_look;     /* the same, at what the host has to say */

  CsmViewChain *chain;
  int64_t n_frames; /* of the reader's track */
} CsmService;

/* Replies to the running request. false when the host has gone. */
bool csm_service_reply (CsmService *self, CsmReply *reply, const void *payload, size_t size);
bool csm_service_done (CsmService *self);
bool csm_service_fail (CsmService *self, const GError *error);
/* Sends @bytes as _DATA. */
bool csm_service_send_bytes (CsmService *self, GBytes *bytes);
/* Looks whether the host wants the running request stopped, and now and then says that it is
 * alive. true: stop. A CsmPassProgress, and with the next a CsmReaderPoll and CsmInterrupt. */
bool csm_service_progress_cb (int64_t done, int64_t total, gpointer service);
bool csm_service_poll_cb (gpointer service);
/* Says so now: before work that cannot look up for a while. */
void csm_service_say_alive (CsmService *self);
/* Waits for the host to have read the transfer memory. false: cancelled or gone. */
bool csm_service_wait_for_ack (CsmService *self);

/* Requests, each answered whole, success or failure. */
void csm_service_probe (CsmService *self);
void csm_service_scan (CsmService *self, const CsmRequest *request);
void csm_service_verify (CsmService *self, const CsmRequest *request);
void csm_service_set_index (CsmService *self, const CsmRequest *request);
void csm_service_take_index (CsmService *self, const void *data, size_t size);
void csm_service_picture (CsmService *self, const CsmRequest *request);
void csm_service_digest (CsmService *self, const CsmRequest *request);
void csm_service_png (CsmService *self, const CsmRequest *request);
void csm_service_thumbnail (CsmService *self, const CsmRequest *request);
void csm_service_statistics (CsmService *self);
void csm_service_sound_map (CsmService *self, const CsmRequest *request);
void csm_service_sound (CsmService *self, const CsmRequest *request, const void *payload);
void csm_service_clip (CsmService *self, const CsmRequest *request, const void *payload);

/* What is shown of a frame. */
typedef struct
{
  int64_t ordinal;  /* of the frame */
  AVFrame *frame;   /* as decoded */
  AVFrame *picture; /* what is to be converted: the frame, or what filters made of it */
  uint32_t flags;   /* CsmBandFlags */
  char *colour;     /* the colour path */
  CsmView view;     /* the request's, or none where that does not fit the frame */
} CsmShown;
void csm_shown_clear (CsmShown *self);
/* Looks at the frame of @request as its view says, or as it is where that does not fit it, and
 * tone-maps HDR that is not wanted as decoded. The view's turn is left to the converter. */
gboolean csm_service_look (CsmService *self,
                           const CsmRequest *request,
                           CsmShown *ret_shown,
                           GError **error);
/* (transfer full) (nullable): a PNG of the frame of @request under its view; sends the text of
 * the filters. */
GBytes *csm_service_make_view_still (CsmService *self,
                                     const CsmRequest *request,
                                     GError **error);

/* (transfer full) (nullable): the frame of @request as decoded. With @ret_ordinal (nullable) it
 * is to be shown: the playhead goes there, and a request for a near one says which it is. */
AVFrame *csm_service_read_frame (CsmService *self,
                                 const CsmRequest *request,
                                 int64_t *ret_ordinal,
                                 GError **error);
/* How @frame is turned, stretched and fitted for @request. */
CsmConvertOptions csm_service_get_options (CsmService *self,
                                           const CsmRequest *request,
                                           const AVFrame *frame);

/* (transfer full) (nullable): the probe's input, or a new one. */
CsmInput *csm_service_take_input (CsmService *self, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CsmShown, csm_shown_clear)
