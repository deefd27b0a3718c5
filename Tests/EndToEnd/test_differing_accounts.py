"""Accounts of two hosts and two applications in one worker: each is called at its host, by its path id, with its proof."""

import json
import os
import signal

import pytest

from stage.traffic import account_id, text_request
from stage.verdicts import assert_all_sent, decoded
from stage.worker import set_options

PAGE = "555000111222333"
SECRETS = {"GRAPH_APP_SECRET": "IGSECRETone"}
STANDARD, PAGED, OTHER = account_id(0), account_id(1), account_id(2)


def write(path, entries):
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(entries))
    os.replace(draft, path)


@pytest.fixture
def endpoints(bare_scene):
    """Two endpoints, each of which takes the calls of one application only."""
    bare_scene.create_topics()
    bare_scene.simulator.start("--app-secret", "IGSECRETone")
    return bare_scene.simulator, bare_scene.start_other_simulator("--app-secret", "IGSECRETtwo")


def entries(other):
    own = {"baseURL": other.url, "appSecret": "IGSECRETtwo"}
    return {
        STANDARD: "IGSECRETa",
        PAGED: {"token": "IGSECRETb", "pathID": PAGE, **own},
        OTHER: {"token": "IGSECRETc", **own},
    }


def settings(scene, path):
    # A setting on the command line would be seen by everybody on this machine.
    return {**scene.settings, "tokens.file": path, "graph.appSecret": "IGSECRETone"}


def called(simulator):
    return {call["account"] for call in simulator.calls()}


@pytest.mark.timeout(120)
def test_each_account_is_called_at_its_host_with_its_path_and_proof(bare_scene, endpoints, tmp_path):
    standard, other = endpoints
    path = tmp_path / "differing.json"
    write(path, entries(other))
    worker = bare_scene.start_worker(settings(bare_scene, path)).wait_until_ready()
    bare_scene.topics.publish_requests([text_request(f"r{n}", account=n % 3, conversation=n // 3) for n in range(30)])
    bare_scene.results.wait_for(30, alive=[worker.process])
    results = decoded(bare_scene.results.read_to_end())
    assert_all_sent(results)
    assert {result["account_id"] for result in results} == {STANDARD, PAGED, OTHER}
    assert called(standard) == {STANDARD}
    assert called(other) == {PAGE, OTHER}
    assert standard.summary()["accepted_messages"] == 10 and other.summary()["accepted_messages"] == 20
    status = worker.page("/api/status").json()
    assert status["worker"]["graph"] == standard.url
    assert status["worker"]["other_graphs"] == [{"base_url": other.url, "accounts": 2}]
    bare_scene.stop_worker(worker)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("is_told", [True, False], ids=["with SIGHUP", "by itself"])
def test_an_account_moves_to_another_application_without_a_restart(bare_scene, endpoints, tmp_path, is_told):
    standard, other = endpoints
    path = tmp_path / "differing.json"
    write(path, {STANDARD: "IGSECRETa", PAGED: "IGSECRETb"})
    worker = bare_scene.start_worker(settings(bare_scene, path)).wait_until_ready()
    requests = [text_request(f"r{n}", account=n % 2) for n in range(4)]
    bare_scene.topics.publish_requests(requests[:2])
    bare_scene.results.wait_for(2, alive=[worker.process])
    assert called(standard) == {STANDARD, PAGED} and not other.calls()
    write(path, {key: value for key, value in entries(other).items() if key != OTHER})
    if is_told:
        worker.process.send_signal(signal.SIGHUP)
    worker.wait_for_log("access tokens have changed")
    bare_scene.topics.publish_requests(requests[2:])
    bare_scene.results.wait_for(4, alive=[worker.process])
    assert_all_sent(decoded(bare_scene.results.read_to_end()))
    assert called(other) == {PAGE}
    assert standard.summary()["accepted_messages"] == 3
    # An entry that cannot be used leaves the account as it was.
    write(path, {STANDARD: "IGSECRETa", PAGED: {"token": "IGSECRETb", "path_id": PAGE, "appSecret": '"IGSECRETtwo"'}})
    worker.wait_for_log(f"the entry of account {PAGED} has a member that nothing reads; did you mean pathID?")
    bare_scene.topics.publish_requests([text_request("last", account=1)])
    bare_scene.results.wait_for(5, alive=[worker.process])
    assert_all_sent(decoded(bare_scene.results.read_to_end()))
    assert called(other) == {PAGE}
    bare_scene.stop_worker(worker)


@pytest.mark.timeout(120)
def test_config_shows_and_checks_what_accounts_have_of_their_own(bare_scene, endpoints, tmp_path):
    standard, other = endpoints
    path = tmp_path / "differing.json"
    write(path, entries(other))
    options = set_options({**bare_scene.settings, "tokens.file": path})
    shown = bare_scene.command("config", "--json", *options, environment=SECRETS)
    assert shown.returncode == 0, shown.stderr
    rows = {row["key"]: row for row in json.loads(shown.stdout)}
    assert rows[f"tokens.file/{PAGED}/pathID"]["value"] == PAGE
    assert rows[f"tokens.file/{OTHER}/baseURL"]["value"] == other.url
    secret = rows[f"tokens.file/{OTHER}/appSecret"]
    assert secret["value"] == "<redacted>" and secret["secret"] and secret["source"] == f"tokens.file {path}"
    assert f"tokens.file/{STANDARD}/baseURL" not in rows
    table = bare_scene.command("config", *options, environment=SECRETS).stdout
    assert f"tokens.file/{PAGED}/pathID" in table
    checked = bare_scene.command("config", "--check", *options, environment=SECRETS)
    assert checked.returncode == 0, checked.stdout
    assert "2 of them with settings of their own: pathID 1, baseURL 2, appSecret 2" in checked.stdout
    assert f"{standard.url} answers" in checked.stdout
    assert f"{other.url} (baseURL of 2 accounts) answers" in checked.stdout
    other.stop()
    failed = bare_scene.command("config", "--check", *options, environment=SECRETS)
    assert failed.returncode == 1, failed.stdout
    assert f"{other.url} (baseURL of 2 accounts) does not answer: connection refused" in failed.stdout
    assert "check baseURL in tokens.file" in failed.stdout
    for done in (shown, checked, failed):
        assert "IGSECRET" not in done.stdout + done.stderr
    assert "IGSECRET" not in table
