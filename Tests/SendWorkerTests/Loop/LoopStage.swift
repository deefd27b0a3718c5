import InstagramMessaging
import KafkaClient
import Reactor
import SendEngine
import Synchronization
import Telemetry

@testable import SendWorker

/// An engine loop among stand-ins for Kafka and Graph that do as they are told and remember what they were asked.
final class LoopStage: Sendable {
    struct State: Sendable {
        var calls = 0
        var unanswered: [@Sendable (CallOutcome) -> Void] = []
        var commands: [ConsumerCommand] = []
        /// The entries of deliveries that were made durable.
        var entries: [Delivery.Entry] = []
        /// The offsets of every delivery that was tried.
        var offsets: [[TopicPartition: Int64]] = []
        /// What the next deliveries come to; those behind are committed.
        var outcomes: [CommitOutcome] = []
        var error: CommitError?
        /// Done in each delivery.
        var whenDelivering: (@Sendable () -> Void)?
        /// How many calls there were at each delivery that was not taken.
        var callsAtRefusals: [Int] = []
        /// Whether a call may begin, as its transport asks.
        var mayStart: [@Sendable (_ hasWaited: Bool) -> Bool] = []
        /// While true, deliveries are under way and do not end.
        var holdsDeliveries = false
        /// The most calls that were made and not durably ended.
        var mostInDoubt = 0
        /// While true, no delivery becomes durable.
        var refusesDeliveries = false
        var failures: [String] = []
        /// What calls come to.
        var answer = LoopStage.sent
        /// What is restored of every partition; nil lets readings go on until they are cancelled.
        var restored: RestoredPartition? = RestoredPartition()
        /// Partitions whose state cannot be read yet.
        var unreadable: Set<Int32> = []
        var cancelledRestores = 0
        /// The deliveries that were made durable.
        var deliveries: [Delivery] = []
    }

    struct StandInCommitter: Committer {
        let executor: (any TaskExecutor)? = nil
        let commitDelivery: @Sendable (Delivery) async throws(CommitError) -> CommitOutcome

        func commit(_ delivery: Delivery) async throws(CommitError) -> CommitOutcome {
            try await commitDelivery(delivery)
        }
    }

    static let topic = "requests"

    let state = Mutex(State())
    let answersAtOnce: Bool
    private let clock: WorkerClock
    private let made = Mutex<EngineLoop?>(nil)

    var loop: EngineLoop {
        guard let loop = made.withLock(\.self) else { fatalError("the stage makes its loop first") }
        return loop
    }

    static func partition(_ number: Int32) -> TopicPartition { TopicPartition(topic: topic, partition: number) }

    /// Told by the loop whether commits succeed.
    let commitStatus = CommitStatus()
    /// Told by the loop whether all its partitions wait for their state.
    let restoring = RestoreStatus()

    init(
        answersAtOnce: Bool = true,
        reactor: Reactor = TestReactor.shared,
        heartbeat: Heartbeat = Heartbeat(start: 0),
        clock: WorkerClock = .system,
        ownershipLease: Duration? = nil,
        maxInDoubt: Int = 1_000,
        restorePatience: Duration = .seconds(60),
        drainTimeout: Duration = .seconds(30),
        membership: MembershipDoubt.Settings = MembershipDoubt.Settings(),
        tracing: RequestTracing? = nil
    ) {
        self.answersAtOnce = answersAtOnce
        self.clock = clock
        var settings = EngineSettings()
        settings.coldStart = false
        settings.ownershipLease = ownershipLease
        settings.maxInDoubt = maxInDoubt
        let ports = LoopPorts(
            send: { [weak self] call, caller in self?.call(call, caller) },
            checkMedia: { _ in nil },
            restore: { [weak self] in await self?.restore($0, $1) },
            committer: StandInCommitter { [weak self] delivery throws(CommitError) in
                try await self?.commit(delivery) ?? .nothing
            },
            consumer: { [weak self] command in self?.state.withLock { $0.commands.append(command) } }
        )
        let loop = EngineLoop(
            replica: Replica(
                settings: Replica.Settings(
                    commitInterval: .milliseconds(1),
                    commitPatience: .milliseconds(20),
                    slowCommitPatience: .milliseconds(40),
                    drainTimeout: drainTimeout,
                    restorePatience: restorePatience,
                    membership: membership
                ),
                engine: settings,
                random: SystemRandomNumberGenerator()
            ),
            ports: ports,
            terminalRecords: TerminalRecords(resultsTopic: "results", deadLettersTopic: "dead-letters"),
            requestsTopic: Self.topic,
            reactor: reactor,
            clock: clock,
            metrics: try! WorkerMetrics(),
            heartbeat: heartbeat,
            commitStatus: commitStatus,
            tracing: tracing,
            restoreStatus: restoring,
            logger: Logger.disabled,
            onFailure: { [weak self] error in self?.state.withLock { $0.failures.append("\(error)") } }
        )
        made.withLock { $0 = loop }
    }

