/* csm-export.c: a signed bundle out of a case
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-export.h"

#include "base/csm-error.h"
#include "base/csm-json.h"
#include "casefile/csm-case-export.h"
#include "custody/csm-key-words.h"
#include "custody/csm-minisign.h"
#include "export/csm-annotations.h"
#include "export/csm-bundle-check.h"
#include "export/csm-bundle-parts.h"
#include "export/csm-report.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define SIGNED_FILE "tagmanifest-sha256.txt"

void
csm_export_report_free (CsmExportReport *self)
{
  if (self == NULL)
    return;

  g_free (self->path);
  g_free (self->key_words);
  g_clear_pointer (&self->notes, g_ptr_array_unref);
  g_free (self);
}

/* ---- Room ---- */

static gboolean
check_room (CsmExportRun *self, GError **error)
{
  const int64_t needed = csm_export_estimate (self->dossier, self->selection);
  g_autofree char *wanted = NULL;
  g_autofree char *there = NULL;
  int64_t room;

  if (!csm_bag_writer_get_free_space (self->writer, &room, error))
    return FALSE;
  if (room >= needed)
    return TRUE;
  wanted = g_format_size ((guint64) needed);
  there = g_format_size ((guint64) room);
  g_set_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_FULL,
               "the bundle takes about %s, and the disk has %s left", wanted, there);
  return FALSE;
}

/* ---- Exhibits ---- */

typedef struct
{
  CsmExportRun *run;
  int64_t before, total; /* bytes of the files before, and of all */
} Copying;

static void
copy_progress_cb (int64_t done, int64_t total, gpointer data)
{
  const Copying *self = data;

  if (self->run->progress != NULL)
    self->run->progress (_ ("Files as received"), self->before + done, self->total,
                         self->run->data);
}

static gboolean
write_exhibit (CsmExportRun *self,
               const CsmDossierExhibit *exhibit,
               Copying *copying,
               GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (CsmByteSource) source =
      csm_case_read_media (self->acase, &exhibit->exhibit->id, &local);

  if (source != NULL &&
      csm_bag_writer_add_source (self->writer, exhibit->file, source, &exhibit->exhibit->sha256,
                                 copy_progress_cb, copying, self->cancellable, &local))
    return TRUE;
  if (g_error_matches (local, CSM_BASE_ERROR, CSM_BASE_ERROR_INVALID))
    g_set_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_DAMAGED,
                 "%s: the bytes are not the ones that were brought in (their SHA-256 differs)",
                 exhibit->label);
  else if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_propagate_error (error, g_steal_pointer (&local));
  else
    g_propagate_prefixed_error (error, g_steal_pointer (&local), "%s: ", exhibit->label);
  return FALSE;
}

static gboolean
write_exhibits (CsmExportRun *self, GError **error)
{
  const GPtrArray *exhibits = self->dossier->exhibits;
  Copying copying = { .run = self };

  for (guint i = 0; i < exhibits->len; i++)
    copying.total += ((CsmDossierExhibit *) exhibits->pdata[i])->exhibit->size;
  for (guint i = 0; self->selection->files && i < exhibits->len; i++)
    {
      const CsmDossierExhibit *exhibit = exhibits->pdata[i];

      if (!write_exhibit (self, exhibit, &copying, error))
        return FALSE;
      copying.before += exhibit->exhibit->size;
    }
  return TRUE;
}

/* ---- What is written about them ---- */

/* Takes @bytes; NULL: it is not written, unless @error is set. */
static gboolean
add_taken (CsmExportRun *self, const char *path, GBytes *bytes, GError **error)
{
  g_autoptr (GBytes) owned = bytes;

  return owned == NULL || csm_bag_writer_add (self->writer, path, owned, error);
}

