/* csm-intake.c: one pass over a file: read, hash, encrypt, write, fsync, sign
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/csm-intake.h"

#include "base/csm-error.h"
#include "base/csm-hash-thread.h"
#include "base/csm-secret.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER_SIZE (256 * 1024)
#define PROGRESS_STEP (1024 * 1024)

/* One file on its way in. */
typedef struct
{
  CsmCase *acase;
  const char *path;
  char *shown; /* for messages */
  int fd;
  struct stat before;
  /* Instead of a file: only the size of @before counts then. */
  CsmByteSource *source; /* (nullable) */
  const char *name;
  int64_t offset;

  CsmProgressCallback progress;
  gpointer data;
  GCancellable *cancellable;
  int pass, n_passes;      /* each reports its share of the way */
  const CsmDigest *sha256; /* (nullable): what it must be */
} Intake;

static void
intake_clear (Intake *self)
{
  g_free (self->shown);
  if (self->fd >= 0)
    close (self->fd);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Intake, intake_clear)

static gboolean
fail_changed (const Intake *self, GError **error)
{
  g_set_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_CHANGED,
               "%s: the file changed while it was read; bring it in again when nothing writes "
               "to it",
               self->shown);
  return FALSE;
}

/* O_NONBLOCK, so that a pipe in a folder's place does not hold us; O_NOATIME where the owner
 * reads, so that not even the time of last access moves. */
static int
open_source (const char *path)
{
  int flags = O_RDONLY | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;
  int fd = open (path, flags | O_NOATIME);

  if (fd < 0 && errno == EPERM)
    fd = open (path, flags);
  return fd;
}

static gboolean
intake_open (Intake *self, GError **error)
{
  self->shown = g_filename_display_name (self->path);
  self->fd = open_source (self->path);
  if (self->fd < 0 || fstat (self->fd, &self->before) != 0)
    return csm_base_fail_errno (error, errno, self->shown);
  if (!S_ISREG (self->before.st_mode))
    {
      g_set_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_INVALID, "%s: is not a regular file",
                   self->shown);
      return FALSE;
    }
  if (csm_intake_is_own_file (self->acase, self->path))
    {
      g_set_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_INVALID,
                   "%s: belongs to this case itself", self->shown);
      return FALSE;
    }
  /* Only a hint to the kernel. */
  (void) posix_fadvise (self->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  return TRUE;
}

static bool
same_time (const struct timespec *a, const struct timespec *b)
{
  return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static gboolean
intake_check_unchanged (const Intake *self, int64_t read_size, GError **error)
{
  struct stat after;

  if (self->source != NULL)
    return read_size == self->before.st_size || fail_changed (self, error);
  if (fstat (self->fd, &after) != 0)
    return csm_base_fail_errno (error, errno, self->shown);
  if (read_size != self->before.st_size || after.st_size != self->before.st_size ||
      !same_time (&after.st_mtim, &self->before.st_mtim) ||
      !same_time (&after.st_ctim, &self->before.st_ctim))
    return fail_changed (self, error);
  return TRUE;
}

/* Each pass reads anew, so each has to give what was checked. */
static gboolean
intake_check_digest (const Intake *self, const CsmDigest *sha256, GError **error)
{
  if (self->sha256 == NULL || csm_digest_equal (sha256, self->sha256))
    return TRUE;
  g_set_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_CHANGED,
               "%s: the file is not the one that was checked, and nothing of it was brought "
               "in; check again",
               self->shown);
  return FALSE;
}

/* Bytes read, 0 at the end, -1 with @error set. */
static ssize_t
intake_read (Intake *self, void *buffer, GError **error)
{
  ssize_t n;

  if (self->source != NULL)
    {
      n = csm_byte_source_read_at (self->source, self->offset, buffer, BUFFER_SIZE, error);
      self->offset += MAX (n, 0);
      return n;
    }
  do
    n = read (self->fd, buffer, BUFFER_SIZE);
  while (n < 0 && errno == EINTR);
  if (n < 0)
    csm_base_fail_errno (error, errno, self->shown);
  return n;
}

