#!/usr/bin/env python3
"""test-safety: backup, salvage and erase, from the command line, and where they fail.
SPDX-License-Identifier: GPL-3.0-or-later"""
import fcntl
import os
import resource
import shutil
import struct
import subprocess

import harness

PAGES = 0x8000
PAGE = 4096
F_OFD_SETLK = 37


def make(place, mark="two men in green"):
    place.make_case()
    place.run("import", place.case, place.clip())
    place.run("mark", place.case, "E-0001", "--from", "2", "--to", "5", "--text", mark)


def spoil(path, *pages):
    with open(path, "r+b") as file:
        for page in pages:
            file.seek(PAGES + PAGE * (page - 1))
            file.write(bytes(PAGE))


def a_backup_opens_and_holds(place):
    make(place)
    report = place.json("backup", place.case, "stick")
    assert (report["copied"], report["there"], report["missing"]) == (1, 0, []), report
    copy = place.folder / "stick" / "square.casement"
    place.run("verify", copy, "--media")
    assert [m["text"] for m in place.json("marks", copy)] == ["two men in green"]
    again = place.json("backup", place.case, "stick", "--full")
    assert (again["copied"], again["there"]) == (0, 1), again
    assert [e["kind"] for e in place.json("log", place.case)][-2:] == ["access.backup"] * 2


def a_backup_without_room_leaves_the_earlier_one(place):
    make(place)
    place.run("backup", place.case, "stick")
    before = harness.snapshot(place.folder / "stick")
    place.run("mark", place.case, "E-0001", "--from", "1")
    done = place.run("backup", place.case, "stick", code=5,
                     preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (200000, 200000)))
    assert "another disk" in done.stderr, done.stderr
    assert harness.snapshot(place.folder / "stick") == before


def a_backup_where_it_must_not_go_is_refused(place):
    make(place)
    own = place.run("backup", place.case, ".", code=4)
    assert "the case itself is in that folder" in own.stderr
    (place.folder / "stick").mkdir()
    (place.folder / "stick" / "square.casement").write_text("my notes\n")
    other = place.run("backup", place.case, "stick", code=4)
    assert "something that is no case" in other.stderr
    missing = place.run("backup", place.case, "not/there", code=4)
    assert "cannot be made" in missing.stderr
    place.obey_permissions()
    (place.folder / "locked").mkdir(mode=0o500)
    assert "may write to" in place.run("backup", place.case, "locked", code=5).stderr
    # A folder can be made in there, and its name not be synced.
    unread = place.folder / "unread"
    unread.mkdir(mode=0o300)
    refused = place.run("backup", place.case, "unread/new", code=4)
    assert "cannot be made" in refused.stderr and "choose one that is there" in refused.stderr, refused.stderr
    unread.chmod(0o700)
    assert not list(unread.iterdir())


def a_backup_names_the_file_that_the_case_lacks(place):
    make(place)
    next(p for p in place.media.iterdir() if p.name.endswith(".0")).unlink()
    done = place.run("backup", place.case, "stick", code=1)
    assert "E-0001 clip.mp4" in done.stdout, done.stdout


def a_salvage_says_what_is_there(place):
    make(place)
    before = {k: v for k, v in harness.snapshot(place.folder).items()}
    report = place.json("salvage", place.case, "new.casement")
    assert report["whole"] and report["exhibits"] == 1 and not report["gaps"], report
    assert report["entries"] == len(place.json("log", place.case))
    assert {k: v for k, v in harness.snapshot(place.folder).items() if "/new." not in k} == before
    place.run("verify", "new.casement", "--media")
    place.run("salvage", place.case, "new.casement", code=4)


def a_salvage_says_what_is_missing(place):
    make(place)
    n_pages = (place.case.stat().st_size - PAGES) // PAGE
    spoil(place.case, *range(1, n_pages, 2))
    place.run("info", place.case, code=3)
    shutil.rmtree(place.media)
    done = place.run("salvage", place.case, "new.casement", code=1)
    assert "entries recovered" in done.stdout and "missing\t" in done.stdout, done.stdout
    assert "damaged\t" in done.stdout, done.stdout
    place.run("log", "new.casement")


def a_salvage_of_nothing_cannot_open(place):
    place.make_case()
    notes = place.folder / "notes.casement"
    notes.write_bytes(b"my notes\n" * 10000)
    place.run("salvage", notes, "new.casement", code=3)
    place.run("salvage", "gone.casement", "new.casement", code=3)
    data = bytearray(place.case.read_bytes())
    data[:0x2000] = os.urandom(0x2000)
    place.case.write_bytes(data)
    assert "neither copy of its header" in place.run("salvage", place.case, "new.casement", code=3).stderr
    assert not (place.folder / "new.casement").exists()


def an_exhibit_is_erased(place):
    make(place, mark="zhdanovich spoke")
    place.run("erase", place.case, "E-0001", code=2)
    done = place.run("erase", place.case, "E-0001", "--reason", "consent withdrawn")
    assert "Erased in this copy; not in backups or bundles" in done.stderr
    assert "key rotate" in done.stderr
    assert place.json("exhibits", place.case) == [] and place.json("marks", place.case) == []
    assert not [p for p in place.media.iterdir() if p.name.endswith(".0")]
    assert place.json("search", place.case, "zhdanovich") == []
    assert "consent withdrawn" in place.run("log", place.case).stdout
    assert "consent withdrawn" in place.run("verify", place.case, "--media").stdout
    place.run("erase", place.case, "E-0001", "--reason", "again", code=4)


