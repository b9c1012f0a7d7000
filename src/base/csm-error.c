/* csm-error.c: errors of the base room
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-error.h"

#include <errno.h>

G_DEFINE_QUARK (csm_base_error, csm_base_error)

static CsmBaseError
code_from_errno (int errnum)
{
  switch (errnum)
    {
    case ENOSPC:
    case EDQUOT:
      return CSM_BASE_ERROR_FULL;
    case EROFS:
    case EACCES:
    case EPERM:
      return CSM_BASE_ERROR_READ_ONLY;
    case EEXIST:
    case ENOTEMPTY:
      return CSM_BASE_ERROR_EXISTS;
    case ENOENT:
    case ENOTDIR:
      return CSM_BASE_ERROR_NOT_FOUND;
    default:
      return CSM_BASE_ERROR_IO;
    }
}

gboolean
csm_base_fail_errno (GError **error, int errnum, const char *what)
{
  g_set_error (error, CSM_BASE_ERROR, code_from_errno (errnum), "%s: %s", what,
               g_strerror (errnum));
  return FALSE;
}
