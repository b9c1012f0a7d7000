#!/usr/bin/env python3
"""test-job: the whole job by casectl, on generated and on real footage.
SPDX-License-Identifier: GPL-3.0-or-later"""
import random
import re
import signal
import subprocess

import harness

MARK_TEXT = "Officer strikes a man lying on the ground"


def choose_clips(place):
    """Ten real clips of the corpus, or the sample footage where there is no corpus."""
    if harness.CORPUS.is_dir():
        names = ["ax__bbb_2500ms.ts", "ax__edit_list_positive_shift.mp4", "ax__sample.flv", "ax__sample.avi",
                 "ax__video.mp4", "der__vtest_ffv1.mkv", "der__vtest_vfr.mp4", "ax__sample_with_chapters.mkv",
                 "bad__cars_truncated55.mp4", "der__nasa_audio_only.m4a"]
        return [harness.CORPUS / name for name in names]
    return sorted(p for p in (harness.SOURCE / "data" / "sample").iterdir() if p.suffix in (".mp4", ".avi", ".ogv"))


def the_whole_job_on_real_footage(place):
    clips = choose_clips(place)
    sources = {p: (harness.sha256(p), p.stat().st_mtime_ns) for p in clips}
    place.run("create", place.case, "--title", harness.TITLE, "--reviewer", harness.REVIEWER)
    lines = place.run("import", place.case, *clips).stdout.splitlines()
    assert len(lines) == len(clips), lines
    for number, (line, clip) in enumerate(zip(lines, clips), 1):
        assert line == f"E-{number:04}  {clip.name}  {sources[clip][0]}  added", line
    ids = {}
    for exhibit in place.json("exhibits", place.case):
        if exhibit["frames"]:
            done = place.run("mark", place.case, exhibit["number"], "--from", "0", "--to",
                             str(exhibit["frames"] - 1), "--code", "baton", "--text", MARK_TEXT)
            ids[exhibit["number"]] = done.stdout.strip()
    assert len(ids) >= len(clips) - 1, ids
    marks = place.json("marks", place.case)
    assert {m["exhibit"]: m["id"] for m in marks} == ids
    assert all(m["text"] == MARK_TEXT and m["author"] == harness.REVIEWER for m in marks)
    place.run("verify", place.case, "--media")
    for number, clip in enumerate(clips, 1):
        out = place.folder / f"out-{number}"
        place.run("extract", place.case, f"E-{number:04}", "-o", out)
        assert harness.sha256(out) == sources[clip][0]
    assert {p: (harness.sha256(p), p.stat().st_mtime_ns) for p in clips} == sources


