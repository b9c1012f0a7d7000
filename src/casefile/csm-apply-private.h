/* csm-apply-private.h: shared by the parts of csm_apply_entry()
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-json.h"
#include "casefile/csm-case-private.h"

typedef gboolean (*CsmApply) (CsmDb *db,
                              const CsmEntry *entry,
                              const json_t *body,
                              GError **error);

/* Rule broken: always FALSE. */
gboolean csm_apply_fail (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* Fields of a body; FALSE with @error naming the field. Answers are borrowed. */
gboolean csm_body_text (const json_t *body,
                        const char *key,
                        const char **ret_text,
                        GError **error);
/* NULL for null. */
gboolean csm_body_text_or_null (const json_t *body,
                                const char *key,
                                const char **ret,
                                GError **error);
gboolean csm_body_int (const json_t *body,
                       const char *key,
                       int64_t min,
                       int64_t max,
                       int64_t *ret_value,
                       GError **error);
gboolean csm_body_bool (const json_t *body, const char *key, bool *ret_value, GError **error);
gboolean csm_body_digest (const json_t *body,
                          const char *key,
                          CsmDigest *ret_digest,
                          GError **error);
gboolean csm_body_id (const json_t *body, const char *key, CsmId *ret_id, GError **error);
/* Decimal string, or null for CSM_NO_PTS. */
gboolean csm_body_pts (const json_t *body, const char *key, int64_t *ret_pts, GError **error);

gboolean csm_apply_receipt_made (CsmDb *, const CsmEntry *, const json_t *, GError **);
gboolean csm_apply_anchor_add (CsmDb *, const CsmEntry *, const json_t *, GError **);
gboolean csm_apply_key_added (CsmDb *, const CsmEntry *, const json_t *, GError **);
gboolean csm_apply_key_removed (CsmDb *, const CsmEntry *, const json_t *, GError **);
gboolean csm_apply_key_rotated (CsmDb *, const CsmEntry *, const json_t *, GError **);
gboolean csm_apply_code_set (CsmDb *, const CsmEntry *, const json_t *, GError **);
gboolean csm_apply_exhibit_add (CsmDb *, const CsmEntry *, const json_t *, GError **);
gboolean csm_apply_exhibit_set (CsmDb *, const CsmEntry *, const json_t *, GError **);
gboolean csm_apply_exhibit_remove (CsmDb *, const CsmEntry *, const json_t *, GError **);
gboolean csm_apply_exhibit_restore (CsmDb *, const CsmEntry *, const json_t *, GError **);
gboolean csm_apply_exhibit_index (CsmDb *, const CsmEntry *, const json_t *, GError **);
gboolean csm_apply_exhibit_track (CsmDb *, const CsmEntry *, const json_t *, GError **);
gboolean csm_apply_mark_set (CsmDb *, const CsmEntry *, const json_t *, GError **);
gboolean csm_apply_mark_remove (CsmDb *, const CsmEntry *, const json_t *, GError **);
gboolean csm_apply_mark_frames (CsmDb *, const CsmEntry *, const json_t *, GError **);
gboolean csm_apply_erase_entries (CsmDb *, const CsmEntry *, const json_t *, GError **);
/* Rule 10: an entry whose body was erased, or is withheld. */
gboolean csm_apply_without_body (CsmDb *db, const CsmEntry *entry, GError **error);
/* Whether @entry is about a mark or an exhibit whose own entry has lost its body: then it says
 * no more than its event. */
gboolean csm_apply_rests_on_erased (CsmDb *db,
                                    const CsmEntry *entry,
                                    const json_t *body,
                                    bool *ret_rests,
                                    GError **error);
/* The words by which an exhibit is found, as its row has them. */
gboolean csm_document_exhibit (CsmDb *db, const CsmId *exhibit, GError **error);

/* @entry sets @facet, where @before (NULL: nothing yet) was in effect. */
gboolean csm_facet_apply (CsmDb *db,
                          const CsmFacet *facet,
                          const CsmEntry *entry,
                          const CsmDigest *before,
                          GError **error);

/* What search reads: one text for each mark, exhibit and code. */
typedef enum {
  CSM_DOCUMENT_MARK = 1,
  CSM_DOCUMENT_EXHIBIT = 2,
  CSM_DOCUMENT_CODE = 3,
} CsmDocumentKind;
gboolean csm_document_set (CsmDb *db,
                           CsmDocumentKind kind,
                           const void *subject,
                           size_t subject_size,
                           const char *name,
                           const char *body,
                           GError **error);
gboolean csm_document_remove (CsmDb *db,
                              CsmDocumentKind kind,
                              const void *subject,
                              size_t subject_size,
                              GError **error);
