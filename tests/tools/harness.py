"""harness: what the end-to-end tests of casectl share: a scratch folder, casectl, clips, TAP.
SPDX-License-Identifier: GPL-3.0-or-later"""
import contextlib
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import traceback

CASECTL = os.environ["CSM_CASECTL"]
WORKER = os.environ["CSM_WORKER"]
CASEMENT = os.environ["CSM_CASEMENT"]
MAKE_CASE = os.environ["CSM_MAKE_CASE"]
MAKE_NEWER = os.environ["CSM_MAKE_NEWER"]
SOURCE = pathlib.Path(os.environ["CSM_SOURCE_ROOT"])
CORPUS = SOURCE.parent / "shared" / "corpus"

PASSPHRASE = "seven green lamps at noon"
TITLE = "Kastrychnitskaya square, August"
REVIEWER = "Tatsiana Vyshynskaya"


class Scratch:
    """A folder with a passphrase file, and casectl run in it."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.case = self.folder / "square.casement"
        self.media = self.folder / "square.media"
        self.secret = self.folder / "secret"
        self.secret.write_text(PASSPHRASE + "\n")
        self.prefix = []

    def copy(self, name):
        """The case and its media folder as they are, in a folder beside it: the copied case."""
        folder = self.folder / name
        folder.mkdir()
        shutil.copytree(self.media, folder / self.media.name)
        return pathlib.Path(shutil.copy(self.case, folder))

    def make_case(self):
        subprocess.run([MAKE_CASE, self.case, PASSPHRASE, TITLE, REVIEWER], check=True)

    def make_newer(self, what):
        """As a later version would leave it: "tables", or an entry of an unknown "kind"."""
        subprocess.run([MAKE_NEWER, self.case, PASSPHRASE, what], check=True)

    def run(self, *args, code=0, secret=True, **kwargs):
        """Runs casectl; fails unless it ends with @code (None: any but a crash)."""
        done = subprocess.run(self.command(*args, secret=secret), capture_output=True, text=True,
                              cwd=self.folder, errors="surrogateescape", **kwargs)
        assert done.returncode >= 0, f"{args}: signal {-done.returncode}\n{done.stderr}"
        assert code is None or done.returncode == code, \
            f"{args}: exit {done.returncode}, not {code}\n{done.stdout[-2000:]}{done.stderr}"
        if code not in (0, None):
            check_error_line(done.stderr)
        return done

    def command(self, *args, secret=True):
        extra = ["--passphrase-file", self.secret] if secret else []
        return [*self.prefix, CASECTL, *map(os.fspath, args), *map(os.fspath, extra)]

    def obey_permissions(self):
        """From now on casectl has no more rights than a file's mode gives; root has."""
        if os.geteuid() == 0:
            self.prefix = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]

    def run_or_kill(self, *args, after):
        """Runs casectl, and kills it @after so many seconds: whether it came to its end, and what it said."""
        process = subprocess.Popen(self.command(*args), cwd=self.folder, text=True, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        try:
            output, errors = process.communicate(timeout=max(after, 0))
        except subprocess.TimeoutExpired:
            process.kill()
            output, errors = process.communicate()
        assert process.returncode in (0, -9), f"{args}: exit {process.returncode}\n{output[-2000:]}{errors}"
        return process.returncode == 0, output

    def json(self, *args, **kwargs):
        return json.loads(self.run(*args, "--json", **kwargs).stdout)

    def clip(self, name="clip.mp4", frames=20, size="160x120", seed=0, extra=("-c:v", "mpeg4", "-g", "5")):
        """A generated clip; another @seed gives other bytes."""
        path = self.folder / name
        subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i",
                        f"testsrc2=size={size}:rate=10,hue=h={seed}", "-frames:v", str(frames), *extra, path],
                       check=True)
        return path

    def stored_files(self):
        return sorted(p for p in [*self.folder.glob("square.casement*"), *self.media.iterdir()] if p.is_file())


def check_error_line(text):
    """The last line names the program, what failed, why and what to do."""
    lines = [line for line in text.splitlines() if not line.startswith("casectl: warning: ")]
    assert lines and lines[-1].startswith("casectl: ") and ";" in lines[-1], f"not an error line: {text!r}"


def sha256(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def snapshot(folder):
    """Every file's name, bytes and time of change."""
    return {p.as_posix(): (sha256(p), p.stat().st_mtime_ns) for p in sorted(folder.rglob("*")) if p.is_file()}


@contextlib.contextmanager
def scratch():
    folder = tempfile.mkdtemp(prefix="casectl-test-")
    try:
        yield Scratch(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main(suite, tests):
    """Runs @tests, a list of functions that take a Scratch, and prints TAP; by hand, only those named."""
    tests = [t for t in tests if t.__name__ in sys.argv[1:] or len(sys.argv) == 1]
    print(f"1..{len(tests)}", flush=True)
    failed = 0
    for number, test in enumerate(tests, 1):
        name = f"/casement/tools/{suite}/{test.__name__.replace('_', '-')}"
        try:
            with scratch() as place:
                test(place)
            print(f"ok {number} {name}", flush=True)
        except Exception:
            failed += 1
            for line in traceback.format_exc().splitlines():
                print(f"# {line}", flush=True)
            print(f"not ok {number} {name}", flush=True)
    sys.exit(1 if failed else 0)
