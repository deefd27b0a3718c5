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
        writer.member("received_at", receivedAt.rfc3339)
        writer.member("completed_at", completedAt.rfc3339)
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
