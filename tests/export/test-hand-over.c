/* test-hand-over.c: a bundle in one encrypted file, and what is done to such files
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-error.h"
#include "base/csm-file.h"
#include "export/csm-age.h"
#include "export/csm-error.h"
#include "export/csm-hand-over.h"

#include <glib/gstdio.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Made by age-keygen, for tests only. */
#define RECIPIENT "age18u407nprewte22kv62d0z4pjk2s6jj7cvz46gwgw7phs96wqtq3s3x447h"
#define IDENTITY "AGE-SECRET-KEY-1WM4ENQT7H40KDNC5KXW6979FYFA5MFM6C60S8LYJAU0RS56UL6XQD0PZ8W"
#define OTHER_RECIPIENT "age1ge3quy0zpqctftfxnasdgmff70vyns279qw84a9gaj4dnpf82fasggr8s3"
#define OTHER_IDENTITY \
  "AGE-SECRET-KEY-1LZYEFC5A2ZAQ7RD7KQZP89XPZGZDH0AVEU4UADSPMKVJPVD59SXQ37U7CS"

typedef struct
{
  char *folder; /* everything is in it */
  char *bundle, *file, *opened;
} Place;

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  (void) g_remove (path);
}

static void
put (const char *folder, const char *name, const void *data, size_t size)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, data, (gssize) size, NULL));
}

/* Long enough for three chunks, with a name that ustar has no place for. */
static void
setup (Place *self, gconstpointer unused)
{
  g_autofree uint8_t *large = g_malloc (130000);
  g_autofree char *long_name = g_strnfill (150, 'n');
  g_autofree char *long_path = g_strconcat ("data/", long_name, "/", long_name, NULL);

  for (int i = 0; i < 130000; i++)
    large[i] = (uint8_t) (i * 7 ^ i >> 8);
  self->folder = g_dir_make_tmp ("csm-hand-over-XXXXXX", NULL);
  self->bundle = g_build_filename (self->folder, "square-1", NULL);
  self->file = g_build_filename (self->folder, "square-1.age", NULL);
  self->opened = g_build_filename (self->folder, "opened", NULL);
  put (self->bundle, "bagit.txt", "BagIt-Version: 1.0\n", 19);
  put (self->bundle, "data/large", large, 130000);
  put (self->bundle, "data/empty", "", 0);
  put (self->bundle, long_path, "deep", 4);
}

static void
teardown (Place *self, gconstpointer unused)
{
  remove_tree (self->folder);
  g_free (self->folder);
  g_free (self->bundle);
  g_free (self->file);
  g_free (self->opened);
}

static CsmSecret *
secret (const char *text)
{
  return csm_secret_new_from (text, strlen (text) + 1);
}

