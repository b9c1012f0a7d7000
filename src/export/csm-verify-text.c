/* csm-verify-text.c: VERIFY.txt, how to check a bundle without Casement
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case-export.h"
#include "custody/csm-key-words.h"
#include "custody/csm-minisign.h"
#include "export/csm-bundle-parts.h"
#include "export/csm-verify-text-resource.h"

#include <inttypes.h>
#include <string.h>

#define RECIPE_PATH "/org/casement/export/verify.txt"

/* (transfer full): a name cannot begin a line, which would be a command. */
static char *
make_harmless (const char *name)
{
  GString *text = g_string_new (NULL);

  for (const char *c = name; *c != '\0'; c = g_utf8_next_char (c))
    {
      const gunichar letter = g_utf8_get_char (c);

      g_string_append_unichar (text, g_unichar_isprint (letter) ? letter : '?');
    }
  return g_string_free (text, FALSE);
}

/* (transfer full): the words of the exporter's key, four a line. */
static char *
make_words (const uint8_t key[CSM_PUBLIC_KEY_SIZE])
{
  g_autofree char *words = csm_key_words (key);
  g_auto (GStrv) list = g_strsplit (words, " ", -1);
  GString *text = g_string_new (NULL);

  for (int i = 0; list[i] != NULL; i++)
    {
      g_string_append (text, i % 4 == 0 ? (i > 0 ? "\n  " : "  ") : " ");
      g_string_append (text, list[i]);
    }
  return g_string_free (text, FALSE);
}

/* (transfer full): which file is whose key. */
static char *
list_keys (const CsmDossier *dossier, bool files)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < dossier->reviewers->len; i++)
    {
      const CsmDossierReviewer *reviewer = dossier->reviewers->pdata[i];
      const char *newline = i > 0 ? "\n" : "";

      if (files)
        g_string_append_printf (text, "%s        %s)\n          echo data/%s.pem ;;", newline,
                                reviewer->key, reviewer->key_file);
      else
        g_string_append_printf (text, "%s    is_key %s", newline, reviewer->key);
    }
  return g_string_free (text, FALSE);
}

static void
add_stamp (GString *text, guint number, const CsmStampFiles *stamp)
{
  g_autofree char *stem = csm_bundle_stamp_file (number);
  g_autofree char *when = csm_time_describe (stamp->time);

  g_string_append_printf (text,
                          "%s:\n\n"
                          "    openssl ts -verify -data data/%s.json \\\n"
                          "      -in data/%s.tsr -token_in \\\n"
                          "      -CAfile data/%s-ca.pem \\\n",
                          when, stem, stem, stem);
  if (stamp->chain != NULL)
    g_string_append_printf (text, "      -untrusted data/%s-chain.pem \\\n", stem);
  g_string_append_printf (text,
                          "      -attime %" PRId64 " > \"$work/said\" 2>&1 ||\n"
                          "      fail data/%s.tsr\n"
                          "    heads_are_there data/%s.json\n\n",
                          stamp->time / 1000, stem, stem);
}

/* (transfer full) */
static char *
list_stamps (const GPtrArray *stamps)
{
  GString *text = g_string_new (NULL);

  if (stamps->len == 0)
    g_string_append (
        text, "There are none: by what is in this bundle, these entries are dated by the\n"
              "clocks of the computers that signed them, and by nothing else.\n");
  else
    g_string_append (
        text, "Services outside have stamped earlier receipts (RFC 3161): the entries that\n"
              "lead to such a receipt's heads were there at its time. Whether to trust a\n"
              "service is up to you: the CA file came with its time stamp.\n\n");
  for (guint i = 0; i < stamps->len; i++)
    add_stamp (text, i, stamps->pdata[i]);
  return g_string_free (text, FALSE);
}

/* Values by the words that stand for them in the recipe. */
typedef struct
{
  const char *word;
  char *value; /* owned */
} Blank;

GBytes *
csm_verify_text_write (const CsmDossier *dossier, const GPtrArray *stamps)
{
  g_autoptr (GBytes) recipe = g_resource_lookup_data (
      csm_verify_text_get_resource (), RECIPE_PATH, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  GString *text =
      g_string_new_len (g_bytes_get_data (recipe, NULL), (gssize) g_bytes_get_size (recipe));
  char code[CSM_RECEIPT_CODE_LENGTH + 1];
  uint8_t bytes[CSM_PUBLIC_KEY_SIZE] = { 0 };
  CsmMinisignKey key;

  (void) csm_hex_decode (dossier->exporter->key, bytes, sizeof bytes); /* made from bytes */
  csm_minisign_key_init (&key, bytes);
  csm_receipt_code (csm_receipt_get_sha256 (dossier->receipt), code);

  /* The label last: nothing of it is taken for a word. */
  const Blank blanks[] = { { "@WORDS@", make_words (bytes) },
                           { "@KEY@", csm_minisign_key_to_base64 (&key) },
                           { "@COMMENT@", g_strdup (CSM_MINISIGN_COMMENT) },
                           { "@KEYS@", list_keys (dossier, true) },
                           { "@KEY_CHECKS@", list_keys (dossier, false) },
                           { "@CASE@", g_strdup (dossier->case_id.hex) },
                           { "@CODE@", g_strdup (code) },
                           { "@STAMPS@", list_stamps (stamps) },
                           { "@LABEL@", make_harmless (dossier->exporter->label) } };

  for (size_t i = 0; i < G_N_ELEMENTS (blanks); i++)
    {
      g_string_replace (text, blanks[i].word, blanks[i].value, 0);
      g_free (blanks[i].value);
    }
  return g_string_free_to_bytes (text);
}
