"""Access rights that are withdrawn under a running worker: it names the one that is missing and ends, to be started again."""

import pytest
from kafka import KafkaAdminClient
from kafka.admin import ACL, ACLOperation, ACLPermissionType, ACLResourcePatternType, ResourcePattern, ResourceType

from stage.traffic import text_request, texts
from stage.waiting import wait_until

RESTART = 3
USER, PASSWORD = "worker", "withdrawn"
MODULE = "org.apache.kafka.common.security.plain.PlainLoginModule"


def guarded_cluster(make_cluster):
    return make_cluster(
        listeners={"GUARDED": "SASL_PLAINTEXT"},
        properties={
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": "User:ANONYMOUS",
            "sasl.enabled.mechanisms": "PLAIN",
            "listener.name.guarded.plain.sasl.jaas.config": f'{MODULE} required user_{USER}="{PASSWORD}";',
        },
    )


def entry(kind, name, operation, pattern=ACLResourcePatternType.LITERAL):
    return ACL(f"User:{USER}", "*", operation, ACLPermissionType.ALLOW, ResourcePattern(kind, name, pattern))


def rights(topics):
    """What is withdrawn, and what is said then."""
    written = {name: getattr(topics, name) for name in ("results", "dead_letters", "state")}
    prefixed = ACLResourcePatternType.PREFIXED
    return {
        **{
            name: (entry(ResourceType.TOPIC, topic, ACLOperation.WRITE), f"Write on topic {topic}")
            for name, topic in written.items()
        },
        "group": (entry(ResourceType.GROUP, topics.group, ACLOperation.READ), f"Read on group {topics.group}"),
        "ids": (
            entry(ResourceType.TRANSACTIONAL_ID, f"{topics.group}-", ACLOperation.WRITE, prefixed),
            f"Write on transactional ids that begin with {topics.group}-",
        ),
    }


def lasting(topics):
    """What nobody takes away: topics can be seen and read, and the group described."""
    names = (topics.requests, topics.results, topics.dead_letters, topics.state)
    operations = (ACLOperation.READ, ACLOperation.DESCRIBE, ACLOperation.DESCRIBE_CONFIGS)
    seen = [entry(ResourceType.TOPIC, name, operation) for name in names for operation in operations]
    return [*seen, entry(ResourceType.GROUP, topics.group, ACLOperation.DESCRIBE)]


def signed_in(cluster):
    return {
        "kafka.bootstrapServers": cluster.bootstrap_of("GUARDED"),
        "kafka.properties.security.protocol": "sasl_plaintext",
        "kafka.properties.sasl.mechanism": "PLAIN",
        "kafka.properties.sasl.username": USER,
        "kafka.properties.sasl.password": PASSWORD,
    }


@pytest.mark.timeout(240)
@pytest.mark.parametrize("guarantee", ["exactly_once", "at_least_once"])
def test_the_right_that_was_withdrawn_is_named_and_the_worker_ends(make_cluster, make_scene, guarantee):
    cluster = guarded_cluster(make_cluster)
    admin = KafkaAdminClient(bootstrap_servers=cluster.bootstrap)
    for withdrawn in ("results", "dead_letters", "state", "group", "ids"):
        if guarantee == "at_least_once" and withdrawn == "ids":
            continue
        scene = make_scene(cluster)
        scene.create_topics()
        scene.simulator.start()
        all_rights = rights(scene.topics)
        right, said = all_rights[withdrawn]
        entries = [*lasting(scene.topics), *(each for each, _ in all_rights.values())]
        admin.create_acls(entries)
        worker = scene.start_worker(signed_in(cluster)).wait_until_ready()
        scene.topics.publish_requests(texts(5, prefix="before"))
        scene.results.wait_for(5, alive=[worker.process])
        admin.delete_acls([right])
        requests = [{**text_request("wrong"), "unheard_of": 1}, *texts(10)]
        scene.topics.publish_requests(requests)
        wait_until(lambda: worker.process.exit_code is not None, f"the worker ends without {withdrawn}", 60)
        assert worker.process.exit_code == RESTART
        assert f"the ACL that allows {said} is missing" in worker.process.log, worker.process.log
        assert "kafka-acls.sh" in worker.process.log
        scene.simulator.abandon()
    admin.close()
