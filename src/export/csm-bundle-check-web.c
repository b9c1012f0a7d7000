/* csm-bundle-check-web.c: a bundle's Web Annotations against bundle.json
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-bundle-check-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#define ITEMS "\"items\":["
#define END "\n]}\n"

/* As many bodies as the mark says things: none beside those that are compared. */
static bool
has_bodies (const json_t *item, const json_t *mark)
{
  const char *text = csm_json_get_string (mark, "text");
  const size_t n = (text != NULL && *text != '\0' ? 1 : 0) +
                   (csm_json_get_string (mark, "code") != NULL ? 1 : 0);
  const json_t *bodies = json_object_get (item, "body");

  return bodies == NULL ? n == 0 : json_is_array (bodies) && json_array_size (bodies) == n;
}

/* What a body of the purpose @purpose says; NULL for none. */
static const char *
find_body (const json_t *item, const char *purpose)
{
  const json_t *bodies = csm_json_get_array (item, "body");

  for (size_t i = 0; i < json_array_size (bodies); i++)
    {
      const json_t *body = json_array_get (bodies, i);

      if (g_strcmp0 (csm_json_get_string (body, "purpose"), purpose) == 0)
        return csm_json_get_string (body, "value");
    }
  return NULL;
}

static bool
same_value (const json_t *a, const char *key_a, const json_t *b, const char *key_b)
{
  const json_t *left = json_object_get (a, key_a);
  const json_t *right = json_object_get (b, key_b);

  return json_is_null (right) || right == NULL ? left == NULL : json_equal (left, right);
}

/* One target, or an array of them, one a region. */
static bool
same_target (const json_t *target, const CsmCheckedExhibit *exhibit)
{
  const json_t *source = json_object_get (target, "source");

  const char *sha256 = csm_json_get_string (exhibit->json, "sha256");
  const char *file = csm_json_get_string (exhibit->json, "file");
  g_autofree char *urn = g_strdup_printf ("urn:sha256:%s", sha256 != NULL ? sha256 : "");

  return same_value (source, "casement:sha256", exhibit->json, "sha256") &&
         same_value (source, "casement:size", exhibit->json, "size") &&
         same_value (source, "label", exhibit->json, "label") &&
         g_strcmp0 (csm_json_get_string (source, "id"), file != NULL ? file : urn) == 0;
}

static bool
same_targets (const json_t *item, const CsmCheckedExhibit *exhibit, const CsmCheckedMark *mark)
{
  const json_t *target = json_object_get (item, "target");
  const size_t n_regions = json_array_size (csm_json_get_array (mark->json, "regions"));

  if (!json_is_array (target))
    return n_regions == 0 && same_target (target, exhibit);
  for (size_t i = 0; i < json_array_size (target); i++)
    if (!same_target (json_array_get (target, i), exhibit))
      return false;
  return json_array_size (target) == n_regions;
}

/* Whether @text has @what, which begins with @kind, and no other of that kind. */
static bool
has_once (const char *text, const char *kind, const char *what)
{
  const char *first = strstr (text, kind);

  return first != NULL && g_str_has_prefix (first, what) && strstr (first + 1, kind) == NULL;
}

/* "xywh=pixel:1,2,3,4" stands in each region's target, wherever its selectors nest it, and the
 * drawing of the same, when there is one. */
static bool
same_regions (const json_t *item, const CsmCheckedMark *mark)
{
  const json_t *target = json_object_get (item, "target");
  const json_t *regions = csm_json_get_array (mark->json, "regions");

  for (size_t i = 0; i < json_array_size (regions); i++)
    {
      const json_t *region = json_array_get (regions, i);
      int64_t x, y, width, height;
      g_autofree char *fragment = NULL;
      g_autofree char *drawn = NULL;
      char *dumped;
      bool found;

      if (!csm_json_get_int (region, "x", &x) || !csm_json_get_int (region, "y", &y) ||
          !csm_json_get_int (region, "width", &width) ||
          !csm_json_get_int (region, "height", &height))
        return false;
      fragment = g_strdup_printf (
          "xywh=pixel:%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 "\"", x, y, width, height);
      drawn = g_strdup_printf ("<rect x=\\\"%" PRId64 "\\\" y=\\\"%" PRId64
                               "\\\" width=\\\"%" PRId64 "\\\" height=\\\"%" PRId64
                               "\\\"/></svg>\"",
                               x, y, width, height);
      dumped = json_dumps (json_array_get (target, i), JSON_COMPACT);
      found = dumped != NULL && has_once (dumped, "xywh=", fragment) &&
              (strstr (dumped, "<svg") == NULL || has_once (dumped, "<rect", drawn)) &&
              same_value (json_array_get (target, i), "casement:regionFrame", region, "frame");
      free (dumped);
      if (!found)
        return false;
    }
  return true;
}

