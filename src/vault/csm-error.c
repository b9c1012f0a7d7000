/* csm-error.c: errors of the vault room
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "vault/csm-error.h"

#include "vault/csm-fail.h"

#include <errno.h>
#include <stdarg.h>

G_DEFINE_QUARK (csm_vault_error, csm_vault_error)

gboolean
csm_vault_fail (GError **error, CsmVaultError code, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  if (error != NULL)
    *error = g_error_new_valist (CSM_VAULT_ERROR, (int) code, format, args);
  va_end (args);
  return FALSE;
}

gboolean
csm_vault_fail_errno (GError **error, int errnum, const char *what)
{
  switch (errnum)
    {
    case ENOSPC:
    case EDQUOT:
      return csm_vault_fail (error, CSM_VAULT_ERROR_FULL,
                             "%s: no space left; free some space and try again", what);
    case EFBIG:
      return csm_vault_fail (error, CSM_VAULT_ERROR_FULL,
                             "%s: too large for this file system; use another disk", what);
    case EROFS:
    case EACCES:
    case EPERM:
      return csm_vault_fail (error, CSM_VAULT_ERROR_READ_ONLY,
                             "%s: %s; use a place that you may write to, or open read-only",
                             what, g_strerror (errnum));
    case ENOENT:
    case ENOTDIR:
      return csm_vault_fail (error, CSM_VAULT_ERROR_NOT_FOUND,
                             "%s: there is no such file; check the path", what);
    case EEXIST:
      return csm_vault_fail (error, CSM_VAULT_ERROR_EXISTS,
                             "%s: the name is taken; choose another", what);
    case EAGAIN:
      return csm_vault_fail (
          error, CSM_VAULT_ERROR_BUSY,
          "%s: the case is open in another window or program; close it there", what);
    default:
      return csm_vault_fail (error, CSM_VAULT_ERROR_IO, "%s: %s; check the disk and try again",
                             what, g_strerror (errnum));
    }
}
