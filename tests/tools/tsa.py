"""tsa: a throw-away time-stamping service by `openssl ts`.
SPDX-License-Identifier: GPL-3.0-or-later"""
import pathlib
import subprocess

CONFIG = """
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
[tsa]
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[ts]
serial = serial
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
tsa_name = yes
"""


class Service:
    """A root CA and a service in a folder of its own."""

    def __init__(self, folder, name="Test Time Stamps"):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        (self.folder / "tsa.cnf").write_text(CONFIG)
        (self.folder / "serial").write_text("01\n")
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-config", "tsa.cnf"]
        self.openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Test Root",
                     "-days", "3650", "-extensions", "ca")
        self.openssl("req", "-new", *key, "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", f"/CN={name}")
        self.openssl("x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                     "-out", "tsa.pem", "-days", "3650", "-extfile", "tsa.cnf", "-extensions", "tsa")
        self.ca = self.folder / "ca.pem"

    def openssl(self, *args):
        subprocess.run(["openssl", *map(str, args)], cwd=self.folder, check=True, capture_output=True)

    def answer(self, request, path):
        """The service's answer to the request file, written to @path."""
        self.openssl("ts", "-reply", "-config", "tsa.cnf", "-section", "ts", "-queryfile", request, "-out", path)
        return pathlib.Path(path)

    def verify(self, data, answer):
        """What openssl itself says of an answer."""
        self.openssl("ts", "-verify", "-data", data, "-in", answer, "-CAfile", self.ca)