static bool
same_frames (const json_t *span, const CsmCheckedMark *mark)
{
  static const char *const keys[][2] = {
    { "casement:ordinal", "ordinal" },         { "casement:pts", "pts" },
    { "casement:sha256", "sha256" },           { "casement:width", "width" },
    { "casement:height", "height" },           { "casement:library", "library" },
    { "casement:pixelFormat", "pixel_format" }
  };
  const json_t *there = csm_json_get_array (span, "casement:frames");
  const json_t *frames = csm_json_get_array (mark->json, "frames");

  if (json_array_size (there) != json_array_size (frames))
    return false;
  for (size_t i = 0; i < json_array_size (frames); i++)
    for (size_t k = 0; k < G_N_ELEMENTS (keys); k++)
      if (!same_value (json_array_get (there, i), keys[k][0], json_array_get (frames, i),
                       keys[k][1]))
        return false;
  return true;
}

/* RFC 4122's form of the mark's id. */
static bool
same_urn (const json_t *item, const CsmCheckedMark *mark)
{
  const char *hex = mark->id.hex;
  g_autofree char *urn = g_strdup_printf ("urn:uuid:%.8s-%.4s-%.4s-%.4s-%s", hex, hex + 8,
                                          hex + 12, hex + 16, hex + 20);

  return g_strcmp0 (csm_json_get_string (item, "id"), urn) == 0;
}

static bool
same_span_timebase (const json_t *span, const json_t *mark)
{
  const json_t *pair = csm_json_get_array (mark, "timebase");
  g_autofree char *text = g_strdup_printf ("%" JSON_INTEGER_FORMAT "/%" JSON_INTEGER_FORMAT,
                                           json_integer_value (json_array_get (pair, 0)),
                                           json_integer_value (json_array_get (pair, 1)));

  return g_strcmp0 (csm_json_get_string (span, "casement:timebase"), text) == 0;
}

/* Which revision, and when it was made; one time, of whichever kind. */
static bool
same_made (const json_t *item, const json_t *mark)
{
  const char *created = csm_json_get_string (item, "created");
  const char *modified = csm_json_get_string (item, "modified");

  return (created == NULL || modified == NULL) &&
         csm_bundle_same_text (mark, "time", created != NULL ? created : modified) &&
         same_value (item, "casement:revision", mark, "revision");
}

/* NULL, or what differs. */
static const char *
compare_item (const CsmBundleCheck *check, const json_t *item, const CsmCheckedMark *mark)
{
  const CsmCheckedExhibit *exhibit = mark->exhibit;
  const json_t *span = json_object_get (item, "casement:span");
  const char *creator = csm_json_get_string (json_object_get (item, "creator"), "id");
  const char *reviewer = csm_json_get_string (mark->json, "reviewer");
  const char *name = csm_json_get_string (json_object_get (item, "creator"), "name");
  g_autofree char *key =
      reviewer != NULL ? g_strdup_printf ("urn:casement:key:%s", reviewer) : NULL;

  if (!same_urn (item, mark))
    return _ ("the mark that it is about");
  if (!same_value (span, "casement:track", mark->json, "track") ||
      !same_value (span, "casement:from", mark->json, "from") ||
      !same_value (span, "casement:to", mark->json, "to") ||
      !same_value (span, "casement:fromPts", mark->json, "from_pts") ||
      !same_value (span, "casement:toPts", mark->json, "to_pts"))
    return _ ("the frames that it spans");
  if (!same_span_timebase (span, mark->json))
    return _ ("the time stamps of its frames");
  if (!has_bodies (item, mark->json) ||
      !csm_bundle_same_text (mark->json, "text", find_body (item, "describing")))
    return _ ("the text");
  if (!csm_bundle_same_text (mark->json, "code", find_body (item, "tagging")))
    return _ ("the code");
  if (!same_targets (item, exhibit, mark))
    return _ ("the exhibit");
  if (!same_regions (item, mark))
    return _ ("the regions");
  if (g_strcmp0 (creator, key) != 0 ||
      (key != NULL && g_strcmp0 (name, csm_bundle_find_label (check, mark)) != 0))
    return _ ("the reviewer");
  if (!same_made (item, mark->json))
    return _ ("the time");
  return same_frames (span, mark) ? NULL : _ ("the pictures that it commits to");
}

