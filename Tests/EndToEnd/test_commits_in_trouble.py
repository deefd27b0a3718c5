"""What keeps commits from going through on Apache Kafka: a quota, a topic that is gone."""

import subprocess

import pytest
from kafka import KafkaAdminClient

from stage.traffic import text_request, texts
from stage.verdicts import assert_one_result_each, decoded
from stage.waiting import wait_until


@pytest.fixture
def cluster(make_cluster):
    return make_cluster()


@pytest.fixture
def admin(cluster):
    admin = KafkaAdminClient(bootstrap_servers=cluster.bootstrap)
    yield admin
    admin.close()


@pytest.fixture
def stage_on(make_scene, cluster):
    scene = make_scene(cluster)
    scene.create_topics()
    scene.simulator.start()
    return scene


def limit_producers(cluster, scene, bytes_per_second):
    """A quota for whoever calls itself as the worker's clients do."""
    change = ["--delete-config", "producer_byte_rate"]
    if bytes_per_second:
        change = ["--add-config", f"producer_byte_rate={bytes_per_second}"]
    command = [cluster.distribution.home / "bin/kafka-configs.sh", "--bootstrap-server", cluster.bootstrap, "--alter"]
    done = subprocess.run(
        [*command, *change, "--entity-type", "clients", "--entity-name", "limited"],
        env=cluster.distribution.environment(scene.directory),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.timeout(300)
@pytest.mark.parametrize("guarantee", ["exactly_once", "at_least_once"])
def test_a_quota_makes_commits_smaller_and_none_is_lost(cluster, stage_on, guarantee):
    limit_producers(cluster, stage_on, 20_000)
    requests = texts(1_500, accounts=50)
    stage_on.topics.publish_requests(requests)
    worker = stage_on.start_worker({"kafka.properties.client.id": "limited"}).wait_until_ready()
    worker.wait_for_log("throttles this worker", timeout=120)
    stage_on.results.wait_for(1_500, timeout=200, alive=[worker.process])
    limit_producers(cluster, stage_on, None)
    stage_on.stop_worker(worker)
    assert_one_result_each(decoded(stage_on.results.read_to_end()), [request["request_id"] for request in requests])
    assert stage_on.simulator.summary()["duplicate_messages"] == 0


@pytest.mark.timeout(180)
@pytest.mark.parametrize("guarantee", ["exactly_once", "at_least_once"])
def test_a_topic_that_is_deleted_is_named_and_what_is_lost_is_counted(stage_on, admin, guarantee):
    worker = stage_on.start_worker({"worker.drainTimeout": "5s"}).wait_until_ready()
    stage_on.topics.publish_requests(texts(5, prefix="before"))
    stage_on.results.wait_for(5)
    admin.delete_topics([stage_on.topics.dead_letters])
    stage_on.topics.publish_requests([{**text_request(f"wrong{n}"), "unheard_of": 1} for n in range(3)])
    worker.wait_for_log("not exist any more", timeout=90)
    assert stage_on.topics.dead_letters in worker.process.log
    wait_until(lambda: worker.page("/readyz").status_code == 503, "the worker is not ready", 30, [worker.process])
    assert worker.stop(60) == 1
    assert "3 outcomes could not be committed" in worker.process.log, worker.process.log[-2_000:]


@pytest.mark.timeout(180)
def test_a_topic_that_is_deleted_and_made_again_gets_what_waited(stage_on, admin):
    worker = stage_on.start_worker().wait_until_ready()
    admin.delete_topics([stage_on.topics.dead_letters])
    stage_on.topics.publish_requests([{**text_request(f"wrong{n}"), "unheard_of": 1} for n in range(3)])
    worker.wait_for_log("not exist any more", timeout=90)
    stage_on.create_topics()
    stage_on.results.wait_for(3, timeout=90, alive=[worker.process])
    stage_on.dead_letters.wait_for(3)
    stage_on.stop_worker(worker)
