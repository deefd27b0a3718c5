import InstagramMessaging
import SendEngine
import Telemetry

/// The reports on the replica, in the log and in metrics.
extension EngineLoop {
    func log(_ report: ReplicaReport, now: EngineTime) {
        switch report {
        case .assigned(let partitions, let epoch):
            metrics.partitionsAssigned(partitions.count)
            let metadata: Logger.Metadata = ["partitions": "\(partitions.sorted())", "epoch": "\(epoch)"]
            logger.info("partitions assigned", metadata: metadata)
        case .revoking(let partitions): metrics.partitionsRevoked(partitions.count)
        case .lost(let partitions): metrics.partitionsLost(partitions.count)
        case .givenUp(let partitions):
            logger.info("partitions given up", metadata: ["partitions": "\(partitions.sorted())"])
        case .drainCutShort(let partitions, let callsInFlight):
            logger.warning(
                "partitions are given up before everything in them was finished and committed",
                metadata: ["partitions": "\(partitions)", "calls_in_flight": "\(callsInFlight)"]
            )
        case .suspended(let isSuspended): metrics.setSuspended(isSuspended)
        case .commitsOverdue: logOverdue()
        case .commitsRecovered:
            commitStatus.setOverdue(false)
            logger.notice("results are durable again; calls go on")
        case .commitsSlow(let nanoseconds): logSlowCommits(nanoseconds)
        case .longWait(let wait): log(wait, now: now)
        case .deletedUnread(let count, let partition, let before): logDeleted(count, of: partition, before: before)
        case .anotherLog(let partition, let next, let end): refuseLog(of: partition, read: next, end: end)
        case .failed(let error):
            logger.critical("nothing can be committed any more", metadata: ["reason": "\(error)"])
            onFailure(error)
        }
    }

    private func logOverdue() {
        commitStatus.setOverdue(true)
        if replica.engine.isSuspended {
            logger.warning("results cannot be made durable; no call is started until they can")
        } else {
            logger.warning(
                "a commit does not come to its end; calls go on until delivery.maxInDoubt messages wait for it",
                metadata: [
                    "max_in_doubt": "\(replica.engine.settings.maxInDoubt)",
                    "in_doubt": "\(replica.engine.census.inDoubt)",
                ]
            )
        }
    }

    private func logSlowCommits(_ nanoseconds: Int64) {
        let most = replica.engine.settings.maxInDoubt
        let milliseconds = nanoseconds / 1_000_000
        logger.warning(
            """
            commits are slow: a far or busy cluster. While one runs, calls go on until delivery.maxInDoubt messages wait to \
            become durable
            """,
            metadata: [
                "commit_ms": "\(milliseconds)",
                "max_in_doubt": "\(most)",
                "messages_per_second_at_most": "\(Int64(most) * 1_000 / max(milliseconds, 1))",
                "what_to_do": """
                where that is too few, raise delivery.maxInDoubt (the sudden death of a replica can double so many), add \
                replicas, or run the worker nearer to the brokers
                """,
            ]
        )
    }

    /// Ends the worker in order: what is known of a log says nothing of another one. The next start finds out where to begin.
    private func refuseLog(of partition: Int32, read next: Int64, end: Int64?) {
        let place = end.map { "its log ends at \($0)" } ?? "its records are newer than those that were read"
        ports.refuse(
            "partition \(partition) of \(requestsTopic) is not the log that was read up to \(next) any more, \(place): the topic was "
                + "deleted and made anew, or has lost its end. Restart the worker: it finds out where to go on"
        )
    }

    private func logDeleted(_ count: Int64, of partition: Int32, before start: Int64) {
        metrics.deletedUnread(Int(count))
        repetitions.log(
            """
            requests were deleted from the topic before they were read, and will have no result: its retention (retention.ms, \
            retention.bytes) is shorter than the backlog; raise it and have the producers publish them again
            """,
            level: .error,
            to: logger,
            metadata: ["partition": "\(partition)", "offsets": "\(count)", "before": "\(start)"]
        )
    }

    private func log(_ wait: LongWait, now: EngineTime) {
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

/// The reports on calls.
extension EngineLoop {
    func logCall(of record: PendingRequest, _ call: PendingRequest.PreparedCall, attempt: Int) {
        guard logger.logLevel <= .debug else { return }
        var metadata: Logger.Metadata = [
            "request_id": "\(record.requestID ?? "-")", "account_id": "\(record.accountID ?? "-")",
            "attempt": "\(attempt)",
        ]
        if logsMessageText { metadata["body"] = "\(String(decoding: call.body, as: UTF8.self))" }
        logger.debug("a call is started", metadata: metadata)
    }

    func logEnd(of id: RecordID, _ outcome: CallOutcome) {
        if outcome.outcomeClass != .delivered, let error = outcome.error {
            logger.debug(
                "a call ended without delivery",
                metadata: [
                    "request_id": "\(pending[id]?.requestID ?? "-")",
                    "account_id": "\(pending[id]?.accountID ?? "-")",
                    "outcome": "\(outcome.outcomeClass.rawValue)",
                    "reason": "\(error.message)",
                ]
            )
        }
        logTrouble(with: id, outcome)
    }

    /// Logs what a call's end means for its account, where the account now waits for somebody to do something. Once in
    /// a while for each cause: when it strikes many accounts, `/api/status` lists them.
    private func logTrouble(with id: RecordID, _ outcome: CallOutcome) {
        guard let consequence = outcome.outcomeClass.consequence, let record = pending[id] else { return }
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

extension OutcomeClass {
    /// The consequence for the account's requests; nil where the account can go on by itself.
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
