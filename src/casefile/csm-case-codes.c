/* csm-case-codes.c: the codebook
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case-private.h"
#include "casefile/csm-codebook-resource.h"

#include <string.h>

#define CODEBOOK_PATH "/org/casement/casefile/codebook.json"

static CsmCode *
code_from_row (CsmQuery *query)
{
  CsmCode *code = g_new0 (CsmCode, 1);

  code->id = csm_query_dup_text (query, 0);
  code->label = csm_query_dup_text (query, 1);
  code->definition = csm_query_dup_text (query, 2);
  code->source = csm_query_dup_text (query, 3);
  code->parent = csm_query_dup_text (query, 4);
  return code;
}

/* Each parent before its children, siblings in order of appearance. */
static void
add_children (GPtrArray *list, GPtrArray *all, const char *parent)
{
  for (guint i = 0; i < all->len; i++)
    {
      CsmCode *code = all->pdata[i];

      if (code == NULL || g_strcmp0 (code->parent, parent) != 0)
        continue;
      all->pdata[i] = NULL;
      g_ptr_array_add (list, code);
      add_children (list, all, code->id);
    }
}

GPtrArray *
csm_case_list_codes (CsmCase *self, GError **error)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify) csm_code_free);
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) csm_code_free);
  g_autoptr (CsmQuery) query = NULL;
  int step;

  CSM_CASE_ASSERT_LANE (self);
  query = csm_query_new (
      self->db, "read the codebook",
      "SELECT id, label, definition, source, parent FROM code ORDER BY position");
  while ((step = csm_query_step (query, error)) > 0)
    g_ptr_array_add (all, code_from_row (query));
  if (step < 0)
    return NULL;
  add_children (list, all, NULL);
  return g_steal_pointer (&list);
}

static json_t *
build_code (const CsmCode *code)
{
  json_t *body = json_object ();

  json_object_set_new (body, "id", json_string (code->id));
  json_object_set_new (body, "label", json_string (code->label));
  json_object_set_new (body, "definition",
                       json_string (code->definition != NULL ? code->definition : ""));
  json_object_set_new (body, "source", json_string (code->source != NULL ? code->source : ""));
  json_object_set_new (body, "parent", csm_json_nullable (code->parent));
  return body;
}

/* 1 with its parent and entry, 0 when there is none, -1 */
static int
find_code (CsmCase *self,
           const char *id,
           char **ret_parent,
           CsmDigest *ret_entry,
           GError **error)
{
  g_autoptr (CsmQuery) query = csm_query_new (self->db, "read the codebook",
                                              "SELECT parent, entry FROM code WHERE id = ?");
  int step;

  csm_query_text (query, id);
  step = csm_query_step (query, error);
  if (step > 0)
    {
      *ret_parent = csm_query_dup_text (query, 0);
      csm_query_get_digest (query, 1, ret_entry);
    }
  return step;
}

static gboolean
check_parent (CsmCase *self, const CsmCode *code, GError **error)
{
  g_autofree char *at = g_strdup (code->parent);

  while (at != NULL)
    {
      char *up = NULL;
      CsmDigest entry;
      int there;

      if (strcmp (at, code->id) == 0)
        return csm_case_fail (error, CSM_CASE_ERROR_INVALID,
                              "the code '%s' cannot be its own ancestor", at);
      there = find_code (self, at, &up, &entry, error);
      if (there < 0)
        return FALSE;
      if (there == 0)
        return csm_case_fail (error, CSM_CASE_ERROR_NOT_FOUND,
                              "there is no code '%s' to be the parent", at);
      g_free (at);
      at = up;
    }
  return TRUE;
}

gboolean
csm_case_set_code (CsmCase *self, const CsmCode *code, GError **error)
{
  g_autoptr (json_t) body = NULL;
  g_autofree char *parent = NULL;
  g_autoptr (CsmChange) change = NULL;
  CsmFacet facet;
  CsmDigest before;
  int there;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (code != NULL, FALSE);
  if (!csm_code_check (code, error) || !check_parent (self, code, error))
    return FALSE;
  there = find_code (self, code->id, &parent, &before, error);
  if (there < 0)
    return FALSE;
  body = build_code (code);
  facet = (CsmFacet){ "code", code->id, strlen (code->id) };
  change = csm_change_begin (self, error);
  return change != NULL &&
         csm_change_sign_edit (change, self, "code.set", NULL, &facet,
                               there > 0 ? &before : NULL, body, error) &&
         csm_change_commit (change, error);
}

gboolean
csm_codebook_sign (CsmChange *change, GError **error)
{
  GResource *resource = csm_codebook_get_resource ();
  g_autoptr (GBytes) bytes = g_resource_lookup_data (resource, CODEBOOK_PATH, 0, error);
  g_autoptr (json_t) book = NULL;
  const json_t *codes;
  size_t i;
  json_t *code;

  if (bytes == NULL)
    return FALSE;
  book = json_loadb (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                     JSON_REJECT_DUPLICATES, NULL);
  codes = json_object_get (book, "codes");
  /* A file of ours, checked by a test. */
  g_assert (json_is_array (codes));
  json_array_foreach (codes, i, code) if (!csm_change_sign (change, "code.set", NULL, NULL,
                                                            code, NULL, error)) return FALSE;
  return TRUE;
}
