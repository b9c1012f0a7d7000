/* csm-case-erase.c: what somebody who withdrew consent may ask for
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case-erase.h"

#include "casefile/csm-erase-private.h"
#include "casefile/csm-ledger-guard.h"
#include "casefile/csm-rederive.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static const char what[] = "erase";

void
csm_erase_report_free (CsmEraseReport *self)
{
  if (self == NULL)
    return;
  g_free (self->what);
  g_free (self->file_is_left);
  g_free (self);
}

/* One run. */
typedef struct
{
  CsmCase *acase;
  const char *reason;
  const CsmId *exhibit; /* (nullable) */
  GArray *entries;      /* of CsmDigest, sorted */
  CsmMediaRef *ref;     /* (nullable): goes when the entries are gone */
  CsmEraseReport *report;
} Erase;

static void
erase_clear (Erase *self)
{
  g_clear_pointer (&self->entries, g_array_unref);
  csm_media_ref_free (self->ref);
  csm_erase_report_free (self->report);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Erase, erase_clear)

/* --- the entry that says so --- */

static json_t *
build_body (const GArray *entries,
            guint from,
            guint to,
            const CsmId *exhibit,
            const char *reason)
{
  json_t *body = json_object ();
  json_t *ids = json_array ();

  for (guint i = from; i < to; i++)
    {
      char hex[CSM_DIGEST_HEX_SIZE];

      csm_digest_to_hex (&g_array_index (entries, CsmDigest, i), hex);
      json_array_append_new (ids, json_string (hex));
    }
  json_object_set_new (body, "entries", ids);
  json_object_set_new (body, "exhibit",
                       csm_json_nullable (exhibit != NULL ? exhibit->hex : NULL));
  json_object_set_new (body, "reason", json_string (reason));
  return body;
}

/* At least one entry, so that an exhibit is erased for those who merge, whatever it had. */
gboolean
csm_erase_sign (CsmChange *change,
                const GArray *entries,
                const CsmId *exhibit,
                const char *reason,
                GError **error)
{
  guint from = 0;

  do
    {
      const guint to = MIN (from + CSM_MAX_ERASED, entries->len);
      g_autoptr (json_t) body = build_body (entries, from, to, exhibit, reason);

      if (!csm_change_sign (change, "erase.entries", exhibit, NULL, body, NULL, error))
        return FALSE;
      from = to;
  } while (from < entries->len);
  return TRUE;
}

/* --- taking out --- */

gboolean
csm_erase_drop_bodies (CsmDb *db, const GArray *entries, GError **error)
{
  g_autofree char *triggers = csm_ledger_unguard (db, error);

  if (triggers == NULL)
    return FALSE;
  for (guint i = 0; i < entries->len; i++)
    {
      g_autoptr (CsmQuery) query =
          csm_query_new (db, what, "UPDATE entry SET body = NULL WHERE id = ?");

      csm_query_digest (query, &g_array_index (entries, CsmDigest, i));
      if (!csm_query_run (query, error))
        return FALSE;
    }
  return csm_ledger_guard (db, triggers, error);
}

/* With the media key goes what its file could ever say. */
gboolean
csm_erase_drop_kept (CsmDb *db, const CsmId *exhibit, GError **error)
{
  static const char *const sql[] = {
    "DELETE FROM kept_media WHERE exhibit = ?", "DELETE FROM kept_facts WHERE exhibit = ?",
    "DELETE FROM kept_index WHERE exhibit = ?", "DELETE FROM kept_thumbnail WHERE exhibit = ?",
    "DELETE FROM kept_sound WHERE exhibit = ?", "DELETE FROM kept_track WHERE exhibit = ?",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (sql); i++)
    {
      g_autoptr (CsmQuery) query = csm_query_new (db, what, sql[i]);

      csm_query_id (query, exhibit);
      if (!csm_query_run (query, error))
        return FALSE;
    }
  return TRUE;
}

/* What was overwritten leaves the log too: pages that held it are zeros, or written over. */
gboolean
csm_erase_clean_log (CsmCase *self, GError **error)
{
  const int rc = sqlite3_wal_checkpoint_v2 (csm_db_get_handle (self->db), "main",
                                            SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);

  return rc == SQLITE_OK ? TRUE : csm_db_fail (self->db, rc, "empty the log", error);
}

