/* csm-hand-over.h: a bundle in one encrypted file (age-encryption.org/v1)
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-secret.h"

#include <gio/gio.h>

/* The file is an age v1 file whose content is a plain POSIX tar of one folder: `age -d FILE |
 * tar x` opens it. X25519 recipients, or a passphrase (scrypt). Streams: memory does not grow
 * with the size. Errors: CSM_EXPORT_ERROR and CSM_BASE_ERROR. Blocking; any thread. */

typedef void (*CsmHandOverProgress) (int64_t done, int64_t total, gpointer data);

/* Packs the folder @folder into the new file @path (_EXISTS when it is there). Exactly one of
 * @recipients ("age1...", NULL-terminated) and @passphrase is given. */
gboolean csm_hand_over_write (const char *folder,
                              const char *path,
                              const char *const *recipients,
                              const CsmSecret *passphrase,
                              CsmHandOverProgress progress,
                              gpointer data,
                              GCancellable *cancellable,
                              GError **error);
/* (transfer full) (nullable): what a key file of age holds, for csm_hand_over_open(). */
CsmSecret *csm_hand_over_read_identity (const char *path, GError **error);
/* Opens the file @path into the new folder @folder. Exactly one of @identity
 * ("AGE-SECRET-KEY-1...") and @passphrase is given. Wrong key, truncated, changed: nothing is
 * left. Names in the tar are hostile: nothing is written outside @folder, no links, no devices.
 */
gboolean csm_hand_over_open (const char *path,
                             const char *folder,
                             const CsmSecret *identity,
                             const CsmSecret *passphrase,
                             CsmHandOverProgress progress,
                             gpointer data,
                             GCancellable *cancellable,
                             GError **error);
