/* csm-json.c: canonical JSON (RFC 8785), the bytes that get signed
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-json-private.h"

#include "base/csm-error.h"

#include <inttypes.h>
#include <string.h>

static bool encode_value (GString *out, const json_t *value, int depth, GError **error);

static bool
fail (GError **error, const char *why)
{
  g_set_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_INVALID, "canonical JSON: %s", why);
  return false;
}

/* A character beyond the basic plane starts with a surrogate, which sorts below U+E000, so
 * neither code points nor UTF-8 bytes sort the same. */
int
csm_json_compare_keys (const char *a, const char *b)
{
  while (*a == *b && *a != '\0')
    {
      a++;
      b++;
    }
  if (((*a | *b) & 0x80) == 0)
    return *a - *b;

  /* Back to where the two characters begin. */
  while ((*a & 0xc0) == 0x80 || (*b & 0xc0) == 0x80)
    {
      a--;
      b--;
    }
  {
    const gunichar c = g_utf8_get_char (a);
    const gunichar d = g_utf8_get_char (b);
    const gunichar c_unit = c >= 0x10000 && d < 0x10000 ? 0xd800 : c;
    const gunichar d_unit = d >= 0x10000 && c < 0x10000 ? 0xd800 : d;

    return c_unit < d_unit ? -1 : 1;
  }
}

static int
compare_keys (gconstpointer a, gconstpointer b)
{
  return csm_json_compare_keys (*(const char *const *) a, *(const char *const *) b);
}

static bool
encode_text (GString *out, const char *text, size_t size, GError **error)
{
  /* Refuses NUL as well: our readers hand out C strings, which would end there. */
  if (!g_utf8_validate_len (text, size, NULL))
    return fail (error, "text is not UTF-8, or holds NUL");

  g_string_append_c (out, '"');
  for (size_t i = 0, run; i < size; i += run + 1)
    {
      char c;

      for (run = 0; i + run < size; run++)
        if ((unsigned char) text[i + run] < 0x20 || text[i + run] == '"' ||
            text[i + run] == '\\')
          break;
      g_string_append_len (out, text + i, (gssize) run);
      if (i + run == size)
        break;
      c = text[i + run];
      if (c == '"' || c == '\\')
        g_string_append_printf (out, "\\%c", c);
      else if (c == '\b')
        g_string_append (out, "\\b");
      else if (c == '\t')
        g_string_append (out, "\\t");
      else if (c == '\n')
        g_string_append (out, "\\n");
      else if (c == '\f')
        g_string_append (out, "\\f");
      else if (c == '\r')
        g_string_append (out, "\\r");
      else
        g_string_append_printf (out, "\\u%04x", c);
    }
  g_string_append_c (out, '"');
  return true;
}

static bool
encode_object (GString *out, const json_t *value, int depth, GError **error)
{
  json_t *object = (json_t *) value; /* jansson iterates over non-const objects only */
  g_autoptr (GPtrArray) keys = g_ptr_array_new ();

  for (void *i = json_object_iter (object); i != NULL; i = json_object_iter_next (object, i))
    {
      const char *key = json_object_iter_key (i);

      if (!g_utf8_validate_len (key, json_object_iter_key_len (i), NULL))
        return fail (error, "a key is not UTF-8, or holds NUL");
      g_ptr_array_add (keys, (gpointer) key);
    }
  g_ptr_array_sort (keys, compare_keys);

  g_string_append_c (out, '{');
  for (guint i = 0; i < keys->len; i++)
    {
      const char *key = keys->pdata[i];

      if (i > 0)
        g_string_append_c (out, ',');
      if (!encode_text (out, key, strlen (key), error))
        return false;
      g_string_append_c (out, ':');
      if (!encode_value (out, json_object_get (object, key), depth + 1, error))
        return false;
    }
  g_string_append_c (out, '}');
  return true;
}

static bool
encode_array (GString *out, const json_t *value, int depth, GError **error)
{
  g_string_append_c (out, '[');
  for (size_t i = 0; i < json_array_size (value); i++)
    {
      if (i > 0)
        g_string_append_c (out, ',');
      if (!encode_value (out, json_array_get (value, i), depth + 1, error))
        return false;
    }
  g_string_append_c (out, ']');
  return true;
}

static bool
encode_integer (GString *out, const json_t *value, GError **error)
{
  const json_int_t integer = json_integer_value (value);

  if (integer > CSM_JSON_MAX_INTEGER || integer < -CSM_JSON_MAX_INTEGER)
    return fail (error, "an integer beyond 2^53");
  g_string_append_printf (out, "%" JSON_INTEGER_FORMAT, integer);
  return true;
}

static bool
encode_value (GString *out, const json_t *value, int depth, GError **error)
{
  if (value == NULL)
    return fail (error, "no value");
  if (depth > CSM_JSON_MAX_DEPTH)
    return fail (error, "nested too deeply");

  switch (json_typeof (value))
    {
    case JSON_OBJECT:
      return encode_object (out, value, depth, error);
    case JSON_ARRAY:
      return encode_array (out, value, depth, error);
    case JSON_STRING:
      return encode_text (out, json_string_value (value), json_string_length (value), error);
    case JSON_INTEGER:
      return encode_integer (out, value, error);
    case JSON_TRUE:
      g_string_append (out, "true");
      return true;
    case JSON_FALSE:
      g_string_append (out, "false");
      return true;
    case JSON_NULL:
      g_string_append (out, "null");
      return true;
    case JSON_REAL:
    default:
      return fail (error, "a number that is not an integer");
    }
}

GBytes *
csm_json_encode (const json_t *value, GError **error)
{
  g_autoptr (GString) out = g_string_new (NULL);

  if (!encode_value (out, value, 0, error))
    return NULL;
  return g_string_free_to_bytes (g_steal_pointer (&out));
}

const char *
csm_json_get_string (const json_t *object, const char *key)
{
  return json_string_value (json_object_get (object, key));
}

bool
csm_json_get_int (const json_t *object, const char *key, int64_t *ret_value)
{
  const json_t *value = json_object_get (object, key);

  if (!json_is_integer (value))
    return false;
  *ret_value = json_integer_value (value);
  return true;
}

bool
csm_json_get_decimal (const json_t *object, const char *key, int64_t *ret_value)
{
  const char *text = csm_json_get_string (object, key);

  if (text == NULL)
    return false;

  /* strtoll takes blanks, a plus sign and leading zeros, and clamps; only the one form of the
   * number that it read equals the text. */
  const int64_t value = g_ascii_strtoll (text, NULL, 10);
  char again[24];

  g_snprintf (again, sizeof again, "%" PRId64, value);
  if (strcmp (text, again) != 0)
    return false;
  *ret_value = value;
  return true;
}

bool
csm_json_get_bool (const json_t *object, const char *key, bool *ret_value)
{
  const json_t *value = json_object_get (object, key);

  if (!json_is_boolean (value))
    return false;
  *ret_value = json_is_true (value);
  return true;
}

json_t *
csm_json_get_array (const json_t *object, const char *key)
{
  json_t *value = json_object_get (object, key);

  return json_is_array (value) ? value : NULL;
}

json_t *
csm_json_decimal (int64_t value)
{
  char text[24];

  g_snprintf (text, sizeof text, "%" PRId64, value);
  return json_string (text);
}

json_t *
csm_json_nullable (const char *value)
{
  return value != NULL ? json_string (value) : json_null ();
}
