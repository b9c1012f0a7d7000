/* test-format.c: the worked example of FORMAT.md holds for us and for other programs
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "example.h"

#include "base/csm-json.h"

#include <glib/gstdio.h>

static CsmEntry *
parse_example (const char *header,
               const char *meta,
               const char *body,
               const char *signature_hex)
{
  g_autoptr (GBytes) header_bytes = example_bytes (header);
  g_autoptr (GBytes) meta_bytes = example_bytes (meta);
  g_autoptr (GBytes) body_bytes = example_bytes (body);
  g_autoptr (GError) error = NULL;
  uint8_t signature[CSM_SIGNATURE_SIZE];

  g_assert_true (csm_hex_decode (signature_hex, signature, sizeof signature));

  CsmEntry *entry = csm_entry_parse (header_bytes, meta_bytes, body_bytes, signature, &error);

  g_assert_no_error (error);
  return entry;
}

static void
test_example_parses (void)
{
  g_autoptr (CsmEntry) first = parse_example (EXAMPLE_FIRST_HEADER, EXAMPLE_FIRST_META,
                                              EXAMPLE_FIRST_BODY, EXAMPLE_FIRST_SIGNATURE);
  g_autoptr (CsmEntry) entry =
      parse_example (EXAMPLE_HEADER, EXAMPLE_META, EXAMPLE_BODY, EXAMPLE_SIGNATURE);
  char hex[CSM_DIGEST_HEX_SIZE];

  csm_digest_to_hex (csm_entry_get_id (entry), hex);
  g_assert_cmpstr (hex, ==, EXAMPLE_ID);
  csm_digest_to_hex (csm_entry_get_id (first), hex);
  g_assert_cmpstr (hex, ==, EXAMPLE_FIRST_ID);
  g_assert_true (
      csm_digest_equal (&csm_entry_get_place (entry)->prev, csm_entry_get_id (first)));
  g_assert_cmpstr (csm_entry_get_kind (entry), ==, "mark.set");
}

/* Ed25519 has one signature for a message, so ours is the example's. */
static void
test_example_is_what_we_sign (void)
{
  g_autoptr (CsmSigner) signer = example_signer ();
  const char *message = "casement-entry-v1:" EXAMPLE_ID;
  uint8_t signature[CSM_SIGNATURE_SIZE];

  csm_signer_sign (signer, message, strlen (message), signature);

  g_autofree char *hex = csm_hex_encode (signature, sizeof signature);

  g_assert_cmpstr (hex, ==, EXAMPLE_SIGNATURE);
}

/* (transfer full): FORMAT.md, or the commands of its example. */
static char *
dup_format (bool commands)
{
  g_autofree char *path =
      g_build_filename (g_getenv ("CSM_SOURCE_ROOT"), "src", "custody", "FORMAT.md", NULL);
  char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  if (!commands)
    return text;

  g_autofree char *whole = text;
  const char *start = strstr (whole, "```sh\n");
  const char *end = strstr (start + 6, "```\n");

  return g_strndup (start + 6, end - start - 6);
}

static void
test_example_is_in_the_document (void)
{
  g_autofree char *text = dup_format (false);
  static const char *const parts[] = { EXAMPLE_FIRST_HEADER, EXAMPLE_FIRST_ID, EXAMPLE_HEADER,
                                       EXAMPLE_META,         EXAMPLE_BODY,     EXAMPLE_ID,
                                       EXAMPLE_SIGNATURE };

  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    g_assert_nonnull (strstr (text, parts[i]));
}

