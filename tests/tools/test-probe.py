#!/usr/bin/env python3
"""test-probe: what `casectl probe` says of a file, against what ffprobe says and what was put in; and that no file,
however broken, makes it fall over.
SPDX-License-Identifier: GPL-3.0-or-later"""
import json
import struct
import subprocess

import harness
import spoil

SOURCE = ("-f", "lavfi", "-i", "testsrc2=s=176x144:r=25:d=1")


def ffmpeg(place, name, *args):
    path = place.folder / name
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *map(str, args), path], check=True)
    return path


def ffprobe(path):
    done = subprocess.run(["ffprobe", "-v", "error", "-show_streams", "-show_format", "-show_chapters", "-of", "json",
                           path], capture_output=True, text=True)
    return json.loads(done.stdout) if done.returncode == 0 else None


def probe(place, path, *args):
    return place.json("probe", path, *args, secret=False)


def ratio(text):
    num, den = map(int, text.replace(":", "/").split("/"))
    return [num, den] if num and den else None


def assert_video(ours, theirs):
    assert (ours["width"], ours["height"]) == (theirs["width"], theirs["height"])
    assert ours["pixel_format"] == theirs.get("pix_fmt")
    assert ours["sample_aspect_ratio"] == (ratio(theirs.get("sample_aspect_ratio", "0:1")) or [1, 1])
    assert ours["average_frame_rate"] == ratio(theirs["avg_frame_rate"])
    assert ours["base_frame_rate"] == ratio(theirs["r_frame_rate"])
    assert ours["attached_picture"] == bool(theirs["disposition"]["attached_pic"])
    for key, name in (("color_range", "color_range"), ("color_matrix", "color_space"),
                      ("color_primaries", "color_primaries"), ("color_transfer", "color_transfer"),
                      ("chroma_location", "chroma_location"), ("field_order", "field_order")):
        assert ours[key] == theirs.get(name), (key, ours[key], theirs.get(name))


def assert_stream(ours, theirs):
    assert ours["codec"] == theirs.get("codec_name", "none"), ours
    assert ours["profile"] == ("" if str(theirs.get("profile", "")).lstrip("-").isdigit() else theirs.get("profile", ""))
    assert ours["timebase"] == ratio(theirs["time_base"])
    assert ours["start"] == theirs.get("start_pts") and ours["duration"] == theirs.get("duration_ts")
    assert ours["bit_rate"] == (int(theirs["bit_rate"]) if "bit_rate" in theirs else None)
    assert ours["frames_by_container"] == (int(theirs["nb_frames"]) if "nb_frames" in theirs else None)
    if theirs["codec_type"] == "video":
        assert_video(ours, theirs)
    if theirs["codec_type"] == "audio":
        assert (ours["sample_rate"], ours["channels"]) == (int(theirs["sample_rate"]), theirs["channels"])
        assert ours["sample_format"] == theirs.get("sample_fmt")


def everything_is_as_ffprobe_has_it(place):
    files = [p for p in harness.CORPUS.iterdir() if p.suffix not in (".tsv", ".md", ".txt")] \
        if harness.CORPUS.exists() else []
    files = [p for p in files if not p.name.startswith("hostile__") and p.stat().st_size < 1 << 20]
    files += (harness.SOURCE / "data" / "sample").glob("*.[mo][pg][4v]")
    files.append(ffmpeg(place, "two.mkv", *SOURCE, *SOURCE, "-f", "lavfi", "-i", "sine=d=1", "-map", 0, "-map", 1, "-map",
                        2, "-c:v:0", "libx264", "-c:v:1", "mpeg4", "-color_primaries", "bt709", "-color_trc", "bt709",
                        "-colorspace", "bt709", "-color_range", "tv"))
    assert len(files) > 1
    for path in files:
        theirs = ffprobe(path)
        if theirs is None:
            assert place.run("probe", path, code=None, secret=False).returncode in (3, 4), path
            continue
        ours = probe(place, path)
        assert ours["format"] == theirs["format"]["format_name"], path
        assert len(ours["streams"]) == len(theirs["streams"]), path
        for mine, other in zip(ours["streams"], theirs["streams"]):
            try:
                assert_stream(mine, other)
            except AssertionError as error:
                raise AssertionError(f"{path}: {error}: {mine} {other}") from error
        assert [tuple(pair) for pair in ours["metadata"]] == list(theirs["format"].get("tags", {}).items()), path


