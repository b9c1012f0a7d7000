/* csm-report-text.c: the report's blocks: title, scope, items, custody, method
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-report-text.h"

#include "custody/csm-key-words.h"
#include "media/csm-oddities.h"

#include <cairo.h>
#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <pango/pango.h>

/* ---- Blocks ---- */

static void
row_free (gpointer data)
{
  CsmReportRow *row = data;

  for (int i = 0; i < CSM_REPORT_MAX_COLUMNS; i++)
    g_free (row->cells[i]);
  g_free (row);
}

static void
block_free (gpointer data)
{
  CsmReportBlock *block = data;

  g_free (block->text);
  g_free (block->label);
  g_free (block->anchor);
  g_clear_pointer (&block->rows, g_ptr_array_unref);
  g_free (block);
}

CsmReportBlock *
csm_report_add (GPtrArray *blocks, CsmReportBlockKind kind, const char *text)
{
  CsmReportBlock *block = g_new0 (CsmReportBlock, 1);

  block->kind = kind;
  block->text = g_strdup (text);
  if (kind == CSM_REPORT_FIELDS || kind == CSM_REPORT_TABLE)
    block->rows = g_ptr_array_new_with_free_func (row_free);
  g_ptr_array_add (blocks, block);
  return block;
}

CsmReportBlock *
csm_report_add_heading (GPtrArray *blocks, int level, const char *anchor, const char *text)
{
  CsmReportBlock *block = csm_report_add (blocks, CSM_REPORT_HEADING, text);

  block->level = level;
  block->anchor = g_strdup (anchor);
  return block;
}

/* (nullable): nothing is said of what is not known. */
static CsmReportRow *
add_cells (CsmReportBlock *block, const char *label, const char *value)
{
  CsmReportRow *row;

  if (value == NULL || *value == '\0')
    return NULL;
  row = g_new0 (CsmReportRow, 1);
  row->cells[0] = g_strdup (label);
  row->cells[1] = g_strdup (value);
  g_ptr_array_add (block->rows, row);
  return row;
}

void
csm_report_add_field (CsmReportBlock *fields, const char *label, const char *value)
{
  (void) add_cells (fields, label, value); /* There is no more to say of it. */
}

void
csm_report_add_prose (CsmReportBlock *fields, const char *label, const char *value)
{
  CsmReportRow *row = add_cells (fields, label, value);

  if (row != NULL)
    row->prose = true;
}

void
csm_report_add_mono (CsmReportBlock *fields, const char *label, const char *value)
{
  CsmReportRow *row = add_cells (fields, label, value);

  if (row != NULL)
    row->mono = true;
}

void
csm_report_add_row (CsmReportBlock *table, const char *const *cells)
{
  CsmReportRow *row = g_new0 (CsmReportRow, 1);

  for (int i = 0; i < table->n_columns; i++)
    row->cells[i] = g_strdup (cells[i] != NULL ? cells[i] : "");
  g_ptr_array_add (table->rows, row);
}

/* ---- Shape ---- */

/* The stream's size, unless the frames themselves say otherwise from the first on. */
static void
get_frame_size (const CsmDossierExhibit *exhibit,
                int track,
                const CsmStreamInfo *stream,
                int *w,
                int *h)
{
  const CsmFrameIndex *index = csm_dossier_exhibit_get_index (exhibit, track);

  *w = stream != NULL ? stream->width : track == 0 ? exhibit->exhibit->width : 0;
  *h = stream != NULL ? stream->height : track == 0 ? exhibit->exhibit->height : 0;
  if (index != NULL && csm_frame_index_get_n_shapes (index) > 0)
    {
      const CsmFrameShape *shape = csm_frame_index_get_shape (index, 0);

      *w = shape->width;
      *h = shape->height;
    }
}

