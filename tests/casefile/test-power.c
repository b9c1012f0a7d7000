/* test-power.c: power cuts, kills and a failing disk under a whole case
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-case-fixture.h"
#include "csm-lossy-disk.h"

#include "casefile/csm-case-erase.h"
#include "casefile/csm-case-keys.h"
#include "casefile/csm-case-private.h"

#include <errno.h>
#include <string.h>

/* The environment's CSM_ROUNDS for a longer run. */
#define ROUNDS 60
#define ROUNDS_A_CASE 12
#define PATH "/case.casement"

/* After each cut a case verifies, and holds what was acknowledged: as it stands in now, or,
 * when a change was in flight, in next. */
typedef struct
{
  CaseFixture parent;
  bool with_errors;
  bool lies; /* the disk says that it synced, once the case is made */
  int n;     /* makes texts and names */

  GHashTable *now;            /* id of a mark or exhibit: "EXHIBIT TEXT" */
  GHashTable *next;           /* (nullable) */
  CsmSecret *next_passphrase; /* (nullable) */
} Power;

static int
roll (int n)
{
  return g_test_rand_int_range (0, n);
}

static GHashTable *
state_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

static GHashTable *
state_copy (GHashTable *from)
{
  GHashTable *copy = state_new ();
  GHashTableIter iter;
  gpointer id, value;

  g_hash_table_iter_init (&iter, from);
  while (g_hash_table_iter_next (&iter, &id, &value))
    g_hash_table_insert (copy, g_strdup (id), g_strdup (value));
  return copy;
}

