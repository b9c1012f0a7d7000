"""two_tracks: a file like a dash cam's: two cameras of other sizes, rates and codecs, each with its own pictures.
SPDX-License-Identifier: GPL-3.0-or-later"""
import subprocess

FRONT = {"size": "320x180", "rate": 25, "frames": 75}
REAR = {"size": "160x120", "rate": 10, "frames": 30}


def make(path, titles=("front", "rear")):
    """Three seconds: v:0 is H.264 with B-frames, v:1 MPEG-4 in other colours."""
    subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-y",
         "-f", "lavfi", "-i", f"testsrc2=size={FRONT['size']}:rate={FRONT['rate']}:duration=3",
         "-f", "lavfi", "-i", f"testsrc2=size={REAR['size']}:rate={REAR['rate']}:duration=3,hue=h=120,drawbox=w=40:h=30:t=fill",
         "-map", "0:v", "-map", "1:v", "-c:v:0", "libx264", "-bf", "2", "-g", "15", "-pix_fmt", "yuv420p",
         "-c:v:1", "mpeg4", "-g", "7",
         *[option for i, title in enumerate(titles) for option in (f"-metadata:s:v:{i}", f"title={title}")],
         "-bitexact", path], check=True)
    return path


def frame_hashes(path, track, algorithm="MD5", extra=()):
    """What ffmpeg says of each frame of v:@track."""
    output = subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-bitexact", "-i", path, "-map", f"0:v:{track}", "-fps_mode", "passthrough",
         *extra, "-f", "framehash", "-hash", algorithm, "-"],
        capture_output=True, text=True, check=True).stdout
    return [line.split(",")[-1].strip() for line in output.splitlines() if line and not line.startswith("#")]


def still_hash(path, track, number):
    """The frame as ffmpeg gives it, in the pixels of a still."""
    return raw(["-i", path, "-map", f"0:v:{track}", "-vf", f"select=eq(n\\,{number})"])


def raw(arguments):
    """The pixels of the first picture, as RGB."""
    return subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-bitexact", *arguments, "-frames:v", "1",
                           "-sws_flags", "accurate_rnd+full_chroma_int+bicubic", "-pix_fmt", "rgb24", "-f", "rawvideo", "-"],
                          capture_output=True, check=True).stdout