static void
intake_report (const Intake *self, int64_t done)
{
  const int64_t size = self->before.st_size;

  self->progress (self->pass == self->n_passes - 1 && done == size
                      ? size
                      : size / self->n_passes * self->pass + done / self->n_passes,
                  size, self->data);
}

/* One pass. @writer is NULL when the bytes are only hashed. */
static gboolean
intake_copy (Intake *self, CsmMediaWriter *writer, CsmDigest *ret_sha256, GError **error)
{
  g_autofree uint8_t *buffer = g_malloc (BUFFER_SIZE);
  g_autoptr (CsmHashThread) hash = csm_hash_thread_new (); /* freed before the buffer */
  int64_t done = 0, told = 0;
  ssize_t n;

  while ((n = intake_read (self, buffer, error)) > 0)
    {
      if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
        return FALSE;
      done += n;
      /* A file that keeps growing would never end. */
      if (done > self->before.st_size)
        return fail_changed (self, error);
      csm_hash_thread_begin (hash, buffer, (size_t) n);
      if (writer != NULL && !csm_media_writer_write (writer, buffer, (size_t) n, error))
        return FALSE;
      csm_hash_thread_wait (hash);
      if (self->progress != NULL &&
          (done - told >= PROGRESS_STEP || done == self->before.st_size))
        intake_report (self, told = done);
    }
  if (n < 0 || g_cancellable_set_error_if_cancelled (self->cancellable, error))
    return FALSE;
  if (!intake_check_unchanged (self, done, error))
    return FALSE;
  csm_hash_thread_finish (hash, ret_sha256);
  return intake_check_digest (self, ret_sha256, error);
}

/* The name as received, as valid text: bytes that are not UTF-8 cannot be signed. */
static char *
dup_name (const char *path)
{
  g_autofree char *base = g_path_get_basename (path);

  return g_utf8_make_valid (base, -1);
}

static CsmExhibit *
intake_commit (const Intake *self,
               const CsmIntakeOptions *options,
               const CsmDigest *sha256,
               const CsmMediaRef *ref,
               GError **error)
{
  g_autofree char *name = dup_name (self->name != NULL ? self->name : self->path);
  g_autofree char *absolute = g_canonicalize_filename (self->path, NULL);

  return csm_case_add_exhibit (self->acase, name, absolute, sha256, self->before.st_size,
                               options == NULL ? NULL : options->acquisition, ref,
                               ref == NULL ? absolute : NULL, error);
}

/* Finishes the copy and signs; a copy whose entry fails goes again. */
static CsmExhibit *
intake_store (const Intake *self,
              const CsmIntakeOptions *options,
              CsmMediaWriter *writer,
              const CsmDigest *sha256,
              GError **error)
{
  CsmMediaStore *store = csm_case_get_media_store (self->acase);
  g_autoptr (CsmMediaRef) ref = NULL;
  CsmExhibit *exhibit;

  if (writer != NULL)
    {
      ref = csm_media_writer_finish (writer, error);
      if (ref == NULL)
        return NULL;
    }
  exhibit = intake_commit (self, options, sha256, ref, error);
  if (exhibit == NULL && ref != NULL)
    /* The entry's error is the one to tell; a file left here is listed by verify. */
    (void) csm_media_store_remove (store, ref, NULL);
  return exhibit;
}

static CsmMediaWriter *
begin_writer (const Intake *self, GError **error)
{
  CsmMediaStore *store = csm_case_get_media_store (self->acase);

  if (store == NULL)
    {
      g_set_error_literal (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_MEDIA_MISSING,
                           "the media folder of this case is missing; put it back beside the "
                           "case file");
      return NULL;
    }
  /* Said now, not when the disk is full of its beginning. */
  if (!csm_media_store_can_hold (self->before.st_size))
    {
      g_set_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_INVALID,
                   "%s: is larger than a stored exhibit can be; link it instead of copying it",
                   self->shown);
      return NULL;
    }
  return csm_media_store_begin (store, error);
}

