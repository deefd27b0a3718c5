"""The requests topic is deleted and made anew, or its log is cut back, under a running worker or while all are away."""

import pytest
from kafka import KafkaAdminClient
from kafka.admin import NewTopic

from stage.scene import PARTITIONS
from stage.traffic import texts
from stage.verdicts import assert_all_sent, assert_one_result_each, decoded
from stage.waiting import wait_until

FIRST, SECOND = 300, 100


@pytest.fixture
def admin(scene):
    if not scene.broker.is_kafka:
        pytest.skip("noida-db makes topics by itself")
    admin = KafkaAdminClient(bootstrap_servers=scene.broker.bootstrap)
    yield admin
    admin.close()


def make_anew(scene, admin):
    admin.delete_topics([scene.topics.requests])
    wait_until(lambda: scene.topics.requests not in admin.list_topics(), "the topic is gone")

    def is_made():
        try:
            admin.create_topics([NewTopic(scene.topics.requests, PARTITIONS, 1)])
        except Exception:  # noqa: BLE001  The controller may still be at it.
            return False
        return True

    wait_until(is_made, "the topic is there again")


def names(requests):
    return [request["request_id"] for request in requests]


def await_all(scene, requests):
    results = decoded(scene.results.wait_for(len(requests)))
    assert_one_result_each(results, names(requests))
    assert_all_sent(results)
    calls = scene.simulator.calls()
    assert len(calls) == len(requests), f"{len(calls)} calls for {len(requests)} requests"


@pytest.mark.timeout(180)
@pytest.mark.parametrize("guarantee", ["exactly_once", "at_least_once"])
def test_a_topic_made_anew_under_a_running_worker_loses_no_request(scene, admin):
    worker = scene.start_worker({"kafka.properties.topic.metadata.refresh.interval.ms": 1000}).wait_until_ready()
    first = texts(FIRST, accounts=20, prefix="first-")
    scene.topics.publish_requests(first)
    scene.results.wait_for(FIRST)

    make_anew(scene, admin)
    second = texts(SECOND, accounts=20, prefix="second-")
    scene.topics.publish_requests(second)

    def is_done():
        scene.results.poll()
        return len(scene.results.records) >= FIRST + SECOND or worker.process.exit_code is not None

    wait_until(is_done, "all have their results, or the worker refuses", 90)
    if worker.process.exit_code is not None:
        assert worker.process.exit_code == 3
        assert "deleted and made anew" in worker.process.log
        worker = scene.start_worker().wait_until_ready()
    await_all(scene, first + second)
    scene.stop_worker(worker)


@pytest.mark.timeout(180)
def test_a_topic_made_anew_while_all_are_away_is_read_from_its_beginning(scene, admin):
    worker = scene.start_worker().wait_until_ready()
    first = texts(FIRST, accounts=20, prefix="first-")
    scene.topics.publish_requests(first)
    scene.results.wait_for(FIRST)
    scene.stop_worker(worker)

    make_anew(scene, admin)
    second = texts(SECOND, accounts=20, prefix="second-")
    scene.topics.publish_requests(second)
    worker = scene.start_worker().wait_until_ready()
    await_all(scene, first + second)
    worker.wait_for_log("the topic was deleted and made anew; it is read from its beginning")
    scene.stop_worker(worker)
