/* csm-bag-check.c: whether a bag is complete and valid (RFC 8493, section 3)
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-bag-check.h"

#include "export/csm-bag-text.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#define MAX_MANIFESTS 32
#define MAX_MANIFEST_SIZE (512 * 1024 * 1024)
#define MAX_TAG_SIZE (4 * 1024 * 1024)
#define MAX_FINDINGS 1000

/* The kinds of manifest that are checked. What GLib hashes is there for the bags of others. */
static const struct
{
  const char *name;
  size_t size;
  bool weak;
  GChecksumType type;
} kinds[] = {
  { "sha256", 32, false, G_CHECKSUM_SHA256 }, { "sha512", 64, false, G_CHECKSUM_SHA512 },
  { "sha384", 48, false, G_CHECKSUM_SHA384 }, { "sha1", 20, true, G_CHECKSUM_SHA1 },
  { "md5", 16, true, G_CHECKSUM_MD5 },
};

typedef struct
{
  char *name; /* "manifest-sha256.txt" */
  int kind;   /* into kinds */
  bool payload;
} Manifest;

/* What a manifest says of a file. */
typedef struct _Expectation
{
  struct _Expectation *next;
  int manifest;
  uint8_t digest[];
} Expectation;

typedef struct
{
  CsmBagFolder *folder;
  CsmFindingCallback finding;
  CsmProgressCallback progress;
  gpointer data;
  GCancellable *cancellable;

  CsmBagDeclaration declaration;
  bool strict; /* 1.0 or later */
  Manifest manifests[MAX_MANIFESTS];
  int n_manifests;
  uint32_t payload_manifests; /* of bits */
  GHashTable *by_nfc;         /* normalised path: CsmBagFile, for names that are not ASCII */
  CsmBagSummary *summary;
  int64_t done, total;
  bool holds;
  int64_t n_findings;

  const char *reading; /* the tag file that complaints are about */
} Check;

void
csm_bag_summary_clear (CsmBagSummary *summary)
{
  g_clear_pointer (&summary->info, g_ptr_array_unref);
}

static void G_GNUC_PRINTF (4, 5)
    say (Check *self, CsmFindingKind kind, const char *path, const char *format, ...)
{
  g_autofree char *where = csm_bag_path_show (path);
  g_autofree char *what = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  if (kind == CSM_FINDING_BROKEN)
    self->holds = false;
  self->n_findings++;
  if (self->n_findings <= MAX_FINDINGS)
    self->finding (kind, where, what, self->data);
}

static void
complain (bool broken, int64_t line, const char *what, gpointer data)
{
  Check *self = data;
  const CsmFindingKind kind = broken ? CSM_FINDING_BROKEN : CSM_FINDING_NOTE;

  if (line == 0)
    say (self, kind, self->reading, "%s", what);
  else
    say (self, kind, self->reading, _ ("line %" PRId64 ": %s"), line, what);
}

static bool
is_payload (const char *path)
{
  return g_str_has_prefix (path, "data/");
}

/* (transfer full) (nullable): a tag file as text; what fails is said. */
static char *
read_text (Check *self, const char *name, size_t max)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = csm_bag_folder_read (self->folder, name, max, &error);

  self->reading = name;
  if (bytes == NULL)
    {
      say (self, CSM_FINDING_BROKEN, name, _ ("cannot be read: %s"), error->message);
      return NULL;
    }
  return csm_bag_text_decode (bytes, self->declaration.encoding, complain, self);
}

bool
csm_bag_is_bag (const CsmBagFolder *folder)
{
  return csm_bag_folder_find (folder, "bagit.txt") != NULL;
}

