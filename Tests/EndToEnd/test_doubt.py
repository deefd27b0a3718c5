"""What the sudden end of a replica can double: at most delivery.maxInDoubt messages, at any moment of its life."""

import pytest

from stage.proxy import KafkaProxy
from stage.traffic import texts
from stage.verdicts import assert_all_sent, assert_one_result_each, decoded
from stage.waiting import wait_until

MOST = 120
BACKLOG = 3_000
SETTINGS = {
    "delivery.maxInDoubt": MOST,
    "worker.maxInFlight": MOST,
    "kafka.properties.session.timeout.ms": 6_000,
    "kafka.properties.heartbeat.interval.ms": 1_000,
}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("calls", [1, 300, 1_500])
@pytest.mark.parametrize("guarantee", ["exactly_once", "at_least_once"])
def test_a_killed_replica_doubles_no_more_than_it_may_have_in_doubt(scene, calls):
    """From its first call on: the first transaction of a producer takes about a second."""
    requests = backlog()
    scene.topics.publish_requests(requests)
    first = scene.start_worker(SETTINGS)
    await_accepted(scene, calls, first)
    first.process.abandon()
    assert accepted(scene) < BACKLOG, "the worker was killed too late to matter"

    second = scene.start_worker(SETTINGS)
    results = await_all(scene, second, requests)
    if scene.guarantee == "exactly_once":
        assert_one_result_each(results, [request["request_id"] for request in requests])
    assert doubled(scene) <= MOST


@pytest.mark.timeout(120)
def test_a_replica_fenced_by_another_with_its_static_id_doubles_no_more(scene):
    """The second process fences the first one's producer and takes its partitions at once."""
    settings = {**SETTINGS, "kafka.instanceId": "only-one"}
    requests = backlog()
    scene.topics.publish_requests(requests)
    first = scene.start_worker(settings)
    await_accepted(scene, 500, first)
    second = scene.start_worker(settings)
    assert first.process.wait(60) == 3
    assert_one_result_each(await_all(scene, second, requests), [request["request_id"] for request in requests])
    assert doubled(scene) <= MOST


@pytest.mark.timeout(180)
def test_slow_commits_stop_nothing(make_scene, private_broker):
    """Brokers 200 ms away in either direction: a transaction takes five round trips."""
    scene = make_scene(private_broker)
    scene.create_topics()
    scene.simulator.start()
    requests = backlog()
    proxy = KafkaProxy(private_broker.port, delay=0.2).open()
    try:
        worker = scene.start_worker({"kafka.bootstrapServers": proxy.address}).wait_until_ready()
        scene.topics.publish_requests(requests)
        results = await_all(scene, worker, requests)
        assert_one_result_each(results, [request["request_id"] for request in requests])
        told = [line for line in worker.log_lines if "commits are slow" in line]
        assert len(told) == 1 and "max_in_doubt=1000" in told[0], told
        assert not [line for line in worker.log_lines if "cannot be made durable" in line]
        assert doubled(scene) == 0
        scene.stop_worker(worker)
    finally:
        proxy.close()


def backlog():
    return texts(BACKLOG, accounts=50, conversations=20)


def accepted(scene):
    return scene.simulator.summary()["accepted_messages"]


def doubled(scene):
    return scene.simulator.summary()["duplicate_messages"]


def await_accepted(scene, count, worker):
    wait_until(lambda: accepted(scene) >= count, f"{count} messages are accepted", 60, alive=[worker.process])


def await_all(scene, worker, requests):
    """Every request has its result; the results read to the end."""
    wanted = {request["request_id"] for request in requests}

    def are_there():
        scene.results.poll()
        return wanted <= {result["request_id"] for result in decoded(scene.results.records)}

    wait_until(are_there, "every request has its result", 100, alive=[worker.process])
    results = decoded(scene.results.read_to_end())
    assert_all_sent(results)
    return results
