"""Fixtures of the end-to-end tests.

SEND_WORKER_BINARY names another binary than the debug build; KAFKA_BOOTSTRAP_SERVERS brokers to use instead of our own,
KAFKA_HOME a distribution of Apache Kafka to start ours from. Without either it is noida-db.
"""

import os
from pathlib import Path

import pytest

from stage.broker import description, make_broker, shared_broker
from stage.kafka import Distribution, KafkaCluster
from stage.scene import Scene

ROOT = Path(__file__).resolve().parents[2]
LINES_SHOWN = 60


def pytest_report_header():
    return f"broker: {description()}"


@pytest.fixture(scope="session")
def binary():
    path = Path(os.environ.get("SEND_WORKER_BINARY", ROOT / ".build/debug/send-worker"))
    if not path.exists():
        pytest.fail(f"{path} is missing; run: swift build --product send-worker")
    return path.resolve()


@pytest.fixture(scope="session")
def broker(tmp_path_factory):
    """The broker that all tests share which leave it alone."""
    broker = shared_broker(tmp_path_factory.mktemp("brokers") / "shared")
    try:
        yield broker.start()
    finally:
        broker.abandon()


@pytest.fixture
def private_broker(tmp_path):
    """A running broker that the test may stop and start."""
    broker = make_broker(tmp_path / "private-broker")
    try:
        yield broker.start()
    finally:
        broker.abandon()


@pytest.fixture
def make_cluster(tmp_path):
    """Makes brokers of Apache Kafka that the test may do anything to: what only the real thing has."""
    yield from clusters(tmp_path)


@pytest.fixture(scope="module")
def make_lasting_cluster(tmp_path_factory):
    """The same for all tests of a file."""
    yield from clusters(tmp_path_factory.mktemp("clusters"))


def clusters(directory):
    distribution = Distribution.named()
    if distribution is None:
        pytest.skip("only Apache Kafka has this: set KAFKA_HOME to a distribution")
    made = []

    def make(nodes=1, **options):
        made.append(KafkaCluster(directory / f"cluster-{len(made) + 1}", nodes, distribution=distribution, **options))
        return made[-1].start()

    yield make
    for cluster in made:
        cluster.abandon()


@pytest.fixture
def kafka_scene(scene):
    """A scene on Apache Kafka, for what no other broker has."""
    if not scene.broker.is_kafka:
        pytest.skip(f"only Apache Kafka has this, and the broker is {scene.broker.name}: set KAFKA_HOME to a distribution")
    return scene


@pytest.fixture
def guarantee():
    """How results are delivered; tests may parametrize it."""
    return "exactly_once"


@pytest.fixture
def make_scene(binary, tmp_path, request, guarantee):
    """Makes a scene on a broker; ends it when the test is over and shows its logs if the test failed."""
    scenes = []

    def make(on):
        scene = Scene(binary, on, tmp_path, guarantee)
        scenes.append(scene)
        request.node.scenes = scenes
        return scene

    yield make
    for scene in scenes:
        scene.close()
    for scene in scenes:
        scene.check_secrets()


@pytest.fixture
def bare_scene(make_scene, broker):
    """A scene on the shared broker, without topics."""
    return make_scene(broker)


@pytest.fixture
def scene(bare_scene):
    """A scene on the shared broker with its topics and a running simulator."""
    bare_scene.create_topics()
    bare_scene.simulator.start()
    return bare_scene


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if not report.failed:
        return
    for scene in getattr(item, "scenes", []):
        for log in scene.logs:
            lines = log.read_text(errors="replace").splitlines()
            shown = lines if len(lines) <= LINES_SHOWN else [*lines[:20], f"[{len(lines)} lines]", *lines[20 - LINES_SHOWN :]]
            report.sections.append((f"{log.name}", "\n".join(line[:400] for line in shown)))
        report.sections += scene.statuses()