/* False: without it nothing can be read. */
static bool
check_declaration (Check *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = csm_bag_folder_read (self->folder, "bagit.txt", 4096, &error);
  CsmBagDeclaration *declaration = &self->declaration;

  self->reading = "bagit.txt";
  if (bytes == NULL)
    {
      say (self, CSM_FINDING_BROKEN, "bagit.txt", _ ("is missing or no bag declaration: %s"),
           error->message);
      return false;
    }
  if (!csm_bag_declaration_parse (bytes, declaration, complain, self))
    return false;
  g_snprintf (self->summary->version, sizeof self->summary->version, "%d.%d",
              declaration->major, declaration->minor);
  if (declaration->major == 0 && declaration->minor >= 93 && declaration->minor <= 97)
    say (self, CSM_FINDING_NOTE, "bagit.txt",
         _ ("an older form of bag, %s: read by its looser rules"), self->summary->version);
  else if (declaration->major != 1 || declaration->minor != 0)
    {
      say (self, CSM_FINDING_BROKEN, "bagit.txt", _ ("version %s of BagIt is not known here"),
           self->summary->version);
      return false;
    }
  self->strict = declaration->major >= 1;
  if (g_ascii_strcasecmp (declaration->encoding, "UTF-8") == 0)
    return true;
  if (g_ascii_strcasecmp (declaration->encoding, "US-ASCII") == 0 ||
      g_ascii_strcasecmp (declaration->encoding, "ISO-8859-1") == 0)
    {
      say (self, CSM_FINDING_NOTE, "bagit.txt", _ ("tag files are in %s"),
           declaration->encoding);
      return true;
    }
  say (self, CSM_FINDING_BROKEN, "bagit.txt",
       _ ("tag files in that encoding are not read here"));
  return false;
}

static void
check_oddities (Check *self)
{
  const GPtrArray *oddities = csm_bag_folder_get_oddities (self->folder);
  bool data = false;
  const GPtrArray *files = csm_bag_folder_get_files (self->folder);

  for (guint i = 0; i < oddities->len; i++)
    {
      const CsmBagOddity *oddity = oddities->pdata[i];

      data = data || g_str_equal (oddity->path, "data") || is_payload (oddity->path);
      if (!oddity->empty)
        say (self, CSM_FINDING_BROKEN, oddity->path, _ ("%s: not followed, not opened"),
             oddity->what);
      else if (!g_str_equal (oddity->path, "data"))
        say (self, CSM_FINDING_NOTE, oddity->path,
             _ ("a folder without files, which no manifest names"));
    }
  for (guint i = 0; !data && i < files->len; i++)
    data = is_payload (((const CsmBagFile *) files->pdata[i])->path);
  if (!data)
    say (self, CSM_FINDING_BROKEN, "data", _ ("the folder of the payload is missing"));
}

/* The stem of a name that Windows keeps for itself. */
static bool
is_reserved (const char *name)
{
  static const char *const stems[] = { "CON", "PRN", "AUX", "NUL", "COM", "LPT" };
  const size_t size = strcspn (name, ".");

  for (size_t i = 0; i < G_N_ELEMENTS (stems); i++)
    if (g_ascii_strncasecmp (name, stems[i], 3) == 0 &&
        (i < 4 ? size == 3 : size == 4 && name[3] >= '1' && name[3] <= '9'))
      return true;
  return false;
}

static const char *
judge_name (const char *path)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);

  if (!g_utf8_validate (path, -1, NULL))
    return _ ("the name is not UTF-8");
  for (int i = 0; parts[i] != NULL; i++)
    {
      const size_t size = strlen (parts[i]);

      if (strpbrk (parts[i], "<>:\"|?*\\") != NULL || parts[i][size - 1] == '.' ||
          parts[i][size - 1] == ' ' || is_reserved (parts[i]))
        return _ ("the name cannot be used on Windows");
      for (size_t n = 0; n < size; n++)
        if ((uint8_t) parts[i][n] < 32)
          return _ ("the name holds control characters");
    }
  return NULL;
}

/* Names that do not live everywhere; and two that some systems take for one. */
static void
check_names (Check *self)
{
  const GPtrArray *files = csm_bag_folder_get_files (self->folder);
  g_autoptr (GHashTable) folded = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < files->len; i++)
    {
      CsmBagFile *file = files->pdata[i];
      const char *judged = judge_name (file->path);
      g_autofree char *nfc = g_utf8_normalize (file->path, -1, G_NORMALIZE_NFC);
      g_autofree char *fold = nfc == NULL ? NULL : g_utf8_casefold (nfc, -1);
      const CsmBagFile *twin = fold == NULL ? NULL : g_hash_table_lookup (folded, fold);

      if (judged != NULL)
        say (self, CSM_FINDING_NOTE, file->path, "%s", judged);
      if (twin != NULL)
        {
          g_autofree char *shown = csm_bag_path_show (twin->path);

          say (self, CSM_FINDING_NOTE, file->path,
               _ ("some systems take its name for that of \"%s\": one of the two gets lost "
                  "there"),
               shown);
        }
      if (fold != NULL)
        g_hash_table_insert (folded, g_steal_pointer (&fold), file);
      if (nfc != NULL && !g_str_is_ascii (nfc))
        g_hash_table_insert (self->by_nfc, g_steal_pointer (&nfc), file);
    }
}

