import KafkaClient
import SendEngine
import Synchronization
import Telemetry
import Testing

@testable import SendWorker

@Suite(.timeLimit(.minutes(1)))
struct StateReaderTests {
    /// One partition of the state topic of which at first only a part can be seen, with a clock that jumps at pauses.
    private final class Log: Sendable {
        struct State: Sendable {
            var records: [KafkaRecord] = []
            /// Where the oldest open transaction begins; nil where none is open.
            var open: Int64?
            var committed: Int64?
            /// Whether a worker committed that offset.
            var isOwn = true
            var log: Range<Int64>? = 0..<1_000
            var firstTimestamp: Int64?
            /// How many members other groups have.
            var members = 0
            var refusals: [WorkerFailure] = []
            var clock = Duration.zero
            var failures = 0
            /// Partitions that the topic does not have.
            var missing: Set<Int32> = []
            var readings = 0
            /// Where open transactions began that were to be ended.
            var ended: [Int64] = []
            var endsAbandoned = false
            /// Happens at the first pause that ends at or after this time.
            var event: (at: Duration, change: @Sendable (inout State) -> Void)?

            var end: Int64 { (records.last?.offset ?? -1) + 1 }
        }

        let state: Mutex<State>
        let recorder = LogRecorder()
        let metrics = try! WorkerMetrics()

        init(_ records: [KafkaRecord], committed: Int64?, _ change: (inout State) -> Void = { _ in }) {
            var state = State(records: records, committed: committed)
            change(&state)
            self.state = Mutex(state)
        }

        var reader: StateReader { reader() }

        func reader(_ ownership: LedgerOwnership = LedgerOwnership(group: "own")) -> StateReader {
            StateReader(
                source: StateSource(
                    logEnds: { partitions in
                        try self.fail()
                        return self.state.withLock { state in
                            let found = partitions.filter { !state.missing.contains($0) }
                            return Dictionary(uniqueKeysWithValues: found.map { ($0, state.end) })
                        }
                    },
                    readOn: { self.readOn($0) },
                    committed: { _ in
                        self.state.withLock { state in
                            state.committed.map { [0: PartitionStart.CommittedOffset($0, isOwn: state.isOwn)] } ?? [:]
                        }
                    },
                    requestLogs: { numbers in
                        let log = self.state.withLock(\.log)
                        return Dictionary(
                            uniqueKeysWithValues: numbers.compactMap { number in log.map { (number, $0) } }
                        )
                    },
                    firstTimestamp: { _, _ in self.state.withLock(\.firstTimestamp) },
                    members: { _ in self.state.withLock(\.members) },
                    endTransactions: { self.end($0) }
                ),
                ownership: ownership,
                patience: .seconds(60),
                time: StateReader.Time(
                    now: { self.state.withLock(\.clock) },
                    pause: { time in
                        try Task.checkCancellation()
                        self.pass(time)
                        await Task.yield()
                    }
                ),
                metrics: metrics,
                logger: recorder.logger(),
                repetitions: RepetitionLimiter(interval: .seconds(30)),
                refuse: { failure in self.state.withLock { $0.refusals.append(failure) } }
            )
        }

        func restored() async throws -> RestoredPartition { try #require(await reader.restored([0])[0]) }

        func ignored(_ cause: IgnoredState) -> Double? {
            metrics.registry.value(of: "send_worker_ignored_state_total", labels: [("cause", cause.rawValue)])
        }

        private func fail() throws {
            let fails = state.withLock { state in
                state.failures -= 1
                return state.failures >= 0
            }
            if fails { throw KafkaError(code: -195, name: "_TRANSPORT", message: "away", operation: "ends") }
        }

        private func readOn(_ partitions: [Int32: StateContents]) -> [Int32: StateContents] {
            state.withLock { state in
                state.readings += 1
                let visible = state.open ?? state.end
                return partitions.mapValues { before in
                    var contents = before
                    for record in state.records where record.offset < visible { contents.take(record) }
                    contents.reach(visible)
                    return contents
                }
            }
        }

        private func end(_ begins: [Int32: Int64]) -> [String] {
            state.withLock { state in
                state.ended += begins.values
                guard state.endsAbandoned else { return [] }
                state.open = nil
                return ["group-dead"]
            }
        }

        private func pass(_ time: Duration) {
            state.withLock { state in
                state.clock += time
                guard let event = state.event, state.clock >= event.at else { return }
                state.event = nil
                event.change(&state)
            }
        }
    }

