"""What keeps a worker from starting: told by the check and at the start, before it disturbs the group."""

import socket
import subprocess
import time

import pytest
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType

from stage.worker import set_options

FAILED, USAGE = 1, 2
#: The promise is 5 s; the rest is for a busy machine.
SOON = 10


def check(scene, changes):
    done = scene.command("config", "--check", *set_options({**scene.settings, **changes}))
    return done.returncode, done.stdout + done.stderr


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("property", "value", "said"),
    [
        ("no.such.property", "1", "names no property of the installed librdkafka"),
        ("session.timeout.ms", "soon", 'kafka.properties.session.timeout.ms: "soon" (option --set) is not accepted'),
        ("auto.offset.reset", "latest", "requests that wait would be passed over"),
        ("group.protocol", "consumer", "KIP-848"),
        # librdkafka sees these only when it makes a client.
        ("ssl.ca.location", "/nonexistent/authority.pem", "/nonexistent/authority.pem"),
        ("max.in.flight", "6", "max.in.flight"),
    ],
)
def test_a_mistake_in_a_property_of_librdkafka_ends_with_the_code_for_mistakes(scene, property, value, said):
    settings = {**scene.settings, f"kafka.properties.{property}": value, "admin.port": 0}
    if property.startswith("ssl."):
        settings["kafka.properties.security.protocol"] = "ssl"
    for command in (("run",), ("config", "--check")):
        done = scene.command(*command, *set_options(settings))
        assert done.returncode == USAGE, done.stdout + done.stderr
        assert said in done.stdout + done.stderr, done.stdout + done.stderr


@pytest.mark.timeout(60)
def test_a_worker_whose_admin_port_is_taken_ends_before_it_joins_the_group(scene):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = scene.command("run", *set_options({**scene.settings, "admin.port": taken.getsockname()[1]}))
    assert done.returncode == FAILED, done.stderr
    assert "is in use by another process" in done.stderr
    assert "worker started" not in done.stdout + done.stderr
    _, said = check(scene, {})
    assert f"{scene.topics.group} has no member now (Dead)" in said, said


@pytest.mark.timeout(120)
def test_a_worker_whose_strategy_the_group_does_not_have_says_so_once_with_both_sides(kafka_scene):
    scene = kafka_scene
    property = "kafka.properties.partition.assignment.strategy"
    first = scene.start_worker({property: "range"}).wait_until_ready()
    second = scene.start_worker({property: "cooperative-sticky"})
    second.wait_for_log("its 1 members share partitions out by range, and this worker's strategy is cooperative-sticky")
    code, said = check(scene, {property: "cooperative-sticky"})
    assert code == USAGE and "share partitions out by range" in said, said
    assert check(scene, {property: "range"})[0] == 0
    scene.stop_worker(first)
    # It gets in as soon as the others are gone, by itself.
    second.wait_until_ready()
    told = [line for line in second.log_lines if "INCONSISTENT_GROUP_PROTOCOL" in line]
    assert len(told) == 1 and "partition.assignment.strategy=range" in told[0], told
    scene.stop_worker(second)


def configure(scene, topic, settings):
    admin = KafkaAdminClient(bootstrap_servers=scene.topics.bootstrap)
    try:
        admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs=settings)])
    finally:
        admin.close()


@pytest.mark.timeout(120)
def test_topics_that_throw_requests_or_results_away_are_named(kafka_scene):
    scene = kafka_scene
    for topic in (scene.topics.requests, scene.topics.results):
        configure(scene, topic, {"cleanup.policy": "compact"})
    code, said = check(scene, {})
    assert code == USAGE, said
    for topic in (scene.topics.requests, scene.topics.results):
        assert f"{topic} has cleanup.policy=compact" in said and f"--entity-name {topic} --add-config" in said, said
    worker = scene.start_worker()
    for topic in (scene.topics.requests, scene.topics.results):
        worker.wait_for_log(f"--entity-name {topic} --add-config cleanup.policy=delete")
    worker.wait_until_ready()
    scene.stop_worker(worker)


@pytest.fixture(scope="module")
def misnamed(make_lasting_cluster):
    """A broker that names addresses which are none here: one by a name, one by a port."""
    return make_lasting_cluster(
        listeners={"OTHER": "PLAINTEXT"},
        properties={"advertised.listeners": "CLIENT://kafka.invalid:29092,OTHER://127.0.0.1:1"},
    )


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("listener", "said"),
    [
        ("CLIENT", "kafka.invalid:29092 (broker 1): the name does not resolve"),
        ("OTHER", "127.0.0.1:1 (broker 1): nobody listens there"),
    ],
)
def test_addresses_of_brokers_that_are_none_here_are_named_soon(make_scene, misnamed, listener, said):
    scene = make_scene(misnamed)
    changes = {"kafka.bootstrapServers": misnamed.bootstrap_of(listener)}
    begin = time.monotonic()
    code, shown = check(scene, changes)
    assert time.monotonic() - begin < SOON
    assert code == FAILED and said in shown and "advertised.listeners" in shown, shown
    begin = time.monotonic()
    worker = scene.start_worker(changes)
    worker.wait_for_log(said)
    assert time.monotonic() - begin < SOON
    assert "advertised.listeners" in worker.process.log
    assert worker.stop() == 0


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 and its key, in one file."""
    directory = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
        + ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", directory / "key.pem", "-out", directory / "certificate.pem"],
        check=True,
        capture_output=True,
    )
    both = directory / "both.pem"
    both.write_text((directory / "key.pem").read_text() + (directory / "certificate.pem").read_text())
    return directory / "certificate.pem", both


@pytest.fixture(scope="module")
def encrypted(make_lasting_cluster, certificate):
    """A broker with a listener for TLS."""
    return make_lasting_cluster(
        listeners={"TLS": "SSL"},
        properties={"ssl.keystore.type": "PEM", "ssl.keystore.location": certificate[1]},
    )


@pytest.mark.timeout(120)
def test_a_listener_of_another_protocol_gets_a_hint(make_scene, encrypted):
    scene = make_scene(encrypted)
    tls = encrypted.bootstrap_of("TLS")
    for changes, hint in (
        ({"kafka.bootstrapServers": tls}, "security.protocol to SSL or SASL_SSL (it is PLAINTEXT)"),
        ({"kafka.properties.security.protocol": "ssl"}, "security.protocol to PLAINTEXT or SASL_PLAINTEXT (it is SSL)"),
        ({"kafka.bootstrapServers": tls, "kafka.properties.security.protocol": "ssl"}, "kafka.properties.ssl.ca.location"),
    ):
        begin = time.monotonic()
        code, shown = check(scene, changes)
        assert code == FAILED and hint in shown, shown
        worker = scene.start_worker(changes)
        worker.wait_for_log(hint)
        assert time.monotonic() - begin < 2 * SOON
        assert worker.stop() == 0