    private func call(_ call: GraphCall, _ caller: any GraphCaller) {
        let reactor = loop.reactor
        state.withLock { state in
            state.calls += 1
            state.mostInDoubt = max(state.mostInDoubt, state.calls - state.entries.count)
            state.mayStart.append { hasWaited in
                reactor.runAndWait { caller.mayStart(call, hasWaited: hasWaited) } ?? false
            }
            if !answersAtOnce {
                state.unanswered.append { outcome in reactor.execute { caller.ended(call, outcome) } }
            }
        }
        if answersAtOnce { caller.ended(call, state.withLock(\.answer)) }
    }

    private func restore(_ partitions: [Int32], _ handOver: @Sendable ([Int32: RestoredPartition]) -> Void) async {
        var waiting = Set(partitions)
        while true {
            let (restored, unreadable) = state.withLock { ($0.restored, $0.unreadable) }
            let readable = waiting.subtracting(unreadable)
            if let restored, !readable.isEmpty {
                handOver(Dictionary(uniqueKeysWithValues: readable.map { ($0, restored) }))
                waiting.subtract(readable)
            }
            if waiting.isEmpty { return }
            do {
                try await Task.sleep(for: .milliseconds(1))
            } catch {
                state.withLock { $0.cancelledRestores += 1 }
                return
            }
        }
    }

    private static let sent = CallOutcome(outcomeClass: .delivered, error: nil, messageID: "mid.1")

    func answerAll() {
        let waiting = state.withLock { state in
            defer { state.unanswered = [] }
            return state.unanswered
        }
        for completion in waiting { completion(Self.sent) }
    }

    private func commit(_ delivery: Delivery) async throws(CommitError) -> CommitOutcome {
        state.withLock(\.whenDelivering)?()
        while state.withLock(\.holdsDeliveries) { try? await Task.sleep(for: .milliseconds(1)) }
        let result: Result<CommitOutcome, CommitError> = state.withLock { state in
            if let error = state.error { return .failure(error) }
            state.offsets.append(
                delivery.commit.offsets.reduce(into: [:]) { $0[Self.partition($1.key)] = $1.value }
            )
            if state.refusesDeliveries { return .success(.nothing) }
            let outcome = state.outcomes.isEmpty ? .committed : state.outcomes.removeFirst()
            if !outcome.isDurable {
                state.callsAtRefusals.append(state.calls)
            } else {
                state.entries += delivery.entries
                state.deliveries.append(delivery)
            }
            return .success(outcome)
        }
        return try result.get()
    }

    /// Assigns partitions and returns once they are fetched.
    func assign(_ partitions: [Int32]) async throws {
        loop.post(.assigned(partitions, epoch: 1))
        try await until { state in
            state.commands.contains { command in
                switch command {
                case .startFetching, .begin: true
                default: false
                }
            }
        }
    }

    /// Reads valid requests of partition 0, all of one conversation.
    func take(offsets: Range<Int64>) {
        let items = offsets.map { offset -> Intake.Item in
            let record = KafkaRecord(
                topic: Self.topic,
                partition: 0,
                offset: offset,
                timestamp: clock.now.wall.millisecondsSinceEpoch,
                key: Array("1".utf8),
                value: Array("{}".utf8),
                headers: []
            )
            let id = RecordID(partition: 0, offset: offset, epoch: 1)
            let pending = PendingRequest(
                record: record,
                requestID: "r\(offset)",
                accountID: "1",
                call: PendingRequest.PreparedCall(body: [], expectsMessageID: true, kind: .text, media: [])
            )
            let request = QueuedRequest(
                id: id,
                accountID: "1",
                conversation: "u:1",
                rateClass: .messages,
                delivery: .atLeastOnce
            )
            return Intake.Item(pending: pending, content: .request(request))
        }
        loop.post(.intake(items))
    }

    /// Waits for a condition; the test's time limit ends a wait that has no end.
    func until(_ condition: (State) -> Bool) async throws {
        while !condition(state.withLock { $0 }) { try await Task.sleep(for: .milliseconds(1)) }
    }

    /// Drains the loop, so that all that was posted has been handled.
    func end() async {
        _ = await loop.drain()
    }
}
