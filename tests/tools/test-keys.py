#!/usr/bin/env python3
"""test-keys: who can open a case: added, taken away, far away, and a data key that changes under SIGKILL.
SPDX-License-Identifier: GPL-3.0-or-later"""
import json
import os
import random
import time

import harness

SEED = int(os.environ.get("CSM_TEST_SEED", "20201101"))
KILLS = int(os.environ.get("CSM_TEST_KILLS", "40"))
SECOND = "nine quiet rivers in may"


def secret_file(place, name, text):
    path = place.folder / name
    path.write_text(text + "\n")
    return path


def as_other(place, secret, *args, **kwargs):
    return place.run(*args, "--passphrase-file", secret, secret=False, **kwargs)


def add_second(place, *extra, code=0):
    second = secret_file(place, "second", SECOND)
    place.run("key", "add", place.case, "--reviewer", "Boris", "--new-passphrase-file", second, *extra, code=code)
    return second


def names(place):
    return {row["name"]: row for row in place.json("key", "list", place.case)}


def kinds(place):
    return [row["kind"] for row in place.json("log", place.case)]


def every_subcommand_explains_itself(place):
    for command in ("list", "add", "remove", "rotate", "recovery", "request"):
        own = place.run("key", command, "--help", secret=False).stdout
        assert own.startswith(f"Usage: casectl key {command} "), own
        place.run("key", command, code=2, secret=False)
        place.run("key", command, "x", "y", code=2, secret=False)
        place.run("key", command, "x", "--frobnicate", code=2, secret=False)
    place.run("key", "frobnicate", "x", code=2, secret=False)
    for wrong in (["add", "x"], ["add", "x", "--reviewer", "B", "--request", "r"], ["remove", "x"],
                  ["add", "x", "--request", "r", "--reader"], ["remove", "x", "--slot", "xyz"],
                  ["remove", "x", "--slot", "0123", "--reviewer", "B"]):
        place.run("key", *wrong, code=2)
    place.run("key", "request", "x", code=2, secret=False)


def the_first_key_is_listed(place):
    place.make_case()
    rows = place.json("key", "list", place.case)
    assert len(rows) == 1
    row = rows[0]
    assert (row["name"], row["type"], row["role"], row["can_sign"], row["own"]) == \
        (harness.REVIEWER, "passphrase", "reviewer", True, True), row
    assert len(row["slot"]) == 32 and len(row["key"]) == 64
    assert place.run("key", "list", place.case).stdout.startswith(row["slot"][:8] + "\tpassphrase\t")


def a_reviewer_signs_and_a_reader_does_not(place):
    place.make_case()
    place.run("import", place.case, place.clip())
    second = add_second(place)
    third = secret_file(place, "third", "three grey owls at dusk")
    place.run("key", "add", place.case, "--reviewer", "Clara", "--reader", "--new-passphrase-file", third)
    as_other(place, second, "mark", place.case, "E-0001", "--from", "1")
    assert place.json("marks", place.case)[0]["author"] == "Boris"
    done = as_other(place, third, "mark", place.case, "E-0001", "--from", "1", code=5)
    assert "reader" in done.stderr
    for command in (["key", "rotate"], ["key", "recovery"], ["key", "remove", "--reviewer", "Boris"],
                    ["key", "add", "--reviewer", "Dan", "--new-passphrase-file", place.secret]):
        as_other(place, third, *command, place.case, code=5)
    for command in ("info", "exhibits", "marks", "log", "verify"):
        as_other(place, third, command, place.case)
    assert names(place)["Clara"]["role"] == "reader" and names(place)["Clara"]["key"] is None
    place.run("verify", place.case, "--media")


def what_is_taken_is_refused(place):
    place.make_case()
    add_second(place)
    other = secret_file(place, "other", "other words that nobody has")
    place.run("key", "add", place.case, "--reviewer", "Boris", "--new-passphrase-file", other, code=4)
    place.run("key", "add", place.case, "--reviewer", "Dan", "--new-passphrase-file", place.secret, code=4)
    place.run("key", "add", place.case, "--reviewer", "", "--new-passphrase-file", other, code=4)
    place.run("key", "remove", place.case, "--reviewer", "Nobody", code=4)
    place.run("key", "remove", place.case, "--slot", "00000000", code=4)
    assert set(names(place)) == {harness.REVIEWER, "Boris"}


def who_is_taken_out_opens_nothing(place):
    place.make_case()
    second = add_second(place)
    as_other(place, second, "info", place.case)
    old = place.case.read_bytes()
    place.run("key", "remove", place.case, "--reviewer", "Boris")
    done = as_other(place, second, "info", place.case, code=3)
    assert "passphrase" in done.stderr
    assert kinds(place)[-3:] == ["chain.start", "key.removed", "key.rotated"]
    place.run("verify", place.case, "--media")
    # Said in FORMAT.md: an older copy opens as it did.
    (place.folder / "old").mkdir()
    (place.folder / "old" / "square.casement").write_bytes(old)
    as_other(place, second, "info", "old/square.casement")


def by_slot_too(place):
    place.make_case()
    second = add_second(place)
    place.run("key", "remove", place.case, "--slot", names(place)["Boris"]["slot"][:8])
    as_other(place, second, "info", place.case, code=3)


def the_last_one_stays(place):
    place.make_case()
    place.run("key", "recovery", place.case)
    before = place.case.read_bytes()
    place.run("key", "remove", place.case, "--reviewer", harness.REVIEWER, code=4)
    assert place.case.read_bytes() == before


