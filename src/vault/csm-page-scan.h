/* csm-page-scan.h: what still authenticates in a damaged case file
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "vault/csm-vault.h"

#define CSM_SCAN_PAGE_SIZE 4096
/* Of each page, what SQLite uses; the rest reads as zeros. */
#define CSM_SCAN_PAGE_USED 3992

/* CsmPageScan: a case file opened for reading however damaged it is, as long as one slot of one
 * header copy opens: torn header copies, missing bindings, pages that do not authenticate, a
 * cut file and a missing or damaged WAL are noted and passed over. Never writes.
 *
 * Ownership  csm_page_scan_free() wipes; takes NULL.
 * Threads    one.
 * Errors     CSM_VAULT_ERROR. */
typedef struct _CsmPageScan CsmPageScan;

/* (transfer full) (nullable): @passphrase may be a recovery code. */
CsmPageScan *csm_page_scan_open (const char *path, const CsmSecret *passphrase, GError **error);
void csm_page_scan_free (CsmPageScan *self);

const uint8_t *csm_page_scan_get_case_id (const CsmPageScan *self);
const char *csm_page_scan_get_path (const CsmPageScan *self);

/* Pages are numbered from 1, as SQLite does. */
uint32_t csm_page_scan_count_pages (const CsmPageScan *self);
/* One page may be there more than once: in the main file, and in each frame of the WAL. */
int csm_page_scan_count_copies (const CsmPageScan *self, uint32_t page);
/* Copy 0 is the newest one that is left. False when it does not authenticate. */
bool csm_page_scan_read (CsmPageScan *self,
                         uint32_t page,
                         int copy,
                         uint8_t ret_page[CSM_SCAN_PAGE_SIZE]);

/* (element-type utf8): what was found damaged at opening, in words. */
GPtrArray *csm_page_scan_get_damage (CsmPageScan *self);
/* Pages of the main file that do not authenticate and that no frame replaces: counted, and the
 * first of them named. Reads every page. */
int64_t csm_page_scan_count_damaged (CsmPageScan *self, uint32_t *ret_first);

/* (transfer full) (nullable): a new case file as csm_vault_create() makes one, with the case id
 * and the slots of this one, a new file id and a new data key. When neither header copy is
 * authentic it has the one slot that opened it, for nothing vouches for the others. */
CsmVault *csm_page_scan_create_case (CsmPageScan *self, const char *path, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmPageScan, csm_page_scan_free)
