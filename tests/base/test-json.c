/* test-json.c: canonical JSON has one form, and only that is read
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-error.h"
#include "base/csm-json.h"

#include <string.h>

/* Parses @text loosely and writes it canonically. */
static char *
canonical (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) value = json_loads (text, JSON_DECODE_ANY, NULL);

  g_assert_nonnull (value);

  g_autoptr (GBytes) bytes = csm_json_encode (value, &error);

  g_assert_no_error (error);
  return g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static void
assert_canonical (const char *text, const char *expected)
{
  g_autofree char *actual = canonical (text);

  g_assert_cmpstr (actual, ==, expected);
}

static void
assert_not_encoded (json_t *value)
{
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (value);
  g_assert_null (csm_json_encode (value, &error));
  g_assert_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_INVALID);
  json_decref (value);
}

static void
assert_refused (const char *text, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new (text, size);

  if (csm_json_decode (bytes, &error) != NULL)
    g_error ("read: %.*s", (int) size, text);
  g_assert_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_INVALID);
}

/* RFC 8785, section 3.2.2, without its floats. */
static void
test_rfc_strings (void)
{
  assert_canonical ("{\"string\": \"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\","
                    " \"literals\": [null, true, false]}",
                    "{\"literals\":[null,true,false],"
                    "\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
}

/* RFC 8785, section 3.2.3. */
static void
test_rfc_sorting (void)
{
  assert_canonical ("{\"\\u20ac\": \"Euro Sign\", \"\\r\": \"Carriage Return\","
                    " \"\\ufb33\": \"Hebrew Letter Dalet With Dagesh\", \"1\": \"One\","
                    " \"\\ud83d\\ude00\": \"Emoji: Grinning Face\", \"\\u0080\": \"Control\","
                    " \"\\u00f6\": \"Latin Small Letter O With Diaeresis\"}",
                    "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\302\200\":\"Control\","
                    "\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\","
                    "\"😀\":\"Emoji: Grinning Face\","
                    "\"\357\254\263\":\"Hebrew Letter Dalet With Dagesh\"}");
}

static void
test_sorting_more (void)
{
  assert_canonical ("{\"b\":1,\"\":2,\"ab\":3,\"a\":4,\"B\":5}",
                    "{\"\":2,\"B\":5,\"a\":4,\"ab\":3,\"b\":1}");
  /* Two beyond the basic plane, and one shared lead. */
  assert_canonical ("{\"😁\":1,\"😀\":2,\"a\357\254\263\":3,\"a😀\":4}",
                    "{\"a😀\":4,\"a\357\254\263\":3,\"😀\":2,\"😁\":1}");
}

/* Whatever order the keys came in. */
static void
test_sorting_from_any_order (void)
{
  static const char expected[] = "{\"😀\":0,\"😁\":0,\"\357\254\263\":0}";
  static const char *const texts[] = {
    "{\"😀\":0,\"😁\":0,\"\357\254\263\":0}", "{\"😀\":0,\"\357\254\263\":0,\"😁\":0}",
    "{\"😁\":0,\"😀\":0,\"\357\254\263\":0}", "{\"😁\":0,\"\357\254\263\":0,\"😀\":0}",
    "{\"\357\254\263\":0,\"😀\":0,\"😁\":0}", "{\"\357\254\263\":0,\"😁\":0,\"😀\":0}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    assert_canonical (texts[i], expected);
}

static void
test_escapes (void)
{
  assert_canonical ("\"\\u0001\\b\\t\\n\\u000b\\f\\r\\u001f\\u007f\\u2028/\"",
                    "\"\\u0001\\b\\t\\n\\u000b\\f\\r\\u001f\177\342\200\250/\"");
}

static void
test_integers (void)
{
  assert_canonical ("[0, -1, 9007199254740991, -9007199254740991]",
                    "[0,-1,9007199254740991,-9007199254740991]");
  assert_not_encoded (json_integer (INT64_C (9007199254740992)));
  assert_not_encoded (json_integer (INT64_C (-9007199254740992)));
  assert_not_encoded (json_integer (INT64_MIN));
  assert_not_encoded (json_real (1.0));
}

static void
test_not_text (void)
{
  json_t *object = json_object ();

  assert_not_encoded (json_string_nocheck ("\xff"));
  assert_not_encoded (json_string_nocheck ("\xed\xa0\x80")); /* a lone surrogate */
  assert_not_encoded (json_stringn ("a\0b", 3));
  json_object_set_new_nocheck (object, "\xc0\x80", json_null ());
  assert_not_encoded (object);
  object = json_object ();
  json_object_setn_new (object, "a\0b", 3, json_null ());
  assert_not_encoded (object);
}

static json_t *
nested (int depth)
{
  json_t *value = json_array ();

  for (int i = 0; i < depth; i++)
    value = json_pack ("[o]", value);
  return value;
}

static void
test_depth (void)
{
  g_autoptr (json_t) deep = nested (64);
  g_autoptr (GBytes) bytes = csm_json_encode (deep, NULL);

  g_assert_nonnull (bytes);
  assert_not_encoded (nested (65));

  g_autofree char *open = g_strnfill (100000, '[');

  assert_refused (open, 100000);
}

static void
test_reads_canonical (void)
{
  static const char *const texts[] = { "{}",   "[]", "null",
                                       "\"\"", "-7", "{\"a\":[1,{\"b\":\"ö\"}]}" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) bytes = g_bytes_new (texts[i], strlen (texts[i]));
      g_autoptr (json_t) value = csm_json_decode (bytes, &error);
      g_autoptr (GBytes) again = value != NULL ? csm_json_encode (value, &error) : NULL;

      g_assert_no_error (error);
      g_assert_true (g_bytes_equal (bytes, again));
    }
}

static void
test_refuses_other_forms (void)
{
  static const char *const texts[] = {
    "",
    " {}",
    "{} ",
    "{}\n",
    "{\"a\": 1}",
    "{\"b\":1,\"a\":2}",
    "[1,]",
    "[1.0]",
    "[1e3]",
    "[-0]",
    "[01]",
    "[+1]",
    "[0x1]",
    "\"\\u0041\"",
    "\"\\/\"",
    "\"\\u000A\"",
    "\"\\u000a\"",
    "\"\\u001F\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"\\u20ac\"",
    "{\"a\":1,\"a\":1}",
    "{}{}",
    "nul",
    "TRUE",
    "[9007199254740992]",
    "[99999999999999999999]",
    "\357\273\277{}",
    "'a'",
    "\"\t\"",
    "\"\xff\"",
    "\"\xc0\xaf\"",
    "{\"\xef\xac\xb3\":1,\"😀\":2}",
    "/**/1",
    "NaN",
    "{a:1}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    assert_refused (texts[i], strlen (texts[i]));
  assert_refused ("{}\0", 3);
  assert_refused ("\"a\0b\"", 5);
}

/* By way of jansson: what it reads, and what our own encoding of that leaves as it is. */
static json_t *
decode_and_encode (GBytes *bytes)
{
  gsize size;
  const char *text = g_bytes_get_data (bytes, &size);
  g_autoptr (json_t) value =
      json_loadb (text, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
  g_autoptr (GBytes) again = value != NULL ? csm_json_encode (value, NULL) : NULL;

  return again != NULL && g_bytes_equal (bytes, again) ? g_steal_pointer (&value) : NULL;
}

static void
assert_read_alike (const char *text, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, size);
  g_autoptr (json_t) value = csm_json_decode (bytes, NULL);
  g_autoptr (json_t) other = decode_and_encode (bytes);

  if ((value != NULL) != (other != NULL) || (value != NULL && !json_equal (value, other)))
    g_error ("%s: %.*s", value != NULL ? "read" : "refused", (int) size, text);
}

/* Every byte of a text to every other, taken out, put in twice, and pairs at random. */
static void
test_reads_what_encoding_leaves (void)
{
  static const char *const texts[] = {
    "{\"\":[],\"a\":{\"A\":-10,\"b\":[1,null,true,false,\"\"]},\"\303\266\":"
    "\"\\\"\\\\\\b\\t\\n\\f\\r\"}",
    "[\"\\u0001\\u000b\\u001f\177\342\202\254\360\237\230\200 /\",9007199254740991,0,{}]",
    "{\"a\360\237\230\200\":0,\"a\360\237\230\201\":0,\"a\357\254\263\":0,\"a\357\277\277\":[[["
    "-1]]]}",
    "[9007199254740990,-9007199254740991,\"\\u0010\\u0007\"]",
  };
  char copy[200];

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      const gsize size = strlen (texts[i]);

      g_assert_cmpuint (size, <, sizeof copy - 1);
      assert_read_alike (texts[i], size);
      for (gsize at = 0; at < size; at++)
        {
          for (int c = 0; c < 256; c++)
            {
              memcpy (copy, texts[i], size);
              copy[at] = (char) c;
              assert_read_alike (copy, size);
              memmove (copy + at + 1, texts[i] + at, size - at);
              assert_read_alike (copy, size + 1);
            }
          memmove (copy + at, texts[i] + at + 1, size - at - 1);
          assert_read_alike (copy, size - 1);
          assert_read_alike (texts[i], at);
        }
      for (int n = 0; n < 100000; n++)
        {
          memcpy (copy, texts[i], size);
          for (int change = 0; change < 2; change++)
            copy[g_test_rand_int_range (0, (int) size)] =
                texts[i][g_test_rand_int_range (0, (int) size)];
          assert_read_alike (copy, size);
        }
    }
}

/* The message ends in logs; the text of a case must not. */
static void
test_error_quotes_nothing (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new_static ("{\"Minsk\":}", 10);

  g_assert_null (csm_json_decode (bytes, &error));
  g_assert_null (strstr (error->message, "Minsk"));
}

static void
test_getters (void)
{
  g_autoptr (json_t) object = json_loads (
      "{\"s\":\"x\",\"i\":-5,\"t\":true,\"f\":false,\"o\":{},\"a\":[],\"n\":null}", 0, NULL);
  int64_t integer = 99;
  bool flag = false;

  g_assert_cmpstr (csm_json_get_string (object, "s"), ==, "x");
  g_assert_null (csm_json_get_string (object, "i"));
  g_assert_null (csm_json_get_string (object, "missing"));
  g_assert_true (csm_json_get_int (object, "i", &integer));
  g_assert_cmpint (integer, ==, -5);
  g_assert_false (csm_json_get_int (object, "s", &integer));
  g_assert_false (csm_json_get_int (object, "t", &integer));
  g_assert_false (csm_json_get_int (object, "missing", &integer));
  g_assert_cmpint (integer, ==, -5);
  g_assert_true (csm_json_get_bool (object, "t", &flag) && flag);
  g_assert_true (csm_json_get_bool (object, "f", &flag) && !flag);
  g_assert_false (csm_json_get_bool (object, "n", &flag));
  g_assert_false (csm_json_get_bool (object, "i", &flag));
  g_assert_nonnull (csm_json_get_array (object, "a"));
  g_assert_null (csm_json_get_array (object, "o"));
  g_assert_null (csm_json_get_string (NULL, "s"));
}

static void
test_decimals (void)
{
  static const int64_t values[] = { 0, 1, -1, -12, INT64_MAX, INT64_MIN };
  static const char *const wrong[] = {
    "",
    "-",
    "+1",
    "01",
    "-0",
    "-01",
    " 1",
    "1 ",
    "1.0",
    "0x1",
    "1e3",
    "9223372036854775808",
    "-9223372036854775809",
  };
  g_autoptr (json_t) object = json_object ();
  int64_t value = 99;

  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    {
      json_object_set_new (object, "d", csm_json_decimal (values[i]));
      g_assert_true (csm_json_get_decimal (object, "d", &value));
      g_assert_cmpint (value, ==, values[i]);
    }
  value = 99;
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      json_object_set_new (object, "d", json_string (wrong[i]));
      g_assert_false (csm_json_get_decimal (object, "d", &value));
    }
  json_object_set_new (object, "d", json_integer (5));
  g_assert_false (csm_json_get_decimal (object, "d", &value));
  g_assert_false (csm_json_get_decimal (object, "missing", &value));
  g_assert_cmpint (value, ==, 99);
}

