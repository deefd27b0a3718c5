"""A token that Graph refuses: the account is parked, and goes on when the token is replaced."""

import pytest

from stage.traffic import account_id, text_request
from stage.verdicts import assert_all_sent, decoded
from stage.waiting import wait_until

#: Graph's code for a token that is not valid any more.
DEAD_TOKEN = {"effect": "dead_token", "subcode": 463, "account": account_id(1)}


@pytest.mark.timeout(60)
def test_an_account_is_parked_until_its_token_is_replaced(scene):
    scene.simulator.add_faults(DEAD_TOKEN)
    worker = scene.start_worker().wait_until_ready()
    scene.topics.publish_requests([text_request("parked-1", account=1), text_request("parked-2", account=1)])

    def parked():
        page = worker.page(f"/api/accounts/{account_id(1)}")
        return page is not None and page.status_code == 200 and page.json()["state"] == "token_dead" and page

    page = wait_until(parked, "the account's page says token_dead", alive=[worker.process])
    scene.pages.append(page.content)
    assert page.json()["waiting"] == 2
    assert page.json()["head"]["request_id"] == "parked-1"
    assert page.json()["cause_category"] == "token"
    calls = scene.simulator.summary()["calls"]

    # Another account does not suffer, and the parked one makes no call meanwhile.
    scene.topics.publish_requests([text_request("other", account=2)])
    scene.results.wait_for(1, alive=[worker.process])
    assert [result["request_id"] for result in decoded(scene.results.records)] == ["other"]
    assert scene.simulator.summary()["calls"] == calls + 1

    scene.simulator.remove_faults()
    scene.tokens.replace(account_id(1))
    scene.results.wait_for(3, alive=[worker.process])
    scene.stop_worker(worker)
    results = decoded(scene.results.read_to_end())
    assert [result["request_id"] for result in results if result["account_id"] == account_id(1)] == ["parked-1", "parked-2"]
    assert_all_sent(results)
    assert not any(result["possible_duplicate"] for result in results)
