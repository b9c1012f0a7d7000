/* csm-summary.c: one sentence about an entry, made when it is read
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case-private.h"
#include "casefile/csm-case-receipts.h"
#include "casefile/csm-displayed.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

/* The exhibit as people call it; its number is a label that only the rows know. */
static char *
dup_exhibit (CsmCase *self, const char *hex)
{
  g_autoptr (CsmQuery) query =
      csm_query_new (self->db, "read the exhibit", "SELECT number FROM exhibit WHERE id = ?");
  CsmId id;

  if (hex == NULL || !csm_id_parse (hex, &id))
    return g_strdup (_ ("an exhibit"));
  csm_query_id (query, &id);
  return csm_query_step (query, NULL) > 0 ? csm_query_dup_text (query, 0)
                                          : g_strdup (_ ("an exhibit"));
}

static char *
dup_subject (CsmCase *self, const CsmEntry *entry)
{
  const CsmId *subject = csm_entry_get_subject (entry);

  return dup_exhibit (self, subject != NULL ? subject->hex : NULL);
}

static const char *
text (const json_t *body, const char *key)
{
  const char *value = csm_json_get_string (body, key);

  return value != NULL ? value : "";
}

/* (transfer full): takes @exhibit, "E-0001", and makes "E-0001 v:1" of it unless @body speaks
 * of the first video track, which is what everybody expects, or of sound. */
static char *
add_track (char *exhibit, const json_t *body)
{
  const char *name = text (body, "track");
  char *named;
  int track;

  if (exhibit == NULL || !csm_track_parse (name, &track) || track <= 0)
    return exhibit;
  named = g_strdup_printf ("%s %s", exhibit, name);
  g_free (exhibit);
  return named;
}

static char *
dup_span (const json_t *body)
{
  int64_t from = 0, to = 0;

  (void) csm_json_get_int (body, "from", &from);
  (void) csm_json_get_int (body, "to", &to);
  if (g_str_has_prefix (text (body, "track"), "a:"))
    /* Translators: the first and the last sample of a span of sound, the first is 0 */
    return g_strdup_printf (_ ("samples %" PRId64 " to %" PRId64), from, to);
  if (from == to)
    /* Translators: a frame's number, the first is 0 */
    return g_strdup_printf (_ ("frame %" PRId64), from);
  /* Translators: the first and the last frame of a span, the first of a file is 0 */
  return g_strdup_printf (_ ("frames %" PRId64 " to %" PRId64), from, to);
}

static char *
sum_up_mark (CsmCase *self, const CsmEntry *entry, const json_t *body)
{
  g_autofree char *exhibit =
      add_track (dup_exhibit (self, csm_json_get_string (body, "exhibit")), body);
  g_autofree char *span = dup_span (body);
  const char *code = csm_json_get_string (body, "code");
  int n_replaced = 0;

  (void) csm_entry_get_replaces (entry, &n_replaced);
  if (n_replaced == 0)
    {
      if (code == NULL)
        /* Translators: an exhibit's number, and "frames 10 to 25" */
        return g_strdup_printf (_ ("Marked %s %s"), exhibit, span);
      /* Translators: an exhibit's number, "frames 10 to 25", and a code */
      return g_strdup_printf (_ ("Marked %s %s as %s"), exhibit, span, code);
    }
  if (code == NULL)
    /* Translators: an exhibit's number, and "frames 10 to 25" */
    return g_strdup_printf (_ ("Changed a mark: %s %s"), exhibit, span);
  /* Translators: an exhibit's number, "frames 10 to 25", and a code */
  return g_strdup_printf (_ ("Changed a mark: %s %s as %s"), exhibit, span, code);
}

/* The entry that @entry replaces, when it is here and may be read. */
static CsmEntry *
load_replaced (CsmCase *self, const CsmEntry *entry)
{
  int n = 0;
  const CsmDigest *replaces = csm_entry_get_replaces (entry, &n);

  return n > 0 ? csm_case_load_entry (self, &replaces[0], NULL) : NULL;
}

static char *
sum_up_removal (CsmCase *self, const CsmEntry *entry, const json_t *body)
{
  g_autoptr (CsmEntry) before = load_replaced (self, entry);
  const json_t *was = before != NULL ? csm_entry_get_content (before) : NULL;
  g_autofree char *exhibit = NULL;
  g_autofree char *span = NULL;

  if (was == NULL || csm_json_get_string (was, "exhibit") == NULL)
    return g_strdup (_ ("Removed a mark"));
  exhibit = add_track (dup_exhibit (self, csm_json_get_string (was, "exhibit")), was);
  span = dup_span (was);
  /* Translators: an exhibit's number, and "frames 10 to 25" */
  return g_strdup_printf (_ ("Removed the mark on %s %s"), exhibit, span);
}

