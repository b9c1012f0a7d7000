/* csm-bundle-check.c: does a bundle hold? No case needed
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-bundle-check.h"

#include "base/csm-error.h"
#include "base/csm-file.h"
#include "custody/csm-key-words.h"
#include "custody/csm-public-key.h"
#include "export/csm-bundle-check-private.h"
#include "export/csm-error.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define SIGNED_FILE "tagmanifest-sha256.txt"
#define SIGNATURE SIGNED_FILE ".minisig"
#define MAX_SIGNED_SIZE (1024 * 1024)
#define MAX_FINDINGS 2000

typedef struct
{
  CsmFindingKind kind;
  char *where, *what;
} Finding;

static void
finding_free (gpointer data)
{
  Finding *finding = data;

  g_free (finding->where);
  g_free (finding->what);
  g_free (finding);
}

static void
keep_finding (CsmFindingKind kind, const char *where, const char *what, gpointer data)
{
  CsmBundleCheck *self = data;
  Finding *finding;

  if (kind == CSM_FINDING_BROKEN)
    self->holds = false;
  if (++self->n_findings > MAX_FINDINGS)
    return;
  finding = g_new0 (Finding, 1);
  finding->kind = kind;
  finding->where = g_strdup (where);
  finding->what = g_strdup (what);
  g_ptr_array_add (self->findings, finding);
}

void
csm_bundle_say (CsmBundleCheck *self,
                CsmFindingKind kind,
                const char *where,
                const char *format,
                ...)
{
  g_autofree char *shown = csm_bag_path_show (where);
  g_autofree char *text = NULL;
  g_autofree char *what = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  what = g_utf8_make_valid (text, -1);
  keep_finding (kind, shown, what, self);
}

GBytes *
csm_bundle_read (CsmBundleCheck *self, const char *path, size_t max)
{
  g_autoptr (GError) error = NULL;
  GBytes *bytes = csm_bag_folder_read (self->folder, path, max, &error);

  if (bytes == NULL)
    csm_bundle_say (self, CSM_FINDING_BROKEN, path, _ ("cannot be read: %s"), error->message);
  return bytes;
}

/* ---- The shape of a bundle of ours ---- */

/* Beside data/, by name; the first five are in the tag manifests. */
static const char *const tag_files[] = {
  "VERIFY.txt",          "bag-info.txt", "bagit.txt", "manifest-sha256.txt",
  "manifest-sha512.txt", SIGNED_FILE,    SIGNATURE,   "tagmanifest-sha512.txt"
};
#define N_LISTED 5

/* Nothing signs it, and a reader of bags is lenient: so it must be exactly what it was made
 * to be. */
static void
check_tag_manifest (CsmBundleCheck *self, const char *name, bool sha512)
{
  g_autoptr (GString) expected = g_string_new (NULL);
  g_autoptr (GBytes) bytes = csm_bundle_read (self, name, MAX_SIGNED_SIZE);

  for (int i = 0; i < N_LISTED; i++)
    {
      const CsmBagFile *file = csm_bag_folder_find (self->folder, tag_files[i]);
      g_autofree char *hex = NULL;

      if (file == NULL || !file->hashed)
        continue;
      hex = sha512 ? csm_hex_encode (file->digests.sha512.bytes, CSM_DIGEST512_SIZE)
                   : csm_hex_encode (file->digests.sha256.bytes, CSM_DIGEST_SIZE);
      g_string_append_printf (expected, "%s  %s\n", hex, tag_files[i]);
    }
  if (bytes != NULL &&
      (g_bytes_get_size (bytes) != expected->len ||
       memcmp (g_bytes_get_data (bytes, NULL), expected->str, expected->len) != 0))
    csm_bundle_say (self, CSM_FINDING_BROKEN, name,
                    _ ("is not the list of the files beside data/ and their hashes"));
}

static bool
is_tag_file (const char *path)
{
  for (size_t i = 0; i < G_N_ELEMENTS (tag_files); i++)
    if (strcmp (path, tag_files[i]) == 0)
      return true;
  return false;
}

static void
check_structure (CsmBundleCheck *self)
{
  const GPtrArray *files = csm_bag_folder_get_files (self->folder);
  const GPtrArray *oddities = csm_bag_folder_get_oddities (self->folder);

  for (guint i = 0; i < files->len; i++)
    {
      const CsmBagFile *file = files->pdata[i];

      if (!g_str_has_prefix (file->path, "data/") && !is_tag_file (file->path))
        csm_bundle_say (self, CSM_FINDING_BROKEN, file->path,
                        _ ("this file was added: a bundle has none of that name"));
    }
  for (guint i = 0; i < oddities->len; i++)
    if (((const CsmBagOddity *) oddities->pdata[i])->empty)
      csm_bundle_say (self, CSM_FINDING_BROKEN,
                      ((const CsmBagOddity *) oddities->pdata[i])->path,
                      _ ("this folder was added: a bundle has none without files"));
  for (size_t i = 0; i < G_N_ELEMENTS (tag_files); i++)
    if (csm_bag_folder_find (self->folder, tag_files[i]) == NULL)
      csm_bundle_say (self, CSM_FINDING_BROKEN, tag_files[i], _ ("is missing"));
  if (csm_bag_folder_find (self->folder, SIGNED_FILE) != NULL)
    check_tag_manifest (self, SIGNED_FILE, false);
  if (csm_bag_folder_find (self->folder, "tagmanifest-sha512.txt") != NULL)
    check_tag_manifest (self, "tagmanifest-sha512.txt", true);
}

