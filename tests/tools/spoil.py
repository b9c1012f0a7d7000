#!/usr/bin/env python3
"""spoil.py FOLDER SECONDS [SEED]: media in FOLDER with bits flipped at three rates, and cut short, each decoded whole by
`casectl probe`, with a fresh seed each round until the time is over; what casectl fell over stays in FOLDER-findings.
SPDX-License-Identifier: GPL-3.0-or-later"""
import collections
import os
import pathlib
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time

# Bits flipped, of all bits; a head gets its share of them.
RATES = (0.00005, 0.0005, 0.005)
# A decode of a small file that takes longer is looked at.
SLOW = 10
LIMIT = 120
# What ./dev probe may end with: done, cannot be opened, refused.
FINE = {0, 3, 4}


def spoil(data, seed, rate):
    """@data with some of its bits flipped; at every fourth seed cut short as well."""
    chance = random.Random(f"{seed} {rate}")
    spoiled = bytearray(data)
    for _ in range(max(1, int(len(data) * 8 * rate))):
        bit = chance.randrange(len(data) * 8)
        spoiled[bit // 8] ^= 1 << bit % 8
    return bytes(spoiled[:chance.randrange(1, len(data))] if seed % 4 == 3 else spoiled)


def probe(path):
    """casectl's exit, its last word, and the seconds it took."""
    begun = time.monotonic()
    try:
        done = subprocess.run([os.environ["CSM_CASECTL"], "probe", path, "--frames", "--hash"], stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True, errors="replace", timeout=LIMIT)
        return done.returncode, done.stderr.strip()[-200:], time.monotonic() - begun
    except subprocess.TimeoutExpired:
        return None, "did not end", time.monotonic() - begun


def kind_of(code, said):
    if code not in FINE:
        return "FELL OVER"
    for word in ("media worker ended", "made no progress", "makes no sense", "not tried again"):
        if word in said:
            return "worker replaced"
    return "read" if code == 0 else "refused"


def main():
    source, seconds = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    findings = pathlib.Path(f"{source}-findings")
    files = sorted(p for p in source.iterdir() if p.is_file() and 0 < p.stat().st_size < 4 << 20)
    counts, slow, end = collections.Counter(), [], time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as folder:
        while time.monotonic() < end:
            for path in files:
                for rate in RATES:
                    target = pathlib.Path(folder) / f"{seed}-{rate}-{path.name}"
                    target.write_bytes(spoil(path.read_bytes(), seed, rate))
                    code, said, took = probe(target)
                    kind = kind_of(code, said)
                    counts[kind] += 1
                    if took > SLOW:
                        slow.append((round(took), target.name))
                    if kind in ("FELL OVER", "worker replaced"):
                        findings.mkdir(exist_ok=True)
                        shutil.copy(target, findings)
                        print(f"{kind}: {target.name}: exit {code}: {said}", flush=True)
                    target.unlink()
                if time.monotonic() > end:
                    break
            seed += 1
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(f"{sum(counts.values())} files, seeds to {seed}: {dict(counts)}; largest process {largest} MB; "
          f"over {SLOW} s: {slow}")
    sys.exit(1 if counts["FELL OVER"] else 0)


if __name__ == "__main__":
    main()
