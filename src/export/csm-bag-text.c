/* csm-bag-text.c: the tag files of a bag, read (RFC 8493)
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-bag-text.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define BOM "\xef\xbb\xbf"

static void
bag_line_free (gpointer data)
{
  CsmBagLine *line = data;

  g_free (line->path);
  g_free (line);
}

/* Cuts the next line from *@text: LF, CR or CRLF ends it. (transfer full) (nullable) */
static char *
next_line (const char **text)
{
  const size_t size = strcspn (*text, "\r\n");
  char *line;

  if (**text == '\0')
    return NULL;
  line = g_strndup (*text, size);
  *text += size;
  if (**text == '\r' && (*text)[1] == '\n')
    *text += 2;
  else if (**text != '\0')
    *text += 1;
  return line;
}

char *
csm_bag_text_decode (GBytes *bytes,
                     const char *encoding,
                     CsmBagComplaint complaint,
                     gpointer data)
{
  size_t size;
  const char *raw = g_bytes_get_data (bytes, &size);
  g_autofree char *text = NULL;

  if (size > 0 && memchr (raw, '\0', size) != NULL)
    {
      complaint (true, 0, _ ("is no text: it holds a zero byte"), data);
      return NULL;
    }
  if (g_ascii_strcasecmp (encoding, "ISO-8859-1") == 0)
    return g_convert (raw, (gssize) size, "UTF-8", "ISO-8859-1", NULL, NULL, NULL);
  if (size >= 3 && memcmp (raw, BOM, 3) == 0)
    {
      complaint (false, 0, _ ("begins with a byte order mark"), data);
      raw += 3;
      size -= 3;
    }
  text = size == 0 ? g_strdup ("") : g_strndup (raw, size);
  if (!g_utf8_validate (text, -1, NULL))
    {
      complaint (true, 0, _ ("is not in the encoding that bagit.txt names"), data);
      return NULL;
    }
  return g_steal_pointer (&text);
}

/* "1.0": two numbers. */
static bool
parse_version (const char *text, int *ret_major, int *ret_minor)
{
  const char *dot = strchr (text, '.');
  g_autofree char *major = NULL;
  uint64_t a, b;

  if (dot == NULL)
    return false;
  major = g_strndup (text, (size_t) (dot - text));
  if (!g_ascii_string_to_unsigned (major, 10, 0, 1000, &a, NULL) ||
      !g_ascii_string_to_unsigned (dot + 1, 10, 0, 1000, &b, NULL))
    return false;
  *ret_major = (int) a;
  *ret_minor = (int) b;
  return true;
}

bool
csm_bag_declaration_parse (GBytes *bytes,
                           CsmBagDeclaration *ret_declaration,
                           CsmBagComplaint complaint,
                           gpointer data)
{
  static const char version[] = "BagIt-Version: ";
  static const char encoding[] = "Tag-File-Character-Encoding: ";
  size_t size;
  const char *raw = g_bytes_get_data (bytes, &size);
  g_autofree char *text = NULL, *first = NULL, *second = NULL;
  const char *at;
  CsmBagDeclaration declaration = { 0 };

  if (size == 0 || size > 4096 || memchr (raw, '\0', size) != NULL)
    {
      complaint (true, 0, _ ("is no bag declaration"), data);
      return false;
    }
  if (size >= 3 && memcmp (raw, BOM, 3) == 0)
    {
      complaint (true, 0, _ ("begins with a byte order mark"), data);
      return false;
    }
  at = text = g_strndup (raw, size);
  first = next_line (&at);
  second = next_line (&at);
  if (!g_str_has_prefix (first, version) ||
      !parse_version (first + strlen (version), &declaration.major, &declaration.minor))
    {
      complaint (true, 1, _ ("does not say \"BagIt-Version: 1.0\""), data);
      return false;
    }
  if (second == NULL || !g_str_has_prefix (second, encoding) ||
      strlen (second) - strlen (encoding) >= sizeof declaration.encoding)
    {
      complaint (true, 2, _ ("does not say \"Tag-File-Character-Encoding: UTF-8\""), data);
      return false;
    }
  g_strlcpy (declaration.encoding, second + strlen (encoding), sizeof declaration.encoding);
  if (*at != '\0')
    {
      complaint (true, 3, _ ("more than two lines"), data);
      return false;
    }
  *ret_declaration = declaration;
  return true;
}

