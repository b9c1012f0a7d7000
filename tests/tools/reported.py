"""reported: exhibits and marks that reports are made of, and the frames that are true of them.
SPDX-License-Identifier: GPL-3.0-or-later"""
import os
import subprocess

from PIL import Image

import harness

RUSSIAN = "Сотрудник в форме поднимает дубинку и бьёт лежащего человека."
ARABIC = "رجل يرتدي زيا رسميا يلقي قنبلة غاز مسيل للدموع في الساحة"
HOSTILE = "</dd></article><script>alert(1)</script><img src=x onerror=alert(2)> \"'&amp; <!-- ]]>"
TITLE = "Площадь Независимости <b>&\"'"
LONG = "площадь, запись с телефона (копия 2) " + "очень-длинное-имя-файла-" * 8 + ".mp4"


class Mark:
    def __init__(self, first, last, code=None, region=None, text=""):
        self.first, self.last, self.code, self.region, self.text = first, last, code, region, text


# Ordinary and odd: pictures out of order, no rate, an empty edit, a start that is not 0, not square, turned, another
# container.
PLAYED = [
    ("ax__bbb_800x640_768kbps_30fps_avc_pyramid_3b.mp4", "VID_20200810_214455.mp4",
     [Mark(10, 25, "baton", (100, 120, 200, 160), RUSSIAN), Mark(59, 61, "tear-gas", None, ARABIC),
      Mark(118, 119, None, None, HOSTILE)]),
    ("der__vtest_vfr.mp4", LONG, [Mark(0, 3, "arrest", (10, 20, 60, 200), "x"), Mark(21, 30), Mark(42, 42)]),
    ("der__cars_cut_editlist.mp4", "سيارة في الشارع.mp4", [Mark(0, 1), Mark(22, 23, None, (200, 200, 90, 60))]),
    ("ax__bbb_642x642_768kbps_30fps_vp9.webm", "clip.webm", [Mark(1, 2, "baton", (20, 20, 300, 300)), Mark(89, 89)]),
    ("der__cars_rot90.mp4", "turned.mp4", [Mark(5, 9, None, (500, 50, 200, 100), "turned")]),
    ("tc__test_non_zero_start.mp4", "late.mp4", [Mark(0, 2), Mark(5, 11)]),
    ("in__bird.mkv", "bird.mkv", [Mark(20, 24)]),
]
# No browser plays them, or not to the frame.
NOT_PLAYED = [
    ("ax__bbb_2500ms.ts", "stream.ts", [Mark(7, 9, "baton", (500, 50, 200, 100), "no browser plays this")]),
    ("ax__iibbibb_editlist_videoonly.mp4", "order.mp4", [Mark(0, 1)]),
    ("ax__sample_rotate_and_reflect.mp4", "mirrored.mp4", [Mark(3, 7, None, (100, 100, 300, 50), "mirrored")]),
]
SOUND = [("der__nasa_audio_only.m4a", "call.m4a", [Mark(44100, 88200, None, None, "“назад”")])]


def write_report(place, exhibits, name="report", extra=()):
    """A report of @exhibits in a folder, by hand: no case, no bag."""
    folder = place.folder / name
    folder.mkdir(exist_ok=True)
    lines = [["title", TITLE]]
    for file, received, marks in exhibits:
        lines.append(["file", harness.CORPUS / file, received])
        for mark in marks:
            region = "-" if mark.region is None else ",".join(map(str, mark.region))
            lines.append(["mark", mark.first, mark.last, mark.code or "-", region, mark.text])
    lines += extra
    spec = place.folder / (name + ".spec")
    spec.write_text("".join("\t".join(map(str, line)) + "\n" for line in lines))
    subprocess.run([os.environ["CSM_WRITE_REPORT"], folder, spec], check=True)
    return folder


def frames(file, numbers, size):
    """{number: picture}, upright, as the ffmpeg program decodes them."""
    # That program mirrors as well, which Casement does not.
    turn = ["-noautorotate"] if "reflect" in file else []
    wanted = "+".join(f"eq(n\\,{number})" for number in numbers)
    raw = subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-threads", "1", *turn, "-i", harness.CORPUS / file, "-map", "0:v:0",
                          "-vf", f"select={wanted},{'transpose=cclock,' if turn else ''}scale={size[0]}:{size[1]}:flags=bicubic", "-fps_mode", "passthrough",
                          "-f", "rawvideo", "-pix_fmt", "rgb24", "-"], capture_output=True, check=True).stdout
    one = size[0] * size[1] * 3
    return {number: Image.frombytes("RGB", size, raw[i * one:(i + 1) * one])
            for i, number in enumerate(sorted(numbers)) if len(raw) >= (i + 1) * one}
