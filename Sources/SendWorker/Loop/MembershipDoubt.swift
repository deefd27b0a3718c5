/// Whether the group may be about to give up on this member without anybody having said so.
///
/// The group and librdkafka both count the session from the last heartbeat that was answered; commits do not lengthen it.
/// After a silence of nearly a session a commit can succeed a moment before the session ends, and what is called then is
/// called again by the next owner. So after such a silence no commit proves ownership until a heartbeat must have been
/// answered: by then the partitions are either certainly ours or certainly lost. Times are monotonic nanoseconds.
struct MembershipDoubt: Sendable {
    /// For timers that come late and answers on their way.
    private static let slack: Int64 = 1_000_000_000

    /// The shortest silence that puts the membership in doubt.
    private let patience: Int64
    /// How long after a silence the next answered heartbeat may take.
    private let recovery: Int64
    private var brokersDownSince: Int64?
    private var doubtedUntil = Int64.min

    init(sessionTimeout: Duration, heartbeatInterval: Duration) {
        let heartbeat = heartbeatInterval.wholeNanoseconds
        recovery = heartbeat + Self.slack
        // The last answered heartbeat may be one interval older than the silence.
        patience = max(sessionTimeout.wholeNanoseconds - heartbeat - recovery, heartbeat)
    }

    /// The consumer has lost all its brokers.
    mutating func noteBrokersDown(at now: Int64) { brokersDownSince = brokersDownSince ?? now }

    /// The consumer has a broker again.
    mutating func noteBrokersUp(at now: Int64) {
        if let start = brokersDownSince { noteSilence(from: start, to: now) }
        brokersDownSince = nil
    }

    /// Nothing could be committed in between.
    mutating func noteSilence(from start: Int64, to now: Int64) {
        if now - start >= patience { doubtedUntil = max(doubtedUntil, now + recovery) }
    }

    /// Whether a commit that succeeds now proves that the partitions will be ours for a while.
    func trustsCommits(at now: Int64) -> Bool {
        doubtedUntil <= now && brokersDownSince.map { now - $0 < patience } ?? true
    }
}
