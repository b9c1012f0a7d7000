/* test-protocol.c: the bounds that every message between host and worker keeps
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/csm-protocol.h"

#include <glib.h>
#include <string.h>

/* What is said, and as how long it comes. */
static bool
takes_reply (const CsmReply *reply, size_t size)
{
  uint8_t message[CSM_PROTOCOL_MAX_MESSAGE + 8] = { 0 };

  memcpy (message, reply, sizeof *reply);
  g_assert_cmpuint (size, <=, sizeof message);
  return csm_reply_check (message, size);
}

static bool
takes_request (const CsmRequest *request, size_t size)
{
  uint8_t message[sizeof *request + CSM_PROTOCOL_MAX_PAYLOAD + 8] = { 0 };

  memcpy (message, request, sizeof *request);
  g_assert_cmpuint (size, <=, sizeof message);
  return csm_request_check (message, size);
}

/* The size that came is the one that was said, not more and not less: what lies behind it in
 * the reader's memory is older. */
static void
test_a_reply_has_the_size_that_it_says (void)
{
  const CsmReply data = { .kind = CSM_REPLY_DATA, .id = 1, .total = 100, .payload = 10 };
  const CsmReply done = { .kind = CSM_REPLY_DONE, .id = 1 };
  CsmReply large = { .kind = CSM_REPLY_PIECE, .id = 1, .payload = CSM_PROTOCOL_MAX_PAYLOAD };

  g_assert_true (takes_reply (&data, sizeof data + 10));
  g_assert_false (takes_reply (&data, sizeof data + 9));
  g_assert_false (takes_reply (&data, sizeof data + 11));
  g_assert_false (takes_reply (&data, sizeof data));
  g_assert_true (takes_reply (&done, sizeof done));
  g_assert_false (takes_reply (&done, sizeof done - 1));
  g_assert_false (takes_reply (&done, sizeof done + 1));
  g_assert_false (takes_reply (&done, 0));
  g_assert_true (takes_reply (&large, sizeof large + large.payload));
  large.payload++;
  g_assert_false (takes_reply (&large, sizeof large + large.payload));
}

static void
test_a_reply_names_what_it_is (void)
{
  CsmReply reply = { .kind = CSM_REPLY_DONE, .id = 1 };

  reply.id = 0;
  g_assert_false (takes_reply (&reply, sizeof reply));
  reply.id = UINT32_MAX;
  g_assert_true (takes_reply (&reply, sizeof reply));
  reply.kind = 0;
  g_assert_false (takes_reply (&reply, sizeof reply));
  reply.kind = CSM_REPLY_LAST + 1;
  g_assert_false (takes_reply (&reply, sizeof reply));
}

static void
test_a_reply_counts_upwards_and_ends_its_text (void)
{
  CsmReply reply = { .kind = CSM_REPLY_PROGRESS, .id = 1, .done = 1, .total = 2 };

  g_assert_true (takes_reply (&reply, sizeof reply));
  memset (reply.text, 'x', sizeof reply.text - 1);
  g_assert_true (takes_reply (&reply, sizeof reply));
  reply.text[sizeof reply.text - 1] = 'x';
  g_assert_false (takes_reply (&reply, sizeof reply));
  reply.text[0] = reply.text[sizeof reply.text - 1] = '\0';
  reply.done = -1;
  g_assert_false (takes_reply (&reply, sizeof reply));
  reply.done = 0;
  reply.total = -1;
  g_assert_false (takes_reply (&reply, sizeof reply));
}

static void
test_a_request_has_the_size_that_it_says (void)
{
  const CsmRequest probe = { .kind = CSM_REQUEST_PROBE, .id = 1 };
  CsmRequest part = { .kind = CSM_REQUEST_INDEX_DATA, .id = 1, .payload = 10 };

  g_assert_true (takes_request (&probe, sizeof probe));
  g_assert_false (takes_request (&probe, sizeof probe - 1));
  g_assert_false (takes_request (&probe, sizeof probe + 1));
  g_assert_false (takes_request (&probe, 0));
  g_assert_true (takes_request (&part, sizeof part + 10));
  g_assert_false (takes_request (&part, sizeof part + 9));
  g_assert_false (takes_request (&part, sizeof part + 11));
  part.payload = CSM_PROTOCOL_MAX_PAYLOAD;
  g_assert_true (takes_request (&part, sizeof part + part.payload));
  part.payload++;
  g_assert_false (takes_request (&part, sizeof part + part.payload));
}

/* What a fuzzer starts from is of today's messages: else it is refused at its first field, and
 * leads nowhere. */
static void
test_seeds_are_requests (void)
{
  static const char *const seeds[] = { "cancel",  "clip",  "digest", "half",  "order",
                                       "picture", "probe", "scan",   "thumb", "verify" };

  for (gsize i = 0; i < G_N_ELEMENTS (seeds); i++)
    {
      g_autofree char *path = g_build_filename (g_getenv ("CSM_SOURCE_ROOT"), "tests", "fuzz",
                                                "corpus", "request", seeds[i], NULL);
      g_autofree char *bytes = NULL;
      gsize size = 0, at = 0;

      g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
      while (at + 2 < size)
        {
          const gsize length = (guint8) bytes[at] | (gsize) (guint8) bytes[at + 1] << 8;

          at += 2;
          if (length > size - at || !csm_request_check (bytes + at, length))
            g_error ("%s: at %" G_GSIZE_FORMAT " stands no request", seeds[i], at);
          at += length;
        }
      g_assert_cmpuint (at, ==, size);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, test) g_test_add_func ("/casement/media/protocol/" name, test)
  ADD ("a-reply-has-the-size-that-it-says", test_a_reply_has_the_size_that_it_says);
  ADD ("a-reply-names-what-it-is", test_a_reply_names_what_it_is);
  ADD ("a-reply-counts-upwards-and-ends-its-text",
       test_a_reply_counts_upwards_and_ends_its_text);
  ADD ("a-request-has-the-size-that-it-says", test_a_request_has_the_size_that_it_says);
  ADD ("seeds-are-requests", test_seeds_are_requests);
  return g_test_run ();
}
