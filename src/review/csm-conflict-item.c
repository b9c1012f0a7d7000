/* csm-conflict-item.c: a conflict as a list shows it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review/csm-conflict-item.h"

#include <glib/gi18n-lib.h>
#include <string.h>

struct _CsmConflictItem
{
  GObject parent_instance;

  /* Owned */
  CsmConflict *record;
};

enum {
  PROP_LABEL = 1,
  PROP_DETAIL,
  PROP_ACCESSIBLE_LABEL,
};

G_DEFINE_FINAL_TYPE (CsmConflictItem, csm_conflict_item, G_TYPE_OBJECT)

static const struct
{
  const char *key;
  const char *name;
} names[] = {
  { "frames", N_ ("Frames") },
  { "code", N_ ("Code") },
  { "text", N_ ("Text") },
  { "rectangles", N_ ("Rectangles") },
  { "removed", N_ ("Removed") },
  { "erased", N_ ("Erased") },
  { "label", N_ ("Label") },
  { "definition", N_ ("Definition") },
  { "source", N_ ("Source") },
  { "parent", N_ ("Parent") },
  { "title", N_ ("Title") },
  { "obtained_from", N_ ("Obtained From") },
  { "obtained_when", N_ ("Obtained When") },
  { "obtained_how", N_ ("Obtained How") },
  { "notes", N_ ("Notes") },
  { "do_not_export", N_ ("Do Not Export") },
  { "sound_offset_ms", N_ ("Sound Offset (ms)") },
  { "index_sha256", N_ ("Frame Index") },
};

char *
csm_conflict_dup_key (const char *key)
{
  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (names[i].key, key) == 0)
      return g_strdup (_ (names[i].name));
  return g_strdup (key);
}

char *
csm_conflict_dup_value (const CsmConflictVersion *version, const char *key)
{
  const char *value = json_string_value (json_object_get (version->values, key));
  const bool is_flag = strcmp (key, "removed") == 0 || strcmp (key, "erased") == 0 ||
                       strcmp (key, "do_not_export") == 0;

  /* Where a version was not removed, it says something else. */
  if (is_flag)
    return g_strdup (g_strcmp0 (value, "yes") == 0 ? _ ("Yes") : _ ("No"));
  return g_strdup (value != NULL ? value : "");
}

static char *
dup_label (const CsmConflict *record)
{
  if (strcmp (record->facet, "mark") == 0)
    /* Translators: %s is an exhibit's number and name */
    return g_strdup_printf (_ ("Mark on %s"), record->where);
  if (record->code != NULL)
    /* Translators: %s is the id of a code of the codebook */
    return g_strdup_printf (_ ("Code %s"), record->code);
  return g_strdup (record->where);
}

static char *
dup_detail (const CsmConflict *record)
{
  g_autoptr (GStrvBuilder) parts = g_strv_builder_new ();
  g_auto (GStrv) list = NULL;

  for (char **key = record->differs; *key != NULL; key++)
    {
      g_autofree char *name = csm_conflict_dup_key (*key);

      g_strv_builder_add (parts, name);
    }
  list = g_strv_builder_end (parts);
  return g_strjoinv (", ", list);
}

static void
csm_conflict_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  CsmConflictItem *self = CSM_CONFLICT_ITEM (object);
  g_autofree char *label = dup_label (self->record);
  g_autofree char *detail = dup_detail (self->record);

  switch (id)
    {
    case PROP_LABEL:
      g_value_set_string (value, label);
      break;
    case PROP_DETAIL:
      g_value_set_string (value, detail);
      break;
    case PROP_ACCESSIBLE_LABEL:
      g_value_take_string (value, g_strdup_printf ("%s, %s", label, detail));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
csm_conflict_item_finalize (GObject *object)
{
  csm_conflict_free (CSM_CONFLICT_ITEM (object)->record);
  G_OBJECT_CLASS (csm_conflict_item_parent_class)->finalize (object);
}

static void
csm_conflict_item_class_init (CsmConflictItemClass *klass)
{
  static const char *const properties[] = { "label", "detail", "accessible-label" };

  G_OBJECT_CLASS (klass)->get_property = csm_conflict_item_get_property;
  G_OBJECT_CLASS (klass)->finalize = csm_conflict_item_finalize;
  for (guint i = 0; i < G_N_ELEMENTS (properties); i++)
    g_object_class_install_property (
        G_OBJECT_CLASS (klass), i + 1,
        g_param_spec_string (properties[i], NULL, NULL, NULL,
                             G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

static void
csm_conflict_item_init (CsmConflictItem *self)
{
}

CsmConflictItem *
csm_conflict_item_new (CsmConflict *record)
{
  g_return_val_if_fail (record != NULL, NULL);

  CsmConflictItem *self = g_object_new (CSM_TYPE_CONFLICT_ITEM, NULL);

  self->record = record;
  return self;
}

const CsmConflict *
csm_conflict_item_get_record (CsmConflictItem *self)
{
  g_return_val_if_fail (CSM_IS_CONFLICT_ITEM (self), NULL);
  return self->record;
}
