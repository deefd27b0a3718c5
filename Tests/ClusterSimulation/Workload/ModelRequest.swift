internal import InstagramMessaging

/// One record of the model's requests topic.
struct ModelRequest {
    /// Names the record, whoever reads it.
    struct Key: Hashable, Comparable, CustomStringConvertible {
        var partition: Int32
        var offset: Int64

        var description: String { "\(partition)/\(offset)" }

        static func < (left: Key, right: Key) -> Bool {
            (left.partition, left.offset) < (right.partition, right.offset)
        }
    }

    var key: Key
    var account: String
    var conversation: String
    var rateClass: RateClass
    var feature = MessageFeature.direct
    var delivery: DeliveryPreference
    var isIdempotent = false
    var needsPreparation = false
    /// Fails validation at intake.
    var isInvalid = false
    /// On the true clock; nil for none.
    var expiresAt: Int64?
    var windowClosesAt: Int64?
    /// The moment at which it is published.
    var publishedAt: Int64
}
