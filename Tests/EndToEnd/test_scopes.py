"""An answer reaches as far as it concerns: a message, a person, a post, a feature, an account or the application."""

from datetime import datetime, timedelta, timezone

import pytest

from stage.prometheus import Exposition
from stage.traffic import account_id, recipient_id, text_request, texts
from stage.verdicts import assert_all_sent, assert_one_result_each, decoded
from stage.waiting import wait_until

QUICK_RETRIES = {"retry.initialDelay": "100ms", "retry.maxDelay": "1s"}


def calls_of(scene, account):
    return [call for call in scene.simulator.calls() if call["account"] == account_id(account)]


def account_page(worker, account, **expected):
    """The account's page once it shows these members."""

    def page():
        answer = worker.page(f"/api/accounts/{account_id(account)}")
        shown = answer.json() if answer is not None and answer.status_code == 200 else {}
        return shown if shown and all(shown.get(name) == value for name, value in expected.items()) else None

    return wait_until(page, f"the account's page says {expected}", alive=[worker.process])


def status(worker):
    return worker.page("/api/status").json()


def due(page):
    return datetime.fromisoformat(page["next_due"].replace("Z", "+00:00"))


def by_id(scene, requests):
    results = decoded(scene.results.read_to_end())
    assert_one_result_each(results, [request["request_id"] for request in requests])
    return {result["request_id"]: result for result in results}


def human_agent(name, conversation):
    return text_request(name, conversation=conversation, messaging_type="MESSAGE_TAG", tag="HUMAN_AGENT")


def private_reply(name, number):
    return text_request(name, recipient={"comment_id": f"1790{number:08d}"})


def typing(name, conversation):
    request = text_request(name, conversation=conversation, sender_action="typing_on")
    del request["message"]
    return request


def link(name, conversation):
    return text_request(name, conversation=conversation, message={"text": f"{name}: https://shop.example.com/1"})