static void
write_file (const Place *self, const char *const *recipients, const char *passphrase)
{
  g_autoptr (CsmSecret) typed = passphrase != NULL ? secret (passphrase) : NULL;
  g_autoptr (GError) error = NULL;

  csm_hand_over_write (self->bundle, self->file, recipients, typed, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
write_for_key (const Place *self)
{
  const char *const recipients[] = { RECIPIENT, NULL };

  write_file (self, recipients, NULL);
}

static gboolean
open_file (const Place *self, const char *identity, const char *passphrase, GError **error)
{
  g_autoptr (CsmSecret) key = identity != NULL ? secret (identity) : NULL;
  g_autoptr (CsmSecret) typed = passphrase != NULL ? secret (passphrase) : NULL;

  return csm_hand_over_open (self->file, self->opened, key, typed, NULL, NULL, NULL, error);
}

static int
count_names (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  int n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

/* @code, and not a file more than before: the bundle and the hand-over. */
static void
assert_refused (const Place *self, const char *identity, const char *passphrase, int code)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (open_file (self, identity, passphrase, &error));
  g_assert_error (error, CSM_EXPORT_ERROR, code);
  g_assert_cmpint (count_names (self->folder), ==, 2);
}

static void
assert_same (const char *a, const char *b)
{
  g_autoptr (GDir) dir = g_dir_open (a, 0, NULL);
  const char *name;

  if (dir == NULL)
    {
      g_autofree char *first = NULL;
      g_autofree char *second = NULL;
      gsize first_size, second_size;

      g_assert_true (g_file_get_contents (a, &first, &first_size, NULL));
      g_assert_true (g_file_get_contents (b, &second, &second_size, NULL));
      g_assert_cmpmem (first, first_size, second, second_size);
      return;
    }
  g_assert_cmpint (count_names (a), ==, count_names (b));
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *first = g_build_filename (a, name, NULL);
      g_autofree char *second = g_build_filename (b, name, NULL);

      assert_same (first, second);
    }
}

static void
assert_opened (const Place *self, const char *identity, const char *passphrase)
{
  g_autoptr (GError) error = NULL;

  open_file (self, identity, passphrase, &error);
  g_assert_no_error (error);
  assert_same (self->bundle, self->opened);
  remove_tree (self->opened);
  g_assert_cmpint (count_names (self->folder), ==, 2);
}

/* --- keys and passphrases --- */

static void
test_recipients (Place *self, gconstpointer unused)
{
  const char *const recipients[] = { RECIPIENT, OTHER_RECIPIENT, NULL };

  write_file (self, recipients, NULL);
  assert_opened (self, IDENTITY, NULL);
  assert_opened (self, "# created: today\n\n" OTHER_IDENTITY "\r\n", NULL);
  assert_refused (self, NULL, "seven green lamps", CSM_EXPORT_ERROR_WRONG_KEY);
}

static void
test_wrong_key (Place *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  write_for_key (self);
  assert_refused (self, OTHER_IDENTITY, NULL, CSM_EXPORT_ERROR_WRONG_KEY);
  assert_opened (self, OTHER_IDENTITY "\n" IDENTITY, NULL);
  g_assert_false (open_file (self, RECIPIENT, NULL, &error));
  g_assert_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_INVALID);
}

static void
test_passphrase (Place *self, gconstpointer unused)
{
  write_file (self, NULL, "seven green lamps");
  assert_refused (self, NULL, "seven green lamp", CSM_EXPORT_ERROR_WRONG_KEY);
  assert_refused (self, IDENTITY, NULL, CSM_EXPORT_ERROR_WRONG_KEY);
  assert_opened (self, NULL, "seven green lamps");
}

static void
test_no_recipient (Place *self, gconstpointer unused)
{
  /* One letter changed, one letter's case changed, a secret key, another program's. */
  g_autofree char *changed = g_strdup (RECIPIENT);
  g_autofree char *mixed = g_strdup (RECIPIENT);
  const char *const texts[] = { changed, mixed, IDENTITY, "age1", "ssh-ed25519 AAAA", "" };

  changed[10] = changed[10] == 'q' ? 'p' : 'q';
  mixed[61] = g_ascii_toupper (mixed[61]) == mixed[61] ? mixed[61] : 'Q';
  g_assert_true (csm_age_is_recipient (RECIPIENT));
  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      const char *const recipients[] = { RECIPIENT, texts[i], NULL };
      g_autoptr (GError) error = NULL;

      g_assert_false (csm_age_is_recipient (texts[i]));
      g_assert_false (csm_hand_over_write (self->bundle, self->file, recipients, NULL, NULL,
                                           NULL, NULL, &error));
      g_assert_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_INVALID);
      g_assert_cmpint (count_names (self->folder), ==, 1);
    }
}

/* --- damage --- */

static void
replace (const Place *self, const void *data, size_t size)
{
  g_assert_true (g_file_set_contents (self->file, data, (gssize) size, NULL));
}

static void
assert_not_opened (const Place *self)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (open_file (self, IDENTITY, NULL, &error));
  g_assert_true (error->domain == CSM_EXPORT_ERROR);
  g_assert_cmpint (count_names (self->folder), ==, 2);
}

static void
test_flipped (Place *self, gconstpointer unused)
{
  g_autofree char *data = NULL;
  gsize size;

  write_for_key (self);
  g_assert_true (g_file_get_contents (self->file, &data, &size, NULL));
  /* All of the header, then here and there, to the last byte. */
  for (gsize i = 0; i < size; i += i < 230 ? 1 : i + 5003 < size ? 5003 : size - 1 - i)
    {
      data[i] ^= (char) (1 << i % 8);
      replace (self, data, size);
      assert_not_opened (self);
      data[i] ^= (char) (1 << i % 8);
      if (i == size - 1)
        break;
    }
  replace (self, data, size);
  assert_opened (self, IDENTITY, NULL);
}

