"""A token expires; the account is parked while the others go on; the token is replaced, and everything is sent."""

import json

from story.backends import HOTEL, SALON, SHOP, compact, text

REMINDERS = [text(f"reminder-{n}", SALON, "90220", f"Reminder {n}: your appointment is tomorrow") for n in (1, 2, 3)]
OTHERS = [
    text("order-1", SHOP, "90210", "Your order 1 has shipped"),
    text("booking-1", HOTEL, "90240", "Your room 1 is booked"),
    text("order-2", SHOP, "90211", "Your order 2 has shipped"),
]
EXPIRED = {"effect": "dead_token", "subcode": 463, "account": SALON}


def calls_of(theatre, account):
    """Types the command that shows an account's calls as the simulator saw them; gives them."""
    line = f"curl -s '{theatre.simulator}/calls?account={account}' | jq -c '[.marker, .accepted, .code]'"
    return [json.loads(call) for call in theatre.run(line).splitlines() if call]


def a_token_expires(theatre):
    theatre.teller.prose(f"The simulator is told that the token of {SALON} is dead. Three requests come in for that account.")
    theatre.run(f"curl -s -X POST {theatre.simulator}/faults -d '{compact(EXPIRED)}'")
    theatre.write("reminders.ndjson", *REMINDERS)
    theatre.run("cat reminders.ndjson")
    theatre.run("send-worker publish --config send-worker.yaml reminders.ndjson")
    theatre.teller.prose("No results come. The account's page says why:")
    page = parked_page(theatre)
    theatre.check(page["cause_category"] == "token" and "token has expired" in page["cause"], "the cause is Graph's own words")
    theatre.check(page["head"]["request_id"] == "reminder-1", "3 requests wait, reminder-1 at their head", page)
    assert not page["head"]["may_be_delivered"], page
    is_counted = lambda output: 'state="token_dead"} 1' in output
    line = f"curl -s {theatre.admin}/metrics | grep '^send_worker_accounts{{'"
    theatre.run_until(line, is_counted, "the metrics count the parked account")
    theatre.check(True, "the metrics count one account with a dead token")

    theatre.teller.prose("The other accounts do not feel it:")
    theatre.write("others.ndjson", *OTHERS)
    for request in OTHERS:
        theatre.ledger.expect(request, "sent")
    output = theatre.run("send-worker publish --config send-worker.yaml --wait others.ndjson")
    theatre.check("3 of 3 requests were sent" in output, "the others are sent meanwhile", output)
    calls = calls_of(theatre, SALON)
    theatre.check([call[2] for call in calls] == [190], "the parked account was called once, and not again", calls)


def parked_page(theatre):
    """The account's page, once it says that the token is dead and that all three requests wait."""
    page = {}

    def is_parked(output):
        nonlocal page
        page = json.loads(output) if output.startswith("{") else {}
        return page.get("state") == "token_dead" and page["waiting"] == len(REMINDERS)

    line = f"curl -s {theatre.admin}/api/accounts/{SALON} | jq ."
    theatre.run_until(line, is_parked, "the account is token_dead with 3 requests waiting")
    return page


def the_token_is_replaced(theatre):
    theatre.teller.prose(
        """The owner logs in again, and Instagram issues a new token. It is written into a draft with all the other tokens, and
        the draft takes the file's place in one step. (The simulator is told that the new one is good.)"""
    )
    theatre.run(f"curl -s -X DELETE {theatre.simulator}/faults")
    draft = theatre.tokens.draft(SALON)
    for request in REMINDERS:
        theatre.ledger.expect(request, "sent")
    theatre.run(f"mv {draft.name} {theatre.tokens.path.name}")
    line = f"send-worker results --config send-worker.yaml --from beginning --account {SALON}"
    theatre.run_until(line, lambda output: output.count("\n") == 3, "three results of the parked account")
    calls = calls_of(theatre, SALON)
    words = [request["message"]["text"] for request in REMINDERS]
    delivered = [call[0] for call in calls if call[1]]
    theatre.check(delivered == words, "all three are delivered, in order, once each", calls)
    line = f"curl -s {theatre.admin}/api/accounts/{SALON} | jq ."
    # A worker soon forgets an account that has nothing to wait for.
    is_ready = lambda output: '"state": "ready"' in output or "has nothing of account" in output
    theatre.run_until(line, is_ready, "the account waits for nothing")
    line = f"curl -s {theatre.admin}/metrics | grep '^send_worker_accounts{{'"
    theatre.run_until(line, lambda output: 'state="token_dead"} 0' in output, "no account is counted any more")
    theatre.check(True, "nothing holds the account any more")
