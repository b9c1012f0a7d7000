/* csm-case-backup.c: a checked copy of an open case in another folder
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case-backup.h"

#include "base/csm-file.h"
#include "casefile/csm-case-private.h"
#include "vault/csm-vault-copy.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void
csm_backup_report_free (CsmBackupReport *self)
{
  if (self == NULL)
    return;
  g_free (self->path);
  g_ptr_array_unref (self->missing);
  g_free (self);
}

/* One stored file. */
typedef struct
{
  CsmMediaRef *ref;
  char *name; /* "E-0001 clip.mp4" */
  int64_t size;
} Stored;

static void
stored_free (gpointer data)
{
  Stored *self = data;

  csm_media_ref_free (self->ref);
  g_free (self->name);
  g_free (self);
}

/* One run. */
typedef struct
{
  CsmCase *acase;
  const char *folder;
  bool full;
  CsmCopyWatch watch;
  CsmBackupReport *report;
  CsmMediaStore *target; /* (nullable) until it is needed */
  GPtrArray *stored;
  int64_t done, total;
} Backup;

static void
backup_clear (Backup *self)
{
  g_clear_pointer (&self->report, csm_backup_report_free);
  g_clear_pointer (&self->target, csm_media_store_free);
  g_clear_pointer (&self->stored, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Backup, backup_clear)

/* --- the place --- */

static bool
is_same_folder (const char *a, const char *b)
{
  struct stat x, y;

  return stat (a, &x) == 0 && stat (b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* One that is made keeps its name, or goes again. */
static gboolean
make_folder (const char *path, GError **error)
{
  g_autofree char *whole = g_canonicalize_filename (path, NULL);
  g_autoptr (GError) local = NULL;
  const int failed = mkdir (whole, 0700) == 0 ? 0 : errno;

  if (failed == EEXIST || (failed == 0 && csm_file_sync_folder (whole, &local)))
    return TRUE;
  if (failed == 0)
    (void) rmdir (whole); /* the first failure is the one to tell */
  return csm_case_fail (error, CSM_CASE_ERROR_INVALID,
                        "the folder for the backup cannot be made: %s; choose one that is "
                        "there, on another disk",
                        failed == 0 ? local->message : g_strerror (failed));
}

static gboolean
check_place (Backup *self, GError **error)
{
  const char *path = csm_vault_get_path (self->acase->vault);
  g_autofree char *own = g_path_get_dirname (path);
  CsmMediaStore *media = self->acase->media;

  if (!make_folder (self->folder, error))
    return FALSE;
  if (!g_file_test (self->folder, G_FILE_TEST_IS_DIR))
    return csm_case_fail (error, CSM_CASE_ERROR_INVALID,
                          "the place for the backup is no folder; choose a folder on another "
                          "disk");
  if (is_same_folder (self->folder, own) ||
      (media != NULL && is_same_folder (self->folder, csm_media_store_get_path (media))))
    return csm_case_fail (error, CSM_CASE_ERROR_EXISTS,
                          "the case itself is in that folder; choose one on another disk");
  return TRUE;
}

/* 1 when @twin has an entry that the case lacks, 0, -1 */
static int
has_unknown_head (CsmDb *twin, CsmCase *acase)
{
  g_autoptr (CsmQuery) heads =
      csm_query_new_once (twin, "read the chains", "SELECT head FROM chain");
  int step;

  while ((step = csm_query_step (heads, NULL)) > 0)
    {
      g_autoptr (CsmQuery) query =
          csm_query_new (acase->db, "read the ledger", "SELECT 1 FROM entry WHERE id = ?");
      CsmDigest head;
      int found;

      csm_query_get_digest (heads, 0, &head);
      csm_query_digest (query, &head);
      found = csm_query_step (query, NULL);
      if (found <= 0)
        return found == 0 ? 1 : -1;
    }
  return step;
}

/* Somebody may have gone on working in the backup. */
static gboolean
check_earlier (Backup *self, GError **error)
{
  CsmCopyTarget target;
  g_autoptr (CsmVault) twin = NULL;
  g_autoptr (CsmDb) db = NULL;

  if (!csm_vault_examine_target (self->acase->vault, self->report->path, &target, error))
    return FALSE;
  if (target == CSM_COPY_TARGET_FREE)
    return TRUE;
  /* One that cannot be read, or has another data key, has nothing to say here. */
  twin = csm_vault_open_twin (self->acase->vault, self->report->path, NULL);
  db = twin != NULL ? csm_db_open (twin, NULL) : NULL;
  if (db != NULL && has_unknown_head (db, self->acase) > 0)
    return csm_case_fail (error, CSM_CASE_ERROR_EXISTS,
                          "the backup that is there holds entries that this case does not; "
                          "merge it into this case first, or choose another folder");
  return TRUE;
}

/* --- stored files --- */

static gboolean
list_stored (Backup *self, GError **error)
{
  g_autoptr (CsmQuery) query = csm_query_new (
      self->acase->db, "read the files",
      "SELECT k.exhibit, coalesce (e.number || ' ' || e.name, lower (hex (k.exhibit)))"
      " FROM kept_media AS k LEFT JOIN exhibit AS e ON e.id = k.exhibit"
      " WHERE k.name IS NOT NULL ORDER BY e.position, e.number");
  int step;

  self->stored = g_ptr_array_new_with_free_func (stored_free);
  while ((step = csm_query_step (query, error)) > 0)
    {
      g_auto (CsmKeptMedia) kept = { 0 };
      Stored *stored;
      CsmId exhibit;

      csm_query_get_id (query, 0, &exhibit);
      if (!csm_kept_media_load (self->acase, &exhibit, &kept, error))
        return FALSE;
      stored = g_new0 (Stored, 1);
      stored->ref = g_steal_pointer (&kept.ref);
      stored->name = csm_query_dup_text (query, 1);
      g_ptr_array_add (self->stored, stored);
    }
  return step == 0;
}

static void
miss (Backup *self, const Stored *stored, const char *why)
{
  g_ptr_array_add (self->report->missing, g_strdup_printf ("%s: %s", stored->name, why));
}

static bool
is_about_source (const GError *error)
{
  return g_error_matches (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_DAMAGED) ||
         g_error_matches (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_MEDIA_MISSING);
}

/* Short work runs between two units that are read. */
static void
step_cb (gpointer data)
{
  Backup *self = data;

  if (self->watch.progress != NULL)
    self->watch.progress (self->done, self->total, self->watch.data);
}

/* A copy that does not authenticate: the fault of the disk there, or of the file here? */
static gboolean
blame (Backup *self, const Stored *stored, GError *failed, GError **error)
{
  g_autoptr (GError) why = failed;

  if (!g_error_matches (why, CSM_VAULT_ERROR, CSM_VAULT_ERROR_DAMAGED))
    {
      g_propagate_error (error, g_steal_pointer (&why));
      return FALSE;
    }
  if (!csm_media_store_check (self->acase->media, stored->ref, step_cb, self,
                              self->watch.cancellable, NULL))
    {
      if (g_cancellable_set_error_if_cancelled (self->watch.cancellable, error))
        return FALSE;
      miss (self, stored, "its stored file in the case is damaged itself");
      return csm_media_store_remove (self->target, stored->ref, error);
    }
  return csm_case_fail (error, CSM_CASE_ERROR_DAMAGED,
                        "the copy of %s does not read back as it was written; use another disk",
                        stored->name);
}

static gboolean
copy_stored (Backup *self, const Stored *stored, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (csm_media_store_has (self->target, stored->ref))
    {
      if (!self->full || csm_media_store_check (self->target, stored->ref, step_cb, self,
                                                self->watch.cancellable, &local))
        {
          self->report->n_there++;
          return TRUE;
        }
      if (!is_about_source (local))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      g_clear_error (&local);
    }
  if (self->acase->media == NULL)
    {
      miss (self, stored, "the media folder is not beside the case");
      return TRUE;
    }
  if (!csm_media_store_copy (self->acase->media, self->target, stored->ref, self->done,
                             self->total, &self->watch, &local))
    {
      if (is_about_source (local))
        {
          miss (self, stored, local->message);
          return TRUE;
        }
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (!csm_media_store_check (self->target, stored->ref, step_cb, self, self->watch.cancellable,
                              &local))
    return blame (self, stored, g_steal_pointer (&local), error);
  self->report->n_copied++;
  return TRUE;
}

static gboolean
copy_media (Backup *self, GError **error)
{
  for (guint i = 0; i < self->stored->len; i++)
    {
      const Stored *stored = self->stored->pdata[i];

      if (self->watch.progress != NULL)
        self->watch.progress (self->done, self->total, self->watch.data);
      if (g_cancellable_set_error_if_cancelled (self->watch.cancellable, error) ||
          !copy_stored (self, stored, error))
        return FALSE;
      self->done += stored->size;
    }
  return TRUE;
}

static void
count_unknown (Backup *self)
{
  g_autoptr (GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) unknown = NULL;

  for (guint i = 0; i < self->stored->len; i++)
    g_hash_table_add (known, ((Stored *) self->stored->pdata[i])->ref->name);
  unknown = csm_media_store_list_unknown (self->target, known);
  self->report->n_unknown = unknown != NULL ? unknown->len : 0;
}

/* --- the case file --- */

static gboolean
measure (Backup *self, GError **error)
{
  if (!csm_vault_get_size (self->acase->vault, &self->total, error))
    return FALSE;
  for (guint i = 0; i < self->stored->len; i++)
    {
      Stored *stored = self->stored->pdata[i];

      if (self->acase->media != NULL)
        stored->size = csm_media_store_measure (self->acase->media, stored->ref);
      self->total += stored->size;
    }
  return TRUE;
}

static gboolean
checkpoint (CsmCase *acase, GError **error)
{
  sqlite3 *db = csm_db_get_handle (acase->db);
  int rc;

  /* Then csm_vault_copy() finds out whether there is anything in the log. */
  if (acase->read_only)
    return TRUE;
  rc = sqlite3_wal_checkpoint_v2 (db, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
  return rc == SQLITE_OK ? TRUE
                         : csm_db_fail (acase->db, rc, "write the log into the case", error);
}

static gboolean
copy_case (Backup *self, GError **error)
{
  sqlite3 *db = csm_db_get_handle (self->acase->db);
  int64_t every = 0;
  gboolean done;

  if (!csm_db_get_int (self->acase->db, "PRAGMA wal_autocheckpoint", &every, error))
    return FALSE;
  /* Short work may write while the copy goes on: into the log alone. */
  (void) sqlite3_wal_autocheckpoint (db, 0); /* cannot fail */
  done = checkpoint (self->acase, error) &&
         csm_vault_copy (self->acase->vault, self->report->path, self->target, self->done,
                         self->total, &self->watch, error);
  (void) sqlite3_wal_autocheckpoint (db, (int) every);
  return done;
}

static gboolean
record (Backup *self, GError **error)
{
  g_autoptr (json_t) detail = json_object ();

  /* A case file that is gone keeps nothing; the copy is what saves the case. */
  if (self->acase->read_only || self->acase->signer == NULL ||
      !csm_vault_is_in_place (self->acase->vault))
    return TRUE;
  json_object_set_new (detail, "copied", json_integer (self->report->n_copied));
  json_object_set_new (detail, "there", json_integer (self->report->n_there));
  json_object_set_new (detail, "missing", json_integer (self->report->missing->len));
  return csm_case_record_access (self->acase, "backup", NULL, detail, error);
}

gboolean
csm_case_backup (CsmCase *self,
                 const char *folder,
                 bool full,
                 CsmProgressCallback progress,
                 gpointer data,
                 CsmBackupReport **ret_report,
                 GCancellable *cancellable,
                 GError **error)
{
  g_auto (Backup) backup = {
    .acase = self, .folder = folder, .full = full, .watch = { progress, data, cancellable }
  };
  g_autofree char *base = NULL;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (folder != NULL && ret_report != NULL, FALSE);

  base = g_path_get_basename (csm_vault_get_path (self->vault));
  backup.report = g_new0 (CsmBackupReport, 1);
  backup.report->path = g_build_filename (folder, base, NULL);
  backup.report->missing = g_ptr_array_new_with_free_func (g_free);

  if (!check_place (&backup, error) || !check_earlier (&backup, error) ||
      !list_stored (&backup, error) || !measure (&backup, error))
    return FALSE;
  backup.target = csm_media_store_open (backup.report->path,
                                        csm_vault_get_case_id (self->vault), true, error);
  if (backup.target == NULL || !copy_media (&backup, error) || !copy_case (&backup, error))
    return FALSE;
  count_unknown (&backup);
  if (!record (&backup, error))
    return FALSE;
  *ret_report = g_steal_pointer (&backup.report);
  return TRUE;
}
