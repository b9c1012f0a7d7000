/* bundle-fixture.c: a case with much that may not leave it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle-fixture.h"

#include "casefile/csm-case-keys.h"

#include <string.h>

static void
say (BundleFixture *self, const CsmExhibit *exhibit, const char *notes, bool do_not_export)
{
  g_autoptr (CsmAcquisition) said = csm_acquisition_new ();
  g_autoptr (GError) error = NULL;

  said->source = (g_free (said->source), g_strdup (SECRET_SOURCE));
  said->obtained_from = (g_free (said->obtained_from), g_strdup (SECRET_GIVER));
  said->notes = (g_free (said->notes), g_strdup (notes));
  said->do_not_export = do_not_export;
  csm_case_set_acquisition (self->acase.acase, &exhibit->id, said, &error);
  g_assert_no_error (error);
}

static void
open_as (BundleFixture *self, const char *passphrase)
{
  g_autoptr (CsmSecret) theirs = csm_secret_new_from (passphrase, strlen (passphrase));
  CsmSecret *mine = self->acase.passphrase;

  self->acase.passphrase = theirs;
  case_fixture_reopen (&self->acase);
  self->acase.passphrase = mine;
}

/* Changed once, and committed to its pictures. */
static CsmMark *
change_mark (BundleFixture *self, const CsmMark *mark)
{
  g_autoptr (CsmMark) changed = csm_mark_copy (mark);
  CsmFrameCommit commits[2] = { { .ordinal = 10, .pts = 5120, .width = 320, .height = 240 },
                                { .ordinal = 25, .pts = 12800, .width = 320, .height = 240 } };
  g_autoptr (GError) error = NULL;
  CsmMark *saved = NULL;

  for (int i = 0; i < 2; i++)
    {
      csm_sha256 (&i, sizeof i, &commits[i].sha256);
      g_strlcpy (commits[i].pixel_format, "yuv420p", sizeof commits[i].pixel_format);
      g_strlcpy (commits[i].library, "libavcodec 59", sizeof commits[i].library);
    }
  g_free (changed->text);
  changed->text = g_strdup ("two officers, one baton");
  csm_case_set_mark (self->acase.acase, changed, commits, 2, &saved, &error);
  g_assert_no_error (error);
  return saved;
}

static void
add_people (BundleFixture *self)
{
  g_autoptr (CsmSecret) reviewer = csm_secret_new_from ("second", 6);
  g_autoptr (CsmSecret) reader = csm_secret_new_from ("reader", 6);
  g_autoptr (CsmSecret) silent = csm_secret_new_from ("silent", 6);
  g_autoptr (GError) error = NULL;

  csm_case_add_key (self->acase.acase, SECOND_REVIEWER, reviewer, false, NULL, &error);
  g_assert_no_error (error);
  csm_case_add_key (self->acase.acase, SECRET_READER, reader, true, NULL, &error);
  g_assert_no_error (error);
  csm_case_add_key (self->acase.acase, SECRET_SILENT, silent, false, NULL, &error);
  g_assert_no_error (error);
}

static void
add_marks (BundleFixture *self)
{
  g_autoptr (CsmMark) draft =
      case_fixture_mark (&self->acase, self->first, 10, 25, "baton", SECRET_DRAFT);
  g_autoptr (CsmMark) gone =
      case_fixture_mark (&self->acase, self->first, 3, 4, NULL, SECRET_REMOVED);
  g_autoptr (CsmMark) hidden =
      case_fixture_mark (&self->acase, self->hidden, 0, 1, NULL, SECRET_HIDDEN);
  g_autoptr (GError) error = NULL;

  self->baton = change_mark (self, draft);
  self->plain = case_fixture_mark (&self->acase, self->first, 5, 5, NULL, "smoke");
  csm_case_remove_mark (self->acase.acase, &gone->id, &error);
  g_assert_no_error (error);
}

void
bundle_fixture_set_up (BundleFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  case_fixture_set_up (&self->acase, NULL);
  self->target = g_strconcat (self->acase.folder, "-bundle", NULL);
  self->first = case_fixture_import (&self->acase, "clip one.MP4", 5000, 1);
  self->hidden = case_fixture_import (&self->acase, "hidden " SECRET_HIDDEN ".mov", 700, 2);
  self->second = case_fixture_import (&self->acase, "..\\..\\con.ev!l", 70000, 3);
  say (self, self->first, SECRET_OLD_NOTE, false);
  say (self, self->first, SECRET_NOTE, false);
  say (self, self->hidden, SECRET_HIDDEN, true);
  add_people (self);
  add_marks (self);
  csm_case_record_access (self->acase.acase, "extracted", &self->first->id, NULL, &error);
  g_assert_no_error (error);
  csm_case_record_access (self->acase.acase, "extracted", &self->hidden->id, NULL, &error);
  g_assert_no_error (error);
  open_as (self, "second");
  self->their_key = g_strdup (csm_case_get_self (self->acase.acase)->key);
  self->theirs = case_fixture_mark (&self->acase, self->second, 7, 8, "arrest", "two people");
  case_fixture_reopen (&self->acase);
}

static void
remove_tree (const char *path)
{
  g_autofree char *command = g_strdup_printf ("rm -rf '%s'", path);

  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL));
}

void
bundle_fixture_tear_down (BundleFixture *self, gconstpointer data)
{
  remove_tree (self->target);
  csm_exhibit_free (self->first);
  csm_exhibit_free (self->second);
  csm_exhibit_free (self->hidden);
  csm_mark_free (self->baton);
  csm_mark_free (self->plain);
  csm_mark_free (self->theirs);
  g_free (self->their_key);
  g_free (self->target);
  case_fixture_tear_down (&self->acase, NULL);
}

CsmDossier *
bundle_fixture_read (BundleFixture *self, const CsmSelection *selection)
{
  g_autoptr (GError) error = NULL;
  CsmDossier *dossier = csm_dossier_new (self->acase.acase, selection, BUNDLE_MADE, &error);

  g_assert_no_error (error);
  return dossier;
}

void
bundle_fixture_export (BundleFixture *self, const CsmSelection *selection)
{
  g_autoptr (GError) error = NULL;

  csm_export_run (self->acase.acase, selection, BUNDLE_MADE, self->target, NULL, NULL, NULL,
                  NULL, &error);
  g_assert_no_error (error);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
slurp (const char *path, GString *all)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *bytes = NULL;
  const char *name;
  size_t size;

  if (dir == NULL)
    {
      g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
      g_string_append_len (all, bytes, (gssize) size);
      return;
    }
  while ((name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *child = g_build_filename (path, names->pdata[i], NULL);

      g_string_append_printf (all, "\n%s\n", (char *) names->pdata[i]);
      slurp (child, all);
    }
}

GString *
bundle_fixture_slurp (const char *folder)
{
  GString *all = g_string_new (NULL);

  slurp (folder, all);
  return all;
}
