"""Records that are no requests: one rejected result and one dead letter each, and the worker goes on."""

import json

import pytest

from stage.traffic import account_id, text_request
from stage.verdicts import decoded

GOOD = json.dumps(text_request("good")).encode()
NESTED = b'{"request_id":"deep","account_id":"1","recipient":{"id":"2"},"context":' + b'{"a":' * 20_000 + b"1" + b"}" * 20_001

#: Name, value. Sizes are what Kafka's usual limits let through.
MALFORMED = {
    "not-json": b"hello, this is not JSON",
    "cut-off": GOOD[: len(GOOD) // 2],
    "wrong-type-of-root": b"[1, 2, 3]",
    "wrong-types": json.dumps({**text_request("x"), "request_id": 7, "message": "hello", "recipient": []}).encode(),
    "empty": b"",
    "null": None,
    "one-megabyte": b'{"request_id":"big","context":{"a":"' + b"x" * 1_000_000 + b'"}}',
    "invalid-utf-8": GOOD.replace(b"hello", b"he\xff\xfello"),
    "deep-nesting": NESTED,
    "deep-arrays": b"[" * 50_000,
    "duplicate-members": GOOD[:-1] + b', "request_id": "other"}',
    "byte-order-mark": b"\xef\xbb\xbf" + GOOD,
    "nul-bytes": b"\x00" * 64,
}


def record(name, value):
    """A record whose key and headers are unlike any other's."""
    trace = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    return f"key-{name}\xff".encode("latin-1"), value, [("name", name.encode()), ("traceparent", trace), ("name", b"twice")]


@pytest.mark.timeout(60)
def test_malformed_records_are_rejected_and_dead_lettered_as_they_came(scene):
    worker = scene.start_worker().wait_until_ready()
    positions = scene.topics.publish([record(name, value) for name, value in MALFORMED.items()])
    names = dict(zip(positions, MALFORMED, strict=True))
    scene.topics.publish([(account_id(0).encode(), GOOD, [])])
    total = len(MALFORMED) + 1
    scene.results.wait_for(total, timeout=40, alive=[worker.process])
    scene.stop_worker(worker)

    results = decoded(scene.results.read_to_end())
    assert len(results) == total
    good = [result for result in results if result["status"] == "sent"]
    assert [result["request_id"] for result in good] == ["good"]
    rejected = {named(result, names): result for result in results if result["status"] != "sent"}
    assert rejected.keys() == MALFORMED.keys()
    for name, result in rejected.items():
        assert result["status"] == "rejected", (name, result)
        assert result["attempts"] == 0
        assert result["error"]["category"] in ("malformed_record", "invalid_request"), (name, result)
        assert result["error"]["message"]
    assert_dead_letters(scene, names)
    assert scene.simulator.summary()["calls"] == 1


def named(result, names):
    return names[result["source"]["partition"], result["source"]["offset"]]


def assert_dead_letters(scene, names):
    records = scene.dead_letters.read_to_end()
    assert len(records) == len(names)
    by_name = {letter.headers[0][1].decode(): letter for letter in records}
    assert by_name.keys() == MALFORMED.keys()
    for (partition, offset), name in names.items():
        key, value, headers = record(name, MALFORMED[name])
        letter = by_name[name]
        assert letter.key == key, name
        assert letter.value == value, f"{name}: the dead letter is not byte for byte the request"
        assert letter.headers[: len(headers)] == headers, name
        added = dict(letter.headers[len(headers) :])
        assert added["dlq-status"] == b"rejected"
        assert added["dlq-attempts"] == b"0"
        assert added["dlq-redrives"] == b"0"
        assert added["dlq-source-topic"] == scene.topics.requests.encode()
        assert (int(added["dlq-source-partition"]), int(added["dlq-source-offset"])) == (partition, offset)
        assert added["dlq-category"] in (b"malformed_record", b"invalid_request")
        assert added["dlq-message"] and added["dlq-time"].endswith(b"Z")
