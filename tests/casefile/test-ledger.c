/* test-ledger.c: the ledger as people read it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-case-fixture.h"

#include "casefile/csm-apply.h"
#include "casefile/csm-case-private.h"
#include "custody/csm-chain.h"

#include <string.h>

static void
test_a_sentence_for_each_kind (CaseFixture *self, gconstpointer data)
{
  static const char *const expected[] = {
    "exhibit.add|Imported E-0001, a.mp4",
    "exhibit.add|Linked E-0002, b.mp4, which stays where it is, not encrypted",
    "exhibit.set|Changed what is said about E-0001",
    "mark.set|Marked E-0001 frames 10 to 25 as baton",
    "mark.set|Marked E-0001 frame 3",
    "mark.set|Changed a mark: E-0001 frames 10 to 26 as baton",
    "mark.frames|Committed to the pictures of the mark on E-0001 frames 10 to 26",
    "mark.remove|Removed the mark on E-0001 frames 10 to 26",
    "exhibit.index|Decoded every frame of E-0001 and kept its frame index",
    "code.set|Changed the code baton: Truncheon",
    "exhibit.remove|Removed E-0001",
    "exhibit.restore|Restored E-0001",
    "key.changed|Changed the passphrase",
    "access.opened|Opened the case",
    "access.locked|Locked the case",
    "access.verified|Ran verify",
    "access.extracted|Wrote the file of E-0001 out of the case",
    "access.exported|Exported from the case",
    "access.exported|Exported from E-0001",
  };
  g_autoptr (GError) error = NULL;
  const int64_t n = csm_case_count_entries (self->acase, NULL);
  g_autoptr (CsmExhibit) a = case_fixture_import (self, "a.mp4", 100, 1);
  g_autoptr (CsmExhibit) b = case_fixture_link (self, "b.mp4", &error);
  g_autoptr (CsmAcquisition) acquisition = csm_acquisition_new ();
  g_autoptr (CsmMark) m1 = NULL;
  g_autoptr (CsmMark) m2 = NULL;
  g_autoptr (GBytes) index = g_bytes_new_static ("i", 1);
  g_autoptr (GPtrArray) rows = NULL;
  CsmFrameCommit commit = {
    .ordinal = 10, .pixel_format = "yuv420p", .width = 2, .height = 2, .library = "Lavc"
  };
  const CsmCode code = { (char *) "baton", (char *) "Truncheon", (char *) "", (char *) "",
                         NULL };
  CsmCase *acase = self->acase;

  g_assert_true (csm_case_set_acquisition (acase, &a->id, acquisition, &error));
  m1 = case_fixture_mark (self, a, 10, 25, "baton", "");
  m2 = case_fixture_mark (self, a, 3, 3, NULL, "");
  m1->to = 26;
  g_assert_true (csm_case_set_mark (acase, m1, NULL, 0, NULL, &error));
  g_assert_true (csm_case_commit_frames (acase, &m1->id, &commit, 1, &error));
  g_assert_true (csm_case_remove_mark (acase, &m1->id, &error));
  g_assert_true (csm_case_set_index (acase, &a->id, index, true, "Lavc", 5, &error));
  g_assert_true (csm_case_set_code (acase, &code, &error));
  g_assert_true (csm_case_remove_exhibit (acase, &a->id, &error));
  g_assert_true (csm_case_restore_exhibit (acase, &a->id, &error));
  g_assert_true (csm_case_change_passphrase (acase, self->passphrase, &error));
  g_assert_true (csm_case_record_access (acase, "opened", NULL, NULL, &error));
  g_assert_true (csm_case_record_access (acase, "locked", NULL, NULL, &error));
  g_assert_true (csm_case_record_access (acase, "verified", NULL, NULL, &error));
  g_assert_true (csm_case_record_access (acase, "extracted", &a->id, NULL, &error));
  g_assert_true (csm_case_record_access (acase, "exported", NULL, NULL, &error));
  g_assert_true (csm_case_record_access (acase, "exported", &a->id, NULL, &error));
  g_assert_no_error (error);

  rows = csm_case_list_ledger (acase, n, 1000, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (rows->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < rows->len; i++)
    {
      const CsmLedgerRow *row = rows->pdata[i];
      g_autofree char *line = g_strdup_printf ("%s|%s", row->kind, row->summary);

      g_assert_cmpstr (line, ==, expected[i]);
      g_assert_cmpstr (row->author, ==, "Anna");
      g_assert_cmpint (row->lamport, ==, n + i + 1);
      g_assert_cmpint (row->seq, ==, n + i + 1);
    }
  g_assert_cmpstr (((CsmLedgerRow *) rows->pdata[0])->subject, ==, a->id.hex);
  g_assert_cmpstr (((CsmLedgerRow *) rows->pdata[9])->subject, ==, NULL);
  case_fixture_assert_holds (self);
}

static void
test_pages_of_entries (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  const CsmId id = csm_case_get_id (self->acase);
  g_autoptr (CsmChainCheck) check = csm_chain_check_new (&id);
  const int64_t n = csm_case_count_entries (self->acase, &error);
  int64_t seen = 0;
  g_autoptr (GPtrArray) past = NULL;

  for (;;)
    {
      g_autoptr (GPtrArray) page = csm_case_list_entries (self->acase, seen, 7, &error);

      g_assert_no_error (error);
      if (page->len == 0)
        break;
      g_assert_cmpuint (page->len, <=, 7);
      for (guint i = 0; i < page->len; i++)
        {
          g_assert_true (csm_chain_check_add (check, page->pdata[i], &error));
          g_assert_true (csm_apply_knows_kind (csm_entry_get_kind (page->pdata[i])));
        }
      seen += page->len;
    }
  g_assert_cmpint (seen, ==, n);
  past = csm_case_list_ledger (self->acase, n + 5, 10, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (past->len, ==, 0);
}

/* What no row says any more: who looks at the file with the key finds the words once. */
static void
test_source_path_stays_out (CaseFixture *self, gconstpointer data)
{
  g_autoptr (CsmExhibit) exhibit = case_fixture_import (self, "a.mp4", 100, 1);

  g_assert_cmpint (
      case_fixture_get_int (self, "SELECT count (*) FROM kept_media WHERE"
                                  " instr (source_path, CAST ('/media/stick' AS BLOB)) > 0"),
      ==, 1);
  g_assert_cmpint (case_fixture_get_int (self,
                                         "SELECT count (*) FROM entry WHERE"
                                         " instr (body, CAST ('/media/stick' AS BLOB)) > 0"),
                   ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  case_fixture_add ("/casement/casefile/ledger/a-sentence-for-each-kind",
                    test_a_sentence_for_each_kind);
  case_fixture_add ("/casement/casefile/ledger/pages-of-entries", test_pages_of_entries);
  case_fixture_add ("/casement/casefile/ledger/source-path-stays-out",
                    test_source_path_stays_out);
  return g_test_run ();
}
