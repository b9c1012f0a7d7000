/* csm-bag-text.h: the tag files of a bag, read (RFC 8493)
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-hash.h"

#include <gio/gio.h>

/* Pure functions over hostile bytes. Threads: any. */

/* What is said while reading: @broken, or only odd; @line counts from 1, 0 for the file. */
typedef void (*CsmBagComplaint) (bool broken, int64_t line, const char *what, gpointer data);

typedef struct
{
  int major, minor;
  char encoding[32];
} CsmBagDeclaration;

/* bagit.txt, section 2.1.1. False when it is none: @complaint has said why. */
bool csm_bag_declaration_parse (GBytes *bytes,
                                CsmBagDeclaration *ret_declaration,
                                CsmBagComplaint complaint,
                                gpointer data);

/* (transfer full) (nullable): a tag file's text in UTF-8, without a byte order mark; NULL, said
 * by @complaint, when it holds a NUL or is not in @encoding. */
char *csm_bag_text_decode (GBytes *bytes,
                           const char *encoding,
                           CsmBagComplaint complaint,
                           gpointer data);

/* One line of a manifest. */
typedef struct
{
  char *path; /* decoded; safe: relative, no "..", no link is implied */
  uint8_t digest[CSM_DIGEST512_SIZE];
} CsmBagLine;

/* (transfer full) (element-type CsmBagLine): sections 2.1.3 and 2.2.1; @digest_size bytes a
 * checksum. What is not understood, and paths that lead out of the bag, is left out and said to
 * be broken; `*` before a path and the like is said to be odd. */
GPtrArray *csm_bag_manifest_parse (const char *text,
                                   size_t digest_size,
                                   CsmBagComplaint complaint,
                                   gpointer data);

/* (transfer full) (element-type utf8): the safe paths of fetch.txt, section 2.2.3. */
GPtrArray *csm_bag_fetch_parse (const char *text, CsmBagComplaint complaint, gpointer data);

/* (transfer full): bag-info.txt, section 2.2.2, as label, value, ...: continuation lines joined
 * by a blank. Before 1.0 blanks may stand about the colon. */
GPtrArray *csm_bag_info_parse (const char *text,
                               bool strict,
                               CsmBagComplaint complaint,
                               gpointer data);
/* "octets.files". */
bool csm_bag_oxum_parse (const char *text, int64_t *ret_bytes, int64_t *ret_files);

/* NULL when @path may be opened below a bag; else why not. */
const char *csm_bag_path_refuse (const char *path);
