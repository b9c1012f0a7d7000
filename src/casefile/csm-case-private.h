/* csm-case-private.h: what the parts of CsmCase share
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-json.h"
#include "casefile/csm-body.h"
#include "casefile/csm-case.h"
#include "casefile/csm-db.h"

struct _CsmCase
{
  /* Immutable */
  GThread *thread;
  bool read_only;
  char *why_read_only; /* for people */
  CsmId id;
  int64_t device, inode;

  /* Lane only, owned; the database goes before the vault */
  CsmVault *vault;
  CsmDb *db;
  CsmMediaStore *media;  /* (nullable) */
  char *why_no_media;    /* (nullable) */
  CsmSigner *signer;     /* (nullable): a reader */
  CsmReviewer *reviewer; /* (nullable): who signs */
  char *title;
};

/* The first statement of every public function. */
#define CSM_CASE_ASSERT_LANE(self) g_assert ((self)->thread == g_thread_self ())

gboolean csm_case_fail (GError **error, CsmCaseError code, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
/* Turns read-only when the ledger holds kinds of a later version. */
gboolean csm_case_check_kinds (CsmCase *self, GError **error);
/* (transfer full) (nullable): for writing, with what is on the disk taken for the newest. */
CsmCase *csm_case_open_as_it_is (const char *path, const CsmSecret *passphrase, GError **error);
/* Input: UTF-8, at most 64 KiB; NULL stands for "". */
gboolean csm_case_check_text (const char *text, const char *what, GError **error);

/* CsmChange: one transaction. Freed before csm_change_commit() succeeded, it rolls back. */
typedef struct _CsmChange CsmChange;
/* (nullable): _READ_ONLY when this case cannot be written to or nobody signs. */
CsmChange *csm_change_begin (CsmCase *acase, GError **error);
/* As above, for kept rows alone: a reader may keep them too. */
CsmChange *csm_change_begin_kept (CsmCase *acase, GError **error);
/* Borrowed. */
CsmCase *csm_change_get_case (CsmChange *self);
/* Signs, stores and applies one entry. @ret_id may be NULL. */
gboolean csm_change_sign (CsmChange *self,
                          const char *kind,
                          const CsmId *subject,
                          const CsmDigest *replaces,
                          const json_t *body,
                          CsmDigest *ret_id,
                          GError **error);
/* The same, in the place of any number of entries: more than one settles what two copies made
 * of one thing. */
gboolean csm_change_sign_over (CsmChange *self,
                               const char *kind,
                               const CsmId *subject,
                               const CsmDigest *replaces,
                               int n_replaces,
                               const json_t *body,
                               CsmDigest *ret_id,
                               GError **error);
/* The next entry starts a new chain, for @reason (static), whatever the file is. */
void csm_change_restart (CsmChange *self, const char *reason);
/* The next entry names @head besides those that nobody names yet. */
void csm_change_name_also (CsmChange *self, const CsmDigest *head);
gboolean csm_change_commit (CsmChange *self, GError **error);
void csm_change_free (CsmChange *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmChange, csm_change_free)

/* What edits of one thing follow one another on (FORMAT.md, rule 8). */
typedef struct
{
  const char *name; /* "mark", "exhibit", "presence", "index", "code" */
  const void *subject;
  size_t subject_size;
} CsmFacet;
/* An edit of @facet: in the place of @before (NULL: the first), which is in effect, and of what
 * another copy said just like it. */
gboolean csm_change_sign_edit (CsmChange *change,
                               CsmCase *self,
                               const char *kind,
                               const CsmId *subject,
                               const CsmFacet *facet,
                               const CsmDigest *before,
                               const json_t *body,
                               GError **error);
/* The same on its own, for a facet of the thing with the id @subject. */
gboolean csm_case_sign_edit (CsmCase *self,
                             const char *kind,
                             const char *facet,
                             const CsmId *subject,
                             const CsmDigest *before,
                             const json_t *body,
                             GError **error);

/* One entry on its own. */
gboolean csm_case_sign (CsmCase *self,
                        const char *kind,
                        const CsmId *subject,
                        const CsmDigest *replaces,
                        const json_t *body,
                        GError **error);

/* Stores @entry, without applying it. */
gboolean csm_entry_insert (CsmDb *db, const CsmEntry *entry, GError **error);
/* (transfer full) (nullable): of a row of "header, meta, body, signature", first at @column. */
CsmEntry *csm_entry_from_row (CsmQuery *query, int column, GError **error);
/* (transfer full) (nullable): _NOT_FOUND when there is none. */
CsmEntry *csm_case_load_entry (CsmCase *self, const CsmDigest *id, GError **error);

/* csm-case-tracks.c: whether an entry "exhibit.track" names @index as that of v:@track. FALSE
 * with @error set when the ledger cannot be read. */
bool csm_track_is_bound (CsmDb *db,
                         const CsmId *exhibit,
                         int track,
                         GBytes *index,
                         GError **error);

/* The default codebook, each as an entry of @change. */
gboolean csm_codebook_sign (CsmChange *change, GError **error);

/* csm-case-keys.c. Entry "key.added" for @slot; @key (nullable): in hex. */
gboolean csm_change_sign_holder (CsmChange *self,
                                 const uint8_t *slot,
                                 const char *name,
                                 const char *key,
                                 const char *how,
                                 GError **error);
/* A new recovery code, replacing the one there was, with its own signing key; entry
 * "key.recovery". */
gboolean csm_change_add_recovery (CsmChange *self, CsmSecret **ret_code, GError **error);

gboolean csm_signer_keep (CsmCase *self,
                          const uint8_t *slot,
                          CsmSigner *signer,
                          GError **error);

/* What is kept about the bytes of one exhibit: a ref, or the path of a linked file. */
typedef struct
{
  CsmMediaRef *ref;
  char *link_path;
  int64_t size;
  uint8_t salt[32];
} CsmKeptMedia;
gboolean csm_kept_media_load (CsmCase *self,
                              const CsmId *exhibit,
                              CsmKeptMedia *ret,
                              GError **error);
CsmByteSource *csm_kept_media_open (CsmCase *self, const CsmKeptMedia *kept, GError **error);
/* SHA-256 over the media key and @salt: what the ledger holds of it. */
void csm_kept_media_commit (const CsmSecret *key,
                            const uint8_t salt[32],
                            CsmDigest *ret_commitment);
void csm_kept_media_clear (CsmKeptMedia *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CsmKeptMedia, csm_kept_media_clear)

/* Verify without the files of exhibits: what is in the case file. */
gboolean csm_case_verify_ledger (CsmCase *self,
                                 CsmFindingCallback finding,
                                 CsmProgressCallback progress,
                                 gpointer data,
                                 bool *ret_holds,
                                 GCancellable *cancellable,
                                 GError **error);

/* (transfer full): lists marks, with words ?1, exhibit ?2, code ?3, author ?4. No condition
 * makes it read every mark; a test reads the query plan. */
char *csm_marks_build_list_sql (const CsmMarkFilter *filter, bool words);

/* (transfer full): a full text query for plain words; NULL when nothing is to be found by them.
 */
char *csm_search_build_query (const char *words);
/* Ids of marks whose text the query ?1 finds; of codes whose label or id it finds; of marks by
 * either. */
#define CSM_SEARCH_TEXTS_SQL                    \
  "SELECT subject FROM document WHERE kind = 1" \
  " AND n IN (SELECT rowid FROM search WHERE search MATCH ?1)"
#define CSM_SEARCH_CODES_SQL                                   \
  "SELECT CAST (subject AS TEXT) FROM document WHERE kind = 3" \
  " AND n IN (SELECT rowid FROM search WHERE search MATCH 'name : (' || ?1 || ')')"
#define CSM_SEARCH_MARKS_SQL \
  CSM_SEARCH_TEXTS_SQL " UNION SELECT id FROM mark WHERE code IN (" CSM_SEARCH_CODES_SQL ")"

/* (transfer full): one sentence about @entry. */
char *csm_summary_build (CsmCase *self, const CsmEntry *entry);
