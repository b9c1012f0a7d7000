/* csm-chain.c: whether a set of entries is whole, and in what order it is replayed
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "custody/csm-chain.h"

#include <inttypes.h>
#include <string.h>

/* What is kept of a chain: one author, and how far it goes. */
typedef struct
{
  CsmId id;
  uint8_t author[CSM_PUBLIC_KEY_SIZE];
  int64_t seq;
  CsmDigest head;
  int64_t lamport;
} Chain;

/* What is kept of an entry. The id comes first: the table's key is the record itself. */
typedef struct
{
  CsmDigest id;
  const Chain *chain;
  int64_t lamport;
} Record;

struct _CsmChainCheck
{
  CsmId case_id;
  GHashTable *chains;  /* CsmId.hex, Chain */
  GHashTable *records; /* set of Record, by id */
};

static guint
hash_record (gconstpointer record)
{
  guint hash;

  memcpy (&hash, record, sizeof hash); /* SHA-256 is hash enough */
  return hash;
}

static gboolean
equal_records (gconstpointer a, gconstpointer b)
{
  return csm_digest_equal (a, b);
}

CsmChainCheck *
csm_chain_check_new (const CsmId *case_id)
{
  g_return_val_if_fail (case_id != NULL, NULL);

  CsmChainCheck *self = g_new0 (CsmChainCheck, 1);

  self->case_id = *case_id;
  self->chains = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  self->records = g_hash_table_new_full (hash_record, equal_records, g_free, NULL);
  return self;
}

void
csm_chain_check_free (CsmChainCheck *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->records);
  g_hash_table_unref (self->chains);
  g_free (self);
}

static gboolean G_GNUC_PRINTF (3, 4)
    fail (GError **error, const CsmEntry *entry, const char *format, ...)
{
  const CsmEntryPlace *place = csm_entry_get_place (entry);
  char id[CSM_DIGEST_HEX_SIZE];
  va_list arguments;

  va_start (arguments, format);

  g_autofree char *why = g_strdup_vprintf (format, arguments);

  va_end (arguments);
  csm_digest_to_hex (csm_entry_get_id (entry), id);
  g_set_error (error, CSM_CUSTODY_ERROR, CSM_CUSTODY_ERROR_CHAIN,
               "chain %s, entry %" PRId64 " (%s): %s", place->chain.hex, place->seq, id, why);
  return FALSE;
}

static gboolean
check_sequence (const Chain *chain, const CsmEntry *entry, GError **error)
{
  const CsmEntryPlace *place = csm_entry_get_place (entry);
  const int64_t last = chain != NULL ? chain->seq : 0;

  if (place->seq <= last)
    return fail (error, entry, "two copies went on from entry %" PRId64, place->seq - 1);
  if (place->seq == last + 2)
    return fail (error, entry, "entry %" PRId64 " before it is missing", last + 1);
  if (place->seq > last + 2)
    return fail (error, entry, "entries %" PRId64 " to %" PRId64 " before it are missing",
                 last + 1, place->seq - 1);
  if (chain == NULL)
    return TRUE;
  if (!csm_digest_equal (&place->prev, &chain->head))
    return fail (error, entry,
                 "does not follow the entry before it, which is another than it names");
  if (memcmp (chain->author, csm_entry_get_author (entry), CSM_PUBLIC_KEY_SIZE) != 0)
    return fail (error, entry, "signed by another key than its chain");
  if (place->lamport <= chain->lamport)
    return fail (error, entry, "its lamport is not above that of the entry before it");
  return TRUE;
}

static gboolean
check_heads (const CsmChainCheck *self, const CsmEntry *entry, GError **error)
{
  const CsmEntryPlace *place = csm_entry_get_place (entry);
  g_autoptr (GHashTable) named = g_hash_table_new (NULL, NULL);

  for (int i = 0; i < place->n_heads; i++)
    {
      const Record *head = g_hash_table_lookup (self->records, &place->heads[i]);
      char id[CSM_DIGEST_HEX_SIZE];

      csm_digest_to_hex (&place->heads[i], id);
      if (head == NULL)
        return fail (error, entry, "the entry %s that it names is missing", id);
      if (strcmp (head->chain->id.hex, place->chain.hex) == 0)
        return fail (error, entry, "names %s of its own chain as another's head", id);
      if (!g_hash_table_add (named, (gpointer) head->chain))
        return fail (error, entry, "names two heads of chain %s", head->chain->id.hex);
      if (place->lamport <= head->lamport)
        return fail (error, entry, "its lamport is not above that of %s, which it names", id);
    }
  return TRUE;
}

/* The entry stands: it is its chain's last from now on. */
static void
remember (CsmChainCheck *self, Chain *chain, const CsmEntry *entry)
{
  const CsmEntryPlace *place = csm_entry_get_place (entry);
  Record *record = g_new (Record, 1);

  if (chain == NULL)
    {
      chain = g_new0 (Chain, 1);
      chain->id = place->chain;
      memcpy (chain->author, csm_entry_get_author (entry), CSM_PUBLIC_KEY_SIZE);
      g_hash_table_insert (self->chains, chain->id.hex, chain);
    }
  chain->seq = place->seq;
  chain->head = *csm_entry_get_id (entry);
  chain->lamport = place->lamport;

  record->id = *csm_entry_get_id (entry);
  record->chain = chain;
  record->lamport = place->lamport;
  g_hash_table_add (self->records, record);
}

gboolean
csm_chain_check_add (CsmChainCheck *self, const CsmEntry *entry, GError **error)
{
  g_return_val_if_fail (self != NULL && entry != NULL, FALSE);

  const CsmEntryPlace *place = csm_entry_get_place (entry);
  Chain *chain = g_hash_table_lookup (self->chains, place->chain.hex);

  if (strcmp (place->case_id.hex, self->case_id.hex) != 0)
    return fail (error, entry, "belongs to another case");
  if (g_hash_table_contains (self->records, csm_entry_get_id (entry)))
    return fail (error, entry, "is there twice");
  if (!check_sequence (chain, entry, error) || !check_heads (self, entry, error))
    return FALSE;
  remember (self, chain, entry);
  return TRUE;
}
