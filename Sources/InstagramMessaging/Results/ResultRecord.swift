extension SendResult {
    /// The result as a record of the results topic: a UTF-8 JSON object.
    ///
    /// `request_id`, `account_id` and `recipient_id` are always there, `null` where they are not known; `message_id`,
    /// `error`, `context` and `omitted` are left out where there is none. `context` is copied byte for byte, so it has to
    /// be one JSON value.
    public func encodedRecord() -> [UInt8] {
        var writer = JSONWriter(reservingCapacity: 512 + (context?.count ?? 0))
        writer.beginObject()
        writer.member("request_id", orNull: requestID)
        writer.member("account_id", orNull: accountID)
        writer.member("recipient_id", orNull: recipientID)
        writer.member("status", status.rawValue)
        writer.member("message_id", ifPresent: messageID)
        writer.member("attempts", attempts)
        writer.member("possible_duplicate", possibleDuplicate)
        if let error {
            writer.name("error")
            error.write(to: &writer)
        }
        writer.name("received_at")
        writer.timestamp(receivedAt)
        writer.name("completed_at")
        writer.timestamp(completedAt)
        writer.name("source")
        source.write(to: &writer)
        if let context { writer.member("context", raw: context) }
        if !omitted.isEmpty { writer.member("omitted", omitted) }
        writer.endObject()
        return writer.bytes
    }
}

extension JSONWriter {
    fileprivate mutating func member(_ name: String, _ values: [String]) {
        self.name(name)
        beginArray()
        for value in values { string(value) }
        endArray()
    }
}

extension SendError {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("category", category.rawValue)
        writer.member("message", message)
        if let httpStatus { writer.member("http_status", httpStatus) }
        if let code { writer.member("code", code) }
        if let subcode { writer.member("subcode", subcode) }
        writer.member("fbtrace_id", ifPresent: traceID)
        if !violations.isEmpty {
            writer.name("violations")
            writer.beginArray()
            for violation in violations { violation.write(to: &writer) }
            writer.endArray()
        }
        writer.endObject()
    }
}

extension Violation {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("field", field)
        writer.member("rule", rule)
        writer.member("message", message)
        writer.endObject()
    }
}

extension SendResult.Source {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("topic", topic)
        writer.member("partition", partition)
        writer.member("offset", offset)
        writer.endObject()
    }
}

extension SendResult {
    /// Reads a record of the results topic.
    ///
    /// Members that are not known are skipped, so that older readers understand newer workers.
    ///
    /// - Parameter record: The record's value.
    /// - Throws: ``ResultFormatError`` where the bytes are not JSON, a required member is missing or of another type, or
    ///   `error` does not go with `status`.
    public init(decoding record: [UInt8]) throws(ResultFormatError) {
        let document: JSONValue
        do {
            document = try JSONReader.read(record)
        } catch {
            throw ResultFormatError(field: "", problem: error.description)
        }
        let fields = try ResultFields(document, at: "")
        guard let source = try fields.fields("source") else { throw fields.failure("source", "is missing") }
        self.init(
            requestID: try fields.optionalString("request_id"),
            accountID: try fields.optionalString("account_id"),
            recipientID: try fields.optionalString("recipient_id"),
            status: try fields.word("status"),
            messageID: try fields.optionalString("message_id"),
            attempts: try fields.integer("attempts"),
            possibleDuplicate: try fields.bool("possible_duplicate"),
            error: try fields.fields("error").map(SendError.init(fields:)),
            receivedAt: try fields.timestamp("received_at"),
            completedAt: try fields.timestamp("completed_at"),
            source: try Source(fields: source),
            context: try Self.context(fields, record),
            omitted: try fields.strings("omitted")
        )
        guard attempts >= 0 else { throw fields.failure("attempts", "is negative") }
        if status == .sent, error != nil { throw fields.failure("error", "stands beside the status sent") }
        if status != .sent, error == nil {
            throw fields.failure("error", "is missing; only the status sent has none")
        }
    }

    private static func context(_ fields: ResultFields, _ record: [UInt8]) throws(ResultFormatError) -> [UInt8]? {
        guard let context = fields.value("context") else { return nil }
        guard context.members != nil else {
            throw fields.failure("context", "is \(context.typeName); it has to be an object")
        }
        return Array(record[context.range])
    }
}

extension SendResult.Source {
    fileprivate init(fields: ResultFields) throws(ResultFormatError) {
        self.init(
            topic: try fields.string("topic"),
            partition: try fields.integer("partition"),
            offset: try fields.integer("offset")
        )
    }
}