static int
compare_strings (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* (transfer full) (element-type utf8): ids of the marks, or of the exhibits. */
static GPtrArray *
list_ids (GHashTable *state, bool marks)
{
  GPtrArray *ids = g_ptr_array_new_with_free_func (g_free);
  GHashTableIter iter;
  gpointer id, value;

  g_hash_table_iter_init (&iter, state);
  while (g_hash_table_iter_next (&iter, &id, &value))
    if ((strchr (value, ' ') != NULL) == marks)
      g_ptr_array_add (ids, g_strdup (id));
  g_ptr_array_sort (ids, compare_strings);
  return ids;
}

/* (transfer full) (nullable) */
static char *
pick (GHashTable *state, bool marks)
{
  g_autoptr (GPtrArray) ids = list_ids (state, marks);

  return ids->len > 0 ? g_strdup (ids->pdata[roll ((int) ids->len)]) : NULL;
}

static bool
is_same (GHashTable *a, GHashTable *b)
{
  GHashTableIter iter;
  gpointer id, value;

  if (g_hash_table_size (a) != g_hash_table_size (b))
    return false;
  g_hash_table_iter_init (&iter, a);
  while (g_hash_table_iter_next (&iter, &id, &value))
    if (g_strcmp0 (g_hash_table_lookup (b, id), value) != 0)
      return false;
  return true;
}

static void
forget_next (Power *self)
{
  g_clear_pointer (&self->next, g_hash_table_unref);
  g_clear_pointer (&self->next_passphrase, csm_secret_unref);
}

static void
take_next (Power *self)
{
  g_hash_table_unref (self->now);
  self->now = g_steal_pointer (&self->next);
}

static void
take_next_passphrase (Power *self)
{
  csm_secret_unref (self->parent.passphrase);
  self->parent.passphrase = g_steal_pointer (&self->next_passphrase);
}

static void
acknowledge (Power *self, bool done)
{
  if (!done)
    return;
  if (self->next != NULL)
    take_next (self);
  if (self->next_passphrase != NULL)
    take_next_passphrase (self);
}

/* --- changes: each returns whether it was acknowledged --- */

static bool
set_mark (Power *self)
{
  g_autofree char *exhibit = pick (self->now, false);
  g_autofree char *changed = roll (3) == 0 ? pick (self->now, true) : NULL;
  g_autofree char *text = g_strdup_printf ("baton %d", self->n++);
  g_autoptr (CsmExhibit) on = NULL;
  CsmId id;
  CsmMark mark;

  if (exhibit == NULL)
    return true;
  if (changed != NULL)
    {
      g_free (exhibit);
      exhibit = g_strdup (g_hash_table_lookup (self->now, changed));
      *strchr (exhibit, ' ') = '\0';
    }
  g_assert_true (csm_id_parse (exhibit, &id));
  on = csm_case_get_exhibit (self->parent.acase, &id, NULL);
  if (on == NULL)
    return false;
  mark = case_fixture_new_mark (on, 2, 4);
  mark.text = text;
  if (changed != NULL)
    g_assert_true (csm_id_parse (changed, &mark.id));
  self->next = state_copy (self->now);
  g_hash_table_replace (self->next, g_strdup (mark.id.hex),
                        g_strdup_printf ("%s %s", exhibit, text));
  return csm_case_set_mark (self->parent.acase, &mark, NULL, 0, NULL, NULL);
}

static bool
take_mark_away (Power *self, bool erase)
{
  g_autofree char *mark = pick (self->now, true);
  g_autoptr (CsmEraseReport) report = NULL;
  CsmId id;

  if (mark == NULL)
    return true;
  g_assert_true (csm_id_parse (mark, &id));
  self->next = state_copy (self->now);
  g_hash_table_remove (self->next, mark);
  return erase ? csm_case_erase_mark (self->parent.acase, &id, "asked for", NULL, NULL, &report,
                                      NULL)
               : csm_case_remove_mark (self->parent.acase, &id, NULL);
}

static bool
import (Power *self)
{
  const int size = 1 + roll (150000);
  g_autofree char *name = g_strdup_printf ("%d.mp4", self->n);
  g_autofree uint8_t *bytes = g_malloc ((size_t) size);
  g_autoptr (CsmMediaWriter) writer = NULL;
  g_autoptr (CsmMediaRef) ref = NULL;
  g_autoptr (CsmExhibit) exhibit = NULL;
  CsmDigest sha256;

  for (int i = 0; i < size; i++)
    bytes[i] = (uint8_t) (i * 7 + self->n);
  self->n++;
  csm_sha256 (bytes, (size_t) size, &sha256);
  writer = csm_media_store_begin (csm_case_get_media_store (self->parent.acase), NULL);
  if (writer == NULL || !csm_media_writer_write (writer, bytes, (size_t) size, NULL) ||
      (ref = csm_media_writer_finish (writer, NULL)) == NULL)
    return false;
  exhibit = csm_case_add_exhibit (self->parent.acase, name, "/stick/x.mp4", &sha256, size, NULL,
                                  ref, NULL, NULL);
  if (exhibit == NULL)
    return false; /* in doubt: see adopt_unnamed() */
  g_hash_table_insert (self->now, g_strdup (exhibit->id.hex), g_strdup (exhibit->id.hex));
  return true;
}

static bool
erase_exhibit (Power *self)
{
  g_autofree char *exhibit = pick (self->now, false);
  g_autoptr (CsmEraseReport) report = NULL;
  GHashTableIter iter;
  gpointer value;
  CsmId id;

  if (exhibit == NULL)
    return true;
  g_assert_true (csm_id_parse (exhibit, &id));
  self->next = state_copy (self->now);
  g_hash_table_iter_init (&iter, self->next);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (g_str_has_prefix (value, exhibit))
      g_hash_table_iter_remove (&iter);
  return csm_case_erase_exhibit (self->parent.acase, &id, "asked for", NULL, NULL, &report,
                                 NULL);
}

static bool
change_passphrase (Power *self)
{
  g_autofree char *text = g_strdup_printf ("passphrase %d", self->n++);

  self->next_passphrase = csm_secret_new_from (text, strlen (text));
  return csm_case_change_passphrase (self->parent.acase, self->next_passphrase, NULL);
}

static bool
add_key (Power *self)
{
  g_autofree char *text = g_strdup_printf ("Reviewer %d", self->n++);
  g_autoptr (CsmSecret) passphrase = csm_secret_new_from (text, strlen (text));
  g_autoptr (GPtrArray) keys = csm_case_list_keys (self->parent.acase, NULL);

  return keys == NULL || keys->len > 5 ||
         csm_case_add_key (self->parent.acase, text, passphrase, roll (3) == 0, NULL, NULL);
}

/* False when it was not acknowledged. */
static bool
change (Power *self)
{
  const int what = roll (40);
  bool done;

  forget_next (self);
  if (what < 24)
    done = set_mark (self);
  else if (what < 30)
    done = import (self);
  else if (what < 34)
    done = take_mark_away (self, what == 33);
  else if (what == 34)
    done = erase_exhibit (self);
  else if (what == 35)
    done = csm_case_rotate (self->parent.acase, NULL, NULL, NULL, NULL, NULL);
  else if (what == 36)
    done = change_passphrase (self);
  else if (what == 37)
    done = add_key (self);
  else
    done = csm_case_record_access (self->parent.acase, "opened", NULL, NULL, NULL);
  acknowledge (self, done);
  return done;
}

/* --- looking --- */

/* (transfer full): what the case says now. */
static GHashTable *
read_state (Power *self)
{
  g_autoptr (CsmQuery) query = csm_query_new_once (
      self->parent.acase->db, "test",
      "SELECT lower (hex (id)), lower (hex (id)) FROM exhibit WHERE removed = 0 UNION ALL "
      "SELECT lower (hex (id)), lower (hex (exhibit)) || ' ' || text FROM mark"
      " WHERE removed = 0");
  GHashTable *state = state_new ();

  while (csm_query_step (query, NULL) > 0)
    g_hash_table_insert (state, csm_query_dup_text (query, 0), csm_query_dup_text (query, 1));
  return state;
}

/* An import that was not acknowledged may be there, under an id that nobody was told. */
static void
adopt_unnamed (GHashTable *state, GHashTable *found)
{
  g_autoptr (GPtrArray) exhibits = list_ids (found, false);
  int n_unnamed = 0;

  for (guint i = 0; i < exhibits->len; i++)
    if (!g_hash_table_contains (state, exhibits->pdata[i]) && n_unnamed++ == 0)
      g_hash_table_insert (state, g_strdup (exhibits->pdata[i]), g_strdup (exhibits->pdata[i]));
}

static bool
open_case (Power *self, GError **error)
{
  self->parent.acase = csm_case_open (PATH, self->parent.passphrase, false, error);
  if (self->parent.acase != NULL || self->next_passphrase == NULL ||
      !g_error_matches (*error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_WRONG_PASSPHRASE))
    return self->parent.acase != NULL;
  g_clear_error (error);
  take_next_passphrase (self);
  self->parent.acase = csm_case_open (PATH, self->parent.passphrase, false, error);
  return self->parent.acase != NULL;
}

static void
tell (const char *what, GHashTable *state)
{
  for (int marks = 0; marks < 2; marks++)
    {
      g_autoptr (GPtrArray) ids = list_ids (state, marks != 0);

      for (guint i = 0; i < ids->len; i++)
        g_test_message ("%s: %s %s", what, (char *) ids->pdata[i],
                        (char *) g_hash_table_lookup (state, ids->pdata[i]));
    }
}

/* An adding that was cut off can leave a key that nobody holds; verify says to take it away. */
static void
take_away_unheld (Power *self)
{
  g_autoptr (GPtrArray) keys = csm_case_list_keys (self->parent.acase, NULL);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < keys->len; i++)
    {
      const CsmKeyHolder *holder = keys->pdata[i];

      if (*holder->name == '\0' && holder->type != CSM_SLOT_RECOVERY)
        csm_case_rotate (self->parent.acase, &holder->slot, NULL, NULL, NULL, &error);
      g_assert_no_error (error);
    }
}

