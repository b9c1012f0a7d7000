/* csm-dossier-records.c: what happened to the exhibits, in the order of the ledger
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-json.h"
#include "casefile/csm-case-export.h"
#include "casefile/csm-displayed.h"
#include "export/csm-dossier-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

/* A record, and its place in the order of replay. */
typedef struct
{
  int64_t lamport;
  CsmDossierRecord *record;
} Placed;

static int
compare_placed (gconstpointer a, gconstpointer b)
{
  const Placed *first = a;
  const Placed *second = b;

  if (first->lamport != second->lamport)
    return first->lamport < second->lamport ? -1 : 1;
  return memcmp (first->record->entry.bytes, second->record->entry.bytes, CSM_DIGEST_SIZE);
}

/* ---- Sentences: neither names nor sources, notes or reasons ---- */

static const char *
text (const json_t *body, const char *key)
{
  const char *value = csm_json_get_string (body, key);

  return value != NULL ? value : "";
}

static char *
say_index (const char *label, const json_t *body)
{
  int64_t n = -1;

  (void) csm_json_get_int (body, "frames", &n);
  if (n < 0)
    /* Translators: an exhibit's number, a library's name and version */
    return g_strdup_printf (_ ("Every frame of %s decoded once by %s"), label,
                            text (body, "library"));
  return g_strdup_printf (
      /* Translators: a number, an exhibit's number, a library's name and version */
      g_dngettext (GETTEXT_PACKAGE, "%" PRId64 " frame of %s decoded once by %s",
                   "%" PRId64 " frames of %s decoded once by %s", (unsigned long) n),
      n, label, text (body, "library"));
}

static char *
say_track (const char *label, const json_t *body)
{
  /* Translators: a video track's name, "v:1", an exhibit's number, a library's name */
  return g_strdup_printf (_ ("Every frame of the track %s of %s decoded once by %s"),
                          text (body, "track"), label, text (body, "library"));
}

static char *
say_intake (const char *label, const json_t *body)
{
  bool linked = false;

  (void) csm_json_get_bool (body, "linked", &linked);
  /* Translators: an exhibit's number */
  return linked ? g_strdup_printf (_ ("Taken in as %s, hashed and left in its place"), label)
                : g_strdup_printf (_ ("Taken in as %s, hashed and encrypted"), label);
}

static char *
say_displayed (const char *label, const json_t *body)
{
  g_autoptr (GArray) spans = csm_displayed_from_json (json_object_get (body, "detail"));
  g_autofree char *described = spans != NULL ? csm_displayed_describe (spans) : NULL;

  /* Translators: an exhibit's number, "frames 0 to 74 at 1×, frame 12 paused" */
  return g_strdup_printf (_ ("Displayed of %s: %s"), label,
                          described != NULL ? described : "?");
}

static char *
say_export (const char *label, const json_t *body)
{
  const json_t *detail = json_object_get (body, "detail");
  const char *what = text (detail, "what");
  int64_t frame = -1;

  (void) csm_json_get_int (detail, "frame", &frame);
  if (strcmp (what, "bundle") == 0)
    return g_strdup (_ ("A bundle left the case"));
  if (label == NULL)
    return g_strdup (_ ("Something of the case was saved outside it"));
  /* Translators: the number of a frame, an exhibit's number */
  if (frame >= 0 && strcmp (what, "still") == 0)
    return g_strdup_printf (_ ("Frame %" PRId64 " of %s saved as a picture"), frame, label);
  if (frame >= 0)
    return g_strdup_printf (_ ("Frame %" PRId64 " of %s saved as a picture, not as decoded"),
                            frame, label);
  return g_strdup_printf (_ ("Something of %s was saved outside the case"), label);
}

static char *
say_receipt (const char *label, const json_t *body)
{
  CsmDigest sha256;
  char code[CSM_RECEIPT_CODE_LENGTH + 1];

  if (!csm_digest_from_hex (text (body, "sha256"), &sha256))
    return NULL;
  csm_receipt_code (&sha256, code);
  /* Translators: a receipt's code */
  return g_strdup_printf (_ ("Receipt %s made of the state of the ledger"), code);
}

