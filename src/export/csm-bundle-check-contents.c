/* csm-bundle-check-contents.c: what a bundle says of itself against its ledger
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-bundle-check-private.h"

#include "custody/csm-public-key.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define CONTENTS "data/bundle.json"
#define MAX_KEY_SIZE 4096
#define FORMAT_VERSION 1

void
csm_checked_reviewer_free (gpointer data)
{
  CsmCheckedReviewer *reviewer = data;

  g_free (reviewer->file);
  g_free (reviewer);
}

static void
checked_mark_free (gpointer data)
{
  CsmCheckedMark *mark = data;

  csm_mark_body_free (mark->body);
  g_ptr_array_unref (mark->more);
  g_free (mark);
}

void
csm_checked_exhibit_free (gpointer data)
{
  CsmCheckedExhibit *exhibit = data;

  g_free (exhibit->label);
  g_free (exhibit->file);
  g_ptr_array_unref (exhibit->marks);
  json_decref (exhibit->said);
  g_free (exhibit);
}

/* ---- bundle.json ---- */

/* (transfer full) (nullable): "exhibits/E-0001.mp4" as a path from the bag's folder, when such
 * a file is there. */
static char *
find_file (CsmBundleCheck *self, const char *path)
{
  g_autofree char *full = g_strconcat ("data/", path, NULL);

  if (csm_bag_folder_find (self->folder, full) != NULL)
    return g_steal_pointer (&full);
  csm_bundle_say (self, CSM_FINDING_BROKEN, full, _ ("is missing: bundle.json names it"));
  return NULL;
}

static bool
read_id (const json_t *object, const char *key, CsmId *ret_id)
{
  const char *hex = csm_json_get_string (object, key);

  return hex != NULL && csm_id_parse (hex, ret_id);
}

static bool
read_digest (const json_t *object, const char *key, CsmDigest *ret_digest)
{
  const char *hex = csm_json_get_string (object, key);

  return hex != NULL && csm_digest_from_hex (hex, ret_digest);
}

static bool
read_mark (CsmBundleCheck *self, CsmCheckedExhibit *exhibit, const json_t *json)
{
  g_autofree CsmCheckedMark *mark = g_new0 (CsmCheckedMark, 1);
  char hex[CSM_DIGEST_HEX_SIZE];

  mark->exhibit = exhibit;
  mark->json = json;
  if (!read_id (json, "id", &mark->id) || !read_digest (json, "entry", &mark->entry))
    return false;
  csm_digest_to_hex (&mark->entry, hex);
  if (g_hash_table_contains (self->marks_by_id, mark->id.hex) ||
      g_hash_table_contains (self->by_entry, hex))
    return false;
  mark->more = g_ptr_array_new_with_free_func ((GDestroyNotify) json_decref);
  g_ptr_array_add (exhibit->marks, mark);
  g_hash_table_insert (self->marks_by_id, mark->id.hex, mark);
  g_hash_table_insert (self->by_entry, g_strdup (hex), g_steal_pointer (&mark));
  return true;
}

static bool
read_exhibit (CsmBundleCheck *self, const json_t *json)
{
  CsmCheckedExhibit *exhibit = g_new0 (CsmCheckedExhibit, 1);
  const char *label = csm_json_get_string (json, "label");
  const char *file = csm_json_get_string (json, "file");
  const json_t *marks = csm_json_get_array (json, "marks");

  exhibit->marks = g_ptr_array_new_with_free_func (checked_mark_free);
  exhibit->json = json;
  g_ptr_array_add (self->exhibits, exhibit);
  if (label == NULL || marks == NULL || !read_id (json, "id", &exhibit->id) ||
      !read_digest (json, "sha256", &exhibit->sha256) ||
      !csm_json_get_int (json, "size", &exhibit->size) ||
      g_hash_table_contains (self->exhibits_by_id, exhibit->id.hex))
    return false;
  exhibit->label = g_strdup (label);
  exhibit->file = file != NULL ? find_file (self, file) : NULL;
  g_hash_table_insert (self->exhibits_by_id, exhibit->id.hex, exhibit);
  for (size_t i = 0; i < json_array_size (marks); i++)
    if (!read_mark (self, exhibit, json_array_get (marks, i)))
      return false;
  return true;
}

