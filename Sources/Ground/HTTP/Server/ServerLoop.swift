import Reactor

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The state that a server's listeners and connections share. Lives on the reactor's thread.
final class ServerLoop {
    let reactor: Reactor
    let settings: HTTPServerSettings
    let handler: any HTTPHandler
    /// The owner of this loop, from the first listener to the end: exchanges end through it, from any thread.
    private var server: HTTPServer?
    private let reportNotice: @Sendable (HTTPServerNotice) -> Void
    private var listeners: [ServerListener] = []
    private var connections: [UInt64: ServerConnection] = [:]
    private var lastConnection: UInt64 = 0
    private var isStopping = false
    private var whenEmpty: [() -> Void] = []
    private var buffer = [UInt8](repeating: 0, count: 65_536)
    private var dateSecond: Int64 = -1
    private var dateText = ""

    init(
        reactor: Reactor,
        settings: HTTPServerSettings,
        handler: any HTTPHandler,
        reportNotice: @escaping @Sendable (HTTPServerNotice) -> Void
    ) {
        self.reactor = reactor
        self.settings = settings
        self.handler = handler
        self.reportNotice = reportNotice
    }

    var hasRoom: Bool { connections.count < settings.maxConnections }
    var connectionCount: Int { connections.count }

    /// The text of now for the header `Date`.
    var date: String {
        let second = Int64(time(nil))
        if second != dateSecond {
            dateSecond = second
            dateText = HTTPDate.text(secondsSinceEpoch: second)
        }
        return dateText
    }

    func notice(_ notice: HTTPServerNotice) { reportNotice(notice) }

    /// Receives into the one buffer that all connections share.
    func receive(from descriptor: Int32, _ take: (ArraySlice<UInt8>) -> Void) -> Socket.Transfer {
        let transfer = buffer.withUnsafeMutableBytes { Socket.receive(descriptor, into: $0) }
        if case .moved(let count) = transfer { take(buffer[..<count]) }
        return transfer
    }

    func exchange(of connection: UInt64, number: UInt64) -> HTTPServerExchange {
        HTTPServerExchange(
            intrude: { [server] in server?.intrude($0, on: connection) },
            end: { [server] outcome in server?.end(outcome, of: connection, number: number) }
        )
    }

    func intrude(_ intrusion: HTTPServerIntrusion, on connection: UInt64) {
        connections[connection]?.intrude(intrusion)
    }

    /// Ends an exchange. One whose connection is gone is of no interest any more.
    func end(_ outcome: HTTPServerExchange.Outcome, of connection: UInt64, number: UInt64) {
        connections[connection]?.end(outcome, of: number)
    }
}

/// Listeners and connections come and go.
extension ServerLoop {
    /// Listens on an address for a server, and tells the port.
    func listen(on address: SocketAddress, for server: HTTPServer) throws(ReactorError) -> Int {
        guard !isStopping else { throw ReactorError(attempt: "listen on \(address)", code: ESHUTDOWN) }
        let listener = try ServerListener(on: address, loop: self)
        listeners.append(listener)
        self.server = server
        return listener.port
    }

    /// Stops listening on the address that came last.
    func closeLastListener() { listeners.popLast()?.close() }

    func add(_ descriptor: Int32, from address: SocketAddress) {
        lastConnection += 1
        let connection = ServerConnection(
            id: lastConnection,
            descriptor: descriptor,
            remoteAddress: address,
            loop: self
        )
        connections[lastConnection] = connection
        connection.start()
        if isStopping { connection.stop() }
    }

    func remove(_ connection: ServerConnection) {
        connections[connection.id] = nil
        if hasRoom { for listener in listeners { listener.resume() } }
        if isStopping, connections.isEmpty { reportEnd() }
    }

    private func reportEnd() {
        server = nil
        for tell in whenEmpty { tell() }
        whenEmpty = []
    }

    /// Takes what waits in the kernel, listens no more, and ends each connection as soon as it has its answer; those left
    /// at the deadline are reset. `tell` is called when none is left.
    func stop(at deadline: Int64, _ tell: @escaping () -> Void) {
        isStopping = true
        for listener in listeners {
            listener.acceptAll()
            listener.close()
        }
        listeners = []
        whenEmpty.append(tell)
        for connection in Array(connections.values) { connection.stop() }
        guard !connections.isEmpty else { return reportEnd() }
        reactor.schedule(at: deadline) {
            for connection in Array(self.connections.values) { connection.abort() }
        }
    }
}
