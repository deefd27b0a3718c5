import KafkaClient
import Synchronization
import Testing

/// A consumer under test with everything it has told.
final class Member: Sendable {
    struct Seen {
        var records: [KafkaRecord] = []
        var assignments: [(partitions: [TopicPartition], epoch: UInt64)] = []
        var revocations: [[TopicPartition]] = []
        var losses: [[TopicPartition]] = []
        var lossCauses: [LossCause] = []
        var downs = 0
        var ups = 0
        var failures: [KafkaError] = []
        var statistics: [String] = []
        /// Assigned and neither revoked nor lost since.
        var held: Set<TopicPartition> = []

        var values: [String] { records.map { String(decoding: $0.value ?? [], as: UTF8.self) } }
    }

    struct Timeout: Error {
        var condition: String
    }

    /// Has librdkafka find out where the group has come to (RD_KAFKA_OFFSET_INVALID), which is well where no coordinator
    /// moves.
    private static let committed: Int64 = -1_001

    let consumer: KafkaConsumer
    private let shared: Shared

    /// - Parameters:
    ///   - startsByItself: Starts each assignment where the group has come to, or else at the beginning.
    ///   - releasesByItself: Answers each revocation with `finishRevoke`.
    init(
        _ servers: String,
        group: String = "group",
        properties: [(name: String, value: String)] = [],
        maximumBatch: Int = 512,
        offsetMetadata: String? = nil,
        startsByItself: Bool = true,
        releasesByItself: Bool = true,
        onLog: (@Sendable (KafkaLogLine) -> Void)? = nil
    ) throws {
        let box = Box()
        let shared = Shared()
        let quick = [(name: "session.timeout.ms", value: "6000"), (name: "heartbeat.interval.ms", value: "300")]
        var configuration = KafkaConfiguration(bootstrapServers: servers, properties: quick + properties, onLog: onLog)
        configuration.offsetMetadata = offsetMetadata
        consumer = try KafkaConsumer(
            configuration: configuration,
            groupID: group,
            maximumBatch: maximumBatch
        ) { event in
            shared.take(event)
            box.withConsumer { consumer in
                // Events are told on the consumer's own thread, so its functions may be called at once.
                switch event {
                case .assigned(let partitions, let epoch) where startsByItself:
                    try consumer.startFetching(partitions.map { ($0, from: Self.committed) }, epoch: epoch)
                case .revoking(let partitions) where releasesByItself:
                    try consumer.finishRevoke(partitions)
                default: break
                }
            }
        }
        self.shared = shared
        box.consumer.withLock { [consumer] in $0 = Weak(consumer) }
    }

    var seen: Seen { shared.seen }

    /// Waits until the condition holds of what was told so far.
    func wait(
        _ name: String,
        atMost limit: Duration = .seconds(25),
        until condition: @escaping @Sendable (Seen) -> Bool
    ) async throws {
        guard await shared.wait(condition, limit: limit) else { throw Timeout(condition: "\(name); seen: \(seen)") }
    }
}

/// A weak reference that may cross threads.
private struct Weak: Sendable {
    weak let consumer: KafkaConsumer?

    init(_ consumer: KafkaConsumer) { self.consumer = consumer }
}

private final class Box: Sendable {
    let consumer = Mutex<Weak?>(nil)

    func withConsumer(_ body: @Sendable (isolated KafkaConsumer) throws -> Void) {
        guard let consumer = consumer.withLock({ $0?.consumer }) else { return }
        consumer.assumeIsolated { consumer in
            do { try body(consumer) } catch { Issue.record(error) }
        }
    }
}

/// What was told, and those who wait for something of it.
private final class Shared: Sendable {
    private struct Waiter {
        var condition: @Sendable (Member.Seen) -> Bool
        var continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var seen = Member.Seen()
        var waiters: [Int: Waiter] = [:]
        var next = 0
    }

    private let state = Mutex(State())

    var seen: Member.Seen { state.withLock { $0.seen } }

    func take(_ event: ConsumerEvent) {
        let ready = state.withLock { state -> [Waiter] in
            state.seen.note(event)
            let ready = state.waiters.filter { $0.value.condition(state.seen) }
            for key in ready.keys { state.waiters[key] = nil }
            return Array(ready.values)
        }
        for waiter in ready { waiter.continuation.resume(returning: true) }
    }

    func wait(_ condition: @escaping @Sendable (Member.Seen) -> Bool, limit: Duration) async -> Bool {
        let number = state.withLock { state in
            defer { state.next += 1 }
            return state.next
        }
        var timer: Task<Void, Never>?
        defer { timer?.cancel() }
        return await withCheckedContinuation { continuation in
            let holds = state.withLock { state in
                guard !condition(state.seen) else { return true }
                state.waiters[number] = Waiter(condition: condition, continuation: continuation)
                return false
            }
            if holds { return continuation.resume(returning: true) }
            timer = Task {
                do { try await Task.sleep(for: limit) } catch { return }
                self.state.withLock { $0.waiters.removeValue(forKey: number) }?.continuation.resume(returning: false)
            }
        }
    }
}

extension Member.Seen {
    fileprivate mutating func note(_ event: ConsumerEvent) {
        switch event {
        case .records(let batch):
            records += batch
        case .assigned(let partitions, let epoch):
            assignments.append((partitions, epoch))
            held.formUnion(partitions)
        case .revoking(let partitions):
            revocations.append(partitions)
            held.subtract(partitions)
        case .lost(let partitions, let cause):
            losses.append(partitions)
            lossCauses.append(cause)
            held.subtract(partitions)
        case .brokersDown: downs += 1
        case .brokersUp: ups += 1
        case .failure(let error): failures.append(error)
        case .statistics(let text): statistics.append(text)
        }
    }
}
