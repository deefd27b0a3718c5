import HTTPCodec
import Reactor

/// A connection that was accepted: carries out what its ``ServerConnectionState`` decides. Lives on the reactor's thread.
final class ServerConnection: ReadinessHandler, TimerTarget {
    let id: UInt64
    private let loop: ServerLoop
    private let descriptor: Int32
    private var state: ServerConnectionState
    private var output = OutputQueue()
    private var watch: Watch?
    private var interest = Interest.read
    private var timer = TimerID.none
    private var timerDeadline = Int64.max
    private var isAtWork = false
    private var isOpen = true

    /// Requests of one connection in one turn; others get their turn before the next ones.
    private static let requestsPerTurn = 32

    init(id: UInt64, descriptor: Int32, remoteAddress: SocketAddress, loop: ServerLoop) {
        self.id = id
        self.descriptor = descriptor
        self.loop = loop
        state = ServerConnectionState(settings: loop.settings, remoteAddress: remoteAddress, at: loop.reactor.now)
    }

    func start() {
        do throws(ReactorError) {
            watch = try loop.reactor.watch(descriptor, for: interest, handler: self)
        } catch {
            state.fail()
        }
        work()
    }

    func ready(_ readiness: Readiness) {
        if readiness.contains(.readable) {
            receive()
        } else if !readiness.isDisjoint(with: [.failed, .hangUp]) {
            state.fail()
        }
        if readiness.contains(.writable) { flush() }
        work()
    }

    func timerFired(_ tag: Int) {
        timer = .none
        timerDeadline = .max
        // What has come in this moment counts: a request that crosses with the end of an idle connection is served.
        receive()
        work()
        state.passDeadline(at: loop.reactor.now)
        work()
    }

    /// The answer to a request is known.
    func end(_ outcome: HTTPServerExchange.Outcome, of number: UInt64) {
        state.end(outcome, of: number, at: loop.reactor.now, date: loop.date)
        work()
    }

    func intrude(_ intrusion: HTTPServerIntrusion) {
        guard isOpen else { return }
        switch intrusion {
        case .bytes(let bytes): output.append(bytes)
        case .farewell(let bytes):
            guard state.isIdle else { return }
            output.append(bytes)
            state.end()
        }
        state.queued(output.count, at: loop.reactor.now)
        work()
    }

    /// The server ends.
    func stop() {
        receive()
        state.stop()
        work()
    }

    /// The server has ended.
    func abort() {
        state.reset()
        work()
    }

    private func receive() {
        guard state.wantsInput else { return }
        switch loop.receive(from: descriptor, { state.receive($0) }) {
        case .moved, .wouldBlock: break
        case .ended: state.receiveEnd()
        case .failed: state.fail()
        }
    }

    private func flush() {
        switch output.flush(to: descriptor) {
        case .moved(let count): state.sent(count, unsent: output.count, at: loop.reactor.now)
        case .ended, .wouldBlock, .failed: state.fail()
        }
    }

    /// Carries out what is to be done. Handlers that answer at once come back here and leave it to the call they are in.
    private func work() {
        guard !isAtWork, isOpen else { return }
        isAtWork = true
        var requests = 0
        while true {
            guard requests < Self.requestsPerTurn else {
                loop.reactor.runSoon { self.work() }
                break
            }
            if let action = state.nextAction(at: loop.reactor.now) {
                if case .handle = action { requests += 1 }
                perform(action)
            } else if state.hasUnflushed {
                flush()
            } else {
                break
            }
        }
        if state.hasUnflushed { flush() }
        isAtWork = false
        guard isOpen else { return }
        updateInterest()
        updateTimer()
    }

    private func perform(_ action: ServerConnectionState.Action) {
        let now = loop.reactor.now
        switch action {
        case .decide(let request): state.decide(loop.handler.decide(request), at: now, date: loop.date)
        case .handle(let request, let number, let handle):
            let exchange = loop.exchange(of: id, number: number)
            if let handle { handle(request, exchange) } else { loop.handler.handle(request, exchange) }
        case .refuse(let refusal, let request):
            state.refuse(with: loop.handler.refuse(refusal, of: request), at: now, date: loop.date)
        case .send(let bytes):
            output.append(bytes)
            state.queued(output.count, at: now)
        case .notice(let notice): loop.notice(notice)
        case .shutDownSending: Socket.shutDownWriting(descriptor)
        case .close: close()
        case .reset:
            Socket.setResetOnClose(descriptor)
            close()
        }
    }

    private func close() {
        guard isOpen else { return }
        isOpen = false
        loop.reactor.cancel(timer)
        if let watch { loop.reactor.unwatch(watch) }
        Socket.close(descriptor)
        loop.remove(self)
    }

    private func updateInterest() {
        var wanted: Interest = []
        if state.wantsInput { wanted.insert(.read) }
        if output.count > 0 { wanted.insert(.write) }
        guard wanted != interest, let watch else { return }
        interest = wanted
        loop.reactor.change(watch, to: wanted)
    }

    /// A timer that would fire too early is left alone: it looks again.
    private func updateTimer() {
        guard let deadline = state.deadline, deadline < timerDeadline else { return }
        loop.reactor.cancel(timer)
        timer = loop.reactor.setTimer(at: deadline, target: self)
        timerDeadline = deadline
    }
}