static char *
say_stamp (const char *label, const json_t *body)
{
  int64_t time = 0;
  g_autofree char *when = NULL;

  (void) csm_json_get_int (body, "time", &time);
  when = csm_time_describe (time);
  /* Translators: a time-stamping service's name, a date */
  return g_strdup_printf (_ ("Time stamp by %s of %s taken in"), text (body, "authority"),
                          when);
}

static char *
say_merge (const char *label, const json_t *body)
{
  int64_t n = 0;

  (void) csm_json_get_int (body, "n_entries", &n);
  return g_strdup_printf (
      g_dngettext (
          GETTEXT_PACKAGE, "Another copy of the case merged: %" PRId64 " entry came in",
          "Another copy of the case merged: %" PRId64 " entries came in", (unsigned long) n),
      n);
}

static const struct
{
  const char *kind;
  const char *sentence; /* with the exhibit's number, or nothing */
  char *(*say) (const char *label, const json_t *body);
} sayings[] = {
  { "case.create", N_ ("The case was created"), NULL },
  { "case.merge", N_ ("Another copy of the case was merged"), say_merge },
  { "case.reseal", N_ ("The case went on as a copy that was put back"), NULL },
  { "receipt.made", N_ ("A receipt was made"), say_receipt },
  { "anchor.add", N_ ("A time stamp was taken in"), say_stamp },
  { "erase.entries", N_ ("The content of entries was erased"), NULL },
  { "exhibit.add", N_ ("%s taken in"), say_intake },
  { "exhibit.set", N_ ("What is said about %s changed"), NULL },
  { "exhibit.remove", N_ ("%s removed"), NULL },
  { "exhibit.restore", N_ ("%s restored"), NULL },
  { "exhibit.index", N_ ("Every frame of %s decoded once"), say_index },
  { "exhibit.track", N_ ("Every frame of a further track of %s decoded once"), say_track },
  { "access.opened", N_ ("Case opened"), NULL },
  { "access.locked", N_ ("Case locked"), NULL },
  { "access.verified", N_ ("Case checked"), NULL },
  { "access.backup", N_ ("Backup made"), NULL },
  { "access.extracted", N_ ("File of %s written out of the case"), NULL },
  { "access.exported", N_ ("Something of the case was saved outside it"), say_export },
  { "access.displayed", N_ ("%s displayed"), say_displayed },
};

/* (transfer full): @label (nullable) is the exhibit's. */
static char *
say (const CsmEntry *entry, const char *label)
{
  const char *kind = csm_entry_get_kind (entry);
  const json_t *body = csm_entry_get_content (entry);

  for (size_t i = 0; i < G_N_ELEMENTS (sayings); i++)
    if (strcmp (kind, sayings[i].kind) == 0)
      {
        char *sentence =
            body != NULL && sayings[i].say != NULL ? sayings[i].say (label, body) : NULL;
        g_auto (GStrv) parts = g_strsplit (_ (sayings[i].sentence), "%s", 2);

        return sentence != NULL ? sentence : g_strjoinv (label != NULL ? label : "", parts);
      }
  return NULL;
}

/* ---- Gathering ---- */

static void
add (const CsmDossier *self,
     GArray *placed,
     const CsmEntry *entry,
     const CsmDossierExhibit *exhibit)
{
  char *sentence = say (entry, exhibit != NULL ? exhibit->label : NULL);
  g_autofree char *author = csm_hex_encode (csm_entry_get_author (entry), CSM_PUBLIC_KEY_SIZE);
  Placed one = { csm_entry_get_place (entry)->lamport, NULL };

  if (sentence == NULL)
    return;
  one.record = g_new0 (CsmDossierRecord, 1);
  one.record->time = csm_entry_get_time (entry);
  one.record->entry = *csm_entry_get_id (entry);
  one.record->reviewer = csm_dossier_find_reviewer (self, author);
  one.record->exhibit = exhibit;
  one.record->sentence = sentence;
  g_array_append_val (placed, one);
}

