"""What the HTTP server answers to honest clients, curl and wrk, and to malformed, slow and endless requests.

It is the simulator's port; the worker's admin port stands on the same server.
"""

import json
import re
import subprocess
import threading
import time

import pytest

from stage.processes import Process, free_port
from stage.raw_http import RawConnection, trickle
from stage.simulator import Simulator
from stage.waiting import wait_until

HEALTH = b"GET /_simulator/health HTTP/1.1\r\nHost: h\r\n"
FAULTS = b"POST /_simulator/faults HTTP/1.1\r\nHost: h\r\n"
RESET = b"POST /_simulator/reset HTTP/1.1\r\nHost: h\r\n"
NEXT = HEALTH + b"\r\n"
CHUNKED = FAULTS + b"Transfer-Encoding: chunked\r\n\r\n"
FAULT = b'{"effect":"reply_lost","count":1}'
TLS_HELLO = bytes.fromhex("16030100c8010000c40303") + bytes(190)


@pytest.fixture(scope="module")
def simulator(binary, tmp_path_factory):
    simulator = Simulator(binary, tmp_path_factory.mktemp("server") / "simulator.log").start()
    yield simulator
    simulator.stop()


@pytest.fixture
def connect(simulator):
    connections = []

    def connect():
        connection = RawConnection(simulator.port)
        connections.append(connection)
        return connection

    yield connect
    for connection in connections:
        connection.close()


def with_length(value):
    return RESET + b"Content-Length: " + value + b"\r\n\r\n"


def with_coding(*values):
    return FAULTS + b"".join(b"Transfer-Encoding: " + value + b"\r\n" for value in values) + b"\r\n0\r\n\r\n"


