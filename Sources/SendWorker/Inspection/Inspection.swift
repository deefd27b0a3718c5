import KafkaClient
import Telemetry

/// Looks at what a configuration leads to, from the outside: brokers, topics, group, transactions, tokens, endpoint.
///
/// Nothing is written, no group is joined and no call is made for an account. A transactional id of its own is
/// registered, which brokers forget after `transactional.id.expiration.ms`.
package struct Inspection: Sendable {
    /// The longest time that all of it takes.
    static let limit = Duration.seconds(14)

    private let loaded: LoadedConfiguration

    package init(_ loaded: LoadedConfiguration) {
        self.loaded = loaded
    }

    /// Looks at everything, within 15 seconds whatever does not answer.
    package func report() async -> InspectionReport {
        let configuration = loaded.configuration
        let inspection = TokenInspection(configuration)
        async let kafka = Self.timed(.kafka, "Kafka at \(configuration.kafka.bootstrapServers)") {
            await KafkaInspection(configuration).findings()
        }
        async let graph = Self.timed(.graph, configuration.graph.baseURL) {
            await GraphInspection(configuration.graph, ownBaseURLs: inspection.ownBaseURLs).findings()
        }
        let warnings = loaded.warnings.map { warning in
            Finding.warning(.configuration, warning, remedy: "see send-worker config")
        }
        let own = warnings.isEmpty ? [Finding.ok(.configuration, "every key can be read")] : warnings
        let tokens = inspection.findings()
        return await InspectionReport(own + kafka + tokens + graph)
    }

    private static func timed(
        _ area: Finding.Area,
        _ subject: String,
        _ body: @escaping @Sendable () async -> [Finding]
    ) async -> [Finding] {
        await TimeLimit.run(limit, body)
            ?? [
                .problem(
                    area,
                    .failed,
                    "\(subject) was not looked at within \(DurationText.show(limit))",
                    remedy: "try again; if it goes on, look for packets that are dropped on the way"
                )
            ]
    }
}

/// Lets something take only so long.
enum TimeLimit {
    /// - Returns: Nil where the body took longer: it is cancelled then and left behind.
    static func run<Value: Sendable>(
        _ limit: Duration,
        _ body: @escaping @Sendable () async -> Value
    ) async -> Value? {
        let end = FirstWord<Value?>()
        let work = Task { end.say(await body()) }
        let clock = Task {
            try await Task.sleep(for: limit)
            end.say(nil)
        }
        let value = await end.heard()
        work.cancel()
        clock.cancel()
        return value
    }
}
