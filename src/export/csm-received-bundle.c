/* csm-received-bundle.c: a bundle of somebody else, and what of it comes into a case
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-received-bundle.h"

#include "export/csm-bundle-chain.h"

struct _CsmReceivedBundle
{
  char *path;
  CsmBundleSummary summary;
  GPtrArray *exhibits; /* of borrowed CsmBagFile */
  int64_t size;
};

CsmReceivedBundle *
csm_received_bundle_new (const char *path, CsmBundleSummary *summary)
{
  g_return_val_if_fail (path != NULL && summary != NULL && summary->folder != NULL, NULL);

  CsmReceivedBundle *self = g_new0 (CsmReceivedBundle, 1);
  const GPtrArray *files = csm_bag_folder_get_files (summary->folder);

  self->path = g_strdup (path);
  self->exhibits = g_ptr_array_new ();
  for (guint i = 0; i < files->len; i++)
    {
      CsmBagFile *file = files->pdata[i];

      self->size += file->size;
      if (g_str_has_prefix (file->path, CSM_BUNDLE_EXHIBITS))
        g_ptr_array_add (self->exhibits, file);
    }
  self->summary = *summary;
  *summary = (CsmBundleSummary){ 0 };
  return self;
}

void
csm_received_bundle_free (CsmReceivedBundle *self)
{
  if (self == NULL)
    return;
  g_free (self->path);
  g_ptr_array_unref (self->exhibits);
  csm_bundle_summary_clear (&self->summary);
  g_free (self);
}

guint
csm_received_bundle_get_n_files (const CsmReceivedBundle *self)
{
  return 1 + self->exhibits->len;
}

int64_t
csm_received_bundle_get_size (const CsmReceivedBundle *self)
{
  return self->size;
}

char *
csm_received_bundle_dup_path (const CsmReceivedBundle *self, guint number)
{
  g_autofree char *chain = NULL;

  g_return_val_if_fail (number < csm_received_bundle_get_n_files (self), NULL);
  if (number > 0)
    return g_build_filename (
        self->path, ((const CsmBagFile *) self->exhibits->pdata[number - 1])->path, NULL);
  chain = g_strdup_printf ("bundle-%s.tar", self->summary.receipt);
  return g_build_filename (self->path, chain, NULL);
}

/* (transfer full): how it came to us, where the user did not say so. */
static CsmAcquisition *
name_signer (const CsmReceivedBundle *self, const CsmAcquisition *said)
{
  const CsmBundleSummary *summary = &self->summary;
  CsmAcquisition *acquisition =
      said != NULL ? csm_acquisition_copy (said) : csm_acquisition_new ();

  if (acquisition->obtained_how[0] != '\0')
    return acquisition;
  g_free (acquisition->obtained_how);
  acquisition->obtained_how = g_strdup_printf (
      "in a bundle of the case %s, receipt %s, made %s, signed with the minisign key %s (%s)",
      summary->case_id.hex, summary->receipt, summary->made, summary->key, summary->key_words);
  return acquisition;
}

gboolean
csm_received_bundle_add (CsmReceivedBundle *self,
                         guint number,
                         CsmCase *acase,
                         const CsmIntakeOptions *options,
                         CsmProgressCallback progress,
                         gpointer data,
                         CsmIntakeOutcome *ret_outcome,
                         CsmExhibit **ret_exhibit,
                         GCancellable *cancellable,
                         GError **error)
{
  g_return_val_if_fail (self != NULL && acase != NULL, FALSE);
  g_return_val_if_fail (number < csm_received_bundle_get_n_files (self), FALSE);

  g_autofree char *path = csm_received_bundle_dup_path (self, number);
  g_autofree char *name = g_path_get_basename (path);
  g_autoptr (CsmAcquisition) acquisition =
      name_signer (self, options != NULL ? options->acquisition : NULL);
  CsmIntakeOptions own = { .acquisition = acquisition,
                           .link = options != NULL && options->link };
  g_autoptr (CsmByteSource) chain = NULL;

  if (number > 0)
    {
      own.sha256 = &((const CsmBagFile *) self->exhibits->pdata[number - 1])->digests.sha256;
      return csm_intake_add_file (acase, path, &own, progress, data, ret_outcome, ret_exhibit,
                                  cancellable, error);
    }
  chain = csm_bundle_chain_new (self->summary.folder, error);
  return chain != NULL && csm_intake_add_source (acase, chain, name, path, &own, progress, data,
                                                 ret_outcome, ret_exhibit, cancellable, error);
}
