import InstagramMessaging

/// A request of the demo's sample backend and what must become of it.
struct SampleRequest: Sendable {
    var requestID: String
    var accountID: String
    /// The record's value.
    var value: [UInt8]
    /// The status that its result must have.
    var expected: SendResult.Status
}
