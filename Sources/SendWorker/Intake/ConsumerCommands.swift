package import KafkaClient
package import Telemetry

/// Carries the loop's wishes to the consumer, one after the other, in the order in which they were made.
package struct ConsumerCommands: Sendable {
    private let topic: String
    private let logger: Logger
    private let repetitions: RepetitionLimiter
    private let stream: AsyncStream<ConsumerCommand>
    private let continuation: AsyncStream<ConsumerCommand>.Continuation

    package init(topic: String, logger: Logger, repetitions: RepetitionLimiter) {
        self.topic = topic
        self.logger = logger
        self.repetitions = repetitions
        (stream, continuation) = AsyncStream.makeStream()
    }

    /// Queues a command; returns at once.
    package func submit(_ command: ConsumerCommand) {
        continuation.yield(command)
    }

    /// Carries commands out until the task is cancelled.
    package func run(with consumer: KafkaConsumer) async throws {
        for await command in stream {
            do {
                try await carryOut(command, with: consumer)
            } catch {
                // The group moved on meanwhile, or the broker is away: what matters is told again by its own event.
                repetitions.log(
                    "the consumer refused a command",
                    level: .warning,
                    to: logger,
                    metadata: ["command": "\(command)", "reason": "\(error)"]
                )
            }
        }
        try Task.checkCancellation()
    }

    private func carryOut(_ command: ConsumerCommand, with consumer: KafkaConsumer) async throws {
        switch command {
        case .startFetching(let partitions, let offsets, let epoch):
            try await consumer.startFetching(partitions.map { (named($0), from: offsets[$0]) }, epoch: epoch)
        case .startOnHold(let partitions, let epoch):
            try await consumer.startOnHold(partitions.map(named), epoch: epoch)
        case .begin(let partition, let offset):
            try await consumer.begin(named(partition), at: offset)
        case .pause(let partition):
            try await consumer.pause([named(partition)])
        case .resume(let partition):
            try await consumer.resume([named(partition)])
        case .finishRevoke(let partitions):
            try await consumer.finishRevoke(partitions.map(named))
        }
    }

    private func named(_ partition: Int32) -> TopicPartition {
        TopicPartition(topic: topic, partition: partition)
    }
}
