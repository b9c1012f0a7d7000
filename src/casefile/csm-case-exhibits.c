/* csm-case-exhibits.c: exhibits, and how they came to us
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case-private.h"

#include <string.h>

#define EXHIBIT_SQL                                                                        \
  "SELECT e.id, e.number, e.name, e.sha256, e.size, e.linked, e.added, e.title, e.source," \
  " e.obtained_from, e.obtained_when, e.obtained_how, e.notes, e.do_not_export,"           \
  " f.state, f.status, f.format, f.codec, f.width, f.height, f.n_frames, f.duration_ms,"   \
  " (SELECT count (*) FROM mark WHERE mark.exhibit = e.id AND mark.removed = 0),"          \
  " e.index_library, e.sound_offset_ms"                                                    \
  " FROM exhibit AS e LEFT JOIN kept_facts AS f ON f.exhibit = e.id"

static CsmAcquisition *
acquisition_from_row (CsmQuery *query, int column)
{
  CsmAcquisition *acquisition = g_new0 (CsmAcquisition, 1);

  acquisition->title = csm_query_dup_text (query, column);
  acquisition->source = csm_query_dup_text (query, column + 1);
  acquisition->obtained_from = csm_query_dup_text (query, column + 2);
  acquisition->obtained_when = csm_query_dup_text (query, column + 3);
  acquisition->obtained_how = csm_query_dup_text (query, column + 4);
  acquisition->notes = csm_query_dup_text (query, column + 5);
  acquisition->do_not_export = csm_query_get_int (query, column + 6) != 0;
  return acquisition;
}

static CsmExhibit *
exhibit_from_row (CsmQuery *query)
{
  CsmExhibit *exhibit = g_new0 (CsmExhibit, 1);
  const bool looked_at = !csm_query_is_null (query, 14);

  csm_query_get_id (query, 0, &exhibit->id);
  exhibit->number = csm_query_dup_text (query, 1);
  exhibit->name = csm_query_dup_text (query, 2);
  csm_query_get_digest (query, 3, &exhibit->sha256);
  exhibit->size = csm_query_get_int (query, 4);
  exhibit->linked = csm_query_get_int (query, 5) != 0;
  exhibit->added = csm_query_get_int (query, 6);
  exhibit->acquisition = acquisition_from_row (query, 7);
  exhibit->acquisition->sound_offset_ms = (int) csm_query_get_int (query, 24);
  exhibit->index_state = (CsmIndexState) csm_query_get_int (query, 14);
  exhibit->status = g_strdup (csm_query_get_text (query, 15));
  exhibit->format = g_strdup (csm_query_get_text (query, 16));
  exhibit->codec = g_strdup (csm_query_get_text (query, 17));
  exhibit->width = (int) csm_query_get_int (query, 18);
  exhibit->height = (int) csm_query_get_int (query, 19);
  exhibit->n_frames = looked_at ? csm_query_get_int (query, 20) : -1;
  exhibit->duration_ms = looked_at ? csm_query_get_int (query, 21) : -1;
  exhibit->n_marks = csm_query_get_int (query, 22);
  exhibit->index_library = csm_query_dup_text (query, 23);
  return exhibit;
}

GPtrArray *
csm_case_list_exhibits (CsmCase *self, GError **error)
{
  g_autoptr (GPtrArray) list =
      g_ptr_array_new_with_free_func ((GDestroyNotify) csm_exhibit_free);
  g_autoptr (CsmQuery) query = NULL;
  int step;

  CSM_CASE_ASSERT_LANE (self);
  query = csm_query_new (self->db, "read the exhibits",
                         EXHIBIT_SQL " WHERE e.removed = 0 ORDER BY e.position, e.number");
  while ((step = csm_query_step (query, error)) > 0)
    g_ptr_array_add (list, exhibit_from_row (query));
  return step == 0 ? g_steal_pointer (&list) : NULL;
}

/* (nullable) without error: none. */
static CsmExhibit *
read_one (CsmQuery *query, GError **error)
{
  return csm_query_step (query, error) > 0 ? exhibit_from_row (query) : NULL;
}

