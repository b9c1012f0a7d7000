#!/usr/bin/env python3
"""test-merge: two copies become one from a terminal, also when the merge is killed.
SPDX-License-Identifier: GPL-3.0-or-later"""
import os
import random
import shutil
import subprocess
import time

import harness

SEED = int(os.environ.get("CSM_TEST_SEED", "20201102"))
KILLS = int(os.environ.get("CSM_TEST_KILLS", "12"))


def mark(place, case, number, text, **kwargs):
    return place.run("mark", case, number, "--from", "1", "--to", "2", "--text", text, **kwargs).stdout.strip()


def two_copies(place):
    place.make_case()
    place.run("import", place.case, place.clip("a.mp4"))
    mark(place, place.case, "E-0001", "common")
    other = place.copy("stick")
    mark(place, place.case, "E-0001", "here")
    place.run("import", other, place.clip("b.mp4", seed=1))
    mark(place, other, "E-0002", "there")
    return other


def texts(place, case):
    return sorted(m["text"] for m in place.json("marks", case))


def what_the_other_copy_holds_comes_in(place):
    other = two_copies(place)
    said = place.run("merge", place.case, other).stdout
    assert "1 new marks, 1 new exhibits" in said and "exhibit   E-0002 b.mp4" in said, said
    assert "key slots are each copy's own" in said, said
    assert texts(place, place.case) == ["common", "here", "there"]
    place.run("verify", place.case, "--media")
    place.run("extract", place.case, "E-0002", "-o", place.folder / "out.mp4")
    assert harness.sha256(place.folder / "out.mp4") == harness.sha256(place.folder / "b.mp4")
    log = place.run("log", place.case).stdout
    assert "Merged another copy: " in log, log
    # The other way round, and then neither has anything new.
    report = place.json("merge", other, place.case)
    assert report["marks"] == 1 and report["exhibits"] == [], report
    assert texts(place, other) == texts(place, place.case)
    place.run("merge", place.case, other)
    before = harness.snapshot(place.folder)
    said = place.run("merge", place.case, other).stdout
    assert "nothing was written" in said, said
    assert harness.snapshot(place.folder) == before


def looking_at_a_copy_does_not_change_it(place):
    other = two_copies(place)
    before = harness.snapshot(other.parent)
    place.run("merge", place.case, other)
    assert harness.snapshot(other.parent) == before


def edit(case, text):
    subprocess.run([os.environ["CSM_EDIT_MARK"], case, harness.PASSPHRASE, text], check=True)


def conflicts_are_listed_and_settled(place):
    place.make_case()
    place.run("import", place.case, place.clip("a.mp4"))
    mark(place, place.case, "E-0001", "common")
    other = place.copy("stick")
    # Both look at the exhibit for themselves, which says the same twice and is no conflict.
    edit(place.case, "edited here")
    edit(other, "edited there")
    mark(place, place.case, "E-0001", "here")
    mark(place, other, "E-0001", "there")
    assert "1 conflicts to settle" in place.run("merge", place.case, other).stdout
    (conflict,) = place.json("conflicts", place.case)
    assert conflict["facet"] == "mark" and conflict["differs"] == ["text"], conflict
    assert [v["in_effect"] for v in conflict["versions"]] == [False, True], conflict
    lines = place.run("conflicts", place.case).stdout.splitlines()
    assert len(lines) == 2 and all(conflict["conflict"] in line for line in lines), lines
    assert "text: edited here" in lines[0] + lines[1] and "in effect" in lines[1], lines
    first = conflict["versions"][0]["values"]["text"]
    place.run("settle", place.case, "mark-zz", "--take", "1", code=4)
    place.run("settle", place.case, conflict["conflict"], code=2)
    place.run("settle", place.case, conflict["conflict"], "--take", "0", code=2)
    place.run("settle", place.case, conflict["conflict"], "--take", "3", code=4)
    place.run("settle", place.case, conflict["conflict"], "--take", "1")
    assert place.json("conflicts", place.case) == []
    assert first in texts(place, place.case)
    assert "Settled a conflict: Changed a mark" in place.run("log", place.case).stdout
    place.run("verify", place.case, "--media")