static gboolean
commit_erasure (Erase *self, GError **error)
{
  CsmDb *db = self->acase->db;
  g_autoptr (CsmChange) change = csm_change_begin (self->acase, error);

  return change != NULL &&
         csm_erase_sign (change, self->entries, self->exhibit, self->reason, error) &&
         csm_erase_drop_bodies (db, self->entries, error) &&
         (self->exhibit == NULL || csm_erase_drop_kept (db, self->exhibit, error)) &&
         csm_rederive_begin (db, error) && csm_change_commit (change, error);
}

/* The key is gone by now: what could not be removed is a file that nothing opens. */
static void
remove_file (Erase *self)
{
  g_autoptr (GError) error = NULL;

  if (self->ref == NULL)
    return;
  if (self->acase->media == NULL)
    self->report->file_is_left =
        g_strdup (_ ("its stored file is not beside the case; nothing opens it any more"));
  else if (csm_media_store_remove (self->acase->media, self->ref, &error))
    self->report->file_is_gone = true;
  else
    self->report->file_is_left = g_strdup_printf (
        _ ("its stored file could not be removed (%s); nothing opens it any more"),
        error->message);
}

static gboolean
run (Erase *self,
     CsmProgressCallback progress,
     gpointer data,
     CsmEraseReport **ret_report,
     GError **error)
{
  if (!commit_erasure (self, error) ||
      !csm_case_rederive (self->acase, progress, data, NULL, error) ||
      !csm_erase_clean_log (self->acase, error))
    return FALSE;
  remove_file (self);
  self->report->n_entries = self->entries->len;
  if (ret_report != NULL)
    *ret_report = g_steal_pointer (&self->report);
  return TRUE;
}

static gboolean
check_reason (const char *reason, GError **error)
{
  g_autofree char *stripped = reason != NULL ? g_strstrip (g_strdup (reason)) : NULL;

  if (stripped == NULL || *stripped == '\0')
    return csm_case_fail (error, CSM_CASE_ERROR_INVALID,
                          "an erasure needs a reason: it stays in the ledger");
  return csm_case_check_text (reason, "the reason", error);
}

/* --- an exhibit --- */

bool
csm_case_find_erasable (CsmCase *self, const char *name, CsmId *ret_exhibit)
{
  g_autoptr (CsmQuery) query = NULL;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (name != NULL && ret_exhibit != NULL, false);
  query = csm_query_new (self->db, "read the exhibits",
                         "SELECT id FROM exhibit WHERE number = ?1 OR lower (hex (id)) = ?1"
                         " OR lower (hex (sha256)) = ?1 ORDER BY removed, position LIMIT 1");
  csm_query_text (query, name);
  return csm_query_step (query, NULL) > 0 && csm_query_get_id (query, 0, ret_exhibit);
}

/* (transfer full) (nullable) */
static char *
dup_name (CsmCase *self, const CsmId *exhibit, GError **error)
{
  g_autoptr (CsmQuery) query = csm_query_new (
      self->db, "read the exhibit", "SELECT number || ' ' || name FROM exhibit WHERE id = ?");
  int step;

  csm_query_id (query, exhibit);
  step = csm_query_step (query, error);
  if (step == 0)
    csm_case_fail (error, CSM_CASE_ERROR_NOT_FOUND,
                   "there is no exhibit with the id %s, or it is erased already", exhibit->hex);
  return step > 0 ? csm_query_dup_text (query, 0) : NULL;
}

gboolean
csm_case_erase_exhibit (CsmCase *self,
                        const CsmId *exhibit,
                        const char *reason,
                        CsmProgressCallback progress,
                        gpointer data,
                        CsmEraseReport **ret_report,
                        GError **error)
{
  g_auto (Erase) erase = { .acase = self, .reason = reason, .exhibit = exhibit };
  g_autofree char *link_path = NULL;
  g_autofree char *name = NULL;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (exhibit != NULL, FALSE);
  name = dup_name (self, exhibit, error);
  if (name == NULL || !check_reason (reason, error))
    return FALSE;
  erase.report = g_new0 (CsmEraseReport, 1);
  erase.report->what = g_steal_pointer (&name);
  /* A key that is lost already stands in nobody's way. */
  erase.ref = csm_case_get_media_ref (self, exhibit, &link_path, NULL);
  if (link_path != NULL)
    erase.report->file_is_left =
        g_strdup (_ ("its file was linked: it stays where it is, not encrypted"));
  erase.entries = csm_erase_list_exhibit (self->db, exhibit, error);
  return erase.entries != NULL && run (&erase, progress, data, ret_report, error);
}

/* --- a mark --- */

