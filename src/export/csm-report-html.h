/* csm-report-html.h: parts of index.html
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "export/csm-report-text.h"

/* Appends to @html. Text is hostile: what could end an element, an attribute or a script does
 * not get through; controls become the replacement character. */
void csm_html_append (GString *html, const char *text);
/* " NAME="VALUE"" */
void csm_html_append_attribute (GString *html, const char *name, const char *value);
/* A JSON string that may stand in a script element. */
void csm_html_append_json (GString *html, const char *text);

/* Where @exhibit is played, and buttons for its frames. */
void csm_html_append_player (GString *html, const CsmDossierExhibit *exhibit);
/* A mark's still with its regions; nothing without a still. */
void csm_html_append_picture (GString *html,
                              const CsmDossierExhibit *exhibit,
                              const CsmDossierMark *mark);
/* Attributes that say where @mark is. */
void csm_html_append_place (GString *html,
                            const CsmDossierExhibit *exhibit,
                            const CsmDossierMark *mark);
/* What the script says, as JSON. */
void csm_html_append_words (GString *html);
/* How the pictures of @exhibit are turned, as a style sheet's rules. */
void csm_html_append_style (GString *css, const CsmDossierExhibit *exhibit);
