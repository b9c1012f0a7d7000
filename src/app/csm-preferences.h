/* csm-preferences.h: what the application remembers; nothing in it names a case
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#define CSM_TYPE_PREFERENCES (csm_preferences_get_type ())
G_DECLARE_FINAL_TYPE (CsmPreferences, csm_preferences, CSM, PREFERENCES, AdwPreferencesWindow)

CsmPreferences *csm_preferences_new (GtkWindow *parent, GSettings *settings);