void
csm_report_get_shape (const CsmDossierExhibit *exhibit, int track, CsmReportShape *ret_shape)
{
  const CsmStreamInfo *stream =
      exhibit->info != NULL ? csm_media_info_get_stream (exhibit->info, 'v', track) : NULL;
  const int rotation = stream != NULL ? stream->rotation : 0;
  double sar = 1.0;
  double w, h;
  CsmReportShape shape = { 0 };

  if (stream != NULL && stream->sar_num > 0 && stream->sar_den > 0)
    sar = CLAMP ((double) stream->sar_num / stream->sar_den, 0.1, 10.0);
  get_frame_size (exhibit, track, stream, &shape.width, &shape.height);
  shape.rotation = rotation;
  w = shape.width * sar;
  h = shape.height;
  shape.shown_width = rotation % 180 == 0 ? w : h;
  shape.shown_height = rotation % 180 == 0 ? h : w;
  switch (rotation)
    {
    case 90:
      memcpy (shape.matrix, (double[]){ 0, sar, -1, 0, h, 0 }, sizeof shape.matrix);
      break;
    case 180:
      memcpy (shape.matrix, (double[]){ -sar, 0, 0, -1, w, h }, sizeof shape.matrix);
      break;
    case 270:
      memcpy (shape.matrix, (double[]){ 0, -sar, 1, 0, 0, w }, sizeof shape.matrix);
      break;
    default:
      memcpy (shape.matrix, (double[]){ sar, 0, 0, 1, 0, 0 }, sizeof shape.matrix);
    }
  *ret_shape = shape;
}

/* ---- Title and scope ---- */

static char *
dup_key_words (const CsmDossierReviewer *reviewer)
{
  uint8_t key[CSM_PUBLIC_KEY_SIZE];

  return csm_hex_decode (reviewer->key, key, sizeof key) ? csm_key_words (key) : NULL;
}

static void
add_title (GPtrArray *blocks, const CsmDossier *dossier)
{
  CsmReportBlock *block = csm_report_add (blocks, CSM_REPORT_TITLE, dossier->title);
  g_autofree char *made = csm_time_describe (dossier->made);
  g_autofree char *created = csm_time_describe (dossier->created);
  g_autofree char *words = NULL;

  block->label = g_strdup (_ ("Report on an evidence bundle"));
  block = csm_report_add (blocks, CSM_REPORT_FIELDS, NULL);
  csm_report_add_field (block, _ ("Bundle made"), made);
  csm_report_add_field (block, _ ("Case opened"), created);
  if (dossier->exporter != NULL)
    {
      csm_report_add_field (block, _ ("Made and signed by"), dossier->exporter->label);
      csm_report_add_mono (block, _ ("Signing key"), dossier->exporter->key);
      words = dup_key_words (dossier->exporter);
      csm_report_add_field (block, _ ("Fingerprint in words"), words);
    }
  if (dossier->receipt != NULL)
    {
      char code[CSM_RECEIPT_CODE_LENGTH + 1];

      csm_receipt_code (csm_receipt_get_sha256 (dossier->receipt), code);
      csm_report_add_mono (block, _ ("Receipt code"), code);
    }
  csm_report_add (
      blocks, CSM_REPORT_PARAGRAPH,
      _ ("Ask the person who made this bundle to read the fingerprint to you over the "
         "telephone, or get it by another way than the bundle itself came. How to check "
         "everything without Casement is written in VERIFY.txt, beside this report."));
}

static void
add_withheld (GPtrArray *blocks, const CsmDossier *dossier)
{
  CsmReportBlock *table;

  csm_report_add_heading (blocks, 2, "withheld", _ ("What stays with the case"));
  if (dossier->withheld == NULL || dossier->withheld->len == 0)
    {
      csm_report_add (blocks, CSM_REPORT_PARAGRAPH, _ ("Nothing is withheld."));
      return;
    }
  table = csm_report_add (blocks, CSM_REPORT_TABLE, NULL);
  table->n_columns = 2;
  table->widths[0] = table->widths[1] = 1;
  csm_report_add_row (table, (const char *[]){ _ ("Withheld"), _ ("Why") });
  for (unsigned i = 0; i < dossier->withheld->len; i++)
    {
      const CsmDossierWithheld *withheld = g_ptr_array_index (dossier->withheld, i);

      csm_report_add_row (table, (const char *[]){ withheld->what, withheld->why });
    }
}

