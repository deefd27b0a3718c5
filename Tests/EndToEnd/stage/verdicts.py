"""Judging results against what was asked."""

import json
from collections import Counter


def decoded(records):
    return [json.loads(record.value) for record in records]


def assert_one_result_each(results, request_ids):
    """Exactly one result per request, and none besides."""
    counts = Counter(result["request_id"] for result in results)
    expected = Counter(request_ids)
    missing = sorted((expected - counts).elements())
    extra = sorted(str(name) for name in (counts - expected).elements())
    assert not missing, f"{len(missing)} requests have no result, such as {missing[:5]}"
    assert not extra, f"{len(extra)} results too many, such as {extra[:5]}"


def assert_all_sent(results):
    others = [result for result in results if result["status"] != "sent"]
    assert not others, f"{len(others)} were not sent, such as {others[:3]}"


def accepted_order(simulator):
    """The markers of what the simulator accepted, by account and recipient, in order."""
    return {
        (conversation["account"], conversation["recipient"]): [call.get("marker") for call in conversation["accepted"]]
        for conversation in simulator.conversations()
    }


def without_repetitions(markers):
    """Markers without those that follow their like: a sender action that was done twice is no breach of order."""
    return [marker for index, marker in enumerate(markers) if index == 0 or markers[index - 1] != marker]


def assert_texts_in_order(simulator, requests):
    """Every conversation holds its texts once each, in the order in which they were published."""
    expected = {}
    for request in requests:
        conversation = request["account_id"], request["recipient"]["id"]
        expected.setdefault(conversation, []).append(request["message"]["text"][:64])
    assert accepted_order(simulator) == expected
