"""Brokers that ask who one is and what one may do: SASL/PLAIN with the standard authorizer, and TLS."""

import subprocess

import pytest
from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    KafkaAdminClient,
    ResourcePattern,
    ResourceType,
)

from stage.traffic import texts
from stage.verdicts import assert_all_sent, assert_one_result_each, decoded
from stage.worker import set_options

PASSWORD = "a-password-of-the-tests"
PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule required"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for this machine that signs itself, and its key in the form that Kafka reads, in one file."""
    directory = tmp_path_factory.mktemp("certificate")
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"]
    made = ["-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", directory / "key.pem", "-out", directory / "ca.pem"]
    subprocess.run(["openssl", "req", "-x509", *names, *made], check=True, capture_output=True)
    both = directory / "broker.pem"
    both.write_text((directory / "key.pem").read_text() + (directory / "ca.pem").read_text())
    return directory


@pytest.fixture(scope="module")
def guarded(make_lasting_cluster, certificate):
    """A broker that lets in who has a password, or a TLS client; the tests' own plain listener is for who may do anything."""
    users = f'user_worker="{PASSWORD}"'
    return make_lasting_cluster(
        listeners={"SASL": "SASL_PLAINTEXT", "TLS": "SSL", "BOTH": "SASL_SSL"},
        properties={
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            # Who comes over the plain listener and over TLS without a certificate.
            "super.users": "User:ANONYMOUS",
            "sasl.enabled.mechanisms": "PLAIN",
            **{f"listener.name.{name}.plain.sasl.jaas.config": f"{PLAIN} {users};" for name in ("sasl", "both")},
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": certificate / "broker.pem",
        },
    )


SASL = {
    "kafka.properties.sasl.mechanism": "PLAIN",
    "kafka.properties.sasl.username": "worker",
    "kafka.properties.sasl.password": PASSWORD,
}


def rights(scene):
    """A replica's, as docs/operations.md has them: `(kind, name, operations)`."""
    topics, does = scene.topics, ACLOperation
    yield ResourceType.GROUP, topics.group, (does.READ, does.DESCRIBE)
    yield ResourceType.TOPIC, topics.requests, (does.READ, does.DESCRIBE)
    yield ResourceType.TOPIC, topics.results, (does.WRITE, does.DESCRIBE)
    yield ResourceType.TOPIC, topics.dead_letters, (does.WRITE, does.DESCRIBE)
    yield ResourceType.TOPIC, topics.state, (does.READ, does.WRITE, does.DESCRIBE)
    for topic in (topics.requests, topics.results, topics.dead_letters, topics.state):
        yield ResourceType.TOPIC, topic, (does.DESCRIBE_CONFIGS,)
    if scene.guarantee == "exactly_once":
        yield ResourceType.TRANSACTIONAL_ID, f"{topics.group}-", (does.WRITE, does.DESCRIBE)


def grant(scene, wanted):
    pattern = {ResourceType.TRANSACTIONAL_ID: ACLResourcePatternType.PREFIXED}
    acls = [
        ACL("User:worker", "*", operation, ACLPermissionType.ALLOW, resource)
        for kind, name, operations in wanted
        for resource in [ResourcePattern(kind, name, pattern.get(kind, ACLResourcePatternType.LITERAL))]
        for operation in operations
    ]
    admin = KafkaAdminClient(bootstrap_servers=scene.broker.bootstrap)
    try:
        admin.create_acls(acls)
    finally:
        admin.close()


def send_through(scene, settings):
    """A worker with these settings sends every request once; gives it when it has stopped."""
    requests = texts(100)
    scene.topics.publish_requests(requests)
    worker = scene.start_worker(settings).wait_until_ready()
    scene.results.wait_for(len(requests), 60, [worker.process])
    scene.stop_worker(worker)
    results = decoded(scene.results.read_to_end())
    assert_one_result_each(results, [request["request_id"] for request in requests])
    assert_all_sent(results)
    assert scene.simulator.summary()["duplicate_messages"] == 0
    assert PASSWORD not in worker.process.log
    return worker


def check(scene, settings):
    checked = scene.command("config", "--check", *set_options({**scene.settings, **settings}))
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "problem" not in checked.stdout and PASSWORD not in checked.stdout


@pytest.fixture
def guarded_scene(guarded, make_scene):
    scene = make_scene(guarded)
    scene.create_topics()
    scene.simulator.start()
    return scene


@pytest.mark.timeout(120)
@pytest.mark.parametrize("guarantee", ["exactly_once", "at_least_once"])
def test_the_rights_that_are_documented_are_enough(guarded_scene, guarded):
    settings = {
        **SASL,
        "kafka.bootstrapServers": guarded.bootstrap_of("SASL"),
        "kafka.properties.security.protocol": "SASL_PLAINTEXT",
    }
    grant(guarded_scene, rights(guarded_scene))
    worker = send_through(guarded_scene, settings)
    assert "AUTHORIZATION" not in worker.process.log
    check(guarded_scene, settings)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("listener", ["TLS", "BOTH"])
def test_tls_to_the_brokers(guarded_scene, guarded, certificate, listener):
    settings = {
        "kafka.bootstrapServers": guarded.bootstrap_of(listener),
        "kafka.properties.ssl.ca.location": certificate / "ca.pem",
        "kafka.properties.security.protocol": {"TLS": "SSL", "BOTH": "SASL_SSL"}[listener],
    }
    if listener == "BOTH":
        grant(guarded_scene, rights(guarded_scene))
        settings |= SASL
    send_through(guarded_scene, settings)
    check(guarded_scene, settings)
