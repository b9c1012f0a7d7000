/* csm-service-sound.c: what a host can ask about sound
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/worker/csm-service-private.h"

#include <string.h>

static CsmSoundReader *
open_reader (CsmService *self, int track, GError **error)
{
  CsmInput *input = csm_service_take_input (self, error);

  return input != NULL ? csm_sound_reader_new (input, track, error) : NULL;
}

static void
answer_bytes (CsmService *self, GBytes *bytes, const GError *error)
{
  if (bytes == NULL)
    csm_service_fail (self, error);
  else if (csm_service_send_bytes (self, bytes))
    csm_service_done (self);
}

void
csm_service_sound_map (CsmService *self, const CsmRequest *request)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmSoundReader) reader = open_reader (self, request->track, &error);
  g_autoptr (CsmSoundMap) map = NULL;
  g_autoptr (GBytes) bytes = NULL;

  if (reader != NULL)
    map = csm_sound_reader_map (reader, csm_service_progress_cb, self, &error);
  if (map != NULL)
    bytes = csm_sound_map_serialize (map);
  answer_bytes (self, bytes, error);
}

static GBytes *
read_from_start (CsmService *self,
                 int track,
                 const CsmSoundMessage *wanted,
                 bool exact,
                 GError **error)
{
  GBytes *bytes;

  g_clear_pointer (&self->sound, csm_sound_reader_free);
  self->sound = open_reader (self, track, error);
  if (self->sound == NULL)
    return NULL;
  bytes = csm_sound_reader_read (self->sound, wanted, exact, true, csm_service_poll_cb, self,
                                 error);
  if (bytes == NULL && *error == NULL)
    g_set_error_literal (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_CHANGED,
                         "The sound is not the one that its map was made of.");
  return bytes;
}

void
csm_service_sound (CsmService *self, const CsmRequest *request, const void *payload)
{
  bool exact = (request->flags & CSM_REQUEST_EXACT) != 0;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;
  CsmSoundMessage wanted;

  memcpy (&wanted, payload, sizeof wanted);
  if (self->sound != NULL && csm_sound_reader_get_track (self->sound) != request->track)
    g_clear_pointer (&self->sound, csm_sound_reader_free);
  if (self->sound == NULL)
    self->sound = open_reader (self, request->track, &error);
  if (self->sound != NULL)
    bytes = csm_sound_reader_read (self->sound, &wanted, exact, false, csm_service_poll_cb,
                                   self, &error);
  if (bytes == NULL && error == NULL)
    bytes = read_from_start (self, request->track, &wanted, exact, &error);
  answer_bytes (self, bytes, error);
}
