import InstagramMessaging
import SendEngine
import Telemetry

/// The state of the safety valve, in words.
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

    /// The number of accounts that cannot send.
    var numbers: String {
        "\(safety.failing) of \(safety.active) accounts that were active within \(DurationText.show(safety.window)) cannot send"
    }

    /// The error that most of them failed with.
    var cause: String {
        guard let error = safety.error else { return "the cause is not known" }
        let number = [error.code, error.subcode].compactMap { $0.map(String.init) }.joined(separator: "/")
        let name = number.isEmpty ? error.category.rawValue : "\(error.category.rawValue) \(number)"
        return "most frequent cause (\(safety.accountsWithError) accounts): \(name), for example: \(error.message)"
    }

    /// The thing to look at first.
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

/// The loop's record of what it has logged of the safety valve.
struct SafetyWatch {
    /// Pauses that are in the log.
    var pauses = 0
    var isPaused = false
    /// The start of the pause, on the monotonic clock.
    var pausedAt: Int64 = 0
}

extension EngineLoop {
    /// Tells everybody when sending pauses and when it goes on.
    func watch(_ safety: EngineCensus.Safety, now: EngineTime, isCommand: Bool = false) {
        let report = SafetyReport(safety: safety)
        let isNew = safety.pauses > safetyWatch.pauses
        guard isNew || report.isPaused != safetyWatch.isPaused else { return }
        if safetyWatch.isPaused, isNew || !report.isPaused { logResumed(now: now, isCommand: isCommand) }
        if isNew, report.isPaused { logPaused(report) }
        if isNew { safetyWatch.pausedAt = now.monotonic }
        safetyWatch.pauses = safety.pauses
        safetyWatch.isPaused = report.isPaused
        safetyStatus.set(report.reason)
        metrics.show(safety)
    }

    private func logPaused(_ report: SafetyReport) {
        let error = report.safety.error
        logger.error(
            "sending is paused, as too many accounts cannot send",
            metadata: [
                "failed_accounts": "\(report.safety.failing)",
                "active_accounts": "\(report.safety.active)",
                "category": "\(error?.category.rawValue ?? "unknown")",
                "accounts_with_cause": "\(report.safety.accountsWithError)",
                "example": "\(error?.message ?? "-")",
                "what_to_do": "\(report.remedy)",
                "resumes": "by itself once probes are delivered, or with send-worker resume",
            ]
        )
    }

    private func logResumed(now: EngineTime, isCommand: Bool) {
        logger.notice(
            "sending goes on",
            metadata: [
                "because": isCommand ? "it was told to" : "probes were delivered",
                "paused_seconds": "\((now.monotonic - safetyWatch.pausedAt) / 1_000_000_000)",
            ]
        )
    }

    /// Lets calls go on at once; the state before and after, as the JSON object of `/api/resume`.
    func resume() -> [UInt8] {
        let now = clock.now
        let before = replica.engine.census.safety
        replica.handle(.resume, now: now)
        let after = replica.engine.census.safety
        watch(after, now: now, isCommand: true)
        post(.tick)
        var json = JSONWriter()
        json.beginObject()
        json.name("before")
        json.safety(before)
        json.name("after")
        json.safety(after)
        json.endObject()
        return json.bytes
    }
}
