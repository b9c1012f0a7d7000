/* test-entry.c: an entry is what was signed, to the byte, or it is refused
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "example.h"

#include "base/csm-json.h"

typedef struct
{
  CsmSigner *signer;
  CsmEntryPlace place;
  CsmDigest heads[2];
  CsmId subject;
  CsmDigest replaces[3];
  json_t *body;
} Fixture;

static const CsmTime some_time = INT64_C (1772701622004);

static void
set_up (Fixture *f, gconstpointer unused)
{
  f->signer = example_signer ();
  f->place.case_id = csm_id_new ();
  f->place.chain = csm_id_new ();
  f->place.seq = 7;
  f->place.lamport = 40;
  csm_sha256 ("prev", 4, &f->place.prev);
  memset (&f->heads[0], 1, sizeof f->heads[0]);
  memset (&f->heads[1], 2, sizeof f->heads[1]);
  f->place.heads = f->heads;
  f->place.n_heads = 2;
  f->subject = csm_id_new ();
  for (int i = 0; i < 3; i++)
    memset (&f->replaces[i], 9 - i, sizeof f->replaces[i]);
  f->body = json_pack ("{s:s, s:[i,i], s:n}", "text", "Дубинка \"1\"\n", "timebase", 1, 90000,
                       "code");
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  csm_signer_free (f->signer);
  json_decref (f->body);
}

static CsmEntry *
make (Fixture *f, GError **error)
{
  return csm_entry_new (f->signer, &f->place, some_time, "mark.set", &f->subject, f->replaces,
                        3, f->body, error);
}

static void
assert_malformed (Fixture *f)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (make (f, &error));
  g_assert_error (error, CSM_CUSTODY_ERROR, CSM_CUSTODY_ERROR_MALFORMED);
}

static void
assert_says_what_was_said (Fixture *f, const CsmEntry *entry)
{
  const CsmEntryPlace *place = csm_entry_get_place (entry);
  int n;
  const CsmDigest *replaces = csm_entry_get_replaces (entry, &n);

  g_assert_cmpstr (place->case_id.hex, ==, f->place.case_id.hex);
  g_assert_cmpstr (place->chain.hex, ==, f->place.chain.hex);
  g_assert_cmpint (place->seq, ==, 7);
  g_assert_cmpint (place->lamport, ==, 40);
  g_assert_true (csm_digest_equal (&place->prev, &f->place.prev));
  g_assert_cmpmem (place->heads, place->n_heads * sizeof (CsmDigest), f->heads,
                   sizeof f->heads);
  g_assert_cmpmem (csm_entry_get_author (entry), 32, csm_signer_get_public_key (f->signer), 32);
  g_assert_cmpint (csm_entry_get_time (entry), ==, some_time);
  g_assert_cmpstr (csm_entry_get_kind (entry), ==, "mark.set");
  g_assert_cmpstr (csm_entry_get_subject (entry)->hex, ==, f->subject.hex);
  g_assert_cmpint (n, ==, 3);
  for (int i = 0; i < 3; i++)
    g_assert_true (csm_digest_equal (&replaces[i], &f->replaces[2 - i]));
}

static void
test_new_and_parse (Fixture *f, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmEntry) entry = make (f, &error);

  g_assert_no_error (error);
  assert_says_what_was_said (f, entry);

  g_autoptr (CsmEntry) again =
      csm_entry_parse (csm_entry_get_header (entry), csm_entry_get_meta (entry),
                       csm_entry_get_body (entry), csm_entry_get_signature (entry), &error);

  g_assert_no_error (error);
  assert_says_what_was_said (f, again);
  g_assert_true (csm_digest_equal (csm_entry_get_id (entry), csm_entry_get_id (again)));
  g_assert_true (json_equal (csm_entry_get_content (entry), csm_entry_get_content (again)));
}

static void
test_body_gets_a_nonce (Fixture *f, gconstpointer unused)
{
  g_autoptr (CsmEntry) a = make (f, NULL);
  g_autoptr (CsmEntry) b = make (f, NULL);
  g_autoptr (json_t) content = json_copy ((json_t *) csm_entry_get_content (a));
  CsmId nonce;

  g_assert_true (csm_id_parse (csm_json_get_string (content, "nonce"), &nonce));
  json_object_del (content, "nonce");
  g_assert_true (json_equal (content, f->body));
  g_assert_false (g_bytes_equal (csm_entry_get_body (a), csm_entry_get_body (b)));
  g_assert_false (g_bytes_equal (csm_entry_get_meta (a), csm_entry_get_meta (b)));
}

static void
test_first_of_chain (Fixture *f, gconstpointer unused)
{
  static const CsmDigest zero;
  g_autoptr (GError) error = NULL;

  f->place.seq = 1;
  f->place.n_heads = 0;
  f->place.heads = NULL;

  g_autoptr (CsmEntry) entry = csm_entry_new (f->signer, &f->place, some_time, "case.create",
                                              NULL, NULL, 0, f->body, &error);
  int n;

  g_assert_no_error (error);
  g_assert_true (csm_digest_equal (&csm_entry_get_place (entry)->prev, &zero));
  g_assert_null (csm_entry_get_subject (entry));
  csm_entry_get_replaces (entry, &n);
  g_assert_cmpint (n, ==, 0);

  g_autoptr (json_t) header = csm_json_decode (csm_entry_get_header (entry), NULL);
  g_autoptr (json_t) meta = csm_json_decode (csm_entry_get_meta (entry), NULL);

  g_assert_true (json_is_null (json_object_get (header, "prev")));
  g_assert_true (json_is_null (json_object_get (meta, "subject")));
}

static void
test_new_refuses (Fixture *f, gconstpointer unused)
{
  static const char *const kinds[] = { "", "Mark", "1a", "a b", "a/b", ".a", "ä" };
  g_autofree char *long_kind = g_strnfill (65, 'a');
  const CsmEntryPlace place = f->place;

  f->place.seq = 0;
  assert_malformed (f);
  f->place.seq = INT64_C (1) << 53;
  assert_malformed (f);
  f->place = place;
  f->place.lamport = 0;
  assert_malformed (f);
  f->place = place;
  f->heads[1] = f->heads[0]; /* twice the same */
  assert_malformed (f);
  memset (&f->heads[1], 0, sizeof f->heads[1]); /* not sorted */
  assert_malformed (f);
  memset (&f->heads[1], 2, sizeof f->heads[1]);
  f->place.prev = f->heads[1];
  assert_malformed (f);
  f->place = place;
  f->replaces[1] = f->replaces[2];
  assert_malformed (f);
  memset (&f->replaces[1], 8, sizeof f->replaces[1]);
  for (gsize i = 0; i <= G_N_ELEMENTS (kinds); i++)
    g_assert_null (csm_entry_new (f->signer, &f->place, some_time,
                                  i < G_N_ELEMENTS (kinds) ? kinds[i] : long_kind, NULL, NULL,
                                  0, f->body, NULL));
  g_assert_null (csm_entry_new (f->signer, &f->place, INT64_MAX, "mark.set", NULL, NULL, 0,
                                f->body, NULL));

  g_autoptr (CsmEntry) fine = make (f, NULL);

  g_assert_nonnull (fine);
}

