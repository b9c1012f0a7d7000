#!/usr/bin/python3
"""test-annotations: a bundle's annotations, read by other tools and compared with the case.
SPDX-License-Identifier: GPL-3.0-or-later"""
import copy
import fractions
import json
import math
import os
import re
import subprocess

import annotations
import harness

# Ordinary and odd: no rate, a start that is not 0, pictures later than sound, turned, sound alone.
CLIPS = ["ax__sample_12_5fps_720p_1s.mp4", "der__cars_rot90.mp4", "ax__bbb_176x144_128kbps_15fps_h263.3gp",
         "ax__sample.flv", "ax__sample_shorter_audio.mp4", "der__cars_interlaced_tff.vob",
         "ax__iibbibb_editlist_videoonly.mp4", "ax__edit_list_positive_shift.mp4", "der__vtest_vfr.mp4",
         "der__nasa_audio_only.m4a"]
TEXTS = ["Бьют дубинкой, «стой!»", "يضرب المتظاهر بالعصا", "<i>&amp; \"a\" --> 'b' & c</i>", "=HYPERLINK(\"x\",\"y\")",
         "first\n\n\nlast\n", "\n@SUM(A1)", "🎥 👩🏽‍⚖️", "'=1", "NOTE 00:00:00.000 --> 00:00:01.000", "", "-1|x\tTAB",
         "г" * 32768]


def xml_text(text):
    """What XML 1.0 holds of a text."""
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "\ufffd", text)


def vtt_text(mark):
    if not mark["text"] and mark["code"] is None:
        return f"{'samples' if mark['track'].startswith('a') else 'frames'} {mark['from']} to {mark['to']}"
    return mark["text"].replace("\r\n", "\n").replace("\r", "\n")


def write_by_hand(place):
    subprocess.run([os.environ["CSM_WRITE_ANNOTATIONS"], place.folder], check=True)
    return place.folder


def agree(one, other, *names):
    for name in names:
        assert one[name] == other[name], f"{name}: {one[name]!r} is not {other[name]!r}"


def others_agree_with_web(folder, tables, web):
    """What the lossy formats say of each mark is what annotations.jsonld says."""
    seen = set()
    table = annotations.read_csv(tables / "marks.csv")
    assert list(table) == list(web)
    for name, mark in web.items():
        agree(table[name], mark, "exhibit", "track", "from", "to", "pts", "timebase", "regions", "code", "text", "author",
              "when", "entry")
        assert table[name]["sha256"] == mark["source"]["casement:sha256"]
    for path in sorted(folder.glob("*.vtt")):
        cues, tiers = annotations.read_vtt(path), annotations.read_eaf(path.with_suffix(".eaf"))
        assert cues.keys() == tiers.keys()
        seen |= cues.keys()
        for name, cue in cues.items():
            mark = web[name]
            assert mark["exhibit"] == path.stem
            for lossy in (cue, tiers[name]):
                agree(lossy, mark, "track", "from", "to", "pts", "timebase", "regions", "entry", "code", "author")
                assert lossy["span"] == round_up(mark["time"]), (lossy, mark["time"])
            assert cue["text"] == vtt_text(mark) and tiers[name]["text"] == xml_text(mark["text"])
    assert seen == {name for name, mark in web.items() if mark["time"] is not None}


