#!/usr/bin/env python3
"""test-disk: a full disk is exit 5, and the case is as it was.
SPDX-License-Identifier: GPL-3.0-or-later"""
import os
import resource
import subprocess

import harness

MIB = 1024 * 1024


def big_clip(place):
    """More than fits: noise does not compress."""
    path = place.folder / "big.bin"
    path.write_bytes(os.urandom(6 * MIB))
    return path


def assert_intact(place, before):
    assert place.json("log", place.case) == before
    place.run("verify", place.case, "--media")
    assert not [p for p in place.media.iterdir() if ".part" in p.name]


def a_limit_on_file_sizes_stops_an_import(place):
    place.make_case()
    place.run("import", place.case, place.clip())
    before = place.json("log", place.case)
    limit = 3 * MIB
    place.run("import", place.case, big_clip(place), code=5,
              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
    assert_intact(place, before)


def a_limit_on_file_sizes_stops_an_entry(place):
    place.make_case()
    place.run("import", place.case, place.clip())
    before = place.json("log", place.case)
    # Nothing is copied, and the WAL is cut off after its first page.
    place.run("import", place.case, place.clip("second.mp4", seed=5), "--link", code=5,
              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000)))
    assert_intact(place, before)
    place.run("import", place.case, place.folder / "second.mp4", "--link")


def a_limit_on_file_sizes_stops_an_extract(place):
    place.make_case()
    place.run("import", place.case, big_clip(place))
    place.run("extract", place.case, "E-0001", "-o", "out", code=5,
              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4 * MIB, 4 * MIB)))
    assert not [p for p in place.folder.iterdir() if p.name.startswith("out")]


def a_passphrase_change_that_is_not_recorded_is_none(place):
    place.make_case()
    before = place.json("log", place.case)
    new = place.folder / "new"
    new.write_text("eight blue lamps at dusk\n")
    # Header and binding lie below the limit, the entry's pages in the WAL do not.
    place.run("passwd", place.case, "--new-passphrase-file", new, code=5,
              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (16384, 16384)))
    assert_intact(place, before)
    place.run("info", place.case, "--passphrase-file", new, code=3, secret=False)
    place.run("passwd", place.case, "--new-passphrase-file", new)
    place.run("verify", place.case, "--passphrase-file", new, secret=False)


# Run in a mount namespace of its own: a disk of 4 MiB at $1, then the rest of the arguments.
SMALL_DISK = 'mount -t tmpfs -o size=4m none "$1" && shift && exec "$@"'


def can_mount():
    done = subprocess.run(["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", SMALL_DISK, "sh", "/mnt",
                           "true"], capture_output=True)
    return done.returncode == 0


def on_small_disk(folder, script):
    """The small disk lives as long as @script, a list of shell lines that stand in for one machine."""
    body = "set -u\n" + "\n".join(script)
    return subprocess.run(["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", SMALL_DISK, "sh", folder,
                           "sh", "-c", body], capture_output=True, text=True, cwd="/")


def a_full_disk_stops_an_import(place):
    """On a real file system that is full; by the limit above where none may be mounted."""
    if not can_mount():
        a_limit_on_file_sizes_stops_an_import(place)
        return
    disk = place.folder / "disk"
    disk.mkdir()
    clip, big = place.clip(), big_clip(place)
    casectl = f"{harness.CASECTL} %s --passphrase-file {place.secret}"
    case = disk / "x.casement"
    done = on_small_disk(disk, [
        f"{harness.MAKE_CASE} {case} '{harness.PASSPHRASE}' T R; echo made $?",
        casectl % f"import {case} {clip}" + "; echo clip $?",
        casectl % f"import {case} {big}" + "; echo big $?",
        casectl % f"verify {case} --media" + "; echo verify $?",
        f"dd if=/dev/zero of={disk}/fill bs=4k 2>/dev/null; dd if=/dev/zero of={disk}/fill2 bs=1 2>/dev/null",
        casectl % f"mark {case} E-0001 --from 1" + "; echo full $?",
        casectl % f"marks {case} --json" + "; echo marks $?",
        f"rm {disk}/fill {disk}/fill2",
        casectl % f"verify {case} --media" + "; echo again $?",
        casectl % f"mark {case} E-0001 --from 1" + "; echo mark $?",
        f"ls {disk}/x.media",
    ])
    for line in ("made 0", "clip 0", "big 5", "verify 0", "full 5", "marks 0", "again 0", "mark 0"):
        assert line in done.stdout.splitlines(), f"no {line!r}:\n{done.stdout}{done.stderr}"
    assert ".part" not in done.stdout


def a_full_disk_stops_a_create(place):
    target = place.folder / "new.casement"
    place.run("create", target, "--title", "T", "--reviewer", "R", code=5,
              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100000, 100000)))
    assert sorted(p.name for p in place.folder.iterdir()) == [place.secret.name]


harness.main("disk", [
    a_limit_on_file_sizes_stops_an_import,
    a_limit_on_file_sizes_stops_an_entry,
    a_limit_on_file_sizes_stops_an_extract,
    a_passphrase_change_that_is_not_recorded_is_none,
    a_full_disk_stops_an_import,
    a_full_disk_stops_a_create,
])
