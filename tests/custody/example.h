/* example.h: the worked example of FORMAT.md, section 8
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "custody/csm-entry.h"

#include <string.h>

#define EXAMPLE_SEED "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
#define EXAMPLE_FIRST_HEADER                                                       \
  "{\"author\":\"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f70"      \
  "7511a\",\"body_sha256\":\"6f60935cb37ba8862a0927e936d808dc5e3d7576f6a7445d"     \
  "e13747f83cf74fbe\",\"case\":\"000102030405060708090a0b0c0d0e0f\",\"chain\":\"1" \
  "01112131415161718191a1b1c1d1e1f\",\"heads\":[],\"lamport\":1,\"meta_sha256\":"  \
  "\"0298f4837a19db3ce300ff2d7fad4f71e79e6e39a9bbd864c859c35e04e2315a\",\"pr"      \
  "ev\":null,\"seq\":1,\"v\":1}"
#define EXAMPLE_FIRST_META                                                          \
  "{\"kind\":\"case.create\",\"nonce\":\"a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0\",\"repl" \
  "aces\":[],\"subject\":\"000102030405060708090a0b0c0d0e0f\",\"time\":\"2026-03-"  \
  "05T09:07:02.004Z\"}"
#define EXAMPLE_FIRST_BODY \
  "{\"nonce\":\"b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0\",\"title\":\"Минск\"}"
#define EXAMPLE_FIRST_ID "469ab1898f37d28638c4b4e81bc7e3141e31300ff9c7bb2a80bc4434c8f4b4db"
#define EXAMPLE_FIRST_SIGNATURE                                            \
  "e8b7a3563aa979d01bca49f84ca672475af1a14613b350951ef82237706c225af7c281" \
  "950b3c7dec40cf51d300bafc8fccd0bbc98cc6ac338e66d2e6c0ac5703"
#define EXAMPLE_HEADER                                                             \
  "{\"author\":\"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f70"      \
  "7511a\",\"body_sha256\":\"42c56286b61044fdc13ec254a77ee987ae6408e5011b51b1"     \
  "430f3630f7df1bb4\",\"case\":\"000102030405060708090a0b0c0d0e0f\",\"chain\":\"1" \
  "01112131415161718191a1b1c1d1e1f\",\"heads\":[],\"lamport\":2,\"meta_sha256\":"  \
  "\"0dc1b8bfcb8168ef3eb00c93050697d1e6f19159b3b44349b13fec9fdba65e13\",\"pr"      \
  "ev\":\"469ab1898f37d28638c4b4e81bc7e3141e31300ff9c7bb2a80bc4434c8f4b4db\""      \
  ",\"seq\":2,\"v\":1}"
#define EXAMPLE_META                                                                \
  "{\"kind\":\"mark.set\",\"nonce\":\"a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1\",\"replace" \
  "s\":[],\"subject\":\"202122232425262728292a2b2c2d2e2f\",\"time\":\"2026-03-05T"  \
  "09:08:00.000Z\"}"
#define EXAMPLE_BODY                                                                  \
  "{\"code\":\"baton\",\"from\":\"1234\",\"nonce\":\"b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b" \
  "1\",\"text\":\"two officers, one baton\",\"to\":\"1250\"}"
#define EXAMPLE_ID "58aa9a8cbd6660b2eb30f85ea81ab9c5187339e3d6fe2e682b1bcedd97a077bf"
#define EXAMPLE_SIGNATURE                                                  \
  "15b48d5ba31a37ab0a1b8307233f92389710129ce505978da2fde3d05cf1d9f585a3fa" \
  "88a6f5280f34a0d0e9df380fad17cf7bbe5996af9eae7477a7bef7830b"

static inline GBytes *
example_bytes (const char *text)
{
  return g_bytes_new (text, strlen (text));
}

/* (transfer full): the key of RFC 8032, section 7.1, test 1. */
static inline CsmSigner *
example_signer (void)
{
  g_autoptr (CsmSecret) seed = csm_secret_new (CSM_SEED_SIZE);

  g_assert_true (csm_hex_decode (EXAMPLE_SEED, csm_secret_data (seed), CSM_SEED_SIZE));
  return csm_signer_new_from_seed (seed);
}
