/* csm-bundle-chain.c: a bundle taken in as evidence, with the chain that it came with
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-bundle-chain.h"

#include "base/csm-error.h"
#include "media/csm-error.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define BLOCK 512
#define MAX_SIZE (8LL * 1024 * 1024 * 1024)

/* A file in the tar: its header, its bytes, zeros up to the next block. */
typedef struct
{
  const CsmBagFile *file; /* NULL: the two empty blocks of the end */
  int64_t start;          /* in the tar */
  int64_t end;
} Member;

typedef struct
{
  CsmBagFolder *folder;
  GArray *members;       /* of Member */
  guint open;            /* which one @source is of */
  CsmByteSource *source; /* (nullable) */
  CsmHasher *hasher;     /* (nullable): of the bytes of @source so far */
  int64_t n_hashed;
} Chain;

static gboolean
fail (GError **error, const char *what)
{
  g_set_error_literal (error, CSM_BASE_ERROR, CSM_BASE_ERROR_INVALID, what);
  return FALSE;
}

/* POSIX.1-1988, ustar. */
static void
make_header (const CsmBagFile *file, char ret_header[BLOCK])
{
  unsigned sum = 0;

  memset (ret_header, 0, BLOCK);
  memcpy (ret_header, file->path, strlen (file->path));
  g_snprintf (ret_header + 100, 8, "%07o", 0644);
  g_snprintf (ret_header + 108, 8, "%07o", 0);
  g_snprintf (ret_header + 116, 8, "%07o", 0);
  g_snprintf (ret_header + 124, 12, "%011" G_GINT64_MODIFIER "o", file->size);
  g_snprintf (ret_header + 136, 12, "%011o", 0);
  memset (ret_header + 148, ' ', 8); /* what the sum counts in its own place */
  ret_header[156] = '0';
  memcpy (ret_header + 257, "ustar\00000", 8);
  for (int i = 0; i < BLOCK; i++)
    sum += (uint8_t) ret_header[i];
  g_snprintf (ret_header + 148, 8, "%06o", sum);
}

static gboolean
fail_changed (const CsmBagFile *file, GError **error)
{
  g_set_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_CHANGED,
               _ ("%s: the file is not the one that was checked, and nothing of it was brought "
                  "in; check again"),
               file->path);
  return FALSE;
}

/* (nullable): what the check found it to be. */
static const CsmDigest *
get_checked (const CsmBagFile *file)
{
  if (file->hashed)
    return &file->digests.sha256;
  return file->was_read ? &file->read : NULL;
}

/* Opens it at its start. */
static gboolean
begin_file (Chain *self, guint number, GError **error)
{
  const Member *member = &g_array_index (self->members, Member, number);

  g_clear_pointer (&self->source, csm_byte_source_unref);
  g_clear_pointer (&self->hasher, csm_hasher_free);
  self->source = csm_bag_folder_open_source (self->folder, member->file->path, error);
  if (self->source == NULL)
    return FALSE;
  if (csm_byte_source_get_size (self->source) != member->file->size)
    return fail_changed (member->file, error);
  self->open = number;
  self->hasher = csm_hasher_new ();
  self->n_hashed = 0;
  return TRUE;
}

/* The file's own bytes, in order. */
static ssize_t
read_file (Chain *self, guint number, int64_t offset, void *buffer, size_t size, GError **error)
{
  const CsmBagFile *file = g_array_index (self->members, Member, number).file;
  CsmDigest digest;
  ssize_t n;

  if (offset == 0 && !begin_file (self, number, error))
    return -1;
  g_assert (self->hasher != NULL && self->open == number && self->n_hashed == offset);
  n = csm_byte_source_read_at (self->source, offset, buffer, size, error);
  if (n <= 0)
    return n;
  csm_hasher_update (self->hasher, buffer, (size_t) n);
  self->n_hashed += n;
  if (self->n_hashed < file->size)
    return n;
  csm_hasher_finish (self->hasher, &digest);
  g_clear_pointer (&self->hasher, csm_hasher_free);
  if (csm_digest_equal (&digest, get_checked (file)))
    return n;
  fail_changed (file, error);
  return -1;
}

