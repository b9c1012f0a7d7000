/* test-view.c: the words of views, and their windows
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/csm-error.h"
#include "media/csm-view.h"

static void
assert_words (const char *said, const char *canonical)
{
  CsmView view = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  csm_view_parse (said, &view, &error);
  g_assert_no_error (error);
  g_assert_true (csm_view_check (&view));
  text = csm_view_format (&view);
  g_assert_cmpstr (text, ==, canonical);
}

static void
words_come_back (void)
{
  assert_words ("", "");
  assert_words ("brightness=0.1,deinterlace", "deinterlace,brightness=0.10");
  assert_words ("brightness=-0.05", "brightness=-0.05");
  assert_words ("contrast=1.5,gamma=0.1", "contrast=1.50,gamma=0.10");
  assert_words ("contrast=1", "");
  assert_words ("sharpen=3,denoise=20,stabilise,grey",
                "denoise=20,stabilise,sharpen=3.00,grey");
  assert_words ("field=bottom,channel=v", "field=bottom,channel=v");
  assert_words ("crop=0:8:640:360,zoom=2,rotate=0", "crop=0:8:640:360,zoom=2,rotate=0");
  assert_words ("rotate=270", "rotate=270");
}

static void
others_are_refused (void)
{
  static const char *const wrong[] = {
    "sepia",
    "brightness",
    "brightness=1.01",
    "brightness=-1.01",
    "brightness=0.001",
    "brightness=1e-1",
    "brightness= 0.1",
    "brightness=+0.1",
    "contrast=4.01",
    "gamma=0.09",
    "gamma=-1",
    "gamma=",
    "denoise=21",
    "denoise=1.5",
    "denoise=-1",
    "deinterlace=1",
    "grey=0",
    "field=left",
    "field=",
    "channel=R",
    "zoom=1",
    "zoom=9",
    "rotate=45",
    "crop=1:2:3",
    "crop=1:2:0:4",
    "crop=1:2:3:4:5",
    "crop=-1:2:3:4",
    "crop=1:2:3:99999",
    "grey,grey",
    "deinterlace,field=top",
    ",",
    "grey,",
    "brightness=0.1.2",
    "eq=gamma=2",
    "brightness=.5",
    "movie=/etc/passwd",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      CsmView view = { .grey = 1 };
      g_autoptr (GError) error = NULL;

      if (csm_view_parse (wrong[i], &view, &error))
        g_error ("“%s” was taken", wrong[i]);
      g_assert_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_UNSUPPORTED);
      g_assert_cmpint (view.grey, ==, 1);
    }
}

static void
numbers_are_bounded (void)
{
  g_assert_true (csm_view_check (&(CsmView){ .gamma = -90, .zoom = 8, .channel = CSM_VIEW_V }));
  g_assert_false (csm_view_check (&(CsmView){ .gamma = -91 }));
  g_assert_false (csm_view_check (&(CsmView){ .zoom = 1 }));
  g_assert_false (csm_view_check (&(CsmView){ .channel = CSM_VIEW_V + 1 }));
  g_assert_false (csm_view_check (&(CsmView){ .grey = 2 }));
  g_assert_false (csm_view_check (&(CsmView){ .crop_width = 4 }));
  g_assert_false (csm_view_check (&(CsmView){ .crop_x = 4 }));
  g_assert_false (csm_view_check (&(CsmView){ .field = 1, .deinterlace = 1 }));
}

static void
assert_window (CsmView view, int64_t ordinal, int64_t first, int64_t last)
{
  int64_t got_first, got_last;

  csm_view_get_window (&view, ordinal, 100, &got_first, &got_last);
  g_assert_cmpint (got_first, ==, first);
  g_assert_cmpint (got_last, ==, last);
}

static void
windows_depend_on_the_frame_alone (void)
{
  assert_window ((CsmView){ .brightness = 10 }, 50, 50, 50);
  assert_window ((CsmView){ .deinterlace = 1 }, 0, 0, 1);
  assert_window ((CsmView){ .deinterlace = 1 }, 50, 49, 51);
  assert_window ((CsmView){ .deinterlace = 1 }, 99, 98, 99);
  assert_window ((CsmView){ .denoise = 1 }, 15, 0, 15);
  assert_window ((CsmView){ .denoise = 1 }, 16, 0, 16);
  assert_window ((CsmView){ .denoise = 1 }, 47, 16, 47);
  assert_window ((CsmView){ .stabilise = 1, .deinterlace = 1 }, 48, 32, 49);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define FACT(what, run) g_test_add_func ("/casement/media/view/" what, run)
  FACT ("words-come-back", words_come_back);
  FACT ("others-are-refused", others_are_refused);
  FACT ("numbers-are-bounded", numbers_are_bounded);
  FACT ("windows-depend-on-the-frame-alone", windows_depend_on_the_frame_alone);
  return g_test_run ();
}
