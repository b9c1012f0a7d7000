/* csm-session-place.c: where a locked session was, for another process to go on from
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review/csm-session-private.h"

/* Path, exhibit in view or "", and the playhead's frame by exhibit. */
#define PLACE "(aysa{sx})"

GVariant *
csm_session_dup_place (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self) && self->state == CSM_SESSION_LOCKED, NULL);

  GVariantBuilder positions;
  GHashTableIter iter;
  gpointer id, ordinal;

  g_variant_builder_init (&positions, G_VARIANT_TYPE ("a{sx}"));
  g_hash_table_iter_init (&iter, self->positions);
  while (g_hash_table_iter_next (&iter, &id, &ordinal))
    g_variant_builder_add (&positions, "{sx}", id, *(const int64_t *) ordinal);
  return g_variant_ref_sink (
      g_variant_new ("(@aysa{sx})", g_variant_new_bytestring (self->path),
                     self->has_locked_exhibit ? self->locked_exhibit.hex : "", &positions));
}

void
csm_session_go_to_place (CsmSession *self, GVariant *place)
{
  g_return_if_fail (CSM_IS_SESSION (self) && self->state == CSM_SESSION_CLOSED);
  g_return_if_fail (g_variant_is_of_type (place, G_VARIANT_TYPE (PLACE)));

  g_autoptr (GVariant) path = g_variant_get_child_value (place, 0);
  g_autoptr (GVariantIter) positions = NULL;
  const char *exhibit, *id;
  int64_t ordinal;
  CsmId parsed;

  g_variant_get_child (place, 1, "&s", &exhibit);
  g_variant_get_child (place, 2, "a{sx}", &positions);
  while (g_variant_iter_next (positions, "{&sx}", &id, &ordinal))
    if (csm_id_parse (id, &parsed) && ordinal >= 0)
      csm_session_set_position (self, &parsed, ordinal);
  self->has_locked_exhibit = csm_id_parse (exhibit, &self->locked_exhibit);
  csm_session_set_path (self, g_variant_get_bytestring (path));
  csm_session_set_state (self, CSM_SESSION_LOCKED);
}
