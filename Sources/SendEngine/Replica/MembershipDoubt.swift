/// Whether the group may be about to give up on this member without anybody having said so.
///
/// The group and librdkafka both count the session from the last heartbeat that was answered; commits do not lengthen it.
/// After a silence of nearly a session a commit can succeed a moment before the session ends, and what is called then is
/// called again by the next owner. So after such a silence no commit proves ownership until a heartbeat must have been
/// answered, or else the session is over: by then the partitions are either certainly ours or the group refuses.
///
/// A silence is told by whatever tells it first: librdkafka's report that no broker is connected, a question that the
/// brokers do not answer, or a commit that takes so long. It may have begun right after the last answer, whenever the next
/// one was due. Of a session shorter than two heartbeats, the longest recovery and two questions (14 s where nothing else is
/// set) a shorter silence can be the end as well, and no doubt is raised. Times are monotonic nanoseconds.
package struct MembershipDoubt: Sendable {
    /// The times that it goes by.
    package struct Settings: Sendable, Hashable {
        /// After how much silence the group takes this member for dead.
        package var sessionTimeout: Duration
        /// The interval at which this member says that it lives.
        package var heartbeatInterval: Duration
        /// The longest pause before librdkafka tries again to connect; it may take half as long again.
        package var reconnectPause: Duration
        /// The interval at which the brokers are asked a question.
        package var questionInterval: Duration
        /// The longest time that a member may take after its session's end to join anew, where others hold the
        /// rebalance up.
        package var joinPatience: Duration

        package init(
            sessionTimeout: Duration = .seconds(45),
            heartbeatInterval: Duration = .seconds(3),
            reconnectPause: Duration = .seconds(2),
            questionInterval: Duration = .seconds(2),
            joinPatience: Duration = .seconds(15)
        ) {
            self.sessionTimeout = sessionTimeout
            self.heartbeatInterval = heartbeatInterval
            self.reconnectPause = reconnectPause
            self.questionInterval = questionInterval
            self.joinPatience = joinPatience
        }
    }

    /// For timers that come late and answers on their way.
    private static let slack: Int64 = 1_000_000_000

    private let session: Int64
    private let joinPatience: Int64
    /// The shortest silence that puts the membership in doubt.
    private let patience: Int64
    /// The longest time that the next answered heartbeat may take after a silence.
    private let recovery: Int64
    private var brokersDownSince: Int64?
    private var answeredAt: Int64?
    private var doubtedUntil = Int64.min
    /// For how long the group has been refusing commits without anything having changed hands, and when it last did.
    private var expulsion: (lasting: Int64, heardAt: Int64)?

    init(_ settings: Settings) {
        session = settings.sessionTimeout.nanoseconds
        joinPatience = settings.joinPatience.nanoseconds
        let heartbeat = settings.heartbeatInterval.nanoseconds
        recovery = heartbeat + settings.reconnectPause.nanoseconds / 2 * 3 + Self.slack
        // The last answered heartbeat may be one interval older than the silence. Answers to questions are never closer
        // together than their interval.
        patience = max(session - heartbeat - recovery, heartbeat, 2 * settings.questionInterval.nanoseconds)
    }

    /// The consumer has lost all its brokers.
    mutating func noteBrokersDown(at now: Int64) { brokersDownSince = brokersDownSince ?? now }

    /// The consumer has a broker again.
    mutating func noteBrokersUp(at now: Int64) {
        if let start = brokersDownSince { noteSilence(from: start, to: now) }
        brokersDownSince = nil
    }

    /// The brokers have answered the question that is put to them again and again.
    mutating func noteAnswer(at now: Int64) {
        if let answeredAt { noteSilence(from: answeredAt, to: now) }
        answeredAt = now
    }

    /// Partitions have been assigned to this member, which is the group's answer.
    mutating func noteAssignment(at now: Int64) {
        noteMember()
        noteAnswer(at: now)
    }

    /// Nothing could be committed in between.
    mutating func noteSilence(from start: Int64, to now: Int64) {
        guard now - start >= patience else { return }
        doubtedUntil = max(doubtedUntil, now + recovery, start + session + Self.slack)
    }

    /// The group has taken a commit, or partitions have changed hands: librdkafka knows where this member stands.
    mutating func noteMember() { expulsion = nil }

    /// The group has refused a commit as that of somebody who is no member of it.
    ///
    /// - Returns: For how many seconds it has been doing so, if librdkafka must have heard of it long ago.
    mutating func noteExpulsion(at now: Int64) -> Int64? {
        // A process that stood still in between has not heard what the group says either.
        let lasting = expulsion.map { $0.lasting + min(now - $0.heardAt, recovery) } ?? 0
        expulsion = (lasting, now)
        return lasting >= session + joinPatience ? lasting / 1_000_000_000 : nil
    }

    /// Whether a commit that began and succeeded at these moments proves that the partitions will be ours for a while.
    func trustsCommit(from start: Int64, to end: Int64) -> Bool {
        guard doubtedUntil <= start else { return false }
        return [brokersDownSince, answeredAt].compactMap(\.self).allSatisfy { end - $0 < patience }
    }
}
