import InstagramMessaging
import KafkaClient
import Reactor
import SendEngine
import Synchronization
import Telemetry
import Testing

@testable import SendWorker

@Suite(.timeLimit(.minutes(1)))
struct EngineLoopTests {
    @Test func requestsAreCalledAndDeliveredWithTheirOffsets() async throws {
        let stage = LoopStage()
        try await stage.assign([0])
        stage.take(offsets: 0..<3)
        try await stage.until { $0.entries.count == 3 }
        let state = stage.state.withLock { $0 }
        #expect(state.entries.map(\.result.status) == [.sent, .sent, .sent])
        #expect(state.entries.map(\.pending.record.offset).sorted() == [0, 1, 2])
        #expect(state.offsets.last?[LoopStage.partition(0)] == 3)
        await stage.end()
    }

    @Test func whatComesInIsCalledAndBecomesDurableIsCounted() async throws {
        let stage = LoopStage()
        stage.state.withLock { $0.outcomes = [.nothing, .offsetsPending] }
        try await stage.assign([0])
        stage.take(offsets: 0..<3)
        try await stage.until { $0.entries.count == 3 }
        await stage.end()
        let registry = await stage.loop.metrics.registry
        #expect(registry.value(of: "send_worker_requests_received_total", labels: [("kind", "text")]) == 3)
        #expect(registry.value(of: "send_worker_calls_total", labels: [("outcome", "delivered")]) == 3)
        #expect(registry.value(of: "send_worker_call_duration_seconds") == 3)
        let results = [("status", "sent"), ("category", "none")]
        #expect(registry.value(of: "send_worker_results_total", labels: results) == 3)
        #expect(registry.value(of: "send_worker_request_latency_seconds", labels: [("status", "sent")]) == 3)
        #expect(registry.value(of: "send_worker_commits_total", labels: [("outcome", "nothing")]) == 1)
        #expect(registry.value(of: "send_worker_commits_total", labels: [("outcome", "offsets_owed")]) == 1)
        #expect(registry.value(of: "send_worker_commit_failures_total") == 1)
    }

    @Test func aDeliveryThatDidNotHappenComesAgain() async throws {
        let stage = LoopStage()
        stage.state.withLock { $0.outcomes = [.nothing, .nothing] }
        try await stage.assign([0])
        stage.take(offsets: 0..<1)
        try await stage.until { $0.offsets.count == 3 }
        let state = stage.state.withLock { $0 }
        #expect(state.calls == 1)
        #expect(state.entries.map(\.pending.record.offset) == [0])
        await stage.end()
    }

    @Test func retriedOffsetsAreOfferedAgainWithoutTheirResults() async throws {
        let stage = LoopStage()
        stage.state.withLock { $0.outcomes = [.offsetsPending] }
        try await stage.assign([0])
        stage.take(offsets: 0..<1)
        try await stage.until { $0.offsets.count == 2 }
        let state = stage.state.withLock { $0 }
        #expect(state.offsets == [[LoopStage.partition(0): 1], [LoopStage.partition(0): 1]])
        #expect(state.entries.count == 1)
        await stage.end()
    }

    @Test func aRevokedPartitionIsGivenUpOnceItsCallsAreOverAndCommitted() async throws {
        let stage = LoopStage(answersAtOnce: false)
        try await stage.assign([0, 1])
        stage.take(offsets: 0..<1)
        try await stage.until { $0.calls == 1 }
        stage.loop.post(.revoking([0]))
        stage.take(offsets: 1..<2)
        #expect(stage.state.withLock { $0.commands }.contains(.finishRevoke([0])) == false)
        stage.answerAll()
        try await stage.until { $0.commands.contains(.finishRevoke([0])) }
        let state = stage.state.withLock { $0 }
        #expect(state.entries.count == 1)
        #expect(state.offsets.last?[LoopStage.partition(0)] == 1)
        #expect(state.calls == 1, "nothing may be called after the revoke has begun")
        await stage.end()
    }

    @Test func `a broker that takes no offsets while the group rebalances does not hold up the handover`() async throws
    {
        let stage = LoopStage()
        stage.state.withLock { $0.outcomes = Array(repeating: .offsetsPending, count: 10_000) }
        try await stage.assign([0])
        stage.take(offsets: 0..<1)
        try await stage.until { $0.entries.count == 1 }
        stage.loop.post(.revoking([0]))
        // Long before the time for draining is over, or the test's own time would be.
        try await stage.until { $0.commands.contains(.finishRevoke([0])) }
        await stage.end()
    }

