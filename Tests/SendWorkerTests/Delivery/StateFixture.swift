import KafkaClient
import Synchronization

@testable import SendEngine
@testable import SendWorker

/// Records of the state topic, and what they hold.
enum StateFixture {
    static func record(
        _ key: String,
        _ value: [UInt8]?,
        offset: Int64,
        partition: Int32 = 0,
        headers: [KafkaHeader] = []
    ) -> KafkaRecord {
        KafkaRecord(
            topic: "state",
            partition: partition,
            offset: offset,
            timestamp: 1,
            key: Array(key.utf8),
            value: value,
            headers: headers
        )
    }

    static func ledger(_ base: Int64, started: [Range<Int64>] = [], offset: Int64) -> KafkaRecord {
        record("ledger", PartitionSnapshot(base: base, started: started).encoded(), offset: offset)
    }

    static func account(_ id: String, holds: Int, offset: Int64) -> KafkaRecord {
        record("account:\(id)", memory(holds: holds).encoded(), offset: offset)
    }

    static func memory(holds: Int) -> AccountMemory {
        var memory = AccountMemory()
        memory.holds = holds
        memory.holdUntil = 4_000_000_000_000
        return memory
    }
}

extension StateReader {
    /// All parts of what is handed over, once the reading is over.
    func restored(_ partitions: [Int32]) async -> [Int32: RestoredPartition] {
        let parts = Mutex<[Int32: RestoredPartition]>([:])
        await restore(partitions) { part in parts.withLock { $0.merge(part) { first, _ in first } } }
        return parts.withLock(\.self)
    }
}
