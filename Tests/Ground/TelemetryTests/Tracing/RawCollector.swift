import Foundation
import Synchronization

/// A collector on loopback with plain blocking sockets that does with each request what a test says.
final class RawCollector: Sendable {
    /// A request as it came.
    struct Request: Sendable {
        var head: String
        var body: [UInt8] = []

        /// Method and target.
        var target: String { head.prefix { $0 != "\r\n" }.split(separator: " ").prefix(2).joined(separator: " ") }

        func header(_ name: String) -> String? {
            head.components(separatedBy: "\r\n").dropFirst().first {
                $0.lowercased().hasPrefix(name.lowercased() + ":")
            }
            .map { $0.drop { $0 != ":" }.dropFirst().trimmingCharacters(in: .whitespaces) }
        }
    }

    enum Reaction: Sendable {
        case answer(String)
        case reset
        case silence
    }

    private struct State {
        var requests: [Request] = []
        var open: Set<Int32> = []
        var isListening = true
    }

    let port: Int
    private let listener: Int32
    private let early: String?
    private let react: @Sendable (Request) -> Reaction
    private let state = Mutex(State())

    /// - Parameters:
    ///   - early: Written as soon as the first bytes of a request are there; the connection is closed then.
    ///   - react: What is done with a whole request.
    init(early: String? = nil, react: @escaping @Sendable (Request) -> Reaction = { _ in .silence }) throws {
        self.early = early
        self.react = react
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, length) | listen(listener, 64) | getsockname(listener, address, &length)
            }
        }
        guard result == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        port = Int(in_port_t(bigEndian: address.sin_port))
        Thread.detachNewThread { self.acceptAll() }
    }

    var url: String { "http://127.0.0.1:\(port)" }
    /// Whole requests so far.
    var requests: [Request] { state.withLock(\.requests) }

    /// Closes the listener and all connections.
    func stop() {
        state.withLock { state in
            for descriptor in state.open { shutdown(descriptor, Int32(SHUT_RDWR)) }
            if state.isListening { shutdown(listener, Int32(SHUT_RDWR)) }
        }
    }

    private func acceptAll() {
        while true {
            let descriptor = accept(listener, nil, nil)
            guard descriptor >= 0 else { break }
            state.withLock { _ = $0.open.insert(descriptor) }
            Thread.detachNewThread { self.serve(descriptor) }
        }
        state.withLock { state in
            state.isListening = false
            close(listener)
        }
    }

    private func serve(_ descriptor: Int32) {
        converse(descriptor)
        state.withLock { state in
            state.open.remove(descriptor)
            close(descriptor)
        }
    }

    private func converse(_ descriptor: Int32) {
        var received: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &part, part.count, 0)
            guard count > 0 else { return }
            if let early { return write(early, to: descriptor) }
            received += part[..<count]
            guard let request = request(in: received) else { continue }
            received = []
            state.withLock { $0.requests.append(request) }
            switch react(request) {
            case .answer(let text): write(text, to: descriptor)
            case .silence: continue
            case .reset:
                var setting = linger(l_onoff: 1, l_linger: 0)
                setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &setting, socklen_t(MemoryLayout<linger>.size))
                return
            }
        }
    }

    /// Requests come one by one, each with a `Content-Length`.
    private func request(in bytes: [UInt8]) -> Request? {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n") else { return nil }
        var request = Request(head: String(text[..<end.lowerBound]))
        let length = request.header("content-length").flatMap { Int($0) } ?? 0
        request.body = Array(bytes.dropFirst(request.head.utf8.count + 4))
        return request.body.count == length ? request : nil
    }

    private func write(_ text: String, to descriptor: Int32) {
        let bytes = Array(text.utf8)
        _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }
}

/// An HTTP answer with its `Content-Length`.
func httpAnswer(_ status: String, headers: [String] = [], body: String = "") -> String {
    (["HTTP/1.1 \(status)", "Content-Length: \(body.utf8.count)"] + headers).joined(separator: "\r\n") + "\r\n\r\n"
        + body
}
