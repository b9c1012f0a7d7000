/* csm-dossier.c: what a selection comes to
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-dossier.h"

#include "casefile/csm-case-export.h"
#include "export/csm-dossier-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static void
reviewer_free (CsmDossierReviewer *self)
{
  g_free (self->label);
  g_free (self->key_file);
  g_free (self);
}

static void
record_free (CsmDossierRecord *self)
{
  g_free (self->sentence);
  g_free (self);
}

static void
withheld_free (CsmDossierWithheld *self)
{
  g_free (self->what);
  g_free (self->why);
  g_free (self);
}

void
csm_dossier_free (CsmDossier *self)
{
  if (self == NULL)
    return;

  g_clear_pointer (&self->by_exhibit, g_hash_table_unref);
  g_clear_pointer (&self->by_mark, g_hash_table_unref);
  g_clear_pointer (&self->by_key, g_hash_table_unref);
  g_clear_pointer (&self->removed, g_hash_table_unref);
  g_clear_pointer (&self->records, g_ptr_array_unref);
  g_clear_pointer (&self->withheld, g_ptr_array_unref);
  g_clear_pointer (&self->exhibits, g_ptr_array_unref);
  g_clear_pointer (&self->codes, g_ptr_array_unref);
  g_clear_pointer (&self->reviewers, g_ptr_array_unref);
  g_clear_pointer (&self->receipt, csm_receipt_unref);
  g_free (self->title);
  g_free (self);
}

const CsmDossierExhibit *
csm_dossier_find_exhibit (const CsmDossier *self, const CsmId *id)
{
  return g_hash_table_lookup (self->by_exhibit, id->hex);
}

const CsmDossierMark *
csm_dossier_find_mark (const CsmDossier *self, const CsmId *id)
{
  return g_hash_table_lookup (self->by_mark, id->hex);
}

const CsmDossierReviewer *
csm_dossier_find_reviewer (const CsmDossier *self, const char *key)
{
  return g_hash_table_lookup (self->by_key, key);
}

void
csm_dossier_withhold (CsmDossier *self, char *what, const char *why, int64_t count)
{
  CsmDossierWithheld *withheld;

  if (count == 0)
    {
      g_free (what);
      return;
    }
  withheld = g_new0 (CsmDossierWithheld, 1);
  withheld->what = what;
  withheld->why = g_strdup (why);
  withheld->count = count;
  g_ptr_array_add (self->withheld, withheld);
}

/* ---- Reviewers ---- */

/* (transfer full): 0 is "A", 25 "Z", 26 "AA". */
static char *
make_letters (guint number)
{
  GString *letters = g_string_new (NULL);

  for (guint n = number + 1; n > 0; n = (n - 1) / 26)
    g_string_prepend_c (letters, (char) ('A' + (n - 1) % 26));
  return g_string_free (letters, FALSE);
}

static bool
has_namesake (const GPtrArray *authors, const CsmReviewer *author)
{
  for (guint i = 0; i < authors->len; i++)
    {
      const CsmReviewer *other = authors->pdata[i];

      if (other != author && strcmp (other->name, author->name) == 0)
        return true;
    }
  return false;
}

static void
add_reviewer (CsmDossier *self, const GPtrArray *authors, const CsmReviewer *author)
{
  CsmDossierReviewer *reviewer = g_new0 (CsmDossierReviewer, 1);
  g_autofree char *letters = make_letters (self->reviewers->len);
  g_autofree char *small = g_ascii_strdown (letters, -1);

  g_strlcpy (reviewer->key, author->key, sizeof reviewer->key);
  reviewer->key_file = g_strdup_printf ("ledger/keys/reviewer-%s", small);
  if (!self->named)
    /* Translators: stands for a name that is not said; a letter */
    reviewer->label = g_strdup_printf (_ ("Reviewer %s"), letters);
  else if (has_namesake (authors, author))
    reviewer->label = g_strdup_printf ("%s (%.8s)", author->name, author->key);
  else
    reviewer->label = g_strdup (author->name);
  g_ptr_array_add (self->reviewers, reviewer);
  g_hash_table_insert (self->by_key, reviewer->key, reviewer);
}

static gboolean
read_reviewers (CsmDossier *self, CsmCase *acase, GError **error)
{
  g_autoptr (GPtrArray) authors = csm_case_list_authors (acase, error);
  const CsmReviewer *opener = csm_case_get_self (acase);

  if (authors == NULL)
    return FALSE;
  for (guint i = 0; i < authors->len; i++)
    add_reviewer (self, authors, authors->pdata[i]);
  /* Who exports may not have signed anything yet. */
  if (opener != NULL && csm_dossier_find_reviewer (self, opener->key) == NULL)
    add_reviewer (self, authors, opener);
  if (opener != NULL)
    self->exporter = csm_dossier_find_reviewer (self, opener->key);
  return TRUE;
}

