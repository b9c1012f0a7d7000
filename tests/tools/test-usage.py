#!/usr/bin/env python3
"""test-usage: what casectl refuses, with which exit code, and how it asks for a passphrase.
SPDX-License-Identifier: GPL-3.0-or-later"""
import os
import pathlib
import pty
import random
import select
import signal
import subprocess
import time

import harness

COMMANDS = {"create": 1, "info": 1, "import": 2, "exhibits": 1, "probe": 1, "still": 3, "codebook": 1, "mark": 2,
            "marks": 1, "search": 2, "log": 1, "verify": 1, "extract": 2, "key list": 1, "key rotate": 1,
            "key recovery": 1, "passwd": 1}


def every_command_explains_itself(place):
    text = place.run("--help", secret=False).stdout
    for command in COMMANDS:
        assert f"\n  {command.split()[0]} " in text, command
        own = place.run(*command.split(), "--help", secret=False).stdout
        assert own.startswith(f"Usage: casectl {command} "), own
    assert place.run("--version", secret=False).stdout.startswith("casectl ")


def usage_errors_exit_2(place):
    place.run(secret=False, code=2)
    place.run("frobnicate", secret=False, code=2)
    place.run("--frobnicate", secret=False, code=2)
    for command, arguments in COMMANDS.items():
        paths = ["x"] * arguments
        words = command.split()
        place.run(*words, code=2, secret=False)
        place.run(*words, *paths[1:], code=2, secret=False)
        place.run(*words, *paths, "--frobnicate", code=2, secret=False)
        place.run(*words, *paths, "--passphrase-file", code=2, secret=False)
        if command != "import":
            place.run(*words, *paths, "y", code=2, secret=False)
    place.run("create", "x.casement", "--title", "T", code=2)
    place.run("create", "x.casement", "--reviewer", "R", code=2)
    for wrong in (["--from"], [], ["--from", "1x"], ["--from", "-1"], ["--from", "+1"], ["--from", ""],
                  ["--from", "99999999999999999999"], ["--from", "1", "--to", "b"],
                  ["--from", "1", "--rect", "1,2,3"], ["--from", "1", "--rect", "1,2,3,-4"],
                  ["--from", "1", "--rect", "1,2,3,4,5"], ["--from", "1", "--rect", "1,2,3,4294967296"]):
        place.run("mark", "x", "E-0001", *wrong, code=2)
    place.run("still", "x", "E-0001", "1.5", "-o", "y", code=2)
    place.run("still", "x", "E-0001", "1", code=2)
    place.run("extract", "x", "E-0001", code=2)
    place.run("probe", "x", "--hash", code=2, secret=False)
    place.run("info", "x", "--passphrase", "secret", code=2)
    assert not (place.folder / "x.casement").exists()


def what_cannot_be_opened_exits_3(place):
    place.make_case()
    place.run("info", "missing.casement", code=3)
    other = place.folder / "other.casement"
    other.write_bytes(b"not a case at all" * 5000)
    place.run("info", other, code=3)
    other.write_bytes(b"")
    place.run("info", other, code=3)
    place.run("info", place.folder, code=3)
    place.run("info", place.case, "--passphrase-file", "missing", code=3, secret=False)
    place.secret.write_text("a wrong passphrase\n")
    for command in ("info", "exhibits", "codebook", "marks", "log", "verify", "passwd", "key list", "key rotate"):
        done = place.run(*command.split(), place.case, code=3)
        assert "passphrase" in done.stderr
    place.run("probe", "missing.mp4", secret=False, code=3)


def a_case_in_use_exits_3(place):
    place.make_case()
    clip = place.clip("long.mp4", frames=200, size="320x240")
    holder = subprocess.Popen(place.command("import", place.case, clip), cwd=place.folder,
                              stdout=subprocess.PIPE, text=True, stderr=subprocess.DEVNULL)
    assert holder.stdout.readline().startswith("E-0001")
    holder.send_signal(signal.SIGSTOP)
    done = place.run("mark", place.case, "E-0001", "--from", "1", code=3)
    holder.send_signal(signal.SIGCONT)
    holder.communicate()
    assert holder.returncode == 0
    place.run("mark", place.case, "E-0001", "--from", "1")
    assert "open" in done.stderr


