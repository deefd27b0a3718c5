import InstagramMessaging
import SendEngine
import Testing

@Suite("How a replica gives partitions up")
struct ReplicaDrainTests {
    private let rig = ReplicaRig()

    private static let handover = ["forget([0])", "givenUp([0])", "finishRevoke([0])"]

    // MARK: What a drain waits for

    @Test("a revoked partition goes once its calls are over and their endings committed")
    func callsAndEndings() throws {
        rig.assign([0])
        let call = rig.read()
        let waiting = rig.id(1)
        // The ledger says first which requests are started: this process may die in the middle.
        #expect(rig.handle(.revoking([0])).words == ["revoking([0])", "commit(1)"])
        #expect(rig.intake(waiting) == .known, "it is nobody's here")
        #expect(try rig.endCommit().words.isEmpty)
        #expect(rig.end(call).words == ["commit(2)"])
        #expect(try rig.endCommit().words == ["release([0])"] + Self.handover)
        #expect(rig.actions.calls == [call])
        #expect(rig.replica.epochs.isEmpty)
    }

    @Test("a partition of which nothing runs or waits goes at once")
    func nothingToDo() {
        rig.assign([0])
        #expect(rig.handle(.revoking([0])).words == ["revoking([0])"] + Self.handover)
        // Of one that is not here there is nothing to say.
        #expect(rig.handle(.revoking([7])).words == ["revoking([7])", "forget([7])", "finishRevoke([7])"])
    }

    @Test("a drain waits for offsets that failed")
    func offsets() throws {
        rig.assign([0])
        rig.finish()
        try rig.endCommit(.offsetsPending)
        #expect(rig.handle(.revoking([0])).words == ["revoking([0])"])
        #expect(rig.advance(to: 100).words == ["commit(0)"])
        #expect(try rig.endCommit().words == Self.handover)
    }

    @Test(
        "offsets that are refused during the drain do not hold it up",
        arguments: [CommitOutcome.offsetsPending, .offsetsRefused]
    )
    func refusedOffsets(outcome: CommitOutcome) throws {
        rig.assign([0])
        let call = rig.read()
        rig.handle(.revoking([0]))
        try rig.endCommit()
        rig.end(call)
        #expect(try rig.endCommit(outcome).words == ["release([0])"] + Self.handover)
        #expect(rig.advance(to: 60_000).commits.isEmpty)
    }