/* "manifest-sha256.txt", "tagmanifest-md5.txt". (nullable): the algorithm. (transfer full) */
static char *
manifest_algorithm (const char *name, bool *ret_payload)
{
  const bool tag = g_str_has_prefix (name, "tagmanifest-");
  const char *at = name + strlen (tag ? "tagmanifest-" : "manifest-");

  if ((!tag && !g_str_has_prefix (name, "manifest-")) || !g_str_has_suffix (at, ".txt") ||
      strchr (name, '/') != NULL)
    return NULL;
  *ret_payload = !tag;
  return g_strndup (at, strlen (at) - 4);
}

static void
find_manifests (Check *self)
{
  const GPtrArray *files = csm_bag_folder_get_files (self->folder);
  int n_payload = 0;

  for (guint i = 0; i < files->len; i++)
    {
      const CsmBagFile *file = files->pdata[i];
      Manifest *manifest = &self->manifests[self->n_manifests];
      g_autofree char *algorithm = manifest_algorithm (file->path, &manifest->payload);
      size_t kind = 0;

      if (algorithm == NULL)
        continue;
      n_payload += manifest->payload;
      while (kind < G_N_ELEMENTS (kinds) &&
             g_ascii_strcasecmp (algorithm, kinds[kind].name) != 0)
        kind++;
      if (kind == G_N_ELEMENTS (kinds) || self->n_manifests == MAX_MANIFESTS - 1)
        {
          say (self, CSM_FINDING_NOTE, file->path,
               _ ("not checked: this kind of checksum is not known here"));
          continue;
        }
      if (!g_str_equal (algorithm, kinds[kind].name))
        say (self, CSM_FINDING_NOTE, file->path,
             _ ("the kind of checksum is not in small letters"));
      if (kinds[kind].weak)
        say (self, CSM_FINDING_NOTE, file->path,
             _ ("checked, but whoever wants to can make two files with one such checksum"));
      manifest->name = file->path;
      manifest->kind = (int) kind;
      if (manifest->payload)
        self->payload_manifests |= 1u << self->n_manifests;
      self->n_manifests++;
    }
  if (n_payload == 0)
    say (self, CSM_FINDING_BROKEN, "manifest-sha256.txt",
         _ ("there is no manifest of the payload"));
  else if (self->payload_manifests == 0)
    say (self, CSM_FINDING_BROKEN, "manifest-sha256.txt",
         _ ("no manifest of the payload can be checked"));
}

/* (nullable): the file that a manifest means. */
static CsmBagFile *
find_file (Check *self, const Manifest *manifest, const char *path)
{
  CsmBagFile *file = csm_bag_folder_find (self->folder, path);
  g_autofree char *nfc = NULL;

  if (file != NULL)
    return file;
  nfc = g_utf8_normalize (path, -1, G_NORMALIZE_NFC);
  file = nfc == NULL ? NULL : g_hash_table_lookup (self->by_nfc, nfc);
  if (file != NULL)
    say (self, CSM_FINDING_NOTE, file->path,
         _ ("%s writes its accents in another form (NFC, NFD)"), manifest->name);
  return file;
}

