import InstagramMessaging
import SendEngine
import Testing

@Suite("When a replica commits, and what follows")
struct ReplicaCommitTests {
    private let rig = ReplicaRig()

    // MARK: The cycle

    @Test("one commit is under way at most; what ends meanwhile is in the next")
    func oneAtATime() throws {
        rig.assign([0])
        let first = rig.finish()
        #expect(rig.openCommit?.finished.map(\.id) == [first])
        #expect(rig.openCommit?.offsets == [0: 1])
        #expect(rig.openCommit?.epochs == [0: 1])
        let second = rig.finish()
        #expect(rig.advance(to: 5_000).commits.isEmpty)
        let actions = try rig.endCommit()
        #expect(actions.words == ["release([0])", "commit(2)"])
        #expect(actions.commits.first?.finished.map(\.id) == [second])
        #expect(actions.commits.first?.committedBefore == [0: 1])
        try rig.endCommit()
        #expect(rig.replica.committedOffsets == [0: 2])
        #expect(rig.nextWake == nil)
    }

    @Test("the next commit waits until the interval is over")
    func interval() throws {
        rig.assign([0])
        rig.finish()
        try rig.endCommit()
        rig.finish()
        #expect(rig.openCommit == nil)
        #expect(rig.nextWake == 100)
        #expect(rig.advance(to: 99).commits.isEmpty)
        #expect(rig.advance(to: 100).commits.count == 1)
    }

    @Test("a drain does not wait for the interval", arguments: [true, false])
    func urgent(isStop: Bool) throws {
        rig.assign([0])
        rig.finish()
        try rig.endCommit()
        rig.finish()
        #expect(rig.openCommit == nil)
        #expect(rig.handle(isStop ? .stop : .revoking([0])).commits.count == 1)
    }

    @Test("a drain waits like everything else after a commit has failed")
    func pauseInDrain() throws {
        rig.assign([0])
        rig.finish()
        rig.handle(.revoking([0]))
        #expect(try rig.endCommit(.nothing).commits.isEmpty)
        #expect(rig.advance(to: 99).commits.isEmpty)
        #expect(rig.advance(to: 100).commits.map { $0.finished.map(\.id.offset) } == [[0]])
        // The second pause is longer, though the clock has moved on by no more than the interval.
        try rig.endCommit(.nothing)
        #expect(rig.advance(to: 299).commits.isEmpty)
        #expect(rig.advance(to: 300).commits.count == 1)
    }

    @Test("the end of another commit than the one under way changes nothing")
    func otherNumber() {
        rig.assign([0])
        rig.finish()
        #expect(rig.handle(.commitEnded(number: 7, .success(.committed), askedAt: .min)).isEmpty)
        #expect(rig.handle(.commitEnded(number: 0, .failure(CommitError("fenced")), askedAt: .min)).isEmpty)
        #expect(rig.replica.committedOffsets.isEmpty)
    }

    @Test("an interval beyond the end of the clock is never over")
    func endlessInterval() throws {
        let rig = ReplicaRig(.usual { $0.commitInterval = .seconds(Int64.max) })
        rig.advance(to: 1_000)
        rig.assign([0])
        rig.finish()
        try rig.endCommit()
        rig.finish()
        #expect(rig.advance(to: 1_000_000).commits.isEmpty)
        #expect(rig.handle(.stop).commits.count == 1)
    }

    // MARK: Offsets that come again

    @Test("offsets that were not taken are offered again alone, with the number 0")
    func retriedOffsets() throws {
        rig.assign([0])
        rig.finish()
        #expect(try rig.endCommit(.offsetsPending).words == ["release([0])"])
        for moment in [100, 300] as [Int64] {
            let commit = try #require(rig.advance(to: moment).commits.first)
            #expect(commit.number == 0)
            #expect(commit.offsets == [0: 1])
            #expect(commit.epochs == [0: 1])
            #expect(commit.finished.isEmpty && commit.ledgers.isEmpty && commit.accounts.isEmpty)
            #expect(rig.replica.committedOffsets.isEmpty)
            // Nothing of it being durable, and the rest being so, is the same here.
            try rig.endCommit(moment == 100 ? .nothing : .offsetsPending)
        }
        rig.advance(to: 10_000)
        try rig.endCommit()
        #expect(rig.replica.committedOffsets == [0: 1])
        #expect(rig.nextWake == nil)
        #expect(rig.advance(to: 20_000).isEmpty)
    }

    @Test("offsets that failed come with the next endings, and a newer one takes an older one's place")
    func owedWithNews() throws {
        rig.assign([0, 1])
        rig.finish(0)
        rig.finish(1)
        #expect(rig.openCommit?.offsets == [0: 1])
        try rig.endCommit(.offsetsRefused)
        rig.advance(to: 100)
        #expect(rig.openCommit?.number == 2)
        #expect(rig.openCommit?.offsets == [0: 1, 1: 1])
        rig.finish(0)
        try rig.endCommit(.offsetsPending)
        rig.advance(to: 1_000)
        #expect(rig.openCommit?.offsets == [0: 2, 1: 1])
        #expect(rig.openCommit?.ledgers.keys.sorted() == [0])
    }

