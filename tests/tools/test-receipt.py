#!/usr/bin/env python3
"""test-receipt: receipts and time stamps, with the stock tools and `openssl ts` on the other side.
SPDX-License-Identifier: GPL-3.0-or-later"""
import base64
import hashlib
import json
import shutil

import harness
import tsa


def copy_case(place, folder):
    """The case's files, copied as a person copies them."""
    folder.mkdir()
    for path in place.folder.glob("square.*"):
        (shutil.copytree if path.is_dir() else shutil.copy2)(path, folder / path.name)


def put_back(place, folder):
    for path in folder.iterdir():
        target = place.folder / path.name
        if path.is_dir():
            shutil.rmtree(target)
            shutil.copytree(path, target)
        else:
            shutil.copy2(path, target)


def findings(output):
    return [line.split("\t") for line in output.splitlines()]


def make(place, *args):
    return place.run("receipt", place.case, *args).stdout.strip()


def test_code_by_stock_tools(place):
    place.make_case()
    code = make(place, "-o", "heads.json")
    data = (place.folder / "heads.json").read_bytes()
    assert code == base64.b32encode(hashlib.sha256(data).digest()).decode()[:26], code
    receipt = json.loads(data)
    assert sorted(receipt) == ["case", "count", "file_id", "header_seq", "heads", "v"], receipt
    assert data == json.dumps(receipt, sort_keys=True, separators=(",", ":")).encode()
    info = place.json("info", place.case)
    assert receipt["case"] == info["id"]
    assert info["entries"] > receipt["count"]
    place.run("verify", place.case, "--receipt", "heads.json")


def test_nothing_is_overwritten(place):
    place.make_case()
    (place.folder / "here").write_text("mine")
    before = place.json("info", place.case)["entries"]
    place.run("receipt", place.case, "-o", "here", code=4)
    place.run("receipt", place.case, "-o", "new", "--request", "here", code=4)
    assert (place.folder / "here").read_text() == "mine"
    assert not (place.folder / "new").exists()
    assert place.json("info", place.case)["entries"] == before


def test_place_that_takes_no_file(place):
    place.make_case()
    failed = place.run("receipt", place.case, "-o", "no/such/folder/heads.json", code=5)
    assert len(failed.stdout.strip()) == 26
    assert len(place.json("receipt", place.case, "--list")) == 1


def test_older_copy_put_back(place):
    """Nothing inside an old copy can show it; a receipt that is kept elsewhere does."""
    place.make_case()
    clip = place.clip(frames=5)
    place.run("import", place.case, clip)
    copy_case(place, place.folder / "old")
    for frame in range(3):
        place.run("mark", place.case, "E-0001", "--from", str(frame), "--code", "baton")
    code = make(place, "-o", "heads.json")
    place.run("receipt", place.case, "--check", "heads.json")
    place.run("receipt", place.case, "--code", code)
    put_back(place, place.folder / "old")
    place.run("verify", place.case)
    for command in (["receipt", place.case, "--check", "heads.json"],
                    ["verify", place.case, "--receipt", "heads.json"]):
        failed = place.run(*command, code=1)
        broken = [f for f in findings(failed.stdout) if f[0] == "BROKEN"]
        assert len(broken) == 1 and broken[0][1] == f"Receipt {code}", failed.stdout
        assert "the receipt is of a later state of this case: this copy is older" in broken[0][2], broken
    failed = place.run("receipt", place.case, "--code", code, code=1)
    assert "no receipt with this code was made in this copy" in failed.stdout
    # Work goes on in the old copy, past the count of the receipt.
    for frame in range(4):
        place.run("mark", place.case, "E-0001", "--from", str(frame), "--code", "baton")
        place.run("mark", place.case, "E-0001", "--from", str(frame), "--code", "arrest")
    failed = place.run("verify", place.case, "--receipt", "heads.json", code=1)
    assert "entries are missing since the receipt: " in failed.stdout
    assert "went on without them" in failed.stdout


def test_copy_elsewhere(place):
    """A copy has the entries: it holds against the receipt, and goes on by a chain of its own."""
    place.make_case()
    make(place, "-o", "heads.json")
    copy_case(place, place.folder / "copy")
    case = place.folder / "copy" / "square.casement"
    place.run("receipt", case, "--check", "heads.json")
    place.run("receipt", case, "-o", "second.json")
    place.run("receipt", place.case, "--check", "second.json")
    place.run("receipt", case, "-o", "third.json")
    place.run("receipt", case, "--check", "third.json")
    place.run("receipt", place.case, "--check", "third.json", code=1)


def test_shown_receipts(place):
    place.make_case()
    make(place, "-o", "heads.json")
    (place.folder / "other").mkdir()
    other = harness.Scratch(place.folder / "other")
    other.make_case()
    for command in (["receipt", other.case, "--check", place.folder / "heads.json"],
                    ["verify", other.case, "--receipt", place.folder / "heads.json"]):
        assert "another case" in other.run(*command, code=4).stderr
    data = (place.folder / "heads.json").read_bytes()
    (place.folder / "spaces.json").write_bytes(data.replace(b",", b", "))
    (place.folder / "cut.json").write_bytes(data[:-1])
    (place.folder / "large.json").write_bytes(b" " * (6 << 20))
    (place.folder / "newer.json").write_bytes(data.replace(b'"v":1', b'"v":2'))
    for name in ("spaces.json", "cut.json", "large.json", "newer.json", "none.json", ".", "/dev/null"):
        place.run("receipt", place.case, "--check", name, code=4)
        place.run("verify", place.case, "--receipt", name, code=4)
    place.run("receipt", place.folder / "none.casement", "--check", "heads.json", code=3)
    place.run("receipt", place.case, "--code", "nonsense", code=4)


