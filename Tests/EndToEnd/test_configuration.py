"""Wrong configuration: one clear line and exit code 2, before anything is done."""

import pytest

from stage.worker import set_options

USAGE = 2


def refusal(done):
    """The one line on standard error of a start that was refused."""
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert done.returncode == USAGE, f"exit {done.returncode}: {done.stderr}"
    assert len(lines) == 1, lines
    assert done.stdout == ""
    return lines[0]


@pytest.mark.timeout(30)
def test_a_malformed_option_is_named_with_its_source_and_what_is_accepted(bare_scene):
    line = refusal(bare_scene.command("run", "--set", "retry.maxDelay=60seconds"))
    for part in ("retry.maxDelay", '"60seconds"', "option --set", "is not a duration", "write"):
        assert part in line, line


@pytest.mark.timeout(30)
def test_a_malformed_environment_variable_is_named(bare_scene):
    line = refusal(bare_scene.command("run", environment={"RETRY_MAX_DELAY": "60 seconds"}))
    for part in ("retry.maxDelay", '"60 seconds"', "environment RETRY_MAX_DELAY", "is not a duration", "write"):
        assert part in line, line


@pytest.mark.timeout(30)
def test_a_malformed_value_in_the_file_is_named_with_its_line(bare_scene, tmp_path):
    file = tmp_path / "worker.yaml"
    file.write_text("retry:\n  initialDelay: 1s\n  maxDelay: soon\n")
    line = refusal(bare_scene.command("run", "--config", file))
    for part in ("retry.maxDelay", "soon", "worker.yaml line 3"):
        assert part in line, line


@pytest.mark.timeout(30)
@pytest.mark.parametrize("key", ["retry.maxDelai", "maxDelay"])
def test_an_unknown_key_is_named_with_the_one_that_was_meant(bare_scene, key):
    line = refusal(bare_scene.command("run", "--set", f"{key}=1s"))
    for part in (key, "option --set", "not a known key", "retry.maxDelay"):
        assert part in line, line


@pytest.mark.timeout(30)
def test_every_problem_is_told_at_once(bare_scene):
    done = bare_scene.command("run", "--set", "retry.maxDelay=x", "--set", "admin.port=y", "--set", "no.such=z")
    assert done.returncode == USAGE
    assert len(done.stderr.splitlines()) == 3, done.stderr


@pytest.mark.timeout(30)
def test_a_secret_is_not_repeated(bare_scene):
    done = bare_scene.command(
        "run", "--set", "graph.appSecret=IGSECRETapp", "--set", "kafka.properties.sasl.password=IGSECRETsasl", "--set", "x.y=1"
    )
    assert done.returncode == USAGE
    assert "IGSECRET" not in done.stdout + done.stderr


@pytest.mark.timeout(60)
def test_missing_topics_stop_the_start_with_the_command_that_mends_it(bare_scene):
    worker = bare_scene.start_worker()
    assert worker.process.wait(40) == USAGE, worker.process.log
    complaints = [line for line in worker.log_lines if "missing topics" in line]
    assert len(complaints) == 1, worker.process.log
    for part in (bare_scene.topics.requests, bare_scene.topics.state, "send-worker topics create"):
        assert part in complaints[0]


@pytest.mark.timeout(60)
def test_a_state_topic_of_another_size_stops_the_start(bare_scene):
    bare_scene.create_topics()
    other = f"{bare_scene.topics.state}-wide"
    settings = {**bare_scene.kafka_settings, "topics.state": other}
    assert bare_scene.command("topics", "create", "--partitions", 3, *set_options(settings)).returncode == 0
    worker = bare_scene.start_worker({"topics.state": other})
    assert worker.process.wait(40) == USAGE, worker.process.log
    assert f"{other} has 3 partitions" in worker.process.log, worker.process.log


@pytest.mark.timeout(30)
def test_a_token_file_that_is_not_there_is_named(bare_scene, tmp_path):
    line = refusal(bare_scene.command("run", *set_options({**bare_scene.settings, "tokens.file": tmp_path / "none.json"})))
    assert "tokens.file" in line and "none.json" in line


@pytest.mark.timeout(30)
def test_without_a_place_for_tokens_the_keys_are_named(bare_scene):
    line = refusal(bare_scene.command("run", *set_options(bare_scene.kafka_settings)))
    assert "tokens.file" in line and "tokens.directory" in line