static void
take_line (Check *self, int number, const CsmBagLine *line)
{
  const Manifest *manifest = &self->manifests[number];
  const size_t size = kinds[manifest->kind].size;
  CsmBagFile *file;
  Expectation *expectation;
  bool other_payload = true;
  g_autofree char *algorithm = manifest_algorithm (line->path, &other_payload);

  if (manifest->payload != is_payload (line->path))
    {
      say (self, CSM_FINDING_BROKEN, line->path,
           manifest->payload ? _ ("%s names it, which is not below data/")
                             : _ ("%s names it, which is payload"),
           manifest->name);
      return;
    }
  if (!manifest->payload && algorithm != NULL && !other_payload)
    {
      say (self, CSM_FINDING_BROKEN, line->path, _ ("%s names it, a tag manifest"),
           manifest->name);
      return;
    }
  file = find_file (self, manifest, line->path);
  if (file == NULL)
    {
      say (self, CSM_FINDING_BROKEN, line->path, _ ("is missing: %s names it"), manifest->name);
      return;
    }
  if (file->named & 1u << number)
    {
      say (self, self->strict ? CSM_FINDING_BROKEN : CSM_FINDING_NOTE, file->path,
           _ ("%s names it twice"), manifest->name);
    }
  file->named |= 1u << number;
  expectation = g_malloc (sizeof *expectation + size);
  expectation->next = file->expected;
  expectation->manifest = number;
  memcpy (expectation->digest, line->digest, size);
  file->expected = expectation;
}

static void
read_manifests (Check *self)
{
  for (int i = 0; i < self->n_manifests; i++)
    {
      g_autofree char *text = read_text (self, self->manifests[i].name, MAX_MANIFEST_SIZE);
      g_autoptr (GPtrArray) lines = NULL;

      if (text == NULL)
        continue;
      lines =
          csm_bag_manifest_parse (text, kinds[self->manifests[i].kind].size, complain, self);
      for (guint n = 0; n < lines->len; n++)
        take_line (self, i, lines->pdata[n]);
    }
}

/* Each payload file, in each manifest of the payload. */
static void
check_complete (Check *self)
{
  const GPtrArray *files = csm_bag_folder_get_files (self->folder);

  for (guint i = 0; i < files->len; i++)
    {
      const CsmBagFile *file = files->pdata[i];
      const uint32_t missing = self->payload_manifests & ~file->named;

      if (!is_payload (file->path))
        continue;
      self->summary->n_files++;
      self->summary->bytes += file->size;
      if (missing == 0)
        continue;
      if ((file->named & self->payload_manifests) == 0)
        {
          say (self, CSM_FINDING_BROKEN, file->path, _ ("no manifest names this file"));
          continue;
        }
      for (int n = 0; n < self->n_manifests; n++)
        if (missing & 1u << n)
          say (self, self->strict ? CSM_FINDING_BROKEN : CSM_FINDING_NOTE, file->path,
               _ ("%s does not name this file"), self->manifests[n].name);
    }
}

/* Nothing is fetched; what it names must be there all the same. */
static void
check_fetch (Check *self)
{
  g_autofree char *text = NULL;
  g_autoptr (GPtrArray) paths = NULL;
  int64_t missing = 0;

  if (csm_bag_folder_find (self->folder, "fetch.txt") == NULL)
    return;
  text = read_text (self, "fetch.txt", MAX_MANIFEST_SIZE);
  if (text == NULL)
    return;
  paths = csm_bag_fetch_parse (text, complain, self);
  for (guint i = 0; i < paths->len; i++)
    {
      const CsmBagFile *file = csm_bag_folder_find (self->folder, paths->pdata[i]);

      if (!is_payload (paths->pdata[i]))
        say (self, CSM_FINDING_BROKEN, paths->pdata[i],
             _ ("fetch.txt names it, which is not below data/"));
      missing += file == NULL;
    }
  if (missing > 0)
    say (self, CSM_FINDING_BROKEN, "fetch.txt",
         _ ("%" PRId64 " of its files are not here, and nothing is fetched from a network"),
         missing);
  else
    say (self, CSM_FINDING_NOTE, "fetch.txt",
         _ ("its files are all here; nothing was fetched"));
}

