internal import InstagramMessaging
internal import SendEngine

/// One life of a worker: the real engine inside a model of the shell around it. The shell follows the worker's own loop
/// and committers step by step, on virtual time.
final class Replica {
    struct Drain {
        var partitions: [Int32]
        var isStop: Bool
        /// On the process' monotonic clock.
        var deadline: Int64
        /// How many deliveries' offsets had been refused when it began.
        var refusalsBefore: Int
    }

    /// What the consumer knows of a partition that it owns.
    struct Fetching {
        var epoch: UInt64
        var assignedAt: Int64
        /// The next offset to fetch; nil until its state is restored.
        var position: Int64?
        var isPaused = false
        var isAsking = false
        var isRevoking = false
    }

    let process: Process
    let cluster: Cluster
    var engine: SendEngine
    var random: SeededRandom

    // The consumer.
    var memberID: Int?
    var generation = 0
    var lastEpoch: UInt64 = 0
    var owned: [Int32: Fetching] = [:]

    // The loop.
    var epochs: [Int32: UInt64] = [:]
    var held: [RecordID: ModelRequest] = [:]
    var drains: [Drain] = []
    var delivery = DeliveryModel()
    /// The offsets that are committed as far as this replica knows.
    var committedBefore: [Int32: Int64] = [:]
    var isStopping = false
    var wakeAt: Int64?

    // The committer.
    let transactionalID: String
    var producerEpoch: Int?

    init(name: String, cluster: Cluster, transactionalID: String, random: SeededRandom) {
        var random = random
        process = Process(name: name, timeline: cluster.timeline, random: SeededRandom(seed: random.next()))
        self.cluster = cluster
        self.transactionalID = transactionalID
        var settings = cluster.plan.engine
        settings.limits = cluster.limits.general
        settings.accountLimits = cluster.limits.ofAccounts
        engine = SendEngine(settings: settings, random: SeededRandom(seed: random.next()))
        self.random = random
    }

    var name: String { process.name }
    var plan: RunPlan { cluster.plan }

    var now: EngineTime {
        let wall = cluster.timeline.now + process.wallShift
        return EngineTime(
            monotonic: process.monotonic,
            wall: Timestamp(millisecondsSinceEpoch: Cluster.wallStart + Int64((Double(wall) / 1e6).rounded(.down)))
        )
    }

    /// The time that a request takes to the brokers, or an answer back.
    var latency: Int64 {
        let isSlow = cluster.faults.happens(.slowBroker)
        return random.span(100 * Span.microsecond...(isSlow ? 3_000 : 15) * Span.millisecond)
    }

    func trace(_ text: @autoclosure () -> String) { cluster.trace("\(name): \(text())") }

    // MARK: The loop

    /// Handles one event, then carries out what follows from it.
    func run(_ event: (EngineTime) -> Void) {
        let now = now
        event(now)
        engine.advance(to: now)
        suspendOrResumeCalls()
        for action in engine.takeActions() { carryOut(action) }
        progressDrains(now)
        startDeliveryIfDue(now)
        scheduleWake(now)
    }

    private func carryOut(_ action: EngineAction) {
        switch action {
        case .prepare(let id):
            let refusal = random.chance(5) ? SendError(category: .media, message: "Too large.") : nil
            process.after(random.span(0...2 * Span.second)) { [self] in
                run { engine.preparationEnded(id, refusal: refusal, now: $0) }
            }
        case .call(let id, _): call(id)
        case .pause(let partition): owned[partition]?.isPaused = true
        case .resume(let partition):
            owned[partition]?.isPaused = false
            fetch(partition)
        }
    }

    private func call(_ id: RecordID) {
        guard let request = held[id] else {
            cluster.violated("\(name) is asked to call \(id), which it does not hold")
            return
        }
        trace("is to call \(request.key)")
        cluster.noteDecision(request, of: self)
        let latest = min(engine.latestStart(of: id), process.monotonic + RunPlan.connectTimeout)
        // A connection takes a moment, and the process may stand still meanwhile.
        process.after(random.span(0...5 * Span.millisecond)) { [self] in
            let isHeld = epochs[id.partition] == id.epoch
            guard isHeld, now.monotonic < latest else {
                trace("comes too late for \(request.key)")
                run { engine.callEnded(id, Self.tooLate, now: $0) }
                return
            }
            begin(request, id)
        }
    }

    private static var tooLate: CallOutcome {
        var outcome = CallOutcome.notSent("Its turn came too late.", category: .endpointUnavailable)
        outcome.wasStarted = false
        return outcome
    }

    private func begin(_ request: ModelRequest, _ id: RecordID) {
        trace("calls \(request.key) (\(request.rateClass), account \(request.account))")
        cluster.noteCall(request, of: self)
        cluster.graph.call(request, caller: name, epoch: id.epoch) { [self] number, outcome in
            process.after(0) { [self] in
                trace("is told of \(request.key): \(outcome.outcomeClass.rawValue)")
                cluster.graph.told(number, outcome, isOwner: epochs[id.partition] == id.epoch)
                run { engine.callEnded(id, outcome, now: $0) }
            }
        }
    }

    func tokensChanged(_ accounts: [String]) {
        process.after(random.span(0...Span.second)) { [self] in run { engine.tokensChanged(accounts, now: $0) } }
    }

    /// Reads the configuration again, after a while.
    func limitsChanged() {
        process.after(random.span(0...2 * Span.second)) { [self] in
            let limits = cluster.limits
            run { engine.changeLimits(limits.general, accountLimits: limits.ofAccounts, now: $0) }
        }
    }

    /// Shows to the model why each account waits.
    func explainAll(_ accounts: [String]) {
        guard !process.isDead, !process.isPaused else { return }
        for account in accounts {
            guard let explanation = engine.explain(account: account, now: now) else { continue }
            // A clock that jumped, or stood still, shows other times than the model's.
            let shift = cluster.timeline.now - now.monotonic
            var shown = explanation
            shown.nextDue = explanation.nextDue.map { $0 + shift }
            cluster.graph.scopes.explained(
                shown,
                by: name,
                now: cluster.timeline.now,
                checksTimes: cluster.jumps == 0 && cluster.losses.isEmpty
            )
        }
    }

    private func scheduleWake(_ now: EngineTime) {
        let due = [engine.nextWake, drains.map(\.deadline).min(), nextDeliveryAt(now)].compactMap(\.self).min()
        guard let due else {
            wakeAt = nil
            return
        }
        let moment = max(due, now.monotonic + Span.microsecond)
        if let wakeAt, wakeAt <= moment, wakeAt > now.monotonic { return }
        wakeAt = moment
        process.after(moment - now.monotonic) { [self] in
            guard wakeAt == moment else { return }
            wakeAt = nil
            run { _ in }
        }
    }
}