static void
test_truncated (Place *self, gconstpointer unused)
{
  g_autofree char *data = NULL;
  gsize size;
  gsize header;

  write_for_key (self);
  g_assert_true (g_file_get_contents (self->file, &data, &size, NULL));
  header = (gsize) (strstr (data, "\n--- ") + 49 - data);
  for (gsize n = 0; n < header + 64; n++)
    {
      replace (self, data, n);
      assert_not_opened (self);
    }
  /* Where chunks end, and beside. */
  for (gsize end = header + 16 + 65552; end < size; end += 65552)
    for (int beside = -17; beside <= 17; beside += beside < -2 || beside > 1 ? 5 : 1)
      {
        replace (self, data, end + (gsize) beside);
        assert_not_opened (self);
      }
  replace (self, data, size - 1);
  assert_not_opened (self);
}

static void
test_appended (Place *self, gconstpointer unused)
{
  g_autofree char *data = NULL;
  g_autofree char *longer = NULL;
  gsize size;

  write_for_key (self);
  g_assert_true (g_file_get_contents (self->file, &data, &size, NULL));
  longer = g_malloc0 (size + 65552);
  memcpy (longer, data, size);
  for (gsize n = 1; n <= 65552; n += n < 20 ? 1 : 65552 - n == 0 ? 1 : 65552 - n)
    {
      replace (self, longer, size + n);
      assert_not_opened (self);
    }
}

static void
test_other_files (Place *self, gconstpointer unused)
{
  static const char *const files[] = { "", "age", "age-encryption.org/v2\n",
                                       "-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n",
                                       "age-encryption.org/v1\n\0-> X25519" };

  for (size_t i = 0; i < G_N_ELEMENTS (files); i++)
    {
      replace (self, files[i], strlen (files[i]));
      assert_refused (self, IDENTITY, NULL,
                      i == 4 ? CSM_EXPORT_ERROR_DAMAGED : CSM_EXPORT_ERROR_UNKNOWN);
    }
}

/* No two headers mean the same: libsodium 1.0.18 reads a byte above 127 as the letter "/". */
static void
test_one_spelling (Place *self, gconstpointer unused)
{
  for (bool met = false; !met;)
    {
      g_autofree char *data = NULL;
      gsize size;
      char *mac;

      g_unlink (self->file);
      write_for_key (self);
      g_assert_true (g_file_get_contents (self->file, &data, &size, NULL));
      mac = strstr (data, "\n--- ") + 5;
      for (int i = 0; i < 43; i++)
        if (mac[i] == '/')
          {
            met = true;
            mac[i] = (char) (mac[i] | 0x80);
            replace (self, data, size);
            assert_not_opened (self);
            mac[i] = '/';
          }
    }
}

/* A header asks for work before anything can be checked. */
static void
test_work_factor (Place *self, gconstpointer unused)
{
  static const struct
  {
    const char *work;
    int code;
  } cases[] = { { "23", CSM_EXPORT_ERROR_REFUSED },  { "63", CSM_EXPORT_ERROR_REFUSED },
                { "0", CSM_EXPORT_ERROR_DAMAGED },   { "010", CSM_EXPORT_ERROR_DAMAGED },
                { "+9", CSM_EXPORT_ERROR_DAMAGED },  { "0x9", CSM_EXPORT_ERROR_DAMAGED },
                { "999", CSM_EXPORT_ERROR_DAMAGED }, { "", CSM_EXPORT_ERROR_DAMAGED },
                { "1", CSM_EXPORT_ERROR_WRONG_KEY } };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *file =
          g_strdup_printf ("age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA %s\n"
                           "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
                           "--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
                           cases[i].work);

      replace (self, file, strlen (file));
      assert_refused (self, NULL, "seven green lamps", cases[i].code);
    }
}

/* --- hostile tars --- */

