#!/usr/bin/env python3
"""test-export: bundles, with the stock tools on the other side, and VERIFY.txt run as written.
SPDX-License-Identifier: GPL-3.0-or-later"""
import json
import re
import resource
import shutil
import subprocess

import harness
import tsa

SOURCE = "https://t.me/somebody-who-sent-it"
NOTE = "she lives at Lenina 5"


def fill(place, stamp=False):
    """A case with two clips and four marks, one of them changed."""
    place.make_case()
    place.run("import", place.case, place.clip("first.mp4"), "--source", SOURCE, "--note", NOTE)
    place.run("import", place.case, place.clip("Вторая.mkv", seed=90, extra=("-c:v", "ffv1", "-output_ts_offset", "1.5")))
    place.run("mark", place.case, "E-0001", "--from", "3", "--to", "7", "--code", "baton", "--rect", "10,10,30,30")
    place.run("mark", place.case, "E-0001", "--from", "12", "--text", "дым")
    place.run("mark", place.case, "E-0002", "--from", "0", "--to", "19", "--code", "arrest", "--text", "two people")
    place.run("mark", place.case, "E-0002", "--from", "5", "--text", "five\nlines")
    if stamp:
        service = tsa.Service(place.folder / "tsa")
        place.run("receipt", place.case, "--request", "r.tsq")
        answer = service.answer(place.folder / "r.tsq", place.folder / "r.tsr")
        place.run("receipt", place.case, "--answer", answer, "--ca", service.ca)


def export(place, *args, name="bundle"):
    report = place.json("export", place.case, name, *args)
    return place.folder / name, report


def recipe(bundle, sections="12345"):
    """The commands of VERIFY.txt: of its beginning and of these sections."""
    text, taken = "", True
    for line in (bundle / "VERIFY.txt").read_text().splitlines():
        heading = re.match(r"(\d)\. [A-Z ]+$", line)
        if heading:
            taken = heading.group(1) in sections
        if taken and line.startswith("    "):
            text += line[4:] + "\n"
    return text


def follow(bundle, commands):
    return subprocess.run(["sh", "-eu"], input=commands, cwd=bundle, capture_output=True, text=True)


def assert_holds(bundle, commands):
    done = follow(bundle, commands)
    assert done.returncode == 0 and done.stdout.endswith("HOLDS\n"), done.stdout + done.stderr


def assert_fails(bundle, commands, what):
    done = follow(bundle, commands)
    assert done.returncode != 0, f"{what}: not seen"
    return done.stderr


def files_of(bundle):
    return sorted(p for p in bundle.rglob("*") if p.is_file())


