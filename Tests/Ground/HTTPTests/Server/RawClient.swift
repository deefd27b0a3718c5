import Foundation

/// A client of plain sockets, for what no honest client does. Its calls block, at most for 20 seconds each.
final class RawClient: Sendable {
    /// How the server ended a connection, or that it did not in time.
    enum End: Equatable {
        case closed, reset, open
    }

    /// All that came until the connection ended.
    struct Rest: Equatable {
        var text: String
        var end: End
    }

    private let descriptor: Int32

    init(port: Int, host: String = "127.0.0.1") throws {
        let isV6 = host.contains(":")
        descriptor = socket(isV6 ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var timeout = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        let result: Int32
        if isV6 {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = in_port_t(port).bigEndian
            inet_pton(AF_INET6, host, &address.sin6_addr)
            result = Self.connect(descriptor, &address)
        } else {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(port).bigEndian
            inet_pton(AF_INET, host, &address.sin_addr)
            result = Self.connect(descriptor, &address)
        }
        guard result == 0 else {
            // `deinit` closes the socket: it runs here too. Another close would hit a stranger's new descriptor.
            let code = errno
            throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EIO)
        }
    }

    deinit { close(descriptor) }

    /// Sends bytes; false where the server does not take them.
    @discardableResult
    func send(_ bytes: some Collection<UInt8>) -> Bool {
        let all = Array(bytes)
        var sent = 0
        while sent < all.count {
            let count = all.withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress! + sent, all.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    @discardableResult
    func send(_ text: String) -> Bool { send(text.utf8) }

    func shutDownSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Makes the client's end a reset.
    func reset() {
        var setting = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &setting, socklen_t(MemoryLayout<linger>.size))
    }

    /// The next bytes; empty at the end, or nil on a reset or a time-out.
    func receive(atMost limit: Int = 65_536) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: limit)
        let count = recv(descriptor, &buffer, limit, 0)
        return count < 0 ? nil : Array(buffer.prefix(count))
    }

    /// Reads until the text ends so or the connection does.
    func text(until suffix: String) -> String {
        var bytes: [UInt8] = []
        while !bytes.suffix(suffix.utf8.count).elementsEqual(suffix.utf8), let more = receive(), !more.isEmpty {
            bytes += more
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Reads to the end of the connection.
    func rest() -> Rest {
        var bytes: [UInt8] = []
        while true {
            guard let more = receive() else {
                return Rest(text: String(decoding: bytes, as: UTF8.self), end: errno == ECONNRESET ? .reset : .open)
            }
            guard !more.isEmpty else { return Rest(text: String(decoding: bytes, as: UTF8.self), end: .closed) }
            bytes += more
        }
    }

    private static func connect<Address>(_ descriptor: Int32, _ address: inout Address) -> Int32 {
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Foundation.connect(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
            }
        }
    }
}

/// Runs blocking calls away from the threads that tasks share.
func blocking<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Swift.Result(catching: body)) }
    }
}
