"""Publishing by hand, waiting for what becomes of it, and looking at results."""

import json
import subprocess
import time

import pytest

from stage.processes import clean_environment
from stage.traffic import account_id, text_request
from stage.waiting import wait_until
from stage.worker import set_options


@pytest.fixture
def options(scene):
    return set_options({**scene.kafka_settings, "validation.allowPrivateHosts": "true"})


@pytest.mark.timeout(60)
def test_publish_waits_for_its_own_results(scene, options):
    scene.start_worker().wait_until_ready()
    earlier = scene.command("publish", "--wait", *options, text=json.dumps(text_request("same-id")))
    assert earlier.returncode == 0, earlier.stdout + earlier.stderr
    # The same request id again: an old result must not pass for the new one.
    requests = [text_request("same-id"), text_request("second", account=1)]
    done = scene.command("publish", "--wait", "--json", *options, text="\n".join(map(json.dumps, requests)))
    assert done.returncode == 0, done.stdout + done.stderr
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert sorted(result["request_id"] for result in results) == ["same-id", "second"]
    assert next(r for r in results if r["request_id"] == "same-id")["source"]["offset"] == 1
    assert "2 of 2 requests were sent" in done.stderr


@pytest.mark.timeout(60)
def test_publish_ends_with_1_when_a_request_is_not_sent(scene, options):
    scene.start_worker().wait_until_ready()
    wrong = {**text_request("wrong"), "message": {"text": ""}}
    lines = "\n".join(map(json.dumps, [wrong, text_request("right", account=1)]))
    done = scene.command("publish", "--wait", "--no-validate", *options, text=lines)
    assert done.returncode == 1
    assert "1 of 2 requests were sent" in done.stdout
    assert any("rejected" in line and "wrong" in line for line in done.stdout.splitlines())


@pytest.mark.timeout(60)
def test_publish_says_which_results_have_not_come(scene, options):
    done = scene.command("publish", "--wait", "--timeout", "2s", *options, text=json.dumps(text_request("lonely")))
    assert done.returncode == 1
    assert "published 1 of 1" in done.stdout
    assert "lonely" in done.stderr and "is a worker running" in done.stderr


@pytest.mark.timeout(60)
def test_publish_names_line_and_rule_of_what_is_invalid(scene, options, tmp_path):
    file = tmp_path / "requests.ndjson"
    lines = [json.dumps(text_request("fine")), "no json", json.dumps({**text_request("bad"), "message": {"text": ""}})]
    file.write_text("\n".join(lines))
    refused = scene.command("publish", file, *options)
    assert refused.returncode == 1
    assert "requests.ndjson:2" in refused.stderr and "[record.not_json]" in refused.stderr
    assert "requests.ndjson:3 (bad): /message/text" in refused.stderr
    assert "--no-validate" in refused.stderr
    assert scene.topics.reader(scene.topics.requests).read_to_end() == []


@pytest.mark.timeout(60)
def test_publish_keeps_a_rate(scene, options):
    requests = [text_request(f"r-{n}", account=n) for n in range(9)]
    started = time.monotonic()
    done = scene.command("publish", "--rate", "4", *options, text=json.dumps(requests))
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - started >= 2
    assert len(scene.topics.reader(scene.topics.requests).read_to_end()) == 9


@pytest.mark.timeout(30)
@pytest.mark.parametrize("arguments", [["--rate", "0"], ["--timeout", "5s"], ["--wait", "--timeout", "soon"], ["--json"]])
def test_publish_refuses_wrong_options(bare_scene, arguments):
    done = bare_scene.command("publish", *arguments, text="{}")
    assert done.returncode == 2
    assert arguments[0] in done.stderr


@pytest.mark.timeout(90)
def test_results_filters_and_places_to_begin(scene, options):
    scene.start_worker().wait_until_ready()
    wrong = {**text_request("wrong", account=2), "message": {"text": ""}}
    requests = [text_request("one", account=1), text_request("two", account=2), wrong]
    first = scene.command("publish", "--wait", "--no-validate", *options, text=json.dumps(requests))
    assert first.returncode == 1

    def names(*arguments):
        shown = scene.command("results", "--json", *arguments, *options)
        assert shown.returncode == 0, shown.stderr
        return [json.loads(line)["request_id"] for line in shown.stdout.splitlines()]

    assert sorted(names("--from", "beginning")) == ["one", "two", "wrong"]
    assert names("--from", "beginning", "--account", account_id(2), "--status", "sent") == ["two"]
    assert names("--from", "1h", "--status", "rejected", "--category", "invalid_request") == ["wrong"]
    assert names("--from", "beginning", "--request-id", "one") == ["one"]
    assert len(names("--from", "beginning", "--limit", "2")) == 2
    completed = json.loads(
        scene.command("results", "--json", "--from", "beginning", "--request-id", "one", *options).stdout
    )["completed_at"]
    assert "one" in names("--from", completed)
    assert names("--from", "2099-01-01T00:00:00Z") == []
    nothing = scene.command("results", "--from", "beginning", "--status", "unknown", *options)
    assert nothing.stdout == "" and "status unknown" in nothing.stderr and "among the 3" in nothing.stderr
    wrong_place = scene.command("results", "--from", "middle", *options)
    assert wrong_place.returncode == 2 and "beginning, end" in wrong_place.stderr


@pytest.mark.timeout(90)
def test_results_follow_shows_new_ones_at_once_and_ends_well(scene, options):
    scene.start_worker().wait_until_ready()
    scene.command("publish", "--wait", *options, text=json.dumps(text_request("before")))
    command = [str(scene.binary), "results", "--from", "beginning", "--follow", "--json", "--limit", "2", *options]
    following = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=clean_environment())
    try:
        assert json.loads(following.stdout.readline())["request_id"] == "before"
        scene.command("publish", *options, text=json.dumps(text_request("after", account=1)))
        assert json.loads(following.stdout.readline())["request_id"] == "after"
        assert wait_until(lambda: following.poll() is not None, "it ends after two") and following.returncode == 0
    finally:
        following.terminate()
        following.communicate(timeout=20)
