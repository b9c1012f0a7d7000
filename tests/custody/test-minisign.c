/* test-minisign.c: signatures that minisign checks and makes, and a key's fingerprint in words
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-hash.h"
#include "custody/csm-key-words.h"
#include "custody/csm-minisign.h"

#include <glib/gstdio.h>

#include <string.h>

/* (transfer full): a file of tests/custody/data/minisign. */
static GBytes *
read_file (const char *name)
{
  g_autofree char *path =
      g_test_build_filename (G_TEST_DIST, "custody", "data", "minisign", name, NULL);
  char *bytes;
  gsize size;

  g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
  return g_bytes_new_take (bytes, size);
}

/* (transfer full) */
static char *
read_text (const char *name)
{
  g_autoptr (GBytes) bytes = read_file (name);
  size_t size;
  const char *data = g_bytes_get_data (bytes, &size);

  return g_strndup (data, size);
}

static CsmMinisignKey
read_key (const char *name)
{
  g_autofree char *text = read_text (name);
  g_autoptr (GError) error = NULL;
  CsmMinisignKey key;

  csm_minisign_key_parse (&key, text, &error);
  g_assert_no_error (error);
  return key;
}

/* (transfer full) */
static CsmMinisig *
read_signature (const char *name)
{
  g_autoptr (GBytes) bytes = read_file (name);
  g_autoptr (GError) error = NULL;
  CsmMinisig *signature = csm_minisig_parse (bytes, &error);

  g_assert_no_error (error);
  return signature;
}

static CsmSigner *
new_signer (void)
{
  uint8_t bytes[CSM_SEED_SIZE];
  g_autoptr (CsmSecret) seed = NULL;

  for (int i = 0; i < CSM_SEED_SIZE; i++)
    bytes[i] = (uint8_t) (i * 7 + 1);
  seed = csm_secret_new_from (bytes, sizeof bytes);
  return csm_signer_new_from_seed (seed);
}

static void
assert_fails (const CsmMinisig *signature,
              const CsmMinisignKey *key,
              GBytes *message,
              bool legacy,
              const char *part)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (csm_minisig_verify (signature, key, message, legacy, &error));
  g_assert_error (error, CSM_CUSTODY_ERROR, CSM_CUSTODY_ERROR_SIGNATURE);
  if (strstr (error->message, part) == NULL)
    g_error ("looked for '%s' in: %s", part, error->message);
}

static void
test_made_by_minisign (void)
{
  const CsmMinisignKey key = read_key ("test.pub");
  g_autoptr (CsmMinisig) signature = read_signature ("msg.txt.minisig");
  g_autoptr (GBytes) message = read_file ("msg.txt");
  g_autoptr (GBytes) other = read_file ("msg.tampered.txt");
  g_autoptr (GError) error = NULL;
  char id[CSM_MINISIGN_ID_HEX_SIZE];

  g_assert_true (csm_minisig_verify (signature, &key, message, false, &error));
  g_assert_no_error (error);
  g_assert_false (csm_minisig_is_legacy (signature));
  g_assert_cmpstr (csm_minisig_get_trusted_comment (signature), ==,
                   "timestamp:1700000000 file:msg.txt hashed");
  g_assert_cmpstr (csm_minisig_get_untrusted_line (signature), ==,
                   "untrusted comment: casement test");
  csm_minisign_id_to_hex (key.id, id);
  g_assert_cmpstr (id, ==, "FED05621EF2AB1F9");
  assert_fails (signature, &key, other, false, "not over these bytes");
}

static void
test_comment_is_signed (void)
{
  const CsmMinisignKey key = read_key ("test.pub");
  g_autoptr (CsmMinisig) signature = read_signature ("msg.badcomment.minisig");
  g_autoptr (GBytes) message = read_file ("msg.txt");

  assert_fails (signature, &key, message, false, "trusted comment");
}

static void
test_legacy (void)
{
  const CsmMinisignKey key = read_key ("test.pub");
  g_autoptr (CsmMinisig) signature = read_signature ("msg.legacy.minisig");
  g_autoptr (GBytes) message = read_file ("msg.txt");
  g_autoptr (GError) error = NULL;

  g_assert_true (csm_minisig_is_legacy (signature));
  assert_fails (signature, &key, message, false, "old kind");
  g_assert_true (csm_minisig_verify (signature, &key, message, true, &error));
  g_assert_no_error (error);
}

