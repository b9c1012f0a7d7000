/* bundle-fixture.h: a case with much that may not leave it, for tests of what does
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "../casefile/csm-case-fixture.h"
#include "export/csm-export.h"

/* Words that a bundle says only when it is asked to. */
#define SECRET_SOURCE "https://t.me/the-source"
#define SECRET_GIVER "Ivan the witness"
#define SECRET_NOTE "lives at Lenina 5"
#define SECRET_OLD_NOTE "his brother Pavel filmed it"
#define SECRET_DRAFT "the officer is Sidorov"
#define SECRET_REMOVED "this was a mistake"
#define SECRET_HIDDEN "not for anybody"
#define SECRET_READER "Olga the reader"
#define SECRET_SILENT "Vera who signed nothing"
#define SECOND_REVIEWER "Maryna"
/* Of the case fixture. */
#define FIRST_REVIEWER "Anna"
#define SOURCE_PATH "/media/stick"

typedef struct
{
  CaseFixture acase;
  CsmExhibit *first; /* "clip one.MP4": acquisition, two marks, one of them changed, one gone */
  CsmExhibit *second; /* "..\\..\\con.ev!l": a mark by another reviewer */
  CsmExhibit *hidden; /* "do not export", a mark */
  CsmMark *baton;     /* on first, code "baton", second revision, with its pictures */
  CsmMark *plain;     /* on first, no code */
  CsmMark *theirs;    /* on second, code "arrest" */
  char *their_key;    /* of SECOND_REVIEWER, in hex */
  char *target;       /* where a bundle goes: not there */
} BundleFixture;

void bundle_fixture_set_up (BundleFixture *self, gconstpointer data);
void bundle_fixture_tear_down (BundleFixture *self, gconstpointer data);
#define bundle_fixture_add(path, test) \
  g_test_add (path, BundleFixture, NULL, bundle_fixture_set_up, test, bundle_fixture_tear_down)

/* A time that bundles of tests name. */
#define BUNDLE_MADE 1767225600000
/* (transfer full): what the whole case comes to, or fails the test. */
CsmDossier *bundle_fixture_read (BundleFixture *self, const CsmSelection *selection);
/* Exports to the target, or fails the test. */
void bundle_fixture_export (BundleFixture *self, const CsmSelection *selection);
/* (transfer full): all bytes of all files below @folder, one after the other, and their paths.
 */
GString *bundle_fixture_slurp (const char *folder);
