/* csm-secret.c: bytes that must not be swapped, dumped or left behind
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-secret.h"

#include <sodium.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

struct _CsmSecret
{
  gatomicrefcount ref_count;

  /* Immutable */
  size_t size;
  uint8_t *bytes; /* sodium_malloc */
};

CsmSecret *
csm_secret_new (size_t size)
{
  g_return_val_if_fail (size > 0, NULL);

  /* Safe to call again and from any thread; without it sodium has no canary. */
  if (sodium_init () < 0)
    g_error ("no random generator");

  CsmSecret *self = g_new0 (CsmSecret, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->size = size;
  self->bytes = sodium_malloc (size);
  if (self->bytes == NULL)
    g_error ("no guarded memory left");
  sodium_memzero (self->bytes, size);
  return self;
}

CsmSecret *
csm_secret_new_from (const void *data, size_t size)
{
  g_return_val_if_fail (data != NULL, NULL);

  CsmSecret *self = csm_secret_new (size);

  if (self != NULL)
    memcpy (self->bytes, data, size);
  return self;
}

CsmSecret *
csm_secret_new_random (size_t size)
{
  CsmSecret *self = csm_secret_new (size);

  if (self != NULL)
    randombytes_buf (self->bytes, size);
  return self;
}

CsmSecret *
csm_secret_ref (CsmSecret *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
csm_secret_unref (CsmSecret *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;
  sodium_free (self->bytes); /* wipes */
  g_free (self);
}

const uint8_t *
csm_secret_peek (const CsmSecret *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->bytes;
}

uint8_t *
csm_secret_data (CsmSecret *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->bytes;
}

size_t
csm_secret_get_size (const CsmSecret *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->size;
}

bool
csm_secret_equal (const CsmSecret *a, const CsmSecret *b)
{
  g_return_val_if_fail (a != NULL && b != NULL, false);
  return a->size == b->size && sodium_memcmp (a->bytes, b->bytes, a->size) == 0;
}

void
csm_process_harden (void)
{
  const struct rlimit none = { 0, 0 };

  /* A reader that went away is an error of the pipe, a worker that did is one of its socket; a
   * limit on file sizes is an error of the write that met it. */
  (void) signal (SIGPIPE, SIG_IGN);
  (void) signal (SIGXFSZ, SIG_IGN);

  /* Neither can fail for a process that lowers its own limits; going on with core dumps
   * enabled would break a promise, so a surprise ends the process. */
  if (setrlimit (RLIMIT_CORE, &none) != 0)
    g_error ("cannot turn off core dumps: %s", g_strerror (errno));
#if !defined(__SANITIZE_ADDRESS__) /* whose leak check is a ptrace by the same user */
  if (prctl (PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
    g_error ("cannot turn off ptrace: %s", g_strerror (errno));
#endif
}
