"""Offsets of the worker's group that somebody else has moved, and groups that share topics."""

import json
import threading
import zlib

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.coordinator.assignors.range import RangePartitionAssignor

from stage.scene import PARTITIONS
from stage.traffic import texts
from stage.verdicts import assert_all_sent, assert_one_result_each, decoded
from stage.waiting import wait_until
from stage.worker import set_options


@pytest.fixture
def admin(scene):
    admin = KafkaAdminClient(bootstrap_servers=scene.broker.bootstrap)
    yield admin
    admin.close()


def partitions(scene):
    return [TopicPartition(scene.topics.requests, number) for number in range(PARTITIONS)]


def names(requests):
    return [request["request_id"] for request in requests]


def publish(scene, count, prefix):
    requests = texts(count, accounts=20, prefix=prefix)
    scene.topics.publish_requests(requests)
    return requests


def await_results(scene, requests):
    results = decoded(scene.results.wait_for(len(requests)))
    assert_one_result_each(results, names(requests))
    assert_all_sent(results)


def assert_each_called_once(scene, requests):
    markers = [call["marker"] for call in scene.simulator.calls()]
    assert sorted(markers) == sorted(request["message"]["text"][:64] for request in requests)


class Stranger:
    """A consumer in the worker's group that commits whatever it reads, as the console consumer does."""

    def __init__(self, scene):
        self._scene = scene
        self._ended = threading.Event()
        self.read = 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        consumer = KafkaConsumer(
            self._scene.topics.requests,
            bootstrap_servers=self._scene.broker.bootstrap,
            group_id=self._scene.topics.group,
            enable_auto_commit=True,
            auto_commit_interval_ms=100,
            auto_offset_reset="earliest",
            partition_assignment_strategy=[RangePartitionAssignor],
        )
        while not self._ended.is_set():
            self.read += sum(len(records) for records in consumer.poll(timeout_ms=100).values())
        consumer.close()

    def leave(self):
        self._ended.set()
        self._thread.join(30)


@pytest.mark.timeout(180)
@pytest.mark.parametrize("guarantee", ["exactly_once", "at_least_once"])
def test_a_consumer_that_commits_in_the_workers_group_takes_no_request_away(scene, guarantee):
    if guarantee == "at_least_once" and not scene.broker.is_kafka:
        pytest.skip("noida-db takes no plain commit while a group rebalances")
    # A consumer joins only a group that knows its strategy.
    settings = {"kafka.properties.partition.assignment.strategy": "range", "kafka.properties.session.timeout.ms": 6000}
    worker = scene.start_worker(settings).wait_until_ready()
    requests = publish(scene, 200, "first-")
    scene.results.wait_for(len(requests))

    stranger = Stranger(scene)
    after = len(worker.log_lines)
    worker.wait_for_log("partitions given up", after=after, timeout=60)
    requests += publish(scene, 200, "second-")
    wait_until(lambda: stranger.read > 0, "the stranger reads some of the requests", 60)
    stranger.leave()
    requests += publish(scene, 200, "third-")

    await_results(scene, requests)
    assert_each_called_once(scene, requests)
    worker.wait_for_log("somebody else has committed an offset of the worker's group")
    assert 'send_worker_ignored_state_total{cause="moved_offset"}' in worker.page("/metrics").text
    scene.stop_worker(worker)


@pytest.mark.timeout(180)
@pytest.mark.parametrize("guarantee", ["exactly_once", "at_least_once"])
@pytest.mark.parametrize("direction", ["earliest", "latest", "deleted"])
def test_offsets_that_were_reset_while_the_workers_were_away_change_nothing(scene, admin, direction):
    worker = scene.start_worker().wait_until_ready()
    requests = publish(scene, 100, "first-")
    scene.results.wait_for(len(requests))
    scene.stop_worker(worker)

    requests += publish(scene, 100, "second-")
    move(scene, admin, direction)
    worker = scene.start_worker().wait_until_ready()
    await_results(scene, requests)
    assert_each_called_once(scene, requests)
    text = "the group has no committed offset any more" if direction == "deleted" else "--follow-moved-offsets"
    worker.wait_for_log(text)
    scene.stop_worker(worker)

    # What it committed is its own: nothing is odd any more.
    worker = scene.start_worker().wait_until_ready()
    worker.wait_for_log("state restored")
    assert not [line for line in worker.log_lines if text in line]
    scene.stop_worker(worker)


@pytest.mark.timeout(120)
def test_offsets_that_were_moved_on_purpose_are_followed_when_that_is_said(scene, admin):
    worker = scene.start_worker().wait_until_ready()
    first = publish(scene, 50, "first-")
    scene.results.wait_for(len(first))
    scene.stop_worker(worker)

    publish(scene, 50, "passed-over-")
    move(scene, admin, "latest")
    worker = scene.start_worker({}, "--follow-moved-offsets").wait_until_ready()
    worker.wait_for_log("going on from an offset that somebody else has committed")
    last = publish(scene, 50, "last-")
    await_results(scene, first + last)
    scene.stop_worker(worker)
    assert_one_result_each(decoded(scene.results.read_to_end()), names(first + last))


