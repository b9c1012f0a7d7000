"""evidence.py: looking for what should be nowhere: secrets in files and memory, and every file that was written."""
import json
import os
import pathlib
import re
import subprocess
import urllib.parse

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff\xe0"


def forms(text):
    """A text as files, databases and widgets keep it, addresses and JSON included."""
    return [text.encode(), text.encode("utf-16-le"), text.encode("utf-32-le"), urllib.parse.quote(text).encode(),
            json.dumps(text)[1:-1].encode()]


def texts(names):
    """{what: [bytes]} of {what: text}."""
    return {what: forms(text) for what, text in names.items()}


def secrets(case, passphrase):
    """{what: [bytes]}: the case's keys and thumbnails."""
    done = subprocess.run([os.environ["CSM_SAY_SECRETS"], case, passphrase], capture_output=True, text=True, check=True)
    found = {}
    for line in done.stdout.splitlines():
        name, digits = line.split("\t")
        found.setdefault(name, []).append(bytes.fromhex(digits))
    return found


class Clipboards:
    """What was on them, read at each change, as a desktop does that keeps it for after a program's end."""

    def __init__(self, path):
        self.path = path
        with open(path, "wb") as file:
            self.process = subprocess.Popen([os.environ["CSM_WATCH_CLIPBOARDS"]], stdout=file, stderr=subprocess.DEVNULL)

    def _lines(self, start):
        return [line for line in self.path.read_text().splitlines() if line.startswith(start)]

    def are_watched(self):
        return bool(self._lines("clipboard") and self._lines("primary"))

    def kept(self, name):
        """The newest text; None before the first."""
        lines = self._lines(f"{name}: ")
        return lines[-1].partition(": ")[2] if lines else None

    def text(self, name):
        """What is there now, "" also when nothing is."""
        return self._lines(name)[-1].partition(": ")[2]

    def end(self):
        self.process.terminate()
        self.process.wait()


def without_zeros(path, size=65536):
    """What a sparse file holds; nothing is torn apart."""
    kept, zeros = [], bytes(size)
    with open(path, "rb") as file:
        while block := file.read(size):
            if block != zeros[:len(block)]:
                kept.append(block)
    return b"".join(kept)


def search(data, wanted):
    """The names of what @data holds."""
    return [what for what, kinds in wanted.items() if any(kind in data for kind in kinds)]


def search_files(paths, wanted):
    """{path: [what]} of the files that hold any; their names count too."""
    found = {}
    for path in paths:
        data = os.fsencode(path)
        if path.is_file() and not path.is_symlink():
            data += b"\0" + path.read_bytes()
        held = search(data, wanted)
        if held:
            found[str(path)] = held
    return found


def everything_in(folders):
    return [path for folder in folders if pathlib.Path(folder).exists() for path in pathlib.Path(folder).rglob("*")]


# With -y a descriptor is followed by its path in angle brackets.
OPENED = re.compile(r'\b(?:openat|open)\((?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"([^"]*)", ([A-Z_|0-9a-z]+).*\) += \d+')
CREATED = re.compile(r'\bcreat\("([^"]*)".*\) += \d+')
MOVED = re.compile(r'\b(?:rename|renameat|renameat2|link|linkat|symlink|symlinkat)\(.*\) += 0')
NAMES = re.compile(r'(?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"([^"]*)"')
WRITES = ("O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_TMPFILE")


def whole(lines):
    """Calls that another thread's came between are two lines."""
    begun = {}
    for line in lines:
        thread = line.split(" ", 1)[0]
        if line.endswith("<unfinished ...>"):
            begun[thread] = line.removesuffix("<unfinished ...>")
            continue
        resumed = re.match(r"\d+ +<\.\.\. \w+ resumed>(.*)", line)
        yield begun.pop(thread, "") + resumed[1] if resumed else line
    yield from begun.values()


class Trace:
    """What a tree of processes opened for writing, by strace."""
    CALLS = "openat,open,creat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,socket,connect,memfd_create,execve"

    def __init__(self, path):
        self.lines = list(whole(path.read_text(errors="surrogateescape").splitlines()))
        self.written, self.left = set(), set()
        for line in self.lines:
            self._read(line)
        self.written -= self.left

    @staticmethod
    def _absolute(folder, name):
        return pathlib.Path(os.path.normpath(os.path.join(folder or "/", name)))

    def _read(self, line):
        opened = OPENED.search(line)
        if opened and any(flag in opened[3] for flag in WRITES):
            path = self._absolute(opened[1], opened[2])
            self.written.add(path)
            self.left.discard(path)
        created = CREATED.search(line)
        if created:
            self.written.add(self._absolute(None, created[1]))
        if MOVED.search(line):
            (old_folder, old), (new_folder, new) = NAMES.findall(line)[-2:]
            new = self._absolute(new_folder, new)
            self.written.add(new)
            self.left.discard(new)
            if "rename" in line:
                self.left.add(self._absolute(old_folder, old))

    def calls(self, name):
        return [line for line in self.lines if re.search(rf"\b{name}\(", line)]