/* ---- Codes ---- */

static CsmCode *
find_code (const GPtrArray *codes, const char *id)
{
  for (guint i = 0; i < codes->len; i++)
    if (strcmp (((CsmCode *) codes->pdata[i])->id, id) == 0)
      return codes->pdata[i];
  return NULL;
}

static void
note_code (GHashTable *used, const GPtrArray *codes, const char *id)
{
  /* A parent that is there already has its own parents with it. */
  while (id != NULL && g_hash_table_add (used, (gpointer) id))
    {
      const CsmCode *code = find_code (codes, id);

      id = code != NULL ? code->parent : NULL;
    }
}

static gboolean
read_codes (CsmDossier *self, CsmCase *acase, GError **error)
{
  g_autoptr (GPtrArray) codes = csm_case_list_codes (acase, error);
  g_autoptr (GHashTable) used = g_hash_table_new (g_str_hash, g_str_equal);

  if (codes == NULL)
    return FALSE;
  for (guint i = 0; i < self->exhibits->len; i++)
    {
      const CsmDossierExhibit *exhibit = self->exhibits->pdata[i];

      for (guint k = 0; k < exhibit->marks->len; k++)
        note_code (used, codes, ((CsmDossierMark *) exhibit->marks->pdata[k])->mark->code);
    }
  for (guint i = 0; i < codes->len; i++)
    if (g_hash_table_contains (used, ((CsmCode *) codes->pdata[i])->id))
      g_ptr_array_add (self->codes, g_steal_pointer (&codes->pdata[i]));
  for (guint i = 0; i < self->exhibits->len; i++)
    {
      const CsmDossierExhibit *exhibit = self->exhibits->pdata[i];

      for (guint k = 0; k < exhibit->marks->len; k++)
        {
          CsmDossierMark *mark = exhibit->marks->pdata[k];

          mark->code =
              mark->mark->code != NULL ? find_code (self->codes, mark->mark->code) : NULL;
        }
    }
  return TRUE;
}

/* ---- The case ---- */

static gboolean
read_case (CsmDossier *self, CsmCase *acase, GError **error)
{
  g_autoptr (GPtrArray) created = NULL;

  self->case_id = csm_case_get_id (acase);
  self->title = g_strdup (csm_case_get_title (acase));
  self->last_arrival = csm_case_get_last_arrival (acase, error);
  self->receipt = self->last_arrival >= 0 ? csm_case_prepare_receipt (acase, error) : NULL;
  if (self->receipt == NULL || !csm_case_get_dating (acase, &self->dating, error))
    return FALSE;
  self->n_entries = csm_receipt_get_count (self->receipt);
  created = csm_case_list_entries_about (acase, NULL, "case.create", self->last_arrival, error);
  if (created == NULL)
    return FALSE;
  /* A salvaged case may have lost its first entry. */
  if (created->len > 0)
    self->created = csm_entry_get_time (created->pdata[0]);
  return TRUE;
}

static CsmDossier *
dossier_new (const CsmSelection *selection, CsmTime made)
{
  CsmDossier *self = g_new0 (CsmDossier, 1);

  self->made = made;
  self->named = selection->names;
  self->reviewers = g_ptr_array_new_with_free_func ((GDestroyNotify) reviewer_free);
  self->codes = g_ptr_array_new_with_free_func ((GDestroyNotify) csm_code_free);
  self->records = g_ptr_array_new_with_free_func ((GDestroyNotify) record_free);
  self->withheld = g_ptr_array_new_with_free_func ((GDestroyNotify) withheld_free);
  self->removed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->by_exhibit = g_hash_table_new (g_str_hash, g_str_equal);
  self->by_mark = g_hash_table_new (g_str_hash, g_str_equal);
  self->by_key = g_hash_table_new (g_str_hash, g_str_equal);
  return self;
}

CsmDossier *
csm_dossier_new (CsmCase *acase, const CsmSelection *selection, CsmTime made, GError **error)
{
  g_return_val_if_fail (acase != NULL && selection != NULL, NULL);
  g_autoptr (CsmDossier) self = dossier_new (selection, made);

  if (!read_case (self, acase, error) || !read_reviewers (self, acase, error) ||
      !csm_dossier_read_exhibits (self, acase, selection, error) ||
      !read_codes (self, acase, error) ||
      !csm_dossier_read_records (self, acase, selection, error))
    return NULL;
  if (!selection->names)
    csm_dossier_withhold (self, g_strdup (_ ("the reviewers' names")), _ ("not asked for"),
                          self->reviewers->len);
  return g_steal_pointer (&self);
}
