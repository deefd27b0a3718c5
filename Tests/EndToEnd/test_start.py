"""What keeps a worker from starting: told by the check and at the start, before it disturbs the group."""

import socket

import pytest

from stage.worker import set_options

FAILED, USAGE = 1, 2


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
