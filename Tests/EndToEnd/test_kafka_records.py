"""What only Kafka does to records: compressed batches, the broker's own timestamps, odd ones, and topics that grow."""

import json
import time

import pytest
from kafka import KafkaProducer
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient, NewPartitions

from stage.prometheus import Exposition
from stage.scene import PARTITIONS
from stage.traffic import texts
from stage.verdicts import assert_all_sent, assert_one_result_each, decoded
from stage.worker import set_options

GROWN = 2 * PARTITIONS
LATENCY_LIMIT_SECONDS = 300


def change_topic(scene, topic, **configuration):
    admin = KafkaAdminClient(bootstrap_servers=scene.broker.bootstrap)
    try:
        settings = {name.replace("_", "."): value for name, value in configuration.items()}
        admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs=settings)])
    finally:
        admin.close()


def settle(scene, requests, workers, timeout=60):
    scene.results.wait_for(len(requests), timeout, [worker.process for worker in workers])
    for worker in workers:
        scene.stop_worker(worker)
    results = decoded(scene.results.read_to_end())
    assert_one_result_each(results, [request["request_id"] for request in requests])
    assert_all_sent(results)
    assert scene.simulator.summary()["duplicate_messages"] == 0


@pytest.mark.timeout(90)
@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
def test_compressed_batches(kafka_scene, codec):
    """The requests are published compressed, and the worker writes and reads its own state compressed too."""
    scene = kafka_scene
    # The independent reader has no library for some of them: it gets the results as they are.
    for topic in (scene.topics.results, scene.topics.dead_letters):
        change_topic(scene, topic, compression_type="uncompressed")
    compressed = {"kafka.properties.compression.type": codec}
    requests = texts(300, accounts=20)
    for part in (requests[:150], requests[150:]):
        lines = "\n".join(json.dumps(request) for request in part)
        done = scene.command("publish", *set_options({**scene.kafka_settings, **compressed}), text=lines)
        assert done.returncode == 0, done.stdout + done.stderr
        # The second worker reads what the first one wrote.
        worker = scene.start_worker(compressed).wait_until_ready()
        scene.results.wait_for(requests.index(part[-1]) + 1, alive=[worker.process])
        if part[-1] != requests[-1]:
            scene.stop_worker(worker)
    settle(scene, requests, [worker])


def publish_at(scene, requests, timestamp):
    topic = scene.topics.requests
    producer = KafkaProducer(bootstrap_servers=scene.broker.bootstrap, acks="all")
    try:
        sent = [
            producer.send(topic, key=each["account_id"].encode(), value=json.dumps(each).encode(), timestamp_ms=timestamp)
            for each in requests
        ]
        for each in sent:
            each.get(30)
    finally:
        producer.close(10)


@pytest.mark.timeout(90)
def test_log_append_time(kafka_scene):
    """The broker's time counts, whatever producers say."""
    scene = kafka_scene
    for topic in (scene.topics.requests, scene.topics.results, scene.topics.state):
        change_topic(scene, topic, message_timestamp_type="LogAppendTime")
    worker = scene.start_worker().wait_until_ready()
    requests = texts(50)
    publish_at(scene, requests, 1)
    scene.results.wait_for(len(requests), alive=[worker.process])
    assert received_latencies(worker) < LATENCY_LIMIT_SECONDS * len(requests)
    settle(scene, requests, [worker])
    for result in decoded(scene.results.records):
        assert result["received_at"].startswith(time.strftime("%Y-", time.gmtime())), result


def received_latencies(worker):
    """Seconds from publishing to the end, over all requests, as the metrics count them."""
    return Exposition(worker.page("/metrics").text).sum("send_worker_request_latency_seconds_sum")


@pytest.mark.timeout(90)
@pytest.mark.parametrize("hours", [None, 0, 1], ids=["none", "zero", "an-hour-ahead"])
def test_odd_timestamps(kafka_scene, hours):
    """A record without a timestamp (-1), one of 1970, and the latest that Kafka takes: each is sent, none counts as slow."""
    scene = kafka_scene
    worker = scene.start_worker().wait_until_ready()
    requests = texts(50)
    timestamp = {None: -1, 0: 0, 1: int((time.time() + 3_540) * 1_000)}[hours]
    publish_at(scene, requests, timestamp)
    scene.results.wait_for(len(requests), alive=[worker.process])
    assert 0 <= received_latencies(worker) < LATENCY_LIMIT_SECONDS * len(requests)
    settle(scene, requests, [worker])


@pytest.mark.timeout(120)
def test_grown_topics_serve_a_replica_that_joins_at_once(kafka_scene):
    """All topics get more partitions under a running worker, and a second one joins in the same moment."""
    scene = kafka_scene
    first = scene.start_worker({"kafka.properties.topic.metadata.refresh.interval.ms": 2_000}).wait_until_ready()
    requests = texts(200, accounts=40)
    scene.topics.publish_requests(requests)
    scene.results.wait_for(len(requests), alive=[first.process])
    admin = KafkaAdminClient(bootstrap_servers=scene.broker.bootstrap)
    try:
        topics = scene.topics
        grown = {name: NewPartitions(GROWN) for name in (topics.state, topics.requests, topics.results, topics.dead_letters)}
        admin.create_partitions(grown)
    finally:
        admin.close()
    # The new partitions are for a reader of its own.
    scene.forget_readers()
    second = scene.start_worker()
    more = texts(600, accounts=40)[200:]
    scene.topics.publish_requests(more)
    settle(scene, [*requests, *more], [first, second], timeout=90)
