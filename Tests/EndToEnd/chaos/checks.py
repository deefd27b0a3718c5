"""The promises, each checked on the evidence. A check gives breaches: lines that say what, which and when."""

from collections import defaultdict
from itertools import pairwise

from .evidence import LOSSES
from .settings import MEDIA_PER_SECOND, MESSAGES_PER_SECOND, PRIVATE_REPLIES_PER_HOUR, RESPONSE_TIMEOUT_SECONDS

WINDOWS = {
    "messages": (MESSAGES_PER_SECOND, 1.0),
    "media": (MEDIA_PER_SECOND, 1.0),
    "private_replies": (PRIVATE_REPLIES_PER_HOUR, 3600.0),
}
#: Answers and the calls that follow them are timed by two programs.
OVERLAP_SLACK = 0.05


def missing(evidence):
    return [f"no result: {asked}" for asked in evidence.asked if not evidence.results.get(asked.source)]


def foreign(evidence):
    """Results of records that nobody published."""
    return [f"a result of nothing: {results[0].body}" for source, results in evidence.results.items()
            if source not in evidence.by_source]  # fmt: skip


def second_results(evidence):
    """`(unexplained, explained, owned up, through stale commits)`: second results of a record, split by what they go back to."""
    unexplained, explained, owned_up, stale = [], [], [], []
    # What Kafka has acknowledged survives its restart.
    kinds = () if evidence.is_kafka else ("broker restart",)
    restarts = [incident for incident in evidence.incidents if incident.kind in kinds]
    for source, results in evidence.results.items():
        asked = evidence.by_source.get(source)
        for first, second in pairwise(results):
            line = f"second result at {second.at:.3f}: {asked}: {first.body['status']} at {first.at:.3f}, {second.body}"
            if any(incident.start <= second.at for incident in restarts) and second.body["possible_duplicate"]:
                owned_up.append(line)
            elif evidence.comes_of_stale_commit(first) or evidence.comes_of_stale_commit(second):
                stale.append(line)
            elif evidence.guarantee == "at_least_once" and (incident := _incident_behind(evidence, asked, first)):
                incident.extra_results += 1
                explained.append(line)
            else:
                unexplained.append(line)
    return unexplained, explained, owned_up, stale


def _incident_behind(evidence, asked, first):
    """What befell the life that wrote a first result before it could commit the offsets."""
    before = [call for call in evidence.calls_of(asked) if call.at <= first.at] if asked else []
    if evidence.refuses_commits:
        return evidence.membership_change_near(first.at)
    lives = {before[-1].life} if before else {incident.life for incident in evidence.incidents}
    kinds = LOSSES if evidence.is_kafka else {incident.kind for incident in evidence.incidents}
    near = [
        incident
        for incident in evidence.incidents
        if (incident.life in lives or incident.life == "all")
        and incident.kind in kinds
        and incident.kind not in ("endpoint cut off", "SIGTERM")
        and incident.start - 6 <= first.at <= incident.end + 6
    ]
    return min(near, key=lambda incident: abs(incident.start - first.at), default=None)


def dead_letters(evidence):
    """`(breaches, second ones)`: each result that is not sent has a dead letter with the record's own bytes."""
    letters = defaultdict(list)
    for letter in evidence.letters:
        letters[letter.source].append(letter)
    breaches, seconds = [], []
    for source, results in evidence.results.items():
        asked = evidence.by_source.get(source)
        wanted = [result for result in results if result.body["status"] != "sent"]
        found = letters.pop(source, [])
        if len(found) < len(wanted):
            breaches.append(f"{len(found)} dead letters for {len(wanted)} results that are not sent: {asked}")
        elif len(found) > len(wanted):
            line = f"{len(found)} dead letters for {len(wanted)} results that are not sent: {asked}"
            # What is published before a crash may be published again after it, where there are no transactions.
            (seconds if evidence.guarantee == "at_least_once" else breaches).append(line)
        breaches += [f"a dead letter with other bytes: {asked}" for letter in found if asked and letter.value != asked.value]
    breaches += [f"a dead letter without a result: {source}" for source in letters]
    return breaches, seconds