static GArray *
list_mark_entries (CsmDb *db, const CsmId *mark, GError **error)
{
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (CsmDigest));
  g_autoptr (CsmQuery) query =
      csm_query_new (db, what,
                     "SELECT n.id FROM event AS v JOIN entry AS n ON n.id = v.id"
                     " WHERE v.subject = ? AND v.kind GLOB 'mark.*' AND n.body IS NOT NULL"
                     " ORDER BY n.id");
  int step;

  csm_query_id (query, mark);
  while ((step = csm_query_step (query, error)) > 0)
    {
      CsmDigest id;

      csm_query_get_digest (query, 0, &id);
      g_array_append_val (entries, id);
    }
  return step == 0 ? g_steal_pointer (&entries) : NULL;
}

gboolean
csm_case_erase_mark (CsmCase *self,
                     const CsmId *mark,
                     const char *reason,
                     CsmProgressCallback progress,
                     gpointer data,
                     CsmEraseReport **ret_report,
                     GError **error)
{
  g_auto (Erase) erase = { .acase = self, .reason = reason };

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (mark != NULL, FALSE);
  if (!check_reason (reason, error))
    return FALSE;
  erase.entries = list_mark_entries (self->db, mark, error);
  if (erase.entries == NULL)
    return FALSE;
  if (erase.entries->len == 0)
    return csm_case_fail (error, CSM_CASE_ERROR_NOT_FOUND,
                          "there is no mark with the id %s, or it is erased already",
                          mark->hex);
  erase.report = g_new0 (CsmEraseReport, 1);
  erase.report->what = g_strdup_printf (_ ("the mark %.8s..."), mark->hex);
  return run (&erase, progress, data, ret_report, error);
}

/* --- one entry --- */

bool
csm_case_has_entry (CsmCase *self, const CsmDigest *entry)
{
  g_autoptr (CsmEntry) there = NULL;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (entry != NULL, false);
  there = csm_case_load_entry (self, entry, NULL);
  return there != NULL;
}

static const struct
{
  const char *prefix;
  const char *why; /* NULL: it may be erased */
} rules[] = {
  { "mark.set", NULL },
  { "exhibit.set", NULL },
  { "access.", NULL },
  { "exhibit.add", N_ ("it is what an exhibit rests on; erase the exhibit itself") },
  { "exhibit.", N_ ("it says nothing about anybody; erase the exhibit itself") },
  { "mark.", N_ ("it says nothing about anybody; erase the mark itself") },
  { "case.create", N_ ("without it there is no case") },
  { "case.", N_ ("it says where entries came from") },
  { "reviewer.", N_ ("it says whose signatures the case holds") },
  { "key.", N_ ("it says who could open the case, and since when") },
  { "chain.", N_ ("it says where a chain goes on from") },
  { "erase.", N_ ("it explains what is missing") },
  { "code.", N_ ("marks rest on the code; change the code instead") },
  { "receipt.", N_ ("the ledger is dated by it") },
  { "anchor.", N_ ("the ledger is dated by it") },
};

static gboolean
check_may_erase (const CsmEntry *entry, GError **error)
{
  const char *kind = csm_entry_get_kind (entry);

  for (size_t i = 0; i < G_N_ELEMENTS (rules); i++)
    if (g_str_has_prefix (kind, rules[i].prefix))
      return rules[i].why == NULL ? TRUE
                                  : csm_case_fail (error, CSM_CASE_ERROR_INVALID,
                                                   "an entry of the kind %s is not erased: %s",
                                                   kind, _ (rules[i].why));
  return csm_case_fail (error, CSM_CASE_ERROR_INVALID,
                        "this version does not know what rests on an entry of the kind %s",
                        kind);
}

gboolean
csm_case_erase_entry (CsmCase *self,
                      const CsmDigest *entry,
                      const char *reason,
                      CsmProgressCallback progress,
                      gpointer data,
                      CsmEraseReport **ret_report,
                      GError **error)
{
  g_auto (Erase) erase = { .acase = self, .reason = reason };
  g_autoptr (CsmEntry) there = NULL;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (entry != NULL, FALSE);
  there = csm_case_load_entry (self, entry, error);
  if (there == NULL || !check_reason (reason, error) || !check_may_erase (there, error))
    return FALSE;
  if (csm_entry_get_body (there) == NULL)
    return csm_case_fail (error, CSM_CASE_ERROR_EXISTS, "the entry is erased already");
  erase.report = g_new0 (CsmEraseReport, 1);
  erase.report->what = g_strdup (csm_entry_get_kind (there));
  erase.entries = g_array_new (FALSE, FALSE, sizeof (CsmDigest));
  g_array_append_val (erase.entries, *entry);
  return run (&erase, progress, data, ret_report, error);
}
