import InstagramMessaging

/// The ids that a record tells whether or not it keeps the rules.
struct EnvelopeIDs {
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
