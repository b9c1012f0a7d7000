/* csm-report-limits.c: the report's blocks: limits, glossary, the draft statement
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-report-text.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

/* ---- Limits ---- */

static void
add_points (GPtrArray *blocks, const char *const *points)
{
  for (int i = 0; points[i] != NULL; i++)
    csm_report_add (blocks, CSM_REPORT_POINT, _ (points[i]));
}

void
csm_report_add_limits (GPtrArray *blocks, const CsmDossier *dossier)
{
  static const char *const shows[] = {
    N_ ("Each entry is signed with the key of one reviewer and names the entry before it. An "
        "entry that anyone without the reviewers' keys changed, removed, moved or added is "
        "detected."),
    N_ ("The SHA-256 of an exhibit shows whether a file is, byte for byte, the one that was "
        "taken "
        "into the case."),
    N_ ("The hashes of marked frames show whether a picture is the one that the reviewer "
        "marked, "
        "when it is decoded in the way that the section Method states."),
    NULL,
  };
  static const char *const hides[] = {
    N_ ("The ledger begins when a file is taken in. It says nothing of what happened to the "
        "file "
        "before, of who made it, or of whether what it seems to show took place."),
    N_ ("The people who hold the reviewers' keys, acting together, can rewrite everything "
        "since "
        "the last receipt that somebody else keeps."),
    N_ ("Times in the ledger are read from the clock of the computer that signed. A clock can "
        "be "
        "wrong, or be set wrong."),
    N_ ("A signature shows that a key was used, not which person used it."),
    N_ ("Entries whose content is withheld keep their place in the chain. What they say is not "
        "in this bundle, and this report does not rest on it."),
    N_ ("Marks, codes and texts are what reviewers state. Casement does not judge them."),
    N_ ("What a file says about itself (its time, place and device) can be set to anything by "
        "whoever has it."),
    N_ ("Another decoder, and a web browser above all, may show damaged files, colours and "
        "times "
        "in another way. The stills in this bundle were decoded as the section Method states."),
    NULL,
  };
  g_autofree char *witness = csm_dating_describe_witness (&dossier->dating);
  g_autofree char *dated = NULL;

  csm_report_add_heading (blocks, 1, "limits", _ ("Limits"));
  csm_report_add_heading (blocks, 2, "limits-shows", _ ("What the ledger shows"));
  add_points (blocks, shows);
  if (dossier->receipt != NULL)
    {
      g_autofree char *made = csm_time_describe (dossier->made);
      char code[CSM_RECEIPT_CODE_LENGTH + 1];

      csm_receipt_code (csm_receipt_get_sha256 (dossier->receipt), code);
      dated = g_strdup_printf (
          _ ("The receipt %s stands for the ledger as it was on %s. Held against it, the "
             "ledger detects changes made after the receipt of that date, and changes by "
             "anyone "
             "without the reviewers' keys."),
          code, made);
      csm_report_add (blocks, CSM_REPORT_POINT, dated);
    }
  csm_report_add_heading (blocks, 2, "limits-not", _ ("What it does not show"));
  add_points (blocks, hides);
  csm_report_add_heading (blocks, 2, "limits-dated", _ ("By what it is dated"));
  csm_report_add (blocks, CSM_REPORT_PARAGRAPH, witness);
}

/* ---- Glossary ---- */

void
csm_report_add_glossary (GPtrArray *blocks)
{
  static const struct
  {
    const char *term, *meaning;
  } terms[] = {
    { N_ ("Acquisition"),
      N_ ("How an exhibit came to the reviewers: from whom or where, when, by "
          "what means.") },
    { N_ ("Bundle"),
      N_ ("What left the case: a folder with a signed list of its files, which can "
          "be checked without Casement.") },
    { N_ ("Case"), N_ ("One investigation, with one ledger.") },
    { N_ ("Chain"), N_ ("One reviewer's entries in one copy of the case, each naming the one "
                        "before.") },
    { N_ ("Code"), N_ ("A term of the codebook, which is the case's fixed vocabulary; it has a "
                       "definition.") },
    { N_ ("Custody record"),
      N_ ("An entry about the handling of evidence: taking in, checking, "
          "access, transfer, export.") },
    { N_ ("Entry"), N_ ("One signed record in the ledger.") },
    { N_ ("Exhibit"), N_ ("One source file in the case. Its number, such as E-0001, is a label "
                          "given when it was taken in.") },
    { N_ ("Frame"), N_ ("One picture of a video, numbered from 0 in the order of display.") },
    { N_ ("Ledger"), N_ ("All entries of a case.") },
    { N_ ("Mark"), N_ ("A reviewer's note on a span of frames of one exhibit, with or without "
                       "code, text and regions.") },
    { N_ ("Media time"), N_ ("Time within the file, by its own time stamps.") },
    { N_ ("Receipt"),
      N_ ("A short code that stands for the state of the ledger at one moment.") },
    { N_ ("Region"), N_ ("A rectangle on a frame, in the frame's own pixels.") },
    { N_ ("Reviewer"), N_ ("A person with a signing key in the case.") },
    { N_ ("SHA-256"),
      N_ ("A short value computed from bytes. No two different files with the same "
          "value are known.") },
    { N_ ("Source hash"), N_ ("The SHA-256 of a file's bytes as received.") },
    { N_ ("Still"), N_ ("One frame as decoded, as a picture file.") },
  };
  CsmReportBlock *block;

  csm_report_add_heading (blocks, 1, "glossary", _ ("Glossary"));
  block = csm_report_add (blocks, CSM_REPORT_FIELDS, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (terms); i++)
    csm_report_add_field (block, _ (terms[i].term), _ (terms[i].meaning));
}