static void
test_another_key (void)
{
  const CsmMinisignKey key = read_key ("k.pub");
  CsmMinisignKey same_id = key;
  g_autoptr (CsmMinisig) signature = read_signature ("msg.txt.minisig");
  g_autoptr (GBytes) message = read_file ("msg.txt");

  assert_fails (signature, &key, message, false, "FED05621EF2AB1F9, not with BFB6FAF01E1FDF64");
  memcpy (same_id.id, csm_minisig_get_key_id (signature), sizeof same_id.id);
  assert_fails (signature, &same_id, message, false, "not over these bytes");
}

static void
test_key_text (void)
{
  const CsmMinisignKey key = read_key ("test.pub");
  g_autofree char *text = read_text ("test.pub");
  g_autofree char *base64 = csm_minisign_key_to_base64 (&key);
  g_autoptr (GBytes) written = csm_minisign_key_write (&key);
  CsmMinisignKey again;

  g_assert_cmpmem (g_bytes_get_data (written, NULL), g_bytes_get_size (written), text,
                   strlen (text));
  g_assert_true (csm_minisign_key_parse (&again, base64, NULL));
  g_assert_cmpmem (&again, sizeof again, &key, sizeof key);
  for (size_t i = 0; i < strlen (base64); i++)
    {
      g_autofree char *shorter = g_strndup (base64, i);
      g_autoptr (GError) error = NULL;

      g_assert_false (csm_minisign_key_parse (&again, shorter, &error));
      g_assert_error (error, CSM_CUSTODY_ERROR, CSM_CUSTODY_ERROR_MALFORMED);
    }
  g_assert_false (csm_minisign_key_parse (&again, "untrusted comment: alone", NULL));
  g_assert_false (csm_minisign_key_parse (&again, "", NULL));
}

/* A signature of ours in a folder, with what minisign needs to check it. */
typedef struct
{
  CsmSigner *signer;
  char *folder;
  char *message;
  char *signature;
  char *key;
} Fixture;

static void
set_up (Fixture *f, gconstpointer unused)
{
  f->signer = new_signer ();
  f->folder = g_dir_make_tmp ("csm-minisign-XXXXXX", NULL);
  f->message = g_build_filename (f->folder, "m", NULL);
  f->signature = g_build_filename (f->folder, "m.minisig", NULL);
  f->key = g_build_filename (f->folder, "m.pub", NULL);
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  (void) g_unlink (f->message);
  (void) g_unlink (f->signature);
  (void) g_unlink (f->key);
  g_assert_cmpint (g_rmdir (f->folder), ==, 0);
  csm_signer_free (f->signer);
  g_free (f->folder);
  g_free (f->message);
  g_free (f->signature);
  g_free (f->key);
}

static void
put (const char *path, GBytes *bytes)
{
  g_assert_true (g_file_set_contents (path, g_bytes_get_data (bytes, NULL),
                                      (gssize) g_bytes_get_size (bytes), NULL));
}

static bool
run (const char *const *argv, char **ret_output)
{
  g_autoptr (GError) error = NULL;
  int status;

  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL,
                NULL, NULL, ret_output, NULL, &status, &error);
  g_assert_no_error (error);
  return g_spawn_check_wait_status (status, NULL);
}

static void
test_minisign_takes_ours (Fixture *f, gconstpointer unused)
{
  static const char *const comment =
      "timestamp:1759305600\tcase:C-1\tminutes \xe2\x80\x94 done";
  g_autoptr (GBytes) message = g_bytes_new_static ("a\0b\n", 4);
  g_autoptr (GBytes) other = g_bytes_new_static ("a\0c\n", 4);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) signature = csm_minisign_sign (f->signer, message, comment, &error);
  g_autoptr (GBytes) key_file = NULL;
  g_autofree char *base64 = NULL, *output = NULL;
  CsmMinisignKey key;

  g_assert_no_error (error);
  g_assert_true (
      g_str_has_prefix (g_bytes_get_data (signature, NULL), CSM_MINISIGN_COMMENT "\n"));
  csm_minisign_key_init (&key, csm_signer_get_public_key (f->signer));
  key_file = csm_minisign_key_write (&key);
  base64 = csm_minisign_key_to_base64 (&key);
  put (f->message, message);
  put (f->signature, signature);
  put (f->key, key_file);

  const char *const by_file[] = { "minisign", "-Vq", "-p", f->key, "-m", f->message, NULL };
  const char *const by_text[] = { "minisign", "-VQ", "-P", base64, "-m", f->message, NULL };

  g_assert_true (run (by_file, NULL));
  g_assert_true (run (by_text, &output));
  g_assert_cmpstr (g_strchomp (output), ==, comment);
  put (f->message, other);
  g_assert_false (run (by_file, NULL));
}