def deliveries(evidence):
    """`(unexplained, through incidents, declared, repeated actions)`: messages that arrived more than once."""
    unexplained, through, declared, actions = [], [], [], 0
    for asked in evidence.asked:
        accepted = [call for call in evidence.calls_of(asked) if call.is_accepted]
        if asked.is_idempotent:
            actions += max(len(accepted) - 1, 0)
            continue
        is_declared = any(result.body["possible_duplicate"] for result in evidence.results.get(asked.source, []))
        for first, second in pairwise(accepted):
            incident = evidence.incident_after(first, until=second.at)
            line = f"{asked} arrived at {first.at:.3f} ({first.life}) and {second.at:.3f} ({second.life})"
            if is_declared:
                declared.append(line)
            elif incident and not evidence.is_one_stretch(first, second):
                incident.duplicates += 1
                through.append((line, incident.start - first.at))
            elif lost := _loss_of_the_resend(evidence, asked, second):
                lost.duplicates += 1
                through.append((line, lost.start - second.at))
            else:
                unexplained.append(line)
    return unexplained, through, declared, actions


def doubled(evidence):
    """Deaths after which more was sent again than may be in doubt; to be asked once `deliveries` has counted."""
    return [
        f"{incident.duplicates} messages were sent again after {incident.kind} of {incident.life} at {incident.start:.3f}"
        for incident in evidence.incidents
        if incident.duplicates > evidence.max_in_doubt
    ]


def _loss_of_the_resend(evidence, asked, second):
    """What befell a life that had sent again and could not make that durable before it ended."""
    ends = [result.at for result in evidence.results.get(asked.source, [])]
    return evidence.incident_after(second, until=min(ends)) if ends else None


def at_most_once(evidence):
    """`(breaches, forgotten)`: requests that were called again after a call that may have delivered them.

    Forgotten are those whose mark the broker had acknowledged and lost when it was restarted.
    """
    breaches, forgotten = [], 0
    for asked in evidence.asked:
        if asked.delivery != "at_most_once" or asked.is_idempotent:
            continue
        for first, second in pairwise(evidence.calls_of(asked)):
            if first.is_declined:
                continue
            if evidence.is_forgotten_by_broker(first, second):
                forgotten += 1
            else:
                breaches.append(f"called twice: {asked} at {first.at:.3f} ({first.life}), {second.at:.3f} ({second.life})")
    return breaches, forgotten


def order(evidence):
    """`(breaches, steps back)`: a request's first call comes after the end of the one before it in its conversation.

    A new owner that was not told of an end calls that request again, although its successor was called already: such a
    step back counts as a breach unless it goes back to what befell the last owner.
    """
    conversations = defaultdict(list)
    for asked in evidence.asked:
        if asked.marker:
            conversations[asked.conversation].append(asked)
    breaches, back = [], 0
    for requests in conversations.values():
        requests.sort(key=lambda asked: asked.source)
        calls = sorted(
            ((call, index) for index, asked in enumerate(requests) for call in evidence.calls_of(asked)),
            key=lambda entry: entry[0].at,
        )
        last, seen = None, {}
        for call, index in calls:
            earlier = seen.get(index)
            if last and index < last[1]:
                line = f"{requests[index]} at {call.at:.3f} ({call.life}) after its successor {requests[last[1]]}"
                line += f" at {last[0].at:.3f} ({last[0].life})"
                incident = earlier and evidence.incident_after(earlier, until=call.at)
                if incident and not evidence.is_one_stretch(earlier, call):
                    back += 1
                else:
                    breaches.append(line)
            elif last and index > last[1] and _overlaps(evidence, last[0], call):
                breaches.append(
                    f"{requests[index]} at {call.at:.3f} ({call.life}) before {requests[last[1]]}, called at"
                    f" {last[0].at:.3f}, was answered at {last[0].answered_at:.3f}"
                )
            last = (call, index)
            seen[index] = call
    return breaches, back


