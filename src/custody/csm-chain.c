/* csm-chain.c: whether a set of entries is whole, and in what order it is replayed
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "custody/csm-chain.h"

#include <inttypes.h>
#include <string.h>

/* What is kept of a chain: one author, and how far its longest branch goes. */
typedef struct
{
  CsmId id;
  uint8_t author[CSM_PUBLIC_KEY_SIZE];
  int64_t seq;
  bool forked;
} Chain;

/* What is kept of an entry. The id comes first: the table's key is the record itself. */
typedef struct
{
  CsmDigest id;
  Chain *chain;
  int64_t lamport;
  int64_t seq : 62;
  uint64_t n_next : 2; /* entries that follow it in its chain, 2 for more */
} Record;

struct _CsmChainCheck
{
  CsmId case_id;
  GHashTable *chains;  /* CsmId.hex, Chain */
  GHashTable *records; /* set of Record, by id */
  GArray *forks;       /* CsmFork */
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
  self->forks = g_array_new (FALSE, FALSE, sizeof (CsmFork));
  return self;
}

void
csm_chain_check_free (CsmChainCheck *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->records);
  g_hash_table_unref (self->chains);
  g_array_unref (self->forks);
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

/* @prev is the entry before, NULL when it is not known, or for the first of a chain. */
static gboolean
check_prev (const Chain *chain, const Record *prev, const CsmEntry *entry, GError **error)
{
  const CsmEntryPlace *place = csm_entry_get_place (entry);
  const int64_t last = chain != NULL ? chain->seq : 0;

  if (place->seq == last + 2)
    return fail (error, entry, "entry %" PRId64 " before it is missing", last + 1);
  if (place->seq > last + 2)
    return fail (error, entry, "entries %" PRId64 " to %" PRId64 " before it are missing",
                 last + 1, place->seq - 1);
  if (place->seq == 1)
    return TRUE;
  if (prev == NULL || prev->chain != chain || prev->seq != place->seq - 1)
    return fail (error, entry,
                 "does not follow the entry before it, which is another than it names");
  if (place->lamport <= prev->lamport)
    return fail (error, entry, "its lamport is not above that of the entry before it");
  return TRUE;
}

static gboolean
check_sequence (const Chain *chain, const Record *prev, const CsmEntry *entry, GError **error)
{
  if (!check_prev (chain, prev, entry, error))
    return FALSE;
  if (chain != NULL &&
      memcmp (chain->author, csm_entry_get_author (entry), CSM_PUBLIC_KEY_SIZE) != 0)
    return fail (error, entry, "signed by another key than its chain");
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
      /* A forked chain has a head for each branch. */
      if (!g_hash_table_add (named, head->chain) && !head->chain->forked)
        return fail (error, entry, "names two heads of chain %s", head->chain->id.hex);
      if (place->lamport <= head->lamport)
        return fail (error, entry, "its lamport is not above that of %s, which it names", id);
    }
  return TRUE;
}

static void
note_fork (CsmChainCheck *self, Chain *chain, int64_t after)
{
  const CsmFork fork = { chain->id, after };

  chain->forked = true;
  g_array_append_val (self->forks, fork);
}

/* The entry stands: others may follow it from now on. */
static void
remember (CsmChainCheck *self, Chain *chain, Record *prev, const CsmEntry *entry)
{
  const CsmEntryPlace *place = csm_entry_get_place (entry);
  const bool first = chain == NULL;
  Record *record = g_new0 (Record, 1);

  if (first)
    {
      chain = g_new0 (Chain, 1);
      chain->id = place->chain;
      memcpy (chain->author, csm_entry_get_author (entry), CSM_PUBLIC_KEY_SIZE);
      g_hash_table_insert (self->chains, chain->id.hex, chain);
    }
  /* Said once, also when three copies went on from it. */
  if (prev != NULL ? prev->n_next == 1 : !first)
    note_fork (self, chain, place->seq - 1);
  if (prev != NULL && prev->n_next < 2)
    prev->n_next++;
  chain->seq = MAX (chain->seq, place->seq);

  record->id = *csm_entry_get_id (entry);
  record->chain = chain;
  record->seq = place->seq;
  record->lamport = place->lamport;
  g_hash_table_add (self->records, record);
}

gboolean
csm_chain_check_add (CsmChainCheck *self, const CsmEntry *entry, GError **error)
{
  g_return_val_if_fail (self != NULL && entry != NULL, FALSE);

  const CsmEntryPlace *place = csm_entry_get_place (entry);
  Chain *chain = g_hash_table_lookup (self->chains, place->chain.hex);
  Record *prev = place->seq > 1 ? g_hash_table_lookup (self->records, &place->prev) : NULL;

  if (strcmp (place->case_id.hex, self->case_id.hex) != 0)
    return fail (error, entry, "belongs to another case");
  if (g_hash_table_contains (self->records, csm_entry_get_id (entry)))
    return fail (error, entry, "is there twice");
  if (!check_sequence (chain, prev, entry, error) || !check_heads (self, entry, error))
    return FALSE;
  remember (self, chain, prev, entry);
  return TRUE;
}

const CsmFork *
csm_chain_check_get_forks (const CsmChainCheck *self, int *ret_n)
{
  g_return_val_if_fail (self != NULL && ret_n != NULL, NULL);

  *ret_n = (int) self->forks->len;
  return (const CsmFork *) self->forks->data;
}

bool
csm_chain_check_knows (const CsmChainCheck *self, const CsmDigest *id)
{
  g_return_val_if_fail (self != NULL && id != NULL, false);
  return g_hash_table_contains (self->records, id);
}
