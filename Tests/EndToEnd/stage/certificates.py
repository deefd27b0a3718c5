"""Certificates that are made for one test, and a server that shows one."""

import http.server
import ssl
import subprocess
import threading
import warnings
from datetime import datetime, timedelta, timezone

CONFIGURATION = """
[ca]
default_ca = authority
[authority]
database = {directory}/index.txt
new_certs_dir = {directory}
serial = {directory}/serial
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
"""


class Authority:
    """Signs certificates for 127.0.0.1."""

    def __init__(self, directory, name):
        self._directory = directory / name.replace(" ", "-")
        self._directory.mkdir()
        (self._directory / "index.txt").touch()
        (self._directory / "serial").write_text("01\n")
        (self._directory / "ca.cnf").write_text(CONFIGURATION.format(directory=self._directory))
        self.certificate = self._directory / "authority.pem"
        self._key = self._directory / "authority-key.pem"
        subject = ["-subj", f"/CN={name}", "-days", "2", "-nodes", "-newkey", "rsa:2048"]
        openssl("req", "-x509", *subject, "-keyout", self._key, "-out", self.certificate)

    def certify(self, names="IP:127.0.0.1", begins=-1, ends=1):
        """A certificate with its key in one file; it begins and ends so many days from now."""
        number = len(list(self._directory.glob("server-*.pem")))
        key, request, both = (self._directory / f"{part}-{number}.pem" for part in ("key", "request", "server"))
        extension = ["-addext", f"subjectAltName={names}"]
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=server", *extension, "-keyout", key, "-out", request)
        times = ["-startdate", moment(begins), "-enddate", moment(ends)]
        options = ["-config", self._directory / "ca.cnf", "-cert", self.certificate, "-keyfile", self._key, "-notext", *times]
        openssl("ca", "-batch", *options, "-in", request, "-out", both)
        both.write_text(key.read_text() + both.read_text())
        return both


def moment(days):
    return (datetime.now(timezone.utc) + timedelta(days=days)).strftime("%Y%m%d%H%M%SZ")


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


class TLSServer:
    """Answers every message as delivered, over TLS."""

    def __init__(self, certificate, client_authority=None, newest=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        if newest:
            # What Debian calls level 2 leaves nothing of the old versions.
            context.set_ciphers("ALL:@SECLEVEL=0")
            with warnings.catch_warnings():
                # That the old versions are old is the point.
                warnings.simplefilter("ignore", DeprecationWarning)
                context.minimum_version = ssl.TLSVersion.TLSv1
                context.maximum_version = newest
        if client_authority:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(client_authority)
        self.calls = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                self._answer(b"{}")

            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                outer.calls.append(self.path)
                self._answer(b'{"recipient_id":"5","message_id":"m_%d"}' % len(outer.calls))

            def _answer(self, body):
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            def finish_request(self, request, client_address):
                try:
                    request = context.wrap_socket(request, server_side=True)
                    super().finish_request(request, client_address)
                except OSError:
                    pass

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def url(self):
        return f"https://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
