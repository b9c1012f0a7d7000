/* csm-erase-due.c: what an erasure takes, and what one made in another copy still has to take
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-erase-private.h"
#include "casefile/csm-ledger-guard.h"
#include "casefile/csm-rederive.h"

#include <string.h>

static const char what[] = "find what is to be erased";

static gboolean
add_rows (GArray *entries, CsmQuery *query, GError **error)
{
  int step;

  while ((step = csm_query_step (query, error)) > 0)
    {
      CsmDigest id;

      csm_query_get_digest (query, 0, &id);
      g_array_append_val (entries, id);
    }
  return step == 0;
}

/* The exhibit, and every mark that an entry puts on it: by the body, for a mark of an erased
 * exhibit has no row. */
static gboolean
list_subjects (CsmDb *db, const CsmId *exhibit, GError **error)
{
  g_autofree char *needle = g_strdup_printf ("\"exhibit\":\"%s\"", exhibit->hex);
  g_autoptr (CsmQuery) query = NULL;
  g_autoptr (CsmQuery) marks = NULL;

  if (!csm_db_exec (db,
                    "CREATE TEMP TABLE IF NOT EXISTS doomed (subject BLOB PRIMARY KEY);"
                    "DELETE FROM temp.doomed",
                    what, error))
    return FALSE;
  query = csm_query_new_once (db, what, "INSERT INTO temp.doomed VALUES (?)");
  csm_query_id (query, exhibit);
  marks =
      csm_query_new_once (db, what,
                          "INSERT OR IGNORE INTO temp.doomed SELECT v.subject FROM event AS v"
                          " CROSS JOIN entry AS n ON n.id = v.id WHERE v.kind = 'mark.set'"
                          " AND v.subject IS NOT NULL AND instr (n.body, ?) > 0");
  csm_query_blob (marks, needle, strlen (needle));
  return csm_query_run (query, error) && csm_query_run (marks, error);
}

GArray *
csm_erase_list_exhibit (CsmDb *db, const CsmId *exhibit, GError **error)
{
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (CsmDigest));
  g_autoptr (CsmQuery) query = NULL;

  if (!list_subjects (db, exhibit, error))
    return NULL;
  query = csm_query_new_once (
      db, what,
      "SELECT n.id FROM temp.doomed AS d CROSS JOIN event AS v ON v.subject = d.subject"
      " CROSS JOIN entry AS n ON n.id = v.id WHERE n.body IS NOT NULL"
      " AND v.kind NOT GLOB 'erase.*' AND v.kind NOT GLOB 'key.*' AND v.kind NOT GLOB 'case.*'"
      " ORDER BY n.id");
  return add_rows (entries, query, error) ? g_steal_pointer (&entries) : NULL;
}

/* --- after a merge --- */

typedef struct
{
  CsmCase *acase;
  GArray *named;    /* (element-type CsmDigest): an entry says that they are erased */
  GArray *exhibits; /* (element-type CsmId): erased ones */
  GPtrArray *files; /* (element-type CsmMediaRef): of these */
  int64_t n;
} Settle;

static void
settle_clear (Settle *self)
{
  g_clear_pointer (&self->named, g_array_unref);
  g_clear_pointer (&self->exhibits, g_array_unref);
  g_clear_pointer (&self->files, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Settle, settle_clear)

static gboolean
read_named (Settle *self, GError **error)
{
  g_autoptr (CsmQuery) query =
      csm_query_new (self->acase->db, what,
                     "SELECT e.entry FROM erased AS e JOIN entry AS n ON n.id = e.entry"
                     " WHERE n.body IS NOT NULL ORDER BY e.entry");

  return add_rows (self->named, query, error);
}

/* The subject of an erase.entries is the exhibit that it erases. */
static gboolean
read_exhibits (Settle *self, GError **error)
{
  g_autoptr (CsmQuery) query = csm_query_new (self->acase->db, what,
                                              "SELECT DISTINCT subject FROM event WHERE"
                                              " kind = 'erase.entries' AND subject IS NOT NULL"
                                              " ORDER BY subject");
  int step;

  while ((step = csm_query_step (query, error)) > 0)
    {
      CsmId id;

      csm_query_get_id (query, 0, &id);
      g_array_append_val (self->exhibits, id);
    }
  return step == 0;
}

static void
read_files (Settle *self)
{
  for (guint i = 0; i < self->exhibits->len; i++)
    {
      CsmMediaRef *ref = csm_case_get_media_ref (
          self->acase, &g_array_index (self->exhibits, CsmId, i), NULL, NULL);

      if (ref != NULL)
        g_ptr_array_add (self->files, ref);
    }
}

/* What arrived and rests on @exhibit, and is not named yet. */
static gboolean
take_further (Settle *self, CsmChange *change, const CsmId *exhibit, GError **error)
{
  CsmDb *db = self->acase->db;
  g_autoptr (GArray) entries = csm_erase_list_exhibit (db, exhibit, error);

  if (entries == NULL)
    return FALSE;
  self->n += entries->len;
  return (entries->len == 0 ||
          (csm_erase_sign (change, entries, exhibit, "erased with its exhibit in another copy",
                           error) &&
           csm_erase_drop_bodies (db, entries, error))) &&
         csm_erase_drop_kept (db, exhibit, error);
}

static gboolean
settle (Settle *self, GError **error)
{
  CsmDb *db = self->acase->db;
  g_autoptr (CsmChange) change = csm_change_begin (self->acase, error);

  if (change == NULL || !csm_erase_drop_bodies (db, self->named, error))
    return FALSE;
  self->n = self->named->len;
  for (guint i = 0; i < self->exhibits->len; i++)
    if (!take_further (self, change, &g_array_index (self->exhibits, CsmId, i), error))
      return FALSE;
  /* Nothing to do, nothing written. */
  if (self->n == 0 && self->files->len == 0)
    return TRUE;
  return csm_rederive_begin (db, error) && csm_change_commit (change, error);
}

gboolean
csm_case_settle_erasures (CsmCase *self,
                          CsmProgressCallback progress,
                          gpointer data,
                          int64_t *ret_n,
                          GError **error)
{
  g_auto (Settle) run = { .acase = self };

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (ret_n != NULL, FALSE);

  run.named = g_array_new (FALSE, FALSE, sizeof (CsmDigest));
  run.exhibits = g_array_new (FALSE, FALSE, sizeof (CsmId));
  run.files = g_ptr_array_new_with_free_func ((GDestroyNotify) csm_media_ref_free);
  if (!read_named (&run, error) || !read_exhibits (&run, error))
    return FALSE;
  read_files (&run);
  if (!settle (&run, error))
    return FALSE;
  *ret_n = run.n;
  if (run.n == 0 && run.files->len == 0)
    return TRUE;
  if (!csm_case_rederive (self, progress, data, NULL, error) ||
      !csm_erase_clean_log (self, error))
    return FALSE;
  /* What cannot be removed now is a file that nothing opens. */
  for (guint i = 0; self->media != NULL && i < run.files->len; i++)
    (void) csm_media_store_remove (self->media, run.files->pdata[i], NULL);
  return TRUE;
}
