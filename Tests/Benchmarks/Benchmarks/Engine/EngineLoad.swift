import InstagramMessaging
import SendEngine

/// An engine with everything around it that it needs to work: requests, answers, commits and a virtual clock.
struct EngineLoad: ~Copyable {
    let scenario: Scenario
    let openAccounts: Int
    let stepNanoseconds: Int64
    var engine: SendEngine
    var meter: EventMeter
    var random = SplitMix64(seed: Scenario.seed)
    /// The virtual time since the start.
    var nanoseconds: Int64 = 0
    /// The account of each record, by partition and offset.
    var owners: [[Int32]]
    var nextOffsets: [Int64]
    /// Calls that run, the oldest first.
    var running: [RecordID] = []
    /// The batch that is being made durable.
    var openCommit: CommitBatch?
    var durable = 0
    /// Bytes of all ledger snapshots in all batches.
    var snapshotBytes = 0

    private static let epoch: UInt64 = 1
    private static let wallStart: Int64 = 1_750_000_000_000
    /// Blocks outlast the measurement; deadlines and trying outlast the blocks: nothing ends by itself.
    private static let block = Duration.seconds(48 * 3_600)
    private static let trying = Duration.seconds(72 * 3_600)
    private static let soonestDeadline: Int64 = 72 * 3_600_000

    init(_ scenario: Scenario, _ stopwatch: Stopwatch) {
        self.scenario = scenario
        openAccounts = scenario.openAccounts
        stepNanoseconds = scenario.stepNanoseconds(openAccounts: openAccounts)
        meter = EventMeter(stopwatch)
        let room = scenario.waiting / scenario.partitions * 2
        // Touched beforehand, so that it does not look like the engine's memory.
        owners = (0..<scenario.partitions).map { _ in [Int32](repeating: -1, count: room) }
        nextOffsets = Array(repeating: 0, count: scenario.partitions)
        engine = SendEngine(settings: Self.settings(scenario), random: SplitMix64(seed: Scenario.seed))
        for number in 0..<scenario.partitions {
            engine.assign(Int32(number), epoch: Self.epoch, now: now)
        }
    }

    private static func settings(_ scenario: Scenario) -> EngineSettings {
        EngineSettings(
            limits: EngineSettings.LimitSettings(messagesPerSecond: scenario.limit),
            retry: EngineSettings.RetrySettings(maxElapsed: trying),
            health: EngineSettings.HealthSettings(
                longestNamedWait: block,
                hold: block,
                maxHold: block
            ),
            firstCalls: nil,
            maxInFlight: scenario.maxInFlight,
            maxInDoubt: .max,
            maxOutstandingPerPartition: scenario.waiting,
            coldStart: false
        )
    }

    var now: EngineTime {
        let wall = Timestamp(millisecondsSinceEpoch: Self.wallStart + nanoseconds / 1_000_000)
        return EngineTime(monotonic: nanoseconds, wall: wall)
    }

    /// Numbers as long as real ones: the engine's keys then live on the heap, as they do in the worker.
    func accountID(_ account: Int) -> String { "17841" + Self.padded(account) }

    /// The next record of an account, to somebody among its conversations.
    mutating func nextRequest(of account: Int, in partition: Int32) -> QueuedRequest {
        let number = Int(partition)
        let offset = nextOffsets[number]
        nextOffsets[number] += 1
        if Int(offset) < owners[number].count {
            owners[number][Int(offset)] = Int32(truncatingIfNeeded: account)
        } else {
            owners[number].append(Int32(truncatingIfNeeded: account))
        }
        let conversations = max(scenario.conversations / scenario.accounts, 1)
        let receiver = account * conversations + Int.random(in: 0..<conversations, using: &random)
        let hasDeadline = Int.random(in: 0..<100, using: &random) < scenario.deadlinePercent
        let ahead = Self.soonestDeadline + Int64.random(in: 0..<86_400_000, using: &random)
        return QueuedRequest(
            id: RecordID(partition: partition, offset: offset, epoch: Self.epoch),
            accountID: accountID(account),
            conversation: "u:6427" + Self.padded(receiver),
            rateClass: .messages,
            delivery: .atLeastOnce,
            expiresAt: hasDeadline ? now.wall.adding(milliseconds: ahead) : nil
        )
    }

    func account(of id: RecordID) -> Int { Int(owners[Int(id.partition)][Int(id.offset)]) }

    private static func padded(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(12 - digits.utf8.count, 0)) + digits
    }
}
