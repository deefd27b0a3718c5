"""An endpoint that is not there: every request waits and is sent when it is back."""

import pytest

from stage.traffic import texts
from stage.verdicts import assert_all_sent, assert_one_result_each, decoded
from stage.waiting import holds_for, wait_until

QUICK_RETRIES = {"retry.initialDelay": "100ms", "retry.maxDelay": "1s"}
LINES_IN_FOUR_SECONDS = 25


@pytest.mark.timeout(60)
def test_graph_is_away_at_the_start(scene):
    scene.simulator.stop()
    worker = scene.start_worker(QUICK_RETRIES).wait_until_ready()
    requests = texts(60)
    scene.topics.publish_requests(requests)
    wait_until(lambda: worker.page("/api/status").json()["waiting"] == len(requests), "all requests wait")
    assert_calm(worker, scene)
    scene.simulator.start()
    assert_everything_is_sent(scene, worker, requests)


@pytest.mark.timeout(60)
def test_graph_goes_away_in_the_middle(scene):
    scene.simulator.add_faults({"effect": "latency", "fixed": "50ms"})
    # A connection may break after a request was written: such a request is sent again.
    worker = scene.start_worker({**QUICK_RETRIES, "retry.unknownResends": 10}).wait_until_ready()
    requests = texts(400, accounts=5, conversations=2)
    scene.topics.publish_requests(requests)
    wait_until(lambda: scene.simulator.summary()["accepted_messages"] >= 50, "the load runs", alive=[worker.process])
    scene.simulator.stop()
    assert_calm(worker, scene)
    scene.simulator.start()
    assert_everything_is_sent(scene, worker, requests)


def assert_calm(worker, scene):
    """Nobody is told of an end, and the log stays short."""
    before = len(worker.log_lines)

    def is_calm():
        return len(worker.log_lines) - before <= LINES_IN_FOUR_SECONDS

    holds_for(4, is_calm, f"at most {LINES_IN_FOUR_SECONDS} lines are logged while Graph is away")
    scene.results.poll()
    assert_all_sent(decoded(scene.results.records))


def assert_everything_is_sent(scene, worker, requests):
    scene.results.wait_for(len(requests), timeout=40, alive=[worker.process])
    scene.stop_worker(worker)
    results = decoded(scene.results.read_to_end())
    assert_one_result_each(results, [request["request_id"] for request in requests])
    assert_all_sent(results)
    assert not scene.dead_letters.read_to_end()
