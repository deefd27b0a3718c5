"""What was wrong is mended, and what can be sent now is published again, once."""

from story.backends import BAKERY, SHOP, compact, text

from .wrong import OFFERS

REDRIVE = "send-worker dead-letters redrive --config send-worker.yaml --state redriven.ndjson"
PERMISSION = f"{REDRIVE} --category permission --since 1h"
#: Meanwhile one of the three has blocked the account.
BLOCKED = {
    "effect": "error",
    "status": 400,
    "code": 551,
    "message": "This person is not available right now",
    "account": BAKERY,
    "recipient": OFFERS[2]["recipient"]["id"],
}
CORRECTED = [
    text("coupon-1b", SHOP, "90210", "Coupon 1 for you"),
    text("coupon-2b", SHOP, "90211", "Coupon 2 for you"),
]


def what_was_mended_is_sent_again(theatre):
    a_dry_run_shows_what_would_be(theatre)
    they_are_published_again(theatre)
    nothing_is_published_twice(theatre)
    what_is_still_wrong_is_left_alone(theatre)


def a_dry_run_shows_what_would_be(theatre):
    theatre.teller.prose(
        "The owner grants the permission again. One of the three persons, however, has blocked the account meanwhile."
    )
    theatre.run(f"curl -s -X PUT {theatre.simulator}/faults -d '{compact(BLOCKED)}'")
    theatre.teller.prose("A redrive without `--yes` only says what it would do. `--state` names the file that notes what was published:")
    before = len(theatre.topic("requests"))
    output = theatre.run(PERMISSION)
    theatre.check("dry run: would publish 3 of 3" in output, "three would be published", output)
    assert len(theatre.topic("requests")) == before, "a dry run has published something"


def they_are_published_again(theatre):
    theatre.teller.prose("One first, to see that it works, then the others:")
    for offer in OFFERS:
        theatre.ledger.expect(offer, "failed", "failed" if offer is OFFERS[2] else "sent")
    output = theatre.run(f"{REDRIVE} --request-id offer-1 --yes")
    theatre.check("published 1 of 1" in output, "one is published", output)
    line = f"send-worker results --config send-worker.yaml --from beginning --account {BAKERY} --status sent"
    theatre.run_until(line, lambda output: "offer-1 " in output, "the first one is sent")
    theatre.check(True, "and sent")
    output = theatre.run(f"{PERMISSION} --yes")
    theatre.check("published 2 of 3" in output and "redriven before" in output, "the rest follows, the first does not", output)
    line = f"send-worker results --config send-worker.yaml --from beginning --account {BAKERY}"
    output = theatre.run_until(line, lambda output: output.count("\n") == 6, "six results, two of each offer")
    sent = [line.split()[2] for line in output.splitlines() if line.split()[1] == "sent"]
    theatre.check(sent == ["offer-1", "offer-2"], "two are sent; the third person cannot be reached", output)
    line = "send-worker dead-letters list --config send-worker.yaml --category recipient_unavailable --json"
    output = theatre.run(f"{line} | jq .redrives")
    theatre.check(output.split() == ["1"], "the new dead letter says that it was redriven once", output)
    again = [dict(record.headers).get("dlq-redrives") for record in theatre.topic("requests")]
    assert again.count(b"1") == 3 and again.count(None) == len(again) - 3, f"dlq-redrives on the requests topic: {again}"


def nothing_is_published_twice(theatre):
    theatre.teller.prose("Somebody repeats the command. What was published is noted, so nothing happens:")
    before = len(theatre.topic("requests"))
    output = theatre.run(f"{PERMISSION} --yes")
    theatre.check("published 0 of 3" in output and "redriven before" in output, "nothing is published twice", output)
    assert len(theatre.topic("requests")) == before, "the second redrive has published something"


def what_is_still_wrong_is_left_alone(theatre):
    theatre.teller.prose("The coupons are as wrong as before. A redrive checks them and leaves them alone:")
    output = theatre.run(f"{REDRIVE} --status rejected --yes")
    is_refused = "published 0 of 3" in output and "3  the request breaks the rules; correct it" in output
    theatre.check(is_refused, "what breaks the rules is not published again", output)
    theatre.teller.prose("So the backend corrects them and publishes new requests:")
    theatre.write("coupons-corrected.ndjson", *CORRECTED)
    for request in CORRECTED:
        theatre.ledger.expect(request, "sent")
    output = theatre.run("send-worker publish --config send-worker.yaml --wait coupons-corrected.ndjson")
    theatre.check("2 of 2 requests were sent" in output, "they are sent", output)
    theatre.run(f"curl -s -X DELETE {theatre.simulator}/faults")
