/* receipt-example.h: the example of FORMAT.md, section 9
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#define EXAMPLE_RECEIPT_HEAD "58aa9a8cbd6660b2eb30f85ea81ab9c5187339e3d6fe2e682b1bcedd97a077bf"
#define EXAMPLE_RECEIPT                                                           \
  "{\"case\":\"000102030405060708090a0b0c0d0e0f\",\"count\":2,"                   \
  "\"file_id\":\"303132333435363738393a3b3c3d3e3f\",\"header_seq\":7,\"heads\":[" \
  "\"" EXAMPLE_RECEIPT_HEAD "\"],\"v\":1}"
#define EXAMPLE_RECEIPT_SHA256 \
  "777e1170a7f5941a4418bfa96ac96338fd0412bde473fc317f2cc2f7fd761760"
#define EXAMPLE_RECEIPT_CODE "O57BC4FH6WKBURAYX6UWVSLDHD"
