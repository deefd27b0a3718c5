import SendEngine
import Telemetry

/// How far one reading of partitions' state has come.
struct StateReading: Sendable {
    let partitions: [Int32]
    var contents: [Int32: StateContents]
    /// Where reading has to come to.
    var logEnds: [Int32: Int64]
    var committed: [Int32: Int64] = [:]
    /// When something was first found to be hidden.
    var hiddenSince: Duration?
    /// When it was last tried to end the transactions that hide something.
    var lastEnding: Duration?
    /// Whether ledgers that did not fit have been read a second time.
    var hasLookedAgain = false
    /// What was passed over, by cause.
    private(set) var ignored: [IgnoredState: Int] = [:]
    /// The ledgers that did not fit, for the log.
    private(set) var mismatches: [Logger.Metadata] = []

    /// - Parameter logEnds: Where the log of each partition ends that is to be read.
    init(to logEnds: [Int32: Int64]) {
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
            return !contents.ledgerFits(base: base, committed: committed[number])
        }
    }

    /// The end of it: what counts of all that was read.
    mutating func settled() -> [Int32: RestoredPartition] {
        ignored = [:]
        mismatches = []
        if !hidden.isEmpty { ignored[.hidden] = hidden.count }
        return contents.reduce(into: [:]) { $0[$1.key] = settled($1.key, $1.value) }
    }

    /// A ledger counts if it belongs to the group's committed offset: the two are written together, so a difference means
    /// that somebody moved the offsets. Where they were moved on, what it says of the offsets behind them is still true.
    /// Where they were moved back, what is finished is asked for again, and the ledger is ignored. Memories of accounts
    /// always count, since they only make a worker more careful.
    private mutating func settled(_ number: Int32, _ contents: StateContents) -> RestoredPartition {
        let ledger = contents.decodedLedger()
        let accounts = contents.decodedAccounts()
        ignored.merge(contents.ignored, uniquingKeysWith: +)
        if accounts.unreadable > 0 { ignored[.unreadableAccount, default: 0] += accounts.unreadable }
        if contents.ledger != nil, ledger == nil { ignored[.unreadableLedger, default: 0] += 1 }
        if contents.ledger == nil, committed[number] != nil { ignored[.noLedger, default: 0] += 1 }
        var restored = RestoredPartition(
            snapshot: ledger,
            accounts: accounts.memories,
            committed: committed[number]
        )
        if let base = ledger?.base, !contents.ledgerFits(base: base, committed: committed[number]) {
            restored.snapshot = committed[number].flatMap { ledger?.rest(from: $0) }
            ignored[.baseMismatch, default: 0] += 1
            noteMismatch(of: number, base: base, isUsed: restored.snapshot != nil)
        }
        return restored
    }

    private mutating func noteMismatch(of number: Int32, base: Int64, isUsed: Bool) {
        mismatches.append([
            "partition": "\(number)",
            "ledger_base": "\(base)",
            "committed": "\(committed[number].map(String.init) ?? "none")",
            "used": isUsed ? "from the committed offset on" : "no",
        ])
    }
}