static void
test_new_refuses_body (Fixture *f, gconstpointer unused)
{
  json_object_set_new (f->body, "x", json_real (1.5));
  assert_malformed (f);
  json_object_set_new (f->body, "x", json_integer (INT64_MAX));
  assert_malformed (f);
  json_object_del (f->body, "x");
  json_object_set_new (f->body, "nonce", json_string ("mine"));
  assert_malformed (f);
  json_decref (f->body);
  f->body = json_array ();
  assert_malformed (f);
}

static void
test_references (Fixture *f, gconstpointer unused)
{
  CsmEntry *entry = make (f, NULL);
  CsmEntry *second = csm_entry_ref (entry);

  csm_entry_unref (entry);
  assert_says_what_was_said (f, second);
  csm_entry_unref (second);
  csm_entry_unref (NULL);
}

static void
test_withheld (Fixture *f, gconstpointer unused)
{
  g_autoptr (CsmEntry) entry = make (f, NULL);
  int n = -1;

  for (int kept = 0; kept < 4; kept++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (CsmEntry) part = csm_entry_parse (csm_entry_get_header (entry),
                                                   kept & 1 ? csm_entry_get_meta (entry) : NULL,
                                                   kept & 2 ? csm_entry_get_body (entry) : NULL,
                                                   csm_entry_get_signature (entry), &error);

      g_assert_no_error (error);
      g_assert_true (csm_digest_equal (csm_entry_get_id (entry), csm_entry_get_id (part)));
      g_assert_true ((csm_entry_get_meta (part) != NULL) == ((kept & 1) != 0));
      g_assert_true ((csm_entry_get_kind (part) != NULL) == ((kept & 1) != 0));
      g_assert_true ((csm_entry_get_subject (part) != NULL) == ((kept & 1) != 0));
      csm_entry_get_replaces (part, &n);
      g_assert_cmpint (n, ==, kept & 1 ? 3 : 0);
      g_assert_cmpint (csm_entry_get_time (part), ==, kept & 1 ? some_time : 0);
      g_assert_true ((csm_entry_get_body (part) != NULL) == ((kept & 2) != 0));
      g_assert_true ((csm_entry_get_content (part) != NULL) == ((kept & 2) != 0));
    }
}

