/* csm-worker-sound.c: asking a worker for sound
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/csm-worker-private.h"

CsmSoundMap *
csm_worker_map_sound (CsmWorker *self,
                      int track,
                      CsmWorkerProgress progress,
                      gpointer data,
                      GCancellable *cancellable,
                      GError **error)
{
  CsmExchange exchange = {
    .request.kind = CSM_REQUEST_SOUND_MAP,
    .request.track = track,
    .progress = progress,
    .progress_data = data,
  };
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (CsmSoundMap) map = NULL;

  g_return_val_if_fail (track >= 0 && track < CSM_PROTOCOL_MAX_STREAMS, NULL);

  bytes = csm_worker_exchange_bytes (self, &exchange, CSM_PROTOCOL_MAX_INDEX, NULL, cancellable,
                                     error);
  if (bytes == NULL)
    return NULL;
  map = csm_sound_map_parse (bytes, NULL);
  if (map == NULL || csm_sound_map_get_track (map) != track)
    {
      csm_worker_fail_nonsense (self, error);
      return NULL;
    }
  return g_steal_pointer (&map);
}

GBytes *
csm_worker_read_sound (CsmWorker *self,
                       const CsmSoundMap *map,
                       int64_t block,
                       bool exact,
                       GCancellable *cancellable,
                       GError **error)
{
  const CsmSoundBlock *wanted, *before;
  CsmSoundMessage message;
  CsmExchange exchange = {
    .request.kind = CSM_REQUEST_SOUND,
    .request.flags = exact ? CSM_REQUEST_EXACT : 0,
    .request.payload = sizeof message,
    .payload = &message,
  };
  g_autoptr (GBytes) bytes = NULL;
  int64_t size;

  g_return_val_if_fail (map != NULL, NULL);
  g_return_val_if_fail (block >= 0 && block < csm_sound_map_get_n_blocks (map), NULL);

  wanted = csm_sound_map_get_block (map, block);
  before = csm_sound_map_get_block (map, MAX (block - 1, 0));
  message = (CsmSoundMessage){ .first = wanted->first,
                               .n_samples = csm_sound_map_get_block_size (map, block),
                               .pts = wanted->pts,
                               .packet = wanted->packet,
                               .run_up = before->packet,
                               .hash = wanted->hash };
  exchange.request.track = csm_sound_map_get_track (map);
  size = message.n_samples * csm_sound_map_get_channels (map) * (int64_t) sizeof (int16_t);
  bytes = csm_worker_exchange_bytes (self, &exchange, size, NULL, cancellable, error);
  if (bytes != NULL && (int64_t) g_bytes_get_size (bytes) != size)
    {
      csm_worker_fail_nonsense (self, error);
      return NULL;
    }
  return g_steal_pointer (&bytes);
}
