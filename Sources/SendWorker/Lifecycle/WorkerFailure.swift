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

    package init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
