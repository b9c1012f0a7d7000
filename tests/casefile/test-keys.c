/* test-keys.c: who holds a key of the case, and the case under a new data key
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case-keys.h"
#include "casefile/csm-case-private.h"
#include "csm-case-fixture.h"

#include <string.h>

static CsmSecret *
secret (const char *text)
{
  return csm_secret_new_from (text, strlen (text));
}

static CsmId
add (CaseFixture *self, const char *name, const char *passphrase, bool reader)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmSecret) typed = secret (passphrase);
  CsmId slot;

  csm_case_add_key (self->acase, name, typed, reader, &slot, &error);
  g_assert_no_error (error);
  return slot;
}

/* (transfer full): opens instead of the fixture's passphrase. */
static void
open_as (CaseFixture *self, const char *passphrase, bool read_only)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmSecret) typed = secret (passphrase);

  case_fixture_close (self);
  self->acase = csm_case_open (self->path, typed, read_only, &error);
  g_assert_no_error (error);
}

static bool
opens_with (CaseFixture *self, const char *passphrase)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmSecret) typed = secret (passphrase);
  g_autoptr (CsmCase) acase = csm_case_open (self->path, typed, true, &error);

  if (acase == NULL)
    g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_WRONG_PASSPHRASE);
  return acase != NULL;
}

static char *
get_kinds (CaseFixture *self, int64_t from)
{
  g_autoptr (GPtrArray) rows = csm_case_list_ledger (self->acase, from, 100, NULL);
  g_autoptr (GPtrArray) kinds = g_ptr_array_new ();

  for (guint i = 0; i < rows->len; i++)
    g_ptr_array_add (kinds, ((CsmLedgerRow *) rows->pdata[i])->kind);
  g_ptr_array_add (kinds, NULL);
  return g_strjoinv (" ", (char **) kinds->pdata);
}

static void
mark_something (CaseFixture *self, const char *id)
{
  const CsmCode code = {
    .id = (char *) id, .label = (char *) "x", .definition = (char *) "", .source = (char *) ""
  };
  g_autoptr (GError) error = NULL;

  csm_case_set_code (self->acase, &code, &error);
  g_assert_no_error (error);
}

static void
test_creation_says_who_holds_the_first (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) keys = csm_case_list_keys (self->acase, NULL);
  const CsmKeyHolder *holder = keys->pdata[0];

  g_assert_cmpuint (keys->len, ==, 1);
  g_assert_cmpstr (holder->name, ==, "Anna");
  g_assert_cmpstr (holder->key, ==, csm_case_get_self (self->acase)->key);
  g_assert_true (holder->can_sign && holder->own);
  g_assert_cmpint (case_fixture_get_int (self, "SELECT count (*) FROM holder"
                                               " WHERE removed = 0 AND author IS NOT NULL"),
                   ==, 1);
  case_fixture_assert_holds (self);
}

static void
test_a_colleague_signs_as_themselves (CaseFixture *self, gconstpointer data)
{
  g_autofree char *anna = g_strdup (csm_case_get_self (self->acase)->key);
  g_autofree char *kinds = NULL;
  int64_t n = csm_case_count_entries (self->acase, NULL);

  add (self, "Boris", "second", false);
  kinds = get_kinds (self, n);
  g_assert_cmpstr (kinds, ==, "reviewer.add key.added");
  open_as (self, "second", false);
  g_assert_cmpstr (csm_case_get_self (self->acase)->name, ==, "Boris");
  g_assert_cmpstr (csm_case_get_self (self->acase)->key, !=, anna);
  mark_something (self, "by-boris");
  case_fixture_assert_holds (self);
}