/* ---- Statement ---- */

static void
add_blank (GPtrArray *blocks, const char *text, int lines)
{
  csm_report_add (blocks, CSM_REPORT_BLANK, text)->level = lines;
}

static void
add_statement_items (GPtrArray *blocks, const CsmDossier *dossier)
{
  CsmReportBlock *table = csm_report_add (blocks, CSM_REPORT_TABLE, NULL);

  table->n_columns = 4;
  memcpy (table->widths, (int[]){ 12, 28, 14, 46 }, sizeof table->widths);
  csm_report_add_row (table, (const char *[]){ _ ("Exhibit"), _ ("Name as received"),
                                               _ ("Bytes"), _ ("SHA-256") });
  for (unsigned i = 0; i < dossier->exhibits->len; i++)
    {
      const CsmDossierExhibit *exhibit = g_ptr_array_index (dossier->exhibits, i);
      g_autofree char *size = g_strdup_printf ("%" PRId64, exhibit->exhibit->size);
      char hex[CSM_DIGEST_HEX_SIZE];

      csm_digest_to_hex (&exhibit->exhibit->sha256, hex);
      csm_report_add_row (
          table, (const char *[]){ exhibit->label, exhibit->exhibit->name, size, hex });
    }
}

static bool
has_all_files (const CsmDossier *dossier)
{
  for (unsigned i = 0; i < dossier->exhibits->len; i++)
    if (((CsmDossierExhibit *) g_ptr_array_index (dossier->exhibits, i))->file == NULL)
      return false;
  return true;
}

static void
add_statement_text (GPtrArray *blocks, const CsmDossier *dossier)
{
  g_autofree char *tool = g_strdup_printf (
      _ ("When each file was taken in, Casement computed its SHA-256 over the bytes as "
         "received, "
         "in the same pass that read them. This bundle was made by Casement %s."),
      CSM_VERSION);

  csm_report_add (blocks, CSM_REPORT_POINT, tool);
  if (has_all_files (dossier))
    csm_report_add (
        blocks, CSM_REPORT_POINT,
        _ ("While the bundle was made, the bytes of each file were hashed again. The two "
           "values "
           "are equal: else no bundle would have been made. SHA-512 was computed as well, for "
           "the bundle's manifest."));
  else
    csm_report_add (
        blocks, CSM_REPORT_POINT,
        _ ("Not every file is in the bundle. Those that are were hashed again while "
           "it was made, with equal values; the others were not."));
  csm_report_add (
      blocks, CSM_REPORT_POINT,
      _ ("A hash is a value computed from all bytes of a file. If a single bit of a copy "
         "differs, "
         "its hash differs. Equal hashes identify a copy as having the same content."));
  csm_report_add (
      blocks, CSM_REPORT_POINT,
      _ ("Since it was taken in, each file has been kept in the case's encrypted media "
         "store, or where it was when it was linked; the section Custody lists what "
         "was done with it."));
  if (dossier->receipt != NULL)
    {
      char hex[CSM_DIGEST_HEX_SIZE];
      g_autofree char *receipt = NULL;

      csm_digest_to_hex (csm_receipt_get_sha256 (dossier->receipt), hex);
      receipt = g_strdup_printf (
          _ ("The state of the ledger is named by the receipt with the SHA-256 %s."), hex);
      csm_report_add (blocks, CSM_REPORT_POINT, receipt);
    }
  csm_report_add (blocks, CSM_REPORT_POINT,
                  _ ("This statement does not speak to the truth of what the files show."));
}

void
csm_report_add_statement (GPtrArray *blocks, const CsmDossier *dossier)
{
  const unsigned first = blocks->len;

  csm_report_add_heading (blocks, 1, "statement", _ ("Draft statement of integrity"));
  csm_report_add (
      blocks, CSM_REPORT_PARAGRAPH,
      _ ("DRAFT – to be completed and signed by a qualified person, who answers for every "
         "sentence and changes what does not hold. Its points follow Federal Rule of Evidence "
         "902(14) of the United States; other courts ask for other forms."));
  add_blank (blocks, _ ("Court, parties, number of the proceedings"), 2);
  add_blank (blocks, _ ("Name of the person who certifies"), 1);
  add_blank (blocks, _ ("Title, employer"), 1);
  add_blank (blocks, _ ("Training and experience that qualify this person"), 2);
  csm_report_add_heading (blocks, 2, "statement-items", _ ("Files"));
  add_statement_items (blocks, dossier);
  add_blank (blocks, _ ("Device or place that the files came from; how, when and by whom"), 2);
  csm_report_add_heading (blocks, 2, "statement-how", _ ("Process"));
  add_statement_text (blocks, dossier);
  add_blank (blocks, _ ("How the signer knows this, and checked it"), 2);
  csm_report_add (
      blocks, CSM_REPORT_PARAGRAPH,
      _ ("I declare under penalty of perjury under the laws of the United States of America "
         "that the foregoing is true and correct (28 U.S.C. § 1746)."));
  add_blank (blocks, _ ("Date"), 1);
  add_blank (blocks, _ ("Signature"), 1);
  for (unsigned i = first; i < blocks->len; i++)
    ((CsmReportBlock *) g_ptr_array_index (blocks, i))->draft = true;
}