static void
add_scope (GPtrArray *blocks, const CsmDossier *dossier)
{
  g_autofree char *exhibits = NULL;
  g_autofree char *marks = NULL;
  g_autofree char *entries = NULL;
  unsigned n_files = 0;

  for (unsigned i = 0; i < dossier->exhibits->len; i++)
    n_files += ((CsmDossierExhibit *) g_ptr_array_index (dossier->exhibits, i))->file != NULL;
  csm_report_add_heading (blocks, 1, "scope", _ ("Scope"));
  exhibits = g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE,
                   "This report covers %u exhibit; the bundle holds the file as received of %u "
                   "of them.",
                   "This report covers %u exhibits; the bundle holds the files as received of "
                   "%u of them.",
                   dossier->exhibits->len),
      dossier->exhibits->len, n_files);
  csm_report_add (blocks, CSM_REPORT_POINT, exhibits);
  marks =
      g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%" PRId64 " mark of a reviewer is shown.",
                                    "%" PRId64 " marks of reviewers are shown.",
                                    (unsigned long) dossier->n_marks),
                       dossier->n_marks);
  csm_report_add (blocks, CSM_REPORT_POINT, marks);
  entries = g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE,
                   "The case's ledger has %" PRId64 " entry. Its place in the chain is in the "
                   "bundle; its content is there only where this report rests on it.",
                   "The case's ledger has %" PRId64 " entries. The place of each in its chain "
                   "is in the bundle; the content only of those that this report rests on.",
                   (unsigned long) dossier->n_entries),
      dossier->n_entries);
  csm_report_add (blocks, CSM_REPORT_POINT, entries);
  csm_report_add (blocks, CSM_REPORT_POINT,
                  dossier->named
                      ? _ ("Reviewers stand here by the names that the case has for them.")
                      : _ ("Reviewers stand here as “Reviewer A” and so on, in the order of "
                           "their first entry; their names are withheld."));
  add_withheld (blocks, dossier);
}

/* ---- Items ---- */

static char *
dup_length (const CsmDossierExhibit *exhibit)
{
  const CsmExhibit *row = exhibit->exhibit;

  if (row->duration_ms < 0)
    return NULL;
  return csm_ticks_format (row->duration_ms, (CsmTimebase){ 1, 1000 });
}

static char *
dup_picture (const CsmDossierExhibit *exhibit)
{
  const CsmStreamInfo *stream =
      exhibit->info != NULL ? csm_media_info_get_stream (exhibit->info, 'v', 0) : NULL;

  if (exhibit->exhibit->width <= 0)
    return NULL;
  if (stream != NULL && stream->rotation != 0)
    /* Translators: width, height, and by how much the picture is turned to show it */
    return g_strdup_printf (_ ("%d × %d pixels, shown turned by %d° clockwise"),
                            exhibit->exhibit->width, exhibit->exhibit->height,
                            stream->rotation);
  /* Translators: width and height */
  return g_strdup_printf (_ ("%d × %d pixels"), exhibit->exhibit->width,
                          exhibit->exhibit->height);
}

static char *
dup_format (const CsmDossierExhibit *exhibit)
{
  const CsmExhibit *row = exhibit->exhibit;

  if (row->format == NULL || *row->format == '\0')
    return NULL;
  if (row->codec == NULL || *row->codec == '\0')
    return g_strdup (row->format);
  /* Translators: a container's name and a coding's, as FFmpeg calls them */
  return g_strdup_printf (_ ("%s, coded as %s"), row->format, row->codec);
}