/* Opens it; what holds is what holds from now on. */
static void
assert_whole (Power *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GHashTable) found = NULL;
  g_autofree char *torn = NULL;

  open_case (self, &error);
  g_assert_no_error (error);
  g_assert_false (csm_case_is_read_only (self->parent.acase));
  /* The end of a log that was being written is said until the case was closed once. */
  torn = csm_vault_dup_loss (self->parent.acase->vault);
  if (torn != NULL)
    case_fixture_reopen (&self->parent);
  take_away_unheld (self);
  case_fixture_assert_holds (&self->parent);
  found = read_state (self);
  if (self->next != NULL && is_same (found, self->next))
    take_next (self);
  else if (self->next == NULL)
    adopt_unnamed (self->now, found);
  if (!is_same (found, self->now))
    {
      tell ("found", found);
      tell ("expected", self->now);
      if (self->next != NULL)
        tell ("or", self->next);
      g_assert_not_reached ();
    }
  forget_next (self);
}

/* --- rounds --- */

static void
make_case (Power *self)
{
  CsmCaseOptions options;
  g_autoptr (GError) error = NULL;

  lossy_disk_clear ();
  forget_next (self);
  g_hash_table_remove_all (self->now);
  g_clear_pointer (&self->parent.passphrase, csm_secret_unref);
  self->parent.passphrase = csm_secret_new_from ("first", 5);
  options = case_fixture_options (&self->parent);
  self->parent.acase = csm_case_create (PATH, &options, NULL, &error);
  g_assert_no_error (error);
  lossy_disk_lie (self->lies);
}

