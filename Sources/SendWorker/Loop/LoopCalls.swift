import InstagramMessaging
import Reactor
import SendEngine

/// The calls of a loop, on its reactor: gives them the last word, and gathers their ends until the turn's end, where the loop
/// handles all that has happened in the turn.
///
/// `@unchecked Sendable`: used on the reactor's thread only, but for what never changes.
final class LoopCalls: GraphCaller, @unchecked Sendable {
    /// A call that has ended, and after how many nanoseconds.
    struct End {
        let id: RecordID
        let outcome: CallOutcome
        let nanoseconds: Int64
    }

    private let reactor: Reactor
    private let clock: WorkerClock
    /// Whether the partition is still the one that the call was decided for.
    private var stillOwns: (RecordID) -> Bool = { _ in false }
    private var handleAll: () -> Void = {}
    private var ends: [End] = []
    private var isLoopAsked = false

    init(reactor: Reactor, clock: WorkerClock) {
        self.reactor = reactor
        self.clock = clock
    }

    /// - Parameters:
    ///   - stillOwns: Asked for calls that had to wait for a connection.
    ///   - handleAll: Called at the end of each turn in which calls have ended, or the loop was asked for.
    func begin(stillOwns: @escaping (RecordID) -> Bool, handleAll: @escaping () -> Void) {
        self.stillOwns = stillOwns
        self.handleAll = handleAll
    }

    /// Has the loop run at the end of this turn.
    func askLoop() {
        guard !isLoopAsked else { return }
        isLoopAsked = true
        reactor.runAtEndOfTurn(handleAll)
    }

    func mayStart(_ call: GraphCall, hasWaited: Bool) -> Bool {
        // Between the decision and this a process may stand still.
        clock.monotonic < call.latestStart && (!hasWaited || stillOwns(call.id))
    }

    func ended(_ call: GraphCall, _ outcome: CallOutcome) {
        reactor.assertIsCurrent()
        call.span?.end(outcome)
        ends.append(End(id: call.id, outcome: outcome, nanoseconds: clock.monotonic - call.askedAt))
        askLoop()
    }

    /// Takes the ends that have gathered.
    func takeEnds() -> [End] {
        isLoopAsked = false
        guard !ends.isEmpty else { return [] }
        defer { ends.removeAll(keepingCapacity: true) }
        return ends
    }
}
