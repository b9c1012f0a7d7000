/* csm-verify-foundation.c: what a salvaged case stands on
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-foundation.h"
#include "casefile/csm-verify-private.h"

#include <glib/gi18n-lib.h>

gboolean
csm_verify_foundation (CsmVerify *self, CsmDb *scratch, GError **error)
{
  int64_t n_cases = 0;
  g_autoptr (CsmQuery) query = NULL;
  int step;

  if (!csm_foundation_is_shaken (self->acase->db, &self->shaken, error) ||
      !csm_foundation_lay (self->acase->db, scratch, error) ||
      !csm_db_get_int (scratch, "SELECT count (*) FROM case_info", &n_cases, error))
    return FALSE;
  if (n_cases > 0)
    csm_verify_say (self, CSM_FINDING_BROKEN, _ ("Salvage"),
                    _ ("the entry that created the case is missing: its title is from an"
                       " unsigned row of the damaged case"));
  query =
      csm_query_new (scratch, "read the reviewers", "SELECT name FROM reviewer ORDER BY key");
  while ((step = csm_query_step (query, error)) > 0)
    csm_verify_say (self, CSM_FINDING_BROKEN, _ ("Salvage"),
                    _ ("the entry that added the reviewer %s is missing: no entry vouches for"
                       " this key, and the name is from an unsigned row of the damaged case"),
                    csm_query_get_text (query, 0));
  return step == 0;
}