static void
check_item (CsmCheckedTable *self, int64_t number, const json_t *item)
{
  const char *entry = csm_json_get_string (item, "casement:entry");
  CsmCheckedMark *mark =
      entry != NULL ? g_hash_table_lookup (self->check->by_entry, entry) : NULL;
  const char *differs;

  if (mark == NULL || !g_hash_table_add (self->seen, mark))
    differs = _ ("the mark that it is about");
  else
    differs = compare_item (self->check, item, mark);
  if (differs != NULL)
    csm_checked_table_say_row (self, number, differs);
}

/* The line from @at on, without its end. */
static const char *
find_end (const char *at, const char *end)
{
  const char *line_end = memchr (at, '\n', (size_t) (end - at));

  return line_end != NULL ? line_end : end;
}

/* What is around the annotations, with none of them. */
static bool
is_page (const char *head, size_t size)
{
  g_autoptr (GString) text = g_string_new_len (head, (gssize) size);
  g_autoptr (json_t) page = NULL;

  if (size > CSM_BUNDLE_MAX_ANNOTATION || size < strlen (ITEMS) ||
      memcmp (head + size - strlen (ITEMS), ITEMS, strlen (ITEMS)) != 0)
    return false;
  g_string_append (text, "]}");
  page = json_loadb (text->str, text->len, JSON_REJECT_DUPLICATES, NULL);
  return json_array_size (csm_json_get_array (page, "items")) == 0 && json_is_object (page);
}

/* A line an annotation, with a comma behind all but the last. */
static bool
check_line (CsmCheckedTable *self, int64_t number, const char *line, size_t size, bool last)
{
  g_autoptr (json_t) item = NULL;

  if (size > CSM_BUNDLE_MAX_ANNOTATION || size == 0 || (line[size - 1] == ',') == last)
    return false;
  item = json_loadb (line, last ? size : size - 1, JSON_REJECT_DUPLICATES, NULL);
  if (item != NULL)
    check_item (self, number, item);
  return item != NULL;
}

/* A tree of all of it would take ten times its bytes. */
static bool
check_lines (CsmCheckedTable *self, const char *at, const char *end)
{
  const char *stop = find_end (at, end);
  int64_t number = 0;

  if (!is_page (at, (size_t) (stop - at)))
    return false;
  while ((size_t) (end - stop) > strlen (END))
    {
      at = stop + 1;
      stop = find_end (at, end);
      if (!check_line (self, ++number, at, (size_t) (stop - at),
                       (size_t) (end - stop) == strlen (END)))
        return false;
    }
  return (size_t) (end - stop) == strlen (END) && memcmp (stop, END, strlen (END)) == 0;
}

void
csm_bundle_check_web (CsmCheckedTable *self)
{
  g_autoptr (GBytes) bytes = csm_bundle_read (self->check, self->path, CSM_BUNDLE_MAX_WEB);
  gsize size = 0;
  const char *data = bytes != NULL ? g_bytes_get_data (bytes, &size) : NULL;

  if (bytes == NULL)
    return;
  if (data == NULL || !check_lines (self, data, data + size))
    csm_checked_table_say (self, _ ("is not what it should be"));
  else if (g_hash_table_size (self->seen) != g_hash_table_size (self->check->marks_by_id))
    csm_checked_table_say (self, _ ("has not the marks that bundle.json names"));
}