/* Changes until the power goes. */
static void
work (Power *self)
{
  while (!lossy_disk_is_dead ())
    {
      if (self->with_errors && roll (4) == 0)
        lossy_disk_fail (&(CsmLossyFailure){ LOSSY_CHANGES, roll (60),
                                             roll (2) != 0 ? EIO : ENOSPC, false });
      if (change (self) || lossy_disk_is_dead ())
        continue;
      /* After an error the case is closed and opened again, as the app does. */
      g_assert_true (self->with_errors);
      lossy_disk_fail (NULL);
      case_fixture_close (&self->parent);
      if (lossy_disk_is_dead ())
        break;
      lossy_disk_cut_after (-1);
      assert_whole (self);
      lossy_disk_cut_after (roll (400));
    }
  lossy_disk_fail (NULL);
}

static void
run_round (Power *self)
{
  lossy_disk_cut_after (roll (500));
  work (self);
  case_fixture_close (&self->parent);
  if (!lossy_disk_has_dropped () && roll (3) == 0)
    {
      lossy_disk_restart ();
      assert_whole (self);
      lossy_disk_cut_after (roll (60));
      work (self);
      case_fixture_close (&self->parent);
    }
  lossy_disk_power_on ();
  assert_whole (self);
}

static void
run (bool with_errors, int sector, bool lies)
{
  const int rounds = case_fixture_get_setting ("CSM_ROUNDS", ROUNDS);
  Power self = { .with_errors = with_errors, .lies = lies, .now = state_new () };

  self.parent.path = (char *) PATH;
  lossy_disk_start (&(CsmLossyConfig){ .sector = sector });
  for (int round = 0; round < rounds; round++)
    {
      if (round % ROUNDS_A_CASE == 0)
        {
          case_fixture_close (&self.parent);
          make_case (&self);
        }
      run_round (&self);
      g_test_message ("round %d: %u marks and exhibits, %" G_GINT64_FORMAT " entries", round,
                      g_hash_table_size (self.now),
                      csm_case_count_entries (self.parent.acase, NULL));
    }
  case_fixture_close (&self.parent);
  csm_secret_unref (self.parent.passphrase);
  forget_next (&self);
  g_hash_table_unref (self.now);
  lossy_disk_stop ();
}

static void
test_own_bytes (void)
{
  run (false, 0, false);
}

static void
test_large_sectors_and_errors (void)
{
  run (true, 4096, false);
}

/* Were nothing ever lost, the rounds above would say nothing. */
static void
test_a_lying_disk_is_noticed (void)
{
  if (g_test_subprocess ())
    {
      run (false, 0, true);
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/casement/casefile/power/own-bytes", test_own_bytes);
  g_test_add_func ("/casement/casefile/power/large-sectors-and-errors",
                   test_large_sectors_and_errors);
  g_test_add_func ("/casement/casefile/power/a-lying-disk-is-noticed",
                   test_a_lying_disk_is_noticed);
  return g_test_run ();
}
