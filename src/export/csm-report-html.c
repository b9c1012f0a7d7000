/* csm-report-html.c: index.html
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-report-html.h"

#include "export/csm-report-resource.h"
#include "export/csm-report.h"

#include <glib/gi18n-lib.h>

/* ---- Text ---- */

static bool
is_control (gunichar u)
{
  return g_unichar_iscntrl (u) && u != '\n' && u != '\t';
}

void
csm_html_append (GString *html, const char *text)
{
  for (const char *c = text; *c != '\0'; c = g_utf8_next_char (c))
    switch (*c)
      {
      case '&':
        g_string_append (html, "&amp;");
        break;
      case '<':
        g_string_append (html, "&lt;");
        break;
      case '>':
        g_string_append (html, "&gt;");
        break;
      case '"':
        g_string_append (html, "&quot;");
        break;
      case '\'':
        g_string_append (html, "&#39;");
        break;
      default:
        if (is_control (g_utf8_get_char (c)))
          g_string_append (html, "\357\277\275");
        else
          g_string_append_len (html, c, g_utf8_next_char (c) - c);
      }
}

void
csm_html_append_attribute (GString *html, const char *name, const char *value)
{
  g_string_append_printf (html, " %s=\"", name);
  csm_html_append (html, value);
  g_string_append_c (html, '"');
}

void
csm_html_append_json (GString *html, const char *text)
{
  g_string_append_c (html, '"');
  for (const char *c = text; *c != '\0'; c = g_utf8_next_char (c))
    {
      const gunichar u = g_utf8_get_char (c);

      if (u < 0x20 || u == '"' || u == '\\' || u == '<' || u == '>' || u == '&')
        g_string_append_printf (html, "\\u%04x", u);
      else
        g_string_append_unichar (html, u);
    }
  g_string_append_c (html, '"');
}

/* ---- Blocks ---- */

typedef struct
{
  GString *html;
  bool in_section, in_part, in_mark, in_work, in_list, draft;
} Html;

/* <@tag>text</@tag>, of whatever direction the text has. */
static void
append_element (GString *html, const char *tag, const char *class, const char *text)
{
  g_string_append_printf (html, "<%s dir=\"auto\"", tag);
  if (class != NULL)
    csm_html_append_attribute (html, "class", class);
  g_string_append_c (html, '>');
  csm_html_append (html, text);
  g_string_append_printf (html, "</%s>\n", tag);
}

static void
close_if (Html *self, bool *open, const char *end)
{
  if (*open)
    g_string_append (self->html, end);
  *open = false;
}

static void
close_mark (Html *self)
{
  close_if (self, &self->in_mark, "</div></article>\n");
}

static void
close_part (Html *self)
{
  close_mark (self);
  close_if (self, &self->in_work, "</div></div>\n");
  close_if (self, &self->in_part, "</section>\n");
}

static void
close_section (Html *self)
{
  close_part (self);
  close_if (self, &self->draft, "</td></tr></tbody></table>\n");
  close_if (self, &self->in_section, "</section>\n");
}

static void
open_element (GString *html, const char *tag, const char *class, const char *id)
{
  g_string_append_printf (html, "<%s", tag);
  if (class != NULL)
    csm_html_append_attribute (html, "class", class);
  if (id != NULL)
    csm_html_append_attribute (html, "id", id);
  g_string_append_c (html, '>');
}

static void
append_heading (Html *self, const CsmReportBlock *block)
{
  GString *html = self->html;

  if (block->level == 1)
    {
      close_section (self);
      open_element (html, "section", NULL, block->anchor);
      self->in_section = true;
      if (block->draft)
        {
          /* A table's head stands on each page that it is printed on. */
          g_string_append (html,
                           "<table class=\"paged\" role=\"presentation\"><thead><tr><th>");
          csm_html_append (html, _ ("DRAFT – not signed"));
          g_string_append (html, "</th></tr></thead><tbody><tr><td>\n");
          self->draft = true;
        }
      append_element (html, "h2", NULL, block->text);
      return;
    }
  close_part (self);
  open_element (html, "section", block->label != NULL ? "exhibit" : NULL, block->anchor);
  self->in_part = true;
  g_string_append (html, "<h3>");
  csm_html_append (html, block->text);
  if (block->label != NULL)
    {
      g_string_append (html, " <bdi class=\"name\">");
      csm_html_append (html, block->label);
      g_string_append (html, "</bdi>");
    }
  g_string_append (html, "</h3>\n");
}

static void
append_row (GString *html, const CsmReportRow *row)
{
  g_string_append (html, "<dt dir=\"auto\">");
  csm_html_append (html, row->cells[0]);
  g_string_append (html, "</dt><dd dir=\"auto\"");
  if (row->mono || row->prose)
    csm_html_append_attribute (html, "class", row->mono ? "mono" : "prose");
  g_string_append_c (html, '>');
  csm_html_append (html, row->cells[1]);
  g_string_append (html, "</dd>\n");
}

static void
append_fields (GString *html, const CsmReportBlock *block)
{
  g_string_append (html, "<dl>\n");
  for (unsigned i = 0; i < block->rows->len; i++)
    append_row (html, g_ptr_array_index (block->rows, i));
  g_string_append (html, "</dl>\n");
}

