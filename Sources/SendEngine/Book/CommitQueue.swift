/// The endings that are not durable yet. One batch is open at a time; after a failure its parts come again.
struct CommitQueue: Sendable {
    /// The number of attempts of a request that goes on which had no known end.
    struct UnknownAttempts: Sendable {
        var id: RecordID
        var count: Int32
    }

    private struct Open: Sendable {
        var number: UInt64
        var finished: [RequestEnd]
        var unknowns: [UnknownAttempts]
        /// The partitions in it with the number of their assignment.
        var partitions: [Int32: UInt64]
        /// Requests whose mark that they are started is in it.
        var marks: [RecordID]
        /// Accounts in it with their partitions.
        var accounts: [String: Int32]
        /// The moment at which it was put together, if it commits an offset: only the group's own members may.
        var provesOwnershipAt: Int64?
        /// Whether more was to be committed than the limit lets in.
        var isLimited: Bool
    }

    /// The content that the next batch is to have.
    struct Selection: Sendable {
        var finished: [RequestEnd]
        var unknowns: [UnknownAttempts]
        /// Ascending.
        var partitions: [Int32]
        var accounts: [String: Int32]
        var isLimited = false
    }

    /// The content that an open batch had.
    struct Closed: Sendable {
        var finished: [RequestEnd]
        var unknowns: [UnknownAttempts]
        var partitions: [Int32: UInt64]
        var marks: [RecordID]
        var accounts: [String: Int32]
        var provesOwnershipAt: Int64?
    }

    /// Endings that no open batch holds.
    private(set) var pending: [RequestEnd] = []
    /// The unknown attempts that the ledgers of the next batch tell of, for requests that go on.
    private var unknowns: [UnknownAttempts] = []
    /// Whether the next batch is not to wait for others.
    private(set) var isUrgent = false
    private var partitionsWithNews: Set<Int32> = []
    /// Accounts of which something else is to be remembered, with their partitions.
    private var accountsWithNews: [String: Int32] = [:]
    private var open: Open?
    private var lastNumber: UInt64 = 0
    private(set) var sizing = CommitSizing()
    /// The partition behind which the next batch begins where the limit leaves something out.
    private var turn = Int32.min
    /// The account behind which the accounts of that partition begin.
    private var accountTurn = ""

    /// Endings that no open batch holds.
    var pendingCount: Int { pending.count }

    /// Calls whose end the next batch makes durable, or endings without one.
    var endedCount: Int { pending.count + unknowns.count }

    /// All endings that are not durable.
    var count: Int { pending.count + (open?.finished.count ?? 0) }

    var isOpen: Bool { open != nil }

    /// The moment at which the open batch was put together, if its success will show that this worker is still a member
    /// of its group.
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

    mutating func append(_ finished: RequestEnd) {
        pending.append(finished)
        partitionsWithNews.insert(finished.id.partition)
    }

    mutating func append(_ attempts: UnknownAttempts) {
        unknowns.append(attempts)
        partitionsWithNews.insert(attempts.id.partition)
    }

