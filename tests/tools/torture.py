#!/usr/bin/env python3
"""torture MINUTES: power cuts, kills, damage and merges, with fresh seeds, until the time is over; at least one round.

Ends with counts. At the first loss it stops, says the round's seed, which CSM_TEST_SEED takes for the same round
again, and keeps the round's folder.
SPDX-License-Identifier: GPL-3.0-or-later"""
import collections
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

import harness
import killed

# Of one round: a minute or two.
POWER_ROUNDS = 300
CASE_ROUNDS = 60
KILLS = 25
SALVAGES = 40


class Round:
    def __init__(self, seed, folder, counts):
        self.seed = seed
        self.rng = random.Random(seed)
        self.folder = folder
        self.counts = counts

    def program(self, name, *tests, **settings):
        """A test program's output; it must hold."""
        room = name.split("-")[1]
        path = pathlib.Path(os.environ["G_TEST_BUILDDIR"]) / room / name
        picked = [part for test in tests for part in ("-p", f"/casement/{room}/{test}")]
        done = subprocess.run([path, "--tap", "--seed", f"R02S{self.rng.getrandbits(128):032x}", *picked],
                              env=os.environ | {key: str(value) for key, value in settings.items()},
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        (self.folder / f"{name}.log").write_text(done.stdout)
        passed = len(re.findall(r"^ok ", done.stdout, re.MULTILINE))
        assert done.returncode == 0 and passed >= max(len(tests), 1), f"{name}: exit {done.returncode}\n{done.stdout[-4000:]}"
        return done.stdout

    def power(self):
        said = self.program("test-vault-power", "power/own-bytes", "power/small-sectors",
                            "power/large-sectors-and-errors", "power/a-table-made-at-the-second-try-stays",
                            "power/a-table-that-a-kill-left-stays", "power/passphrase-after-an-error",
                            "power/passphrase-after-a-kill", CSM_POWER_ROUNDS=POWER_ROUNDS)
        figures = re.findall(r"(\d+) rounds, (\d+) commits, 0 failed", said)
        assert len(figures) == 3, said[-4000:]
        self.counts["power cuts"] += sum(int(rounds) for rounds, _ in figures)
        self.counts["commits"] += sum(int(commits) for _, commits in figures)

    def power_under_a_case(self):
        said = self.program("test-casefile-power", "power/own-bytes", "power/large-sectors-and-errors",
                            CSM_ROUNDS=CASE_ROUNDS)
        self.counts["power cuts under a whole case"] += len(re.findall(r"^# round \d+", said, re.MULTILINE))

    def kill(self):
        place = self.folder / "kill"
        place.mkdir()
        session = killed.run_case(harness.Scratch(place), self.rng, self.seed, killed.COMMANDS, KILLS)
        self.counts["kills"] += session.n_kills
        self.counts["commands"] += session.n_commands

    def salvage(self):
        said = self.program("test-casefile-salvage", "salvage/what-is-intact-comes-back",
                            "salvage/what-is-intact-comes-back-with-a-log", CSM_ROUNDS=SALVAGES,
                            CSM_FIRST_ROUND=self.rng.getrandbits(30))
        self.counts["salvages"] += len(re.findall(r"^# round \d+", said, re.MULTILINE))

    def merge(self):
        said = self.program("test-casefile-merge-properties", CSM_FIRST_ROUND=self.rng.getrandbits(30))
        self.counts["histories merged"] += len(re.findall(r"^# \d copies, seed", said, re.MULTILINE))

    def run(self):
        for job in (self.power, self.power_under_a_case, self.kill, self.salvage, self.merge):
            job()


def show(counts):
    return ", ".join(f"{count} {what}" for what, count in counts.items())


def main():
    minutes = float(sys.argv[1])
    end = time.monotonic() + minutes * 60
    seed = int(os.environ.get("CSM_TEST_SEED", random.SystemRandom().getrandbits(32)))
    counts = collections.Counter()
    number = 0
    while number == 0 or time.monotonic() < end:
        number += 1
        folder = pathlib.Path(tempfile.mkdtemp(prefix="casement-torture-"))
        os.environ["TMPDIR"] = str(folder)
        print(f"round {number}: seed {seed}", flush=True)
        try:
            Round(seed, folder, counts).run()
        except Exception as error:
            print(f"{error}\nround {number}, seed {seed}: LOSS; kept in {folder}; again by"
                  f" CSM_TEST_SEED={seed} ./dev torture 0", flush=True)
            sys.exit(1)
        finally:
            del os.environ["TMPDIR"]
        shutil.rmtree(folder)
        print(f"  {show(counts)}, 0 losses", flush=True)
        seed += 1
    print(f"{number} rounds: {show(counts)}, 0 losses", flush=True)


if __name__ == "__main__":
    main()