def a_mark_and_an_entry_are_erased(place):
    make(place, mark="her own words")
    mark = place.json("marks", place.case)[0]["id"]
    report = place.json("erase", place.case, mark, "--reason", "asked to")
    assert report["entries"] >= 1 and not report["file_removed"], report
    assert place.json("marks", place.case) == []
    entries = place.json("log", place.case)
    created = next(e["id"] for e in entries if e["kind"] == "case.create")
    refused = place.run("erase", place.case, created, "--reason", "no", code=4)
    assert "without it there is no case" in refused.stderr, refused.stderr
    place.run("verify", place.case, "--media")


def each_failure_has_its_own_words(place):
    make(place)
    whole = place.case.read_bytes()

    def said(*args, **kwargs):
        return place.run(*args, **kwargs).stderr.splitlines()[-1]

    def with_bytes(change):
        data = bytearray(whole)
        change(data)
        place.case.write_bytes(data)
        for name in ("-wal",):
            place.case.with_name(place.case.name + name).unlink(missing_ok=True)
        return said("marks", place.case, code=3)

    def newer(data):
        data[12] = data[0x1000 + 12] = 9

    def torn(data):
        data[200] ^= 1
        data[0x1000 + 200] ^= 1

    def body(data):
        data[PAGES:PAGES + PAGE] = bytes(PAGE)

    def foreign(data):
        data[:PAGES] = b"x" * PAGES

    lines = {
        "later version": with_bytes(newer),
        "both copies of its header": with_bytes(torn),
        "page 1 of the case file": with_bytes(body),
        "another kind of file": with_bytes(foreign),
    }
    place.case.write_bytes(whole)
    wrong = place.folder / "wrong"
    wrong.write_text("not it\n")
    lines["does not fit"] = said("marks", place.case, "--passphrase-file", wrong, code=3, secret=False)
    lines["no such file"] = said("marks", "gone.casement", code=3)
    lines |= say_what_cannot_be_written(place, whole, said)
    (place.folder / "away").mkdir()
    place.media.rename(place.folder / "away" / "square.media")
    lines["media folder"] = said("extract", place.case, "E-0001", "-o", "out", code=3)
    for words, line in lines.items():
        assert words in line, f"{words!r} is not in {line!r}"
    assert len(set(lines.values())) == len(lines)


def say_what_cannot_be_written(place, whole, said):
    """{words: line} of what meets a case that opens, or would."""
    mark = ("mark", place.case, "E-0001", "--from", "1")
    # Header and binding lie below the limit, the pages in the WAL do not.
    limit = (16384,) * 2
    passwd = said("passwd", place.case, "--new-passphrase-file", place.secret, code=5,
                  preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit))
    lines = {"no space left": passwd}
    place.obey_permissions()
    place.case.chmod(0o400)
    lines["a place that you may write to"] = said(*mark, code=5)
    assert len(place.json("marks", place.case)) == 1
    place.case.chmod(0o600)
    with open(place.case, "r+b") as file:
        fcntl.fcntl(file, F_OFD_SETLK, struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0))
        lines["close it there"] = said(*mark, code=3)
    place.make_newer("kind")
    lines["('subject.set'); update Casement"] = said(*mark, code=5)
    assert len(place.json("marks", place.case)) == 1
    place.case.write_bytes(whole)
    place.case.with_name(place.case.name + "-wal").unlink(missing_ok=True)
    return lines


def newer_tables_are_said(place):
    make(place)
    place.make_newer("tables")
    assert "written by a newer program (tables of version 99" in place.run("marks", place.case, code=3).stderr


def a_case_that_goes_while_it_is_open_is_said(place):
    make(place)
    new = place.folder / "new"
    os.mkfifo(new)
    away = place.folder / "away.casement"
    before = place.json("log", place.case)
    passwd = subprocess.Popen(place.command("passwd", place.case, "--new-passphrase-file", new), text=True,
                              stderr=subprocess.PIPE)
    # It is open when it reads the new passphrase.
    with open(new, "w") as file:
        place.case.rename(away)
        file.write("another one\n")
    line = passwd.communicate()[1].splitlines()[-1]
    assert passwd.returncode == 5 and "put it back under its name" in line, (passwd.returncode, line)
    away.rename(place.case)
    assert place.json("log", place.case) == before
    place.run("verify", place.case, "--media")


def damage_points_to_salvage(place):
    make(place)
    spoil(place.case, 1)
    assert "casectl salvage CASE OUT" in place.run("marks", place.case, code=3).stderr


def help_says_so(place):
    for command in ("backup", "salvage", "erase"):
        assert f"casectl {command} CASE" in place.run(command, "--help", secret=False).stdout


harness.main("safety", [
    a_backup_opens_and_holds,
    a_backup_without_room_leaves_the_earlier_one,
    a_backup_where_it_must_not_go_is_refused,
    a_backup_names_the_file_that_the_case_lacks,
    a_salvage_says_what_is_there,
    a_salvage_says_what_is_missing,
    a_salvage_of_nothing_cannot_open,
    an_exhibit_is_erased,
    a_mark_and_an_entry_are_erased,
    each_failure_has_its_own_words,
    newer_tables_are_said,
    a_case_that_goes_while_it_is_open_is_said,
    damage_points_to_salvage,
    help_says_so,
])