    @Test func `offsets that failed in one assignment are not offered in the next`() async throws {
        let stage = LoopStage()
        stage.state.withLock { $0.outcomes = Array(repeating: .offsetsPending, count: 2) }
        try await stage.assign([0])
        stage.take(offsets: 0..<3)
        try await stage.until { $0.offsets.count == 1 }
        stage.loop.post(.lost([0]))
        stage.loop.post(.assigned([0], epoch: 2))
        try await stage.until { state in
            state.commands.contains { command in
                if case .startFetching(_, at: _, epoch: 2) = command { true } else { false }
            }
        }
        let offered = stage.state.withLock { $0.offsets }.count
        await stage.end()
        #expect(stage.state.withLock { $0.offsets }.count == offered, "another replica may have committed more by now")
    }

    @Test func outcomesOfLostPartitionsAreDropped() async throws {
        let stage = LoopStage(answersAtOnce: false)
        try await stage.assign([0])
        stage.take(offsets: 0..<1)
        try await stage.until { $0.calls == 1 }
        stage.loop.post(.lost([0]))
        stage.answerAll()
        await stage.end()
        #expect(stage.state.withLock { $0.entries }.isEmpty)
    }

    @Test func aPartitionTakenAwayWhileItsStateIsReadIsNotFetched() async throws {
        let stage = LoopStage()
        stage.loop.post(.assigned([4], epoch: 1))
        stage.loop.post(.lost([4]))
        await stage.end()
        #expect(stage.state.withLock { $0.commands }.isEmpty)
    }

    @Test func noCallStartsWhileNothingBecomesDurableAndCallsGoOnAfterwards() async throws {
        let stage = LoopStage()
        stage.state.withLock { $0.refusesDeliveries = true }
        try await stage.assign([0])
        stage.take(offsets: 0..<1)
        while await !stage.loop.isCallingSuspended { try await Task.sleep(for: .milliseconds(1)) }
        stage.take(offsets: 1..<2)
        let tried = stage.state.withLock { $0.offsets.count }
        try await stage.until { $0.offsets.count > tried + 3 }
        #expect(stage.state.withLock { $0.calls } == 1)
        #expect(stage.commitStatus.isOverdue)
        stage.state.withLock { $0.refusesDeliveries = false }
        try await stage.until { $0.entries.count == 2 }
        #expect(stage.state.withLock { $0.calls } == 2)
        while stage.commitStatus.isOverdue { try await Task.sleep(for: .milliseconds(1)) }
        await stage.end()
    }

    @Test func `a commit that is under way stops nothing before as much is in doubt as may be`() async throws {
        let stage = LoopStage(maxInDoubt: 4)
        stage.state.withLock { $0.holdsDeliveries = true }
        try await stage.assign([0])
        stage.take(offsets: 0..<12)
        try await stage.until { $0.calls == 4 }
        while !stage.commitStatus.isOverdue { try await Task.sleep(for: .milliseconds(1)) }
        #expect(await !stage.loop.isCallingSuspended)
        #expect(stage.state.withLock { $0.calls } == 4)
        stage.state.withLock { $0.holdsDeliveries = false }
        try await stage.until { $0.entries.count == 12 }
        #expect(stage.state.withLock { $0.mostInDoubt } == 4)
        while stage.commitStatus.isOverdue { try await Task.sleep(for: .milliseconds(1)) }
        await stage.end()
    }

    @Test func `an assignment is committed with the offset that it began with before its first call`() async throws {
        let stage = LoopStage(ownershipLease: .seconds(60))
        let ledger = PartitionSnapshot(base: 5, started: [7..<8])
        stage.state.withLock {
            $0.restored = RestoredPartition(snapshot: ledger, committed: 5)
            $0.outcomes = [.nothing]
        }
        try await stage.assign([0])
        try await stage.until { $0.deliveries.count == 1 }
        let state = stage.state.withLock { $0 }
        #expect(state.offsets == [[LoopStage.partition(0): 5], [LoopStage.partition(0): 5]])
        #expect(state.deliveries[0].commit.ledgers[0].flatMap(PartitionSnapshot.init(decoding:)) == ledger)
        #expect(state.calls == 0)
        stage.take(offsets: 5..<6)
        try await stage.until { $0.entries.count == 1 }
        await stage.end()
    }

    @Test func `what goes on in other partitions does not hold up a partition that is taken away`() async throws {
        // The clock stands: the time for draining never ends.
        let stage = LoopStage(clock: WorkerClock(monotonic: { 0 }, wall: { Timestamp(millisecondsSinceEpoch: 0) }))
        let next = Atomic<Int64>(1)
        // There is never a moment at which nothing has ended in partition 0.
        stage.state.withLock {
            $0.whenDelivering = { [weak stage] in
                let offset = next.add(1, ordering: .relaxed).oldValue
                stage?.take(offsets: offset..<(offset + 1))
            }
        }
        try await stage.assign([0, 1])
        stage.take(offsets: 0..<1)
        stage.loop.post(.revoking([1]))
        try await stage.until { $0.commands.contains(.finishRevoke([1])) }
        stage.state.withLock { $0.whenDelivering = nil }
        await stage.end()
    }

