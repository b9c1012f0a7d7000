#!/usr/bin/env python3
"""test-kill: SIGKILL at random moments of what casectl writes; what was said to be saved is there.
SPDX-License-Identifier: GPL-3.0-or-later"""
import os
import random

import harness
import killed

SEED = int(os.environ.get("CSM_TEST_SEED", "20201101"))
KILLS = int(os.environ.get("CSM_TEST_KILLS", "200"))
# A case grows with each round, and verify with it: a fresh one now and then keeps the test short.
KILLS_A_CASE = 25


def what_was_saved_survives_each_kill(_):
    rng = random.Random(SEED)
    for first in range(0, KILLS, KILLS_A_CASE):
        with harness.scratch() as place:
            killed.run_case(place, rng, SEED, ["import", "mark", "mark"], min(KILLS_A_CASE, KILLS - first))


def so_it_does_between_merges_rotations_backups_and_erasures(place):
    killed.run_case(place, random.Random(SEED), SEED, killed.COMMANDS, KILLS_A_CASE)


harness.main("kill", [what_was_saved_survives_each_kill, so_it_does_between_merges_rotations_backups_and_erasures])
