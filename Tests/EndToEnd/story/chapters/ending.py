"""The worker is stopped in the middle of work and started again; then the balance is drawn up."""

import json

from story.ledger import decoded
from story.backends import HOTEL, compact, text

from .opening import start_worker

GUESTS = [text(f"checkout-{n:02d}", HOTEL, "90240", f"Checkout {n}: until eleven, please") for n in range(1, 11)]
SLOW = {"effect": "latency", "fixed": "300ms", "account": HOTEL}


def the_worker_is_restarted(theatre):
    theatre.teller.prose("Ten messages to one person, to be sent one after the other, and Instagram is slow today:")
    theatre.run(f"curl -s -X POST {theatre.simulator}/faults -d '{compact(SLOW)}'")
    theatre.write("checkouts.ndjson", *GUESTS)
    for request in GUESTS:
        theatre.ledger.expect(request, "sent")
    theatre.run("send-worker publish --config send-worker.yaml checkouts.ndjson")
    line = f"curl -s {theatre.admin}/api/status | jq -c '{{waiting, in_flight, finished_uncommitted}}'"
    is_at_work = lambda output: output.startswith("{") and json.loads(output)["in_flight"] > 0
    theatre.run_until(line, is_at_work, "a call is in flight")
    stop_worker(theatre)
    sent = len([call for call in calls_of_guests(theatre) if call["accepted"]])
    answered = len([record for record in theatre.topic("results") if b"checkout-" in record.value])
    assert 0 < sent < len(GUESTS), f"{sent} of {len(GUESTS)} were sent before the worker ended; it was stopped too late"
    theatre.check(sent == answered, f"what was called is answered ({sent} of 10), the rest waits in Kafka", f"{sent} {answered}")

    theatre.teller.prose("The next worker goes on where it stopped:")
    theatre.run(f"curl -s -X DELETE {theatre.simulator}/faults")
    start_worker(theatre)
    line = f"send-worker results --config send-worker.yaml --from beginning --account {HOTEL} | grep -c checkout-"
    theatre.run_until(line, lambda output: output.strip() == "10", "ten results")
    accepted = [call["marker"] for call in calls_of_guests(theatre) if call["accepted"]]
    words = [request["message"]["text"] for request in GUESTS]
    theatre.check(accepted == words, "all ten are delivered, in order, once each", accepted)
    stop_worker(theatre)


def stop_worker(theatre):
    """Ends the worker in order: SIGTERM, and exit code 0."""
    worker = theatre.processes[-1]
    theatre.run(f"kill -TERM $(cat {worker.name}.pid)")
    code = theatre.ended(worker)
    log = theatre.run("tail -n 5 worker.log")
    theatre.check(code == 0 and "worker stopped" in log, "it finished what was running, committed, and ended with 0", log)


def calls_of_guests(theatre):
    """Silently: the simulator's log of the calls of this chapter."""
    output, _ = theatre.execute(f"curl -s '{theatre.simulator}/calls?account={HOTEL}'")
    return [call for call in map(json.loads, output.split("\n")[:-1]) if call["marker"].startswith("Checkout")]


def the_balance(theatre):
    theatre.teller.prose(
        """Everything on the topics is read by an independent client (`read_committed`) and held against what was asked for,
        and against the simulator's log of calls."""
    )
    requests, records, letters = theatre.topic("requests"), theatre.topic("results"), theatre.topic("deadLetters")
    results = decoded(records)
    theatre.ledger.assert_results(requests, results, letters)
    unsent = len([result for result in results if result["status"] != "sent"])
    theatre.check(True, f"{len(requests)} requests have {len(results)} results, one each, every one as it has to be")
    theatre.check(len(letters) == unsent, f"{unsent} were not sent; each has its dead letter")
    calls, _ = theatre.execute(f"curl -s {theatre.simulator}/calls")
    theatre.ledger.assert_deliveries([json.loads(line) for line in calls.splitlines() if line])
    line = f"curl -s {theatre.simulator}/summary | jq -c '{{calls, accepted_messages, duplicate_messages, errors}}'"
    summary = json.loads(theatre.run(line))
    is_balanced = summary["accepted_messages"] == len(results) - unsent and summary["duplicate_messages"] == 0
    theatre.check(is_balanced, f"{len(results) - unsent} messages were delivered, none of them twice", summary)
    no_token_is_seen(theatre, [*requests, *records, *letters, *theatre.topic("state")])


def no_token_is_seen(theatre, records):
    theatre.teller.prose(
        """Last, every token that was ever used is looked for in all logs, in everything the commands printed and in the
        broker's files. Only the files they belong in have them:"""
    )
    theatre.write("all-tokens.txt", *theatre.tokens.ever)
    output = theatre.run("grep -rlFf all-tokens.txt . | sort")
    theatre.check(output.split() == ["./all-tokens.txt", "./tokens.yaml"], "no token is in any output", output)
    for record in records:
        parts = [record.key, record.value, *(value for _, value in record.headers)]
        assert not any(theatre.tokens.found_in(part) for part in parts if part), f"a token stands in {record}"
