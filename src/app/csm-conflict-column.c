/* csm-conflict-column.c: one version of what two copies changed: who, when, what it says
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-conflict-column.h"

#include <glib/gi18n.h>
#include <string.h>

struct _CsmConflictColumn
{
  AdwBin parent_instance;

  /* Template children */
  GtkLabel *heading;
  GtkLabel *effect;
  GtkLabel *who;
  GtkListBox *values;
  GtkButton *take;
  GtkButton *edit;

  guint n;
};

G_DEFINE_FINAL_TYPE (CsmConflictColumn, csm_conflict_column, ADW_TYPE_BIN)

enum { TAKEN, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
take_cb (CsmConflictColumn *self)
{
  g_signal_emit (self, signals[TAKEN], 0, self->n, FALSE);
}

static void
edit_cb (CsmConflictColumn *self)
{
  g_signal_emit (self, signals[TAKEN], 0, self->n, TRUE);
}

static char *
dup_local_time (CsmTime time)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (time / 1000);
  g_autoptr (GDateTime) local = utc != NULL ? g_date_time_to_local (utc) : NULL;

  return local != NULL ? g_date_time_format (local, "%F %T") : g_strdup ("");
}

/* What all versions say alike stays grey. */
static void
add_value (CsmConflictColumn *self,
           const CsmConflictVersion *version,
           const char *key,
           bool differs)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  g_autofree char *name = csm_conflict_dup_key (key);
  g_autofree char *value = csm_conflict_dup_value (version, key);
  GtkWidget *caption = gtk_label_new (name);
  GtkWidget *text = gtk_label_new (*value != '\0' ? value : "–");

  gtk_label_set_xalign (GTK_LABEL (caption), 0);
  gtk_label_set_xalign (GTK_LABEL (text), 0);
  gtk_label_set_wrap (GTK_LABEL (text), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (text), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (GTK_LABEL (text), TRUE);
  gtk_widget_add_css_class (caption, "caption");
  gtk_widget_add_css_class (caption, "dim-label");
  gtk_widget_add_css_class (text, differs ? "csm-differs" : "dim-label");
  gtk_widget_add_css_class (row, "csm-value");
  gtk_box_append (GTK_BOX (row), caption);
  gtk_box_append (GTK_BOX (row), text);
  gtk_list_box_append (self->values, row);
}

static void
fill (CsmConflictColumn *self, const CsmConflict *record, const CsmConflictVersion *version)
{
  const char *key;
  json_t *value;

  for (char **differing = record->differs; *differing != NULL; differing++)
    add_value (self, version, *differing, true);
  json_object_foreach (version->values, key, value)
  {
    if (!g_strv_contains ((const char *const *) record->differs, key))
      add_value (self, version, key, false);
  }
}

static void
csm_conflict_column_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), CSM_TYPE_CONFLICT_COLUMN);
  G_OBJECT_CLASS (csm_conflict_column_parent_class)->dispose (object);
}

static void
csm_conflict_column_class_init (CsmConflictColumnClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = csm_conflict_column_dispose;
  signals[TAKEN] = g_signal_new ("taken", CSM_TYPE_CONFLICT_COLUMN, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 2, G_TYPE_UINT, G_TYPE_BOOLEAN);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/casement/Casement/csm-conflict-column.ui");
  gtk_widget_class_bind_template_child (widget_class, CsmConflictColumn, heading);
  gtk_widget_class_bind_template_child (widget_class, CsmConflictColumn, effect);
  gtk_widget_class_bind_template_child (widget_class, CsmConflictColumn, who);
  gtk_widget_class_bind_template_child (widget_class, CsmConflictColumn, values);
  gtk_widget_class_bind_template_child (widget_class, CsmConflictColumn, take);
  gtk_widget_class_bind_template_child (widget_class, CsmConflictColumn, edit);
  gtk_widget_class_bind_template_callback (widget_class, take_cb);
  gtk_widget_class_bind_template_callback (widget_class, edit_cb);
}

static void
csm_conflict_column_init (CsmConflictColumn *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
csm_conflict_column_new (const CsmConflict *record, guint n, bool writable)
{
  CsmConflictColumn *self = g_object_new (CSM_TYPE_CONFLICT_COLUMN, NULL);
  const CsmConflictVersion *version = record->versions->pdata[n];
  g_autofree char *time = dup_local_time (version->time);
  /* Translators: versions of one thing are numbered from 1 */
  g_autofree char *heading = g_strdup_printf (_ ("Version %u"), n + 1);
  /* Translators: a reviewer's name, and a date with time */
  g_autofree char *who = g_strdup_printf (_ ("%s, %s"), version->author, time);
  g_autofree char *take = g_strdup_printf (_ ("Take Version %u"), n + 1);
  g_autofree char *edit = g_strdup_printf (_ ("Take and Edit Version %u"), n + 1);

  self->n = n;
  gtk_label_set_text (self->heading, heading);
  gtk_label_set_text (self->who, who);
  gtk_widget_set_visible (GTK_WIDGET (self->effect), version->in_effect);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->take), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  take, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->edit), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  edit, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->values), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  heading, -1);
  gtk_widget_set_sensitive (GTK_WIDGET (self->take), writable);
  gtk_widget_set_sensitive (GTK_WIDGET (self->edit), writable);
  gtk_widget_set_visible (GTK_WIDGET (self->edit),
                          strcmp (record->facet, "mark") == 0 &&
                              json_object_get (version->values, "frames") != NULL);
  fill (self, record, version);
  return GTK_WIDGET (self);
}
