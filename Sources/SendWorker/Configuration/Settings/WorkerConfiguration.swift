package import InstagramMessaging

/// Everything that can be set about a worker, with the defaults it has when nothing is set.
///
/// The nesting mirrors the keys: `kafka.bootstrapServers` is `configuration.kafka.bootstrapServers`. What each key
/// means, its unit and what it accepts stand in ``ConfigurationKey``'s table, which loads this type.
package struct WorkerConfiguration: Sendable, Hashable {
    package var kafka: Kafka
    package var topics: Topics
    package var delivery: Delivery
    package var graph: Graph
    package var tokens: Tokens
    package var limits: Limits
    package var retry: Retry
    package var worker: Worker
    package var safety: Safety
    package var media: Media
    package var admin: Admin
    package var log: Log
    package var tracing: Tracing
    package var validation: Validation

    /// The defaults of every key.
    package init() {
        kafka = Kafka()
        topics = Topics()
        delivery = Delivery()
        graph = Graph()
        tokens = Tokens()
        limits = Limits()
        retry = Retry()
        worker = Worker()
        safety = Safety()
        media = Media()
        admin = Admin()
        log = Log()
        tracing = Tracing()
        validation = Validation()
    }
}

extension WorkerConfiguration {
    /// How records end, and what happens when an outcome is unknown.
    package struct Delivery: Sendable, Hashable {
        package var guarantee = Guarantee.exactlyOnce
        /// For requests that name no `delivery` themselves.
        package var `default` = DeliveryPreference.atLeastOnce
        package var commitInterval = Duration.milliseconds(100)
        /// Messages that are called, or ended and not yet durable.
        package var maxInDoubt = 1_000

        /// The defaults.
        package init() {}

        /// How results and offsets are committed.
        package enum Guarantee: String, Sendable, Hashable, CaseIterable {
            /// Results, dead letters, state and offsets commit in one Kafka transaction.
            case exactlyOnce = "exactly_once"
            /// For brokers without transactions: results first, then offsets.
            case atLeastOnce = "at_least_once"
        }
    }

    /// How requests are checked before they are queued.
    package struct Validation: Sendable, Hashable {
        package var unknownFields = UnknownFieldPolicy.refuse
        /// True lets media URLs name loopback and private hosts; meant for tests.
        package var allowPrivateHosts = false

        /// The defaults.
        package init() {}

        /// What happens to members of a request that are not documented.
        package enum UnknownFieldPolicy: String, Sendable, Hashable, CaseIterable {
            /// The request is rejected.
            case refuse
            /// They are passed on to Graph.
            case forward
        }
    }
}