/* No bundle is made that is too large to be checked. */
static gboolean
add_bounded (CsmExportRun *self, const char *name, GBytes *bytes, size_t max, GError **error)
{
  if (g_bytes_get_size (bytes) <= max)
    return csm_bag_writer_add (self->writer, name, bytes, error);
  g_set_error (
      error, CSM_BASE_ERROR, CSM_BASE_ERROR_INVALID,
      _ ("there are more marks than one bundle can hold: %s would be larger than a check "
         "reads; export some of the exhibits at a time"),
      name);
  return FALSE;
}

static gboolean
write_timed (CsmExportRun *self, const CsmDossierExhibit *exhibit, GError **error)
{
  g_autofree char *vtt = g_strdup_printf ("annotations/%s.vtt", exhibit->label);
  g_autofree char *eaf = g_strdup_printf ("annotations/%s.eaf", exhibit->label);

  return add_taken (self, vtt, csm_annotations_write_vtt (self->dossier, exhibit), error) &&
         add_taken (self, eaf, csm_annotations_write_eaf (self->dossier, exhibit), error);
}

static gboolean
write_annotations (CsmExportRun *self, GError **error)
{
  const GPtrArray *exhibits = self->dossier->exhibits;
  g_autoptr (GBytes) web = NULL;

  for (guint i = 0; i < exhibits->len; i++)
    {
      if (self->progress != NULL)
        self->progress (_ ("Marks"), i, exhibits->len, self->data);
      if (g_cancellable_set_error_if_cancelled (self->cancellable, error) ||
          !write_timed (self, exhibits->pdata[i], error))
        return FALSE;
    }
  web = csm_annotations_write_web (self->dossier);
  return add_bounded (self, "annotations.jsonld", web, CSM_BUNDLE_MAX_WEB, error) &&
         add_taken (self, "marks.csv", csm_annotations_write_csv (self->dossier), error) &&
         add_taken (self, "marked-frames.tsv", csm_annotations_write_frames (self->dossier),
                    error);
}

static GBytes *
read_still_cb (const char *path, gpointer data, GError **error)
{
  const CsmExportRun *self = data;

  return csm_bag_writer_read (self->writer, path, error);
}

static gboolean
write_report (CsmExportRun *self, GError **error)
{
  g_autoptr (GBytes) pdf = NULL;
  g_autoptr (GBytes) html = NULL;

  if (!self->selection->report)
    return TRUE;
  if (self->progress != NULL)
    self->progress (_ ("Report"), 0, 0, self->data);
  pdf = csm_report_write_pdf (self->dossier, read_still_cb, self, self->cancellable, error);
  html = pdf != NULL ? csm_report_write_html (self->dossier, error) : NULL;
  return html != NULL && csm_bag_writer_add (self->writer, "report.pdf", pdf, error) &&
         csm_bag_writer_add (self->writer, "index.html", html, error);
}

static gboolean
write_contents (CsmExportRun *self, GError **error)
{
  g_autoptr (GPtrArray) stamps =
      csm_case_list_stamp_files (self->acase, self->dossier->last_arrival, error);
  g_autoptr (GBytes) recipe = NULL;
  g_autoptr (GBytes) contents = NULL;

  if (stamps == NULL)
    return FALSE;
  recipe = csm_verify_text_write (self->dossier, stamps);
  contents = csm_bundle_write_json (self->dossier, self->selection, error);
  return contents != NULL &&
         add_bounded (self, "bundle.json", contents, CSM_BUNDLE_MAX_CONTENTS, error) &&
         csm_bag_writer_add_tag (self->writer, "VERIFY.txt", recipe, error);
}

/* ---- Signing ---- */

typedef struct
{
  GBytes *manifest;
  char *comment;
} Signing;

static GBytes *
sign_cb (CsmSigner *signer, gpointer data, GError **error)
{
  const Signing *self = data;

  return csm_minisign_sign (signer, self->manifest, self->comment, error);
}

