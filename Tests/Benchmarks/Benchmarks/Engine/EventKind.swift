/// What is told to the engine or fetched from it, as far as it is measured.
enum EventKind: Int, CaseIterable {
    case acceptFilling
    case acceptBlocked
    case accept
    case callDelivered
    case advance
    case takeActions
    case takeCommit
    case commitSucceeded
    case nextWake
    case waitingAccounts
    case callThrottled
    case callHeld
    case callTokenDead
    case tokensChanged

    var name: String {
        switch self {
        case .acceptFilling: "accept, filling up"
        case .acceptBlocked: "accept, account blocked"
        case .accept: "accept"
        case .callDelivered: "callEnded, delivered"
        case .advance: "advance"
        case .takeActions: "takeActions"
        case .takeCommit: "takeCommit"
        case .commitSucceeded: "commitSucceeded"
        case .nextWake: "nextWake"
        case .waitingAccounts: "waitingAccounts, for the status page"
        case .callThrottled: "callEnded, throttled"
        case .callHeld: "callEnded, held"
        case .callTokenDead: "callEnded, token dead"
        case .tokensChanged: "tokensChanged, one account"
        }
    }

    /// Part of a message's way from accept to durable.
    var isPartOfMessage: Bool {
        switch self {
        case .accept, .callDelivered, .advance, .takeActions, .takeCommit, .commitSucceeded, .nextWake:
            true
        default: false
        }
    }
}