const char *
csm_bag_path_refuse (const char *path)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);

  if (path[0] == '\0')
    return _ ("an empty path");
  if (strlen (path) > 4000)
    return _ ("a path that is too long");
  if (path[0] == '/')
    return _ ("an absolute path");
  if (path[0] == '~')
    return _ ("a path that begins with \"~\"");
  if (strchr (path, '\\') != NULL)
    return _ ("a path with a backslash");
  if (g_ascii_isalpha (path[0]) && path[1] == ':')
    return _ ("a path with a drive letter");
  for (int i = 0; parts[i] != NULL; i++)
    {
      if (g_str_equal (parts[i], ".."))
        return _ ("a path that leads out of the folder");
      if (g_str_equal (parts[i], ".") || parts[i][0] == '\0')
        return _ ("a path that is not in its plain form");
    }
  return NULL;
}

/* Section 2.1.3: only these three are encoded. (transfer full) */
static char *
decode_path (const char *text)
{
  GString *path = g_string_new (NULL);

  while (*text != '\0')
    {
      if (g_ascii_strncasecmp (text, "%0A", 3) == 0)
        g_string_append_c (path, '\n');
      else if (g_ascii_strncasecmp (text, "%0D", 3) == 0)
        g_string_append_c (path, '\r');
      else if (strncmp (text, "%25", 3) == 0)
        g_string_append_c (path, '%');
      else
        {
          g_string_append_c (path, *text++);
          continue;
        }
      text += 3;
    }
  return g_string_free (path, FALSE);
}

/* (transfer full) (nullable): of a path as it stands in a line. */
static char *
read_path (const char *text, int64_t number, CsmBagComplaint complaint, gpointer data)
{
  g_autofree char *path = NULL;
  const char *refused;

  if (g_str_has_prefix (text, "./"))
    {
      complaint (false, number, _ ("\"./\" stands before the path"), data);
      text += 2;
    }
  path = decode_path (text);
  refused = csm_bag_path_refuse (path);
  if (refused == NULL)
    return g_steal_pointer (&path);
  {
    g_autofree char *what = g_strdup_printf (_ ("%s: not opened"), refused);

    complaint (true, number, what, data);
  }
  return NULL;
}

/* (nullable) */
static CsmBagLine *
parse_line (const char *text,
            size_t digest_size,
            int64_t number,
            CsmBagComplaint complaint,
            gpointer data)
{
  const size_t hex_size = strcspn (text, " \t");
  const size_t blanks = strspn (text + hex_size, " \t");
  const char *name = text + hex_size + blanks;
  g_autofree char *cut = g_strndup (text, hex_size);
  g_autofree char *hex = g_ascii_strdown (cut, -1);
  g_autofree char *path = NULL;
  CsmBagLine *line;
  uint8_t digest[CSM_DIGEST512_SIZE];

  if (*text == '\0')
    {
      complaint (false, number, _ ("an empty line"), data);
      return NULL;
    }
  if (blanks == 0 || *name == '\0')
    {
      complaint (true, number, _ ("no checksum and path"), data);
      return NULL;
    }
  if (!csm_hex_decode (hex, digest, digest_size))
    {
      complaint (true, number, _ ("the checksum is not of the manifest's kind"), data);
      return NULL;
    }
  if (*name == '*')
    {
      complaint (false, number, _ ("\"*\" stands before the path, as md5sum writes it"), data);
      name++;
    }
  path = read_path (name, number, complaint, data);
  if (path == NULL)
    return NULL;
  line = g_new0 (CsmBagLine, 1);
  line->path = g_steal_pointer (&path);
  memcpy (line->digest, digest, digest_size);
  return line;
}

