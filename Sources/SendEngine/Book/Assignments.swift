extension SendEngine {
    /// A partition is ours from now on; its records follow from the committed offset.
    ///
    /// - Parameters:
    ///   - epoch: The number of the assignment; every `RecordID` of it carries it.
    ///   - restored: What the last owner left. The next commit says that this one goes on from there, though nothing of the
    ///     partition may have been read yet: whoever takes it over then, or asks whose it is, finds that.
    ///   - accounts: What is to be remembered of the partition's accounts, by account id.
    package mutating func assign(
        _ partition: Int32,
        epoch: UInt64,
        restored: PartitionSnapshot? = nil,
        accounts: [String: AccountMemory] = [:],
        now: EngineTime
    ) {
        observe(now)
        remove([partition], now: now)
        safety.beginSlowly()
        // The last owner's calls have reached Graph by now, but for those that were on their way.
        let onTheirWay = min(max(settings.arrivalSlack, .zero), .milliseconds(250)).nanoseconds
        let quiet = clock.monotonic.saturatingAdd(onTheirWay)
        partitions[partition] = Partition(
            epoch: epoch,
            ledger: OffsetLedger(restored: restored),
            othersCalledUntil: settings.coldStart ? quiet : .min,
            firstCommit: settings.ownershipLease == nil ? .durable : .due
        )
        askForFirstCommit(of: partition)
        for (id, memory) in accounts.sorted(by: { $0.key < $1.key }) { restore(memory, of: id, partition: partition) }
    }

    /// Starts giving partitions up: nothing new starts for them, records that still come for them are ignored, and what
    /// runs may end. The next commit says which of their requests are started.
    package mutating func beginRevoke(_ partitions: [Int32], now: EngineTime) {
        observe(now)
        for number in partitions {
            guard let partition = self.partitions[number], !partition.isDraining else { continue }
            self.partitions[number]?.isDraining = true
            self.partitions[number]?.wantedMarks = []
            for offset in partition.wantedMarks {
                if let slot = partition.ledger.request(at: offset) { unmark(slot) }
            }
            if partition.ledger.hasMarks { commits.note(number) }
        }
    }

    /// HTTP calls running for a partition.
    package func callsInFlight(in partition: Int32) -> Int { partitions[partition]?.inFlight ?? 0 }

    /// Forgets partitions that were given up or lost, with all their requests and endings. What their calls that run
    /// end with is ignored and counted.
    package mutating func remove(_ partitions: [Int32], now: EngineTime) {
        observe(now)
        let known = Set(partitions.filter { self.partitions[$0] != nil })
        guard !known.isEmpty else { return }
        for number in known { self.partitions[number]?.isDraining = true }
        for number in known { discardAll(in: number) }
        for number in known { gauges.inDoubt -= self.partitions[number]?.inDoubt ?? 0 }
        for number in known { self.partitions[number] = nil }
        commits.remove(known)
        actions.removeAll { known.contains($0.partition) }
    }

    private mutating func discardAll(in number: Int32) {
        for slot in partitions[number]?.ledger.requests ?? [] {
            let lane = requests[slot].lane
            if lanes[lane].head == slot, lanes[lane].stage == .calling {
                orphans[recordID(of: slot)] = Orphan(
                    account: accounts[lanes[lane].account].id,
                    conversation: lanes[lane].conversation,
                    startedAt: requests[slot].callStartedAt
                )
            }
            discard(slot)
        }
        if partitions[number]?.isPaused == true { gauges.pausedPartitions -= 1 }
    }
}

/// One partition of the requests topic in one assignment.
struct Partition: Sendable {
    /// The progress of the first commit that names the partition in this assignment.
    enum FirstCommit: Sendable {
        case due
        /// It is a part of the commit that runs.
        case running
        case durable
    }

    /// Whether calls of it may start.
    enum Standing: Sendable {
        case open
        case awaitingFirstCommit
        case draining
    }

    let epoch: UInt64
    var ledger: OffsetLedger
    /// Until when calls of its last owner may have reached Graph.
    let othersCalledUntil: Int64
    /// It is being given up: nothing new starts.
    var isDraining = false
    var firstCommit: FirstCommit
    var isPaused = false
    var inFlight = 0
    /// Messages that are called, or ended and not durable.
    var inDoubt = 0
    /// Records read and not durably finished.
    var outstanding = 0
    /// Offsets that wait for a commit that marks them as started.
    var wantedMarks: [Int64] = []

    init(epoch: UInt64, ledger: OffsetLedger, othersCalledUntil: Int64, firstCommit: FirstCommit) {
        self.epoch = epoch
        self.ledger = ledger
        self.othersCalledUntil = othersCalledUntil
        self.firstCommit = firstCommit
    }

    var standing: Standing { isDraining ? .draining : firstCommit == .durable ? .open : .awaitingFirstCommit }

    /// No call for an account of it before this moment: the last owner's calls count for as long.
    var coldUntil: Int64 { othersCalledUntil == .min ? .min : othersCalledUntil.saturatingAdd(AccountLimits.second) }
}
