#!/usr/bin/env python3
"""test-damage: one flipped bit anywhere is said, never a crash.
SPDX-License-Identifier: GPL-3.0-or-later"""
import os
import random
import subprocess

import harness

SEED = int(os.environ.get("CSM_TEST_SEED", "20200809"))
FLIPS = 60
HEADER = 32 * 1024


def make_filled_case(place):
    place.make_case()
    place.run("import", place.case, place.clip("a.mp4"), place.clip("b.mp4", seed=40))
    place.run("mark", place.case, "E-0001", "--from", "1", "--to", "5", "--code", "baton", "--text", "stick")
    place.run("mark", place.case, "E-0002", "--from", "2")
    place.run("verify", place.case, "--media")


def flip(path, offset, bit):
    with open(path, "r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ 1 << bit]))


def assert_said(place, where):
    done = place.run("verify", place.case, "--media", code=None)
    said = done.returncode in (1, 3) or done.returncode == 0 and "repaired" in done.stdout + done.stderr
    assert said, f"flipped {where}: exit {done.returncode}, seed {SEED}\n{done.stdout}{done.stderr}"
    return done.returncode


def choose_place(place, rng, number):
    """The header, the pages and the media files in turn."""
    media = sorted(p for p in place.media.iterdir())
    if number % 3 == 0:
        return place.case, rng.randrange(HEADER)
    if number % 3 == 1:
        return place.case, rng.randrange(HEADER, place.case.stat().st_size)
    path = rng.choice(media)
    return path, rng.randrange(path.stat().st_size)


def each_flipped_bit_is_said(place):
    make_filled_case(place)
    rng = random.Random(SEED)
    codes = set()
    for number in range(FLIPS):
        path, offset = choose_place(place, rng, number)
        bit = rng.randrange(8)
        before = harness.snapshot(place.folder)
        flip(path, offset, bit)
        codes.add(assert_said(place, f"{path.name} at {offset}, bit {bit}"))
        flip(path, offset, bit)
        assert {n: s[0] for n, s in harness.snapshot(place.folder).items()} == \
            {n: s[0] for n, s in before.items()}, "verify wrote"
    assert codes >= {1}, codes
    place.run("verify", place.case, "--media")


def other_commands_survive_damage(place):
    make_filled_case(place)
    rng = random.Random(SEED + 1)
    for number in range(20):
        path, offset = choose_place(place, rng, number)
        flip(path, offset, 0)
        for command in (["exhibits"], ["marks"], ["log"], ["info"]):
            place.run(command[0], place.case, code=None)
        for exhibit in ("E-0001", "E-0002"):
            out = place.folder / "out"
            done = place.run("extract", place.case, exhibit, "-o", out, code=None)
            # What comes out is right, or nothing comes out.
            assert out.exists() == (done.returncode == 0), done
            if out.exists():
                clip = place.folder / ("a.mp4" if exhibit == "E-0001" else "b.mp4")
                assert harness.sha256(out) == harness.sha256(clip)
                out.unlink()
        if path != place.case or offset >= HEADER:
            flip(path, offset, 0)


def a_missing_end_is_said(place):
    make_filled_case(place)
    rng = random.Random(SEED + 2)
    for path in [place.case, *sorted(place.media.glob("*.0"))]:
        data = path.read_bytes()
        for size in (0, 1, 4096, rng.randrange(len(data)), len(data) - 1, len(data) - 4096):
            path.write_bytes(data[:size])
            assert_said(place, f"{path.name} cut to {size}")
        path.write_bytes(data)
    place.run("verify", place.case, "--media")


def a_missing_media_file_is_said(place):
    make_filled_case(place)
    path = sorted(place.media.glob("*.0"))[0]
    path.rename(place.folder / "away")
    assert place.run("verify", place.case, code=None).returncode in (1, 3)
    assert place.run("verify", place.case, "--media", code=None).returncode in (1, 3)
    (place.folder / "away").rename(path)
    place.run("verify", place.case, "--media")


def swapped_media_files_are_said(place):
    make_filled_case(place)
    first, second = sorted(place.media.glob("*.0"))
    a, b = first.read_bytes(), second.read_bytes()
    first.write_bytes(b)
    second.write_bytes(a)
    assert_said(place, "two media files swapped")


def leave_wal(place):
    """A case as a killed import leaves it: what was said to be in it is in its WAL."""
    make_filled_case(place)
    process = subprocess.Popen(place.command("import", place.case, place.clip("c.mp4", seed=80)), cwd=place.folder,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    process.stdout.readline()
    process.kill()
    process.communicate()
    (wal,) = place.folder.glob("*-wal")
    return wal


def a_flipped_bit_in_the_wal_is_said(place):
    wal = leave_wal(place)
    rng = random.Random(SEED + 3)
    left = {path: path.read_bytes() for path in (place.case, wal)}
    size = len(left[wal])
    # The generation in the first slot and in the last one, the last slot, and anywhere.
    places = [rng.randrange(16), size - 4096 + rng.randrange(16), size - 1, *(rng.randrange(size) for _ in range(9))]
    for offset in places:
        bit = rng.randrange(8)
        flip(wal, offset, bit)
        assert assert_said(place, f"{wal.name} at {offset}, bit {bit}") in (1, 3)
        for path, data in left.items():
            path.write_bytes(data)
    place.run("verify", place.case, "--media")


def a_missing_wal_is_said(place):
    wal = leave_wal(place)
    away = wal.rename(place.folder / "away")
    done = place.run("verify", place.case, code=1)
    assert "BROKEN" in done.stdout and "square.casement-wal" in done.stdout, done.stdout
    for command in ("exhibits", "marks", "log", "codebook", "info"):
        done = place.run(command, place.case)
        assert "warning: the write-ahead log is missing" in done.stderr, done.stderr
    assert "square.casement-wal" in place.json("info", place.case)["loss"]
    assert "square.casement-wal" in place.run("mark", place.case, "E-0001", "--from", "1", code=3).stderr
    away.rename(wal)
    place.run("verify", place.case, "--media")
    assert place.json("info", place.case)["loss"] is None


harness.main("damage", [
    each_flipped_bit_is_said,
    other_commands_survive_damage,
    a_missing_end_is_said,
    a_missing_media_file_is_said,
    swapped_media_files_are_said,
    a_flipped_bit_in_the_wal_is_said,
    a_missing_wal_is_said,
])