static char *
sum_up_frames (CsmCase *self, const CsmEntry *entry, const json_t *body)
{
  const char *hex = csm_json_get_string (body, "mark_entry");
  CsmDigest id;
  g_autoptr (CsmEntry) mark = hex != NULL && csm_digest_from_hex (hex, &id)
                                  ? csm_case_load_entry (self, &id, NULL)
                                  : NULL;
  const json_t *was = mark != NULL ? csm_entry_get_content (mark) : NULL;
  g_autofree char *exhibit = NULL;
  g_autofree char *span = NULL;

  if (was == NULL)
    return g_strdup (_ ("Committed to the pictures of a mark"));
  exhibit = dup_exhibit (self, csm_json_get_string (was, "exhibit"));
  span = dup_span (was);
  /* Translators: an exhibit's number, and "frames 10 to 25" */
  return g_strdup_printf (_ ("Committed to the pictures of the mark on %s %s"), exhibit, span);
}

static char *
sum_up_case (CsmCase *self, const CsmEntry *entry, const json_t *body)
{
  bool confirmed = false;

  (void) csm_json_get_bool (body, "clock_confirmed", &confirmed);
  return confirmed ? g_strdup_printf (_ ("Created the case “%s”; the clock was confirmed"),
                                      text (body, "title"))
                   : g_strdup_printf (_ ("Created the case “%s”; the clock was not confirmed"),
                                      text (body, "title"));
}

static char *
sum_up_reviewer (CsmCase *self, const CsmEntry *entry, const json_t *body)
{
  return strcmp (text (body, "by"), "recovery") == 0
             ? g_strdup_printf (_ ("Opened by the recovery code; from now on %s signs"),
                                text (body, "name"))
             : g_strdup_printf (_ ("Added the reviewer %s"), text (body, "name"));
}

static char *
sum_up_chain (CsmCase *self, const CsmEntry *entry, const json_t *body)
{
  if (strcmp (text (body, "reason"), "rotated") == 0)
    return g_strdup (_ ("Started a new chain: the case has a new data key"));
  if (strcmp (text (body, "reason"), "moved") == 0)
    return g_strdup (_ ("Started a new chain: the case file is in another place than before"));
  if (strcmp (text (body, "reason"), "merged") == 0)
    return g_strdup (_ ("Started a new chain: two copies went on with the one before"));
  if (strcmp (text (body, "reason"), "restored") == 0)
    return g_strdup (_ ("Started a new chain: the case goes on as a restored copy"));
  return g_strdup (_ ("Started a chain"));
}

static char *
sum_up_merge (CsmCase *self, const CsmEntry *entry, const json_t *body)
{
  int64_t n = 0;

  (void) csm_json_get_int (body, "n_entries", &n);
  return g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "Merged another copy: %" PRId64 " entry came in",
                   "Merged another copy: %" PRId64 " entries came in", (unsigned long) n),
      n);
}

static char *
sum_up_reseal (CsmCase *self, const CsmEntry *entry, const json_t *body)
{
  return strcmp (text (body, "reason"), "restored") == 0
             ? g_strdup (_ ("Went on with the case as a restored copy"))
             : g_strdup (_ ("Made the record of the file's newest pages anew; it was missing"));
}

/* Two or more entries replaced: what two copies made of one thing was settled. */
static bool
is_settlement (const CsmEntry *entry)
{
  int n = 0;

  (void) csm_entry_get_replaces (entry, &n);
  return n > 1;
}

static char *
sum_up_recovery (CsmCase *self, const CsmEntry *entry, const json_t *body)
{
  return g_strdup (_ ("Made a recovery code"));
}

static char *
sum_up_passphrase (CsmCase *self, const CsmEntry *entry, const json_t *body)
{
  return g_strdup (_ ("Changed the passphrase"));
}

static char *
sum_up_holder (CsmCase *self, const CsmEntry *entry, const json_t *body)
{
  const char *name = text (body, "name");

  if (strcmp (csm_entry_get_kind (entry), "key.removed") == 0)
    return g_strdup_printf (_ ("Took the key of %s away"), name);
  if (json_is_null (json_object_get (body, "key")))
    return g_strdup_printf (_ ("Gave a key to the reader %s"), name);
  return strcmp (text (body, "how"), "request") == 0
             ? g_strdup_printf (_ ("Gave a key to %s, from a join request"), name)
             : g_strdup_printf (_ ("Gave a key to %s"), name);
}

