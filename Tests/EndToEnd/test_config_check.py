"""`send-worker config --check`: what a configuration leads to, before anything is started."""

import json
import re
import socket
import time

import pytest

from stage.processes import free_port
from stage.traffic import account_id, texts
from stage.worker import set_options

DONE, FAILED, USAGE = 0, 1, 2
#: The promise is 15 s; the rest is for a busy machine.
LONGEST = 20
LINE = re.compile(r"(ok|warning|problem) +(configuration|kafka|topics|group|transactions|tokens|graph) +(.+)")


def check(scene, changes=None, *options, environment=None):
    """Runs the command: its exit code, its lines as (level, area, text), and all that it printed."""
    settings = {**scene.settings, **(changes or {})}
    begin = time.monotonic()
    done = scene.command("config", "--check", *options, *set_options(settings), environment=environment)
    assert time.monotonic() - begin < LONGEST
    assert "IGSECRET" not in done.stdout + done.stderr
    if "--json" in options:
        return done.returncode, json.loads(done.stdout), done.stdout
    lines = [LINE.fullmatch(line) for line in done.stdout.splitlines()]
    assert lines and all(lines), done.stdout + done.stderr
    return done.returncode, [line.groups() for line in lines], done.stdout


def found(lines, level, *texts):
    """Whether one line has this level and all of these texts."""
    return any(line[0] == level and all(text in " ".join(line) for text in texts) for line in lines)


@pytest.fixture
def silent_port():
    """A port that takes connections and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield listener.getsockname()[1]


@pytest.mark.timeout(60)
def test_a_configuration_that_works_has_no_problem(scene):
    code, lines, shown = check(scene)
    assert code == DONE, shown
    topics = scene.topics
    assert found(lines, "ok", "kafka", scene.broker.bootstrap, "answered after", "1 broker")
    for topic in (topics.requests, topics.results, topics.dead_letters, topics.state):
        assert found(lines, "ok", "topics", f"{topic} has 6 partitions, 1 copy each"), shown
    assert found(lines, "ok", f"{topics.state} has as many partitions as {topics.requests}")
    assert found(lines, "ok", f"{topics.requests} can be read") and found(lines, "ok", f"{topics.state} can be read")
    assert found(lines, "ok", "transactions", "registered the transactional id", f"{topics.group}-check-"), shown
    assert found(lines, "ok", "tokens", str(scene.tokens.path), "50 accounts have a token")
    assert found(lines, "ok", "graph", scene.simulator.url, "answers (HTTP 4"), shown
    assert scene.simulator.calls() == []


@pytest.mark.timeout(60)
def test_the_same_is_said_as_json(scene):
    code, answer, _ = check(scene, {"topics.state": f"{scene.topics.state}-none"}, "--json")
    assert code == answer["exit_code"] == USAGE
    missing = [finding for finding in answer["findings"] if finding["level"] == "problem"]
    assert missing == [
        {
            "level": "problem",
            "area": "topics",
            "text": f"{scene.topics.state}-none does not exist",
            "remedy": "send-worker topics create",
        }
    ]


@pytest.mark.timeout(60)
def test_missing_topics_are_named_with_the_command_that_mends_it(bare_scene):
    bare_scene.simulator.start()
    code, lines, shown = check(bare_scene)
    assert code == USAGE, shown
    for topic in (bare_scene.topics.requests, bare_scene.topics.results, bare_scene.topics.state):
        assert found(lines, "problem", f"{topic} does not exist; remedy: send-worker topics create"), shown


@pytest.mark.timeout(60)
def test_a_state_topic_of_another_size_is_named(scene):
    other = f"{scene.topics.state}-wide"
    settings = {**scene.kafka_settings, "topics.state": other}
    assert scene.command("topics", "create", "--partitions", 3, *set_options(settings)).returncode == 0
    code, lines, shown = check(scene, {"topics.state": other})
    assert code == USAGE
    assert found(lines, "problem", f"{other} has 3 partitions", "has 6", f"--alter --topic {other} --partitions 6"), shown


@pytest.mark.timeout(60)
@pytest.mark.parametrize("is_silent", [False, True])
def test_kafka_and_the_endpoint_that_do_not_answer_are_told_in_time(scene, silent_port, is_silent):
    port = silent_port if is_silent else free_port()
    changes = {"kafka.bootstrapServers": f"127.0.0.1:{port}", "graph.baseURL": f"http://127.0.0.1:{port}"}
    code, lines, shown = check(scene, changes)
    assert code == FAILED, shown
    assert found(lines, "problem", "kafka", f"no broker at 127.0.0.1:{port} answers", "remedy"), shown
    assert found(lines, "problem", "graph", f"http://127.0.0.1:{port} does not answer", "remedy"), shown
    assert is_silent or shown.lower().count("connection refused") == 2, shown
    assert found(lines, "ok", "tokens")


@pytest.mark.timeout(60)
def test_tokens_that_cannot_be_used_are_named_and_never_shown(scene, tmp_path):
    file = tmp_path / "broken-tokens.yaml"
    file.write_text(f'"{account_id(1)}": IGSECRETfine\n"{account_id(2)}": ""\n"{account_id(3)}": IGSECRET broken\nme: IGSECRETx\n')
    changes = {"tokens.file": file, f"limits.accounts.{account_id(4)}.mediaPerSecond": 1}
    code, lines, shown = check(scene, changes)
    assert code == DONE, shown
    assert found(lines, "ok", "1 account has a token")
    assert found(lines, "warning", "line 2", account_id(2), "is empty"), shown
    assert found(lines, "warning", "line 3", account_id(3), "holds a space"), shown
    assert found(lines, "warning", "line 4", "not an account id"), shown
    assert found(lines, "warning", "limits.accounts names accounts without a token", account_id(4)), shown
    code, lines, shown = check(scene, {"tokens.file": tmp_path / "none.yaml"})
    assert code == USAGE
    assert found(lines, "problem", "tokens", "none.yaml cannot be read"), shown


@pytest.mark.timeout(60)
def test_a_malformed_configuration_is_refused_as_ever(bare_scene):
    done = bare_scene.command("config", "--check", "--set", "retry.maxDelay=soon")
    assert done.returncode == USAGE and done.stdout == ""
    assert "retry.maxDelay" in done.stderr
    both = bare_scene.command("config", "--check", "--example")
    assert both.returncode == USAGE and "--check" in both.stderr


@pytest.mark.timeout(90)
def test_a_check_beside_a_running_worker_disturbs_nobody_and_writes_nothing(scene):
    worker = scene.start_worker().wait_until_ready()
    scene.topics.publish_requests(texts(40, prefix="before"))
    scene.results.wait_for(40, alive=[worker.process])
    written = [len(scene.topics.reader(topic).read_to_end()) for topic in (scene.topics.requests, scene.topics.results)]
    code, lines, shown = check(scene)
    assert code == DONE, shown
    assert found(lines, "ok", f"{scene.topics.requests} can be read")
    assert found(lines, "ok", "group", f"{scene.topics.group} is Stable with 1 member"), shown
    assert found(lines, "ok", "group", "has committed offsets for", "its lag is"), shown
    assert [
        len(scene.topics.reader(topic).read_to_end()) for topic in (scene.topics.requests, scene.topics.results)
    ] == written
    scene.topics.publish_requests(texts(40, prefix="after"))
    scene.results.wait_for(80, alive=[worker.process])
    assert "fenced" not in worker.process.log
    scene.stop_worker(worker)
