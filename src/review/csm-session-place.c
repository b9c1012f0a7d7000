/* csm-session-place.c: where a locked session was, for another process to go on from
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review/csm-session-private.h"

/* Path, exhibit in view or "", and the playhead's track and frame by exhibit. */
#define PLACE "(aysa{s(ix)})"

GVariant *
csm_session_dup_place (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self) && self->state == CSM_SESSION_LOCKED, NULL);

  GVariantBuilder positions;
  GHashTableIter iter;
  gpointer id, value;

  g_variant_builder_init (&positions, G_VARIANT_TYPE ("a{s(ix)}"));
  g_hash_table_iter_init (&iter, self->positions);
  while (g_hash_table_iter_next (&iter, &id, &value))
    {
      const CsmPosition *position = value;

      g_variant_builder_add (&positions, "{s(ix)}", id, position->track, position->ordinal);
    }
  return g_variant_ref_sink (
      g_variant_new ("(@aysa{s(ix)})", g_variant_new_bytestring (self->path),
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
  int track;
  CsmId parsed;

  g_variant_get_child (place, 1, "&s", &exhibit);
  g_variant_get_child (place, 2, "a{s(ix)}", &positions);
  while (g_variant_iter_next (positions, "{&s(ix)}", &id, &track, &ordinal))
    if (csm_id_parse (id, &parsed) && track >= 0 && ordinal >= 0)
      csm_session_set_position (self, &parsed, track, ordinal);
  self->has_locked_exhibit = csm_id_parse (exhibit, &self->locked_exhibit);
  csm_session_set_path (self, g_variant_get_bytestring (path));
  csm_session_set_state (self, CSM_SESSION_LOCKED);
}
