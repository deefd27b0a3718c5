internal import InstagramMessaging

/// How the last calls of all accounts ended, as far as their ends say something of an account or a message.
struct RecentCalls: Sendable {
    private struct End: Sendable {
        var account: String
        var person: String
        var at: Int64
        var fails: Bool
        /// Why one message was refused.
        var refusal: SendError?
    }

    private let count: Int
    private let window: Int64
    /// The latest last.
    private var ends: [End] = []

    init(count: Int, window: Int64) {
        self.count = count
        self.window = window
    }

    mutating func note(
        _ verdict: AccountEndings.Verdict,
        of account: String,
        person: String,
        error: SendError?,
        at now: Int64
    ) {
        var end = End(account: account, person: person, at: now, fails: true)
        switch verdict {
        case .says(isAnswer: false): return
        case .works, .says(isAnswer: true): end.fails = false
        case .fails: break
        case .refused: end.refusal = error
        }
        if ends.count >= count { ends.removeFirst() }
        ends.append(end)
    }

    mutating func forgetAll() { ends = [] }

    /// Whether so many calls have ended within the window that they can be judged.
    func isFull(at now: Int64) -> Bool {
        ends.count >= count && (ends.first.map { $0.at > now.saturatingSubtract(window) } ?? false)
    }

    /// The share of them that failed.
    var failingShare: Double { ends.isEmpty ? 0 : Double(ends.count(where: \.fails)) / Double(ends.count) }

    /// Whether all were refused with the same code, for several people: what the accounts share is wrong then, though none
    /// of them may have been called often enough to show it.
    var areAllRefusedAlike: Bool {
        guard let first = ends.first?.refusal.map(AccountEndings.Cause.init),
            ends.allSatisfy({ $0.refusal.map(AccountEndings.Cause.init) == first })
        else { return false }
        return Set(ends.map { "\($0.account) \($0.person)" }).count >= min(AccountEndings.refusedPeople, ends.count)
    }

    /// How many accounts were called.
    var accounts: Int { Set(ends.map(\.account)).count }

    /// The last refusal, and how many accounts were called.
    var refusal: (error: SendError, accounts: Int)? { ends.last?.refusal.map { ($0, accounts) } }
}
