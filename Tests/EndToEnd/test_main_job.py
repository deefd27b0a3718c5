"""The main job: requests in, calls to the endpoint, one result each out, with one call in five failing."""

from collections import Counter

import pytest

from stage.traffic import MixedTraffic
from stage.verdicts import accepted_order, assert_one_result_each, decoded, without_repetitions

pytestmark = pytest.mark.alone

COUNT = 2_000
#: One call in five fails, without anything having been delivered.
TRANSIENT_FAULTS = (
    {"effect": "error", "code": 2, "status": 500, "delivers": False, "share": 0.12},
    {"effect": "reset_after_body", "share": 0.05},
    {"effect": "html_page", "status": 502, "delivers": False, "share": 0.05},
)
PATIENCE = {
    "retry.unknownResends": 15,
    "retry.answeredUnknownResends": 15,
    "retry.maxAttempts": 20,
    "retry.initialDelay": "100ms",
    "retry.maxDelay": "1s",
}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("guarantee", ["exactly_once", "at_least_once"])
def test_two_thousand_mixed_requests_with_transient_faults(scene, guarantee):
    traffic = MixedTraffic(COUNT)
    scene.simulator.add_faults(
        {"effect": "error", "code": 551, "status": 400, "recipient": MixedTraffic.BLOCKED}, *TRANSIENT_FAULTS
    )
    worker = scene.start_worker(PATIENCE).wait_until_ready()
    positions = scene.topics.publish_requests(traffic.requests)
    scene.results.wait_for(COUNT, timeout=80, alive=[worker.process, scene.simulator.process])
    scene.stop_worker(worker)

    records = scene.results.read_to_end()
    results = {result["request_id"]: result for result in decoded(records)}
    assert_one_result_each(decoded(records), [plan.request["request_id"] for plan in traffic.planned])
    assert_endings(traffic, results)
    assert_sources(traffic, results, positions, scene.topics.requests)
    assert_dead_letters(traffic, scene.dead_letters.read_to_end())

    calls = scene.simulator.calls()
    summary = scene.simulator.summary()
    assert_faults_were_many(calls)
    assert_attempts(traffic, results, calls)
    assert_order(traffic, scene.simulator)
    assert_limits(summary)
    assert summary["duplicate_messages"] == 0, summary["duplicates"]


def assert_endings(traffic, results):
    for plan in traffic.planned:
        result = results[plan.request["request_id"]]
        assert result["status"] == plan.status, result
        assert result["account_id"] == plan.request["account_id"]
        assert result["recipient_id"] == plan.request["recipient"]["id"]
        assert result["context"] == plan.request["context"]
        if plan.status == "sent":
            is_action = "sender_action" in plan.request
            assert "error" not in result and ("message_id" in result) is not is_action, result
        else:
            assert result["error"]["category"] == plan.category, result


def assert_sources(traffic, results, positions, topic):
    for plan, (partition, offset) in zip(traffic.planned, positions, strict=True):
        source = results[plan.request["request_id"]]["source"]
        assert source == {"topic": topic, "partition": partition, "offset": offset}


def assert_dead_letters(traffic, records):
    expected = Counter(plan.status for plan in traffic.planned if plan.status != "sent")
    assert Counter(dict(record.headers)["dlq-status"].decode() for record in records) == expected


def assert_faults_were_many(calls):
    """The test is worth its name only if the faults happened."""
    share = sum("fault" in call for call in calls) / len(calls)
    assert share > 0.15, f"only {share:.0%} of the calls met a fault"


def assert_attempts(traffic, results, calls):
    """Results tell the calls that the simulator saw, and the doubt where an outcome was unknown on the way."""
    seen = Counter(call.get("marker") for call in calls)
    for plan in traffic.planned:
        result = results[plan.request["request_id"]]
        attempts = seen[plan.marker] if plan.marker else 0
        assert result["attempts"] == attempts, f"the simulator saw {attempts} calls for {result}"
        is_doubtful = plan.status == "sent" and attempts > 1 and "message" in plan.request
        assert result["possible_duplicate"] is is_doubtful or plan.status != "sent", result


def assert_order(traffic, simulator):
    expected = {}
    for plan in traffic.planned:
        if plan.status == "sent":
            expected.setdefault(plan.conversation, []).append(plan.marker)
    accepted = {conversation: without_repetitions(markers) for conversation, markers in accepted_order(simulator).items()}
    assert accepted == expected


def assert_limits(summary):
    assert summary["throttled_by_limit"] == 0
    for rate in summary["rates"]:
        limit = {"media": 10}.get(rate["class"], 100)
        assert rate["most_per_second"] <= limit, rate