static void
test_nullable (void)
{
  g_autoptr (json_t) null = csm_json_nullable (NULL);
  g_autoptr (json_t) text = csm_json_nullable ("x");

  g_assert_true (json_is_null (null));
  g_assert_cmpstr (json_string_value (text), ==, "x");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/casement/base/json/rfc-8785-strings", test_rfc_strings);
  g_test_add_func ("/casement/base/json/rfc-8785-sorting", test_rfc_sorting);
  g_test_add_func ("/casement/base/json/sorting-more", test_sorting_more);
  g_test_add_func ("/casement/base/json/sorting-from-any-order", test_sorting_from_any_order);
  g_test_add_func ("/casement/base/json/escapes", test_escapes);
  g_test_add_func ("/casement/base/json/integers", test_integers);
  g_test_add_func ("/casement/base/json/not-text", test_not_text);
  g_test_add_func ("/casement/base/json/depth", test_depth);
  g_test_add_func ("/casement/base/json/reads-canonical", test_reads_canonical);
  g_test_add_func ("/casement/base/json/refuses-other-forms", test_refuses_other_forms);
  g_test_add_func ("/casement/base/json/reads-what-encoding-leaves",
                   test_reads_what_encoding_leaves);
  g_test_add_func ("/casement/base/json/error-quotes-nothing", test_error_quotes_nothing);
  g_test_add_func ("/casement/base/json/getters", test_getters);
  g_test_add_func ("/casement/base/json/decimals", test_decimals);
  g_test_add_func ("/casement/base/json/nullable", test_nullable);
  return g_test_run ();
}
