/* test-chain.c: what was removed, inserted, swapped or forked is refused, and its place named
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "custody/csm-chain.h"

#include <string.h>

/* Two reviewers, A and B, in turn: A1 B1 A2 B2 ... each naming the other's newest. */
#define N_ENTRIES 10

typedef struct
{
  CsmSigner *signers[2];
  CsmEntryPlace base[2]; /* case and chain */
  json_t *body;
  CsmEntry *entries[N_ENTRIES];
} Fixture;

static CsmEntry *
sign (Fixture *f, int reviewer, const CsmEntryPlace *place)
{
  g_autoptr (GError) error = NULL;
  CsmEntry *entry = csm_entry_new (f->signers[reviewer], place, 1000, "mark.set", NULL, NULL, 0,
                                   f->body, &error);

  g_assert_no_error (error);
  return entry;
}

/* The place after entry @after (-1: at the start) for @reviewer, who names @head, or none. */
static CsmEntryPlace
place_after (Fixture *f, int reviewer, int after, int head)
{
  CsmEntryPlace place = f->base[reviewer];

  place.seq = 1;
  place.lamport = 1;
  if (after >= 0)
    {
      const CsmEntryPlace *before = csm_entry_get_place (f->entries[after]);

      place.seq = before->seq + 1;
      place.prev = *csm_entry_get_id (f->entries[after]);
      place.lamport = before->lamport + 1;
    }
  if (head >= 0)
    {
      place.heads = csm_entry_get_id (f->entries[head]);
      place.n_heads = 1;
      place.lamport = MAX (place.lamport, csm_entry_get_place (f->entries[head])->lamport + 1);
    }
  return place;
}

static void
set_up (Fixture *f, gconstpointer unused)
{
  f->body = json_pack ("{s:s}", "text", "x");
  f->base[0].case_id = csm_id_new ();
  f->base[1].case_id = f->base[0].case_id;
  for (int i = 0; i < 2; i++)
    {
      f->signers[i] = csm_signer_new ();
      f->base[i].chain = csm_id_new ();
    }
  for (int i = 0; i < N_ENTRIES; i++)
    {
      const CsmEntryPlace place = place_after (f, i % 2, i - 2, i - 1);

      f->entries[i] = sign (f, i % 2, &place);
    }
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  for (int i = 0; i < 2; i++)
    csm_signer_free (f->signers[i]);
  for (int i = 0; i < N_ENTRIES; i++)
    csm_entry_unref (f->entries[i]);
  json_decref (f->body);
}

static CsmChainCheck *
check_up_to (Fixture *f, int n)
{
  CsmChainCheck *check = csm_chain_check_new (&f->base[0].case_id);

  for (int i = 0; i < n; i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (csm_chain_check_add (check, f->entries[i], &error));
      g_assert_no_error (error);
    }
  return check;
}

/* @entry is refused, with its chain, seq and id, and @why. */
static void
assert_refused (CsmChainCheck *check, const CsmEntry *entry, const char *why)
{
  const CsmEntryPlace *place = csm_entry_get_place (entry);
  g_autofree char *where =
      g_strdup_printf ("chain %s, entry %d (", place->chain.hex, (int) place->seq);
  g_autoptr (GError) error = NULL;
  char id[CSM_DIGEST_HEX_SIZE];

  csm_digest_to_hex (csm_entry_get_id (entry), id);
  g_assert_false (csm_chain_check_add (check, entry, &error));
  g_assert_error (error, CSM_CUSTODY_ERROR, CSM_CUSTODY_ERROR_CHAIN);
  g_assert_true (g_str_has_prefix (error->message, where));
  g_assert_nonnull (strstr (error->message, id));
  if (strstr (error->message, why) == NULL)
    g_error ("\"%s\" does not say \"%s\"", error->message, why);
}

static void
test_whole (Fixture *f, gconstpointer unused)
{
  g_autoptr (CsmChainCheck) check = check_up_to (f, N_ENTRIES);

  csm_chain_check_free (NULL);
}

/* Each entry but the last of all: the next one that leans on it is refused. */
static void
test_removed (Fixture *f, gconstpointer unused)
{
  for (int removed = 0; removed < N_ENTRIES - 1; removed++)
    {
      g_autoptr (CsmChainCheck) check = check_up_to (f, removed);

      assert_refused (check, f->entries[removed + 1], "that it names is missing");
    }
}

static void
test_removed_from_one_chain (Fixture *f, gconstpointer unused)
{
  const CsmEntryPlace places[] = { place_after (f, 0, 2, -1), place_after (f, 0, 4, -1) };
  g_autoptr (CsmEntry) gap_of_one = sign (f, 0, &places[1]);
  g_autoptr (CsmEntry) next = sign (f, 0, &places[0]);
  g_autoptr (CsmChainCheck) check = check_up_to (f, 3);
  g_autoptr (CsmChainCheck) shorter = check_up_to (f, 1);
  g_autoptr (CsmChainCheck) empty = check_up_to (f, 0);

  assert_refused (check, gap_of_one, "entry 3 before it is missing");
  assert_refused (shorter, gap_of_one, "entries 2 to 3 before it are missing");
  assert_refused (empty, gap_of_one, "entries 1 to 3 before it are missing");
  g_assert_true (csm_chain_check_add (check, next, NULL));
}

