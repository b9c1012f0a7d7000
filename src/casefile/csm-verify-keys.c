/* csm-verify-keys.c: key slots and signing keys against the entries that explain them
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-lineage.h"
#include "casefile/csm-verify-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

/* Whose key a slot holds, for each slot that signs. */
static void
check_signers (CsmVerify *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmQuery) query = csm_query_new (self->acase->db, "read the signing keys",
                                              "SELECT hex (slot) FROM kept_signer"
                                              " WHERE author NOT IN (SELECT key FROM reviewer)"
                                              " AND author NOT IN (SELECT key FROM recovery)");
  int step;

  while ((step = csm_query_step (query, &error)) > 0)
    csm_verify_say (self, CSM_FINDING_BROKEN, _ ("Signing keys"),
                    _ ("the key slot %s holds a signing key of no reviewer"),
                    csm_query_get_text (query, 0));
  if (step < 0)
    csm_verify_say (self, CSM_FINDING_BROKEN, _ ("Signing keys"), "%s", error->message);
}

/* An older header put back brings a passphrase back that was changed. */
static void
check_header (CsmVerify *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmQuery) query =
      csm_query_new (self->acase->db, "read the key entries",
                     "SELECT n.header, n.meta, n.body, n.signature FROM event AS v"
                     " JOIN entry AS n ON n.id = v.id"
                     " WHERE v.kind > 'key.' AND v.kind < 'key/'");
  g_autoptr (CsmLineage) lineage = csm_lineage_new (self->acase);
  const uint64_t now = csm_vault_get_header_seq (self->acase->vault);
  int step;

  while ((step = csm_query_step (query, &error)) > 0)
    {
      g_autoptr (CsmEntry) entry = csm_entry_from_row (query, 0, NULL);
      const json_t *body = entry != NULL ? csm_entry_get_content (entry) : NULL;
      int64_t seq;

      /* A broken entry was reported by the replay. One that was merged is about the key slots
       * of another file. */
      if (body != NULL && csm_json_get_int (body, "header_seq", &seq) && seq > (int64_t) now &&
          csm_lineage_holds (lineage, entry))
        csm_verify_say (self, CSM_FINDING_BROKEN, _ ("Key slots"),
                        _ ("they are older (state %" PRIu64
                           ") than an entry says (state %" PRId64
                           "): an earlier header was put back"),
                        now, seq);
    }
  if (step < 0)
    csm_verify_say (self, CSM_FINDING_BROKEN, _ ("Key slots"), "%s", error->message);
}

/* Cases of an earlier version have no entry for the slots of that time. */
static bool
has_entry_for_the_first (CsmVerify *self)
{
  int64_t n = 0;

  (void) csm_db_get_int (self->acase->db,
                         "SELECT count (*) FROM event WHERE kind = 'key.added' AND lamport = 3",
                         &n, NULL); /* reported by the replay */
  return n > 0;
}

static void
check_slot (CsmVerify *self, const CsmSlotInfo *slot, bool strict)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmQuery) query =
      csm_query_new (self->acase->db, "read the key holders",
                     "SELECT h.removed, h.name, k.author IS h.author FROM holder AS h"
                     " LEFT JOIN kept_signer AS k ON k.slot = h.slot WHERE h.slot = ?");
  g_autofree char *hex = csm_hex_encode (slot->id, CSM_VAULT_ID_SIZE);
  const char *where = _ ("Key slots");
  int step;

  csm_query_blob (query, slot->id, CSM_VAULT_ID_SIZE);
  step = csm_query_step (query, &error);
  if (step < 0)
    csm_verify_say (self, CSM_FINDING_BROKEN, where, "%s", error->message);
  else if (step == 0)
    csm_verify_say (self, strict ? CSM_FINDING_BROKEN : CSM_FINDING_NOTE, where,
                    _ ("no entry says who holds the key slot %s: its adding was cut off, or was"
                       " done past Casement; take that key away"),
                    hex);
  else if (csm_query_get_int (query, 0) != 0)
    /* An earlier header put back shows in its number; two copies that were merged differ. */
    csm_verify_say (self, CSM_FINDING_NOTE, where,
                    _ ("the key of %s was taken away in another copy and still opens this one:"
                       " take it away here too"),
                    csm_query_get_text (query, 1));
  else if (csm_query_get_int (query, 2) == 0)
    csm_verify_say (self, CSM_FINDING_BROKEN, where,
                    _ ("the key of %s does not sign as its entry says"),
                    csm_query_get_text (query, 1));
}

void
csm_verify_keys (CsmVerify *self)
{
  const bool strict = has_entry_for_the_first (self);
  CsmSlotInfo slots[CSM_VAULT_MAX_SLOTS];
  const int n = csm_vault_list_slots (self->acase->vault, slots);

  check_signers (self);
  check_header (self);
  for (int i = 0; i < n; i++)
    if (slots[i].type != CSM_SLOT_RECOVERY)
      check_slot (self, &slots[i], strict);
}
