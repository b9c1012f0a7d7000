#!/usr/bin/env python3
"""Makes tests/export/data/golden anew: only while the format has not left the house. Later versions must read the one that is there.
SPDX-License-Identifier: GPL-3.0-or-later"""
import shutil

import harness
import tsa

GOLDEN = harness.SOURCE / "tests" / "export" / "data" / "golden"


def make(place):
    place.make_case()
    small = ("-c:v", "mpeg4", "-g", "5", "-qscale:v", "20")
    first = place.clip("one.mp4", frames=12, size="64x48", seed=1, extra=small)
    second = place.clip("two.mkv", frames=6, size="32x24", seed=2, extra=("-c:v", "ffv1"))
    place.run("import", place.case, first, second)
    place.run("mark", place.case, "E-0001", "--from", "3", "--to", "9", "--code", "baton", "--text", '=hit, "twice"',
              "--rect", "1,2,30,20")
    place.run("mark", place.case, "E-0001", "--from", "11", "--text", "задержание, اعتقال")
    place.run("mark", place.case, "E-0002", "--from", "0", "--to", "4", "--code", "arrest")
    service = tsa.Service(place.folder / "tsa")
    place.run("receipt", place.case, "--request", place.folder / "q.tsq")
    answer = service.answer(place.folder / "q.tsq", place.folder / "a.tsr")
    place.run("receipt", place.case, "--answer", answer, "--ca", service.ca)
    shutil.rmtree(GOLDEN, ignore_errors=True)
    place.run("export", place.case, GOLDEN, "--clips", "ffv1", "--captions")


with harness.scratch() as scratch:
    make(scratch)