def what_was_put_in_comes_out(place):
    notes = place.folder / "chapters"
    notes.write_text(";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=400\ntitle=Arrival\n"
                     "[CHAPTER]\nTIMEBASE=1/1000\nSTART=400\nEND=1000\ntitle=Departure\n")
    path = ffmpeg(place, "phone.mov", *SOURCE, "-i", notes, "-map_metadata", 1, "-c:v", "libx264", "-movflags",
                  "use_metadata_tags", "-metadata", "com.apple.quicktime.make=Maker", "-metadata",
                  "com.apple.quicktime.model=Model 7", "-metadata",
                  "com.apple.quicktime.location.ISO6709=-33.8688+151.2093+058.250/", "-metadata",
                  "com.apple.quicktime.creationdate=2024-05-01T12:30:00+0300", "-metadata",
                  "creation_time=2024-05-01T09:30:00Z")
    info = probe(place, path)
    assert (info["make"], info["model"]) == ("Maker", "Model 7")
    assert info["place"] == {"latitude": "-33.8688000", "longitude": "151.2093000", "altitude": 58.25}
    assert info["created"] == {"time": "2024-05-01T12:30:00+0300", "zone": "stated"}
    assert [(c["start_ms"], c["end_ms"], c["title"]) for c in info["chapters"]] == \
        [(0, 400, "Arrival"), (400, 1000, "Departure")]
    text = place.run("probe", path, secret=False).stdout
    assert "make\tMaker\n" in text and "latitude -33.8688000\t" in text and "chapter\tstart_ms 0\tend_ms 400" in text
    plain = probe(place, ffmpeg(place, "plain.mp4", *SOURCE, "-c:v", "libx264", "-metadata",
                                "creation_time=2024-05-01T09:30:00Z", "-metadata", "location=+52.5200+013.4050/"))
    assert plain["created"] == {"time": "2024-05-01T09:30:00.000000Z", "zone": "called UTC, may be local time"}
    assert plain["place"] == {"latitude": "52.5200000", "longitude": "13.4050000", "altitude": None}
    assert plain["encoder"].startswith("Lavf")


def keys_are_those_of_the_manual(place):
    manual = (harness.SOURCE / "data" / "casectl.1").read_text().split(".Sh PROBE")[1].split(".Sh EXIT STATUS")[0]
    info = probe(place, ffmpeg(place, "a.mkv", *SOURCE, "-f", "lavfi", "-i", "sine=d=1", "-c:v", "ffv1"))
    keys = set(info) | set().union(*info["streams"])
    assert keys <= set(manual.replace(",", " ").split()), keys
    assert {"track", "oddities", "content_credentials", "color_matrix"} <= keys


def exif(orientation):
    """A TIFF head with make, model, time, orientation and a place, as a JPEG's APP1 has it."""
    texts = {0x010F: b"Maker\0", 0x0110: b"Model 7\0", 0x0132: b"2024:05:01 12:30:00\0"}
    count = len(texts) + 2
    gps_at = 8 + 2 + count * 12 + 4
    data_at = gps_at + 2 + 4 * 12 + 4
    data, entries = b"", []
    for tag, text in texts.items():
        entries.append(struct.pack("<HHII", tag, 2, len(text), data_at + len(data)))
        data += text + b"\0" * (len(text) % 2)
    entries.append(struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0))
    entries.append(struct.pack("<HHII", 0x8825, 4, 1, gps_at))
    gps = []
    for tag, sign, value in ((1, b"S\0\0\0", (33, 52, 768)), (3, b"E\0\0\0", (151, 12, 3348))):
        gps.append(struct.pack("<HHI", tag, 2, 2) + sign)
        gps.append(struct.pack("<HHII", tag + 1, 5, 3, data_at + len(data)))
        data += struct.pack("<6I", value[0], 1, value[1], 1, value[2], 100)
    return b"II*\0" + struct.pack("<IH", 8, count) + b"".join(sorted(entries)) + bytes(4) + \
        struct.pack("<H", 4) + b"".join(gps) + bytes(4) + data


def with_segment(jpeg, marker, payload):
    return jpeg[:2] + b"\xff" + bytes([marker]) + struct.pack(">H", len(payload) + 2) + payload + jpeg[2:]


