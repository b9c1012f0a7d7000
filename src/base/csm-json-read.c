/* csm-json-read.c: reading canonical JSON and nothing else
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-json-private.h"

#include "base/csm-error.h"

#include <string.h>

/* A cursor over bytes that may be anything. Each read_ function moves it past what it has read;
 * false, or NULL, when that is not there in its one form. */
typedef struct
{
  const char *at, *end;
  GString *text; /* the string that is being read, when it has escapes */
} Reader;

static json_t *read_value (Reader *self, int depth);

static bool
skip (Reader *self, const char *what, size_t size)
{
  if ((size_t) (self->end - self->at) < size || memcmp (self->at, what, size) != 0)
    return false;
  self->at += size;
  return true;
}

static int
hex_digit (char c)
{
  return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* After a backslash: the character, 0 for none. Only what cannot stand for itself is escaped,
 * and in the shorter way. */
static char
read_escape (Reader *self)
{
  static const char letters[] = "\"\\btnfr";
  static const char meanings[] = "\"\\\b\t\n\f\r";
  const char *letter;
  int high, low;

  if (self->at == self->end || *self->at == '\0')
    return 0;
  letter = strchr (letters, *self->at);
  if (letter != NULL)
    {
      self->at++;
      return meanings[letter - letters];
    }
  if (!skip (self, "u00", 3) || self->end - self->at < 2)
    return 0;
  high = hex_digit (self->at[0]);
  low = hex_digit (self->at[1]);
  if (high < 0 || high > 1 || low < 0 || strchr (meanings, high << 4 | low) != NULL)
    return 0; /* strchr finds 0 as well */
  self->at += 2;
  return (char) (high << 4 | low);
}

/* The rest of a string that has an escape at the cursor. */
static bool
read_escaped (Reader *self, const char *start)
{
  g_string_truncate (self->text, 0);
  for (;;)
    {
      char c;

      g_string_append_len (self->text, start, self->at - start);
      if (self->at == self->end || *self->at != '\\')
        return self->at < self->end && *self->at == '"';
      self->at++;
      c = read_escape (self);
      if (c == 0)
        return false;
      g_string_append_c (self->text, c);
      start = self->at;
      while (self->at < self->end && (unsigned char) *self->at >= 0x20 && *self->at != '"' &&
             *self->at != '\\')
        self->at++;
    }
}

/* With its quotes. The text is borrowed until the next string is read, and has no NUL behind
 * it.
 */
static bool
read_string (Reader *self, const char **ret_text, size_t *ret_size)
{
  const char *start;
  unsigned char seen = 0;

  if (!skip (self, "\"", 1))
    return false;
  start = self->at;
  for (; self->at < self->end; self->at++)
    {
      const unsigned char c = (unsigned char) *self->at;

      if (c < 0x20 || c == '"' || c == '\\')
        break;
      seen |= c;
    }
  if (self->at == self->end || (unsigned char) *self->at < 0x20)
    return false;
  *ret_text = start;
  *ret_size = (size_t) (self->at - start);
  if (*self->at == '\\')
    {
      if (!read_escaped (self, start))
        return false;
      *ret_text = self->text->str;
      *ret_size = self->text->len;
      seen = 0x80;
    }
  self->at++;
  return seen < 0x80 || g_utf8_validate_len (*ret_text, *ret_size, NULL);
}

static json_t *
read_integer (Reader *self)
{
  const bool is_negative = skip (self, "-", 1);
  const char *start = self->at;
  int64_t value = 0;

  for (; self->at < self->end && g_ascii_isdigit (*self->at); self->at++)
    {
      value = 10 * value + (*self->at - '0');
      if (value > CSM_JSON_MAX_INTEGER)
        return NULL;
    }
  if (self->at == start || (*start == '0' && (is_negative || self->at - start > 1)))
    return NULL;
  return json_integer (is_negative ? -value : value);
}

static json_t *
read_array (Reader *self, int depth)
{
  g_autoptr (json_t) array = json_array ();

  self->at++;
  if (skip (self, "]", 1))
    return g_steal_pointer (&array);
  do
    {
      json_t *value = read_value (self, depth + 1);

      if (value == NULL || json_array_append_new (array, value) != 0)
        return NULL;
  } while (skip (self, ",", 1));
  return skip (self, "]", 1) ? g_steal_pointer (&array) : NULL;
}

/* The key and its colon, above the one in @key, which it takes the place of. */
static bool
read_key (Reader *self, GString *key, bool is_first)
{
  g_autofree char *before = is_first ? NULL : g_strndup (key->str, key->len);
  const char *text;
  size_t size;

  if (!read_string (self, &text, &size) || !skip (self, ":", 1))
    return false;
  g_string_truncate (key, 0);
  g_string_append_len (key, text, (gssize) size);
  return is_first || csm_json_compare_keys (before, key->str) < 0;
}

/* Keys ascend, so none comes twice. */
static json_t *
read_object (Reader *self, int depth)
{
  g_autoptr (json_t) object = json_object ();
  g_autoptr (GString) key = g_string_new (NULL);
  bool is_first = true;

  self->at++;
  if (skip (self, "}", 1))
    return g_steal_pointer (&object);
  do
    {
      json_t *value = read_key (self, key, is_first) ? read_value (self, depth + 1) : NULL;

      if (value == NULL || json_object_set_new_nocheck (object, key->str, value) != 0)
        return NULL;
      is_first = false;
  } while (skip (self, ",", 1));
  return skip (self, "}", 1) ? g_steal_pointer (&object) : NULL;
}

static json_t *
read_value (Reader *self, int depth)
{
  const char *text;
  size_t size;

  if (depth > CSM_JSON_MAX_DEPTH || self->at == self->end)
    return NULL;
  switch (*self->at)
    {
    case '{':
      return read_object (self, depth);
    case '[':
      return read_array (self, depth);
    case '"':
      return read_string (self, &text, &size) ? json_stringn_nocheck (text, size) : NULL;
    case 't':
      return skip (self, "true", 4) ? json_true () : NULL;
    case 'f':
      return skip (self, "false", 5) ? json_false () : NULL;
    case 'n':
      return skip (self, "null", 4) ? json_null () : NULL;
    default:
      return read_integer (self);
    }
}

json_t *
csm_json_decode (GBytes *bytes, GError **error)
{
  g_return_val_if_fail (bytes != NULL, NULL);

  size_t size;
  const char *data = g_bytes_get_data (bytes, &size);
  const char *text = data != NULL ? data : "";
  g_autoptr (GString) room = g_string_new (NULL);
  Reader reader = { .at = text, .end = text + size, .text = room };
  g_autoptr (json_t) value = read_value (&reader, 0);

  if (value != NULL && reader.at == reader.end)
    return g_steal_pointer (&value);
  /* What stands there belongs in no log. */
  g_set_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_INVALID,
               "canonical JSON: not in its one form at byte %" G_GSIZE_FORMAT,
               (gsize) (reader.at - text));
  return NULL;
}
