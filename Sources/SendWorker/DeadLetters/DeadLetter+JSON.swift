import InstagramMessaging
import KafkaClient

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
