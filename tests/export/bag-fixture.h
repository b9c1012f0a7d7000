/* bag-fixture.h: folders for tests of bags
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <stdbool.h>

typedef struct
{
  char *folder; /* a new one, removed with all that is in it */
  char *bag;    /* below it, not there yet */
} BagFixture;

void bag_fixture_set_up (BagFixture *f, gconstpointer unused);
void bag_fixture_tear_down (BagFixture *f, gconstpointer unused);
/* (transfer full): of a file in the bag. */
char *bag_fixture_path (const BagFixture *f, const char *name);
/* Writes a file of the bag, and the folders that it lies in. */
void bag_fixture_put (const BagFixture *f, const char *name, const char *text);
/* (transfer full): a file of the bag. */
char *bag_fixture_get (const BagFixture *f, const char *name);
void bag_fixture_remove (const BagFixture *f, const char *name);
/* By a shell, in the bag's folder; true when it ends well. */
bool bag_fixture_run (const BagFixture *f, const char *command);
