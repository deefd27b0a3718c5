"""Long-lived tokens are refreshed before they end and written back, by one replica at a time."""

import json
from datetime import datetime, timedelta, timezone

import pytest

from stage.traffic import account_id, text_request
from stage.verdicts import assert_all_sent, decoded
from stage.waiting import holds_for, wait_until


def in_days(days):
    return (datetime.now(timezone.utc) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def refreshes(worker):
    found = {}
    for line in worker.page("/metrics").text.splitlines():
        if line.startswith("send_worker_token_refreshes_total{"):
            found[line.split('"')[1]] = float(line.split()[-1])
    return found


@pytest.mark.timeout(120)
def test_replicas_refresh_each_token_once_and_send_on(scene, tmp_path):
    file = tmp_path / "shared-tokens.json"
    tokens = {
        account_id(0): "IGSECRETplain",
        account_id(1): {"token": "IGSECRETsoon", "expires_at": in_days(2)},
        account_id(2): {"token": "IGSECRETlate", "expires_at": in_days(40)},
    }
    file.write_text(json.dumps(tokens))
    file.chmod(0o640)
    settings = {"tokens.file": file, "tokens.refresh": "true"}
    workers = [scene.start_worker(settings), scene.start_worker(settings)]
    for worker in workers:
        worker.wait_until_ready()

    def written():
        return json.loads(file.read_text())

    wait_until(
        lambda: isinstance(written()[account_id(0)], dict) and written()[account_id(1)]["token"] == "IGSECRETsoonR",
        "both tokens are refreshed",
        60,
        alive=[worker.process for worker in workers],
    )
    assert written()[account_id(0)]["token"] == "IGSECRETplainR"
    assert written()[account_id(2)] == tokens[account_id(2)]
    for number in (0, 1):
        assert in_days(59) < written()[account_id(number)]["expires_at"] < in_days(61)
    assert file.stat().st_mode & 0o777 == 0o640
    # The simulator refuses a token that it gave out itself just now, so a second refresh would be seen.
    holds_for(6, lambda: sum(refreshes(worker)["refreshed"] for worker in workers) == 2, "each token is refreshed once")
    assert sum(sum(refreshes(worker).values()) for worker in workers) == 2
    scene.topics.publish_requests([text_request(f"r{n}", account=n % 3) for n in range(9)])
    scene.results.wait_for(9, alive=[worker.process for worker in workers])
    assert_all_sent(decoded(scene.results.read_to_end()))
    assert any("an access token was refreshed" in line for worker in workers for line in worker.log_lines)
    for worker in workers:
        scene.stop_worker(worker)
