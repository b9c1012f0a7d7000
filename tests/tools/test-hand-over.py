#!/usr/bin/env python3
"""test-hand-over: encrypted hand-over files, with Debian's age and tar on the other side.
SPDX-License-Identifier: GPL-3.0-or-later"""
import os
import pty
import subprocess
import tarfile

import harness

MAKE = os.environ["CSM_MAKE_HAND_OVER"]
PASSPHRASE = "Зорка 7 lamps"


def keygen(place, name="key"):
    """(path of the identity file, recipient), by age-keygen."""
    path = place.folder / name
    subprocess.run(["age-keygen", "-o", path], check=True, capture_output=True)
    return path, subprocess.run(["age-keygen", "-y", path], check=True, capture_output=True, text=True).stdout.strip()


def make_folder(place):
    folder = place.folder / "square-1"
    (folder / "data" / "exhibits").mkdir(parents=True)
    (folder / "bagit.txt").write_text("BagIt-Version: 1.0\n")
    (folder / "data" / "exhibits" / "E-0001.mp4").write_bytes(os.urandom(300_000))
    (folder / "data" / "empty").write_bytes(b"")
    long = folder / "data" / ("n" * 120) / ("m" * 120)
    long.parent.mkdir()
    long.write_text("deep")
    return folder


def content(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() if p.is_file() else None for p in folder.rglob("*")}


def names(place):
    return sorted(p.name for p in place.folder.iterdir())


def make(place, *args, name="square-1.age"):
    subprocess.run([MAKE, place.folder / "square-1", place.folder / name, *args], check=True)
    return place.folder / name


def by_terminal(args, answers):
    """Runs @args with a terminal that answers each question in turn; what stdout (no terminal) got."""
    reader, writer = os.pipe()
    pid, terminal = pty.fork()
    if pid == 0:
        os.dup2(writer, 1)
        os.execvp(args[0], [os.fspath(a) for a in args])
    os.close(writer)
    said = b""
    for answer in answers:
        while not said.endswith(b": "):
            said += os.read(terminal, 1024)
        said = b""
        os.write(terminal, answer.encode() + b"\n")
    with open(reader, "rb") as stdout:
        output = stdout.read()
    while True:
        try:
            piece = os.read(terminal, 1024)
        except OSError:
            break
        if not piece:
            break
        said += piece
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, said
    return output


def untar(place, data):
    subprocess.run(["tar", "x", "-C", place.folder / "by-age"], input=data, check=True)


def test_age_opens_ours(place):
    folder = make_folder(place)
    first, second = keygen(place, "first"), keygen(place, "second")
    file = make(place, first[1], second[1])
    for identity, _ in (first, second):
        (place.folder / "by-age").mkdir()
        done = subprocess.run(["age", "-d", "-i", identity, file], check=True, capture_output=True)
        said = subprocess.run(["tar", "xv", "-C", place.folder / "by-age"], input=done.stdout, check=True,
                              capture_output=True)
        assert said.stderr == b"", said.stderr
        assert content(place.folder / "by-age" / "square-1") == content(folder)
        subprocess.run(["rm", "-r", place.folder / "by-age"], check=True)


def test_age_opens_our_passphrase(place):
    folder = make_folder(place)
    file = make(place, "-p", PASSPHRASE)
    (place.folder / "by-age").mkdir()
    untar(place, by_terminal(["age", "-d", file], [PASSPHRASE]))
    assert content(place.folder / "by-age" / "square-1") == content(folder)


def test_one_folder_one_tar(place):
    make_folder(place)
    key, recipient = keygen(place)
    tars = []
    for name in ("a.age", "b.age"):
        done = subprocess.run(["age", "-d", "-i", key, make(place, recipient, name=name)], check=True,
                              capture_output=True)
        tars.append(done.stdout)
    assert tars[0] == tars[1]
    (place.folder / "tar").write_bytes(tars[0])
    with tarfile.open(place.folder / "tar") as tar:
        for member in tar:
            assert (member.uid, member.gid, member.uname, member.gname) == (0, 0, "", ""), member.name
            assert member.mtime == 315532800 and member.mode == (0o755 if member.isdir() else 0o644), member.name
        assert [m.name for m in tar] == sorted((m.name for m in tar), key=lambda n: n.split("/")), tar.getnames()


