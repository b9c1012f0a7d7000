/* csm-case-salvage.c: a new case from what still verifies in a damaged one
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case-salvage.h"

#include "casefile/csm-rederive.h"
#include "casefile/csm-salvage-private.h"
#include "casefile/csm-schema.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

static CsmSalvageReport *
report_new (void)
{
  CsmSalvageReport *self = g_new0 (CsmSalvageReport, 1);
  GPtrArray **lists[] = { &self->damage, &self->gaps, &self->resting, &self->media,
                          &self->lost };

  for (size_t i = 0; i < G_N_ELEMENTS (lists); i++)
    *lists[i] = g_ptr_array_new_with_free_func (g_free);
  return self;
}

/* A folder that this run made, with what it put there. */
static void
remove_media (CsmSalvage *self)
{
  g_autoptr (GDir) dir = g_dir_open (csm_media_store_get_path (self->media), 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path =
          g_build_filename (csm_media_store_get_path (self->media), name, NULL);

      (void) g_unlink (path); /* what stays is sealed, and of no case */
    }
  (void) g_rmdir (csm_media_store_get_path (self->media));
}

static void
salvage_clear (CsmSalvage *self)
{
  csm_db_free (self->db);
  csm_vault_close (self->vault);
  /* Not handed out: it failed. */
  if (self->report != NULL && self->media != NULL)
    remove_media (self);
  csm_media_store_free (self->media);
  csm_media_store_free (self->from);
  csm_page_scan_free (self->scan);
  csm_salvage_report_free (self->report);
  g_clear_pointer (&self->tails, g_hash_table_unref);
  g_clear_pointer (&self->names, g_hash_table_unref);
  g_free (self->title);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CsmSalvage, salvage_clear)

bool
csm_salvage_advance (CsmSalvage *self, int64_t by, GError **error)
{
  self->done += by;
  if (self->progress != NULL)
    self->progress (MIN (self->done, self->total), self->total, self->data);
  return !g_cancellable_set_error_if_cancelled (self->cancellable, error);
}

static gboolean
open_both (CsmSalvage *self, const char *path, const CsmSecret *passphrase, GError **error)
{
  g_autofree char *id = NULL;

  self->scan = csm_page_scan_open (path, passphrase, error);
  if (self->scan == NULL)
    return FALSE;
  id = csm_hex_encode (csm_page_scan_get_case_id (self->scan), CSM_VAULT_ID_SIZE);
  g_strlcpy (self->case_id.hex, id, sizeof self->case_id.hex);
  self->total = csm_page_scan_count_pages (self->scan);
  self->from = csm_media_store_open (csm_page_scan_get_path (self->scan),
                                     csm_page_scan_get_case_id (self->scan), false, NULL);
  self->vault = csm_page_scan_create_case (self->scan, self->out, error);
  self->db = self->vault != NULL ? csm_db_open (self->vault, error) : NULL;
  return self->db != NULL && csm_schema_create (self->db, error);
}

static gboolean
fail_empty (CsmSalvage *self, GError **error)
{
  return csm_case_fail (error, CSM_CASE_ERROR_DAMAGED,
                        "no entry of the case can be read any more; use a backup");
}

static gboolean
derive (CsmSalvage *self, GError **error)
{
  int64_t n = 0;

  if (!csm_db_get_int (self->db, "SELECT count (*) FROM entry", &n, error))
    return FALSE;
  if (n == 0)
    return fail_empty (self, error);
  return csm_db_exec (self->db, "BEGIN IMMEDIATE", "derive the tables", error) &&
         csm_salvage_lay_foundation (self, error) && csm_rederive_begin (self->db, error) &&
         csm_db_exec (self->db, "COMMIT", "derive the tables", error) &&
         csm_rederive_run (self->db, NULL, NULL, self->cancellable, error);
}

static gboolean
fill_media (CsmSalvage *self, GError **error)
{
  self->media =
      csm_media_store_create (self->out, csm_page_scan_get_case_id (self->scan), error);
  return self->media != NULL && csm_salvage_copy_media (self, error);
}

/* A case that lacks nothing stands on its entries alone, like any other. */
static gboolean
settle (CsmSalvage *self, GError **error)
{
  CsmSalvageReport *report = self->report;

  report->is_whole = report->gaps->len == 0 && report->resting->len == 0 &&
                     report->media->len == 0 && report->lost->len == 0;
  return report->gaps->len > 0 || report->resting->len > 0 || report->lost->len > 0 ||
         csm_db_exec (self->db, "DELETE FROM kept_salvage", "finish the case", error);
}

static gboolean
publish (CsmSalvage *self, GError **error)
{
  g_clear_pointer (&self->db, csm_db_free);
  return csm_vault_publish (self->vault, error);
}

gboolean
csm_case_salvage (const char *path,
                  const CsmSecret *passphrase,
                  const char *out,
                  CsmProgressCallback progress,
                  gpointer data,
                  CsmSalvageReport **ret_report,
                  GCancellable *cancellable,
                  GError **error)
{
  g_auto (CsmSalvage) self = {
    .out = out, .progress = progress, .data = data, .cancellable = cancellable
  };

  g_return_val_if_fail (path != NULL && passphrase != NULL && out != NULL, FALSE);
  g_return_val_if_fail (ret_report != NULL, FALSE);

  self.report = report_new ();
  self.tails = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self.names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (!open_both (&self, path, passphrase, error) || !csm_salvage_read_pages (&self, error) ||
      !derive (&self, error) || !csm_salvage_check_kept (&self, error) ||
      !csm_salvage_find_gaps (&self, error) || !fill_media (&self, error) ||
      !settle (&self, error) || !publish (&self, error))
    return FALSE;
  *ret_report = g_steal_pointer (&self.report);
  return TRUE;
}
