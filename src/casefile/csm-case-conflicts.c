/* csm-case-conflicts.c: what two copies made of one thing, and how that is settled
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case-conflicts.h"

#include "casefile/csm-case-private.h"

#include <inttypes.h>
#include <string.h>

static void
version_free (gpointer data)
{
  CsmConflictVersion *self = data;

  g_free (self->author);
  json_decref (self->values);
  g_free (self);
}

void
csm_conflict_free (CsmConflict *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self->facet);
  g_free (self->code);
  g_free (self->where);
  g_ptr_array_unref (self->versions);
  g_strfreev (self->differs);
  g_free (self);
}

/* --- what a version says --- */

static void
add_text (json_t *values, const json_t *body, const char *key)
{
  const char *text = csm_json_get_string (body, key);

  json_object_set_new (values, key, json_string (text != NULL ? text : ""));
}

static void
add_rectangles (json_t *values, const json_t *body)
{
  g_autoptr (GString) text = g_string_new (NULL);
  size_t i;
  json_t *region;

  json_array_foreach (json_object_get (body, "regions"), i, region)
  {
    int64_t frame = 0;

    (void) csm_json_get_int (region, "frame", &frame);
    g_string_append_printf (
        text, "%s%s,%s,%s,%s @ %" PRId64, i > 0 ? "; " : "", csm_json_get_string (region, "x"),
        csm_json_get_string (region, "y"), csm_json_get_string (region, "width"),
        csm_json_get_string (region, "height"), frame);
  }
  json_object_set_new (values, "rectangles", json_string (text->str));
}

static void
add_mark (json_t *values, const json_t *body)
{
  int64_t from = 0, to = 0;
  g_autofree char *frames = NULL;

  (void) csm_json_get_int (body, "from", &from);
  (void) csm_json_get_int (body, "to", &to);
  frames = g_strdup_printf ("%" PRId64 " - %" PRId64, from, to);
  json_object_set_new (values, "frames", json_string (frames));
  add_text (values, body, "code");
  add_text (values, body, "text");
  add_rectangles (values, body);
}

static void
add_texts (json_t *values, const json_t *body, const char *const *keys)
{
  for (; *keys != NULL; keys++)
    add_text (values, body, *keys);
}

static json_t *
build_values (const char *facet, const CsmEntry *entry)
{
  static const char *const acquisition[] = {
    "title", "source", "obtained_from", "obtained_when", "obtained_how", "notes", NULL
  };
  static const char *const code[] = { "label", "definition", "source", "parent", NULL };
  static const char *const frames[] = { "index_sha256", NULL };
  const json_t *body = csm_entry_get_content (entry);
  const char *kind = csm_entry_get_kind (entry);
  json_t *values = json_object ();
  bool do_not_export = false;

  if (body == NULL)
    json_object_set_new (values, "erased", json_string ("yes"));
  else if (g_str_has_suffix (kind, ".remove"))
    json_object_set_new (values, "removed", json_string ("yes"));
  else if (strcmp (facet, "mark") == 0)
    add_mark (values, body);
  else if (strcmp (facet, "code") == 0)
    add_texts (values, body, code);
  else if (strcmp (facet, "index") == 0)
    add_texts (values, body, frames);
  else if (strcmp (facet, "exhibit") == 0)
    {
      add_texts (values, body, acquisition);
      (void) csm_json_get_bool (body, "do_not_export", &do_not_export);
      json_object_set_new (values, "do_not_export", json_string (do_not_export ? "yes" : "no"));
      json_object_set_new (
          values, "sound_offset_ms",
          json_sprintf ("%" JSON_INTEGER_FORMAT,
                        json_integer_value (json_object_get (body, "sound_offset_ms"))));
    }
  else
    json_object_set_new (values, "removed", json_string ("no"));
  return values;
}

/* --- reading --- */

/* What names one facet in the tables. */
typedef struct
{
  const char *facet;
  GBytes *subject;
} Key;

static const struct
{
  const char *facet;
  const char *sql; /* the entry in effect */
} effects[] = {
  { "mark", "SELECT entry FROM mark WHERE id = ?" },
  { "exhibit", "SELECT entry FROM exhibit WHERE id = ?" },
  { "presence", "SELECT presence_entry FROM exhibit WHERE id = ?" },
  { "index", "SELECT index_entry FROM exhibit WHERE id = ?" },
  { "code", "SELECT entry FROM code WHERE id = CAST (? AS TEXT)" },
};

