/* csm-json.h: canonical JSON (RFC 8785), the bytes that get signed
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* What Casement signs is a subset of RFC 8785: objects with unique keys, arrays, strings,
 * true, false, null, and integers within 2^53 - 1. Floats never occur; what is larger or
 * fractional travels as a decimal string. Text and keys hold no NUL; values nest at most 64
 * deep.
 *
 * Errors  CSM_BASE_ERROR_INVALID.
 * Threads any; jansson's reference counts are atomic, its values are not locked. */

/* (transfer full) (nullable): the one encoding of @value. NULL for what is not in the subset,
 * text that is not UTF-8 among it. */
GBytes *csm_json_encode (const json_t *value, GError **error);

/* (transfer full) (nullable): the value that @bytes encode. Reads the canonical form alone:
 * what would be encoded as other bytes is refused. */
json_t *csm_json_decode (GBytes *bytes, GError **error);

/* Reading with a type check. Each is false or NULL when @key is missing or of another type;
 * answers are borrowed from @object. */
const char *csm_json_get_string (const json_t *object, const char *key);
bool csm_json_get_int (const json_t *object, const char *key, int64_t *ret_value);
/* A decimal string that fits int64_t, in its one form ("-12", never "+1" or "01"). */
bool csm_json_get_decimal (const json_t *object, const char *key, int64_t *ret_value);
bool csm_json_get_bool (const json_t *object, const char *key, bool *ret_value);
json_t *csm_json_get_array (const json_t *object, const char *key);
/* (transfer full): @value as a JSON string in decimal. */
json_t *csm_json_decimal (int64_t value);
/* (transfer full): a JSON string, or null for NULL. */
json_t *csm_json_nullable (const char *value);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (json_t, json_decref)
