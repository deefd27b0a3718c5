/// The body of the Graph call, cut out of a record.
enum GraphBody {
    /// The members of the record that belong to the envelope and never reach Graph.
    private static let envelopeOnly = [
        "request_id", "account_id", "last_inbound_at", "expires_at", "delivery", "context",
    ]

    /// Joins the Graph members of a record as they were written, byte for byte and in their order.
    static func spliced(from bytes: [UInt8], _ members: [JSONMember]) -> [UInt8] {
        var body: [UInt8] = []
        body.reserveCapacity(bytes.count)
        body.append(UInt8(ascii: "{"))
        for member in members where !envelopeOnly.contains(member.name) {
            if body.count > 1 { body.append(UInt8(ascii: ",")) }
            body.append(contentsOf: bytes[member.nameRange])
            body.append(UInt8(ascii: ":"))
            body.append(contentsOf: bytes[member.value.range])
        }
        body.append(UInt8(ascii: "}"))
        return body
    }
}
