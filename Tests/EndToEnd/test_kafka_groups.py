"""Memberships in a group of Apache Kafka: cooperative-sticky, and static ones."""

import signal

import pytest
from kafka.admin import KafkaAdminClient

from stage.traffic import texts
from stage.verdicts import assert_all_sent, assert_one_result_each, assert_texts_in_order, decoded
from stage.waiting import wait_until

SESSION_SECONDS = 8
SETTINGS = {
    "kafka.properties.session.timeout.ms": SESSION_SECONDS * 1_000,
    "kafka.properties.heartbeat.interval.ms": 1_000,
}
LATENCY = {"effect": "latency", "fixed": "20ms", "jitter": "40ms"}


def described(scene):
    admin = KafkaAdminClient(bootstrap_servers=scene.broker.bootstrap)
    try:
        return admin.describe_groups([scene.topics.group])[scene.topics.group]
    finally:
        admin.close()


def partitions(worker):
    page = worker.page("/api/status")
    return set(page.json()["partitions"]) if page else set()


def share(workers, count=6):
    """Waits until the workers share all partitions, none of which two have; gives each one's."""

    def is_shared():
        held = [partitions(worker) for worker in workers]
        return held if all(held) and sum(map(len, held)) == count and len(set().union(*held)) == count else None

    return wait_until(is_shared, "the workers share all partitions", 60, [worker.process for worker in workers])


def publish(scene, requests, count=100):
    number = len(requests)
    requests += texts(number + count, accounts=20, conversations=3)[number:]
    scene.topics.publish_requests(requests[number:])


def settle(scene, requests, workers):
    scene.results.wait_for(len(requests), 60, [worker.process for worker in workers])
    for worker in workers:
        scene.stop_worker(worker)
    results = decoded(scene.results.read_to_end())
    assert_one_result_each(results, [request["request_id"] for request in requests])
    assert_all_sent(results)


@pytest.mark.timeout(180)
def test_cooperative_members_join_and_leave_and_the_others_keep_what_is_theirs(kafka_scene):
    scene, requests = kafka_scene, []
    scene.simulator.add_faults(LATENCY)
    workers = [scene.start_worker(SETTINGS).wait_until_ready()]
    for _ in range(2):
        publish(scene, requests)
        before = [partitions(worker) for worker in workers]
        workers.append(scene.start_worker(SETTINGS).wait_until_ready())
        after = share(workers)
        for had, has in zip(before, after):
            assert has <= had, f"who had {had} was given {has}: nothing had to move but to the newcomer"
    assert described(scene)["protocol_data"] == "cooperative-sticky"
    publish(scene, requests)
    before = [partitions(worker) for worker in workers]
    scene.stop_worker(workers.pop())
    publish(scene, requests)
    for had, has in zip(before, share(workers)):
        assert has >= had, f"who had {had} lost some of it, and has {has}"
    settle(scene, requests, workers)
    assert scene.simulator.summary()["duplicate_messages"] == 0
    assert_texts_in_order(scene.simulator, requests)


@pytest.mark.timeout(120)
def test_a_static_member_that_is_killed_takes_its_place_again_within_the_session(kafka_scene):
    scene, requests = kafka_scene, []
    scene.simulator.add_faults(LATENCY)
    one, two = (scene.start_worker({**SETTINGS, "kafka.instanceId": name}) for name in ("one", "two"))
    held = share([one, two])
    publish(scene, requests)
    scene.results.wait_for(50)
    lines = len(two.log_lines)
    one.process.send_signal(signal.SIGKILL)
    one.process.wait(10)
    one = scene.start_worker({**SETTINGS, "kafka.instanceId": "one"}).wait_until_ready()
    assert share([one, two]) == held, "each has what it had"
    publish(scene, requests)
    scene.results.wait_for(len(requests), 60, [one.process, two.process])
    moved = [line for line in two.log_lines[lines:] if "partitions assigned" in line]
    assert not moved, f"the other one noticed: {moved}"
    settle(scene, requests, [one, two])


@pytest.mark.timeout(120)
def test_a_second_process_with_the_same_static_id_ends_the_first(kafka_scene):
    scene, requests = kafka_scene, []
    scene.simulator.add_faults(LATENCY)
    settings = {**SETTINGS, "kafka.instanceId": "one"}
    first = scene.start_worker(settings).wait_until_ready()
    publish(scene, requests, 200)
    scene.results.wait_for(30)
    second = scene.start_worker(settings)

    def has_ended():
        publish(scene, requests, 5)
        return first.process.exit_code is not None

    wait_until(has_ended, "the first process ends", 60, [second.process])
    assert first.process.exit_code == 3, first.log_lines[-5:]
    assert any("kafka.instanceId" in line for line in first.log_lines[-8:]), first.log_lines[-8:]
    assert share([second])
    settle(scene, requests, [second])


@pytest.mark.timeout(120)
def test_a_static_member_that_ends_in_order_leaves_at_once(kafka_scene):
    scene, requests = kafka_scene, []
    scene.simulator.add_faults(LATENCY)
    settings = {**SETTINGS, "kafka.properties.session.timeout.ms": 45_000}
    one, two = (scene.start_worker({**settings, "kafka.instanceId": name}) for name in ("one", "two"))
    share([one, two])
    publish(scene, requests)
    scene.stop_worker(one)
    wait_until(lambda: len(described(scene)["members"]) == 1, "the group has one member, long before a session is over", 15)
    share([two])
    publish(scene, requests)
    settle(scene, requests, [two])
    assert scene.simulator.summary()["duplicate_messages"] == 0
