/* csm-heard.h: compares the worker's samples with the ffmpeg program's
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "media/csm-worker.h"

/* (transfer full): `ffmpeg -i @path -map 0:a:@track -ac @channels -f s16le -`; empty when it
 * decodes nothing. */
GBytes *csm_heard_get_truth (const char *path, int track, int channels);

/* Everything that the worker says about the sound of @path is what ffmpeg gives: count, samples
 * in order, samples of @n_shuffled blocks in an order given by @seed, by processes that begin
 * there and by ones that were elsewhere before, and the peaks. Where ffmpeg decodes no sound
 * the worker gives none. Fails the test otherwise. */
void csm_heard_assert (const char *path, int track, int n_shuffled, guint32 seed);
