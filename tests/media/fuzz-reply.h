/* fuzz-reply.h: what a fuzzer or a test feeds to the host as the words of a worker
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "media/csm-sound-map.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  FUZZ_PROBE,
  FUZZ_SCAN,
  FUZZ_SOUND_MAP,
  FUZZ_SOUND,
  FUZZ_PICTURE,
  FUZZ_DIGEST,
  FUZZ_PNG,
  FUZZ_CLIP,
  FUZZ_N_QUESTIONS,
};

/* @data: one byte says which question is asked; then messages, each behind its size in two
 * bytes, little-endian. Ends the program when the call leaves neither an answer nor an error.
 * Returns whether there was an answer. */
bool fuzz_reply (const uint8_t *data, size_t size);

/* (transfer full): four samples. */
CsmSoundMap *fuzz_new_sound_map (void);

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);
