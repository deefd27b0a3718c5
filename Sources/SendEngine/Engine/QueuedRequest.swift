package import InstagramMessaging

/// What the engine needs to know of a valid request; its payload stays with the shell.
package struct QueuedRequest: Sendable, Hashable {
    package var id: RecordID
    package var accountID: String
    /// Names the receiver within the account: requests of one account and one receiver keep their order.
    package var conversation: String
    package var rateClass: RateClass
    /// What the request needs leave for.
    package var feature: MessageFeature
    package var delivery: DeliveryPreference
    /// True for calls that may be repeated without harm (sender actions).
    package var isIdempotent: Bool
    /// True where the shell has something to check before a call is spent (media preflight).
    package var needsPreparation: Bool
    /// The caller's own deadline.
    package var expiresAt: Timestamp?
    /// When the messaging window closes, where it is known.
    package var windowClosesAt: Timestamp?

    package init(
        id: RecordID,
        accountID: String,
        conversation: String,
        rateClass: RateClass,
        feature: MessageFeature = .direct,
        delivery: DeliveryPreference,
        isIdempotent: Bool = false,
        needsPreparation: Bool = false,
        expiresAt: Timestamp? = nil,
        windowClosesAt: Timestamp? = nil
    ) {
        self.id = id
        self.accountID = accountID
        self.conversation = conversation
        self.rateClass = rateClass
        self.feature = feature
        self.delivery = delivery
        self.isIdempotent = isIdempotent
        self.needsPreparation = needsPreparation
        self.expiresAt = expiresAt
        self.windowClosesAt = windowClosesAt
    }
}
