/// How long something has been stopped, over all its stops; stops that overlap count once.
///
/// A stop whose end is known is counted in advance, so that nothing has to happen when it ends.
struct StoppedTime: Sendable {
    /// Of all stops with a known end, the part to come included.
    private var total: Int64 = 0
    private var coveredUntil = Int64.min
    /// Since when a stop without a known end lasts.
    private var openSince: Int64?

    /// How long it was stopped until now.
    func value(at now: Int64) -> Int64 {
        let known = total.saturatingSubtract(max(coveredUntil.saturatingSubtract(now), 0))
        guard let openSince else { return known }
        return known.saturatingAdd(max(now.saturatingSubtract(max(openSince, min(coveredUntil, now))), 0))
    }

    /// How much longer the present stop lasts, as far as is known; nil where nobody knows.
    func remaining(at now: Int64) -> Int64? {
        openSince == nil ? max(coveredUntil.saturatingSubtract(now), 0) : nil
    }

    /// It is stopped from now until a moment.
    mutating func stop(until end: Int64, now: Int64) {
        total = total.saturatingAdd(max(end.saturatingSubtract(max(coveredUntil, now)), 0))
        coveredUntil = max(coveredUntil, end)
    }

    /// It is stopped from now on, and nobody knows until when.
    mutating func stop(now: Int64) {
        openSince = openSince ?? now
    }

    /// It is not stopped any more, whatever was planned.
    mutating func goOn(now: Int64) {
        total = value(at: now)
        coveredUntil = min(coveredUntil, now)
        openSince = nil
    }
}