static void
test_a_reader_looks_and_signs_nothing (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  const CsmCode code = {
    .id = (char *) "x", .label = (char *) "x", .definition = (char *) "", .source = (char *) ""
  };
  g_autoptr (CsmSecret) typed = secret ("third");
  CsmId slot;

  slot = add (self, "Clara", "second", true);
  g_assert_cmpint (case_fixture_get_int (self, "SELECT count (*) FROM kept_signer"), ==, 1);
  open_as (self, "second", false);
  g_assert_null (csm_case_get_self (self->acase));
  g_assert_false (csm_case_set_code (self->acase, &code, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_READ_ONLY);
  g_clear_error (&error);
  g_assert_false (csm_case_add_key (self->acase, "Dan", typed, false, NULL, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_READ_ONLY);
  g_clear_error (&error);
  g_assert_false (csm_case_rotate (self->acase, &slot, NULL, NULL, NULL, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_READ_ONLY);
  g_clear_error (&error);
  g_assert_null (csm_case_make_recovery (self->acase, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_READ_ONLY);
  case_fixture_assert_holds (self);
}

static void
test_a_reader_changes_the_own_passphrase (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmSecret) typed = secret ("third");

  add (self, "Clara", "second", true);
  open_as (self, "second", false);
  g_assert_true (csm_case_change_passphrase (self->acase, typed, &error));
  case_fixture_close (self);
  g_assert_false (opens_with (self, "second"));
  open_as (self, "third", false);
  case_fixture_assert_holds (self);
}

static void
test_names_and_passphrases_are_one_persons (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmSecret) own = secret ("correct horse");
  g_autoptr (CsmSecret) other = secret ("other");
  const int64_t n = csm_case_count_entries (self->acase, NULL);

  g_assert_false (csm_case_add_key (self->acase, "Anna", other, false, NULL, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_EXISTS);
  g_clear_error (&error);
  g_assert_false (csm_case_add_key (self->acase, "Boris", own, false, NULL, &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_EXISTS);
  g_clear_error (&error);
  g_assert_false (csm_case_add_key (self->acase, "", other, false, NULL, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_INVALID);
  g_assert_cmpint (csm_case_count_entries (self->acase, NULL), ==, n);
  case_fixture_assert_holds (self);
}

/* The slot is in the header when the entry cannot be written. */
static void
test_a_failure_takes_the_slot_out_again (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmSecret) typed = secret ("second");
  const int64_t n = csm_case_count_entries (self->acase, NULL);

  g_assert_true (csm_db_exec (self->acase->db,
                              "CREATE TEMP TRIGGER no BEFORE INSERT ON main.holder"
                              " BEGIN SELECT RAISE (ABORT, 'no'); END",
                              "test", NULL));
  g_assert_false (csm_case_add_key (self->acase, "Boris", typed, false, NULL, &error));
  g_assert_nonnull (error);
  g_assert_cmpint (csm_case_count_entries (self->acase, NULL), ==, n);
  case_fixture_reopen (self);
  case_fixture_assert_holds (self);
  case_fixture_close (self);
  g_assert_false (opens_with (self, "second"));
}

/* Join requests */

static CsmJoinRequest *
make_request (const char *name, const char *passphrase, bool reader)
{
  g_autoptr (CsmSecret) typed = secret (passphrase);
  g_autoptr (GBytes) bytes =
      csm_join_request_make (name, reader, typed, &(CsmVaultCost){ 1, 8192 }, NULL);

  return csm_join_request_parse (bytes, NULL);
}

/* Whether the seed that is kept for the own slot is sealed as a join request brought it. */
static bool
is_kept_as_it_came (CaseFixture *self)
{
  g_autoptr (CsmQuery) query = csm_query_new_once (
      self->acase->db, "test", "SELECT sealed FROM kept_signer WHERE slot = ?");
  g_autoptr (GBytes) sealed = NULL;
  g_autoptr (CsmSecret) seed = NULL;

  csm_query_blob (query, csm_vault_get_own_slot (self->acase->vault), CSM_VAULT_ID_SIZE);
  g_assert_cmpint (csm_query_step (query, NULL), ==, 1);
  sealed = csm_query_dup_bytes (query, 0);
  seed = csm_vault_open_joined (self->acase->vault, sealed);
  return seed != NULL;
}

static void
test_a_request_brings_its_own_signing_key (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmJoinRequest) request = make_request ("Zoë", "far away", false);
  g_autofree char *key = csm_hex_encode (request->signing_key, 32);

  csm_case_add_request (self->acase, request, NULL, &error);
  g_assert_no_error (error);
  case_fixture_assert_holds (self);
  open_as (self, "far away", true);
  g_assert_cmpstr (csm_case_get_self (self->acase)->key, ==, key);
  g_assert_true (is_kept_as_it_came (self));
  open_as (self, "far away", false);
  g_assert_cmpstr (csm_case_get_self (self->acase)->name, ==, "Zoë");
  g_assert_false (is_kept_as_it_came (self));
  mark_something (self, "by-zoe");
  case_fixture_assert_holds (self);
  /* From now on as everybody else. */
  open_as (self, "far away", false);
  g_assert_cmpstr (csm_case_get_self (self->acase)->key, ==, key);
}

static void
test_a_readers_request (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmJoinRequest) request = make_request ("Zoë", "far away", true);

  csm_case_add_request (self->acase, request, NULL, &error);
  g_assert_no_error (error);
  open_as (self, "far away", false);
  g_assert_null (csm_case_get_self (self->acase));
  case_fixture_assert_holds (self);
}

/* The vault turned the slot, and the process ended before the seed was sealed again. */
static void
test_a_first_opening_cut_off (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmJoinRequest) request = make_request ("Zoë", "far away", false);
  g_autoptr (CsmSecret) typed = secret ("far away");
  g_autoptr (CsmVault) vault = NULL;

  csm_case_add_request (self->acase, request, NULL, &error);
  case_fixture_close (self);
  vault = csm_vault_open (self->path, typed, false, &error);
  g_assert_no_error (error);
  g_clear_pointer (&vault, csm_vault_close);
  open_as (self, "far away", false);
  g_assert_cmpstr (csm_case_get_self (self->acase)->name, ==, "Zoë");
  case_fixture_assert_holds (self);
}

/* Rotation */

static void
rotate (CaseFixture *self, const CsmId *without)
{
  g_autoptr (GError) error = NULL;

  csm_case_rotate (self->acase, without, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
test_rotation_starts_a_chain (CaseFixture *self, gconstpointer data)
{
  const int64_t n = csm_case_count_entries (self->acase, NULL);
  g_autofree char *kinds = NULL;
  g_autoptr (GPtrArray) entries = NULL;

  rotate (self, NULL);
  kinds = get_kinds (self, n);
  g_assert_cmpstr (kinds, ==, "chain.start key.rotated");
  entries = csm_case_list_entries (self->acase, n, 2, NULL);
  g_assert_cmpstr (csm_json_get_string (csm_entry_get_content (entries->pdata[0]), "reason"),
                   ==, "rotated");
  mark_something (self, "after");
  case_fixture_assert_holds (self);
  case_fixture_reopen (self);
  mark_something (self, "after-that");
  g_assert_cmpint (csm_case_count_entries (self->acase, NULL), ==, n + 4);
  case_fixture_assert_holds (self);
}

static void
test_rotation_keeps_exhibits (CaseFixture *self, gconstpointer data)
{
  g_autoptr (CsmExhibit) exhibit = case_fixture_import (self, "clip.mp4", 200000, 1);
  g_autoptr (CsmMark) mark = case_fixture_mark (self, exhibit, 1, 2, "baton", "needle");

  rotate (self, NULL);
  case_fixture_assert_holds (self);
  case_fixture_reopen (self);
  case_fixture_assert_holds (self);
}

static void
test_removal_takes_the_key_away (CaseFixture *self, gconstpointer data)
{
  const CsmId slot = add (self, "Boris", "second", false);
  const int64_t n = csm_case_count_entries (self->acase, NULL);
  g_autofree char *kinds = NULL;
  g_autoptr (GPtrArray) keys = NULL;

  rotate (self, &slot);
  kinds = get_kinds (self, n);
  g_assert_cmpstr (kinds, ==, "chain.start key.removed key.rotated");
  keys = csm_case_list_keys (self->acase, NULL);
  g_assert_cmpuint (keys->len, ==, 1);
  g_assert_cmpint (case_fixture_get_int (self, "SELECT count (*) FROM kept_signer"), ==, 1);
  g_assert_cmpint (case_fixture_get_int (self, "SELECT removed FROM holder"
                                               " WHERE name = 'Boris'"),
                   ==, 1);
  case_fixture_assert_holds (self);
  case_fixture_close (self);
  g_assert_false (opens_with (self, "second"));
  /* The name is free again; the person is another one. */
  case_fixture_open (self, false);
  add (self, "Boris", "third", false);
  case_fixture_assert_holds (self);
}

static void
test_the_last_is_refused (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) keys = csm_case_list_keys (self->acase, NULL);
  g_autoptr (CsmSecret) code = csm_case_make_recovery (self->acase, NULL);
  const int64_t n = csm_case_count_entries (self->acase, NULL);

  g_assert_nonnull (code);
  g_assert_false (csm_case_rotate (self->acase, &((CsmKeyHolder *) keys->pdata[0])->slot, NULL,
                                   NULL, NULL, &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_SLOTS);
  g_assert_cmpint (csm_case_count_entries (self->acase, NULL), ==, n);
  mark_something (self, "goes-on");
  case_fixture_assert_holds (self);
}

static void
test_a_cancelled_rotation_changes_nothing (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  const int64_t n = csm_case_count_entries (self->acase, NULL);

  g_cancellable_cancel (cancellable);
  g_assert_false (csm_case_rotate (self->acase, NULL, NULL, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (csm_case_count_entries (self->acase, NULL), ==, n);
  mark_something (self, "goes-on");
  case_fixture_assert_holds (self);
}

/* An admin who adds, takes away and rotates holds nobody's seed: what is kept for another slot
 * is sealed, and stays the same bytes. */
static void
test_nobody_gets_anothers_seed (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) boxes = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  const CsmId third = add (self, "Clara", "third", false);
  g_autoptr (CsmQuery) query = NULL;

  add (self, "Boris", "second", false);
  for (int round = 0; round < 2; round++)
    {
      query = csm_query_new_once (self->acase->db, "test",
                                  "SELECT k.sealed FROM kept_signer AS k JOIN holder AS h"
                                  " ON h.slot = k.slot WHERE h.name = 'Boris'");
      g_assert_cmpint (csm_query_step (query, NULL), ==, 1);
      g_ptr_array_add (boxes, csm_query_dup_bytes (query, 0));
      g_clear_pointer (&query, csm_query_free);
      g_assert_null (csm_vault_open_sealed (self->acase->vault, boxes->pdata[round], NULL));
      g_assert_null (csm_vault_open_joined (self->acase->vault, boxes->pdata[round]));
      if (round == 0)
        rotate (self, &third);
    }
  g_assert_true (g_bytes_equal (boxes->pdata[0], boxes->pdata[1]));
  open_as (self, "second", false);
  mark_something (self, "still-boris");
  case_fixture_assert_holds (self);
}

/* Recovery */

static void
test_a_new_code_replaces_the_old (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmSecret) first = csm_case_make_recovery (self->acase, &error);
  g_autoptr (CsmSecret) second = csm_case_make_recovery (self->acase, &error);

  g_assert_no_error (error);
  g_assert_cmpint (case_fixture_get_int (self, "SELECT count (*) FROM kept_signer"), ==, 2);
  case_fixture_close (self);
  g_assert_false (opens_with (self, (const char *) csm_secret_peek (first)));
  open_as (self, (const char *) csm_secret_peek (second), false);
  g_assert_cmpstr (csm_case_get_self (self->acase)->name, ==, "Anna (recovery)");
  case_fixture_assert_holds (self);
}

static void
test_recovery_then_a_passphrase_signs (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmSecret) code = csm_case_make_recovery (self->acase, &error);
  g_autoptr (CsmSecret) typed = secret ("new one");
  g_autofree char *key = NULL;

  open_as (self, (const char *) csm_secret_peek (code), false);
  key = g_strdup (csm_case_get_self (self->acase)->key);
  g_assert_true (csm_case_change_passphrase (self->acase, typed, &error));
  open_as (self, "new one", false);
  g_assert_cmpstr (csm_case_get_self (self->acase)->key, ==, key);
  case_fixture_assert_holds (self);
}

static void
test_rotation_keeps_the_code (CaseFixture *self, gconstpointer data)
{
  g_autoptr (CsmSecret) code = csm_case_make_recovery (self->acase, NULL);

  rotate (self, NULL);
  open_as (self, (const char *) csm_secret_peek (code), false);
  case_fixture_assert_holds (self);
}

/* Verify */

static void
test_a_slot_without_an_entry_is_named (CaseFixture *self, gconstpointer data)
{
  g_autoptr (CsmSecret) typed = secret ("second");
  uint8_t slot[CSM_VAULT_ID_SIZE];

  g_assert_true (csm_vault_add_slot (self->acase->vault, typed, slot, NULL));
  case_fixture_assert_broken (self, "no entry says who holds the key slot");
}

/* As after a merge: somebody took the key away in the other copy. */
static void
test_a_key_taken_away_elsewhere_is_noted (CaseFixture *self, gconstpointer data)
{
  const CsmId slot = add (self, "Boris", "second", false);
  g_autoptr (json_t) body = json_pack ("{s:s, s:i}", "name", "Boris", "header_seq", 1);
  g_autofree char *all = NULL;
  g_autofree char *broken = NULL;

  g_assert_true (csm_case_sign (self->acase, "key.removed", &slot, NULL, body, NULL));
  broken = case_fixture_verify (self, false, &all);
  g_assert_cmpstr (broken, ==, "");
  g_assert_nonnull (strstr (all, "note|Key slots|the key of Boris was taken away"));
  rotate (self, &slot);
  case_fixture_assert_holds (self);
}

static void
test_another_signing_key_is_named (CaseFixture *self, gconstpointer data)
{
  add (self, "Boris", "second", false);
  case_fixture_tamper (self, "UPDATE kept_signer SET author = (SELECT key FROM reviewer"
                             " WHERE name = 'Anna')");
  case_fixture_assert_broken (self, "does not sign as its entry says");
}

static void
test_bodies_are_checked (CaseFixture *self, gconstpointer data)
{
  static const struct
  {
    const char *kind;
    bool subject;
    const char *body;
    const char *says;
  } bodies[] = {
    { "key.added", false, "{\"name\":\"x\",\"key\":null,\"how\":\"request\",\"header_seq\":1}",
      "names no key slot" },
    { "key.added", true, "{\"key\":null,\"how\":\"request\",\"header_seq\":1}", "'name'" },
    { "key.added", true, "{\"name\":\"x\",\"key\":\"00\",\"how\":\"request\",\"header_seq\":1}",
      "is no SHA-256" },
    { "key.added", true,
      "{\"name\":\"x\",\"key\":\""
      "0000000000000000000000000000000000000000000000000000000000000000"
      "\",\"how\":\"request\",\"header_seq\":1}",
      "no reviewer" },
    { "key.added", true, "{\"name\":\"x\",\"key\":null,\"how\":\"request\"}", "'header_seq'" },
    { "key.removed", false, "{\"name\":\"x\",\"header_seq\":1}", "names no key slot" },
    { "key.removed", true, "{\"header_seq\":1}", "'name'" },
    { "key.rotated", false, "{\"old_file_id\":\"00\",\"header_seq\":1}", "'old_file_id'" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (json_t) body = json_loads (bodies[i].body, 0, NULL);
      const CsmId subject = csm_id_new ();

      g_assert_false (csm_case_sign (self->acase, bodies[i].kind,
                                     bodies[i].subject ? &subject : NULL, NULL, body, &error));
      g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_DAMAGED);
      g_assert_nonnull (strstr (error->message, bodies[i].says));
    }
}

/* Any order of changes */

typedef struct
{
  char *name;
  char *passphrase;
  bool reader;
} Person;

static void
person_free (gpointer data)
{
  Person *self = data;

  g_free (self->name);
  g_free (self->passphrase);
  g_free (self);
}

static Person *
person_new (CaseFixture *self, int n)
{
  Person *person = g_new0 (Person, 1);
  g_autoptr (CsmJoinRequest) request = NULL;
  g_autoptr (GError) error = NULL;

  person->name = g_strdup_printf ("Person %d", n);
  person->passphrase = g_strdup_printf ("passphrase %d", n);
  person->reader = g_test_rand_int_range (0, 3) == 0;
  if (n % 2 == 0)
    {
      add (self, person->name, person->passphrase, person->reader);
      return person;
    }
  request = make_request (person->name, person->passphrase, person->reader);
  csm_case_add_request (self->acase, request, NULL, &error);
  g_assert_no_error (error);
  return person;
}

static bool
remove_person (CaseFixture *self, const Person *person)
{
  g_autoptr (GPtrArray) keys = csm_case_list_keys (self->acase, NULL);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < keys->len; i++)
    {
      const CsmKeyHolder *holder = keys->pdata[i];

      if (strcmp (holder->name, person->name) != 0)
        continue;
      if (csm_case_rotate (self->acase, &holder->slot, NULL, NULL, NULL, &error))
        return true;
      g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_SLOTS);
      return false;
    }
  g_assert_not_reached ();
}

