/* csm-media-marker.c: the file that says whose media a folder holds
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-file.h"
#include "base/csm-hash.h"
#include "vault/csm-media-private.h"

#include <sodium.h>
#include <string.h>

#define SUM_SIZE 16
/* "casement-media 1\n", "case " and 32 digits, "sum " and 32 digits, each with a newline. */
#define MARKER_SIZE (17 + 38 + 37)

/* (transfer full) */
static char *
make_marker (const uint8_t *case_id)
{
  g_autofree char *id = csm_hex_encode (case_id, CSM_VAULT_ID_SIZE);
  g_autofree char *head = g_strdup_printf ("casement-media 1\ncase %s\n", id);
  g_autofree char *sum_hex = NULL;
  uint8_t sum[SUM_SIZE];

  crypto_generichash (sum, sizeof sum, (const uint8_t *) head, strlen (head), NULL, 0);
  sum_hex = csm_hex_encode (sum, sizeof sum);
  return g_strdup_printf ("%ssum %s\n", head, sum_hex);
}

/* A marker is right when it is exactly the one we would write for the case id it names. */
static bool
parse_marker (const char *text, size_t size, uint8_t ret_case_id[CSM_VAULT_ID_SIZE])
{
  g_autofree char *hex = NULL;
  g_autofree char *expected = NULL;
  uint8_t id[CSM_VAULT_ID_SIZE];

  if (size != MARKER_SIZE)
    return false;
  hex = g_strndup (text + 17 + 5, 2 * CSM_VAULT_ID_SIZE);
  if (!csm_hex_decode (hex, id, sizeof id))
    return false;
  expected = make_marker (id);
  if (memcmp (text, expected, MARKER_SIZE) != 0)
    return false;
  memcpy (ret_case_id, id, sizeof id);
  return true;
}

CsmMarkerState
csm_media_marker_examine (const char *folder, const uint8_t *case_id)
{
  g_autofree char *path = g_build_filename (folder, CSM_MEDIA_MARKER, NULL);
  g_autofree char *text = NULL;
  uint8_t id[CSM_VAULT_ID_SIZE];
  gsize size;

  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return CSM_MARKER_NONE;
  if (!g_file_get_contents (path, &text, &size, NULL) || !parse_marker (text, size, id))
    return CSM_MARKER_DAMAGED;
  return memcmp (id, case_id, sizeof id) == 0 ? CSM_MARKER_OURS : CSM_MARKER_OTHER;
}

gboolean
csm_media_marker_write (const char *folder, const uint8_t *case_id, GError **error)
{
  g_autofree char *path = g_build_filename (folder, CSM_MEDIA_MARKER, NULL);
  g_autoptr (GBytes) bytes = g_bytes_new_take (make_marker (case_id), MARKER_SIZE);
  GError *failed = NULL;

  if (!csm_file_write (path, bytes, &failed))
    return csm_media_fail_base (error, failed, "mark the media store");
  return TRUE;
}
