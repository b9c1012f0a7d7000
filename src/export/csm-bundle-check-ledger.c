/* csm-bundle-check-ledger.c: a bundle's ledger: entries, signatures, chains, receipt, stamps
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-error.h"
#include "custody/csm-chain.h"
#include "custody/csm-timestamp.h"
#include "export/csm-bundle-check-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#define HEADERS "data/ledger/headers.jsonl"
#define SIGNATURES "data/ledger/signatures.tsv"
#define METAS "data/ledger/metas.jsonl"
#define BODIES "data/ledger/bodies.jsonl"
#define HEADS "data/ledger/heads.json"
#define STAMPS "data/ledger/timestamps/"
/* More than the longest body. */
#define MAX_LINE (32 * 1024 * 1024)
#define BLOCK (256 * 1024)

/* ---- Lines of a file ---- */

typedef struct
{
  const char *path;
  CsmByteSource *source; /* (nullable): cannot be read */
  int64_t offset;        /* of what was not read yet */
  GByteArray *buffer;    /* what was, from @start */
  guint start;
  CsmHasher *hasher; /* of all that was read: it must be what the bag's check saw */
  GBytes *line;      /* (nullable): the next one, without its end */
  char sha256[CSM_DIGEST_HEX_SIZE]; /* of it; "" when nobody asked yet */
  int64_t number;                   /* of it, from 1 */
  bool broken;
} Lines;

