import InstagramMessaging
import SendEngine

extension EngineLoop {
    /// Returns what the worker does now, as the JSON object of `/api/status`.
    ///
    /// - Parameter writeMore: Adds the members that the loop knows nothing of.
    func status(
        hindrances: [String],
        writeMore: @Sendable (inout JSONWriter) -> Void = { _ in }
    ) -> [UInt8] {
        let census = replica.engine.census
        var json = JSONWriter()
        json.beginObject()
        json.member("ready", hindrances.isEmpty)
        json.name("hindrances")
        json.strings(hindrances)
        json.name("partitions")
        json.integers(replica.epochs.keys.sorted())
        json.member("waiting", census.waiting)
        json.member("in_flight", census.inFlight)
        json.member("in_doubt", census.inDoubt)
        json.member("finished_uncommitted", census.finished)
        json.member("paused_partitions", census.pausedPartitions)
        json.member("retries", census.totals.retries)
        json.member("late_outcomes", census.totals.lateOutcomes)
        json.member("endpoint", census.endpoint.rawValue)
        json.member("application_cooling", census.isApplicationCooling)
        json.name("safety_valve")
        json.safety(census.safety)
        json.name("accounts")
        json.accounts(census.accounts)
        json.member("calls_suspended", replica.engine.isSuspended)
        writeWaitingAccounts(to: &json)
        writePartitions(to: &json)
        writeMore(&json)
        json.endObject()
        return json.bytes
    }

    /// Why an account waits, as the JSON object of `/api/accounts/<id>`; nil where nothing is known of the account.
    ///
    /// - Parameter writeMore: Adds the members that the loop knows nothing of.
    func accountStatus(
        _ accountID: String,
        writeMore: @Sendable (inout JSONWriter) -> Void = { _ in }
    ) -> [UInt8]? {
        let now = clock.now
        guard let account = replica.engine.explain(account: accountID, now: now) else { return nil }
        var json = JSONWriter()
        json.beginObject()
        account.write(to: &json, now: now)
        if let head = account.head {
            json.name("head")
            write(head, now: now, to: &json)
        }
        writeMore(&json)
        json.endObject()
        return json.bytes
    }

    /// The request that is next in the account.
    private func write(_ head: RecordID, now: EngineTime, to json: inout JSONWriter) {
        json.beginObject()
        json.member("request_id", orNull: pending[head]?.requestID)
        json.member("partition", head.partition)
        json.member("offset", head.offset)
        if let request = replica.engine.explain(head, now: now) {
            json.member("attempts", request.attempts)
            json.member("may_be_delivered", request.mayBeDelivered)
            json.member("deadline", ifPresent: request.deadline?.rfc3339)
            json.member("last_error", ifPresent: request.lastError?.message)
        }
        json.endObject()
    }
}

extension AccountExplanation {
    /// Writes the members that say why the account waits.
    ///
    /// - Parameter now: When this was so.
    func write(to json: inout JSONWriter, now: EngineTime) {
        json.member("account_id", accountID)
        json.member("state", reason.word)
        if case .limit(let name) = reason { json.member("binding_limit", name.rawValue) }
        if let nextDue {
            json.member("next_due", now.wall.adding(milliseconds: (nextDue - now.monotonic) / 1_000_000).rfc3339)
        }
        if let cause {
            json.member("cause_category", cause.category.rawValue)
            json.member("cause", cause.message)
        }
        if let scope = reason.scope { json.member("scope", scope.rawValue) }
        if !heldFeatures.isEmpty {
            json.name("held_features")
            json.beginArray()
            for hold in heldFeatures { hold.write(to: &json, now: now) }
            json.endArray()
        }
        json.member("pace_steps", paceSteps)
        if let callsPerSecond { json.member("calls_per_second", raw: Array(callsPerSecond.inTenths.utf8)) }
        json.member("waiting", waiting)
        json.member("conversations", conversations)
        json.member("in_flight", inFlight)
    }
}

extension FeatureHoldExplanation {
    /// Writes the hold as an object.
    fileprivate func write(to json: inout JSONWriter, now: EngineTime) {
        json.beginObject()
        json.member("feature", feature.rawValue)
        json.member("next_due", now.wall.adding(milliseconds: (until - now.monotonic) / 1_000_000).rfc3339)
        if let cause {
            json.member("cause_category", cause.category.rawValue)
            json.member("cause", cause.message)
        }
        json.endObject()
    }
}

extension Double {
    /// The number with one digit behind the point.
    fileprivate var inTenths: String {
        let tenths = Int(min(max(self * 10, 0), 1_000_000_000).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}

extension WaitingReason {
    /// The reason as the admin endpoints and the log name it.
    var word: String {
        switch self {
        case .ready: "ready"
        case .limit: "limited"
        case .coldStart: "cold_start"
        case .cooling: "throttled"
        case .held: "held"
        case .stopped: "stopped"
        case .conversationCooling: "conversation_throttled"
        case .featureHeld: "feature_held"
        case .answersUnknown: "answers_unknown"
        case .tokenDead: "token_dead"
        case .probing: "probing"
        case .applicationCooling: "application_throttled"
        case .endpointDown: "endpoint_down"
        case .safetyValve: "safety_valve"
        case .startingSlowly: "starting_slowly"
        case .maxInFlight: "max_in_flight"
        case .maxInDoubt: "max_in_doubt"
        case .suspended: "commits_overdue"
        case .unproven: "ownership_unproven"
        }
    }
}

extension JSONWriter {
    fileprivate mutating func strings(_ values: [String]) {
        beginArray()
        for value in values { string(value) }
        endArray()
    }

    fileprivate mutating func integers(_ values: [Int32]) {
        beginArray()
        for value in values { integer(value) }
        endArray()
    }

    fileprivate mutating func accounts(_ accounts: EngineCensus.Accounts) {
        beginObject()
        member("total", accounts.total)
        member("ready", accounts.ready)
        member("limited", accounts.limited)
        member("throttled", accounts.cooling)
        member("held", accounts.held)
        member("stopped", accounts.stopped)
        member("token_dead", accounts.parked)
        endObject()
    }
}

/// The accounts that were found to wait, kept for a while: finding them means to look at every account.
struct WaitingAccounts {
    /// The most accounts shown.
    static let most = 50
    /// They are looked for once in this time at most, in nanoseconds, …
    private static let shortestPause: Int64 = 1_000_000_000
    /// … and for one part in so many of the loop's time.
    private static let share: Int64 = 100

    private(set) var shown: [AccountExplanation] = []
    /// The moment at which this was so; nil before the first time.
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
            let accounts = replica.engine.waitingAccounts(limit: WaitingAccounts.most)
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
        json.array(replica.epochs.keys.sorted()) { json, partition in
            let explained = replica.engine.explain(partition: partition)
            let log = logs[partition]
            let committed = replica.committedOffsets[partition]
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