def a_photograph_tells_who_where_and_which_way_up(place):
    photo = ffmpeg(place, "photo.jpg", "-f", "lavfi", "-i", "testsrc2=s=64x32", "-frames:v", 1)
    photo.write_bytes(with_segment(photo.read_bytes(), 0xE1, b"Exif\0\0" + exif(6)))
    info = probe(place, photo)
    assert (info["make"], info["model"]) == ("Maker", "Model 7"), info["exif"]
    assert info["created"] == {"time": "2024:05:01 12:30:00", "zone": "not stated"}
    assert info["place"]["latitude"] == "-33.8688000" and info["place"]["longitude"] == "151.2093000", info["place"]
    assert info["frames"] == 1
    place.make_case()
    place.run("import", place.case, photo)
    exhibit, = place.json("exhibits", place.case)
    assert exhibit["frames"] == 1 and exhibit["status"].startswith("exact"), exhibit
    # A still is the frame as it is stored.
    place.run("still", place.case, "E-0001", "0", "-o", place.folder / "still.png")
    size = ffprobe(place.folder / "still.png")["streams"][0]
    assert (size["width"], size["height"]) == (64, 32)


def content_credentials_are_found_where_they_belong(place):
    uuid = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
    clip = ffmpeg(place, "clip.mp4", *SOURCE, "-c:v", "libx264")
    photo = ffmpeg(place, "photo.jpg", *SOURCE, "-frames:v", 1)
    drawing = ffmpeg(place, "drawing.png", *SOURCE, "-frames:v", 1)
    sound = ffmpeg(place, "sound.wav", "-f", "lavfi", "-i", "sine=d=0.1")
    for path in (clip, photo, drawing, sound):
        assert probe(place, path)["content_credentials"] == "none found"
    clip.write_bytes(clip.read_bytes() + struct.pack(">I4s", 40, b"uuid") + uuid + bytes(16))
    photo.write_bytes(with_segment(photo.read_bytes(), 0xEB, b"JP\0\1\0\0\0\1" + struct.pack(">I4s", 24, b"jumb") +
                                   bytes(16)))
    data = drawing.read_bytes()
    drawing.write_bytes(data[:33] + struct.pack(">I4s", 4, b"caBX") + bytes(8) + data[33:])
    sound.write_bytes(sound.read_bytes() + b"C2PA" + struct.pack("<I", 4) + bytes(4))
    for path in (clip, photo, drawing, sound):
        assert probe(place, path)["content_credentials"] == "present, not validated", path


def odd(place, path, *args):
    return "\n".join(probe(place, path, "--decode", *args)["oddities"])


def what_is_odd_is_said(place):
    plain = ffmpeg(place, "plain.mp4", *SOURCE, "-c:v", "libx264", "-bf", 2, "-g", 10)
    assert odd(place, plain) == ""
    cut = ffmpeg(place, "cut.mp4", "-ss", 0.5, "-i", plain, "-c", "copy")
    assert "An edit list hides frames that are in the file: " in odd(place, cut)
    assert "The container says 15 frames, and 12 come out of it." in odd(place, cut), odd(place, cut)
    varying = ffmpeg(place, "varying.mp4", *SOURCE, "-vf", "select=lt(mod(n\\,7)\\,4)", "-fps_mode", "vfr", "-c:v", "libx264")
    assert "it takes between 0.0400 and 0.1600 seconds" in odd(place, varying), odd(place, varying)
    untimed = ffmpeg(place, "raw.h264", *SOURCE, "-c:v", "libx264", "-bf", 2)
    assert "Frames without a time stamp: 25, the first is 0." in odd(place, untimed), odd(place, untimed)
    turned = ffmpeg(place, "turned.mp4", "-i", plain, "-c", "copy", "-metadata:s:v", "rotate=90")
    assert "it is shown turned by 270 degrees clockwise" in odd(place, turned) or "by 90 degrees" in odd(place, turned)
    wide = ffmpeg(place, "wide.mp4", *SOURCE, "-vf", "setsar=4/3", "-c:v", "libx264")
    assert "pixels are not square (4:3)" in odd(place, wide)
    fields = ffmpeg(place, "fields.mpg", "-f", "lavfi", "-i", "testsrc2=s=176x144:r=50:d=1,tinterlace=interleave_top",
                    "-c:v", "mpeg2video", "-flags", "+ildct+ilme")
    assert "Each frame is two fields" in odd(place, fields), odd(place, fields)
    still = ffmpeg(place, "still.mp4", "-f", "lavfi", "-i", "color=s=64x48:r=10:d=1", "-c:v", "ffv1", "-f", "matroska")
    assert "picture of the frame before: 9, the first is 1." in odd(place, still)
    one = ffmpeg(place, "one.ts", *SOURCE, "-c:v", "libx264")
    two = ffmpeg(place, "two.ts", "-f", "lavfi", "-i", "testsrc2=s=160x96:r=25:d=1", "-c:v", "libx264")
    both = place.folder / "both.ts"
    both.write_bytes(one.read_bytes() + two.read_bytes())
    assert "At frame 25 the picture changes from 176 × 144 (yuv420p) to 160 × 96 (yuv420p)." in odd(place, both)
    assert "Frames whose time stamp goes back: 1, the first is 25." in odd(place, both), odd(place, both)