static gboolean
read_effect (CsmCase *self, const Key *key, CsmDigest *ret_entry, GError **error)
{
  for (size_t i = 0; i < G_N_ELEMENTS (effects); i++)
    if (strcmp (effects[i].facet, key->facet) == 0)
      {
        g_autoptr (CsmQuery) query =
            csm_query_new (self->db, "read what is in effect", effects[i].sql);
        int step;

        csm_query_bytes (query, key->subject);
        step = csm_query_step (query, error);
        if (step > 0)
          csm_query_get_digest (query, 0, ret_entry);
        return step > 0 ? TRUE
                        : step == 0 && csm_case_fail (error, CSM_CASE_ERROR_NOT_FOUND,
                                                      "there is nothing in effect");
      }
  return csm_case_fail (error, CSM_CASE_ERROR_NEWER, "there is a conflict of an unknown kind");
}

/* (transfer full) (nullable): @sql asks for one text about ?. */
static char *
dup_one (CsmCase *self, const char *sql, const void *key, size_t size)
{
  g_autoptr (CsmQuery) query = csm_query_new (self->db, "read a name", sql);

  csm_query_blob (query, key, size);
  /* What has no name goes by none. */
  return csm_query_step (query, NULL) > 0 ? csm_query_dup_text (query, 0) : NULL;
}

static CsmConflictVersion *
make_version (CsmCase *self, const Key *key, const CsmEntry *entry, const CsmDigest *effect)
{
  CsmConflictVersion *version = g_new0 (CsmConflictVersion, 1);

  version->entry = *csm_entry_get_id (entry);
  version->author = dup_one (self, "SELECT name FROM reviewer WHERE key = ?",
                             csm_entry_get_author (entry), CSM_PUBLIC_KEY_SIZE);
  if (version->author == NULL)
    version->author = g_strdup ("");
  version->time = csm_entry_get_time (entry);
  version->in_effect = csm_digest_equal (&version->entry, effect);
  version->values = build_values (key->facet, entry);
  return version;
}

/* (transfer full) (nullable): all that nothing replaces, in order of replay. */
static GPtrArray *
list_versions (CsmCase *self, const Key *key, GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (version_free);
  g_autoptr (CsmQuery) query = NULL;
  CsmDigest effect;
  int step;

  if (!read_effect (self, key, &effect, error))
    return NULL;
  query =
      csm_query_new (self->db, "read the conflicts",
                     "SELECT header, meta, body, signature FROM entry WHERE id = ?1 OR id IN"
                     " (SELECT entry FROM conflict WHERE facet = ?2 AND subject = ?3)"
                     " ORDER BY lamport, id");
  csm_query_digest (query, &effect);
  csm_query_text (query, key->facet);
  csm_query_bytes (query, key->subject);
  while ((step = csm_query_step (query, error)) > 0)
    {
      g_autoptr (CsmEntry) entry = csm_entry_from_row (query, 0, error);

      if (entry == NULL)
        return NULL;
      g_ptr_array_add (list, make_version (self, key, entry, &effect));
    }
  return step == 0 ? g_steal_pointer (&list) : NULL;
}

static const CsmConflictVersion *
find_effect (const GPtrArray *versions)
{
  for (guint i = 0; i < versions->len; i++)
    {
      const CsmConflictVersion *version = versions->pdata[i];

      if (version->in_effect)
        return version;
    }
  return NULL;
}

/* Leaves of those that say what is in effect that one alone. */
static void
drop_equal (GPtrArray *versions)
{
  const CsmConflictVersion *effect = find_effect (versions);

  for (guint i = versions->len; effect != NULL && i-- > 0;)
    {
      const CsmConflictVersion *version = versions->pdata[i];

      if (!version->in_effect && json_equal (version->values, effect->values))
        g_ptr_array_remove_index (versions, i);
    }
}

