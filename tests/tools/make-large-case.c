/* make-large-case.c: a case of as many exhibits and marks as it is told, for benches and long
 * runs SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-body.h"
#include "casefile/csm-case-private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAMES 9000         /* of each exhibit */
#define MARKS_A_CHANGE 5000 /* a transaction holds at most 50,000 rows */
#define LIBRARY "libavcodec 59.37.100"

static void
die (const char *what, const GError *error)
{
  fprintf (stderr, "make-large-case: %s: %s\n", what, error->message);
  exit (1);
}

/* Words of a few thousand, some frequent and some rare, as in a language. */
static void
add_word (GString *text, GRand *rand)
{
  static const char *const syllables[] = { "ba",  "ton", "ar",  "rest", "гра", "нат",
                                           "cor", "don", "пло", "щадь", "smo", "ke",
                                           "van", "off", "ice", "r" };
  int rank = (int) (4000 / (1 + g_rand_int_range (rand, 0, 1000)));

  for (int i = 0; i < 3; i++, rank /= 16)
    g_string_append (text, syllables[(rank + i) % 16]);
}

static char *
make_text (GRand *rand)
{
  GString *text = g_string_new (NULL);
  int n = g_rand_int_range (rand, 3, 15);

  for (int i = 0; i < n; i++)
    {
      if (i > 0)
        g_string_append_c (text, ' ');
      add_word (text, rand);
    }
  return g_string_free (text, FALSE);
}

static void
fill (GRand *rand, void *data, size_t size)
{
  for (size_t i = 0; i < size; i++)
    ((uint8_t *) data)[i] = (uint8_t) g_rand_int (rand);
}

static GPtrArray *
add_exhibits (CsmCase *acase, int n_exhibits, GRand *rand)
{
  GPtrArray *exhibits = g_ptr_array_new_with_free_func ((GDestroyNotify) csm_exhibit_free);

  for (int i = 0; i < n_exhibits; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (CsmAcquisition) acquisition = csm_acquisition_new ();
      g_autofree char *name = g_strdup_printf ("VID_%08d.mp4", i);
      g_autofree char *path = g_strdup_printf ("/nowhere/%s", name);
      const CsmMediaFacts facts = { .state = CSM_INDEX_EXACT,
                                    .status = "exact",
                                    .format = "mov,mp4",
                                    .codec = "h264",
                                    .width = 1920,
                                    .height = 1080,
                                    .n_frames = FRAMES,
                                    .duration_ms = FRAMES * 40 };
      CsmExhibit *exhibit;
      CsmDigest sha256;

      fill (rand, &sha256, sizeof sha256);
      g_free (acquisition->notes);
      acquisition->notes = make_text (rand);
      exhibit = csm_case_add_exhibit (acase, name, path, &sha256, 40000000 + i, acquisition,
                                      NULL, path, &error);
      if (exhibit == NULL || !csm_case_set_media_facts (acase, &exhibit->id, &facts, &error))
        die ("add an exhibit", error);
      g_ptr_array_add (exhibits, exhibit);
    }
  return exhibits;
}

static void
sign_mark (CsmChange *change, const CsmExhibit *exhibit, const char *code, GRand *rand)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = make_text (rand);
  CsmRegion region = { .rect = { 100, 100, 320, 240 } };
  CsmMark mark = { .id = csm_id_new (),
                   .exhibit = exhibit->id,
                   .timebase = { 1, 25 },
                   .code = (char *) code,
                   .text = text,
                   .regions = &region,
                   .n_regions = 1 };
  CsmFrameCommit frames[2] = { { .pixel_format = "yuv420p", .width = 1920, .height = 1080 } };
  g_autoptr (json_t) body = NULL;

  mark.from = g_rand_int_range (rand, 0, FRAMES - 100);
  mark.to = mark.from + g_rand_int_range (rand, 1, 100);
  mark.from_pts = mark.from;
  mark.to_pts = mark.to;
  region.frame = mark.from;
  g_strlcpy (frames[0].library, LIBRARY, sizeof frames[0].library);
  frames[1] = frames[0];
  for (int i = 0; i < 2; i++)
    {
      frames[i].ordinal = frames[i].pts = i == 0 ? mark.from : mark.to;
      fill (rand, &frames[i].sha256, sizeof frames[i].sha256);
    }
  body = csm_mark_body_build (&mark, &exhibit->sha256, frames, 2);
  if (!csm_change_sign (change, "mark.set", &mark.id, NULL, body, NULL, &error))
    die ("sign a mark", error);
}

static void
add_marks (CsmCase *acase, GPtrArray *exhibits, int n_marks, GRand *rand)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) codes = csm_case_list_codes (acase, &error);

  if (codes == NULL)
    die ("read the codebook", error);
  for (int done = 0; done < n_marks; done += MARKS_A_CHANGE)
    {
      g_autoptr (CsmChange) change = csm_change_begin (acase, &error);

      if (change == NULL)
        die ("begin", error);
      for (int i = done; i < MIN (done + MARKS_A_CHANGE, n_marks); i++)
        {
          const int at = g_rand_int_range (rand, 0, (int) exhibits->len);
          const CsmCode *code =
              g_ptr_array_index (codes, (guint) g_rand_int_range (rand, 0, (int) codes->len));

          sign_mark (change, g_ptr_array_index (exhibits, (guint) at), code->id, rand);
        }
      if (!csm_change_commit (change, &error))
        die ("commit", error);
    }
}

/* make-large-case CASE PASSPHRASE EXHIBITS MARKS */
int
main (int argc, char **argv)
{
  g_autoptr (CsmSecret) passphrase = NULL;
  g_autoptr (CsmCase) acase = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) exhibits = NULL;
  g_autoptr (GRand) rand = g_rand_new_with_seed (9082020);
  CsmCaseOptions options = { .title = "Large", .reviewer = "Anna", .cost = { 1, 8192 } };

  if (argc != 5)
    return 2;
  passphrase = csm_secret_new_from (argv[2], strlen (argv[2]));
  options.passphrase = passphrase;
  acase = csm_case_create (argv[1], &options, NULL, &error);
  if (acase == NULL)
    die ("create", error);
  exhibits = add_exhibits (acase, atoi (argv[3]), rand);
  add_marks (acase, exhibits, atoi (argv[4]), rand);
  return 0;
}
