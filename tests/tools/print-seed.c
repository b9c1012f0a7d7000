/* print-seed.c: the seed of the key that signs in a case, so that a test can sign what it
 * changed SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-hash.h"
#include "casefile/csm-case-export.h"

#include <stdio.h>
#include <string.h>

static GBytes *
dump (CsmSigner *signer, gpointer data, GError **error)
{
  CsmSecret *seed = csm_signer_get_seed (signer);
  char *hex = csm_hex_encode (csm_secret_peek (seed), CSM_SEED_SIZE);

  return g_bytes_new_take (hex, strlen (hex));
}

/* print-seed CASE PASSPHRASE */
int
main (int argc, char **argv)
{
  g_autoptr (CsmSecret) passphrase = NULL;
  g_autoptr (CsmCase) acase = NULL;
  g_autoptr (GBytes) hex = NULL;
  g_autoptr (GError) error = NULL;

  if (argc != 3)
    return 2;
  passphrase = csm_secret_new_from (argv[2], strlen (argv[2]));
  acase = csm_case_open (argv[1], passphrase, false, &error);
  hex = acase != NULL ? csm_case_use_signer (acase, dump, NULL, &error) : NULL;
  if (hex == NULL)
    {
      fprintf (stderr, "print-seed: %s\n", error->message);
      return 1;
    }
  printf ("%.*s\n", (int) g_bytes_get_size (hex), (const char *) g_bytes_get_data (hex, NULL));
  return 0;
}