static void
lines_clear (Lines *self)
{
  g_clear_pointer (&self->source, csm_byte_source_unref);
  g_clear_pointer (&self->buffer, g_byte_array_unref);
  g_clear_pointer (&self->hasher, csm_hasher_free);
  g_clear_pointer (&self->line, g_bytes_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Lines, lines_clear)

static void
lines_fail (Lines *self, CsmBundleCheck *check, const char *what)
{
  if (!self->broken)
    csm_bundle_say (check, CSM_FINDING_BROKEN, self->path, "%s", what);
  self->broken = true;
}

/* Reads one more block. False at the end. */
static bool
lines_fill (Lines *self, CsmBundleCheck *check)
{
  const int64_t rest = csm_byte_source_get_size (self->source) - self->offset;
  const guint size = (guint) MIN (rest, BLOCK);
  g_autoptr (GError) error = NULL;
  guint8 *into;

  if (size == 0 || self->broken)
    return false;
  if (self->start > 0)
    g_byte_array_remove_range (self->buffer, 0, self->start);
  self->start = 0;
  g_byte_array_set_size (self->buffer, self->buffer->len + size);
  into = self->buffer->data + self->buffer->len - size;
  if (csm_byte_source_read_at (self->source, self->offset, into, size, &error) !=
      (ssize_t) size)
    {
      lines_fail (self, check, error != NULL ? error->message : _ ("it ends before its size"));
      return false;
    }
  csm_hasher_update (self->hasher, into, size);
  self->offset += size;
  return true;
}

/* Moves to the next line; self->line is NULL at the end. */
static void
lines_next (Lines *self, CsmBundleCheck *check)
{
  guint looked = 0;

  g_clear_pointer (&self->line, g_bytes_unref);
  self->sha256[0] = '\0';
  while (self->source != NULL && !self->broken)
    {
      const guint size = self->buffer->len - self->start;
      /* An empty buffer has no place to count from. */
      const guint8 *data = size > 0 ? self->buffer->data + self->start : NULL;
      const guint8 *end = size > looked ? memchr (data + looked, '\n', size - looked) : NULL;

      if (end != NULL)
        {
          self->line = g_bytes_new (data, (gsize) (end - data));
          self->start += (guint) (end - data) + 1;
          self->number++;
          return;
        }
      looked = size;
      if (size > MAX_LINE)
        lines_fail (self, check, _ ("a line is longer than any entry can be"));
      else if (!lines_fill (self, check))
        {
          if (size > 0)
            lines_fail (self, check, _ ("its last line has no end"));
          return;
        }
    }
}

static void
lines_open (Lines *self, CsmBundleCheck *check, const char *path)
{
  g_autoptr (GError) error = NULL;

  self->path = path;
  self->buffer = g_byte_array_new ();
  self->hasher = csm_hasher_new ();
  self->source = csm_bag_folder_open_source (check->folder, path, &error);
  if (self->source == NULL)
    lines_fail (self, check, error->message);
  lines_next (self, check);
}

/* After the last line. */
static void
lines_end (Lines *self, CsmBundleCheck *check)
{
  const CsmBagFile *file = csm_bag_folder_find (check->folder, self->path);
  CsmDigest digest;

  if (self->line != NULL)
    csm_bundle_say (check, CSM_FINDING_BROKEN, self->path,
                    _ ("line %" PRId64 " belongs to no entry, or stands out of order"),
                    self->number);
  if (self->line != NULL || self->broken || self->source == NULL)
    return;
  csm_hasher_finish (self->hasher, &digest);
  if (file != NULL && file->hashed && !csm_digest_equal (&digest, &file->digests.sha256))
    csm_bundle_say (check, CSM_FINDING_BROKEN, self->path,
                    _ ("the file changed while it was checked"));
}

/* ---- Entries ---- */

typedef struct
{
  CsmBundleCheck *check;
  Lines headers, signatures, metas, bodies;
  CsmChainCheck *chain;
  GHashTable *authors;  /* hex: CsmCheckedReviewer */
  GHashTable *heads;    /* CsmDigest: itself: entries that none of their chain follows */
  GHashTable *receipts; /* hex, that entries name; "" too */
  GHashTable *tokens;   /* hex: SHA-256 of time stamps that entries name */
  int64_t n, n_metas, n_bodies;
  int64_t n_receipts;
  int64_t lamport; /* of the entry before */
  CsmDigest id;
} Ledger;

static guint
hash_digest (gconstpointer digest)
{
  guint value;

  memcpy (&value, digest, sizeof value);
  return value;
}

static gboolean
equal_digests (gconstpointer a, gconstpointer b)
{
  return csm_digest_equal (a, b);
}

static void
ledger_clear (Ledger *self)
{
  lines_clear (&self->headers);
  lines_clear (&self->signatures);
  lines_clear (&self->metas);
  lines_clear (&self->bodies);
  g_clear_pointer (&self->chain, csm_chain_check_free);
  g_clear_pointer (&self->authors, g_hash_table_unref);
  g_clear_pointer (&self->heads, g_hash_table_unref);
  g_clear_pointer (&self->receipts, g_hash_table_unref);
  g_clear_pointer (&self->tokens, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Ledger, ledger_clear)

static void
say_line (Ledger *self, const Lines *lines, const char *what)
{
  csm_bundle_say (self->check, CSM_FINDING_BROKEN, lines->path, _ ("line %" PRId64 ": %s"),
                  lines->number, what);
}

/* (transfer full) (nullable): the next line of @lines, when it is what a header hashes. */
static GBytes *
take_part (Ledger *self, Lines *lines, const json_t *header, const char *key)
{
  const char *hex = csm_json_get_string (header, key);
  CsmDigest digest;
  GBytes *part;

  if (lines->line == NULL || hex == NULL)
    return NULL;
  /* Once: a long line may wait for many headers. */
  if (lines->sha256[0] == '\0')
    {
      csm_sha256 (g_bytes_get_data (lines->line, NULL), g_bytes_get_size (lines->line),
                  &digest);
      csm_digest_to_hex (&digest, lines->sha256);
    }
  if (strcmp (lines->sha256, hex) != 0)
    return NULL;
  part = g_bytes_ref (lines->line);
  lines_next (lines, self->check);
  return part;
}

/* "ID<tab>AUTHOR<tab>SIGNATURE" of the entry with the header @header. */
static bool
read_signature (Ledger *self, GBytes *header, const json_t *fields, uint8_t *ret_signature)
{
  const GBytes *line = self->signatures.line;
  g_autofree char *text = NULL;
  g_auto (GStrv) parts = NULL;
  g_autofree guchar *bytes = NULL;
  g_autofree char *again = NULL;
  char hex[CSM_DIGEST_HEX_SIZE];
  CsmDigest id;
  gsize size = 0;

  if (line == NULL)
    return false;
  text =
      g_strndup (g_bytes_get_data ((GBytes *) line, NULL), g_bytes_get_size ((GBytes *) line));
  parts = g_strsplit (text == NULL ? "" : text, "\t", -1);
  csm_sha256 (g_bytes_get_data (header, NULL), g_bytes_get_size (header), &id);
  csm_digest_to_hex (&id, hex);
  if (g_strv_length (parts) != 3 || strcmp (parts[0], hex) != 0 ||
      g_strcmp0 (parts[1], csm_json_get_string (fields, "author")) != 0)
    return false;
  bytes = g_base64_decode (parts[2], &size);
  again = g_base64_encode (bytes, size);
  if (size != CSM_SIGNATURE_SIZE || strcmp (again, parts[2]) != 0)
    return false;
  memcpy (ret_signature, bytes, CSM_SIGNATURE_SIZE);
  return true;
}

static void
take_author (Ledger *self, const CsmEntry *entry)
{
  g_autofree char *hex = csm_hex_encode (csm_entry_get_author (entry), CSM_PUBLIC_KEY_SIZE);
  CsmCheckedReviewer *reviewer = g_hash_table_lookup (self->authors, hex);

  if (reviewer != NULL)
    reviewer->signed_any = true;
  else
    say_line (self, &self->headers, _ ("its author's key is not in bundle.json"));
}

/* What entries say of receipts and time stamps. */
static void
take_content (Ledger *self, const CsmEntry *entry)
{
  const char *kind = csm_entry_get_kind (entry);
  const json_t *content = csm_entry_get_content (entry);
  const char *text = NULL;

  if (kind == NULL || content == NULL)
    return;
  if (strcmp (kind, "receipt.made") == 0 &&
      (text = csm_json_get_string (content, "sha256")) != NULL)
    {
      self->n_receipts++;
      g_hash_table_add (self->receipts, g_strdup (text));
    }
  else if (strcmp (kind, "anchor.add") == 0 &&
           (text = csm_json_get_string (content, "token_sha256")) != NULL)
    g_hash_table_add (self->tokens, g_strdup (text));
}

static void
take_place (Ledger *self, const CsmEntry *entry)
{
  const CsmEntryPlace *place = csm_entry_get_place (entry);
  CsmDigest *id = g_memdup2 (csm_entry_get_id (entry), sizeof *id);
  g_autoptr (GError) error = NULL;

  if (!csm_chain_check_add (self->chain, entry, &error))
    say_line (self, &self->headers, error->message);
  /* Of two entries about one thing, the one that is replayed last counts. */
  if (place->lamport < self->lamport ||
      (place->lamport == self->lamport &&
       memcmp (id->bytes, self->id.bytes, CSM_DIGEST_SIZE) <= 0))
    say_line (self, &self->headers,
              _ ("stands out of the order in which entries are replayed"));
  self->lamport = place->lamport;
  self->id = *id;
  g_hash_table_remove (self->heads, &place->prev);
  g_hash_table_add (self->heads, id);
}

/* The entry whose header is the next line. */
static void
check_entry (Ledger *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) header = g_bytes_ref (self->headers.line);
  g_autoptr (json_t) fields = csm_json_decode (header, &error);
  g_autoptr (GBytes) meta = NULL;
  g_autoptr (GBytes) body = NULL;
  g_autoptr (CsmEntry) entry = NULL;
  uint8_t signature[CSM_SIGNATURE_SIZE];

  self->n++;
  if (fields == NULL)
    {
      say_line (self, &self->headers, error->message);
      return;
    }
  meta = take_part (self, &self->metas, fields, "meta_sha256");
  body = take_part (self, &self->bodies, fields, "body_sha256");
  self->n_metas += meta != NULL ? 1 : 0;
  self->n_bodies += body != NULL ? 1 : 0;
  if (!read_signature (self, header, fields, signature))
    {
      say_line (self, &self->headers,
                _ ("signatures.tsv has no signature of it at that place"));
      return;
    }
  entry = csm_entry_parse (header, meta, body, signature, &error);
  if (entry == NULL)
    {
      say_line (self, &self->headers, error->message);
      return;
    }
  take_author (self, entry);
  take_place (self, entry);
  take_content (self, entry);
  csm_bundle_take_entry (self->check, entry);
}

static gboolean
check_entries (Ledger *self, GError **error)
{
  CsmBundleCheck *check = self->check;
  const int64_t total = MAX (csm_byte_source_get_size (self->headers.source), 1);

  while (self->headers.line != NULL)
    {
      if (g_cancellable_set_error_if_cancelled (check->cancellable, error))
        return FALSE;
      check_entry (self);
      lines_next (&self->headers, check);
      lines_next (&self->signatures, check);
      if (check->progress != NULL && self->n % 1024 == 0)
        check->progress (MIN (self->headers.offset, total), total, check);
    }
  lines_end (&self->headers, check);
  lines_end (&self->signatures, check);
  lines_end (&self->metas, check);
  lines_end (&self->bodies, check);
  return TRUE;
}

/* ---- The receipt ---- */

static bool
same_heads (const Ledger *self, const CsmReceipt *receipt)
{
  int n;
  const CsmDigest *heads = csm_receipt_get_heads (receipt, &n);

  if ((guint) n != g_hash_table_size (self->heads))
    return false;
  for (int i = 0; i < n; i++)
    if (!g_hash_table_contains (self->heads, &heads[i]))
      return false;
  return true;
}

/* bundle.json repeats what people compare. */
static bool
same_code (const CsmBundleCheck *check, const CsmReceipt *receipt)
{
  const json_t *said = json_object_get (check->bundle, "receipt");
  char code[CSM_RECEIPT_CODE_LENGTH + 1];
  char hex[CSM_DIGEST_HEX_SIZE];

  csm_receipt_code (csm_receipt_get_sha256 (receipt), code);
  csm_digest_to_hex (csm_receipt_get_sha256 (receipt), hex);
  return g_strcmp0 (csm_json_get_string (said, "code"), code) == 0 &&
         g_strcmp0 (csm_json_get_string (said, "sha256"), hex) == 0;
}

static void
check_receipt (Ledger *self)
{
  CsmBundleCheck *check = self->check;
  g_autoptr (GBytes) bytes = csm_bundle_read (check, HEADS, CSM_RECEIPT_MAX_SIZE);
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmReceipt) receipt = bytes != NULL ? csm_receipt_parse (bytes, &error) : NULL;
  int64_t said;

  if (bytes == NULL)
    return;
  if (receipt == NULL)
    csm_bundle_say (check, CSM_FINDING_BROKEN, HEADS, "%s", error->message);
  else if (!g_bytes_equal (csm_receipt_get_bytes (receipt), bytes))
    csm_bundle_say (check, CSM_FINDING_BROKEN, HEADS, _ ("something was added to the receipt"));
  else if (strcmp (csm_receipt_get_case (receipt)->hex, check->case_id.hex) != 0)
    csm_bundle_say (check, CSM_FINDING_BROKEN, HEADS, _ ("it is of another case"));
  else if (csm_receipt_get_count (receipt) != self->n)
    csm_bundle_say (check, CSM_FINDING_BROKEN, HEADS,
                    _ ("the receipt counts %" PRId64 " entries, headers.jsonl has %" PRId64),
                    csm_receipt_get_count (receipt), self->n);
  else if (!same_heads (self, receipt))
    csm_bundle_say (
        check, CSM_FINDING_BROKEN, HEADS,
        _ ("the newest entries of the chains are not those that the receipt names"));
  else if (!same_code (check, receipt))
    csm_bundle_say (check, CSM_FINDING_BROKEN, HEADS, _ ("bundle.json names another receipt"));
  else if (!csm_json_get_int (check->bundle, "n_entries", &said) || said != self->n)
    csm_bundle_say (check, CSM_FINDING_BROKEN, "data/bundle.json",
                    _ ("names another number of entries than headers.jsonl has, %" PRId64),
                    self->n);
  else
    csm_receipt_code (csm_receipt_get_sha256 (receipt), check->dating.code);
}

