internal import InstagramMessaging

/// Decides what is sent when. Pure: no clock, no input or output, no concurrency; every event is a call that says when
/// it happens, and what follows from it is fetched with `takeActions` and `takeCommit`.
///
/// Time may stand still between events and never goes back: an earlier monotonic time counts as the last one. No input
/// traps: events of assignments that are over are ignored and counted.
package struct SendEngine: ~Copyable, Sendable {
    var conversations = Conversations()
    var gates: Gates
    var book = Book()
    /// The time of the last event.
    var clock = EngineTime(monotonic: .min, wall: Timestamp(millisecondsSinceEpoch: 0))
    var random: any RandomNumberGenerator & Sendable
    var actions: [EngineAction] = []
    var longWaits = LongWaits()
    var totals = EngineTotals()
    /// Accounts that could go on wait for the worker's own limit.
    var isWorkerLimited = false
    /// The account that was freed last for a probe.
    var probeCursor: Int32 = -1

    /// - Parameter random: Where delays are drawn from; the same source and the same events give the same actions.
    package init(settings: EngineSettings, random: any RandomNumberGenerator & Sendable) {
        self.random = random
        gates = Gates(settings)
    }

    package var settings: EngineSettings { _read { yield gates.settings } }

    /// While true, no call starts, as commits fail: what is sent while its result cannot be made durable would be sent
    /// again by the next owner.
    package var isSuspended: Bool {
        get { gates.isSuspended }
        set { gates.suspend(newValue) }
    }
}

extension SendEngine {
    /// Takes the time of an event. The wall clock may jump either way.
    mutating func observe(_ now: EngineTime) {
        clock.monotonic = max(clock.monotonic, now.monotonic)
        clock.wall = now.wall
    }

    func account(of slot: Int32) -> Int32 { conversations.lanes[conversations.requests[slot].lane].account }

    func recordID(of slot: Int32) -> RecordID {
        book.recordID(partition: conversations.requests[slot].partition, offset: conversations.requests[slot].offset)
    }

    /// A request's next call, or the one that runs, as far as gates go by it.
    func call(of slot: Int32) -> Gates.Call {
        Gates.Call(
            id: recordID(of: slot),
            account: account(of: slot),
            lane: conversations.requests[slot].lane,
            rateClass: conversations.requests[slot].rateClass,
            feature: conversations.requests[slot].feature
        )
    }

    /// Whether a request is at the head of its conversation, and that does this with it.
    func isHead(_ slot: Int32, _ stage: Lane.Stage) -> Bool {
        let lane = conversations.requests[slot].lane
        return conversations.lanes[lane].head == slot && conversations.lanes[lane].stage == stage
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

    /// Looked up several times for every message. Ids of one offset in several partitions or assignments are told apart by
    /// the comparison where they meet.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(UInt64(bitPattern: offset) ^ UInt64(UInt32(bitPattern: partition)) << 40)
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