def what_cannot_be_merged_is_refused(place):
    other = two_copies(place)
    another = place.folder / "another.casement"
    subprocess.run([harness.MAKE_CASE, another, harness.PASSPHRASE, "Another", "Ada"], check=True)
    assert "another case" in place.run("merge", place.case, another, code=4).stderr
    place.run("merge", place.case, place.folder / "nothing.casement", code=3)
    place.run("merge", place.case, place.case, code=3)
    place.run("merge", place.case, code=2)
    shutil.rmtree(other.parent / "square.media")
    error = place.run("merge", place.case, other, code=4).stderr
    assert "copy that folder too" in error, error
    assert texts(place, place.case) == ["common", "here"]


def the_other_passphrase_may_differ(place):
    other = two_copies(place)
    new = place.folder / "new"
    new.write_text("eleven blue boats at dawn\n")
    place.run("passwd", other, "--new-passphrase-file", new)
    place.run("merge", place.case, other, code=3)
    place.run("merge", place.case, other, "--other-passphrase-file", new)
    place.run("verify", place.case, "--media")


def a_restored_case_goes_on(place):
    place.make_case()
    place.run("import", place.case, place.clip("a.mp4"))
    mark(place, place.case, "E-0001", "first")
    old = place.case.read_bytes()
    mark(place, place.case, "E-0001", "second")
    place.case.write_bytes(old)
    error = place.run("mark", place.case, "E-0001", "--from", "1", code=5).stderr
    assert "different days" in error and "continue with it as a restored copy" in error, error
    assert "different days" in place.run("verify", place.case, "--media").stdout
    assert "goes on as a restored copy" in place.run("verify", place.case, "--continue-restored").stdout
    mark(place, place.case, "E-0001", "third")
    assert texts(place, place.case) == ["first", "third"]
    log = place.run("log", place.case).stdout
    assert "Went on with the case as a restored copy" in log, log
    place.run("verify", place.case, "--media")
    place.run("verify", place.case, "--continue-restored", code=4)


def a_killed_merge_is_there_or_can_be_done_again(place):
    rng = random.Random(SEED)
    other = two_copies(place)
    for i in range(3):
        place.run("import", other, place.clip(f"c{i}.mp4", seed=2 + i))
    fresh = place.folder / "fresh"
    shutil.copytree(place.media, fresh / "square.media")
    shutil.copy(place.case, fresh / "square.casement")
    length = None
    killed = 0
    while killed < KILLS:
        work = place.folder / "work"
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(fresh, work)
        case = work / "square.casement"
        start = time.monotonic()
        after = 600 if length is None else rng.uniform(0, length)
        if place.run_or_kill("merge", case, other, after=after)[0]:
            length = time.monotonic() - start
            continue
        killed += 1
        moment = f"after a kill at {after:.4f} s of {length:.4f}, seed {SEED}"
        # To look only is refused while something is to be finished, and then says so.
        look = place.run("marks", case, code=None)
        assert look.returncode == 0 or "once for writing" in look.stderr, f"{moment}: {look.stderr}"
        place.run("merge", case, other)
        done = place.run("verify", case, "--media", code=None)
        assert done.returncode == 0, f"{moment}\n{done.stdout}{done.stderr}"
        assert texts(place, case) == ["common", "here", "there"], moment
        assert len(place.json("exhibits", case)) == 5, moment
        left = [p.name for p in (work / "square.media").iterdir() if ".part" in p.name]
        assert not left, f"{moment}: {left}"


harness.main("merge", [what_the_other_copy_holds_comes_in, looking_at_a_copy_does_not_change_it,
                       conflicts_are_listed_and_settled, what_cannot_be_merged_is_refused,
                       the_other_passphrase_may_differ, a_restored_case_goes_on, a_killed_merge_is_there_or_can_be_done_again])