static gboolean
sign (CsmExportRun *self, GBytes *manifest, GError **error)
{
  g_autofree char *made = csm_time_format (self->dossier->made);
  char code[CSM_RECEIPT_CODE_LENGTH + 1];
  g_autofree char *comment = NULL;
  g_autoptr (GBytes) signature = NULL;
  Signing signing = { .manifest = manifest };

  csm_receipt_code (csm_receipt_get_sha256 (self->dossier->receipt), code);
  comment = g_strdup_printf ("Casement bundle of case %s, receipt %s, made %s",
                             self->dossier->case_id.hex, code, made);
  signing.comment = comment;
  signature = csm_case_use_signer (self->acase, sign_cb, &signing, error);
  return signature != NULL &&
         csm_bag_writer_add_signature (self->writer, SIGNED_FILE ".minisig", signature, error);
}

/* (transfer full) (nullable): the signed manifest. */
static GBytes *
close_bag (CsmExportRun *self, GError **error)
{
  g_autofree char *date = csm_time_format (self->dossier->made);
  const char *const info[] = { "Bag-Software-Agent",
                               "Casement " CSM_VERSION,
                               "Bagging-Date",
                               date,
                               "External-Identifier",
                               self->dossier->case_id.hex,
                               NULL };
  g_autoptr (GBytes) manifest = NULL;

  date[strlen ("2026-03-05")] = '\0';
  manifest = csm_bag_writer_close (self->writer, info, error);
  return manifest != NULL && sign (self, manifest, error) ? g_steal_pointer (&manifest) : NULL;
}

/* ---- What happened meanwhile ---- */

/* Whether @entry takes back that something may leave, which is in the bundle by now. */
static bool
takes_back (const CsmDossier *dossier, const CsmEntry *entry)
{
  static const char *const kinds[] = { "erase.entries", "exhibit.remove", "exhibit.set",
                                       "mark.set", "mark.remove" };
  const char *kind = csm_entry_get_kind (entry);
  const CsmId *subject = csm_entry_get_subject (entry);
  bool of_kind = false;

  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++)
    of_kind = of_kind || strcmp (kind, kinds[i]) == 0;
  return of_kind && (strcmp (kind, "erase.entries") == 0 || subject == NULL ||
                     csm_dossier_find_exhibit (dossier, subject) != NULL ||
                     csm_dossier_find_mark (dossier, subject) != NULL);
}

static gboolean
check_meanwhile (CsmExportRun *self, GError **error)
{
  g_autoptr (GPtrArray) entries =
      csm_case_list_entries_since (self->acase, self->dossier->last_arrival, error);

  for (guint i = 0; entries != NULL && i < entries->len; i++)
    if (csm_entry_get_kind (entries->pdata[i]) != NULL &&
        takes_back (self->dossier, entries->pdata[i]))
      {
        g_set_error_literal (error, CSM_CASE_ERROR, CSM_CASE_ERROR_INVALID,
                             "something in the bundle was removed, erased or changed while it "
                             "was being made; export again");
        return FALSE;
      }
  return entries != NULL;
}

/* ---- All of it ---- */

static gboolean
write_all (CsmExportRun *self, GError **error)
{
  return check_room (self, error) && csm_export_look (self, true, error) &&
         write_exhibits (self, error) && csm_export_make_pictures (self, error) &&
         write_annotations (self, error) && write_report (self, error) &&
         csm_bundle_write_ledger (self, error) && write_contents (self, error);
}

static CsmExportReport *
make_report (const CsmExportRun *self, const char *path, GBytes *manifest)
{
  CsmExportReport *report = g_new0 (CsmExportReport, 1);
  uint8_t key[CSM_PUBLIC_KEY_SIZE] = { 0 };

  report->path = g_strdup (path);
  csm_bag_writer_get_payload (self->writer, &report->n_files, &report->bytes);
  csm_sha256 (g_bytes_get_data (manifest, NULL), g_bytes_get_size (manifest),
              &report->tag_manifest);
  (void) csm_hex_decode (self->dossier->exporter->key, key, sizeof key); /* made from bytes */
  report->key_words = csm_key_words (key);
  csm_receipt_code (csm_receipt_get_sha256 (self->dossier->receipt), report->receipt_code);
  report->notes = g_ptr_array_ref (self->notes);
  return report;
}

