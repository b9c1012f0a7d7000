"""bundle: a bundle changed and signed again, as only someone with the reviewer's key could.
SPDX-License-Identifier: GPL-3.0-or-later"""
import base64
import hashlib
import json
import os
import pathlib
import shutil
import subprocess

PRINT_SEED = os.environ["CSM_PRINT_SEED"]
TAGS = ["VERIFY.txt", "bag-info.txt", "bagit.txt", "manifest-sha256.txt", "manifest-sha512.txt"]
SIGNED = "tagmanifest-sha256.txt"


class Key:
    """An Ed25519 key, by openssl."""

    def __init__(self, folder, seed):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        self.der = self.folder / "key.der"
        self.der.write_bytes(bytes.fromhex("302e020100300506032b657004220420") + seed)
        self.public = self.openssl("pkey", "-inform", "DER", "-in", self.der, "-pubout", "-outform", "DER")[-32:]
        self.pem = self.openssl("pkey", "-inform", "DER", "-in", self.der, "-pubout").decode()

    def openssl(self, *args):
        return subprocess.run(["openssl", *map(str, args)], check=True, capture_output=True).stdout

    def sign(self, message):
        path = self.folder / "message"
        path.write_bytes(message)
        return self.openssl("pkeyutl", "-sign", "-inkey", self.der, "-keyform", "DER", "-rawin", "-in", path)

    @property
    def id(self):
        return hashlib.sha256(self.public).digest()[:8]

    @property
    def line(self):
        return base64.b64encode(b"Ed" + self.id + self.public).decode()

    def minisign(self, message, comment, untrusted):
        signature = self.sign(hashlib.blake2b(message).digest())
        overall = self.sign(signature + comment.encode())
        return (f"{untrusted}\n{base64.b64encode(b'ED' + self.id + signature).decode()}\n"
                f"trusted comment: {comment}\n{base64.b64encode(overall).decode()}\n")


def case_key(place):
    """The key that signs in the scratch case."""
    from harness import PASSPHRASE
    run = subprocess.run([PRINT_SEED, place.case, PASSPHRASE], check=True, capture_output=True, text=True)
    return Key(place.folder / "key", bytes.fromhex(run.stdout.strip()))


class Bundle:
    """A bundle's folder, to be changed."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)

    def __truediv__(self, name):
        return self.folder / name

    def copy(self, name):
        """The same, under another name beside it."""
        path = self.folder.parent / name
        shutil.rmtree(path, ignore_errors=True)
        shutil.copytree(self.folder, path)
        return Bundle(path)

    def files(self):
        return sorted(p.relative_to(self.folder).as_posix() for p in self.folder.rglob("*") if p.is_file())

    def lines(self, name):
        return (self / name).read_bytes().split(b"\n")[:-1]

    def put_lines(self, name, lines):
        (self / name).write_bytes(b"".join(line + b"\n" for line in lines))

    def edit_json(self, name, change):
        """Lets @change work on the value of a canonical JSON file."""
        path = self / name
        value = json.loads(path.read_bytes())
        change(value)
        path.write_bytes(canonical(value))

    def edit_text(self, name, old, new):
        path = self / name
        text = path.read_bytes()
        assert old.encode() in text, f"{name} has no {old!r}"
        path.write_bytes(text.replace(old.encode(), new.encode(), 1))

    def hash(self):
        """Makes the manifests fit what is there."""
        payload = [name for name in self.files() if name.startswith("data/")]
        size = sum((self / name).stat().st_size for name in payload)
        info = [line for line in self.lines("bag-info.txt") if not line.startswith(b"Payload-Oxum")]
        self.put_lines("bag-info.txt", [*info, f"Payload-Oxum: {size}.{len(payload)}".encode()])
        for kind, names, stem in [("sha256", payload, "manifest"), ("sha512", payload, "manifest"),
                                  ("sha256", TAGS, "tagmanifest"), ("sha512", TAGS, "tagmanifest")]:
            lines = [f"{hashlib.new(kind, (self / name).read_bytes()).hexdigest()}  {name}".encode()
                     for name in names]
            self.put_lines(f"{stem}-{kind}.txt", lines)

    def seal(self, key, comment=None):
        """Manifests and signature, as if it had been made so."""
        untrusted, _, trusted, _ = (line.decode() for line in self.lines(SIGNED + ".minisig"))
        self.hash()
        (self / (SIGNED + ".minisig")).write_text(
            key.minisign((self / SIGNED).read_bytes(), comment or trusted.removeprefix("trusted comment: "),
                         untrusted))


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
