package import InstagramMessaging
package import KafkaClient
package import SendWorker

/// The topics, as the commands that are not the worker read them.
package struct KafkaAccess: Sendable {
    /// The way in which reading a topic came to its end.
    package enum Ending: Sendable, Hashable {
        /// All there was has been read.
        case atEnd
        /// The reader had enough.
        case enough
        /// The task was cancelled.
        case interrupted
    }

    /// By how many milliseconds the clocks of workers, brokers and this machine may differ.
    private static let clockDifference: Int64 = 60_000

    package let configuration: WorkerConfiguration
    package let kafka: KafkaConfiguration

    package init(configuration: WorkerConfiguration, kafka: KafkaConfiguration) {
        self.configuration = configuration
        self.kafka = kafka
    }

    /// The ends of every partition of a topic.
    ///
    /// - Throws: `WorkerFailure` where there is no such topic or no broker answers.
    package func watermarks(of topic: String) async throws -> [Int32: Watermarks] {
        try await asking { try await watermarks(of: topic, with: $0) }
    }

    /// Returns where to begin reading a topic so that no record about what ended at a moment or later is missed.
    ///
    /// A record is written after what it tells of has ended. Clocks differ, so a minute before the moment is read too.
    ///
    /// - Parameters:
    ///   - moment: Nil for all there is.
    ///   - marks: The ends of the topic's partitions.
    /// - Returns: Nil for a partition that is read from its oldest record on.
    package func starts(in topic: String, since moment: Timestamp?, marks: [Int32: Watermarks]) async throws -> [Int32:
        Int64?]
    {
        guard let moment else { return marks.mapValues { _ in nil } }
        let partitions = marks.keys.map { TopicPartition(topic: topic, partition: $0) }
        let first = moment.millisecondsSinceEpoch - Self.clockDifference
        let found = try await asking { admin -> [TopicPartition: Int64]? in
            // Brokers that keep no such index do not answer; then all of it is read.
            try? await admin.offsets(since: max(first, 0), of: partitions)
        }
        guard let found else { return marks.mapValues { _ in nil } }
        return Dictionary(
            uniqueKeysWithValues: marks.map { number, marks in
                (number, found[TopicPartition(topic: topic, partition: number)] ?? marks.high)
            }
        )
    }

    /// Makes sure that a topic is there.
    ///
    /// - Throws: `WorkerFailure` where there is no such topic or no broker answers.
    package func require(topic: String) async throws {
        _ = try await asking { try await partitionCount(of: topic, with: $0) }
    }

    private func asking<Answer: Sendable>(_ question: (KafkaAdmin) async throws -> Answer) async throws -> Answer {
        let admin = try KafkaAdmin(configuration: kafka)
        do {
            let answer = try await question(admin)
            await admin.close()
            return answer
        } catch {
            await admin.close()
            throw explained(error)
        }
    }

    /// Reads a topic on from these offsets and hands over what comes.
    ///
    /// - Parameters:
    ///   - starts: The first offset to read in each partition; nil is the oldest record.
    ///   - isFollowing: Waits for new records instead of ending where the topic ends now.
    ///   - take: Takes records, in offset order within each partition; returns false when it has enough.
    package func read(
        _ topic: String,
        from starts: [Int32: Int64?],
        isFollowing: Bool = false,
        _ take: ([KafkaRecord]) async throws -> Bool
    ) async throws -> Ending {
        let places = starts.map { RecordReader.Start(TopicPartition(topic: topic, partition: $0.key), from: $0.value) }
        let reader = try RecordReader(
            configuration: kafka,
            starts: places.sorted { $0.partition.partition < $1.partition.partition },
            mode: isFollowing ? .following : .toEnd
        )
        do {
            var ending = Ending.atEnd
            while ending == .atEnd, let batch = try await reader.next() {
                if try await !take(batch) { ending = .enough }
            }
            await reader.close()
            return ending
        } catch {
            await reader.close()
            if error is CancellationError { return .interrupted }
            throw explained(error)
        }
    }

    /// An error of Kafka with what can be done about it; others as they are.
    private func explained(_ error: any Error) -> any Error {
        guard let error = error as? KafkaError else { return error }
        if error.isFatal { return WorkerFailure(.restart, "\(error)") }
        let isAway =
            error.isTimeout || error.code == KafkaError.Code.transport || error.code == KafkaError.Code.allBrokersDown
        guard isAway else { return WorkerFailure(.failed, "\(error)") }
        return WorkerFailure(
            .failed,
            "Kafka at \(configuration.kafka.bootstrapServers) does not answer (\(error)); start it, or say where it is"
                + " with --bootstrap-servers or kafka.bootstrapServers"
        )
    }

    private func partitionCount(of topic: String, with admin: KafkaAdmin) async throws -> Int {
        guard let count = try await admin.partitionCounts([topic])[topic] ?? nil else {
            throw WorkerFailure(
                .configuration,
                "there is no topic \(topic); name the right one with --set topics.<name>=..., or create it with:"
                    + " send-worker topics create"
            )
        }
        return count
    }

    private func watermarks(of topic: String, with admin: KafkaAdmin) async throws -> [Int32: Watermarks] {
        var marks: [Int32: Watermarks] = [:]
        for number in 0..<Int32(try await partitionCount(of: topic, with: admin)) {
            marks[number] = try await admin.watermarks(of: TopicPartition(topic: topic, partition: number))
        }
        return marks
    }
}

extension [Int32: Watermarks] {
    /// Returns the number of offsets from these starts on; nil is the oldest record.
    package func count(from starts: [Int32: Int64?]) -> Int64 {
        reduce(0) { sum, each in
            let start = (starts[each.key] ?? nil) ?? each.value.low
            return sum + Swift.max(each.value.high - Swift.max(start, each.value.low), 0)
        }
    }
}
