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