def refused_input_exits_4(place):
    place.make_case()
    place.run("import", place.case, place.clip())
    before = place.json("log", place.case)
    place.run("import", place.case, "missing.mp4", code=4)
    place.run("import", place.case, place.folder / "square.media", code=None)
    for exhibit in ("E-0002", "nonsense", "0" * 32, "0" * 64, "", "E-1; DROP TABLE"):
        place.run("mark", place.case, exhibit, "--from", "1", code=4)
        place.run("still", place.case, exhibit, "1", "-o", "s.png", code=4)
        place.run("extract", place.case, exhibit, "-o", "out", code=4)
    for wrong in (["--from", "20"], ["--from", "1", "--to", "20"], ["--from", "2", "--to", "1"],
                  ["--from", "9007199254740993"], ["--from", "1", "--code", "no-such-code"],
                  ["--from", "1", "--rect", "0,0,0,5"], ["--from", "1", "--rect", "150,0,20,20"],
                  ["--from", "1", "--rect", "0,0,161,120"], ["--from", "1", "--text", "x" * 70000],
                  ["--from", "1", "--text", b"\xff\xfe"]):
        place.run("mark", place.case, "E-0001", *wrong, code=4)
    place.run("still", place.case, "E-0001", "20", "-o", "s.png", code=4)
    noise = place.folder / "noise"
    noise.write_bytes(random.Random(1).randbytes(9999))  # some noise passes for MP3
    place.run("probe", noise, secret=False, code=4)
    assert place.json("log", place.case) == before
    assert not (place.folder / "s.png").exists() and not (place.folder / "out").exists()


def what_may_not_be_read_is_refused(place):
    place.make_case()
    place.obey_permissions()
    (place.folder / "in" / "deep").mkdir(parents=True)
    for name in ("a", "b", "c"):
        (place.folder / "in" / name).write_text(name)
    (place.folder / "in" / "a").chmod(0)
    done = place.run("import", place.case, "in", code=4)
    assert "Permission denied" in done.stderr and "may read" in done.stderr, done.stderr
    assert [e["name"] for e in place.json("exhibits", place.case)] == ["b", "c"]
    (place.folder / "in" / "deep").chmod(0)
    place.run("import", place.case, "in", code=4)
    (place.folder / "in" / "deep").chmod(0o700)
    place.secret.chmod(0)
    place.run("info", place.case, code=3)
    place.secret.chmod(0o600)
    place.case.chmod(0)
    for command in ("info", "exhibits", "marks", "verify", "passwd"):
        done = place.run(command, place.case, code=3)
        assert "may read" in done.stderr, done.stderr


def a_still_that_cannot_be_written_is_not_recorded(place):
    place.make_case()
    place.run("import", place.case, place.clip())
    before = place.json("log", place.case)
    place.run("still", place.case, "E-0001", "1", "-o", "none/s.png", code=5)
    place.run("still", place.case, "E-0001", "1", "-o", "", code=2)
    place.run("extract", place.case, "E-0001", "-o", "", code=2)
    assert place.json("log", place.case) == before


def nothing_is_overwritten(place):
    place.make_case()
    place.run("import", place.case, place.clip())
    data = place.case.read_bytes()
    place.run("create", place.case, "--title", "T", "--reviewer", "R", code=4)
    assert place.case.read_bytes() == data
    there = place.folder / "there"
    there.write_text("mine")
    place.run("extract", place.case, "E-0001", "-o", there, code=4)
    place.run("still", place.case, "E-0001", "1", "-o", there, code=4)
    assert there.read_text() == "mine"
    link = place.folder / "link"
    link.symlink_to("nowhere")
    place.run("extract", place.case, "E-0001", "-o", link, code=4)
    assert not (place.folder / "nowhere").exists()


