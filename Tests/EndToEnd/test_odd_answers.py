"""Answers that are odd: none costs a second delivery, hides what was said, or is taken for another call's."""

import pytest

from stage.traffic import account_id, recipient_id, text_request, texts
from stage.verdicts import assert_all_sent, assert_one_result_each, decoded
from stage.waiting import wait_until

COUNT = 60
# Of more that all end unknown the last ones wait for single probes.
FEW = 3
QUICK_RETRIES = {"retry.initialDelay": "100ms", "retry.maxDelay": "1s"}


def play(scene, requests, *faults, settings=None):
    """What becomes of requests under faults: the results by request id."""
    scene.simulator.add_faults(*faults)
    worker = scene.start_worker({**QUICK_RETRIES, **(settings or {})}).wait_until_ready()
    scene.topics.publish_requests(requests)
    scene.results.wait_for(len(requests), timeout=60, alive=[worker.process, scene.simulator.process])
    results = decoded(scene.results.read_to_end())
    assert_one_result_each(results, [request["request_id"] for request in requests])
    return worker, {result["request_id"]: result for result in results}


def statuses(results):
    return {result["status"] for result in results.values()}


def metric(worker, name):
    """The sum of a metric's series."""
    lines = worker.page("/metrics").text.splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name))


@pytest.mark.timeout(90)
@pytest.mark.parametrize(
    "oddity",
    ["gzip_answer", "deflate_answer", "lone_surrogate", "latin1_answer", "duplicate_member", "trailing_bytes", "farewell"],
)
def test_a_success_is_read_and_costs_one_delivery(scene, oddity):
    worker, results = play(scene, texts(COUNT), {"effect": oddity})
    assert_all_sent(results.values())
    assert all(result["message_id"] for result in results.values())
    summary = scene.simulator.summary()
    assert (summary["accepted_messages"], summary["duplicate_messages"]) == (COUNT, 0)
    scene.stop_worker(worker)


@pytest.mark.timeout(90)
@pytest.mark.parametrize("oddity", ["gzip_answer", "lone_surrogate", "latin1_answer", "duplicate_member", "trailing_bytes"])
def test_a_dead_token_is_seen_and_parks_the_account(scene, oddity):
    dead = {"code": 190, "subcode": 463, "status": 400, "account": account_id(0)}
    scene.simulator.add_faults({"effect": oddity, **dead})
    worker = scene.start_worker(QUICK_RETRIES).wait_until_ready()
    scene.topics.publish_requests(texts(COUNT, accounts=1))
    wait_until(
        lambda: worker.page(f"/api/accounts/{account_id(0)}").json().get("waiting") == COUNT,
        "the account's requests wait",
        alive=[worker.process],
    )
    assert not decoded(scene.results.read_to_end())
    scene.stop_worker(worker)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("oddity", ["gzip_answer", "lone_surrogate", "latin1_answer", "duplicate_member"])
def test_a_throttle_is_seen(scene, oddity):
    throttled = {"code": 613, "status": 400, "account": account_id(0), "count": 2}
    worker, results = play(scene, texts(20, accounts=2), {"effect": oddity, **throttled})
    assert_all_sent(results.values())
    assert metric(worker, 'send_worker_calls_total{outcome="throttled"}') >= 1
    scene.stop_worker(worker)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("oddity", ["long_body", "stalled_body"])
def test_a_throttle_is_kept_though_its_body_is_not_whole(scene, oddity):
    limited = {"status": 429, "retry_after_seconds": 8, "account": account_id(0), "count": 1}
    worker, results = play(scene, texts(10, accounts=2, conversations=1), {"effect": oddity, **limited})
    assert_all_sent(results.values())
    times = [call["arrival_ms"] for call in scene.simulator.calls() if call["account"] == account_id(0)]
    assert metric(worker, 'send_worker_calls_total{outcome="unknown"}') == 0
    assert len(times) == 6, "one refused call, then one for each message"
    assert times[1] - times[0] >= 8_000
    scene.stop_worker(worker)


@pytest.mark.timeout(90)
@pytest.mark.parametrize("oddity", ["long_body", "stalled_body"])
def test_a_success_without_its_body_is_unknown_and_not_sent_again(scene, oddity):
    settings = {"graph.responseTimeout": "1s"}
    worker, results = play(scene, texts(FEW, accounts=FEW), {"effect": oddity}, settings=settings)
    assert statuses(results) == {"unknown"}
    assert {result["attempts"] for result in results.values()} == {1}
    assert scene.simulator.summary()["duplicate_messages"] == 0
    scene.stop_worker(worker)


@pytest.mark.timeout(90)
@pytest.mark.parametrize("status", [408, 499])
def test_a_message_delivered_before_the_server_gave_up_is_no_failure(scene, status):
    page = {"effect": "html_page", "status": status, "delivers": True}
    worker, results = play(scene, texts(FEW, accounts=FEW), page)
    assert statuses(results) == {"unknown"}
    assert {result["attempts"] for result in results.values()} == {3}, "nobody answered: retry.unknownResends"
    scene.stop_worker(worker)


@pytest.mark.timeout(90)
@pytest.mark.parametrize("status", [421, 425])
def test_what_was_not_processed_is_sent_again(scene, status):
    worker, results = play(scene, texts(20), {"effect": "html_page", "status": status, "count": 10})
    assert_all_sent(results.values())
    assert not any(result["possible_duplicate"] for result in results.values())
    scene.stop_worker(worker)


@pytest.mark.timeout(90)
def test_a_redirect_is_not_followed(scene):
    worker, results = play(scene, texts(5), {"effect": "html_page", "status": 302})
    assert statuses(results) == {"failed"}
    assert {result["attempts"] for result in results.values()} == {1}
    scene.stop_worker(worker)


@pytest.mark.timeout(90)
@pytest.mark.parametrize("code", [-1, 1, 2])
def test_an_answer_that_says_nothing_is_not_asked_for_again(scene, code):
    error = {"effect": "error", "code": code, "status": 500, "delivers": True, "recipient": recipient_id(0, 0)}
    requests = [text_request("doubtful"), text_request("other", conversation=1)]
    worker, results = play(scene, requests, error)
    assert (results["doubtful"]["status"], results["doubtful"]["attempts"]) == ("unknown", 1)
    assert results["other"]["status"] == "sent"
    assert scene.simulator.summary()["duplicate_messages"] == 0
    scene.stop_worker(worker)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("after", ["1ms", "10ms", "50ms"])
def test_no_result_carries_the_ids_of_another_request(scene, after):
    requests = texts(100, accounts=5, conversations=20)
    worker, results = play(scene, requests, {"effect": "second_answer", "after": after})
    for request in requests:
        result = results[request["request_id"]]
        assert result["status"] in ("sent", "unknown"), result
        if result["status"] == "sent":
            assert result["recipient_id"] == request["recipient"]["id"]
    ids = [result["message_id"] for result in results.values() if result["status"] == "sent"]
    assert len(set(ids)) == len(ids) > 0
    assert scene.simulator.summary()["duplicate_messages"] == 0
    scene.stop_worker(worker)


@pytest.mark.timeout(60)
def test_an_answer_of_another_version_is_told_once(scene):
    worker, results = play(scene, texts(20), {"effect": "other_version"})
    assert_all_sent(results.values())
    assert metric(worker, "send_worker_answers_of_other_version_total") == 20
    assert sum("v99.0" in line for line in worker.log_lines) == 1
    scene.stop_worker(worker)

