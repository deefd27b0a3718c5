import InstagramMessaging
import KafkaClient
package import SendWorker

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
        let end = FirstValue<Value?>()
        let work = Task { end.set(await body()) }
        let clock = Task {
            try await Task.sleep(for: limit)
            end.set(nil)
        }
        let value = await end.value()
        work.cancel()
        clock.cancel()
        return value
    }
}

/// One thing that was looked at before a start, and what came of it. Holds no secret.
package struct Finding: Sendable, Hashable {
    package enum Level: String, Sendable, Hashable {
        case ok
        /// The worker would start, and something is probably not meant.
        case warning
        /// The worker would not start, or could not do its work.
        case problem
    }

    /// The part of a worker's surroundings that was looked at.
    package enum Area: String, Sendable, Hashable, CaseIterable {
        case configuration
        case kafka
        case topics
        case group
        case transactions
        case tokens
        case graph
    }

    package var level: Level
    package var area: Area
    /// The observation, in one line.
    package var text: String
    /// The advice; nil where all is well.
    package var remedy: String?
    /// The kind of failure that decides the exit code; nil for all but a problem.
    package var kind: WorkerFailure.Kind?

    static func ok(_ area: Area, _ text: String) -> Finding {
        Finding(level: .ok, area: area, text: text)
    }

    static func warning(_ area: Area, _ text: String, remedy: String) -> Finding {
        Finding(level: .warning, area: area, text: text, remedy: remedy)
    }

    /// - Parameter kind: `configuration` where somebody has to put something right, `failed` where something does not
    ///   answer as it should.
    static func problem(_ area: Area, _ kind: WorkerFailure.Kind, _ text: String, remedy: String) -> Finding {
        Finding(level: .problem, area: area, text: text, remedy: remedy, kind: kind)
    }
}

/// All findings, ready to be shown.
package struct InspectionReport: Sendable, Hashable {
    package let findings: [Finding]

    init(_ findings: [Finding]) {
        self.findings = findings
    }

    /// 0 where nothing is a problem, 2 where something has to be put right first, 1 where all that is wrong is that
    /// something does not answer.
    package var exitCode: Int32 {
        let kinds = findings.compactMap(\.kind)
        if kinds.isEmpty { return 0 }
        let isMisconfigured = kinds.contains(.configuration)
        return (isMisconfigured ? WorkerFailure.Kind.configuration : .failed).rawValue
    }

    /// A line for each finding: level, area, what was found, and what to do about it.
    package var text: String {
        let width = Finding.Area.allCases.map(\.rawValue.count).max() ?? 0
        return findings.map { finding in
            let level = finding.level.rawValue
            let area = finding.area.rawValue
            let remedy = finding.remedy.map { "; remedy: \(Self.onOneLine($0))" } ?? ""
            return level + String(repeating: " ", count: 9 - level.count)
                + area + String(repeating: " ", count: width + 2 - area.count)
                + Self.onOneLine(finding.text) + remedy + "\n"
        }.joined()
    }

    /// The same as a JSON object: `exit_code` and `findings`.
    package var json: String {
        var json = JSONWriter()
        json.beginObject()
        json.member("exit_code", Int(exitCode))
        json.name("findings")
        json.beginArray()
        for finding in findings {
            json.beginObject()
            json.member("level", finding.level.rawValue)
            json.member("area", finding.area.rawValue)
            json.member("text", finding.text)
            json.member("remedy", orNull: finding.remedy)
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return String(decoding: json.bytes, as: UTF8.self) + "\n"
    }

    /// The text without line breaks, which the words of brokers and servers may have.
    private static func onOneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