    @Test("offsets that failed in one assignment are not offered in a later one")
    func owedAndLost() throws {
        rig.assign([0])
        rig.finish()
        try rig.endCommit(.offsetsPending)
        rig.handle(.lost([0]))
        rig.assign([0], epoch: 2)
        #expect(rig.advance(to: 60_000).commits.isEmpty)
        #expect(rig.nextWake == nil)
    }

    @Test(
        "the end of a commit says nothing of a later assignment",
        arguments: [CommitOutcome.committed, .offsetsPending, .offsetsRefused, .notOurs, .nothing]
    )
    func lostUnderCommit(outcome: CommitOutcome) throws {
        rig.assign([0])
        rig.finish()
        rig.handle(.lost([0]))
        rig.assign([0], epoch: 2, state: RestoredPartition(committed: 40))
        try rig.endCommit(outcome)
        rig.advance(to: 60_000)
        if !outcome.isDurable {
            // Only whether commits go through is to be shown anew.
            #expect(rig.openCommit?.finished.isEmpty ?? false)
            #expect(rig.openCommit?.offsets == [0: 40])
            #expect(rig.openCommit?.epochs == [0: 2])
            try rig.endCommit()
        }
        #expect(rig.openCommit == nil)
        #expect(rig.replica.committedOffsets == [0: 40])
        #expect(!rig.isSuspended)
    }

    @Test(
        "a commit whose end is not known took effect where any partition's newest state is its own",
        arguments: [
            ([], .nothing), ([nil], .nothing), ([7], .committed), ([6], .nothing), ([nil, 6, 7], .committed),
        ] as [([Int?], CommitOutcome)]
    )
    func unknownEnd(newest: [Int?], outcome: CommitOutcome) {
        #expect(CommitOutcome.resolving(7, newest: newest) == outcome)
    }

    // MARK: Suspension

    @Test("after a commit of which nothing is durable no call starts before one succeeds")
    func suspension() throws {
        rig.assign([0])
        rig.finish()
        #expect(try rig.endCommit(.nothing).words == ["suspended(true)"])
        let waiting = rig.read()
        #expect(rig.advance(to: 100).words == ["commit(2)"])
        #expect(rig.openCommit?.finished.map(\.id.offset) == [0])
        #expect(try rig.endCommit().words == ["release([0])", "suspended(false)", "call(0: 1)"])
        #expect(rig.actions.calls.last == waiting)
    }

    @Test(
        "neither a commit that takes long nor offsets that failed suspend calls",
        arguments: [CommitOutcome?.none, .offsetsPending]
    )
    func noSuspension(outcome: CommitOutcome?) throws {
        rig.assign([0])
        rig.finish()
        if let outcome { try rig.endCommit(outcome) } else { rig.advance(to: 9_000) }
        let next = rig.read()
        #expect(rig.actions.calls.last == next)
    }

    @Test("where what could not be committed went with its partition, another commit shows that commits go through")
    func suspensionWithoutNews() throws {
        rig.assign([0, 1])
        rig.finish(0)
        try rig.endCommit(.nothing)
        rig.read(1)
        #expect(rig.handle(.lost([0])).words == ["lost([0])", "forget([0])", "givenUp([0])"])
        #expect(rig.isSuspended)
        #expect(rig.advance(to: 100).words == ["commit(2)"])
        #expect(rig.openCommit?.offsets == [1: 0])
        #expect(try rig.endCommit().words == ["suspended(false)", "call(1: 0)"])
        #expect(rig.replica.overdueSince == nil)
    }

    @Test("calls go on where what could not be committed has gone and no partition is left to commit")
    func suspensionWithoutPartitions() throws {
        rig.assign([0])
        rig.finish(0)
        try rig.endCommit(.nothing)
        let words = rig.handle(.lost([0])).words
        #expect(words == ["lost([0])", "forget([0])", "givenUp([0])", "suspended(false)"])
        #expect(rig.replica.overdueSince == nil)
    }