/* "ledger/keys/reviewer-a": both of its files must hold the key. */
static void
check_key_files (CsmBundleCheck *self, const CsmCheckedReviewer *reviewer)
{
  g_autofree char *pem_path = g_strconcat (reviewer->file, ".pem", NULL);
  g_autofree char *pub_path = g_strconcat (reviewer->file, ".pub", NULL);
  g_autoptr (GBytes) pem = csm_bundle_read (self, pem_path, MAX_KEY_SIZE);
  g_autoptr (GBytes) pub = csm_bundle_read (self, pub_path, MAX_KEY_SIZE);
  g_autoptr (GBytes) expected_pem = csm_public_key_write_pem (reviewer->bytes);
  g_autoptr (GBytes) expected_pub = NULL;
  CsmMinisignKey key;

  csm_minisign_key_init (&key, reviewer->bytes);
  expected_pub = csm_minisign_key_write (&key);
  if (pem != NULL && !g_bytes_equal (pem, expected_pem))
    csm_bundle_say (self, CSM_FINDING_BROKEN, pem_path,
                    _ ("is not the key that bundle.json names"));
  if (pub != NULL && !g_bytes_equal (pub, expected_pub))
    csm_bundle_say (self, CSM_FINDING_BROKEN, pub_path,
                    _ ("is not the key that bundle.json names"));
}

static bool
read_reviewers (CsmBundleCheck *self)
{
  const json_t *array = csm_json_get_array (self->bundle, "reviewers");

  for (size_t i = 0; i < json_array_size (array); i++)
    {
      const json_t *json = json_array_get (array, i);
      const char *key = csm_json_get_string (json, "key");
      const char *file = csm_json_get_string (json, "key_file");
      CsmCheckedReviewer *reviewer;

      if (key == NULL || file == NULL || strlen (key) != 64)
        return false;
      reviewer = g_new0 (CsmCheckedReviewer, 1);
      g_strlcpy (reviewer->key, key, sizeof reviewer->key);
      reviewer->file = g_strconcat ("data/", file, NULL);
      g_ptr_array_add (self->reviewers, reviewer);
      if (!csm_hex_decode (key, reviewer->bytes, sizeof reviewer->bytes))
        return false;
      check_key_files (self, reviewer);
    }
  return array != NULL;
}

static bool
read_shape (CsmBundleCheck *self)
{
  const json_t *exhibits = csm_json_get_array (self->bundle, "exhibits");
  /* "case" is an object in itself. */
  const json_t *about = json_object_get (self->bundle, "case");

  if (exhibits == NULL || !read_id (about, "id", &self->case_id) || !read_reviewers (self) ||
      !csm_time_parse (csm_json_get_string (self->bundle, "made"), &self->dating.made))
    return false;
  for (size_t i = 0; i < json_array_size (exhibits); i++)
    if (!read_exhibit (self, json_array_get (exhibits, i)))
      return false;
  return true;
}

/* More than one value has a comma before it, or an open bracket: what the tree will take is
 * known before it is made. */
static bool
has_too_many_values (GBytes *bytes)
{
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);
  int64_t n = 1;
  bool quoted = false;

  for (gsize i = 0; i < size; i++)
    if (data[i] == '"')
      quoted = !quoted;
    else if (quoted)
      i += data[i] == '\\' ? 1 : 0;
    else
      n += data[i] == ',' || data[i] == '[' || data[i] == '{';
  return n > CSM_BUNDLE_MAX_VALUES;
}

