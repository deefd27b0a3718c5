import InstagramMessaging
import KafkaClient
package import Reactor
package import SendEngine
package import Telemetry

/// Carries between the replica, which decides, and the world: takes events in, carries actions out, and keeps the payloads.
///
/// Runs on one event loop, which is its executor. Whoever has news posts it from any thread; all that has gathered is
/// taken in one go.
package actor EngineLoop {
    nonisolated let reactor: Reactor
    nonisolated let mailbox = Mailbox<LoopEvent>()
    nonisolated let calls: LoopCalls
    nonisolated let heartbeat: Heartbeat
    nonisolated let commitStatus: CommitStatus
    nonisolated let safetyStatus: SafetyStatus
    let restoreStatus: RestoreStatus

    var replica: Replica
    /// The payloads of requests, until their results are durable.
    var pending = PendingRequests()
    /// Readings of the state topic that run, by assignment.
    var restores: [UInt64: Task<Void, Never>] = [:]
    var spans: RequestSpans
    var whenStopped: CheckedContinuation<Int, Never>?
    private var wake: (at: Int64, timer: TimerID)?
    var safetyWatch = SafetyWatch()
    var activity: RecentActivity
    var waitingAccounts = WaitingAccounts()
    /// The moment at which what costs a little more than the load is next shown, on the monotonic clock.
    private var censusDue = Int64.min

    let logsMessageText: Bool
    let ports: LoopPorts
    let terminalRecords: TerminalRecords
    let requestsTopic: String
    let clock: WorkerClock
    let metrics: WorkerMetrics
    let counts: LoopCounts
    let logger: Logger
    let repetitions = RepetitionLimiter(interval: .seconds(30))
    let onFailure: @Sendable (CommitError) -> Void

    package nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - logsMessageText: Whether what people are sent may be logged.
    ///   - reactor: Where the loop runs; nothing that blocks may run on it.
    ///   - commitStatus: Told whether commits succeed.
    ///   - tracing: Makes the spans of requests and calls; nil where nothing is traced.
    ///   - safetyStatus: Told whether sending is paused because too many accounts cannot send.
    ///   - restoreStatus: Told whether the state of every assigned partition is still being read.
    ///   - onFailure: Told once when nothing can be committed any more.
    package init(
        replica: consuming Replica,
        logsMessageText: Bool = false,
        ports: LoopPorts,
        terminalRecords: TerminalRecords,
        requestsTopic: String,
        reactor: Reactor,
        clock: WorkerClock,
        metrics: WorkerMetrics,
        heartbeat: Heartbeat,
        commitStatus: CommitStatus = CommitStatus(),
        tracing: RequestTracing? = nil,
        safetyStatus: SafetyStatus = SafetyStatus(),
        restoreStatus: RestoreStatus = RestoreStatus(),
        logger: Logger,
        onFailure: @escaping @Sendable (CommitError) -> Void
    ) {
        self.replica = replica
        self.logsMessageText = logsMessageText
        self.ports = ports
        self.terminalRecords = terminalRecords
        self.requestsTopic = requestsTopic
        self.reactor = reactor
        self.clock = clock
        calls = LoopCalls(reactor: reactor, clock: clock)
        self.metrics = metrics
        counts = LoopCounts(metrics)
        self.heartbeat = heartbeat
        self.commitStatus = commitStatus
        spans = RequestSpans(tracing)
        self.safetyStatus = safetyStatus
        self.restoreStatus = restoreStatus
        activity = RecentActivity(origin: clock.now.monotonic)
        self.logger = logger
        self.onFailure = onFailure
        reactor.execute { self.assumeIsolated { $0.beginCalls() } }
    }

    private func beginCalls() {
        calls.begin(
            stillOwns: { [weak self] id in
                self?.assumeIsolated { $0.replica.epochs[id.partition] == id.epoch } ?? false
            },
            handleAll: { [weak self] in self?.assumeIsolated { $0.run() } }
        )
    }

    /// Takes news, from any thread.
    package nonisolated func post(_ event: LoopEvent) {
        guard mailbox.put(event) else { return }
        reactor.execute { [calls] in calls.askLoop() }
    }

    /// Takes news for the replica, from any thread.
    package nonisolated func post(_ event: ReplicaEvent) { post(.replica(event)) }

    /// Stops starting calls and returns once what ran has ended and is durable, or the drain time-out has passed.
    ///
    /// - Returns: How many outcomes were given up that could not be committed, since something could be last.
    @discardableResult
    package func drain() async -> Int {
        await withCheckedContinuation { continuation in
            whenStopped = continuation
            post(.stop)
        }
    }

    /// Handles all that has gathered, then carries out what follows from it.
    private func run() {
        while true {
            let events = mailbox.takeAll()
            let ends = calls.takeEnds()
            if events.isEmpty, ends.isEmpty { break }
            let now = clock.now
            for end in ends { handle(end, now: now) }
            for event in events { handle(event, now: now) }
            for action in replica.takeActions(now: now) { carryOut(action, now: now) }
        }
        let now = clock.now
        scheduleWake(now: now)
        heartbeat.beat(at: now.monotonic)
        recordLoad(now: now)
        counts.turnEnded(nanoseconds: Reactor.monotonicNow() - reactor.now)
    }

    private func handle(_ event: LoopEvent, now: EngineTime) {
        switch event {
        case .intake(let items): for item in items { read(item, now: now) }
        case .replica(let event): replica.handle(event, now: now)
        case .commitEnded(let end): handle(end, now: now)
        }
    }

    private func handle(_ end: LoopCalls.End, now: EngineTime) {
        counts.callEnded(end.outcome, nanoseconds: end.nanoseconds)
        activity.callEnded(end.outcome, nanoseconds: end.nanoseconds, at: now.monotonic)
        logEnd(of: end.id, end.outcome)
        replica.handle(.callEnded(end.id, end.outcome), now: now)
    }

    private func read(_ item: Intake.Item, now: EngineTime) {
        let record = Replica.ReadRecord(id: item.id, content: item.content, timestamp: item.pending.record.timestamp)
        let intake = replica.read(record, now: now)
        guard intake != .notOurs else { return }
        counts.received(kind: item.pending.call?.kind, isKeyed: item.pending.isKeyedByAccount)
        guard intake == .new else { return }
        pending.insert(item.pending, as: item.id)
        spans.begin(item.id, item.pending)
    }

    private func recordLoad(now: EngineTime) {
        let census = replica.engine.census
        watch(census.safety, now: now)
        metrics.setLoad(inFlight: census.inFlight, waiting: census.waiting, pending: pending.count)
        let restoring = replica.restoring
        restoreStatus.set(isWaitingForAll: restoring > 0 && restoring == replica.epochs.count)
        guard now.monotonic >= censusDue else { return }
        censusDue = now.monotonic + 1_000_000_000
        metrics.show(census)
        metrics.setRestoring(partitions: restoring)
        metrics.setCommitOverdue(nanoseconds: replica.overdueSince.map { now.monotonic - $0 } ?? 0)
        var outstanding = replica.epochs.mapValues { _ in 0 }
        outstanding.merge(pending.counts) { $1 }
        metrics.setOutstanding(outstanding, committed: replica.committedOffsets)
    }

    /// Sees to it that the loop runs again when the replica next has something to do.
    private func scheduleWake(now: EngineTime) {
        let due = replica.nextWake(now: now)
        if let wake, let due, wake.at <= due, wake.at > now.monotonic { return }
        if let wake { reactor.cancel(wake.timer) }
        wake = nil
        guard let due else { return }
        // The clock that is given in may be another than the reactor's.
        let deadline = Reactor.monotonicNow() + max(due - now.monotonic, 0)
        wake = (due, reactor.schedule(at: deadline) { self.post(.tick) })
    }
}
