import InstagramMessaging
import KafkaClient
package import Reactor
package import SendEngine
package import Telemetry

/// The one place that owns the engine: takes events in, carries actions out.
///
/// Runs on one event loop, which is its executor. Whoever has news posts it from any thread; all that has gathered is
/// taken in one go.
package actor EngineLoop {
    /// How the loop behaves, apart from the engine's own settings.
    package struct Settings: Sendable {
        /// The least time between the starts of two commits.
        package var commitInterval: Duration
        /// How long deliveries may fail before this is said.
        package var commitPatience: Duration
        /// How long one delivery may be under way before this is said.
        package var slowCommitPatience: Duration
        /// How long running calls get when a partition is taken away or the worker stops.
        package var drainTimeout: Duration
        /// How long a rebalance may wait for the state of arriving partitions.
        package var restorePatience: Duration
        /// From when on a silence of the brokers puts the membership in doubt.
        var membership: MembershipDoubt.Settings
        /// Whether what people are sent may be logged.
        package var logsMessageText: Bool

        init(
            commitInterval: Duration,
            commitPatience: Duration = .seconds(2),
            slowCommitPatience: Duration = .seconds(10),
            drainTimeout: Duration,
            restorePatience: Duration = .seconds(1),
            membership: MembershipDoubt.Settings = MembershipDoubt.Settings(),
            logsMessageText: Bool = false
        ) {
            self.commitInterval = commitInterval
            self.commitPatience = commitPatience
            self.slowCommitPatience = slowCommitPatience
            self.drainTimeout = drainTimeout
            self.restorePatience = restorePatience
            self.membership = membership
            self.logsMessageText = logsMessageText
        }
    }

    nonisolated let reactor: Reactor
    nonisolated let mailbox = Mailbox<LoopEvent>()
    nonisolated let heartbeat: Heartbeat
    nonisolated let standing: CommitStanding
    nonisolated let safetyStanding: SafetyStanding
    let restoreStanding: RestoreStanding
    nonisolated let activity: RecentActivity

    var engine: SendEngine
    var held: [RecordID: HeldRecord] = [:]
    var epochs: [Int32: UInt64] = [:]
    var drains: [Drain] = []
    var assignments = AssignmentState()
    var delivery = DeliveryState()
    var doubt: MembershipDoubt
    var spans: RequestSpans
    var isStopping = false
    var whenDrained: CheckedContinuation<Int, Never>?
    var wake: (at: Int64, timer: TimerID)?
    var failure: CommitError?
    var safetyWatch = SafetyWatch()
    var waitingAccounts = WaitingAccounts()
    /// When what costs a little more than the load is next shown, on the monotonic clock.
    private var censusDue = Int64.min

    let settings: Settings
    let ports: LoopPorts
    let terminalRecords: TerminalRecords
    let requestsTopic: String
    let clock: WorkerClock
    let metrics: WorkerMetrics
    let logger: Logger
    let repetitions = RepetitionLimiter(interval: .seconds(30))
    let onFailure: @Sendable (CommitError) -> Void

    package nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - reactor: Where the loop runs; nothing that blocks may run on it.
    ///   - standing: Told whether commits succeed.
    ///   - tracing: Makes the spans of requests and calls; nil where nothing is traced.
    ///   - safetyStanding: Told whether sending is paused because too many accounts cannot send.
    ///   - restoreStanding: Told whether the state of every assigned partition is still being read.
    ///   - activity: Told what ends.
    ///   - onFailure: Told once when nothing can be committed any more.
    package init(
        engine: consuming SendEngine,
        settings: Settings,
        ports: LoopPorts,
        terminalRecords: TerminalRecords,
        requestsTopic: String,
        reactor: Reactor,
        clock: WorkerClock,
        metrics: WorkerMetrics,
        heartbeat: Heartbeat,
        standing: CommitStanding = CommitStanding(),
        tracing: RequestTracing? = nil,
        safetyStanding: SafetyStanding = SafetyStanding(),
        restoreStanding: RestoreStanding = RestoreStanding(),
        activity: RecentActivity = RecentActivity(),
        logger: Logger,
        onFailure: @escaping @Sendable (CommitError) -> Void
    ) {
        self.engine = engine
        self.settings = settings
        doubt = MembershipDoubt(settings.membership)
        self.ports = ports
        self.terminalRecords = terminalRecords
        self.requestsTopic = requestsTopic
        self.reactor = reactor
        self.clock = clock
        self.metrics = metrics
        self.heartbeat = heartbeat
        self.standing = standing
        spans = RequestSpans(tracing)
        self.safetyStanding = safetyStanding
        self.restoreStanding = restoreStanding
        self.activity = activity
        self.logger = logger
        self.onFailure = onFailure
    }

    /// Tells the loop something, from any thread.
    package nonisolated func post(_ event: LoopEvent) {
        guard mailbox.put(event) else { return }
        reactor.execute { self.assumeIsolated { $0.run() } }
    }

    /// Handles all that has gathered, then carries out what follows from it.
    private func run() {
        while true {
            let events = mailbox.takeAll()
            if events.isEmpty { break }
            let now = clock.now
            for event in events { handle(event, now: now) }
            engine.advance(to: now)
            suspendOrResumeCalls(now: now)
            for action in engine.takeActions() { carryOut(action) }
        }
        let now = clock.now
        sayLongWaits(now: now)
        endSlowRebalances(now: now)
        progressDrains(now: now)
        startDeliveryIfDue(now: now)
        scheduleWake(now: now)
        heartbeat.beat(at: now.monotonic)
        recordLoad(now: now)
    }

    private func handle(_ event: LoopEvent, now: EngineTime) {
        switch event {
        case .intake(let items): take(items, now: now)
        case .assigned(let partitions, let epoch): assign(partitions, epoch: epoch, now: now)
        case .restored(let restored, let epoch): begin(restored, epoch: epoch, now: now)
        case .revoking(let partitions): beginDrain(of: partitions, reason: .revoked, now: now)
        case .lost(let partitions): lose(partitions, now: now)
        case .preparationEnded(let id, let refusal): engine.preparationEnded(id, refusal: refusal, now: now)
        case .callEnded(let id, let outcome): endCall(id, outcome, now: now)
        case .tokensChanged(let accounts): engine.tokensChanged(accounts, now: now)
        case .limitsChanged(let limits, let accounts): engine.changeLimits(limits, accountLimits: accounts, now: now)
        case .deliveryEnded(let number, let result): endDelivery(number, result, now: now)
        case .brokersChanged(true): doubt.noteBrokersUp(at: now.monotonic)
        case .brokersChanged(false): doubt.noteBrokersDown(at: now.monotonic)
        case .brokersAnswered: doubt.noteAnswer(at: now.monotonic)
        case .drain: beginStop(now: now)
        case .tick: break
        }
    }

    private func recordLoad(now: EngineTime) {
        let census = engine.census
        watch(census.safety, now: now)
        metrics.setLoad(inFlight: census.inFlight, waiting: census.waiting, held: held.count)
        let restoring = assignments.restoring
        restoreStanding.set(isWaitingForAll: restoring > 0 && restoring == epochs.count)
        guard now.monotonic >= censusDue else { return }
        censusDue = now.monotonic + 1_000_000_000
        metrics.show(census)
        metrics.setRestoring(partitions: restoring)
        judgeUnreadGaps()
        judgeRepetitions()
        metrics.setCommitOverdue(nanoseconds: delivery.overdueSince.map { now.monotonic - $0 } ?? 0)
        var outstanding = epochs.mapValues { _ in 0 }
        for id in held.keys { outstanding[id.partition, default: 0] += 1 }
        metrics.setOutstanding(outstanding, committed: assignments.committedBefore)
    }

    // MARK: Intake

    private func take(_ items: [Intake.Item], now: EngineTime) {
        for item in items {
            let id = item.id
            // A batch may still hold records of a partition that was taken away meanwhile.
            guard epochs[id.partition] == id.epoch, !isStopping else { continue }
            assignments.unreadGaps.read(id.offset, of: id.partition)
            noteRead(item.held.record, now: now)
            metrics.received(kind: item.held.call?.kind, isKeyed: item.held.isKeyedByAccount)
            let isNew =
                switch item.entry {
                case .queued(let request): engine.accept(request, now: now)
                case .settled(_, let termination): engine.settle(id, as: termination, now: now)
                }
            // What an earlier owner finished has its result already.
            guard isNew else { continue }
            held[id] = item.held
            spans.begin(id, item.held)
        }
    }

    private func noteRead(_ record: KafkaRecord, now: EngineTime) {
        let isOfAnotherLog = assignments.progress.read(
            record.offset,
            of: record.partition,
            timestamp: record.timestamp,
            now: now.wall.millisecondsSinceEpoch
        )
        if isOfAnotherLog { refuseLog(of: record.partition, read: record.offset + 1, end: nil) }
    }

    // MARK: Calls

    private func carryOut(_ action: EngineAction) {
        switch action {
        case .prepare(let id): prepare(id)
        case .call(let id, let attempt): call(id, attempt: attempt)
        case .pause(let partition): ports.consumer(.pause(partition))
        case .resume(let partition): ports.consumer(.resume(partition))
        }
    }

    private func prepare(_ id: RecordID) {
        let media = held[id]?.call?.media ?? []
        Task {
            let refusal = await ports.checkMedia(media)
            post(.preparationEnded(id, refusal: refusal))
        }
    }

    private func call(_ id: RecordID, attempt: Int) {
        guard let record = held[id], let call = record.call, let accountID = record.accountID else {
            // Only a queued request is ever called, and a queued request is held until it is durable.
            preconditionFailure("the engine asked to call \(id), which the loop does not hold")
        }
        logCall(of: record, call, attempt: attempt)
        let started = clock.now.monotonic
        let (headers, span) = spans.beginCall(of: id, record, attempt: attempt)
        let graphCall = GraphCall(
            accountID: accountID,
            body: call.body,
            expectsMessageID: call.expectsMessageID,
            recipientID: record.recipientID,
            headers: headers,
            mayStart: { [clock, latest = engine.latestStart(of: id), lease = assignments.leases[id.partition]] in
                lease?.isHeld ?? false && clock.now.monotonic < latest
            }
        )
        ports.send(graphCall) { [metrics, activity, clock] outcome in
            let taken = clock.now.monotonic - started
            metrics.callEnded(outcome, nanoseconds: taken)
            activity.callEnded(outcome, nanoseconds: taken)
            span?.end(outcome)
            self.post(.callEnded(id, outcome))
        }
    }

    private func logCall(of record: HeldRecord, _ call: HeldRecord.PreparedCall, attempt: Int) {
        guard logger.logLevel <= .debug else { return }
        var metadata: Logger.Metadata = [
            "request_id": "\(record.requestID ?? "-")", "account_id": "\(record.accountID ?? "-")",
            "attempt": "\(attempt)",
        ]
        if settings.logsMessageText { metadata["body"] = "\(String(decoding: call.body, as: UTF8.self))" }
        logger.debug("a call is started", metadata: metadata)
    }

    private func endCall(_ id: RecordID, _ outcome: CallOutcome, now: EngineTime) {
        if outcome.outcomeClass != .delivered, let error = outcome.error {
            logger.debug(
                "a call ended without delivery",
                metadata: [
                    "request_id": "\(held[id]?.requestID ?? "-")",
                    "account_id": "\(held[id]?.accountID ?? "-")",
                    "outcome": "\(outcome.outcomeClass.rawValue)",
                    "reason": "\(error.message)",
                ]
            )
        }
        sayTrouble(with: id, outcome)
        engine.callEnded(id, outcome, now: now)
    }

    // MARK: Time

    /// Sees to it that the loop runs again when the engine, a drain or a commit is next due.
    private func scheduleWake(now: EngineTime) {
        let due = [
            engine.nextWake, drains.map(\.deadline).min(), nextDeliveryAt(now: now),
            standing.isOverdue ? nil : overdueAt, nextEndOfRebalance,
        ].compactMap(\.self).min()
        if let wake, let due, wake.at <= due, wake.at > now.monotonic { return }
        if let wake { reactor.cancel(wake.timer) }
        wake = nil
        guard let due else { return }
        // The clock that is given in may be another than the reactor's.
        let deadline = Reactor.monotonicNow() + max(due - now.monotonic, 0)
        wake = (due, reactor.schedule(at: deadline) { self.post(.tick) })
    }
}
