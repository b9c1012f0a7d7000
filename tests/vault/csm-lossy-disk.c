/* csm-lossy-disk.c: a disk in memory that loses power
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-lossy-disk.h"

#include <errno.h>
#include <string.h>

/* A write, or with no data a truncation to @offset, since the last sync. */
typedef struct
{
  int64_t offset;
  GBytes *data;
} Change;

typedef struct
{
  bool is_folder;
  GByteArray *now;
  GByteArray *durable;
  GPtrArray *changes;
} Inode;

typedef struct
{
  char *path;
  Inode *now; /* NULL: no such name */
  Inode *durable;
} Name;

typedef struct
{
  CsmDiskFile parent;
  Inode *inode;
  int shift; /* where its bytes begin */
} MemoryFile;

static CsmLossyConfig config;
static GPtrArray *names;  /* Name, as they came up: one seed loses the same ones again */
static GPtrArray *inodes; /* all, until the disk is cleared */
static int cut_countdown; /* -1: never */
static CsmLossyFailure failure;
static int fail_countdown; /* -1: never */
static bool has_failed;
static bool has_dropped;
static int n_calls;
static bool dead;
static bool lying;

static guint
roll (guint n)
{
  return (guint) g_test_rand_int () % n;
}

static void
change_free (gpointer data)
{
  Change *change = data;

  g_clear_pointer (&change->data, g_bytes_unref);
  g_free (change);
}

static Inode *
inode_new (bool is_folder)
{
  Inode *inode = g_new0 (Inode, 1);

  inode->is_folder = is_folder;
  inode->now = g_byte_array_new ();
  inode->durable = g_byte_array_new ();
  inode->changes = g_ptr_array_new_with_free_func (change_free);
  g_ptr_array_add (inodes, inode);
  return inode;
}

static void
inode_free (gpointer data)
{
  Inode *inode = data;

  g_byte_array_unref (inode->now);
  g_byte_array_unref (inode->durable);
  g_ptr_array_unref (inode->changes);
  g_free (inode);
}

static void
name_free (gpointer data)
{
  Name *name = data;

  g_free (name->path);
  g_free (name);
}

static void
resize (GByteArray *bytes, int64_t size)
{
  const guint old = bytes->len;

  g_byte_array_set_size (bytes, (guint) size);
  if (bytes->len > old)
    memset (bytes->data + old, 0, bytes->len - old);
}

static void
put (GByteArray *bytes, int64_t offset, const uint8_t *data, int64_t size)
{
  if (size <= 0)
    return;
  if (offset + size > bytes->len)
    resize (bytes, offset + size);
  memcpy (bytes->data + offset, data, (size_t) size);
}

/* Whether this call is the one that fails. */
static bool
is_failing (CsmLossyKind kind)
{
  if (kind != failure.kind || fail_countdown < 0)
    return false;
  if (fail_countdown > 0)
    {
      fail_countdown--;
      return false;
    }
  has_failed = true;
  if (!failure.is_persistent)
    fail_countdown = -1;
  return true;
}

/* 0: go on; ECANCELED: the power goes with this operation; else it fails without effect. */
static int
tick (void)
{
  n_calls++;
  if (dead)
    return EIO;
  if (is_failing (LOSSY_CHANGES))
    return failure.errnum;
  if (cut_countdown >= 0 && cut_countdown-- == 0)
    {
      dead = true;
      return ECANCELED;
    }
  return 0;
}

static int
told (int failed)
{
  return failed == ECANCELED ? EIO : failed;
}

static Name *
get_name (const char *path)
{
  Name *name;

  for (guint i = 0; i < names->len; i++)
    {
      name = g_ptr_array_index (names, i);
      if (strcmp (name->path, path) == 0)
        return name;
    }
  name = g_new0 (Name, 1);
  name->path = g_strdup (path);
  g_ptr_array_add (names, name);
  return name;
}

static bool
has_folder (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  const Name *name = get_name (folder);

  return strcmp (folder, "/") == 0 || (name->now != NULL && name->now->is_folder);
}

static int
lossy_resolve (const char *path, char **ret_path)
{
  *ret_path = g_strdup (path);
  return 0;
}

static int
make_name (const char *path, Name *name, bool is_folder)
{
  const int failed = has_folder (path) ? tick () : ENOENT;

  if (failed == 0 || failed == ECANCELED)
    name->now = inode_new (is_folder);
  return told (failed);
}

