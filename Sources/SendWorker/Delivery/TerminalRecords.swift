package import InstagramMessaging
package import KafkaClient
package import SendEngine
import Telemetry

/// Makes the records that tell the world how a request ended.
package struct TerminalRecords: Sendable {
    let resultsTopic: String
    let deadLettersTopic: String

    package init(resultsTopic: String, deadLettersTopic: String) {
        self.resultsTopic = resultsTopic
        self.deadLettersTopic = deadLettersTopic
    }

    /// The result as other programs will see it.
    package func result(for pending: PendingRequest, ended end: RequestEnd) -> SendResult {
        SendResult(
            requestID: pending.requestID,
            accountID: pending.accountID,
            recipientID: end.recipientID ?? pending.recipientID,
            status: end.status,
            messageID: end.messageID,
            attempts: end.attempts,
            possibleDuplicate: end.possibleDuplicate,
            error: end.error,
            receivedAt: Timestamp(millisecondsSinceEpoch: max(pending.record.timestamp, 0)),
            completedAt: end.completedAt,
            source: SendResult.Source(
                topic: pending.record.topic,
                partition: pending.record.partition,
                offset: pending.record.offset
            ),
            context: pending.context
        )
    }

    /// Of a request's own key no more becomes a result's.
    private static let longestKey = 1_024

    /// The record for the results topic, keyed by account, or as the request was where it named no account.
    package func resultRecord(for result: SendResult, of pending: PendingRequest) -> ProducerRecord {
        ProducerRecord(
            topic: resultsTopic,
            key: result.accountID.map { Array($0.utf8) }
                ?? pending.record.key.map { Array($0.prefix(Self.longestKey)) },
            value: result.encodedRecord(),
            headers: TraceHeaders.selected(from: pending.record.headers)
        )
    }

    /// The record for the dead-letter topic: the request's own bytes, key and headers, and why it was not sent.
    package func deadLetterRecord(for result: SendResult, of pending: PendingRequest) -> ProducerRecord {
        ProducerRecord(
            topic: deadLettersTopic,
            key: pending.record.key,
            value: pending.record.value,
            headers: deadLetterHeaders(for: result, of: pending)
        )
    }

    private func deadLetterHeaders(for result: SendResult, of pending: PendingRequest) -> [KafkaHeader] {
        let redrives = DeadLetterHeaders.redrives(pending.record.headers.last { $0.name == "dlq-redrives" }?.value)
        let kept = pending.record.headers.filter { !DeadLetterHeaders.contains($0.name) }
        let added = DeadLetterHeaders.headers(for: result, redrives: redrives)
        return kept + added.map { KafkaHeader(name: $0.name, value: $0.value) }
    }
}

/// A record that is no larger than its topic takes.
package struct FittedRecord: Sendable, Hashable {
    package var record: ProducerRecord
    /// Whether something was left out of it.
    package var isSubstitute = false
}

extension TerminalRecords {
    /// The record for the results topic.
    ///
    /// A result that does not fit leaves out `context`, then `violations`, then the end of `error.message`; and only
    /// where that is not enough, what else is not bounded by itself.
    ///
    /// - Parameter limit: The most bytes that a batch of the topic may have, at least `BatchLimits.least`.
    package func result(_ entry: Delivery.Entry, within limit: Int) -> FittedRecord {
        let whole = resultRecord(for: entry.result, of: entry.pending)
        guard whole.batchSize > limit else { return FittedRecord(record: whole) }
        var fitting = ResultFitting(result: entry.result, record: whole, limit: limit)
        fitting.fit()
        return FittedRecord(record: fitting.record, isSubstitute: true)
    }

    /// The record for the dead-letter topic.
    ///
    /// A dead letter that does not fit leaves out the request's own headers, then the end of the value, then the end of
    /// the key.
    ///
    /// - Parameter limit: The most bytes that a batch of the topic may have, at least `BatchLimits.least`.
    package func deadLetter(_ entry: Delivery.Entry, within limit: Int) -> FittedRecord {
        let whole = deadLetterRecord(for: entry.result, of: entry.pending)
        guard whole.batchSize > limit else { return FittedRecord(record: whole) }
        var fitting = DeadLetterFitting(
            record: whole,
            own: whole.headers.filter { !DeadLetterHeaders.contains($0.name) },
            limit: limit
        )
        fitting.fit()
        return FittedRecord(record: fitting.record, isSubstitute: true)
    }
}