static void
check_info (Check *self)
{
  g_autofree char *text = NULL;
  int n_oxums = 0;

  if (csm_bag_folder_find (self->folder, "bag-info.txt") == NULL)
    return;
  text = read_text (self, "bag-info.txt", MAX_TAG_SIZE);
  if (text == NULL)
    return;
  self->summary->info = csm_bag_info_parse (text, self->strict, complain, self);
  for (guint i = 0; i < self->summary->info->len; i += 2)
    {
      int64_t bytes, n_files;

      if (g_ascii_strcasecmp (self->summary->info->pdata[i], "Payload-Oxum") != 0)
        continue;
      if (n_oxums++ > 0)
        say (self, CSM_FINDING_BROKEN, "bag-info.txt", _ ("has more than one Payload-Oxum"));
      if (!csm_bag_oxum_parse (self->summary->info->pdata[i + 1], &bytes, &n_files))
        say (self, CSM_FINDING_BROKEN, "bag-info.txt",
             _ ("its Payload-Oxum is not bytes and files"));
      else if (bytes != self->summary->bytes || n_files != self->summary->n_files)
        say (self, CSM_FINDING_BROKEN, "bag-info.txt",
             _ ("Payload-Oxum says %" PRId64 " bytes in %" PRId64 " files, there are %" PRId64
                " in %" PRId64),
             bytes, n_files, self->summary->bytes, self->summary->n_files);
    }
}

/* What is hashed beside SHA-256 and SHA-512, of one file. */
typedef struct
{
  Check *check;
  GChecksum *checksums[G_N_ELEMENTS (kinds)];
} Hashing;

static gboolean
hash_piece (const void *piece, size_t size, int64_t done, gpointer data, GError **error)
{
  Hashing *hashing = data;
  Check *self = hashing->check;

  for (size_t i = 2; i < G_N_ELEMENTS (kinds); i++)
    if (hashing->checksums[i] != NULL)
      g_checksum_update (hashing->checksums[i], piece, (gssize) size);
  self->done += (int64_t) size;
  if (self->progress != NULL)
    self->progress (self->done, MAX (self->total, self->done), self->data);
  return TRUE;
}

static void
compare (Check *self, CsmBagFile *file, const Hashing *hashing)
{
  for (const Expectation *one = file->expected; one != NULL; one = one->next)
    {
      const Manifest *manifest = &self->manifests[one->manifest];
      const size_t size = kinds[manifest->kind].size;
      uint8_t other[CSM_DIGEST512_SIZE];
      gsize length = sizeof other;
      const uint8_t *digest = other;

      if (manifest->kind == 0)
        digest = file->digests.sha256.bytes;
      else if (manifest->kind == 1)
        digest = file->digests.sha512.bytes;
      else
        {
          /* A second look at a checksum gives nothing. */
          g_autoptr (GChecksum) copy = g_checksum_copy (hashing->checksums[manifest->kind]);

          g_checksum_get_digest (copy, other, &length);
        }
      if (memcmp (digest, one->digest, size) != 0)
        say (self, CSM_FINDING_BROKEN, file->path, _ ("its bytes are not those that %s names"),
             manifest->name);
    }
}

static gboolean
hash_file (Check *self, CsmBagFile *file, GError **error)
{
  g_autoptr (GError) failed = NULL;
  g_autoptr (CsmByteSource) source =
      csm_bag_folder_open_source (self->folder, file->path, &failed);
  Hashing hashing = { .check = self };
  gboolean fine;

  for (const Expectation *one = file->expected; one != NULL; one = one->next)
    {
      const int kind = self->manifests[one->manifest].kind;

      if (kind >= 2 && hashing.checksums[kind] == NULL)
        hashing.checksums[kind] = g_checksum_new (kinds[kind].type);
    }
  fine = source != NULL && csm_bag_hash_source (source, hash_piece, &hashing, &file->digests,
                                                self->cancellable, &failed);
  if (fine)
    {
      file->hashed = true;
      compare (self, file, &hashing);
      if (file->was_read && !csm_digest_equal (&file->read, &file->digests.sha256))
        say (self, CSM_FINDING_BROKEN, file->path, _ ("the file changed while it was checked"));
    }
  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++)
    g_clear_pointer (&hashing.checksums[i], g_checksum_free);
  if (fine)
    return TRUE;
  if (g_error_matches (failed, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, g_steal_pointer (&failed));
      return FALSE;
    }
  say (self, CSM_FINDING_BROKEN, file->path, _ ("cannot be read: %s"), failed->message);
  return TRUE;
}

