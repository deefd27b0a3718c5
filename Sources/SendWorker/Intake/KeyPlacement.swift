import KafkaClient
import Synchronization
import Telemetry

/// The place in which producers put a key: the partition that the usual hash functions name for it.
enum KeyPlacement {
    /// The partition of the Java client's default partitioner, and of librdkafka's `murmur2_random`.
    static func murmur2(_ key: some Collection<UInt8>, of partitions: Int) -> Int32 {
        Int32(truncatingIfNeeded: Int(murmur2Hash(Array(key)) & 0x7fff_ffff) % max(partitions, 1))
    }

    /// The partition of librdkafka's default partitioner, `consistent_random`.
    static func crc32(_ key: some Collection<UInt8>, of partitions: Int) -> Int32 {
        Int32(truncatingIfNeeded: Int(crc32Hash(key)) % max(partitions, 1))
    }

    /// MurmurHash2 with the seed and the byte order of Kafka's `Utils.murmur2`.
    static func murmur2Hash(_ key: [UInt8]) -> UInt32 {
        let multiplier: UInt32 = 0x5bd1_e995
        var hash = 0x9747_b28c ^ UInt32(truncatingIfNeeded: key.count)
        let whole = key.count & ~3
        for start in stride(from: 0, to: whole, by: 4) {
            var word = (0..<4).reduce(UInt32(0)) { $0 | UInt32(key[start + $1]) << UInt32(8 * $1) }
            word = word &* multiplier
            word ^= word >> 24
            word = word &* multiplier
            hash = hash &* multiplier ^ word
        }
        if whole < key.count {
            for index in whole..<key.count { hash ^= UInt32(key[index]) << UInt32(8 * (index - whole)) }
            hash = hash &* multiplier
        }
        hash ^= hash >> 13
        hash = hash &* multiplier
        return hash ^ hash >> 15
    }

    private static func crc32Hash(_ key: some Collection<UInt8>) -> UInt32 {
        ~key.reduce(~UInt32(0)) { value, byte in
            (0..<8).reduce(value ^ UInt32(byte)) { value, _ in
                value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1
            }
        }
    }
}

/// Sees whether producers agree on the partition of an account.
///
/// One replica owns an account only if all of its records stand in one partition. Producers hash keys differently (the Java
/// client with murmur2, librdkafka by default with CRC-32); an account that is written by both has two owners, twice its
/// limits and no order.
package final class PlacementWatch: Sendable {
    fileprivate struct State {
        /// The numbers of partitions that the topic has had since the start: what was written before some were added
        /// stands where it belonged then.
        var counts: Set<Int> = []
        var hasMurmur2 = false
        var hasCRC32 = false
        var misplaced = 0
        var seen = 0

        var most: Int { counts.max() ?? 0 }
    }

    private let topic: String
    private let count: @Sendable () -> Void
    private let logger: Logger
    private let repetitions: RepetitionLimiter
    private let state = Mutex(State())

    /// - Parameter count: Told of each record that stands elsewhere than murmur2 puts it.
    init(topic: String, logger: Logger, repetitions: RepetitionLimiter, count: @escaping @Sendable () -> Void) {
        self.topic = topic
        self.logger = logger
        self.repetitions = repetitions
        self.count = count
    }

    /// The topic has so many partitions now.
    func setPartitions(_ count: Int) {
        guard count > 0 else { return }
        state.withLock { _ = $0.counts.insert(count) }
    }

    /// A record of that account stands in that partition.
    func note(_ accountID: String, in partition: Int32) {
        let news = state.withLock { state -> (isMisplaced: Bool, warning: (Int, Int)?) in
            // With one partition there is nothing to disagree on; one beyond the known ones has only just been added.
            guard state.most > 1, Int(partition) < state.most else { return (false, nil) }
            return state.take(Array(accountID.utf8), in: partition)
        }
        if news.isMisplaced { count() }
        guard let (misplaced, seen) = news.warning else { return }
        repetitions.log(
            """
            producers disagree on the partition of an account: some place keys with murmur2, some with CRC-32. An account that \
            both write has two owners: no order, and twice its limits. Set partitioner=murmur2_random on every producer that \
            uses librdkafka (docs/operations.md, Producers)
            """,
            level: .warning,
            to: logger,
            metadata: ["topic": "\(topic)", "misplaced": "\(misplaced)", "of": "\(seen)"]
        )
    }
}

extension PlacementWatch.State {
    fileprivate mutating func take(_ key: [UInt8], in partition: Int32) -> (isMisplaced: Bool, warning: (Int, Int)?) {
        seen += 1
        let isExpected = counts.contains { KeyPlacement.murmur2(key, of: $0) == partition }
        if isExpected {
            // Only a place that the two do not share shows which of them it was.
            if !hasMurmur2 { hasMurmur2 = !counts.contains { KeyPlacement.crc32(key, of: $0) == partition } }
            return (false, nil)
        }
        misplaced += 1
        let isByCRC32 = counts.contains { KeyPlacement.crc32(key, of: $0) == partition }
        if isByCRC32 { hasCRC32 = true }
        return (true, hasMurmur2 && hasCRC32 ? (misplaced, seen) : nil)
    }
}
