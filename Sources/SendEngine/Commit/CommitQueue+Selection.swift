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
        var left: [CommitBatch.Finished] = []
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
