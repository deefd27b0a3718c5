/// One load that the engine is measured under.
struct Scenario {
    var accounts: Int
    /// Percent of the accounts that are blocked, a third each throttled, held and with a dead token.
    var blockedPercent: Int
    /// Requests that wait, over all accounts, before and during the measurement.
    var waiting: Int
    /// Conversations that requests are drawn from, over all accounts.
    var conversations: Int
    var partitions: Int
    /// Messages brought from accept to durable in each round.
    var messagesPerRound: Int
    var rounds: Int
    var maxInFlight: Int
    /// Calls that end per step of the virtual clock.
    var batch: Int
    /// Endings per commit.
    var commitEvery: Int
    /// Calls per second of one account.
    var limit: Int
    /// Percent of the requests that have a deadline.
    var deadlinePercent: Int

    static let seed: UInt64 = 0x5EED

    var name: String { "\(accounts.grouped) accounts, \(blockedPercent) % blocked" }

    /// How many accounts may send; counts them all.
    var openAccounts: Int { (0..<accounts).reduce(0) { $0 + (isBlocked($1) ? 0 : 1) } }

    /// The limit that makes all accounts together allow about the same: 100 per second for 10 accounts, 1 for 100,000.
    static func balancedLimit(accounts: Int) -> Int {
        min(max(Int((100_000.0 / Double(max(accounts, 1))).squareRoot()), 1), 100)
    }

    /// As many as fit into the windows of all accounts, so that limits bind; not without end where they never would.
    func warmUpMessages(openAccounts: Int) -> Int {
        min(max(messagesPerRound / 4, openAccounts * limit, 1), 2 * messagesPerRound)
    }

    /// Blocked accounts are spread evenly, also over the partitions.
    func isBlocked(_ account: Int) -> Bool {
        let index = accounts >= partitions ? account / partitions : account
        return (index + 1) * blockedPercent / 100 != index * blockedPercent / 100
    }

    /// Accounts keep to one partition, as their key makes them, unless there are fewer accounts than partitions: then
    /// their requests are spread, so that every scenario has partitions of the same size.
    func partition(of account: Int, ordinal: Int) -> Int32 {
        let number = accounts >= partitions ? account % partitions : (ordinal / accounts) % partitions
        return Int32(truncatingIfNeeded: number)
    }

    /// The virtual time between steps: calls end at about the pace that the open accounts' limits allow together. A call
    /// holds its place for a second and at most the slack of 250 ms more.
    func stepNanoseconds(openAccounts: Int) -> Int64 {
        let places = max(openAccounts * limit, 1)
        return max(Int64(Double(batch) * 1_250_000_000 / Double(places)), 1)
    }
}
