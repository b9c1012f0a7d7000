/* fuzz-bag.c: any bytes as what a bundle is checked by
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "custody/csm-key-words.h"
#include "custody/csm-minisign.h"
#include "custody/csm-public-key.h"
#include "export/csm-bag-text.h"
#include "export/csm-bundle-check.h"

#include <glib/gstdio.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* Of a bundle, in the order of the parts of an input, a zero byte between them. */
static const char *const files[] = {
  "data/bundle.json",
  "data/ledger/headers.jsonl",
  "data/ledger/signatures.tsv",
  "data/ledger/metas.jsonl",
  "data/ledger/bodies.jsonl",
  "data/ledger/heads.json",
  "data/annotations.jsonld",
  "data/marks.csv",
  "data/marked-frames.tsv",
  "tagmanifest-sha256.txt",
  "tagmanifest-sha256.txt.minisig",
  "manifest-sha256.txt",
  "bag-info.txt",
};
static char *folder;

static char *
find_path (const char *name)
{
  return g_build_filename (folder, name, NULL);
}

static void
remove_folder (void)
{
  static const char *const folders[] = { "data/ledger", "data", "" };
  g_autofree char *declaration = find_path ("bagit.txt");

  (void) g_unlink (declaration);
  for (size_t i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = find_path (files[i]);

      (void) g_unlink (path);
    }
  for (size_t i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *path = find_path (folders[i]);

      (void) g_rmdir (path);
    }
  g_free (folder);
}

static void
make_folder (void)
{
  g_autofree char *below = NULL, *declaration = NULL;

  if (folder != NULL)
    return;
  folder = g_dir_make_tmp ("csm-fuzz-bag-XXXXXX", NULL);
  g_assert_nonnull (folder);
  (void) atexit (remove_folder);
  below = find_path ("data/ledger");
  g_assert_cmpint (g_mkdir_with_parents (below, 0700), ==, 0);
  declaration = find_path ("bagit.txt");
  g_assert_true (g_file_set_contents (
      declaration, "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n", -1, NULL));
}

static void
complain_cb (bool broken, int64_t line, const char *what, gpointer data)
{
  g_assert_nonnull (what);
  g_assert_cmpint (line, >=, 0);
}

static void
finding_cb (CsmFindingKind kind, const char *where, const char *what, gpointer data)
{
  g_assert_true (g_utf8_validate (where, -1, NULL));
  g_assert_true (g_utf8_validate (what, -1, NULL));
  *(bool *) data |= kind == CSM_FINDING_BROKEN;
}

static void
check_bundle (const uint8_t *data, size_t size)
{
  const CsmBundleCheckOptions options = { .key = NULL, .frames = false };
  g_autoptr (GError) error = NULL;
  bool broken = false, holds = true;

  make_folder ();
  for (size_t i = 0; i < G_N_ELEMENTS (files); i++)
    {
      const uint8_t *end = size > 0 ? memchr (data, '\0', size) : NULL;
      const size_t part = end != NULL ? (size_t) (end - data) : size;
      g_autofree char *path = find_path (files[i]);

      /* Not by a temporary name: that would sync. */
      FILE *file = g_fopen (path, "wb");
      g_assert_nonnull (file);
      (void) fwrite (data, 1, part, file); /* a shorter one is an input, too */
      (void) fclose (file);
      data += MIN (part + 1, size);
      size -= MIN (part + 1, size);
    }
  if (csm_bundle_check (folder, &options, finding_cb, NULL, &broken, &holds, NULL, &error))
    g_assert_true (holds == !broken && !holds); /* VERIFY.txt is never there */
  else
    g_assert_nonnull (error);
}

static void
parse_minisig (GBytes *bytes)
{
  g_autoptr (CsmMinisig) signature = csm_minisig_parse (bytes, NULL);
  static const uint8_t key_bytes[CSM_PUBLIC_KEY_SIZE] = { 1 };
  CsmMinisignKey key;

  csm_minisign_key_init (&key, key_bytes);
  if (signature == NULL)
    return;
  memcpy (key.id, csm_minisig_get_key_id (signature), sizeof key.id);
  g_assert_false (csm_minisig_verify (signature, &key, bytes, true, NULL));
  g_assert_true (g_utf8_validate (csm_minisig_get_trusted_comment (signature), -1, NULL));
}

static void
parse_key (GBytes *bytes, const char *text)
{
  uint8_t words[CSM_KEY_WORDS];
  uint8_t public_key[CSM_PUBLIC_KEY_SIZE];
  CsmMinisignKey key, again;

  (void) csm_key_words_parse (text, words);
  (void) csm_public_key_parse_pem (bytes, public_key, NULL);
  if (csm_minisign_key_parse (&key, text, NULL))
    {
      g_autofree char *base64 = csm_minisign_key_to_base64 (&key);

      g_assert_true (csm_minisign_key_parse (&again, base64, NULL));
      g_assert_cmpmem (&again, sizeof again, &key, sizeof key);
    }
}

static void
parse_tag_files (GBytes *bytes)
{
  g_autofree char *text = csm_bag_text_decode (bytes, "UTF-8", complain_cb, NULL);
  CsmBagDeclaration declaration;

  (void) csm_bag_declaration_parse (bytes, &declaration, complain_cb, NULL);
  if (text == NULL)
    return;
  g_autoptr (GPtrArray) lines = csm_bag_manifest_parse (text, 32, complain_cb, NULL);
  g_autoptr (GPtrArray) fetched = csm_bag_fetch_parse (text, complain_cb, NULL);
  g_autoptr (GPtrArray) info = csm_bag_info_parse (text, true, complain_cb, NULL);
  int64_t size, n_files;

  for (guint i = 0; i < lines->len; i++)
    g_assert_null (csm_bag_path_refuse (((const CsmBagLine *) lines->pdata[i])->path));
  for (guint i = 0; i < fetched->len; i++)
    g_assert_null (csm_bag_path_refuse (fetched->pdata[i]));
  g_assert_cmpint (info->len % 2, ==, 0);
  (void) csm_bag_oxum_parse (text, &size, &n_files);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *text = NULL;

  if (size == 0)
    return 0;
  bytes = g_bytes_new (data + 1, size - 1);
  text = g_strndup ((const char *) data + 1, size - 1);
  switch (data[0])
    {
    case 'm':
      parse_minisig (bytes);
      break;
    case 'k':
      parse_key (bytes, text);
      break;
    case 't':
      parse_tag_files (bytes);
      break;
    default:
      check_bundle (data + 1, size - 1);
    }
  return 0;
}