def _overlaps(evidence, first, second):
    if not first.seen or first.seen.get("status") is None or not evidence.is_one_stretch(first, second):
        return False
    is_cut = any(
        incident.kind == "endpoint cut off" and incident.life == first.life and first.at <= incident.end
        and incident.start <= second.at
        for incident in evidence.incidents
    )  # fmt: skip
    end = min(first.answered_at, first.at + RESPONSE_TIMEOUT_SECONDS)
    return not is_cut and second.at < end - OVERLAP_SLACK


def limits(evidence):
    """`(breaches, the most calls seen in a window by class)`."""
    arrivals = defaultdict(list)
    breaches = []
    for record in evidence.raw_calls:
        if record.get("class"):
            arrivals[record["account"], record["class"]].append(record["arrival_ns"] / 1e9)
        if record["over_limit"]:
            breaches.append(f"the simulator found a call over its own limit: {record}")
    most = dict.fromkeys(WINDOWS, 0)
    for (account, name), times in arrivals.items():
        limit, length = WINDOWS[name]
        times.sort()
        first = 0
        for last, at in enumerate(times):
            while at - times[first] >= length:
                first += 1
            count = last - first + 1
            most[name] = max(most[name], count)
            if count > limit:
                breaches.append(f"{account} had {count} calls of {name} within {length:g} s, the last at {at:.3f}")
    return breaches, most


def truth(evidence):
    """Results that say what is not so."""
    breaches = []
    for asked in evidence.asked:
        calls = evidence.calls_of(asked)
        accepted = [call for call in calls if call.is_accepted]
        for result in evidence.results.get(asked.source, []):
            status = result.body["status"]
            told = f"{asked} is told to be {status} at {result.at:.3f}"
            if asked.status and status != asked.status:
                breaches.append(f"{told}, it had to be {asked.status}")
            if status == "sent" and not accepted:
                breaches.append(f"{told} and was never accepted")
            before = [call for call in accepted if call.at <= result.at]
            if status in ("failed", "rejected", "expired") and before and not asked.is_idempotent:
                if not evidence.incident_after(before[-1], until=result.at):
                    breaches.append(f"{told} and was accepted at {before[-1].at:.3f} ({before[-1].life})")
            if asked.status == "rejected" and calls:
                breaches.append(f"{told} and was called")
    return breaches


def zombies(evidence, reassigned, taken_over, held, commits):
    """`(calls, commits)` of lives that were stopped beyond their session, between waking and the next assignment.

    `reassigned(life, after)` tells when that life was next given partitions, or infinity, and `taken_over` which others
    were given and when: what nobody else was given is the zombie's own; `held` what a life had. `commits` tells when it added offsets to
    transactions that it then committed. What the group of Apache Kafka refuses is no commit.
    """
    breaches, committed = [], []
    partitions = {asked.marker: asked.partition for asked in evidence.asked if asked.marker}
    refused = {(life, at) for life, _, at in evidence.stale_commits}
    for incident in evidence.incidents:
        if incident.kind != "zombie":
            continue
        until = reassigned(incident.life, incident.end)
        taken = taken_over(incident.life, incident.start)
        own = held(incident.life, incident.start)
        for marker, calls in evidence.calls.items():
            breaches += [
                f"a zombie called {marker} at {call.at:.3f} ({call.life}), {call.at - incident.end:.3f} s after it woke"
                for call in calls
                if call.life == incident.life and incident.end < call.at < until
                if any(at < call.at and partitions[marker] in given for at, given in taken)
            ]
        committed += [
            f"a zombie committed at {at:.3f} ({incident.life}), {at - incident.end:.3f} s after it woke"
            for at in commits.get(incident.life, [])
            if incident.end < at < until and (incident.life, at) not in refused
            if any(moment < at and given & own for moment, given in taken)
        ]
    return breaches, committed
