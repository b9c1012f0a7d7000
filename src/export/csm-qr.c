/* csm-qr.c: a short secret text as a QR code
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-qr.h"

#include <qrencode.h>
#include <string.h>

struct _CsmQr
{
  int size;
  CsmSecret *modules; /* a byte each, row by row */
};

/* The bits of each byte are flags; the lowest says dark. */
#define DARK 1

CsmQr *
csm_qr_new (const CsmSecret *text)
{
  const size_t size =
      strnlen ((const char *) csm_secret_peek (text), csm_secret_get_size (text));
  g_autoptr (CsmSecret) closed = csm_secret_new (size + 1);
  CsmQr *self;
  QRcode *code;
  size_t n;

  memcpy (csm_secret_data (closed), csm_secret_peek (text), size);
  code = QRcode_encodeString ((const char *) csm_secret_peek (closed), 0, QR_ECLEVEL_M,
                              QR_MODE_8, 1);
  if (code == NULL)
    return NULL;
  n = (size_t) code->width * (size_t) code->width;
  self = g_new0 (CsmQr, 1);
  self->size = code->width;
  self->modules = csm_secret_new_from (code->data, n);
  explicit_bzero (code->data, n);
  QRcode_free (code);
  return self;
}

void
csm_qr_free (CsmQr *self)
{
  if (self == NULL)
    return;
  csm_secret_unref (self->modules);
  g_free (self);
}

int
csm_qr_get_size (const CsmQr *self)
{
  return self->size;
}

bool
csm_qr_is_dark (const CsmQr *self, int x, int y)
{
  g_return_val_if_fail (x >= 0 && y >= 0 && x < self->size && y < self->size, false);
  return (csm_secret_peek (self->modules)[y * self->size + x] & DARK) != 0;
}
