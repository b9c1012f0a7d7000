/* csm-main.c: where the program starts
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-application.h"

#include "base/csm-secret.h"

int
main (int argc, char **argv)
{
  csm_process_harden ();

  g_autoptr (GApplication) app = csm_application_new ();

  return g_application_run (app, argc, argv);
}
