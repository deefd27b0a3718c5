"""The commands as a person uses them."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from stage.traffic import account_id, text_request
from stage.worker import set_options

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = ["run", "demo", "simulator", "publish", "results", "validate", "schema", "topics", "topics create", "config"]
COMMANDS += ["resume"]
COMMANDS += ["dead-letters", "dead-letters list", "dead-letters redrive"]
SCHEMAS = {
    "request": "request.schema.json",
    "request-types": "request-types.schema.json",
    "result": "result.schema.json",
    "dead-letter-headers": "dead-letter-headers.schema.json",
    "asyncapi": "asyncapi.yaml",
}


@pytest.mark.timeout(30)
@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_there_for_each_command(bare_scene, command):
    done = bare_scene.command(*command.split(), "--help")
    assert done.returncode == 0, done.stderr
    assert f"USAGE: send-worker {command}" in done.stdout
    assert "OVERVIEW" in done.stdout


@pytest.mark.timeout(30)
def test_help_names_every_command_and_the_exit_codes(bare_scene):
    done = bare_scene.command("--help")
    assert done.returncode == 0
    for command in COMMANDS:
        assert command.split()[0] in done.stdout
    assert "Exit codes" in done.stdout


@pytest.mark.timeout(30)
def test_version(bare_scene):
    done = bare_scene.command("--version")
    assert done.returncode == 0
    assert done.stdout.strip().count(".") == 2


@pytest.mark.timeout(30)
@pytest.mark.parametrize("arguments", [["no-such-command"], ["run", "--no-such-option"], ["simulator", "--port", "x"]])
def test_bad_usage_ends_with_2_and_says_what_is_right(bare_scene, arguments):
    done = bare_scene.command(*arguments)
    assert done.returncode == 2, done.stderr
    assert arguments[-1] in done.stderr
    assert "usage" in done.stderr.lower()


@pytest.mark.timeout(60)
def test_publish_then_results(scene, tmp_path):
    options = set_options(scene.kafka_settings)
    requests = [text_request(f"user-{number}", account=number) for number in range(3)]
    file = tmp_path / "requests.ndjson"
    file.write_text("\n".join(json.dumps(request) for request in requests[:2]))
    worker = scene.start_worker().wait_until_ready()

    published = scene.command("publish", file, *options)
    assert published.returncode == 0, published.stderr
    assert f"published 2 of 2 requests to {scene.topics.requests}" in published.stdout
    piped = scene.command("publish", *options, text=json.dumps(requests[2]))
    assert piped.returncode == 0, piped.stderr
    scene.results.wait_for(3, alive=[worker.process])
    scene.stop_worker(worker)

    shown = scene.command("results", "--from", "beginning", "--json", *options)
    assert shown.returncode == 0, shown.stderr
    results = {result["request_id"]: result for result in map(json.loads, shown.stdout.splitlines())}
    assert results.keys() == {"user-0", "user-1", "user-2"}
    assert all(result["status"] == "sent" for result in results.values())
    one = scene.command("results", "--from", "beginning", "--account", account_id(1), *options)
    assert one.returncode == 0
    assert len(one.stdout.splitlines()) == 1 and "user-1" in one.stdout and "sent" in one.stdout
    none = scene.command("results", "--from", "beginning", "--status", "failed", *options)
    assert none.returncode == 0 and none.stdout == ""


@pytest.mark.timeout(60)
def test_publish_refuses_invalid_requests_unless_told_not_to_validate(scene, tmp_path):
    options = set_options(scene.kafka_settings)
    file = tmp_path / "requests.json"
    file.write_text(json.dumps([text_request("fine"), {**text_request("broken"), "message": {"text": ""}}]))
    refused = scene.command("publish", file, *options)
    assert refused.returncode == 1
    assert "requests.json[1]" in refused.stderr
    assert "--no-validate" in refused.stderr
    assert not scene.topics.reader(scene.topics.requests).read_to_end()
    forced = scene.command("publish", "--no-validate", file, *options)
    assert forced.returncode == 0, forced.stderr
    assert len(scene.topics.reader(scene.topics.requests).read_to_end()) == 2


@pytest.mark.timeout(30)
def test_validate_tells_place_rule_and_limit(bare_scene, tmp_path):
    file = tmp_path / "requests.ndjson"
    long = {**text_request("long"), "message": {"text": "x" * 1_001}}
    file.write_text(f"{json.dumps(text_request('fine'))}\n{json.dumps(long)}\nnot json\n")
    done = bare_scene.command("validate", file)
    assert done.returncode == 1
    assert "1 of 3 requests are valid" in done.stdout
    assert "requests.ndjson:2 (long): /message/text" in done.stdout
    assert "1000" in done.stdout
    assert "requests.ndjson:3" in done.stdout
    lines = [json.loads(line) for line in bare_scene.command("validate", "--json", file).stdout.splitlines()]
    assert [line["valid"] for line in lines] == [True, False, False]
    rule = lines[1]["violations"][0]["rule"]
    explained = bare_scene.command("validate", "--explain", rule)
    assert explained.returncode == 0 and rule in explained.stdout and "1000" in explained.stdout


@pytest.mark.timeout(60)
def test_validate_explains_every_rule(bare_scene):
    rules = re.findall(r"^\| `([a-z_.]+)` \|", (ROOT / "schemas/LIMITS.md").read_text(), re.MULTILINE)
    assert {"media.private_address", "media.redirect_scheme", "media.type", "media.size"} <= set(rules)
    for rule in rules:
        explained = bare_scene.command("validate", "--explain", rule)
        assert explained.returncode == 0 and explained.stdout.startswith(f"{rule}\n  "), explained.stdout
        assert "Source: " in explained.stdout
    wrong = bare_scene.command("validate", "--explain", "media.colour")
    assert wrong.returncode == 2
    assert "media.colour" in wrong.stderr and all(rule in wrong.stderr for rule in rules)


@pytest.mark.timeout(30)
@pytest.mark.parametrize("name", SCHEMAS)
def test_schema_prints_the_published_document(bare_scene, name):
    done = bare_scene.command("schema", name)
    assert done.returncode == 0, done.stderr
    assert done.stdout.encode() == (ROOT / "schemas" / SCHEMAS[name]).read_bytes()


@pytest.mark.timeout(30)
def test_schema_needs_nothing_beside_the_binary(binary, tmp_path):
    alone = shutil.copy2(binary, tmp_path / "send-worker")
    done = subprocess.run([alone, "schema", "request"], cwd=tmp_path, capture_output=True, timeout=20)
    assert done.returncode == 0, done.stderr
    assert done.stdout == (ROOT / "schemas/request.schema.json").read_bytes()


@pytest.mark.timeout(30)
def test_schema_lists_what_there_is(bare_scene):
    listed = bare_scene.command("schema")
    assert listed.returncode == 0, listed.stderr
    assert [line.split("  ")[0] for line in listed.stdout.splitlines()] == list(SCHEMAS)
    assert all(len(line.split(maxsplit=1)[1]) > 20 for line in listed.stdout.splitlines())
    wrong = bare_scene.command("schema", "requests")
    assert wrong.returncode == 2 and wrong.stdout == ""
    assert '"requests"' in wrong.stderr and all(name in wrong.stderr for name in SCHEMAS)


@pytest.mark.timeout(30)
def test_the_embedded_schemas_are_in_step_with_their_files():
    script = ROOT / "Tests/Tools/embed-schemas"
    done = subprocess.run([script, "--check"], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done.stderr


@pytest.mark.timeout(30)
def test_validate_accepts_good_requests_from_standard_input(bare_scene):
    done = bare_scene.command("validate", text=json.dumps([text_request("a"), text_request("b")]))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 of 2 requests are valid" in done.stdout


@pytest.mark.timeout(60)
def test_topics_create_may_be_run_again(bare_scene):
    created = bare_scene.create_topics().stdout.splitlines()
    assert len(created) == 4 and all(line.startswith("created") for line in created), created
    again = bare_scene.create_topics().stdout.splitlines()
    assert len(again) == 4 and all(line.startswith("exists") for line in again), again