    @Test func `after the group has refused a commit nothing is called before it takes one`() async throws {
        let stage = LoopStage(ownershipLease: .seconds(60))
        try await stage.assign([0])
        stage.take(offsets: 0..<1)
        try await stage.until { $0.entries.count == 1 }
        stage.state.withLock { $0.outcomes = Array(repeating: .notOurs, count: 4) }
        stage.take(offsets: 1..<2)
        try await stage.until { $0.callsAtRefusals.count == 2 }
        stage.take(offsets: 2..<3)
        try await stage.until { $0.entries.count == 3 }
        #expect(stage.state.withLock { $0.callsAtRefusals } == [2, 2, 2, 2])
        await stage.end()
    }

    @Test(arguments: [CommitOutcome.notOurs, .offsetsRefused])
    func `a replica whom the group does not know any more, and that is told nothing of it, ends`(
        refusal: CommitOutcome
    ) async throws {
        var membership = MembershipDoubt.Settings()
        membership.sessionTimeout = .milliseconds(200)
        membership.joinPatience = .zero
        let stage = LoopStage(membership: membership)
        stage.state.withLock { $0.outcomes = Array(repeating: refusal, count: 10_000) }
        try await stage.assign([0])
        stage.take(offsets: 0..<1)
        try await stage.until { !$0.failures.isEmpty }
        #expect(stage.state.withLock { $0.failures[0] }.contains("Restart the worker"))
        await stage.end()
    }

    @Test func `a call that waits for its connection is not begun once its partition is lost`() async throws {
        let stage = LoopStage(answersAtOnce: false)
        try await stage.assign([0])
        stage.take(offsets: 0..<1)
        try await stage.until { $0.mayStart.count == 1 }
        let mayStart = stage.state.withLock { $0.mayStart[0] }
        #expect(mayStart(true))
        stage.loop.post(.lost([0]))
        await stage.end()
        #expect(!mayStart(true))
    }

    @Test func `a call is not begun once its proof has run out, however soon after the decision`() async throws {
        let ahead = Atomic<Int64>(0)
        let clock = WorkerClock(
            monotonic: { Reactor.monotonicNow() + ahead.load(ordering: .relaxed) },
            wall: { Timestamp(millisecondsSinceEpoch: 1_700_000_000_000) }
        )
        let stage = LoopStage(answersAtOnce: false, clock: clock, ownershipLease: .seconds(60))
        try await stage.assign([0])
        stage.take(offsets: 0..<1)
        try await stage.until { $0.mayStart.count == 1 }
        let mayStart = stage.state.withLock { $0.mayStart[0] }
        #expect(mayStart(false))
        ahead.store(61_000_000_000, ordering: .relaxed)
        #expect(!mayStart(false) && !mayStart(true))
        await stage.end()
    }

    @Test func outcomesThatCannotBeCommittedAreCountedAtTheStop() async throws {
        let stage = LoopStage(drainTimeout: .milliseconds(50))
        try await stage.assign([0])
        stage.take(offsets: 0..<3)
        try await stage.until { $0.entries.count == 3 }
        stage.state.withLock { $0.refusesDeliveries = true }
        stage.take(offsets: 3..<4)
        try await stage.until { $0.calls == 4 && $0.offsets.count > 3 }
        #expect(await stage.loop.drain() == 1)
    }

    @Test func outcomesThatWereLostWithTheirPartitionAreCountedUntilACommitSucceeds() async throws {
        let stage = LoopStage()
        try await stage.assign([0, 1])
        stage.state.withLock { $0.refusesDeliveries = true }
        stage.take(offsets: 0..<1)
        try await stage.until { $0.calls == 1 && $0.offsets.count > 1 }
        stage.loop.post(.lost([0, 1]))
        #expect(await stage.loop.drain() == 1)
    }

    @Test func aCommitterThatFailsForGoodIsReportedOnce() async throws {
        let stage = LoopStage()
        stage.state.withLock { $0.error = CommitError("fenced") }
        try await stage.assign([0])
        stage.take(offsets: 0..<2)
        try await stage.until { $0.failures == ["fenced"] }
        await stage.end()
        #expect(stage.state.withLock { $0.failures } == ["fenced"])
    }
}

extension EngineLoop {
    fileprivate var isCallingSuspended: Bool { replica.engine.isSuspended }
}
