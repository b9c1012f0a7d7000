/* csm-transport.h: the buttons and readouts under the picture
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "review/csm-session.h"

#include <adwaita.h>

/* CsmTransport: its buttons name actions of the workspace around it; it shows where the
 * playhead is. */
#define CSM_TYPE_TRANSPORT (csm_transport_get_type ())
G_DECLARE_FINAL_TYPE (CsmTransport, csm_transport, CSM, TRANSPORT, AdwBin)

void csm_transport_set_session (CsmTransport *self, CsmSession *session);
/* The keyboard goes to the Go To entry. */
void csm_transport_focus_go_to (CsmTransport *self);