static void
change_passphrase (CaseFixture *self, Person *person, int n)
{
  g_autoptr (CsmSecret) typed = NULL;
  g_autoptr (GError) error = NULL;

  g_free (person->passphrase);
  person->passphrase = g_strdup_printf ("changed %d", n);
  typed = secret (person->passphrase);
  csm_case_change_passphrase (self->acase, typed, &error);
  g_assert_no_error (error);
}

static void
step (CaseFixture *self, GPtrArray *people, GPtrArray *out, int n)
{
  Person *who = people->pdata[g_test_rand_int_range (0, (int) people->len)];
  const int what = g_test_rand_int_range (0, 10);
  const guint whom = (guint) g_test_rand_int_range (0, (int) people->len);

  open_as (self, who->passphrase, false);
  if (what == 0 || (who->reader && what < 5))
    {
      g_ptr_array_add (out, g_strdup (who->passphrase));
      change_passphrase (self, who, n);
    }
  else if (who->reader)
    return;
  else if (what < 5 && people->len < 8)
    g_ptr_array_add (people, person_new (self, n));
  else if (what < 8 && remove_person (self, people->pdata[whom]))
    {
      g_ptr_array_add (out, g_strdup (((Person *) people->pdata[whom])->passphrase));
      g_ptr_array_remove_index (people, whom);
    }
  else if (what == 8)
    rotate (self, NULL);
  else if (csm_case_get_self (self->acase) != NULL)
    {
      g_autofree char *id = g_strdup_printf ("code-%d", n);

      mark_something (self, id);
    }
}

