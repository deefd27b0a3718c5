/// An account whose calls Graph answers without saying what became of them: single probes go out until one is answered
/// otherwise, so that a queue does not turn into unknown results.
struct AnsweredTrouble: Sendable {
    /// So many such answers in a row begin it.
    private static let answersInARow = 3

    private var inARow = 0
    private var probes = 0
    private(set) var lastAt = Int64.min
    /// No call before this moment.
    private(set) var probeAt = Int64.min

    /// Nobody knows what became of an answered call.
    mutating func unknown(now: Int64, _ settings: EngineSettings.HealthSettings) {
        inARow = min(inARow + 1, 1_000_000)
        lastAt = now
        guard isProbing else { return }
        // Calls that ran side by side count once.
        guard probeAt <= now else { return }
        probes = min(probes + 1, 1_000)
        probeAt = now.saturatingAdd(settings.probeDelay.doubled(probes, upTo: settings.maxProbeDelay))
    }

    /// Whether single probes go out; one more such answer would say more of the account than of the endpoint.
    var isProbing: Bool { inARow >= Self.answersInARow }

    var hasBegun: Bool { inARow > 0 }

    mutating func end() { self = AnsweredTrouble() }
}
