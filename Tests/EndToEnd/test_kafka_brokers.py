"""Three brokers of Apache Kafka, one of which goes away: nothing is lost, and nothing is sent twice."""

import signal
import time

import pytest
from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient

from stage.protocol import GROUP, TRANSACTION, coordinator
from stage.proxy import KafkaFront
from stage.traffic import texts
from stage.verdicts import assert_all_sent, assert_one_result_each, assert_texts_in_order, decoded
from stage.waiting import wait_until

TXN_OFFSET_COMMIT, END_TRANSACTION = 28, 26
#: States of a transaction that is over.
ENDED = ("Empty", "CompleteAbort", "CompleteCommit", "Dead")
LATENCY = {"effect": "latency", "fixed": "20ms", "jitter": "40ms"}
SETTINGS = {"kafka.properties.reconnect.backoff.max.ms": 500}


@pytest.fixture(scope="module")
def cluster(make_lasting_cluster):
    """All brokers run and are in sync when a test begins."""
    return make_lasting_cluster(3)


@pytest.fixture
def three(cluster, make_scene):
    cluster.start()
    cluster.await_in_sync()
    scene = make_scene(cluster)
    scene.create_topics()
    scene.simulator.start()
    scene.simulator.add_faults(LATENCY)
    return scene


@pytest.fixture
def front(cluster):
    made = KafkaFront(cluster.nodes)
    yield made
    made.close()


class Load:
    """Texts that are published bit by bit, so that commits go on while a test does what it does."""

    def __init__(self, scene, workers):
        self.requests = []
        self._scene = scene
        self._workers = workers

    def add(self, count=50):
        number = len(self.requests)
        self.requests += texts(number + count, accounts=10, conversations=5)[number:]
        self._scene.topics.publish_requests(self.requests[number:])

    def until(self, condition, what, timeout=60):
        def is_met():
            self.add(10)
            return condition()

        wait_until(is_met, what, timeout, alive=[worker.process for worker in self._workers])

    def until_results(self, count):
        """Goes on until so many more have their results."""
        reader = self._scene.results
        reader.wait_for(min(len(reader.records) + count, len(self.requests)), alive=[w.process for w in self._workers])

    def settle(self, timeout=90):
        """Every request was sent once, in order, and the workers end well."""
        alive = [worker.process for worker in self._workers]
        self._scene.results.wait_for(len(self.requests), timeout, alive)
        for worker in self._workers:
            self._scene.stop_worker(worker)
        results = decoded(self._scene.results.read_to_end())
        assert_one_result_each(results, [request["request_id"] for request in self.requests])
        assert_all_sent(results)
        assert self._scene.simulator.summary()["duplicate_messages"] == 0, "messages arrived twice"
        assert_texts_in_order(self._scene.simulator, self.requests)


def kill_at(front, kind, node_id):
    """Kills a broker when the next request of this kind comes to it: the request dies with it. Gives the list of the killed."""
    killed = []

    def hear(node, key):
        if key == kind and node.id == node_id and not killed:
            killed.append(node.id)
            node.process.send_signal(signal.SIGKILL)

    front.hear = hear
    return killed


@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    "kind, request_kind", [(GROUP, TXN_OFFSET_COMMIT), (TRANSACTION, END_TRANSACTION)], ids=["group", "transaction"]
)
def test_a_coordinator_moves_to_another_broker_in_the_middle_of_a_commit(three, cluster, front, kind, request_kind):
    settings = {**SETTINGS, "kafka.bootstrapServers": front.bootstrap, "kafka.instanceId": "one"}
    worker = three.start_worker(settings).wait_until_ready()
    load = Load(three, [worker])
    load.add()
    load.until_results(30)
    name = three.topics.group if kind == GROUP else f"{three.topics.group}-one"
    node = cluster.nodes[coordinator(cluster.port, name, kind) - 1]
    killed = kill_at(front, request_kind, node.id)
    load.until(lambda: killed, "the coordinator is killed in the middle of a commit")
    node.process.wait(10)
    load.until(lambda: new_coordinator(cluster, name, kind) not in (None, node.id), "another broker coordinates")
    load.add(100)
    load.until_results(100)
    node.start()
    load.settle()


def new_coordinator(cluster, name, kind):
    for node in cluster.nodes:
        if node.is_running:
            try:
                return coordinator(node.port, name, kind)
            except OSError:
                continue
    return None


@pytest.mark.timeout(180)
@pytest.mark.parametrize("guarantee", ["exactly_once", "at_least_once"])
def test_a_broker_is_killed_under_load(three, cluster, guarantee):
    workers = [three.start_worker(SETTINGS).wait_until_ready() for _ in range(2)]
    load = Load(three, workers)
    load.add(200)
    load.until_results(30)
    node = leader_of_most(cluster, three.topics.requests)
    node.kill()
    load.add(200)
    load.until_results(200)
    node.start()
    load.settle()


