"""What a worker has learned of an account outlives it: hourly limits and holds."""

from datetime import datetime, timedelta, timezone

import pytest

from stage.traffic import account_id, text_request
from stage.verdicts import assert_all_sent, decoded
from stage.waiting import holds_for, wait_until

HOURLY = 5
#: Graph's code for an account that is blocked for policy reasons.
BLOCKED = {"effect": "error", "code": 368, "status": 400, "delivers": False, "account": account_id(1)}


def private_reply(name, number, account=0):
    """The answer to a comment; each comment is a conversation of its own."""
    return text_request(name, account=account, recipient={"comment_id": f"1790{number:08d}"})


def account_page(scene, worker, account, **expected):
    """The account's page once it shows these members."""

    def page():
        answer = worker.page(f"/api/accounts/{account_id(account)}")
        if answer is None or answer.status_code != 200:
            return None
        shown = answer.json()
        return answer if all(shown.get(name) == value for name, value in expected.items()) else None

    answer = wait_until(page, f"the account's page says {expected}", alive=[worker.process])
    scene.pages.append(answer.content)
    return answer.json()


def calls_of(scene, account):
    return [call for call in scene.simulator.calls() if call["account"] == account_id(account)]


def metric(worker, name):
    """A metric without labels."""
    lines = worker.page("/metrics").text.splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))


@pytest.mark.timeout(90)
@pytest.mark.parametrize("guarantee", ["exactly_once", "at_least_once"])
@pytest.mark.parametrize("key", ["limits.privateRepliesPerHour", f"limits.accounts.{account_id(0)}.privateRepliesPerHour"])
def test_the_hourly_limit_outlives_the_worker(scene, key):
    settings = {key: HOURLY}
    first = scene.start_worker(settings).wait_until_ready()
    scene.topics.publish_requests([private_reply(f"reply-{number}", number) for number in range(HOURLY + 3)])
    scene.results.wait_for(HOURLY, alive=[first.process])
    account_page(scene, first, 0, state="limited", binding_limit="limits.privateRepliesPerHour")
    scene.stop_worker(first)

    second = scene.start_worker(settings).wait_until_ready()
    page = account_page(scene, second, 0, state="limited", binding_limit="limits.privateRepliesPerHour")
    assert page["waiting"] == 3
    due = datetime.fromisoformat(page["next_due"].replace("Z", "+00:00"))
    assert due > datetime.now(timezone.utc) + timedelta(minutes=50), "the hour began before the second worker"
    assert metric(second, "send_worker_restored_accounts_total") == 1
    # What is not a private reply goes on, so the account waits for its limit and for nothing else.
    scene.topics.publish_requests([text_request("text")])
    scene.results.wait_for(HOURLY + 1, alive=[second.process])
    holds_for(2, lambda: len(calls_of(scene, 0)) == HOURLY + 1, "no private reply is sent above the limit")
    scene.stop_worker(second)
    results = decoded(scene.results.read_to_end())
    assert_all_sent(results)
    assert len(results) == HOURLY + 1


@pytest.mark.timeout(90)
def test_a_hold_outlives_the_worker(scene):
    scene.simulator.add_faults(BLOCKED)
    first = scene.start_worker().wait_until_ready()
    # The hold stops the clock of retry.maxElapsed: what was called waits for its end like what comes later.
    scene.topics.publish_requests([text_request("blocked", account=1)])
    account_page(scene, first, 1, state="held", cause_category="policy", waiting=1)
    scene.topics.publish_requests([text_request("held", account=1)])
    account_page(scene, first, 1, state="held", cause_category="policy", waiting=2)
    scene.stop_worker(first)
    assert len(calls_of(scene, 1)) == 1

    scene.simulator.remove_faults()
    second = scene.start_worker().wait_until_ready()
    page = account_page(scene, second, 1, state="held", cause_category="policy", waiting=2)
    assert "368" in page["cause"], "Graph's own words"
    due = datetime.fromisoformat(page["next_due"].replace("Z", "+00:00"))
    assert due > datetime.now(timezone.utc) + timedelta(minutes=20)
    # Another account shows that the worker sends by now.
    scene.topics.publish_requests([text_request("other", account=2)])
    scene.results.wait_for(1, alive=[second.process])
    assert len(calls_of(scene, 1)) == 1
    scene.stop_worker(second)
    statuses = {result["request_id"]: result["status"] for result in decoded(scene.results.read_to_end())}
    assert statuses == {"other": "sent"}