/* Whether the linked file of @exhibit is where it was left. */
static gboolean
has_link (CsmCase *acase, const CsmExhibit *exhibit, bool *ret_has, GError **error)
{
  g_autofree char *link_path = NULL;
  g_autoptr (GError) local = NULL;
  g_autoptr (CsmMediaRef) ref =
      csm_case_get_media_ref (acase, &exhibit->id, &link_path, &local);
  struct stat st;

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  *ret_has = ref != NULL || (stat (link_path, &st) == 0 && S_ISREG (st.st_mode) &&
                             st.st_size == exhibit->size);
  return TRUE;
}

/* The bytes are there already. A linked file that moved is found again by them. */
static CsmExhibit *
intake_know (const Intake *self,
             const CsmIntakeOptions *options,
             CsmExhibit *exhibit,
             CsmIntakeOutcome *ret_outcome,
             GError **error)
{
  g_autoptr (CsmExhibit) held = exhibit;
  g_autofree char *absolute = NULL;
  bool has = true;

  *ret_outcome = CSM_INTAKE_DUPLICATE;
  if (options != NULL && options->link && !has_link (self->acase, exhibit, &has, error))
    return NULL;
  if (has)
    return g_steal_pointer (&held);
  *ret_outcome = CSM_INTAKE_RELINKED;
  absolute = g_canonicalize_filename (self->path, NULL);
  return csm_case_relink (self->acase, &exhibit->id, absolute, error) ? g_steal_pointer (&held)
                                                                      : NULL;
}

/* What is there already, NULL without error when it is not: then the file stands at its start.
 */
static CsmExhibit *
intake_look_up (Intake *self, GError **error)
{
  CsmExhibit *exhibit;
  CsmDigest sha256;
  bool likely = false;

  if (!csm_case_has_size (self->acase, self->before.st_size, &likely, error) || !likely)
    return NULL;
  self->n_passes = 2;
  if (!intake_copy (self, NULL, &sha256, error))
    return NULL;
  exhibit = csm_case_find_sha256 (self->acase, &sha256, error);
  self->pass = 1;
  self->offset = 0;
  if (exhibit == NULL && self->source == NULL && lseek (self->fd, 0, SEEK_SET) != 0)
    csm_base_fail_errno (error, errno, self->shown);
  return exhibit;
}