/* Up to the end of what lies there: of the header, the file or the zeros. */
static ssize_t
read_member (Chain *self,
             guint number,
             int64_t offset,
             void *buffer,
             size_t size,
             GError **error)
{
  const Member *member = &g_array_index (self->members, Member, number);
  const int64_t at = offset - member->start;
  char header[BLOCK];

  if (member->file != NULL && at < BLOCK)
    {
      const size_t n = MIN (size, (size_t) (BLOCK - at));

      make_header (member->file, header);
      memcpy (buffer, header + at, n);
      return (ssize_t) n;
    }
  if (member->file != NULL && at - BLOCK < member->file->size)
    return read_file (self, number, at - BLOCK, buffer,
                      (size_t) MIN ((int64_t) size, member->file->size - (at - BLOCK)), error);
  size = (size_t) MIN ((int64_t) size, member->end - offset);
  memset (buffer, 0, size);
  return (ssize_t) size;
}

static guint
find_member (const Chain *self, int64_t offset)
{
  guint from = 0, to = self->members->len - 1;

  while (from < to)
    {
      const guint middle = (from + to) / 2;

      if (offset < g_array_index (self->members, Member, middle).end)
        to = middle;
      else
        from = middle + 1;
    }
  return from;
}

static ssize_t
chain_read_at (gpointer data, int64_t offset, void *buffer, size_t size, GError **error)
{
  Chain *self = data;
  const int64_t total = g_array_index (self->members, Member, self->members->len - 1).end;
  size_t done = 0;

  while (done < size && offset < total)
    {
      const ssize_t n = read_member (self, find_member (self, offset), offset,
                                     (uint8_t *) buffer + done, size - done, error);

      if (n == 0)
        fail (error, _ ("a file of the bundle ends before its size"));
      if (n <= 0)
        return -1;
      done += (size_t) n;
      offset += n;
    }
  return (ssize_t) done;
}

static void
chain_free (gpointer data)
{
  Chain *self = data;

  csm_byte_source_unref (self->source);
  csm_hasher_free (self->hasher);
  g_array_unref (self->members);
  g_free (self);
}

static gboolean
add_member (Chain *self, const CsmBagFile *file, GError **error)
{
  const guint n = self->members->len;
  Member member = { .file = file };

  if (strlen (file->path) >= 100 || file->size >= MAX_SIZE)
    return fail (error,
                 _ ("the bundle has a name that is too long, or a file that is too large, "
                    "to be kept"));
  if (get_checked (file) == NULL)
    return fail (error, _ ("the bundle has a file that was not checked"));
  member.start = n > 0 ? g_array_index (self->members, Member, n - 1).end : 0;
  member.end = member.start + BLOCK + (file->size + BLOCK - 1) / BLOCK * BLOCK;
  g_array_append_val (self->members, member);
  return TRUE;
}

CsmByteSource *
csm_bundle_chain_new (CsmBagFolder *folder, GError **error)
{
  static const CsmByteSourceClass klass = { chain_read_at, chain_free };
  const GPtrArray *files = csm_bag_folder_get_files (folder);
  Chain *self = g_new0 (Chain, 1);
  Member end = { .file = NULL };

  self->folder = folder;
  self->members = g_array_new (FALSE, FALSE, sizeof (Member));
  for (guint i = 0; i < files->len; i++)
    {
      const CsmBagFile *file = files->pdata[i];

      if (g_str_has_prefix (file->path, CSM_BUNDLE_EXHIBITS) || add_member (self, file, error))
        continue;
      chain_free (self);
      return NULL;
    }
  if (self->members->len > 0)
    end.start = g_array_index (self->members, Member, self->members->len - 1).end;
  end.end = end.start + 2 * BLOCK;
  g_array_append_val (self->members, end);
  return csm_byte_source_new (end.end, &klass, self);
}

bool
csm_bundle_is_bundle (const char *path)
{
  g_autofree char *declaration = g_build_filename (path, "bagit.txt", NULL);
  g_autofree char *contents = g_build_filename (path, "data", "bundle.json", NULL);

  return g_file_test (declaration, G_FILE_TEST_IS_REGULAR) &&
         g_file_test (contents, G_FILE_TEST_IS_REGULAR);
}
