import Reactor

/// A socket that is listened on. Lives on the reactor's thread.
final class ServerListener: ReadinessHandler, TimerTarget {
    let port: Int
    private let loop: ServerLoop
    private let descriptor: Int32
    private var watch: Watch?
    private var timer = TimerID.none
    private var isPaused = false
    private var hasReported = false

    /// Connections taken in one turn; others get their turn before the next ones.
    private static let connectionsPerTurn = 64

    init(on address: SocketAddress, loop: ServerLoop) throws(ReactorError) {
        self.loop = loop
        descriptor = try Socket.listen(on: address)
        port = Socket.localAddress(descriptor)?.port ?? address.port
        do throws(ReactorError) {
            watch = try loop.reactor.watch(descriptor, for: .read, handler: self)
        } catch {
            Socket.close(descriptor)
            throw error
        }
    }

    func ready(_ readiness: Readiness) { accept(atMost: Self.connectionsPerTurn) }

    func timerFired(_ tag: Int) {
        timer = .none
        resume()
    }

    /// Goes on after a pause.
    func resume() {
        guard isPaused, timer == .none, loop.hasRoom, let watch else { return }
        isPaused = false
        loop.reactor.change(watch, to: .read)
    }

    /// Takes all that wait, before the listener is closed, which would reset them.
    func acceptAll() { accept(atMost: 4_096) }

    func close() {
        guard let watch else { return }
        self.watch = nil
        loop.reactor.cancel(timer)
        loop.reactor.unwatch(watch)
        Socket.close(descriptor)
    }

    private func accept(atMost limit: Int) {
        for _ in 0..<limit {
            guard loop.hasRoom else { return pause() }
            switch Socket.accept(descriptor) {
            case .accepted(let descriptor, from: let address):
                hasReported = false
                loop.add(descriptor, from: address)
            case .gone: break
            case .wouldBlock: return
            case .outOfDescriptors(let code), .failed(let code):
                if !hasReported { loop.notice(.acceptPaused(errno: code)) }
                hasReported = true
                pause()
                timer = loop.reactor.setTimer(
                    at: loop.reactor.now.advanced(by: loop.settings.acceptPause),
                    target: self
                )
                return
            }
        }
    }

    /// Does not look at who waits: the kernel would tell of them in each turn.
    private func pause() {
        guard !isPaused, let watch else { return }
        isPaused = true
        loop.reactor.change(watch, to: [])
    }
}