bool
csm_bundle_read_contents (CsmBundleCheck *self)
{
  g_autoptr (GBytes) bytes = csm_bundle_read (self, CONTENTS, CSM_BUNDLE_MAX_CONTENTS);
  g_autoptr (GError) error = NULL;
  int64_t version;

  if (bytes == NULL)
    return false;
  if (has_too_many_values (bytes))
    {
      csm_bundle_say (self, CSM_FINDING_BROKEN, CONTENTS,
                      _ ("holds more than %d values, which is more than a bundle has"),
                      CSM_BUNDLE_MAX_VALUES);
      return false;
    }
  self->bundle = csm_json_decode (bytes, &error);
  if (self->bundle == NULL)
    {
      csm_bundle_say (self, CSM_FINDING_BROKEN, CONTENTS, "%s", error->message);
      return false;
    }
  if (!csm_json_get_int (self->bundle, "v", &version) || version != FORMAT_VERSION)
    {
      csm_bundle_say (self, CSM_FINDING_BROKEN, CONTENTS,
                      _ ("is in a form that this program does not know: check it with the one "
                         "that made it"));
      return false;
    }
  self->exporter = csm_json_get_string (self->bundle, "exporter");
  if (self->exporter != NULL &&
      !csm_hex_decode (self->exporter, self->exporter_bytes, sizeof self->exporter_bytes))
    self->exporter = NULL;
  if (read_shape (self))
    return true;
  csm_bundle_say (self, CSM_FINDING_BROKEN, CONTENTS, _ ("is not what it should be"));
  return false;
}

/* ---- The ledger's entries ---- */

/* The entry that bundle.json names for a mark. */
static void
take_named (CsmBundleCheck *self, CsmCheckedMark *mark, const CsmEntry *entry)
{
  const char *kind = csm_entry_get_kind (entry);
  const json_t *content = csm_entry_get_content (entry);
  g_autoptr (GError) error = NULL;

  mark->there = true;
  if (kind != NULL && strcmp (kind, "mark.set") != 0)
    csm_bundle_say (self, CSM_FINDING_BROKEN, mark->exhibit->label,
                    _ ("the entry that bundle.json names for a mark is of another kind, %s"),
                    kind);
  else if (kind != NULL && content != NULL)
    {
      mark->body = csm_mark_body_parse (entry, content, &error);
      if (mark->body == NULL)
        csm_bundle_say (self, CSM_FINDING_BROKEN, mark->exhibit->label, "%s", error->message);
    }
}

/* An entry about a mark of the bundle. */
static void
take_mark (CsmBundleCheck *self, const CsmEntry *entry, const char *kind)
{
  const CsmId *subject = csm_entry_get_subject (entry);
  CsmCheckedMark *mark =
      subject != NULL ? g_hash_table_lookup (self->marks_by_id, subject->hex) : NULL;
  const json_t *content = csm_entry_get_content (entry);
  CsmDigest of;
  json_t *frames;

  if (mark == NULL)
    return;
  if (strcmp (kind, "mark.frames") != 0)
    {
      mark->newest = *csm_entry_get_id (entry);
      mark->newest_kind = strcmp (kind, "mark.remove") == 0 ? "mark.remove" : "mark.set";
      return;
    }
  frames = content != NULL ? csm_json_get_array (content, "frames") : NULL;
  if (frames != NULL && read_digest (content, "mark_entry", &of) &&
      csm_digest_equal (&of, &mark->entry))
    g_ptr_array_add (mark->more, json_incref (frames)); /* the entry goes */
}

static void
say_differs (CsmBundleCheck *self, const char *where, const char *what)
{
  csm_bundle_say (self, CSM_FINDING_BROKEN, where,
                  /* Translators: what differs: "the text" */
                  _ ("bundle.json says other than its entry in the ledger: %s"), what);
}

