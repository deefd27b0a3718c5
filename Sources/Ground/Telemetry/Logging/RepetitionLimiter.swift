import Synchronization

/// Lets a condition that goes on and on be said once per interval, with how often it was not said in between.
package final class RepetitionLimiter: Sendable {
    private struct Condition {
        var lastLogged: Duration
        var suppressed = 0
    }

    private let interval: Duration
    private let now: @Sendable () -> Duration
    private let conditions = Mutex<[String: Condition]>([:])

    /// Above this many conditions those that were not said for an interval are forgotten.
    private static let roomForConditions = 1024

    /// - Parameters:
    ///   - interval: How long a condition stays unsaid after it was said.
    ///   - now: A clock that never goes back, from any start.
    package init(interval: Duration, now: @escaping @Sendable () -> Duration = RepetitionLimiter.sinceStart) {
        self.interval = interval
        self.now = now
    }

    private static let start = ContinuousClock.now

    /// Time since the process first asked.
    package static let sinceStart: @Sendable () -> Duration = { start.duration(to: .now) }

    /// Asks to say a condition: the number of times it was not said since the last time, nil if it is not to be said now.
    package func permit(_ condition: String) -> Int? {
        let now = now()
        return conditions.withLock { conditions in
            if var known = conditions[condition], now - known.lastLogged < interval {
                known.suppressed += 1
                conditions[condition] = known
                return nil
            }
            let suppressed = conditions[condition]?.suppressed ?? 0
            if conditions.count >= Self.roomForConditions {
                conditions = conditions.filter { now - $0.value.lastLogged < interval }
            }
            guard conditions.count < Self.roomForConditions else {
                // So many different ones within an interval are not repetitions.
                return suppressed
            }
            conditions[condition] = Condition(lastLogged: now)
            return suppressed
        }
    }

    /// The condition is over: it is said at once when it comes again.
    package func forget(_ condition: String) {
        conditions.withLock { _ = $0.removeValue(forKey: condition) }
    }

    /// Logs a message unless it was logged within the interval; adds `repeated` where it was suppressed since.
    ///
    /// - Parameter key: What makes two messages the same condition; nil for the message itself.
    package func log(
        _ message: Logger.Message,
        key: String? = nil,
        level: Logger.Level,
        to logger: Logger,
        metadata: Logger.Metadata = [:]
    ) {
        guard logger.logLevel <= level, let suppressed = permit(key ?? message.description) else {
            return
        }
        var metadata = metadata
        if suppressed > 0 {
            metadata["repeated"] = "\(suppressed)"
        }
        logger.log(level: level, message, metadata: metadata)
    }
}