static void
append_header (GByteArray *tar, const char *name, char type, const char *link, uint64_t size)
{
  char header[512] = { 0 };
  unsigned sum = 0;

  g_strlcpy (header, name, 100);
  memcpy (header + 100,
          "0000644\0"
          "0000000\0"
          "0000000\0",
          24);
  g_snprintf (header + 124, 12, "%011" G_GINT64_MODIFIER "o", size);
  memcpy (header + 136, "00000000000\0        ", 20);
  header[156] = type;
  g_strlcpy (header + 157, link, 100);
  memcpy (header + 257,
          "ustar\0"
          "00",
          8);
  for (size_t i = 0; i < sizeof header; i++)
    sum += (uint8_t) header[i];
  g_snprintf (header + 148, 8, "%06o", sum);
  g_byte_array_append (tar, (const uint8_t *) header, sizeof header);
}

static void
append_entry (GByteArray *tar, const char *name, char type, const char *link, const char *text)
{
  uint8_t block[512] = { 0 };

  append_header (tar, name, type, link, strlen (text));
  memcpy (block, text, strlen (text));
  if (text[0] != '\0')
    g_byte_array_append (tar, block, sizeof block);
}

/* As somebody would who knows the recipient, and means ill. */
static void
seal (const Place *self, GByteArray *tar, bool ends)
{
  const char *const recipients[] = { RECIPIENT, NULL };
  const uint8_t zeros[1024] = { 0 };
  const int fd = open (self->file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  g_autoptr (CsmAgeWriter) writer = csm_age_writer_new (fd, recipients, NULL, NULL);

  if (ends)
    g_byte_array_append (tar, zeros, sizeof zeros);
  g_assert_true (csm_age_writer_append (writer, tar->data, tar->len, NULL));
  g_assert_true (csm_age_writer_finish (writer, NULL));
  g_assert_cmpint (close (fd), ==, 0);
}

static void
test_hostile_entry (Place *self, gconstpointer unused)
{
  static const struct
  {
    const char *name, *link;
    char type;
  } entries[] = {
    { "../out", "", '0' },
    { "b/../../out", "", '0' },
    { "/tmp/csm-out", "", '0' },
    { "b//out", "", '0' },
    { "..", "", '5' },
    { "b/link", "/etc/passwd", '2' },
    { "b/hard", "b/bagit.txt", '1' },
    { "b/null", "", '3' },
    { "b/disk", "", '4' },
    { "b/pipe", "", '6' },
    { "b/bell\a", "", '0' },
    { "b\\out", "", '0' },
    { "b/bagit.txt", "", '0' },
    { "b/bagit.txt/x", "", '0' },
    { "b", "", '0' },
    { "b/\xe2\x80\xae"
      "fdp",
      "", '0' },
    { "b/\xff", "", '0' },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (entries); i++)
    {
      g_autoptr (GByteArray) tar = g_byte_array_new ();

      append_entry (tar, "b/bagit.txt", '0', "", "BagIt");
      append_entry (tar, entries[i].name, entries[i].type, entries[i].link,
                    entries[i].type == '0' ? "text" : "");
      seal (self, tar, true);
      assert_refused (self, IDENTITY, NULL, CSM_EXPORT_ERROR_REFUSED);
    }
  g_assert_false (g_file_test ("/tmp/csm-out", G_FILE_TEST_EXISTS));
}

/* Names that another program writes for the same folder. */
static void
test_friendly_entry (Place *self, gconstpointer unused)
{
  g_autoptr (GByteArray) tar = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (self->opened, "data", "x", NULL);
  g_autofree char *text = NULL;

  append_entry (tar, "./", '5', "", "");
  append_entry (tar, "./data/", '5', "", "");
  append_entry (tar, "./data/x", '0', "", "text");
  append_entry (tar, "./bagit.txt", '0', "", "BagIt");
  seal (self, tar, true);
  open_file (self, IDENTITY, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "text");
}

static void
test_bomb (Place *self, gconstpointer unused)
{
  g_autoptr (GByteArray) larger = g_byte_array_new ();
  g_autoptr (GByteArray) cut = g_byte_array_new ();
  g_autoptr (GByteArray) sparse = g_byte_array_new ();
  g_autoptr (GByteArray) nothing = g_byte_array_new ();
  const char *map = "22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n"
                    "37 GNU.sparse.realsize=1099511627776\n23 GNU.sparse.name=b/x\n";

  append_header (larger, "b/x", '0', "", UINT64_C (8000000000));
  seal (self, larger, true);
  assert_refused (self, IDENTITY, NULL, CSM_EXPORT_ERROR_REFUSED);
  append_header (cut, "b/x", '0', "", 700);
  g_byte_array_append (cut, (const uint8_t *) "half", 4);
  g_byte_array_set_size (cut, 1024);
  seal (self, cut, false);
  assert_refused (self, IDENTITY, NULL, CSM_EXPORT_ERROR_REFUSED);
  append_entry (sparse, "b/pax", 'x', "", map);
  append_entry (sparse, "b/x", '0', "", "0\n");
  seal (self, sparse, true);
  assert_refused (self, IDENTITY, NULL, CSM_EXPORT_ERROR_REFUSED);
  seal (self, nothing, true);
  assert_refused (self, IDENTITY, NULL, CSM_EXPORT_ERROR_REFUSED);
}

/* --- writing --- */

static void
test_refuses_link (Place *self, gconstpointer unused)
{
  const char *const recipients[] = { RECIPIENT, NULL };
  g_autofree char *link = g_build_filename (self->bundle, "data", "passwd", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (symlink ("/etc/passwd", link), ==, 0);
  g_assert_false (csm_hand_over_write (self->bundle, self->file, recipients, NULL, NULL, NULL,
                                       NULL, &error));
  g_assert_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_INVALID);
  g_assert_cmpint (count_names (self->folder), ==, 1);
}

static void
test_no_overwrite (Place *self, gconstpointer unused)
{
  const char *const recipients[] = { RECIPIENT, NULL };
  g_autoptr (GError) error = NULL;

  write_for_key (self);
  g_assert_false (csm_hand_over_write (self->bundle, self->file, recipients, NULL, NULL, NULL,
                                       NULL, &error));
  g_assert_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_EXISTS);
  g_clear_error (&error);
  put (self->opened, "mine", "mine", 4);
  g_assert_false (open_file (self, IDENTITY, NULL, &error));
  g_assert_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_EXISTS);
  g_assert_cmpint (count_names (self->folder), ==, 3);
}

