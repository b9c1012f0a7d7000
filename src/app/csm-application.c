/* csm-application.c: the program as the desktop sees it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-application.h"

#include "app/csm-workspace.h"

struct _CsmApplication
{
  AdwApplication parent_instance;
};

G_DEFINE_FINAL_TYPE (CsmApplication, csm_application, ADW_TYPE_APPLICATION)

static void
csm_application_activate (GApplication *application)
{
  g_autoptr (CsmSession) session = csm_session_new ();
  GtkWidget *window = adw_application_window_new (GTK_APPLICATION (application));

  gtk_window_set_default_size (GTK_WINDOW (window), 1280, 800);
  adw_application_window_set_content (ADW_APPLICATION_WINDOW (window),
                                      csm_workspace_new (session));
  gtk_window_present (GTK_WINDOW (window));
}

static void
csm_application_class_init (CsmApplicationClass *klass)
{
  G_APPLICATION_CLASS (klass)->activate = csm_application_activate;
}

static void
csm_application_init (CsmApplication *self)
{
}

GApplication *
csm_application_new (void)
{
  return g_object_new (CSM_TYPE_APPLICATION, "application-id", "org.casement.Casement",
                       "resource-base-path", "/org/casement/Casement", "flags",
                       G_APPLICATION_NON_UNIQUE, NULL);
}
