import Containers
internal import InstagramMessaging

/// Decides what is sent when. Pure: no clock, no input or output, no concurrency; every event is a call that says when
/// it happens, and what follows from it is fetched with `takeActions` and `takeCommit`.
///
/// Time may stand still between events and never goes back: an earlier monotonic time counts as the last one. No input
/// traps: events of assignments that are over are ignored and counted.
package struct SendEngine: ~Copyable, Sendable {
    package private(set) var settings: EngineSettings
    var random: any RandomNumberGenerator & Sendable
    /// The time of the last event.
    var clock = EngineTime(monotonic: .min, wall: Timestamp(millisecondsSinceEpoch: 0))

    var partitions: [Int32: Partition] = [:]
    var accounts = Slab(blank: Account.blank)
    var accountSlots: [String: Int32] = [:]
    var lanes = Slab(blank: Lane.blank)
    var laneSlots: [LaneKey: Int32] = [:]
    var requests = Slab(blank: Request.blank)
    /// The error that the last attempt of a request ended with; by slot, for the few that have had one.
    var lastErrors: [Int32: SendError] = [:]
    /// Calls that run for partitions that were given up.
    var orphans: [RecordID: Orphan] = [:]

    /// Accounts that can go on now, in the order of their turns.
    var ring = Deque<Int32>()
    /// Accounts that can go on, or can be forgotten, at a later time.
    var dueAccounts = TimeHeap()
    /// Lanes whose heads wait for their own time.
    var dueLanes = TimeHeap()
    /// Requests by their deadline on the wall clock, in milliseconds.
    var deadlines = TimeHeap()
    /// Requests by the end of their trying, on the monotonic clock.
    var ends = TimeHeap()

    var workerWindow: SlidingWindow?
    /// Accounts that could go on wait for the worker's own limit.
    var isWorkerLimited = false
    var budget: RetryBudget
    var graph = GraphHealth()
    var safety: SafetyValve
    /// The account that was freed last for a probe.
    var probeCursor: Int32 = -1
    var commits = CommitQueue()
    /// Lanes in their account's queue whose head is in doubt: its resend needs no more room.
    var resends: Set<Int32> = []
    var actions: [EngineAction] = []
    /// Long waits that nobody has been told of.
    var longWaits: [LongWait] = []
    /// The end of the application's last long wait that was told of.
    var toldUntil = Int64.min
    /// Requests whose mark has become durable, to be called with the next actions.
    var marked: [RecordID] = []
    /// The last moment at which this worker is known to have been a member of its group.
    var provenAt = Int64.min
    var gauges = EngineCensus()
    var nextTicket: UInt64 = 0
    /// While true, no call starts, as commits fail: what is sent while its result cannot be made durable would be sent
    /// again by the next owner.
    package var isSuspended = false

    /// - Parameter random: Where delays are drawn from; the same source and the same events give the same actions.
    package init(settings: EngineSettings, random: any RandomNumberGenerator & Sendable) {
        self.settings = settings
        self.random = random
        budget = RetryBudget(settings.retry)
        safety = SafetyValve(settings.safety, firstCalls: settings.firstCalls)
        let slack = settings.arrivalSlack.nanoseconds
        workerWindow = settings.workerLimit.map { SlidingWindow($0, slack: slack) }
    }
}

extension SendEngine {
    /// A call whose partition was given up while it ran.
    struct Orphan: Sendable {
        var account: String
        var conversation: String
        var startedAt: Int64
    }

    /// Takes the time of an event. The wall clock may jump either way.
    mutating func observe(_ now: EngineTime) {
        clock.monotonic = max(clock.monotonic, now.monotonic)
        clock.wall = now.wall
    }

    mutating func setLimits(
        _ limits: EngineSettings.LimitSettings,
        accountLimits: [String: EngineSettings.LimitSettings]
    ) {
        settings.limits = limits
        settings.accountLimits = accountLimits
    }

    /// The wall clock, in milliseconds, at a moment on the monotonic one, as far as can be told now.
    func wallTime(at monotonic: Int64) -> Int64 {
        let ahead = monotonic.saturatingSubtract(clock.monotonic) / 1_000_000
        return clock.wall.millisecondsSinceEpoch.saturatingAdd(ahead)
    }

    func recordID(of slot: Int32) -> RecordID {
        let partition = requests[slot].partition
        let epoch = partitions[partition]?.epoch ?? 0
        return RecordID(partition: partition, offset: requests[slot].offset, epoch: epoch)
    }

    /// The unfinished request of that name; nil where its assignment is over or it has ended.
    func slot(of id: RecordID) -> Int32? {
        guard let partition = partitions[id.partition], partition.epoch == id.epoch else { return nil }
        return partition.ledger.request(at: id.offset)
    }
}

extension SlidingWindow {
    init(_ window: CallWindow, slack: Int64) {
        self.init(calls: window.calls, length: window.length.nanoseconds, slack: slack)
    }
}

/// Names a record of the requests topic within one assignment of its partition.
package struct RecordID: Sendable, Hashable {
    package var partition: Int32
    package var offset: Int64
    /// The number of the assignment; events of an older one are ignored.
    package var epoch: UInt64

    package init(partition: Int32, offset: Int64, epoch: UInt64) {
        self.partition = partition
        self.offset = offset
        self.epoch = epoch
    }
}

/// A task of the shell that the engine asks for. Actions are carried out in the order they are given.
package enum EngineAction: Sendable, Hashable {
    /// Check what is to be checked before a call, then tell `preparationEnded`.
    case prepare(RecordID)
    /// Start the HTTP call now, then tell `callEnded`. `attempt` counts from 1.
    case call(RecordID, attempt: Int)
    /// Stop fetching this partition: enough of it is outstanding.
    case pause(partition: Int32)
    /// Fetch this partition again.
    case resume(partition: Int32)
}

extension EngineAction {
    /// The partition that is concerned.
    var partition: Int32 {
        switch self {
        case .prepare(let id), .call(let id, _): id.partition
        case .pause(let partition), .resume(let partition): partition
        }
    }
}
