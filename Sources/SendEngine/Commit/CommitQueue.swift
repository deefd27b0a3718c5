/// What has ended and is not durable yet. One batch is open at a time; after a failure its parts come again.
struct CommitQueue: Sendable {
    /// How many attempts of a request that goes on had no known end.
    struct UnknownAttempts: Sendable {
        var id: RecordID
        var count: Int32
    }

    private struct Open: Sendable {
        var number: UInt64
        var finished: [CommitBatch.Finished]
        var unknowns: [UnknownAttempts]
        /// The partitions in it with the number of their assignment.
        var partitions: [Int32: UInt64]
        /// Requests whose mark that they are started is in it.
        var marks: [RecordID]
        /// Accounts in it with their partitions.
        var accounts: [String: Int32]
        /// When it was put together, if it commits an offset: only the group's own members may.
        var provesOwnershipAt: Int64?
        /// Whether more was to be committed than the limit lets in.
        var isLimited: Bool
    }

    /// What the next batch is to hold.
    struct Selection: Sendable {
        var finished: [CommitBatch.Finished]
        var unknowns: [UnknownAttempts]
        /// Ascending.
        var partitions: [Int32]
        var accounts: [String: Int32]
        var isLimited = false
    }

    /// What an open batch held.
    struct Closed: Sendable {
        var finished: [CommitBatch.Finished]
        var unknowns: [UnknownAttempts]
        var partitions: [Int32: UInt64]
        var marks: [RecordID]
        var accounts: [String: Int32]
        var provesOwnershipAt: Int64?
    }

    /// Endings that no open batch holds.
    var pending: [CommitBatch.Finished] = []
    /// What the ledgers of the next batch say of requests that go on.
    var unknowns: [UnknownAttempts] = []
    /// Whether the next batch is not to wait for others.
    var isUrgent = false
    var partitionsWithNews: Set<Int32> = []
    /// Accounts of which something else is to be remembered, with their partitions.
    var accountsWithNews: [String: Int32] = [:]
    private var open: Open?
    private var lastNumber: UInt64 = 0
    private(set) var sizing = CommitSizing()
    /// Where the limit leaves something out, the next batch begins behind this partition.
    var turn = Int32.min
    /// And with the accounts of a partition behind this one.
    var accountTurn = ""

    /// Endings that no open batch holds.
    var pendingCount: Int { pending.count }

    /// Calls whose end the next batch makes durable, or endings without one.
    var endedCount: Int { pending.count + unknowns.count }

    /// All endings that are not durable.
    var count: Int { pending.count + (open?.finished.count ?? 0) }

    var isOpen: Bool { open != nil }

    /// When the open batch was put together, if its success will show that this worker is still a member of its group.
    var openProvesOwnershipAt: Int64? { open?.provesOwnershipAt }

    var hasNews: Bool { open == nil && !(pending.isEmpty && partitionsWithNews.isEmpty && accountsWithNews.isEmpty) }

    /// The endings of these partitions that are not durable.
    func count(of partitions: Set<Int32>) -> Int {
        [pending, open?.finished ?? []].reduce(0) { $0 + $1.count { partitions.contains($0.id.partition) } }
    }

    /// Whether anything of these partitions is not durable.
    func holds(_ partitions: [Int32]) -> Bool {
        partitions.contains { partitionsWithNews.contains($0) || open?.partitions[$0] != nil }
            || [accountsWithNews, open?.accounts ?? [:]].contains { $0.values.contains(where: partitions.contains) }
    }

    mutating func append(_ finished: CommitBatch.Finished) {
        pending.append(finished)
        partitionsWithNews.insert(finished.id.partition)
    }

    mutating func append(_ attempts: UnknownAttempts) {
        unknowns.append(attempts)
        partitionsWithNews.insert(attempts.id.partition)
    }

    mutating func note(_ partition: Int32) { partitionsWithNews.insert(partition) }

    mutating func note(account: String, in partition: Int32) { accountsWithNews[account] = partition }

    /// Opens a batch with what was selected for it.
    mutating func begin(
        _ selection: Selection,
        positions: [CommitBatch.Position],
        accounts: [CommitBatch.AccountState],
        marks: [RecordID],
        now: Int64
    ) -> CommitBatch {
        lastNumber += 1
        open = Open(
            number: lastNumber,
            finished: selection.finished,
            unknowns: selection.unknowns,
            partitions: Dictionary(positions.map { ($0.partition, $0.epoch) }) { first, _ in first },
            marks: marks,
            accounts: selection.accounts,
            provesOwnershipAt: positions.contains { $0.nextOffset != nil } ? now : nil,
            isLimited: selection.isLimited
        )
        return CommitBatch(number: lastNumber, finished: selection.finished, positions: positions, accounts: accounts)
    }

    /// Closes the open batch; nil where another number, or none, is open.
    ///
    /// - Parameter isTooMuch: Whether the next one is to hold less; nil where it says nothing of that.
    mutating func close(_ number: UInt64, isTooMuch: Bool?) -> Closed? {
        guard let closing = open, closing.number == number else { return nil }
        open = nil
        switch isTooMuch {
        case true?: sizing.failed(max(closing.finished.count, closing.partitions.count, closing.accounts.count))
        case false?: sizing.succeeded(isLimited: closing.isLimited)
        case nil: break
        }
        return Closed(
            finished: closing.finished,
            unknowns: closing.unknowns,
            partitions: closing.partitions,
            marks: closing.marks,
            accounts: closing.accounts,
            provesOwnershipAt: closing.provesOwnershipAt
        )
    }

    /// Puts endings back in front of those that came later; or behind them where one at a time is tried: others are to go
    /// on.
    mutating func putBack(_ finished: [CommitBatch.Finished]) {
        pending = sizing.limit == 1 ? pending + finished : finished + pending
    }

    mutating func putBack(_ attempts: [UnknownAttempts]) { unknowns = attempts + unknowns }

    /// Forgets all of some partitions; what a commit that runs has of them is not put back if it fails.
    mutating func remove(_ partitions: Set<Int32>) {
        pending.removeAll { partitions.contains($0.id.partition) }
        unknowns.removeAll { partitions.contains($0.id.partition) }
        open?.finished.removeAll { partitions.contains($0.id.partition) }
        open?.unknowns.removeAll { partitions.contains($0.id.partition) }
        open?.marks.removeAll { partitions.contains($0.partition) }
        for partition in partitions { open?.partitions[partition] = nil }
        partitionsWithNews.subtract(partitions)
        accountsWithNews = accountsWithNews.filter { !partitions.contains($0.value) }
        for (account, partition) in open?.accounts ?? [:] where partitions.contains(partition) {
            open?.accounts[account] = nil
        }
    }
}
