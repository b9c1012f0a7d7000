/* csm-media-words.c: what a file says of itself, for people
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review/csm-media-words.h"

#include <glib/gi18n-lib.h>

char *
csm_media_words_dup_taken (const CsmMediaInfo *info)
{
  CsmZone zone;
  const char *time = csm_media_info_get_created (info, &zone);

  if (time == NULL)
    return NULL;
  switch (zone)
    {
    case CSM_ZONE_CALLED_UTC:
      /* Translators: %s is a time as a file has it */
      return g_strdup_printf (_ ("%s (called UTC; many cameras write local time)"), time);
    case CSM_ZONE_NOT_STATED:
      return g_strdup_printf (_ ("%s (by its clock; the time zone is not stated)"), time);
    case CSM_ZONE_STATED:
    default:
      return g_strdup (time);
    }
}

char *
csm_media_words_dup_device (const CsmMediaInfo *info)
{
  const char *parts[] = { csm_media_info_get_make (info), csm_media_info_get_model (info),
                          csm_media_info_get_encoder (info) };
  GString *text = g_string_new (NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (parts); i++)
    if (parts[i] != NULL)
      g_string_append_printf (text, "%s%s",
                              text->len == 0 ? ""
                              : i == 2       ? ", "
                                             : " ",
                              parts[i]);
  return g_string_free (text, text->len == 0);
}

static void
append_degrees (GString *text, int64_t degrees)
{
  g_string_append_printf (text, "%s%" G_GINT64_FORMAT ".%07" G_GINT64_FORMAT,
                          degrees < 0 ? "-" : "", ABS (degrees) / 10000000,
                          ABS (degrees) % 10000000);
}

char *
csm_media_words_dup_place (const CsmMediaInfo *info)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (info->latitude == CSM_NO_PTS || info->longitude == CSM_NO_PTS)
    return NULL;
  append_degrees (text, info->latitude);
  g_string_append (text, ", ");
  append_degrees (text, info->longitude);
  if (info->altitude != CSM_NO_PTS)
    g_string_append_printf (text, ", %" G_GINT64_FORMAT " m", info->altitude / 1000);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

char *
csm_media_words_dup_credentials (const CsmMediaInfo *info)
{
  return info->content_credentials ? g_strdup (_ ("present, not validated")) : NULL;
}

char *
csm_media_words_dup_odd (const CsmMediaInfo *info, const CsmFrameIndex *index)
{
  g_autoptr (GPtrArray) list = csm_oddities_list (info, index, 0);

  if (list->len == 0)
    return NULL;
  g_ptr_array_add (list, NULL);
  return g_strjoinv ("\n", (char **) list->pdata);
}
