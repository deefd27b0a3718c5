import InstagramMessaging
import SendEngine

/// Kafka, Graph and one worker as plain values: everything that the engine's promises are about, seen from outside.
final class World {
    struct Record {
        var request: QueuedRequest
        var calls = 0
        var delivered = 0
        /// Calls of the present engine's life, by this epoch.
        var callsThisEpoch = 0
        /// An engine died, or lost the partition, with a call of it that nothing durable tells of.
        var hasForgottenCall = false
        var result: Termination?
    }

    struct Call {
        var id: RecordID
        var endsAt: Int64
        var outcome: CallOutcome
    }

    struct Arrival {
        var account: String
        var rateClass: RateClass
        var at: Int64
    }

    struct OpenCommit {
        var batch: CommitBatch
        var endsAt: Int64
        var succeeds: Bool
    }

    struct PartitionState {
        var epoch: UInt64
        var offsets: [Int64]
        var nextToRead = 0
        var isPaused = false
        var isDraining = false
        var committed: Int64 = 0
        var snapshot: [UInt8]?
        var accounts: [String: [UInt8]] = [:]
    }

    var settings: EngineSettings
    var random: SplitMix64
    var engine: SendEngine
    var milliseconds: Int64 = 1_000
    var wallShift: Int64 = 0
    var records: [Int32: [Int64: Record]] = [:]
    var partitions: [Int32: PartitionState] = [:]
    var running: [Call] = []
    var preparing: [(id: RecordID, endsAt: Int64)] = []
    var arrivals: [Arrival] = []
    var commit: OpenCommit?
    var lastEpoch: UInt64 = 0
    var isCalm = false
    var violations: [String] = []
    var parked: Set<String> = []
    /// What the present engine has read of each conversation and not ended, in order.
    var unended: [String: [RecordID]] = [:]
    var callsMade = 0
    var crashes = 0

    init(seed: UInt64, settings: EngineSettings, records count: Int, partitions partitionCount: Int32) {
        self.settings = settings
        random = SplitMix64(seed: seed)
        engine = SendEngine(settings: settings, random: SplitMix64(seed: seed &+ 1))
        for partition in 0..<partitionCount {
            partitions[partition] = PartitionState(epoch: 0, offsets: [])
            records[partition] = [:]
        }
        for index in 0..<count { write(index) }
        for partition in 0..<partitionCount { assign(partition) }
    }

    var now: EngineTime {
        EngineTime(
            monotonic: milliseconds * 1_000_000,
            wall: Timestamp(millisecondsSinceEpoch: Rig.wallStart + milliseconds + wallShift)
        )
    }

    func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    func check(_ condition: Bool, _ message: @autoclosure () -> String) {
        if !condition { violations.append("at \(milliseconds) ms: \(message())") }
    }

    private func write(_ index: Int) {
        let account = Int.random(in: 1...4, using: &random)
        let partition = Int32(account % partitions.count)
        let offset = (partitions[partition]?.offsets.last ?? 0) + (chance(20) ? 3 : 1)
        let classes: [RateClass] = [.messages, .messages, .messages, .media, .privateReplies]
        let rateClass = classes.randomElement(using: &random) ?? .messages
        let isIdempotent = rateClass == .messages && chance(15)
        let request = QueuedRequest(
            id: RecordID(partition: partition, offset: offset, epoch: 0),
            accountID: "\(account)",
            conversation: "u:\(Int.random(in: 1...5, using: &random))",
            rateClass: rateClass,
            delivery: chance(35) ? .atMostOnce : .atLeastOnce,
            isIdempotent: isIdempotent,
            needsPreparation: rateClass == .media && chance(60),
            expiresAt: chance(20) ? deadline() : nil,
            windowClosesAt: chance(10) ? deadline() : nil
        )
        partitions[partition]?.offsets.append(offset)
        records[partition]?[offset] = Record(request: request)
    }

    private func deadline() -> Timestamp {
        Timestamp(millisecondsSinceEpoch: Rig.wallStart + Int64.random(in: 0...200_000, using: &random))
    }
}