def flip(path):
    """One bit of the byte in the middle."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_stock_tools_accept_it(place):
    fill(place)
    bundle, report = export(place)
    for kind in ("sha256", "sha512"):
        for name in ("manifest", "tagmanifest"):
            subprocess.run([f"{kind}sum", "-c", "--quiet", "--strict", f"{name}-{kind}.txt"], cwd=bundle, check=True)
    public = bundle / "data/ledger/keys/reviewer-a.pub"
    done = subprocess.run(["minisign", "-V", "-p", public, "-m", "tagmanifest-sha256.txt"], cwd=bundle, check=True,
                          capture_output=True, text=True)
    assert report["receipt"] in done.stdout
    assert harness.sha256(bundle / "tagmanifest-sha256.txt") == report["tag_manifest"]
    assert harness.sha256(bundle / "data/exhibits/E-0001.mp4") == harness.sha256(place.folder / "first.mp4")


def test_the_recipe_holds_as_written(place):
    fill(place, stamp=True)
    bundle, _ = export(place, "--captions", "--clips", "h264")
    assert_holds(bundle, recipe(bundle))
    # As the text itself says to run it.
    line = re.search(r"^  (sed .*)$", (bundle / "VERIFY.txt").read_text(), re.M).group(1)
    done = subprocess.run(["sh", "-c", line], cwd=bundle, capture_output=True, text=True, check=True)
    assert done.stdout.endswith("HOLDS\n")


def test_each_file_changed_in_one_bit_is_seen(place):
    fill(place, stamp=True)
    bundle, _ = export(place)
    commands = recipe(bundle)
    for path in files_of(bundle):
        before = path.read_bytes()
        flip(path)
        assert_fails(bundle, commands, path.relative_to(bundle))
        path.write_bytes(before)
    # "A" for "a": sha512sum itself does not mind.
    path = bundle / "tagmanifest-sha512.txt"
    before = path.read_text()
    path.write_text(before.replace("a", "A", 1))
    subprocess.run(["sha512sum", "-c", "--quiet", "--strict", path.name], cwd=bundle, check=True)
    assert_fails(bundle, commands, "a large letter")
    path.write_text(before)
    assert_holds(bundle, commands)


def test_files_added_and_removed_are_seen(place):
    fill(place)
    bundle, _ = export(place)
    commands = recipe(bundle)
    for name in ("added.txt", "data/added.txt", "data/exhibits/.hidden"):
        (bundle / name).write_text("x")
        assert "added" in assert_fails(bundle, commands, name)
        (bundle / name).unlink()
    (bundle / "data/empty").mkdir()
    assert_fails(bundle, commands, "an empty folder")
    (bundle / "data/empty").rmdir()
    for path in files_of(bundle):
        before = path.read_bytes()
        path.unlink()
        assert_fails(bundle, commands, f"{path.relative_to(bundle)} removed")
        path.write_bytes(before)
    assert_holds(bundle, commands)


def test_a_changed_untrusted_comment_is_named(place):
    """minisign itself does not see it; VERIFY.txt says so, and looks."""
    fill(place)
    bundle, _ = export(place)
    path = bundle / "tagmanifest-sha256.txt.minisig"
    path.write_text(path.read_text().replace("untrusted comment: signature", "untrusted comment: Signature"))
    public = bundle / "data/ledger/keys/reviewer-a.pub"
    subprocess.run(["minisign", "-V", "-q", "-p", public, "-m", "tagmanifest-sha256.txt"], cwd=bundle, check=True)
    assert "untrusted comment" in assert_fails(bundle, recipe(bundle), "the untrusted comment")
    assert "untrusted comment" in (bundle / "VERIFY.txt").read_text()


def swap(lines):
    lines[4], lines[5] = lines[5], lines[4]


def cut(lines):
    del lines[-1]


def take_out(lines):
    del lines[6]


def repeat(lines):
    lines.insert(6, lines[6])


def change(lines):
    lines[6] = lines[6].replace("2", "3", 1)


def test_the_ledger_stands_by_itself(place):
    """Against whoever can sign a bag, but not for the authors: only the ledger's own section is run."""
    fill(place, stamp=True)
    bundle, _ = export(place)
    ledger = bundle / "data/ledger"
    commands = recipe(bundle, sections="34") + "echo HOLDS\n"
    assert_holds(bundle, commands)
    names = ("headers.jsonl", "signatures.tsv", "metas.jsonl", "bodies.jsonl")
    before = {name: (ledger / name).read_text() for name in names}
    attempts = [(how, ("headers.jsonl", "signatures.tsv")) for how in (swap, cut, take_out, repeat)]
    attempts += [(how, (name,)) for name in names for how in (swap, change, repeat)]
    for how, changed in attempts:
        for name in changed:
            lines = before[name].splitlines(keepends=True)
            how(lines)
            (ledger / name).write_text("".join(lines))
        assert_fails(bundle, commands, f"{how.__name__} in {changed}")
        for name in changed:
            (ledger / name).write_text(before[name])
    for path in sorted(ledger.rglob("*")):
        if path.is_file() and path.suffix in (".json", ".tsr", ".pem"):
            data = path.read_bytes()
            flip(path)
            assert_fails(bundle, commands, path.name)
            path.write_bytes(data)
    assert_holds(bundle, commands)


def test_other_frames_are_seen(place):
    """Of a bundle whose hashes were all made anew: only the frames' own section is run."""
    fill(place)
    bundle, _ = export(place)
    commands = recipe(bundle, sections="5")
    assert_holds(bundle, commands)
    table = bundle / "data/marked-frames.tsv"
    rows = table.read_text().splitlines()
    assert len(rows) == 1 + 3 + 3
    digest = rows[1].split("\t")[4]
    table.write_text(table.read_text().replace(digest, digest[::-1]))
    assert "E-0001.mp4: these frames" in assert_fails(bundle, commands, "another hash")
    table.write_text("\n".join(rows) + "\n")
    shutil.copy(place.clip("other.mkv", seed=45, extra=("-c:v", "ffv1")), bundle / "data/exhibits/E-0002.mkv")
    assert "E-0002.mkv: these frames" in assert_fails(bundle, commands, "another file")


def text_of(bundle):
    """Every byte of it, and the words of the report."""
    data = b"\n".join(p.name.encode() + b"\n" + p.read_bytes() for p in files_of(bundle))
    return data + subprocess.run(["pdftotext", bundle / "data/report.pdf", "-"], capture_output=True, check=True).stdout


def test_nobody_is_named_unasked(place):
    fill(place, stamp=True)
    bundle, _ = export(place)
    data = text_of(bundle)
    for secret in (harness.REVIEWER, *harness.REVIEWER.split(), SOURCE, NOTE, place.folder.as_posix(), "Lenina"):
        assert secret.encode() not in data, secret
    assert b"Reviewer A" in data
    bundle, _ = export(place, "--names", "--acquisition", "--notes", name="told")
    data = text_of(bundle)
    for told in (harness.REVIEWER, SOURCE, NOTE):
        assert told.encode() in data, told
    assert_holds(bundle, recipe(bundle))


