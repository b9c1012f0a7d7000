/* csm-main.c: starts the application
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-application.h"

#include "base/csm-secret.h"

#include <glib/gi18n.h>

#include <sys/prctl.h>

int
main (int argc, char *argv[])
{
  csm_process_harden ();
  /* Executed anew by a link it would be called as that. */
  (void) prctl (PR_SET_NAME, "casement"); /* a name, and no more than that */
  g_set_prgname ("casement");
  g_set_application_name (_ ("Casement"));

  g_autoptr (CsmApplication) application = csm_application_new ();

  return g_application_run (G_APPLICATION (application), argc, argv);
}
