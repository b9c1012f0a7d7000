/* csm-sqlite-memory.h: where SQLite keeps pages in the clear; private to the room
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <stdbool.h>

/* SQLite's heap and page cache hold what the case file seals. From here on every block that
 * SQLite frees is wiped, and the blocks that hold pages come from memory that is left out of
 * core dumps and locked as far as the system lets us (half of RLIMIT_MEMLOCK: keys need it
 * too). Closing a database frees, and so wipes, all of it.
 *
 * Called by whatever opens or makes a vault; only the first call does something. False when
 * SQLite was in use before and kept its own heap. Any thread. */
bool csm_sqlite_memory_protect (void);
