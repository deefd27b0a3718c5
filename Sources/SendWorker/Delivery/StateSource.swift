package import KafkaClient
import SendEngine

/// The part of Kafka that reading the state topic needs, as functions so that a test can stand in for it. All may throw
/// what they like: they are called again.
package struct StateSource: Sendable {
    /// Returns where the log of each partition ends, with what transactions that are still open have written. A
    /// partition that the state topic does not have is left out.
    var logEnds: @Sendable ([Int32]) async throws -> [Int32: Int64]
    /// Reads on to where nothing more can be seen at the moment.
    var readOn: @Sendable ([Int32: StateContents]) async throws -> [Int32: StateContents]
    /// The group's committed offsets in the requests topic; a partition without one is left out.
    var committed: @Sendable ([Int32]) async throws -> [Int32: PartitionStart.CommittedOffset]
    /// Returns where the logs of the requests topic begin and end; a partition that there is not is left out.
    var requestLogs: @Sendable ([Int32]) async throws -> [Int32: Range<Int64>]
    /// The timestamp of the first record of a partition of the requests topic, which begins at that offset.
    var firstTimestamp: @Sendable (Int32, Int64) async throws -> Int64?
    /// Returns how many members another group has.
    var members: @Sendable (String) async throws -> Int
    /// Ends the open transactions that begin at these offsets, where a replica of the group left them; gives the
    /// transactional ids of those replicas.
    var endTransactions: @Sendable ([Int32: Int64]) async throws -> [String]
}

extension StateSource {
    /// After this time without any record, though the end has not come, reading is begun anew.
    private static let longestSilence = Duration.seconds(30)

    /// - Parameters:
    ///   - replicas: How the transactional ids of the group's replicas are made; only theirs are ever touched.
    ///   - committed: The group's offsets, as the brokers know them.
    ///   - logs: Where the logs of partitions begin and end.
    init(
        stateTopic: StateTopic,
        requestsTopic: String,
        configuration: KafkaConfiguration,
        replicas: ReplicaNames,
        committed: @escaping @Sendable ([TopicPartition]) async throws -> [TopicPartition: CommittedOffset],
        logs: @escaping @Sendable ([TopicPartition]) async throws -> [TopicPartition: Watermarks]
    ) {
        @Sendable func named(_ numbers: [Int32]) -> [TopicPartition] {
            numbers.map { TopicPartition(topic: requestsTopic, partition: $0) }
        }
        self.init(
            logEnds: { try await Self.logEnds(of: $0, in: stateTopic, configuration) },
            readOn: { try await Self.readOn($0, in: stateTopic, configuration) },
            committed: { numbers in
                let offsets = try await committed(named(numbers)).map { partition, committed in
                    let isOwn = StateTopic.isOwn(committed.metadata)
                    return (partition.partition, PartitionStart.CommittedOffset(committed.offset, isOwn: isOwn))
                }
                return Dictionary(uniqueKeysWithValues: offsets)
            },
            requestLogs: { numbers in
                let ends = try await logs(named(numbers)).map {
                    ($0.key.partition, $0.value.low..<max($0.value.low, $0.value.high))
                }
                return Dictionary(uniqueKeysWithValues: ends)
            },
            firstTimestamp: {
                try await Self.firstTimestamp(
                    of: TopicPartition(topic: requestsTopic, partition: $0),
                    at: $1,
                    configuration
                )
            },
            members: { try await Self.members(of: $0, configuration) },
            endTransactions: { begins in
                let abandoned = AbandonedTransactions(
                    topic: stateTopic,
                    configuration: configuration,
                    replicas: replicas
                )
                return try await abandoned.end(beginningAt: begins)
            }
        )
    }

    private static func logEnds(
        of numbers: [Int32],
        in topic: StateTopic,
        _ configuration: KafkaConfiguration
    ) async throws -> [Int32: Int64] {
        // A reader of committed records would be told where the oldest open transaction begins.
        let admin = try KafkaAdmin(configuration: configuration.seeingOpenTransactions)
        var ends: [Int32: Int64] = [:]
        do {
            for number in numbers {
                try Task.checkCancellation()
                ends[number] = try await end(of: topic.partition(number), admin)
            }
        } catch {
            await admin.close()
            throw error
        }
        await admin.close()
        return ends
    }

