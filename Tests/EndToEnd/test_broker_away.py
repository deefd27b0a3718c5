"""A broker that is not there: the worker says so once in a while, and goes on when it is back."""

import pytest

from stage.prometheus import Exposition
from stage.proxy import KafkaProxy
from stage.traffic import texts
from stage.verdicts import assert_all_sent, assert_one_result_each, decoded
from stage.waiting import holds_for, wait_until

#: A minute of an absent broker at this pace fills no log.
LINES_IN_FOUR_SECONDS = 25
#: A broker that cannot be reached is known after this time: it is asked every 2 s and has 3 s to answer.
SECONDS_TO_NOTICE = 8


@pytest.mark.timeout(120)
def test_the_broker_is_away_at_the_start(make_scene, private_broker):
    scene = make_scene(private_broker)
    scene.create_topics()
    scene.simulator.start()
    requests = texts(40)
    scene.topics.publish_requests(requests)
    private_broker.stop()

    worker = scene.start_worker()
    worker.wait_for_log("Kafka cannot be asked")
    assert_no_flood(worker, "while the broker is away at the start")
    private_broker.start()
    scene.results.wait_for(len(requests), alive=[worker.process])
    scene.stop_worker(worker)
    results = decoded(scene.results.read_to_end())
    assert_one_result_each(results, [request["request_id"] for request in requests])
    assert_all_sent(results)


@pytest.mark.timeout(180)
def test_the_broker_goes_away_in_the_middle(make_scene, private_broker):
    scene = make_scene(private_broker)
    scene.create_topics()
    scene.simulator.start()
    scene.simulator.add_faults({"effect": "latency", "fixed": "100ms"})
    worker = scene.start_worker().wait_until_ready()
    requests = texts(400, accounts=5, conversations=2)
    scene.topics.publish_requests(requests)
    wait_until(lambda: scene.simulator.summary()["accepted_messages"] >= 60, "the load runs", alive=[worker.process])
    lines = len(worker.log_lines)
    visible = {result["request_id"] for result in decoded(scene.results.read_to_end())}
    private_broker.stop()
    called = {call["marker"] for call in scene.simulator.calls()}
    assert len(called) < len(requests), "the broker went away too late to matter"
    worker.wait_for_log("no Kafka broker can be reached", after=lines)
    assert_no_flood(worker, "while the broker is away in the middle", lines)
    private_broker.start()

    worker = run_on(scene, worker, len(requests))
    scene.stop_worker(worker)
    scene.forget_readers()
    results = decoded(scene.results.read_to_end())
    if private_broker.is_kafka:
        assert_one_result_each(results, [request["request_id"] for request in requests])
        assert scene.simulator.summary()["duplicate_messages"] == 0, "messages arrived twice"
    else:
        assert_nothing_seen_is_missing(results, requests, called, visible)
    assert_all_sent(results)


def assert_nothing_seen_is_missing(results, requests, called, visible):
    """noida-db may end between a transaction's offsets, which it applies at once, and its commit: then results of what was
    called last are missing, but none that anybody has seen."""
    missing = {request["request_id"] for request in requests} - {result["request_id"] for result in results}
    forgotten = {request["request_id"] for request in requests if request["message"]["text"] in called} - visible
    assert missing <= forgotten, f"no result: {sorted(missing - forgotten)[:5]}"
    expected = [request["request_id"] for request in requests if request["request_id"] not in missing]
    assert_one_result_each(honest(results), expected)


def run_on(scene, worker, count):
    """Waits until so many requests are committed. Starts the worker again where it ends with 3, which asks for that: a
    broker that comes back without what a producer had sent makes its producer fail for good."""

    def is_done():
        nonlocal worker
        if worker.process.exit_code == 3:
            worker = scene.start_worker()
        page = worker.page("/api/status")
        states = page.json()["partition_states"] if page else []
        return sum(state["committed"] or 0 for state in states) >= count

    wait_until(is_done, f"{count} requests are committed", 60)
    assert worker.process.exit_code is None
    return worker


@pytest.mark.timeout(120)
@pytest.mark.parametrize("trouble", ["cut", "mute"])
def test_readiness_follows_the_broker(make_scene, private_broker, trouble):
    """Cut, connections are reset and refused; mute, they stand and nothing comes through."""
    scene = make_scene(private_broker)
    scene.create_topics()
    scene.simulator.start()
    proxy = KafkaProxy(private_broker.port).open()
    try:
        worker = scene.start_worker({"kafka.bootstrapServers": proxy.address}).wait_until_ready()
        for _ in range(2):
            getattr(proxy, trouble)()
            reasons = wait_until(lambda: unreachable(worker), "/readyz says that no broker is there", SECONDS_TO_NOTICE)
            assert all("stalled" not in reason for reason in reasons)
            assert worker.page("/healthz").status_code == 200, "a broker that is away is no reason to restart"
            shown = Exposition(worker.page("/metrics").text)
            assert (shown.sum("send_worker_ready"), shown.sum("send_worker_broker_up")) == (0, 0)
            # The state is that of the broker, not of a moment.
            holds_for(4, lambda: worker.page("/readyz").status_code == 503, "the worker is not ready")
            proxy.open()
            wait_until(lambda: worker.page("/readyz").status_code == 200, "the worker is ready again", 30)
        requests = texts(20)
        scene.topics.publish_requests(requests)
        scene.results.wait_for(len(requests), timeout=40, alive=[worker.process])
        scene.stop_worker(worker)
    finally:
        proxy.close()


def unreachable(worker):
    """Why the worker is not ready, once the brokers are among it."""
    reasons = worker.page("/readyz").json().get("reasons", [])
    return reasons if "no Kafka broker can be reached" in reasons else None


def honest(results):
    """Results without second ones that own up to being second.

    Where noida-db ends, it keeps an open transaction's records and may forget its offsets, so what was in it may come again.
    """
    seen = set()
    kept = []
    for result in sorted(results, key=lambda result: result["completed_at"]):
        is_second = result["request_id"] in seen
        seen.add(result["request_id"])
        if not (is_second and result["possible_duplicate"]):
            kept.append(result)
    return kept


def assert_no_flood(worker, when, lines_before=0):
    def is_quiet():
        return len(worker.log_lines) - lines_before <= LINES_IN_FOUR_SECONDS

    holds_for(4, is_quiet, f"at most {LINES_IN_FOUR_SECONDS} lines are logged {when}")
    assert worker.process.exit_code is None