/* What most people read, then what those read who check it. */
static void
append_mark_fields (GString *html, const CsmReportBlock *block)
{
  g_string_append (html, "<dl>\n");
  for (unsigned i = 0; i < block->rows->len; i++)
    {
      if (i == block->details)
        {
          g_string_append (html, "</dl>\n<p class=\"actions\">"
                                 "<a class=\"show\" href=\"#mark-");
          csm_html_append (html, block->mark->mark->id.hex);
          g_string_append (html, "\">");
          csm_html_append (html, block->mark->mark->track < 0 ? _ ("Go to the mark")
                                                              : _ ("Show the first frame"));
          g_string_append (html, "</a><button type=\"button\" class=\"toggle\" "
                                 "aria-expanded=\"false\">");
          csm_html_append (html, _ ("Hashes and details"));
          g_string_append (html, "</button></p>\n<dl class=\"more\">\n");
        }
      g_string_append (html, "<div>");
      append_row (html, g_ptr_array_index (block->rows, i));
      g_string_append (html, "</div>");
    }
  g_string_append (html, "</dl>\n");
}

static void
append_table (GString *html, const CsmReportBlock *block)
{
  int total = 0;

  for (int i = 0; i < block->n_columns; i++)
    total += block->widths[i];
  g_string_append (html, "<div class=\"scroll\"><table class=\"data\"><colgroup>");
  for (int i = 0; i < block->n_columns; i++)
    g_string_append_printf (html, "<col width=\"%d%%\">", 100 * block->widths[i] / total);
  g_string_append (html, "</colgroup>\n");
  for (unsigned i = 0; i < block->rows->len; i++)
    {
      const CsmReportRow *row = g_ptr_array_index (block->rows, i);

      g_string_append (html, i == 0 ? "<thead><tr>" : "<tr>");
      for (int j = 0; j < block->n_columns; j++)
        {
          CsmDigest digest;
          const char *class = csm_digest_from_hex (row->cells[j], &digest) ? "mono" : NULL;

          append_element (html, i == 0 ? "th" : "td", class, row->cells[j]);
        }
      g_string_append (html, i == 0 ? "</tr></thead><tbody>\n" : "</tr>\n");
    }
  g_string_append (html, "</tbody></table></div>\n");
}

static void
append_player (Html *self, const CsmReportBlock *block)
{
  g_string_append (self->html, "<div class=\"work\">\n");
  csm_html_append_player (self->html, block->exhibit);
  g_string_append (self->html, "<div class=\"marks\">\n");
  self->in_work = true;
}

static void
append_mark (Html *self, const CsmReportBlock *block)
{
  GString *html = self->html;

  close_mark (self);
  g_string_append (html, "<article class=\"mark\"");
  csm_html_append_attribute (html, "id", block->anchor);
  csm_html_append_place (html, block->exhibit, block->mark);
  g_string_append (html, ">\n<h4>");
  csm_html_append (html, block->text);
  g_string_append (html, "</h4>\n<div>");
  self->in_mark = true;
}

static void
append_still (GString *html, const CsmReportBlock *block)
{
  g_string_append (html, "<figure>");
  csm_html_append_picture (html, block->exhibit, block->mark);
  append_element (html, "figcaption", NULL, block->text);
  g_string_append (html, "</figure>\n");
}

static void
append_blank (GString *html, const CsmReportBlock *block)
{
  g_string_append (html, "<p class=\"blank\"><span>");
  csm_html_append (html, block->text);
  g_string_append (html, "</span>");
  for (int i = 0; i < block->level; i++)
    g_string_append (html, "<i></i>");
  g_string_append (html, "</p>\n");
}

static void
append_block (Html *self, const CsmReportBlock *block)
{
  GString *html = self->html;

  if (block->kind != CSM_REPORT_POINT)
    close_if (self, &self->in_list, "</ul>\n");
  switch (block->kind)
    {
    case CSM_REPORT_TITLE: /* It stands before the rest. */
      break;
    case CSM_REPORT_HEADING:
      append_heading (self, block);
      break;
    case CSM_REPORT_PARAGRAPH:
      append_element (html, "p", NULL, block->text);
      break;
    case CSM_REPORT_POINT:
      if (!self->in_list)
        g_string_append (html, "<ul>\n");
      self->in_list = true;
      append_element (html, "li", NULL, block->text);
      break;
    case CSM_REPORT_COMMAND:
      g_string_append (html, "<code class=\"command\" dir=\"ltr\">");
      csm_html_append (html, block->text);
      g_string_append (html, "</code>\n");
      break;
    case CSM_REPORT_FIELDS:
      if (self->in_mark)
        append_mark_fields (html, block);
      else
        append_fields (html, block);
      break;
    case CSM_REPORT_TABLE:
      append_table (html, block);
      break;
    case CSM_REPORT_PLAYER:
      append_player (self, block);
      break;
    case CSM_REPORT_MARK:
      append_mark (self, block);
      break;
    case CSM_REPORT_STILL:
      append_still (html, block);
      break;
    case CSM_REPORT_BLANK:
      append_blank (html, block);
      break;
    }
}