def writing_where_nothing_can_be_written_exits_5(place):
    place.make_case()
    place.run("import", place.case, place.clip())
    place.run("extract", place.case, "E-0001", "-o", "none/out", code=5)
    place.run("still", place.case, "E-0001", "1", "-o", "none/s.png", code=5)
    place.run("create", "none/x.casement", "--title", "T", "--reviewer", "R", code=5)
    with open("/dev/full", "w") as full:
        done = subprocess.run(place.command("codebook", place.case), stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 5, done
    harness.check_error_line(done.stderr)


def passphrase_files_are_read_by_their_first_line(place):
    place.make_case()
    for content in (harness.PASSPHRASE, harness.PASSPHRASE + "\r\n", harness.PASSPHRASE + "\nmore\n",
                    "\ufeff" + harness.PASSPHRASE + "\n"):
        place.secret.write_text(content, newline="")
        place.run("info", place.case)
    for content in ("", "\n", "\n" + harness.PASSPHRASE, "x" * 5000):
        place.secret.write_text(content)
        place.run("info", place.case, code=4)
    place.secret.write_bytes(b"\xff\xfe\n")
    place.run("info", place.case, code=4)
    place.secret.write_text(harness.PASSPHRASE + " ")
    place.run("info", place.case, code=3)


def no_terminal_and_no_file_is_a_usage_error(place):
    place.make_case()
    done = place.run("info", place.case, secret=False, code=2, start_new_session=True, stdin=subprocess.DEVNULL)
    assert "passphrase" in done.stderr


def a_passphrase_in_argument_or_environment_is_not_taken(place):
    place.make_case()
    for name in ("PASSPHRASE", "CASECTL_PASSPHRASE", "CSM_PASSPHRASE", "CASEMENT_PASSPHRASE"):
        place.run("info", place.case, secret=False, code=2, start_new_session=True, stdin=subprocess.DEVNULL,
                  env={**os.environ, name: harness.PASSPHRASE})
    place.run("info", place.case, "--passphrase=" + harness.PASSPHRASE, secret=False, code=2)


class Terminal:
    """casectl on a terminal of its own: what it shows, and what is typed."""

    def __init__(self, place, *args):
        self.shown = ""
        pid, self.fd = pty.fork()
        if pid == 0:
            os.chdir(place.folder)
            os.execv(harness.CASECTL, place.command(*args, secret=False))
        self.pid = pid

    def wait_for(self, text, since=0):
        end = time.monotonic() + 60
        while text not in self.shown[since:]:
            assert time.monotonic() < end, f"no {text!r} in {self.shown!r}"
            if select.select([self.fd], [], [], 1)[0]:
                try:
                    self.shown += os.read(self.fd, 4096).decode()
                except OSError:
                    raise AssertionError(f"ended without {text!r}: {self.shown!r}") from None

    def answer(self, question, text):
        seen = getattr(self, "seen", 0)
        self.wait_for(question, seen)
        self.seen = len(self.shown)
        os.write(self.fd, text.encode() + b"\n")

    def finish(self):
        end = time.monotonic() + 60
        try:
            while True:
                if not select.select([self.fd], [], [], max(end - time.monotonic(), 0))[0]:
                    os.kill(self.pid, signal.SIGKILL)
                    raise AssertionError(f"still asking: {self.shown!r}")
                data = os.read(self.fd, 4096)
                if not data:
                    break
                self.shown += data.decode()
        except OSError:
            pass
        finally:
            os.close(self.fd)
            status = os.waitpid(self.pid, 0)[1]
        return os.waitstatus_to_exitcode(status)


def a_typed_passphrase_is_not_shown(place):
    place.make_case()
    terminal = Terminal(place, "info", place.case)
    terminal.answer("Passphrase: ", harness.PASSPHRASE)
    assert terminal.finish() == 0, terminal.shown
    assert harness.TITLE in terminal.shown and harness.PASSPHRASE not in terminal.shown


def what_was_found_is_bold_on_a_terminal(place):
    place.make_case()
    place.run("import", place.case, place.clip())
    place.run("mark", place.case, "E-0001", "--from", "1", "--text", "бьёт лежащего \x1b[31m дубинкой")
    shown = "бьёт \x1b[1mлежащего\x1b[22m ?[31m \x1b[1mдубинкой\x1b[22m"
    terminal = Terminal(place, "search", place.case, "лежащего дубин")
    terminal.answer("Passphrase: ", harness.PASSPHRASE)
    assert terminal.finish() == 0 and shown in terminal.shown, repr(terminal.shown)
    assert "\x1b" not in place.run("search", place.case, "дубин").stdout


def creating_asks_twice_and_offers_a_recovery_code(place):
    terminal = Terminal(place, "create", place.case, "--title", "T", "--reviewer", "R")
    terminal.answer("Passphrase: ", harness.PASSPHRASE)
    terminal.answer("Passphrase, again: ", harness.PASSPHRASE)
    terminal.answer("[y/N]: ", "y")
    terminal.answer("[Y/n]: ", "y")
    terminal.wait_for("Type it again")
    code = terminal.shown.split("Recovery code: ")[1].split()[0]
    terminal.answer("Type it again (nothing: skip): ", "WRONG-CODE")
    terminal.answer("Type it again (nothing: skip): ", code)
    assert terminal.finish() == 0, terminal.shown
    assert "The recovery code is right" in terminal.shown and harness.PASSPHRASE not in terminal.shown
    first = place.json("log", place.case)[0]["summary"]
    assert "not confirmed" not in first, first


def creating_without_a_recovery_code_warns(place):
    terminal = Terminal(place, "create", place.case, "--title", "T", "--reviewer", "R")
    terminal.answer("Passphrase: ", harness.PASSPHRASE)
    terminal.answer("Passphrase, again: ", harness.PASSPHRASE)
    terminal.answer("[y/N]: ", "n")
    terminal.answer("[Y/n]: ", "n")
    assert terminal.finish() == 0, terminal.shown
    assert "no recovery code was made" in terminal.shown


def two_different_passphrases_make_nothing(place):
    terminal = Terminal(place, "create", place.case, "--title", "T", "--reviewer", "R")
    terminal.answer("Passphrase: ", harness.PASSPHRASE)
    terminal.answer("Passphrase, again: ", harness.PASSPHRASE + "x")
    assert terminal.finish() == 4, terminal.shown
    assert not place.case.exists()


def interrupting_the_question_gives_the_terminal_back(place):
    place.make_case()
    terminal = Terminal(place, "info", place.case)
    terminal.wait_for("Passphrase: ")
    os.write(terminal.fd, b"\x03")
    assert terminal.finish() == 4, terminal.shown


def a_poor_place_is_warned_of(place):
    (place.folder / "Dropbox").mkdir()
    done = place.run("create", "Dropbox/x.casement", "--title", "T", "--reviewer", "R")
    assert "copied to other computers by Dropbox" in done.stderr
    shm = pathlib.Path("/dev/shm") / f"{place.folder.name}.casement"
    try:
        done = place.run("create", shm, "--title", "T", "--reviewer", "R")
        assert "switched off" in done.stderr
    finally:
        for path in [*shm.with_suffix(".media").glob("*"), shm]:
            path.unlink(missing_ok=True)
        shm.with_suffix(".media").rmdir()


harness.main("usage", [
    every_command_explains_itself,
    usage_errors_exit_2,
    what_cannot_be_opened_exits_3,
    a_case_in_use_exits_3,
    refused_input_exits_4,
    what_may_not_be_read_is_refused,
    a_still_that_cannot_be_written_is_not_recorded,
    nothing_is_overwritten,
    writing_where_nothing_can_be_written_exits_5,
    passphrase_files_are_read_by_their_first_line,
    no_terminal_and_no_file_is_a_usage_error,
    a_passphrase_in_argument_or_environment_is_not_taken,
    a_typed_passphrase_is_not_shown,
    what_was_found_is_bold_on_a_terminal,
    creating_asks_twice_and_offers_a_recovery_code,
    creating_without_a_recovery_code_warns,
    two_different_passphrases_make_nothing,
    interrupting_the_question_gives_the_terminal_back,
    a_poor_place_is_warned_of,
])
