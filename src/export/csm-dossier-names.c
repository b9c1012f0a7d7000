/* csm-dossier-names.c: names of files that are safe everywhere, and what kind they are
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-dossier-private.h"

#include <string.h>

#define MAX_LABEL 24
#define MAX_EXTENSION 8

/* Windows knows devices by these names, whatever comes after a dot. */
static bool
is_reserved (const char *label)
{
  static const char *const names[] = { "con", "prn", "aux", "nul" };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_ascii_strcasecmp (label, names[i]) == 0)
      return true;
  return strlen (label) == 4 && g_ascii_isdigit (label[3]) &&
         (g_ascii_strncasecmp (label, "com", 3) == 0 ||
          g_ascii_strncasecmp (label, "lpt", 3) == 0);
}

static bool
is_safe (const char *label)
{
  if (!g_ascii_isalnum (label[0]) || strlen (label) > MAX_LABEL || is_reserved (label))
    return false;
  for (const char *c = label; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && *c != '-')
      return false;
  return true;
}

char *
csm_dossier_make_label (const char *number, GHashTable *taken)
{
  char *label = g_strdup (is_safe (number) ? number : "X-0001");

  /* Names that differ in case alone are one name on Windows. */
  for (int n = 2;; n++)
    {
      char *key = g_ascii_strdown (label, -1);

      if (g_hash_table_add (taken, key))
        return label;
      g_free (label);
      label = g_strdup_printf ("X-%04d", n);
    }
}

/* Formats by FFmpeg's names, and what files of them are called. A row with an extension counts
 * for it alone. */
static const struct
{
  const char *format;
  const char *extension; /* (nullable): any */
  const char *picture;   /* type with pictures in it */
  const char *sound;     /* (nullable) type without */
} types[] = {
  { "mov", "mov", "video/quicktime", "audio/mp4" },
  { "mov", "qt", "video/quicktime", "audio/mp4" },
  { "mov", "3gp", "video/3gpp", "audio/3gpp" },
  { "mov", "3g2", "video/3gpp2", "audio/3gpp2" },
  { "mov", "heic", "image/heic", NULL },
  { "mov", "avif", "image/avif", NULL },
  { "mov", NULL, "video/mp4", "audio/mp4" },
  { "mp4", NULL, "video/mp4", "audio/mp4" },
  { "webm", "webm", "video/webm", "audio/webm" },
  { "matroska", NULL, "video/x-matroska", "audio/x-matroska" },
  { "avi", NULL, "video/x-msvideo", "video/x-msvideo" },
  { "mpegts", NULL, "video/mp2t", "video/mp2t" },
  { "mpeg", NULL, "video/mpeg", "audio/mpeg" },
  { "mpegvideo", NULL, "video/mpeg", NULL },
  { "flv", NULL, "video/x-flv", "video/x-flv" },
  { "asf", NULL, "video/x-ms-asf", "audio/x-ms-wma" },
  { "ogg", NULL, "video/ogg", "audio/ogg" },
  { "h264", NULL, "video/h264", NULL },
  { "hevc", NULL, "video/h265", NULL },
  { "mxf", NULL, "application/mxf", "application/mxf" },
  { "gif", NULL, "image/gif", NULL },
  { "apng", NULL, "image/apng", NULL },
  { "png_pipe", NULL, "image/png", NULL },
  { "jpeg_pipe", NULL, "image/jpeg", NULL },
  { "webp_pipe", NULL, "image/webp", NULL },
  { "bmp_pipe", NULL, "image/bmp", NULL },
  { "tiff_pipe", NULL, "image/tiff", NULL },
  { "mp3", NULL, "audio/mpeg", "audio/mpeg" },
  { "wav", NULL, "audio/wav", "audio/wav" },
  { "flac", NULL, "audio/flac", "audio/flac" },
  { "aac", NULL, "audio/aac", "audio/aac" },
  { "amr", NULL, "audio/amr", "audio/amr" },
  { "aiff", NULL, "audio/aiff", "audio/aiff" },
  { "caf", NULL, "audio/x-caf", "audio/x-caf" },
};

/* Formats by what files of them are usually called: the first row is what a file without an
 * extension gets. */
static const struct
{
  const char *extension;
  const char *format;
} extensions[] = {
  { "mp4", "mov" },       { "m4v", "mov" },        { "m4a", "mov" },
  { "mov", "mov" },       { "qt", "mov" },         { "3gp", "mov" },
  { "3g2", "mov" },       { "heic", "mov" },       { "avif", "mov" },
  { "mkv", "matroska" },  { "mka", "matroska" },   { "webm", "webm" },
  { "avi", "avi" },       { "ts", "mpegts" },      { "mts", "mpegts" },
  { "m2ts", "mpegts" },   { "mpg", "mpeg" },       { "mpeg", "mpeg" },
  { "vob", "mpeg" },      { "m2v", "mpegvideo" },  { "flv", "flv" },
  { "wmv", "asf" },       { "wma", "asf" },        { "asf", "asf" },
  { "ogv", "ogg" },       { "ogg", "ogg" },        { "oga", "ogg" },
  { "opus", "ogg" },      { "h264", "h264" },      { "h265", "hevc" },
  { "mxf", "mxf" },       { "gif", "gif" },        { "png", "png_pipe" },
  { "jpg", "jpeg_pipe" }, { "jpeg", "jpeg_pipe" }, { "webp", "webp_pipe" },
  { "bmp", "bmp_pipe" },  { "tif", "tiff_pipe" },  { "tiff", "tiff_pipe" },
  { "mp3", "mp3" },       { "wav", "wav" },        { "flac", "flac" },
  { "aac", "aac" },       { "amr", "amr" },        { "aiff", "aiff" },
  { "caf", "caf" },       { "png", "apng" },
};

/* FFmpeg's "mov,mp4,m4a,3gp,3g2,mj2" names one format by many names. */
static bool
has_name (const char *format, const char *name)
{
  g_auto (GStrv) names = g_strsplit (format, ",", -1);

  return g_strv_contains ((const char *const *) names, name);
}

/* (transfer full) (nullable) */
static char *
get_extension (const char *name)
{
  const char *dot = strrchr (name, '.');

  if (dot == NULL || dot == name || dot[1] == '\0' || strlen (dot + 1) > MAX_EXTENSION)
    return NULL;
  for (const char *c = dot + 1; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c))
      return NULL;
  return g_ascii_strdown (dot + 1, -1);
}

char *
csm_dossier_make_extension (const char *name, const char *format)
{
  char *extension = get_extension (name);

  for (size_t i = 0; extension == NULL && i < G_N_ELEMENTS (extensions); i++)
    if (has_name (format, extensions[i].format))
      extension = g_strdup (extensions[i].extension);
  return extension != NULL ? extension : g_strdup ("bin");
}

const char *
csm_dossier_find_mime_type (const char *name, const char *format, bool picture)
{
  g_autofree char *extension = get_extension (name);

  for (size_t i = 0; *format == '\0' && i < G_N_ELEMENTS (extensions); i++)
    if (g_strcmp0 (extension, extensions[i].extension) == 0)
      format = extensions[i].format;
  for (size_t i = 0; i < G_N_ELEMENTS (types); i++)
    if (has_name (format, types[i].format) &&
        (types[i].extension == NULL || g_strcmp0 (extension, types[i].extension) == 0) &&
        (picture || types[i].sound != NULL))
      return picture ? types[i].picture : types[i].sound;
  return "application/octet-stream";
}