CsmExhibit *
csm_case_get_exhibit (CsmCase *self, const CsmId *id, GError **error)
{
  g_autoptr (CsmQuery) query = NULL;
  g_autoptr (GError) local = NULL;
  CsmExhibit *exhibit;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (id != NULL, NULL);
  query = csm_query_new (self->db, "read the exhibit",
                         EXHIBIT_SQL " WHERE e.id = ? AND e.removed = 0");
  csm_query_id (query, id);
  exhibit = read_one (query, &local);
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else if (exhibit == NULL)
    csm_case_fail (error, CSM_CASE_ERROR_NOT_FOUND, "there is no exhibit with the id %s",
                   id->hex);
  return exhibit;
}

CsmExhibit *
csm_case_find_sha256 (CsmCase *self, const CsmDigest *sha256, GError **error)
{
  g_autoptr (CsmQuery) query = NULL;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (sha256 != NULL, NULL);
  query = csm_query_new (self->db, "read the exhibit",
                         EXHIBIT_SQL " WHERE e.sha256 = ? AND e.removed = 0"
                                     " ORDER BY e.position, e.number LIMIT 1");
  csm_query_digest (query, sha256);
  return read_one (query, error);
}

gboolean
csm_case_has_size (CsmCase *self, int64_t size, bool *ret_has, GError **error)
{
  g_autoptr (CsmQuery) query = NULL;
  int step;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (ret_has != NULL, FALSE);
  query = csm_query_new (self->db, "read the exhibits",
                         "SELECT 1 FROM exhibit WHERE size = ? AND removed = 0 LIMIT 1");
  csm_query_int (query, size);
  step = csm_query_step (query, error);
  *ret_has = step > 0;
  return step >= 0;
}

/* (nullable) without error: none. "E-0003", "e-3", "3". */
static CsmExhibit *
find_number (CsmCase *self, const char *name, GError **error)
{
  const char *digits = g_ascii_strncasecmp (name, "E-", 2) == 0 ? name + 2 : name;
  g_autofree char *number = NULL;
  g_autoptr (CsmQuery) query = NULL;
  guint64 position;

  if (!g_utf8_validate (name, -1, NULL))
    return NULL;
  if (g_ascii_string_to_unsigned (digits, 10, 1, G_MAXINT32, &position, NULL))
    number = g_strdup_printf ("E-%04d", (int) position);
  query = csm_query_new (self->db, "read the exhibit",
                         EXHIBIT_SQL " WHERE e.number = ? AND e.removed = 0");
  csm_query_text (query, number != NULL ? number : name);
  return read_one (query, error);
}

CsmExhibit *
csm_case_find_exhibit (CsmCase *self, const char *name, GError **error)
{
  g_autoptr (GError) local = NULL;
  CsmExhibit *exhibit;
  CsmDigest sha256;
  CsmId id;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (name != NULL, NULL);
  if (csm_id_parse (name, &id))
    return csm_case_get_exhibit (self, &id, error);
  exhibit = csm_digest_from_hex (name, &sha256) ? csm_case_find_sha256 (self, &sha256, &local)
                                                : find_number (self, name, &local);
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else if (exhibit == NULL)
    csm_case_fail (error, CSM_CASE_ERROR_NOT_FOUND, "there is no exhibit '%s'", name);
  return exhibit;
}

static gboolean
check_acquisition (const CsmAcquisition *acquisition, GError **error)
{
  if (ABS (acquisition->sound_offset_ms) > CSM_MAX_SOUND_OFFSET_MS)
    return csm_case_fail (error, CSM_CASE_ERROR_INVALID,
                          "the sound's offset is more than ten minutes");
  return csm_case_check_text (acquisition->title, "the title", error) &&
         csm_case_check_text (acquisition->source, "the source", error) &&
         csm_case_check_text (acquisition->obtained_from, "'obtained from'", error) &&
         csm_case_check_text (acquisition->obtained_when, "'obtained when'", error) &&
         csm_case_check_text (acquisition->obtained_how, "'obtained how'", error) &&
         csm_case_check_text (acquisition->notes, "the notes", error);
}

