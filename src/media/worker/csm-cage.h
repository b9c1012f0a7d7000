/* csm-cage.h: what the worker gives up before it looks at a single byte
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <stddef.h>

/* Locks the process in, for good: no files, no network, no new programs, no other processes.
 * Single-threaded, after everything that has to be open is open.
 *
 * User, network, IPC, mount and UTS namespaces with an empty root and Landlock are taken as far
 * as the kernel gives them; no_new_privs, resource limits and seccomp must succeed.
 * @address_space bounds memory in bytes.
 *
 * (transfer full) (nullable): the layers reached, "namespaces landlock-7 limits seccomp"; NULL
 * with CSM_MEDIA_ERROR_NO_CAGE: end the process. */
char *csm_cage_lock (size_t address_space, GError **error);

/* Inside the cage: tries @attempt, one of csm_cage_list_attempts(), and answers what came of
 * it: "refused: WORDS" or "succeeded"; some attempts end the process instead. NULL for an
 * unknown name. Borrowed, static. */
const char *csm_cage_attempt (const char *attempt);
/* NULL-terminated. Borrowed, static. */
const char *const *csm_cage_list_attempts (void);