/* Each key of any version that another has otherwise, or not at all. */
static char **
list_differing (const GPtrArray *versions)
{
  g_autoptr (GStrvBuilder) keys = g_strv_builder_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < versions->len; i++)
    {
      const CsmConflictVersion *version = versions->pdata[i];
      const char *key;
      json_t *value;

      json_object_foreach (version->values, key, value)
      {
        bool differs = false;

        for (guint k = 0; k < versions->len; k++)
          {
            const CsmConflictVersion *other = versions->pdata[k];
            const json_t *same = json_object_get (other->values, key);

            differs = differs || same == NULL || !json_equal (same, value);
          }
        if (differs && g_hash_table_add (seen, (gpointer) key))
          g_strv_builder_add (keys, key);
      }
    }
  return g_strv_builder_end (keys);
}

/* Where it is, for people, and the exhibit that shows it. */
static void
place_conflict (CsmCase *self, CsmConflict *conflict, const Key *key)
{
  gsize size;
  const void *subject = g_bytes_get_data (key->subject, &size);
  g_autofree char *hex = NULL;

  if (strcmp (key->facet, "code") == 0)
    {
      conflict->code = g_strndup (subject, size);
      conflict->where = g_strdup_printf ("code %s", conflict->code);
      return;
    }
  hex = csm_hex_encode (subject, size);
  (void) csm_id_parse (hex, &conflict->subject); /* else it stays empty */
  conflict->exhibit = conflict->subject;
  if (strcmp (key->facet, "mark") == 0)
    {
      g_autofree char *exhibit =
          dup_one (self, "SELECT lower (hex (exhibit)) FROM mark WHERE id = ?", subject, size);

      (void) (exhibit != NULL && csm_id_parse (exhibit, &conflict->exhibit));
      conflict->where = dup_one (self,
                                 "SELECT e.number || ' ' || e.name FROM mark AS m"
                                 " JOIN exhibit AS e ON e.id = m.exhibit WHERE m.id = ?",
                                 subject, size);
    }
  else
    conflict->where =
        dup_one (self, "SELECT number || ' ' || name FROM exhibit WHERE id = ?", subject, size);
  if (conflict->where == NULL)
    conflict->where = g_strdup ("");
}

/* (transfer full) (nullable): NULL without error when all versions say the same. */
static CsmConflict *
make_conflict (CsmCase *self, const Key *key, GError **error)
{
  g_autoptr (GPtrArray) versions = list_versions (self, key, error);
  g_autofree char *hex = NULL;
  CsmConflict *conflict;

  if (versions == NULL)
    return NULL;
  drop_equal (versions);
  if (versions->len < 2)
    return NULL;
  conflict = g_new0 (CsmConflict, 1);
  conflict->facet = g_strdup (key->facet);
  conflict->versions = g_steal_pointer (&versions);
  conflict->differs = list_differing (conflict->versions);
  place_conflict (self, conflict, key);
  conflict->name = conflict->code != NULL
                       ? g_strdup_printf ("code-%s", conflict->code)
                       : g_strdup_printf ("%s-%.8s", key->facet, conflict->subject.hex);
  return conflict;
}

static int
compare_conflicts (gconstpointer a, gconstpointer b)
{
  const CsmConflict *x = *(const CsmConflict *const *) a;
  const CsmConflict *y = *(const CsmConflict *const *) b;
  const CsmConflictVersion *first = x->versions->pdata[0];
  const CsmConflictVersion *second = y->versions->pdata[0];
  const int where = strcmp (x->where, y->where);

  if (where != 0)
    return where;
  if (first->time != second->time)
    return first->time < second->time ? -1 : 1;
  return strcmp (x->name, y->name);
}

