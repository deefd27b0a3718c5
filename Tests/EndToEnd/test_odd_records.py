"""Records that cannot be written as they are: no record keeps a replica from committing."""

import json

import pytest
from kafka import KafkaAdminClient, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType

from stage.traffic import account_id, text_request, texts

GOOD = 300
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture(params=["exactly_once", "at_least_once"])
def guarantee(request):
    return request.param


def publish_compressed(scene, records):
    """Larger than what the topic takes uncompressed."""
    producer = KafkaProducer(
        bootstrap_servers=scene.topics.bootstrap, acks="all", compression_type="gzip", max_request_size=20_000_000
    )
    try:
        for future in [producer.send(scene.topics.requests, **record) for record in records]:
            future.get(60)
    finally:
        producer.close(10)


def limit(scene, topic, size):
    admin = KafkaAdminClient(bootstrap_servers=scene.topics.bootstrap)
    try:
        admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs={"max.message.bytes": str(size)})])
    finally:
        admin.close()


def headers_of(record):
    return {name: (value or b"").decode() for name, value in record.headers}


@pytest.mark.timeout(180)
def test_records_that_fit_into_no_topic_have_their_results_and_hold_up_nobody(scene):
    if not scene.broker.is_kafka:
        pytest.skip("only Apache Kafka tells its limits apart")
    odd = [
        {"key": b"k" * 3_000_000, "value": b"no JSON"},
        {"key": b"1", "value": b"{}", "headers": [("own", b"h" * 3_000_000)]},
        {
            "key": account_id(1).encode(),
            "value": json.dumps(text_request("traced", account=1)).encode(),
            "headers": [("traceparent", b"a" * 1_100_000)],
        },
    ]
    publish_compressed(scene, odd)
    scene.topics.publish_requests(texts(GOOD))
    worker = scene.start_worker().wait_until_ready()

    results = {json.loads(record.value)["request_id"] for record in scene.results.wait_for(GOOD + 3)}
    assert len(results) == GOOD + 2, "two records name no request"
    letters = scene.dead_letters.wait_for(2)
    assert len(letters) == 2
    for letter in letters:
        assert int(headers_of(letter)["dlq-omitted-bytes"]) > 1_900_000
    keyed = next(letter for letter in letters if letter.key != b"1")
    assert len(keyed.key) > 1_000_000 and not keyed.value
    beheaded = next(letter for letter in letters if letter.key == b"1")
    assert beheaded.value == b"{}"

    metrics = worker.page("/metrics").text
    assert 'send_worker_substituted_records_total{topic="dead_letters"} 2' in metrics
    scene.stop_worker(worker)
    assert sum("larger than its topic takes" in line for line in worker.log_lines) == 1
    again = scene.start_worker().wait_until_ready()
    scene.stop_worker(again)
    assert len(scene.results.read_to_end()) == GOOD + 3, "the offsets have moved"
    calls = scene.simulator.calls()
    assert len(calls) == GOOD + 1
    assert all(not call.get("traceparent") for call in calls)


@pytest.mark.timeout(180)
@pytest.mark.parametrize("which", ["results", "dead_letters", "state"])
def test_topics_that_take_little_get_little_at_a_time(scene, which):
    if not scene.broker.is_kafka:
        pytest.skip("only Apache Kafka keeps to max.message.bytes")
    limit(scene, getattr(scene.topics, which), 20_000)
    requests = texts(1_500, accounts=40)
    wrong = [{**text_request(f"wrong{n}"), "padding": "x" * 30_000} for n in range(20)]
    scene.topics.publish_requests(requests + wrong)
    worker = scene.start_worker().wait_until_ready()
    scene.results.wait_for(1_520)
    scene.dead_letters.wait_for(20)
    scene.stop_worker(worker)
    assert len(scene.results.read_to_end()) == 1_520
    letters = scene.dead_letters.read_to_end()
    assert len(letters) == 20
    if which == "dead_letters":
        assert all("dlq-omitted-bytes" in headers_of(letter) for letter in letters)


@pytest.mark.timeout(180)
def test_a_limit_that_is_lowered_under_a_running_worker_is_kept_to(scene):
    if not scene.broker.is_kafka:
        pytest.skip("only Apache Kafka keeps to max.message.bytes")
    worker = scene.start_worker().wait_until_ready()
    scene.topics.publish_requests(texts(20, prefix="before"))
    scene.results.wait_for(20)
    for topic in (scene.topics.results, scene.topics.dead_letters):
        limit(scene, topic, 3_000)
    context = {"text": "c" * 3_500}
    scene.topics.publish_requests([{**request, "context": context} for request in texts(200, prefix="after")])
    wrong = [{**text_request(f"wrong{n}"), "padding": "x" * 30_000} for n in range(5)]
    scene.topics.publish_requests(wrong)
    scene.results.wait_for(225)
    scene.stop_worker(worker)
    results = [json.loads(record.value) for record in scene.results.read_to_end()]
    assert len(results) == 225
    after = [result for result in results if result["request_id"].startswith("after")]
    assert all(result["omitted"] == ["context"] and "context" not in result for result in after)
    assert len(scene.dead_letters.read_to_end()) == 5