def each_video_track_has_its_own_frames(place):
    path = ffmpeg(place, "two.mkv", *SOURCE, "-f", "lavfi", "-i", "testsrc=s=64x48:r=10:d=1", "-map", 0, "-map", 1, "-c:v",
                  "ffv1")
    assert "There are several video tracks: v:0 (ffv1, 176 × 144), v:1 (ffv1, 64 × 48)" in odd(place, path)
    assert len(probe(place, path, "--frames")) == 25
    second = probe(place, path, "--frames", "--hash", "--track", "v:1")
    truth = subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-i", path, "-map", "0:v:1", "-fps_mode", "passthrough",
                            "-f", "framemd5", "-"], capture_output=True, text=True, check=True).stdout
    assert [f["md5"] for f in second] == [l.split(",")[5].strip() for l in truth.splitlines() if l[0] != "#"]
    place.run("probe", path, "--track", "v:2", secret=False, code=4)
    place.run("probe", path, "--track", "second", secret=False, code=2)
    cover = ffmpeg(place, "cover.jpg", "-f", "lavfi", "-i", "testsrc=s=64x64", "-frames:v", 1)
    song = ffmpeg(place, "song.mp3", "-f", "lavfi", "-i", "sine=d=1", "-i", cover, "-map", 0, "-map", 1, "-c:v", "copy",
                  "-disposition:v", "attached_pic")
    assert "The only picture is an attached one" in odd(place, song)


def boxes(*parts):
    return b"".join(struct.pack(">I4s", len(body) + 8, kind) + body for kind, body in parts)


