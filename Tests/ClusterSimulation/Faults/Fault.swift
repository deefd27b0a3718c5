/// A fault that can happen in a run.
package enum Fault: String, Sendable, CaseIterable, Comparable {
    // Replicas
    case crash
    case shortPause
    case zombie
    case isolation
    /// The group forgets a member, which learns of it at once and joins anew: its calls and commits are still under way.
    case expulsion
    case rollingRestart
    case rebalance
    case clockJump
    /// Somebody changes the limits in the configuration, which the replicas read again one after the other.
    case limitsChanged
    // Kafka
    case publishFailure
    case commitAborted
    case commitTimedOutApplied
    case commitTimedOutNotApplied
    case redelivery
    /// Somebody else commits an offset of the group, or deletes it.
    case offsetsMoved
    case slowBroker
    // Graph
    case connectionRefused
    case requestLost
    case replyLost
    case slowReply
    case serverError
    case failsAfterDelivery
    case refused
    case throttle
    case applicationThrottle
    case usageReport
    /// Graph takes no messages of one feature from an account for a while.
    case featureBlocked
    /// Graph takes none to one person for a moment.
    case personThrottled
    case accountHeld
    case accountStopped
    case tokenDies
    case mediaFailure
    case outage
    /// Every call is refused as one without permission.
    case applicationInactive

    package static func < (left: Fault, right: Fault) -> Bool { left.rawValue < right.rawValue }

    /// The rates at which it may happen, in percent of its chances.
    var rates: ClosedRange<Int> {
        switch self {
        case .crash, .shortPause, .zombie, .isolation, .rollingRestart, .rebalance, .clockJump, .outage: 2...15
        case .expulsion, .limitsChanged, .offsetsMoved: 2...15
        case .publishFailure, .commitAborted, .commitTimedOutApplied, .commitTimedOutNotApplied: 2...15
        case .redelivery, .slowBroker: 5...20
        case .featureBlocked, .personThrottled, .applicationThrottle, .accountHeld, .accountStopped, .tokenDies,
            .applicationInactive:
            1...4
        default: 2...12
        }
    }
}
