import KafkaClient

/// The largest batch that each topic takes, as far as is known: no record that the worker writes is larger.
package struct BatchLimits: Sendable, Hashable {
    /// What a topic takes of which nobody has said otherwise: Kafka's default of `max.message.bytes`.
    package static let usual = 1_048_588
    /// Every result and every dead letter can be made to fit into so many bytes.
    package static let least = 1_200

    private var topics: [String: Int] = [:]
    /// What the client itself lets pass (`message.max.bytes`).
    private let client: Int

    /// - Parameters:
    ///   - topics: The topics that records are written to.
    ///   - client: The largest record that the client lets pass.
    package init(topics: [String], client: Int) {
        self.client = max(client, Self.least)
        for topic in topics { self.topics[topic] = Self.usual }
    }

    package subscript(topic: String) -> Int { min(topics[topic] ?? Self.usual, client) }

    /// What a batch may have, whatever topic it is for: a client has one size for all.
    package var batchSize: Int { topics.keys.reduce(client) { min($0, self[$1]) } }

    /// What topics take has been read.
    package mutating func note(_ read: [String: Int]) {
        for (topic, limit) in read where topics[topic] != nil { topics[topic] = max(limit, Self.least) }
    }

    /// A topic has refused a batch as too large. What topics take has been read since; where that is no less than was
    /// known of it, half of it is tried next.
    package mutating func noteRefusal(by topic: String, reading read: [String: Int]) {
        let known = self[topic]
        note(read)
        if self[topic] >= known { topics[topic] = max(self[topic] / 2, Self.least) }
    }

    /// A topic's limit among its settings: of the batch, or of the segment that it has to fit into.
    package static func limit(in settings: [String: String]) -> Int? {
        guard let batch = settings["max.message.bytes"].flatMap({ Int($0) }) else { return nil }
        return min(batch, settings["segment.bytes"].flatMap { Int($0) } ?? batch)
    }
}

extension KafkaAdmin {
    /// What the topics take; one that cannot be asked about is left out.
    func batchLimits(of topics: [String]) async -> [String: Int] {
        await withTaskGroup(of: (String, Int?).self) { tasks in
            for topic in topics {
                tasks.addTask {
                    let settings = try? await self.topicConfiguration(topic, timeout: .seconds(5))
                    return (topic, settings.flatMap { BatchLimits.limit(in: $0) })
                }
            }
            var limits: [String: Int] = [:]
            for await (topic, limit) in tasks { limits[topic] = limit }
            return limits
        }
    }
}
