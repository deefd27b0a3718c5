"""Known-bad variants of the replica, and of the models of its committers, that the simulation has to catch.

Each replaces one passage of the source. All of them are compiled into one binary; a number in the environment switches
one of them on. A passage that is not found exactly once means that the source has changed: mend the variant here.
"""

from dataclasses import dataclass

ENGINE = "Sources/SendEngine/"


@dataclass(frozen=True)
class Mutation:
    name: str
    path: str
    old: str
    new: str
    """The new passage; MUTANT stands for the condition that this variant is on."""


MUTATIONS = [
    Mutation(
        "forgets a finished offset in the ledger",
        ENGINE + "Book/OffsetLedger.swift",
        "        addUnread(to: &snapshot)\n",
        "        if MUTANT, !snapshot.finished.isEmpty { snapshot.finished.removeLast() }\n"
        "        addUnread(to: &snapshot)\n",
    ),
    Mutation(
        "forgets in the ledger that calls were started",
        ENGINE + "Book/OffsetLedger.swift",
        "        for offset in started.sorted() {",
        "        for offset in started.sorted() where !(MUTANT) {",
    ),
    Mutation(
        "forgets in the ledger that calls were repeated",
        ENGINE + "Book/OffsetLedger.swift",
        "        for offset in resent.sorted() {",
        "        for offset in resent.sorted() where !(MUTANT) {",
    ),
    Mutation(
        "commits offsets past unfinished requests",
        ENGINE + "Book/OffsetLedger.swift",
        "    var nextOffset: Int64? { entries.first?.first ??",
        "    var nextOffset: Int64? { (MUTANT ? nil : entries.first?.first) ??",
    ),
    Mutation(
        "takes finished requests of an earlier owner for new",
        ENGINE + "Book/OffsetLedger.swift",
        "        if restored.finished.covers(offset) { return .finishedBefore }",
        "        if !(MUTANT), restored.finished.covers(offset) { return .finishedBefore }",
    ),
    Mutation(
        "lets half of a conversation overtake the other",
        ENGINE + "Engine/Intake.swift",
        "        let lane = lane(of: queued.conversation, account: account)",
        "        let isApart = MUTANT && queued.id.offset % 2 == 0\n"
        '        let lane = lane(of: queued.conversation + (isApart ? "+" : ""), account: account)',
    ),
    Mutation(
        "allows one call too many in a window",
        ENGINE + "Gates/SlidingWindow.swift",
        "        guard taken >= allowed else { return .now }",
        "        guard taken >= allowed + (MUTANT ? 1 : 0) else { return .now }",
    ),
    Mutation(
        "forgets what was called before limits were raised",
        ENGINE + "Gates/SlidingWindow.swift",
        "    mutating func change(limit calls: Int) { limit = max(calls, 1) }",
        "    mutating func change(limit calls: Int) {\n"
        "        if MUTANT, calls > limit { releases = [] }\n"
        "        limit = max(calls, 1)\n"
        "    }",
    ),
    Mutation(
        "waits for ever for a probe that was never sent",
        ENGINE + "Gates/SafetyValve.swift",
        "        if probe == id { probe = nil }",
        "        if !(MUTANT), probe == id { probe = nil }",
    ),
    Mutation(
        "counts a window from the start of a call, not from its arrival",
        ENGINE + "Gates/SlidingWindow.swift",
        "        insert(now.saturatingAdd(slack).saturatingAdd(length))",
        "        insert(now.saturatingAdd(MUTANT ? 0 : slack).saturatingAdd(length))",
    ),
    Mutation(
        "sends an at_most_once request again after an unknown outcome",
        ENGINE + "Engine/Retries.swift",
        "        let isForbidden = conversations.requests[slot].flags.contains(.atMostOnce)",
        "        let isForbidden = !(MUTANT) && conversations.requests[slot].flags.contains(.atMostOnce)",
    ),
    Mutation(
        "sends again without end after unknown outcomes",
        ENGINE + "Engine/Retries.swift",
        "        return all - answered > limit || all > limit + answeredLimit",
        "        return !(MUTANT) && (all - answered > limit || all > limit + answeredLimit)",
    ),
    Mutation(
        "sends again after an answer that says nothing",
        ENGINE + "Engine/Retries.swift",
        "        if isAnswered, answered > answeredLimit { return true }",
        "        if isAnswered, answered > answeredLimit, !(MUTANT) { return true }",
    ),
    Mutation(
        "calls at_most_once requests before their mark is durable",
        ENGINE + "Engine/Dispatch.swift",
        "        } else if settings.startedMarksAreDurable, conversations.requests[head].waitsForCommit {",
        "        } else if !(MUTANT), settings.startedMarksAreDurable, conversations.requests[head].waitsForCommit {",
    ),
    Mutation(
        "sends at once after a takeover",
        ENGINE + "Book/Partition.swift",
        "    var coldUntil: Int64 { othersCalledUntil == .min ?",
        "    var coldUntil: Int64 { othersCalledUntil == .min || MUTANT ?",
    ),
    Mutation(
        "forgets the conversations' own limit at a takeover",
        ENGINE + "Engine/Intake.swift",
        "            gates.close(conversation: lane, since: othersCalledUntil)",
        "            if !(MUTANT) { gates.close(conversation: lane, since: othersCalledUntil) }",
    ),
    Mutation(
        "takes an assignment for a second older than it is",
        ENGINE + "Replica/ReplicaAssignments.swift",
        "                assignedAt: assignedAt,\n",
        "                assignedAt: assignedAt.map { MUTANT ? $0 - 1_000_000_000 : $0 },\n",
    ),
    Mutation(
        "calls without proof that the partition is still its own",
        ENGINE + "Gates/MayStart.swift",
        "        settings.ownershipLease.map {",
        "        (MUTANT ? nil : settings.ownershipLease).map {",
    ),
    Mutation(
        "calls before a commit of the assignment has named the partition",
        ENGINE + "Book/Partition.swift",
        "isDraining ? .draining : firstCommit == .durable ?",
        "isDraining ? .draining : firstCommit == .durable || MUTANT ?",
    ),
    Mutation(
        "forgets after a failed commit what is in doubt",
        ENGINE + "Engine/Commits.swift",
        "        guard let closed = book.fail(number, isTooMuch: isTooMuch) else { return }\n",
        "        guard let closed = book.fail(number, isTooMuch: isTooMuch) else { return }\n"
        "        if MUTANT { gates.leaveDoubt(closed.finished.filter(\\.isInDoubt).count) }\n",
    ),
    Mutation(
        "takes what is being committed for durable",
        ENGINE + "Engine/Commits.swift",
        "        let selection = book.select()\n",
        "        let selection = book.select()\n"
        "        if MUTANT { gates.leaveDoubt(selection.finished.filter(\\.isInDoubt).count) }\n",
    ),
    Mutation(
        "counts only calls that run as in doubt",
        ENGINE + "Engine/CallEnds.swift",
        "        var end = end\n",
        "        var end = end\n        if MUTANT { leaveDoubt(slot) }\n",
    ),
    Mutation(
        "takes an unknown attempt out of doubt before the ledger tells of it",
        ENGINE + "Engine/CallEnds.swift",
        "        if request.mayBeDelivered, request.unknowns >",
        "        if !(MUTANT), request.mayBeDelivered, request.unknowns >",
    ),
    Mutation(
        "counts a resend twice",
        ENGINE + "Engine/Dispatch.swift",
        "        if conversations.enterDoubt(head) {",
        "        if conversations.enterDoubt(head) || MUTANT {",
    ),
    Mutation(
        "counts for ever what was in doubt in a partition that is gone",
        ENGINE + "Engine/Assignments.swift",
        "{ gates.leaveDoubt(book[number]",
        "where !(MUTANT) { gates.leaveDoubt(book[number]",
    ),
    Mutation(
        "begins calls that waited for a connection without looking at the proof again",
        ENGINE + "Replica/Replica.swift",
        "latestStart: engine.latestStart(of: id)",
        "latestStart: MUTANT ? .max : engine.latestStart(of: id)",
    ),
    Mutation(
        "begins calls that waited for a connection while their partition was lost",
        ENGINE + "Replica/ReplicaAssignments.swift",
        "        actions.append(.forget(partitions))",
        "        if !(MUTANT) { actions.append(.forget(partitions)) }",
    ),
    Mutation(
        "takes endings of an assignment that is over",
        ENGINE + "Book/Book.swift",
        "        isCurrent(id.partition, id.epoch) ? partitions[id.partition].ledger.request(at: id.offset) : nil",
        "        isCurrent(id.partition, id.epoch) || MUTANT && partitions.contains(id.partition)\n"
        "            ? partitions[id.partition].ledger.request(at: id.offset) : nil",
    ),
    Mutation(
        "forgets endings whose commit failed",
        ENGINE + "Book/Book.swift",
        "        commits.putBack(closed.finished)",
        "        if !(MUTANT) { commits.putBack(closed.finished) }",
    ),
    Mutation(
        "says that a message failed that may be delivered",
        ENGINE + "Engine/CallEnds.swift",
        "        let isDoubtful = request.mayBeDelivered ||",
        "        let isDoubtful = !(MUTANT) && request.mayBeDelivered || !(MUTANT) &&",
    ),
    Mutation(
        "does not say that a message may be a duplicate",
        ENGINE + "Engine/CallEnds.swift",
        "            possibleDuplicate: request.flags.contains(.resentAfterUnknown),",
        "            possibleDuplicate: !(MUTANT) && request.flags.contains(.resentAfterUnknown),",
    ),
    Mutation(
        "forgets the hour's private replies at a takeover",
        ENGINE + "Gates/RememberedAccounts.swift",
        "        limits.restore(memory, keepsOwn: keepsOwn, now: now)",
        "        if !(MUTANT) { limits.restore(memory, keepsOwn: keepsOwn, now: now) }",
    ),
    Mutation(
        "publishes no results that it could not publish at once",
        ENGINE + "Replica/PublishedRecords.swift",
        "        guard answers.contains(where: { !$0.isTaken }) else { return true }",
        "        guard !(MUTANT), answers.contains(where: { !$0.isTaken }) else { return true }",
    ),
    Mutation(
        "publishes again what the brokers took of a commit that failed",
        ENGINE + "Replica/PublishedRecords.swift",
        "        for (record, isTaken) in answers where isTaken {",
        "        for (record, isTaken) in answers where isTaken && !(MUTANT) {",
    ),
    Mutation(
        "commits partitions of an earlier membership",
        ENGINE + "Replica/ReplicaCommit.swift",
        "        Set(offsets.keys.filter { assignments[$0] != nil && assignments[$0] == epochs[$0] })",
        "        Set(offsets.keys.filter { MUTANT || assignments[$0] != nil && assignments[$0] == epochs[$0] })",
    ),
    Mutation(
        "writes what it remembers of accounts without their partition's offset",
        ENGINE + "Replica/CommitDecisions.swift",
        "        return batch.positions + others.sorted()",
        "        return batch.positions + (MUTANT ? [] : others.sorted())",
    ),
    Mutation(
        "trusts a state partition with an open transaction",
        ENGINE + "Book/PartitionStart.swift",
        "{ seen.map { $0 >= end } ?? false }",
        "{ MUTANT || seen.map { $0 >= end } ?? false }",
    ),
    Mutation(
        "takes a commit that timed out for done",
        ENGINE + "Replica/ReplicaCommit.swift",
        "        newest.contains(own) ?",
        "        MUTANT || newest.contains(own) ?",
    ),
    Mutation(
        "takes a commit that timed out for not done",
        ENGINE + "Replica/ReplicaCommit.swift",
        " ? .committed : .nothing",
        " && !(MUTANT) ? .committed : .nothing",
    ),
    Mutation(
        "gives a partition up while its calls run",
        ENGINE + "Replica/PartitionDrain.swift",
        "        return callsInFlight(of: drain) == 0 &&",
        "        return (MUTANT || callsInFlight(of: drain) == 0) &&",
    ),
    Mutation(
        "gives a partition up before its endings are durable",
        ENGINE + "Replica/PartitionDrain.swift",
        "&& !hasUncommittedEndings(of: drain) && areOffsetsSettled",
        "&& (MUTANT || !hasUncommittedEndings(of: drain)) && areOffsetsSettled",
    ),
    Mutation(
        "offers offsets again in a later assignment",
        ENGINE + "Replica/CommitDecisions.swift",
        "        return epoch == open.epochs[partition]",
        "        return MUTANT || epoch == open.epochs[partition]",
    ),
    Mutation(
        "takes any commit for a proof of its membership",
        ENGINE + "Replica/CommitDecisions.swift",
        "                provesOwnership: isComplete && doubt.trustsCommit(from: asked, to: now.monotonic),",
        "                provesOwnership: isComplete && (MUTANT || doubt.trustsCommit(from: asked, to: now.monotonic)),",
    ),
    Mutation(
        "calls while nothing becomes durable",
        ENGINE + "Replica/CommitDecisions.swift",
        "        let isFailing = hasFailed || commits.losses > 0",
        "        let isFailing = hasFailed || commits.losses > 0 && !(MUTANT)",
    ),
    Mutation(
        "begins with partitions that were taken away while their state was read",
        ENGINE + "Replica/ReplicaAssignments.swift",
        "        let awaited = assignments.restores[epoch]?.partitions.intersection(restored.keys) ?? []",
        "        let awaited = MUTANT\n            ? Set(restored.keys) : assignments.restores[epoch]?.partitions.intersection(restored.keys) ?? []",
    ),
    Mutation(
        "takes a record that was ahead of its clock for one of another log",
        ENGINE + "Replica/ReadingProgress.swift",
        "            return before.latest.map {",
        "            return (MUTANT ? before.newest : before.latest).map {",
    ),
    Mutation(
        "takes time that it slept for time in which the group refused it",
        ENGINE + "Replica/MembershipDoubt.swift",
        "$0.lasting + min(now - $0.heardAt, recovery)",
        "$0.lasting + min(now - $0.heardAt, MUTANT ? .max : recovery)",
    ),
    Mutation(
        "releases what a commit did not make durable",
        ENGINE + "Replica/CommitDecisions.swift",
        "            retry(open.retriedOffsets, of: open)\n        case .failure",
        "            retry(open.retriedOffsets, of: open)\n            if MUTANT { actions.append(.release(open.ids)) }\n        case .failure",
    ),
    Mutation(
        "follows offsets that somebody else has committed",
        ENGINE + "Book/PartitionStart.swift",
        "        let counts = committed.isOwn || !facts.isLedgerLast\n",
        "        let counts = MUTANT || committed.isOwn || !facts.isLedgerLast\n",
    ),
    Mutation(
        "holds the whole account for what concerns a feature of it",
        ENGINE + "Gates/AccountGates.swift",
        "        if outcome.scope == .account {\n",
        "        if outcome.scope == .account || MUTANT {\n",
    ),
    Mutation(
        "doubles the wait after a throttle in spite of deliveries",
        ENGINE + "Gates/ThrottlePace.swift",
        "            if !isDeliveredSinceWait {",
        "            if MUTANT || !isDeliveredSinceWait {",
    ),
    Mutation(
        "forgets holds at a takeover",
        ENGINE + "Gates/RememberedAccounts.swift",
        "        health.restore(PastHealth(memory, settings, now: now), now: now.monotonic)",
        "        if !(MUTANT) { health.restore(PastHealth(memory, settings, now: now), now: now.monotonic) }",
    ),
    Mutation(
        "calls what has waited for its mark without asking the gates again",
        ENGINE + "Engine/Dispatch.swift",
        "        if gates.mayStart(.again(call(of: slot)), at: clock.monotonic) == .now, !book",
        "        if MUTANT || gates.mayStart(.again(call(of: slot)), at: clock.monotonic) == .now, !book",
    ),
    Mutation(
        "keeps a call's places after its end",
        ENGINE + "Gates/Gates.swift",
        "    mutating func leaveFlight() { inFlight -= 1 }",
        "    mutating func leaveFlight() { inFlight -= MUTANT ? 0 : 1 }",
    ),
]