    /// Lets the next batch wait for no others.
    mutating func hurry() { isUrgent = true }

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
    mutating func putBack(_ finished: [RequestEnd]) {
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

extension CommitQueue {
    /// Never fewer accounts than this: their memories are small, and a partition's endings wait for all of them.
    private static var fewestAccounts: Int { 64 }

    /// Takes out what the next batch is to hold: all there is, or as much as the limit lets in.
    ///
    /// - Parameter first: Partitions that do not wait for their turn.
    mutating func select(first: (Int32) -> Bool) -> Selection {
        let limit = sizing.limit
        guard max(pending.count, partitionsWithNews.count, accountsWithNews.count) > limit else { return selectAll() }
        let all = partitionsWithNews.union(accountsWithNews.values)
        let order = all.sorted { left, right in
            let (isLeftFirst, isRightFirst) = (first(left), first(right))
            if isLeftFirst != isRightFirst { return isLeftFirst }
            // Those whose turn has not come yet before those that begin anew.
            return left > turn && right > turn || left <= turn && right <= turn ? left < right : left > turn
        }
        return select(from: order, limit: limit)
    }

    private mutating func selectAll() -> Selection {
        defer {
            pending = []
            unknowns = []
            isUrgent = false
            partitionsWithNews = []
            accountsWithNews = [:]
        }
        return Selection(
            finished: pending,
            unknowns: unknowns,
            partitions: partitionsWithNews.sorted(),
            accounts: accountsWithNews
        )
    }

    private mutating func select(from order: [Int32], limit: Int) -> Selection {
        var selection = Selection(finished: [], unknowns: [], partitions: [], accounts: [:], isLimited: true)
        for partition in order {
            guard selection.partitions.count < limit, selection.finished.count < limit else { break }
            selection.partitions.append(partition)
            turn = partition
            // Whoever sees only some of it is to see accounts that are more careful: no ending without all of them.
            guard takeAccounts(of: partition, limit: limit, into: &selection) else { continue }
            takeEndings(of: partition, limit: limit, into: &selection)
        }
        let chosen = Set(selection.partitions)
        selection.partitions.sort()
        selection.unknowns = unknowns.filter { chosen.contains($0.id.partition) }
        unknowns.removeAll { chosen.contains($0.id.partition) }
        partitionsWithNews.subtract(chosen)
        partitionsWithNews.formUnion(pending.map(\.id.partition))
        isUrgent = isUrgent && !partitionsWithNews.isEmpty
        return selection
    }

    /// - Returns: Whether none of the partition's accounts is left out.
    private mutating func takeAccounts(of partition: Int32, limit: Int, into selection: inout Selection) -> Bool {
        let room = max(limit, Self.fewestAccounts) - selection.accounts.count
        let own = accountsWithNews.filter { $0.value == partition }.keys.sorted()
        guard own.count > room else {
            for account in own { selection.accounts[account] = accountsWithNews.removeValue(forKey: account) }
            return true
        }
        let next = own.filter { $0 > accountTurn } + own.filter { $0 <= accountTurn }
        for account in next.prefix(max(room, 0)) {
            selection.accounts[account] = accountsWithNews.removeValue(forKey: account)
            accountTurn = account
        }
        return false
    }

    private mutating func takeEndings(of partition: Int32, limit: Int, into selection: inout Selection) {
        var room = limit - selection.finished.count
        var left: [RequestEnd] = []
        left.reserveCapacity(pending.count)
        for ending in pending {
            if ending.id.partition == partition, room > 0 {
                selection.finished.append(ending)
                room -= 1
            } else {
                left.append(ending)
            }
        }
        pending = left
    }
}

/// The most that one commit holds: half of what one held that failed, until one goes through, and then more again bit
/// by bit.
///
/// A batch that was too much, too large or too slow for the brokers is not tried again unchanged; and where only one
/// ending among many cannot be written, it is alone in the end and holds up no other.
struct CommitSizing: Sendable {
    /// Up to here a limit grows to twice its size with each commit that it limited; above, by a quarter.
    private static let quickGrowth = 64
    /// More than any commit holds.
    private static let unlimited = 1 << 16

    /// The most endings, the most accounts and the most partitions in the next commit.
    private(set) var limit = Int.max
    /// Half of what failed when commits began to fail.
    private var threshold = Self.quickGrowth
    private var isFailing = false

    /// - Parameter size: The most of any kind that it held.
    mutating func failed(_ size: Int) {
        // Less than one cannot be tried; others that came since may be tried with it.
        guard size > 1 else { return }
        if !isFailing { threshold = max(size / 2, Self.quickGrowth) }
        isFailing = true
        limit = max(min(limit, size) / 2, 1)
    }

    /// - Parameter isLimited: Whether there was more to commit.
    mutating func succeeded(isLimited: Bool) {
        isFailing = false
        guard isLimited, limit != .max else { return }
        limit = limit < threshold ? min(limit * 2, threshold) : limit + max(limit / 4, 1)
        if limit > Self.unlimited { limit = .max }
    }
}