/* ---- Time stamps ---- */

static bool
is_known (const Ledger *self, const CsmReceipt *receipt)
{
  int n;
  const CsmDigest *heads = csm_receipt_get_heads (receipt, &n);

  for (int i = 0; i < n; i++)
    if (!csm_chain_check_knows (self->chain, &heads[i]))
      return false;
  return csm_receipt_get_count (receipt) <= self->n &&
         strcmp (csm_receipt_get_case (receipt)->hex, self->check->case_id.hex) == 0;
}

static void
say_stamp (Ledger *self, const char *path, const CsmReceipt *receipt, const CsmTimestamp *stamp)
{
  CsmBundleCheck *check = self->check;
  CsmDating *dating = &check->dating;
  g_autofree char *time = csm_time_describe (csm_timestamp_get_time (stamp));
  g_autofree char *expiry = csm_time_describe (csm_timestamp_get_expiry (stamp));
  char code[CSM_RECEIPT_CODE_LENGTH + 1];

  csm_receipt_code (csm_receipt_get_sha256 (receipt), code);
  csm_bundle_say (
      check, CSM_FINDING_HOLDS, path,
      /* Translators: a service's name, a receipt's code, its entries, a date */
      _ ("%s says that the receipt %s, of %" PRId64
         " entries, existed on %s; its signature verifies with the CA file that came "
         "with the bundle"),
      csm_timestamp_get_authority (stamp), code, csm_receipt_get_count (receipt), time);
  if (csm_timestamp_get_expiry (stamp) < csm_time_now ())
    csm_bundle_say (check, CSM_FINDING_NOTE, path,
                    _ ("the certificate of %s ran out on %s: it was valid at the time stamp's "
                       "own time"),
                    csm_timestamp_get_authority (stamp), expiry);
  dating->n_stamps++;
  if (csm_receipt_get_count (receipt) > dating->n_witnessed ||
      (csm_receipt_get_count (receipt) == dating->n_witnessed &&
       csm_timestamp_get_time (stamp) < dating->witnessed))
    {
      dating->n_witnessed = csm_receipt_get_count (receipt);
      dating->witnessed = csm_timestamp_get_time (stamp);
    }
}

