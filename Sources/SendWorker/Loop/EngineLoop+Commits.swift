import SendEngine
import Telemetry

/// How long commits take.
struct CommitPace {
    /// From here on a commit is slow, in nanoseconds.
    private static let slow: Int64 = 1_000_000_000
    /// So many in a row: the first of a producer takes about a second anywhere.
    private static let enough = 3

    private var slowInRow = 0
    private var isTold = false

    /// Notes how long a commit took.
    ///
    /// - Returns: Whether to say now that commits are slow; once.
    mutating func note(_ nanoseconds: Int64) -> Bool {
        slowInRow = nanoseconds < Self.slow ? 0 : slowInRow + 1
        guard slowInRow >= Self.enough, !isTold else { return false }
        isTold = true
        return true
    }
}

extension EngineLoop {
    /// When it has to be said that nothing becomes durable, on the monotonic clock; nil while deliveries succeed.
    var overdueAt: Int64? {
        let patience = delivery.losses > 0 ? settings.commitPatience : settings.slowCommitPatience
        return delivery.overdueSince.map { $0 + patience.wholeNanoseconds }
    }

    /// Says that nothing becomes durable, and that it does again.
    func tellIfOverdue(now: EngineTime) {
        let isOverdue = failure != nil || overdueAt.map { $0 <= now.monotonic } ?? false
        guard isOverdue != standing.isOverdue else { return }
        standing.setOverdue(isOverdue)
        if !isOverdue {
            logger.notice("results are durable again; calls go on")
        } else if engine.isSuspended {
            logger.warning("results cannot be made durable; no call is started until they can")
        } else {
            logger.warning(
                "a commit does not come to its end; calls go on until delivery.maxInDoubt messages wait for it",
                metadata: ["max_in_doubt": "\(engine.settings.maxInDoubt)", "in_doubt": "\(engine.census.inDoubt)"]
            )
        }
    }

    /// Says once what slow commits cost.
    func tellIfSlow(_ nanoseconds: Int64) {
        guard delivery.pace.note(nanoseconds) else { return }
        let most = engine.settings.maxInDoubt
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
}
