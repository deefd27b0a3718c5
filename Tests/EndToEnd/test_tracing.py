"""What a collector sees of requests, and that nobody else notices whether there is one."""

import json

import pytest

from stage.collector import CLIENT, CONSUMER, ERROR, Collector
from stage.prometheus import Exposition
from stage.traffic import account_id, text_request, texts
from stage.verdicts import assert_all_sent, assert_one_result_each, decoded
from stage.waiting import wait_until

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"
SAMPLED = f"00-{TRACE}-{PARENT}-01"
UNSAMPLED = f"00-{TRACE}-{PARENT}-00"
STATE = "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"
SOON = {"retry.initialDelay": "50ms", "retry.maxDelay": "100ms"}
KEY = "otlp-secret-4711"


@pytest.fixture
def collector():
    collector = Collector().start()
    yield collector
    collector.stop()


def tracing(collector, ratio=0, **settings):
    return {"tracing.endpoint": collector.url, "tracing.sampleRatio": ratio, **SOON, **settings}


def record(request, traceparent=None, tracestate=None):
    """A request as a producer with tracing publishes it."""
    headers = {"traceparent": traceparent, "tracestate": tracestate}
    return (
        request["account_id"].encode(),
        json.dumps(request).encode(),
        [("app", b"shop"), *((name, value.encode()) for name, value in headers.items() if value is not None)],
    )


def calls_of(scene, request_id):
    return [call for call in scene.simulator.calls() if (call.get("marker") or "").startswith(f"{request_id}:")]


def trace_headers(record):
    return {name: value.decode() for name, value in record.headers if name in ("traceparent", "tracestate")}


def by_request(records):
    return {json.loads(record.value)["request_id"]: record for record in records}


def spans_total(worker, result):
    return Exposition(worker.page("/metrics").text).sum("send_worker_spans_total", result=result)


@pytest.mark.timeout(90)
def test_a_trace_goes_through_the_worker(scene, collector):
    """With a retry, a dead letter, a request without a context, and a context that nobody records."""
    scene.simulator.add_faults(
        {"effect": "error", "code": 551, "status": 400, "account": account_id(2)},
        {"effect": "html_page", "status": 502, "account": account_id(1), "count": 1},
    )
    worker = scene.start_worker(tracing(collector, **{"tracing.headers": f"x-api-key={KEY}"})).wait_until_ready()
    scene.topics.publish(
        [
            record(text_request("plain", account=0), SAMPLED, STATE),
            record(text_request("retried", account=1), SAMPLED),
            record(text_request("refused", account=2), SAMPLED, STATE),
            record({**text_request("wrong", account=3), "message": {"txt": "private words"}}, SAMPLED),
            record(text_request("without", account=4)),
            record(text_request("unsampled", account=5), UNSAMPLED, STATE),
            record(text_request("malformed", account=6), SAMPLED.upper(), STATE),
        ]
    )
    scene.results.wait_for(7, alive=[worker.process])
    scene.stop_worker(worker)

    results, letters = scene.results.read_to_end(), scene.dead_letters.read_to_end()
    endings = {result["request_id"]: result for result in decoded(results)}
    statuses = {name: result["status"] for name, result in endings.items()}
    assert statuses == {
        "plain": "sent", "retried": "sent", "refused": "failed", "wrong": "rejected",
        "without": "sent", "unsampled": "sent", "malformed": "sent",
    }  # fmt: skip

    # The request's own context stands in its result and its dead letter.
    own = {
        "plain": {"traceparent": SAMPLED, "tracestate": STATE}, "retried": {"traceparent": SAMPLED},
        "refused": {"traceparent": SAMPLED, "tracestate": STATE}, "wrong": {"traceparent": SAMPLED}, "without": {},
        "unsampled": {"traceparent": UNSAMPLED, "tracestate": STATE},
        # W3C: what is no context is not passed on.
        "malformed": {},
    }  # fmt: skip
    assert {name: trace_headers(record) for name, record in by_request(results).items()} == own
    assert {name: trace_headers(record) for name, record in by_request(letters).items()} == {
        name: own[name] for name in ("refused", "wrong")
    }

    for name, attempts in (("plain", 1), ("retried", 2), ("refused", 1), ("wrong", 0)):
        request, spans = collector.of_request(name)
        assert request, f"{name} has no span"
        assert (request.trace, request.parent, request.kind) == (TRACE, PARENT, CONSUMER)
        assert request.state == own[name].get("tracestate")
        source = endings[name]["source"]
        assert request.attributes.items() >= {
            "messaging.system": "kafka",
            "messaging.destination.name": scene.topics.requests,
            "messaging.destination.partition.id": str(source["partition"]),
            "messaging.kafka.offset": source["offset"],
            "send_worker.account_id": endings[name]["account_id"],
            "send_worker.status": statuses[name],
            "send_worker.attempts": attempts,
        }.items()
        assert request.status == (None if statuses[name] == "sent" else ERROR)
        assert len(spans) == attempts
        calls = calls_of(scene, name)
        assert [call.get("traceparent") for call in calls] == [span.traceparent for span in spans]
        assert {call.get("tracestate") for call in calls} <= {own[name].get("tracestate")}
        for span, call in zip(spans, calls, strict=True):
            assert (span.trace, span.parent, span.kind) == (TRACE, request.id, CLIENT)
            assert request.start <= span.start <= span.end <= request.end
            assert span.attributes.items() >= {
                "http.request.method": "POST",
                "server.address": "127.0.0.1",
                "server.port": scene.simulator.port,
                "http.response.status_code": call["status"],
            }.items()
            assert span.status == (None if call["status"] == 200 else ERROR)
        assert request.resource["service.name"] == "instagram-send-worker"
        assert request.resource["service.version"] and request.resource["service.instance.id"]

    first, second = collector.of_request("retried")[1]
    assert first.attributes["send_worker.outcome"] == "unknown" and first.attributes["error.type"] == "502"
    assert second.attributes["send_worker.outcome"] == "delivered" and "error.type" not in second.attributes
    refused, (refusal,) = collector.of_request("refused")
    assert refused.attributes["error.type"] == endings["refused"]["error"]["category"]
    assert refusal.attributes["send_worker.graph.code"] == 551

    # Nobody records these, so the worker adds nothing; what is malformed goes no further.
    for name in ("without", "unsampled", "malformed"):
        assert collector.of_request(name) == (None, [])
    carried = {name: calls_of(scene, name)[0] for name in ("without", "unsampled", "malformed")}
    assert {name: (call.get("traceparent"), call.get("tracestate")) for name, call in carried.items()} == {
        "without": (None, None), "unsampled": (UNSAMPLED, STATE), "malformed": (None, None),
    }  # fmt: skip

    assert collector.requests and all(headers["x-api-key"] == KEY for headers in collector.requests)
    shown = [repr(collector.spans), worker.process.log, *(page.decode() for page in scene.pages)]
    for secret in (KEY, "private words", "hello", "Bearer"):
        assert not any(secret in text for text in shown), secret


