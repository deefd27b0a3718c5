import InstagramMessaging
import SendEngine

/// The accounts that were found to wait, kept for a while: finding them means to look at every account.
struct WaitingAccounts {
    /// The most accounts shown.
    static let most = 50
    /// They are looked for once in this time at most, in nanoseconds, …
    private static let shortestPause: Int64 = 1_000_000_000
    /// … and for one part in so many of the loop's time.
    private static let share: Int64 = 100

    private(set) var shown: [AccountExplanation] = []
    /// When this was so; nil before the first time.
    private(set) var asOf: EngineTime?
    private var nextLook = Int64.min

    func isDue(at now: EngineTime) -> Bool { now.monotonic >= nextLook }

    /// - Parameters:
    ///   - now: When looking began.
    ///   - end: When it was done, on the monotonic clock.
    mutating func found(_ accounts: [AccountExplanation], at now: EngineTime, end: Int64) {
        shown = accounts
        asOf = now
        nextLook = end + max(Self.shortestPause, (end - now.monotonic) * Self.share)
    }
}

extension EngineLoop {
    /// Writes the member `waiting_accounts` of `/api/status`.
    func writeWaitingAccounts(to json: inout JSONWriter) {
        let now = clock.now
        if waitingAccounts.isDue(at: now) {
            let accounts = engine.waitingAccounts(limit: WaitingAccounts.most)
            waitingAccounts.found(accounts, at: now, end: clock.now.monotonic)
        }
        let asOf = waitingAccounts.asOf ?? now
        json.name("waiting_accounts")
        json.beginObject()
        json.member("as_of", asOf.wall.rfc3339)
        json.member("most", WaitingAccounts.most)
        json.name("shown")
        json.array(waitingAccounts.shown) { json, account in
            json.beginObject()
            account.write(to: &json, now: asOf)
            json.endObject()
        }
        json.endObject()
    }

    /// Writes the member `partition_states` of `/api/status`.
    func writePartitions(to json: inout JSONWriter) {
        let logs = metrics.partitionLogs
        json.name("partition_states")
        json.array(epochs.keys.sorted()) { json, partition in
            let explained = engine.explain(partition: partition)
            let log = logs[partition]
            let committed = assignments.committedBefore[partition]
            // Without a committed offset the group begins at the log's first record.
            let lag = log?.end.flatMap { end in (committed ?? log?.start).map { max(end - $0, 0) } }
            json.beginObject()
            json.member("partition", partition)
            json.member("state", Self.word(for: explained))
            json.member("outstanding", explained?.outstanding ?? 0)
            json.member("in_flight", explained?.inFlight ?? 0)
            json.member("committed", orNull: committed)
            json.member("end", orNull: log?.end)
            json.member("lag", orNull: lag)
            json.member("fetch_lag", orNull: log?.lag)
            json.endObject()
        }
    }

    private static func word(for partition: PartitionExplanation?) -> String {
        guard let partition else { return "restoring" }
        if partition.isDraining { return "draining" }
        return partition.isPaused ? "paused" : "active"
    }
}

extension JSONWriter {
    fileprivate mutating func member(_ name: String, orNull value: Int64?) {
        self.name(name)
        if let value { integer(value) } else { null() }
    }
}