/* (nullable): the pass that brings it in. */
static CsmExhibit *
intake_add (Intake *self,
            const CsmIntakeOptions *options,
            CsmIntakeOutcome *ret_outcome,
            GError **error)
{
  g_autoptr (CsmMediaWriter) writer = NULL;
  g_autoptr (GError) local = NULL;
  CsmExhibit *exhibit;
  CsmDigest sha256;

  *ret_outcome = CSM_INTAKE_ADDED;
  if ((options == NULL || !options->link) && (writer = begin_writer (self, error)) == NULL)
    return NULL;
  if (!intake_copy (self, writer, &sha256, error))
    return NULL;
  /* A linked file was not looked up before. */
  exhibit = csm_case_find_sha256 (self->acase, &sha256, &local);
  if (exhibit != NULL)
    return intake_know (self, options, exhibit, ret_outcome, error);
  if (local == NULL)
    return intake_store (self, options, writer, &sha256, error);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

/* Once there is something to read. */
static gboolean
intake_run (Intake *self,
            const CsmIntakeOptions *options,
            CsmIntakeOutcome *ret_outcome,
            CsmExhibit **ret_exhibit,
            GError **error)
{
  g_autoptr (CsmExhibit) exhibit = NULL;
  g_autoptr (GError) local = NULL;
  CsmIntakeOutcome outcome = CSM_INTAKE_DUPLICATE;

  /* A linked file takes no room: its one pass is enough. */
  if (options == NULL || !options->link)
    exhibit = intake_look_up (self, &local);
  if (exhibit == NULL && local == NULL)
    exhibit = intake_add (self, options, &outcome, &local);
  if (exhibit == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (ret_outcome != NULL)
    *ret_outcome = outcome;
  if (ret_exhibit != NULL)
    *ret_exhibit = g_steal_pointer (&exhibit);
  return TRUE;
}

gboolean
csm_intake_add_file (CsmCase *acase,
                     const char *path,
                     const CsmIntakeOptions *options,
                     CsmProgressCallback progress,
                     gpointer data,
                     CsmIntakeOutcome *ret_outcome,
                     CsmExhibit **ret_exhibit,
                     GCancellable *cancellable,
                     GError **error)
{
  g_return_val_if_fail (acase != NULL && path != NULL, FALSE);
  g_auto (Intake) self = { .acase = acase,
                           .path = path,
                           .fd = -1,
                           .progress = progress,
                           .data = data,
                           .cancellable = cancellable,
                           .n_passes = 1,
                           .sha256 = options != NULL ? options->sha256 : NULL };

  return intake_open (&self, error) &&
         intake_run (&self, options, ret_outcome, ret_exhibit, error);
}

gboolean
csm_intake_add_source (CsmCase *acase,
                       CsmByteSource *source,
                       const char *name,
                       const char *where,
                       const CsmIntakeOptions *options,
                       CsmProgressCallback progress,
                       gpointer data,
                       CsmIntakeOutcome *ret_outcome,
                       CsmExhibit **ret_exhibit,
                       GCancellable *cancellable,
                       GError **error)
{
  g_return_val_if_fail (acase != NULL && source != NULL && name != NULL, FALSE);
  g_return_val_if_fail (where != NULL, FALSE);
  CsmIntakeOptions copied = { .acquisition = options != NULL ? options->acquisition : NULL };
  g_auto (Intake) self = { .acase = acase,
                           .path = where,
                           .shown = g_filename_display_name (name),
                           .fd = -1,
                           .source = source,
                           .name = name,
                           .progress = progress,
                           .data = data,
                           .cancellable = cancellable,
                           .n_passes = 1,
                           .sha256 = options != NULL ? options->sha256 : NULL };

  self.before.st_size = csm_byte_source_get_size (source);
  return intake_run (&self, &copied, ret_outcome, ret_exhibit, error);
}

/* A linked file by its path, after the quick check: still there, still of that size. */
static CsmMediaSource *
open_linked (const char *path, int64_t size, GError **error)
{
  g_autoptr (CsmMediaSource) source = csm_media_source_new_for_path (path, error);
  struct stat st;
  int n_fds;

  if (source == NULL)
    return NULL;
  if (fstat (csm_media_source_get_fds (source, &n_fds)[0], &st) != 0 || st.st_size != size)
    {
      g_set_error_literal (
          error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_CHANGED,
          "the linked file is not the one that was brought in: its size is "
          "another; put the file back, or import it with --link from where it is");
      return NULL;
    }
  return g_steal_pointer (&source);
}

CsmMediaSource *
csm_intake_open_media (CsmCase *acase, const CsmId *exhibit, GError **error)
{
  g_return_val_if_fail (acase != NULL && exhibit != NULL, NULL);
  g_autofree char *link_path = NULL;
  g_autoptr (GError) local = NULL;
  g_autoptr (CsmMediaRef) ref = csm_case_get_media_ref (acase, exhibit, &link_path, &local);
  CsmMediaStore *store = csm_case_get_media_store (acase);
  uint8_t blob[CSM_MEDIA_SOURCE_MAX_BLOB];
  size_t blob_size = 0;
  int fds[CSM_MEDIA_SOURCE_MAX_FDS];
  CsmMediaSource *source;
  int n_fds;

  if (ref == NULL && local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  if (ref == NULL)
    {
      g_autoptr (CsmExhibit) row = csm_case_get_exhibit (acase, exhibit, error);

      return row == NULL ? NULL : open_linked (link_path, row->size, error);
    }
  if (store == NULL)
    {
      g_set_error_literal (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_MEDIA_MISSING,
                           "the media folder of this case is missing; put it back beside the "
                           "case file");
      return NULL;
    }
  n_fds = csm_media_store_open_parts (store, ref, fds, blob, &blob_size, error);
  if (n_fds == 0)
    return NULL;
  source = csm_media_source_new (fds, n_fds, blob, blob_size);
  /* The contract hands the key over on the stack for this one moment. */
  explicit_bzero (blob, sizeof blob);
  return source;
}
