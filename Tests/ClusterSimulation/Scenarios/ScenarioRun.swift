internal import InstagramMessaging
internal import SendEngine

/// One worker's engine, with as many accounts as the scenario says, on virtual time.
final class ScenarioRun {
    /// The end of one request.
    struct Ending {
        var account: Int
        var status: SendResult.Status
        /// From its arrival to its end.
        var delay: Int64
        var endedAt: Int64
    }

    private struct Waiting {
        var account: Int
        var arrivedAt: Int64
    }

    private(set) var endings: [Ending] = []
    private(set) var calls: [(account: Int, at: Int64)] = []
    /// The spans of time in which all calls stopped because too many accounts could not send.
    private(set) var pauses: [(from: Int64, until: Int64)] = []
    private let scenario: Scenario
    private let timeline = Timeline()
    private var engine: SendEngine
    private var random = SeededRandom(seed: 7)
    private var waiting: [Int64: Waiting] = [:]
    private var nextOffset: Int64 = 0
    private var wakeAt: Int64?
    private var isCommitting = false

    init(_ scenario: Scenario) {
        self.scenario = scenario
        var settings = EngineSettings(maxOutstandingPerPartition: 1_000_000, ownershipLease: .seconds(20))
        settings.safety.isEnabled = scenario.hasSafetyValve
        engine = SendEngine(settings: settings, random: SeededRandom(seed: 11))
        engine.assign(0, epoch: 1, now: now)
    }

    private var now: EngineTime {
        let wall = Timestamp(millisecondsSinceEpoch: Cluster.wallStart + timeline.now / Span.millisecond)
        return EngineTime(monotonic: timeline.now, wall: wall)
    }

    func run() {
        for account in 0..<scenario.accounts { scheduleArrival(account) }
        for burst in scenario.bursts { timeline.at(burst.at) { [unowned self] in take(burst) } }
        for trouble in scenario.troubles where trouble.endsWithNewToken {
            timeline.at(trouble.until) { [unowned self] in
                let accounts = (0..<scenario.accounts).filter { trouble.concerns($0) }
                handle { engine, now in engine.tokensChanged(accounts.map(Self.name), now: now) }
            }
        }
        while timeline.now < scenario.length + Span.hour, timeline.runNext() {}
    }

    private static func name(_ account: Int) -> String { "\(1_000 + account)" }

    // MARK: Traffic

    private func scheduleArrival(_ account: Int) {
        let pause = Double.random(in: 0.2...1.8, using: &random) / scenario.rate
        timeline.after(Int64(pause * Double(Span.second))) { [unowned self] in
            guard timeline.now < scenario.length else { return }
            accept(account, conversation: random.number(1...20))
            scheduleArrival(account)
        }
    }

    private func take(_ burst: Scenario.Burst) {
        for index in 0..<burst.requests { accept(burst.account, conversation: 100 + index % burst.conversations) }
    }

    private func accept(_ account: Int, conversation: Int) {
        let id = RecordID(partition: 0, offset: nextOffset, epoch: 1)
        nextOffset += 1
        waiting[id.offset] = Waiting(account: account, arrivedAt: timeline.now)
        let request = QueuedRequest(
            id: id,
            accountID: Self.name(account),
            conversation: "u:\(conversation)",
            rateClass: .messages,
            delivery: .atLeastOnce
        )
        handle { engine, now in engine.accept(request, now: now) }
    }

    // MARK: The loop

    private func handle(_ event: (inout SendEngine, EngineTime) -> Void) {
        event(&engine, now)
        engine.advance(to: now)
        for case .call(let id, _) in engine.takeActions() { call(id) }
        commit()
        notePause()
        guard let due = engine.nextWake.map({ max($0, timeline.now + Span.microsecond) }) else { return }
        if let wakeAt, wakeAt <= due, wakeAt > timeline.now { return }
        wakeAt = due
        timeline.at(due) { [unowned self] in
            guard wakeAt == due else { return }
            wakeAt = nil
            handle { _, _ in }
        }
    }

    private func notePause() {
        let safety = engine.census.safety
        if safety.pauses > pauses.count { pauses.append((timeline.now, .max)) }
        if safety.state == .sending, let last = pauses.last, last.until == .max {
            pauses[pauses.count - 1].until = timeline.now
        }
    }

    private func call(_ id: RecordID) {
        guard let account = waiting[id.offset]?.account else { return }
        calls.append((account, timeline.now))
        let answer = scenario.answer(for: account, at: timeline.now)
        let isQuick = answer == .connectionRefused
        let latency = random.span(isQuick ? 0...Span.millisecond : 80 * Span.millisecond...250 * Span.millisecond)
        timeline.after(latency) { [unowned self] in
            handle { engine, now in engine.callEnded(id, answer.outcome, now: now) }
        }
    }

    private func commit() {
        guard !isCommitting, engine.hasCommit else { return }
        isCommitting = true
        timeline.after(random.span(5 * Span.millisecond...100 * Span.millisecond)) { [unowned self] in
            isCommitting = false
            guard let batch = engine.takeCommit() else { return }
            for finished in batch.finished { end(finished) }
            handle { engine, now in engine.commitSucceeded(batch.number, now: now) }
        }
    }

    private func end(_ finished: RequestEnd) {
        guard let request = waiting.removeValue(forKey: finished.id.offset) else { return }
        endings.append(
            Ending(
                account: request.account,
                status: finished.status,
                delay: timeline.now - request.arrivedAt,
                endedAt: timeline.now
            )
        )
    }
}

extension Scenario.Answer {
    fileprivate var outcome: CallOutcome {
        switch self {
        case .delivered: CallOutcome(outcomeClass: .delivered, error: nil, messageID: "mid")
        case .throttled: bad(.throttled, .throttled, status: 400)
        case .tokenDead: bad(.tokenDead, .token, status: 400)
        case .connectionRefused: .notSent("The connection was refused.", category: .endpointUnavailable)
        case .serviceUnavailable: bad(.unknown, .endpointUnavailable, status: 503)
        case .permissionMissing: bad(.accountStopped, .permission, status: 400)
        case .refused: bad(.refused, .graphError, status: 400)
        }
    }

    private func bad(_ outcomeClass: OutcomeClass, _ category: ErrorCategory, status: Int) -> CallOutcome {
        let error = SendError(category: category, message: "Graph said no.", httpStatus: status)
        return CallOutcome(outcomeClass: outcomeClass, error: error)
    }
}