static void
test_reordered (Fixture *f, gconstpointer unused)
{
  for (int i = 0; i + 1 < N_ENTRIES; i++)
    {
      g_autoptr (CsmChainCheck) check = check_up_to (f, i);

      assert_refused (check, f->entries[i + 1], "missing");
      g_assert_true (csm_chain_check_add (check, f->entries[i], NULL));
      g_assert_true (csm_chain_check_add (check, f->entries[i + 1], NULL));
    }
}

static void
test_twice (Fixture *f, gconstpointer unused)
{
  g_autoptr (CsmChainCheck) check = check_up_to (f, 5);

  for (int i = 0; i < 5; i++)
    assert_refused (check, f->entries[i], "is there twice");
}

static void
assert_forks (const CsmChainCheck *check, const Fixture *f, int n, int64_t after)
{
  int n_forks;
  const CsmFork *forks = csm_chain_check_get_forks (check, &n_forks);

  g_assert_cmpint (n_forks, ==, n);
  for (int i = 0; i < n; i++)
    {
      g_assert_cmpstr (forks[i].chain.hex, ==, f->base[0].chain.hex);
      g_assert_cmpint (forks[i].after, ==, after);
    }
}

/* Reviewer A restored an old copy and went on from entry 2. */
static void
test_forked (Fixture *f, gconstpointer unused)
{
  const CsmEntryPlace place = place_after (f, 0, 2, -1);
  g_autoptr (CsmEntry) other = sign (f, 0, &place);
  g_autoptr (CsmEntry) third = sign (f, 0, &place);
  g_autoptr (CsmChainCheck) check = check_up_to (f, N_ENTRIES);
  g_autoptr (CsmChainCheck) early = check_up_to (f, 4);

  assert_forks (check, f, 0, 0);
  g_assert_true (csm_chain_check_add (check, other, NULL));
  assert_forks (check, f, 1, 2);
  g_assert_true (csm_chain_check_add (check, third, NULL));
  assert_forks (check, f, 1, 2);

  g_assert_true (csm_chain_check_add (early, other, NULL));
  for (int i = 4; i < N_ENTRIES; i++)
    g_assert_true (csm_chain_check_add (early, f->entries[i], NULL));
  assert_forks (early, f, 1, 2);
}

/* Each branch goes on; an entry that names both heads is right after a fork only. */
static void
test_branches_go_on (Fixture *f, gconstpointer unused)
{
  CsmEntryPlace place = place_after (f, 0, 2, -1);
  g_autoptr (CsmEntry) other = sign (f, 0, &place);
  g_autoptr (CsmEntry) next = NULL;
  g_autoptr (CsmEntry) both = NULL;
  g_autoptr (CsmChainCheck) check = check_up_to (f, N_ENTRIES);
  g_autoptr (CsmChainCheck) unforked = check_up_to (f, N_ENTRIES);
  CsmDigest heads[2];

  place.seq++;
  place.prev = *csm_entry_get_id (other);
  place.lamport++;
  next = sign (f, 0, &place);
  heads[0] = *csm_entry_get_id (f->entries[N_ENTRIES - 2]);
  heads[1] = *csm_entry_get_id (f->entries[2]);
  if (memcmp (&heads[0], &heads[1], sizeof heads[0]) > 0)
    {
      const CsmDigest first = heads[1];

      heads[1] = heads[0];
      heads[0] = first;
    }
  place = place_after (f, 1, N_ENTRIES - 1, -1);
  place.heads = heads;
  place.n_heads = 2;
  both = sign (f, 1, &place);

  assert_refused (unforked, both, "names two heads of chain");
  g_assert_true (csm_chain_check_add (check, other, NULL));
  g_assert_true (csm_chain_check_add (check, next, NULL));
  assert_forks (check, f, 1, 2);
  g_assert_true (csm_chain_check_add (check, both, NULL));
}

/* The fork's branch is gone, but what follows it stayed. */
static void
test_follows_another (Fixture *f, gconstpointer unused)
{
  CsmEntryPlace place = place_after (f, 0, 4, -1);

  place.prev = *csm_entry_get_id (f->entries[2]);

  g_autoptr (CsmEntry) entry = sign (f, 0, &place);
  g_autoptr (CsmChainCheck) check = check_up_to (f, 5);

  assert_refused (check, entry, "does not follow the entry before it");
}

/* B writes into A's chain. */
static void
test_inserted_by_another (Fixture *f, gconstpointer unused)
{
  const CsmEntryPlace place = place_after (f, 0, 4, -1);
  g_autoptr (CsmEntry) entry = sign (f, 1, &place);
  g_autoptr (CsmChainCheck) check = check_up_to (f, 5);

  assert_refused (check, entry, "signed by another key than its chain");
}