/* ---- The page ---- */

static char *
dup_resource (const char *name)
{
  g_autofree char *path = g_strconcat ("/org/casement/export/", name, NULL);
  g_autoptr (GBytes) bytes = g_resource_lookup_data (csm_report_resource_get_resource (), path,
                                                     G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  size_t size;
  const char *data;

  g_assert (bytes != NULL);
  data = g_bytes_get_data (bytes, &size);
  return g_strndup (data, size);
}

/* (transfer full): as a content security policy names it. */
static char *
dup_policy_hash (const char *text)
{
  CsmDigest digest;
  g_autofree char *base64 = NULL;

  csm_sha256 (text, strlen (text), &digest);
  base64 = g_base64_encode (digest.bytes, sizeof digest.bytes);
  return g_strdup_printf ("'sha256-%s'", base64);
}

static void
append_head (GString *html, const CsmDossier *dossier, const char *css, const char *script)
{
  g_autofree char *css_hash = dup_policy_hash (css);
  g_autofree char *script_hash = dup_policy_hash (script);

  g_string_append_printf (
      html,
      "<!DOCTYPE html>\n<html lang=\"%s\" dir=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
      /* A browser takes "self" for nothing where a page comes from the disk. */
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
      "img-src 'self' file:; media-src 'self' file:; style-src %s; script-src %s; "
      "base-uri 'none'; form-action 'none'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n"
      "<meta name=\"referrer\" content=\"no-referrer\">\n<title>",
      /* Translators: the code of the language that this is translated to, "ru" */
      C_ ("language code", "en"),
      /* Translators: "rtl" when this language is written from right to left */
      C_ ("direction of text", "ltr"), css_hash, script_hash);
  csm_html_append (html, dossier->title);
  g_string_append_printf (html, "</title>\n<style>%s</style>\n</head>\n<body>\n", css);
}

static void
append_title (GString *html, const CsmReportBlock *title, const CsmReportBlock *fields)
{
  g_string_append (html, "<a class=\"skip\" href=\"#content\">");
  csm_html_append (html, _ ("Skip to the content"));
  g_string_append (html, "</a>\n<header class=\"title\">\n");
  append_element (html, "p", NULL, title->label);
  append_element (html, "h1", NULL, title->text);
  append_fields (html, fields);
  g_string_append (html, "</header>\n");
}

static void
append_contents (GString *html, GPtrArray *blocks)
{
  bool marks = false;

  g_string_append (html, "<nav");
  csm_html_append_attribute (html, "aria-label", _ ("Contents"));
  g_string_append (html, "><ul>\n");
  for (unsigned i = 0; i < blocks->len; i++)
    {
      const CsmReportBlock *block = g_ptr_array_index (blocks, i);

      if (block->kind != CSM_REPORT_HEADING || (block->level > 1 && !marks))
        continue;
      if (block->level == 1 && marks)
        g_string_append (html, "</ul></li>\n");
      g_string_append (html, "<li><a");
      g_string_append_printf (html, " href=\"#%s\" dir=\"auto\">", block->anchor);
      csm_html_append (html, block->text);
      if (block->label != NULL)
        {
          g_string_append (html, " <bdi>");
          csm_html_append (html, block->label);
          g_string_append (html, "</bdi>");
        }
      g_string_append (html, "</a>");
      if (block->level == 1)
        marks = g_str_equal (block->anchor, "marks");
      g_string_append (html, block->level == 1 && marks ? "<ul>\n" : "</li>\n");
    }
  g_string_append (html, "</ul></nav>\n");
}

static char *
dup_style (const CsmDossier *dossier)
{
  g_autofree char *css = dup_resource ("csm-report.css");
  GString *all = g_string_new (css);

  for (unsigned i = 0; i < dossier->exhibits->len; i++)
    csm_html_append_style (all, g_ptr_array_index (dossier->exhibits, i));
  return g_string_free (all, FALSE);
}

GBytes *
csm_report_write_html (const CsmDossier *dossier, GError **error)
{
  g_autoptr (GPtrArray) blocks = csm_report_text_new (dossier);
  g_autofree char *css = dup_style (dossier);
  g_autofree char *script = dup_resource ("csm-report.js");
  Html self = { .html = g_string_new (NULL) };

  append_head (self.html, dossier, css, script);
  append_title (self.html, g_ptr_array_index (blocks, 0), g_ptr_array_index (blocks, 1));
  append_contents (self.html, blocks);
  g_string_append (self.html, "<main id=\"content\">\n");
  for (unsigned i = 2; i < blocks->len; i++)
    append_block (&self, g_ptr_array_index (blocks, i));
  close_if (&self, &self.in_list, "</ul>\n");
  close_section (&self);
  g_string_append (self.html, "</main>\n<script type=\"application/json\" id=\"words\">");
  csm_html_append_words (self.html);
  g_string_append_printf (self.html, "</script>\n<script>%s</script>\n</body>\n</html>\n",
                          script);
  return g_string_free_to_bytes (self.html);
}
