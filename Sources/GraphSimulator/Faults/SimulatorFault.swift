/// A fault to set: what it does, to which calls, how often and for how long.
///
/// Faults are tried in the order they were set; the first that applies to a call decides about it (latencies apply
/// besides). The draws of a share come from the seed, the account and the number of the account's call, so accounts
/// that run side by side do not disturb each other's draws.
package struct SimulatorFault: Sendable, Hashable {
    /// Its effect.
    package var effect: FaultEffect
    /// Only calls of this account; nil for all.
    package var accountID: String?
    /// Only calls to this recipient (`recipient.id` or `recipient.comment_id`); nil for all.
    package var recipient: String?
    /// The share of matching calls that are hit, 0 to 1.
    package var share: Double
    /// The number of calls that it hits before it is over; nil for no end.
    package var count: Int?
    /// The time that it lasts from the moment it is set; nil for no end.
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
    /// The number of calls that it has hit.
    package var hits: Int
    /// The time that it still lasts; nil for no end in time.
    package var remaining: Duration?
}

/// A fault that cannot be set, with what would be right.
package struct InvalidFault: Error, Hashable, CustomStringConvertible {
    package var description: String
}

extension SimulatorFault {
    /// Throws where the fault's numbers or its scope make no sense.
    func check() throws(InvalidFault) {
        func refuse(_ reason: String) -> InvalidFault { InvalidFault(description: "\(effect.name): \(reason)") }
        guard (0...1).contains(share) else { throw refuse("share \(share) must be from 0 to 1") }
        if let count, count < 1 { throw refuse("count \(count) must be at least 1; leave it out for no end") }
        if let duration, duration <= .zero {
            throw refuse("it must last longer than nothing; leave the time out for no end")
        }
        if case .resetBeforeBody = effect, recipient != nil {
            throw refuse("cannot be set for a recipient: the body that names it is not read; set it for an account")
        }
        for status in effect.statuses where !(200...599).contains(status) {
            throw refuse("status \(status) must be from 200 to 599")
        }
        for delay in effect.delays where delay < .zero || delay > .seconds(3600) {
            throw refuse("a delay must be from 0s to 1h")
        }
    }
}

extension FaultEffect {
    fileprivate var statuses: [Int] {
        switch self {
        case .error(let answer, _), .throttle(let answer): [answer.status]
        case .htmlPage(let status, _), .endpointDown(let status): [status]
        case .odd(let answer): answer.basis.status.map { [$0] } ?? []
        default: []
        }
    }

    fileprivate var delays: [Duration] {
        switch self {
        case .latency(let fixed, let jitter): [fixed, jitter]
        case .replyDelayed(let delay): [delay]
        case .odd(let answer): [answer.after]
        default: []
        }
    }
}
