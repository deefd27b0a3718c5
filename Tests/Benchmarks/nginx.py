"""nginx as a stand-in for Graph that costs as little as one can: every request is answered as delivered."""

import http.client
import re
import shutil
import subprocess
import sys
from pathlib import Path
from string import Template

# First, for it finds the stage of the end-to-end tests.
from stand import listens

from stage.processes import Process, free_port
from stage.waiting import wait_until

CONFIGURATION = Path(__file__).resolve().parent / "http_client/nginx.conf"


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def make_certificates(folder: Path):
    """An authority, ca.pem, and a certificate of 127.0.0.1 that it has signed."""
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    authority = ["-subj", "/CN=Benchmark Root", "-keyout", folder / "ca-key.pem", "-out", folder / "ca.pem"]
    openssl("req", "-x509", *curve, *authority, "-days", "2")
    server = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"]
    request = ["-keyout", folder / "server-key.pem", "-out", folder / "server.csr"]
    openssl("req", *curve, *server, *request)
    signing = ["-CA", folder / "ca.pem", "-CAkey", folder / "ca-key.pem", "-CAcreateserial", "-days", "2"]
    openssl("x509", "-req", "-in", folder / "server.csr", *signing, "-copy_extensions", "copy", "-out", folder / "server.pem")


class Nginx:
    """The server, one process with a port for plain connections and one for TLS, and its log in the folder."""

    def __init__(self, folder: Path):
        self.plain_port, self.tls_port = free_port(), free_port()
        self.authority = folder / "ca.pem"
        make_certificates(folder)
        values = {"folder": folder, "plain_port": self.plain_port, "tls_port": self.tls_port}
        (folder / "nginx.conf").write_text(Template(CONFIGURATION.read_text()).substitute(values))
        # Debian puts it where only root's path leads.
        binary = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin") or sys.exit("nginx is missing; make setup")
        command = [binary, "-p", folder, "-e", folder / "nginx.log", "-c", folder / "nginx.conf"]
        self.process = Process("nginx", command, folder / "nginx.log")
        self._questions = 0
        self._connection = http.client.HTTPConnection("127.0.0.1", self.plain_port, timeout=10)
        wait_until(lambda: listens(self.plain_port) and listens(self.tls_port), "nginx", alive=[self.process])

    @property
    def plain_url(self):
        return f"http://127.0.0.1:{self.plain_port}"

    @property
    def tls_url(self):
        return f"https://127.0.0.1:{self.tls_port}"

    def calls(self) -> int:
        """How many requests have come, these questions left out."""
        self._connection.request("GET", "/requests")
        text = self._connection.getresponse().read().decode()
        self._questions += 1
        return int(re.search(r"^ \d+ \d+ (\d+)", text, re.M).group(1)) - self._questions

    def stop(self):
        self._connection.close()
        self.process.stop()