static int
lossy_open (const char *path, CsmDiskMode mode, CsmDiskFile **ret_file)
{
  Name *name = get_name (path);
  MemoryFile *file;
  int failed;

  if (dead)
    return EIO;
  if (failure.errnum != 0 && is_failing (LOSSY_READS))
    return failure.errnum;
  if (name->now != NULL && mode == CSM_DISK_CREATE)
    return EEXIST;
  if (name->now == NULL)
    {
      if (mode == CSM_DISK_READ || mode == CSM_DISK_WRITE)
        return ENOENT;
      failed = make_name (path, name, false);
      if (failed != 0)
        return failed;
    }
  if (name->now->is_folder)
    return EISDIR;
  file = g_new0 (MemoryFile, 1);
  file->parent.disk = csm_disk_get ();
  file->inode = name->now;
  file->shift = g_str_has_suffix (path, "-wal") ? config.wal_shift : 0;
  *ret_file = &file->parent;
  return 0;
}

static void
lossy_close (CsmDiskFile *file)
{
  g_free (file);
}

static int
lossy_lock (CsmDiskFile *file, bool exclusive)
{
  return 0;
}

static int
lossy_read (CsmDiskFile *file, void *buffer, size_t size, int64_t offset, size_t *ret_size)
{
  const MemoryFile *memory = (const MemoryFile *) file;
  const GByteArray *now = memory->inode->now;
  size_t got;

  if (dead)
    return EIO;
  n_calls++;
  offset += memory->shift;
  got = (size_t) CLAMP ((int64_t) now->len - offset, 0, (int64_t) size);
  if (is_failing (LOSSY_READS))
    {
      if (failure.errnum != 0)
        return failure.errnum;
      got = got > 0 ? roll ((guint) got) : 0;
    }
  if (got > 0)
    memcpy (buffer, now->data + offset, got);
  *ret_size = got;
  return 0;
}

static void
note_change (Inode *inode, int64_t offset, GBytes *data)
{
  Change *change = g_new0 (Change, 1);

  change->offset = offset;
  change->data = data;
  g_ptr_array_add (inode->changes, change);
}

static void
change (Inode *inode, const void *data, size_t size, int64_t offset)
{
  note_change (inode, offset, g_bytes_new (data, size));
  put (inode->now, offset, data, (int64_t) size);
}

static int
lossy_write (CsmDiskFile *file, const void *data, size_t size, int64_t offset)
{
  MemoryFile *memory = (MemoryFile *) file;
  const int failed = tick ();

  offset += memory->shift;
  if (failed == 0 || failed == ECANCELED)
    change (memory->inode, data, size, offset);
  /* A write that fails may have begun. */
  else if (!dead && size > 0 && roll (2) == 0)
    change (memory->inode, data, roll ((guint) size), offset);
  return told (failed);
}

static int
lossy_truncate (CsmDiskFile *file, int64_t size)
{
  MemoryFile *memory = (MemoryFile *) file;
  const int failed = tick ();

  size += size > 0 ? memory->shift : 0;
  if (failed == 0 || failed == ECANCELED)
    {
      note_change (memory->inode, size, NULL);
      resize (memory->inode->now, size);
    }
  return told (failed);
}

static void
make_durable (GByteArray *bytes, const Change *what)
{
  gsize size;
  const uint8_t *data;

  if (what->data == NULL)
    {
      resize (bytes, what->offset);
      return;
    }
  data = g_bytes_get_data (what->data, &size);
  put (bytes, what->offset, data, (int64_t) size);
}

static int
lossy_sync (CsmDiskFile *file)
{
  Inode *inode = ((MemoryFile *) file)->inode;
  const int failed = tick ();

  if (failed != 0 && (dead || roll (2) == 0))
    return told (failed);
  if (lying)
    return 0;
  has_dropped |= failed != 0;
  for (guint i = 0; i < inode->changes->len; i++)
    if (failed == 0 || roll (2) == 0)
      make_durable (inode->durable, g_ptr_array_index (inode->changes, i));
  g_ptr_array_set_size (inode->changes, 0);
  return told (failed);
}

static int
lossy_get_size (CsmDiskFile *file, int64_t *ret_size)
{
  const MemoryFile *memory = (const MemoryFile *) file;

  if (dead)
    return EIO;
  n_calls++;
  if (failure.errnum != 0 && is_failing (LOSSY_READS))
    return failure.errnum;
  *ret_size = MAX ((int64_t) memory->inode->now->len - memory->shift, 0);
  return 0;
}

static bool
lossy_exists (const char *path)
{
  return get_name (path)->now != NULL;
}

static bool
lossy_is_writable (const char *path)
{
  return true;
}

static int
lossy_unlink (const char *path)
{
  Name *name = get_name (path);
  int failed;

  if (name->now == NULL)
    return ENOENT;
  failed = tick ();
  if (failed == 0 || failed == ECANCELED)
    name->now = NULL;
  return told (failed);
}

