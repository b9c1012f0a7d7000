/* test-marks-csv.c: marks as a table that any spreadsheet opens
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-marks-csv.h"

#include "dossier-fixture.h"

#include <string.h>

#define HEADER                                                                             \
  "exhibit,file,sha256,track,from,to,from_time,to_time,code,text,x,y,width,height,author," \
  "time,entry,mark,from_pts,to_pts,timebase_num,timebase_den,region_frame\r\n"

/* (transfer full): of one mark on frames 0 to 1 of E-0001. */
static char *
write_table (const char *code, const char *text, int n_regions)
{
  CsmDossier *dossier = dossier_fixture_new ();
  CsmDossierExhibit *exhibit = dossier_fixture_get_exhibit (dossier, 1);
  g_autoptr (GPtrArray) marks = g_ptr_array_new ();
  g_autoptr (GPtrArray) exhibits = g_ptr_array_new ();
  g_autoptr (GBytes) csv = NULL;
  CsmDossierMark *mark;
  char *table;

  dossier_fixture_clear_marks (dossier);
  mark = dossier_fixture_add_mark (dossier, exhibit, 0, 0, 1, code, text);
  for (int i = 0; i < n_regions; i++)
    dossier_fixture_add_region (mark, i, (CsmRect){ i, 2, 30, 40 });
  g_ptr_array_add (marks, mark->mark);
  g_ptr_array_add (exhibits, exhibit->exhibit);
  csv = csm_marks_csv_write (marks, exhibits);
  table = g_strndup (g_bytes_get_data (csv, NULL), g_bytes_get_size (csv));
  dossier_fixture_free (dossier);
  return table;
}

#define START                                                                 \
  "E-0001,\"found, \"\"1\"\".ts\","                                           \
  "0101010101010101010101010101010101010101010101010101010101010101,v:0,0,1," \
  "00:00:01.440,00:00:01.473,"
#define END                                                           \
  "Reviewer A,2020-09-13T12:26:40.123Z,"                              \
  "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1," \
  "aa000000000000000000000000000001,129600,132600,1,90000,"

static void
test_is_the_table_it_says (void)
{
  g_autofree char *bare = write_table (NULL, NULL, 0);
  g_autofree char *full = write_table ("baton", "says \"stop\"\nthen hits", 2);

  g_assert_cmpstr (bare, ==, HEADER START ",,,,,," END "\r\n");
  g_assert_cmpstr (full, ==,
                   HEADER START
                   "baton,\"says \"\"stop\"\"\nthen hits\",0,2,30,40," END "0\r\n" START
                   "baton,\"says \"\"stop\"\"\nthen hits\",1,2,30,40," END "1\r\n");
}

static void
test_runs_no_formula (void)
{
  const char *const texts[] = { "=1+1", "+1", "-1", "@x",    "\tx",   "\n=1",
                                " =1",  "|x", "%x", "＝1+1", "  ＠x", "=cmd|' /C calc'!A0" };

  for (unsigned i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *csv = write_table (NULL, texts[i], 0);
      g_autofree char *cell = g_strdup_printf (",\"'%s\",", texts[i]);

      g_assert_nonnull (strstr (csv, cell));
    }
}

static void
test_an_apostrophe_in_front_is_the_guard (void)
{
  g_autofree char *csv = write_table (NULL, "'=1", 0);

  g_assert_nonnull (strstr (csv, ",\"''=1\","));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, test) g_test_add_func ("/casement/export/marks-csv/" name, test)
  ADD ("is-the-table-it-says", test_is_the_table_it_says);
  ADD ("runs-no-formula", test_runs_no_formula);
  ADD ("an-apostrophe-in-front-is-the-guard", test_an_apostrophe_in_front_is_the_guard);
  return g_test_run ();
}
