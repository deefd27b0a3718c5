import Foundation
import Synchronization

/// A server of plain blocking sockets, one thread a connection, that misbehaves as its seed says.
final class HostileServer: Sendable {
    struct Settings: Sendable {
        var seed: UInt64
        var mode: TrialMode
        /// Of a hundred: how many connections are met with a fault, and how many idle ones end badly.
        var connectionFaults: Int
        var idleFaults: Int
        var proxyFaults: Int
        /// Whether the port is closed for a while now and then.
        var closesPort: Bool
    }

    let settings: Settings
    let sightings: Sightings
    let plans: CallPlans
    let contexts: ServerContexts
    let port: Int
    private let listener: Mutex<Int32>
    private let isStopped = Atomic<Bool>(false)
    private let hasStopped = Atomic<Bool>(false)

    init(_ settings: Settings, plans: CallPlans, sightings: Sightings, contexts: ServerContexts) throws {
        self.settings = settings
        self.plans = plans
        self.sightings = sightings
        self.contexts = contexts
        let (descriptor, port) = try Self.listen(port: 0)
        self.port = port
        listener = Mutex(descriptor)
        Self.startThread { self.acceptAll() }
    }

    /// Accepts nothing more; connections end when the client closes them.
    func stop() {
        isStopped.store(true, ordering: .sequentiallyConsistent)
        while !hasStopped.load(ordering: .sequentiallyConsistent) { usleep(1_000) }
    }

    private func acceptAll() {
        Self.blockBrokenPipes()
        var weather = Draw(seed: settings.seed, .weather, 0)
        var calmTurns = 0
        while !isStopped.load(ordering: .sequentiallyConsistent) {
            let descriptor = listener.withLock { $0 }
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&entry, 1, 10) > 0 else { continue }
            let accepted = accept(descriptor, nil, nil)
            guard accepted >= 0 else { continue }
            _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
            let index = sightings.opened()
            Self.startThread { [self] in
                var connection = HostileConnection(self, Wire(accepted), index)
                connection.run()
                sightings.closed()
            }
            // Accepted late, many of them at once.
            if weather.isHit(percent: 2) { usleep(UInt32(weather.number(in: 0...15_000))) }
            calmTurns += 1
            if settings.closesPort, calmTurns > 200, weather.isHit(percent: 2) {
                calmTurns = 0
                closePort(microseconds: UInt32(weather.number(in: 1_000...40_000)))
            }
        }
        close(listener.withLock { $0 })
        hasStopped.store(true, ordering: .sequentiallyConsistent)
    }

    private func closePort(microseconds: UInt32) {
        sightings.count("port closed")
        close(listener.withLock { $0 })
        usleep(microseconds)
        while true {
            if let descriptor = try? Self.listen(port: port).descriptor { return listener.withLock { $0 = descriptor } }
            usleep(1_000)
        }
    }

    private static func listen(port: Int) throws -> (descriptor: Int32, port: Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw TrialError("no socket: errno \(errno)") }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        var one: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        // Little room for what comes, so that long requests do not go in one write.
        var room: Int32 = 32_768
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &room, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && Foundation.listen(descriptor, 4_096) == 0
                    && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard result else {
            close(descriptor)
            throw TrialError("cannot listen on 127.0.0.1:\(port): errno \(errno)")
        }
        return (descriptor, Int(in_port_t(bigEndian: address.sin_port)))
    }

    private static func startThread(_ body: @escaping @Sendable () -> Void) {
        let thread = Thread(block: body)
        thread.stackSize = 512 * 1_024
        thread.start()
    }

    /// OpenSSL writes to sockets that the client has closed. Threads have the mask of the one that starts them; the
    /// client's own are not among them, so a signal of its own would end the process.
    private static func blockBrokenPipes() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }
}