/// Makes a result smaller until it fits.
private struct ResultFitting {
    var result: SendResult
    var record: ProducerRecord
    let limit: Int

    private var isTooLarge: Bool { record.batchSize > limit }

    mutating func fit() {
        leaveOut("context", if: result.context != nil) { $0.context = nil }
        leaveOut("violations", if: result.error?.violations.isEmpty == false) { $0.error?.violations = [] }
        guard isTooLarge else { return }
        let message = result.error?.message ?? ""
        leaveOut("error.message", if: !message.isEmpty) { $0.error?.message = "" }
        if isTooLarge { record.headers = [] }
        if isTooLarge, result.accountID == nil {
            record.key = record.key.map { Array($0.prefix(max($0.count - (record.batchSize - limit), 0))) }
        }
        leaveOut("error.fbtrace_id", if: result.error?.traceID != nil) { $0.error?.traceID = nil }
        leaveOut("message_id", if: result.messageID != nil) { $0.messageID = nil }
        leaveOut("recipient_id", if: result.recipientID != nil) { $0.recipientID = nil }
        keepBeginning(of: message)
    }

    private mutating func leaveOut(_ name: String, if isThere: Bool, _ change: (inout SendResult) -> Void) {
        guard isTooLarge, isThere else { return }
        change(&result)
        result.omitted.append(name)
        record.value = result.encodedRecord()
    }

    /// Puts as much of the message back as there is room for.
    private mutating func keepBeginning(of message: String) {
        guard result.error != nil, !isTooLarge else { return }
        let scalars = Array(message.unicodeScalars)
        var (fits, tooMany) = (0, scalars.count + 1)
        while tooMany - fits > 1 {
            let middle = (fits + tooMany) / 2
            put(scalars.prefix(middle))
            if isTooLarge { tooMany = middle } else { fits = middle }
        }
        put(scalars.prefix(fits))
        // There may be room for all of it since something else was left out.
        guard fits == scalars.count, let index = result.omitted.firstIndex(of: "error.message") else { return }
        result.omitted.remove(at: index)
        record.value = result.encodedRecord()
    }

    private mutating func put(_ scalars: ArraySlice<Unicode.Scalar>) {
        result.error?.message = String(String.UnicodeScalarView(scalars))
        record.value = result.encodedRecord()
    }
}

/// Makes a dead letter smaller until it fits.
private struct DeadLetterFitting {
    var record: ProducerRecord
    /// The request's own headers.
    let own: [KafkaHeader]
    let limit: Int
    private var missing = 0

    init(record: ProducerRecord, own: [KafkaHeader], limit: Int) {
        self.record = record
        self.own = own
        // Room for the number that says how many bytes are missing.
        self.limit = limit - 20
    }

    private var excess: Int { max(record.batchSize - limit, 0) }

    mutating func fit() {
        let trace = TraceHeaders.selected(from: own)
        let added = record.headers.dropFirst(own.count)
        missing += bytes(of: own) - bytes(of: trace)
        record.headers = trace + added + [omission]
        record.value = cut(record.value)
        record.key = cut(record.key)
        if excess > 0 {
            missing += bytes(of: trace)
            record.headers.removeFirst(trace.count)
        }
        cutMessage()
        record.headers[record.headers.count - 1] = omission
    }

    private var omission: KafkaHeader {
        KafkaHeader(name: DeadLetterHeaders.omittedBytes, value: Array(String(missing).utf8))
    }

    private func bytes(of headers: [KafkaHeader]) -> Int {
        headers.reduce(0) { $0 + $1.name.utf8.count + ($1.value?.count ?? 0) }
    }

    /// Leaves the end out, as much as is too much.
    private mutating func cut(_ bytes: [UInt8]?) -> [UInt8]? {
        guard let bytes, excess > 0 else { return bytes }
        let kept = max(bytes.count - excess, 0)
        missing += bytes.count - kept
        return kept == 0 ? nil : Array(bytes.prefix(kept))
    }

