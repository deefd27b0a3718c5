package import KafkaClient
import SendEngine
import Synchronization
package import Telemetry

/// Takes what the consumer reports, on the consumer's thread, and passes it to the engine loop in the loop's terms.
package final class ConsumerEventRouter: Sendable {
    private let intake: Intake
    private let requestsTopic: String
    private let clock: WorkerClock
    private let logger: Logger
    private let post: @Sendable (LoopEvent) -> Void
    private let onConnection: @Sendable (_ isUp: Bool) -> Void
    private let onStatistics: @Sendable (String) -> Void
    private let onFatal: @Sendable (KafkaError) -> Void
    private let state = Mutex(State())

    private struct State {
        var epochs: [Int32: UInt64] = [:]
    }

    package init(
        intake: Intake,
        requestsTopic: String,
        clock: WorkerClock,
        logger: Logger,
        post: @escaping @Sendable (LoopEvent) -> Void,
        onConnection: @escaping @Sendable (_ isUp: Bool) -> Void,
        onStatistics: @escaping @Sendable (String) -> Void,
        onFatal: @escaping @Sendable (KafkaError) -> Void
    ) {
        self.intake = intake
        self.requestsTopic = requestsTopic
        self.clock = clock
        self.logger = logger
        self.post = post
        self.onConnection = onConnection
        self.onStatistics = onStatistics
        self.onFatal = onFatal
    }

    /// Whether any partition of the requests topic is assigned.
    package var isAssigned: Bool { state.withLock { !$0.epochs.isEmpty } }

    package func take(_ event: ConsumerEvent) {
        switch event {
        case .records(let records): pass(records)
        case .assigned(let partitions, let epoch): assign(partitions, epoch: epoch)
        case .revoking(let partitions): post(.revoking(release(partitions)))
        case .lost(let partitions): lose(partitions)
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
            return intake.item(for: record, epoch: epoch, now: now)
        }
        if !items.isEmpty { post(.intake(items)) }
    }

    private func assign(_ partitions: [TopicPartition], epoch: UInt64) {
        let numbers = partitions.map(\.partition)
        state.withLock { state in
            for number in numbers { state.epochs[number] = epoch }
        }
        post(.assigned(numbers, epoch: epoch))
    }

    private func release(_ partitions: [TopicPartition]) -> [Int32] {
        let numbers = partitions.map(\.partition)
        state.withLock { state in
            for number in numbers { state.epochs[number] = nil }
        }
        return numbers
    }

    private func lose(_ partitions: [TopicPartition]) {
        let numbers = release(partitions)
        logger.error(
            "partitions lost: the group took this worker for dead (session time-out)",
            metadata: ["partitions": "\(numbers.sorted())"]
        )
        post(.lost(numbers))
    }

    private func disconnect(_ error: KafkaError) {
        onConnection(false)
        post(.brokersChanged(areUp: false))
        logger.warning(
            "no Kafka broker can be reached; going on as soon as one is back",
            metadata: ["reason": "\(error)"]
        )
    }

    private func reconnect() {
        onConnection(true)
        post(.brokersChanged(areUp: true))
        logger.notice("Kafka is back")
    }

    private func report(_ error: KafkaError) {
        guard error.isFatal else {
            logger.warning("the consumer reports a problem", metadata: ["reason": "\(error)"])
            return
        }
        onFatal(error)
    }
}