/* Whether it is there, and what is said of it: by the entry that is replayed last. */
static void
take_state (CsmBundleCheck *self, CsmCheckedExhibit *exhibit, const CsmEntry *entry)
{
  const char *kind = csm_entry_get_kind (entry);
  const json_t *content = csm_entry_get_content (entry);

  if (strcmp (kind, "exhibit.remove") == 0 || strcmp (kind, "exhibit.restore") == 0)
    exhibit->removed = strcmp (kind, "exhibit.remove") == 0;
  if (strcmp (kind, "exhibit.add") == 0 || strcmp (kind, "exhibit.set") == 0)
    {
      g_clear_pointer (&exhibit->said, json_decref);
      exhibit->said = json_incref ((json_t *) content); /* NULL stays NULL */
    }
  if (strcmp (kind, "exhibit.add") == 0 && content != NULL &&
      g_strcmp0 (csm_json_get_string (content, "name"),
                 csm_json_get_string (exhibit->json, "name")) != 0)
    say_differs (self, exhibit->label, _ ("the name of the file"));
}

/* What stands behind labels: of a code's entries the last counts, of a reviewer's the first. */
static void
take_word (CsmBundleCheck *self, const char *kind, const json_t *content)
{
  const bool code = strcmp (kind, "code.set") == 0;
  const char *id = csm_json_get_string (content, code ? "id" : "key");
  const char *name = csm_json_get_string (content, "name");

  if (id != NULL && code)
    g_hash_table_insert (self->codes, g_strdup (id), json_incref ((json_t *) content));
  else if (id != NULL && name != NULL && !g_hash_table_contains (self->names, id))
    g_hash_table_insert (self->names, g_strdup (id), g_strdup (name));
}

static void
take_exhibit (CsmBundleCheck *self, const CsmEntry *entry)
{
  const CsmId *subject = csm_entry_get_subject (entry);
  CsmCheckedExhibit *exhibit =
      subject != NULL ? g_hash_table_lookup (self->exhibits_by_id, subject->hex) : NULL;
  const json_t *content = csm_entry_get_content (entry);
  CsmDigest sha256;
  int64_t size;

  if (exhibit != NULL)
    take_state (self, exhibit, entry);
  if (exhibit == NULL || content == NULL || !read_digest (content, "sha256", &sha256))
    return;
  exhibit->named = true;
  if (!csm_digest_equal (&sha256, &exhibit->sha256) ||
      (csm_json_get_int (content, "size", &size) && size != exhibit->size))
    csm_bundle_say (self, CSM_FINDING_BROKEN, exhibit->label,
                    _ ("an entry of the ledger names another file than bundle.json"));
}

void
csm_bundle_take_entry (CsmBundleCheck *self, const CsmEntry *entry)
{
  const char *kind = csm_entry_get_kind (entry);
  char hex[CSM_DIGEST_HEX_SIZE];
  CsmCheckedMark *mark;

  csm_digest_to_hex (csm_entry_get_id (entry), hex);
  mark = g_hash_table_lookup (self->by_entry, hex);
  if (mark != NULL)
    take_named (self, mark, entry);
  if (kind == NULL)
    return;
  if (g_str_has_prefix (kind, "mark."))
    take_mark (self, entry, kind);
  else if (g_str_has_prefix (kind, "exhibit."))
    take_exhibit (self, entry);
  else if ((strcmp (kind, "code.set") == 0 || strcmp (kind, "reviewer.add") == 0) &&
           csm_entry_get_content (entry) != NULL)
    take_word (self, kind, csm_entry_get_content (entry));
}

/* ---- Against each other ---- */

static bool
same_int (const json_t *json, const char *key, int64_t value)
{
  int64_t said;

  return csm_json_get_int (json, key, &said) && said == value;
}

/* Ticks in decimal, null for none. */
static bool
same_pts (const json_t *json, const char *key, int64_t pts)
{
  int64_t said;

  if (pts == CSM_NO_PTS)
    return json_is_null (json_object_get (json, key));
  return csm_json_get_decimal (json, key, &said) && said == pts;
}

