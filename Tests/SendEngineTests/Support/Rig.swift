import InstagramMessaging
import SendEngine
import Testing

/// An engine on a clock that the test moves, with the partition 0 assigned.
final class Rig {
    var engine: SendEngine
    var milliseconds: Int64 = 0
    var nextOffset: Int64 = 0
    var epoch: UInt64 = 1
    /// All calls that were asked for, in order.
    var calls: [RecordID] = []
    var attempts: [Int] = []

    static let wallStart: Int64 = 1_700_000_000_000

    init(_ settings: EngineSettings = .quiet, seed: UInt64 = 1, restored: PartitionSnapshot? = nil) {
        engine = SendEngine(settings: settings, random: SplitMix64(seed: seed))
        engine.assign(0, epoch: 1, restored: restored, now: now)
    }

    var now: EngineTime {
        EngineTime(monotonic: milliseconds * 1_000_000, wall: wall(milliseconds))
    }

    func wall(_ milliseconds: Int64) -> Timestamp { Timestamp(millisecondsSinceEpoch: Self.wallStart + milliseconds) }

    func request(
        account: String = "1",
        to conversation: String = "u:1",
        _ rateClass: RateClass = .messages,
        _ delivery: DeliveryPreference = .atLeastOnce,
        feature: MessageFeature = .direct,
        isIdempotent: Bool = false,
        needsPreparation: Bool = false,
        expiresAfter: Int64? = nil,
        windowClosesAfter: Int64? = nil,
        partition: Int32 = 0,
        offset: Int64? = nil
    ) -> QueuedRequest {
        let at = offset ?? nextOffset
        nextOffset = max(nextOffset, at + 1)
        return QueuedRequest(
            id: RecordID(partition: partition, offset: at, epoch: epoch),
            accountID: account,
            conversation: conversation,
            rateClass: rateClass,
            feature: feature,
            delivery: delivery,
            isIdempotent: isIdempotent,
            needsPreparation: needsPreparation,
            expiresAt: expiresAfter.map { wall(milliseconds + $0) },
            windowClosesAt: windowClosesAfter.map { wall(milliseconds + $0) }
        )
    }

    @discardableResult
    func accept(_ request: QueuedRequest) -> RecordID {
        engine.accept(request, now: now)
        return request.id
    }

    /// Fetches what is to be done, and keeps account of the calls.
    @discardableResult
    func actions() -> [EngineAction] {
        let actions = engine.takeActions()
        for case .call(let id, let attempt) in actions {
            calls.append(id)
            attempts.append(attempt)
        }
        return actions
    }

    /// The offsets called since the last look.
    func newCalls() -> [Int64] {
        actions().compactMap { action in
            if case .call(let id, _) = action { id.offset } else { nil }
        }
    }

    func end(_ id: RecordID, _ outcome: CallOutcome) {
        engine.callEnded(id, outcome, now: now)
    }

    func end(_ offset: Int64, _ outcome: CallOutcome) {
        end(RecordID(partition: 0, offset: offset, epoch: epoch), outcome)
    }

    func advance(by more: Int64) {
        milliseconds += more
        engine.advance(to: now)
    }

    /// Moves the clock to whatever the engine waits for, until a call is asked for, or a commit has to come first; the
    /// offsets called.
    func advanceToNextCalls(within limit: Int64 = 100_000_000) -> [Int64] {
        let end = milliseconds + limit
        while milliseconds < end {
            let called = newCalls()
            if !called.isEmpty { return called }
            guard let wake = engine.nextWake, engine.census.awaitingMark == 0 else { return [] }
            milliseconds = max(milliseconds + 1, (wake + 999_999) / 1_000_000)
            engine.advance(to: now)
        }
        return []
    }

    /// Commits all there is; the endings by offset.
    @discardableResult
    func commit() -> [Int64: RequestEnd] {
        var endings: [Int64: RequestEnd] = [:]
        while let batch = engine.takeCommit() {
            for finished in batch.finished { endings[finished.id.offset] = finished }
            engine.commitSucceeded(batch.number, now: now)
        }
        return endings
    }

    func ending(of offset: Int64) throws -> RequestEnd { try #require(commit()[offset]) }
}

extension EngineSettings {
    /// Without what would stand in the way of most tests: no wait after a takeover, no slow start, no slack.
    static var quiet: EngineSettings { EngineSettings(firstCalls: nil, arrivalSlack: .zero, coldStart: false) }

    static func quiet(_ change: (inout EngineSettings) -> Void) -> EngineSettings {
        var settings = EngineSettings.quiet
        change(&settings)
        return settings
    }
}

extension CallOutcome {
    static let delivered = CallOutcome(outcomeClass: .delivered, error: nil, messageID: "m")

    static func bad(
        _ outcomeClass: OutcomeClass,
        _ category: ErrorCategory = .graphError,
        status: Int? = nil,
        code: Int? = nil,
        scope: ErrorScope? = nil,
        needsRepetition: Bool = false,
        retryAfter: Int64? = nil,
        wasStarted: Bool = true
    ) -> CallOutcome {
        CallOutcome(
            outcomeClass: outcomeClass,
            error: SendError(category: category, message: "It said no.", httpStatus: status, code: code),
            retryAfterMilliseconds: retryAfter,
            wasStarted: wasStarted,
            scope: scope,
            needsRepetition: needsRepetition
        )
    }

    /// Refused in a way that may concern the whole feature.
    static let featureRefused = bad(
        .refused,
        .permission,
        status: 403,
        code: 10,
        scope: .feature,
        needsRepetition: true
    )
    /// Answered without saying what became of it.
    static let answeredUnknown = bad(.unknown, .graphError, status: 500, code: 2)

    static let unknown = bad(.unknown, .timeout)
    static let refused = bad(.refused, .recipientUnavailable, status: 400, scope: .person)
    static let notSent = bad(.notSent, .endpointUnavailable)
    static let throttled = bad(.throttled, .throttled, status: 400)
    static let held = bad(.accountHeld, .policy, status: 400)
    static let stopped = bad(.accountStopped, .permission, status: 400)
    static let tokenDead = bad(.tokenDead, .token, status: 400)
}
