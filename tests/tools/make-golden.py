#!/usr/bin/python3
"""make-golden: makes the small bundle that tests/export/data keeps: make-golden.py FOLDER, in the environment of the tests.
SPDX-License-Identifier: GPL-3.0-or-later

Once a version was released its bundle stays; one of another shape goes beside it."""
import pathlib
import shutil
import sys

import harness

MARKS = [("0", "1", "baton", "Удар дубинкой", "4,3,8,6"), ("2", "2", None, "=1+1 <b> -->\n\n\"two\"", None),
         ("3", "7", "arrest", None, "0,0,32,24")]


def make(place, folder):
    place.make_case()
    place.run("import", place.case, place.clip("clip.mp4", frames=8, size="32x24"))
    for first, last, code, text, rect in MARKS:
        place.run("mark", place.case, "E-0001", "--from", first, "--to", last, *(["--code", code] if code else []),
                  *([f"--text={text}"] if text else []), *(["--rect", rect] if rect else []))
    place.run("export", place.case, "golden", "--clips", "copied")
    shutil.copytree(place.folder / "golden", folder)


if __name__ == "__main__":
    with harness.scratch() as scratch:
        make(scratch, pathlib.Path(sys.argv[1]))
