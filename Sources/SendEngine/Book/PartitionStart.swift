/// The offset at which a new owner begins with a partition, and what it takes for finished: decided from the ledger,
/// which is the workers' own record of what has ended, from the group's committed offset and from the log as it is now.
///
/// The ledger counts. It is written together with the offset, so a difference means that somebody else has moved the
/// offset: a consumer that joined the group, a tool, or the brokers' own expiry. To follow such an offset forward would leave
/// requests without a result; to follow it back would send messages twice.
package struct PartitionStart: Sendable, Hashable {
    /// The first offset to read; nil where nothing says so: wherever the log begins.
    package var offset: Int64?
    /// The finished and the started offsets; nil where nothing is known.
    package var snapshot: PartitionSnapshot?
    /// The notes that somebody should hear of.
    package var notes: [Note]

    package init(offset: Int64?, snapshot: PartitionSnapshot?, notes: [Note]) {
        self.offset = offset
        self.snapshot = snapshot
        self.notes = notes
    }

    /// The group's committed offset.
    package struct CommittedOffset: Sendable, Hashable {
        package var offset: Int64
        /// Whether a worker committed it, as its metadata say. Earlier versions left none, and some brokers keep none.
        package var isOwn: Bool

        package init(_ offset: Int64, isOwn: Bool) {
            self.offset = offset
            self.isOwn = isOwn
        }
    }

    /// Which log stands there, where it ends before what the ledger knows of.
    package enum LogAge: Sendable, Hashable {
        /// The ledger's own, of which the end was lost.
        case cutBack
        /// Another: the topic was deleted and made anew.
        case anew
        case unknown
    }

    /// The facts that are known when a partition is taken over.
    package struct Facts: Sendable, Hashable {
        package var ledger: PartitionSnapshot?
        /// Whether nothing newer may stand behind the ledger that cannot be seen yet.
        package var isLedgerLast = true
        /// Whether the ledger says that it was written while the committed offset stood, which its own was to follow.
        package var precedesItsOffset = false
        package var committed: CommittedOffset?
        /// The start and end of the partition's log; nil where that is not known.
        package var log: Range<Int64>?
        /// Asked for where the log ends before what the ledger knows of.
        package var logAge = LogAge.unknown
        /// Whether offsets count that somebody else committed.
        package var followsMovedOffsets = false

        package init(ledger: PartitionSnapshot?, committed: CommittedOffset?) {
            self.ledger = ledger
            self.committed = committed
        }

        /// Whether the log ends before what is known of it.
        package var reachesBeyondLog: Bool {
            guard let log, let start = try? PartitionStart.anchor(self) else { return false }
            return start.reaches > log.upperBound
        }
    }

    package enum Note: Sendable, Hashable {
        /// Somebody else committed the offset: it is followed, or the ledger counts in its place.
        case movedOffset(isFollowed: Bool)
        /// A worker's own offset and the ledger differ: one of them was lost. Whichever says that more has ended counts.
        case mismatch
        /// The group has no offset any more, and the ledger counts.
        case offsetGone
        /// There is an offset and no ledger.
        case noLedger
        /// The log begins behind these offsets, which nobody had read.
        case deletedUnread([Range<Int64>])
        /// The log is another than the ledger's: it is read from its beginning.
        case logAnew
        /// The log has lost its end: what comes is read from there on.
        case logCutBack
    }

    /// Why nobody can say where to begin.
    package enum Refusal: Error, Sendable, Hashable {
        /// Somebody else committed the offset, and there is no ledger.
        case onlyForeignOffset(Int64)
        /// The log ends before what the ledger knows of, and it cannot be told which log it is.
        case unknownLog(reaches: Int64, end: Int64)
    }

    /// Whether nothing newer can stand behind what was read of a partition's state.
    ///
    /// - Parameters:
    ///   - seen: The offset up to which a reader of committed records was shown it; nil before it has read at all.
    ///   - end: The end of the log, with what transactions that are still open have written.
    package static func hasReadAll(upTo seen: Int64?, of end: Int64) -> Bool { seen.map { $0 >= end } ?? false }

    package static func decide(_ facts: Facts) throws(Refusal) -> PartitionStart {
        var start = try anchor(facts)
        guard let log = facts.log else { return start }
        if start.reaches > log.upperBound { try start.fit(toEndOf: log, facts) }
        start.fit(toBeginningOf: log)
        return start
    }

    // MARK: Ledger and offset

    private static func anchor(_ facts: Facts) throws(Refusal) -> PartitionStart {
        guard let ledger = facts.ledger else { return try withoutLedger(facts) }
        guard let committed = facts.committed else {
            return PartitionStart(
                offset: ledger.base,
                snapshot: ledger,
                notes: facts.precedesItsOffset ? [] : [.offsetGone]
            )
        }
        guard committed.offset != ledger.base else {
            return PartitionStart(offset: ledger.base, snapshot: ledger, notes: [])
        }
        if facts.precedesItsOffset { return PartitionStart(offset: ledger.base, snapshot: ledger, notes: []) }
        // A ledger that may not be the last one says less than any offset that was committed since.
        let counts = committed.isOwn || !facts.isLedgerLast
        if !counts, facts.followsMovedOffsets {
            return PartitionStart(
                offset: committed.offset,
                snapshot: ledger.rest(from: committed.offset),
                notes: [.movedOffset(isFollowed: true)]
            )
        }
        let note = counts ? Note.mismatch : .movedOffset(isFollowed: false)
        if counts, let rest = ledger.rest(from: committed.offset) {
            return PartitionStart(offset: committed.offset, snapshot: rest, notes: [note])
        }
        return PartitionStart(offset: ledger.base, snapshot: ledger, notes: [note])
    }

    private static func withoutLedger(_ facts: Facts) throws(Refusal) -> PartitionStart {
        guard let committed = facts.committed else {
            return PartitionStart(offset: facts.log?.lowerBound, snapshot: nil, notes: [])
        }
        // Where the log begins no earlier, all agree that there is nothing before it.
        let isHarmless = facts.log.map { committed.offset <= $0.lowerBound } ?? false
        guard committed.isOwn || facts.followsMovedOffsets || isHarmless || !facts.isLedgerLast else {
            throw .onlyForeignOffset(committed.offset)
        }
        return PartitionStart(offset: committed.offset, snapshot: nil, notes: [.noLedger])
    }

    // MARK: The log

    /// One past the last offset that something is known of.
    private var reaches: Int64 { max(snapshot?.end ?? .min, offset ?? .min) }

    private mutating func fit(toEndOf log: Range<Int64>, _ facts: Facts) throws(Refusal) {
        switch facts.logAge {
        // In an empty one there is nothing to tell apart.
        case _ where log.isEmpty, .cutBack:
            let base = min(offset ?? log.upperBound, log.upperBound)
            offset = base
            snapshot = snapshot?.cut(to: log.upperBound, base: base)
            notes.append(.logCutBack)
        case .anew:
            offset = log.lowerBound
            snapshot = nil
            notes.append(.logAnew)
        case .unknown:
            throw .unknownLog(reaches: reaches, end: log.upperBound)
        }
    }

    private mutating func fit(toBeginningOf log: Range<Int64>) {
        guard let begin = offset, begin < log.lowerBound else { return }
        let deleted = snapshot?.open(in: begin..<log.lowerBound) ?? [begin..<log.lowerBound]
        if !deleted.isEmpty { notes.append(.deletedUnread(deleted)) }
        offset = log.lowerBound
        snapshot = snapshot?.rest(from: log.lowerBound)
    }
}

extension PartitionSnapshot {
    /// One past the last offset that it says something about.
    package var end: Int64 {
        [finished, started, resent].reduce(base) { max($0, $1.last?.upperBound ?? $0) }
    }

    /// Returns what of a range, from the base on, it does not say to be finished.
    fileprivate func open(in range: Range<Int64>) -> [Range<Int64>] {
        var open: [Range<Int64>] = []
        var next = max(range.lowerBound, base)
        for done in finished where done.lowerBound < range.upperBound {
            if next < done.lowerBound { open.append(next..<done.lowerBound) }
            next = max(next, done.upperBound)
        }
        if next < range.upperBound { open.append(next..<range.upperBound) }
        return open
    }

    /// Returns what it says of offsets before an end.
    fileprivate func cut(to end: Int64, base: Int64) -> PartitionSnapshot {
        func kept(_ ranges: [Range<Int64>]) -> [Range<Int64>] {
            ranges.filter { $0.lowerBound < end }.map { $0.lowerBound..<Swift.min($0.upperBound, end) }
        }
        return PartitionSnapshot(base: base, finished: kept(finished), started: kept(started), resent: kept(resent))
    }
}