GPtrArray *
csm_bag_manifest_parse (const char *text,
                        size_t digest_size,
                        CsmBagComplaint complaint,
                        gpointer data)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func (bag_line_free);

  g_return_val_if_fail (digest_size <= CSM_DIGEST512_SIZE, lines);
  for (int64_t number = 1;; number++)
    {
      g_autofree char *line = next_line (&text);
      CsmBagLine *parsed;

      if (line == NULL)
        return lines;
      parsed = parse_line (line, digest_size, number, complaint, data);
      if (parsed != NULL)
        g_ptr_array_add (lines, parsed);
    }
}

GPtrArray *
csm_bag_fetch_parse (const char *text, CsmBagComplaint complaint, gpointer data)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);

  for (int64_t number = 1;; number++)
    {
      g_autofree char *line = next_line (&text);
      char *path;
      size_t url, length;

      if (line == NULL)
        return paths;
      /* "URL LENGTH PATH"; LENGTH may be "-". */
      url = strcspn (line, " \t");
      url += strspn (line + url, " \t");
      length = url + strcspn (line + url, " \t");
      length += strspn (line + length, " \t");
      if (url == 0 || length == url || line[length] == '\0')
        {
          complaint (true, number, _ ("no address, length and path"), data);
          continue;
        }
      path = read_path (line + length, number, complaint, data);
      if (path != NULL)
        g_ptr_array_add (paths, path);
    }
}

/* "Label: value" into @pairs. */
static void
parse_info_line (const char *line,
                 bool strict,
                 int64_t number,
                 GPtrArray *pairs,
                 CsmBagComplaint complaint,
                 gpointer data)
{
  const char *colon = strchr (line, ':');
  g_autofree char *label = NULL;
  const char *value;

  if (colon == NULL || colon == line)
    {
      complaint (true, number, _ ("no label and value"), data);
      return;
    }
  label = g_strndup (line, (size_t) (colon - line));
  value = colon + 1;
  if (strict && *value != ' ' && *value != '\t' && *value != '\0')
    complaint (true, number, _ ("no blank follows the colon"), data);
  else if (strict && (g_ascii_isspace (label[0]) || g_ascii_isspace (colon[-1])))
    complaint (true, number, _ ("blanks stand about the label"), data);
  g_ptr_array_add (pairs, g_strdup (g_strstrip (label)));
  g_ptr_array_add (pairs, g_strstrip (g_strdup (value)));
}

GPtrArray *
csm_bag_info_parse (const char *text, bool strict, CsmBagComplaint complaint, gpointer data)
{
  GPtrArray *pairs = g_ptr_array_new_with_free_func (g_free);

  for (int64_t number = 1;; number++)
    {
      g_autofree char *line = next_line (&text);

      if (line == NULL)
        return pairs;
      if ((line[0] == ' ' || line[0] == '\t') && pairs->len > 0)
        {
          char *before = pairs->pdata[pairs->len - 1];

          pairs->pdata[pairs->len - 1] = g_strconcat (before, " ", g_strstrip (line), NULL);
          g_free (before);
        }
      else
        parse_info_line (line, strict, number, pairs, complaint, data);
    }
}

bool
csm_bag_oxum_parse (const char *text, int64_t *ret_bytes, int64_t *ret_files)
{
  const char *dot = strchr (text, '.');
  g_autofree char *bytes = NULL;
  uint64_t a, b;

  if (dot == NULL)
    return false;
  bytes = g_strndup (text, (size_t) (dot - text));
  if (!g_ascii_string_to_unsigned (bytes, 10, 0, INT64_MAX, &a, NULL) ||
      !g_ascii_string_to_unsigned (dot + 1, 10, 0, INT64_MAX, &b, NULL))
    return false;
  *ret_bytes = (int64_t) a;
  *ret_files = (int64_t) b;
  return true;
}