    @Test("what goes on in other partitions does not hold up a revoke")
    func otherPartitions() throws {
        rig.assign([0, 1, 2])
        rig.read(1)
        rig.finish(2)
        #expect(rig.openCommit?.offsets.keys.sorted() == [2])
        rig.finish(1)
        #expect(rig.handle(.revoking([0])).words == ["revoking([0])"] + Self.handover)
        // The commit that is under way does hold up its own.
        #expect(rig.handle(.revoking([2])).words == ["revoking([2])"])
        #expect(
            try rig.endCommit().words == ["release([0])", "forget([2])", "givenUp([2])", "finishRevoke([2])"]
        )
    }

    @Test("offsets that failed of other partitions do not hold up a revoke, but a stop")
    func otherOffsets() throws {
        rig.assign([0, 1])
        rig.finish(1)
        try rig.endCommit(.offsetsPending)
        #expect(rig.handle(.revoking([0])).words == ["revoking([0])"] + Self.handover)
        #expect(rig.handle(.stop).isEmpty)
        #expect(rig.advance(to: 100).words == ["commit(0)"])
        #expect(
            try rig.endCommit().words == ["forget([1])", "givenUp([1])", "stopped(uncommitted: 0)"]
        )
    }

    @Test("no call of a partition begins once its revoke has begun")
    func noCalls() throws {
        let rig = ReplicaRig(engine: .quiet { $0.maxInFlight = 1 })
        rig.assign([0, 1])
        let first = rig.read(0)
        rig.read(0)
        let other = rig.read(1)
        rig.handle(.revoking([0]))
        try rig.endCommit()
        rig.end(first)
        #expect(rig.actions.calls == [first, other])
    }

    @Test("a partition whose state comes while it is on its way out is not called")
    func stateDuringDrain() {
        rig.assign([0])
        rig.read(0)
        rig.beginAssignment(of: [1], epoch: 2)
        rig.handle(.revoking([0, 1]))
        // The rebalance still waits for it.
        #expect(rig.restore([1], epoch: 2).words.last == "startFetching([1], at: [:], epoch: 2)")
        rig.read(1)
        #expect(rig.actions.calls.map(\.partition) == [0])
    }

    // MARK: The deadline

    @Test("a drain that takes too long is cut short, and what ends later is ignored")
    func deadline() throws {
        rig.assign([0, 1])
        rig.advance(to: 1_000)
        let call = rig.read(0)
        rig.handle(.revoking([0]))
        try rig.endCommit()
        #expect(rig.nextWake == 31_000)
        #expect(rig.advance(to: 30_999).isEmpty)
        #expect(rig.advance(to: 31_000).words == ["drainCutShort([0], callsInFlight: 1)"] + Self.handover)
        #expect(rig.end(call).isEmpty)
        #expect(rig.nextWake == nil)
    }

    @Test("endings that a drain could not commit in time are counted at the stop until a commit succeeds")
    func uncommitted() throws {
        for succeeds in [true, false] {
            let rig = ReplicaRig()
            rig.assign([0, 1])
            rig.finish(0)
            rig.finish(0)
            rig.handle(.revoking([0]))
            #expect(rig.advance(to: 30_000).words.contains("drainCutShort([0], callsInFlight: 0)"))
            try rig.endCommit(succeeds ? .committed : .nothing)
            #expect(rig.handle(.stop).words.last == "stopped(uncommitted: \(succeeds ? 0 : 2))")
        }
    }

    @Test("endings lost before a stop are not counted where a commit succeeds in it, those lost in it are")
    func lostBeforeStop() throws {
        for isLostInStop in [false, true] {
            let rig = ReplicaRig()
            rig.assign([0, 1])
            rig.finish(0)
            rig.finish(1)
            if isLostInStop { rig.handle(.stop) }
            rig.handle(.lost([0]))
            if !isLostInStop { rig.handle(.stop) }
            try rig.endCommit()
            #expect(try rig.endCommit().words.last == "stopped(uncommitted: \(isLostInStop ? 1 : 0))")
        }
    }

    @Test("a partition that is lost in the middle is not given back any more")
    func lost() {
        rig.assign([0, 1])
        rig.read(0)
        let call = rig.read(1)
        rig.handle(.revoking([0, 1]))
        rig.handle(.lost([0]))
        rig.handle(.lost([1]))
        rig.end(call)
        rig.advance(to: 60_000)
        #expect(!rig.words.contains { $0.hasPrefix("finishRevoke") || $0.hasPrefix("drainCutShort") })

        rig.assign([0, 1], epoch: 2)
        rig.read(0)
        rig.handle(.revoking([0, 1]))
        #expect(rig.handle(.lost([0])).words == ["lost([0])", "forget([0])", "givenUp([0])"])
    }

    // MARK: Stopping

    @Test("a stop commits what ended and gives everything up")
    func stop() throws {
        rig.assign([0, 1])
        let call = rig.read(0)
        rig.finish(1)
        #expect(rig.handle(.stop).isEmpty)
        #expect(rig.intake(rig.id(1)) == .notOurs)
        try rig.endCommit()
        #expect(rig.words.last == "commit(2)", "what the ledger says of the call that runs")
        try rig.endCommit()
        #expect(rig.end(call).words == ["commit(3)"])
        #expect(
            try rig.endCommit().words == [
                "release([0])", "forget([0, 1])", "givenUp([0, 1])", "stopped(uncommitted: 0)",
            ]
        )
    }

    @Test("a stop ends in the turn in which a revoke gives up the last that it waited for")
    func stopAfterRevoke() throws {
        rig.assign([0])
        rig.read()
        rig.handle(.revoking([0]))
        try rig.endCommit()
        rig.advance(to: 10_000)
        #expect(rig.handle(.stop).isEmpty)
        #expect(
            rig.advance(to: 30_000).words
                == ["drainCutShort([0], callsInFlight: 1)"] + Self.handover + ["forget([])", "stopped(uncommitted: 0)"]
        )
    }

    @Test("a stop goes on when a later revoke takes its partitions")
    func revokeAfterStop() throws {
        rig.assign([0, 1])
        let call = rig.read(0)
        rig.handle(.stop)
        try rig.endCommit()
        let words = rig.handle(.revoking([1])).words
        #expect(words == ["revoking([1])", "forget([1])", "givenUp([1])", "finishRevoke([1])"])
        rig.end(call)
        #expect(
            try rig.endCommit().words == ["release([0])", "forget([0])", "givenUp([0])", "stopped(uncommitted: 0)"]
        )
    }

    @Test("a second stop neither prolongs the first nor ends again")
    func stopTwice() throws {
        rig.assign([0])
        rig.read()
        rig.handle(.stop)
        try rig.endCommit()
        rig.advance(to: 20_000)
        rig.handle(.stop)
        rig.advance(to: 30_000)
        rig.handle(.stop)
        rig.advance(to: 90_000)
        #expect(rig.words.filter { $0.hasPrefix("stopped") || $0.hasPrefix("drainCutShort") }.count == 2)
        #expect(rig.words.last == "stopped(uncommitted: 0)")
        #expect(rig.nextWake == nil)
    }

    @Test("a stop of a replica without partitions ends at once")
    func emptyStop() {
        #expect(rig.handle(.stop).words == ["forget([])", "stopped(uncommitted: 0)"])
    }

    // MARK: On hold

    @Test("partitions that were started paused and are revoked before their state was read never begin")
    func startedPaused() {
        rig.assign([0])
        rig.read(0)
        rig.beginAssignment(of: [4], epoch: 2)
        #expect(rig.advance(to: 1_000).words == ["startPaused([4], epoch: 2)"])
        let words = rig.handle(.revoking([0, 4])).words
        #expect(words == ["revoking([0, 4])", "cancelRestore(epoch: 2)", "commit(1)"])
        #expect(rig.replica.restoring == 0)
        #expect(rig.restore([4], epoch: 2).isEmpty)
    }
}
