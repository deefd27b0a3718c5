package import KafkaClient
import SendEngine
import Synchronization
package import Telemetry

/// Takes what the consumer reports, on the consumer's thread, and passes it to the engine loop in the loop's terms.
package final class ConsumerEventRouter: Sendable {
    private let intake: Intake
    private let requestsTopic: String
    private let placement: PlacementWatch
    private let clock: WorkerClock
    private let logger: Logger
    private let repetitions: RepetitionLimiter
    private let post: @Sendable (LoopEvent) -> Void
    private let onConnection: @Sendable (_ isUp: Bool) -> Void
    private let missingRight: @Sendable (KafkaError) -> MissingRight?
    private let onMisfit: @Sendable () -> Void
    private let onStatistics: @Sendable (String) -> Void
    private let onFatal: @Sendable (KafkaError) -> Void
    private let state = Mutex(State())

    private struct State {
        var epochs: [Int32: UInt64] = [:]
        /// Whether it has been said that the group does not let this worker in; until it does.
        var isMisfit = false
    }

    init(
        intake: Intake,
        requestsTopic: String,
        placement: PlacementWatch,
        clock: WorkerClock,
        logger: Logger,
        repetitions: RepetitionLimiter,
        post: @escaping @Sendable (LoopEvent) -> Void,
        onConnection: @escaping @Sendable (_ isUp: Bool) -> Void,
        missingRight: @escaping @Sendable (KafkaError) -> MissingRight?,
        onMisfit: @escaping @Sendable () -> Void,
        onStatistics: @escaping @Sendable (String) -> Void,
        onFatal: @escaping @Sendable (KafkaError) -> Void
    ) {
        self.intake = intake
        self.requestsTopic = requestsTopic
        self.placement = placement
        self.clock = clock
        self.logger = logger
        self.repetitions = repetitions
        self.post = post
        self.onConnection = onConnection
        self.missingRight = missingRight
        self.onMisfit = onMisfit
        self.onStatistics = onStatistics
        self.onFatal = onFatal
    }

    /// Whether any partition of the requests topic is assigned.
    package var isAssigned: Bool { state.withLock { !$0.epochs.isEmpty } }

    package func take(_ event: ConsumerEvent) {
        switch event {
        case .records(let records): pass(records)
        case .assigned(let partitions, let epoch): assign(partitions, epoch: epoch)
        case .revoking(let partitions): post(.replica(.revoking(release(partitions))))
        case .lost(let partitions, let cause): lose(partitions, cause)
        case .brokersDown(let error): disconnect(error)
        case .brokersUp: reconnect()
        case .failure(let error): report(error)
        case .statistics(let json): onStatistics(json)
        }
    }

    private func pass(_ records: [KafkaRecord]) {
        let epochs = state.withLock { $0.epochs }
        let now = clock.now.wall
        let items = records.compactMap { record -> Intake.Item? in
            guard let epoch = epochs[record.partition] else { return nil }
            let item = intake.item(for: record, epoch: epoch, now: now)
            if let accountID = item.pending.accountID { placement.note(accountID, in: record.partition) }
            return item
        }
        if !items.isEmpty { post(.intake(items)) }
    }

    private func assign(_ partitions: [TopicPartition], epoch: UInt64) {
        let numbers = partitions.map(\.partition)
        state.withLock { state in
            for number in numbers { state.epochs[number] = epoch }
            state.isMisfit = false
        }
        post(.replica(.assigned(numbers, epoch: epoch)))
    }

    private func release(_ partitions: [TopicPartition]) -> [Int32] {
        let numbers = partitions.map(\.partition)
        state.withLock { state in
            for number in numbers { state.epochs[number] = nil }
        }
        return numbers
    }

    private func lose(_ partitions: [TopicPartition], _ cause: LossCause) {
        let numbers = release(partitions)
        let metadata: Logger.Metadata = ["partitions": "\(numbers.sorted())"]
        switch cause {
        case .group(let reason):
            repetitions.log(
                """
                partitions lost: the group went on without this worker; what was called and is not committed yet, their next \
                owner calls again. A worker that was stopped, cut off or starved for kafka.properties.session.timeout.ms \
                loses them so
                """,
                level: .error,
                to: logger,
                metadata: metadata.merging(["reason": "\(reason)"]) { own, _ in own }
            )
        case .takenBack:
            logger.info("partitions were taken back before their first record", metadata: metadata)
        case .closing:
            repetitions.log(
                "partitions are left without a word: they were not given up in time",
                level: .warning,
                to: logger,
                metadata: metadata
            )
        }
        post(.replica(.lost(numbers)))
    }

    private func disconnect(_ error: KafkaError) {
        onConnection(false)
        post(.replica(.brokersChanged(areUp: false)))
        repetitions.log(
            "no Kafka broker can be reached; going on as soon as one is back",
            level: .warning,
            to: logger,
            metadata: ["reason": "\(error)"]
        )
    }

    private func reconnect() {
        onConnection(true)
        post(.replica(.brokersChanged(areUp: true)))
        repetitions.log("Kafka is back", level: .notice, to: logger)
    }

    private func report(_ error: KafkaError) {
        guard !error.isFatal else { return onFatal(error) }
        if error.code == KafkaError.Code.inconsistentGroupProtocol {
            let isKnown = state.withLock { state in
                defer { state.isMisfit = true }
                return state.isMisfit
            }
            if !isKnown { onMisfit() }
        } else if let right = missingRight(error) {
            repetitions.log(
                "\(right.text); no request is read until it is there",
                level: .error,
                to: logger,
                metadata: ["reason": "\(error)", "what_to_do": "\(right.remedy)"]
            )
        } else {
            repetitions.log(
                "the consumer reports a problem",
                key: "the consumer reports \(error.code)",
                level: .warning,
                to: logger,
                metadata: ["reason": "\(error)"]
            )
        }
    }
}

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
        case .startPaused(let partitions, let epoch):
            try await consumer.startPaused(partitions.map(named), epoch: epoch)
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