static bool
same_timebase (const json_t *json, CsmTimebase timebase)
{
  const json_t *pair = csm_json_get_array (json, "timebase");

  return json_array_size (pair) == 2 &&
         json_integer_value (json_array_get (pair, 0)) == timebase.num &&
         json_integer_value (json_array_get (pair, 1)) == timebase.den;
}

static bool
same_regions (const json_t *json, const CsmMark *mark)
{
  const json_t *regions = csm_json_get_array (json, "regions");

  if (regions == NULL || json_array_size (regions) != (size_t) mark->n_regions)
    return false;
  for (int i = 0; i < mark->n_regions; i++)
    {
      const json_t *region = json_array_get (regions, (size_t) i);
      const CsmRect *rect = &mark->regions[i].rect;

      if (!same_int (region, "frame", mark->regions[i].frame) ||
          !same_int (region, "x", rect->x) || !same_int (region, "y", rect->y) ||
          !same_int (region, "width", rect->width) ||
          !same_int (region, "height", rect->height))
        return false;
    }
  return true;
}

static bool
same_frame (const json_t *json, const CsmFrameCommit *frame)
{
  CsmDigest sha256;

  return same_int (json, "ordinal", frame->ordinal) && same_pts (json, "pts", frame->pts) &&
         read_digest (json, "sha256", &sha256) && csm_digest_equal (&sha256, &frame->sha256) &&
         g_strcmp0 (csm_json_get_string (json, "pixel_format"), frame->pixel_format) == 0 &&
         same_int (json, "width", frame->width) && same_int (json, "height", frame->height) &&
         g_strcmp0 (csm_json_get_string (json, "library"), frame->library) == 0;
}

static bool
has_frame (const json_t *json, const CsmFrameCommit *frames, int n_frames)
{
  for (int i = 0; i < n_frames; i++)
    if (same_frame (json, &frames[i]))
      return true;
  return false;
}

/* Each picture of bundle.json is one that an entry commits to. */
static bool
same_frames (const CsmCheckedMark *mark)
{
  const json_t *frames = csm_json_get_array (mark->json, "frames");

  for (size_t i = 0; i < json_array_size (frames); i++)
    {
      const json_t *frame = json_array_get (frames, i);
      bool found = has_frame (frame, mark->body->frames, mark->body->n_frames);

      for (guint k = 0; !found && k < mark->more->len; k++)
        {
          g_autofree CsmFrameCommit *more = NULL;
          int n_more = 0;

          found = csm_frames_parse (mark->more->pdata[k], &more, &n_more, NULL) &&
                  has_frame (frame, more, n_more);
        }
      if (!found)
        return false;
    }
  return frames != NULL;
}

/* NULL, or what differs. */
static const char *
compare_mark (const CsmCheckedExhibit *exhibit, const CsmCheckedMark *mark)
{
  const CsmMark *said = mark->body->mark;
  const json_t *json = mark->json;
  g_autofree char *time = csm_time_format (said->time);
  char track[16];

  csm_track_format (said->track, track);
  if (strcmp (said->id.hex, mark->id.hex) != 0)
    return _ ("the mark that it is about");
  if (strcmp (said->exhibit.hex, exhibit->id.hex) != 0 ||
      !csm_digest_equal (&mark->body->exhibit_sha256, &exhibit->sha256))
    return _ ("the exhibit");
  if (g_strcmp0 (csm_json_get_string (json, "track"), track) != 0 ||
      !same_int (json, "from", said->from) || !same_int (json, "to", said->to))
    return _ ("the frames that it spans");
  if (!same_pts (json, "from_pts", said->from_pts) ||
      !same_pts (json, "to_pts", said->to_pts) || !same_timebase (json, said->timebase))
    return _ ("the time stamps of its frames");
  if (g_strcmp0 (csm_json_get_string (json, "code"), said->code) != 0)
    return _ ("the code");
  if (g_strcmp0 (csm_json_get_string (json, "text"), said->text) != 0)
    return _ ("the text");
  if (!same_regions (json, said))
    return _ ("the regions");
  if (g_strcmp0 (csm_json_get_string (json, "reviewer"), said->author_key) != 0)
    return _ ("the reviewer");
  if (g_strcmp0 (csm_json_get_string (json, "time"), time) != 0)
    return _ ("the time");
  return same_frames (mark) ? NULL : _ ("the pictures that it commits to");
}