static void
test_we_take_minisigns (Fixture *f, gconstpointer unused)
{
  const CsmMinisignKey key = read_key ("k.pub");
  g_autofree char *secret =
      g_test_build_filename (G_TEST_DIST, "custody", "data", "minisign", "k.key", NULL);
  const char *const argv[] = { "minisign", "-S",       "-W", "-s",     secret,
                               "-m",       f->message, "-t", "case:2", NULL };
  g_autoptr (GBytes) message = g_bytes_new_static ("evidence", 8);
  g_autofree char *text = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (CsmMinisig) signature = NULL;
  g_autoptr (GError) error = NULL;
  size_t size;

  put (f->message, message);
  g_assert_true (run (argv, NULL));
  g_assert_true (g_file_get_contents (f->signature, &text, &size, NULL));
  bytes = g_bytes_new (text, size);
  signature = csm_minisig_parse (bytes, &error);
  g_assert_no_error (error);
  csm_minisig_verify (signature, &key, message, false, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (csm_minisig_get_trusted_comment (signature), ==, "case:2");
}

static void
test_key_id_is_of_the_key (Fixture *f, gconstpointer unused)
{
  CsmMinisignKey key;
  CsmDigest digest;

  csm_minisign_key_init (&key, csm_signer_get_public_key (f->signer));
  csm_sha256 (key.key, sizeof key.key, &digest);
  g_assert_cmpmem (key.id, 8, digest.bytes, 8);
}

static void
test_comments_that_are_refused (Fixture *f, gconstpointer unused)
{
  g_autoptr (GBytes) message = g_bytes_new_static ("m", 1);
  g_autofree char *longest = g_strnfill (8000, 'x');
  g_autofree char *too_long = g_strnfill (8001, 'x');
  const char *const wrong[] = { "two\nlines", "a\rreturn", "\x1b[31m", "\xff", too_long };

  for (size_t i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (csm_minisign_sign (f->signer, message, wrong[i], &error));
      g_assert_error (error, CSM_CUSTODY_ERROR, CSM_CUSTODY_ERROR_MALFORMED);
    }
  {
    g_autoptr (GBytes) signature = csm_minisign_sign (f->signer, message, longest, NULL);

    g_assert_nonnull (signature);
  }
}

/* Any bit of the file but its first line, and any cut, is seen. */
static void
test_each_bit (void)
{
  const CsmMinisignKey key = read_key ("test.pub");
  g_autoptr (GBytes) message = read_file ("msg.txt");
  g_autoptr (GBytes) file = read_file ("msg.txt.minisig");
  size_t size;
  const uint8_t *data = g_bytes_get_data (file, &size);
  const size_t first = (size_t) ((const uint8_t *) memchr (data, '\n', size) - data) + 1;

  for (size_t bit = 0; bit < 8 * size; bit++)
    {
      g_autofree uint8_t *changed = g_memdup2 (data, size);

      changed[bit / 8] ^= (uint8_t) (1 << bit % 8);

      g_autoptr (GBytes) bytes = g_bytes_new (changed, size);
      g_autoptr (CsmMinisig) signature = csm_minisig_parse (bytes, NULL);
      const bool holds =
          signature != NULL && csm_minisig_verify (signature, &key, message, true, NULL);

      if (bit / 8 >= first)
        g_assert_false (holds);
      else if (holds)
        g_assert_cmpstr (csm_minisig_get_untrusted_line (signature), !=,
                         "untrusted comment: casement test");
    }
  for (size_t i = 0; i < size; i++)
    {
      g_autoptr (GBytes) cut = g_bytes_new (data, i);
      g_autoptr (GError) error = NULL;

      g_assert_null (csm_minisig_parse (cut, &error));
      g_assert_error (error, CSM_CUSTODY_ERROR, CSM_CUSTODY_ERROR_MALFORMED);
    }
  {
    g_autofree uint8_t *longer = g_malloc (size + 1);
    g_autoptr (GBytes) bytes = NULL;

    memcpy (longer, data, size);
    longer[size] = '\n';
    bytes = g_bytes_new (longer, size + 1);
    g_assert_null (csm_minisig_parse (bytes, NULL));
  }
}

/* The example that is printed wherever the list is. */
static void
test_words_of_the_list (void)
{
  static const uint8_t expected[] = { 0xe5, 0x82, 0x94, 0xf2, 0xe9, 0xa2, 0x27, 0x48,
                                      0x6e, 0x8b, 0x06, 0x1b, 0x31, 0xcc, 0x52, 0x8f };
  uint8_t bytes[CSM_KEY_WORDS];

  g_assert_true (csm_key_words_parse (
      "topmost Istanbul Pluto vagabond treadmill Pacific brackish dictator goldfish Medusa "
      "afflict bravado chatter revolver Dupont midsummer",
      bytes));
  g_assert_cmpmem (bytes, sizeof bytes, expected, sizeof expected);
  /* Said in another order: three syllables stand where two should. */
  g_assert_false (csm_key_words_parse (
      "Istanbul topmost Pluto vagabond treadmill Pacific brackish dictator goldfish Medusa "
      "afflict bravado chatter revolver Dupont midsummer",
      bytes));
  g_assert_false (csm_key_words_parse ("topmost Istanbul", bytes));
  g_assert_false (csm_key_words_parse ("", bytes));
}

/* SHA-256 of 32 zero bytes is 66687aadf862bd776c8fc18b8e9f8e20... */
static void
test_words_of_a_key (void)
{
  static const uint8_t key[CSM_PUBLIC_KEY_SIZE];
  static const char *const expected = "framework gravity keyboard perceptive Vulcan gadgetry "
                                      "skullcap inception glucose midsummer snapline Medusa "
                                      "orca opulent orca butterfat";
  g_autofree char *words = csm_key_words (key);
  g_autofree char *loud = g_ascii_strup (words, -1);
  g_autofree char *lines = g_strdelimit (g_strdup (words), " ", '\n');
  int wrong = -1;

  g_assert_cmpstr (words, ==, expected);
  g_assert_true (csm_key_words_match (key, words, &wrong));
  g_assert_cmpint (wrong, ==, 0);
  g_assert_true (csm_key_words_match (key, loud, NULL));
  g_assert_true (csm_key_words_match (key, lines, NULL));
  g_assert_false (csm_key_words_match (key, "framework gravity kiwi", &wrong));
  g_assert_cmpint (wrong, ==, 3);
  g_assert_false (csm_key_words_match (key, "framework gravity", &wrong));
  g_assert_cmpint (wrong, ==, 3);
  {
    g_autofree char *more = g_strconcat (words, " framework", NULL);

    g_assert_false (csm_key_words_match (key, more, &wrong));
    g_assert_cmpint (wrong, ==, 17);
  }
}

/* What FORMAT.md prints of the key of its example. */
static void
test_example_of_format (void)
{
  static const char *const hex =
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
  uint8_t bytes[CSM_PUBLIC_KEY_SIZE];
  CsmMinisignKey key;
  g_autofree char *path =
      g_build_filename (g_getenv ("CSM_SOURCE_ROOT"), "src", "custody", "FORMAT.md", NULL);
  g_autofree char *text = NULL, *line = NULL, *words = NULL;

  g_assert_true (csm_hex_decode (hex, bytes, sizeof bytes));
  csm_minisign_key_init (&key, bytes);
  line = csm_minisign_key_to_base64 (&key);
  words = csm_key_words (bytes);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, line));
  g_assert_nonnull (strstr (text, words));
}

#define ADD(path, function) \
  g_test_add ("/casement/custody/minisign/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/casement/custody/minisign/made-by-minisign", test_made_by_minisign);
  g_test_add_func ("/casement/custody/minisign/comment-is-signed", test_comment_is_signed);
  g_test_add_func ("/casement/custody/minisign/legacy", test_legacy);
  g_test_add_func ("/casement/custody/minisign/another-key", test_another_key);
  g_test_add_func ("/casement/custody/minisign/key-text", test_key_text);
  ADD ("minisign-takes-ours", test_minisign_takes_ours);
  ADD ("we-take-minisigns", test_we_take_minisigns);
  ADD ("key-id-is-of-the-key", test_key_id_is_of_the_key);
  ADD ("comments-that-are-refused", test_comments_that_are_refused);
  g_test_add_func ("/casement/custody/minisign/each-bit", test_each_bit);
  g_test_add_func ("/casement/custody/key-words/of-the-list", test_words_of_the_list);
  g_test_add_func ("/casement/custody/key-words/of-a-key", test_words_of_a_key);
  g_test_add_func ("/casement/custody/key-words/example-of-format", test_example_of_format);
  return g_test_run ();
}