/* A reader alone could be left, who cannot add anybody: then nothing is left to do. */
static void
test_any_order (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) people = g_ptr_array_new_with_free_func (person_free);
  g_autoptr (GPtrArray) out = g_ptr_array_new_with_free_func (g_free);
  Person *anna = g_new0 (Person, 1);

  anna->name = g_strdup ("Anna");
  anna->passphrase = g_strdup ("correct horse");
  g_ptr_array_add (people, anna);
  for (int n = 0; n < 40; n++)
    step (self, people, out, n);
  for (guint i = 0; i < people->len; i++)
    {
      const Person *person = people->pdata[i];

      open_as (self, person->passphrase, false);
      g_assert_true ((csm_case_get_self (self->acase) == NULL) == person->reader);
      if (!person->reader)
        g_assert_cmpstr (csm_case_get_self (self->acase)->name, ==, person->name);
      case_fixture_assert_holds (self);
    }
  case_fixture_close (self);
  for (guint i = 0; i < out->len; i++)
    g_assert_false (opens_with (self, out->pdata[i]));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define KEYS "/casement/casefile/keys/"
  case_fixture_add (KEYS "creation-says-who-holds-the-first",
                    test_creation_says_who_holds_the_first);
  case_fixture_add (KEYS "a-colleague-signs-as-themselves",
                    test_a_colleague_signs_as_themselves);
  case_fixture_add (KEYS "a-reader-looks-and-signs-nothing",
                    test_a_reader_looks_and_signs_nothing);
  case_fixture_add (KEYS "a-reader-changes-the-own-passphrase",
                    test_a_reader_changes_the_own_passphrase);
  case_fixture_add (KEYS "names-and-passphrases-are-one-persons",
                    test_names_and_passphrases_are_one_persons);
  case_fixture_add (KEYS "a-failure-takes-the-slot-out-again",
                    test_a_failure_takes_the_slot_out_again);
  case_fixture_add (KEYS "a-request-brings-its-own-signing-key",
                    test_a_request_brings_its_own_signing_key);
  case_fixture_add (KEYS "a-readers-request", test_a_readers_request);
  case_fixture_add (KEYS "a-first-opening-cut-off", test_a_first_opening_cut_off);
  case_fixture_add (KEYS "rotation-starts-a-chain", test_rotation_starts_a_chain);
  case_fixture_add (KEYS "rotation-keeps-exhibits", test_rotation_keeps_exhibits);
  case_fixture_add (KEYS "removal-takes-the-key-away", test_removal_takes_the_key_away);
  case_fixture_add (KEYS "the-last-is-refused", test_the_last_is_refused);
  case_fixture_add (KEYS "a-cancelled-rotation-changes-nothing",
                    test_a_cancelled_rotation_changes_nothing);
  case_fixture_add (KEYS "nobody-gets-anothers-seed", test_nobody_gets_anothers_seed);
  case_fixture_add (KEYS "a-new-code-replaces-the-old", test_a_new_code_replaces_the_old);
  case_fixture_add (KEYS "recovery-then-a-passphrase-signs",
                    test_recovery_then_a_passphrase_signs);
  case_fixture_add (KEYS "rotation-keeps-the-code", test_rotation_keeps_the_code);
  case_fixture_add (KEYS "a-slot-without-an-entry-is-named",
                    test_a_slot_without_an_entry_is_named);
  case_fixture_add (KEYS "a-key-taken-away-elsewhere-is-noted",
                    test_a_key_taken_away_elsewhere_is_noted);
  case_fixture_add (KEYS "another-signing-key-is-named", test_another_signing_key_is_named);
  case_fixture_add (KEYS "bodies-are-checked", test_bodies_are_checked);
  case_fixture_add (KEYS "any-order", test_any_order);
  return g_test_run ();
}
