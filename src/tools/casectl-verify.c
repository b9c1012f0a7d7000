/* casectl-verify.c: whether a case still says what was signed
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/casectl.h"

#include <stdio.h>

typedef struct
{
  CsmListing listing;
  int64_t n_broken;
} Verify;

static const char *const kinds[] = {
  [CSM_FINDING_HOLDS] = "holds",
  [CSM_FINDING_NOTE] = "note",
  [CSM_FINDING_BROKEN] = "BROKEN",
};

static void
finding_cb (CsmFindingKind kind, const char *where, const char *what, gpointer data)
{
  Verify *self = data;

  csm_tool_progress_end ();
  self->n_broken += kind == CSM_FINDING_BROKEN ? 1 : 0;
  csm_listing_add (&self->listing, json_pack ("{s:s, s:s, s:s}", "kind", kinds[kind], "where",
                                              where, "what", what));
}

static void
progress_cb (int64_t done, int64_t total, gpointer data)
{
  csm_tool_progress ("verifying", done, total);
}

/* Opening said already whether a header copy is damaged: here it is a finding. */
static void
add_repairs (Verify *self, CsmCase *acase)
{
  g_autofree char *repairs = csm_vault_dup_repairs (csm_case_get_vault (acase));

  if (repairs == NULL)
    return;
  g_autofree char *what = g_strdup_printf ("repaired: %s", repairs);
  finding_cb (CSM_FINDING_NOTE, "header", what, self);
}

int
csm_tool_verify (CsmTool *tool, int argc, char **argv)
{
  static const char *const columns[] = { "kind", "where", "what", NULL };
  gboolean media = FALSE;
  const GOptionEntry entries[] = { { "media", 0, 0, G_OPTION_ARG_NONE, &media,
                                     "Read and hash every exhibit too", NULL },
                                   G_OPTION_ENTRY_NULL };
  g_autoptr (CsmCase) acase = NULL;
  g_autoptr (GError) error = NULL;
  Verify self = { 0 };
  bool holds = false;
  int code;

  if (!csm_tool_parse (tool, entries, CSM_TOOL_JSON | CSM_TOOL_PASSPHRASE, 1, 1, argc, argv,
                       &code) ||
      (acase = csm_tool_open (tool, tool->paths[0], true, &code)) == NULL)
    return code;
  csm_listing_begin (&self.listing, tool->json, columns);
  add_repairs (&self, acase);
  if (!csm_case_verify (acase, media, finding_cb, progress_cb, &self, &holds, tool->cancellable,
                        &error))
    return csm_tool_fail (tool, "verify the case", error, CSM_EXIT_CANNOT_OPEN);
  csm_listing_end (&self.listing);
  if (holds)
    return CSM_EXIT_DONE;
  return csm_tool_refuse (
      tool, CSM_EXIT_DOES_NOT_HOLD,
      "the case does not hold: %" G_GINT64_FORMAT
      " findings, listed above; keep this copy and compare it with a backup",
      self.n_broken);
}