def taking_oneself_out(place):
    place.make_case()
    second = add_second(place)
    place.run("key", "remove", place.case, "--reviewer", harness.REVIEWER)
    place.run("info", place.case, code=3)
    as_other(place, second, "verify", place.case)
    as_other(place, second, "key", "remove", place.case, "--reviewer", "Boris", code=4)


def a_new_recovery_code_replaces_the_old(place):
    place.make_case()
    codes = [place.run("key", "recovery", place.case).stdout.split("Recovery code: ")[1].split()[0] for _ in range(2)]
    first, second = (secret_file(place, f"code{i}", code) for i, code in enumerate(codes))
    as_other(place, first, "info", place.case, code=3)
    fresh = secret_file(place, "fresh", "a fresh start for somebody")
    as_other(place, second, "passwd", place.case, "--new-passphrase-file", fresh)
    as_other(place, fresh, "key", "rotate", place.case)
    as_other(place, second, "verify", place.case)
    assert any("Opened by the recovery code" in row["summary"] for row in place.json("log", place.case))
    assert names(place)[harness.REVIEWER + " (recovery)"]["can_sign"]


def a_colleague_far_away_joins(place):
    place.make_case()
    own = secret_file(place, "own", "own words of somebody far away")
    made = place.run("key", "request", "zoe.join", "--reviewer", "Zoë", "--new-passphrase-file", own, secret=False)
    fingerprint = made.stdout.split("fingerprint  ")[1].split()[0]
    assert len(fingerprint) == 26
    text = (place.folder / "zoe.join").read_text()
    assert text.endswith("\n") and text.count("\n") == 1 and json.loads(text)["name"] == "Zoë"
    place.run("key", "request", "zoe.join", "--reviewer", "Zoë", "--new-passphrase-file", own, secret=False, code=4)
    done = place.run("key", "add", place.case, "--request", "zoe.join")
    assert fingerprint in done.stdout and "Zoë" in done.stdout
    assert names(place)["Zoë"]["type"] == "request"
    as_other(place, own, "info", place.case)
    assert names(place)["Zoë"]["type"] == "request"
    place.run("key", "add", place.case, "--request", "zoe.join", code=4)
    # The slot is sealed to the request's key pair: a new data key needs nobody's passphrase.
    place.run("key", "rotate", place.case)
    as_other(place, own, "key", "rotate", place.case)
    assert names(place)["Zoë"]["type"] == "passphrase"
    as_other(place, own, "verify", place.case)
    assert place.json("log", place.case)[-1]["author"] == "Zoë"


def a_bad_request_is_refused(place):
    place.make_case()
    before = place.case.read_bytes()
    place.run("key", "add", place.case, "--request", "missing", code=3)
    place.run("key", "add", place.case, "--request", place.folder, code=None)
    for content in (b"", b"{}\n", b"x" * 100000, os.urandom(500), b'{"kind":"casement-join-request","v":1}\n'):
        (place.folder / "bad").write_bytes(content)
        place.run("key", "add", place.case, "--request", "bad", code=4)
    (place.folder / "bad").write_bytes(b'{"kind":"casement-join-request","v":2}\n')
    place.run("key", "add", place.case, "--request", "bad", code=3)
    assert place.case.read_bytes() == before


def a_rotation_keeps_what_is_in_the_case(place):
    place.make_case()
    place.run("import", place.case, place.clip())
    place.run("mark", place.case, "E-0001", "--from", "1", "--to", "3", "--text", "needle")
    marks = place.json("marks", place.case)
    before = place.case.read_bytes()
    place.run("key", "rotate", place.case)
    after = place.case.read_bytes()
    pages = [data[at:at + 4096] for data in (before, after) for at in range(0x8000, len(data), 4096)]
    assert len(set(pages)) == len(pages)
    assert place.json("marks", place.case) == marks
    place.run("verify", place.case, "--media")
    place.run("extract", place.case, "E-0001", "-o", "out.mp4")


def killed_at_any_moment_it_is_the_old_or_the_new(place):
    rng = random.Random(SEED)
    place.make_case()
    place.run("import", place.case, place.clip())
    start = time.monotonic()
    place.run("key", "rotate", place.case)
    length = time.monotonic() - start
    old = new = 0
    for kill in range(KILLS):
        second = add_second(place) if "Boris" not in names(place) else place.folder / "second"
        moment = rng.uniform(0, length)
        _, output = place.run_or_kill("key", "remove", place.case, "--reviewer", "Boris", after=moment)
        said = f"kill {kill} at {moment:.4f} s of {length:.4f}, seed {SEED}"
        done = place.run("verify", place.case, "--media", code=None)
        assert done.returncode == 0, f"{said}\n{done.stdout}{done.stderr}"
        there = "Boris" in names(place)
        as_other(place, second, "info", place.case, code=0 if there else 3)
        assert not (there and "away" in output), said
        old, new = old + there, new + (not there)
        # As long as the machine takes at the moment, so that kills fall on both sides of the end.
        length *= 1.15 if there else 0.85
    assert old and new, (old, new)
    place.run("mark", place.case, "E-0001", "--from", "1")
    left = [p.name for p in place.folder.iterdir() if ".part" in p.name]
    assert not left, left


harness.main("keys", [
    every_subcommand_explains_itself,
    the_first_key_is_listed,
    a_reviewer_signs_and_a_reader_does_not,
    what_is_taken_is_refused,
    who_is_taken_out_opens_nothing,
    by_slot_too,
    the_last_one_stays,
    taking_oneself_out,
    a_new_recovery_code_replaces_the_old,
    a_colleague_far_away_joins,
    a_bad_request_is_refused,
    a_rotation_keeps_what_is_in_the_case,
    killed_at_any_moment_it_is_the_old_or_the_new,
])
