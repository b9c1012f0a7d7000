/* csm-bundle-ledger.c: the ledger, as a shell can check it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case-export.h"
#include "custody/csm-minisign.h"
#include "custody/csm-public-key.h"
#include "export/csm-bundle-parts.h"
#include "export/csm-disclosure.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Entries that are held at a time. */
#define BATCH 500
/* Bytes that are written at once. */
#define PIECE (256 * 1024)

/* (transfer full) (nullable): what @entry adds to a file, NULL for nothing. */
typedef GBytes *(*EntryPart) (const CsmExportRun *run, const CsmEntry *entry);

static GBytes *
get_header (const CsmExportRun *run, const CsmEntry *entry)
{
  return g_bytes_ref (csm_entry_get_header (entry));
}

static GBytes *
make_signature (const CsmExportRun *run, const CsmEntry *entry)
{
  g_autofree char *author = csm_hex_encode (csm_entry_get_author (entry), CSM_PUBLIC_KEY_SIZE);
  g_autofree char *signature =
      g_base64_encode (csm_entry_get_signature (entry), CSM_SIGNATURE_SIZE);
  char id[CSM_DIGEST_HEX_SIZE];
  char *line;

  csm_digest_to_hex (csm_entry_get_id (entry), id);
  line = g_strdup_printf ("%s\t%s\t%s", id, author, signature);
  return g_bytes_new_take (line, strlen (line));
}

static GBytes *
get_meta (const CsmExportRun *run, const CsmEntry *entry)
{
  return csm_disclosure_decide (run->dossier, run->selection, entry).meta
             ? g_bytes_ref (csm_entry_get_meta (entry))
             : NULL;
}

static GBytes *
get_body (const CsmExportRun *run, const CsmEntry *entry)
{
  return csm_disclosure_decide (run->dossier, run->selection, entry).body
             ? g_bytes_ref (csm_entry_get_body (entry))
             : NULL;
}

static const struct
{
  const char *path;
  EntryPart make;
} files[] = {
  { "ledger/headers.jsonl", get_header },
  { "ledger/signatures.tsv", make_signature },
  { "ledger/metas.jsonl", get_meta },
  { "ledger/bodies.jsonl", get_body },
};

/* Entries are short, and each piece has its price. */
static gboolean
append_batch (CsmExportRun *run, const GPtrArray *entries, EntryPart make, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < entries->len; i++)
    {
      g_autoptr (GBytes) line = make (run, entries->pdata[i]);

      if (line == NULL)
        continue;
      g_string_append_len (text, g_bytes_get_data (line, NULL),
                           (gssize) g_bytes_get_size (line));
      g_string_append_c (text, '\n');
      if (text->len < PIECE)
        continue;
      if (!csm_bag_writer_append (run->writer, text->str, text->len, error))
        return FALSE;
      g_string_truncate (text, 0);
    }
  return text->len == 0 || csm_bag_writer_append (run->writer, text->str, text->len, error);
}

static gboolean
append_entries (CsmExportRun *run, int number, GError **error)
{
  const int64_t n = run->dossier->n_entries;
  CsmLedgerPlace place = { 0 };
  int64_t done = 0;

  for (;;)
    {
      g_autoptr (GPtrArray) entries = csm_case_list_entries_after (
          run->acase, run->dossier->last_arrival, &place, BATCH, error);

      if (entries == NULL || !append_batch (run, entries, files[number].make, error) ||
          g_cancellable_set_error_if_cancelled (run->cancellable, error))
        return FALSE;
      if (entries->len == 0)
        break;
      done += entries->len;
      if (run->progress != NULL)
        run->progress (_ ("Ledger"), number * n + done, (int64_t) G_N_ELEMENTS (files) * n,
                       run->data);
    }
  if (done == n)
    return TRUE;
  g_set_error_literal (error, CSM_CASE_ERROR, CSM_CASE_ERROR_DAMAGED,
                       "the ledger has other entries than its receipt counts");
  return FALSE;
}

static gboolean
add_named (CsmExportRun *run, const char *stem, const char *end, GBytes *bytes, GError **error)
{
  g_autofree char *path = g_strconcat (stem, end, NULL);

  return csm_bag_writer_add (run->writer, path, bytes, error);
}

static gboolean
write_key (CsmExportRun *run, const CsmDossierReviewer *reviewer, GError **error)
{
  g_autoptr (GBytes) pem = NULL;
  g_autoptr (GBytes) pub = NULL;
  CsmMinisignKey minisign;
  uint8_t key[CSM_PUBLIC_KEY_SIZE] = { 0 };

  (void) csm_hex_decode (reviewer->key, key, sizeof key); /* the case made it from bytes */
  pem = csm_public_key_write_pem (key);
  csm_minisign_key_init (&minisign, key);
  pub = csm_minisign_key_write (&minisign);
  return add_named (run, reviewer->key_file, ".pem", pem, error) &&
         add_named (run, reviewer->key_file, ".pub", pub, error);
}

char *
csm_bundle_stamp_file (guint number)
{
  return g_strdup_printf ("ledger/timestamps/stamp-%04u", number + 1);
}

static gboolean
write_stamp (CsmExportRun *run, guint number, const CsmStampFiles *stamp, GError **error)
{
  g_autofree char *stem = csm_bundle_stamp_file (number);

  return add_named (run, stem, ".json", stamp->receipt, error) &&
         add_named (run, stem, ".tsr", stamp->token, error) &&
         add_named (run, stem, "-ca.pem", stamp->ca, error) &&
         (stamp->chain == NULL || add_named (run, stem, "-chain.pem", stamp->chain, error));
}

static gboolean
write_stamps (CsmExportRun *run, GError **error)
{
  g_autoptr (GPtrArray) stamps =
      csm_case_list_stamp_files (run->acase, run->dossier->last_arrival, error);

  for (guint i = 0; stamps != NULL && i < stamps->len; i++)
    if (!write_stamp (run, i, stamps->pdata[i], error))
      return FALSE;
  return stamps != NULL;
}

gboolean
csm_bundle_write_ledger (CsmExportRun *self, GError **error)
{
  for (size_t i = 0; i < G_N_ELEMENTS (files); i++)
    if (!csm_bag_writer_begin (self->writer, files[i].path, error) ||
        !append_entries (self, (int) i, error) || !csm_bag_writer_end (self->writer, error))
      return FALSE;
  for (guint i = 0; i < self->dossier->reviewers->len; i++)
    if (!write_key (self, self->dossier->reviewers->pdata[i], error))
      return FALSE;
  return csm_bag_writer_add (self->writer, "ledger/heads.json",
                             csm_receipt_get_bytes (self->dossier->receipt), error) &&
         write_stamps (self, error);
}
