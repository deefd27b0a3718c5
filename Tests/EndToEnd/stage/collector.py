"""A collector of spans: takes OTLP/HTTP in JSON and keeps what it was given."""

import contextlib
import json
import socket
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .processes import free_port

CLIENT, CONSUMER = 3, 5
ERROR = 2


@dataclass(frozen=True)
class Span:
    trace: str
    id: str
    parent: str | None
    name: str
    kind: int
    start: int
    end: int
    attributes: dict
    status: int | None
    state: str | None
    flags: int
    resource: dict

    @property
    def traceparent(self):
        """What the span's own children carry."""
        return f"00-{self.trace}-{self.id}-{self.flags & 0xFF:02x}"


class Collector:
    """Listens on a fixed port once it is started; away before, and again when it is stopped."""

    def __init__(self):
        self.port = free_port()
        self.spans = []
        #: Headers of each request.
        self.requests = []
        #: Statuses to answer the next requests with in place of 200.
        self.refusals = []
        self._lock = threading.Lock()
        self._server = None
        self._connections = set()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="collector", daemon=True).start()
        return self

    def stop(self):
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
            # Connections that stand would be served by their threads for as long as they are used.
            with self._lock:
                for connection in self._connections:
                    with contextlib.suppress(OSError):  # The other side was faster.
                        connection.shutdown(socket.SHUT_RDWR)

    def named(self, name):
        with self._lock:
            return [span for span in self.spans if span.name == name]

    def of_request(self, request_id):
        """The spans of a request, if it came: its own, and those of its calls by attempt."""
        found = [s for s in self.named("instagram.send") if s.attributes.get("send_worker.request_id") == request_id]
        assert len(found) <= 1, f"{request_id} has {len(found)} spans"
        if not found:
            return None, []
        calls = [span for span in self.named("POST /{ig-id}/messages") if span.parent == found[0].id]
        return found[0], sorted(calls, key=lambda span: span.attributes["send_worker.attempt"])

    def _take(self, path, headers, body):
        with self._lock:
            self.requests.append(headers)
            if self.refusals:
                return self.refusals.pop(0)
            if path != "/v1/traces" or headers["Content-Type"] != "application/json":
                return 404
            self.spans += spans_in(json.loads(body))
        return 200

    def _handler(collector):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                with collector._lock:
                    collector._connections.add(self.connection)

            def finish(self):
                with collector._lock:
                    collector._connections.discard(self.connection)
                super().finish()

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(collector._take(self.path, self.headers, body))
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *arguments):
                pass

        return Handler


def spans_in(document):
    return [
        Span(
            trace=hexadecimal(span["traceId"], 32),
            id=hexadecimal(span["spanId"], 16),
            parent=hexadecimal(span["parentSpanId"], 16) if "parentSpanId" in span else None,
            name=span["name"],
            kind=span["kind"],
            start=nanoseconds(span["startTimeUnixNano"]),
            end=nanoseconds(span["endTimeUnixNano"]),
            attributes=attributes(span),
            status=span.get("status", {}).get("code"),
            state=span.get("traceState"),
            flags=span["flags"],
            resource=attributes(part["resource"]),
        )
        for part in document["resourceSpans"]
        for scope in part["scopeSpans"]
        for span in scope["spans"]
    ]


def attributes(holder):
    """Values as they are meant. A type that is not known fails."""
    readers = {"stringValue": str, "intValue": integer, "boolValue": bool, "doubleValue": float}
    found = {}
    for attribute in holder["attributes"]:
        ((kind, value),) = attribute["value"].items()
        assert attribute["key"] not in found
        found[attribute["key"]] = readers[kind](value)
    return found


def integer(text):
    assert isinstance(text, str), "64-bit numbers are strings in the JSON form"
    return int(text)


def nanoseconds(text):
    """A moment of these years."""
    moment = integer(text)
    assert 1_600_000_000 < moment / 1e9 < 4_000_000_000
    return moment


def hexadecimal(text, length):
    assert len(text) == length and set(text) <= set("0123456789abcdef") and set(text) != {"0"}, text
    return text
