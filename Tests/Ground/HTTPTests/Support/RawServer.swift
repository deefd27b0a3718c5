import Foundation
import OpenSSL
import Reactor
import Synchronization

/// A server on loopback with plain blocking sockets, one thread a connection, that does what a test's script says.
///
/// It reads requests by code of its own, so that a fault of the codec cannot agree with itself.
final class RawServer: Sendable {
    typealias Script = @Sendable (RawConnection) -> Void

    private struct State {
        var descriptors: [Int: Int32] = [:]
        var accepted = 0
        var requests: [RawRequest] = []
        var open = 0
        var isStopped = false
    }

    let port: Int
    private let listener: Int32
    private let tls: TLSContext?
    private let state = Mutex(State())

    /// - Parameter host: A numeric address of this machine; 0.0.0.0 for all of them.
    init(host: String = "127.0.0.1", port: Int = 0, tls: TLSContext? = nil, _ script: @escaping Script) throws {
        self.tls = tls
        (listener, self.port) = try RawSocket.listen(host: host, port: port, backlog: 1_024)
        Thread.detachNewThread { self.acceptAll(script) }
    }

    deinit { stop() }

    var url: String { "\(tls == nil ? "http" : "https")://127.0.0.1:\(port)" }
    /// Connections accepted so far.
    var connections: Int { state.withLock(\.accepted) }
    /// Connections whose script has not ended.
    var openConnections: Int { state.withLock(\.open) }
    /// Whole requests so far, in the order of their arrival.
    var requests: [RawRequest] { state.withLock(\.requests) }

    /// Closes the listener and cuts all connections.
    func stop() {
        // Within the lock: a number whose socket is closed may be a stranger's.
        state.withLock { state in
            guard !state.isStopped else { return }
            state.isStopped = true
            shutdown(listener, Int32(SHUT_RDWR))
            for descriptor in state.descriptors.values { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }

    func note(_ request: RawRequest) { state.withLock { $0.requests.append(request) } }

    private func acceptAll(_ script: @escaping Script) {
        while true {
            let descriptor = accept(listener, nil, nil)
            if descriptor < 0 {
                if errno == EINTR || errno == ECONNABORTED { continue }
                break
            }
            let index = state.withLock { state in
                state.descriptors[state.accepted] = descriptor
                state.open += 1
                defer { state.accepted += 1 }
                return state.accepted
            }
            Thread.detachNewThread { self.serve(descriptor, index, script) }
        }
        state.withLock { state in
            state.isStopped = true
            Foundation.close(listener)
        }
    }

    private func serve(_ descriptor: Int32, _ index: Int, _ script: Script) {
        let connection = RawConnection(descriptor, index: index, server: self, tls: tls)
        if connection.shakeHands() { script(connection) }
        connection.close()
        state.withLock { $0.open -= 1 }
    }

    /// Closes a connection's socket. `stop` knows it no more when the number can be another one's.
    fileprivate func close(_ descriptor: Int32, of index: Int) {
        state.withLock { state in
            state.descriptors[index] = nil
            Foundation.close(descriptor)
        }
    }
}

/// A request as it came.
struct RawRequest: Sendable, Equatable {
    /// Without the blank line.
    var head: String
    var body: String

    /// Method and target.
    var target: String { head.prefix { $0 != "\r\n" }.split(separator: " ").prefix(2).joined(separator: " ") }

    func header(_ name: String) -> String? {
        for line in head.components(separatedBy: "\r\n").dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2, parts[0].lowercased() == name.lowercased() {
                return parts[1].trimmingCharacters(in: .whitespaces)
            }
        }
        return nil
    }
}

/// The server's end of a connection.
final class RawConnection {
    let descriptor: Int32
    /// From 0, in the order of accepting.
    let index: Int
    private let server: RawServer?
    private let session: TLSSession?
    /// Requests read so far.
    private(set) var requestCount = 0
    private var received: [UInt8] = []
    private var isClosed = false

    init(_ descriptor: Int32, index: Int, server: RawServer?, tls: TLSContext?) {
        self.descriptor = descriptor
        self.index = index
        self.server = server
        session = tls.flatMap { try? TLSSession(server: $0, descriptor: descriptor) }
    }

    func shakeHands() -> Bool {
        guard let session else { return true }
        return session.handshake() == .done(0)
    }

    /// The next request, with its body as `Content-Length` says; nil at the end of the connection.
    func readRequest() -> RawRequest? {
        while true {
            if let request = nextRequest() {
                requestCount += 1
                server?.note(request)
                return request
            }
            guard let bytes = read() else { return nil }
            received += bytes
        }
    }