#: What is refused once, with which code, subcode and status.
NARROW = {
    "typing-10-2018048": (typing("bad", 9), 10, 2_018_048, 403),
    "link-508-2534122": (link("bad", 9), 508, 2_534_122, 400),
    "private-reply-3": (private_reply("bad", 9), 3, None, 400),
    "private-reply-200-2534066": (private_reply("bad", 9), 200, 2_534_066, 403),
    "human-agent-10": (human_agent("bad", 9), 10, None, 403),
    "text-200-2018028": (text_request("bad", conversation=9), 200, 2_018_028, 403),
    "text-10-2534014": (text_request("bad", conversation=9), 10, 2_534_014, 403),
    "text-100-new-subcode": (text_request("bad", conversation=9), 100, 2_999_999, 400),
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("refusal", NARROW.values(), ids=NARROW.keys())
def test_what_concerns_one_message_or_person_stops_nobody_else(scene, refusal):
    request, code, subcode, http = refusal
    fault = {"effect": "error", "code": code, "status": http, "account": account_id(0), "count": 1}
    scene.simulator.add_faults({**fault, "subcode": subcode} if subcode else fault)
    worker = scene.start_worker(QUICK_RETRIES).wait_until_ready()
    scene.topics.publish_requests([request])
    scene.results.wait_for(1, alive=[worker.process])
    others = [text_request(f"other-{n}", conversation=n) for n in range(5)]
    scene.topics.publish_requests(others)
    scene.results.wait_for(6, timeout=20, alive=[worker.process])
    results = by_id(scene, [request, *others])
    assert results.pop("bad")["status"] == "failed"
    assert_all_sent(results.values())
    scene.stop_worker(worker)


@pytest.mark.timeout(60)
def test_a_throttle_of_one_person_delays_that_person_alone(scene):
    throttle = {"effect": "error", "code": 613, "subcode": 2_018_338, "status": 400, "recipient": recipient_id(0, 9)}
    scene.simulator.add_faults({**throttle, "count": 3})
    worker = scene.start_worker({"retry.initialDelay": "1s"}).wait_until_ready()
    first = text_request("slow", conversation=9)
    others = [text_request(f"other-{n}", conversation=n) for n in range(5)]
    scene.topics.publish_requests([first, *others])
    scene.results.wait_for(6, timeout=40, alive=[worker.process])
    assert_all_sent(by_id(scene, [first, *others]).values())
    order = [call["recipient"] for call in scene.simulator.calls()]
    assert set(order[:6]) == {recipient_id(0, n) for n in [0, 1, 2, 3, 4, 9]}, "the others did not wait for the first"
    assert order[6:] == [recipient_id(0, 9)] * 3
    scene.stop_worker(worker)


@pytest.mark.timeout(60)
def test_one_accounts_block_stops_no_other_account(scene):
    blocked = {"effect": "error", "code": 4, "subcode": 2_207_051, "status": 403, "account": account_id(0)}
    scene.simulator.add_faults(blocked)
    worker = scene.start_worker().wait_until_ready()
    requests = texts(380, accounts=20, conversations=19)
    scene.topics.publish_requests(requests)
    scene.results.wait_for(361, timeout=40, alive=[worker.process])
    results = decoded(scene.results.read_to_end())
    assert_all_sent(results)
    assert account_id(0) not in {result["account_id"] for result in results}
    page = account_page(worker, 0, state="throttled", scope="account")
    assert "2207051" in page["cause"]
    assert not status(worker)["application_cooling"]
    scene.simulator.remove_faults()
    scene.results.wait_for(380, timeout=40, alive=[worker.process])
    assert_all_sent(by_id(scene, requests).values())
    scene.stop_worker(worker)


@pytest.mark.timeout(90)
def test_a_throttle_of_the_application_in_500_calls_slows_nothing(scene):
    """The share is drawn, so it is met by one throttle alone: above 1 % of a minute's calls all would slow down."""
    worker = scene.start_worker(QUICK_RETRIES).wait_until_ready()
    before = texts(500, accounts=10, prefix="a")
    scene.topics.publish_requests(before)
    scene.results.wait_for(500, timeout=40, alive=[worker.process])
    scene.simulator.add_faults({"effect": "error", "code": 4, "status": 400, "count": 1})
    after = texts(500, accounts=10, prefix="b")
    scene.topics.publish_requests(after)
    scene.results.wait_for(1_000, timeout=40, alive=[worker.process])
    assert_all_sent(by_id(scene, before + after).values())
    arrivals = sorted(call["arrival_ms"] for call in scene.simulator.calls())[500:]
    longest = max(later - earlier for earlier, later in zip(arrivals, arrivals[1:]))
    assert longest < 900, "no call waited the second that a throttle of all costs"
    scene.stop_worker(worker)


@pytest.mark.timeout(90)
@pytest.mark.parametrize("kind", [human_agent, link])
def test_three_refusals_in_a_row_hold_the_feature_and_nothing_else(scene, kind):
    code, subcode = (10, None) if kind is human_agent else (508, 2_534_122)
    fault = {"effect": "error", "code": code, "status": 403, "account": account_id(0), "message": "Not for this app."}
    scene.simulator.add_faults({**fault, "subcode": subcode} if subcode else fault)
    worker = scene.start_worker(QUICK_RETRIES).wait_until_ready()
    refused = [kind(f"bad-{n}", n) for n in range(8)]
    scene.topics.publish_requests(refused)
    page = wait_until(
        lambda: next(iter(account_page(worker, 0).get("held_features", [])), None), "the feature is held", alive=[worker.process]
    )
    assert page["feature"] == ("human_agent" if kind is human_agent else "link")
    assert "Not for this app." in page["cause"]
    assert timedelta(minutes=8) < due(page) - datetime.now(timezone.utc) < timedelta(minutes=11)
    scene.simulator.remove_faults()
    texts_of_others = [text_request(f"text-{n}", conversation=20 + n) for n in range(5)]
    scene.results.wait_for(3, alive=[worker.process])
    scene.topics.publish_requests(texts_of_others)
    wait_until(
        lambda: {f"text-{n}" for n in range(5)} <= {result["request_id"] for result in decoded(scene.results.read_to_end())},
        "texts are sent",
        alive=[worker.process],
    )
    worker.wait_for_log("waits for more than a minute")
    assert status(worker)["safety_valve"]["state"] == "sending"
    scene.stop_worker(worker)

    # The next owner keeps the hold, and Graph's own words with it.
    second = scene.start_worker(QUICK_RETRIES).wait_until_ready()
    held = wait_until(
        lambda: next(iter(account_page(second, 0).get("held_features", [])), None), "the feature is held", alive=[second.process]
    )
    assert held["feature"] == page["feature"]
    assert "Not for this app." in held["cause"]
    scene.stop_worker(second)


@pytest.mark.timeout(60)
def test_refusals_of_people_and_features_shut_no_valve(scene):
    scene.simulator.add_faults(
        {"effect": "error", "code": 200, "subcode": 2_534_066, "status": 403, "account": account_id(0)}
    )
    worker = scene.start_worker(QUICK_RETRIES).wait_until_ready()
    replies = [private_reply(f"reply-{n}", n) for n in range(60)]
    others = texts(60, accounts=1, prefix="t")
    for request in others:
        request["account_id"] = account_id(1)
    scene.topics.publish_requests(replies + others)
    scene.results.wait_for(120, timeout=30, alive=[worker.process])
    results = by_id(scene, replies + others)
    assert {results[request["request_id"]]["status"] for request in replies} == {"failed"}
    assert_all_sent(results[request["request_id"]] for request in others)
    assert Exposition(worker.page("/metrics").text).sum("send_worker_sending_pauses_total") == 0
    scene.stop_worker(worker)


@pytest.mark.timeout(60)
def test_private_replies_that_were_answered_before_fail_without_trying_again(scene):
    scene.simulator.add_faults({"effect": "error", "code": -1, "subcode": 2_534_023, "status": 500})
    worker = scene.start_worker(QUICK_RETRIES).wait_until_ready()
    replies = [private_reply(f"reply-{n}", n) for n in range(60)]
    scene.topics.publish_requests(replies)
    scene.results.wait_for(60, timeout=30, alive=[worker.process])
    assert {result["status"] for result in by_id(scene, replies).values()} == {"failed"}
    assert len(scene.simulator.calls()) == 60
    assert status(worker)["endpoint"] == "up"
    scene.stop_worker(worker)


@pytest.mark.timeout(90)
@pytest.mark.parametrize("accounts", [1, 50])
def test_a_wrong_proof_costs_a_few_dead_letters(scene, accounts):
    requests = texts(500, accounts=accounts, conversations=500 // accounts)
    scene.topics.publish_requests(requests)
    scene.simulator.add_faults({"effect": "error", "code": 100, "status": 400, "message": "Invalid appsecret_proof"})
    worker = scene.start_worker()
    wait_until(
        lambda: worker.page("/api/status") and status(worker)["safety_valve"]["state"] != "sending",
        "the valve shuts",
        timeout=40,
        alive=[worker.process],
    )
    assert "Invalid appsecret_proof" in status(worker)["safety_valve"]["reason"]
    assert len(scene.simulator.calls()) <= 30
    scene.stop_worker(worker)
    assert len(decoded(scene.results.read_to_end())) <= 30


@pytest.mark.timeout(120)
def test_an_hour_that_graph_names_is_kept_by_the_next_owner(scene):
    named = {"effect": "error", "code": 613, "status": 429, "retry_after_seconds": 3_600, "account": account_id(0)}
    scene.simulator.add_faults({**named, "message": "Calls to this api have exceeded the rate limit."})
    first = scene.start_worker({"retry.maxElapsed": "1m"}).wait_until_ready()
    scene.topics.publish_requests(texts(20, accounts=2, conversations=1))
    scene.results.wait_for(10, alive=[first.process])
    account_page(first, 0, state="throttled", waiting=10)
    first.wait_for_log("waits for more than a minute")
    scene.stop_worker(first)
    scene.simulator.remove_faults()

    second = scene.start_worker({"retry.maxElapsed": "1m"}).wait_until_ready()
    page = account_page(second, 0, state="throttled", waiting=10)
    assert timedelta(minutes=50) < due(page) - datetime.now(timezone.utc) <= timedelta(minutes=60)
    assert "exceeded the rate limit" in page["cause"]
    assert len(calls_of(scene, 0)) == 1
    scene.stop_worker(second)


@pytest.mark.timeout(60)
def test_a_regain_time_of_two_years_is_believed_for_a_day(scene):
    regain = {"effect": "error", "code": 613, "status": 400, "regain_minutes": 1_000_000, "account": account_id(0)}
    scene.simulator.add_faults({**regain, "count": 1})
    worker = scene.start_worker().wait_until_ready()
    scene.topics.publish_requests(texts(5, accounts=1, conversations=1))
    page = account_page(worker, 0, state="throttled", waiting=5)
    assert due(page) - datetime.now(timezone.utc) <= timedelta(hours=24)
    worker.wait_for_log("waits for more than a minute")
    scene.stop_worker(worker)


@pytest.mark.timeout(90)
def test_one_accounts_unknown_answers_are_not_the_endpoints_trouble(scene):
    scene.simulator.add_faults({"effect": "error", "code": 1, "status": 500, "account": account_id(0)})
    worker = scene.start_worker().wait_until_ready()
    bad = texts(60, accounts=1, conversations=60, prefix="bad")
    scene.topics.publish_requests(bad)
    account_page(worker, 0, state="answers_unknown")
    others = [text_request(f"good-{n}", account=1 + n % 4, conversation=n) for n in range(200)]
    scene.topics.publish_requests(others)
    wait_until(
        lambda: sum(result["status"] == "sent" for result in decoded(scene.results.read_to_end())) == 200,
        "the other accounts' texts are sent",
        timeout=30,
        alive=[worker.process],
    )
    assert status(worker)["endpoint"] == "up"
    scene.simulator.remove_faults()
    scene.results.wait_for(260, timeout=60, alive=[worker.process])
    results = by_id(scene, bad + others)
    unknown = [result for result in results.values() if result["status"] == "unknown"]
    assert len(unknown) <= 20, "single probes, not the whole queue"
    assert_all_sent(result for result in results.values() if result["status"] != "unknown")
    scene.stop_worker(worker)


@pytest.mark.timeout(120)
def test_an_endpoint_that_says_nothing_turns_no_queue_into_unknowns(scene):
    # What is called before the first answer is in nobody's hands.
    worker = scene.start_worker({"worker.maxInFlight": 20}).wait_until_ready()
    before = texts(100, accounts=50, prefix="a")
    scene.topics.publish_requests(before)
    scene.results.wait_for(100, alive=[worker.process])
    scene.simulator.add_faults({"effect": "error", "code": 2, "status": 500})
    during = texts(500, accounts=50, prefix="b")
    scene.topics.publish_requests(during)
    wait_until(lambda: status(worker)["endpoint"] == "down", "the endpoint is down", alive=[worker.process])
    wait_until(lambda: len(scene.simulator.calls()) >= 100 + 25, "probes go out", timeout=40, alive=[worker.process])
    scene.simulator.remove_faults()
    scene.results.wait_for(600, timeout=60, alive=[worker.process])
    results = by_id(scene, before + during)
    unknown = [result for result in results.values() if result["status"] == "unknown"]
    assert len(unknown) <= 50
    assert_all_sent(result for result in results.values() if result["status"] != "unknown")
    scene.stop_worker(worker)
