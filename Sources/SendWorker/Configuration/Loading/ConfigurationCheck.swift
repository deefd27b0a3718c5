import FoundationEssentials

/// A condition on several keys together.
struct ConfigurationCheck: Sendable {
    /// The keys that it is about.
    let keys: [String]
    /// What is wrong and what would be right; nil if nothing is.
    let fault: @Sendable (WorkerConfiguration) -> String?

    static let all: [ConfigurationCheck] = [delays, tokenPlaces] + topicPairs

    private static let delays = ConfigurationCheck(keys: ["retry.maxDelay", "retry.initialDelay"]) { configuration in
        let retry = configuration.retry
        return retry.maxDelay < retry.initialDelay
            ? "the longest delay is shorter than the first one; write retry.maxDelay: "
                + "\(DurationText.show(retry.initialDelay)) or more"
            : nil
    }

    /// A token in two places would leave open which one counts after a change.
    private static let tokenPlaces = ConfigurationCheck(keys: ["tokens.file", "tokens.directory"]) { configuration in
        configuration.tokens.file != nil && configuration.tokens.directory != nil
            ? "tokens come from one place; take one of the two away" : nil
    }

    private static let topicPairs: [ConfigurationCheck] = {
        let topics: [(key: String, name: @Sendable (WorkerConfiguration.Topics) -> String)] = [
            ("topics.requests", \.requests), ("topics.results", \.results), ("topics.deadLetters", \.deadLetters),
            ("topics.state", \.state),
        ]
        return topics.indices.flatMap { first in
            topics[(first + 1)...].map { second in
                let first = topics[first]
                return ConfigurationCheck(keys: [first.key, second.key]) { configuration in
                    first.name(configuration.topics) == second.name(configuration.topics)
                        ? "these are one topic; give each a name of its own" : nil
                }
            }
        }
    }()

    /// What is allowed and probably not meant.
    static func warnings(_ configuration: WorkerConfiguration) -> [String] {
        var warnings: [String] = []
        if isUnencrypted(configuration.graph.baseURL) {
            warnings.append(
                "graph.baseURL: access tokens go to \(configuration.graph.baseURL) unencrypted; write an https URL"
            )
        }
        if configuration.graph.proxy != nil, configuration.media.preflight {
            warnings.append(
                "media.preflight: off, for graph.proxy is set: through a proxy the addresses that it checks cannot be pinned"
            )
        }
        let tracing = configuration.tracing
        if let endpoint = tracing.endpoint, tracing.headers != nil, isUnencrypted(endpoint) {
            warnings.append("tracing.endpoint: tracing.headers go to \(endpoint) unencrypted; write an https URL")
        }
        if tracing.endpoint == nil, tracing.sampleRatio > 0 {
            warnings.append("tracing.sampleRatio: nothing is traced without tracing.endpoint")
        }
        if configuration.log.messageText {
            warnings.append(
                "log.messageText: what people are sent stands in the log (at debug level); take it away where it must not"
            )
        }
        return warnings
    }

    /// Whether what goes to a URL can be read on its way.
    private static func isUnencrypted(_ url: String) -> Bool {
        let parts = URLComponents(string: url)
        let isLocal = ["localhost", "127.0.0.1", "::1", "[::1]"].contains(parts?.host ?? "")
        return parts?.scheme?.lowercased() == "http" && !isLocal
    }
}
