/* csm-media-private.h: what the files of the media store share; private to the room
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "vault/csm-disk.h"
#include "vault/csm-kdf.h"
#include "vault/csm-media-store.h"
#include "vault/csm-vault.h"

/* The layout and the reasons are in FORMAT.md, section 6. */

#define CSM_MEDIA_UNIT_SIZE 65536
#define CSM_MEDIA_UNIT_CONTENT 65520
#define CSM_MEDIA_MAX_PARTS 16
/* 4 GiB less 1 MiB: the largest part that FAT32 holds. */
#define CSM_MEDIA_PART_UNITS 65520
#define CSM_MEDIA_MARKER "casement-media"
#define CSM_MEDIA_MARKER_PART "casement-media.part"
#define CSM_MEDIA_NAME_SIZE 32

/* For tests: parts of another size from now on. 0: CSM_MEDIA_PART_UNITS again. */
void csm_media_set_part_units (uint32_t units);
uint32_t csm_media_get_part_units (void);

/* Units of a file with @size bytes of content, padding and header included. */
int64_t csm_media_count_units (int64_t size);

/* One stored file: what all of its units have in common. */
typedef struct
{
  uint8_t case_id[CSM_VAULT_ID_SIZE];
  uint8_t name[CSM_VAULT_ID_SIZE];
  CsmSecret *key;
  int64_t size; /* of the content */
  uint32_t part_units;
} CsmMediaShape;

void csm_media_shape_clear (CsmMediaShape *self);
int csm_media_shape_count_parts (const CsmMediaShape *self);
/* Of part @part, in bytes. */
int64_t csm_media_shape_get_part_size (const CsmMediaShape *self, int part);

/* @content is CSM_MEDIA_UNIT_CONTENT bytes, @sealed CSM_MEDIA_UNIT_SIZE. */
void csm_media_unit_seal (uint8_t *ret_sealed,
                          const uint8_t *content,
                          int64_t number,
                          const CsmMediaShape *shape);
bool csm_media_unit_open (uint8_t *ret_content,
                          const uint8_t *sealed,
                          int64_t number,
                          const CsmMediaShape *shape);
/* Unit 0. */
void csm_media_header_seal (uint8_t *ret_sealed, const CsmMediaShape *shape);
/* Sets @shape's part_units; false unless the header is authentic and names @shape's size. */
bool csm_media_header_open (const uint8_t *sealed, CsmMediaShape *shape);

/* An open stored file. */
typedef struct
{
  CsmMediaShape shape;
  int n_parts;
  CsmDiskFile *parts[CSM_MEDIA_MAX_PARTS];
} CsmMediaFile;

/* (transfer full) (nullable): all parts opened, header and lengths checked. */
CsmMediaFile *csm_media_file_open (CsmMediaStore *store,
                                   const CsmMediaRef *ref,
                                   GError **error);
void csm_media_file_free (CsmMediaFile *self);
gboolean csm_media_file_read_unit (CsmMediaFile *self,
                                   uint8_t *sealed,
                                   uint8_t *ret_content,
                                   int64_t number,
                                   GError **error);

/* csm-media-store.c */
const CsmDisk *csm_media_store_get_disk (const CsmMediaStore *self);
const uint8_t *csm_media_store_get_case_id (const CsmMediaStore *self);
/* (transfer full): "FOLDER/NAME.PART", with ".part" when unfinished. */
char *csm_media_store_dup_part_path (const CsmMediaStore *self,
                                     const char *name,
                                     int part,
                                     bool unfinished);

/* csm-media-marker.c */
typedef enum {
  CSM_MARKER_NONE,
  CSM_MARKER_DAMAGED,
  CSM_MARKER_OTHER, /* of another case */
  CSM_MARKER_OURS,
} CsmMarkerState;

CsmMarkerState csm_media_marker_examine (const char *folder, const uint8_t *case_id);
/* An errno value. */
int csm_media_marker_write (const char *folder, const uint8_t *case_id);

/* csm-media-folder.c */

/* (transfer full) (nullable): the folder beside @case_path that belongs to @case_id, whatever
 * it is called. */
char *csm_media_folder_find (const char *case_path, const uint8_t *case_id);
/* Whether the usual name is to be had. */
bool csm_media_folder_is_free (const char *case_path);
/* Makes one, where there is none. An errno value; @ret_path (transfer full). */
int csm_media_folder_make (const char *case_path, const uint8_t *case_id, char **ret_path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmMediaFile, csm_media_file_free)