/* Whether an entry of the ledger names it: whoever likes can have a receipt stamped, and say
 * that it was earlier than that is not possible, so that is a note. */
static void
check_anchor (Ledger *self, const char *path, const CsmReceipt *receipt, GBytes *token)
{
  char hex[CSM_DIGEST_HEX_SIZE];
  CsmDigest digest;

  csm_digest_to_hex (csm_receipt_get_sha256 (receipt), hex);
  if (!g_hash_table_contains (self->receipts, hex))
    csm_bundle_say (self->check, CSM_FINDING_NOTE, path,
                    _ ("no disclosed entry of the ledger names the receipt that is stamped"));
  csm_sha256 (g_bytes_get_data (token, NULL), g_bytes_get_size (token), &digest);
  csm_digest_to_hex (&digest, hex);
  if (!g_hash_table_remove (self->tokens, hex))
    csm_bundle_say (self->check, CSM_FINDING_NOTE, path,
                    _ ("no disclosed entry of the ledger names this time stamp"));
}

static void
check_stamp (Ledger *self, const char *path)
{
  CsmBundleCheck *check = self->check;
  g_autofree char *stem = g_strndup (path, strlen (path) - strlen (".tsr"));
  g_autofree char *json = g_strconcat (stem, ".json", NULL);
  g_autofree char *ca_path = g_strconcat (stem, "-ca.pem", NULL);
  g_autofree char *chain_path = g_strconcat (stem, "-chain.pem", NULL);
  const bool chained = csm_bag_folder_find (check->folder, chain_path) != NULL;
  g_autoptr (GBytes) token = csm_bundle_read (check, path, CSM_TIMESTAMP_MAX_SIZE);
  g_autoptr (GBytes) ca = csm_bundle_read (check, ca_path, CSM_TIMESTAMP_MAX_SIZE);
  g_autoptr (GBytes) chain =
      chained ? csm_bundle_read (check, chain_path, CSM_TIMESTAMP_MAX_SIZE) : NULL;
  g_autoptr (GBytes) heads = csm_bundle_read (check, json, CSM_RECEIPT_MAX_SIZE);
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmReceipt) receipt = NULL;
  g_autoptr (CsmTimestamp) stamp = NULL;

  if (token == NULL || ca == NULL || heads == NULL || (chained && chain == NULL))
    return;
  if ((receipt = csm_receipt_parse (heads, &error)) == NULL ||
      (stamp = csm_timestamp_parse (token, &error)) == NULL ||
      !csm_timestamp_check_signature (stamp, ca, chain, &error))
    csm_bundle_say (check, CSM_FINDING_BROKEN, path, "%s", error->message);
  else if (!csm_digest_equal (csm_timestamp_get_imprint (stamp),
                              csm_receipt_get_sha256 (receipt)))
    csm_bundle_say (check, CSM_FINDING_BROKEN, path,
                    _ ("the time stamp is on something else than the receipt beside it"));
  else if (!is_known (self, receipt))
    csm_bundle_say (check, CSM_FINDING_BROKEN, json,
                    _ ("the receipt names entries that the ledger does not have"));
  else
    {
      check_anchor (self, path, receipt, token);
      say_stamp (self, path, receipt, stamp);
    }
}

