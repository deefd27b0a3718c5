import InstagramMessaging
package import KafkaClient

/// A record that is no larger than its topic takes.
package struct FittedRecord: Sendable, Hashable {
    package var record: ProducerRecord
    /// Whether something was left out of it.
    package var isSubstitute = false
}

extension TerminalRecords {
    /// The record for the results topic.
    ///
    /// What does not fit leaves out `context`, then `violations`, then the end of `error.message`; and only where that is
    /// not enough, what else is not bounded by itself.
    ///
    /// - Parameter limit: The most bytes that a batch of the topic may have, at least `BatchLimits.least`.
    package func result(_ ending: Delivery.Ending, within limit: Int) -> FittedRecord {
        let whole = resultRecord(for: ending.result, of: ending.held)
        guard whole.batchSize > limit else { return FittedRecord(record: whole) }
        var fitting = ResultFitting(result: ending.result, record: whole, limit: limit)
        fitting.fit()
        return FittedRecord(record: fitting.record, isSubstitute: true)
    }

    /// The record for the dead-letter topic.
    ///
    /// What does not fit leaves out the request's own headers, then the end of the value, then the end of the key.
    ///
    /// - Parameter limit: The most bytes that a batch of the topic may have, at least `BatchLimits.least`.
    package func deadLetter(_ ending: Delivery.Ending, within limit: Int) -> FittedRecord {
        let whole = deadLetterRecord(for: ending.result, of: ending.held)
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
