package import InstagramMessaging
import SendEngine

// MARK: - delivery.*

extension WorkerConfiguration {
    /// The entries of records, and the handling of unknown outcomes.
    package struct Delivery: Sendable, Hashable {
        package var guarantee = Guarantee.exactlyOnce
        /// For requests that name no `delivery` themselves.
        package var `default` = DeliveryPreference.atLeastOnce
        package var commitInterval = Duration.milliseconds(100)
        /// Messages that are called, or ended and not yet durable.
        package var maxInDoubt = EngineSettings().maxInDoubt

        /// The defaults.
        package init() {}

        /// The way in which results and offsets are committed.
        package enum Guarantee: String, Sendable, Hashable, CaseIterable {
            /// Results, dead letters, state and offsets commit in one Kafka transaction.
            case exactlyOnce = "exactly_once"
            /// For brokers without transactions: results first, then offsets.
            case atLeastOnce = "at_least_once"
        }
    }
}

extension ConfigurationKey {
    static let delivery = [
        ConfigurationKey(
            "delivery.guarantee",
            \.delivery.guarantee,
            .choice(),
            "exactly_once commits results, dead letters and offsets in one transaction; at_least_once is for brokers "
                + "without transactions"
        ),
        ConfigurationKey(
            "delivery.default",
            \.delivery.default,
            .choice(),
            "what happens when an outcome is unknown, for requests that name no delivery themselves"
        ),
        ConfigurationKey(
            "delivery.commitInterval",
            \.delivery.commitInterval,
            .duration(.milliseconds(1)...(.seconds(10))),
            "how long finished requests wait for a commit at most"
        ),
        ConfigurationKey(
            "delivery.maxInDoubt",
            \.delivery.maxInDoubt,
            .integer(1...1_000_000),
            unit: "messages",
            "messages of a replica that are called, or ended and not yet durable, at most: what its sudden death can send "
                + "twice"
        ),
    ]
}

// MARK: - worker.*

extension WorkerConfiguration {
    /// The amount of work that the worker does at once.
    package struct Worker: Sendable, Hashable {
        /// The defaults of what the engine decides are the engine's.
        private static let engine = EngineSettings()

        /// HTTP calls at once.
        package var maxInFlight = engine.maxInFlight
        /// Records fetched and not yet finished.
        package var maxOutstandingPerPartition = engine.maxOutstandingPerPartition
        /// On shutdown, and when a partition is taken away.
        package var drainTimeout = Duration.seconds(20)

        /// The defaults.
        package init() {}
    }
}

extension ConfigurationKey {
    static let worker = [
        ConfigurationKey(
            "worker.maxInFlight",
            \.worker.maxInFlight,
            .integer(1...65_536),
            unit: "calls",
            "HTTP calls at once"
        ),
        ConfigurationKey(
            "worker.maxOutstandingPerPartition",
            \.worker.maxOutstandingPerPartition,
            .integer(1...1_000_000),
            unit: "records",
            "records of a partition that are fetched and not yet finished"
        ),
        ConfigurationKey(
            "worker.drainTimeout",
            \.worker.drainTimeout,
            .duration(.seconds(0)...(.seconds(600))),
            "how long calls in flight are waited for on shutdown and when a partition is taken away"
        ),
    ]
}