    @Test func theLedgerOfTheCommittedOffsetAndAllMemoriesAreRestored() async throws {
        let log = Log(
            [StateFixture.account("5", holds: 2, offset: 0), StateFixture.ledger(8, offset: 1)],
            committed: 8
        )
        let restored = try await log.restored()
        #expect(restored.snapshot?.base == 8 && restored.committed == 8)
        #expect(restored.accounts == ["5": StateFixture.memory(holds: 2)])
        #expect(log.metrics.registry.value(of: "send_worker_restored_accounts_total") == 1)
        #expect(log.metrics.registry.value(of: "send_worker_restore_seconds") == 1)
        #expect(log.recorder.count(of: "state restored") == 1)
        #expect(log.recorder.count(of: "accounts=1") == 1)
        #expect(log.recorder.count(of: "account:") == 0)
    }

    @Test func anEmptyTopicIsReadToo() async throws {
        let restored = try await Log([], committed: nil).restored()
        #expect(restored.snapshot == nil && restored.accounts.isEmpty && restored.committed == nil)
    }

    @Test func aCommittedOffsetWithoutALedgerIsCountedAndNoWarning() async throws {
        let log = Log([StateFixture.account("5", holds: 2, offset: 0)], committed: 8)
        #expect(try await log.restored().accounts.count == 1)
        #expect(log.ignored(.noLedger) == 1)
        #expect(log.recorder.count(of: "without_ledger=1") == 1)
        #expect(log.recorder.count(of: "warning") == 0)
    }

    @Test(arguments: [3, 500])
    func theLedgerCountsWhereSomebodyElseMovedTheOffset(_ committed: Int64) async throws {
        let log = Log(
            [StateFixture.account("5", holds: 2, offset: 0), StateFixture.ledger(8, offset: 1)],
            committed: committed
        ) { $0.isOwn = false }
        let restored = try await log.restored()
        #expect(restored.snapshot?.base == 8 && restored.position == 8 && restored.accounts.count == 1)
        #expect(restored.committed == committed)
        #expect(log.ignored(.movedOffset) == 1 && log.ignored(.baseMismatch) == 0)
        #expect(log.recorder.count(of: "--follow-moved-offsets") == 1)
        #expect(log.state.withLock(\.readings) == 2, "a ledger that does not fit is looked at once more")
    }

    @Test func aMovedOffsetIsFollowedWhereThatIsAskedFor() async throws {
        let log = Log([StateFixture.ledger(8, offset: 0)], committed: 3) { $0.isOwn = false }
        let reader = log.reader(LedgerOwnership(group: "own", followsMovedOffsets: true))
        let restored = try #require(await reader.restored([0])[0])
        #expect(restored.snapshot == nil && restored.position == 3)
        #expect(log.ignored(.baseMismatch) == 1)
        #expect(log.recorder.count(of: "is sent again") == 1)
    }

    @Test func theLedgerCountsWhereTheGroupHasNoOffsetAnyMore() async throws {
        let log = Log([StateFixture.ledger(8, offset: 0)], committed: nil)
        #expect(try await log.restored().position == 8)
        #expect(log.recorder.count(of: "has no committed offset any more") == 1)
        #expect(log.recorder.count(of: "warning") == 0)
    }

