"""What happens to the requests topic: it gets more partitions while the worker runs, or deletes what nobody has read."""

import pytest
from kafka import TopicPartition
from kafka.admin import KafkaAdminClient, NewPartitions

from stage.scene import PARTITIONS
from stage.traffic import text_request
from stage.verdicts import assert_all_sent, assert_one_result_each, decoded
from stage.waiting import wait_until

MORE = PARTITIONS + 3


def states(worker):
    """How each partition stands, by its number."""
    return {entry["partition"]: entry["state"] for entry in worker.page("/api/status").json()["partition_states"]}


@pytest.mark.timeout(120)
def test_new_partitions_wait_for_the_state_topic_and_the_others_do_not(scene):
    worker = scene.start_worker({"kafka.properties.topic.metadata.refresh.interval.ms": 500}).wait_until_ready()
    admin = KafkaAdminClient(bootstrap_servers=scene.broker.bootstrap)
    try:
        admin.create_partitions({scene.topics.requests: NewPartitions(MORE)})
        expected = {number: "active" if number < PARTITIONS else "restoring" for number in range(MORE)}
        wait_until(lambda: states(worker) == expected, "the old partitions go on, the new ones wait")
        assert worker.page("/readyz").status_code == 200, "some of its partitions are at work"
        worker.wait_for_log("the state topic lacks partitions that the requests topic has")
        wait_until(lambda: "send_worker_partitions_restoring 3\n" in worker.page("/metrics").text, "the metric counts them")

        requests = [text_request(f"r{n}", account=n, conversation=n) for n in range(50)]
        places = scene.topics.publish_requests(requests)
        reachable = sum(1 for partition, _ in places if partition < PARTITIONS)
        assert 0 < reachable < len(requests), "the accounts lie in old and new partitions"
        scene.results.wait_for(reachable)

        admin.create_partitions({scene.topics.state: NewPartitions(MORE)})
        results = decoded(scene.results.wait_for(len(requests)))
        assert_one_result_each(results, [request["request_id"] for request in requests])
        assert_all_sent(results)
        assert set(states(worker).values()) == {"active"}
        scene.stop_worker(worker)
    finally:
        admin.close()


@pytest.mark.timeout(120)
def test_requests_that_the_topic_deletes_before_they_are_read_are_told(scene):
    worker = scene.start_worker().wait_until_ready()
    first = [text_request(f"first-{n}", account=1, conversation=n) for n in range(5)]
    scene.topics.publish_requests(first)
    scene.results.wait_for(len(first))
    scene.stop_worker(worker)

    missed = [text_request(f"missed-{n}", account=1, conversation=n) for n in range(20)]
    (partition, start), *_ = scene.topics.publish_requests(missed)
    admin = KafkaAdminClient(bootstrap_servers=scene.broker.bootstrap)
    try:
        admin.delete_records({TopicPartition(scene.topics.requests, partition): start + 15})
    finally:
        admin.close()

    worker = scene.start_worker().wait_until_ready()
    line = worker.wait_for_log("requests were deleted from the topic before they were read")
    assert "offsets=15" in worker.log_lines[line - 1], worker.log_lines[line - 1]
    assert "send_worker_deleted_unread_offsets_total 15\n" in worker.page("/metrics").text
    results = decoded(scene.results.wait_for(len(first) + 5))
    assert_one_result_each(results, [request["request_id"] for request in [*first, *missed[15:]]])
    scene.stop_worker(worker)