/* ---- Whose signature ---- */

/* (transfer full) (nullable): of the key's file, or the text itself. */
static char *
read_key_text (const char *given, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;

  if (!g_file_test (given, G_FILE_TEST_EXISTS))
    return g_strdup (given);
  bytes = csm_file_read (given, CSM_MINISIGN_MAX_SIZE, error);
  return bytes == NULL
             ? NULL
             : g_strndup (g_bytes_get_size (bytes) == 0 ? "" : g_bytes_get_data (bytes, NULL),
                          g_bytes_get_size (bytes));
}

/* Words stand for the key that the bundle names, when it has them. */
static bool
read_words (const CsmBundleCheck *self, const char *text, CsmMinisignKey *ret_key)
{
  uint8_t words[CSM_KEY_WORDS];
  CsmDigest digest;

  if (!csm_key_words_parse (text, words))
    return false;
  memset (ret_key, 0, sizeof *ret_key);
  if (self->exporter == NULL)
    return true;
  csm_sha256 (self->exporter_bytes, sizeof self->exporter_bytes, &digest);
  if (memcmp (digest.bytes, words, sizeof words) == 0)
    csm_minisign_key_init (ret_key, self->exporter_bytes);
  return true;
}

static gboolean
read_key (const CsmBundleCheck *self, CsmMinisignKey *ret_key, GError **error)
{
  g_autofree char *text = read_key_text (self->options->key, error);
  uint8_t bytes[CSM_PUBLIC_KEY_SIZE];
  g_autoptr (GBytes) pem = NULL;
  g_autofree char *hex = NULL;

  if (text == NULL)
    return FALSE;
  pem = g_bytes_new (text, strlen (text));
  hex = g_ascii_strdown (g_strstrip (text), -1);
  if (csm_hex_decode (hex, bytes, sizeof bytes) || csm_public_key_parse_pem (pem, bytes, NULL))
    {
      csm_minisign_key_init (ret_key, bytes);
      return TRUE;
    }
  if (csm_minisign_key_parse (ret_key, text, NULL) || read_words (self, text, ret_key))
    return TRUE;
  g_set_error_literal (error, CSM_EXPORT_ERROR, CSM_EXPORT_ERROR_WRONG_KEY,
                       _ ("the key is no public key; give minisign's line or file, 64 hex "
                          "digits, a PEM file, or the 16 words"));
  return FALSE;
}

/* What the signer says stands for this bundle and no other. */
static void
check_comment (CsmBundleCheck *self, const char *comment)
{
  const json_t *receipt = json_object_get (self->bundle, "receipt");
  const char *code = csm_json_get_string (receipt, "code");
  const char *made = csm_json_get_string (self->bundle, "made");
  g_autofree char *expected = g_strdup_printf (
      "Casement bundle of case %s, receipt %s, made %s", self->case_id.hex, code, made);

  if (strcmp (comment, expected) == 0)
    csm_bundle_say (self, CSM_FINDING_HOLDS, SIGNATURE, "%s", comment);
  else
    csm_bundle_say (self, CSM_FINDING_BROKEN, SIGNATURE,
                    _ ("its comment is not about this bundle: %s"), comment);
}

static void
say_signer (CsmBundleCheck *self, const CsmMinisignKey *key)
{
  g_autofree char *words = csm_key_words (key->key);
  g_autofree char *base64 = csm_minisign_key_to_base64 (key);

  if (self->options->key != NULL)
    csm_bundle_say (self, CSM_FINDING_HOLDS, SIGNATURE,
                    _ ("signed with the key that was given, %s, as words: %s"), base64, words);
  else
    csm_bundle_say (
        self, CSM_FINDING_NOTE, SIGNATURE,
        _ ("signed with the key %s that the bundle itself names; not checked: whose "
           "key that is. Compare its words with what came to you by another way: %s"),
        base64, words);
}