    @Test func anotherOnesOffsetWithoutALedgerEndsTheWorker() async throws {
        let log = Log([], committed: 8) { $0.isOwn = false }
        #expect(await log.reader.restored([0]).isEmpty)
        let refusal = try #require(log.state.withLock(\.refusals).first)
        #expect(refusal.kind == .configuration && refusal.description.contains("--follow-moved-offsets"))
    }

    // MARK: The log of the requests

    @Test func aLogWhoseLeaderIsAwayKeepsNobodyWaitingButWhereItDecides() async throws {
        let away = Log([StateFixture.ledger(8, offset: 0)], committed: 8) { $0.log = nil }
        #expect(try await away.restored().position == 8)
        let undecided = Log([], committed: 8) { state in
            state.isOwn = false
            state.log = nil
            state.event = (.seconds(20), { $0.log = 8..<9 })
        }
        #expect(try await undecided.restored().position == 8)
        #expect(undecided.recorder.count(of: "where the log of partition 0") == 1)
    }

    @Test func whatTheTopicDeletedBeforeItWasReadIsCounted() async throws {
        let log = Log([StateFixture.ledger(8, offset: 0)], committed: 8) { $0.log = 20..<30 }
        let restored = try await log.restored()
        #expect(restored.position == 20 && restored.deletedUnread == 12)
    }

    @Test func aLogThatEndsBeforeTheLedgerIsToldByItsFirstRecord() async throws {
        // The ledger's own timestamp is 1, where it says nothing else.
        for (first, position) in [(2, 0), (1, 5)] as [(Int64, Int64)] {
            let log = Log([StateFixture.ledger(8, offset: 0)], committed: 8) { state in
                state.log = 0..<5
                state.firstTimestamp = first
            }
            #expect(try await log.restored().position == position)
            #expect(log.recorder.count(of: "made anew") == (position == 0 ? 1 : 0))
            #expect(log.recorder.count(of: "has lost its end") == (position == 0 ? 0 : 1))
        }
    }

    @Test func aNewLeaderThatDoesNotKnowTheEndYetIsAskedAgain() async throws {
        let log = Log([StateFixture.ledger(8, offset: 0)], committed: 8) { state in
            state.log = 0..<5
            state.event = (.seconds(2), { $0.log = 0..<9 })
        }
        #expect(try await log.restored().position == 8)
        #expect(log.recorder.count(of: "warning") == 0)
    }

    @Test func aLogWithoutTimestampsThatEndsTooSoonEndsTheWorker() async throws {
        let log = Log([StateFixture.ledger(8, offset: 0)], committed: 8) { state in
            state.log = 0..<5
            state.firstTimestamp = -1
        }
        #expect(await log.reader.restored([0]).isEmpty)
        let refusal = try #require(log.state.withLock(\.refusals).first)
        #expect(refusal.kind == .restart && refusal.description.contains("--to-earliest"))
    }

    // MARK: Other groups

    private func ledger(of group: String, offset: Int64 = 0) -> KafkaRecord {
        let header = KafkaHeader(name: "group", value: Array(group.utf8))
        return StateFixture.record("ledger", PartitionSnapshot(base: 8).encoded(), offset: offset, headers: [header])
    }

    @Test func theLedgerOfTheOwnGroupIsNoNews() async throws {
        let log = Log([ledger(of: "own")], committed: 8)
        #expect(try await log.restored().position == 8)
        #expect(log.recorder.count(of: "group") == 0)
    }

    @Test func aLivingGroupsLedgerIsRefusedEvenWhereItIsToBeTakenOver() async throws {
        for takesOver in [nil, "other"] {
            let log = Log([ledger(of: "other")], committed: nil) { $0.members = 2 }
            let reader = log.reader(LedgerOwnership(group: "own", takesOver: takesOver))
            #expect(await reader.restored([0]).isEmpty)
            let refusal = try #require(log.state.withLock(\.refusals).first)
            #expect(refusal.kind == .configuration && refusal.isOrderly)
            #expect(refusal.description.contains("consumer group other, which has 2 members"))
        }
    }