/* (transfer full): "E-0001, mark 2". */
static char *
name_mark (const CsmCheckedExhibit *exhibit, guint number)
{
  return g_strdup_printf (_ ("%s, mark %u"), exhibit->label, number + 1);
}

/* Whether the mark's entry could be compared. */
static bool
check_mark (CsmBundleCheck *self, const CsmCheckedExhibit *exhibit, guint number)
{
  const CsmCheckedMark *mark = exhibit->marks->pdata[number];
  g_autofree char *where = name_mark (exhibit, number);
  const char *differs;

  if (!mark->there)
    csm_bundle_say (self, CSM_FINDING_BROKEN, where,
                    _ ("the ledger has no entry of the id that bundle.json gives it"));
  else if (mark->newest_kind != NULL && !csm_digest_equal (&mark->newest, &mark->entry))
    csm_bundle_say (self, CSM_FINDING_BROKEN, where,
                    strcmp (mark->newest_kind, "mark.remove") == 0
                        ? _ ("a later entry of the ledger removed it")
                        : _ ("a later entry of the ledger changed it"));
  if (mark->body == NULL)
    return !mark->there;
  differs = compare_mark (exhibit, mark);
  if (differs != NULL)
    say_differs (self, where, differs);
  return true;
}

/* What is empty in an entry is not in bundle.json. */
static bool
same_said (const json_t *said, const json_t *json)
{
  static const char *const keys[] = { "title",         "source",       "obtained_from",
                                      "obtained_when", "obtained_how", "notes" };
  const json_t *acquisition = json_object_get (json, "acquisition");

  for (size_t i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      const char *text = csm_json_get_string (said, keys[i]);
      const char *repeated = csm_json_get_string (acquisition, keys[i]);

      if (strcmp (text != NULL ? text : "", repeated != NULL ? repeated : "") != 0)
        return false;
    }
  return true;
}

static void
check_exhibit (CsmBundleCheck *self, const CsmCheckedExhibit *exhibit)
{
  const CsmBagFile *file =
      exhibit->file != NULL ? csm_bag_folder_find (self->folder, exhibit->file) : NULL;

  if (exhibit->removed)
    csm_bundle_say (self, CSM_FINDING_BROKEN, exhibit->label,
                    _ ("a later entry of the ledger removed it"));
  if (exhibit->said != NULL && !same_said (exhibit->said, exhibit->json))
    say_differs (self, exhibit->label, _ ("how it was obtained"));
  if (file != NULL && file->hashed &&
      (!csm_digest_equal (&file->digests.sha256, &exhibit->sha256) ||
       file->size != exhibit->size))
    csm_bundle_say (self, CSM_FINDING_BROKEN, exhibit->file,
                    _ ("is not the file that bundle.json says was received"));
  else if (file == NULL && csm_json_get_string (exhibit->json, "file") == NULL)
    csm_bundle_say (self, CSM_FINDING_NOTE, exhibit->label,
                    _ ("not checked: the file itself is not in the bundle"));
}

/* A mark's own entry names the file that it lies in, too. */
static bool
is_named (const CsmCheckedExhibit *exhibit)
{
  for (guint i = 0; i < exhibit->marks->len; i++)
    if (((const CsmCheckedMark *) exhibit->marks->pdata[i])->body != NULL)
      return true;
  return exhibit->named;
}

