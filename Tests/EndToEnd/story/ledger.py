"""What the story asked for, to be held against what came of it."""

import json


class Ledger:
    """Every record that was put on the requests topic, with how it has to end."""

    def __init__(self):
        #: Statuses of the results to come, in order, by request id; None stands for records that hold no id.
        self.statuses = {}
        #: The texts that have to be delivered, once each.
        self.texts = set()

    def expect(self, request, *statuses):
        """A request object, or None for a record that is none, and the end of each time it is published."""
        name = request["request_id"] if request else None
        self.statuses.setdefault(name, []).extend(statuses)
        if "sent" in statuses:
            self.texts.add(request["message"]["text"])

    @property
    def count(self):
        """How many records stand on the requests topic."""
        return sum(len(statuses) for statuses in self.statuses.values())

    def assert_results(self, requests, results, letters):
        """Exactly one result for each record, with the right end, and exactly one dead letter where it is not sent."""
        records = [(record.partition, record.offset) for record in requests]
        sources = [(result["source"]["partition"], result["source"]["offset"]) for result in results]
        assert len(records) == self.count, f"{self.count} records were published, {len(records)} stand on the topic"
        assert sorted(sources) == sorted(records), f"not one result for each record: {records} were answered by {sources}"
        ends = {}
        for result in sorted(results, key=lambda result: result["completed_at"]):
            ends.setdefault(result["request_id"], []).append(result["status"])
        wrong = [name for name in {*ends, *self.statuses} if ends.get(name) != self.statuses.get(name)]
        assert not wrong, "; ".join(f"{name} ended {ends.get(name)} instead of {self.statuses.get(name)}" for name in wrong)
        unsent = [source for source, result in zip(sources, results) if result["status"] != "sent"]
        assert sorted(unsent) == sorted(map(source_of, letters)), "not one dead letter for each request that was not sent"

    def assert_deliveries(self, calls):
        """Every text arrived exactly once."""
        accepted = [call["marker"] for call in calls if call["accepted"]]
        assert sorted(accepted) == sorted(text[:64] for text in self.texts), f"accepted were {sorted(accepted)}"


def source_of(letter):
    headers = {name: value.decode() for name, value in letter.headers if name.startswith("dlq-")}
    return int(headers["dlq-source-partition"]), int(headers["dlq-source-offset"])


def decoded(records):
    return [json.loads(record.value) for record in records]