/* @key: the given one, or the one that the bundle names. */
static void
check_signature (CsmBundleCheck *self, const CsmMinisignKey *key)
{
  g_autoptr (GBytes) message = csm_bundle_read (self, SIGNED_FILE, MAX_SIGNED_SIZE);
  g_autoptr (GBytes) bytes = csm_bundle_read (self, SIGNATURE, CSM_MINISIGN_MAX_SIZE);
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmMinisig) signature = bytes != NULL ? csm_minisig_parse (bytes, &error) : NULL;

  if (message == NULL || bytes == NULL)
    return;
  if (signature == NULL || !csm_minisig_verify (signature, key, message, false, &error))
    {
      csm_bundle_say (self, CSM_FINDING_BROKEN, SIGNATURE, "%s", error->message);
      return;
    }
  say_signer (self, key);
  if (self->bundle == NULL)
    {
      csm_bundle_say (self, CSM_FINDING_NOTE, SIGNATURE, _ ("the signer says: %s"),
                      csm_minisig_get_trusted_comment (signature));
      return;
    }
  if (strcmp (csm_minisig_get_untrusted_line (signature), CSM_MINISIGN_COMMENT) != 0)
    csm_bundle_say (self, CSM_FINDING_BROKEN, SIGNATURE,
                    _ ("its first line, which nothing signs, is not \"%s\""),
                    CSM_MINISIGN_COMMENT);
  check_comment (self, csm_minisig_get_trusted_comment (signature));
}

static gboolean
check_signer (CsmBundleCheck *self, GError **error)
{
  CsmMinisignKey key;

  if (self->options->key != NULL)
    {
      if (!read_key (self, &key, error))
        return FALSE;
      if (self->exporter != NULL && memcmp (key.key, self->exporter_bytes, sizeof key.key) != 0)
        csm_bundle_say (self, CSM_FINDING_BROKEN, SIGNATURE,
                        _ ("the key that was given is not the one that the bundle names as its "
                           "signer's"));
    }
  else if (self->exporter != NULL)
    csm_minisign_key_init (&key, self->exporter_bytes);
  else
    {
      csm_bundle_say (self, self->bundle != NULL ? CSM_FINDING_BROKEN : CSM_FINDING_NOTE,
                      SIGNATURE, _ ("not checked: no key is given, and none is named"));
      return TRUE;
    }
  check_signature (self, &key);
  return TRUE;
}

/* ---- What it comes to ---- */

void
csm_bundle_summary_clear (CsmBundleSummary *summary)
{
  g_clear_pointer (&summary->folder, csm_bag_folder_free);
  g_clear_pointer (&summary->made, g_free);
  g_clear_pointer (&summary->receipt, g_free);
  g_clear_pointer (&summary->key, g_free);
  g_clear_pointer (&summary->key_words, g_free);
}

/* Takes the folder. */
static void
summarise (CsmBundleCheck *self, CsmBundleSummary *summary)
{
  CsmMinisignKey key;

  csm_minisign_key_init (&key, self->exporter_bytes);
  summary->folder = self->folder;
  self->folder = NULL;
  summary->case_id = self->case_id;
  summary->made = g_strdup (csm_json_get_string (self->bundle, "made"));
  summary->receipt = g_strdup (self->dating.code);
  summary->key = csm_minisign_key_to_base64 (&key);
  summary->key_words = csm_key_words (self->exporter_bytes);
}

/* ---- What is said first ---- */

static void
say_dating (CsmBundleCheck *self, CsmFindingCallback finding)
{
  const CsmDating *dating = &self->dating;
  g_autofree char *witness = csm_dating_describe_witness (dating);
  g_autofree char *made = csm_time_describe (dating->made);
  g_autofree char *receipt = NULL;

  if (!self->ledger_read)
    {
      finding (CSM_FINDING_NOTE, _ ("Ledger"), _ ("Dated by nothing that could be checked."),
               self->data);
      return;
    }
  finding (
      CSM_FINDING_NOTE, _ ("Ledger"),
      dating->n_stamps == 0
          ? _ ("Dated only by the clocks of the computers that signed it.")
          : _ ("Dated by the clocks of the computers that signed it, and by the time stamps "
               "that follow."),
      self->data);
  if (dating->n_stamps > 0)
    finding (CSM_FINDING_NOTE, _ ("Ledger"), witness, self->data);
  /* Translators: a code, a date by the exporter's clock, the date again */
  receipt = g_strdup_printf (_ ("Its receipt is %s of %s. Compare it with a copy that is kept "
                                "elsewhere: that detects changes made after the receipt of %s, "
                                "and changes by anyone without the reviewers' keys."),
                             dating->code, made, made);
  finding (CSM_FINDING_NOTE, _ ("Ledger"), receipt, self->data);
}

