import KafkaClient

/// Why a worker could not start or had to stop, with the exit code that says so to whoever started it.
package struct WorkerFailure: Error, Sendable, CustomStringConvertible {
    /// What an exit code tells the supervisor.
    package enum Kind: Int32, Sendable {
        /// Something failed that a restart may or may not mend.
        case failed = 1
        /// The configuration, or what it points to, has to be put right first.
        case configuration = 2
        /// Kafka fenced this process or failed for good: start it again.
        case restart = 3
    }

    package var kind: Kind
    /// What happened and what to do, in one line.
    package var description: String

    /// Whether what runs can still be finished and committed.
    package var isOrderly: Bool

    package init(_ kind: Kind, _ description: String, isOrderly: Bool = false) {
        self.kind = kind
        self.isOrderly = isOrderly
        self.description = description
    }
}

extension WorkerFailure {
    /// The consumer has failed for good.
    static func consumerFailed(_ error: KafkaError, _ kafka: WorkerConfiguration.Kafka) -> WorkerFailure {
        guard error.code == KafkaError.Code.fencedInstanceID, let name = kafka.instanceId else {
            return WorkerFailure(.restart, "the consumer failed for good: \(error). Restart the worker.")
        }
        return WorkerFailure(
            .restart,
            "another process has joined the group \(kafka.groupId) with this replica's kafka.instanceId, \(name), and goes on in its "
                + "place: \(error). Where two replicas run, give each a name of its own; a restart takes the name back"
        )
    }
}