def round_up(time):
    """Microseconds that were rounded up themselves, in milliseconds; never empty."""
    start, end = (-(-part // 1000) for part in time)
    return start, max(end, start + 1)


def frames_agree_with_web(tables, web):
    rows = {(row["file"], row["track"], row["ordinal"]): row for row in annotations.read_frames(tables / "marked-frames.tsv")}
    wanted = {}
    for mark in web.values():
        path = mark["source"]["id"]
        for frame in mark["frames"]:
            key = "-" if path.startswith("urn:") else f"data/{path}", mark["track"], str(frame["casement:ordinal"])
            wanted[key] = {"pts": frame.get("casement:pts", "-"), "sha256": frame["casement:sha256"],
                           "pixel_format": frame["casement:pixelFormat"], "width": str(frame["casement:width"]),
                           "height": str(frame["casement:height"]), "library": frame["casement:library"]}
    assert rows.keys() == wanted.keys()
    for key, frame in wanted.items():
        agree(rows[key], frame, *frame)


# --- by hand: what no clip of the corpus has ---

def all_formats_say_the_same(place):
    folder = write_by_hand(place)
    web = annotations.read_web(folder / "annotations.jsonld")
    assert len(web) == 8
    others_agree_with_web(folder, folder, web)
    frames_agree_with_web(folder, web)


def a_term_of_no_context_is_seen(place):
    page = json.loads((write_by_hand(place) / "annotations.jsonld").read_text())
    for spoil in (lambda p: p["items"][0].update(colour="red"),
                  lambda p: p["@context"].pop(),
                  lambda p: p["items"][0]["body"][0].update(purpose="shouting"),
                  lambda p: p["items"][0]["target"][0]["selector"].update(type="TimeSelector"),
                  lambda p: p["items"][0].update({"casement:none": None})):
        spoilt = copy.deepcopy(page)
        spoil(spoilt)
        fails(annotations.expand, spoilt)


def an_eaf_out_of_order_is_seen(place):
    path = write_by_hand(place) / "E-0001.eaf"
    good = path.read_text()
    annotations.read_eaf(path)
    for old, new in (('TIME_VALUE="40"', 'TIME_VALUE="4000"'), ('TIME_VALUE="40"', 'TIME_VALUE="0.04"'),
                     ('ANNOTATION_ID="a2"', 'ANNOTATION_ID="a1"'), ('ANNOTATION_REF="a1"', 'ANNOTATION_REF="a99"'),
                     ('TIER_ID="Reviewer A#2"', 'TIER_ID="Reviewer A"'), (' DATE="2020', ' DATE="20'), ("<HEADER ", "<HEAD "),
                     ('"Symbolic_Association"', '"Symbolic"')):
        assert old in good, old
        path.write_text(good.replace(old, new, 1))
        fails(annotations.read_eaf, path)


def fails(check, argument):
    try:
        check(argument)
    except (AssertionError, subprocess.CalledProcessError):
        return
    raise RuntimeError(f"{check.__name__} sees nothing wrong")


# --- a bundle ---

def make_marks(place):
    """40 marks in ten clips, with regions on all that are pictures."""
    place.make_case()
    place.run("import", place.case, *(harness.CORPUS / name for name in CLIPS))
    codes = ["baton", None, "arrest", "tear-gas"]
    exhibits = place.json("exhibits", place.case)
    assert [exhibit["name"] for exhibit in exhibits] == CLIPS
    number = 0
    for exhibit in exhibits:
        last = exhibit["frames"] - 1
        for first, end in ((0, 0), (1, 3), (2, last), (last, last)):
            where = ["--rect", f"{number},7,{20 + number},9"]
            if exhibit["frames"] == 0:
                where, first, end = [], 1000 * number, 1001 * number
            code, text = codes[number % 4], TEXTS[number % len(TEXTS)]
            place.run("mark", place.case, exhibit["number"], "--from", str(first), "--to", str(end), *where,
                      *(["--code", code] if code else []), *([f"--text={text}"] if text else []))
            number += 1
    assert number == 40


def probe_times(path):
    """A player's clock, by FFmpeg alone: where the file starts, and when each frame is shown."""
    done = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries",
                           "format=start_time:stream=time_base:frame=best_effort_timestamp", "-of", "json", path],
                          check=True, capture_output=True)
    answer = json.loads(done.stdout)
    base = fractions.Fraction(answer["streams"][0]["time_base"])
    start = fractions.Fraction(answer["format"]["start_time"])
    return [frame["best_effort_timestamp"] * base - start for frame in answer["frames"]]


def check_times(bag, web):
    times = {}
    for mark in web.values():
        path = bag / "data" / mark["source"]["id"]
        if mark["track"] != "v:0":
            assert mark["time"] == (math.ceil(fractions.Fraction(mark["pts"][0] * 1000000) * fractions.Fraction(mark["timebase"])),
                                    math.ceil(fractions.Fraction((mark["pts"][1] + 1) * 1000000) * fractions.Fraction(mark["timebase"])))
            continue
        shown = times.setdefault(path, None) or times.update({path: probe_times(path)}) or times[path]
        # ffprobe's start has six digits.
        assert abs(mark["time"][0] - shown[mark["from"]] * 1000000) <= 2, (mark["time"], shown[mark["from"]])
        if mark["to"] + 1 < len(shown):
            assert abs(mark["time"][1] - shown[mark["to"] + 1] * 1000000) <= 2, (mark["time"], shown[mark["to"] + 1])
        else:
            assert mark["time"][1] > shown[mark["to"]] * 1000000


def a_bundle_says_what_the_case_says(place):
    make_marks(place)
    bag = place.folder / "bag"
    place.run("export", place.case, bag)
    web = annotations.read_web(bag / "data" / "annotations.jsonld")
    marks = {mark["id"]: mark for mark in place.json("marks", place.case)}
    digests = {exhibit["number"]: exhibit["sha256"] for exhibit in place.json("exhibits", place.case)}
    assert web.keys() == marks.keys() and len(web) == 40
    for name, mark in marks.items():
        agree(web[name], mark, "exhibit", "track", "from", "to", "code", "text")
        assert web[name]["when"] == mark["time"] and web[name]["author"] == "Reviewer A"
        assert web[name]["regions"] == [tuple(region[key] for key in ("frame", "x", "y", "width", "height"))
                                        for region in mark["regions"]]
        source = web[name]["source"]
        assert source["casement:sha256"] == digests[mark["exhibit"]] == harness.sha256(bag / "data" / source["id"])
        assert source["casement:size"] == (bag / "data" / source["id"]).stat().st_size
    others_agree_with_web(bag / "data" / "annotations", bag / "data", web)
    frames_agree_with_web(bag / "data", web)
    check_times(bag, web)


harness.main("annotations", [all_formats_say_the_same, a_term_of_no_context_is_seen, an_eaf_out_of_order_is_seen,
                             a_bundle_says_what_the_case_says])
