internal import InstagramMessaging

/// One call as the model Graph, and its caller, saw it.
struct GraphCall {
    var number: Int
    var request: ModelRequest
    /// The incarnation of the replica that made it.
    var caller: String
    /// The assignment of the partition that it was made for, within that incarnation.
    var epoch: UInt64
    var startedAt: Int64
    /// The moment at which it reached Graph; nil where it never did.
    var arrivedAt: Int64?
    var isDelivered = false
    /// The moment at which its caller was told how it ended; nil where the caller never was.
    var toldAt: Int64?
    var toldClass: OutcomeClass?
    /// Graph's own error came with it, with a code.
    var isAnsweredWithCode = false

    /// Whether its caller knows that nothing was delivered.
    var isKnownAsNotDelivered: Bool {
        switch toldClass {
        case nil, .delivered, .unknown: false
        default: true
        }
    }
}
