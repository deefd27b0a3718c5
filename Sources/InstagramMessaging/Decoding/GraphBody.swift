/// The body of the Graph call, cut out of a record.
enum GraphBody {
    /// The members of the record that belong to the envelope and never reach Graph.
    private static let envelopeOnly = [
        "request_id", "account_id", "last_inbound_at", "window_expires_at", "expires_at", "sender", "comment",
        "delivery",
        "context",
    ]

    /// Joins the Graph members of a record as they were written, byte for byte and in their order. Members that are null
    /// count as absent and are left out, at every level.
    static func spliced(from bytes: [UInt8], _ members: [JSONMember]) -> [UInt8] {
        var body: [UInt8] = []
        body.reserveCapacity(bytes.count)
        append(members.filter { !$0.isNamed(oneOf: envelopeOnly) }, from: bytes, to: &body)
        return body
    }

    private static func append(_ members: [JSONMember], from bytes: [UInt8], to body: inout [UInt8]) {
        body.append(UInt8(ascii: "{"))
        var isFirst = true
        for member in members where !member.value.isNull {
            if !isFirst { body.append(UInt8(ascii: ",")) }
            isFirst = false
            body.append(contentsOf: bytes[member.nameRange])
            body.append(UInt8(ascii: ":"))
            append(member.value, from: bytes, to: &body)
        }
        body.append(UInt8(ascii: "}"))
    }

    private static func append(_ value: JSONValue, from bytes: [UInt8], to body: inout [UInt8]) {
        switch value.content {
        case .object(let members) where value.holdsNullMember: append(members, from: bytes, to: &body)
        case .array(let elements) where value.holdsNullMember:
            body.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { body.append(UInt8(ascii: ",")) }
                append(element, from: bytes, to: &body)
            }
            body.append(UInt8(ascii: "]"))
        default: body.append(contentsOf: bytes[value.range])
        }
    }
}

extension JSONValue {
    /// True where an object in it, or it itself, has a member that is null.
    fileprivate var holdsNullMember: Bool {
        switch content {
        case .object(let members): members.contains { $0.value.isNull || $0.value.holdsNullMember }
        case .array(let elements): elements.contains(where: \.holdsNullMember)
        default: false
        }
    }
}