static void
check_stamps (Ledger *self)
{
  const GPtrArray *files = csm_bag_folder_get_files (self->check->folder);

  for (guint i = 0; i < files->len; i++)
    {
      const char *path = ((const CsmBagFile *) files->pdata[i])->path;

      if (g_str_has_prefix (path, STAMPS) && g_str_has_suffix (path, ".tsr"))
        check_stamp (self, path);
    }
  if (g_hash_table_size (self->tokens) > 0)
    csm_bundle_say (
        self->check, CSM_FINDING_NOTE, STAMPS,
        _ ("not checked: %u time stamps that the ledger names are not in the bundle"),
        g_hash_table_size (self->tokens));
}

/* ---- All of it ---- */

static bool
has_signed (const CsmBundleCheck *check, const char *key)
{
  for (guint i = 0; i < check->reviewers->len; i++)
    {
      const CsmCheckedReviewer *reviewer = check->reviewers->pdata[i];

      if (reviewer->signed_any && g_strcmp0 (reviewer->key, key) == 0)
        return true;
    }
  return false;
}

static void
check_exporter (Ledger *self)
{
  if (!has_signed (self->check, self->check->exporter))
    csm_bundle_say (self->check, CSM_FINDING_BROKEN, HEADERS,
                    _ ("the key that signed the bundle signed no entry of the ledger"));
}

