#!/usr/bin/env python3
"""test-sound: exhibits of sound alone on the command line: facts, marks by sample and by time, what is refused.
SPDX-License-Identifier: GPL-3.0-or-later"""
import subprocess

import harness


def speech(place, name="speech.wav", extra=()):
    path = place.folder / name
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "aevalsrc=0.5*sin(2*PI*t*300):s=8000:d=4",
                    *extra, "-bitexact", path], check=True)
    return path


def import_says_what_it_is(place):
    place.make_case()
    place.run("import", place.case, speech(place))
    exhibit = place.json("exhibits", place.case)[0]
    assert exhibit["frames"] == 0 and exhibit["duration"] == 4.0 or exhibit["duration"] == 4000, exhibit
    assert "sound only" in exhibit["status"], exhibit


def marks_by_sample_and_time(place):
    place.make_case()
    place.run("import", place.case, speech(place))
    place.run("mark", place.case, "E-0001", "--from", "8000", "--to", "15999", "--text", "shouting")
    place.run("mark", place.case, "E-0001", "--from", "0:02.5", "--to", "0:03")
    first, second = place.json("marks", place.case)
    assert (first["track"], first["from"], first["to"]) == ("a:0", 8000, 15999), first
    assert (second["track"], second["from"], second["to"]) == ("a:0", 20000, 24000), second
    assert "samples 8000 to 15999" in place.run("log", place.case).stdout
    place.run("verify", place.case, "--media")


def what_lies_outside_is_refused(place):
    place.make_case()
    place.run("import", place.case, speech(place))
    for arguments in (["--from", "32000"], ["--from", "20", "--to", "10"], ["--from", "1", "--rect", "0,0,2,2"]):
        harness.check_error_line(place.run("mark", place.case, "E-0001", *arguments, code=4).stderr)
    assert place.json("marks", place.case) == []


def times_are_for_sound_alone(place):
    place.make_case()
    place.run("import", place.case, place.clip())
    place.run("mark", place.case, "E-0001", "--from", "0:00.2", code=2)


def lossy_sound_is_cut_where_ffmpeg_cuts_it(place):
    place.make_case()
    place.run("import", place.case, speech(place, "speech.m4a", ("-c:a", "aac")))
    place.run("mark", place.case, "E-0001", "--from", "31999")
    place.run("mark", place.case, "E-0001", "--from", "40000", code=4)


harness.main("sound", [import_says_what_it_is, marks_by_sample_and_time, what_lies_outside_is_refused,
                       times_are_for_sound_alone, lossy_sound_is_cut_where_ffmpeg_cuts_it])