/* Runs @commands by a shell in an empty folder; true when each of them succeeded. */
static bool
run_commands (const char *commands, char **ret_output)
{
  g_autofree char *folder = g_dir_make_tmp ("csm-format-XXXXXX", NULL);
  const char *const argv[] = { "sh", "-euc", commands, NULL };
  g_autoptr (GError) error = NULL;
  int status;

  g_spawn_sync (folder, (char **) argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL,
                NULL, NULL, ret_output, NULL, &status, &error);
  g_assert_no_error (error);

  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_assert_cmpint (g_remove (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  return g_spawn_check_wait_status (status, NULL);
}

static void
test_openssl_agrees (void)
{
  g_autofree char *commands = dup_format (true);
  g_autofree char *output = NULL;

  g_assert_true (run_commands (commands, &output));
  g_assert_cmpstr (output, ==, "Signature Verified Successfully\n");
}

/* So that the document's commands are seen to check something. */
static void
test_openssl_refuses_changes (void)
{
  static const char *const changes[][2] = {
    { "two officers", "ten officers" },
    { "mark.set", "mark.get" },
    { "\"lamport\":2", "\"lamport\":3" },
    { "\"lamport\":1", "\"lamport\":2" },
    { "casement-entry-v1:", "casement-entry-v2:" },
    { EXAMPLE_SIGNATURE, EXAMPLE_FIRST_SIGNATURE },
  };
  g_autofree char *commands = dup_format (true);

  for (gsize i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autoptr (GString) changed = g_string_new (commands);
      g_autofree char *output = NULL;

      g_assert_cmpuint (g_string_replace (changed, changes[i][0], changes[i][1], 0), >=, 1);
      g_assert_false (run_commands (changed->str, &output));
    }
}

/* (transfer full): commands that check @entry with sha256sum and openssl alone. */
static char *
dup_check_commands (const CsmEntry *entry)
{
  g_autofree char *author = csm_hex_encode (csm_entry_get_author (entry), CSM_PUBLIC_KEY_SIZE);
  g_autofree char *signature =
      csm_hex_encode (csm_entry_get_signature (entry), CSM_SIGNATURE_SIZE);
  g_autofree char *header =
      csm_hex_encode (g_bytes_get_data (csm_entry_get_header (entry), NULL),
                      g_bytes_get_size (csm_entry_get_header (entry)));
  char id[CSM_DIGEST_HEX_SIZE];

  csm_digest_to_hex (csm_entry_get_id (entry), id);
  return g_strdup_printf ("unhex () { tr a-f A-F | basenc -d --base16; }\n"
                          "printf %%s %s | unhex > header.json\n"
                          "test \"$(sha256sum < header.json)\" = '%s  -'\n"
                          "printf %%s %s | unhex > signature\n"
                          "printf %%s casement-entry-v1:%s > message\n"
                          "printf %%s 302a300506032b6570032100%s | unhex > author.der\n"
                          "openssl pkey -pubin -inform DER -in author.der -out author.pem\n"
                          "openssl pkeyutl -verify -pubin -inkey author.pem -rawin -in message "
                          "-sigfile signature\n",
                          header, id, signature, id, author);
}

static void
test_openssl_checks_a_fresh_entry (void)
{
  g_autoptr (CsmSigner) signer = csm_signer_new ();
  g_autoptr (json_t) body = json_pack ("{s:s}", "text", "свежая запись");
  const CsmEntryPlace place = {
    .case_id = csm_id_new (), .chain = csm_id_new (), .seq = 1, .lamport = 1
  };
  g_autoptr (CsmEntry) entry =
      csm_entry_new (signer, &place, csm_time_now (), "note.set", NULL, NULL, 0, body, NULL);
  g_autofree char *commands = dup_check_commands (entry);
  g_autofree char *output = NULL;

  g_assert_true (run_commands (commands, &output));
  g_assert_cmpstr (output, ==, "Signature Verified Successfully\n");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/casement/custody/format/example-parses", test_example_parses);
  g_test_add_func ("/casement/custody/format/example-is-what-we-sign",
                   test_example_is_what_we_sign);
  g_test_add_func ("/casement/custody/format/example-is-in-the-document",
                   test_example_is_in_the_document);
  g_test_add_func ("/casement/custody/format/openssl-agrees", test_openssl_agrees);
  g_test_add_func ("/casement/custody/format/openssl-refuses-changes",
                   test_openssl_refuses_changes);
  g_test_add_func ("/casement/custody/format/openssl-checks-a-fresh-entry",
                   test_openssl_checks_a_fresh_entry);
  return g_test_run ();
}