# Bytes, and the statuses that are answered before the connection is closed. What follows a refusal is never answered.
REFUSED = {
    "length and chunks": (RESET + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", [400]),
    "length 0 and chunks": (RESET + b"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", [400]),
    "chunks and length": (RESET + b"Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n", [400]),
    "coding with an empty element": (with_coding(b"chunked,"), [400]),
    "coding behind chunked": (with_coding(b"chunked, gzip"), [400]),
    "chunked twice": (with_coding(b"chunked, chunked"), [400]),
    "identity": (with_coding(b"identity"), [400]),
    "two lines of coding": (with_coding(b"chunked", b"chunked"), [400]),
    "a coding before chunked": (with_coding(b"gzip, chunked"), [501]),
    "a coding that is none": (with_coding(b"xchunked"), [400]),
    "chunks to HTTP/1.0": (CHUNKED.replace(b"HTTP/1.1", b"HTTP/1.0") + b"0\r\n\r\n", [400]),
    "length +3": (with_length(b"+3"), [400]),
    "length -5": (with_length(b"-268435455700"), [400]),
    "length of 30 digits": (with_length(b"9" * 30), [400]),
    "empty length": (with_length(b""), [400]),
    "length as a list": (with_length(b"0, 0"), [400]),
    "length in hexadecimal": (with_length(b"0x0"), [400]),
    "two lengths": (RESET + b"Content-Length: 0\r\nContent-Length: 0\r\n\r\n", [400]),
    "chunk size 0x1": (CHUNKED + b"0x1\r\na\r\n0\r\n\r\n", [400]),
    "chunk size 0_0": (CHUNKED + b"0_0\r\n\r\n", [400]),
    "chunk size 1X": (CHUNKED + b"1X\r\na\r\n0\r\n\r\n", [400]),
    "chunk size -1": (CHUNKED + b"-1\r\na\r\n0\r\n\r\n", [400]),
    "empty chunk size": (CHUNKED + b"\r\na\r\n0\r\n\r\n", [400]),
    "chunk size of 17 digits": (CHUNKED + b"0" * 17 + b"\r\n\r\n", [400]),
    "chunk size of endless zeros": (CHUNKED + b"0" * 1_000_000, [400]),
    "chunk size beyond all": (CHUNKED + b"f" * 16 + b"\r\n", [413]),
    "chunk longer than its size": (CHUNKED + b"1\r\nab\r\n0\r\n\r\n", [400]),
    "bare LF behind a chunk size": (CHUNKED + b"1\na\r\n0\r\n\r\n", [400]),
    "bare LF behind a chunk": (CHUNKED + b"1\r\na\n0\r\n\r\n", [400]),
    "CR in a chunk extension": (CHUNKED + b"1;a\rb\r\na\r\n0\r\n\r\n", [400]),
    "LF in a chunk extension": (CHUNKED + b"1;a\nb\r\na\r\n0\r\n\r\n", [400]),
    "an extension of 32 MiB": (CHUNKED + b"2;" + b"x" * (32 << 20), [400]),
    "an extension at each byte": (CHUNKED + b"1;name=value\r\na\r\n" * 100_000, [400]),
    "bare CR in a header": (HEALTH + b"X: a\rb\r\n\r\n", [400]),
    "bare LF in a head": (HEALTH + b"X: a\nY: b\r\n\r\n", [400]),
    "a folded header": (HEALTH + b"X: a\r\n b\r\n\r\n", [400]),
    "a folded first header": (b"GET /_simulator/health HTTP/1.1\r\n Host: h\r\n\r\n", [400]),
    "a space before the colon": (HEALTH + b"X : a\r\n\r\n", [400]),
    "a header without a colon": (HEALTH + b"X\r\n\r\n", [400]),
    "a header without a name": (HEALTH + b": a\r\n\r\n", [400]),
    "NUL in a header": (HEALTH + b"X: a\0b\r\n\r\n", [400]),
    "a control byte in a header": (HEALTH + b"X: a\x01b\r\n\r\n", [400]),
    "NUL in a path": (b"GET /_simulator/\0 HTTP/1.1\r\nHost: h\r\n\r\n", [400]),
    "an encoded NUL in a path": (b"GET /_simulator/%00 HTTP/1.1\r\nHost: h\r\n\r\n", [400]),
    "a path that climbs": (b"GET /_simulator/%2e%2e/health HTTP/1.1\r\nHost: h\r\n\r\n", [400]),
    "a broken escape": (b"GET /_simulator/%zz HTTP/1.1\r\nHost: h\r\n\r\n", [400]),
    "a path that is not UTF-8": (b"GET /_simulator/%ff HTTP/1.1\r\nHost: h\r\n\r\n", [400]),
    "a fragment": (b"GET /_simulator/health#x HTTP/1.1\r\nHost: h\r\n\r\n", [400]),
    "no path": (b"GET  HTTP/1.1\r\nHost: h\r\n\r\n", [400]),
    "two spaces": (b"GET  /_simulator/health HTTP/1.1\r\nHost: h\r\n\r\n", [400]),
    "a tunnel": (b"CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n", [501]),
    "no version": (b"GET /_simulator/health\r\n\r\n", [400]),
    "HTTP/2.0": (b"GET / HTTP/2.0\r\nHost: h\r\n\r\n", [505]),
    "no host": (b"GET /_simulator/health HTTP/1.1\r\n\r\n", [400]),
    "two hosts": (HEALTH + b"Host: h\r\n\r\n", [400]),
    "a host that is none": (b"GET /_simulator/health HTTP/1.1\r\nHost: a b\r\n\r\n", [400]),
    "200,000 headers": (HEALTH + b"a:b\r\n" * 200_000 + b"\r\n", [431]),
    "a header of 1 MiB": (HEALTH + b"X: " + b"a" * (1 << 20) + b"\r\n\r\n", [431]),
    "a name of 1 MiB": (HEALTH + b"X" * (1 << 20) + b": a\r\n\r\n", [431]),
    "a request line of 1 MiB": (b"GET /" + b"a" * (1 << 20), [414]),
    "endless empty lines": (b"\r\n" * 10_000, [400]),
    "an expectation that is unknown": (HEALTH + b"Expect: magic\r\n\r\n", [417]),
    "a body too long by its length": (FAULTS + b"Content-Length: 2000000\r\n\r\n" + b" " * 2_000_000, [413]),
    "a body too long by its chunks": (CHUNKED + b"10000\r\n" + b" " * 65_536 + b"\r\n" + b"fffff\r\n", [413]),
    "a body too long, announced": (FAULTS + b"Expect: 100-continue\r\nContent-Length: 2000000\r\n\r\n", [413]),
    "the second of two pipelined": (NEXT + HEALTH + b"X : a\r\n\r\n", [200, 400]),
    "a TLS handshake": (TLS_HELLO, []),
    "the preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9), []),
    "text": (b"hello\r\n\r\n", [400]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refuses_what_is_malformed_or_endless_and_closes(connect, name):
    data, statuses = REFUSED[name]
    connection = connect()
    # What the server does not take any more is of no interest; its answer is.
    sender = threading.Thread(target=connection.send, args=(data + NEXT,))
    sender.start()
    answers = [connection.answer() for _ in statuses]
    assert [answer[0] for answer in answers] == statuses
    if statuses:
        assert answers[-1][1]["connection"] == "close"
    assert connection.end() == "closed"
    sender.join()


# Bytes, and the statuses that are answered on a connection that then answers another request.
TAKEN = {
    "an absolute target": (b"GET http://other/_simulator/health HTTP/1.1\r\nHost: h\r\n\r\n", [200]),
    "an empty line before": (b"\r\n" + NEXT, [200]),
    "chunked in any case": (with_coding(b"cHuNkEd").replace(b"0\r\n", b"1\r\n[\r\n1\r\n]\r\n0\r\n", 1), [201]),
    "chunks with an extension and a trailer": (CHUNKED + b"2;a=b\r\n[]\r\n0;c\r\nT: 1\r\n\r\n", [201]),
    "leading zeros of a chunk size": (CHUNKED + b"0000000000000002\r\n[]\r\n000\r\n\r\n", [201]),
    "a length that is short": (FAULTS + b"Content-Length: 2\r\n\r\n[]", [201]),
    "100 expected": (FAULTS + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n", [100]),
    "100 expected with the body there": (FAULTS + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n[]", [201]),
    "HTTP/1.0 that is kept": (
        b"GET /_simulator/health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        [200],
    ),
    "a path that is not there": (b"GET /_simulator/nothing HTTP/1.1\r\nHost: h\r\n\r\n", [404]),
    "a path decoded once": (b"GET /_simulator/%2568ealth HTTP/1.1\r\nHost: h\r\n\r\n", [404]),
    "both spellings of a path": (b"GET /_simulator/%68ealth/ HTTP/1.1\r\nHost: h\r\n\r\n", [200]),
    "500 pipelined": (NEXT * 500, [200] * 500),
}


@pytest.mark.parametrize("name", TAKEN)
def test_takes_what_is_right(connect, name):
    data, statuses = TAKEN[name]
    connection = connect()
    connection.send(data)
    assert [connection.answer()[0] for _ in statuses] == statuses
    if statuses == [100]:
        connection.send(b"[]")
        assert connection.answer()[0] == 201
    connection.send(HEALTH + b"Connection: close\r\n\r\n")
    assert connection.answer()[0] == 200
    assert connection.end() == "closed"


def test_answers_head_as_get_without_the_body_and_goes_on(connect):
    connection = connect()
    connection.send(NEXT.replace(b"GET", b"HEAD") + NEXT)
    status, headers, body = connection.answer(to_head=True)
    assert (status, body) == (200, b"")
    assert connection.answer()[1]["content-length"] == headers["content-length"]


def test_serves_a_client_that_has_shut_its_side(connect):
    connection = connect()
    connection.send(NEXT)
    connection.shut_sending()
    assert connection.answer()[0] == 200
    assert connection.end() == "closed"


def test_answers_an_old_client_and_closes(connect):
    connection = connect()
    connection.send(b"GET /_simulator/health HTTP/1.0\r\n\r\n")
    assert connection.answer()[1]["connection"] == "close"
    assert connection.end() == "closed"


def test_answers_a_slow_request_before_the_faulty_one_behind_it(simulator, connect):
    simulator.add_faults({"effect": "latency", "fixed": "300ms"})
    body = b'{"recipient":{"id":"1"},"message":{"text":"x"}}'
    head = b"POST /v23.0/1/messages HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer t\r\nContent-Type: application/json\r\n"
    connection = connect()
    connection.send(head + b"Content-Length: %d\r\n\r\n" % len(body) + body + b"nonsense\r\n\r\n")
    status, _, answer = connection.answer()
    simulator.remove_faults()
    assert status == 200 and b"message_id" in answer
    assert connection.answer()[0] == 400
    assert connection.end() == "closed"


def test_closes_silent_and_slow_connections_in_time(connect):
    silent, slow = connect(), connect()
    begin = time.monotonic()
    trickling = threading.Thread(target=trickle, args=(slow, b"GET /aaaaaaaaaaaaaaaaaaaaaaaaaaaa", 0.5))
    trickling.start()
    assert slow.answer()[0] == 408
    assert silent.end() == "closed"
    assert 9 < time.monotonic() - begin < 15
    trickling.join()


def test_reads_no_further_than_its_client_does(simulator, connect):
    connection = connect()
    requests = NEXT * 4_000_000
    sent = connection.send_what_fits(requests)
    # What it has taken is in the kernel's buffers, its answers too; nearly all was left.
    assert sent < len(requests) / 4
    other = connect()
    other.send(NEXT)
    assert other.answer()[0] == 200


def test_outlives_clients_that_reset(simulator, connect):
    lines = len(simulator.process.log_lines)
    for _ in range(200):
        connection = connect()
        connection.send(NEXT * 3)
        connection.reset()
    connection = connect()
    connection.send(NEXT)
    assert connection.answer()[0] == 200
    assert len(simulator.process.log_lines) == lines


def test_says_in_its_log_who_speaks_tls_and_repeats_no_byte_of_it(simulator, connect):
    connection = connect()
    connection.send(TLS_HELLO)
    assert connection.end() == "closed"
    assert "speaks TLS" in simulator.process.log
    assert "\x16" not in simulator.process.log


# Arguments of curl, and what it writes: the status and the new connections of each transfer.
CURL = {
    "a GET": (["{url}/_simulator/health"], "200 1"),
    "two on one connection": (["{url}/_simulator/health", "{url}/_simulator/summary"], "200 1 200 0"),
    "HEAD": (["--head", "{url}/_simulator/health"], "200 1"),
    "HTTP/1.0": (["--http1.0", "{url}/_simulator/health", "{url}/_simulator/health"], "200 1 200 1"),
    "close": (["-H", "Connection: close", "{url}/_simulator/health", "{url}/_simulator/health"], "200 1 200 1"),
    "a POST": (["-d", "[]", "{url}/_simulator/faults"], "201 1"),
    "a POST in chunks": (["-H", "Transfer-Encoding: chunked", "-d", "[]", "{url}/_simulator/faults"], "201 1"),
    "a POST that waits for 100": (["-H", "Expect: 100-continue", "-d", "[]", "{url}/_simulator/faults"], "201 1"),
    "a POST that is too long": (["-d", "@{large}", "{url}/_simulator/faults"], "413 1"),
    "one that waits for 100": (["-H", "Expect: 100-continue", "-d", "@{large}", "{url}/_simulator/faults"], "413 1"),
    "in chunks": (["-H", "Transfer-Encoding: chunked", "-d", "@{large}", "{url}/_simulator/faults"], "413 1"),
    "DELETE": (["-X", "DELETE", "{url}/_simulator/faults"], "200 1"),
    "HTTP/2 with prior knowledge": (["--http2-prior-knowledge", "{url}/_simulator/health"], None),
    "TLS": (["--insecure", "https://127.0.0.1:{port}/_simulator/health"], None),
}


@pytest.mark.parametrize("name", CURL)
def test_answers_curl(simulator, tmp_path, name):
    arguments, written = CURL[name]
    large = tmp_path / "large"
    large.write_bytes(b"[" + b" " * 3_000_000 + b"]")
    places = {"url": simulator.url, "port": simulator.port, "large": large}
    urls = sum(argument.endswith(("health", "summary", "faults")) for argument in arguments)
    command = ["curl", "-sS", "--max-time", "20", "-w", "%{http_code} %{num_connects} "] + ["-o", "/dev/null"] * urls
    command += [argument.format(**places) for argument in arguments]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if written is None:
        assert ended.returncode != 0
        assert ended.stdout.split()[0] == "000"
    else:
        assert ended.returncode == 0, ended.stderr
        assert ended.stdout.strip() == written


def test_serves_wrk_without_an_error(simulator):
    command = ["wrk", "-t", "2", "-c", "64", "-d", "2s", f"{simulator.url}/_simulator/health"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr
    assert "Socket errors" not in ended.stdout and "Non-2xx" not in ended.stdout, ended.stdout
    assert int(re.search(r"(\d+) requests in", ended.stdout).group(1)) > 100


def test_pauses_where_no_descriptor_is_free_and_recovers(binary, tmp_path):
    port = free_port()
    soft = 48
    limited = ["sh", "-c", 'ulimit -n "$1" && shift && exec "$@"', "sh", str(soft)]
    process = Process("simulator", limited + [binary, "simulator", "--port", port], tmp_path / "simulator.log")
    try:
        wait_until(lambda: "listens" in process.log, "the simulator listens", alive=[process])
        connections = [RawConnection(port) for _ in range(soft + 10)]
        for connection in connections:
            connection.send(NEXT)
        assert connections[0].answer()[0] == 200
        wait_until(lambda: "no connection can be accepted" in process.log, "it says what is missing", alive=[process])
        used = cpu_seconds(process)
        time.sleep(1)
        assert cpu_seconds(process) - used < 0.3, "it spins"
        for connection in connections[:30]:
            connection.close()
        assert [connection.answer()[0] for connection in connections[30:]] == [200] * (soft - 20)
        assert process.log.count("no connection can be accepted") == 1
        assert process.stop() == 0
    finally:
        process.abandon()


def cpu_seconds(process):
    with open(f"/proc/{process.id}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def test_ends_in_order_whoever_is_connected(binary, tmp_path):
    simulator = Simulator(binary, tmp_path / "simulator.log").start()
    try:
        simulator.add_faults({"effect": "latency", "fixed": "100ms"}, {"effect": "reply_delayed", "by": "50s", "account": "2"})
        idle, silent, slow, held, answered = (RawConnection(simulator.port) for _ in range(5))
        idle.send(NEXT)
        assert idle.answer()[0] == 200
        slow.send_what_fits(NEXT * 2_000_000, patience=0.5)
        head = "POST /v23.0/{}/messages HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer t\r\nContent-Type: application/json\r\n"
        body = json.dumps({"recipient": {"id": "1"}, "message": {"text": "x"}})
        for connection, account in ((held, 2), (answered, 1)):
            connection.send(f"{head.format(account)}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        wait_until(lambda: len(simulator.calls()) == 2, "both calls came")
        begin = time.monotonic()
        simulator.process.terminate()
        assert idle.end() == "closed"
        assert silent.end() == "closed"
        status, headers, _ = answered.answer()
        assert status == 200 and headers["connection"] == "close"
        assert held.end() == "reset"
        assert simulator.process.wait() == 0
        assert time.monotonic() - begin < 5
    finally:
        simulator.abandon()
