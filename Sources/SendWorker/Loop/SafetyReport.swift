import InstagramMessaging
import SendEngine

/// What the safety valve does, in words.
struct SafetyReport {
    let safety: EngineCensus.Safety

    var isPaused: Bool { safety.state != .sending }

    /// Why no calls are made, and what ends that; nil while they are made.
    var reason: String? {
        guard isPaused else { return nil }
        return
            "sending is paused: \(numbers); \(cause). \(remedy). Probes are made; once they are delivered, sending goes on "
            + "by itself. `send-worker resume` makes it go on at once"
    }

    /// How many accounts cannot send.
    var numbers: String {
        "\(safety.failing) of \(safety.active) accounts that were active within \(DurationText.show(safety.window)) cannot send"
    }

    /// What most of them failed with.
    var cause: String {
        guard let error = safety.error else { return "the cause is not known" }
        let number = [error.code, error.subcode].compactMap { $0.map(String.init) }.joined(separator: "/")
        let name = number.isEmpty ? error.category.rawValue : "\(error.category.rawValue) \(number)"
        return "most frequent cause (\(safety.accountsWithError) accounts): \(name), for example: \(error.message)"
    }

    /// What to look at first.
    var remedy: String {
        switch safety.error?.category {
        case .token:
            "See that tokens.file or tokens.directory holds the tokens of this application, and that it was not deactivated"
        case .permission:
            "See in the application's dashboard that it is live and still has its permissions"
        case .policy:
            "See in the application's dashboard whether the platform restricts it, and stop what it complains about"
        case .invalidRequest, .graphError:
            "See that graph.version is not retired and graph.baseURL is right, and what the producers changed last"
        default:
            "See in the application's dashboard what is wrong with it"
        }
    }
}

extension JSONWriter {
    /// The safety valve as `/api/status` and `/api/resume` show it.
    mutating func safety(_ safety: EngineCensus.Safety) {
        beginObject()
        member("state", safety.state.rawValue)
        member("since", orNull: safety.since?.rfc3339)
        member("failed_accounts", safety.failing)
        member("active_accounts", safety.active)
        member("threshold", raw: Array("\(safety.threshold)".utf8))
        member("reason", orNull: SafetyReport(safety: safety).reason)
        endObject()
    }
}
