#!/usr/bin/env python3
"""test-cage: what the programs link and which calls they make: no FFmpeg in ours, no network, sources read only.
SPDX-License-Identifier: GPL-3.0-or-later"""
import os
import re
import subprocess

import harness


def linked(program):
    return subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout


def casectl_links_no_ffmpeg(place):
    assert "libsodium" in linked(harness.CASECTL)
    assert not re.search(r"lib(av|sw|postproc)", linked(harness.CASECTL))


def casement_links_no_ffmpeg(place):
    assert "libadwaita" in linked(harness.CASEMENT)
    assert not re.search(r"lib(av|sw|postproc)", linked(harness.CASEMENT))


def sound_is_the_windows_own(place):
    assert "libpulse" in linked(harness.CASEMENT)
    assert not re.search(r"lib(asound|gst|pipewire)", linked(harness.CASEMENT))
    assert not re.search(r"lib(asound|gst|pipewire|pulse)", linked(harness.CASECTL))
    # FFmpeg's filters bring libasound, which finds no device in the cage.
    assert not re.search(r"lib(gst|pipewire|pulse)", linked(harness.WORKER))


def the_worker_does(place):
    # So that the two above look for what is there to be found.
    assert re.search(r"libav", linked(harness.WORKER))


def trace(place, *args, secret=True):
    """Every call of casectl and of the worker that opens, connects or executes."""
    log = place.folder / "trace"
    done = subprocess.run(["strace", "-f", "-y", "-o", log, "-e", "trace=network,openat,open,creat,execve,unlinkat,"
                           "unlink,rename,renameat,renameat2,truncate,utimensat,chmod,fchmodat,io_uring_setup",
                           *place.command(*args, secret=secret)], cwd=place.folder, capture_output=True, text=True)
    assert done.returncode == 0, f"{args}: {done.returncode} {done.stderr}"
    text = log.read_text(errors="surrogateescape")
    log.unlink()
    return text


def assert_no_network(text):
    assert "casement-worker" in text and "AF_UNIX" in text, "the trace holds nothing"
    for line in text.splitlines():
        assert not re.search(r"\b(AF_INET6?|AF_NETLINK|AF_PACKET|AF_VSOCK)\b", line), line
        assert not re.search(r"\bconnect\(.*sa_family=(?!AF_UNIX)", line), line


def assert_only_read(text, path):
    lines = [line for line in text.splitlines() if f'"{path}"' in line and not "execve" in line]
    opened = [line for line in lines if "openat(" in line]
    assert opened, "the source was not opened"
    for line in lines:
        assert re.search(r"openat\(.*O_RDONLY", line) and not re.search(r"O_(RDWR|WRONLY|CREAT|TRUNC)", line), line


def importing_makes_no_network_call_and_only_reads_the_source(place):
    place.make_case()
    clip = place.clip()
    text = trace(place, "import", place.case, clip)
    assert_no_network(text)
    assert_only_read(text, clip)


def probing_makes_no_network_call_and_only_reads_the_source(place):
    clip = place.clip()
    before = harness.snapshot(place.folder)
    text = trace(place, "probe", clip, "--frames", "--hash", secret=False)
    assert_no_network(text)
    assert_only_read(text, clip)
    assert harness.snapshot(place.folder) == before


def marking_and_stills_make_no_network_call(place):
    place.make_case()
    place.run("import", place.case, place.clip())
    assert_no_network(trace(place, "mark", place.case, "E-0001", "--from", "1"))
    assert_no_network(trace(place, "still", place.case, "E-0001", "1", "-o", "s.png"))


def playlists_are_refused(place):
    """What refers to other files must not make anyone fetch or read them."""
    place.make_case()
    (place.folder / "list.m3u8").write_text("#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n")
    (place.folder / "list.ffconcat").write_text("ffconcat version 1.0\nfile '/etc/passwd'\n")
    text = trace(place, "import", place.case, "list.m3u8", "list.ffconcat")
    assert_no_network(text)
    # NSS may read the password file for casectl; a worker has no way to.
    assert {e["frames"] for e in place.json("exhibits", place.case)} <= {None, 0}
    for exhibit in place.json("exhibits", place.case):
        assert exhibit["status"].startswith("cannot be read"), exhibit


def nothing_but_the_case_is_written(place):
    """Every file that is opened for writing is the case's, also in the user's folders."""
    home = place.folder / "home"
    home.mkdir()
    place.make_case()
    clip = place.clip()
    os.environ["HOME"] = str(home)
    text = trace(place, "import", place.case, clip)
    for line in text.splitlines():
        found = re.search(r'open(?:at)?\((?:[^"]*)"([^"]*)", [^)]*O_(?:RDWR|WRONLY|CREAT)', line)
        if not found or "ENOENT" in line or "EACCES" in line:
            continue
        path = found.group(1)
        ours = os.path.normpath(os.path.join(place.folder, path))
        assert ours.startswith((str(place.case), str(place.media))) or path.startswith(("/dev/", "/proc/")), line
    assert not list(home.iterdir())


def listings_open_nothing_for_writing(place):
    place.make_case()
    place.run("import", place.case, place.clip())
    place.run("mark", place.case, "E-0001", "--from", "1")
    for command in (["info"], ["exhibits"], ["codebook"], ["marks"], ["log"], ["search", "x"], ["verify", "--media"]):
        text = trace(place, command[0], place.case, *command[1:])
        lines = [line for line in text.splitlines() if str(place.case) in line and "openat(" in line]
        assert lines, "the case was not opened"
        for line in text.splitlines():
            # A worker's standard streams go nowhere.
            if str(place.folder) in line and "execve(" not in line and '"/dev/null"' not in line:
                assert not re.search(r"O_(RDWR|WRONLY|CREAT|TRUNC)|unlink|rename|chmod|utime", line), line


harness.main("cage", [
    casectl_links_no_ffmpeg,
    casement_links_no_ffmpeg,
    sound_is_the_windows_own,
    the_worker_does,
    importing_makes_no_network_call_and_only_reads_the_source,
    probing_makes_no_network_call_and_only_reads_the_source,
    marking_and_stills_make_no_network_call,
    playlists_are_refused,
    nothing_but_the_case_is_written,
    listings_open_nothing_for_writing,
])
