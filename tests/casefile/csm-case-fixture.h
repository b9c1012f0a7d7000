/* csm-case-fixture.h: a case in a folder of its own, for tests
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "casefile/csm-case.h"

typedef struct
{
  char *folder;
  char *path;
  CsmSecret *passphrase;
  CsmCase *acase; /* open, unless a test closed it */
} CaseFixture;

/* Creates the case "Minsk, August 2020" of reviewer "Anna". */
void case_fixture_set_up (CaseFixture *self, gconstpointer data);
void case_fixture_tear_down (CaseFixture *self, gconstpointer data);
#define case_fixture_add(path, test) \
  g_test_add (path, CaseFixture, NULL, case_fixture_set_up, test, case_fixture_tear_down)

/* A copy of the closed case @from in a folder of its own, open. */
void case_fixture_set_up_copy (CaseFixture *self, const CaseFixture *from);

void case_fixture_copy_tree (const char *from, const char *to);

/* (transfer full): the closed case as it is, in a folder of its own; case_fixture_put_back()
 * takes it and writes it over what the case became: the same inodes, as when a backup is put
 * back. */
char *case_fixture_save (const CaseFixture *self);
void case_fixture_put_back (const CaseFixture *self, char *saved);

/* What the environment says about a longer run; else @otherwise. */
int case_fixture_get_setting (const char *name, int otherwise);

CsmCaseOptions case_fixture_options (const CaseFixture *self);
void case_fixture_close (CaseFixture *self);
void case_fixture_open (CaseFixture *self, bool read_only);
void case_fixture_reopen (CaseFixture *self);
/* With the passphrase, but past Casement: @sql runs on the closed case's database, the triggers
 * of the ledger taken off around it. The case is closed before and open after. */
void case_fixture_tamper (CaseFixture *self, const char *sql);
/* The one integer that @sql asks the open case's database for. */
int64_t case_fixture_get_int (CaseFixture *self, const char *sql);

/* Signs as @signer, next in a new chain, past every check of a live write; heads may be left
 * out for it starts a chain. */
void case_fixture_plant (CaseFixture *self,
                         CsmSigner *signer,
                         const char *kind,
                         const json_t *body);

/* (transfer full): an exhibit of @size bytes that depend on @seed, through the media store. */
CsmExhibit *case_fixture_import (CaseFixture *self, const char *name, int size, int seed);
/* (transfer full) (nullable): a linked exhibit that holds "hello". */
CsmExhibit *case_fixture_link (CaseFixture *self, const char *name, GError **error);
/* (transfer full): a new mark, saved. @code may be NULL. */
CsmMark *case_fixture_mark (CaseFixture *self,
                            const CsmExhibit *exhibit,
                            int64_t from,
                            int64_t to,
                            const char *code,
                            const char *text);
/* A mark's values, not saved; text and code are borrowed. */
CsmMark case_fixture_new_mark (const CsmExhibit *exhibit, int64_t from, int64_t to);

/* (transfer full): findings as "broken|where|what" lines; notes and holds left out. @ret_all
 * (may be NULL) gets every line. */
char *case_fixture_verify (CaseFixture *self, bool media, char **ret_all);
void case_fixture_assert_holds (CaseFixture *self);
/* Every broken finding, joined, contains @part. */
void case_fixture_assert_broken (CaseFixture *self, const char *part);

char *case_fixture_digest_hex (const CsmDigest *digest);
