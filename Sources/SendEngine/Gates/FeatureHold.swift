internal import InstagramMessaging

/// Whether one account may send messages of one feature: what answers say that are about more than their message only
/// if they repeat themselves.
struct FeatureHold: Sendable {
    /// So many such answers in a row, to different people, hold the feature.
    static let answersInARow = 3

    private(set) var until = Int64.min
    /// The number of times in a row that it was held.
    private(set) var count = 0
    /// One call at a time until one shows whether the hold is over.
    private(set) var isProbing = false
    private(set) var cause: SendError?
    private(set) var held = StoppedTime()
    /// Some answers in a row that may concern the feature, and not enough of them.
    private(set) var suspicion = Suspicion()
    private var lastAt = Int64.min

    /// A call was refused in a way that may concern the whole feature.
    ///
    /// - Returns: Whether the feature is held from now on because of it.
    mutating func refused(
        _ person: String,
        startedAt: Int64,
        error: SendError?,
        now: Int64,
        _ settings: EngineSettings.HealthSettings
    ) -> Bool {
        // What started before the hold began had not felt it.
        guard startedAt >= lastAt else { return false }
        guard isProbing || suspicion.isConfirmed(by: person, at: now) else { return false }
        suspicion = Suspicion()
        count += 1
        until = now.saturatingAdd(settings.suspicionHold.doubled(count, upTo: settings.maxHold))
        held.stop(until: until, now: now)
        lastAt = now.saturatingAdd(1)
        isProbing = true
        cause = error
        return true
    }

    /// Graph dealt with a call of the feature in another way.
    ///
    /// - Returns: Whether a hold is over because of it.
    mutating func answered(delivered: Bool, startedAt: Int64, now: Int64) -> Bool {
        if delivered { suspicion = Suspicion() }
        guard startedAt >= lastAt, count > 0, until <= now else { return false }
        isProbing = false
        count = 0
        cause = nil
        return true
    }

    /// Takes over what an earlier owner found out.
    mutating func restore(until end: Int64, count: Int, cause: SendError?, now: Int64) {
        guard count > 0, end > until || count > self.count else { return }
        until = max(until, end)
        self.count = max(self.count, count)
        self.cause = self.cause ?? cause
        isProbing = true
        held.stop(until: until, now: now)
    }
}

/// Answers in a row that may concern more than their message, and whom they were about.
struct Suspicion: Sendable {
    private var people: [String] = []
    private var lastAt = Int64.min

    /// Until when they count, if they do so for a while after the last one; nil where there are none.
    func lasts(_ memory: Int64) -> Int64? { people.isEmpty ? nil : lastAt.saturatingAdd(memory) }

    /// Takes note of one more; whether there are enough of them.
    mutating func isConfirmed(by person: String, at now: Int64) -> Bool {
        lastAt = now
        if !people.contains(person) { people.append(person) }
        return people.count >= FeatureHold.answersInARow
    }
}

/// Calls of one account by feature: those that run, and places reserved for some.
struct FeatureCalls: Sendable {
    private var direct: Int32 = 0
    private var humanAgent: Int32 = 0
    private var privateReply: Int32 = 0
    private var link: Int32 = 0

    subscript(feature: MessageFeature) -> Int32 {
        get {
            switch feature {
            case .direct: direct
            case .humanAgent: humanAgent
            case .privateReply: privateReply
            case .link: link
            }
        }
        set {
            switch feature {
            case .direct: direct = newValue
            case .humanAgent: humanAgent = newValue
            case .privateReply: privateReply = newValue
            case .link: link = newValue
            }
        }
    }
}

extension Duration {
    /// The time doubled with each of so many repetitions, from the second on.
    func doubled(_ count: Int, upTo end: Duration) -> Int64 {
        let factor = Int64(1) << Int64(min(max(count - 1, 0), 30))
        return min(max(nanoseconds, 0).saturatingMultiply(factor), max(end.nanoseconds, 0))
    }
}
