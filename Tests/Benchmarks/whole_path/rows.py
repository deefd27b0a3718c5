"""The runs of the table: who does how much of the path, and at which price."""

import re
import sys

from kafka import KafkaConsumer, TopicPartition
from stage.waiting import wait_until

from .place import PARTITIONS, SOURCES
from .sampling import Watch

IN_FLIGHT = 64
LIMIT_SECONDS = 240
#: Fewer are over within a few transactions, whose results all appear at their ends.
KAFKA_MESSAGES = 500_000
MUCH_IN_DOUBT = 10_000
SLOW_IN_FLIGHT, SLOW_MS = 4_000, 100
#: What is in flight, and what ends within the time that a commit takes.
SLOW_IN_DOUBT = 2 * SLOW_IN_FLIGHT


def floor(place, messages):
    topics = place.fresh_topics(messages)
    process = place.start("floor", [place.floor, "path", place.nginx.plain_port, IN_FLIGHT, *_names(place, topics)])
    return _against_nginx(place, process, messages)


def floor_calls(place, messages):
    process = place.start("floor", [place.floor, "calls", place.nginx.plain_port, IN_FLIGHT])
    return _against_nginx(place, process, messages, has_broker=False)


def floor_kafka(place, _):
    topics = place.fresh_topics(KAFKA_MESSAGES)
    process = place.start("floor", [place.floor, "kafka", *_names(place, topics)])
    consumer = KafkaConsumer(bootstrap_servers=place.broker.bootstrap)
    partitions = [TopicPartition(topics.results, number) for number in range(PARTITIONS)]
    try:
        watch = Watch(process, lambda: sum(consumer.end_offsets(partitions).values()), broker=place.broker.process)
        return watch.measure(KAFKA_MESSAGES, LIMIT_SECONDS)
    finally:
        consumer.close()


def wrk(place, messages):
    return _wrk(place, messages, place.nginx.plain_url)


def wrk_tls(place, messages):
    return _wrk(place, messages, place.nginx.tls_url)


def bridge(place, messages):
    topics = place.fresh_topics(messages)
    words = [place.broker.bootstrap, topics.requests, topics.group, place.nginx.plain_url, IN_FLIGHT]
    return _against_nginx(place, place.start("bridge", [sys.executable, SOURCES / "bridge.py", *words]), messages)


def exactly_once(place, messages):
    return _worker(place, messages, place.nginx.plain_url, "exactly_once")


def at_least_once(place, messages):
    return _worker(place, messages, place.nginx.plain_url, "at_least_once")


def exactly_once_in_doubt(place, messages):
    """With so much room that calls wait for no commit."""
    doubt = {"delivery.maxInDoubt": MUCH_IN_DOUBT}
    return _worker(place, messages, place.nginx.plain_url, "exactly_once", **doubt)


def exactly_once_tls(place, messages):
    return _worker(place, messages, place.nginx.tls_url, "exactly_once")


def slow_floor(place, messages):
    stub = place.start_stub(SLOW_MS)
    topics = place.fresh_topics(messages)
    process = place.start("floor", [place.floor, "path", stub.port, SLOW_IN_FLIGHT, *_names(place, topics)])
    return _watch(place, process, stub, messages)


def slow_worker(place, messages):
    stub = place.start_stub(SLOW_MS)
    topics = place.fresh_topics(messages)
    many = {"worker.maxInFlight": SLOW_IN_FLIGHT, "delivery.maxInDoubt": SLOW_IN_DOUBT}
    worker = place.start_worker(topics, stub.url, "exactly_once", **many)
    return _checked(_watch(place, worker.process, stub, messages), worker, messages)


#: By the name that --only takes: what the table calls it, and what measures it.
ROWS = {
    "floor": ("floor: Kafka, calls, Kafka", floor),
    "floor-calls": ("floor, the calls alone", floor_calls),
    "floor-kafka": ("floor, Kafka in and out alone", floor_kafka),
    "wrk": ("wrk, plain", wrk),
    "wrk-tls": ("wrk, TLS", wrk_tls),
    "bridge": ("mq-bridge: Kafka, calls", bridge),
    "exactly-once": ("worker, exactly_once", exactly_once),
    "at-least-once": ("worker, at_least_once", at_least_once),
    "exactly-once-in-doubt": (f"worker, {MUCH_IN_DOUBT:,} in doubt", exactly_once_in_doubt),
    "exactly-once-tls": ("worker, exactly_once, TLS", exactly_once_tls),
    "slow-floor": (f"floor, {SLOW_IN_FLIGHT:,} calls of {SLOW_MS} ms", slow_floor),
    "slow-worker": (f"worker, {SLOW_IN_FLIGHT:,} calls of {SLOW_MS} ms", slow_worker),
}


def _names(place, topics):
    return [place.broker.bootstrap, topics.requests, topics.results, topics.group]


def _wrk(place, messages, url):
    command = ["wrk", "-t1", f"-c{IN_FLIGHT}", f"-d{LIMIT_SECONDS}s", "-s", SOURCES / "post.lua", url]
    return _against_nginx(place, place.start("wrk", command), messages, has_broker=False)


def _worker(place, messages, url, guarantee, **settings):
    topics = place.fresh_topics(messages)
    worker = place.start_worker(topics, url, guarantee, **{"worker.maxInFlight": IN_FLIGHT, **settings})
    return _checked(_against_nginx(place, worker.process, messages), worker, messages)


def _against_nginx(place, process, messages, has_broker=True):
    return _watch(place, process, place.nginx, messages, has_broker)


def _watch(place, process, stub, messages, has_broker=True):
    """Progress is counted where the calls arrive, which costs whoever is measured nothing."""
    broker = place.broker.process if has_broker else None
    before = stub.calls()
    return Watch(process, lambda: stub.calls() - before, broker, stub.process).measure(messages, LIMIT_SECONDS)


def _checked(figures, worker, messages):
    """A worker that took the answers for something else would be fast, and measured in vain."""
    wait_until(lambda: sum(_results(worker).values()) >= messages, "all results", 30, alive=[worker.process])
    if _results(worker) != {"sent": messages}:
        raise AssertionError(f"{messages} requests have these results: {_results(worker)}")
    figures.turn_p99 = _turn_p99(worker.page("/metrics").text)
    return figures


def _turn_p99(metrics):
    """In milliseconds, rounded up to the bound of a bucket."""
    found = re.findall(r'^send_worker_loop_turn_seconds_bucket\{le="([^"]+)"\} (\S+)$', metrics, re.M)
    buckets = [(float(bound), float(count)) for bound, count in found]
    return next(bound for bound, count in buckets if count >= 0.99 * buckets[-1][1]) * 1_000


def _results(worker):
    """How many there are of each status."""
    text = worker.page("/metrics").text
    found = {}
    for status, count in re.findall(r'^send_worker_results_total\{[^}]*status="(\w+)"[^}]*\} (\S+)$', text, re.M):
        found[status] = found.get(status, 0) + int(float(count))
    return {status: count for status, count in found.items() if count}
