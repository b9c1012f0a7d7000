/* fuzz-request.c: a host that is a row of bytes, to the worker's end of the protocol
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/csm-protocol.h"
#include "media/worker/csm-decoder.h"
#include "media/worker/csm-service.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* The exhibit: a picture of 4 x 2. */
static const char exhibit[] = "P6\n4 2\n255\n"
                              "abcdefghijklmnopqrstuvwx";

static ssize_t
read_exhibit (gpointer data, int64_t offset, void *buffer, size_t size, GError **error)
{
  size_t n = MIN (size, sizeof exhibit - 1 - (size_t) offset);

  memcpy (buffer, exhibit + offset, n);
  return (ssize_t) n;
}

static const CsmByteSourceClass exhibit_class = { .read_at = read_exhibit };

/* The host's ear: each reply keeps the bounds that hosts ask for. A worker that ends with
 * messages unread resets the socket once, before what it said is heard. */
static gpointer
hear (gpointer data)
{
  int socket = GPOINTER_TO_INT (data);
  static uint8_t message[CSM_PROTOCOL_MAX_MESSAGE];
  ssize_t size;

  do
    {
      size = csm_protocol_receive (socket, message, sizeof message, true, NULL, 0, NULL);
      if (size > 0)
        g_assert_true (csm_reply_check (message, (size_t) size));
  } while (size > 0 || (size < 0 && errno == ECONNRESET));
  return NULL;
}

/* Messages, each behind its size in two bytes, little-endian, as far as the socket takes them.
 */
static void
say_all (int socket, const uint8_t *data, size_t size)
{
  while (size >= 2)
    {
      size_t length = MIN ((size_t) (data[0] | data[1] << 8), size - 2);

      if (send (socket, data + 2, length, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
        break;
      data += 2 + length;
      size -= 2 + length;
    }
  shutdown (socket, SHUT_WR);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static uint8_t *ring;
  int sockets[2];
  GThread *host;

  if (ring == NULL)
    {
      ring = g_malloc (CSM_PROTOCOL_RING_SIZE);
      csm_decoder_init_log ();
    }
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets), ==, 0);
  say_all (sockets[1], data, size);
  host = g_thread_new ("host", hear, GINT_TO_POINTER (sockets[1]));
  csm_service_serve (sockets[0], csm_byte_source_new (sizeof exhibit - 1, &exhibit_class, NULL),
                     ring, CSM_PROTOCOL_MIN_CACHE << 20);
  close (sockets[0]);
  g_thread_join (host);
  close (sockets[1]);
  return 0;
}