static gboolean
keep_media (CsmCase *self,
            const CsmId *id,
            const CsmMediaRef *ref,
            const uint8_t salt[32],
            int64_t size,
            const char *link_path,
            const char *source_path,
            GError **error)
{
  g_autoptr (CsmQuery) query =
      csm_query_new (self->db, "keep the exhibit's place",
                     "INSERT INTO kept_media (exhibit, name, key, size, salt, link_path,"
                     " source_path) VALUES (?, ?, ?, ?, ?, ?, ?)");

  csm_query_id (query, id);
  if (ref != NULL)
    {
      csm_query_text (query, ref->name);
      csm_query_blob (query, csm_secret_peek (ref->key), csm_secret_get_size (ref->key));
      csm_query_int (query, ref->size);
      csm_query_blob (query, salt, 32);
      csm_query_null (query);
    }
  else
    {
      csm_query_null (query);
      csm_query_null (query);
      csm_query_int (query, size);
      csm_query_null (query);
      csm_query_blob (query, link_path, strlen (link_path));
    }
  if (source_path != NULL)
    csm_query_blob (query, source_path, strlen (source_path));
  else
    csm_query_null (query);
  return csm_query_run (query, error);
}

/* What is to become an exhibit. */
typedef struct
{
  const char *name;
  const CsmDigest *sha256;
  int64_t size;
  const CsmAcquisition *acquisition;
  const CsmMediaRef *ref;
  uint8_t salt[32];
} NewExhibit;

static json_t *
build_exhibit (const NewExhibit *new, int64_t position)
{
  json_t *body = json_object ();
  g_autofree char *number = g_strdup_printf ("E-%04d", (int) position);
  char hex[CSM_DIGEST_HEX_SIZE];
  CsmDigest commitment;

  csm_digest_to_hex (new->sha256, hex);
  json_object_set_new (body, "number", json_string (number));
  json_object_set_new (body, "name", json_string (new->name));
  json_object_set_new (body, "sha256", json_string (hex));
  json_object_set_new (body, "size", json_integer (new->size));
  json_object_set_new (body, "linked", json_boolean (new->ref == NULL));
  if (new->ref != NULL)
    {
      csm_kept_media_commit (new->ref->key, new->salt, &commitment);
      csm_digest_to_hex (&commitment, hex);
    }
  json_object_set_new (body, "key_commitment",
                       new->ref != NULL ? json_string (hex) : json_null ());
  csm_acquisition_build (body, new->acquisition);
  return body;
}

static gboolean
refuse_duplicate (CsmCase *self, const CsmDigest *sha256, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (CsmExhibit) twin = csm_case_find_sha256 (self, sha256, &local);

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (twin != NULL)
    return csm_case_fail (error, CSM_CASE_ERROR_EXISTS, "the same bytes are in the case as %s",
                          twin->number);
  return TRUE;
}