static char *
dup_numbering (const CsmDossierExhibit *exhibit)
{
  if (exhibit->index == NULL)
    return exhibit->info != NULL && csm_media_info_get_stream (exhibit->info, 'v', 0) != NULL
               ? g_strdup (_ ("No index of frames is at hand."))
               : NULL;
  if (!csm_frame_index_is_exact (exhibit->index))
    return g_strdup (_ ("From the packets; not every frame has been decoded yet."));
  /* Translators: %s names libraries and their versions */
  return g_strdup_printf (_ ("Exact: every frame was decoded once, by %s"),
                          csm_frame_index_get_library (exhibit->index));
}

static char *
dup_odd (const CsmDossierExhibit *exhibit)
{
  g_autoptr (GPtrArray) list = NULL;

  if (exhibit->info == NULL || csm_media_info_get_stream (exhibit->info, 'v', 0) == NULL)
    return NULL;
  list = csm_oddities_list (exhibit->info, exhibit->index, 0);
  if (list->len == 0)
    return g_strdup (_ ("Nothing that Casement looks for."));
  g_ptr_array_add (list, NULL);
  return g_strjoinv ("\n", (char **) list->pdata);
}

static void
add_acquisition (CsmReportBlock *fields, const CsmAcquisition *acquisition)
{
  if (acquisition == NULL)
    return;
  csm_report_add_field (fields, _ ("Title"), acquisition->title);
  csm_report_add_field (fields, _ ("Source"), acquisition->source);
  csm_report_add_field (fields, _ ("Obtained from"), acquisition->obtained_from);
  csm_report_add_field (fields, _ ("Obtained when"), acquisition->obtained_when);
  csm_report_add_field (fields, _ ("Obtained how"), acquisition->obtained_how);
  csm_report_add_field (fields, _ ("Notes"), acquisition->notes);
}

static void
add_item (GPtrArray *blocks, const CsmDossierExhibit *exhibit)
{
  const CsmExhibit *row = exhibit->exhibit;
  g_autofree char *anchor = g_ascii_strdown (exhibit->label, -1);
  g_autofree char *item_anchor = g_strconcat ("item-", anchor, NULL);
  g_autofree char *size =
      g_format_size_full ((guint64) MAX (row->size, 0), G_FORMAT_SIZE_LONG_FORMAT);
  g_autofree char *added = csm_time_describe (row->added);
  g_autofree char *format = dup_format (exhibit);
  g_autofree char *picture = dup_picture (exhibit);
  g_autofree char *length = dup_length (exhibit);
  g_autofree char *numbering = dup_numbering (exhibit);
  g_autofree char *odd = dup_odd (exhibit);
  g_autofree char *frames = NULL;
  char hex[CSM_DIGEST_HEX_SIZE];
  CsmReportBlock *fields;

  csm_report_add_heading (blocks, 2, item_anchor, exhibit->label)->exhibit = exhibit;
  fields = csm_report_add (blocks, CSM_REPORT_FIELDS, NULL);
  fields->exhibit = exhibit;
  csm_report_add_field (fields, _ ("Name as received"), row->name);
  csm_report_add_field (fields, _ ("Size"), size);
  csm_digest_to_hex (&row->sha256, hex);
  csm_report_add_mono (fields, _ ("SHA-256"), hex);
  csm_report_add_field (fields, _ ("Taken in"), added);
  csm_report_add_mono (fields, _ ("File in the bundle"),
                       exhibit->file != NULL ? exhibit->file : _ ("left out"));
  csm_report_add_mono (fields, _ ("Contact sheet"), exhibit->contact_sheet);
  csm_report_add_field (fields, _ ("Format"), format);
  csm_report_add_field (fields, _ ("Picture"), picture);
  if (exhibit->index != NULL)
    frames = g_strdup_printf ("%" PRId64, csm_frame_index_get_n_frames (exhibit->index));
  else if (row->n_frames >= 0)
    frames = g_strdup_printf ("%" PRId64, row->n_frames);
  csm_report_add_field (fields, _ ("Frames"), frames);
  csm_report_add_field (fields, _ ("Duration"), length);
  csm_report_add_field (fields, _ ("Numbering of frames"), numbering);
  csm_report_add_field (fields, _ ("What is odd"), odd);
  if (exhibit->info == NULL)
    csm_report_add_field (fields, _ ("Status"), row->status);
  add_acquisition (fields, row->acquisition);
}

