"""Connections that break under load while broker and endpoint live on, and so remember what they were told."""

from collections import Counter

import pytest

from stage.proxy import KafkaProxy, Proxy
from stage.traffic import texts
from stage.verdicts import (
    accepted_order,
    assert_all_sent,
    assert_one_result_each,
    assert_texts_in_order,
    decoded,
    without_repetitions,
)
from stage.waiting import wait_until

REQUESTS = 400
#: The consumer's and the producer's, several times over: what was under way has failed by then.
CONNECTIONS_TURNED_AWAY = 8
SLOW_ANSWERS = {"effect": "latency", "fixed": "60ms", "jitter": "60ms"}
QUICK_RETRIES = {"retry.initialDelay": "100ms", "retry.maxDelay": "1s", "retry.unknownResends": 10}


@pytest.fixture
def proxy_to():
    """Makes an open proxy to a port."""
    proxies = []

    def make(kind, port):
        proxies.append(kind(port).open())
        return proxies[-1]

    yield make
    for proxy in proxies:
        proxy.close()


@pytest.mark.timeout(120)
@pytest.mark.parametrize("guarantee", ["exactly_once", "at_least_once"])
def test_nothing_is_lost_or_sent_twice_when_the_broker_is_cut_off(make_scene, private_broker, proxy_to, guarantee):
    scene = make_scene(private_broker)
    scene.create_topics()
    scene.simulator.start()
    scene.simulator.add_faults(SLOW_ANSWERS)
    proxy = proxy_to(KafkaProxy, private_broker.port)
    worker = scene.start_worker({"kafka.bootstrapServers": proxy.address}).wait_until_ready()
    requests = texts(REQUESTS, accounts=4, conversations=2)
    scene.topics.publish_requests(requests)
    for accepted in (50, 150):
        wait_for_accepted(scene, accepted, worker)
        before = proxy.turned_away
        proxy.cut()
        wait_until(
            lambda: proxy.turned_away >= before + CONNECTIONS_TURNED_AWAY, "the worker knocks", alive=[worker.process]
        )
        proxy.open()
    results = finish(scene, worker, requests)
    assert_all_sent(results)
    assert scene.simulator.summary()["duplicate_messages"] == 0
    assert_texts_in_order(scene.simulator, requests)


@pytest.mark.timeout(90)
def test_a_message_arrives_twice_only_where_its_result_says_so_when_graph_is_cut_off(scene, proxy_to):
    worker, requests = load_on_cut_connections(scene, proxy_to)
    results = finish(scene, worker, requests)
    assert_all_sent(results)
    doubtful = {result["request_id"] for result in results if result["possible_duplicate"]}
    assert doubtful, "no call was under way when the connections were cut"
    order = accepted_order(scene.simulator)
    times = Counter(marker for markers in order.values() for marker in markers)
    for request in requests:
        accepted = times[request["message"]["text"]]
        assert accepted >= 1, f"{request['request_id']} is told to be sent and was never accepted"
        assert accepted == 1 or request["request_id"] in doubtful, f"{request['request_id']} arrived {accepted} times"
    assert {key: without_repetitions(markers) for key, markers in order.items()} == published_order(requests)


@pytest.mark.timeout(90)
def test_an_at_most_once_message_never_arrives_twice_when_graph_is_cut_off(scene, proxy_to):
    worker, requests = load_on_cut_connections(scene, proxy_to, delivery="at_most_once")
    results = {result["request_id"]: result for result in finish(scene, worker, requests)}
    statuses = Counter(result["status"] for result in results.values())
    assert statuses.keys() == {"sent", "unknown"}, f"some ended otherwise, or no call was under way: {statuses}"
    times = Counter(marker for markers in accepted_order(scene.simulator).values() for marker in markers)
    for request in requests:
        result, accepted = results[request["request_id"]], times[request["message"]["text"]]
        assert accepted <= 1, f"{result} arrived {accepted} times"
        assert accepted == 1 or result["status"] == "unknown", f"{result} was never accepted"
        assert not result["possible_duplicate"], result
    assert len(scene.dead_letters.read_to_end()) == statuses["unknown"]


def load_on_cut_connections(scene, proxy_to, **members):
    """A worker under load whose connections to the endpoint were cut twice, and what it was asked to send."""
    scene.simulator.add_faults(SLOW_ANSWERS)
    proxy = proxy_to(Proxy, scene.simulator.port)
    worker = scene.start_worker({**QUICK_RETRIES, "graph.baseURL": f"http://{proxy.address}"}).wait_until_ready()
    requests = [{**request, **members} for request in texts(REQUESTS, accounts=4, conversations=3)]
    scene.topics.publish_requests(requests)
    for accepted in (50, 150):
        wait_for_accepted(scene, accepted, worker)
        proxy.cut()
        wait_until(lambda: endpoint_is_away(worker), "the worker notices that Graph is away", alive=[worker.process])
        proxy.open()
    return worker, requests


def endpoint_is_away(worker):
    page = worker.page("/api/status")
    return page is not None and page.json()["endpoint"] == "down"


def wait_for_accepted(scene, count, worker):
    def is_reached():
        return scene.simulator.summary()["accepted_messages"] >= count

    wait_until(is_reached, f"{count} messages are accepted", alive=[worker.process])
    assert scene.simulator.summary()["accepted_messages"] < REQUESTS, "the load was over too soon for a cut to matter"


def finish(scene, worker, requests):
    """All results, once there is one for each request and the worker has stopped."""
    scene.results.wait_for(len(requests), timeout=60, alive=[worker.process])
    scene.stop_worker(worker)
    results = decoded(scene.results.read_to_end())
    assert_one_result_each(results, [request["request_id"] for request in requests])
    return results


def published_order(requests):
    order = {}
    for request in requests:
        order.setdefault((request["account_id"], request["recipient"]["id"]), []).append(request["message"]["text"])
    return order