@pytest.mark.timeout(90)
def test_the_ratio_begins_traces(scene, collector):
    collector.refusals = [503]
    worker = scene.start_worker(tracing(collector, ratio=1)).wait_until_ready()
    scene.topics.publish([record(request) for request in texts(40)] + [record(text_request("malformed"), "junk", STATE)])
    scene.results.wait_for(41, alive=[worker.process])
    wait_until(lambda: spans_total(worker, "exported") == 82, "all spans are exported without a stop", alive=[worker.process])
    assert len(collector.requests) >= 2, "the first one was answered with 503"
    requests = collector.named("instagram.send")
    assert len({span.trace for span in requests}) == 41
    assert all(span.parent is None and span.state is None for span in requests)
    carried = {call.get("traceparent") for call in scene.simulator.calls()}
    assert carried == {span.traceparent for span in collector.named("POST /{ig-id}/messages")}
    scene.stop_worker(worker)


@pytest.mark.timeout(60)
def test_without_an_endpoint_headers_are_carried_as_they_came(scene):
    worker = scene.start_worker().wait_until_ready()
    scene.topics.publish([record(text_request("a"), SAMPLED, STATE), record(text_request("b", account=1))])
    scene.results.wait_for(2, alive=[worker.process])
    assert [spans_total(worker, result) for result in ("exported", "dropped", "failed")] == [0, 0, 0]
    scene.stop_worker(worker)
    calls = {name: calls_of(scene, name)[0] for name in "ab"}
    assert {name: (call.get("traceparent"), call.get("tracestate")) for name, call in calls.items()} == {
        "a": (SAMPLED, STATE),
        "b": (None, None),
    }


@pytest.mark.timeout(120)
def test_a_collector_that_goes_away_is_noticed_by_nobody_else(scene, collector):
    worker = scene.start_worker(tracing(collector, ratio=1)).wait_until_ready()
    scene.topics.publish_requests(texts(20, prefix="before"))
    scene.results.wait_for(20, alive=[worker.process])
    wait_until(lambda: spans_total(worker, "exported") == 40, "the first spans are exported", alive=[worker.process])
    collector.stop()
    scene.topics.publish_requests(texts(1_000, prefix="after"))
    scene.results.wait_for(1_020, alive=[worker.process])
    worker.wait_for_log("spans cannot be exported")
    assert worker.page("/readyz").status_code == 200
    # The end does not wait for the collector either, and it is an orderly one.
    scene.stop_worker(worker)
    results = decoded(scene.results.read_to_end())
    requests = [*texts(20, prefix="before"), *texts(1_000, prefix="after")]
    assert_one_result_each(results, [request["request_id"] for request in requests])
    assert_all_sent(results)
    warnings = [line for line in worker.log_lines if "spans cannot be exported" in line]
    assert 1 <= len(warnings) <= 4, warnings
    assert len(collector.named("instagram.send")) == 20