@pytest.mark.timeout(120)
def test_an_offset_of_somebody_elses_without_any_ledger_is_refused(scene, admin):
    requests = publish(scene, 50, "r-")
    move(scene, admin, "latest")
    worker = scene.start_worker()
    assert worker.process.wait(60) == 2
    assert "was not committed by a worker, and the state topic has no ledger" in worker.process.log
    assert scene.simulator.calls() == []

    admin.delete_group_offsets(scene.topics.group, partitions(scene))
    worker = scene.start_worker().wait_until_ready()
    await_results(scene, requests)
    scene.stop_worker(worker)


def move(scene, admin, direction):
    if direction == "deleted":
        admin.delete_group_offsets(scene.topics.group, partitions(scene))
        return
    consumer = KafkaConsumer(bootstrap_servers=scene.broker.bootstrap)
    ends = consumer.beginning_offsets if direction == "earliest" else consumer.end_offsets
    offsets = {partition: OffsetAndMetadata(offset, "", -1) for partition, offset in ends(partitions(scene)).items()}
    consumer.close()
    admin.alter_group_offsets(scene.topics.group, offsets)


# Two groups on the same topics


@pytest.mark.timeout(180)
def test_a_second_group_on_the_same_topics_is_refused_while_the_first_lives_and_takes_over_when_told(scene):
    first = scene.start_worker().wait_until_ready()
    requests = publish(scene, 50, "first-")
    scene.results.wait_for(len(requests))

    renamed = {"kafka.groupId": f"{scene.topics.group}-renamed"}
    takeover = {**renamed, "kafka.takeOverGroup": scene.topics.group}
    for settings in (renamed, takeover):
        second = scene.start_worker(settings)
        assert second.process.wait(60) == 2
        assert f"the consumer group {scene.topics.group}, which has 1 member now" in second.process.log
    assert first.process.exit_code is None
    checked = scene.command("config", "--check", *set_options({**scene.settings, **renamed}))
    assert checked.returncode == 2 and "two groups on the same topics" in checked.stdout, checked.stdout
    scene.stop_worker(first)

    requests += publish(scene, 50, "second-")
    third = scene.start_worker(renamed)
    assert third.process.wait(60) == 2
    assert f"kafka.takeOverGroup={scene.topics.group}" in third.process.log

    fourth = scene.start_worker(takeover).wait_until_ready()
    await_results(scene, requests)
    scene.stop_worker(fourth)
    assert_each_called_once(scene, requests)

    # Once: from now on the ledgers are its own.
    fifth = scene.start_worker(renamed).wait_until_ready()
    fifth.wait_for_log("state restored")
    scene.stop_worker(fifth)


@pytest.mark.timeout(120)
def test_two_groups_are_told_apart_before_anything_was_published(scene):
    first = scene.start_worker().wait_until_ready()
    state = scene.topics.reader(scene.topics.state)
    state.wait_for(PARTITIONS)
    second = scene.start_worker({"kafka.groupId": f"{scene.topics.group}-other"})
    assert second.process.wait(60) == 2
    scene.stop_worker(first)
    state.close()


# What producers do


@pytest.mark.timeout(120)
def test_producers_that_place_an_account_differently_are_told(scene):
    worker = scene.start_worker().wait_until_ready()
    requests = texts(60, accounts=30, prefix="r-")
    # kafka-python places keys as Java does.
    places = scene.topics.publish_requests(requests)
    scene.results.wait_for(len(requests))
    assert "send_worker_misplaced_requests_total 0\n" in worker.page("/metrics").text
    assert not [line for line in worker.log_lines if "producers disagree" in line]

    scene.topics.publish_requests(texts(60, accounts=30, prefix="crc-"), place=crc32_partition)
    scene.results.wait_for(2 * len(requests))
    worker.wait_for_log("producers disagree on the partition of an account")
    assert "send_worker_misplaced_requests_total 0\n" not in worker.page("/metrics").text
    assert len([line for line in worker.log_lines if "producers disagree" in line]) == 1
    scene.stop_worker(worker)

    # The command places them as Java does.
    lines = "\n".join(json.dumps(request) for request in texts(60, accounts=30, prefix="cmd-"))
    done = scene.command("publish", *set_options(scene.kafka_settings), text=lines)
    assert done.returncode == 0, done.stderr
    by_account = {request["account_id"]: partition for request, (partition, _) in zip(requests, places, strict=True)}
    reader = scene.topics.reader(scene.topics.requests)
    for record in reader.wait_for(180):
        request = json.loads(record.value)
        if request["request_id"].startswith("cmd-"):
            assert record.partition == by_account[request["account_id"]]
    reader.close()


def crc32_partition(key):
    return zlib.crc32(key) % PARTITIONS
