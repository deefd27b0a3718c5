"""What was seen from outside, put side by side: requests, results, calls, and which life made which call."""

from collections import defaultdict
from dataclasses import dataclass

from stage.mock_broker import MockBroker

from .settings import COMMIT_PATIENCE_SECONDS, FORGETTING_SECONDS
from .traffic import MARKER

#: How far a call's beginning, as the proxy heard it, and its arrival at the simulator may lie apart on a busy machine.
CLOCK_SLACK = 1.0
#: Incidents in which a replica goes on calling for a moment.
LASTING = ("broker cut off", "broker restart", "own end")
#: Incidents that make a group share its partitions out anew.
MEMBERSHIP = ("kill -9", "zombie", "SIGTERM", "own end")
#: Incidents that cost a replica what it had not committed yet. On Apache Kafka nothing else does.
LOSSES = ("kill -9", "zombie", "own end")
#: How long that may take on the mock cluster while the machine is busy: several sessions, one after the other.
REBALANCE_SECONDS = 40.0
#: How long before their partition is added to its transaction results are made, at most.
PUBLISHING_SECONDS = 0.2
#: How old a write may be that noida-db has acknowledged and loses when it is restarted.
BROKER_FORGETTING_SECONDS = 1.0
#: Codes of answers after which a message is known not to have been taken.
DECLINED = {4, 613, 80002, 190, 100, 10900}


@dataclass
class Call:
    """One call: its beginning as the proxy heard it, and what the simulator made of it."""

    at: float
    life: str
    #: The simulator's record; None where it did not come so far, or its body was not read.
    seen: dict | None = None

    @property
    def is_accepted(self):
        return bool(self.seen and self.seen.get("accepted"))

    @property
    def is_declined(self):
        """The answer said that the message was not taken."""
        seen = self.seen or {}
        return not seen.get("accepted") and seen.get("status") is not None and seen.get("code") in DECLINED

    @property
    def answered_at(self):
        """When the simulator answered, at the soonest."""
        seen = self.seen or {}
        return seen["arrival_ns"] / 1e9 + seen["delay_ms"] / 1e3 if seen else self.at


class Evidence:
    def __init__(self, arena):
        self.asked = arena.publisher.asked
        self.incidents = arena.diary.incidents
        self.letters = arena.witness.dead_letters
        self.raw_calls = arena.witness.calls
        self.guarantee = arena.settings.guarantee
        #: There only the death of a replica, or its expulsion, may double anything, and only so much.
        self.is_kafka = arena.broker.is_kafka
        self.max_in_doubt = arena.settings.max_in_doubt
        #: The mock cluster refuses offset commits while a group re-forms, so that whoever gives partitions up in order may
        #: not be able to say what is done.
        self.refuses_commits = isinstance(arena.broker, MockBroker)
        #: noida-db takes offsets of a generation that is over.
        self.stale_commits = arena.diary.stale if arena.plays_expiry else []
        self.loses_writes = arena.plays_expiry
        self.by_source = {asked.source: asked for asked in self.asked}
        self.results = defaultdict(list)
        for result in arena.witness.results:
            self.results[result.source].append(result)
        self.calls, self.orphans = self._match(arena.diary.attempts)

    def _match(self, attempts):
        """Calls by marker; and what the simulator saw that no proxy heard."""
        begun, orphans = defaultdict(list), []
        for attempt in sorted(attempts, key=lambda attempt: attempt.at):
            begun[attempt.marker].append(Call(attempt.at, attempt.life))
        for record in self.raw_calls:
            if (marker := marker_of(record)) is None:
                continue
            at = record["arrival_ns"] / 1e9
            free = [call for call in begun[marker] if call.seen is None and abs(call.at - at) < CLOCK_SLACK]
            if free:
                min(free, key=lambda call: abs(call.at - at)).seen = record
            else:
                orphans.append(record)
        return begun, orphans

    def calls_of(self, asked):
        return self.calls.get(asked.marker, []) if asked.marker else []

    def incident_after(self, call, until=None):
        """What befell the life that made a call soon enough for the call's end to be forgotten; None for nothing.

        With `until`, only what began before that moment.
        """
        found = [
            incident
            for incident in self.incidents
            if self._may_forget(incident, call) and (until is None or incident.start <= until)
        ]
        return min(found, key=lambda incident: abs(incident.start - call.at), default=None)

    def comes_of_stale_commit(self, result):
        """Whether a result was in a transaction that the group ought to have refused."""
        return any(began - PUBLISHING_SECONDS <= result.at <= at for _, began, at in self.stale_commits)

    def is_forgotten_by_broker(self, first, second):
        """Whether what was written right before the first call may be gone since a restart of the broker."""
        restarts = [incident for incident in self.incidents if incident.kind == "broker restart"]
        return self.loses_writes and any(
            each.start - BROKER_FORGETTING_SECONDS <= first.at <= each.end and each.start <= second.at for each in restarts
        )

    def membership_change_near(self, at):
        found = [incident for incident in self.incidents if incident.kind in (*MEMBERSHIP, "broker cut off")]
        near = [incident for incident in found if abs(incident.start - at) <= REBALANCE_SECONDS]
        return min(near, key=lambda incident: abs(incident.start - at), default=None)

    def _may_forget(self, incident, call):
        """Whether what came of a call may have been lost through an incident."""
        if self.is_kafka:
            # How much a death may double is bounded by count, not by time: see `checks.doubled`.
            return incident.kind in LOSSES and incident.life == call.life and call.at <= last_moment(incident)
        if self.refuses_commits and incident.kind in MEMBERSHIP:
            return abs(incident.start - call.at) <= REBALANCE_SECONDS
        is_near = incident.start - FORGETTING_SECONDS <= call.at <= last_moment(incident)
        return is_near and incident.life in (call.life, "all") and incident.kind not in ("endpoint cut off", "SIGTERM")

    def is_one_stretch(self, first, second):
        """Whether two calls were made by the same life, with nothing in between that may have cost it its partitions."""
        return first.life == second.life and not any(
            (incident.life in (first.life, "all") or (self.refuses_commits and incident.kind in MEMBERSHIP))
            and incident.kind in ("zombie", "broker cut off", "broker restart", *(MEMBERSHIP if self.refuses_commits else ()))
            and first.at - FORGETTING_SECONDS <= incident.end
            and incident.start <= second.at
            for incident in self.incidents
        )


def last_moment(incident):
    """Until when a call may be heard to begin whose end was forgotten through an incident."""
    match incident.kind:
        case "kill -9":
            # A dead process calls no more: what is heard later was under way already.
            return incident.start + CLOCK_SLACK
        case "broker cut off":
            # Calls go on for the worker's patience, in vain if the membership does not outlast the cut.
            return incident.end + COMMIT_PATIENCE_SECONDS + 0.05
    return (incident.end if incident.kind in LASTING else incident.start) + 0.05


def marker_of(record):
    marker, recipient = ((record.get(name) or "").encode() for name in ("marker", "recipient"))
    found = MARKER.search(marker) or MARKER.fullmatch(recipient)
    return found.group().decode() if found else None
