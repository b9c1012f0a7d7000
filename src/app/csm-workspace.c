/* csm-workspace.c: the window's content while a case is open
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-workspace.h"

struct _CsmWorkspace
{
  AdwBin parent_instance;

  /* Owned */
  CsmSession *session;
};

G_DEFINE_FINAL_TYPE (CsmWorkspace, csm_workspace, ADW_TYPE_BIN)

static void
csm_workspace_dispose (GObject *object)
{
  CsmWorkspace *self = CSM_WORKSPACE (object);

  g_clear_object (&self->session);
  G_OBJECT_CLASS (csm_workspace_parent_class)->dispose (object);
}

static void
csm_workspace_class_init (CsmWorkspaceClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = csm_workspace_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/casement/Casement/csm-workspace.ui");
}

static void
csm_workspace_init (CsmWorkspace *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
csm_workspace_new (CsmSession *session)
{
  CsmWorkspace *self = g_object_new (CSM_TYPE_WORKSPACE, NULL);

  self->session = g_object_ref (session);
  return GTK_WIDGET (self);
}
