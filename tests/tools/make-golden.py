#!/usr/bin/python3
"""make-golden: makes tests/export/data/golden anew, after the shape of a bundle has changed: make-golden.py FOLDER.
SPDX-License-Identifier: GPL-3.0-or-later

A bundle of a later version must not be put in the place of an earlier one that people have: keep both."""
import pathlib
import shutil
import sys

import harness

MARKS = [("0", "1", "baton", "Удар дубинкой, يضرب", "8,6,16,12"), ("2", "2", None, "=1+1 <b> -->\n\n\"two\"", None),
         ("3", "7", "arrest", None, "0,0,64,48")]


def make(place, folder):
    place.make_case()
    place.run("import", place.case, place.clip("clip.mp4", frames=8, size="64x48"))
    for first, last, code, text, rect in MARKS:
        place.run("mark", place.case, "E-0001", "--from", first, "--to", last, *(["--code", code] if code else []),
                  *([f"--text={text}"] if text else []), *(["--rect", rect] if rect else []))
    place.run("export", place.case, "golden")
    shutil.copytree(place.folder / "golden", folder)


if __name__ == "__main__":
    with harness.scratch() as scratch:
        make(scratch, pathlib.Path(sys.argv[1]))
