"""Tokens are nowhere to be seen. Every other test looks through its logs and pages too, when it is over."""

import pytest

from stage.traffic import account_id, text_request
from stage.verdicts import decoded

#: An account that the file has no token for.
STRANGER = "1784149999"
FAULTS = (
    {"effect": "error", "code": 190, "subcode": 460, "status": 401, "account": account_id(1)},
    {"effect": "error", "code": 551, "status": 400, "account": account_id(2)},
    {"effect": "reset_after_body", "account": account_id(3)},
    {"effect": "html_page", "status": 502, "account": account_id(4)},
)


@pytest.mark.timeout(60)
def test_no_token_stands_in_a_log_a_result_a_dead_letter_or_a_page(scene):
    scene.simulator.add_faults(*FAULTS)
    quick = {"retry.maxElapsed": "1s", "retry.maxHold": "1s", "retry.initialDelay": "50ms", "retry.unknownResends": 1}
    worker = scene.start_worker({**quick, "log.level": "trace"}).wait_until_ready()
    requests = [text_request(f"secret-{account}", account=account) for account in range(6)]
    requests.append({**text_request("secret-stranger"), "account_id": STRANGER})
    scene.topics.publish_requests(requests)
    scene.results.wait_for(len(requests), timeout=40, alive=[worker.process])
    scene.keep_pages(worker)
    for account in [*(account_id(number) for number in range(6)), STRANGER]:
        page = worker.page(f"/api/accounts/{account}")
        scene.pages.append(page.content)
    scene.tokens.replace(account_id(0))
    worker.wait_for_log("access tokens have changed")
    scene.stop_worker(worker)

    results = scene.results.read_to_end()
    endings = {result["request_id"]: result for result in decoded(results)}
    assert endings["secret-0"]["status"] == endings["secret-5"]["status"] == "sent"
    assert endings["secret-1"]["error"]["category"] == "token"
    assert endings["secret-stranger"]["error"]["category"] == "token"
    letters = scene.dead_letters.read_to_end()
    assert len(letters) == 5
    for record in [*results, *letters]:
        parts = [record.key, record.value, *(value for _, value in record.headers)]
        assert not any(scene.tokens.found_in(part) for part in parts if part), record
    assert len(scene.pages) >= 10
    scene.check_secrets()


#: What a person is sent, in the forms that a log could hold it.
WORDS = "the-words-of-a-message"


@pytest.mark.timeout(60)
@pytest.mark.parametrize("level", ["trace", "debug", "info"])
@pytest.mark.parametrize("is_wanted", [False, True])
def test_the_text_of_messages_is_logged_only_where_it_is_asked_for(scene, level, is_wanted):
    scene.simulator.add_faults({"effect": "error", "code": 551, "status": 400, "account": account_id(2)})
    settings = {"log.level": level, **({"log.messageText": "true"} if is_wanted else {})}
    worker = scene.start_worker(settings).wait_until_ready()
    requests = [text_request(f"text-{account}", account=account, message={"text": WORDS}) for account in range(4)]
    requests.append(text_request("text-wrong", account=3, message={"text": WORDS * 99}))
    scene.topics.publish_requests(requests)
    scene.results.wait_for(len(requests), alive=[worker.process])
    scene.keep_pages(worker)
    scene.stop_worker(worker)
    warned = [line for line in worker.log_lines if "log.messageText" in line]
    assert len(warned) == (1 if is_wanted else 0) and all("WARNING" in line for line in warned)
    told = [line for line in worker.log_lines if WORDS in line]
    calls = [line for line in worker.log_lines if "a call is started" in line]
    assert len(calls) == (0 if level == "info" else 4)
    assert told == (calls if is_wanted else [])
    assert not any(WORDS.encode() in page for page in scene.pages)


@pytest.mark.timeout(30)
def test_the_effective_configuration_hides_secrets(bare_scene):
    secrets = {"graph.appSecret": "IGSECRETapp", "kafka.properties.sasl.password": "IGSECRETsasl"}
    options = [part for key, value in secrets.items() for part in ("--set", f"{key}={value}")]
    for form in ([], ["--json"]):
        done = bare_scene.command("config", *options, *form)
        assert done.returncode == 0, done.stderr
        assert "graph.appSecret" in done.stdout
        assert "IGSECRET" not in done.stdout + done.stderr
