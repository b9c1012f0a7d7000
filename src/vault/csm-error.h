/* csm-error.h: errors of the vault room
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#define CSM_VAULT_ERROR (csm_vault_error_quark ())
GQuark csm_vault_error_quark (void);

typedef enum {
  CSM_VAULT_ERROR_IO = 1,           /* the disk failed, retrying may help */
  CSM_VAULT_ERROR_NOT_FOUND,        /* no file at that path */
  CSM_VAULT_ERROR_EXISTS,           /* refuses to overwrite */
  CSM_VAULT_ERROR_NOT_A_CASE,       /* another kind of file */
  CSM_VAULT_ERROR_WRONG_PASSPHRASE, /* no slot opens */
  CSM_VAULT_ERROR_DAMAGED,          /* authentication failed; the message says where */
  CSM_VAULT_ERROR_NEWER,            /* made by a later format */
  CSM_VAULT_ERROR_BUSY,             /* open in another window or program */
  CSM_VAULT_ERROR_READ_ONLY,        /* the place cannot be written to */
  CSM_VAULT_ERROR_FULL,             /* no space left */
  CSM_VAULT_ERROR_WAL_MISSING,      /* only the main file was copied after a crash */
  CSM_VAULT_ERROR_MEDIA_MISSING,    /* the media store or one of its files is not there */
  CSM_VAULT_ERROR_WEAK_COST,        /* key derivation below the floor, or above the cap */
  CSM_VAULT_ERROR_SLOTS,            /* no key slot is free, or the last one would go */
  CSM_VAULT_ERROR_REQUEST,          /* a join request that cannot be used */
} CsmVaultError;
