/// Partitions of the requests topic, from their assignment to their end.
extension SendEngine {
    /// A partition is ours from now on; its records follow from the committed offset.
    ///
    /// - Parameters:
    ///   - epoch: The number of the assignment; every `RecordID` of it carries it.
    ///   - restored: What the last owner left. The next commit says that this one goes on from there, though nothing of the
    ///     partition may have been read yet: whoever takes it over then, or asks whose it is, finds that.
    ///   - accounts: What is to be remembered of the partition's accounts, by account id.
    ///   - assignedAt: When the group gave it to this worker, and nobody else called for it any more, on the monotonic
    ///     clock; nil where that is now.
    package mutating func assign(
        _ partition: Int32,
        epoch: UInt64,
        restored: PartitionSnapshot? = nil,
        accounts: [String: AccountMemory] = [:],
        assignedAt: Int64? = nil,
        now: EngineTime
    ) {
        observe(now)
        remove([partition], now: now)
        gates.beginSlowly()
        // The last owner's calls had reached Graph by then, but for those that were on their way.
        let onTheirWay = min(max(settings.arrivalSlack, .zero), .milliseconds(250)).nanoseconds
        let quiet = (assignedAt ?? clock.monotonic).saturatingAdd(onTheirWay)
        book.assign(
            partition,
            Partition(
                epoch: epoch,
                ledger: OffsetLedger(restored: restored),
                othersCalledUntil: settings.coldStart ? quiet : .min,
                firstCommit: settings.ownershipLease == nil ? .durable : .due
            )
        )
        for (id, memory) in accounts.sorted(by: { $0.key < $1.key }) { restore(memory, of: id, partition: partition) }
    }

    /// Starts giving partitions up: nothing new starts for them, records that still come for them are ignored, and what
    /// runs may end. The next commit says which of their requests are started.
    package mutating func beginRevoke(_ partitions: [Int32], now: EngineTime) {
        observe(now)
        for number in partitions {
            guard let waiting = book.beginDraining(number) else { continue }
            for slot in waiting { unmark(slot) }
            book.noteMarks(of: number)
        }
    }

    /// HTTP calls running for a partition.
    package func callsInFlight(in partition: Int32) -> Int { book[partition]?.inFlight ?? 0 }

    /// Forgets partitions that were given up or lost, with all their requests and endings. What their calls that run
    /// end with is ignored and counted.
    package mutating func remove(_ partitions: [Int32], now: EngineTime) {
        observe(now)
        // In an order that a seed replays: what is freed here is taken again in the same order.
        let known = Set(partitions).filter { book[$0] != nil }.sorted()
        guard !known.isEmpty else { return }
        for number in known { book.close(number) }
        for number in known { discardAll(in: number) }
        for number in known { gates.leaveDoubt(book[number]?.inDoubt ?? 0) }
        book.remove(known)
        actions.removeAll { known.contains($0.partition) }
    }

    private mutating func discardAll(in number: Int32) {
        for slot in book[number]?.ledger.requests ?? [] {
            if isHead(slot, .calling) {
                let lane = conversations.requests[slot].lane
                let orphan = Orphan(
                    account: conversations.accounts[conversations.lanes[lane].account].id,
                    conversation: conversations.lanes[lane].conversation,
                    startedAt: conversations.requests[slot].callStartedAt
                )
                book.addOrphan(orphan, recordID(of: slot))
            }
            discard(slot)
        }
    }

    /// Takes over what an earlier owner wrote of an account.
    private mutating func restore(_ memory: AccountMemory, of id: String, partition: Int32) {
        let account = account(named: id)
        conversations.setPartition(of: account, to: partition)
        conversations.setMemory(of: account, to: true)
        // What was written holds this worker's own calls too, unless it calls for the account because of another
        // partition at this moment; better to count them twice then.
        let keepsOwn = conversations.accounts[account].requests > 0
        gates.restore(memory, of: account, keepsOwn: keepsOwn, now: clock)
        noteLongWaits(of: account)
        reconsider(account)
    }
}