def test_we_open_ages(place):
    folder = make_folder(place)
    (folder / "data" / "Плошча.txt").write_text("named by somebody else")
    key, recipient = keygen(place)
    for n, args in enumerate((["square-1"], ["--format=pax", "square-1"], ["--format=ustar", "--exclude=n*", "square-1"],
                              ["-C", "square-1", "."])):
        tar = subprocess.run(["tar", "c", "-C", place.folder, *args], check=True, capture_output=True).stdout
        file = place.folder / f"{n}.age"
        subprocess.run(["age", "-r", recipient, "-o", file], input=tar, check=True)
        place.run("open", file, f"opened-{n}", "--identity-file", key, secret=False)
        expected = {k: v for k, v in content(folder).items() if "ustar" not in args[0] or "nnn" not in k}
        assert content(place.folder / f"opened-{n}") == expected, args


def test_we_open_ages_passphrase(place):
    folder = make_folder(place)
    (place.folder / "typed").write_text(PASSPHRASE + "\n")
    tar = place.folder / "tar"
    subprocess.run(["tar", "cf", tar, "-C", place.folder, "square-1"], check=True)
    file = place.folder / "by-age"
    by_terminal(["age", "-p", "-o", file, tar], [PASSPHRASE, PASSPHRASE])
    place.run("open", file, "opened", "--passphrase-file", place.folder / "typed", secret=False)
    assert content(place.folder / "opened") == content(folder)


def test_nothing_is_written(place):
    make_folder(place)
    key, recipient = keygen(place)
    other, _ = keygen(place, "other")
    file = make(place, recipient)
    data = file.read_bytes()
    damaged = {"cut": data[:-1], "cut-chunk": data[:-(len(data) - 300) % 65552 - 1], "head": data[:100],
               "empty": b"", "flipped": data[:-20] + bytes([data[-20] ^ 1]) + data[-19:]}
    for name, bad in damaged.items():
        (place.folder / name).write_bytes(bad)
    before = names(place)
    for name in damaged:
        place.run("open", name, "opened", "--identity-file", key, secret=False, code=3)
    said = place.run("open", file, "opened", "--identity-file", other, secret=False, code=3).stderr
    assert "was not made for this key" in said, said
    said = place.run("open", file, "opened", code=3).stderr
    assert "a key opens this file" in said, said
    place.run("open", file, "opened", "--identity-file", place.folder / "none", secret=False, code=3)
    place.run("open", file, "opened", "--identity-file", file, secret=False, code=4)
    place.run("open", file, "square-1", "--identity-file", key, secret=False, code=4)
    place.run("open", file, "opened", "--identity-file", key, code=2)
    place.run("open", file, secret=False, code=2)
    assert names(place) == before


def test_plain_content(place):
    """What age holds is no tar, or a compressed one."""
    make_folder(place)
    key, recipient = keygen(place)
    packed = subprocess.run(["tar", "cz", "-C", place.folder, "square-1"], check=True, capture_output=True).stdout
    for data in (b"", b"hello", packed, b"\0" * 10240):
        file = place.folder / "file.age"
        subprocess.run(["age", "-r", recipient, "-o", file], input=data, check=True)
        before = names(place)
        place.run("open", file, "opened", "--identity-file", key, secret=False, code=4)
        assert names(place) == before


if __name__ == "__main__":
    harness.main("hand-over", [
        test_age_opens_ours, test_age_opens_our_passphrase, test_one_folder_one_tar, test_we_open_ages,
        test_we_open_ages_passphrase, test_nothing_is_written, test_plain_content,
    ])