def broken_files(place):
    """Name, bytes, and what casectl may end with."""
    clip = ffmpeg(place, "whole.mp4", *SOURCE, "-c:v", "libx264", "-bf", 2).read_bytes()
    stream = ffmpeg(place, "whole.ts", *SOURCE, "-c:v", "mpeg2video").read_bytes()
    film = ffmpeg(place, "whole.avi", *SOURCE, "-c:v", "mjpeg").read_bytes()
    photo = ffmpeg(place, "whole.png", *SOURCE, "-frames:v", 1).read_bytes()
    yield "empty.mp4", b"", {4}
    yield "one-byte.mp4", b"\0", {4}
    yield "text.txt", b"Notes of the day: nobody was there.\n" * 400, {4}
    yield "paper.pdf", b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n" * 200 + b"%%EOF\n", {0, 4}
    yield "noise.bin", bytes(spoil.random.Random(4).randbytes(200000)), {0, 3, 4}
    for part in range(1, 10):
        yield f"cut-{part}.mp4", clip[:len(clip) * part // 10], {0, 3, 4}
        yield f"cut-{part}.ts", stream[:len(stream) * part // 10], {0, 3, 4}
    yield "middle-gone.ts", stream[:40000] + bytes(8000) + stream[48000:], {0}
    # The width and height of the track, and of a picture, beyond all sense.
    at = clip.index(b"avc1") + 28
    yield "absurd-size.mp4", clip[:at] + b"\xff\xff\xff\xff" + clip[at + 4:], {0, 3, 4}
    yield "absurd-size.png", photo[:16] + b"\x7f\xff\xff\xff\x7f\xff\xff\xff" + photo[24:], {0, 3, 4}
    yield "tall.png", ffmpeg(place, "tall.png", "-f", "lavfi", "-i", "color=s=2x70000", "-frames:v", 1).read_bytes(), {0}
    at = clip.index(b"mvhd") + 20
    yield "absurd-length.mp4", clip[:at] + b"\xff\xff\xff\xf0" + clip[at + 4:], {0}
    at = clip.index(b"stts") + 8
    yield "absurd-count.mp4", clip[:at] + b"\x7f\xff\xff\xff" + clip[at + 4:], {0, 3, 4}
    at = film.index(b"avih") + 4 + 4 + 24
    yield "many-streams.avi", film[:at] + b"\xff\xff\xff\x7f" + film[at + 4:], {0, 3, 4}
    yield "many-tracks.mp4", boxes((b"ftyp", b"isom\0\0\0\0isom"), (b"moov", boxes((b"trak", b"")) * 200000)), {0, 3, 4}
    nest = b""
    for _ in range(2000):
        nest = boxes((b"moov", nest))
    yield "nest.mp4", boxes((b"ftyp", b"isom\0\0\0\0isom")) + nest, {0, 3, 4}
    # A transport stream with a new programme in every packet.
    table = [b"G@" + bytes([number % 250 + 1]) + bytes([0x10 | number % 16]) + bytes(184) for number in range(40000)]
    yield "many-programmes.ts", b"".join(table), {0, 3, 4}


def no_broken_file_makes_it_fall_over(place):
    for name, data, fine in broken_files(place):
        path = place.folder / name
        path.write_bytes(data)
        for args in ([], ["--decode"], ["--frames", "--hash"]):
            done = place.run("probe", path, *args, code=None, secret=False, timeout=100)
            assert done.returncode in fine | ({4} if args == ["--frames", "--hash"] else set()), (name, args, done)
            for word in ("media worker ended", "no progress", "makes no sense"):
                assert word not in done.stderr, (name, args, done.stderr)


def a_broken_file_is_an_exhibit_all_the_same(place):
    place.make_case()
    names = {}
    for name, data, _ in broken_files(place):
        if name in ("text.txt", "cut-9.mp4", "cut-4.ts", "absurd-size.png", "noise.bin", "many-tracks.mp4"):
            names[name] = data
            (place.folder / name).write_bytes(data)
            place.run("import", place.case, place.folder / name, timeout=100)
    rows = {row["name"]: row for row in place.json("exhibits", place.case)}
    assert set(rows) == set(names)
    assert rows["text.txt"]["status"].startswith("cannot be read: The bytes match no media format"), rows["text.txt"]
    assert rows["cut-4.ts"]["status"].startswith("exact") and rows["cut-4.ts"]["frames"] > 0, rows["cut-4.ts"]
    for name, row in rows.items():
        assert row["status"], name
        place.run("extract", place.case, row["number"], "-o", place.folder / "back")
        assert (place.folder / "back").read_bytes() == names[name]
        (place.folder / "back").unlink()


def a_few_spoiled_clips_are_read_or_refused(place):
    clips = [ffmpeg(place, "a.mp4", *SOURCE, "-c:v", "libx264", "-bf", 2), ffmpeg(place, "b.mkv", *SOURCE, "-c:v", "libvpx"),
             ffmpeg(place, "c.ts", *SOURCE, "-c:v", "mpeg2video"), ffmpeg(place, "d.gif", *SOURCE)]
    for clip in clips:
        for seed in range(4):
            for rate in spoil.RATES:
                target = place.folder / f"spoiled{clip.suffix}"
                target.write_bytes(spoil.spoil(clip.read_bytes(), seed, rate))
                code, said, _ = spoil.probe(target)
                assert spoil.kind_of(code, said) in ("read", "refused"), (clip, seed, rate, code, said)


harness.main("probe", [
    everything_is_as_ffprobe_has_it,
    what_was_put_in_comes_out,
    keys_are_those_of_the_manual,
    a_photograph_tells_who_where_and_which_way_up,
    content_credentials_are_found_where_they_belong,
    what_is_odd_is_said,
    each_video_track_has_its_own_frames,
    no_broken_file_makes_it_fall_over,
    a_broken_file_is_an_exhibit_all_the_same,
    a_few_spoiled_clips_are_read_or_refused,
])
