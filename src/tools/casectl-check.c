/* casectl-check.c: does a bundle hold?
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-error.h"
#include "export/csm-bundle-check.h"
#include "export/csm-error.h"
#include "tools/casectl.h"

static void
progress_cb (int64_t done, int64_t total, gpointer data)
{
  csm_tool_progress ("checking", done, total);
}

/* What is no bundle, and what is no key, was put in wrong. */
static int
fail (const CsmTool *tool, const GError *error)
{
  if (g_error_matches (error, CSM_BASE_ERROR, CSM_BASE_ERROR_INVALID))
    return csm_tool_refuse (tool, CSM_EXIT_REFUSED,
                            "check the bundle: %s; name a bundle's folder, and a key's file",
                            error->message);
  if (error->domain == CSM_EXPORT_ERROR)
    return csm_tool_refuse (tool, CSM_EXIT_REFUSED, "check the bundle: %s", error->message);
  return csm_tool_fail (tool, "check the bundle", error, CSM_EXIT_CANNOT_OPEN);
}

int
csm_tool_check (CsmTool *tool, int argc, char **argv)
{
  g_autofree char *key = NULL;
  gboolean no_frames = FALSE;
  gboolean frames = FALSE;
  const GOptionEntry entries[] = {
    { "key", 0, 0, G_OPTION_ARG_FILENAME, &key,
      "The key that must have signed: minisign's line or file, 64 hex digits, PEM, 16 words",
      "KEY" },
    { "frames", 0, 0, G_OPTION_ARG_NONE, &frames,
      "Decode the marked frames again (the default)", NULL },
    { "no-frames", 0, 0, G_OPTION_ARG_NONE, &no_frames, "Do not decode anything", NULL },
    G_OPTION_ENTRY_NULL
  };
  CsmBundleCheckOptions options = { 0 };
  CsmToolFindings findings;
  g_autoptr (GError) error = NULL;
  bool holds = false;
  int code;

  if (!csm_tool_parse (tool, entries, CSM_TOOL_JSON, 1, 1, argc, argv, &code))
    return code;
  if (frames && no_frames)
    return csm_tool_usage (tool, "--frames and --no-frames exclude each other");
  options.key = key;
  options.frames = !no_frames;
  csm_tool_findings_begin (&findings, tool->json);
  if (!csm_bundle_check (tool->paths[0], &options, csm_tool_findings_add_cb, progress_cb,
                         &findings, &holds, tool->cancellable, &error))
    return fail (tool, error);
  csm_listing_end (&findings.listing);
  if (holds)
    return CSM_EXIT_DONE;
  return csm_tool_refuse (
      tool, CSM_EXIT_DOES_NOT_HOLD,
      "the bundle does not hold: %" G_GINT64_FORMAT
      " findings, listed above; ask whoever gave it to you for another copy",
      findings.n_broken);
}
