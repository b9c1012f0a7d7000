/* csm-case-restored.c: a backup put back and a copy without all of its files, told from
 * tampering SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case-restored.h"

#include "casefile/csm-case-private.h"

#include <glib/gi18n-lib.h>

CsmRestored
csm_case_get_restored (CsmCase *self)
{
  CSM_CASE_ASSERT_LANE (self);
  if (csm_vault_is_wal_missing (self->vault))
    return CSM_RESTORED_WAL_MISSING;
  switch (csm_vault_get_freshness (self->vault))
    {
    case CSM_FRESHNESS_MISSING:
      return CSM_RESTORED_FOLDER_MISSING;
    case CSM_FRESHNESS_STALE:
      return CSM_RESTORED_OLDER;
    default:
      return CSM_RESTORED_NOT;
    }
}

char *
csm_case_dup_restored (CsmCase *self)
{
  switch (csm_case_get_restored (self))
    {
    case CSM_RESTORED_WAL_MISSING:
      return g_strdup (
          _ ("this copy was made while the case was open, without its -wal file: the"
             " last changes are not in it; copy that file too, or verify the copy"
             " and continue with it as a restored copy"));
    case CSM_RESTORED_FOLDER_MISSING:
      return g_strdup (
          _ ("this copy was made without its media folder, or without the files"
             " freshness-a and freshness-b in it; copy them too, or verify the copy"
             " and continue with it as a restored copy"));
    case CSM_RESTORED_OLDER:
      return g_strdup (
          _ ("the case file and its media folder are of different days: a backup of"
             " one of them was put back, or it was replaced by an older one on"
             " purpose; put both back from one day, or verify the case and continue"
             " with it as a restored copy"));
    default:
      return NULL;
    }
}

static gboolean
record (CsmCase *self, CsmRestored what, GError **error)
{
  g_autoptr (CsmChange) change = csm_change_begin (self, error);
  g_autoptr (json_t) body = json_object ();

  if (change == NULL)
    return FALSE;
  json_object_set_new (
      body, "reason",
      json_string (what == CSM_RESTORED_FOLDER_MISSING ? "freshness missing" : "restored"));
  csm_change_restart (change, "restored");
  return csm_change_sign (change, "case.reseal", NULL, NULL, body, NULL, error) &&
         csm_change_commit (change, error);
}

/* Who opens it may only look: nothing was decided. */
static gboolean
check_signs (CsmCase *self, GError **error)
{
  if (self->signer != NULL)
    return TRUE;
  return csm_case_fail (
      error, CSM_CASE_ERROR_READ_ONLY,
      "this passphrase is a reader's: it has no signing key; a reviewer has to "
      "decide to continue with a restored copy");
}

CsmCase *
csm_case_continue_restored (const char *path, const CsmSecret *passphrase, GError **error)
{
  g_autoptr (CsmCase) look = csm_case_open (path, passphrase, true, error);
  g_autoptr (CsmCase) self = NULL;
  CsmRestored what;

  if (look == NULL || !check_signs (look, error))
    return NULL;
  what = csm_case_get_restored (look);
  g_clear_pointer (&look, csm_case_close);
  if (what == CSM_RESTORED_NOT)
    {
      csm_case_fail (error, CSM_CASE_ERROR_INVALID,
                     "nothing says that this case was restored or copied in part; open it as "
                     "usual");
      return NULL;
    }
  self = csm_case_open_as_it_is (path, passphrase, error);
  return self != NULL && record (self, what, error) ? g_steal_pointer (&self) : NULL;
}
