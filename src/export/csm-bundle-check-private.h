/* csm-bundle-check-private.h: what the parts of a bundle's check share
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-json.h"
#include "casefile/csm-body.h"
#include "casefile/csm-case-receipts.h"
#include "custody/csm-minisign.h"
#include "export/csm-bag-check.h"
#include "export/csm-bundle-check.h"

typedef struct _CsmCheckedExhibit CsmCheckedExhibit;

/* What bundle.json says of a mark, and what the ledger turned out to say. */
typedef struct
{
  const CsmCheckedExhibit *exhibit;
  const json_t *json;
  CsmId id;
  CsmDigest entry;
  CsmMarkBody *body;       /* (nullable): of @entry, when it is disclosed */
  GPtrArray *more;         /* of json_t: "frames" of entries that added pictures to @entry */
  bool there;              /* the ledger has an entry of that id */
  CsmDigest newest;        /* of those that are said to be about the mark */
  const char *newest_kind; /* (nullable): "mark.set", "mark.remove" */
} CsmCheckedMark;

struct _CsmCheckedExhibit
{
  const json_t *json;
  CsmId id;
  char *label; /* "E-0001" */
  char *file;  /* (nullable): from the bag's folder */
  CsmDigest sha256;
  int64_t size;
  GPtrArray *marks; /* of CsmCheckedMark */
  bool named;       /* a disclosed entry says the hash */
  bool removed;     /* the last entry that says so says that it is */
  json_t *said;     /* (nullable): how it came to us, by the newest entry, when disclosed */
};

typedef struct
{
  char key[65]; /* hex */
  uint8_t bytes[CSM_PUBLIC_KEY_SIZE];
  char *file; /* from the bag's folder, without its end */
  bool signed_any;
} CsmCheckedReviewer;

typedef struct
{
  CsmBagFolder *folder;
  const CsmBundleCheckOptions *options;
  CsmProgressCallback progress;       /* (nullable): gets the check */
  CsmProgressCallback outer_progress; /* gets @data */
  gpointer data;
  GCancellable *cancellable; /* (nullable) */

  /* Said in the end, since what dates it all comes first. */
  GPtrArray *findings; /* of Finding */
  int64_t n_findings;
  bool holds;

  /* bundle.json; NULL when there is none that can be read. */
  json_t *bundle;
  CsmId case_id;
  const char *exporter; /* (nullable): hex */
  uint8_t exporter_bytes[CSM_PUBLIC_KEY_SIZE];
  GPtrArray *reviewers;    /* of CsmCheckedReviewer */
  GPtrArray *exhibits;     /* of CsmCheckedExhibit */
  GHashTable *marks_by_id; /* hex: CsmCheckedMark */
  GHashTable *by_entry;    /* hex: CsmCheckedMark */
  GHashTable *exhibits_by_id;
  GHashTable *codes; /* id: json_t, what the newest disclosed entry says of it */
  GHashTable *names; /* hex of a key: its name, as disclosed */

  /* The ledger. */
  bool ledger_read;
  CsmDating dating;
} CsmBundleCheck;

void csm_bundle_say (CsmBundleCheck *self,
                     CsmFindingKind kind,
                     const char *where,
                     const char *format,
                     ...) G_GNUC_PRINTF (4, 5);
/* (transfer full) (nullable): a file of the bundle; what fails is said to be broken. */
GBytes *csm_bundle_read (CsmBundleCheck *self, const char *path, size_t max);

/* ---- csm-bundle-check-contents.c ---- */

/* Reads bundle.json. False after saying why nothing more can be checked. */
bool csm_bundle_read_contents (CsmBundleCheck *self);
/* An entry of the ledger that holds; in replay order. */
void csm_bundle_take_entry (CsmBundleCheck *self, const CsmEntry *entry);
/* Once all entries were taken: exhibits and marks against them. */
void csm_bundle_check_contents (CsmBundleCheck *self);
void csm_checked_exhibit_free (gpointer data);
void csm_checked_reviewer_free (gpointer data);

/* ---- csm-bundle-check-tables.c ---- */

/* annotations.jsonld, marks.csv and marked-frames.tsv against bundle.json. */
void csm_bundle_check_tables (CsmBundleCheck *self);

/* What a table says of all marks together. */
typedef struct
{
  CsmBundleCheck *check;
  const char *path;
  GHashTable *seen; /* CsmCheckedMark: its rows, as a pointer */
  bool broken;
} CsmCheckedTable;

/* Both say the first thing alone: the rest may follow from it. */
void csm_checked_table_say (CsmCheckedTable *self, const char *what);
/* @number: from 1. */
void csm_checked_table_say_row (CsmCheckedTable *self, int64_t number, const char *what);
/* Whether @json has @text at @key; "" is like none. */
bool csm_bundle_same_text (const json_t *json, const char *key, const char *text);
/* What stands for the mark's reviewer; "" for nobody. Borrowed. */
const char *csm_bundle_find_label (const CsmBundleCheck *self, const CsmCheckedMark *mark);

/* ---- csm-bundle-check-web.c ---- */

void csm_bundle_check_web (CsmCheckedTable *self);

/* ---- csm-bundle-check-ledger.c ---- */

/* FALSE when it was cancelled. */
gboolean csm_bundle_check_ledger (CsmBundleCheck *self, GError **error);

/* ---- csm-bundle-check-frames.c ---- */

/* The marked frames, decoded again. FALSE when it was cancelled. */
gboolean csm_bundle_check_frames (CsmBundleCheck *self, GError **error);