    private func nextRequest() -> RawRequest? {
        let text = String(decoding: received, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n") else { return nil }
        let head = String(text[..<end.lowerBound])
        var request = RawRequest(head: head, body: "")
        let length = request.header("content-length").flatMap { Int($0) } ?? 0
        let start = head.utf8.count + 4
        guard received.count >= start + length else { return nil }
        request.body = String(decoding: received[start..<(start + length)], as: UTF8.self)
        received.removeFirst(start + length)
        return request
    }

    /// Some bytes; nil at the end, or where the connection failed.
    func read(atMost count: Int = 65_536) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: count)
        let moved = buffer.withUnsafeMutableBytes { bytes -> Int in
            guard let session else { return recv(descriptor, bytes.baseAddress, bytes.count, 0) }
            if case .done(let count) = session.read(into: bytes) { return count }
            return 0
        }
        return moved > 0 ? Array(buffer.prefix(moved)) : nil
    }

    /// Whether the peer closes the connection in an orderly way, after whatever it still sends.
    func endsInOrder() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count <= 0 { return count == 0 }
        }
    }

    @discardableResult
    func write(_ text: String) -> Bool { write(Array(text.utf8)) }

    @discardableResult
    func write(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let moved = rest.withUnsafeBytes { bytes -> Int in
                guard let session else { return send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL)) }
                if case .done(let count) = session.write(bytes) { return count }
                return -1
            }
            guard moved > 0 else { return false }
            rest.removeFirst(moved)
        }
        return true
    }

    /// Nothing more comes from here.
    func endWriting() {
        _ = session?.shutdown()
        shutdown(descriptor, Int32(SHUT_WR))
    }

    func close() {
        if !isClosed { _ = session?.shutdown() }
        closeSocket()
    }

    /// Closes without TLS's own farewell.
    func closeSocket() {
        if isClosed { return }
        isClosed = true
        if let server { server.close(descriptor, of: index) } else { Foundation.close(descriptor) }
    }

    func reset() {
        var setting = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &setting, socklen_t(MemoryLayout<linger>.size))
        closeSocket()
    }
}

enum RawSocket {
    struct Failure: Error {
        var call: String
        var code: Int32
    }

    static func listen(host: String, port: Int, backlog: Int32) throws -> (descriptor: Int32, port: Int) {
        guard let address = SocketAddress(ipAddress: host, port: port) else { throw Failure(call: "parse", code: 0) }
        let descriptor = try open(address)
        var one: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, 4)
        guard address.withSockAddr({ bind(descriptor, $0, $1) }) == 0, Foundation.listen(descriptor, backlog) == 0
        else {
            throw Failure(call: "listen", code: errno)
        }
        return (descriptor, try localPort(descriptor))
    }

    static func connect(host: String, port: Int) throws -> Int32 {
        guard let address = SocketAddress(ipAddress: host, port: port) else { throw Failure(call: "parse", code: 0) }
        let descriptor = try open(address)
        guard address.withSockAddr({ Foundation.connect(descriptor, $0, $1) }) == 0 else {
            throw Failure(call: "connect", code: errno)
        }
        return descriptor
    }

    private static func open(_ address: SocketAddress) throws -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.family == .v6 ? AF_INET6 : AF_INET, kind, 0)
        guard descriptor >= 0 else { throw Failure(call: "socket", code: errno) }
        return descriptor
    }

    private static func localPort(_ descriptor: Int32) throws -> Int {
        guard let address = Socket.localAddress(descriptor) else { throw Failure(call: "getsockname", code: errno) }
        return address.port
    }

    /// A port on loopback on which nobody listens.
    static func unusedPort() throws -> Int {
        let (descriptor, port) = try listen(host: "127.0.0.1", port: 0, backlog: 1)
        close(descriptor)
        return port
    }
}

/// An address to which connections hang: its queue is full, and what comes more is dropped.
final class SilentAddress: Sendable {
    let port: Int
    private let descriptors: [Int32]

    init(host: String = "127.0.0.1", port: Int = 0) throws {
        let (listener, bound) = try RawSocket.listen(host: host, port: port, backlog: 0)
        self.port = bound
        descriptors = [listener, try RawSocket.connect(host: host, port: bound)]
    }

    deinit { for descriptor in descriptors { close(descriptor) } }
}

/// An HTTP answer with its `Content-Length`.
func answer(_ status: String = "200 OK", headers: [String] = [], body: String = "") -> String {
    (["HTTP/1.1 \(status)", "Content-Length: \(body.utf8.count)"] + headers).joined(separator: "\r\n")
        + "\r\n\r\n" + body
}
