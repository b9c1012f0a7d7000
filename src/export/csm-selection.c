/* csm-selection.c: what of a case is to leave it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-selection.h"

CsmSelection *
csm_selection_new (void)
{
  CsmSelection *self = g_new0 (CsmSelection, 1);

  self->exhibits = g_ptr_array_new_with_free_func (g_free);
  self->marks = g_ptr_array_new_with_free_func (g_free);
  self->codes = g_ptr_array_new_with_free_func (g_free);
  self->authors = g_ptr_array_new_with_free_func (g_free);
  self->files = true;
  self->stills = true;
  self->report = true;
  return self;
}

void
csm_selection_free (CsmSelection *self)
{
  if (self == NULL)
    return;

  g_clear_pointer (&self->exhibits, g_ptr_array_unref);
  g_clear_pointer (&self->marks, g_ptr_array_unref);
  g_clear_pointer (&self->codes, g_ptr_array_unref);
  g_clear_pointer (&self->authors, g_ptr_array_unref);
  g_free (self);
}