static void
say_all (CsmBundleCheck *self, CsmFindingCallback finding)
{
  if (self->bundle != NULL)
    say_dating (self, finding);
  for (guint i = 0; i < self->findings->len; i++)
    {
      const Finding *one = self->findings->pdata[i];

      finding (one->kind, one->where, one->what, self->data);
    }
  if (self->n_findings > MAX_FINDINGS)
    finding (self->holds ? CSM_FINDING_NOTE : CSM_FINDING_BROKEN, _ ("Bundle"),
             _ ("more was found than is said here"), self->data);
}

/* ---- All of it ---- */

static gboolean
check_bundle (CsmBundleCheck *self, GError **error)
{
  check_structure (self);
  if (!csm_bundle_read_contents (self))
    return check_signer (self, error);
  if (!check_signer (self, error) || !csm_bundle_check_ledger (self, error))
    return FALSE;
  csm_bundle_check_contents (self);
  csm_bundle_check_tables (self);
  csm_bundle_say (
      self, CSM_FINDING_NOTE, _ ("Bundle"),
      _ ("not checked, but for their hashes: what VERIFY.txt, the report, index.html, "
         "subtitles, ELAN files, stills and clips show, and times in seconds"));
  if (self->options->frames)
    return csm_bundle_check_frames (self, error);
  csm_bundle_say (self, CSM_FINDING_NOTE, _ ("Frames"),
                  _ ("not checked: the marked frames were not decoded again"));
  return TRUE;
}

static gboolean
check_all (CsmBundleCheck *self, GError **error)
{
  bool holds;

  if (!csm_bag_is_bag (self->folder) &&
      csm_bag_folder_find (self->folder, "manifest-sha256.txt") == NULL &&
      csm_bag_folder_find (self->folder, "manifest-sha512.txt") == NULL)
    {
      g_set_error_literal (
          error, CSM_EXPORT_ERROR, CSM_EXPORT_ERROR_UNKNOWN,
          _ ("this folder is no bundle and no bag; name the one that holds bagit.txt"));
      return FALSE;
    }
  if (!csm_bag_check (self->folder, keep_finding, self->progress, self, NULL, &holds,
                      self->cancellable, error))
    return FALSE;
  if (csm_bag_folder_find (self->folder, "data/bundle.json") != NULL)
    return check_bundle (self, error);
  csm_bundle_say (
      self, CSM_FINDING_NOTE, _ ("Bundle"),
      _ ("this is no bundle of Casement: it was checked as a bag (RFC 8493), by its "
         "own lists of hashes"));
  if (csm_bag_folder_find (self->folder, SIGNATURE) != NULL || self->options->key != NULL)
    return check_signer (self, error);
  csm_bundle_say (self, CSM_FINDING_NOTE, _ ("Bundle"), _ ("it is not signed"));
  return TRUE;
}

/* The bag's check gets the check as its data. */
static void
progress_cb (int64_t done, int64_t total, gpointer data)
{
  CsmBundleCheck *self = data;

  self->outer_progress (done, total, self->data);
}

gboolean
csm_bundle_check (const char *path,
                  const CsmBundleCheckOptions *options,
                  CsmFindingCallback finding,
                  CsmProgressCallback progress,
                  gpointer data,
                  bool *ret_holds,
                  GCancellable *cancellable,
                  GError **error)
{
  g_return_val_if_fail (path != NULL && options != NULL && finding != NULL, FALSE);
  g_return_val_if_fail (ret_holds != NULL, FALSE);

  CsmBundleCheck self = {
    .folder = csm_bag_folder_open (path, cancellable, error),
    .options = options,
    .outer_progress = progress,
    .progress = progress != NULL ? progress_cb : NULL,
    .data = data,
    .cancellable = cancellable,
    .holds = true,
  };
  gboolean ended;

  if (self.folder == NULL)
    return FALSE;
  self.findings = g_ptr_array_new_with_free_func (finding_free);
  self.reviewers = g_ptr_array_new_with_free_func (csm_checked_reviewer_free);
  self.exhibits = g_ptr_array_new_with_free_func (csm_checked_exhibit_free);
  self.marks_by_id = g_hash_table_new (g_str_hash, g_str_equal);
  self.by_entry = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self.exhibits_by_id = g_hash_table_new (g_str_hash, g_str_equal);
  self.codes =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) json_decref);
  self.names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  ended = check_all (&self, error);
  if (ended)
    {
      say_all (&self, finding);
      *ret_holds = self.holds;
      if (options->ret_summary != NULL && self.bundle != NULL && self.holds)
        summarise (&self, options->ret_summary);
    }
  g_hash_table_unref (self.names);
  g_hash_table_unref (self.codes);
  g_hash_table_unref (self.exhibits_by_id);
  g_hash_table_unref (self.by_entry);
  g_hash_table_unref (self.marks_by_id);
  g_ptr_array_unref (self.exhibits);
  g_ptr_array_unref (self.reviewers);
  g_ptr_array_unref (self.findings);
  json_decref (self.bundle);
  csm_bag_folder_free (self.folder);
  return ended;
}