static char *
sum_up_rotation (CsmCase *self, const CsmEntry *entry, const json_t *body)
{
  return g_strdup (_ ("Encrypted the case anew under a new data key"));
}

static char *
sum_up_code (CsmCase *self, const CsmEntry *entry, const json_t *body)
{
  int n_replaced = 0;

  (void) csm_entry_get_replaces (entry, &n_replaced);
  return n_replaced == 0 ? g_strdup_printf (_ ("Added the code %s: %s"), text (body, "id"),
                                            text (body, "label"))
                         : g_strdup_printf (_ ("Changed the code %s: %s"), text (body, "id"),
                                            text (body, "label"));
}

static char *
sum_up_import (CsmCase *self, const CsmEntry *entry, const json_t *body)
{
  g_autofree char *exhibit = dup_subject (self, entry);
  bool linked = false;

  (void) csm_json_get_bool (body, "linked", &linked);
  return linked ? g_strdup_printf (_ ("Linked %s, %s, which stays where it is, not encrypted"),
                                   exhibit, text (body, "name"))
                : g_strdup_printf (_ ("Imported %s, %s"), exhibit, text (body, "name"));
}

/* Sentences about an exhibit that say no more than its number. */
static char *
sum_up_exhibit (CsmCase *self, const CsmEntry *entry, const json_t *body)
{
  static const struct
  {
    const char *kind;
    const char *sentence;
  } sentences[] = {
    { "exhibit.set", N_ ("Changed what is said about %s") },
    { "exhibit.remove", N_ ("Removed %s") },
    { "exhibit.restore", N_ ("Restored %s") },
    { "exhibit.index", N_ ("Decoded every frame of %s and kept its frame index") },
    { "exhibit.track", N_ ("Decoded every frame of %s and kept its frame index") },
  };
  g_autofree char *exhibit = add_track (dup_subject (self, entry), body);

  for (size_t i = 0; i < G_N_ELEMENTS (sentences); i++)
    if (strcmp (sentences[i].kind, csm_entry_get_kind (entry)) == 0)
      {
        g_auto (GStrv) parts = g_strsplit (_ (sentences[i].sentence), "%s", 2);

        return g_strjoinv (exhibit, parts);
      }
  return NULL;
}

static char *
sum_up_erasure (CsmCase *self, const CsmEntry *entry, const json_t *body)
{
  const size_t n = json_array_size (json_object_get (body, "entries"));

  return csm_entry_get_subject (entry) != NULL
             /* Translators: a number, and a reason that somebody typed */
             ? g_strdup_printf (_ ("Erased an exhibit and the content of %zu entries: %s"), n,
                                text (body, "reason"))
             /* Translators: a number, and a reason that somebody typed */
             : g_strdup_printf (_ ("Erased the content of %zu entries: %s"), n,
                                text (body, "reason"));
}

/* An entry without a body: erased here, or withheld from whoever reads. */
static char *
sum_up_without_body (CsmCase *self, const CsmEntry *entry)
{
  g_autoptr (CsmQuery) query =
      csm_query_new (self->db, "read the erasures", "SELECT 1 FROM erased WHERE entry = ?");

  csm_query_digest (query, csm_entry_get_id (entry));
  return csm_query_step (query, NULL) > 0
             /* Translators: the kind of an entry, "mark.set" say */
             ? g_strdup_printf (_ ("Erased: what an entry of the kind %s said"),
                                csm_entry_get_kind (entry))
             : g_strdup (_ ("Withheld"));
}

static char *
sum_up_displayed (CsmCase *self, const CsmEntry *entry, const json_t *body)
{
  g_autofree char *exhibit = dup_subject (self, entry);
  g_autoptr (GArray) spans = csm_displayed_from_json (json_object_get (body, "detail"));
  g_autofree char *text = spans != NULL ? csm_displayed_describe (spans) : NULL;

  if (text == NULL)
    return NULL;
  /* Translators: an exhibit's number, "frames 0 to 74 at 1×, frame 12 paused" */
  return g_strdup_printf (_ ("Displayed of %s: %s"), exhibit, text);
}