GPtrArray *
csm_case_list_conflicts (CsmCase *self, GError **error)
{
  g_autoptr (GPtrArray) list =
      g_ptr_array_new_with_free_func ((GDestroyNotify) csm_conflict_free);
  g_autoptr (CsmQuery) query = NULL;
  int step;

  CSM_CASE_ASSERT_LANE (self);
  query = csm_query_new (self->db, "read the conflicts",
                         "SELECT DISTINCT facet, subject FROM conflict");
  while ((step = csm_query_step (query, error)) > 0)
    {
      g_autoptr (GBytes) subject = csm_query_dup_bytes (query, 1);
      const Key key = { csm_query_get_text (query, 0), subject };
      g_autoptr (GError) local = NULL;
      CsmConflict *conflict = make_conflict (self, &key, &local);

      if (local != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
      if (conflict != NULL)
        g_ptr_array_add (list, conflict);
    }
  if (step < 0)
    return NULL;
  g_ptr_array_sort (list, compare_conflicts);
  return g_steal_pointer (&list);
}

CsmConflict *
csm_case_find_conflict (CsmCase *self, const char *name, GError **error)
{
  g_autoptr (GPtrArray) list = NULL;
  guint found = 0;
  int n = 0;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (name != NULL, NULL);
  list = csm_case_list_conflicts (self, error);
  if (list == NULL)
    return NULL;
  for (guint i = 0; i < list->len; i++)
    {
      const CsmConflict *conflict = list->pdata[i];
      g_autofree char *whole =
          conflict->code != NULL
              ? g_strdup (conflict->name)
              : g_strdup_printf ("%s-%s", conflict->facet, conflict->subject.hex);

      if (strcmp (whole, name) == 0)
        return g_ptr_array_steal_index (list, i);
      if (*name != '\0' && g_str_has_prefix (whole, name))
        {
          found = i;
          n++;
        }
    }
  if (n == 1)
    return g_ptr_array_steal_index (list, found);
  csm_case_fail (error, CSM_CASE_ERROR_NOT_FOUND,
                 n == 0 ? "there is no such conflict"
                        : "more than one conflict begins like that");
  return NULL;
}

/* --- settling --- */

/* The kind that says @entry once more: what was imported first is restored, or described. */
static const char *
find_kind (const char *facet, const CsmEntry *entry)
{
  const char *kind = csm_entry_get_kind (entry);

  if (strcmp (kind, "exhibit.add") != 0)
    return kind;
  return strcmp (facet, "presence") == 0 ? "exhibit.restore" : "exhibit.set";
}

/* (transfer full): the body of @entry without its nonce, and of an import what is said only. */
static json_t *
build_body (const char *facet, const CsmEntry *entry)
{
  static const char *const file[] = { "number", "name",   "sha256",
                                      "size",   "linked", "key_commitment" };
  json_t *body = json_deep_copy (csm_entry_get_content (entry));

  if (strcmp (facet, "presence") == 0)
    json_object_clear (body);
  json_object_del (body, "nonce");
  if (strcmp (csm_entry_get_kind (entry), "exhibit.add") == 0)
    for (size_t i = 0; i < G_N_ELEMENTS (file); i++)
      json_object_del (body, file[i]);
  return body;
}

/* Of an index the bytes have to be here. */
static gboolean
check_index (CsmCase *self, const CsmConflict *conflict, const CsmEntry *entry, GError **error)
{
  g_autoptr (CsmQuery) query =
      csm_query_new (self->db, "read the frame index",
                     "SELECT bytes FROM kept_index WHERE exhibit = ? AND exact <> 0");
  const char *hex = csm_json_get_string (csm_entry_get_content (entry), "index_sha256");
  g_autoptr (GBytes) bytes = NULL;
  CsmDigest kept, asked;
  int step;

  csm_query_id (query, &conflict->subject);
  step = csm_query_step (query, error);
  if (step < 0)
    return FALSE;
  if (step > 0)
    {
      bytes = csm_query_dup_bytes (query, 0);
      csm_sha256 (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &kept);
      if (hex != NULL && csm_digest_from_hex (hex, &asked) && csm_digest_equal (&kept, &asked))
        return TRUE;
    }
  return csm_case_fail (error, CSM_CASE_ERROR_INVALID,
                        "that frame index is not kept here; take the one in effect");
}

static gboolean
is_open (const GPtrArray *versions, const CsmDigest *take)
{
  for (guint i = 0; i < versions->len; i++)
    if (csm_digest_equal (&((const CsmConflictVersion *) versions->pdata[i])->entry, take))
      return versions->len > 1;
  return FALSE;
}

static gboolean
sign_version (CsmCase *self,
              const CsmConflict *conflict,
              const GPtrArray *versions,
              const CsmEntry *entry,
              GError **error)
{
  g_autoptr (json_t) body = build_body (conflict->facet, entry);
  g_autoptr (GArray) replaces = g_array_new (FALSE, FALSE, sizeof (CsmDigest));
  g_autoptr (CsmChange) change = csm_change_begin (self, error);

  for (guint i = 0; i < versions->len; i++)
    g_array_append_val (replaces, ((CsmConflictVersion *) versions->pdata[i])->entry);
  return change != NULL &&
         csm_change_sign_over (
             change, find_kind (conflict->facet, entry), csm_entry_get_subject (entry),
             (const CsmDigest *) replaces->data, (int) replaces->len, body, NULL, error) &&
         csm_change_commit (change, error);
}

static GBytes *
dup_subject (const CsmConflict *conflict)
{
  uint8_t id[CSM_ID_SIZE];

  if (conflict->code != NULL)
    return g_bytes_new (conflict->code, strlen (conflict->code));
  return csm_hex_decode (conflict->subject.hex, id, sizeof id) ? g_bytes_new (id, sizeof id)
                                                               : NULL;
}

gboolean
csm_case_settle (CsmCase *self,
                 const CsmConflict *conflict,
                 const CsmDigest *take,
                 GError **error)
{
  g_autoptr (GBytes) subject = NULL;
  g_autoptr (GPtrArray) versions = NULL;
  g_autoptr (CsmEntry) entry = NULL;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (conflict != NULL && take != NULL, FALSE);
  subject = dup_subject (conflict);
  if (subject == NULL)
    return csm_case_fail (error, CSM_CASE_ERROR_NOT_FOUND, "there is no such conflict");
  versions = list_versions (self, &(Key){ conflict->facet, subject }, error);
  if (versions == NULL)
    return FALSE;
  if (!is_open (versions, take))
    return csm_case_fail (error, CSM_CASE_ERROR_NOT_FOUND,
                          "this was settled or changed meanwhile; look at it again");
  entry = csm_case_load_entry (self, take, error);
  if (entry == NULL)
    return FALSE;
  if (csm_entry_get_content (entry) == NULL)
    return csm_case_fail (error, CSM_CASE_ERROR_INVALID,
                          "what this version said was erased; take another one");
  if (strcmp (conflict->facet, "index") == 0 && !check_index (self, conflict, entry, error))
    return FALSE;
  return sign_version (self, conflict, versions, entry, error);
}

gboolean
csm_change_sign_edit (CsmChange *change,
                      CsmCase *self,
                      const char *kind,
                      const CsmId *subject,
                      const CsmFacet *facet,
                      const CsmDigest *before,
                      const json_t *body,
                      GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (facet->subject, facet->subject_size);
  const Key key = { facet->name, bytes };
  g_autoptr (GArray) replaces = g_array_new (FALSE, FALSE, sizeof (CsmDigest));
  g_autoptr (GPtrArray) versions = before != NULL ? list_versions (self, &key, error) : NULL;
  const CsmConflictVersion *effect;

  if (before == NULL)
    return csm_change_sign (change, kind, subject, NULL, body, NULL, error);
  if (versions == NULL)
    return FALSE;
  effect = find_effect (versions);
  for (guint i = 0; effect != NULL && i < versions->len; i++)
    {
      const CsmConflictVersion *version = versions->pdata[i];

      if (version->in_effect || json_equal (version->values, effect->values))
        g_array_append_val (replaces, version->entry);
    }
  return csm_change_sign_over (change, kind, subject, (const CsmDigest *) replaces->data,
                               (int) replaces->len, body, NULL, error);
}

gboolean
csm_case_sign_edit (CsmCase *self,
                    const char *kind,
                    const char *facet,
                    const CsmId *subject,
                    const CsmDigest *before,
                    const json_t *body,
                    GError **error)
{
  uint8_t id[CSM_ID_SIZE] = { 0 };
  const CsmFacet one = { facet, id, sizeof id };
  g_autoptr (CsmChange) change = csm_change_begin (self, error);

  (void) csm_hex_decode (subject->hex, id, sizeof id); /* a CsmId is nothing else */
  return change != NULL &&
         csm_change_sign_edit (change, self, kind, subject, &one, before, body, error) &&
         csm_change_commit (change, error);
}
