import Foundation
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// An HTTP/1.1 server on loopback that misbehaves as it is told, and remembers every complete request. Plain sockets, a
/// thread for each connection.
final class RawServer: Sendable {
    /// A request as it came.
    struct Request: Sendable {
        var head: String
        var body: String

        /// The first line without the HTTP version.
        var target: String {
            String(head.prefix { $0 != "\r\n" }.split(separator: " ").prefix(2).joined(separator: " "))
        }

        func header(_ name: String) -> String? {
            head.split(separator: "\r\n").dropFirst().first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
                .map { String($0.drop { $0 != ":" }.dropFirst()).trimmingPrefix(while: { $0 == " " }) }.map(String.init)
        }
    }

    /// What is done with a request.
    enum Reaction: Sendable {
        /// These bytes are written.
        case answer(String)
        case answerBytes([UInt8])
        /// These bytes are written, then the connection is closed in an orderly way.
        case answerAndClose(String)
        /// The connection is reset.
        case reset
        /// Nothing, ever.
        case silence
    }

    /// What is done with a connection before anything is read from it.
    enum Welcome: Sendable {
        case read
        case reset
        /// These bytes are written as soon as anything came, then the connection is closed in an orderly way.
        case answerEarly(String)
    }

    /// How the server behaves.
    struct Script: Sendable {
        /// Told the number of the connection, from 1.
        var welcome: @Sendable (Int) -> Welcome = { _ in .read }
        var react: @Sendable (Request) -> Reaction
    }

    private struct State {
        var requests: [Request] = []
        var connections = 0
        var open: Set<Int32> = []
        var isStopped = false
    }

    private let state = Mutex(State())
    private let script: Script
    private let listener: Int32
    let port: Int
    private let ended = DispatchGroup()

    /// Complete requests so far.
    var requests: [Request] { state.withLock(\.requests) }
    /// Connections accepted so far.
    var connections: Int { state.withLock(\.connections) }
    var url: String { "http://127.0.0.1:\(port)" }

    private init(host: String, script: Script) throws {
        self.script = script
        (listener, port) = try PlainSocket.listen(host: host)
    }

    /// Runs a server for as long as the body does.
    static func with<R>(
        host: String = "127.0.0.1",
        _ script: Script,
        _ body: (RawServer) async throws -> R
    ) async throws -> R {
        let server = try RawServer(host: host, script: script)
        server.onThread { server.acceptAll() }
        do {
            let result = try await body(server)
            await server.stop()
            return result
        } catch {
            await server.stop()
            throw error
        }
    }

    private func onThread(_ work: @escaping @Sendable () -> Void) {
        ended.enter()
        let thread = Thread {
            work()
            self.ended.leave()
        }
        thread.stackSize = 1 << 19
        thread.start()
    }

    private func stop() async {
        state.withLock { state in
            state.isStopped = true
            for descriptor in state.open { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
        shutdown(listener, Int32(SHUT_RDWR))
        await withCheckedContinuation { continuation in
            ended.notify(queue: .global()) { continuation.resume() }
        }
        close(listener)
    }

    private func acceptAll() {
        while true {
            let descriptor = accept(listener, nil, nil)
            guard descriptor >= 0 else {
                if errno == EINTR || errno == ECONNABORTED { continue }
                return
            }
            let isWelcome = state.withLock { state in
                if !state.isStopped { state.open.insert(descriptor) }
                return !state.isStopped
            }
            guard isWelcome else {
                close(descriptor)
                return
            }
            onThread {
                self.serve(descriptor)
                // Closed under the lock: `stop` must not meet another connection's descriptor.
                self.state.withLock { state in
                    state.open.remove(descriptor)
                    _ = close(descriptor)
                }
            }
        }
    }

    private func serve(_ descriptor: Int32) {
        var earlyAnswer: String?
        let number = state.withLock { state in
            state.connections += 1
            return state.connections
        }
        switch script.welcome(number) {
        case .read: break
        case .reset: return PlainSocket.resetOnClose(descriptor)
        case .answerEarly(let text): earlyAnswer = text
        }
        var received: [UInt8] = []
        while let more = PlainSocket.read(descriptor) {
            received += more
            if let earlyAnswer {
                PlainSocket.write(descriptor, earlyAnswer)
                return
            }
            guard let request = Request(received) else { continue }
            received = []
            state.withLock { $0.requests.append(request) }
            switch script.react(request) {
            case .answer(let text): PlainSocket.write(descriptor, text)
            case .answerBytes(let bytes): PlainSocket.write(descriptor, bytes)
            case .answerAndClose(let text): return PlainSocket.write(descriptor, text)
            case .reset: return PlainSocket.resetOnClose(descriptor)
            case .silence: break
            }
        }
    }
}

extension RawServer.Request {
    /// A request that has come whole; nil while something of it is missing.
    fileprivate init?(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.firstRange(of: "\r\n\r\n") else { return nil }
        self.init(head: String(text[..<end.lowerBound]), body: String(text[end.upperBound...]))
        guard body.utf8.count >= header("content-length").flatMap({ Int($0) }) ?? 0 else { return nil }
    }
}

/// Blocking sockets for stand-ins of servers.
enum PlainSocket {
    struct Refused: Error {
        var errno: Int32
    }

    /// Listens on a free port.
    static func listen(host: String) throws -> (descriptor: Int32, port: Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        inet_pton(AF_INET, host, &address.sin_addr)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length) == 0 && Glibc.listen(descriptor, 1_024) == 0
                    && getsockname(descriptor, address, &length) == 0
            }
        }
        guard isListening else { throw Refused(errno: errno) }
        return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
    }

    /// What has come; nil at the connection's end.
    static func read(_ descriptor: Int32) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count > 0 { return Array(buffer[..<count]) }
            if count < 0, errno == EINTR { continue }
            return nil
        }
    }

    static func write(_ descriptor: Int32, _ text: String) { write(descriptor, Array(text.utf8)) }

    static func write(_ descriptor: Int32, _ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count > 0 { rest = rest.dropFirst(count) } else if errno != EINTR { return }
        }
    }

    /// Has the close of a connection send a reset.
    static func resetOnClose(_ descriptor: Int32) {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }
}

/// An HTTP answer with its `Content-Length`.
func httpAnswer(_ status: String, headers: [String] = [], body: String) -> String {
    (["HTTP/1.1 \(status)", "Content-Length: \(body.utf8.count)"] + headers).joined(separator: "\r\n")
        + "\r\n\r\n" + body
}
