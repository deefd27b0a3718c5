import InstagramMessaging
import SendEngine
import Telemetry

extension EngineLoop {
    /// Says what a call's end means for its account, where the account now waits for somebody to do something. Once in
    /// a while for each cause: when it strikes many accounts, `/api/status` lists them.
    func sayTrouble(with id: RecordID, _ outcome: CallOutcome) {
        guard let consequence = outcome.outcomeClass.consequence, let record = held[id] else { return }
        repetitions.log(
            "an account cannot send: \(consequence)",
            level: .warning,
            to: logger,
            metadata: [
                "account_id": "\(record.accountID ?? "-")",
                "request_id": "\(record.requestID ?? "-")",
                "reason": "\(outcome.error?.message ?? "-")",
                "code": "\(outcome.error?.code.map { "\($0)" } ?? "-")",
            ]
        )
    }
}

extension EngineLoop {
    /// Says which accounts, features of accounts, or all of them wait for more than a minute, and why.
    func sayLongWaits(now: EngineTime) {
        for wait in engine.takeLongWaits() {
            let seconds = (wait.until - now.monotonic) / 1_000_000_000
            var metadata: Logger.Metadata = [
                "state": "\(wait.reason.word)",
                "scope": "\(wait.reason.scope?.rawValue ?? "-")",
                "seconds": "\(seconds)",
                "until": "\(now.wall.adding(milliseconds: seconds * 1_000).rfc3339)",
                "reason": "\(wait.cause?.message ?? "-")",
            ]
            if let id = wait.accountID { metadata["account_id"] = "\(id)" }
            if case .featureHeld(let feature) = wait.reason { metadata["feature"] = "\(feature.rawValue)" }
            repetitions.log(
                wait.accountID == nil
                    ? "all accounts wait for more than a minute, as Graph asks the application to"
                    : "an account waits for more than a minute; its requests are kept, the others go on",
                // Each account's wait is said, and each feature's.
                key: "\(wait.accountID ?? "-") \(metadata["feature"] ?? "-")",
                level: .warning,
                to: logger,
                metadata: metadata
            )
        }
    }
}

extension OutcomeClass {
    /// What becomes of the account's requests; nil where the account can go on by itself.
    fileprivate var consequence: Logger.Message? {
        switch self {
        case .tokenDead: "its token is missing or was refused; its requests wait until the token changes"
        case .accountHeld: "Graph has blocked it; its requests wait and are tried again one at a time"
        case .accountStopped: "it lacks a permission; its requests wait and are tried again one at a time"
        case .delivered, .refused, .alreadyAnswered, .notSent, .unknown, .mediaFetch, .throttled,
            .applicationThrottled:
            nil
        }
    }
}