/* Exhibits are what bundle.json names: one beside them is nobody's. */
static void
check_files (CsmBundleCheck *self)
{
  const GPtrArray *files = csm_bag_folder_get_files (self->folder);
  g_autoptr (GHashTable) named = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < self->exhibits->len; i++)
    {
      const CsmCheckedExhibit *exhibit = self->exhibits->pdata[i];

      if (exhibit->file != NULL)
        g_hash_table_add (named, exhibit->file);
    }
  for (guint i = 0; i < files->len; i++)
    {
      const char *path = ((const CsmBagFile *) files->pdata[i])->path;

      if (g_str_has_prefix (path, "data/exhibits/") && !g_hash_table_contains (named, path))
        csm_bundle_say (self, CSM_FINDING_BROKEN, path,
                        _ ("this file was added: bundle.json names none of that name"));
    }
}

static void
check_codes (CsmBundleCheck *self)
{
  static const char *const keys[] = { "label", "definition", "source", "parent" };
  const json_t *codes = csm_json_get_array (self->bundle, "codes");

  for (size_t i = 0; i < json_array_size (codes); i++)
    {
      const json_t *code = json_array_get (codes, i);
      const char *id = csm_json_get_string (code, "id");
      const json_t *said = id != NULL ? g_hash_table_lookup (self->codes, id) : NULL;

      for (size_t k = 0; said != NULL && k < G_N_ELEMENTS (keys); k++)
        if (g_strcmp0 (csm_json_get_string (code, keys[k]),
                       csm_json_get_string (said, keys[k])) != 0)
          {
            say_differs (self, CONTENTS, _ ("the codes"));
            return;
          }
    }
}

/* "Anna", or "Anna (0123abcd)" when two are called so. */
static void
check_names (CsmBundleCheck *self)
{
  const json_t *reviewers = csm_json_get_array (self->bundle, "reviewers");

  for (size_t i = 0; i < json_array_size (reviewers); i++)
    {
      const json_t *reviewer = json_array_get (reviewers, i);
      const char *label = csm_json_get_string (reviewer, "label");
      const char *key = csm_json_get_string (reviewer, "key");
      const char *name = g_hash_table_lookup (self->names, key);
      g_autofree char *longer = g_strdup_printf ("%s (%.8s)", name != NULL ? name : "", key);

      if (name != NULL && g_strcmp0 (label, name) != 0 && g_strcmp0 (label, longer) != 0)
        say_differs (self, CONTENTS, _ ("the reviewers' names"));
    }
}

void
csm_bundle_check_contents (CsmBundleCheck *self)
{
  const bool held = self->holds;
  guint n_marks = 0, n_withheld = 0, n_unnamed = 0;

  self->holds = true;
  check_files (self);
  check_codes (self);
  check_names (self);
  for (guint i = 0; i < self->exhibits->len; i++)
    {
      const CsmCheckedExhibit *exhibit = self->exhibits->pdata[i];

      check_exhibit (self, exhibit);
      for (guint k = 0; k < exhibit->marks->len; k++)
        n_withheld += check_mark (self, exhibit, k) ? 0 : 1;
      n_marks += exhibit->marks->len;
      n_unnamed += is_named (exhibit) ? 0 : 1;
    }
  if (self->holds && self->ledger_read)
    csm_bundle_say (self, CSM_FINDING_HOLDS, CONTENTS,
                    _ ("exhibits: %u, marks: %u: as the disclosed entries of the ledger say"),
                    self->exhibits->len - n_unnamed, n_marks - n_withheld);
  if (n_withheld > 0)
    csm_bundle_say (
        self, CSM_FINDING_NOTE, CONTENTS,
        _ ("not checked against the ledger, since their entries are withheld: marks: %u"),
        n_withheld);
  if (n_unnamed > 0)
    csm_bundle_say (
        self, CSM_FINDING_NOTE, CONTENTS,
        _ ("not checked against the ledger, since their entries are withheld: exhibits: %u"),
        n_unnamed);
  self->holds = self->holds && held;
}
