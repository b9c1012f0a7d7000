/* say-secrets.c: what must be in no memory and no file: the keys of a case, and its thumbnails
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case.h"
#include "vault/csm-vault-private.h"

#include <stdio.h>
#include <string.h>

static void
say (const char *name, const void *data, size_t size)
{
  const uint8_t *bytes = data;

  printf ("%s\t", name);
  for (size_t i = 0; i < size; i++)
    printf ("%02x", bytes[i]);
  printf ("\n");
}

static void
say_key (const char *name, const CsmSecret *key)
{
  say (name, csm_secret_peek (key), csm_secret_get_size (key));
}

static gboolean
say_thumbnails (CsmCase *acase, GError **error)
{
  g_autoptr (GPtrArray) exhibits = csm_case_list_exhibits (acase, error);

  for (unsigned i = 0; exhibits != NULL && i < exhibits->len; i++)
    {
      const CsmExhibit *exhibit = g_ptr_array_index (exhibits, i);
      g_autoptr (GBytes) png = csm_case_get_thumbnail (acase, &exhibit->id, NULL);

      if (png != NULL)
        say ("thumbnail", g_bytes_get_data (png, NULL), g_bytes_get_size (png));
    }
  return exhibits != NULL;
}

/* say-secrets CASE PASSPHRASE: name, tab, hexadecimal digits */
int
main (int argc, char **argv)
{
  g_autoptr (CsmSecret) passphrase = NULL;
  g_autoptr (CsmCase) acase = NULL;
  g_autoptr (GError) error = NULL;
  CsmVault *vault;

  if (argc != 3)
    return 2;
  passphrase = csm_secret_new_from (argv[2], strlen (argv[2]));
  acase = csm_case_open (argv[1], passphrase, true, &error);
  if (acase != NULL)
    {
      vault = csm_case_get_vault (acase);
      say_key ("data key", vault->data_key);
      say_key ("page key", vault->page_key);
      say_key ("WAL key", vault->wal_key);
      say_key ("slot secret", vault->slot_secret);
      (void) say_thumbnails (acase, &error); /* told below */
    }
  if (error != NULL)
    fprintf (stderr, "say-secrets: %s\n", error->message);
  return error != NULL ? 1 : 0;
}
