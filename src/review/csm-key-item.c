/* csm-key-item.c: who holds a key, as a list shows it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review/csm-key-item.h"

#include <glib/gi18n-lib.h>

struct _CsmKeyItem
{
  GObject parent_instance;

  /* Owned */
  CsmKeyHolder *record;
};

G_DEFINE_FINAL_TYPE (CsmKeyItem, csm_key_item, G_TYPE_OBJECT)

enum { PROP_0, PROP_NAME, PROP_DETAIL, N_PROPS };
static GParamSpec *properties[N_PROPS];

static char *
dup_name (const CsmKeyHolder *record)
{
  if (record->name[0] != '\0')
    return g_strdup (record->name);
  return record->type == CSM_SLOT_RECOVERY ? g_strdup (_ ("Recovery code"))
                                           : g_strdup (_ ("Name not recorded"));
}

static char *
dup_detail (const CsmKeyHolder *record)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (record->created / 1000);
  g_autoptr (GDateTime) local = utc != NULL ? g_date_time_to_local (utc) : NULL;
  g_autofree char *since = local != NULL ? g_date_time_format (local, "%F") : g_strdup ("–");
  const char *what = record->type == CSM_SLOT_RECOVERY  ? _ ("On paper, since %s")
                     : record->type == CSM_SLOT_JOINING ? _ ("Has not opened the case yet; "
                                                             "since %s")
                     : !record->can_sign ? _ ("Reader: can view, cannot sign; since %s")
                     : record->own       ? _ ("Reviewer, your own key; since %s")
                                         : _ ("Reviewer, since %s");
  g_auto (GStrv) parts = g_strsplit (what, "%s", 2);

  return g_strjoinv (since, parts);
}

static void
csm_key_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  CsmKeyItem *self = CSM_KEY_ITEM (object);

  switch (id)
    {
    case PROP_NAME:
      g_value_take_string (value, dup_name (self->record));
      break;
    case PROP_DETAIL:
      g_value_take_string (value, dup_detail (self->record));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
csm_key_item_finalize (GObject *object)
{
  csm_key_holder_free (CSM_KEY_ITEM (object)->record);
  G_OBJECT_CLASS (csm_key_item_parent_class)->finalize (object);
}

static void
csm_key_item_class_init (CsmKeyItemClass *klass)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  G_OBJECT_CLASS (klass)->get_property = csm_key_item_get_property;
  G_OBJECT_CLASS (klass)->finalize = csm_key_item_finalize;
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  properties[PROP_DETAIL] = g_param_spec_string ("detail", NULL, NULL, NULL, flags);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), N_PROPS, properties);
}

static void
csm_key_item_init (CsmKeyItem *self)
{
}

CsmKeyItem *
csm_key_item_new (CsmKeyHolder *record)
{
  CsmKeyItem *self = g_object_new (CSM_TYPE_KEY_ITEM, NULL);

  self->record = record;
  return self;
}

const CsmKeyHolder *
csm_key_item_get_record (CsmKeyItem *self)
{
  g_return_val_if_fail (CSM_IS_KEY_ITEM (self), NULL);
  return self->record;
}