static bool
is_hashed (const CsmBagFile *file)
{
  return file->expected != NULL || is_payload (file->path);
}

static gboolean
hash_files (Check *self, GError **error)
{
  const GPtrArray *files = csm_bag_folder_get_files (self->folder);

  for (guint i = 0; i < files->len; i++)
    if (is_hashed (files->pdata[i]))
      self->total += ((const CsmBagFile *) files->pdata[i])->size;
  for (guint i = 0; i < files->len; i++)
    if (is_hashed (files->pdata[i]) && !hash_file (self, files->pdata[i], error))
      return FALSE;
  return TRUE;
}

/* Tag files that no tag manifest names can be changed without a trace. A signature of a tag
 * manifest cannot be in one. */
static void
check_tags (Check *self)
{
  const GPtrArray *files = csm_bag_folder_get_files (self->folder);
  const uint32_t tags = ((1u << self->n_manifests) - 1) & ~self->payload_manifests;

  for (guint i = 0; i < files->len; i++)
    {
      const CsmBagFile *file = files->pdata[i];
      bool payload = true;
      g_autofree char *algorithm = manifest_algorithm (file->path, &payload);

      if (is_payload (file->path) || (file->named & tags) != 0 ||
          (algorithm != NULL && !payload) ||
          (g_str_has_prefix (file->path, "tagmanifest-") &&
           g_str_has_suffix (file->path, ".minisig")))
        continue;
      say (self, CSM_FINDING_NOTE, file->path, _ ("not checked: no tag manifest names it"));
    }
}

static void
summarise (Check *self)
{
  for (int i = 0; i < self->n_manifests; i++)
    if (self->manifests[i].payload)
      {
        self->summary->sha256 = self->summary->sha256 || self->manifests[i].kind == 0;
        self->summary->sha512 = self->summary->sha512 || self->manifests[i].kind == 1;
      }
  if (self->n_findings > MAX_FINDINGS)
    self->finding (self->holds ? CSM_FINDING_NOTE : CSM_FINDING_BROKEN, _ ("Bag"),
                   _ ("more was found than is said here"), self->data);
  if (self->holds)
    {
      g_autofree char *what = g_strdup_printf (
          _ ("%" PRId64 " files, %" PRId64 " bytes: as the manifests name them"),
          self->summary->n_files, self->summary->bytes);

      self->finding (CSM_FINDING_HOLDS, "data", what, self->data);
    }
}

static gboolean
check_all (Check *self, GError **error)
{
  check_oddities (self);
  if (!check_declaration (self))
    return TRUE;
  check_names (self);
  find_manifests (self);
  read_manifests (self);
  check_complete (self);
  check_fetch (self);
  check_info (self);
  if (!hash_files (self, error))
    return FALSE;
  check_tags (self);
  summarise (self);
  return TRUE;
}

static void
drop_expectations (const CsmBagFolder *folder)
{
  const GPtrArray *files = csm_bag_folder_get_files (folder);

  for (guint i = 0; i < files->len; i++)
    {
      CsmBagFile *file = files->pdata[i];

      for (Expectation *one = file->expected, *next; one != NULL; one = next)
        {
          next = one->next;
          g_free (one);
        }
      file->expected = NULL;
    }
}

gboolean
csm_bag_check (CsmBagFolder *folder,
               CsmFindingCallback finding,
               CsmProgressCallback progress,
               gpointer data,
               CsmBagSummary *ret_summary,
               bool *ret_holds,
               GCancellable *cancellable,
               GError **error)
{
  g_return_val_if_fail (folder != NULL && finding != NULL && ret_holds != NULL, FALSE);

  g_auto (CsmBagSummary) summary = { 0 };
  Check check = {
    .folder = folder,
    .finding = finding,
    .progress = progress,
    .data = data,
    .cancellable = cancellable,
    .by_nfc = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
    .summary = &summary,
    .holds = true,
  };
  const gboolean ended = check_all (&check, error);

  drop_expectations (folder);
  g_hash_table_unref (check.by_nfc);
  if (!ended)
    return FALSE;
  *ret_holds = check.holds;
  if (ret_summary != NULL)
    {
      *ret_summary = summary;
      summary.info = NULL;
    }
  return TRUE;
}