extension SendError {
    fileprivate init(fields: ResultFields) throws(ResultFormatError) {
        self.init(
            category: try fields.word("category"),
            message: try fields.string("message"),
            httpStatus: try fields.optionalInteger("http_status"),
            code: try fields.optionalInteger("code"),
            subcode: try fields.optionalInteger("subcode"),
            traceID: try fields.optionalString("fbtrace_id")
        )
        for violation in try fields.elements("violations") {
            violations.append(
                Violation(
                    field: try violation.string("field"),
                    rule: try violation.string("rule"),
                    message: try violation.string("message")
                )
            )
        }
    }
}

/// The members of a JSON object of a result, taken by name and type; every failure names its place.
private struct ResultFields {
    private let object: JSONValue
    private let pointer: String

    init(_ value: JSONValue, at pointer: String) throws(ResultFormatError) {
        guard value.members != nil else {
            throw ResultFormatError(field: pointer, problem: "is \(value.typeName); it has to be an object")
        }
        object = value
        self.pointer = pointer
    }

    func failure(_ name: String, _ problem: String) -> ResultFormatError {
        ResultFormatError(field: "\(pointer)/\(name)", problem: problem)
    }

    /// A member; nil where it is missing or `null`.
    func value(_ name: String) -> JSONValue? {
        guard let value = object[name], !value.isNull else { return nil }
        return value
    }

    func fields(_ name: String) throws(ResultFormatError) -> ResultFields? {
        guard let value = value(name) else { return nil }
        return try ResultFields(value, at: "\(pointer)/\(name)")
    }

    func elements(_ name: String) throws(ResultFormatError) -> [ResultFields] {
        guard let value = value(name) else { return [] }
        guard let elements = value.array else { throw failure(name, "is \(value.typeName); it has to be an array") }
        var fields: [ResultFields] = []
        for (index, element) in elements.enumerated() {
            fields.append(try ResultFields(element, at: "\(pointer)/\(name)/\(index)"))
        }
        return fields
    }

    func strings(_ name: String) throws(ResultFormatError) -> [String] {
        guard let value = value(name) else { return [] }
        guard let elements = value.array else { throw failure(name, "is \(value.typeName); it has to be an array") }
        var strings: [String] = []
        for element in elements {
            guard let text = element.string else { throw failure(name, "holds something else than strings") }
            strings.append(text)
        }
        return strings
    }

    func optionalString(_ name: String) throws(ResultFormatError) -> String? {
        guard let value = value(name) else { return nil }
        guard let text = value.string else { throw failure(name, "is \(value.typeName); it has to be a string") }
        return text
    }

    func string(_ name: String) throws(ResultFormatError) -> String {
        guard let text = try optionalString(name) else { throw failure(name, "is missing") }
        return text
    }

    func optionalInteger<Number: FixedWidthInteger>(
        _ name: String,
        as type: Number.Type = Number.self
    ) throws(ResultFormatError) -> Number? {
        guard let value = value(name) else { return nil }
        guard let number = value.integer.flatMap(Number.init(exactly:)) else {
            throw failure(name, "has to be an integer from \(Number.min) to \(Number.max)")
        }
        return number
    }

    func integer<Number: FixedWidthInteger>(
        _ name: String,
        as type: Number.Type = Number.self
    ) throws(ResultFormatError) -> Number {
        guard let number = try optionalInteger(name, as: type) else { throw failure(name, "is missing") }
        return number
    }

    func bool(_ name: String) throws(ResultFormatError) -> Bool {
        guard let value = value(name) else { throw failure(name, "is missing") }
        guard let bool = value.bool else { throw failure(name, "is \(value.typeName); it has to be true or false") }
        return bool
    }

    func timestamp(_ name: String) throws(ResultFormatError) -> Timestamp {
        guard let timestamp = Timestamp(rfc3339: try string(name)) else {
            throw failure(name, "is not an RFC 3339 date-time such as 2025-06-30T12:05:09.250Z")
        }
        return timestamp
    }

    func word<Word: RawRepresentable<String> & CaseIterable>(_ name: String) throws(ResultFormatError) -> Word {
        guard let word = Word(rawValue: try string(name)) else {
            let known = Word.allCases.map(\.rawValue).joined(separator: ", ")
            throw failure(name, "is none of \(known)")
        }
        return word
    }
}

/// The reason for which bytes are not a result.
public struct ResultFormatError: Error, Sendable, Hashable {
    /// The place: a JSON Pointer (RFC 6901) into the record; empty for the whole record.
    public var field: String
    /// The thing that stands there instead of the expected one.
    public var problem: String

    /// Creates an error.
    public init(field: String, problem: String) {
        self.field = field
        self.problem = problem
    }
}

extension ResultFormatError: CustomStringConvertible {
    /// One sentence with the place and the problem.
    public var description: String {
        field.isEmpty ? "the record is not a result: \(problem)" : "the record is not a result: \(field) \(problem)"
    }
}
