/* csm-items.c: marks, codes, entries and search hits as lists show them
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review/csm-items.h"

#include <glib/gi18n-lib.h>

#define MAX_LABEL_WORDS 60

/* Each item type: one owned record, and what is read from it by name. Nothing changes in an
 * item, so no property ever notifies. */
static void
install_strings (GObjectClass *klass, const char *const *names)
{
  for (unsigned i = 0; names[i] != NULL; i++)
    g_object_class_install_property (
        klass, i + 1,
        g_param_spec_string (names[i], NULL, NULL, NULL,
                             G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

static char *
dup_local_time (CsmTime time)
{
  if (time == 0) /* a row that is still on its way */
    return g_strdup ("");

  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (time / 1000);
  g_autoptr (GDateTime) local = utc != NULL ? g_date_time_to_local (utc) : NULL;

  return local != NULL ? g_date_time_format (local, "%F %T") : g_strdup ("");
}

/* --- marks --- */

struct _CsmMarkItem
{
  GObject parent_instance;

  /* Owned */
  CsmMark *record;
  char *code_label;

  bool in_conflict;
};

enum {
  MARK_LABEL = 1,
  MARK_SPAN,
  MARK_TEXT,
  MARK_AUTHOR,
  MARK_TIME,
  MARK_EXHIBIT_NUMBER,
  MARK_ACCESSIBLE_LABEL,
  MARK_IN_CONFLICT,
};

G_DEFINE_FINAL_TYPE (CsmMarkItem, csm_mark_item, G_TYPE_OBJECT)

static char *
dup_first_words (const char *text)
{
  g_autofree char *line = g_strndup (text, strcspn (text, "\r\n"));

  g_strstrip (line);
  if (g_utf8_strlen (line, -1) <= MAX_LABEL_WORDS)
    return g_steal_pointer (&line);

  g_autofree char *start = g_utf8_substring (line, 0, MAX_LABEL_WORDS);
  char *space = strrchr (start, ' ');

  if (space != NULL)
    *space = '\0';
  return g_strconcat (start, "…", NULL);
}

static char *
dup_mark_label (CsmMarkItem *self)
{
  g_autofree char *words = NULL;

  if (self->code_label != NULL)
    return g_strdup (self->code_label);
  words = dup_first_words (self->record->text);
  return *words != '\0' ? g_steal_pointer (&words) : g_strdup (_ ("Mark"));
}

/* (transfer full): takes @frames. The first track is what everybody expects. */
static char *
name_track (char *frames, int track)
{
  char *named;

  if (track <= 0)
    return frames;
  /* Translators: "frame 3" or "frames 3 to 9", and the number of the video track, "v:1" */
  named = g_strdup_printf (_ ("%s of v:%d"), frames, track);
  g_free (frames);
  return named;
}

static char *
dup_span (const CsmMark *record)
{
  if (record->track < 0)
    /* Translators: the first and the last sample of a span of sound, the first is 0 */
    return g_strdup_printf (_ ("samples %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT),
                            record->from, record->to);
  if (record->from == record->to)
    /* Translators: the number of one picture of a video */
    return name_track (g_strdup_printf (_ ("frame %" G_GINT64_FORMAT), record->from),
                       record->track);
  /* Translators: numbers of the first and the last picture, both inside */
  return name_track (g_strdup_printf (_ ("frames %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT),
                                      record->from, record->to),
                     record->track);
}

static char *
dup_accessible_label (CsmMarkItem *self)
{
  g_autofree char *label = dup_mark_label (self);
  g_autofree char *span = dup_span (self->record);
  g_autoptr (GString) all = g_string_new (label);

  g_string_append_printf (all, ", %s, %s", self->record->exhibit_number, span);
  if (*self->record->text != '\0' && g_strcmp0 (label, self->record->text) != 0)
    g_string_append_printf (all, ", %s", self->record->text);
  if (*self->record->author != '\0')
    g_string_append_printf (all, ", %s", self->record->author);
  if (self->in_conflict)
    g_string_append_printf (all, ", %s", _ ("in conflict"));
  return g_string_free (g_steal_pointer (&all), FALSE);
}

static void
csm_mark_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  CsmMarkItem *self = CSM_MARK_ITEM (object);

  switch (id)
    {
    case MARK_LABEL:
      g_value_take_string (value, dup_mark_label (self));
      break;
    case MARK_SPAN:
      g_value_take_string (value, dup_span (self->record));
      break;
    case MARK_TEXT:
      g_value_set_string (value, self->record->text);
      break;
    case MARK_AUTHOR:
      g_value_set_string (value, self->record->author);
      break;
    case MARK_TIME:
      g_value_take_string (value, dup_local_time (self->record->time));
      break;
    case MARK_EXHIBIT_NUMBER:
      g_value_set_string (value, self->record->exhibit_number);
      break;
    case MARK_ACCESSIBLE_LABEL:
      g_value_take_string (value, dup_accessible_label (self));
      break;
    case MARK_IN_CONFLICT:
      g_value_set_boolean (value, self->in_conflict);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
csm_mark_item_finalize (GObject *object)
{
  CsmMarkItem *self = CSM_MARK_ITEM (object);

  csm_mark_free (self->record);
  g_free (self->code_label);
  G_OBJECT_CLASS (csm_mark_item_parent_class)->finalize (object);
}

static void
csm_mark_item_class_init (CsmMarkItemClass *klass)
{
  G_OBJECT_CLASS (klass)->get_property = csm_mark_item_get_property;
  G_OBJECT_CLASS (klass)->finalize = csm_mark_item_finalize;
  install_strings (G_OBJECT_CLASS (klass),
                   (const char *[]){ "label", "span", "text", "author", "time",
                                     "exhibit-number", "accessible-label", NULL });
  g_object_class_install_property (
      G_OBJECT_CLASS (klass), MARK_IN_CONFLICT,
      g_param_spec_boolean ("in-conflict", NULL, NULL, FALSE,
                            G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

static void
csm_mark_item_init (CsmMarkItem *self)
{
}

CsmMarkItem *
csm_mark_item_new (CsmMark *record, const char *code_label)
{
  g_return_val_if_fail (record != NULL, NULL);

  CsmMarkItem *self = g_object_new (CSM_TYPE_MARK_ITEM, NULL);

  self->record = record;
  self->code_label = g_strdup (code_label);
  return self;
}

const CsmMark *
csm_mark_item_get_record (CsmMarkItem *self)
{
  g_return_val_if_fail (CSM_IS_MARK_ITEM (self), NULL);
  return self->record;
}

void
csm_mark_item_set_in_conflict (CsmMarkItem *self, bool in_conflict)
{
  g_return_if_fail (CSM_IS_MARK_ITEM (self));
  self->in_conflict = in_conflict;
}

bool
csm_mark_item_get_in_conflict (CsmMarkItem *self)
{
  g_return_val_if_fail (CSM_IS_MARK_ITEM (self), false);
  return self->in_conflict;
}

/* --- codes --- */

struct _CsmCodeItem
{
  GObject parent_instance;

  /* Owned */
  CsmCode *record;

  int depth;
};

enum {
  CODE_ID = 1,
  CODE_LABEL,
  CODE_DEFINITION,
  CODE_DEPTH,
};

G_DEFINE_FINAL_TYPE (CsmCodeItem, csm_code_item, G_TYPE_OBJECT)

static void
csm_code_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  CsmCodeItem *self = CSM_CODE_ITEM (object);

  switch (id)
    {
    case CODE_ID:
      g_value_set_string (value, self->record->id);
      break;
    case CODE_LABEL:
      g_value_set_string (value, self->record->label);
      break;
    case CODE_DEFINITION:
      g_value_set_string (value, self->record->definition);
      break;
    case CODE_DEPTH:
      g_value_set_int (value, self->depth);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
csm_code_item_finalize (GObject *object)
{
  csm_code_free (CSM_CODE_ITEM (object)->record);
  G_OBJECT_CLASS (csm_code_item_parent_class)->finalize (object);
}

static void
csm_code_item_class_init (CsmCodeItemClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = csm_code_item_get_property;
  object_class->finalize = csm_code_item_finalize;
  install_strings (object_class, (const char *[]){ "id", "label", "definition", NULL });
  g_object_class_install_property (
      object_class, CODE_DEPTH,
      g_param_spec_int ("depth", NULL, NULL, 0, G_MAXINT, 0,
                        G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

static void
csm_code_item_init (CsmCodeItem *self)
{
}

CsmCodeItem *
csm_code_item_new (CsmCode *record, int depth)
{
  g_return_val_if_fail (record != NULL && depth >= 0, NULL);

  CsmCodeItem *self = g_object_new (CSM_TYPE_CODE_ITEM, NULL);

  self->record = record;
  self->depth = depth;
  return self;
}

const CsmCode *
csm_code_item_get_record (CsmCodeItem *self)
{
  g_return_val_if_fail (CSM_IS_CODE_ITEM (self), NULL);
  return self->record;
}

/* --- the ledger --- */

struct _CsmLedgerItem
{
  GObject parent_instance;

  /* Owned */
  CsmLedgerRow *record;
};

enum {
  LEDGER_TIME = 1,
  LEDGER_SUMMARY,
  LEDGER_AUTHOR,
  LEDGER_SHORT_ID,
  LEDGER_LABEL,
};

G_DEFINE_FINAL_TYPE (CsmLedgerItem, csm_ledger_item, G_TYPE_OBJECT)

static char *
dup_short_id (const CsmLedgerRow *record)
{
  char hex[CSM_DIGEST_HEX_SIZE];

  csm_digest_to_hex (&record->id, hex);
  return g_strndup (hex, 12);
}

static char *
dup_ledger_label (const CsmLedgerRow *record)
{
  g_autofree char *time = dup_local_time (record->time);
  g_autofree char *id = dup_short_id (record);

  return g_strdup_printf ("%s, %s, %s, %s", time, record->summary, record->author, id);
}

static void
csm_ledger_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  const CsmLedgerRow *record = CSM_LEDGER_ITEM (object)->record;

  switch (id)
    {
    case LEDGER_TIME:
      g_value_take_string (value, dup_local_time (record->time));
      break;
    case LEDGER_SUMMARY:
      g_value_set_string (value, record->summary);
      break;
    case LEDGER_AUTHOR:
      g_value_set_string (value, record->author);
      break;
    case LEDGER_SHORT_ID:
      g_value_take_string (value, dup_short_id (record));
      break;
    case LEDGER_LABEL:
      g_value_take_string (value, dup_ledger_label (record));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
csm_ledger_item_finalize (GObject *object)
{
  csm_ledger_row_free (CSM_LEDGER_ITEM (object)->record);
  G_OBJECT_CLASS (csm_ledger_item_parent_class)->finalize (object);
}

static void
csm_ledger_item_class_init (CsmLedgerItemClass *klass)
{
  G_OBJECT_CLASS (klass)->get_property = csm_ledger_item_get_property;
  G_OBJECT_CLASS (klass)->finalize = csm_ledger_item_finalize;
  install_strings (G_OBJECT_CLASS (klass),
                   (const char *[]){ "time", "summary", "author", "short-id", "label", NULL });
}

static void
csm_ledger_item_init (CsmLedgerItem *self)
{
}

CsmLedgerItem *
csm_ledger_item_new (CsmLedgerRow *record)
{
  g_return_val_if_fail (record != NULL, NULL);

  CsmLedgerItem *self = g_object_new (CSM_TYPE_LEDGER_ITEM, NULL);

  self->record = record;
  return self;
}

const CsmLedgerRow *
csm_ledger_item_get_record (CsmLedgerItem *self)
{
  g_return_val_if_fail (CSM_IS_LEDGER_ITEM (self), NULL);
  return self->record;
}

/* --- search hits --- */

struct _CsmSearchItem
{
  GObject parent_instance;

  /* Owned */
  CsmSearchHit *record;
};

enum {
  SEARCH_WHERE = 1,
  SEARCH_SNIPPET,
  SEARCH_KIND,
  SEARCH_LABEL,
};

G_DEFINE_FINAL_TYPE (CsmSearchItem, csm_search_item, G_TYPE_OBJECT)

static const char *
hit_kind (const CsmSearchHit *record)
{
  switch (record->kind)
    {
    case CSM_HIT_MARK:
      return _ ("Mark");
    case CSM_HIT_EXHIBIT:
      return _ ("Exhibit");
    case CSM_HIT_CODE:
    default:
      return _ ("Code");
    }
}

static char *
hit_where (const CsmSearchHit *record)
{
  if (record->kind != CSM_HIT_MARK)
    return g_strdup (record->where);
  /* Translators: where a mark is: its exhibit, and its first frame */
  return g_strdup_printf (_ ("%s, frame %" G_GINT64_FORMAT), record->where, record->frame);
}

static char *
hit_label (const CsmSearchHit *record)
{
  g_autofree char *where = hit_where (record);

  return g_strdup_printf ("%s, %s, %s", hit_kind (record), where, record->snippet);
}

static void
csm_search_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  const CsmSearchHit *record = CSM_SEARCH_ITEM (object)->record;

  switch (id)
    {
    case SEARCH_WHERE:
      g_value_take_string (value, hit_where (record));
      break;
    case SEARCH_SNIPPET:
      g_value_set_string (value, record->snippet);
      break;
    case SEARCH_KIND:
      g_value_set_string (value, hit_kind (record));
      break;
    case SEARCH_LABEL:
      g_value_take_string (value, hit_label (record));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
csm_search_item_finalize (GObject *object)
{
  csm_search_hit_free (CSM_SEARCH_ITEM (object)->record);
  G_OBJECT_CLASS (csm_search_item_parent_class)->finalize (object);
}

static void
csm_search_item_class_init (CsmSearchItemClass *klass)
{
  G_OBJECT_CLASS (klass)->get_property = csm_search_item_get_property;
  G_OBJECT_CLASS (klass)->finalize = csm_search_item_finalize;
  install_strings (G_OBJECT_CLASS (klass),
                   (const char *[]){ "where", "snippet", "kind", "label", NULL });
}

static void
csm_search_item_init (CsmSearchItem *self)
{
}

CsmSearchItem *
csm_search_item_new (CsmSearchHit *record)
{
  g_return_val_if_fail (record != NULL, NULL);

  CsmSearchItem *self = g_object_new (CSM_TYPE_SEARCH_ITEM, NULL);

  self->record = record;
  return self;
}

const CsmSearchHit *
csm_search_item_get_record (CsmSearchItem *self)
{
  g_return_val_if_fail (CSM_IS_SEARCH_ITEM (self), NULL);
  return self->record;
}
