#!/usr/bin/python3
"""test-golden: a bundle that was made once is read by every later version, and by stock tools.
SPDX-License-Identifier: GPL-3.0-or-later"""
import re
import shutil
import subprocess

import annotations
import harness

GOLDEN = harness.SOURCE / "tests" / "export" / "data" / "golden"


def take(place):
    return shutil.copytree(GOLDEN, place.folder / "golden")


def it_holds(place):
    said = place.run("check", take(place), secret=False).stdout
    assert "broken" not in said, said
    for name in ("data/ledger/headers.jsonl", "data/bundle.json", "data/annotations.jsonld", "data/marks.csv",
                 "data/marked-frames.tsv", "data/exhibits/E-0001.mp4"):
        assert re.search(rf"^holds\t{re.escape(name)}\t", said, re.M), f"{name}: not looked at\n{said}"


def its_recipe_holds(place):
    bag = take(place)
    subprocess.run("sed -n 's/^    //p' VERIFY.txt | sh -eu", shell=True, cwd=bag, check=True, capture_output=True)


def a_changed_word_is_seen(place):
    path = take(place) / "data" / "annotations.jsonld"
    path.write_text(path.read_text().replace("describing", "describinG", 1))
    place.run("check", path.parent.parent, secret=False, code=1)


def its_marks_are_read(place):
    data = take(place) / "data"
    web = annotations.read_web(data / "annotations.jsonld")
    table = annotations.read_csv(data / "marks.csv")
    cues, tiers = (read(data / "annotations" / f"E-0001.{kind}")
                   for kind, read in (("vtt", annotations.read_vtt), ("eaf", annotations.read_eaf)))
    assert len(web) == 3 and web.keys() == table.keys() == cues.keys() == tiers.keys()
    for name, mark in web.items():
        for other in (table, cues, tiers):
            for key in ("track", "from", "to", "pts", "timebase", "regions", "code", "text", "author", "entry"):
                assert mark[key] == other[name][key], (key, mark[key], other[name][key])
    assert sorted((mark["from"], mark["to"], mark["code"], mark["text"], mark["regions"]) for mark in web.values()) == [
        (0, 1, "baton", "Удар дубинкой", [(0, 4, 3, 8, 6)]),
        (2, 2, None, "=1+1 <b> -->\n\n\"two\"", []),
        (3, 7, "arrest", "", [(3, 0, 0, 32, 24)])]


harness.main("golden", [it_holds, its_recipe_holds, a_changed_word_is_seen, its_marks_are_read])
