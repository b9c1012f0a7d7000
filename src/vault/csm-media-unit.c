/* csm-media-unit.c: units of a stored file: sealing, opening, counting
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-aead.h"
#include "vault/csm-media-private.h"
#include "vault/csm-pack.h"

#define LABEL "casement-media-v1"
#define LABEL_SIZE (sizeof LABEL - 1)
#define LABEL_FIELD 24
#define MIB_UNITS 16
#define NONCE_SIZE CSM_AEAD_NONCE_SIZE
#define AD_SIZE (LABEL_SIZE + 2 * CSM_VAULT_ID_SIZE + 8)

G_STATIC_ASSERT (CSM_MEDIA_UNIT_CONTENT + CSM_AEAD_TAG_SIZE == CSM_MEDIA_UNIT_SIZE);

static uint32_t part_units = CSM_MEDIA_PART_UNITS;

void
csm_media_set_part_units (uint32_t units)
{
  part_units = units != 0 ? units : CSM_MEDIA_PART_UNITS;
}

uint32_t
csm_media_get_part_units (void)
{
  return part_units;
}

static int
log2_floor (uint64_t value)
{
  return (int) g_bit_storage (value) - 1;
}

/* Padme (Nikitin et al., 2019): keeps the top bits that say how large, and rounds up the rest:
 * sizes fall together, for at most 12 % more. */
static uint64_t
round_padme (uint64_t size)
{
  const int exponent = log2_floor (size);
  const int kept = log2_floor ((uint64_t) exponent) + 1;
  const uint64_t mask = ((uint64_t) 1 << (exponent - kept)) - 1;

  return (size + mask) & ~mask;
}

int64_t
csm_media_count_units (int64_t size)
{
  const uint64_t units =
      1 + ((uint64_t) size + CSM_MEDIA_UNIT_CONTENT - 1) / CSM_MEDIA_UNIT_CONTENT;
  const uint64_t padded =
      (round_padme (units * CSM_MEDIA_UNIT_SIZE) + CSM_MEDIA_UNIT_SIZE - 1) /
      CSM_MEDIA_UNIT_SIZE;

  return (int64_t) ((padded + MIB_UNITS - 1) / MIB_UNITS * MIB_UNITS);
}

void
csm_media_shape_clear (CsmMediaShape *self)
{
  g_clear_pointer (&self->key, csm_secret_unref);
}

int
csm_media_shape_count_parts (const CsmMediaShape *self)
{
  const int64_t parts =
      (csm_media_count_units (self->size) + self->part_units - 1) / self->part_units;

  return (int) MIN (parts, CSM_MEDIA_MAX_PARTS + 1); /* too many is too many */
}

int64_t
csm_media_shape_get_part_size (const CsmMediaShape *self, int part)
{
  const int64_t before = (int64_t) part * self->part_units;

  return MIN (csm_media_count_units (self->size) - before, self->part_units) *
         CSM_MEDIA_UNIT_SIZE;
}

static void
make_nonce (uint8_t nonce[NONCE_SIZE], int64_t number)
{
  memset (nonce, 0, NONCE_SIZE);
  csm_store64 (nonce, (uint64_t) number);
}

static void
make_ad (uint8_t ad[AD_SIZE], int64_t number, const CsmMediaShape *shape)
{
  memcpy (ad, LABEL, LABEL_SIZE);
  memcpy (ad + LABEL_SIZE, shape->case_id, CSM_VAULT_ID_SIZE);
  memcpy (ad + LABEL_SIZE + CSM_VAULT_ID_SIZE, shape->name, CSM_VAULT_ID_SIZE);
  csm_store64 (ad + LABEL_SIZE + 2 * CSM_VAULT_ID_SIZE, (uint64_t) number);
}

void
csm_media_unit_seal (uint8_t *ret_sealed,
                     const uint8_t *content,
                     int64_t number,
                     const CsmMediaShape *shape)
{
  uint8_t nonce[NONCE_SIZE];
  uint8_t ad[AD_SIZE];

  make_nonce (nonce, number);
  make_ad (ad, number, shape);
  csm_aead_seal (ret_sealed, ret_sealed + CSM_MEDIA_UNIT_CONTENT, content,
                 CSM_MEDIA_UNIT_CONTENT, ad, sizeof ad, nonce, csm_secret_peek (shape->key));
}

bool
csm_media_unit_open (uint8_t *ret_content,
                     const uint8_t *sealed,
                     int64_t number,
                     const CsmMediaShape *shape)
{
  uint8_t nonce[NONCE_SIZE];
  uint8_t ad[AD_SIZE];

  make_nonce (nonce, number);
  make_ad (ad, number, shape);
  return csm_aead_open (ret_content, sealed, CSM_MEDIA_UNIT_CONTENT,
                        sealed + CSM_MEDIA_UNIT_CONTENT, ad, sizeof ad, nonce,
                        csm_secret_peek (shape->key));
}

static void
encode_header (uint8_t content[CSM_MEDIA_UNIT_CONTENT], const CsmMediaShape *shape)
{
  memset (content, 0, CSM_MEDIA_UNIT_CONTENT);
  memcpy (content, LABEL, LABEL_SIZE);
  csm_store64 (content + LABEL_FIELD, (uint64_t) shape->size);
  csm_store64 (content + LABEL_FIELD + 8, (uint64_t) csm_media_count_units (shape->size));
  csm_store32 (content + LABEL_FIELD + 16, shape->part_units);
}

void
csm_media_header_seal (uint8_t *ret_sealed, const CsmMediaShape *shape)
{
  g_autofree uint8_t *content = g_malloc (CSM_MEDIA_UNIT_CONTENT);

  encode_header (content, shape);
  csm_media_unit_seal (ret_sealed, content, 0, shape);
}

bool
csm_media_header_open (const uint8_t *sealed, CsmMediaShape *shape)
{
  g_autofree uint8_t *content = g_malloc (CSM_MEDIA_UNIT_CONTENT);
  g_autofree uint8_t *expected = g_malloc (CSM_MEDIA_UNIT_CONTENT);
  uint32_t units;

  if (!csm_media_unit_open (content, sealed, 0, shape))
    return false;
  units = csm_load32 (content + LABEL_FIELD + 16);
  if (units == 0)
    return false;
  shape->part_units = units;
  encode_header (expected, shape);
  return memcmp (content, expected, CSM_MEDIA_UNIT_CONTENT) == 0;
}
