#!/usr/bin/env python3
"""test-tracks: several video tracks of one exhibit on the command line: marks, stills, what is kept, bundles.
SPDX-License-Identifier: GPL-3.0-or-later"""
import json
import subprocess

import harness
import two_tracks


def import_two(place):
    place.make_case()
    path = two_tracks.make(place.folder / "dash.mkv")
    place.run("import", place.case, path)
    return path


def frames_are_those_of_ffmpeg(place):
    path = two_tracks.make(place.folder / "dash.mkv")
    for track in (0, 1):
        frames = place.json("probe", path, "--track", f"v:{track}", "--frames", "--hash", secret=False)
        assert [frame["md5"] for frame in frames] == two_tracks.frame_hashes(path, track), track


def marks_commit_to_the_track_they_are_on(place):
    import_two(place)
    place.run("mark", place.case, "E-0001", "--track", "v:1", "--from", "3", "--to", "29", "--text", "the rear plate",
              "--rect", "0,0,160,120")
    place.run("mark", place.case, "E-0001", "--from", "74")
    rear, front = sorted(place.json("marks", place.case), key=lambda mark: mark["from"])
    assert (rear["track"], rear["from"], rear["to"]) == ("v:1", 3, 29), rear
    assert (front["track"], front["from"]) == ("v:0", 74), front
    log = place.run("log", place.case).stdout
    assert "Marked E-0001 v:1 frames 3 to 29" in log and "Marked E-0001 frame 74" in log, log
    assert log.count("Decoded every frame of E-0001 v:1 and kept its frame index") == 1, log
    place.run("mark", place.case, "E-0001", "--track", "1", "--from", "5")
    assert place.run("log", place.case).stdout.count("Decoded every frame of E-0001 v:1") == 1
    place.run("verify", place.case, "--media")


def stills_are_those_of_ffmpeg(place):
    path = import_two(place)
    for track, number in ((1, 17), (0, 17)):
        still = place.folder / f"v{track}.png"
        place.run("still", place.case, "E-0001", str(number), "--track", f"v:{track}", "-o", still)
        size = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "stream=width,height", "-of", "csv=p=0", still],
                              capture_output=True, text=True, check=True).stdout.strip()
        assert size == ("160,120" if track else "320,180"), size
        assert two_tracks.raw(["-i", still]) == two_tracks.still_hash(path, track, number), track
    log = place.run("log", place.case).stdout
    assert "Saved frame 17 of E-0001 v:1 as a still" in log and "Saved frame 17 of E-0001 as a still" in log, log


def export_two(place):
    path = import_two(place)
    place.run("mark", place.case, "E-0001", "--track", "v:1", "--from", "29", "--rect", "8,8,40,20")
    place.run("mark", place.case, "E-0001", "--track", "v:1", "--from", "3", "--to", "5", "--text", "the rear plate")
    place.run("mark", place.case, "E-0001", "--from", "3", "--to", "5", "--text", "the front")
    bundle = place.folder / "bundle"
    notes = place.run("export", place.case, bundle, "--captions", "--clips", "ffv1")
    assert "no still" not in notes.stdout + notes.stderr and "no clip" not in notes.stdout + notes.stderr, notes
    return path, bundle


def bundles_hold_what_is_on_each_track(place):
    path, bundle = export_two(place)
    place.run("check", bundle, secret=False)
    marks = json.loads((bundle / "data/bundle.json").read_text())["exhibits"][0]["marks"]
    stills = {(mark["track"], mark["from"]): mark["still"] for mark in marks}
    assert stills == {("v:1", 3): "stills/E-0001-v1-f000003.png", ("v:0", 3): "stills/E-0001-f000003.png",
                      ("v:1", 29): "stills/E-0001-v1-f000029.png"}, stills
    for (track, number), still in stills.items():
        assert two_tracks.raw(["-i", bundle / "data" / still]) == two_tracks.still_hash(path, int(track[2:]), number), still
    for mark in marks:
        assert mark["clip"]["from"] <= mark["from"] and (bundle / "data" / mark["clip"]["file"]).is_file(), mark
        size = "160:120" if mark["track"] == "v:1" else "320:180"  # the bar is below
        clip = two_tracks.frame_hashes(bundle / "data" / mark["clip"]["file"], 0, extra=("-vf", f"crop={size}:0:0"))
        whole = two_tracks.frame_hashes(path, int(mark["track"][2:]))
        assert clip == whole[mark["clip"]["from"]:mark["clip"]["to"] + 1], mark
    rows = [line.split("\t") for line in (bundle / "data/marked-frames.tsv").read_text().splitlines()[1:]]
    assert len(rows) == 5, rows
    for row in rows:
        track, number = int(row[1][2:]), int(row[2])
        assert row[4] == two_tracks.frame_hashes(path, track, "SHA256")[number], row


def times_and_reports_name_the_track(place):
    _, bundle = export_two(place)
    vtt = next((bundle / "data/annotations").glob("*.vtt")).read_text()
    assert "00:00:00.300 --> 00:00:00.600" in vtt and "00:00:00.120 --> 00:00:00.240" in vtt, vtt
    assert "track=v:1 from=3 to=5" in vtt and "track=v:0 from=3 to=5" in vtt, vtt
    eaf = next((bundle / "data/annotations").glob("*.eaf")).read_text()
    assert "track=v:1 from=29 to=29" in eaf and 'TIME_VALUE="2900"' in eaf and 'TIME_VALUE="3000"' in eaf, eaf
    page = (bundle / "data/index.html").read_text()
    assert page.count(" data-elsewhere") == 2 and page.count('class="pic v1"') == 2, "the page"
    assert "of 30 of the video track v:1" in page and "frames 3 to 5 (the first is 0) of 75<" in page, "the page"
    assert "#e-0001 .pic.v1{aspect-ratio:" in page, "the page"


def what_is_not_there_is_refused(place):
    import_two(place)
    for arguments in (["mark", place.case, "E-0001", "--track", "v:1", "--from", "30"],
                      ["mark", place.case, "E-0001", "--track", "v:2", "--from", "0"],
                      ["mark", place.case, "E-0001", "--track", "v:1", "--from", "0", "--rect", "0,0,320,180"],
                      ["still", place.case, "E-0001", "40", "--track", "v:1", "-o", "x.png"],
                      ["still", place.case, "E-0001", "0", "--track", "v:7", "-o", "x.png"]):
        place.run(*arguments, code=4)
    assert "no video track v:2" in place.run("mark", place.case, "E-0001", "--track", "v:2", "--from", "0", code=4).stderr
    for track in ("a:0", "v:", "rear", "v:64", "-1"):
        place.run("mark", place.case, "E-0001", f"--track={track}", "--from", "0", code=2)
        place.run("still", place.case, "E-0001", "0", f"--track={track}", "-o", "x.png", code=2)
    assert place.json("marks", place.case) == []


def sound_alone_has_no_track(place):
    place.make_case()
    path = place.folder / "speech.wav"
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=d=1", path], check=True)
    place.run("import", place.case, path)
    place.run("mark", place.case, "E-0001", "--track", "v:0", "--from", "0", code=4)


harness.main("tracks", [frames_are_those_of_ffmpeg, marks_commit_to_the_track_they_are_on, stills_are_those_of_ffmpeg,
                        bundles_hold_what_is_on_each_track, times_and_reports_name_the_track, what_is_not_there_is_refused, sound_alone_has_no_track])
