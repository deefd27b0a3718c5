"""SIGTERM in the middle of a load: nothing is lost, nothing is done twice."""

import pytest

from stage.traffic import texts
from stage.verdicts import assert_all_sent, assert_one_result_each, assert_texts_in_order, decoded
from stage.waiting import wait_until


@pytest.mark.timeout(60)
def test_a_second_worker_goes_on_where_the_first_was_told_to_stop(scene):
    scene.simulator.add_faults({"effect": "latency", "fixed": "60ms", "jitter": "60ms"})
    requests = texts(600, accounts=6, conversations=4)
    first = scene.start_worker().wait_until_ready()
    scene.topics.publish_requests(requests)
    wait_until(lambda: scene.simulator.summary()["accepted_messages"] >= 100, "the load runs", alive=[first.process])
    scene.stop_worker(first)
    done_by_first = scene.simulator.summary()["accepted_messages"]
    assert done_by_first < len(requests), "the worker was stopped too late to matter"
    assert len(scene.results.read_to_end()) == done_by_first, "what was sent has not all been told"

    second = scene.start_worker().wait_until_ready()
    scene.results.wait_for(len(requests), timeout=40, alive=[second.process])
    scene.stop_worker(second)
    results = decoded(scene.results.read_to_end())
    assert_one_result_each(results, [request["request_id"] for request in requests])
    assert_all_sent(results)
    assert scene.simulator.summary()["duplicate_messages"] == 0
    assert_texts_in_order(scene.simulator, requests)


@pytest.mark.timeout(60)
def test_an_idle_worker_stops_at_once(scene):
    worker = scene.start_worker().wait_until_ready()
    scene.stop_worker(worker)
    assert not scene.results.read_to_end()


@pytest.mark.timeout(60)
def test_a_worker_that_waits_for_its_broker_can_be_stopped(make_scene, private_broker):
    scene = make_scene(private_broker)
    scene.create_topics()
    private_broker.stop()
    worker = scene.start_worker()
    worker.wait_for_log("Kafka cannot be asked")
    assert worker.stop() == 0
