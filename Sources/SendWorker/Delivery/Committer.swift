package import InstagramMessaging
package import KafkaClient
package import SendEngine
import Synchronization

/// Makes deliveries durable in Kafka.
package protocol Committer: Sendable {
    /// The thread that it works on; nil for one that works anywhere.
    var executor: (any TaskExecutor)? { get }

    /// Tries to make a delivery durable. Deliveries are given one after the other.
    ///
    /// - Throws: `CommitError` where going on makes no sense.
    func commit(_ delivery: Delivery) async throws(CommitError) -> CommitOutcome
}

extension Committer {
    /// Hands a delivery over in one hop, from any thread.
    ///
    /// - Parameter whenEnded: Called once, on the committer's thread.
    func start(
        _ delivery: Delivery,
        whenEnded: @escaping @Sendable (Result<CommitOutcome, CommitError>) -> Void
    ) {
        Task(executorPreference: executor) {
            do throws(CommitError) {
                whenEnded(.success(try await commit(delivery)))
            } catch {
                whenEnded(.failure(error))
            }
        }
    }
}

/// A commit with the results that it makes durable.
package struct Delivery: Sendable {
    /// The end of one request: its result and, unless it was sent, its dead letter.
    package final class Entry: Sendable {
        package let result: SendResult
        package let pending: PendingRequest

        package init(result: SendResult, pending: PendingRequest) {
            self.result = result
            self.pending = pending
        }
    }

    package var commit: ReplicaCommit
    package var entries: [Entry]
}

/// The largest batch that each topic takes, as far as is known: no record that the worker writes is larger.
package struct BatchLimits: Sendable, Hashable {
    /// The limit of a topic of which nobody has said otherwise: Kafka's default of `max.message.bytes`.
    package static let usual = 1_048_588
    /// Every result and every dead letter can be made to fit into so many bytes.
    package static let least = 1_200

    private var topics: [String: Int] = [:]
    /// The most that the client itself lets pass (`message.max.bytes`).
    private let client: Int

    /// - Parameters:
    ///   - topics: The topics that records are written to.
    ///   - client: The largest record that the client lets pass.
    package init(topics: [String], client: Int) {
        self.client = max(client, Self.least)
        for topic in topics { self.topics[topic] = Self.usual }
    }

    package subscript(topic: String) -> Int { min(topics[topic] ?? Self.usual, client) }

    /// The largest size that a batch may have, whatever topic it is for: a client has one size for all.
    package var batchSize: Int { topics.keys.reduce(client) { min($0, self[$1]) } }

    /// Takes in the limits of topics as they were read.
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
    /// Returns what the topics take; one that cannot be asked about is left out.
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

    /// Returns by partition what is known by the number of one of the requests topic, as Kafka's clients want it.
    func byPartition<Value>(_ values: [Int32: Value]) -> [TopicPartition: Value] {
        values.reduce(into: [:]) { $0[TopicPartition(topic: requests, partition: $1.key)] = $1.value }
    }

    /// Returns by number what is known by partition of the requests topic.
    func byNumber<Value>(_ values: [TopicPartition: Value]) -> [Int32: Value] {
        values.reduce(into: [:]) { if $1.key.topic == requests { $0[$1.key.partition] = $1.value } }
    }

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

/// The transactional ids of a group's replicas: the group's name, and the replica's own or a random one.
package struct ReplicaNames: Sendable {
    /// Longer than any id that Kafka's tools are made for.
    private static let longest = 1_024

    private let prefix: String
    /// This replica's transactional id.
    package let own: String

    /// - Parameter instanceID: The replica's name, where it has one that outlives restarts.
    package init(groupID: String, instanceID: String?) {
        prefix = "\(groupID)-"
        own = prefix + (instanceID ?? String(UInt64.random(in: .min ... .max), radix: 36))
    }

    /// The id that a record names as its writer's; nil for what is not another replica of this group.
    func other(_ name: [UInt8]?) -> String? {
        guard let name, name.count <= Self.longest, let id = String(validating: name, as: UTF8.self) else { return nil }
        return id.hasPrefix(prefix) && id.count > prefix.count && id != own ? id : nil
    }
}

/// Finds out whether a commit's every part may be written, without leaving anything to be read: in a transaction that is
/// aborted.
package struct WriteProbe: Sendable {
    /// Transactional, with its transactions initialised and none open. To be closed after the probe.
    let producer: KafkaProducer
    let names: CommitNames
    let stateTopic: StateTopic
    /// The transactional id.
    let writer: String
    /// The group's offset of the requests topic's first partition. Some brokers keep what was aborted, so it is the one
    /// that stands there anyway.
    /// Nil where offsets are not probed.
    let offset: Int64?

    package init(
        producer: KafkaProducer,
        names: CommitNames,
        stateTopic: StateTopic,
        writer: String,
        offset: Int64?
    ) {
        self.producer = producer
        self.names = names
        self.stateTopic = stateTopic
        self.writer = writer
        self.offset = offset
    }

    /// - Parameter timeout: How long each call may take.
    /// - Returns: The first right that is missing; nil where none is.
    /// - Throws: `KafkaError` for whatever else goes wrong.
    package func run(timeout: Duration) async throws -> MissingRight? {
        try await producer.beginTransaction()
        do {
            if let right = try await missingRight(timeout: timeout) {
                // What was written before the refusal would keep readers waiting until the transaction's time-out.
                try? await producer.abortTransaction(timeout: timeout)
                return right
            }
        } catch {
            try? await producer.abortTransaction(timeout: timeout)
            throw error
        }
        try await producer.abortTransaction(timeout: timeout)
        return nil
    }

    private func missingRight(timeout: Duration) async throws -> MissingRight? {
        // One after the other: a refusal makes all that is under way fail.
        for record in records {
            guard case .failure(let failure) = await producer.publish([record])[0] else { continue }
            let error = await producer.causeOfFailure(failure, names: names, offset: offset, timeout: timeout)
            guard let right = MissingRight(error, "Write", on: .topic(record.topic)) else { throw error }
            return right
        }
        return try await rightLackingForOffsets(timeout: timeout)
    }

    private func rightLackingForOffsets(timeout: Duration) async throws -> MissingRight? {
        guard let offset else { return nil }
        do {
            try await producer.sendOffsets(
                [TopicPartition(topic: names.requests, partition: 0): offset],
                metadata: try ConsumerGroupMetadata(outsideOf: names.group),
                timeout: timeout
            )
            return nil
        } catch let error as KafkaError {
            guard let right = names.right(lackingFor: error) else { throw error }
            return right
        }
    }

    private var records: [ProducerRecord] {
        var state = stateTopic.emptyRecord(in: 0)
        // Should this replica die now, the next owner ends the transaction.
        state.headers.append(KafkaHeader(name: StateTopic.writerHeader, value: Array(writer.utf8)))
        // With a key, as a topic that is compacted takes none without; the start says so in its own words.
        return [state] + [names.results, names.deadLetters].map { ProducerRecord(topic: $0, key: [], value: nil) }
    }
}

/// The moment at which the group was last asked to take offsets, told by whoever commits to the engine loop.
///
/// Its yes proves the membership from then on; what came before, above all the writing of results, may have taken long.
final class GroupQuestion: Sendable {
    private let last = Atomic(Int64.min)

    /// On the monotonic clock; the earliest moment there is before the first time.
    var askedAt: Int64 { last.load(ordering: .acquiring) }

    func note(at now: Int64) { last.store(now, ordering: .releasing) }
}
