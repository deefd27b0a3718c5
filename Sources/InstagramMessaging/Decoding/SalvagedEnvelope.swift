/// What a record tells about itself whether or not it keeps the rules, so that its result can be matched to it.
struct SalvagedEnvelope {
    var requestID: String?
    var accountID: String?
    var recipientID: String?
    var context: [UInt8]?

    /// Takes what is usable from the members that could be read.
    init(_ members: [JSONMember], of bytes: [UInt8]) {
        for member in members {
            switch (member.name, member.value.content) {
            case ("request_id", .string(let id)) where EnvelopeForms.isRequestID(id): requestID = id
            case ("account_id", .string(let id)) where EnvelopeForms.isAccountID(id): accountID = id
            case ("recipient", .object(let recipient)):
                let ids = recipient.filter { ["id", "comment_id"].contains($0.name) && $0.value.content != .null }
                if ids.count == 1, ids[0].name == "id", let id = ids[0].value.string, EnvelopeForms.isGraphID(id) {
                    recipientID = id
                }
            case ("context", .object) where member.value.range.count <= MessageLimits.contextBytes:
                context = Array(bytes[member.value.range])
            default: break
            }
        }
    }
}