def nothing_readable_is_on_the_disk(place):
    place.make_case()
    clip = place.clip("witness-phone-recording.mp4")
    place.run("import", place.case, clip, "--note", "handed over by the neighbour")
    place.run("mark", place.case, "E-0001", "--from", "1", "--text", MARK_TEXT)
    # A process that is killed leaves its WAL behind.
    place.clip("second.mp4", seed=90)
    process = subprocess.Popen(place.command("import", place.case, "second.mp4"), cwd=place.folder,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    process.stdout.readline()
    process.kill()
    process.communicate()
    files = place.stored_files()
    assert any(p.name.endswith("-wal") for p in files), files
    words = [harness.TITLE, "Kastrychnitskaya", MARK_TEXT, "Officer strikes", harness.REVIEWER, "Vyshynskaya",
             clip.name, "witness-phone", "neighbour", "exhibit", "CREATE TABLE", "ftypisom"]
    for path in files:
        data = path.read_bytes()
        for word in words:
            for encoding in ("utf-8", "utf-16-le"):
                assert word.encode(encoding) not in data, f"{word!r} is readable in {path.name}"
        assert word not in path.name
    assert not any("witness" in p.name for p in files)


def a_case_is_reopened_as_it_was(place):
    place.make_case()
    clip = place.clip()
    place.run("import", place.case, clip, "--source", "https://example.org/x", "--obtained-from", "a neighbour")
    done = place.run("mark", place.case, "E-0001", "--from", "3", "--to", "7", "--code", "arrest", "--text",
                     "Festnahme: zwei Männer", "--rect", "10,20,30,40")
    (mark,) = place.json("marks", place.case)
    assert mark == {"id": done.stdout.strip(), "exhibit": "E-0001", "track": "v:0", "from": 3, "to": 7,
                    "code": "arrest", "text": "Festnahme: zwei Männer", "author": harness.REVIEWER,
                    "regions": [{"shape": "rect", "frame": 3, "x": 10, "y": 20, "width": 30, "height": 40}],
                    "time": mark["time"]}, mark
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", mark["time"])


def listings_are_json_with_the_tables_words(place):
    place.make_case()
    clip = place.clip()
    place.run("import", place.case, clip)
    place.run("mark", place.case, clip_number(place), "--from", "1", "--text", "zebra")
    (exhibit,) = place.json("exhibits", place.case)
    assert {"number", "name", "sha256", "size", "duration", "frames", "status"} <= exhibit.keys()
    assert (exhibit["name"], exhibit["sha256"], exhibit["size"]) == \
        (clip.name, harness.sha256(clip), clip.stat().st_size)
    assert (exhibit["frames"], exhibit["duration"], exhibit["status"]) == (20, 2.0, "exact")
    codes = place.json("codebook", place.case)
    assert {"baton", "arrest", "tear-gas"} <= {c["id"] for c in codes}
    assert {"id", "label", "definition", "source", "parent"} <= codes[0].keys()
    assert place.run("codebook", place.case).stdout.splitlines()[0].split("\t") == [codes[0]["id"], codes[0]["label"]]
    log = place.json("log", place.case)
    assert [r["kind"] for r in log][0] == "case.create" and log[-1]["kind"] == "mark.set"
    assert {"id", "time", "kind", "author", "summary", "chain", "seq", "subject"} <= log[0].keys()
    (hit,) = place.json("search", place.case, "zeb")
    assert (hit["kind"], hit["exhibit"], hit["frame"]) == ("mark", "E-0001", 1)
    assert hit["matches"] == [[0, 5]] and hit["snippet"].startswith("zebra"), hit
    assert place.json("search", place.case, "nothing-like-it") == []
    info = place.json("info", place.case)
    assert (info["title"], info["exhibits"], info["marks"], info["entries"]) == (harness.TITLE, 1, 1, len(log))
    assert [r["name"] for r in info["reviewers"]] == [harness.REVIEWER] and len(info["heads"]) == 1
    assert {f["kind"] for f in place.json("verify", place.case)} <= {"holds", "note"}


def clip_number(place):
    return place.json("exhibits", place.case)[0]["number"]


def marks_are_filtered(place):
    place.make_case()
    place.run("import", place.case, place.clip("a.mp4"), place.clip("b.mp4", seed=50))
    place.run("mark", place.case, "E-0001", "--from", "1", "--text", "shield")
    place.run("mark", place.case, "E-0002", "--from", "2", "--text", "stone")
    assert [m["text"] for m in place.json("marks", place.case, "--exhibit", "E-0002")] == ["stone"]
    assert [m["text"] for m in place.json("marks", place.case, "--search", "shie")] == ["shield"]
    assert len(place.json("marks", place.case)) == 2


def duplicates_are_named_and_not_copied(place):
    place.make_case()
    clip = place.clip("a.mp4")
    copy = place.folder / "b.mp4"
    copy.write_bytes(clip.read_bytes())
    place.run("import", place.case, clip)
    before = place.stored_files()
    line = place.run("import", place.case, copy).stdout.strip()
    assert line == f"E-0001  b.mp4  {harness.sha256(clip)}  duplicate of E-0001", line
    assert [p.name for p in place.stored_files() if "." in p.name and p.parent == place.media] == \
        [p.name for p in before if "." in p.name and p.parent == place.media]


def folders_are_entered_and_the_case_itself_is_left_out(place):
    place.make_case()
    (place.folder / "deep").mkdir()
    place.clip("deep/a.mp4")
    place.secret.rename(place.folder / ".secret")
    place.secret = place.folder / ".secret"
    done = place.run("import", place.case, place.folder)
    assert len(done.stdout.splitlines()) == 1 and "a.mp4" in done.stdout, done.stdout
    assert "belongs to this case" in done.stderr
    assert "unencrypted" in done.stderr


def linked_files_stay_where_they_are(place):
    place.make_case()
    clip = place.clip()
    place.run("import", place.case, clip, "--link")
    (exhibit,) = place.json("exhibits", place.case)
    assert exhibit["linked"] is True and exhibit["status"] == "exact"
    assert not [p for p in place.media.iterdir() if p.stat().st_size >= clip.stat().st_size]
    place.run("verify", place.case, "--media")
    data = bytearray(clip.read_bytes())
    data[-1] ^= 1
    clip.write_bytes(data)
    place.run("verify", place.case, "--media", code=1)
    place.run("extract", place.case, "E-0001", "-o", "out", code=1)
    assert not (place.folder / "out").exists()


def unreadable_files_are_kept_and_say_why(place):
    place.make_case()
    noise = place.folder / "noise.mp4"
    noise.write_bytes(random.Random(1).randbytes(50000))  # some noise passes for MP3
    empty = place.folder / "empty.mp4"
    empty.write_bytes(b"")
    place.run("import", place.case, noise, empty)
    for exhibit in place.json("exhibits", place.case):
        assert exhibit["status"].startswith("cannot be read"), exhibit
        place.run("mark", place.case, exhibit["number"], "--from", "0", code=4)
    place.run("extract", place.case, "E-0001", "-o", "out")
    assert harness.sha256(place.folder / "out") == harness.sha256(noise)


def listings_write_nothing(place):
    place.make_case()
    place.run("import", place.case, place.clip())
    place.run("mark", place.case, "E-0001", "--from", "1")
    before = harness.snapshot(place.folder)
    for command in ("info", "exhibits", "codebook", "marks", "log", "verify"):
        place.run(command, place.case)
    place.run("search", place.case, "clip")
    place.run("verify", place.case, "--media")
    assert harness.snapshot(place.folder) == before


def stills_are_exact_and_recorded(place):
    place.make_case()
    clip = place.clip(extra=("-c:v", "ffv1", "-pix_fmt", "bgr0"), name="clip.mkv")
    place.run("import", place.case, clip)
    done = place.run("still", place.case, "E-0001", "7", "-o", "still.png")
    assert "not encrypted" in done.stderr
    last = place.json("log", place.case)[-1]
    assert last["kind"] == "access.exported", last
    place.run("still", place.case, "E-0001", "7", "-o", "still.png", code=4)
    assert len(place.json("log", place.case)) == last_count(place, last)
    # RGB in, RGB out: FFmpeg's own frame 7 has the same pixels.
    truth = raw_pixels(["-i", clip, "-vf", "select=eq(n\\,7)", "-frames:v", "1"])
    assert raw_pixels(["-i", place.folder / "still.png"]) == truth and len(truth) == 160 * 120 * 3


def views_lie_beside_the_still_and_say_how(place):
    place.make_case()
    clip = place.clip(extra=("-c:v", "ffv1", "-pix_fmt", "yuv420p"), name="clip.mkv")
    place.run("import", place.case, clip)
    place.run("still", place.case, "E-0001", "7", "-o", "plain.png")
    done = place.run("still", place.case, "E-0001", "7", "-o", "still.png",
                     "--view", "brightness=0.1,denoise=4,deinterlace,crop=10:20:100:80,rotate=90")
    assert "still-view.png is a view, not the frame as decoded" in done.stderr, done.stderr
    assert (place.folder / "plain.png").read_bytes() == (place.folder / "still.png").read_bytes()
    still, view = place.json("log", place.case)[-2:]
    assert [row["kind"] for row in (still, view)] == ["access.exported"] * 2
    words = "deinterlace,denoise=4,brightness=0.10,crop=10:20:100:80,rotate=90"
    assert still["summary"] == "Saved frame 7 of E-0001 as a still"
    assert view["summary"] == "Saved a view of frame 7 of E-0001, not as decoded: " + words
    texts = png_texts((place.folder / "still-view.png").read_bytes())
    assert texts["View"] == words and texts["Source"].startswith("view of a frame, not the picture as decoded")
    assert "View" not in png_texts((place.folder / "still.png").read_bytes())
    filters = texts["Filters"]
    truth = raw_pixels(["-noautorotate", "-i", clip, "-vf", filters, "-fps_mode", "passthrough"])
    assert raw_pixels(["-i", place.folder / "still-view.png"]) == truth and len(truth) == 80 * 100 * 3
    # Nothing is written over, and nothing by half.
    (place.folder / "again-view.png").write_bytes(b"mine")
    place.run("still", place.case, "E-0001", "7", "-o", "again.png", "--view", "grey", code=4)
    assert not (place.folder / "again.png").exists()


def png_texts(data):
    """What a PNG says of itself: its tEXt chunks."""
    texts, at = {}, 8
    while at < len(data):
        size = int.from_bytes(data[at:at + 4], "big")
        if data[at + 4:at + 8] == b"tEXt":
            key, _, text = data[at + 8:at + 8 + size].partition(b"\0")
            texts[key.decode()] = text.decode("latin-1")
        at += 12 + size
    return texts


def views_that_are_unknown_are_refused(place):
    place.make_case()
    place.run("import", place.case, place.clip())
    for wrong in ("sepia", "", "brightness=2", "deinterlace,field=top", "eq=gamma=2", "contrast=1"):
        done = place.run("still", place.case, "E-0001", "1", "-o", "s.png", "--view", wrong, code=2)
        assert "--view" in done.stderr, done.stderr
    place.run("still", place.case, "E-0001", "1", "-o", "s.png", "--view", "crop=0:0:9999:9", code=4)
    assert not list(place.folder.glob("s*.png"))


def last_count(place, row):
    return 1 + next(i for i, r in enumerate(place.json("log", place.case)) if r["id"] == row["id"])


def raw_pixels(args):
    return subprocess.run(["ffmpeg", "-v", "error", "-nostdin", *args, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
                          capture_output=True, check=True).stdout


def probe_lists_what_framemd5_lists(place):
    clip = place.clip(frames=40, extra=("-c:v", "mpeg4", "-bf", "2", "-g", "12"))
    done = subprocess.run(["ffmpeg", "-v", "error", "-threads", "1", "-noautorotate", "-i", clip, "-map", "0:v:0",
                           "-fps_mode", "passthrough", "-autoscale", "0", "-enc_time_base", "-1", "-f", "framemd5", "-"],
                          capture_output=True, text=True, check=True)
    truth = [[c.strip() for c in line.split(",")] for line in done.stdout.splitlines() if not line.startswith("#")]
    lines = place.run("probe", clip, "--frames", "--hash", secret=False).stdout.splitlines()
    assert lines[0] == "frame\tpts\tduration\tkey\tmd5"
    rows = [line.split("\t") for line in lines[1:]]
    assert [(r[0], r[1], r[2], r[4]) for r in rows] == [(str(i), t[2], t[3], t[5]) for i, t in enumerate(truth)]
    assert {r[3] for r in rows} == {"0", "1"} and len(rows) == 40
    plain = place.run("probe", clip, "--frames", secret=False).stdout.splitlines()
    assert plain == ["\t".join(line.split("\t")[:4]) for line in lines]
    frames = place.json("probe", clip, "--frames", "--hash", secret=False)
    assert [f["md5"] for f in frames] == [r[4] for r in rows]
    info = place.json("probe", clip, secret=False)
    assert info["streams"][0]["codec"] == "mpeg4" and info["streams"][0]["width"] == 160


def a_new_passphrase_opens_and_the_old_one_does_not(place):
    place.make_case()
    new = place.folder / "new"
    new.write_text("another six words go here\r\nand not this\n")
    place.run("passwd", place.case, "--new-passphrase-file", new)
    place.run("info", place.case, code=3)
    place.secret.write_text("another six words go here")
    assert place.json("log", place.case)[-1]["kind"] == "key.changed"
    place.run("verify", place.case)


def a_recovery_code_is_printed_once_and_opens(place):
    done = place.run("create", place.case, "--title", "T", "--reviewer", "R", "--recovery")
    (code,) = re.findall(r"^Recovery code: (\S+)$", done.stdout, re.M)
    assert "no recovery code" not in done.stderr
    place.secret.write_text(code + "\n")
    place.run("info", place.case)
    other = place.folder / "other.casement"
    place.secret.write_text(harness.PASSPHRASE)
    done = place.run("create", other, "--title", "T", "--reviewer", "R")
    assert "no recovery code was made" in done.stderr and "Recovery code" not in done.stdout


def a_passphrase_set_by_the_recovery_code_signs(place):
    done = place.run("create", place.case, "--title", "T", "--reviewer", "R", "--recovery")
    (code,) = re.findall(r"^Recovery code: (\S+)$", done.stdout, re.M)
    place.secret.write_text(code + "\n")
    new = place.folder / "new"
    new.write_text("another six words go here")
    place.run("passwd", place.case, "--new-passphrase-file", new)
    place.secret.write_text("another six words go here")
    place.run("import", place.case, place.clip())
    place.run("verify", place.case)


def an_interrupted_import_keeps_finished_files_and_goes_on(place):
    place.make_case()
    clips = [place.clip("first.mp4")]
    clips += [place.clip(f"{n}.mp4", frames=200, size="320x240", seed=n * 10) for n in range(4)]
    process = subprocess.Popen(place.command("import", place.case, *clips), cwd=place.folder, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    first = process.stdout.readline()
    process.send_signal(signal.SIGINT)
    rest, errors = process.communicate(timeout=60)
    assert process.returncode == 5, (process.returncode, errors)
    harness.check_error_line(errors)
    said = (first + rest).splitlines()
    assert 1 <= len(said) < len(clips), said
    assert not list(place.media.glob("*.part"))
    assert [e["number"] for e in place.json("exhibits", place.case)] == [line.split()[0] for line in said]
    place.run("verify", place.case, "--media")
    lines = place.run("import", place.case, *clips).stdout.splitlines()
    assert [line.split()[3] for line in lines] == ["duplicate"] * len(said) + ["added"] * (len(clips) - len(said))
    assert {e["status"] for e in place.json("exhibits", place.case)} == {"exact"}


def what_a_killed_import_left_goes_at_the_next_one(place):
    place.make_case()
    left = place.media / ("0123456789abcdef" * 2 + ".0.part")
    left.write_bytes(b"half an exhibit")
    place.run("exhibits", place.case)
    assert left.exists(), "a listing wrote"
    place.run("import", place.case, place.clip())
    assert not left.exists()


harness.main("job", [
    the_whole_job_on_real_footage,
    nothing_readable_is_on_the_disk,
    a_case_is_reopened_as_it_was,
    listings_are_json_with_the_tables_words,
    marks_are_filtered,
    duplicates_are_named_and_not_copied,
    folders_are_entered_and_the_case_itself_is_left_out,
    linked_files_stay_where_they_are,
    unreadable_files_are_kept_and_say_why,
    listings_write_nothing,
    stills_are_exact_and_recorded,
    views_lie_beside_the_still_and_say_how,
    views_that_are_unknown_are_refused,
    probe_lists_what_framemd5_lists,
    a_new_passphrase_opens_and_the_old_one_does_not,
    a_recovery_code_is_printed_once_and_opens,
    a_passphrase_set_by_the_recovery_code_signs,
    an_interrupted_import_keeps_finished_files_and_goes_on,
    what_a_killed_import_left_goes_at_the_next_one,
])