static int
lossy_rename_new (const char *from, const char *to)
{
  Name *old = get_name (from);
  Name *new = get_name (to);
  int failed;

  if (old->now == NULL)
    return ENOENT;
  if (new->now != NULL)
    return EEXIST;
  failed = tick ();
  if (failed == 0 || failed == ECANCELED)
    new->now = g_steal_pointer (&old->now);
  return told (failed);
}

static bool
is_in (const char *path, const char *folder)
{
  g_autofree char *parent = g_path_get_dirname (path);

  return strcmp (parent, folder) == 0;
}

static int
lossy_rename_over (const char *from, const char *to)
{
  Name *old = get_name (from);
  Name *new = get_name (to);
  int failed;

  if (old->now == NULL)
    return ENOENT;
  failed = tick ();
  if (failed != EIO)
    new->now = g_steal_pointer (&old->now);
  return failed == 0 ? 0 : EIO;
}

static int
lossy_identify (CsmDiskFile *file, int64_t *ret_device, int64_t *ret_inode)
{
  guint number = 0;

  if (dead)
    return EIO;
  g_assert (g_ptr_array_find (inodes, ((MemoryFile *) file)->inode, &number));
  *ret_device = 1;
  *ret_inode = number;
  return 0;
}

static bool
lossy_is_at (CsmDiskFile *file, const char *path)
{
  return get_name (path)->now == ((MemoryFile *) file)->inode;
}

static int
lossy_sync_folder (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  const int failed = tick ();

  if (failed != 0)
    return told (failed);
  for (guint i = 0; !lying && i < names->len; i++)
    {
      Name *name = g_ptr_array_index (names, i);

      if (is_in (name->path, folder))
        name->durable = name->now;
    }
  return 0;
}

static int
lossy_make_folder (const char *path)
{
  Name *name = get_name (path);

  return name->now != NULL ? EEXIST : make_name (path, name, true);
}

static int
lossy_list (const char *path, GPtrArray **ret_names)
{
  GPtrArray *list;

  if (dead)
    return EIO;
  list = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < names->len; i++)
    {
      const Name *name = g_ptr_array_index (names, i);

      if (name->now != NULL && is_in (name->path, path))
        g_ptr_array_add (list, g_path_get_basename (name->path));
    }
  *ret_names = list;
  return 0;
}

static int
lossy_take_fd (CsmDiskFile *file)
{
  g_free (file);
  return -1;
}

static const CsmDisk lossy_disk = {
  .resolve = lossy_resolve,
  .open = lossy_open,
  .close = lossy_close,
  .lock = lossy_lock,
  .read = lossy_read,
  .write = lossy_write,
  .truncate = lossy_truncate,
  .sync = lossy_sync,
  .get_size = lossy_get_size,
  .exists = lossy_exists,
  .is_writable = lossy_is_writable,
  .unlink = lossy_unlink,
  .rename_new = lossy_rename_new,
  .rename_over = lossy_rename_over,
  .identify = lossy_identify,
  .is_at = lossy_is_at,
  .sync_folder = lossy_sync_folder,
  .make_folder = lossy_make_folder,
  .list = lossy_list,
  .take_fd = lossy_take_fd,
};

/* Losing power */

/* Only bytes of the write itself suffer: a prefix, a suffix, or garbage inside. */
static void
tear_own_bytes (GByteArray *bytes, const Change *change)
{
  gsize size;
  const uint8_t *data = g_bytes_get_data (change->data, &size);
  const int64_t n = (int64_t) size;
  const int64_t cut = n > 0 ? roll ((guint) n) : 0;
  g_autofree uint8_t *garbled = g_memdup2 (data, size);

  switch (roll (4))
    {
    case 0:
      put (bytes, change->offset, data, cut);
      return;
    case 1:
      put (bytes, change->offset + cut, data + cut, n - cut);
      return;
    default:
      for (int64_t i = cut; i < n && roll (2000) != 0; i++)
        garbled[i] = (uint8_t) roll (256);
      put (bytes, change->offset, garbled, n);
    }
}

/* Some sectors are written, one is wrecked, with what else lies in it. */
static void
tear_sectors (GByteArray *bytes, const Change *change)
{
  gsize size;
  const uint8_t *data = g_bytes_get_data (change->data, &size);
  const int64_t end = change->offset + (int64_t) size;
  const int64_t first = change->offset / config.sector;
  const int64_t n = (end + config.sector - 1) / config.sector - first;
  const int64_t bad = n > 0 ? first + roll ((guint) n) : -1;
  const bool zeros = roll (2) == 0;

  for (int64_t sector = first; sector < first + n; sector++)
    {
      const int64_t start = MAX (sector * config.sector, change->offset);
      const int64_t stop = MIN ((sector + 1) * config.sector, end);

      if (sector == bad)
        {
          const int64_t last =
              MIN ((sector + 1) * config.sector, MAX ((int64_t) bytes->len, stop));

          for (int64_t at = sector * config.sector; at < last; at++)
            {
              const uint8_t byte = zeros ? 0 : (uint8_t) roll (256);

              put (bytes, at, &byte, 1);
            }
        }
      else if (roll (2) == 0)
        put (bytes, start, data + (start - change->offset), stop - start);
    }
}

