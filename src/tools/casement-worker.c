/* casement-worker.c: the caged process; introduces the media store's byte source to the worker
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-error.h"
#include "media/csm-protocol.h"
#include "media/worker/csm-service.h"
#include "vault/csm-media-store.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Without a blob the source is one plain file. */
static CsmByteSource *
open_source (const int *fds, int n_fds, const uint8_t *blob, size_t blob_size, GError **error)
{
  if (blob_size > 0)
    return csm_media_source_from_blob (fds, n_fds, blob, blob_size, error);
  for (int i = 1; i < n_fds; i++)
    (void) close (fds[i]); /* never used */
  return csm_byte_source_new_for_fd (fds[0], error);
}

/* _exit: nothing may run behind the cage's back, and leak checkers need what it forbids. */
int
main (int argc, char **argv)
{
  int status = 2;

  (void) signal (SIGPIPE, SIG_IGN);
  if (argc == 1)
    status = csm_service_run (CSM_PROTOCOL_SOCKET, open_source);
  else if (argc == 3 && strcmp (argv[1], "--self-test-cage") == 0)
    status = csm_service_test_cage (argv[2]);
  else
    (void) fputs ("casement-worker: is started by casement and casectl\n", stderr);
  (void) fflush (NULL); /* its failure changes nothing here */
  _exit (status);
}
