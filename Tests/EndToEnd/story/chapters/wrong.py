"""Requests that end otherwise: refused by the rules, no request at all, refused by Graph."""

import json

from story.backends import BAKERY, SHOP, compact, text

EMPTY = text("coupon-1", SHOP, "90210", "")
MISSPELT = {"request_id": "coupon-2", "account_id": SHOP, "recipient": {"id": "90211"}, "mesage": {"text": "A coupon"}}
NO_REQUEST = "coupon-3 for 90212"
OFFERS = [text(f"offer-{n}", BAKERY, f"9023{n}", f"Offer {n}: fresh bread at seven") for n in (1, 2, 3)]
#: Graph's refusal of a message whose account's token was not given the permission for it.
NO_PERMISSION = {
    "effect": "error",
    "status": 403,
    "code": 10,
    "subcode": 1404170,
    "message": "Application does not have permission for this action",
    "account": BAKERY,
}


def requests_are_refused(theatre):
    what_the_rules_refuse(theatre)
    what_graph_refuses(theatre)
    they_are_dead_letters(theatre)


def what_the_rules_refuse(theatre):
    theatre.teller.prose("A backend has a bad day. `validate` finds what is wrong, and `publish` refuses to publish it:")
    theatre.write("coupons.ndjson", EMPTY, MISSPELT, NO_REQUEST)
    theatre.run("cat coupons.ndjson")
    output = theatre.run("send-worker validate coupons.ndjson", code=1)
    rules = "text.empty", "member.unknown", "record.not_json"
    theatre.check(all(rule in output for rule in rules), "each broken rule is named, with its place", output)
    output = theatre.run("send-worker publish --config send-worker.yaml coupons.ndjson", code=1)
    theatre.check("nothing was published" in output, "nothing is published", output)

    theatre.teller.prose("Not every backend asks first. Published nevertheless, they are answered without a call:")
    for request in (EMPTY, MISSPELT, None):
        theatre.ledger.expect(request, "rejected")
    output = theatre.run("send-worker publish --config send-worker.yaml --no-validate --wait coupons.ndjson", code=1)
    theatre.check(output.count("  rejected  ") == 3, "all three are rejected", output)


def what_graph_refuses(theatre):
    theatre.teller.prose(f"And {BAKERY} has lost a permission: Graph refuses its messages for good.")
    theatre.run(f"curl -s -X POST {theatre.simulator}/faults -d '{compact(NO_PERMISSION)}'")
    theatre.write("offers.ndjson", *OFFERS)
    output = theatre.run("send-worker publish --config send-worker.yaml --wait offers.ndjson", code=1)
    theatre.check(output.count("  failed  ") == 3 and "permission 10" in output, "they failed, and were not delivered", output)


def they_are_dead_letters(theatre):
    theatre.teller.prose("All of that stands on the dead-letter topic. First how much of what, then which:")
    output = theatre.run("send-worker dead-letters list --config send-worker.yaml --counts")
    counts = {tuple(line.split()) for line in output.splitlines()}
    expected = {
        ("3", "failed", "permission", "10"),
        ("2", "rejected", "invalid_request", "-"),
        ("1", "rejected", "malformed_record", "-"),
    }
    theatre.check(expected <= counts and "6 in all" in output, "counted by cause, they are six", output)
    output = theatre.run("send-worker dead-letters list --config send-worker.yaml --category permission --since 1h")
    theatre.check(all(offer["request_id"] in output for offer in OFFERS), "a filter shows those of one cause", output)
    assert "coupon" not in output, output
    line = "send-worker dead-letters list --config send-worker.yaml --request-id coupon-2 --json"
    letter = json.loads(theatre.run(f"{line} | jq '{{message, attempts, request}}'"))
    theatre.check(letter["request"] == MISSPELT and letter["attempts"] == 0, "each keeps its request as it came", letter)