static void
say_forks (Ledger *self)
{
  int n;
  const CsmFork *forks = csm_chain_check_get_forks (self->chain, &n);

  for (int i = 0; i < n; i++)
    csm_bundle_say (self->check, CSM_FINDING_NOTE, HEADERS,
                    _ ("two copies of the case went on from entry %" PRId64 " of the chain %s"),
                    forks[i].after, forks[i].chain.hex);
}

static void
say_ledger (Ledger *self, bool holds)
{
  CsmBundleCheck *check = self->check;

  if (holds)
    csm_bundle_say (check, CSM_FINDING_HOLDS, HEADERS,
                    _ ("%" PRId64
                       " entries: each signed by its author's key, in whole chains up to the "
                       "receipt"),
                    self->n);
  if (self->n_metas < self->n)
    csm_bundle_say (check, CSM_FINDING_NOTE, HEADERS,
                    _ ("withheld, and so not checked but for its hash: when and about what, of "
                       "%" PRId64 " entries"),
                    self->n - self->n_metas);
  if (self->n_bodies < self->n)
    csm_bundle_say (check, CSM_FINDING_NOTE, HEADERS,
                    _ ("withheld, and so not checked but for its hash: the content of "
                       "%" PRId64 " entries"),
                    self->n - self->n_bodies);
}

static void
ledger_open (Ledger *self)
{
  CsmBundleCheck *check = self->check;

  lines_open (&self->headers, check, HEADERS);
  lines_open (&self->signatures, check, SIGNATURES);
  lines_open (&self->metas, check, METAS);
  lines_open (&self->bodies, check, BODIES);
  self->chain = csm_chain_check_new (&check->case_id);
  self->authors = g_hash_table_new (g_str_hash, g_str_equal);
  self->heads = g_hash_table_new_full (hash_digest, equal_digests, g_free, NULL);
  self->receipts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->tokens = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < check->reviewers->len; i++)
    {
      CsmCheckedReviewer *reviewer = check->reviewers->pdata[i];

      g_hash_table_insert (self->authors, reviewer->key, reviewer);
    }
}

gboolean
csm_bundle_check_ledger (CsmBundleCheck *check, GError **error)
{
  g_auto (Ledger) self = { .check = check };
  const bool held = check->holds;

  check->holds = true;
  ledger_open (&self);
  if (self.headers.source != NULL && !check_entries (&self, error))
    return FALSE;
  check_receipt (&self);
  check_exporter (&self);
  say_ledger (&self, check->holds);
  say_forks (&self);
  check->ledger_read = check->holds;
  check->dating.n_entries = self.n;
  check->dating.n_covered = self.n;
  check->dating.n_receipts = self.n_receipts + 1;
  check_stamps (&self);
  check->holds = check->holds && held;
  return TRUE;
}