def test_a_selection_and_its_preview(place):
    fill(place)
    before = place.json("log", place.case)
    preview = place.json("export", place.case, "--preview", "--exhibit", "E-0002", "--code", "arrest")
    assert [e["number"] for e in preview["exhibits"]] == ["E-0002"]
    assert preview["marks"] == 1
    assert {"what": "1 exhibit", "why": "not chosen", "count": 1} in preview["withheld"]
    assert place.json("log", place.case) == before
    bundle, _ = export(place, "--exhibit", "E-0002", "--code", "arrest")
    contents = json.loads((bundle / "data/bundle.json").read_text())
    assert [e["label"] for e in contents["exhibits"]] == ["E-0002"]
    assert [m["code"] for m in contents["exhibits"][0]["marks"]] == ["arrest"]
    assert contents["withheld"] == preview["withheld"]
    assert_holds(bundle, recipe(bundle))
    assert [r["kind"] for r in place.json("log", place.case)[len(before):]] == ["receipt.made", "access.exported"]
    place.run("verify", place.case, "--media")


def test_without_files(place):
    fill(place)
    bundle, _ = export(place, "--no-files", "--no-report")
    assert not (bundle / "data/exhibits").exists() and not (bundle / "data/report.pdf").exists()
    assert_holds(bundle, recipe(bundle))


def test_the_same_twice(place):
    """Two copies of one case: only what names the time differs, and what follows from it."""
    fill(place)
    other = place.copy("other")
    options = ("--captions", "--clips", "ffv1", "--superseded", "--access")
    first, _ = export(place, *options)
    place.run("export", other, "second", *options)
    second = place.folder / "second"
    names = [p.relative_to(first).as_posix() for p in files_of(first)]
    assert names == [p.relative_to(second).as_posix() for p in files_of(second)]
    assert any(n.startswith("data/stills/") for n in names) and any(n.startswith("data/clips/") for n in names)
    differing = {n for n in names if (first / n).read_bytes() != (second / n).read_bytes()}
    allowed = {"bag-info.txt", "data/bundle.json", "data/report.pdf", "data/index.html",
               *(f"{kind}manifest-{bits}.txt" for kind in ("", "tag") for bits in ("sha256", "sha512")),
               "tagmanifest-sha256.txt.minisig"}
    assert differing <= allowed, differing - allowed
    one, two = (json.loads((b / "data/bundle.json").read_text()) for b in (first, second))
    assert one.pop("made") != two.pop("made")
    assert one == two


def test_a_write_that_fails_leaves_nothing(place):
    fill(place)
    before = place.json("log", place.case)
    names = sorted(p.name for p in place.folder.iterdir())
    for limit in (300, 20_000):
        place.run("export", place.case, "bundle", code=5,
                  preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
        assert sorted(p.name for p in place.folder.iterdir()) == names
        assert place.json("log", place.case) == before


def test_what_is_refused(place):
    fill(place)
    (place.folder / "there").mkdir()
    place.run("export", place.case, "there", code=4)
    place.run("export", place.case, "none/there", code=5)
    place.run("export", place.case, code=2)
    place.run("export", place.case, "bundle", "--clips", "gif", code=2)
    place.run("export", place.case, "bundle", "-o", "x.age", code=2)
    place.run("export", place.case, "bundle", "--exhibit", "E-0009", code=4)
    place.run("export", place.case, "bundle", "--code", "nothing", code=4)
    place.run("export", place.case, "bundle", "--reviewer", "Nobody", code=4)
    place.run("export", place.case, "bundle", "--mark", "f" * 32, code=4)
    assert not (place.folder / "bundle").exists()


def test_the_hand_over_file_holds_it(place):
    fill(place)
    subprocess.run(["age-keygen", "-o", place.folder / "key"], check=True, capture_output=True)
    recipient = subprocess.run(["age-keygen", "-y", place.folder / "key"], check=True, capture_output=True,
                               text=True).stdout.strip()
    bundle, _ = export(place, "--to-recipient", recipient, "-o", "out.age")
    plain = subprocess.run(["age", "-d", "-i", place.folder / "key", place.folder / "out.age"], check=True,
                           capture_output=True).stdout
    (place.folder / "elsewhere").mkdir()
    subprocess.run(["tar", "-x"], input=plain, cwd=place.folder / "elsewhere", check=True)
    opened = place.folder / "elsewhere" / "bundle"
    assert [p.relative_to(opened) for p in files_of(opened)] == [p.relative_to(bundle) for p in files_of(bundle)]
    assert_holds(opened, recipe(opened))


harness.main("export", [
    test_stock_tools_accept_it,
    test_the_recipe_holds_as_written,
    test_each_file_changed_in_one_bit_is_seen,
    test_files_added_and_removed_are_seen,
    test_a_changed_untrusted_comment_is_named,
    test_the_ledger_stands_by_itself,
    test_other_frames_are_seen,
    test_nobody_is_named_unasked,
    test_a_selection_and_its_preview,
    test_without_files,
    test_the_same_twice,
    test_a_write_that_fails_leaves_nothing,
    test_what_is_refused,
    test_the_hand_over_file_holds_it,
])
