package import InstagramMessaging
package import KafkaClient

/// What the worker keeps of a request record until its result is durable.
package struct HeldRecord: Sendable {
    /// The record as it was read: dead letters carry its very bytes.
    package var record: KafkaRecord
    /// Who asked, as far as the record told.
    package var requestID: String?
    package var accountID: String?
    package var recipientID: String?
    package var context: [UInt8]?
    /// What is needed to make the call; nil for a record that failed validation.
    package var call: PreparedCall?

    /// The call that a valid request asks for.
    package struct PreparedCall: Sendable {
        /// The JSON body for Graph.
        package var body: [UInt8]
        /// False where Graph's success answer has no message id.
        package var expectsMessageID: Bool
        /// What kind of message it is, for metrics.
        package var kind: MessageKind
        /// The media to check before the call.
        package var media: [MediaReference]
    }
}

extension HeldRecord {
    /// Whether the record's key is the account that it names, as producers are asked to do. Only then does one replica
    /// own all of an account's requests, and only then are the account's limits exact.
    package var isKeyedByAccount: Bool {
        guard let accountID, let key = record.key else { return accountID == nil }
        return key.elementsEqual(accountID.utf8)
    }
}