    @Test func aRenamedGroupsLedgerIsTakenOverOnlyWhereThatIsAskedFor() async throws {
        let refused = Log([ledger(of: "other")], committed: nil)
        #expect(await refused.reader.restored([0]).isEmpty)
        let refusal = try #require(refused.state.withLock(\.refusals).first)
        #expect(refusal.description.contains("kafka.takeOverGroup=other"))
        let taken = Log([ledger(of: "other")], committed: nil)
        let reader = taken.reader(LedgerOwnership(group: "own", takesOver: "other"))
        #expect(try #require(await reader.restored([0])[0]).position == 8)
        #expect(taken.recorder.count(of: "going on with the ledgers of another group") == 1)
    }

    @Test func `where a worker's offset is ahead, the ledger still says what is finished behind it`() async throws {
        let snapshot = PartitionSnapshot(base: 3, finished: [4..<6, 8..<12, 20..<21], started: [6..<7, 14..<15])
        let log = Log([StateFixture.record("ledger", snapshot.encoded(), offset: 0)], committed: 10)
        let restored = try await log.restored().snapshot
        #expect(restored == PartitionSnapshot(base: 10, finished: [10..<12, 20..<21], started: [14..<15]))
        #expect(log.ignored(.baseMismatch) == 1)
        #expect(log.state.withLock(\.readings) == 2)
    }

    @Test func aLedgerThatAppearsAMomentLaterIsUsed() async throws {
        let log = Log([StateFixture.ledger(3, offset: 0)], committed: 8) { state in
            state.event = (.milliseconds(1), { $0.records.append(StateFixture.ledger(8, offset: 1)) })
        }
        #expect(try await log.restored().snapshot?.base == 8)
        #expect(log.ignored(.baseMismatch) == 0)
    }

    @Test func whatStandsBehindAnOpenTransactionIsWaitedFor() async throws {
        // The dead owner's transaction begins at 1; a later owner's ledger stands behind it.
        let records = [StateFixture.ledger(3, offset: 0), StateFixture.ledger(9, offset: 4)]
        let log = Log(records, committed: 9) { state in
            state.open = 1
            state.event = (.seconds(40), { $0.open = nil })
        }
        #expect(try await log.restored().snapshot?.base == 9)
        #expect(log.state.withLock(\.clock) >= .seconds(40))
        #expect(log.recorder.count(of: "hidden behind a transaction") == 1)
        #expect(log.ignored(.hidden) == 0 && log.ignored(.baseMismatch) == 0)
    }

    @Test func anOldLedgerThatFitsIsNotTakenForTheLastOne() async throws {
        // Both begin at the same offset: the oldest request has not ended, while another was started.
        let records = [StateFixture.ledger(3, offset: 0), StateFixture.ledger(3, started: [5..<6], offset: 4)]
        let log = Log(records, committed: 3) { state in
            state.open = 1
            state.event = (.seconds(20), { $0.open = nil })
        }
        #expect(try await log.restored().snapshot?.started == [5..<6])
    }

    @Test func aTransactionThatNobodyEndsIsNotWaitedForForever() async throws {
        let records = [StateFixture.ledger(3, offset: 0), StateFixture.ledger(9, offset: 4)]
        let log = Log(records, committed: 9) { $0.open = 1 }
        #expect(try await log.restored().snapshot == PartitionSnapshot(base: 9))
        #expect(log.ignored(.hidden) == 1 && log.ignored(.baseMismatch) == 1)
        let waited = log.state.withLock(\.clock)
        #expect(waited >= .seconds(60) && waited < .seconds(62))
        #expect(log.recorder.count(of: "open_transaction=1") == 1)
    }

