/* csm-job-row.h: one job: what it does, how far it is, and a button to stop it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "review/csm-items.h"

#include <adwaita.h>

#define CSM_TYPE_JOB_ROW (csm_job_row_get_type ())
G_DECLARE_FINAL_TYPE (CsmJobRow, csm_job_row, CSM, JOB_ROW, GtkListBoxRow)

GtkWidget *csm_job_row_new (CsmJob *job);
