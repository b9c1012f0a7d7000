/* csm-items-exhibit.c: an exhibit as lists show it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review/csm-items-private.h"

#include <glib/gi18n-lib.h>

struct _CsmExhibitItem
{
  GObject parent_instance;

  /* Owned */
  CsmExhibit *record;
  GBytes *thumbnail;

  /* Weak: a row may outlive the session */
  GObject *loader_data;

  CsmThumbnailLoader loader;
  bool asked;
  int checking;
};

enum {
  PROP_0,
  PROP_LABEL,
  PROP_NUMBER,
  PROP_NAME,
  PROP_DETAIL,
  PROP_STATUS,
  PROP_N_MARKS,
  PROP_THUMBNAIL,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (CsmExhibitItem, csm_exhibit_item, G_TYPE_OBJECT)

static const char *
exhibit_name (const CsmExhibit *record)
{
  const char *title = record->acquisition != NULL ? record->acquisition->title : NULL;

  return title != NULL && *title != '\0' ? title : record->name;
}

static char *
dup_duration (int64_t ms)
{
  int64_t seconds = ms / 1000;

  if (seconds >= 3600)
    return g_strdup_printf ("%d:%02d:%02d", (int) (seconds / 3600), (int) (seconds / 60 % 60),
                            (int) (seconds % 60));
  return g_strdup_printf ("%d:%02d", (int) (seconds / 60), (int) (seconds % 60));
}

static char *
dup_detail (const CsmExhibit *record)
{
  g_autofree char *size = g_format_size (record->size);
  g_autoptr (GString) text = g_string_new (NULL);

  if (record->duration_ms >= 0)
    {
      g_autofree char *duration = dup_duration (record->duration_ms);

      g_string_append_printf (text, "%s, ", duration);
    }
  if (record->n_frames > 0)
    {
      /* Translators: how many pictures a video has */
      g_string_append_printf (text,
                              g_dngettext (GETTEXT_PACKAGE, "%" G_GINT64_FORMAT " frame, ",
                                           "%" G_GINT64_FORMAT " frames, ",
                                           (unsigned long) record->n_frames),
                              record->n_frames);
    }
  g_string_append (text, size);
  if (record->linked)
    g_string_append_printf (text, ", %s", _ ("not encrypted"));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static char *
dup_status (CsmExhibitItem *self)
{
  /* Translators: %d is how much of a file has been checked, in percent */
  if (self->checking >= 0)
    return g_strdup_printf (_ ("checking %d %%"), self->checking);
  if (self->record->status != NULL && *self->record->status != '\0')
    return g_strdup (self->record->status);
  switch (self->record->index_state)
    {
    case CSM_INDEX_EXACT:
      return g_strdup (_ ("exact"));
    case CSM_INDEX_PROVISIONAL:
      return g_strdup (_ ("not checked yet"));
    case CSM_INDEX_FAILED:
      return g_strdup (_ ("cannot be read"));
    case CSM_INDEX_NONE:
    default:
      return g_strdup (_ ("not looked at yet"));
    }
}

static void
csm_exhibit_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  CsmExhibitItem *self = CSM_EXHIBIT_ITEM (object);
  const CsmExhibit *record = self->record;

  switch (id)
    {
    case PROP_LABEL:
      g_value_take_string (value,
                           g_strdup_printf ("%s %s", record->number, exhibit_name (record)));
      break;
    case PROP_NUMBER:
      g_value_set_string (value, record->number);
      break;
    case PROP_NAME:
      g_value_set_string (value, exhibit_name (record));
      break;
    case PROP_DETAIL:
      g_value_take_string (value, dup_detail (record));
      break;
    case PROP_STATUS:
      g_value_take_string (value, dup_status (self));
      break;
    case PROP_N_MARKS:
      g_value_set_int64 (value, record->n_marks);
      break;
    case PROP_THUMBNAIL:
      g_value_set_boxed (value, csm_exhibit_item_get_thumbnail (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
csm_exhibit_item_finalize (GObject *object)
{
  CsmExhibitItem *self = CSM_EXHIBIT_ITEM (object);

  csm_exhibit_free (self->record);
  g_clear_weak_pointer (&self->loader_data);
  g_clear_pointer (&self->thumbnail, g_bytes_unref);
  G_OBJECT_CLASS (csm_exhibit_item_parent_class)->finalize (object);
}

static void
csm_exhibit_item_class_init (CsmExhibitItemClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = csm_exhibit_item_get_property;
  object_class->finalize = csm_exhibit_item_finalize;

  properties[PROP_LABEL] = g_param_spec_string ("label", NULL, NULL, NULL, flags);
  properties[PROP_NUMBER] = g_param_spec_string ("number", NULL, NULL, NULL, flags);
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  properties[PROP_DETAIL] = g_param_spec_string ("detail", NULL, NULL, NULL, flags);
  properties[PROP_STATUS] = g_param_spec_string ("status", NULL, NULL, NULL, flags);
  properties[PROP_N_MARKS] =
      g_param_spec_int64 ("n-marks", NULL, NULL, 0, G_MAXINT64, 0, flags);
  properties[PROP_THUMBNAIL] =
      g_param_spec_boxed ("thumbnail", NULL, NULL, G_TYPE_BYTES, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
csm_exhibit_item_init (CsmExhibitItem *self)
{
  self->checking = -1;
}

CsmExhibitItem *
csm_exhibit_item_new (CsmExhibit *record)
{
  g_return_val_if_fail (record != NULL, NULL);

  CsmExhibitItem *self = g_object_new (CSM_TYPE_EXHIBIT_ITEM, NULL);

  self->record = record;
  return self;
}

const CsmExhibit *
csm_exhibit_item_get_record (CsmExhibitItem *self)
{
  g_return_val_if_fail (CSM_IS_EXHIBIT_ITEM (self), NULL);
  return self->record;
}

GBytes *
csm_exhibit_item_get_thumbnail (CsmExhibitItem *self)
{
  g_return_val_if_fail (CSM_IS_EXHIBIT_ITEM (self), NULL);

  if (self->thumbnail == NULL && self->loader_data != NULL && !self->asked)
    {
      self->asked = true;
      self->loader (self, self->loader_data);
    }
  return self->thumbnail;
}

void
csm_exhibit_item_set_thumbnail (CsmExhibitItem *self, GBytes *bytes)
{
  g_return_if_fail (CSM_IS_EXHIBIT_ITEM (self));

  if (self->thumbnail == bytes)
    return;
  g_clear_pointer (&self->thumbnail, g_bytes_unref);
  if (bytes != NULL)
    self->thumbnail = g_bytes_ref (bytes);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_THUMBNAIL]);
}

void
csm_exhibit_item_set_checking (CsmExhibitItem *self, int percent)
{
  g_return_if_fail (CSM_IS_EXHIBIT_ITEM (self));

  if (self->checking == percent)
    return;
  self->checking = percent;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATUS]);
}

void
csm_exhibit_item_set_loader (CsmExhibitItem *self, CsmThumbnailLoader loader, GObject *data)
{
  g_return_if_fail (CSM_IS_EXHIBIT_ITEM (self));

  self->loader = loader;
  g_set_weak_pointer (&self->loader_data, data);
}

void
csm_exhibit_item_expire_thumbnail (CsmExhibitItem *self)
{
  g_return_if_fail (CSM_IS_EXHIBIT_ITEM (self));

  if (self->thumbnail != NULL)
    return;
  self->asked = false;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_THUMBNAIL]);
}

void
csm_exhibit_item_update (CsmExhibitItem *self, CsmExhibit *record)
{
  g_return_if_fail (CSM_IS_EXHIBIT_ITEM (self) && record != NULL);

  csm_exhibit_free (self->record);
  self->record = record;
  for (int id = PROP_LABEL; id <= PROP_N_MARKS; id++)
    g_object_notify_by_pspec (G_OBJECT (self), properties[id]);
}
