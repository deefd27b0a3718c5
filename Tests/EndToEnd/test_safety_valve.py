"""Every account fails at once: the worker pauses visibly, and goes on by itself or on command."""

import pytest
import requests

from stage.prometheus import Exposition
from stage.traffic import texts
from stage.verdicts import decoded
from stage.waiting import wait_until

#: What Graph says to everybody once the application is switched off.
DEACTIVATED = {"effect": "error", "code": 200, "message": "API access deactivated."}
TOKEN = "IGSECRETadmin-token"
ACCOUNTS = 20
REQUESTS = 200


@pytest.fixture
def paused_worker(scene):
    """A worker that has paused, with requests of all accounts before it."""
    scene.tokens.ever.append(TOKEN)
    scene.simulator.add_faults(DEACTIVATED)
    worker = scene.start_worker({"admin.token": TOKEN}).wait_until_ready()
    scene.topics.publish_requests(texts(REQUESTS, accounts=ACCOUNTS, conversations=1))
    wait_until(lambda: valve(worker)["state"] != "sending", "the worker has paused", alive=[worker.process])
    return worker


def valve(worker):
    page = worker.page("/api/status")
    return page.json()["safety_valve"] if page is not None else {"state": "sending"}


def metrics(worker):
    return Exposition(worker.page("/metrics").text)


def assert_everything_else_is_sent(scene, worker):
    """All requests end; only those that failed before the pause, and failed probes, are not sent."""
    scene.results.wait_for(REQUESTS, timeout=60, alive=[worker.process])
    scene.stop_worker(worker)
    results = decoded(scene.results.read_to_end())
    assert len({result["request_id"] for result in results}) == len(results) == REQUESTS
    lost = [result for result in results if result["status"] != "sent"]
    assert len(lost) < ACCOUNTS
    assert {result["error"]["category"] for result in lost} <= {"permission"}
    assert scene.simulator.summary()["accepted_messages"] == REQUESTS - len(lost)


@pytest.mark.timeout(150)
def test_a_worker_pauses_says_so_and_goes_on_by_itself(scene, paused_worker):
    worker = paused_worker
    seen = valve(worker)
    assert seen["since"] is not None
    assert seen["failed_accounts"] >= 10
    assert seen["failed_accounts"] <= seen["active_accounts"] <= ACCOUNTS
    assert seen["threshold"] == 0.5

    answer = worker.page("/readyz")
    assert answer.status_code == 503
    (reason,) = answer.json()["reasons"]
    for text in ("sending is paused", "permission 200", "API access deactivated", "dashboard", "send-worker resume"):
        assert text in reason
    assert worker.page("/healthz").status_code == 200
    assert seen["reason"] == reason
    worker.wait_for_log("sending is paused, as too many accounts cannot send")
    (line,) = [line for line in worker.log_lines if "sending is paused" in line]
    assert "API access deactivated" in line and "dashboard" in line and "error" in line.lower()

    page = metrics(worker)
    assert page.sum("send_worker_sending_paused") == 1
    assert page.sum("send_worker_sending_pauses_total") == 1
    assert page.sum("send_worker_safety_accounts", state="failing") >= 10
    # At most one call every five seconds, whatever waits.
    calls = scene.simulator.summary()["calls"]
    assert calls <= ACCOUNTS + 2
    scene.keep_pages(worker)

    scene.simulator.remove_faults()
    wait_until(lambda: valve(worker)["state"] == "sending", "sending goes on", timeout=100, alive=[worker.process])
    worker.wait_for_log("sending goes on")
    assert worker.page("/readyz").status_code == 200
    assert valve(worker)["reason"] is None
    wait_until(lambda: metrics(worker).sum("send_worker_sending_paused") == 0, "the metric says so")
    assert_everything_else_is_sent(scene, worker)


@pytest.mark.timeout(120)
def test_the_command_makes_it_go_on_at_once(scene, paused_worker):
    worker = paused_worker
    url = f"http://127.0.0.1:{worker.admin_port}"
    scene.simulator.remove_faults()

    refused = scene.command("resume", "--admin", url, environment={"ADMIN_TOKEN": "another"})
    assert refused.returncode == 1
    assert "does not take this admin.token" in refused.stderr and "another" not in refused.stderr
    without = scene.command("resume", "--admin", url)
    assert without.returncode == 2
    assert "ADMIN_TOKEN" in without.stderr
    visible = scene.command("resume", "--set", f"admin.token={TOKEN}")
    assert visible.returncode == 2
    assert "command line" in visible.stderr and TOKEN not in visible.stderr
    assert requests.post(f"{url}/api/resume", timeout=10).status_code == 401
    assert requests.get(f"{url}/api/resume", timeout=10).status_code == 405
    assert valve(worker)["state"] != "sending"

    done = scene.command("resume", "--admin", url, environment={"ADMIN_TOKEN": TOKEN})
    assert done.returncode == 0, done.stderr
    assert "goes on after a pause since 20" in done.stdout
    assert valve(worker)["state"] == "sending"
    worker.wait_for_log("sending goes on")
    again = scene.command("resume", "--admin", f"{url}/", environment={"ADMIN_TOKEN": TOKEN})
    assert again.returncode == 0 and "was not paused" in again.stdout
    assert_everything_else_is_sent(scene, worker)
    assert not any(TOKEN in line for line in worker.log_lines)


@pytest.mark.timeout(60)
def test_a_worker_without_a_token_is_resumed_by_nobody(scene):
    worker = scene.start_worker().wait_until_ready()
    url = f"http://127.0.0.1:{worker.admin_port}"
    answer = requests.post(f"{url}/api/resume", headers={"Authorization": "Bearer x"}, timeout=10)
    assert answer.status_code == 403
    assert "admin.token" in answer.json()["error"]
    refused = scene.command("resume", "--admin", url, environment={"ADMIN_TOKEN": "x"})
    assert refused.returncode == 1
    assert "admin.token is not set" in refused.stderr
    scene.stop_worker(worker)


@pytest.mark.timeout(30)
def test_nobody_to_resume_is_said_clearly(bare_scene):
    for base, code in (("http://127.0.0.1:1", 1), ("127.0.0.1", 2)):
        done = bare_scene.command("resume", "--admin", base, environment={"ADMIN_TOKEN": "x"})
        assert done.returncode == code, done.stderr
        assert base in done.stderr
