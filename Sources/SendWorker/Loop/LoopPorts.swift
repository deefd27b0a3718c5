package import InstagramMessaging
import KafkaClient
package import SendEngine
import Synchronization

/// The engine loop's ways to act on the world, each as a function so that a test can stand in for it.
package struct LoopPorts: Sendable {
    /// Starts a call for somebody who is told of its end exactly once, on the loop's reactor.
    package var send: @Sendable (GraphCall, any GraphCaller) -> Void
    /// Checks media before a call; nil means that nothing speaks against it.
    package var checkMedia: @Sendable ([MediaReference]) async -> SendError?
    /// Reads what the last owner of partitions left behind, and hands it over in as many parts as it comes in; waits out
    /// troubles until its task is cancelled.
    package var restore: @Sendable ([Int32], @escaping @Sendable ([Int32: RestoredPartition]) -> Void) async -> Void
    /// Returns where the logs of partitions begin, as far as the consumer knows from its last reading.
    package var logStarts: @Sendable ([Int32]) async -> [Int32: Int64]
    /// Returns where the logs of partitions begin and end, as their leaders say now; without those that cannot be
    /// asked.
    package var requestLogs: @Sendable ([Int32]) async -> [Int32: Range<Int64>]
    /// Ends the worker in order, to be started again, and says why.
    package var refuse: @Sendable (String) -> Void
    /// Makes entries, state and offsets durable.
    package var committer: any Committer
    /// Returns when the committer last asked the group to take offsets, on the monotonic clock.
    package var groupAskedAt: @Sendable () -> Int64
    /// Asks for something of the consumer. Must return at once; commands are carried out in the order given.
    package var consumer: @Sendable (ConsumerCommand) -> Void

    package init(
        send: @escaping @Sendable (GraphCall, any GraphCaller) -> Void,
        checkMedia: @escaping @Sendable ([MediaReference]) async -> SendError?,
        restore: @escaping @Sendable ([Int32], @escaping @Sendable ([Int32: RestoredPartition]) -> Void) async -> Void,
        logStarts: @escaping @Sendable ([Int32]) async -> [Int32: Int64] = { _ in [:] },
        requestLogs: @escaping @Sendable ([Int32]) async -> [Int32: Range<Int64>] = { _ in [:] },
        refuse: @escaping @Sendable (String) -> Void = { _ in },
        committer: any Committer,
        groupAskedAt: @escaping @Sendable () -> Int64 = { .min },
        consumer: @escaping @Sendable (ConsumerCommand) -> Void
    ) {
        self.send = send
        self.checkMedia = checkMedia
        self.restore = restore
        self.logStarts = logStarts
        self.requestLogs = requestLogs
        self.refuse = refuse
        self.committer = committer
        self.groupAskedAt = groupAskedAt
        self.consumer = consumer
    }
}

/// A command of the loop to the consumer, for partitions of the requests topic.
package enum ConsumerCommand: Sendable, Hashable {
    /// The assignment with this number is taken in: start to fetch, where an offset is given there, and otherwise where the
    /// group has come to.
    case startFetching([Int32], at: [Int32: Int64] = [:], epoch: UInt64)
    /// The same, without fetching anything before `resume`.
    case startPaused([Int32], epoch: UInt64)
    /// Fetch what was started paused, from this offset on.
    case begin(Int32, at: Int64)
    case pause(Int32)
    case resume(Int32)
    /// The partitions are drained and committed: give them up.
    case finishRevoke([Int32])
}

/// An event that reaches the engine loop from the outside.
package enum LoopEvent: Sendable {
    /// Records read, decoded and checked.
    case intake([Intake.Item])
    /// News for the replica.
    case replica(ReplicaEvent)
    /// The committer is done with a delivery.
    case commitEnded(DeliveryEnd)
}

/// The end of a try to make a delivery durable.
package struct DeliveryEnd: Sendable {
    var delivery: Delivery
    var result: Result<CommitOutcome, CommitError>
    /// The time that it took.
    var nanoseconds: Int64
    /// The moment at which the committer last asked the group to take offsets, on the monotonic clock.
    var askedAt: Int64
}

/// Collects events from many threads for one reader that takes them all at once.
///
/// One hop to the reader per batch, however many events arrive meanwhile.
final class Mailbox<Event: Sendable>: Sendable {
    private struct State {
        var events: [Event] = []
        var isReaderAwake = false
    }

    private let state = Mutex(State())

    /// Adds an event. Returns true where the reader has to be woken.
    func put(_ event: Event) -> Bool {
        state.withLock { state in
            state.events.append(event)
            defer { state.isReaderAwake = true }
            return !state.isReaderAwake
        }
    }

    /// Takes everything there is; an empty answer means that the reader may rest until it is woken again.
    func takeAll() -> [Event] {
        state.withLock { state in
            guard !state.events.isEmpty else {
                state.isReaderAwake = false
                return []
            }
            var taken: [Event] = []
            taken.reserveCapacity(state.events.count)
            swap(&taken, &state.events)
            return taken
        }
    }
}