    private mutating func cutMessage() {
        guard excess > 0, let index = record.headers.firstIndex(where: { $0.name == "dlq-message" }) else { return }
        let text = record.headers[index].value ?? []
        var kept = max(text.count - excess, 0)
        // Not in the middle of a character.
        while kept > 0, kept < text.count, text[kept] & 0xC0 == 0x80 { kept -= 1 }
        record.headers[index].value = Array(text.prefix(kept))
    }
}

/// A record on its way out.
struct OutgoingRecord: Sendable {
    /// The place of a request's record on the requests topic.
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

/// The largest size that records may have: as their topics allow, and smaller where one did not get through in time.
struct RecordRoom: Sendable {
    /// Up to this size a dead letter has all the time it needs: a request of the largest size, and headers.
    static let patientSize = TopicDemands.largestRecord

    var limits: BatchLimits
    /// Dead letters that were too much for the time that a transaction has.
    private var squeezed: [OutgoingRecord.Source: Int] = [:]

    init(limits: BatchLimits) {
        self.limits = limits
    }

    /// The results and dead letters of a delivery.
    func outgoing(_ entries: [Delivery.Entry], _ records: TerminalRecords) -> [OutgoingRecord] {
        var outgoing: [OutgoingRecord] = []
        outgoing.reserveCapacity(entries.count)
        for entry in entries {
            let source = OutgoingRecord.Source(entry.pending.record)
            func append(_ fitted: FittedRecord) {
                outgoing.append(
                    OutgoingRecord(record: fitted.record, source: source, isSubstitute: fitted.isSubstitute)
                )
            }
            if entry.result.status != .sent {
                let limit = min(limits[records.deadLettersTopic], squeezed[source] ?? .max)
                append(records.deadLetter(entry, within: limit))
            }
            append(records.result(entry, within: limits[records.resultsTopic]))
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

    /// The entries are durable.
    mutating func forget(_ entries: [Delivery.Entry]) {
        guard !squeezed.isEmpty else { return }
        for entry in entries { squeezed[OutgoingRecord.Source(entry.pending.record)] = nil }
    }
}

/// Counts and logs the records that were written smaller than they are, once they are durable.
struct Substitutes: Sendable {
    /// Told the topic of each.
    let count: @Sendable (String) -> Void
    let logger: Logger
    let repetitions: RepetitionLimiter

    func report(_ outgoing: [OutgoingRecord]) {
        for written in outgoing where written.isSubstitute {
            count(written.record.topic)
            repetitions.log(
                """
                a record is larger than its topic takes: it was written without what did not fit, and says so; raise the \
                topic's max.message.bytes if that is not meant
                """,
                key: "substitute \(written.record.topic)",
                level: .error,
                to: logger,
                metadata: [
                    "topic": "\(written.record.topic)",
                    "source_partition": "\(written.source?.partition ?? -1)",
                    "source_offset": "\(written.source?.offset ?? -1)",
                    "bytes": "\(written.record.batchSize)",
                ]
            )
        }
    }
}

/// The W3C trace context headers, which travel from a request to its call, its result and its dead letter.
package enum TraceHeaders {
    package static let names = [TraceContext.parentHeader, TraceContext.stateHeader]
    /// The most that a `traceparent` of a later version may have behind the fields of the first; one that is longer is
    /// dropped.
    private static let longestParent = 128

    /// The trace context that the headers carry, at most one of each, bounded as W3C bounds it: what is not a
    /// `traceparent` is left out, and its `tracestate` with it; of a `tracestate` over 512 characters whole members are.
    package static func selected(from headers: [KafkaHeader]) -> [KafkaHeader] {
        guard let parent = headers.first(where: { $0.name == TraceContext.parentHeader }),
            let value = parent.value, value.count <= longestParent, let context = TraceContext(headers)
        else { return [] }
        guard let state = context.state else { return [parent] }
        return [parent, KafkaHeader(name: TraceContext.stateHeader, value: Array(state.text.utf8))]
    }

    /// The trace context as HTTP headers.
    package static func httpFields(from headers: [KafkaHeader]) -> [(String, String)] {
        selected(from: headers).map { ($0.name, String(decoding: $0.value ?? [], as: UTF8.self)) }
    }
}
