/* test-byte-source.c: reads at any offset, short only at the end
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-byte-source.h"
#include "base/csm-error.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const char text[] = "0123456789";

typedef struct
{
  int64_t available; /* may be less than was promised */
  int n_reads;
  bool fails;
  bool freed;
} Fake;

/* One byte at a time, the least that a class may give. */
static ssize_t
fake_read_at (gpointer data, int64_t offset, void *buffer, size_t size, GError **error)
{
  Fake *fake = data;

  fake->n_reads++;
  if (fake->fails)
    {
      g_set_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_IO, "broken");
      return -1;
    }
  if (offset >= fake->available)
    return 0;
  memcpy (buffer, text + offset, 1);
  return 1;
}

static void
fake_free (gpointer data)
{
  ((Fake *) data)->freed = true;
}

static const CsmByteSourceClass fake_class = { fake_read_at, fake_free };

static void
assert_reads (CsmByteSource *source, int64_t offset, size_t size, const char *expected)
{
  g_autoptr (GError) error = NULL;
  char buffer[32];
  const ssize_t n = csm_byte_source_read_at (source, offset, buffer, size, &error);

  g_assert_no_error (error);
  g_assert_cmpint (n, >=, 0);
  g_assert_cmpmem (buffer, (gsize) n, expected, strlen (expected));
}

static void
assert_reads_ten (CsmByteSource *source)
{
  g_assert_cmpint (csm_byte_source_get_size (source), ==, 10);
  for (int64_t offset = 0; offset <= 12; offset++)
    for (size_t size = 0; size <= 12; size++)
      {
        g_autofree char *expected =
            g_strndup (text + MIN (offset, 10), MIN ((int64_t) size, 10 - MIN (offset, 10)));

        assert_reads (source, offset, size, expected);
      }
  assert_reads (source, INT64_MAX, 1, "");
}

static void
assert_fails (CsmByteSource *source, int64_t offset, int code)
{
  g_autoptr (GError) error = NULL;
  char buffer[10];

  g_assert_cmpint (csm_byte_source_read_at (source, offset, buffer, 10, &error), ==, -1);
  g_assert_error (error, CSM_BASE_ERROR, code);
}

static void
test_class (void)
{
  Fake fake = { .available = 10 };
  CsmByteSource *source = csm_byte_source_new (10, &fake_class, &fake);

  assert_reads_ten (source);
  g_assert_true (csm_byte_source_ref (source) == source);
  csm_byte_source_unref (source);
  g_assert_false (fake.freed);
  csm_byte_source_unref (source);
  g_assert_true (fake.freed);
  csm_byte_source_unref (NULL);
}

static void
test_class_fails (void)
{
  Fake fake = { .available = 4 };
  g_autoptr (CsmByteSource) source = csm_byte_source_new (10, &fake_class, &fake);

  assert_reads (source, 0, 4, "0123");
  assert_fails (source, 0, CSM_BASE_ERROR_IO);
  fake.n_reads = 0;
  assert_fails (source, -1, CSM_BASE_ERROR_INVALID);
  g_assert_cmpint (fake.n_reads, ==, 0);
  fake.fails = true;
  assert_fails (source, 0, CSM_BASE_ERROR_IO);
}

static int
open_text (void)
{
  const int fd = memfd_create ("text", MFD_CLOEXEC);

  g_assert_cmpint (write (fd, text, 10), ==, 10);
  return fd;
}

static void
test_fd (void)
{
  g_autoptr (GError) error = NULL;
  const int fd = open_text ();
  CsmByteSource *source = csm_byte_source_new_for_fd (fd, &error);

  g_assert_no_error (error);
  g_assert_cmpint (lseek (fd, 3, SEEK_SET), ==, 3);
  assert_reads_ten (source);
  g_assert_cmpint (lseek (fd, 0, SEEK_CUR), ==, 3);
  csm_byte_source_unref (source);
  g_assert_cmpint (fcntl (fd, F_GETFD), ==, -1);
}

static void
test_fd_becomes_shorter (void)
{
  const int fd = open_text ();
  g_autoptr (CsmByteSource) source = csm_byte_source_new_for_fd (fd, NULL);

  g_assert_cmpint (ftruncate (fd, 5), ==, 0);
  assert_reads (source, 0, 5, "01234");
  assert_fails (source, 0, CSM_BASE_ERROR_IO);
}

static void
test_fd_not_readable (void)
{
  const int fd = open ("/proc/self/mem", O_RDONLY | O_CLOEXEC);
  const int write_only = open (g_get_tmp_dir (), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);

  /* Empty by its own account, so there is nothing to read. */
  g_autoptr (CsmByteSource) empty = csm_byte_source_new_for_fd (fd, NULL);

  g_assert_cmpint (csm_byte_source_get_size (empty), ==, 0);
  assert_reads (empty, 0, 10, "");

  g_assert_cmpint (write (write_only, text, 10), ==, 10);
  g_autoptr (CsmByteSource) source = csm_byte_source_new_for_fd (write_only, NULL);

  assert_fails (source, 0, CSM_BASE_ERROR_IO);
}

static void
test_fd_refused (void)
{
  g_autoptr (GError) error = NULL;
  int fds[2];

  g_assert_null (csm_byte_source_new_for_fd (-1, &error));
  g_assert_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_IO);
  g_clear_error (&error);

  g_assert_cmpint (pipe (fds), ==, 0);
  g_assert_null (csm_byte_source_new_for_fd (fds[0], &error));
  g_assert_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_INVALID);
  g_assert_cmpint (fcntl (fds[0], F_GETFD), ==, -1);
  close (fds[1]);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/casement/base/byte-source/class-reads", test_class);
  g_test_add_func ("/casement/base/byte-source/class-fails", test_class_fails);
  g_test_add_func ("/casement/base/byte-source/fd-reads", test_fd);
  g_test_add_func ("/casement/base/byte-source/fd-becomes-shorter", test_fd_becomes_shorter);
  g_test_add_func ("/casement/base/byte-source/fd-not-readable", test_fd_not_readable);
  g_test_add_func ("/casement/base/byte-source/fd-refused", test_fd_refused);
  return g_test_run ();
}