static gboolean
add_exhibit (const CsmDossier *self,
             CsmCase *acase,
             CsmDossierExhibit *exhibit,
             GArray *placed,
             GError **error)
{
  g_autoptr (GPtrArray) entries = csm_case_list_entries_about (
      acase, &exhibit->exhibit->id, "exhibit.", self->last_arrival, error);

  if (entries == NULL)
    return FALSE;
  for (guint i = 0; i < entries->len; i++)
    {
      const char *kind = csm_entry_get_kind (entries->pdata[i]);

      add (self, placed, entries->pdata[i], exhibit);
      /* The one applied last is in effect. */
      if (strcmp (kind, "exhibit.add") == 0 || strcmp (kind, "exhibit.set") == 0)
        exhibit->said_by = *csm_entry_get_id (entries->pdata[i]);
    }
  return TRUE;
}

static gboolean
add_case (const CsmDossier *self, CsmCase *acase, GArray *placed, GError **error)
{
  static const char *const kinds[] = { "case.", "receipt.made", "anchor.add", "erase.entries" };

  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (GPtrArray) entries =
          csm_case_list_entries_about (acase, NULL, kinds[i], self->last_arrival, error);

      if (entries == NULL)
        return FALSE;
      for (guint k = 0; k < entries->len; k++)
        add (self, placed, entries->pdata[k], NULL);
    }
  return TRUE;
}

static void
note_displayed (CsmDossierExhibit *exhibit, const CsmEntry *entry)
{
  const json_t *body = csm_entry_get_content (entry);
  g_autoptr (GArray) spans =
      body != NULL ? csm_displayed_from_json (json_object_get (body, "detail")) : NULL;

  for (guint i = 0; spans != NULL && exhibit->displayed != NULL && i < spans->len; i++)
    g_ptr_array_add (exhibit->displayed, g_memdup2 (&g_array_index (spans, CsmDisplayedSpan, i),
                                                    sizeof (CsmDisplayedSpan)));
}

/* What is about an exhibit that stays home stays with it. */
static gboolean
add_access (const CsmDossier *self, CsmCase *acase, GArray *placed, GError **error)
{
  g_autoptr (GPtrArray) entries =
      csm_case_list_entries_about (acase, NULL, "access.", self->last_arrival, error);

  for (guint i = 0; entries != NULL && i < entries->len; i++)
    {
      const CsmId *subject = csm_entry_get_subject (entries->pdata[i]);
      CsmDossierExhibit *exhibit =
          subject != NULL ? g_hash_table_lookup (self->by_exhibit, subject->hex) : NULL;

      if (subject != NULL && exhibit == NULL)
        continue;
      add (self, placed, entries->pdata[i], exhibit);
      if (exhibit != NULL &&
          strcmp (csm_entry_get_kind (entries->pdata[i]), "access.displayed") == 0)
        note_displayed (exhibit, entries->pdata[i]);
    }
  return entries != NULL;
}

/* Where nobody kept records, that nothing was displayed would not be true. */
static gboolean
begin_displayed (const CsmDossier *self, CsmCase *acase, GError **error)
{
  bool records = false;

  if (!csm_case_get_record_access (acase, &records, error))
    return FALSE;
  for (guint i = 0; records && i < self->exhibits->len; i++)
    {
      CsmDossierExhibit *exhibit = self->exhibits->pdata[i];

      exhibit->displayed = g_ptr_array_new_with_free_func (g_free);
    }
  return TRUE;
}

static gboolean
gather (const CsmDossier *self,
        CsmCase *acase,
        const CsmSelection *selection,
        GArray *placed,
        GError **error)
{
  for (guint i = 0; i < self->exhibits->len; i++)
    if (!add_exhibit (self, acase, self->exhibits->pdata[i], placed, error))
      return FALSE;
  return add_case (self, acase, placed, error) &&
         (!selection->access ||
          (begin_displayed (self, acase, error) && add_access (self, acase, placed, error)));
}

gboolean
csm_dossier_read_records (CsmDossier *self,
                          CsmCase *acase,
                          const CsmSelection *selection,
                          GError **error)
{
  g_autoptr (GArray) placed = g_array_new (FALSE, FALSE, sizeof (Placed));
  const gboolean gathered = gather (self, acase, selection, placed, error);

  g_array_sort (placed, compare_placed);
  /* Owned by the dossier in any case. */
  for (guint i = 0; i < placed->len; i++)
    g_ptr_array_add (self->records, g_array_index (placed, Placed, i).record);
  return gathered;
}
