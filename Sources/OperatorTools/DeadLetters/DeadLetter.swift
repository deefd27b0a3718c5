package import InstagramMessaging
package import KafkaClient
import SendWorker

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
    /// The number of times that it had been redriven before it ended here.
    package var redrives: Int
    /// The moment at which the request ended; the record's own time where the header is missing.
    package var time: Timestamp
    /// The place of the request on its topic; nil where the headers do not say.
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

    /// The place on the dead-letter topic, as in `instagram.send.dead-letters/3@17`.
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

/// The ids that a record tells whether or not it keeps the rules.
private struct EnvelopeIDs {
    var requestID: String?
    var accountID: String?

    /// Any moment will do: ids do not depend on deadlines.
    private static let moment = Timestamp(millisecondsSinceEpoch: 0)

    init(of value: [UInt8]?) {
        switch RequestDecoder().decode(value, now: Self.moment) {
        case .accepted(let accepted):
            requestID = accepted.request.requestID
            accountID = accepted.request.accountID
        case .rejected(let rejected):
            requestID = rejected.requestID
            accountID = rejected.accountID
        }
    }
}

extension DeadLetter {
    /// The dead letter as one line of JSON, the request included where it is JSON.
    ///
    /// Members of the request whose names say that they hold a token or another secret are hidden, wherever they stand:
    /// a backend may have sent one by mistake.
    package var json: String {
        var writer = JSONWriter(reservingCapacity: 512 + (record.value?.count ?? 0))
        writer.beginObject()
        writer.member("time", time.rfc3339)
        writer.member("status", status.rawValue)
        writer.member("category", orNull: category)
        if let code { writer.member("code", code) }
        if let subcode { writer.member("subcode", subcode) }
        writer.member("message", orNull: message)
        writer.member("attempts", attempts)
        writer.member("redrives", redrives)
        writer.member("request_id", orNull: requestID)
        writer.member("account_id", orNull: accountID)
        write(SendResult.Source(topic: record.topic, partition: record.partition, offset: record.offset), to: &writer)
        writeOriginal(to: &writer)
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private func write(_ position: SendResult.Source, to writer: inout JSONWriter) {
        writer.name("dead_letter")
        position.write(place: &writer)
        guard let source else { return }
        writer.name("source")
        source.write(place: &writer)
    }

    private func writeOriginal(to writer: inout JSONWriter) {
        writer.member("request_bytes", omittedBytes ?? record.value?.count ?? 0)
        if omittedBytes != nil { writer.member("request_omitted", true) }
        writer.name("request")
        if let value = record.value, let document = try? JSONReader.read(value) {
            document.writeWithoutSecrets(to: &writer)
        } else {
            writer.null()
        }
    }
}

extension SendResult.Source {
    fileprivate func write(place writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("topic", topic)
        writer.member("partition", partition)
        writer.member("offset", offset)
        writer.endObject()
    }
}

extension JSONValue {
    /// Writes the value on one line; what is named like a secret is hidden.
    fileprivate func writeWithoutSecrets(to writer: inout JSONWriter) {
        switch content {
        case .null: writer.null()
        case .bool(let value): writer.bool(value)
        case .number(let text): writer.raw(text.utf8)
        case .string(let text): writer.string(text)
        case .array(let elements):
            writer.beginArray()
            for element in elements { element.writeWithoutSecrets(to: &writer) }
            writer.endArray()
        case .object(let members):
            writer.beginObject()
            for member in members {
                writer.name(member.name)
                if Self.namesSecret(member.name) {
                    writer.string("<hidden>")
                } else {
                    member.value.writeWithoutSecrets(to: &writer)
                }
            }
            writer.endObject()
        }
    }

    private static func namesSecret(_ name: String) -> Bool {
        let lowercased = name.lowercased()
        return ["token", "secret", "password", "authorization", "proof"].contains { lowercased.contains($0) }
    }
}

/// The number of dead letters of each cause: status, category and code.
package struct DeadLetterCounts: Sendable, Hashable {
    /// The reason why requests ended.
    package struct Cause: Sendable, Hashable {
        package var status: String
        package var category: String?
        package var code: Int?
    }

    package private(set) var total = 0
    private var counts: [Cause: Int] = [:]

    package init() {}

    package mutating func add(_ letter: DeadLetter) {
        total += 1
        let cause = Cause(status: letter.status.rawValue, category: letter.category, code: letter.code)
        counts[cause, default: 0] += 1
    }

    /// The causes with their counts, the most frequent first.
    package var rows: [(cause: Cause, count: Int)] {
        counts.map { (cause: $0.key, count: $0.value) }.sorted { left, right in
            left.count == right.count ? Self.key(left.cause) < Self.key(right.cause) : left.count > right.count
        }
    }

    /// One JSON object: `total` and `causes`.
    package var json: String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("total", total)
        writer.name("causes")
        writer.beginArray()
        for (cause, count) in rows {
            writer.beginObject()
            writer.member("status", cause.status)
            writer.member("category", orNull: cause.category)
            writer.name("code")
            if let code = cause.code { writer.integer(code) } else { writer.null() }
            writer.member("count", count)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private static func key(_ cause: Cause) -> String {
        "\(cause.status) \(cause.category ?? "") \(cause.code ?? 0)"
    }
}
