/* csm-disclosure.c: which parts of an entry go with a bundle
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-disclosure.h"

#include "base/csm-json.h"

#include <string.h>

/* When a part goes. */
typedef enum {
  NEVER,
  ALWAYS,
  IF_CODE,    /* a code of the bundle's */
  IF_NAMED,   /* names are asked for, and it names one who signed an entry */
  IF_EXHIBIT, /* about an exhibit of the bundle's */
  IF_SAID,    /* what it says of how the exhibit came to us may be said */
  IF_MARK,    /* about a mark of the bundle's, or one that was removed and is asked for */
  IF_CURRENT, /* the mark's revision in effect, or earlier ones are asked for */
  IF_ACCESS,  /* asked for, and about no exhibit that stays home */
} When;

/* FORMAT.md has this table in words. What is not in it goes as a header alone. */
static const struct
{
  const char *kind; /* with a "." at its end: all that begin so */
  When meta, body;
} rules[] = {
  { "case.create", ALWAYS, ALWAYS },
  { "case.merge", ALWAYS, ALWAYS },
  { "case.reseal", ALWAYS, ALWAYS },
  { "chain.start", ALWAYS, ALWAYS },
  { "receipt.made", ALWAYS, ALWAYS },
  { "anchor.add", ALWAYS, ALWAYS },
  { "code.set", ALWAYS, IF_CODE },
  { "reviewer.add", ALWAYS, IF_NAMED },
  { "key.added", ALWAYS, IF_NAMED },
  { "key.recovery", ALWAYS, IF_NAMED },
  { "key.", ALWAYS, NEVER },
  { "exhibit.add", IF_EXHIBIT, IF_SAID },
  { "exhibit.set", IF_EXHIBIT, IF_SAID },
  { "exhibit.index", IF_EXHIBIT, IF_EXHIBIT },
  { "exhibit.track", IF_EXHIBIT, IF_EXHIBIT },
  { "exhibit.remove", IF_EXHIBIT, IF_EXHIBIT },
  { "exhibit.restore", IF_EXHIBIT, IF_EXHIBIT },
  { "mark.set", IF_MARK, IF_CURRENT },
  { "mark.frames", IF_MARK, IF_CURRENT },
  { "mark.remove", IF_MARK, IF_MARK },
  { "access.", IF_ACCESS, IF_ACCESS },
  { "erase.entries", ALWAYS, NEVER },
};

static bool
is_of_code (const CsmDossier *dossier, const json_t *body)
{
  const char *id = csm_json_get_string (body, "id");

  for (guint i = 0; i < dossier->codes->len; i++)
    if (g_strcmp0 (((const CsmCode *) dossier->codes->pdata[i])->id, id) == 0)
      return true;
  return false;
}

static bool
has_text (const json_t *body, const char *key)
{
  const char *text = csm_json_get_string (body, key);

  return text != NULL && text[0] != '\0';
}

/* The fields cannot be split: all of them go, or none. What was taken back by a later entry is
 * an earlier revision. */
static bool
may_be_said (const CsmDossierExhibit *exhibit,
             const CsmSelection *selection,
             const CsmEntry *entry)
{
  static const char *const keys[] = { "title", "source", "obtained_from", "obtained_when",
                                      "obtained_how" };
  const json_t *body = csm_entry_get_content (entry);
  const bool notes = has_text (body, "notes");
  bool source = false;

  for (size_t i = 0; i < G_N_ELEMENTS (keys); i++)
    source = source || has_text (body, keys[i]);
  if ((source && !selection->acquisition) || (notes && !selection->notes))
    return false;
  return (!source && !notes) || selection->superseded ||
         csm_digest_equal (csm_entry_get_id (entry), &exhibit->said_by);
}

/* A mark.frames belongs to the revision that it names. */
static bool
is_current (const CsmDossierMark *mark, const CsmEntry *entry)
{
  const char *hex = csm_json_get_string (csm_entry_get_content (entry), "mark_entry");
  CsmDigest of = *csm_entry_get_id (entry);

  if (strcmp (csm_entry_get_kind (entry), "mark.frames") == 0 &&
      (hex == NULL || !csm_digest_from_hex (hex, &of)))
    return false;
  return csm_digest_equal (&of, &mark->mark->entry);
}

static bool
holds (When when,
       const CsmDossier *dossier,
       const CsmSelection *selection,
       const CsmEntry *entry)
{
  const json_t *body = csm_entry_get_content (entry);
  const CsmId *subject = csm_entry_get_subject (entry);
  const CsmDossierExhibit *exhibit =
      subject != NULL ? csm_dossier_find_exhibit (dossier, subject) : NULL;
  const CsmDossierMark *mark =
      subject != NULL ? csm_dossier_find_mark (dossier, subject) : NULL;
  const bool removed =
      subject != NULL && g_hash_table_contains (dossier->removed, subject->hex);
  const char *key;

  switch (when)
    {
    case NEVER:
      return false;
    case ALWAYS:
      return true;
    case IF_CODE:
      return is_of_code (dossier, body);
    case IF_NAMED:
      key = csm_json_get_string (body, "key");
      return selection->names && key != NULL &&
             csm_dossier_find_reviewer (dossier, key) != NULL;
    case IF_EXHIBIT:
      return exhibit != NULL;
    case IF_SAID:
      return exhibit != NULL && may_be_said (exhibit, selection, entry);
    case IF_MARK:
      return mark != NULL || removed;
    case IF_CURRENT:
      return (removed || mark != NULL) &&
             (selection->superseded || (mark != NULL && is_current (mark, entry)));
    case IF_ACCESS:
      return selection->access && (subject == NULL || exhibit != NULL);
    default:
      g_return_val_if_reached (false);
    }
}

static bool
is_kind (const char *kind, const char *rule)
{
  return g_str_has_suffix (rule, ".") ? g_str_has_prefix (kind, rule)
                                      : strcmp (kind, rule) == 0;
}

CsmDisclosure
csm_disclosure_decide (const CsmDossier *dossier,
                       const CsmSelection *selection,
                       const CsmEntry *entry)
{
  const char *kind = csm_entry_get_kind (entry);
  CsmDisclosure disclosure = { false, false };

  for (size_t i = 0; kind != NULL && i < G_N_ELEMENTS (rules); i++)
    if (is_kind (kind, rules[i].kind))
      {
        disclosure.meta = holds (rules[i].meta, dossier, selection, entry);
        disclosure.body = disclosure.meta && csm_entry_get_body (entry) != NULL &&
                          holds (rules[i].body, dossier, selection, entry);
        break;
      }
  return disclosure;
}