static char *
sum_up_export (const char *exhibit, const json_t *detail)
{
  const char *what = text (detail, "what");
  json_int_t frame = json_integer_value (json_object_get (detail, "frame"));

  if (strcmp (what, "bundle") == 0)
    return g_strdup (_ ("Exported a bundle"));
  if (exhibit == NULL)
    return g_strdup (_ ("Exported from the case"));
  if (strcmp (what, "still") == 0)
    /* Translators: the number of a frame, and of its exhibit, "E-0001" */
    return g_strdup_printf (_ ("Saved frame %" JSON_INTEGER_FORMAT " of %s as a still"), frame,
                            exhibit);
  if (strcmp (what, "view") == 0)
    /* Translators: a frame, its exhibit, and how it was changed, "brightness=0.10" */
    return g_strdup_printf (
        _ ("Saved a view of frame %" JSON_INTEGER_FORMAT " of %s, not as decoded: %s"), frame,
        exhibit, text (detail, "view"));
  return g_strdup_printf (_ ("Exported from %s"), exhibit);
}

static char *
sum_up_access (CsmCase *self, const CsmEntry *entry, const json_t *body)
{
  const char *what = csm_entry_get_kind (entry) + strlen ("access.");
  g_autofree char *exhibit = dup_subject (self, entry);

  if (strcmp (what, "opened") == 0)
    return g_strdup (_ ("Opened the case"));
  if (strcmp (what, "locked") == 0)
    return g_strdup (_ ("Locked the case"));
  if (strcmp (what, "verified") == 0)
    return g_strdup (_ ("Ran verify"));
  if (strcmp (what, "backup") == 0)
    return g_strdup (_ ("Made a backup of the case"));
  if (strcmp (what, "extracted") == 0)
    return g_strdup_printf (_ ("Wrote the file of %s out of the case"), exhibit);
  if (csm_entry_get_subject (entry) == NULL)
    return sum_up_export (NULL, json_object_get (body, "detail"));
  exhibit = add_track (exhibit, json_object_get (body, "detail"));
  return sum_up_export (exhibit, json_object_get (body, "detail"));
}

static char *
sum_up_receipt (CsmCase *self, const CsmEntry *entry, const json_t *body)
{
  CsmDigest sha256;
  char code[CSM_RECEIPT_CODE_LENGTH + 1];

  if (!csm_digest_from_hex (csm_json_get_string (body, "sha256"), &sha256))
    return NULL;
  csm_receipt_code (&sha256, code);
  /* Translators: a receipt's code */
  return g_strdup_printf (_ ("Made the receipt %s"), code);
}

static char *
sum_up_stamp (CsmCase *self, const CsmEntry *entry, const json_t *body)
{
  int64_t time = 0;
  g_autofree char *when = NULL;

  (void) csm_json_get_int (body, "time", &time);
  when = csm_time_describe (time);
  /* Translators: a time-stamping service's name, a date */
  return g_strdup_printf (_ ("Took in a time stamp of %s, %s"), text (body, "authority"), when);
}

static const struct
{
  const char *prefix;
  char *(*sum_up) (CsmCase *self, const CsmEntry *entry, const json_t *body);
} summaries[] = {
  { "case.create", sum_up_case },
  { "reviewer.add", sum_up_reviewer },
  { "case.merge", sum_up_merge },
  { "case.reseal", sum_up_reseal },
  { "chain.start", sum_up_chain },
  { "key.recovery", sum_up_recovery },
  { "key.changed", sum_up_passphrase },
  { "key.added", sum_up_holder },
  { "key.removed", sum_up_holder },
  { "key.rotated", sum_up_rotation },
  { "code.set", sum_up_code },
  { "exhibit.add", sum_up_import },
  { "exhibit.", sum_up_exhibit },
  { "mark.set", sum_up_mark },
  { "mark.remove", sum_up_removal },
  { "mark.frames", sum_up_frames },
  { "access.displayed", sum_up_displayed },
  { "access.", sum_up_access },
  { "receipt.made", sum_up_receipt },
  { "anchor.add", sum_up_stamp },
  { "erase.entries", sum_up_erasure },
};

char *
csm_summary_build (CsmCase *self, const CsmEntry *entry)
{
  const char *kind = csm_entry_get_kind (entry);
  const json_t *body = csm_entry_get_content (entry);
  char *summary = NULL;

  if (kind == NULL)
    return g_strdup (_ ("Withheld"));
  if (body == NULL)
    return sum_up_without_body (self, entry);
  for (size_t i = 0; i < G_N_ELEMENTS (summaries) && summary == NULL; i++)
    if (g_str_has_prefix (kind, summaries[i].prefix))
      summary = summaries[i].sum_up (self, entry, body);
  if (summary != NULL && is_settlement (entry))
    {
      g_autofree char *plain = summary;

      /* Translators: a sentence about a change, "Changed a mark: ..." */
      summary = g_strdup_printf (_ ("Settled a conflict: %s"), plain);
    }
  return summary != NULL
             ? summary
             : g_strdup_printf (_ ("An entry of a kind that this version does not know: %s"),
                                kind);
}
