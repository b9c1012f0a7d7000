#!/usr/bin/env python3
"""casectl check: what was changed in a bundle is said, and where.
SPDX-License-Identifier: GPL-3.0-or-later"""
import base64
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

import bundle
import harness
import tsa

HEADERS = "data/ledger/headers.jsonl"
SIGNATURES = "data/ledger/signatures.tsv"
METAS = "data/ledger/metas.jsonl"
BODIES = "data/ledger/bodies.jsonl"
CONTENTS = "data/bundle.json"


class Made:
    """One case and its bundle, that all tests copy."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="casectl-check-"))
        place = harness.Scratch(self.folder)
        place.make_case()
        first = place.clip("one.mp4", seed=1)
        second = place.clip("two.mkv", seed=2, extra=("-c:v", "ffv1"))
        place.run("import", place.case, first, second, "--source", "https://example.org/x")
        place.run("mark", place.case, "E-0001", "--from", "3", "--to", "9", "--code", "baton", "--text", '=hit, "twice"',
                  "--rect", "1,2,30,40")
        place.run("mark", place.case, "E-0001", "--from", "11", "--text", "задержание")
        place.run("mark", place.case, "E-0002", "--from", "0", "--to", "4", "--code", "arrest")
        self.service = tsa.Service(self.folder / "tsa")
        self.request = self.folder / "q.tsq"
        place.run("receipt", place.case, "--request", self.request)
        answer = self.service.answer(self.request, self.folder / "a.tsr")
        place.run("receipt", place.case, "--answer", answer, "--ca", self.service.ca)
        place.run("export", place.case, self.folder / "bundle", "--no-report", "--no-stills")
        self.bundle = bundle.Bundle(self.folder / "bundle")
        self.key = bundle.case_key(place)
        self.place = place


MADE = Made()


def check(folder, *args, code=0, frames=False):
    """The findings, as (kind, where, what)."""
    path = folder.folder if isinstance(folder, bundle.Bundle) else folder
    extra = () if frames else ("--no-frames",)
    done = MADE.place.run("check", path, "--json", *extra, *args, code=code, secret=False)
    return [(f["kind"], f["where"], f["what"]) for f in json.loads(done.stdout)]


def assert_broken(folder, where, what="", **kwargs):
    """It does not hold; the finding names the place, and says what."""
    found = check(folder, code=1, **kwargs)
    broken = [f for f in found if f[0] == "BROKEN"]
    assert any(where in f[1] and what in f[2] for f in broken), f"no {where!r}, {what!r} in {broken}"


def copy():
    return MADE.bundle.copy("changed")


def test_holds(place):
    found = check(MADE.bundle, frames=True)
    kinds = {f[1]: f[0] for f in found}
    assert found[0][1:] == ("Ledger", "Dated by the clocks of the computers that signed it, and by the time stamps "
                            "that follow."), found[0]
    for where in ["data", HEADERS, CONTENTS, "data/annotations.jsonld", "data/marks.csv", "data/marked-frames.tsv",
                  "data/exhibits/E-0001.mp4", "data/exhibits/E-0002.mkv", "data/ledger/timestamps/stamp-0001.tsr"]:
        assert any(f[:2] == ("holds", where) for f in found), f"{where}: {found}"
    assert "BROKEN" not in kinds.values()
    assert any("decoded again, the same" in f[2] for f in found)
    assert any("not checked: whose key that is" in f[2] for f in found)


def test_writes_nothing(place):
    before = harness.snapshot(MADE.bundle.folder)
    check(MADE.bundle, frames=True)
    assert harness.snapshot(MADE.bundle.folder) == before


def test_no_frames_is_said(place):
    assert any(f[0] == "note" and "not decoded again" in f[2] for f in check(MADE.bundle))


def test_key(place):
    words = next(f[2].rsplit(": ", 1)[1] for f in check(MADE.bundle) if "Compare its words" in f[2])
    assert len(words.split()) == 16
    public = place.folder / "k.pub"
    public.write_text(f"untrusted comment: whatever\n{MADE.key.line}\n")
    pem = place.folder / "k.pem"
    pem.write_text(MADE.key.pem)
    for key in [MADE.key.line, MADE.key.public.hex(), MADE.key.public.hex().upper(), public, pem, words,
                words.upper(), "\n".join(words.split())]:
        found = check(MADE.bundle, "--key", key)
        assert any(f[0] == "holds" and "with the key that was given" in f[2] for f in found), key
    other = bundle.Key(place.folder / "other", bytes(32))
    swapped = " ".join([*words.split()[2:], *words.split()[:2]])
    for key in [other.line, other.public.hex(), swapped]:
        found = check(MADE.bundle, "--key", key, code=1)
        assert any(f[0] == "BROKEN" and "not the one that the bundle names" in f[2] for f in found), found
    for wrong in ["", "nonsense", MADE.key.line[:-1], words.rsplit(" ", 1)[0], place.folder]:
        MADE.place.run("check", MADE.bundle.folder, "--key", wrong, code=4, secret=False)


def test_any_byte(place):
    """The first, one in the middle and the last of each file, one bit and the case of a letter."""
    for name in MADE.bundle.files():
        size = (MADE.bundle / name).stat().st_size
        for at, bit in [(0, 1), (size // 2, 0x20), (size // 3, 1), (size - 1, 4)] if size else []:
            changed = copy()
            data = bytearray((changed / name).read_bytes())
            data[at] ^= bit
            (changed / name).write_bytes(data)
            assert_broken(changed, name)


def test_each_byte_of_what_no_hash_covers(place):
    for name in ["tagmanifest-sha512.txt", "tagmanifest-sha256.txt.minisig"]:
        data = (MADE.bundle / name).read_bytes()
        changed = copy()
        for at in range(0, len(data), 7):
            other = bytearray(data)
            other[at] ^= 0x20 if at % 2 else 1
            (changed / name).write_bytes(other)
            assert_broken(changed, name)
        for other in [data[:-1], data + b"\n", data + b" ", b""]:
            (changed / name).write_bytes(other)
            assert_broken(changed, name)


def test_files_added(place):
    for name in ["data/more.txt", "data/exhibits/E-0009.mp4", "more.txt", "fetch.txt", "manifest-md5.txt",
                 "tagmanifest-md5.txt", "data/ledger/keys/reviewer-z.pem", "below/more.txt"]:
        changed = copy()
        (changed / name).parent.mkdir(exist_ok=True)
        (changed / name).write_bytes(b"")
        assert_broken(changed, name)
    for name in ["data/empty", "empty"]:
        changed = copy()
        (changed / name).mkdir()
        assert_broken(changed, name, "this folder was added")
    changed = copy()
    (changed / "link").symlink_to("bagit.txt")
    assert_broken(changed, "link", "a link")


def test_files_removed(place):
    for name in MADE.bundle.files():
        changed = copy()
        (changed / name).unlink()
        assert_broken(changed, name)


def test_two_lines_swapped(place):
    for name in [HEADERS, SIGNATURES, METAS, BODIES]:
        changed = copy()
        lines = changed.lines(name)
        lines[2], lines[3] = lines[3], lines[2]
        changed.put_lines(name, lines)
        assert_broken(changed, name)


# --- What only someone with the key can do: everything is signed again. ---

def resealed(change, key=None, comment=None):
    changed = copy()
    change(changed)
    changed.seal(key or MADE.key, comment)
    return changed


def drop_item(b, name):
    """The first annotation."""
    lines = b.lines(name)
    b.put_lines(name, lines[:1] + lines[2:])


def drop(b, name, at):
    lines = b.lines(name)
    del lines[at]
    b.put_lines(name, lines)


def swap(b, names, i=2, j=3):
    for name in names:
        lines = b.lines(name)
        lines[i], lines[j] = lines[j], lines[i]
        b.put_lines(name, lines)


def test_sealing_again_holds(place):
    found = check(resealed(lambda b: None), frames=True)
    assert not [f for f in found if f[0] == "BROKEN"]


def test_ledger_reordered(place):
    assert_broken(resealed(lambda b: swap(b, [HEADERS, SIGNATURES])), HEADERS, "line 3")
    assert_broken(resealed(lambda b: swap(b, [HEADERS])), HEADERS, "line 3: signatures.tsv has no signature")
    assert_broken(resealed(lambda b: swap(b, [SIGNATURES])), HEADERS, "line 3: signatures.tsv has no signature")
    assert_broken(resealed(lambda b: swap(b, [METAS])), METAS, "line 4 belongs to no entry")
    assert_broken(resealed(lambda b: swap(b, [BODIES])), BODIES, "line 4 belongs to no entry")


def test_ledger_shortened(place):
    def cut(b, at):
        drop(b, HEADERS, at)
        drop(b, SIGNATURES, at)
    assert_broken(resealed(lambda b: cut(b, 4)), HEADERS, "line 5")
    changed = resealed(lambda b: cut(b, -1))
    assert_broken(changed, "data/ledger/heads.json", "the receipt counts")
    assert_broken(resealed(lambda b: drop(b, SIGNATURES, -1)), HEADERS, "has no signature")


def test_ledger_lengthened(place):
    for name in [SIGNATURES, METAS, BODIES]:
        assert_broken(resealed(lambda b: b.put_lines(name, [*b.lines(name), b"{}"])), name, "belongs to no entry")
    assert_broken(resealed(lambda b: b.put_lines(HEADERS, [*b.lines(HEADERS), b"{}"])), HEADERS)
    changed = copy()
    (changed / HEADERS).write_bytes((changed / HEADERS).read_bytes()[:-1])
    changed.seal(MADE.key)
    assert_broken(changed, HEADERS, "has no end")


def test_an_entry_changed(place):
    def change(b):
        lines = b.lines(HEADERS)
        lines[5] = lines[5].replace(b'"lamport":6', b'"lamport":7')
        b.put_lines(HEADERS, lines)
        signatures = b.lines(SIGNATURES)
        signatures[5] = hashlib.sha256(lines[5]).hexdigest().encode() + signatures[5][64:]
        b.put_lines(SIGNATURES, signatures)
    assert_broken(resealed(change), HEADERS, "line 6")


def add_entry(b, kind, subject, last, chain=None):
    """Signs one more entry after the header @last, or the first of the chain @chain."""
    body = bundle.canonical({"nonce": "01" * 16})
    meta = bundle.canonical({"kind": kind, "nonce": "02" * 16, "replaces": [], "subject": subject,
                             "time": "2026-01-01T00:00:00.000Z"})
    before = json.loads(last)
    header = {**before, "body_sha256": hashlib.sha256(body).hexdigest(), "meta_sha256": hashlib.sha256(meta).hexdigest(),
              "prev": hashlib.sha256(last).hexdigest(), "heads": [], "seq": before["seq"] + 1,
              "lamport": before["lamport"] + 1}
    if chain is not None:
        header.update(chain=chain, prev=None, seq=1, lamport=1)
    header = bundle.canonical(header)
    entry = hashlib.sha256(header).hexdigest().encode()
    signature = base64.b64encode(MADE.key.sign(b"casement-entry-v1:" + entry))
    line = b"\t".join([entry, before["author"].encode(), signature])
    for name, added in [(HEADERS, header), (SIGNATURES, line), (METAS, meta), (BODIES, body)]:
        b.put_lines(name, [*b.lines(name), added])


def test_chains_in_another_order(place):
    """Whoever could choose it could choose which of two edits counts."""
    last = lambda b: b.lines(HEADERS)[-1]
    assert_broken(resealed(lambda b: add_entry(b, "access.opened", None, last(b), "77" * 16)), HEADERS,
                  "out of the order")
    found = check(resealed(lambda b: add_entry(b, "access.opened", None, last(b))), code=1)
    assert not [f for f in found if f[0] == "BROKEN" and f[1] == HEADERS], found


def test_an_exhibit_that_was_removed(place):
    subject = json.loads((MADE.bundle / CONTENTS).read_bytes())["exhibits"][0]["id"]
    change = lambda b: add_entry(b, "exhibit.remove", subject, b.lines(HEADERS)[-1])
    assert_broken(resealed(change), "E-0001", "removed it")


def test_bodies_changed(place):
    def change(b):
        b.put_lines(BODIES, [line.replace(b"twice", b"never") for line in b.lines(BODIES)])
    assert_broken(resealed(change), BODIES, "belongs to no entry")


def test_receipt(place):
    def another(b):
        b.edit_json("data/ledger/heads.json", lambda heads: heads.update(header_seq=heads["header_seq"] + 1))
    assert_broken(resealed(another), "data/ledger/heads.json", "bundle.json names another receipt")
    heads = lambda b: b.edit_json("data/ledger/heads.json", lambda h: h.update(heads=["00" * 32]))
    assert_broken(resealed(heads), "data/ledger/heads.json", "newest entries")
    other = lambda b: b.edit_json("data/ledger/heads.json", lambda h: h.update(case="00" * 16))
    assert_broken(resealed(other), "data/ledger/heads.json", "another case")
    newline = lambda b: b.edit_text("data/ledger/heads.json", "}", "}\n")
    assert_broken(resealed(newline), "data/ledger/heads.json", "added to the receipt")


def test_time_stamps(place):
    stem = "data/ledger/timestamps/stamp-0001"
    forget = lambda b: b.edit_json(f"{stem}.json", lambda h: h.update(count=h["count"] - 1))
    assert_broken(resealed(forget), f"{stem}.tsr", "on something else")
    ca = tsa.Service(place.folder / "tsb").ca
    assert_broken(resealed(lambda b: shutil.copy(ca, b / f"{stem}-ca.pem")), f"{stem}.tsr")
    gone = resealed(lambda b: shutil.rmtree(b / "data/ledger/timestamps"))
    found = check(gone)
    assert any(f[0] == "note" and "not checked: 1 time stamps" in f[2] for f in found), found
    assert found[0][2].startswith("Dated only by the clocks")


def test_stamps_of_no_entry(place):
    """Anybody can have a receipt stamped: that is a note, of the stamp and of the receipt apart."""
    stem = "data/ledger/timestamps/stamp-0001"
    named = lambda b: [what in str([f for f in check(b) if f[0] == "note" and f[1] == f"{stem}.tsr"])
                       for what in ["names this time stamp", "names the receipt that is stamped"]]
    assert named(MADE.bundle) == [False, False]
    again = lambda b: MADE.service.answer(MADE.request, b / f"{stem}.tsr")
    assert named(resealed(again)) == [True, False]

    def another_receipt(b):
        b.edit_json(f"{stem}.json", lambda h: h.update(header_seq=h["header_seq"] + 1))
        MADE.service.openssl("ts", "-query", "-data", b / f"{stem}.json", "-sha256", "-cert", "-out", "other.tsq")
        MADE.service.answer("other.tsq", b / f"{stem}.tsr")
    assert named(resealed(another_receipt)) == [True, True]


def test_keys(place):
    other = bundle.Key(place.folder / "other", bytes(32))
    pem = lambda b: (b / "data/ledger/keys/reviewer-a.pem").write_text(other.pem)
    assert_broken(resealed(pem), "data/ledger/keys/reviewer-a.pem")
    pub = lambda b: b.edit_text("data/ledger/keys/reviewer-a.pub", MADE.key.line, other.line)
    assert_broken(resealed(pub), "data/ledger/keys/reviewer-a.pub")


def test_signed_by_somebody_else(place):
    other = bundle.Key(place.folder / "other", bytes(32))
    assert_broken(resealed(lambda b: None, other), "minisig", "it was signed with the key")
    exporter = lambda b: b.edit_json(CONTENTS, lambda c: c.update(exporter=other.public.hex()))
    assert_broken(resealed(exporter, other), HEADERS, "signed no entry of the ledger")
    nobody = lambda b: b.edit_json(CONTENTS, lambda c: c.update(exporter=None))
    assert_broken(resealed(nobody), "minisig", "no key is given, and none is named")


def test_comments(place):
    for made, said in [("yesterday", "yesterday"), (None, "(null)")]:
        trusted = MADE.bundle.lines("tagmanifest-sha256.txt.minisig")[2].decode().removeprefix("trusted comment: ")
        comment = f"{trusted.partition(', made ')[0]}, made {said}"
        dateless = lambda b: b.edit_json(CONTENTS, lambda c: c.update(made=made))
        assert_broken(resealed(dateless, comment=comment), CONTENTS, "is not what it should be")
    assert_broken(resealed(lambda b: None, comment="Casement bundle of another case"), "minisig", "not about this")
    changed = copy()
    changed.edit_text("tagmanifest-sha256.txt.minisig", "signature by a", "signature by the")
    assert_broken(changed, "minisig", "its first line")


def test_what_it_says_of_marks(place):
    def mark(**values):
        return lambda b: b.edit_json(CONTENTS, lambda c: c["exhibits"][0]["marks"][0].update(values))
    for change, what in [({"text": "nothing"}, "the text"), ({"code": "arrest"}, "the code"), ({"to": 8}, "spans"),
                         ({"from_pts": "0"}, "time stamps"), ({"timebase": [1, 1]}, "time stamps"),
                         ({"regions": []}, "regions"), ({"time": "2020-01-01T00:00:00.000Z"}, "the time"),
                         ({"reviewer": "00" * 32}, "the reviewer"), ({"id": "00" * 16}, "mark that it is about"),
                         ({"track": "v:1"}, "spans")]:
        assert_broken(resealed(mark(**change)), "E-0001, mark 1", what)
    assert_broken(resealed(mark(entry="00" * 32)), "E-0001, mark 1", "no entry of the id")
    frame = lambda b: b.edit_json(CONTENTS,
                                  lambda c: c["exhibits"][0]["marks"][0]["frames"][0].update(sha256="00" * 32))
    assert_broken(resealed(frame), "E-0001, mark 1", "pictures")


def test_what_it_says_of_exhibits(place):
    def exhibit(**values):
        return lambda b: b.edit_json(CONTENTS, lambda c: c["exhibits"][0].update(values))
    assert_broken(resealed(exhibit(size=1)), "data/exhibits/E-0001.mp4", "not the file that bundle.json says")
    assert_broken(resealed(exhibit(sha256="00" * 32)), "E-0001", "names another file")
    assert_broken(resealed(exhibit(file="exhibits/none.mp4")), "data/exhibits/none.mp4", "is missing")
    assert_broken(resealed(exhibit(file="../bagit.txt")), "bagit.txt", "is missing")
    beside = lambda b: shutil.copy(b / "data/exhibits/E-0001.mp4", b / "data/exhibits/E-0003.mp4")
    assert_broken(resealed(beside), "data/exhibits/E-0003.mp4", "this file was added")
    number = lambda b: b.edit_json(CONTENTS, lambda c: c.update(n_entries=c["n_entries"] + 1))
    assert_broken(resealed(number), CONTENTS, "another number of entries")
    code = lambda b: b.edit_json(CONTENTS, lambda c: c["codes"][0].update(label="Something else"))
    assert_broken(resealed(code), CONTENTS, "the codes")
    replaced = lambda b: shutil.copy(b / "data/exhibits/E-0002.mkv", b / "data/exhibits/E-0001.mp4")
    assert_broken(resealed(replaced), "data/exhibits/E-0001.mp4", "not the file that bundle.json says")


def test_contents_that_are_none(place):
    for text in [b"", b"[]", b"{}", b'{"v":1}', b'{"v":2}', b"{ }", b'{"v":1,"v":1}', b"\xff", b"[" * 100000]:
        assert_broken(resealed(lambda b: (b / CONTENTS).write_bytes(text)), CONTENTS)


def test_tables(place):
    for name, old, new in [("data/marks.csv", '""twice""', '""never""'), ("data/marks.csv", ",3,9,", ",3,8,"),
                           ("data/marks.csv", ",1,2,30,40,", ",1,2,30,41,"), ("data/marks.csv", "baton", "arrest"),
                           ("data/annotations.jsonld", "twice", "never"),
                           ("data/annotations.jsonld", '"casement:to":9', '"casement:to":8'),
                           ("data/annotations.jsonld", "pixel:1,2,30,40", "pixel:1,2,30,41"),
                           ("data/annotations.jsonld", '","motivation"', '0","motivation"'),
                           ("data/annotations.jsonld", "Reviewer A", "Reviewer B"),
                           ("data/annotations.jsonld", "exhibits/E-0001.mp4", "exhibits/E-0002.mkv"),
                           ("data/annotations.jsonld", 'width=\\"30', 'width=\\"31'),
                           ("data/annotations.jsonld", '"casement:timebase":"1/', '"casement:timebase":"2/'),
                           ("data/annotations.jsonld", '"created":"20', '"created":"19'),
                           ("data/annotations.jsonld", '"body":[', '"body":[{"purpose":"commenting","value":"no"},'),
                           ("data/marks.csv", "\r\nE-0001", "\r\nE-0002"), ("data/marks.csv", "one.mp4", "two.mp4"),
                           ("data/marks.csv", "Reviewer A", "Reviewer B"), ("data/marks.csv", "00:00:", "00:01:"),
                           ("data/marks.csv", ",20", ",19"), ("data/marks.csv", "code,text", "text,code"),
                           ("data/marks.csv", "region_frame\r", "region_frame,text\r"),
                           ("data/marked-frames.tsv", "yuv420p", "yuv444p"),
                           ("data/marked-frames.tsv", "libav", "libxx"),
                           ("data/marked-frames.tsv", "v:0\t3\t", "v:0\t4\t")]:
        assert_broken(resealed(lambda b: b.edit_text(name, old, new)), name)
    for name in ["data/marks.csv", "data/marked-frames.tsv"]:
        assert_broken(resealed(lambda b: drop(b, name, -1)), name, "bundle.json asks for")
        assert_broken(resealed(lambda b: (b / name).unlink()), name, "is missing")
    web = "data/annotations.jsonld"
    assert_broken(resealed(lambda b: (b / web).write_text('{"items":[\n]}\n')), web, "has not the marks")
    for text in ['{"items":[\n\n]}\n', '{"items":[]}\n', '{"items":[\n{}\n{}\n]}\n', '{"items":[\n{},\n]}\n',
                 '{"a":1,"a":2,"items":[\n{}\n]}\n', '{"items":[\0"items":[\n{}\n]}\n', '{"items":[\n{}', '"items":[', '']:
        assert_broken(resealed(lambda b: (b / web).write_text(text)), web, "is not what it should be")
    assert_broken(resealed(lambda b: (b / web).write_text('{"items":[\n{}\n]}\n')), web, "row 1 says other than bundle.json")
    assert_broken(resealed(lambda b: drop_item(b, web)), web, "has not the marks")
    assert_broken(resealed(lambda b: (b / web).write_text(f'{{"items":[\n[{"0," * 2200000}0]\n]}}\n')), web,
                  "is not what it should be")
    assert_broken(resealed(lambda b: (b / "data/marks.csv").write_bytes(b'mark\n"')), "data/marks.csv")


def test_what_would_fill_the_memory(place):
    """Refused before a tree is made of it: by its bytes, or by its values."""
    def too_long(b):
        with open(b / CONTENTS, "wb") as file:
            file.truncate((256 << 20) + 1)
    assert_broken(resealed(too_long), CONTENTS, "and what it should be has at most 268435456")
    values = lambda b: (b / CONTENTS).write_text(f'{{"a":[{"[]," * 8000000}0]}}')
    changed = resealed(values)
    MADE.place.prefix = ["prlimit", "--as=1500000000"]
    try:
        assert_broken(changed, CONTENTS, "more than 16000000 values")
    finally:
        MADE.place.prefix = []


def test_frames(place):
    """The same entries, another picture: what the reviewer signed is not what the file shows."""
    other = place.clip("other.mp4", seed=77)
    digest, size = harness.sha256(other), other.stat().st_size

    def change(b):
        shutil.copy(other, b / "data/exhibits/E-0001.mp4")
        b.edit_json(CONTENTS, lambda c: c["exhibits"][0].update(sha256=digest, size=size))
    changed = resealed(change)
    assert_broken(changed, "data/exhibits/E-0001.mp4", "frame 3 (the first is 0): its picture is not the one",
                  frames=True)
    short = place.clip("short.mp4", seed=1, frames=5)
    assert_broken(resealed(lambda b: shutil.copy(short, b / "data/exhibits/E-0001.mp4")), "data/exhibits/E-0001.mp4",
                  "frame 9 (the first is 0): the file has no such frame", frames=True)


def test_frames_that_cannot_be_decoded(place):
    found = check(resealed(lambda b: (b / "data/exhibits/E-0001.mp4").write_bytes(b"no film")), code=1, frames=True)
    assert any(f[0] == "note" and "could not be decoded here" in f[2] for f in found), found


def test_without_files(place):
    MADE.place.run("export", MADE.place.case, place.folder / "slim", "--no-files", "--no-report", "--no-stills")
    found = check(place.folder / "slim", frames=True)
    assert any("the file itself is not in the bundle" in f[2] for f in found), found
    assert any("marked frames of 2 exhibits whose files are not" in f[2] for f in found), found


def test_everything_disclosed(place):
    MADE.place.run("export", MADE.place.case, place.folder / "all", "--names", "--acquisition", "--notes",
                   "--superseded", "--access", "--no-report", "--no-stills")
    check(place.folder / "all")
    # What is disclosed is what bundle.json says.
    disclosed = bundle.Bundle(place.folder / "all")
    for change, where, what in [
            (lambda c: c["exhibits"][0].update(name="another.mp4"), "E-0001", "the name of the file"),
            (lambda c: c["exhibits"][0]["acquisition"].update(source="somebody"), "E-0001", "how it was obtained"),
            (lambda c: c["exhibits"][0].update(acquisition=None), "E-0001", "how it was obtained"),
            (lambda c: c["reviewers"][0].update(label="Somebody"), CONTENTS, "the reviewers' names")]:
        changed = disclosed.copy("lies")
        changed.edit_json(CONTENTS, change)
        changed.seal(MADE.key)
        assert_broken(changed, where, what)


def test_a_reviewer_who_signed_nothing_yet(place):
    """Whoever was let in, and exports first of all."""
    secret = place.folder / "theirs"
    secret.write_text("eleven blue doors at dawn\n")
    case = MADE.place.copy("theirs")
    MADE.place.run("key", "add", case, "--reviewer", "Maryna", "--new-passphrase-file", secret)
    MADE.place.run("export", case, place.folder / "theirs-bundle", "--no-report", "--no-stills",
                   "--passphrase-file", secret, secret=False)
    check(place.folder / "theirs-bundle")


def test_bags_of_others(place):
    found = check(harness.SOURCE / "tests/export/data/bag")
    assert any(f[0] == "note" and "no bundle of Casement" in f[2] for f in found), found
    assert any(f[0] == "note" and "not signed" in f[2] for f in found), found
    # A bundle that lost its table of contents is one no longer; whoever gives a key sees it.
    changed = copy()
    (changed / CONTENTS).unlink()
    (changed / "tagmanifest-sha256.txt.minisig").unlink()
    changed.hash()
    check(changed)
    check(changed, "--key", MADE.key.line, code=1)


def test_taken_into_a_case(place):
    """As received evidence: the exhibits, and all the rest as one file, from which it can be checked again."""
    (place.folder / "twin").mkdir()
    place.make_case()
    done = place.run("import", place.case, MADE.bundle.folder, "--note", "from the other side")
    assert len(done.stdout.splitlines()) == 3, done.stdout
    exhibits = {e["name"]: e for e in place.json("exhibits", place.case)}
    tar = next(name for name in exhibits if name.startswith("bundle-") and name.endswith(".tar"))
    for name in ["E-0001.mp4", "E-0002.mkv"]:
        assert exhibits[name]["sha256"] == harness.sha256(MADE.bundle / "data/exhibits" / name)
    again = place.folder / "again"
    (again / "data/exhibits").mkdir(parents=True)
    place.run("extract", place.case, exhibits[tar]["number"], "-o", place.folder / "chain.tar")
    subprocess.run(["tar", "-xf", place.folder / "chain.tar", "-C", again], check=True)
    for name in ["E-0001.mp4", "E-0002.mkv"]:
        place.run("extract", place.case, exhibits[name]["number"], "-o", again / "data/exhibits" / name)
    found = check(again, "--key", MADE.key.line)
    assert not [f for f in found if f[0] == "BROKEN"]
    assert bundle.Bundle(again).files() == MADE.bundle.files()
    place.run("export", place.case, place.folder / "said", "--acquisition", "--no-report", "--no-stills")
    said = json.loads((place.folder / "said" / CONTENTS).read_bytes())["exhibits"]
    for exhibit in said:
        assert MADE.key.line in exhibit["acquisition"]["obtained_how"], exhibit
    check(place.folder / "said")
    # Where a file of its size is there already, it is read twice, and is another all the same.
    twin = harness.Scratch(place.folder / "twin")
    twin.make_case()
    (twin.folder / "zeros").write_bytes(bytes((place.folder / "chain.tar").stat().st_size))
    twin.run("import", twin.case, twin.folder / "zeros")
    twin.run("import", twin.case, MADE.bundle.folder)
    kept = {e["name"]: e["sha256"] for e in twin.json("exhibits", twin.case)}
    assert kept[tar] == harness.sha256(place.folder / "chain.tar")
    # The second time there is nothing new.
    assert place.run("import", place.case, MADE.bundle.folder).stdout.count("duplicate of") == 3


def test_only_what_holds_is_taken_in(place):
    place.make_case()
    changed = copy()
    changed.edit_text("data/marks.csv", "baton", "arrest")
    place.run("import", place.case, changed.folder, code=4)
    assert place.json("exhibits", place.case) == []


def test_what_is_no_bag(place):
    MADE.place.run("check", place.folder, code=4, secret=False)
    MADE.place.run("check", place.folder / "none", code=3, secret=False)
    MADE.place.run("check", place.secret, code=4, secret=False)
    MADE.place.run("check", code=2, secret=False)
    MADE.place.run("check", MADE.bundle.folder, "--frames", "--no-frames", code=2, secret=False)
    changed = copy()
    (changed / "bagit.txt").unlink()
    assert_broken(changed, "bagit.txt", "is missing")


try:
    harness.main("check", [value for name, value in sorted(globals().items()) if name.startswith("test_")])
finally:
    shutil.rmtree(MADE.folder, ignore_errors=True)
