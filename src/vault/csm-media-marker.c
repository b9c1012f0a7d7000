/* csm-media-marker.c: the file that says whose media a folder holds
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-hash.h"
#include "vault/csm-disk.h"
#include "vault/csm-media-private.h"

#include <sodium.h>

#include <errno.h>
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

static int
read_marker (const CsmDisk *disk,
             const char *path,
             char ret_text[MARKER_SIZE + 1],
             size_t *ret_size)
{
  CsmDiskFile *file = NULL;
  int failed = disk->open (path, CSM_DISK_READ, &file);

  if (failed != 0)
    return failed;
  failed = disk->read (file, ret_text, MARKER_SIZE + 1, 0, ret_size);
  disk->close (file);
  return failed;
}

CsmMarkerState
csm_media_marker_examine (const char *folder, const uint8_t *case_id)
{
  g_autofree char *path = g_build_filename (folder, CSM_MEDIA_MARKER, NULL);
  char text[MARKER_SIZE + 1];
  uint8_t id[CSM_VAULT_ID_SIZE];
  size_t size = 0;
  const int failed = read_marker (csm_disk_get (), path, text, &size);

  /* A link, a folder or nothing at all is no marker. */
  if (failed == ENOENT || failed == ENOTDIR || failed == EISDIR || failed == ELOOP)
    return CSM_MARKER_NONE;
  if (failed != 0 || !parse_marker (text, size, id))
    return CSM_MARKER_DAMAGED;
  return memcmp (id, case_id, sizeof id) == 0 ? CSM_MARKER_OURS : CSM_MARKER_OTHER;
}

/* Under a name of its own first, so that a marker is there whole or not at all. */
int
csm_media_marker_write (const char *folder, const uint8_t *case_id)
{
  const CsmDisk *disk = csm_disk_get ();
  g_autofree char *path = g_build_filename (folder, CSM_MEDIA_MARKER, NULL);
  g_autofree char *part = g_build_filename (folder, CSM_MEDIA_MARKER_PART, NULL);
  g_autofree char *text = make_marker (case_id);
  CsmDiskFile *file = NULL;
  int failed;

  (void) disk->unlink (part); /* left by a power cut */
  failed = disk->open (part, CSM_DISK_CREATE, &file);
  if (failed != 0)
    return failed;
  failed = disk->write (file, text, MARKER_SIZE, 0);
  if (failed == 0)
    failed = disk->sync (file);
  disk->close (file);
  if (failed == 0)
    failed = disk->rename_new (part, path);
  if (failed != 0)
    (void) disk->unlink (part); /* the first failure is the one to tell */
  return failed != 0 ? failed : disk->sync_folder (path);
}