    @Test("calls go on when what could not be committed goes with a drain that is cut short")
    func suspensionEndsWithDrain() throws {
        rig.assign([0, 1])
        rig.finish(0)
        try rig.endCommit(.nothing)
        let waiting = rig.read(1)
        rig.handle(.revoking([0]))
        while rig.milliseconds < 30_000 {
            if rig.openCommit != nil { try rig.endCommit(.nothing) }
            rig.advance(to: try #require(rig.nextWake))
        }
        #expect(rig.words.contains("finishRevoke([0])"))
        rig.advance(to: 31_000)
        try rig.endCommit()
        // Nothing but what the replica asks for moves it on.
        rig.advanceWhereAsked(until: 60_000)
        #expect(rig.actions.calls.last == waiting)
        #expect(!rig.isSuspended)
    }

    // MARK: What is reported

    @Test("that commits fail is reported when they have failed for so long, and that they succeed again")
    func overdueFailures() throws {
        rig.assign([0])
        rig.finish()
        rig.advance(to: 50)
        try rig.endCommit(.nothing)
        rig.advance(to: 150)
        rig.advance(to: 1_500)
        #expect(rig.nextWake == 2_000, "counted from the start of the first")
        #expect(rig.advance(to: 1_999).isEmpty)
        #expect(rig.advance(to: 2_000).words == ["commitsOverdue"])
        #expect(rig.advance(to: 9_000).isEmpty)
        #expect(try rig.endCommit().words == ["release([0])", "suspended(false)", "commitsRecovered"])
    }

    @Test("that a commit takes long is reported later")
    func overdueSlowness() throws {
        rig.assign([0])
        rig.advance(to: 500)
        rig.finish()
        rig.advance(to: 1_500)
        #expect(rig.nextWake == 10_500)
        #expect(rig.advance(to: 10_499).isEmpty)
        #expect(rig.advance(to: 10_500).words == ["commitsOverdue"])
        #expect(try rig.endCommit().words == ["release([0])", "commitsRecovered"])
    }

    @Test("that commits are slow is reported once, with how long the last one took")
    func slow() throws {
        rig.assign([0])
        var reports: [[String]] = []
        for round in 1...5 as ClosedRange<Int64> {
            rig.finish()
            rig.advance(to: round * 1_500)
            reports.append(try rig.endCommit().words.filter { $0.hasPrefix("commitsSlow") })
        }
        #expect(reports == [[], [], ["commitsSlow(1500000000)"], [], []])
    }

    // MARK: The end

    @Test("a commit that fails for good is reported once, and is the last")
    func failure() throws {
        rig.assign([0])
        rig.finish()
        let words = try rig.endCommit(.failure(CommitError("fenced"))).words
        #expect(words == ["failed(fenced)", "suspended(true)", "commitsOverdue"])
        rig.finish()
        #expect(rig.advance(to: 60_000).isEmpty)
        #expect(rig.nextWake == nil)
        // Nobody waits for what cannot be committed.
        #expect(
            rig.handle(.stop).words == [
                "drainCutShort([0], callsInFlight: 0)", "forget([0])", "givenUp([0])", "stopped(uncommitted: 1)",
            ]
        )
    }

    @Test("offsets that failed and whose commit fails for good are not offered again")
    func failureOfOwed() throws {
        rig.assign([0])
        rig.finish()
        try rig.endCommit(.offsetsPending)
        rig.advance(to: 100)
        #expect(rig.openCommit?.number == 0)
        #expect(try rig.endCommit(.failure(CommitError("fenced"))).words.first == "failed(fenced)")
        #expect(rig.advance(to: 60_000).isEmpty)
    }

    @Test(
        "a group that refuses this replica for longer than its session is a failure",
        arguments: [CommitOutcome.notOurs, .offsetsRefused]
    )
    func stranger(refusal: CommitOutcome) throws {
        rig.assign([0])
        rig.finish()
        var failures: [String] = []
        while failures.isEmpty, rig.milliseconds < 120_000 {
            failures = try rig.endCommit(refusal).words.filter { $0.hasPrefix("failed") }
            if failures.isEmpty { rig.advance(to: rig.milliseconds + 1_000) }
        }
        #expect(failures.first?.contains("Restart the worker") == true)
        #expect(rig.milliseconds == 60_000)
        #expect(rig.advance(to: 200_000).commits.isEmpty)
    }

    @Test(
        "after the group has refused a commit nothing is called before it takes one",
        arguments: [CommitOutcome.notOurs, .offsetsRefused]
    )
    func proof(refusal: CommitOutcome) throws {
        let rig = ReplicaRig(engine: .quiet { $0.ownershipLease = .seconds(22) })
        rig.assign([0], state: RestoredPartition(committed: 0))
        try rig.endCommit()
        rig.finish()
        rig.advance(to: 100)
        try rig.endCommit(refusal)
        let waiting = rig.read()
        #expect(rig.actions.calls.last != waiting)
        rig.advance(to: 300)
        #expect(rig.actions.calls.last != waiting)
        try rig.endCommit()
        #expect(rig.actions.calls.last == waiting)
    }

    @Test("a commit's partitions are owned only in the very assignments that it was made for")
    func owned() throws {
        rig.assign([0])
        rig.finish()
        let commit = try #require(rig.openCommit)
        #expect(commit.partitionsOwned(in: [0: 1, 5: 1]) == [0])
        #expect(commit.partitionsOwned(in: [0: 2]).isEmpty)
        #expect(commit.partitionsOwned(in: [:]).isEmpty)
    }
}