static void
add_items (GPtrArray *blocks, const CsmDossier *dossier)
{
  csm_report_add_heading (blocks, 1, "items", _ ("Items"));
  csm_report_add (
      blocks, CSM_REPORT_PARAGRAPH,
      _ ("SHA-256 is computed while a file is taken in, over its bytes as received. "
         "The SHA-512 of each file stands in manifest-sha512.txt."));
  for (unsigned i = 0; i < dossier->exhibits->len; i++)
    add_item (blocks, g_ptr_array_index (dossier->exhibits, i));
}

/* ---- Custody ---- */

static void
add_custody (GPtrArray *blocks, const CsmDossier *dossier)
{
  CsmReportBlock *table;

  csm_report_add_heading (blocks, 1, "custody", _ ("Custody"));
  csm_report_add (
      blocks, CSM_REPORT_PARAGRAPH,
      _ ("What happened to the evidence in this case, in the order of the ledger. Times are "
         "those of the clock of the computer that signed. Entries are named by the first 16 "
         "digits of their SHA-256; ledger/headers.jsonl has all of them."));
  if (dossier->records->len == 0)
    {
      csm_report_add (blocks, CSM_REPORT_PARAGRAPH, _ ("No record is in this bundle."));
      return;
    }
  table = csm_report_add (blocks, CSM_REPORT_TABLE, NULL);
  table->n_columns = 4;
  memcpy (table->widths, (int[]){ 27, 15, 35, 23 }, sizeof table->widths);
  csm_report_add_row (table,
                      (const char *[]){ _ ("Time"), _ ("Who"), _ ("What"), _ ("Entry") });
  for (unsigned i = 0; i < dossier->records->len; i++)
    {
      const CsmDossierRecord *record = g_ptr_array_index (dossier->records, i);
      g_autofree char *time = csm_time_describe (record->time);
      char hex[CSM_DIGEST_HEX_SIZE];

      csm_digest_to_hex (&record->entry, hex);
      hex[16] = '\0';
      csm_report_add_row (
          table,
          (const char *[]){ time, record->reviewer != NULL ? record->reviewer->label : "",
                            record->sentence, hex });
    }
}

/* ---- Method ---- */

/* Names of libraries that read the exhibits, each once, in order. */
static char *
dup_libraries (const CsmDossier *dossier)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (unsigned i = 0; i < dossier->exhibits->len; i++)
    {
      const CsmDossierExhibit *exhibit = g_ptr_array_index (dossier->exhibits, i);
      const char *library = exhibit->index != NULL
                                ? csm_frame_index_get_library (exhibit->index)
                            : exhibit->info != NULL ? exhibit->info->library
                                                    : NULL;

      if (library != NULL &&
          !g_ptr_array_find_with_equal_func (names, library, g_str_equal, NULL))
        g_ptr_array_add (names, (gpointer) library);
    }
  g_ptr_array_add (names, NULL);
  return g_strjoinv ("\n", (char **) names->pdata);
}

