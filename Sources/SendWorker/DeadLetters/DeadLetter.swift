package import InstagramMessaging
package import KafkaClient

/// A record of the dead-letter topic: a request as it came, and why it was not sent.
package struct DeadLetter: Sendable, Hashable {
    /// The record itself: the request's own key, value and headers, and where the dead letter stands.
    package var record: KafkaRecord
    package var status: SendResult.Status
    package var category: String?
    package var code: Int?
    package var subcode: Int?
    /// One sentence for a person, made safe to print.
    package var message: String?
    /// Calls made for it.
    package var attempts: Int
    /// How often it had been redriven before it ended here.
    package var redrives: Int
    /// When the request ended; the record's own time where the header is missing.
    package var time: Timestamp
    /// Where the request stood on its topic; nil where the headers do not say.
    package var source: SendResult.Source?
    /// The size of the request where it was too large to be kept, in bytes.
    package var omittedBytes: Int?
    /// Nil where the request holds none that can be used.
    package var requestID: String?
    /// Nil where the request holds none that can be used.
    package var accountID: String?

    /// Reads a record of the dead-letter topic; nil where the headers do not make it one.
    package init?(_ record: KafkaRecord) {
        let headers = Headers(record.headers)
        guard let status = headers["dlq-status"].flatMap(SendResult.Status.init(rawValue:)) else { return nil }
        self.record = record
        self.status = status
        category = headers["dlq-category"].map { SafeText.cleaned($0, limit: 40) }
        code = headers["dlq-code"].flatMap { Int($0) }
        subcode = headers["dlq-subcode"].flatMap { Int($0) }
        message = headers["dlq-message"].map { SafeText.cleaned($0, limit: 400) }
        attempts = headers["dlq-attempts"].flatMap { Int($0) } ?? 0
        redrives = DeadLetterHeaders.redrives(headers["dlq-redrives"].map { Array($0.utf8) })
        time =
            headers["dlq-time"].flatMap { Timestamp(rfc3339: $0) }
            ?? Timestamp(millisecondsSinceEpoch: max(record.timestamp, 0))
        source = Self.source(headers)
        omittedBytes = headers[DeadLetterHeaders.omittedBytes].flatMap { Int($0) }
        let salvaged = EnvelopeIDs(of: record.value)
        requestID = salvaged.requestID
        accountID = salvaged.accountID ?? Self.accountID(key: record.key)
    }

    /// Where it stands on the dead-letter topic, as in `instagram.send.dead-letters/3@17`.
    package var position: String { "\(record.topic)/\(record.partition)@\(record.offset)" }

    private static func source(_ headers: Headers) -> SendResult.Source? {
        guard let topic = headers["dlq-source-topic"], let partition = headers["dlq-source-partition"],
            let offset = headers["dlq-source-offset"], let number = Int32(partition), let place = Int64(offset)
        else { return nil }
        return SendResult.Source(topic: SafeText.cleaned(topic, limit: 249), partition: number, offset: place)
    }

    /// Requests are keyed by their account, which helps where the value is missing or broken.
    private static func accountID(key: [UInt8]?) -> String? {
        guard let key, (1...32).contains(key.count), key.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return String(decoding: key, as: UTF8.self)
    }

    /// Headers by name; of a name that repeats, the last counts, since the worker writes its own behind the request's.
    private struct Headers {
        private var values: [String: String] = [:]

        init(_ headers: [KafkaHeader]) {
            for header in headers where header.name.utf8.starts(with: "dlq-".utf8) {
                values[header.name] = header.value.map { String(decoding: $0, as: UTF8.self) }
            }
        }

        subscript(name: String) -> String? { values[name] }
    }
}
