import Foundation

@testable import OpenSSL

/// Two connected sockets that do not block, closed when it is let go.
final class Link {
    private(set) var client: Int32 = -1
    private(set) var server: Int32 = -1

    /// A pair of local sockets.
    init(bufferBytes: Int32? = nil) {
        var pair: [Int32] = [0, 0]
        precondition(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
        (client, server) = (pair[0], pair[1])
        for descriptor in pair {
            precondition(fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0)
            if var bufferBytes { setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &bufferBytes, 4) }
        }
    }

    /// A TCP connection over the loopback interface.
    init(tcp: Void) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                precondition(bind(listener, address, size) == 0 && listen(listener, 1) == 0)
                getsockname(listener, address, &size)
                precondition(connect(client, address, size) == 0)
            }
        }
        server = accept(listener, nil, nil)
        for descriptor in [client, server] {
            precondition(fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0)
            var yes: Int32 = 1
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, 4)
        }
    }

    deinit {
        closeServer()
        close(client)
    }

    /// Ends the connection, even where a program that another test is just starting still has a copy of the descriptor.
    func closeServer() {
        guard server >= 0 else { return }
        shutdown(server, Int32(SHUT_RDWR))
        close(server)
        server = -1
    }

    /// Reads away what has come for the server; the number of bytes.
    @discardableResult
    func drainServer() -> Int {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        var total = 0
        while true {
            let count = recv(server, &bytes, bytes.count, 0)
            if count <= 0 { return total }
            total += count
        }
    }

    /// Closes with a reset.
    func resetServer() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(server, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        close(server)
        server = -1
    }

    /// Waits until the client's socket has something to read, or an end.
    func waitForClient() {
        var entry = pollfd(fd: client, events: Int16(POLLIN), revents: 0)
        poll(&entry, 1, 30_000)
    }
}

/// A client and a server in one thread.
final class Peers {
    let link: Link
    let client: TLSSession
    let server: TLSSession

    init(
        _ clientContext: TLSContext,
        _ serverContext: TLSContext,
        hostName: String = "good.example",
        link: Link = Link()
    ) throws {
        self.link = link
        client = try TLSSession(clientContext, descriptor: link.client, hostName: hostName)
        server = try TLSSession(server: serverContext, descriptor: link.server)
    }

    /// Lets both go on until they are done or nothing comes any more; the client's end.
    @discardableResult
    func handshake() -> TLSSession.Progress {
        var client = TLSSession.Progress.wantsRead
        var server = TLSSession.Progress.wantsRead
        for _ in 0..<20 {
            if client.isWaiting { client = self.client.handshake() }
            if server.isWaiting { server = self.server.handshake() }
        }
        return client
    }
}

extension TLSSession.Progress {
    var isWaiting: Bool { self == .wantsRead || self == .wantsWrite }

    var error: TLSError? {
        if case .failed(let error) = self { error } else { nil }
    }
}

extension TLSSession {
    func write(_ text: String) -> Progress { write(Array(text.utf8)) }
    func write(_ bytes: [UInt8]) -> Progress { bytes.withUnsafeBytes { write($0) } }

    /// One read: the bytes, and how it went.
    func read(atMost count: Int = 65_536) -> (text: String, progress: Progress) {
        var bytes = [UInt8](repeating: 0, count: count)
        let progress = bytes.withUnsafeMutableBytes { read(into: $0) }
        guard case .done(let count) = progress else { return ("", progress) }
        return (String(decoding: bytes[..<count], as: UTF8.self), progress)
    }
}

extension TLSContext {
    static func server(_ certificate: TestCertificate) throws -> TLSContext {
        try .server(certificateChainFile: certificate.chain, privateKeyFile: certificate.key)
    }

    static func trusting(_ authority: TestCertificate = Samples.authority) throws -> TLSContext {
        try .client(caFile: authority.certificate)
    }
}