    @Test func aDeadReplicasTransactionIsEndedSooner() async throws {
        let records = [StateFixture.ledger(3, offset: 0), StateFixture.ledger(9, offset: 4)]
        let log = Log(records, committed: 9) { state in
            state.open = 1
            state.endsAbandoned = true
        }
        #expect(try await log.restored().snapshot?.base == 9)
        #expect(log.state.withLock(\.ended) == [1])
        #expect((.seconds(4)...(.seconds(6))).contains(log.state.withLock(\.clock)))
        #expect(log.recorder.count(of: "group-dead") == 1)
    }

    @Test func aTransactionOfAReplicaThatIsBusyIsLeftAlone() async throws {
        let log = Log([StateFixture.ledger(3, offset: 0), StateFixture.ledger(9, offset: 4)], committed: 9) { state in
            state.open = 1
            state.event = (.seconds(2), { $0.open = nil })
        }
        #expect(try await log.restored().snapshot?.base == 9)
        #expect(log.state.withLock(\.ended).isEmpty)
    }

    @Test func damageIsToldOncePerRestoreInNumbers() async throws {
        let foreign = (0..<5).map { StateFixture.record("key-\($0)", [1], offset: Int64($0)) }
        let damaged = [
            StateFixture.record("account:6", [1, 2, 3], offset: 5), StateFixture.record("ledger", [4, 5], offset: 6),
        ]
        let log = Log(foreign + damaged, committed: 1)
        let restored = try await log.restored()
        #expect(restored.snapshot == nil && restored.accounts.isEmpty)
        #expect(
            log.ignored(.foreign) == 5 && log.ignored(.unreadableAccount) == 1 && log.ignored(.unreadableLedger) == 1
        )
        #expect(log.recorder.count(of: "is ignored") == 1)
        #expect(log.recorder.count(of: "foreign_key=5") == 1)
    }

    @Test func aBrokerThatIsAwayIsAskedAgain() async throws {
        let log = Log([StateFixture.ledger(8, offset: 0)], committed: 8) { $0.failures = 3 }
        #expect(try await log.restored().snapshot?.base == 8)
        #expect(log.recorder.count(of: "cannot be read yet") == 1)
    }

    @Test func `partitions that the topic lacks wait for it, the others do not wait for them`() async throws {
        let log = Log([StateFixture.ledger(8, offset: 0)], committed: 8) { state in
            state.missing = [1, 2]
            state.event = (.seconds(90), { $0.missing = [2] })
        }
        let parts = Mutex<[[Int32]]>([])
        let reader = log.reader
        let reading = Task {
            await reader.restore([0, 1, 2]) { part in parts.withLock { $0.append(part.keys.sorted()) } }
        }
        while parts.withLock(\.count) < 2 { try await Task.sleep(for: .milliseconds(1)) }
        reading.cancel()
        await reading.value
        #expect(parts.withLock(\.self) == [[0], [1]])
        #expect(log.recorder.count(of: "the state topic lacks partitions") == 1)
        #expect(log.recorder.count(of: "[1, 2]") == 1)
        #expect(log.metrics.registry.value(of: "send_worker_restore_seconds") == 2)
    }

    @Test func aCancelledReadingGivesNothing() async {
        let log = Log([], committed: nil) { $0.failures = .max }
        let reader = log.reader
        let reading = Task { await reader.restored([0]) }
        reading.cancel()
        #expect(await reading.value.isEmpty)
    }

    @Test func theMarkerIsThatOfTheLastLedgerAndNoGuess() async throws {
        let marked = StateFixture.record(
            "ledger",
            [1],
            offset: 0,
            headers: [KafkaHeader(name: "delivery", value: [7])]
        )
        let log = Log([marked, StateFixture.account("1", holds: 1, offset: 1)], committed: nil)
        #expect(try await log.reader.lastMarker(of: 0) == [7])
        log.state.withLock { $0.open = 1 }
        await #expect(throws: (any Error).self) { try await log.reader.lastMarker(of: 0) }
        log.state.withLock { $0.missing = [0] }
        await #expect(throws: (any Error).self) { try await log.reader.lastMarker(of: 0) }
    }
}