/* An entry that A signed, put between two, cannot be told from a copy that went on. */
static void
test_inserted (Fixture *f, gconstpointer unused)
{
  const CsmEntryPlace place = place_after (f, 0, 4, 5);
  g_autoptr (CsmEntry) inserted = sign (f, 0, &place);
  g_autoptr (CsmChainCheck) check = check_up_to (f, 6);

  g_assert_true (csm_chain_check_add (check, inserted, NULL));
  g_assert_true (csm_chain_check_add (check, f->entries[6], NULL));
  assert_forks (check, f, 1, 3);
}

static void
test_wrong_case (Fixture *f, gconstpointer unused)
{
  CsmEntryPlace place = place_after (f, 0, 8, -1);

  place.case_id = csm_id_new ();

  g_autoptr (CsmEntry) entry = sign (f, 0, &place);
  g_autoptr (CsmChainCheck) check = check_up_to (f, N_ENTRIES);

  assert_refused (check, entry, "belongs to another case");
}

static void
test_lamport (Fixture *f, gconstpointer unused)
{
  g_autoptr (CsmChainCheck) check = check_up_to (f, N_ENTRIES);
  CsmEntryPlace place = place_after (f, 0, 8, -1);

  place.lamport = csm_entry_get_place (f->entries[8])->lamport;

  g_autoptr (CsmEntry) not_above_prev = sign (f, 0, &place);

  assert_refused (check, not_above_prev,
                  "its lamport is not above that of the entry before it");

  place = place_after (f, 0, 8, 9);
  place.lamport = csm_entry_get_place (f->entries[9])->lamport;

  g_autoptr (CsmEntry) not_above_head = sign (f, 0, &place);

  assert_refused (check, not_above_head, "which it names");
  place.lamport++;

  g_autoptr (CsmEntry) above = sign (f, 0, &place);

  g_assert_true (csm_chain_check_add (check, above, NULL));
}

static void
test_heads (Fixture *f, gconstpointer unused)
{
  g_autoptr (CsmChainCheck) check = check_up_to (f, N_ENTRIES);
  CsmDigest heads[2], unknown;
  CsmEntryPlace place = place_after (f, 0, 8, 6);
  g_autoptr (CsmEntry) own = sign (f, 0, &place);

  assert_refused (check, own, "of its own chain");

  place = place_after (f, 0, 8, 9);
  heads[0] = *csm_entry_get_id (f->entries[7]);
  heads[1] = *csm_entry_get_id (f->entries[9]);
  if (memcmp (&heads[0], &heads[1], sizeof heads[0]) > 0)
    {
      heads[1] = heads[0];
      heads[0] = *csm_entry_get_id (f->entries[9]);
    }
  place.heads = heads;
  place.n_heads = 2;

  g_autoptr (CsmEntry) two_of_one = sign (f, 0, &place);

  assert_refused (check, two_of_one, "names two heads of chain");

  csm_sha256 ("nobody", 6, &unknown);
  place.heads = &unknown;
  place.n_heads = 1;

  g_autoptr (CsmEntry) missing = sign (f, 0, &place);

  assert_refused (check, missing, "that it names is missing");
}

/* A third copy joins, naming both. */
static void
test_new_chain (Fixture *f, gconstpointer unused)
{
  g_autoptr (CsmChainCheck) check = check_up_to (f, N_ENTRIES);
  CsmDigest heads[2] = { *csm_entry_get_id (f->entries[8]), *csm_entry_get_id (f->entries[9]) };
  CsmEntryPlace place = place_after (f, 0, -1, 9);

  if (memcmp (&heads[0], &heads[1], sizeof heads[0]) > 0)
    {
      heads[0] = heads[1];
      heads[1] = *csm_entry_get_id (f->entries[8]);
    }
  place.chain = csm_id_new ();
  place.heads = heads;
  place.n_heads = 2;

  g_autoptr (CsmEntry) entry = sign (f, 0, &place);

  g_assert_true (csm_chain_check_add (check, entry, NULL));
}

static void
test_withheld (Fixture *f, gconstpointer unused)
{
  g_autoptr (CsmChainCheck) check = csm_chain_check_new (&f->base[0].case_id);

  for (int i = 0; i < N_ENTRIES; i++)
    {
      g_autoptr (CsmEntry) bare =
          csm_entry_parse (csm_entry_get_header (f->entries[i]), NULL, NULL,
                           csm_entry_get_signature (f->entries[i]), NULL);

      g_assert_true (csm_chain_check_add (check, bare, NULL));
    }
}

#define ADD(name, test) \
  g_test_add ("/casement/custody/chain/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("whole", test_whole);
  ADD ("removed", test_removed);
  ADD ("removed-from-one-chain", test_removed_from_one_chain);
  ADD ("reordered", test_reordered);
  ADD ("twice", test_twice);
  ADD ("forked", test_forked);
  ADD ("branches-go-on", test_branches_go_on);
  ADD ("follows-another", test_follows_another);
  ADD ("inserted-by-another", test_inserted_by_another);
  ADD ("inserted", test_inserted);
  ADD ("wrong-case", test_wrong_case);
  ADD ("lamport", test_lamport);
  ADD ("heads", test_heads);
  ADD ("new-chain", test_new_chain);
  ADD ("withheld", test_withheld);
  return g_test_run ();
}