CsmExhibit *
csm_case_add_exhibit (CsmCase *self,
                      const char *name,
                      const char *source_path,
                      const CsmDigest *sha256,
                      int64_t size,
                      const CsmAcquisition *acquisition,
                      const CsmMediaRef *ref,
                      const char *link_path,
                      GError **error)
{
  g_autoptr (CsmAcquisition) none = csm_acquisition_new ();
  g_autoptr (CsmSecret) salt = csm_secret_new_random (32);
  const CsmId id = csm_id_new ();
  NewExhibit new = { .name = name,
                     .sha256 = sha256,
                     .size = size,
                     .acquisition = acquisition != NULL ? acquisition : none,
                     .ref = ref };
  g_autoptr (CsmChange) change = NULL;
  g_autoptr (json_t) body = NULL;
  int64_t position = 0;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (name != NULL && sha256 != NULL && size >= 0, NULL);
  g_return_val_if_fail ((ref == NULL) != (link_path == NULL), NULL);
  if (!csm_case_check_text (name, "the file's name", error) ||
      !check_acquisition (new.acquisition, error) || !refuse_duplicate (self, sha256, error) ||
      /* The number of an erased exhibit is not given again. */
      !csm_db_get_int (self->db,
                       "SELECT 1 + max ((SELECT coalesce (max (position), 0) FROM exhibit),"
                       " (SELECT count (*) FROM event WHERE kind = 'exhibit.add'))",
                       &position, error))
    return NULL;

  memcpy (new.salt, csm_secret_peek (salt), sizeof new.salt);
  body = build_exhibit (&new, position);
  change = csm_change_begin (self, error);
  if (change == NULL ||
      !csm_change_sign (change, "exhibit.add", &id, NULL, body, NULL, error) ||
      !keep_media (self, &id, ref, new.salt, size, link_path, source_path, error) ||
      !csm_change_commit (change, error))
    return NULL;
  return csm_case_get_exhibit (self, &id, error);
}

/* Where an edit of the exhibit hangs on: @column is "entry" or "presence_entry". */
static gboolean
find_entry (CsmCase *self,
            const CsmId *id,
            const char *sql,
            CsmDigest *ret_entry,
            GError **error)
{
  g_autoptr (CsmQuery) query = csm_query_new (self->db, "read the exhibit", sql);
  int step;

  csm_query_id (query, id);
  step = csm_query_step (query, error);
  if (step == 0)
    return csm_case_fail (error, CSM_CASE_ERROR_NOT_FOUND, "there is no exhibit with the id %s",
                          id->hex);
  if (step < 0)
    return FALSE;
  csm_query_get_digest (query, 0, ret_entry);
  return TRUE;
}

gboolean
csm_case_set_acquisition (CsmCase *self,
                          const CsmId *exhibit,
                          const CsmAcquisition *acquisition,
                          GError **error)
{
  g_autoptr (json_t) body = json_object ();
  CsmDigest before;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (exhibit != NULL && acquisition != NULL, FALSE);
  if (!check_acquisition (acquisition, error) ||
      !find_entry (self, exhibit, "SELECT entry FROM exhibit WHERE id = ? AND removed = 0",
                   &before, error))
    return FALSE;
  csm_acquisition_build (body, acquisition);
  return csm_case_sign_edit (self, "exhibit.set", "exhibit", exhibit, &before, body, error);
}

gboolean
csm_case_remove_exhibit (CsmCase *self, const CsmId *exhibit, GError **error)
{
  g_autoptr (json_t) body = json_object ();
  CsmDigest before;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (exhibit != NULL, FALSE);
  return find_entry (self, exhibit,
                     "SELECT presence_entry FROM exhibit WHERE id = ? AND removed = 0", &before,
                     error) &&
         csm_case_sign_edit (self, "exhibit.remove", "presence", exhibit, &before, body, error);
}

gboolean
csm_case_restore_exhibit (CsmCase *self, const CsmId *exhibit, GError **error)
{
  g_autoptr (json_t) body = json_object ();
  g_autoptr (CsmQuery) query = NULL;
  CsmDigest before;
  CsmDigest sha256;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (exhibit != NULL, FALSE);
  if (!find_entry (self, exhibit,
                   "SELECT presence_entry FROM exhibit WHERE id = ? AND removed = 1", &before,
                   error) ||
      !find_entry (self, exhibit, "SELECT sha256 FROM exhibit WHERE id = ?", &sha256, error)
      /* It may have been imported again meanwhile. */
      || !refuse_duplicate (self, &sha256, error))
    return FALSE;
  return csm_case_sign_edit (self, "exhibit.restore", "presence", exhibit, &before, body,
                             error);
}