/* Parses with one bit of @part changed and expects @code, or MALFORMED where that may come
 * first. */
static void
assert_flip_refused (const CsmEntry *entry, int part, gsize bit, int code)
{
  GBytes *const parts[] = { csm_entry_get_header (entry), csm_entry_get_meta (entry),
                            csm_entry_get_body (entry) };
  uint8_t signature[CSM_SIGNATURE_SIZE];
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) changed = NULL;

  memcpy (signature, csm_entry_get_signature (entry), sizeof signature);
  if (part < 3)
    {
      uint8_t *bytes =
          g_memdup2 (g_bytes_get_data (parts[part], NULL), g_bytes_get_size (parts[part]));

      bytes[bit / 8] ^= (uint8_t) (1 << bit % 8);
      changed = g_bytes_new_take (bytes, g_bytes_get_size (parts[part]));
    }
  else
    signature[bit / 8] ^= (uint8_t) (1 << bit % 8);
  g_assert_null (csm_entry_parse (part == 0 ? changed : parts[0],
                                  part == 1 ? changed : parts[1],
                                  part == 2 ? changed : parts[2], signature, &error));
  if (part == 0)
    g_assert_true (error->domain == CSM_CUSTODY_ERROR);
  else
    g_assert_error (error, CSM_CUSTODY_ERROR, code);
}

static void
test_every_bit (Fixture *f, gconstpointer unused)
{
  g_autoptr (CsmEntry) entry = make (f, NULL);

  for (gsize i = 0; i < 8 * g_bytes_get_size (csm_entry_get_header (entry)); i++)
    assert_flip_refused (entry, 0, i, 0);
  for (gsize i = 0; i < 8 * g_bytes_get_size (csm_entry_get_meta (entry)); i++)
    assert_flip_refused (entry, 1, i, CSM_CUSTODY_ERROR_HASH);
  for (gsize i = 0; i < 8 * g_bytes_get_size (csm_entry_get_body (entry)); i++)
    assert_flip_refused (entry, 2, i, CSM_CUSTODY_ERROR_HASH);
  for (gsize i = 0; i < 8 * CSM_SIGNATURE_SIZE; i++)
    assert_flip_refused (entry, 3, i, CSM_CUSTODY_ERROR_SIGNATURE);
}

