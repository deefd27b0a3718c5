"""What the worker does with a file before the call: it asks the file's server, and refuses what Graph would refuse."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from stage.traffic import text_request
from stage.verdicts import decoded

#: Path: status and headers of every answer.
FILES = {
    "/fine": (200, {"Content-Type": "image/png", "Content-Length": "8388608"}),
    "/page": (200, {"Content-Type": "text/html", "Content-Length": "5"}),
    "/large": (200, {"Content-Type": "image/png", "Content-Length": "8388609"}),
    "/away": (302, {"Location": "file:///etc/passwd", "Content-Length": "0"}),
    "/missing": (404, {"Content-Type": "text/html", "Content-Length": "0"}),
}


@contextmanager
def file_server():
    """Serves the files, and collects what is asked for in `asked`."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self):
            self.server.asked.append(f"{self.command} {self.path}")
            status, headers = FILES[self.path]
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.close_connection = True

        do_HEAD = do_GET = answer

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.asked = []
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def image(url):
    return {"type": "image", "payload": {"url": url}}


def run(scene, requests, settings):
    """The results by request id."""
    worker = scene.start_worker({"media.preflight": "true", **settings}).wait_until_ready()
    scene.topics.publish_requests(requests)
    scene.results.wait_for(len(requests), timeout=40, alive=[worker.process])
    scene.stop_worker(worker)
    results = {result["request_id"]: result for result in decoded(scene.results.read_to_end())}
    assert results.keys() == {request["request_id"] for request in requests}
    return results


def violations(result):
    assert result["status"] == "rejected" and result["attempts"] == 0, result
    return [(violation["field"], violation["rule"]) for violation in result["error"]["violations"]]


@pytest.mark.timeout(60)
def test_a_file_that_graph_would_refuse_costs_no_call(scene):
    with file_server() as server:
        url = f"http://127.0.0.1:{server.server_port}"
        messages = {name[1:]: {"attachment": image(url + name)} for name in FILES}
        messages["one-of-three"] = {"attachments": [image(f"{url}{name}") for name in ("/fine", "/page", "/fine")]}
        messages["one-of-one"] = {"attachments": [image(f"{url}/large")]}
        requests = [text_request(name, conversation=n, message=message) for n, (name, message) in enumerate(messages.items())]
        results = run(scene, requests, {})

    assert results["fine"]["status"] == results["missing"]["status"] == "sent"
    attachment = "/message/attachment/payload/url"
    assert violations(results["page"]) == [(attachment, "media.type")]
    assert violations(results["large"]) == [(attachment, "media.size")]
    assert violations(results["away"]) == [(attachment, "media.redirect_scheme")]
    assert violations(results["one-of-three"]) == [("/message/attachments/1/payload/url", "media.type")]
    assert violations(results["one-of-one"]) == [("/message/attachments/0/payload/url", "media.size")]
    refused = [result for result in results.values() if result["status"] == "rejected"]
    assert {result["error"]["category"] for result in refused} == {"media"}
    assert "8388609" in results["large"]["error"]["message"] and "8388608" in results["large"]["error"]["message"]
    assert len(scene.dead_letters.read_to_end()) == len(refused) == 5
    assert scene.simulator.summary()["calls"] == 2


@pytest.mark.timeout(60)
def test_a_private_host_is_refused_and_never_contacted(scene):
    with file_server() as server:
        port = server.server_port
        hosts = ["127.0.0.1", "localhost", "2130706433", "0177.0.0.1", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "[::]"]
        requests = [
            text_request(f"host-{n}", conversation=n, message={"attachment": image(f"http://{host}:{port}/fine")})
            for n, host in enumerate(hosts)
        ]
        results = run(scene, requests, {"validation.allowPrivateHosts": "false"})
        assert server.asked == []
    for result in results.values():
        assert violations(result) == [("/message/attachment/payload/url", "url.private_host")]
    assert scene.simulator.summary()["calls"] == 0