    private static func end(of partition: TopicPartition, _ admin: KafkaAdmin) async throws -> Int64? {
        do {
            return try await admin.watermarks(of: partition).high
        } catch let error as KafkaError where error.isUnknownPartition {
            return nil
        }
    }

    private static func readOn(
        _ partitions: [Int32: StateContents],
        in topic: StateTopic,
        _ configuration: KafkaConfiguration
    ) async throws -> [Int32: StateContents] {
        let reader = try RecordReader(
            configuration: configuration,
            starts: partitions.map { RecordReader.Start(topic.partition($0.key), from: $0.value.end) },
            mode: .toEnd
        )
        var contents = partitions
        do {
            while let records = try await next(of: reader) {
                for record in records { contents[record.partition]?.take(record) }
            }
            for (partition, end) in await reader.ends { contents[partition.partition]?.reach(end) }
        } catch {
            await reader.close()
            throw error
        }
        await reader.close()
        return contents
    }

    private static func firstTimestamp(
        of partition: TopicPartition,
        at offset: Int64,
        _ configuration: KafkaConfiguration
    ) async throws -> Int64? {
        let reader = try RecordReader(
            configuration: configuration.seeingOpenTransactions,
            starts: [RecordReader.Start(partition, from: offset)],
            mode: .toEnd,
            maximumBatch: 1
        )
        do {
            let first = try await next(of: reader)?.first
            await reader.close()
            return first?.timestamp
        } catch {
            await reader.close()
            throw error
        }
    }

    private static func members(of group: String, _ configuration: KafkaConfiguration) async throws -> Int {
        let admin = try KafkaAdmin(configuration: configuration)
        do {
            let description = try await admin.describeGroup(group)
            await admin.close()
            return description.members.count
        } catch {
            await admin.close()
            throw error
        }
    }

    package static func next(of reader: RecordReader) async throws -> [KafkaRecord]? {
        try await withThrowingTaskGroup(of: [KafkaRecord]?.self) { tasks in
            tasks.addTask { try await reader.next() }
            tasks.addTask {
                try await Task.sleep(for: longestSilence)
                throw Silence()
            }
            defer { tasks.cancelAll() }
            return try await tasks.next() ?? nil
        }
    }

    private struct Silence: Error, CustomStringConvertible {
        var description: String { "no record has come for \(StateSource.longestSilence)" }
    }
}

extension KafkaConfiguration {
    /// The same for a client that is also shown what transactions have written that are still open.
    var seeingOpenTransactions: KafkaConfiguration {
        var configuration = self
        configuration.properties.append((name: "isolation.level", value: "read_uncommitted"))
        return configuration
    }
}

/// The progress of one reading of partitions' state.
struct StateReading: Sendable {
    let partitions: [Int32]
    var contents: [Int32: StateContents]
    /// The offsets that reading has to come to.
    var logEnds: [Int32: Int64]
    var committed: [Int32: PartitionStart.CommittedOffset] = [:]
    /// The starts and ends of the requests topic's logs.
    var logs: [Int32: Range<Int64>] = [:]
    /// Which log stands there, of partitions whose log ends before what is known of it.
    var logAges: [Int32: PartitionStart.LogAge] = [:]
    /// The moment at which something was first found to be hidden.
    var hiddenSince: Duration?
    /// The moment at which it was last tried to end the transactions that hide something.
    var lastEnding: Duration?
    /// Whether ledgers that did not fit have been read a second time.
    var hasLookedAgain = false
    /// The counts of what was passed over, by cause.
    private(set) var ignored: [IgnoredState: Int] = [:]
    /// The notes on partitions that are to be logged.
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
        !PartitionStart.hasReadAll(upTo: contents[partition]?.end, of: logEnds[partition] ?? 0)
    }

    /// Partitions in which something stands behind a transaction that is still open.
    var hidden: [Int32] { contents.keys.filter(wantsMore).sorted() }

    /// The starts of the open transactions that hide something, by partition.
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

    /// Returns what counts of all that was read; without the partitions of which nobody can say where to begin.
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
