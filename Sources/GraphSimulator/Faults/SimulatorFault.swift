/// A fault to set: what it does, to which calls, how often and for how long.
///
/// Faults are tried in the order they were set; the first that applies to a call decides about it (latencies apply
/// besides). The draws of a share come from the seed, the account and the number of the account's call, so accounts
/// that run side by side do not disturb each other's draws.
package struct SimulatorFault: Sendable, Hashable {
    /// What it does.
    package var effect: FaultEffect
    /// Only calls of this account; nil for all.
    package var accountID: String?
    /// Only calls to this recipient (`recipient.id` or `recipient.comment_id`); nil for all.
    package var recipient: String?
    /// The share of matching calls that are hit, 0 to 1.
    package var share: Double
    /// How many calls it hits before it is over; nil for no end.
    package var count: Int?
    /// How long it lasts from the moment it is set; nil for no end.
    package var duration: Duration?

    /// Creates a fault that hits every call for ever unless told otherwise.
    package init(
        _ effect: FaultEffect,
        accountID: String? = nil,
        recipient: String? = nil,
        share: Double = 1,
        count: Int? = nil,
        duration: Duration? = nil
    ) {
        self.effect = effect
        self.accountID = accountID
        self.recipient = recipient
        self.share = share
        self.count = count
        self.duration = duration
    }
}

/// A fault that is set, as the simulator lists it.
package struct ActiveFault: Sendable, Hashable {
    /// Names the fault until it is removed or over; never used again.
    package var id: Int
    package var fault: SimulatorFault
    /// How many calls it has hit.
    package var hits: Int
    /// How long it still lasts; nil for no end in time.
    package var remaining: Duration?
}
