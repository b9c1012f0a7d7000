/* csm-service.h: the worker's life: hello, lock, answer requests
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-byte-source.h"

/* Makes a byte source of what the host sent: @n_fds descriptors, all taken, also on failure,
 * and
 * @blob, which is wiped afterwards. Before the cage is closed. */
typedef CsmByteSource *(*CsmServiceOpen) (const int *fds,
                                          int n_fds,
                                          const uint8_t *blob,
                                          size_t blob_size,
                                          GError **error);

/* Serves one host on @socket until it goes away; see csm-protocol.h. Single-threaded process
 * with nothing open but standard streams and @socket. Returns the exit status. */
int csm_service_run (int socket, CsmServiceOpen open_source);

/* What csm_service_run() does behind the greeting and the cage: answers @socket, with @source
 * (transfer full) and @ring, CSM_PROTOCOL_RING_SIZE bytes, until the host goes away or breaks
 * the protocol. By itself only for a fuzzer, which has no cage. */
void csm_service_serve (int socket, CsmByteSource *source, uint8_t *ring);

/* Locks the process in as csm_service_run() does and prints what came of @attempt; see
 * csm-cage.h. Returns the exit status: 0 when it could be tried, 2 for an unknown name. */
int csm_service_test_cage (const char *attempt);