def test_checks_write_nothing(place):
    place.make_case()
    code = make(place, "-o", "heads.json")
    before = harness.snapshot(place.folder)
    place.run("receipt", place.case, "--check", "heads.json")
    place.run("receipt", place.case, "--code", code)
    place.run("receipt", place.case, "--list")
    place.run("verify", place.case, "--receipt", "heads.json")
    assert harness.snapshot(place.folder) == before


def test_usage(place):
    for args in (["--list", "--check", "x"], ["--answer", "x"], ["--ca", "x"], ["--untrusted", "x"],
                 ["-o", "x", "--list"], ["--code", "x", "--check", "x"]):
        place.run("receipt", place.case, *args, code=2)


def test_time_stamp(place):
    place.make_case()
    service = tsa.Service(place.folder / "tsa")
    code = make(place, "-o", "heads.json", "--request", "x.tsq")
    assert (place.folder / "x.tsq").stat().st_size == 69
    answer = service.answer(place.folder / "x.tsq", place.folder / "x.tsr")
    service.verify(place.folder / "heads.json", answer)
    line = place.run("receipt", place.case, "--answer", answer, "--ca", service.ca).stdout.rstrip("\n").split("\t")
    assert line[1:] == ["CN=Test Time Stamps", code], line
    place.run("receipt", place.case, "--answer", answer, "--ca", service.ca, code=4)

    rows = place.json("receipt", place.case, "--list")
    assert [row["kind"] for row in rows] == ["receipt", "stamp"], rows
    assert rows[0]["stamps"] == 1 and rows[0]["requests"] == 1 and rows[0]["kept"] is True
    assert rows[1]["code"] == code and rows[1]["time"] == line[0]

    said = findings(place.run("verify", place.case).stdout)
    assert said[0][:2] == ["note", "Ledger"] and "time stamps that follow" in said[0][2], said
    stamps = [f for f in said if f[:2] == ["holds", "Time stamp"]]
    assert len(stamps) == 1 and code in stamps[0][2] and "CN=Test Time Stamps" in stamps[0][2], said
    assert any("No outside witness of time since 2" in f[2] and ": 2 entries came after." in f[2] for f in said), said
    assert "Took in a time stamp of CN=Test Time Stamps" in place.run("log", place.case).stdout


def test_answers_that_do_not_fit(place):
    place.make_case()
    service, other = (tsa.Service(place.folder / name) for name in ("tsa", "tsb"))
    make(place, "-o", "heads.json", "--request", "x.tsq", "--request", "y.tsq")
    x, y = (service.answer(place.folder / f"{n}.tsq", place.folder / f"{n}.tsr") for n in "xy")
    before = place.json("info", place.case)["entries"]

    def refused(answer, ca, code, part):
        failed = place.run("receipt", place.case, "--answer", answer, "--ca", ca, code=code)
        assert part in failed.stderr, failed.stderr

    refused(x, other.ca, 1, "its certificate does not hold against the CA file")
    refused(x, place.folder / "heads.json", 4, "the CA file is no list of certificates")
    refused(place.folder / "x.tsq", service.ca, 4, "no answer of a time-stamping service")
    cut = place.folder / "cut.tsr"
    cut.write_bytes(x.read_bytes()[:-10])
    refused(cut, service.ca, 4, "was cut off")
    changed = place.folder / "changed.tsr"
    changed.write_bytes(x.read_bytes()[:-1] + bytes([x.read_bytes()[-1] ^ 1]))
    refused(changed, service.ca, 1, "its signature does not hold")
    # Over the same receipt, but nobody here asked for it; and over something else.
    service.openssl("ts", "-query", "-data", place.folder / "heads.json", "-sha256", "-cert", "-out", "own.tsq")
    refused(service.answer("own.tsq", place.folder / "own.tsr"), service.ca, 1, "its nonce is not the one")
    service.openssl("ts", "-query", "-data", "ca.pem", "-sha256", "-cert", "-out", "else.tsq")
    refused(service.answer("else.tsq", place.folder / "else.tsr"), service.ca, 1, "over no receipt that this case")
    assert place.json("info", place.case)["entries"] == before
    # Both services' answers are good.
    for answer in (x, y):
        place.run("receipt", place.case, "--answer", answer, "--ca", service.ca)
    place.run("verify", place.case)


if __name__ == "__main__":
    harness.main("receipt", [
        test_code_by_stock_tools, test_nothing_is_overwritten, test_place_that_takes_no_file,
        test_older_copy_put_back, test_copy_elsewhere, test_shown_receipts, test_checks_write_nothing, test_usage,
        test_time_stamp, test_answers_that_do_not_fit,
    ])
