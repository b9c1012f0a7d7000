/* test-bag.c: bags by the rules of RFC 8493, one bag a rule
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "bag-fixture.h"
#include "base/csm-error.h"
#include "export/csm-bag-check.h"
#include "export/csm-bag-text.h"
#include "export/csm-bag-writer.h"

#include <string.h>

#define DECLARATION "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

typedef struct
{
  GString *broken, *notes, *holds; /* "where: what\n" */
} Found;

static void
finding_cb (CsmFindingKind kind, const char *where, const char *what, gpointer data)
{
  Found *found = data;
  GString *text = kind == CSM_FINDING_BROKEN ? found->broken
                  : kind == CSM_FINDING_NOTE ? found->notes
                                             : found->holds;

  g_string_append_printf (text, "%s: %s\n", where, what);
}

static void
found_clear (Found *found)
{
  g_string_free (found->broken, TRUE);
  g_string_free (found->notes, TRUE);
  g_string_free (found->holds, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Found, found_clear)

static bool
check_path (const char *path, Found *found)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmBagFolder) folder = csm_bag_folder_open (path, NULL, &error);
  bool holds = false;

  g_assert_no_error (error);
  found->broken = g_string_new (NULL);
  found->notes = g_string_new (NULL);
  found->holds = g_string_new (NULL);
  csm_bag_check (folder, finding_cb, NULL, found, NULL, &holds, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (holds == (found->broken->len == 0));
  return holds;
}

static void
assert_has (const GString *text, const char *part)
{
  if (strstr (text->str, part) == NULL)
    g_error ("looked for '%s' in: %s", part, text->str);
}

/* The bag is refused, and @part is said of it; nothing else is. */
static void
assert_broken (const BagFixture *f, const char *part)
{
  g_auto (Found) found;

  g_assert_false (check_path (f->bag, &found));
  assert_has (found.broken, part);
}

/* The bag holds; @note, if any, is said. */
static void
assert_holds (const BagFixture *f, const char *note)
{
  g_auto (Found) found;

  if (!check_path (f->bag, &found))
    g_error ("refused: %s", found.broken->str);
  if (note == NULL)
    g_assert_cmpstr (found.notes->str, ==, "");
  else
    assert_has (found.notes, note);
  assert_has (found.holds, "as the manifests name them");
}

/* Manifests of what lies there now, by stock tools, whose paths need no encoding. */
static void
write_manifests (const BagFixture *f)
{
  g_assert_true (bag_fixture_run (f, "rm -f *manifest-*.txt\n"
                                     "find data -type f | sort > ../list\n"
                                     "tr '\\n' '\\0' < ../list | xargs -0 sha256sum > ../m\n"
                                     "mv ../m manifest-sha256.txt\n"
                                     "tr '\\n' '\\0' < ../list | xargs -0 sha512sum > ../m\n"
                                     "mv ../m manifest-sha512.txt\n"
                                     "sha256sum *.txt > ../m\n"
                                     "mv ../m tagmanifest-sha256.txt\n"));
}

static void
write_bag (const BagFixture *f)
{
  bag_fixture_put (f, "bagit.txt", DECLARATION);
  bag_fixture_put (f, "bag-info.txt", "Bagging-Date: 2026-01-02\nPayload-Oxum: 11.2\n");
  bag_fixture_put (f, "data/a.txt", "hello\n");
  bag_fixture_put (f, "data/below/b.txt", "there");
  write_manifests (f);
}

static void
set_up (BagFixture *f, gconstpointer unused)
{
  bag_fixture_set_up (f, unused);
  write_bag (f);
}

/* Lets @command change the bag, then makes the manifests fit again. */
static void
change (const BagFixture *f, const char *command)
{
  g_assert_true (bag_fixture_run (f, command));
}

static void
test_valid (BagFixture *f, gconstpointer unused)
{
  assert_holds (f, NULL);
}

static void
test_made_elsewhere (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "export", "data", "bag", NULL);
  g_auto (Found) found;

  if (!check_path (path, &found))
    g_error ("refused: %s", found.broken->str);
  g_assert_cmpstr (found.notes->str, ==, "");
}

