/* csm-byte-source.h: random access to the bytes of an exhibit, wherever they are
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <stdint.h>
#include <sys/types.h>

/* CsmByteSource: an immutable run of bytes with a known size.
 *
 * Ownership  reference counted; csm_byte_source_unref() takes NULL.
 * Threads    read_at from one thread at a time.
 * Errors     CSM_BASE_ERROR, or the implementing room's own. */
typedef struct _CsmByteSource CsmByteSource;

typedef struct
{
  /* Reads up to @size bytes at @offset; short only at the end. -1 with @error set. */
  ssize_t (*read_at) (gpointer data, int64_t offset, void *buffer, size_t size, GError **error);
  void (*free) (gpointer data);
} CsmByteSourceClass;

/* (transfer full): takes @data. @klass is static. */
CsmByteSource *csm_byte_source_new (int64_t size,
                                    const CsmByteSourceClass *klass,
                                    gpointer data);
/* (transfer full) (nullable): a plain file; takes @fd, which is closed with the source or on
 * failure. The size is what fstat says now. pread only: the offset of @fd does not move. */
CsmByteSource *csm_byte_source_new_for_fd (int fd, GError **error);
CsmByteSource *csm_byte_source_ref (CsmByteSource *self);
void csm_byte_source_unref (CsmByteSource *self);

int64_t csm_byte_source_get_size (const CsmByteSource *self);
/* Bytes read, short only at the end of the source, 0 past it, -1 with @error set: before the
 * start, or when the bytes end earlier than the size said. */
ssize_t csm_byte_source_read_at (CsmByteSource *self,
                                 int64_t offset,
                                 void *buffer,
                                 size_t size,
                                 GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmByteSource, csm_byte_source_unref)
