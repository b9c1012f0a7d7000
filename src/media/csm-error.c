/* csm-error.c: errors of the media room
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/csm-error.h"

G_DEFINE_QUARK (csm_media_error, csm_media_error)

const char *
csm_media_error_get_nick (int code)
{
  switch ((CsmMediaError) code)
    {
    case CSM_MEDIA_ERROR_IO:
      return "io";
    case CSM_MEDIA_ERROR_UNSUPPORTED:
      return "unsupported";
    case CSM_MEDIA_ERROR_DAMAGED:
      return "damaged";
    case CSM_MEDIA_ERROR_CHANGED:
      return "changed";
    case CSM_MEDIA_ERROR_NO_FRAME:
      return "no-frame";
    case CSM_MEDIA_ERROR_CRASHED:
      return "crashed";
    case CSM_MEDIA_ERROR_HUNG:
      return "hung";
    case CSM_MEDIA_ERROR_REFUSED:
      return "refused";
    case CSM_MEDIA_ERROR_NO_CAGE:
      return "no-cage";
    default:
      return NULL;
    }
}