static void
cancel_cb (int64_t done, int64_t total, gpointer cancellable)
{
  g_assert_cmpint (done, <=, total);
  g_cancellable_cancel (cancellable);
}

static void
test_cancel (Place *self, gconstpointer unused)
{
  const char *const recipients[] = { RECIPIENT, NULL };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (CsmSecret) key = secret (IDENTITY);
  g_autoptr (GError) error = NULL;

  g_assert_false (csm_hand_over_write (self->bundle, self->file, recipients, NULL, cancel_cb,
                                       cancellable, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_cmpint (count_names (self->folder), ==, 1);
  g_cancellable_reset (cancellable);
  write_for_key (self);
  g_assert_false (csm_hand_over_open (self->file, self->opened, key, NULL, cancel_cb,
                                      cancellable, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (count_names (self->folder), ==, 2);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*run) (Place *, gconstpointer);
  } tests[] = { { "recipients", test_recipients },
                { "wrong-key", test_wrong_key },
                { "passphrase", test_passphrase },
                { "no-recipient", test_no_recipient },
                { "flipped", test_flipped },
                { "truncated", test_truncated },
                { "appended", test_appended },
                { "other-files", test_other_files },
                { "one-spelling", test_one_spelling },
                { "work-factor", test_work_factor },
                { "hostile-entry", test_hostile_entry },
                { "friendly-entry", test_friendly_entry },
                { "bomb", test_bomb },
                { "refuses-link", test_refuses_link },
                { "no-overwrite", test_no_overwrite },
                { "cancel", test_cancel } };

  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/casement/export/hand-over/", tests[i].name, NULL);

      g_test_add (path, Place, NULL, setup, tests[i].run, teardown);
    }
  return g_test_run ();
}
