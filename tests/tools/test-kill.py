#!/usr/bin/env python3
"""test-kill: SIGKILL at random moments of import and marking; what was said to be saved is there.
SPDX-License-Identifier: GPL-3.0-or-later"""
import os
import random
import subprocess
import time

import harness

SEED = int(os.environ.get("CSM_TEST_SEED", "20201101"))
KILLS = int(os.environ.get("CSM_TEST_KILLS", "200"))
# A case grows with each round, and verify with it: a fresh one now and then keeps the test short.
KILLS_A_CASE = 25


class Said:
    """What casectl printed: it must be in the case from then on."""

    def __init__(self):
        self.exhibits = {}
        self.marks = set()

    def hear(self, command, output):
        # A line without its end was never said.
        for line in output.split("\n")[:-1]:
            if command == "import":
                number, _, digest = line.split("  ")[:3]
                self.exhibits[number] = digest
            else:
                self.marks.add(line)


def make_clip(place, number):
    """A file that no round has had: a copy of one clip with a number behind it."""
    path = place.folder / f"clip-{number}.avi"
    path.write_bytes(place.base + number.to_bytes(8, "little"))
    return path


def steps(place, number):
    yield "import", ["import", place.case, make_clip(place, number)]
    for i in range(2):
        yield "mark", ["mark", place.case, "E-0001", "--from", str(i), "--to", str(i + 2), "--text", f"mark {number} {i}"]


def run_until(place, number, deadline, said):
    """Runs the steps until @deadline; True when one was killed."""
    for command, args in steps(place, number):
        process = subprocess.Popen(place.command(*args), cwd=place.folder, text=True, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        try:
            output, errors = process.communicate(timeout=max(deadline - time.monotonic(), 0))
        except subprocess.TimeoutExpired:
            process.kill()
            output, errors = process.communicate()
        said.hear(command, output)
        if process.returncode == -9:
            return True
        assert process.returncode == 0, f"exit {process.returncode}\n{errors}"
    return False


def check(place, said, moment):
    done = place.run("verify", place.case, "--media", code=None)
    assert done.returncode == 0, f"after a kill at {moment}: exit {done.returncode}\n{done.stdout}{done.stderr}"
    marks = {m["id"] for m in place.json("marks", place.case)}
    assert said.marks <= marks, f"after a kill at {moment}: lost marks {said.marks - marks}"
    exhibits = {e["number"]: e["sha256"] for e in place.json("exhibits", place.case)}
    assert said.exhibits.items() <= exhibits.items(), f"after a kill at {moment}: lost exhibits"


def run_case(place, rng, first, kills):
    """One case: a round that is let through, to know how long one takes, then @kills killed ones."""
    said = Said()
    killed = 0
    place.make_case()
    start = time.monotonic()
    assert not run_until(place, first, start + 600, said)
    length = time.monotonic() - start
    number = first
    while killed < kills:
        number += 1
        start = time.monotonic()
        after = rng.uniform(0, length)
        if run_until(place, number, start + after, said):
            killed += 1
            check(place, said, f"{after:.4f} s of {length:.4f}, round {number - first}, seed {SEED}")
        else:
            # The machine has become faster: so do the rounds.
            length = time.monotonic() - start
    assert not run_until(place, number + 1, time.monotonic() + 600, said)
    check(place, said, "the end")
    left = [p.name for p in place.media.iterdir() if ".part" in p.name]
    assert not left, left


def what_was_saved_survives_each_kill(_):
    rng = random.Random(SEED)
    for first in range(0, KILLS, KILLS_A_CASE):
        with harness.scratch() as place:
            place.base = place.clip("base.avi", frames=4, size="64x48").read_bytes()
            run_case(place, rng, first * 1000, min(KILLS_A_CASE, KILLS - first))


harness.main("kill", [what_was_saved_survives_each_kill])
