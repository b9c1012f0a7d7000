/* fuzz-apply.c: any bodies, rightly signed, as the entries of a case
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "../custody/example.h"

#include "base/csm-json.h"
#include "casefile/csm-apply.h"
#include "casefile/csm-error.h"
#include "casefile/csm-schema.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

#define MAX_ENTRIES 40

/* One chain of one reviewer. */
typedef struct
{
  CsmDb *db;
  CsmEntryPlace place;
  GHashTable *newest; /* subject: the CsmDigest of its newest entry */
} Ledger;

/* (transfer full) (nullable): "KIND SUBJECT BODY"; a '+' in front replaces the subject's newest
 * entry. */
static CsmEntry *
make_entry (Ledger *self, const char *line)
{
  static CsmSigner *signer;
  const bool replaces = line[0] == '+';
  g_auto (GStrv) words = g_strsplit (line + replaces, " ", 3);
  g_autoptr (json_t) body = NULL;
  const CsmDigest *old = NULL;
  CsmId subject;
  bool has_subject;

  if (signer == NULL)
    signer = example_signer ();
  if (g_strv_length (words) != 3 || !csm_apply_knows_kind (words[0]))
    return NULL;
  body = json_loads (words[2], JSON_REJECT_DUPLICATES, NULL);
  if (!json_is_object (body))
    return NULL;
  (void) json_object_del (body, "nonce"); /* is added anew */
  has_subject = csm_id_parse (words[1], &subject);
  if (has_subject && self->place.seq == 1)
    self->place.case_id = subject;
  if (has_subject && replaces)
    old = g_hash_table_lookup (self->newest, subject.hex);
  return csm_entry_new (signer, &self->place, 1772701622000, words[0],
                        has_subject ? &subject : NULL, old, old != NULL, body, NULL);
}

static void
advance (Ledger *self, const CsmEntry *entry)
{
  const CsmId *subject = csm_entry_get_subject (entry);

  self->place.prev = *csm_entry_get_id (entry);
  self->place.seq++;
  self->place.lamport++;
  if (subject != NULL)
    g_hash_table_replace (self->newest, g_strdup (subject->hex),
                          g_memdup2 (csm_entry_get_id (entry), sizeof (CsmDigest)));
}

/* Applied, or refused as what no case holds: never a failure of the database. */
static void
take_line (Ledger *self, const char *line)
{
  g_autoptr (CsmEntry) entry = make_entry (self, line);
  g_autoptr (GError) error = NULL;

  if (entry == NULL)
    return;
  g_assert_true (csm_db_exec (self->db, "SAVEPOINT one", "fuzz", NULL));
  if (csm_apply_entry (self->db, entry, &error))
    advance (self, entry);
  else
    {
      if (!g_error_matches (error, CSM_CASE_ERROR, CSM_CASE_ERROR_DAMAGED) &&
          !g_error_matches (error, CSM_CASE_ERROR, CSM_CASE_ERROR_NEWER))
        g_error ("%s: %s", line, error->message);
      g_assert_true (csm_db_exec (self->db, "ROLLBACK TO one", "fuzz", NULL));
    }
  g_assert_true (csm_db_exec (self->db, "RELEASE one", "fuzz", NULL));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static CsmDb *db;
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_auto (GStrv) lines = g_strsplit (text, "\n", MAX_ENTRIES + 1);
  g_autoptr (GHashTable) newest =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  Ledger self = { .place = { .seq = 1, .lamport = 1 }, .newest = newest };

  if (db == NULL)
    {
      db = csm_db_open_memory (NULL);
      g_assert_true (csm_schema_create (db, NULL));
    }
  self.db = db;
  g_assert_true (csm_id_parse ("000102030405060708090a0b0c0d0e0f", &self.place.case_id));
  g_assert_true (csm_id_parse ("101112131415161718191a1b1c1d1e1f", &self.place.chain));
  g_assert_true (csm_db_exec (db, "BEGIN", "fuzz", NULL));
  for (int i = 0; lines[i] != NULL && i < MAX_ENTRIES; i++)
    take_line (&self, lines[i]);
  g_assert_true (csm_db_exec (db, "ROLLBACK", "fuzz", NULL));
  return 0;
}