static gboolean
record (const CsmExportRun *self, const CsmExportReport *report, GError **error)
{
  char hex[CSM_DIGEST_HEX_SIZE];
  g_autoptr (json_t) detail = NULL;

  csm_digest_to_hex (&report->tag_manifest, hex);
  detail =
      json_pack ("{s:s, s:s, s:I, s:I, s:I}", "what", "bundle", "sha256", hex, "exhibits",
                 (json_int_t) self->dossier->exhibits->len, "marks",
                 (json_int_t) self->dossier->n_marks, "files", (json_int_t) report->n_files);
  return csm_case_record_bundle (self->acase, self->dossier->receipt, detail, error);
}

/* As with all that leaves a case: no file without an entry. */
static gboolean
finish (CsmExportRun *self, const CsmExportReport *report, GError **error)
{
  if (!check_meanwhile (self, error) ||
      g_cancellable_set_error_if_cancelled (self->cancellable, error) ||
      !record (self, report, error))
    return FALSE;
  if (csm_bag_writer_publish (self->writer, error))
    return TRUE;
  g_prefix_error (error, "the ledger says that it left, but the bundle could not get its "
                         "name: ");
  return FALSE;
}

static gboolean
check_signer (CsmCase *acase, GError **error)
{
  const char *why = csm_case_get_why_read_only (acase);

  if (!csm_case_is_read_only (acase) && csm_case_get_self (acase) != NULL)
    return TRUE;
  g_set_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_READ_ONLY,
               "a bundle is signed, and recorded in the case: %s",
               why != NULL ? why : "this passphrase is a reader's, which signs nothing");
  return FALSE;
}

/* The ledger is what ties the bundle's signature to the case: who signed no entry yet signs a
 * receipt first. */
static gboolean
enter_ledger (CsmCase *acase, GError **error)
{
  const CsmReviewer *self = csm_case_get_self (acase);
  g_autoptr (GPtrArray) authors = csm_case_list_authors (acase, error);
  g_autoptr (CsmReceipt) receipt = NULL;

  if (authors == NULL)
    return FALSE;
  for (guint i = 0; i < authors->len; i++)
    if (strcmp (((const CsmReviewer *) authors->pdata[i])->key, self->key) == 0)
      return TRUE;
  receipt = csm_case_make_receipt (acase, error);
  return receipt != NULL;
}

gboolean
csm_export_run (CsmCase *acase,
                const CsmSelection *selection,
                CsmTime made,
                const char *path,
                CsmExportProgress progress,
                gpointer data,
                CsmExportReport **ret_report,
                GCancellable *cancellable,
                GError **error)
{
  g_return_val_if_fail (acase != NULL && selection != NULL && path != NULL, FALSE);
  g_autoptr (CsmDossier) dossier = NULL;
  g_autoptr (CsmBagWriter) writer = NULL;
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GBytes) manifest = NULL;
  g_autoptr (CsmExportReport) report = NULL;
  CsmExportRun run = { .acase = acase,
                       .selection = selection,
                       .notes = notes,
                       .progress = progress,
                       .data = data,
                       .cancellable = cancellable };

  if (!check_signer (acase, error) ||
      (run.writer = writer = csm_bag_writer_new (path, error)) == NULL ||
      !enter_ledger (acase, error) ||
      (run.dossier = dossier = csm_dossier_new (acase, selection, made, error)) == NULL ||
      !write_all (&run, error) || (manifest = close_bag (&run, error)) == NULL)
    return FALSE;
  report = make_report (&run, path, manifest);
  if (!finish (&run, report, error))
    return FALSE;
  if (ret_report != NULL)
    *ret_report = g_steal_pointer (&report);
  return TRUE;
}
