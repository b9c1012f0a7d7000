/* intake-fixture.h: a folder and a case in it, for one test
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "casefile/csm-case.h"

typedef struct
{
  char *folder;
  char *case_path;
  CsmCase *acase;
} Fixture;

void fixture_set_up (Fixture *self, gconstpointer data);
void fixture_tear_down (Fixture *self, gconstpointer data);
/* (transfer full): @name below the folder. */
char *fixture_path (const Fixture *self, const char *name);
/* (transfer full): a file of @size bytes that follow from @seed. */
char *fixture_make_file (const Fixture *self, const char *name, size_t size, uint32_t seed);
/* Files in the media store, the marker not counted. */
int fixture_count_media (const Fixture *self);
/* Closes the case and opens it again. */
void fixture_reopen (Fixture *self, bool read_only);
int64_t fixture_count_entries (const Fixture *self);
/* Runs verify with media: it must hold. */
void fixture_assert_holds (const Fixture *self);