/* @what: 0 dropped, 1 kept, 2 torn */
static void
apply (GByteArray *bytes, const Change *change, int what)
{
  if (what == 1 || (what == 2 && change->data == NULL))
    make_durable (bytes, change);
  else if (what == 2 && config.sector == 0)
    tear_own_bytes (bytes, change);
  else if (what == 2)
    tear_sectors (bytes, change);
}

static void
shuffle (GPtrArray *changes)
{
  for (guint i = changes->len; i > 1; i--)
    {
      const guint other = roll (i);
      gpointer change = g_ptr_array_index (changes, other);

      g_ptr_array_index (changes, other) = g_ptr_array_index (changes, i - 1);
      g_ptr_array_index (changes, i - 1) = change;
    }
}

static void
lose_changes (Inode *inode)
{
  const guint mode = roll (5);

  if (mode == 4)
    shuffle (inode->changes);
  for (guint i = 0; i < inode->changes->len; i++)
    {
      const bool is_last = i + 1 == inode->changes->len;
      int what;

      if (mode == 0)
        what = is_last ? 2 : 1;
      else if (mode == 1)
        what = (int) roll (2);
      else if (mode == 2)
        what = is_last ? (int) roll (3) : 0;
      else
        what = (int) roll (3);
      apply (inode->durable, g_ptr_array_index (inode->changes, i), what);
    }
  g_ptr_array_set_size (inode->changes, 0);
  g_byte_array_set_size (inode->now, 0);
  g_byte_array_append (inode->now, inode->durable->data, inode->durable->len);
}

/* What lay in a folder that is not there is not there. */
static void
drop_lost_folders (void)
{
  for (guint i = 0; i < names->len; i++)
    {
      Name *name = g_ptr_array_index (names, i);

      if (name->now != NULL && !has_folder (name->path))
        name->now = name->durable = NULL;
    }
}

static void
stop_failing (void)
{
  cut_countdown = -1;
  fail_countdown = -1;
  failure = (CsmLossyFailure){ 0 };
}

void
lossy_disk_restart (void)
{
  dead = false;
  stop_failing ();
}

void
lossy_disk_power_on (void)
{
  for (guint i = 0; i < inodes->len; i++)
    lose_changes (g_ptr_array_index (inodes, i));
  for (guint i = 0; i < names->len; i++)
    {
      Name *name = g_ptr_array_index (names, i);

      if (roll (2) == 0)
        name->now = name->durable;
      name->durable = name->now;
    }
  drop_lost_folders ();
  has_dropped = false;
  lossy_disk_restart ();
}

void
lossy_disk_cut_after (int n)
{
  cut_countdown = n;
}

void
lossy_disk_fail (const CsmLossyFailure *new_failure)
{
  failure = new_failure != NULL ? *new_failure : (CsmLossyFailure){ 0 };
  fail_countdown = new_failure != NULL ? new_failure->after : -1;
  has_failed = false;
}

bool
lossy_disk_has_dropped (void)
{
  return has_dropped;
}

bool
lossy_disk_has_failed (void)
{
  return has_failed;
}

int
lossy_disk_count_calls (void)
{
  return n_calls;
}

void
lossy_disk_lie (bool lies)
{
  lying = lies;
}

bool
lossy_disk_is_dead (void)
{
  return dead;
}

GByteArray *
lossy_disk_peek (const char *path)
{
  return get_name (path)->now != NULL ? get_name (path)->now->now : NULL;
}

void
lossy_disk_clear (void)
{
  g_clear_pointer (&names, g_ptr_array_unref);
  g_clear_pointer (&inodes, g_ptr_array_unref);
  names = g_ptr_array_new_with_free_func (name_free);
  inodes = g_ptr_array_new_with_free_func (inode_free);
  dead = false;
  lying = false;
  has_dropped = false;
  stop_failing ();
}

void
lossy_disk_start (const CsmLossyConfig *new_config)
{
  config = *new_config;
  lossy_disk_clear ();
  csm_disk_set (&lossy_disk);
}

void
lossy_disk_stop (void)
{
  csm_disk_set (NULL);
  g_clear_pointer (&names, g_ptr_array_unref);
  g_clear_pointer (&inodes, g_ptr_array_unref);
}
