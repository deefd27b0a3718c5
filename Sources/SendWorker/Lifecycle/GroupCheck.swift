import KafkaClient
import Telemetry

/// Sees to it that what keeps this worker out of its consumer group is named, with what to do about it.
struct GroupCheck: Sendable {
    let group: String
    let requestsTopic: String
    /// What this worker offers to share partitions out by.
    let strategies: [String]
    let logger: Logger
    let repetitions: RepetitionLimiter

    /// Makes sure, before any request is read, that offsets of the group may be committed.
    ///
    /// - Throws: `WorkerFailure` of kind `configuration` that names the right which is missing.
    func run(with consumer: KafkaConsumer) async throws {
        do {
            try await consumer.checkGroupRights(topic: requestsTopic, timeout: BrokerCheck.answerLimit)
        } catch let error as KafkaError {
            if let right = missingRight(error) {
                throw WorkerFailure(.configuration, "the group cannot be used: \(right.text): \(right.remedy)")
            }
            // Whoever does not answer now is waited for when the group is joined.
            logger.debug("the right to the group is not known", metadata: ["reason": "\(error)"])
        }
    }

    /// The right whose absence the consumer reports; nil for other troubles.
    func missingRight(_ error: KafkaError) -> MissingRight? {
        MissingRight(error, reading: requestsTopic, for: group)
    }

    /// Says that the group does not let this worker in, with both sides. To be called once for each time that it begins.
    func reportMisfit(with admin: KafkaAdmin) async {
        let description = try? await admin.describeGroup(group, timeout: BrokerCheck.answerLimit)
        let strategy = description.flatMap { $0.strategy.isEmpty ? nil : $0.strategy }
        let misfit = AssignmentMisfit(
            group: group,
            theirs: strategy,
            members: description?.members.count ?? 0,
            own: strategies
        )
        logger.error("\(misfit.problem)", metadata: ["what_to_do": "\(misfit.remedy)"])
    }
}
