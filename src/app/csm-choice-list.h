/* csm-choice-list.h: a list in which any number of things is ticked
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>
#include <stdbool.h>

/* CsmChoiceList: lazy: ten thousand choices cost no more than those on the screen. Signal
 * "changed": something was ticked, or not any more. */
#define CSM_TYPE_CHOICE_LIST (csm_choice_list_get_type ())
G_DECLARE_FINAL_TYPE (CsmChoiceList, csm_choice_list, CSM, CHOICE_LIST, AdwBin)

/* A choice that csm_choice_list_fill() takes; (transfer full). @depth: under others, 0 upward.
 */
GObject *csm_choice_new (const char *key, const char *label, int depth, bool chosen);
/* Replaces all; @choices (element-type CsmChoice) stays the caller's. @name: of the list, for
 * screen readers. */
void csm_choice_list_fill (CsmChoiceList *self, const char *name, GPtrArray *choices);
/* (transfer full) (element-type char *): the keys of what is ticked, in order. */
GPtrArray *csm_choice_list_dup_chosen (CsmChoiceList *self);
