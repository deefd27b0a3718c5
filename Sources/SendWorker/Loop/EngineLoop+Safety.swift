import InstagramMessaging
import SendEngine
import Telemetry

/// What the loop has said of the safety valve.
struct SafetyWatch {
    /// Pauses that are in the log.
    var pauses = 0
    var isPaused = false
    /// When the pause began, on the monotonic clock.
    var pausedAt: Int64 = 0
}

extension EngineLoop {
    /// Tells everybody when sending pauses and when it goes on.
    func watch(_ safety: EngineCensus.Safety, now: EngineTime, isCommand: Bool = false) {
        let report = SafetyReport(safety: safety)
        let isNew = safety.pauses > safetyWatch.pauses
        guard isNew || report.isPaused != safetyWatch.isPaused else { return }
        if safetyWatch.isPaused, isNew || !report.isPaused { sayResumed(now: now, isCommand: isCommand) }
        if isNew, report.isPaused { sayPaused(report) }
        if isNew { safetyWatch.pausedAt = now.monotonic }
        safetyWatch.pauses = safety.pauses
        safetyWatch.isPaused = report.isPaused
        safetyStanding.set(report.reason)
        metrics.show(safety)
    }

    private func sayPaused(_ report: SafetyReport) {
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

    private func sayResumed(now: EngineTime, isCommand: Bool) {
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
        engine.advance(to: now)
        let before = engine.census.safety
        engine.resume(now: now)
        let after = engine.census.safety
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
