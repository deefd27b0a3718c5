import Containers
import Synchronization

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// One thread that waits for sockets, timers and work from other threads.
///
/// A turn has these phases, always in this order:
///
/// 1. wait for the system's events, for the next deadline or for a wake-up,
/// 2. read the clock (`now` stays the same for the whole turn) and take what was queued before,
/// 3. tell the handlers of the events, at most 256,
/// 4. fire the timers that are due at `now`; those set from here on wait for the next turn,
/// 5. run what was queued: by `runSoon`, then what other threads and actors posted, at most 1,024 items,
/// 6. run what was asked for the turn's end,
/// 7. let go of the handlers that were unwatched.
///
/// Work that is queued in a turn waits for the next one, after a look at the sockets; so nothing that sets itself anew
/// can keep others waiting. What is asked for the turn's end runs once for all that happened in the turn. Events come before
/// timers, so that an answer that is there beats its own time-out after a stall.
///
/// It is a `SerialExecutor`: an actor whose `unownedExecutor` it is lives on its thread and may use all of it. What is
/// marked *on its thread* must be called there. It lives until `shutdown`, even if nobody holds it.
///
/// `@unchecked Sendable`: what is not atomic, locked or constant is used on the thread only.
package final class Reactor: SerialExecutor, @unchecked Sendable {
    private let name: String
    private let poller: Poller
    private let posted = PostedWork()
    private let thread = Atomic<UInt>(0)
    private let turnCount = Atomic<Int>(0)
    /// The moment at which the turn that runs began; 0 while the thread waits.
    private let busySince = Atomic<Int64>(0)

    private var turnTime = Reactor.monotonicNow()
    private var watches = WatchTable()
    private var timers = TimerQueue()
    private var unwatched: [any ReadinessHandler] = []
    private var lettingGo: [any ReadinessHandler] = []
    private var soon = Deque<() -> Void>()
    private var soonThisTurn = Deque<() -> Void>()
    private var work = Deque<PostedWork.Item>()
    private var atEnd: [() -> Void] = []
    private var atEndOfThisTurn: [() -> Void] = []
    private var isEnding = false
    private var hasEnded = false

    /// The most posted items that one turn runs.
    private static let itemsPerTurn = 1_024

    /// Starts the thread. All signals are blocked on it.
    ///
    /// - Parameter name: What debuggers and `top` show; at most 15 bytes of it.
    package init(name: String) throws(ReactorError) {
        self.name = name
        poller = try Poller()
        try OwnThread.start(name: name) { self.run() }
    }

    deinit { poller.close() }

    // MARK: From any thread

    /// Nanoseconds of the clock that `now` and deadlines are of: monotonic, not moved by changes of the wall clock.
    package static func monotonicNow() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Whether this is the reactor's thread.
    package var isCurrent: Bool { thread.load(ordering: .relaxed) == OwnThread.currentNumber }

    /// The number of turns so far.
    package var turns: Int { turnCount.load(ordering: .relaxed) }

    /// For how many nanoseconds the turn that runs has been running; 0 while the reactor waits for something to do.
    package var ageOfTurn: Int64 {
        let since = busySince.load(ordering: .relaxed)
        return since == 0 ? 0 : max(0, Self.monotonicNow() - since)
    }

    /// Queues work for the reactor's thread. Work is run in the order of its queueing.
    ///
    /// - Returns: False once `shutdown` was called; the work is not run then.
    @discardableResult
    package func execute(_ work: @escaping @Sendable () -> Void) -> Bool {
        switch posted.post(work) {
        case .queued: return true
        case .queuedWakeUp:
            poller.wake()
            return true
        case .refused: return false
        }
    }

    /// Runs something on the reactor's thread and gives what it returns.
    ///
    /// - Throws: What it throws, or a `ReactorError` once `shutdown` was called.
    @discardableResult
    package func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let isQueued = execute { continuation.resume(with: Result { try body() }) }
            if !isQueued {
                let error = ReactorError(attempt: "run something on the reactor \(name)", code: ESHUTDOWN)
                continuation.resume(throwing: error)
            }
        }
    }

    /// Runs something on the reactor's thread and blocks the caller's meanwhile. For threads that may block.
    ///
    /// - Returns: What it returns; nil once `shutdown` was called.
    @discardableResult
    package func runAndWait<Value: Sendable>(_ body: @escaping @Sendable () -> Value) -> Value? {
        precondition(
            !isCurrent,
            "the thread of the reactor \(name) would wait for itself: call it directly, or use runSoon"
        )
        let call = BlockingCall<Value>()
        return execute { call.finish(body()) } ? call.wait() : nil
    }

    /// Ends the thread once all queued work has run; returns then. May be called more than once.
    ///
    /// Work is refused from the call on, jobs of actors are not: tasks that are under way get on until none is ready.
    /// Watches and timers that are left are let go without a call. Jobs of actors that come later still run, on threads
    /// that end with them.
    package func shutdown() async {
        if posted.end() { poller.wake() }
        await posted.waitForEnd()
    }

    // MARK: On its thread

    /// The time of this turn, in nanoseconds of the monotonic clock. On its thread.
    package var now: Int64 {
        assertIsCurrent()
        return turnTime
    }

    /// Tells a handler from now on when a descriptor is ready. On its thread.
    ///
    /// The handler is held until `unwatch`, which must come before the descriptor is closed.
    ///
    /// - Throws: Where the system refuses, such as for a descriptor that is watched already.
    package func watch(
        _ descriptor: Int32,
        for interest: Interest,
        handler: any ReadinessHandler
    ) throws(ReactorError) -> Watch {
        assertIsCurrent()
        guard !hasEnded else { throw ReactorError(attempt: "watch descriptor \(descriptor)", code: ESHUTDOWN) }
        let watch = watches.insert(descriptor, interest, handler)
        do throws(ReactorError) {
            try poller.add(descriptor, for: interest, watch: watch)
        } catch {
            _ = watches.remove(watch)
            throw error
        }
        return watch
    }

    /// Changes what a handler is told of. Does nothing for a watch that has ended. On its thread.
    package func change(_ watch: Watch, to interest: Interest) {
        assertIsCurrent()
        guard let changed = watches.change(watch, to: interest) else { return }
        poller.change(changed.descriptor, from: changed.before, to: interest, watch: watch)
    }

    /// Ends a watch: its handler is not called any more, not even for events of this turn, and is let go at the turn's
    /// end. Does nothing for a watch that has ended. On its thread.
    package func unwatch(_ watch: Watch) {
        assertIsCurrent()
        guard let removed = watches.remove(watch) else { return }
        poller.remove(removed.descriptor, interest: removed.interest)
        if let handler = removed.handler { unwatched.append(handler) }
    }

    /// Sets a timer. Does not allocate, unless there were never so many at once. On its thread.
    ///
    /// Timers with one deadline fire in the order in which they were set. The system counts in milliseconds: a timer
    /// fires up to one late, never early. The target is held until the timer fires or is cancelled.
    ///
    /// - Parameters:
    ///   - deadline: In nanoseconds of the monotonic clock. One that is past fires in the next turn.
    ///   - tag: Given to the target, to tell its timers apart.
    @discardableResult
    package func setTimer(at deadline: Int64, target: any TimerTarget, tag: Int = 0) -> TimerID {
        assertIsCurrent()
        guard !hasEnded else { return .none }
        return timers.set(at: deadline, target: target, tag: tag)
    }

    /// Runs a closure at a deadline. On its thread.
    @discardableResult
    package func schedule(at deadline: Int64, _ body: @escaping () -> Void) -> TimerID {
        setTimer(at: deadline, target: ScheduledClosure(body))
    }

    /// Takes a timer away and lets its target or closure go. Does nothing for one that fired. On its thread.
    package func cancel(_ timer: TimerID) {
        assertIsCurrent()
        _ = timers.cancel(timer)
    }

    /// Queues work for the next turn, after a look at the sockets. On its thread.
    package func runSoon(_ work: @escaping () -> Void) {
        assertIsCurrent()
        guard !hasEnded else { return }
        soon.append(work)
    }

    /// Runs something at the end of this turn; what is asked for at a turn's end waits for the end of the next. On its thread.
    package func runAtEndOfTurn(_ work: @escaping () -> Void) {
        assertIsCurrent()
        guard !hasEnded else { return }
        atEnd.append(work)
    }

    /// Stops a debug build where something is used on a foreign thread.
    package func assertIsCurrent() {
        assert(isCurrent, "this belongs on the thread of the reactor \(name): use execute, or an actor on it")
    }

    // MARK: The loop

    private func run() {
        thread.store(OwnThread.currentNumber, ordering: .relaxed)
        repeat { turn() } while !isOver()
        leaveThread()
        posted.announceEnd()
    }

    /// A later thread may get the number of this one, and a thread for late jobs may have begun already.
    private func leaveThread() {
        _ = thread.compareExchange(expected: OwnThread.currentNumber, desired: 0, ordering: .relaxed)
    }

    private func turn() {
        let count = waitForEvents()
        turnTime = Self.monotonicNow()
        busySince.store(turnTime, ordering: .relaxed)
        turnCount.store(turnCount.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
        takeWork()
        notifyHandlers(count)
        fireTimers()
        runWork()
        endTurn()
        letGo()
        busySince.store(0, ordering: .relaxed)
    }

    private func waitForEvents() -> Int {
        guard soon.isEmpty, work.isEmpty, atEnd.isEmpty, posted.fallAsleep() else { return poller.wait(nanoseconds: 0) }
        guard let deadline = timers.nextDeadline() else { return poller.wait(nanoseconds: nil) }
        // Read anew: this turn may have taken longer than the timer has left.
        let now = Self.monotonicNow()
        return poller.wait(nanoseconds: deadline <= now ? 0 : deadline - now)
    }

    private func notifyHandlers(_ count: Int) {
        for index in 0..<count {
            guard let event = poller.event(at: index), let found = watches.handler(of: event.watch) else { continue }
            let readiness = event.readiness.limited(to: found.interest)
            if !readiness.isEmpty { found.handler.ready(readiness) }
        }
    }

    private func fireTimers() {
        timers.collectDue(at: turnTime)
        while let due = timers.popDue() { due.target.timerFired(due.tag) }
    }

    /// Takes up what is queued; the rest of the last turn comes first.
    private func takeWork() {
        swap(&soon, &soonThisTurn)
        if work.isEmpty { isEnding = posted.take(into: &work) }
    }

    private func runWork() {
        while let work = soonThisTurn.popFirst() { work() }
        let executor = asUnownedSerialExecutor()
        for _ in 0..<Self.itemsPerTurn {
            guard let item = work.popFirst() else { break }
            Self.run(item, on: executor)
        }
    }

    private func endTurn() {
        guard !atEnd.isEmpty else { return }
        swap(&atEnd, &atEndOfThisTurn)
        for work in atEndOfThisTurn { work() }
        atEndOfThisTurn.removeAll(keepingCapacity: true)
    }

    private static func run(_ item: PostedWork.Item, on executor: UnownedSerialExecutor) {
        switch item {
        case .work(let work): work()
        case .job(let job): job.runSynchronously(on: executor)
        }
    }

    /// Lets go of the unwatched handlers; these may unwatch others, which then go as well.
    private func letGo() {
        while !unwatched.isEmpty {
            swap(&unwatched, &lettingGo)
            lettingGo.removeAll(keepingCapacity: true)
        }
    }

    /// Ends the reactor if that is asked and nothing is queued. What watches and timers held goes before the last look
    /// at the queue, since it may post in turn.
    private func isOver() -> Bool {
        guard isEnding, work.isEmpty, soon.isEmpty, atEnd.isEmpty else { return false }
        for watch in watches.all { unwatch(watch) }
        letGo()
        _ = timers.removeAll()
        letGo()
        guard soon.isEmpty, atEnd.isEmpty, posted.finishIfEmpty() else { return false }
        hasEnded = true
        return true
    }
}

// MARK: Actors

extension Reactor {
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        switch posted.post(job) {
        case .queued: break
        case .queuedWakeUp: poller.wake()
        case .refused: runLate(job)
        }
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    package func checkIsolated() {
        precondition(isCurrent, "not on the thread of the reactor \(name)")
    }

    package func isIsolatingCurrentContext() -> Bool? { isCurrent }

    private func runLate(_ job: UnownedJob) {
        guard posted.postLate(job) else { return }
        do throws(ReactorError) {
            try OwnThread.start(name: name) {
                self.thread.store(OwnThread.currentNumber, ordering: .relaxed)
                while let item = self.posted.popLate() { Self.run(item, on: self.asUnownedSerialExecutor()) }
                self.leaveThread()
            }
        } catch {
            preconditionFailure("a task goes on after its reactor \(name) has ended, and the system \(error)")
        }
    }
}

private final class ScheduledClosure: TimerTarget {
    private let body: () -> Void

    init(_ body: @escaping () -> Void) { self.body = body }

    func timerFired(_ tag: Int) { body() }
}