static void
test_of_our_writer (BagFixture *f, gconstpointer unused)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("x", 1);
  g_autoptr (CsmBagWriter) writer = NULL;
  g_autoptr (GBytes) manifest = NULL;

  change (f, "rm -r ../bag");
  writer = csm_bag_writer_new (f->bag, NULL);
  g_assert_true (csm_bag_writer_add (writer, "a/b.txt", bytes, NULL));
  g_assert_true (csm_bag_writer_add_tag (writer, "VERIFY.txt", bytes, NULL));
  manifest = csm_bag_writer_close (writer, NULL, NULL);
  g_assert_true (csm_bag_writer_publish (writer, NULL));
  assert_holds (f, NULL);
}

/* Section 2.1.1. */
static void
test_declaration (BagFixture *f, gconstpointer unused)
{
  static const struct
  {
    const char *text, *said;
  } wrong[] = {
    { "", "no bag declaration" },
    { "BagIt-Version: 1.0\n", "does not say \"Tag-File" },
    { "Tag-File-Character-Encoding: UTF-8\nBagIt-Version: 1.0\n", "line 1: does not say" },
    { "\xef\xbb\xbf" DECLARATION, "byte order mark" },
    { "BagIt-Version:1.0\nTag-File-Character-Encoding: UTF-8\n", "line 1" },
    { "BagIt-Version: 1.0.0\nTag-File-Character-Encoding: UTF-8\n", "line 1" },
    { "BagIt-Version: 2.0\nTag-File-Character-Encoding: UTF-8\n", "version 2.0" },
    { "BagIt-Version: 0.92\nTag-File-Character-Encoding: UTF-8\n", "version 0.92" },
    { "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-16\n", "encoding" },
    { DECLARATION "More: 1\n", "more than two lines" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      bag_fixture_put (f, "bagit.txt", wrong[i].text);
      write_manifests (f);
      assert_broken (f, wrong[i].said);
    }
  bag_fixture_remove (f, "bagit.txt");
  write_manifests (f);
  assert_broken (f, "bagit.txt: is missing");
}

/* Section 2.1: CR and CRLF end lines as well. */
static void
test_line_ends (BagFixture *f, gconstpointer unused)
{
  change (f, "sed -i 's/$/\\r/' manifest-sha256.txt bagit.txt; rm tagmanifest*\n"
             "tr '\\n' '\\r' < manifest-sha512.txt > x; mv x manifest-sha512.txt\n"
             "sha256sum *.txt > ../m; mv ../m tagmanifest-sha256.txt");
  assert_holds (f, NULL);
}

static void
test_older_versions (BagFixture *f, gconstpointer unused)
{
  static const char *const versions[] = { "0.93", "0.94", "0.95", "0.96", "0.97" };

  for (size_t i = 0; i < G_N_ELEMENTS (versions); i++)
    {
      g_autofree char *text = g_strdup_printf (
          "BagIt-Version: %s\nTag-File-Character-Encoding: UTF-8\n", versions[i]);

      bag_fixture_put (f, "bagit.txt", text);
      write_manifests (f);
      assert_holds (f, versions[i]);
    }
  /* Manifests that together name all. */
  change (f, "sed -i 1d manifest-sha256.txt; sed -i 2d manifest-sha512.txt; rm tag*");
  assert_holds (f, "manifest-sha512.txt does not name this file");
  /* Blanks about the colon. */
  bag_fixture_put (f, "bag-info.txt", "Payload-Oxum : 11.2\nContact-Name:X\n");
  assert_holds (f, "does not name");
}

/* Section 2.1.2. */
static void
test_payload_folder (BagFixture *f, gconstpointer unused)
{
  change (f,
          "rm -r data; : > manifest-sha256.txt; : > manifest-sha512.txt; rm tag* bag-info.txt");
  assert_broken (f, "data: the folder of the payload is missing");
  change (f, "mkdir data");
  assert_holds (f, "no tag manifest");
}

/* Section 2.1.3. */
static void
test_no_manifest (BagFixture *f, gconstpointer unused)
{
  change (f, "rm *manifest*");
  assert_broken (f, "no manifest of the payload");
  bag_fixture_put (f, "manifest-whirlpool.txt", "00  data/a.txt\n");
  assert_broken (f, "no manifest of the payload can be checked");
}

static void
test_file_not_named (BagFixture *f, gconstpointer unused)
{
  bag_fixture_put (f, "data/more.txt", "");
  assert_broken (f, "data/more.txt: no manifest names this file");
}

static void
test_named_in_one_only (BagFixture *f, gconstpointer unused)
{
  change (f, "sed -i 1d manifest-sha512.txt; rm tag*");
  assert_broken (f, "data/a.txt: manifest-sha512.txt does not name this file");
}

static void
test_file_missing (BagFixture *f, gconstpointer unused)
{
  bag_fixture_remove (f, "data/a.txt");
  assert_broken (f, "data/a.txt: is missing");
}

static void
test_tag_file_missing (BagFixture *f, gconstpointer unused)
{
  bag_fixture_remove (f, "bag-info.txt");
  assert_broken (f, "bag-info.txt: is missing: tagmanifest-sha256.txt names it");
}

static void
test_bytes_changed (BagFixture *f, gconstpointer unused)
{
  static const struct
  {
    const char *name, *by;
  } changed[] = {
    { "data/a.txt", "manifest-sha256.txt" },
    { "data/a.txt", "manifest-sha512.txt" },
    { "bag-info.txt", "tagmanifest-sha256.txt" },
    { "manifest-sha512.txt", "tagmanifest-sha256.txt" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (changed); i++)
    {
      g_autofree char *text = bag_fixture_get (f, changed[i].name);
      g_autofree char *other = g_strdup (text);
      g_autofree char *said = g_strdup_printf ("%s: its bytes are not those that %s names",
                                               changed[i].name, changed[i].by);

      other[strlen (other) - 2] ^= 1;
      bag_fixture_put (f, changed[i].name, other);
      assert_broken (f, said);
      bag_fixture_put (f, changed[i].name, text);
    }
}

/* A path that leads out, or that no manifest may have. */
static void
test_paths (BagFixture *f, gconstpointer unused)
{
  static const struct
  {
    const char *path, *said;
  } wrong[] = {
    { "/etc/passwd", "an absolute path" },
    { "data/../../m", "leads out" },
    { "../m", "leads out" },
    { "~/m", "\"~\"" },
    { "data\\a.txt", "backslash" },
    { "C:/a.txt", "drive letter" },
    { "data//a.txt", "plain form" },
    { "data/./a.txt", "plain form" },
    { "bag-info.txt", "not below data/" },
    { "data/%0a.txt", "is missing" },
  };

  g_assert_true (bag_fixture_run (f, "rm tag*; cp manifest-sha256.txt ../kept"));
  for (size_t i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autofree char *line =
          g_strdup_printf ("cp ../kept manifest-sha256.txt; printf '%%064d  %%s\\n' 0 '%s' "
                           ">> manifest-sha256.txt",
                           wrong[i].path);

      change (f, line);
      assert_broken (f, wrong[i].said);
    }
}

static void
test_lines (BagFixture *f, gconstpointer unused)
{
  static const struct
  {
    const char *line, *said;
  } wrong[] = {
    { "0123  data/a.txt", "line 3: the checksum is not of the manifest's kind" },
    { "data/a.txt", "line 3: no checksum and path" },
    { "zz", "line 3: no checksum" },
  };

  g_assert_true (bag_fixture_run (f, "rm tag*; cp manifest-sha256.txt ../kept"));
  for (size_t i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autofree char *command = g_strdup_printf (
          "cp ../kept manifest-sha256.txt; echo '%s' >> manifest-sha256.txt", wrong[i].line);

      change (f, command);
      assert_broken (f, wrong[i].said);
    }
  change (f, "cp ../kept manifest-sha256.txt; head -1 ../kept >> manifest-sha256.txt");
  assert_broken (f, "data/a.txt: manifest-sha256.txt names it twice");
}

/* What a reader takes all the same. */
static void
test_looser_lines (BagFixture *f, gconstpointer unused)
{
  change (f, "rm tag*; sed -i 's/  / \\t /' manifest-sha256.txt");
  assert_holds (f, "not checked: no tag manifest names it");
  change (f, "sed -i 's/^[0-9a-f]*/\\U&/' manifest-sha256.txt");
  assert_holds (f, "no tag manifest");
  change (f, "sed -i 's/data/*data/' manifest-sha512.txt");
  assert_holds (f, "md5sum");
  change (f, "sed -i 's/\\*data/.\\/data/' manifest-sha512.txt");
  assert_holds (f, "\"./\" stands before the path");
}

static void
test_encoded_names (BagFixture *f, gconstpointer unused)
{
  bag_fixture_put (f, "data/100%.txt", "p");
  bag_fixture_put (f, "data/two\nlines.txt", "n");
  bag_fixture_put (f, "data/re\rturn.txt", "r");
  bag_fixture_remove (f, "bag-info.txt");
  change (f, "rm *manifest*\n"
             "{ sha256sum data/a.txt data/below/b.txt\n"
             "  printf '%s  %s\\n' $(sha256sum < data/100%.txt | cut -c1-64) data/100%25.txt\n"
             "  printf '%s  %s\\n' $(printf n | sha256sum | cut -c1-64) data/two%0Alines.txt\n"
             "  printf '%s  %s\\n' $(printf r | sha256sum | cut -c1-64) data/re%0dturn.txt\n"
             "} > manifest-sha256.txt\n");
  assert_holds (f, "control characters");
  /* A %41 is no A. */
  change (f, "sed -i s/data.a/data\\\\/%61/ manifest-sha256.txt");
  assert_broken (f, "data/%61.txt: is missing");
}

/* Section 2.2.1. */
static void
test_tag_manifests (BagFixture *f, gconstpointer unused)
{
  g_assert_true (bag_fixture_run (f, "cp tagmanifest-sha256.txt ../kept"));
  change (f, "sha256sum data/a.txt >> tagmanifest-sha256.txt");
  assert_broken (f, "data/a.txt: tagmanifest-sha256.txt names it, which is payload");
  change (f, "cp ../kept tagmanifest-sha256.txt; sha256sum tagmanifest-sha256.txt > ../m\n"
             "cat ../m >> tagmanifest-sha256.txt");
  assert_broken (f, "names it, a tag manifest");
}

/* Section 2.2.2. */
static void
test_info (BagFixture *f, gconstpointer unused)
{
  static const struct
  {
    const char *text, *said;
  } wrong[] = {
    { "Payload-Oxum: 12.2\n", "Payload-Oxum says 12 bytes in 2 files, there are 11 in 2" },
    { "payload-OXUM: 11.3\n", "Payload-Oxum says 11 bytes in 3 files" },
    { "Payload-Oxum: 11.2\nPayload-Oxum: 11.2\n", "more than one" },
    { "Payload-Oxum: eleven\n", "not bytes and files" },
    { "Payload-Oxum: -11.2\n", "not bytes and files" },
    { "no colon\n", "line 1: no label and value" },
    { "Contact-Name:X\n", "no blank follows" },
    { "Contact-Name : X\n", "blanks stand" },
    { "Contact-Name: \xff\n", "not in the encoding" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      bag_fixture_put (f, "bag-info.txt", wrong[i].text);
      write_manifests (f);
      assert_broken (f, wrong[i].said);
    }
  bag_fixture_put (f, "bag-info.txt",
                   "External-Description: one\n  two\nContact-Name: A\nContact-Name: B\n"
                   "Payload-Oxum: 11.2\n");
  write_manifests (f);
  assert_holds (f, NULL);
}

/* Section 2.2.3. */
static void
test_fetch (BagFixture *f, gconstpointer unused)
{
  bag_fixture_put (f, "fetch.txt", "https://example.org/a 6 data/a.txt\n");
  write_manifests (f);
  assert_holds (f, "nothing was fetched");
  bag_fixture_remove (f, "data/a.txt");
  assert_broken (f, "fetch.txt: 1 of its files are not here");
  bag_fixture_put (f, "fetch.txt", "https://example.org/a 6 ../../a.txt\n");
  assert_broken (f, "leads out");
  bag_fixture_put (f, "fetch.txt", "https://example.org/a data/a.txt\n");
  assert_broken (f, "fetch.txt: line 1: no address");
}

/* Section 5.1 and what formats.md adds. */
static void
test_links_and_devices (BagFixture *f, gconstpointer unused)
{
  g_assert_true (bag_fixture_run (f, "echo secret > ../outside"));
  change (f, "rm data/a.txt; ln -s ../../outside data/a.txt");
  assert_broken (f, "data/a.txt: a link: not followed");
  change (f, "rm data/a.txt; mkfifo data/a.txt");
  assert_broken (f, "data/a.txt: a pipe");
  change (
      f,
      "rm data/a.txt; echo hello > data/a.txt; mv data ../elsewhere; ln -s ../elsewhere data");
  assert_broken (f, "data: a link: not followed");
  change (f, "rm data; mv ../elsewhere data; mv manifest-sha256.txt ../m\n"
             "ln -s ../m manifest-sha256.txt");
  assert_broken (f, "manifest-sha256.txt: a link");
}

static void
test_a_link_on_the_way (BagFixture *f, gconstpointer unused)
{
  g_autoptr (CsmBagFolder) folder = csm_bag_folder_open (f->bag, NULL, NULL);
  static const char *const wrong[] = { "data/below/b.txt", "data/none", "../list", "data",
                                       "/dev/null",        "" };

  change (f, "mv data/below ../elsewhere; ln -s ../../elsewhere data/below");
  for (size_t i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_cmpint (csm_bag_folder_open_file (folder, wrong[i], &error), ==, -1);
      g_assert_true (error != NULL && error->domain == CSM_BASE_ERROR);
    }
}

static void
test_changed_meanwhile (BagFixture *f, gconstpointer unused)
{
  g_autoptr (CsmBagFolder) folder = csm_bag_folder_open (f->bag, NULL, NULL);
  g_autoptr (GBytes) before = NULL, after = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (Found) found = { g_string_new (NULL), g_string_new (NULL), g_string_new (NULL) };
  bool holds;

  g_assert_true (csm_bag_check (folder, finding_cb, NULL, &found, NULL, &holds, NULL, &error));
  g_assert_true (holds);
  before = csm_bag_folder_read (folder, "data/a.txt", 100, &error);
  g_assert_nonnull (before);
  bag_fixture_put (f, "data/a.txt", "hullo\n");
  after = csm_bag_folder_read (folder, "data/a.txt", 100, &error);
  g_assert_null (after);
  g_assert_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_INVALID);
}

/* What is looked at twice must be the same both times, hashed or not. */
static void
test_changed_between_reads (BagFixture *f, gconstpointer unused)
{
  g_autoptr (CsmBagFolder) folder = NULL;
  g_autoptr (GBytes) first = NULL;
  g_autoptr (GBytes) second = NULL;
  g_autoptr (GError) error = NULL;

  bag_fixture_put (f, "manifest-sha256.txt", "one");
  folder = csm_bag_folder_open (f->bag, NULL, &error);
  g_assert_no_error (error);
  first = csm_bag_folder_read (folder, "manifest-sha256.txt", 100, &error);
  g_assert_no_error (error);
  bag_fixture_put (f, "manifest-sha256.txt", "two");
  second = csm_bag_folder_read (folder, "manifest-sha256.txt", 100, &error);
  g_assert_null (second);
  g_assert_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_INVALID);
}

static void
test_names (BagFixture *f, gconstpointer unused)
{
  static const struct
  {
    const char *name, *said;
  } odd[] = {
    { "data/A.txt", "data/a.txt: some systems take its name for that of \"data/A.txt\"" },
    { "data/nul.txt", "data/nul.txt: the name cannot be used on Windows" },
    { "data/COM1", "cannot be used on Windows" },
    { "data/end.", "cannot be used on Windows" },
    { "data/wh?t", "cannot be used on Windows" },
  };

  bag_fixture_remove (f, "bag-info.txt");
  for (size_t i = 0; i < G_N_ELEMENTS (odd); i++)
    {
      bag_fixture_put (f, odd[i].name, "x");
      write_manifests (f);
      assert_holds (f, odd[i].said);
      bag_fixture_remove (f, odd[i].name);
    }
  bag_fixture_put (f, "data/\xff.txt", "x");
  write_manifests (f);
  assert_broken (f, "data/\\377.txt: no manifest names this file");
}

/* The manifest was written on a Mac. */
static void
test_accents (BagFixture *f, gconstpointer unused)
{
  bag_fixture_put (f, "data/caf\xc3\xa9.txt", "x");
  bag_fixture_remove (f, "bag-info.txt");
  write_manifests (f);
  assert_holds (f, NULL);
  change (f, "rm tag*; sed -i 's/caf\xc3\xa9/cafe\xcc\x81/' manifest-sha256.txt");
  assert_holds (f, "writes its accents in another form");
}

static void
test_weak_hashes (BagFixture *f, gconstpointer unused)
{
  change (f, "rm *manifest*; md5sum data/a.txt data/below/b.txt > manifest-md5.txt\n"
             "sha1sum data/a.txt data/below/b.txt > manifest-sha1.txt");
  assert_holds (f, "manifest-md5.txt: checked, but whoever wants to");
  bag_fixture_put (f, "data/a.txt", "hallo\n");
  assert_broken (f, "data/a.txt: its bytes are not those that manifest-md5.txt names");
  assert_broken (f, "data/a.txt: its bytes are not those that manifest-sha1.txt names");
}

static void
test_unknown_hash (BagFixture *f, gconstpointer unused)
{
  bag_fixture_put (f, "manifest-sha3512.txt", "00 data/a.txt\n");
  assert_holds (f, "manifest-sha3512.txt: not checked");
}

static void
test_no_bag (BagFixture *f, gconstpointer unused)
{
  g_autoptr (GError) missing = NULL, file = NULL;
  g_autofree char *none = g_build_filename (f->folder, "none", NULL);
  g_autofree char *plain = bag_fixture_path (f, "bagit.txt");

  g_assert_null (csm_bag_folder_open (none, NULL, &missing));
  g_assert_error (missing, CSM_BASE_ERROR, CSM_BASE_ERROR_NOT_FOUND);
  g_assert_null (csm_bag_folder_open (plain, NULL, &file));
  g_assert_error (file, CSM_BASE_ERROR, CSM_BASE_ERROR_INVALID);
}

static void
test_cancelled (BagFixture *f, gconstpointer unused)
{
  g_autoptr (CsmBagFolder) folder = csm_bag_folder_open (f->bag, NULL, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_auto (Found) found = { g_string_new (NULL), g_string_new (NULL), g_string_new (NULL) };
  bool holds = true;

  g_cancellable_cancel (cancellable);
  g_assert_false (
      csm_bag_check (folder, finding_cb, NULL, &found, NULL, &holds, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

#define ADD(path, function)                                                     \
  g_test_add ("/casement/export/bag/" path, BagFixture, NULL, set_up, function, \
              bag_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("valid", test_valid);
  g_test_add_func ("/casement/export/bag/made-elsewhere", test_made_elsewhere);
  ADD ("of-our-writer", test_of_our_writer);
  ADD ("declaration", test_declaration);
  ADD ("line-ends", test_line_ends);
  ADD ("older-versions", test_older_versions);
  ADD ("payload-folder", test_payload_folder);
  ADD ("no-manifest", test_no_manifest);
  ADD ("file-not-named", test_file_not_named);
  ADD ("named-in-one-only", test_named_in_one_only);
  ADD ("file-missing", test_file_missing);
  ADD ("tag-file-missing", test_tag_file_missing);
  ADD ("bytes-changed", test_bytes_changed);
  ADD ("paths", test_paths);
  ADD ("lines", test_lines);
  ADD ("looser-lines", test_looser_lines);
  ADD ("encoded-names", test_encoded_names);
  ADD ("tag-manifests", test_tag_manifests);
  ADD ("info", test_info);
  ADD ("fetch", test_fetch);
  ADD ("links-and-devices", test_links_and_devices);
  ADD ("a-link-on-the-way", test_a_link_on_the_way);
  ADD ("changed-meanwhile", test_changed_meanwhile);
  ADD ("changed-between-reads", test_changed_between_reads);
  ADD ("names", test_names);
  ADD ("accents", test_accents);
  ADD ("weak-hashes", test_weak_hashes);
  ADD ("unknown-hash", test_unknown_hash);
  ADD ("no-bag", test_no_bag);
  ADD ("cancelled", test_cancelled);
  return g_test_run ();
}
