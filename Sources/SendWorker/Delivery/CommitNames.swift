import KafkaClient

/// The topics and the group that a commit writes to.
package struct CommitNames: Sendable, Hashable {
    package var requests: String
    package var results: String
    package var deadLetters: String
    package var state: String
    package var group: String

    package init(requests: String, results: String, deadLetters: String, state: String, group: String) {
        self.requests = requests
        self.results = results
        self.deadLetters = deadLetters
        self.state = state
        self.group = group
    }

    package init(_ configuration: WorkerConfiguration) {
        self.init(
            requests: configuration.topics.requests,
            results: configuration.topics.results,
            deadLetters: configuration.topics.deadLetters,
            state: configuration.topics.state,
            group: configuration.kafka.groupId
        )
    }

    /// The topics that records are written to.
    package var written: [String] { [state, results, deadLetters] }

    /// The right without which offsets are not taken; nil for an error that is not about rights.
    func right(lackingFor error: KafkaError) -> MissingRight? {
        error.code == KafkaError.Code.transactionalIDAuthorization
            ? MissingRight(error, "Write", on: .transactionalIDs(prefix: "\(group)-"))
            : MissingRight(error, reading: requests, for: group)
    }
}

extension CommitError {
    /// - Parameter right: The right without which nothing can be committed.
    init(lacking right: MissingRight) {
        self.init(
            "outcomes cannot be committed: \(right.text). Grant it: \(right.remedy). Then start the worker again."
        )
    }
}