def leader_of_most(cluster, topic):
    leaders = [each.leader for each in cluster.metadata(with_topics=True).partitions if each.topic == topic]
    return cluster.nodes[max(set(leaders), key=leaders.count) - 1]


@pytest.mark.timeout(300)
def test_all_brokers_are_restarted_in_turn_under_load(three, cluster):
    workers = [three.start_worker(SETTINGS).wait_until_ready() for _ in range(2)]
    load = Load(three, workers)
    load.add(100)
    load.until_results(30)
    for node in cluster.nodes:
        node.process.terminate()
        load.until(lambda node=node: not node.is_running, f"broker {node.id} has ended in order")
        node.begin()
        load.until(node.is_up, f"broker {node.id} takes part again")
        load.until(cluster.is_in_sync, "all replicas are in sync")
    load.settle()


@pytest.mark.timeout(180)
def test_the_broker_aborts_a_transaction_first(make_cluster, make_scene):
    """The worker is stopped in the middle of a commit for longer than its transaction may last."""
    cluster = make_cluster(properties={"transaction.abort.timed.out.transaction.cleanup.interval.ms": 500})
    scene = make_scene(cluster)
    scene.create_topics()
    scene.simulator.start()
    scene.simulator.add_faults(LATENCY)
    front = KafkaFront(cluster.nodes)
    try:
        settings = {"kafka.bootstrapServers": front.bootstrap, "kafka.properties.transaction.timeout.ms": 6_000}
        worker = scene.start_worker(settings).wait_until_ready()
        load = Load(scene, [worker])
        load.add(200)
        load.until_results(30)
        stopped = []

        def stop_in_the_middle(_, key):
            if key == TXN_OFFSET_COMMIT and not stopped:
                stopped.append(time.monotonic())
                worker.process.send_signal(signal.SIGSTOP)

        front.hear = stop_in_the_middle
        load.until(lambda: stopped, "the worker is stopped in the middle of a commit")
        wait_until(lambda: open_transactions(scene) > 0, "its transaction is open")
        wait_until(lambda: open_transactions(scene) == 0, "the broker has ended its transaction")
        called = scene.simulator.summary()["accepted_messages"]
        worker.process.send_signal(signal.SIGCONT)
        doubled = settle_after_its_end(scene, worker, load, settings)
        assert doubled <= called
    finally:
        front.close()


@pytest.mark.timeout(120)
def test_a_producer_is_fenced_by_its_successor(make_cluster, make_scene):
    """Somebody else announces the worker's transactional id."""
    cluster = make_cluster()
    scene = make_scene(cluster)
    scene.create_topics()
    scene.simulator.start()
    scene.simulator.add_faults(LATENCY)
    settings = {**SETTINGS, "kafka.instanceId": "one"}
    worker = scene.start_worker(settings).wait_until_ready()
    load = Load(scene, [worker])
    load.add(200)
    load.until_results(30)
    announce(cluster, f"{scene.topics.group}-one")

    def has_ended():
        load.add(5)
        return worker.process.exit_code is not None

    wait_until(has_ended, "the fenced worker ends", 60)
    assert worker.process.exit_code == 3
    assert any("fenced" in line for line in worker.log_lines[-5:]), worker.log_lines[-5:]
    settle_after_its_end(scene, worker, load, settings)


def announce(cluster, transactional_id):
    producer = KafkaProducer(bootstrap_servers=cluster.bootstrap, transactional_id=transactional_id)
    try:
        producer.init_transactions()
    finally:
        producer.close(10)


def open_transactions(scene):
    """How many transactions of the scene's group the brokers have not ended."""
    admin = KafkaAdminClient(bootstrap_servers=scene.broker.bootstrap)
    try:
        listed = [each for broker in admin.list_transactions().values() for each in broker]
        return sum(each.transactional_id.startswith(scene.topics.group) and each.state not in ENDED for each in listed)
    finally:
        admin.close()


def settle_after_its_end(scene, worker, load, settings):
    """Starts the worker again where it asks for that (3), as an orchestrator does; gives how many messages were doubled."""

    def is_done():
        nonlocal worker
        if worker.process.exit_code is not None:
            assert worker.process.exit_code == 3, worker.log_lines[-5:]
            worker = scene.start_worker(settings)
        scene.results.poll()
        return len(scene.results.records) >= len(load.requests)

    wait_until(is_done, "every request has its result", 60)
    scene.stop_worker(worker)
    results = decoded(scene.results.read_to_end())
    assert_one_result_each(results, [request["request_id"] for request in load.requests])
    assert_all_sent(results)
    return scene.simulator.summary()["duplicate_messages"]
