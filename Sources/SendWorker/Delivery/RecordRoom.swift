import InstagramMessaging
import KafkaClient

/// A record on its way out.
struct OutgoingRecord: Sendable {
    /// Where the record of a request stands on the requests topic.
    struct Source: Hashable, Sendable {
        var partition: Int32
        var offset: Int64

        init(_ record: KafkaRecord) {
            partition = record.partition
            offset = record.offset
        }
    }

    var record: ProducerRecord
    /// The request whose end it tells; nil for state.
    var source: Source?
    /// Whether something was left out of it.
    var isSubstitute = false
}

/// How large records may be: as their topics allow, and smaller where one did not get through in time.
struct RecordRoom: Sendable {
    /// Up to this size a dead letter has all the time it needs: a request of the largest size, and headers.
    static let patientSize = TopicFacts.largestRecord

    var limits: BatchLimits
    /// Dead letters that were too much for the time that a transaction has.
    private var squeezed: [OutgoingRecord.Source: Int] = [:]

    init(limits: BatchLimits) {
        self.limits = limits
    }

    /// The results and dead letters of a delivery.
    func outgoing(_ endings: [Delivery.Ending], _ records: TerminalRecords) -> [OutgoingRecord] {
        var outgoing: [OutgoingRecord] = []
        outgoing.reserveCapacity(endings.count)
        for ending in endings {
            let source = OutgoingRecord.Source(ending.held.record)
            func append(_ fitted: FittedRecord) {
                outgoing.append(
                    OutgoingRecord(record: fitted.record, source: source, isSubstitute: fitted.isSubstitute)
                )
            }
            if ending.result.status != .sent {
                let limit = min(limits[records.deadLettersTopic], squeezed[source] ?? .max)
                append(records.deadLetter(ending, within: limit))
            }
            append(records.result(ending, within: limits[records.resultsTopic]))
        }
        return outgoing
    }

    /// A record did not get through in time though nothing else was under way: it is tried with half of its size, unless
    /// it is small enough to wait for.
    mutating func squeeze(_ outgoing: OutgoingRecord) {
        let size = outgoing.record.batchSize
        guard let source = outgoing.source, size > Self.patientSize else { return }
        squeezed[source] = max(size / 2, Self.patientSize)
    }

    /// The endings are durable.
    mutating func forget(_ endings: [Delivery.Ending]) {
        guard !squeezed.isEmpty else { return }
        for ending in endings { squeezed[OutgoingRecord.Source(ending.held.record)] = nil }
    }
}