static void
test_every_truncation (Fixture *f, gconstpointer unused)
{
  g_autoptr (CsmEntry) entry = make (f, NULL);
  GBytes *const parts[] = { csm_entry_get_header (entry), csm_entry_get_meta (entry),
                            csm_entry_get_body (entry) };

  for (int part = 0; part < 3; part++)
    for (gsize size = 0; size < g_bytes_get_size (parts[part]); size++)
      {
        g_autoptr (GBytes) cut = g_bytes_new_from_bytes (parts[part], 0, size);
        g_autoptr (GError) error = NULL;

        g_assert_null (csm_entry_parse (part == 0 ? cut : parts[0], part == 1 ? cut : parts[1],
                                        part == 2 ? cut : parts[2],
                                        csm_entry_get_signature (entry), &error));
        g_assert_true (error->domain == CSM_CUSTODY_ERROR);
      }
}

static void
test_parts_of_another (Fixture *f, gconstpointer unused)
{
  g_autoptr (CsmEntry) a = make (f, NULL);
  g_autoptr (CsmEntry) b = make (f, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (csm_entry_parse (csm_entry_get_header (a), csm_entry_get_meta (b),
                                  csm_entry_get_body (a), csm_entry_get_signature (a), &error));
  g_assert_error (error, CSM_CUSTODY_ERROR, CSM_CUSTODY_ERROR_HASH);
  g_clear_error (&error);
  g_assert_null (csm_entry_parse (csm_entry_get_header (a), csm_entry_get_meta (a),
                                  csm_entry_get_body (a), csm_entry_get_signature (b), &error));
  g_assert_error (error, CSM_CUSTODY_ERROR, CSM_CUSTODY_ERROR_SIGNATURE);
}

/* ---- Parts that a key holder signs although they break the format ---- */

/* Signs the header @header over @meta and @body, whatever they are, and parses. */
static void
assert_signed_but_refused (Fixture *f,
                           json_t *header,
                           const char *meta,
                           const char *body,
                           int code)
{
  g_autoptr (GBytes) meta_bytes = example_bytes (meta);
  g_autoptr (GBytes) body_bytes = example_bytes (body);
  g_autoptr (GError) error = NULL;
  CsmDigest digest;
  char hex[CSM_DIGEST_HEX_SIZE];
  uint8_t signature[CSM_SIGNATURE_SIZE];

  if (json_object_get (header, "meta_sha256") != NULL)
    {
      csm_sha256 (meta, strlen (meta), &digest);
      csm_digest_to_hex (&digest, hex);
      json_object_set_new (header, "meta_sha256", json_string (hex));
      csm_sha256 (body, strlen (body), &digest);
      csm_digest_to_hex (&digest, hex);
      json_object_set_new (header, "body_sha256", json_string (hex));
    }

  g_autoptr (GBytes) header_bytes = csm_json_encode (header, NULL);

  csm_sha256 (g_bytes_get_data (header_bytes, NULL), g_bytes_get_size (header_bytes), &digest);
  csm_digest_to_hex (&digest, hex);

  g_autofree char *message = g_strconcat ("casement-entry-v1:", hex, NULL);

  csm_signer_sign (f->signer, message, strlen (message), signature);

  g_autoptr (CsmEntry) entry =
      csm_entry_parse (header_bytes, meta_bytes, body_bytes, signature, &error);

  g_assert_true ((entry == NULL) == (code != 0));
  if (code == 0)
    g_assert_no_error (error);
  else
    g_assert_error (error, CSM_CUSTODY_ERROR, code);
}

static json_t *
example_header (void)
{
  g_autoptr (GBytes) bytes = example_bytes (EXAMPLE_HEADER);

  return csm_json_decode (bytes, NULL);
}

static void
test_signed_headers (Fixture *f, gconstpointer unused)
{
  /* Key, a value it may not have (NULL: not even be there), what is said. */
  static const struct
  {
    const char *key;
    const char *value;
    int code;
  } cases[] = {
    { "v", "2", CSM_CUSTODY_ERROR_NEWER },
    { "v", "0", CSM_CUSTODY_ERROR_MALFORMED },
    { "v", "\"1\"", CSM_CUSTODY_ERROR_MALFORMED },
    { "v", NULL, CSM_CUSTODY_ERROR_MALFORMED },
    { "extra", "1", CSM_CUSTODY_ERROR_MALFORMED },
    { "case", "\"00\"", CSM_CUSTODY_ERROR_MALFORMED },
    { "case", NULL, CSM_CUSTODY_ERROR_MALFORMED },
    { "chain", "\"000102030405060708090A0B0C0D0E0F\"", CSM_CUSTODY_ERROR_MALFORMED },
    { "seq", "0", CSM_CUSTODY_ERROR_MALFORMED },
    { "seq", "-1", CSM_CUSTODY_ERROR_MALFORMED },
    { "seq", "1", CSM_CUSTODY_ERROR_MALFORMED }, /* its prev is not null */
    { "seq", "\"2\"", CSM_CUSTODY_ERROR_MALFORMED },
    { "prev", "null", CSM_CUSTODY_ERROR_MALFORMED },
    { "prev", "\"00\"", CSM_CUSTODY_ERROR_MALFORMED },
    { "lamport", "0", CSM_CUSTODY_ERROR_MALFORMED },
    { "lamport", "null", CSM_CUSTODY_ERROR_MALFORMED },
    { "heads", "null", CSM_CUSTODY_ERROR_MALFORMED },
    { "heads", "[1]", CSM_CUSTODY_ERROR_MALFORMED },
    { "heads", "[\"" EXAMPLE_FIRST_ID "\"]", CSM_CUSTODY_ERROR_MALFORMED },
    { "heads", "[\"" EXAMPLE_ID "\",\"" EXAMPLE_ID "\"]", CSM_CUSTODY_ERROR_MALFORMED },
    { "heads", "[\"" EXAMPLE_ID "\"]", 0 },
    { "author", "\"00\"", CSM_CUSTODY_ERROR_MALFORMED },
    { "author", "\"" EXAMPLE_ID "\"", CSM_CUSTODY_ERROR_SIGNATURE },
    { "meta_sha256", NULL, CSM_CUSTODY_ERROR_MALFORMED },
    { "seq", "9007199254740991", 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (json_t) header = example_header ();

      if (cases[i].value != NULL)
        json_object_set_new (header, cases[i].key,
                             json_loads (cases[i].value, JSON_DECODE_ANY, NULL));
      else
        json_object_del (header, cases[i].key);
      assert_signed_but_refused (f, header, EXAMPLE_META, EXAMPLE_BODY, cases[i].code);
    }
}

#define NONCE "\"nonce\":\"a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1\""
#define TIME "\"time\":\"2026-03-05T09:08:00.000Z\""

static void
test_signed_metas (Fixture *f, gconstpointer unused)
{
  static const char *const metas[] = {
    "",
    "null",
    "[]",
    "{}",
    "{\"kind\":\"a\"," NONCE ",\"replaces\":[],\"subject\":null," TIME "} ",
    "{\"kind\":\"a\"," NONCE ",\"replaces\":[],\"subject\":null," TIME ",\"x\":1}",
    "{\"kind\":\"a\"," NONCE ",\"replaces\":[],\"subject\":null}",
    "{\"kind\":\"a\"," NONCE ",\"replaces\":[]," TIME ",\"z\":null}",
    "{\"kind\":\"A\"," NONCE ",\"replaces\":[],\"subject\":null," TIME "}",
    "{\"kind\":1," NONCE ",\"replaces\":[],\"subject\":null," TIME "}",
    "{\"kind\":\"a\",\"nonce\":\"a1\",\"replaces\":[],\"subject\":null," TIME "}",
    "{\"kind\":\"a\"," NONCE ",\"replaces\":null,\"subject\":null," TIME "}",
    "{\"kind\":\"a\"," NONCE ",\"replaces\":[\"a1\"],\"subject\":null," TIME "}",
    "{\"kind\":\"a\"," NONCE ",\"replaces\":[],\"subject\":\"\"," TIME "}",
    "{\"kind\":\"a\"," NONCE ",\"replaces\":[],\"subject\":1," TIME "}",
    "{\"kind\":\"a\"," NONCE ",\"replaces\":[],\"subject\":null,\"time\":0}",
    "{\"kind\":\"a\"," NONCE
    ",\"replaces\":[],\"subject\":null,\"time\":\"2026-03-05T09:08:00Z\"}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (metas); i++)
    {
      g_autoptr (json_t) header = example_header ();

      assert_signed_but_refused (f, header, metas[i], EXAMPLE_BODY,
                                 CSM_CUSTODY_ERROR_MALFORMED);
    }

  g_autoptr (json_t) header = example_header ();

  assert_signed_but_refused (
      f, header, "{\"kind\":\"a\"," NONCE ",\"replaces\":[],\"subject\":null," TIME "}",
      EXAMPLE_BODY, 0);
}

static void
test_signed_bodies (Fixture *f, gconstpointer unused)
{
  static const char *const bodies[] = {
    "",
    "null",
    "[]",
    "{}",
    "{\"nonce\":\"b1\"}",
    "{\"a\": 1," NONCE "}",
    "{\"a\":1.5," NONCE "}",
    "{\"a\":1,\"a\":1," NONCE "}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autoptr (json_t) header = example_header ();

      assert_signed_but_refused (f, header, EXAMPLE_META, bodies[i],
                                 CSM_CUSTODY_ERROR_MALFORMED);
    }

  g_autoptr (json_t) header = example_header ();

  assert_signed_but_refused (f, header, EXAMPLE_META, "{\"a\":1," NONCE "}", 0);
}

static void
test_ids (Fixture *f, gconstpointer unused)
{
  const CsmId a = csm_id_new (), b = csm_id_new ();
  CsmId parsed = a;

  g_assert_cmpuint (strlen (a.hex), ==, 32);
  g_assert_cmpstr (a.hex, !=, b.hex);
  g_assert_false (csm_id_parse (NULL, &parsed));
  g_assert_false (csm_id_parse ("", &parsed));
  g_assert_false (csm_id_parse ("000102030405060708090a0b0c0d0e0", &parsed));
  g_assert_false (csm_id_parse ("000102030405060708090a0b0c0d0e0f0", &parsed));
  g_assert_false (csm_id_parse ("000102030405060708090a0b0c0d0e0F", &parsed));
  g_assert_cmpstr (parsed.hex, ==, a.hex);
  g_assert_true (csm_id_parse (b.hex, &parsed));
  g_assert_cmpstr (parsed.hex, ==, b.hex);
}

#define ADD(name, test) \
  g_test_add ("/casement/custody/entry/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("new-and-parse", test_new_and_parse);
  ADD ("body-gets-a-nonce", test_body_gets_a_nonce);
  ADD ("first-of-chain", test_first_of_chain);
  ADD ("new-refuses", test_new_refuses);
  ADD ("new-refuses-body", test_new_refuses_body);
  ADD ("references", test_references);
  ADD ("withheld", test_withheld);
  ADD ("every-bit-counts", test_every_bit);
  ADD ("every-truncation", test_every_truncation);
  ADD ("parts-of-another", test_parts_of_another);
  ADD ("signed-headers", test_signed_headers);
  ADD ("signed-metas", test_signed_metas);
  ADD ("signed-bodies", test_signed_bodies);
  ADD ("ids", test_ids);
  return g_test_run ();
}
