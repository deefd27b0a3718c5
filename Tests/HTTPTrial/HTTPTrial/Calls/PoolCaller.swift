import HTTP
import Reactor

/// Makes the calls of a pool, so many at once, on the reactor's thread.
///
/// `@unchecked Sendable`: used there only.
final class PoolCaller: @unchecked Sendable {
    struct Settings: Sendable {
        var inFlight: Int
        /// Once so many calls were started the pool is shut down, and the rest is refused. Nil: when all have ended.
        var shutdownAfter: Int?
        var shutdownLimit: Duration
        /// Where the shutdown comes from.
        var shutdownPlace: ShutdownPlace
        /// Of a thousand ends: after how many nothing is started for a moment, so that connections are idle.
        var pauses: Int
        /// For so long, in milliseconds.
        var pause = 1...25
    }

    enum ShutdownPlace: CaseIterable, Sendable {
        case timer, ending, lastWord
    }

    private let reactor: Reactor
    private let settings: Settings
    private let plans: CallPlans
    private let records: CallRecords
    private var ids: ArraySlice<Int>
    private var pool: HTTPConnectionPool?
    private weak var formerPool: HTTPConnectionPool?
    private var draw: Draw
    private var started = 0
    private var isPausing = false
    private var wantsShutdown = false
    private var hasShutDown = false
    private(set) var isShuttingDown = false
    private(set) var running = 0
    /// The pool's numbers after its end.
    private(set) var counts: HTTPPoolCounts?

    /// - Parameter ids: The calls to make.
    init(
        _ pool: HTTPConnectionPool,
        reactor: Reactor,
        _ settings: Settings,
        plans: CallPlans,
        records: CallRecords,
        ids: [Int],
        draw: Draw
    ) {
        self.pool = pool
        formerPool = pool
        self.reactor = reactor
        self.settings = settings
        self.plans = plans
        self.records = records
        self.ids = ids[...]
        self.draw = draw
    }

    /// Whether all calls have ended and the pool is closed.
    var isDone: Bool { ids.isEmpty && running == 0 && hasShutDown }

    /// Whether the pool is still in memory though nobody holds it.
    var isPoolAlive: Bool {
        pool = nil
        return formerPool != nil
    }

    /// The reactor's time, by which the client measures.
    var now: Int64 { reactor.now }

    /// Starts calls until as many run as should.
    func fill() {
        while running < settings.inFlight, !isPausing, let id = ids.popFirst() { start(id) }
    }

    private func start(_ id: Int) {
        guard let pool else { return }
        let plan = plans[id]
        let call = TrialCall(id: id, plan: plan, records: records, caller: self)
        records.change(id) { $0.started = now }
        var options = HTTPCallOptions(latestStart: now + plan.latestStart.milliseconds)
        options.responseTimeout = .milliseconds(plan.responseTimeout)
        options.isHead = plan.isHead
        if let deadline = plan.deadline { options.deadline = now + deadline.milliseconds }
        running += 1
        started += 1
        if started == settings.shutdownAfter { prepareShutdown() }
        pool.start(call, options)
        if let delay = plan.cancelAfter { cancel(call, after: delay) }
    }

    private func cancel(_ call: TrialCall, after milliseconds: Int) {
        if milliseconds == 0 { pool?.cancel(call) }
        reactor.schedule(at: reactor.now + milliseconds.milliseconds) { [self] in pool?.cancel(call) }
    }

    func ended(_ call: TrialCall) {
        running -= 1
        if wantsShutdown, settings.shutdownPlace == .ending { shutdown() }
        if settings.shutdownAfter == nil, ids.isEmpty, running == 0 { shutdown() }
        if draw.number(in: 0...999) < settings.pauses, !isPausing, ids.count > settings.inFlight {
            isPausing = true
            reactor.schedule(at: reactor.now + draw.number(in: settings.pause).milliseconds) { [self] in
                isPausing = false
                fill()
            }
        }
        if call.plan.goesOnAtOnce { fill() } else { reactor.runSoon { [self] in fill() } }
    }

    /// A call that will say no is asked.
    func isAsked(_ id: Int) {
        if wantsShutdown, settings.shutdownPlace == .lastWord { shutdown() }
        if id.isMultiple(of: 3) { fill() }
    }

    private func prepareShutdown() {
        wantsShutdown = true
        // In case that nothing else leads to it.
        let delay = settings.shutdownPlace == .timer ? draw.number(in: 0...5) : 200
        reactor.schedule(at: reactor.now + delay.milliseconds) { [self] in shutdown() }
    }

    private func shutdown() {
        guard !isShuttingDown, let pool else { return }
        isShuttingDown = true
        pool.shutdown(within: settings.shutdownLimit) { [self] in
            precondition(!hasShutDown, "the end of a shutdown is told twice")
            hasShutDown = true
            counts = self.pool?.counts
        }
    }
}

extension Int {
    /// In nanoseconds.
    var milliseconds: Int64 { Int64(self) * 1_000_000 }
}