static void
add_codes (GPtrArray *blocks, const CsmDossier *dossier)
{
  CsmReportBlock *table;

  if (dossier->codes == NULL || dossier->codes->len == 0)
    return;
  csm_report_add_heading (blocks, 2, "codes", _ ("Codes"));
  csm_report_add (
      blocks, CSM_REPORT_PARAGRAPH,
      _ ("A mark may carry a code of the case's codebook. A code says what a reviewer "
         "takes a span to show; it is not a finding."));
  table = csm_report_add (blocks, CSM_REPORT_TABLE, NULL);
  table->n_columns = 3;
  memcpy (table->widths, (int[]){ 22, 48, 30, 0 }, sizeof table->widths);
  csm_report_add_row (table, (const char *[]){ _ ("Code"), _ ("Definition"), _ ("Source") });
  for (unsigned i = 0; i < dossier->codes->len; i++)
    {
      const CsmCode *code = g_ptr_array_index (dossier->codes, i);

      csm_report_add_row (table,
                          (const char *[]){ code->label, code->definition, code->source });
    }
}

static void
add_method (GPtrArray *blocks, const CsmDossier *dossier)
{
  g_autofree char *libraries = dup_libraries (dossier);
  CsmReportBlock *fields;

  csm_report_add_heading (blocks, 1, "method", _ ("Method"));
  csm_report_add (
      blocks, CSM_REPORT_PARAGRAPH,
      _ ("Frames are numbered from 0, in the order in which they are displayed. Frame N is "
         "line N "
         "of what FFmpeg prints for the first video track of the file, in whatever order "
         "Casement itself read the frames; where a mark names another video track, "
         "“0:v:1” say, that stands in place of “0:v:0”:"));
  csm_report_add (blocks, CSM_REPORT_COMMAND,
                  "ffmpeg -threads 1 -noautorotate -i FILE -map 0:v:0 -fps_mode passthrough "
                  "-autoscale 0 -enc_time_base -1 -f framemd5 -");
  csm_report_add (
      blocks, CSM_REPORT_PARAGRAPH,
      _ ("A number is never computed from a rate of frames. An index is first made from the "
         "file's packets; then every frame is decoded once, which makes it exact. A mark names "
         "its frames by number and by the file's own time stamp, and holds the SHA-256 of the "
         "decoded picture: of its raw planes, rows without padding, in the pixel format that "
         "is "
         "stated beside it. Put “-f framehash -hash sha256” in place of “-f framemd5” in the "
         "command above to print the same hashes; marked-frames.tsv lists them."));
  csm_report_add (
      blocks, CSM_REPORT_PARAGRAPH,
      _ ("Stills are the frames as decoded: not scaled, not turned. In this report they are "
         "scaled to the page and turned upright where the file asks for it, and the marks' "
         "regions are drawn on them. Region coordinates count the pixels of the frame as "
         "decoded, from its top left corner. Files are read in a process that can reach "
         "neither "
         "other files nor a network."));
  fields = csm_report_add (blocks, CSM_REPORT_FIELDS, NULL);
  csm_report_add_field (fields, _ ("Program"), "Casement " CSM_VERSION);
  csm_report_add_field (fields, _ ("Decoded by"), libraries);
  csm_report_add_field (fields, _ ("Signatures"), "Ed25519 (RFC 8032)");
  csm_report_add_field (fields, _ ("Hashes"), "SHA-256, SHA-512 (FIPS 180-4)");
  csm_report_add_field (fields, _ ("Ledger"), _ ("canonical JSON (RFC 8785)"));
  csm_report_add_field (fields, _ ("Bundle"), "BagIt 1.0 (RFC 8493)");
  add_codes (blocks, dossier);
}

GPtrArray *
csm_report_text_new (const CsmDossier *dossier)
{
  GPtrArray *blocks = g_ptr_array_new_with_free_func (block_free);

  add_title (blocks, dossier);
  add_scope (blocks, dossier);
  add_items (blocks, dossier);
  add_custody (blocks, dossier);
  add_method (blocks, dossier);
  csm_report_add_marks (blocks, dossier);
  csm_report_add_displayed (blocks, dossier);
  csm_report_add_limits (blocks, dossier);
  csm_report_add_glossary (blocks);
  csm_report_add_statement (blocks, dossier);
  return blocks;
}
