import SendEngine

/// How far one reading of partitions' state has come.
struct StateReading: Sendable {
    let partitions: [Int32]
    var contents: [Int32: StateContents]
    /// Where reading has to come to.
    var logEnds: [Int32: Int64]
    var committed: [Int32: PartitionStart.CommittedOffset] = [:]
    /// Where the logs of the requests topic begin and end.
    var logs: [Int32: Range<Int64>] = [:]
    /// Which log stands there, of partitions whose log ends before what is known of it.
    var logAges: [Int32: PartitionStart.LogAge] = [:]
    /// When something was first found to be hidden.
    var hiddenSince: Duration?
    /// When it was last tried to end the transactions that hide something.
    var lastEnding: Duration?
    /// Whether ledgers that did not fit have been read a second time.
    var hasLookedAgain = false
    /// What was passed over, by cause.
    private(set) var ignored: [IgnoredState: Int] = [:]
    /// What is to be said of partitions.
    private(set) var notes: [Int32: [PartitionStart.Note]] = [:]
    /// Why nobody can say where to begin with partitions.
    private(set) var refusals: [Int32: PartitionStart.Refusal] = [:]
    private let ownership: LedgerOwnership

    /// - Parameter logEnds: Where the log of each partition ends that is to be read.
    init(to logEnds: [Int32: Int64], ownership: LedgerOwnership = LedgerOwnership()) {
        self.ownership = ownership
        partitions = logEnds.keys.sorted()
        contents = logEnds.mapValues { _ in StateContents() }
        self.logEnds = logEnds
    }

    /// Whether there is more to read of a partition than has been seen.
    func wantsMore(of partition: Int32) -> Bool {
        guard let end = contents[partition]?.end else { return true }
        return end < logEnds[partition] ?? 0
    }

    /// Partitions in which something stands behind a transaction that is still open.
    var hidden: [Int32] { contents.keys.filter(wantsMore).sorted() }

    /// Where the open transactions begin that hide something, by partition.
    var hiddenBegins: [Int32: Int64] {
        Dictionary(
            uniqueKeysWithValues: hidden.compactMap { number in
                contents[number]?.end.map { (number, $0) }
            }
        )
    }

    /// Partitions whose ledger does not begin at the committed offset.
    var mismatched: [Int32] {
        partitions.filter { number in
            guard let contents = contents[number], let base = contents.decodedLedger()?.base else { return false }
            let offset = committed[number]?.offset
            return base != offset && !contents.ledgerPrecedes(offset)
        }
    }

    /// Partitions whose log ends before what is known of it, and of which it is not known why.
    var beyondLog: [Int32] { partitions.filter { facts(of: $0).reachesBeyondLog } }

    /// Partitions of which nothing but their log's beginning can tell what has ended, and that is not known.
    var undecidable: [Int32] {
        partitions.filter { number in
            let facts = facts(of: number)
            guard facts.log == nil, facts.ledger == nil, let committed = facts.committed else { return false }
            return !committed.isOwn && !facts.followsMovedOffsets && facts.isLedgerLast
        }
    }

    /// Groups other than the own whose workers wrote ledgers, with the partitions of these.
    var otherGroups: [String: [Int32]] {
        partitions.reduce(into: [:]) { groups, number in
            guard let group = contents[number]?.group, group != ownership.group else { return }
            groups[group, default: []].append(number)
        }
    }

    private func facts(of number: Int32) -> PartitionStart.Facts {
        let contents = contents[number]
        let ledger = contents?.decodedLedger()
        var facts = PartitionStart.Facts(ledger: ledger, committed: committed[number])
        facts.isLedgerLast = !wantsMore(of: number)
        facts.precedesItsOffset = contents?.ledgerPrecedes(committed[number]?.offset) ?? false
        facts.log = logs[number]
        facts.logAge = logAges[number] ?? .unknown
        facts.followsMovedOffsets = ownership.followsMovedOffsets
        return facts
    }

    // MARK: The end of it

    /// What counts of all that was read; without the partitions of which nobody can say where to begin.
    mutating func settled() -> [Int32: RestoredPartition] {
        ignored = [:]
        notes = [:]
        refusals = [:]
        if !hidden.isEmpty { ignored[.hidden] = hidden.count }
        var restored: [Int32: RestoredPartition] = [:]
        for (number, contents) in contents {
            do throws(PartitionStart.Refusal) {
                restored[number] = settled(number, contents, try PartitionStart.decide(facts(of: number)))
            } catch {
                refusals[number] = error
            }
        }
        return restored
    }

    /// Memories of accounts always count, since they only make a worker more careful.
    private mutating func settled(
        _ number: Int32,
        _ contents: StateContents,
        _ start: PartitionStart
    ) -> RestoredPartition {
        let accounts = contents.decodedAccounts()
        ignored.merge(contents.ignored, uniquingKeysWith: +)
        if accounts.unreadable > 0 { ignored[.unreadableAccount, default: 0] += accounts.unreadable }
        if contents.ledger != nil, contents.decodedLedger() == nil { ignored[.unreadableLedger, default: 0] += 1 }
        var restored = RestoredPartition(
            snapshot: start.snapshot,
            accounts: accounts.memories,
            committed: committed[number]?.offset,
            position: start.offset
        )
        // What was read of another log says nothing of this one.
        restored.newestRead = start.notes.contains(.logAnew) ? nil : contents.newestRead
        for note in start.notes { take(note, of: number, &restored) }
        if !start.notes.isEmpty { notes[number] = start.notes }
        return restored
    }

    private mutating func take(_ note: PartitionStart.Note, of number: Int32, _ restored: inout RestoredPartition) {
        switch note {
        case .noLedger:
            if contents[number]?.ledger == nil { ignored[.noLedger, default: 0] += 1 }
        case .mismatch, .movedOffset(isFollowed: true): ignored[.baseMismatch, default: 0] += 1
        case .movedOffset(isFollowed: false): ignored[.movedOffset, default: 0] += 1
        case .deletedUnread(let ranges): restored.deletedUnread = ranges.reduce(0) { $0 + Int64($1.count) }
        case .offsetGone, .logAnew, .logCutBack: break
        }
    }
}
