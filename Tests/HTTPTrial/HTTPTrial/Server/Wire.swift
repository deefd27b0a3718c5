import COpenSSL
import Foundation

/// The server's end of one connection: a plain blocking socket, or OpenSSL over it.
///
/// One thread uses it. Nothing of the client's own code has a part in it.
final class Wire {
    enum Arrival {
        case bytes
        case silence
        /// The client sends nothing any more, or the connection is broken.
        case end
    }

    let descriptor: Int32
    private(set) var session: OpaquePointer?
    /// What came and was not read as a request yet.
    var received: [UInt8] = []
    private var hasEnded = false
    private static let longestWrite = timeval(tv_sec: 3, tv_usec: 0)
    private static let longestRead = timeval(tv_sec: 1, tv_usec: 0)

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        var time = Self.longestWrite
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        time = Self.longestRead
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    }

    /// Makes a handshake; false where it failed.
    func secure(_ context: OpaquePointer) -> Bool {
        ERR_clear_error()
        guard let session = SSL_new(context) else { return false }
        self.session = session
        SSL_set_fd(session, descriptor)
        return SSL_accept(session) == 1
    }

    deinit { precondition(hasEnded, "a connection was left open") }
}

// MARK: - Reading

extension Wire {
    /// Waits for bytes and takes in what is there.
    func read(within milliseconds: Int) -> Arrival {
        while true {
            let isHeldBack = session.map { SSL_pending($0) > 0 } ?? false
            guard isHeldBack || wait(for: Int16(POLLIN), milliseconds: milliseconds) else { return .silence }
            let count = withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 16) { buffer in
                let count = receive(buffer)
                if count > 0 { received += buffer[..<count] }
                return count
            }
            if count > 0 { return .bytes }
            if count == 0 { return .end }
            // It was something of TLS's own.
        }
    }

    /// Takes in all that has arrived, so that what the server saw is known in full.
    func readWhatIsThere() {
        while case .bytes = read(within: 0) {}
    }

    /// - Returns: 0 at the end, -1 where nothing came after all.
    private func receive(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
        guard let session else {
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            return count >= 0 ? count : errno == EAGAIN ? -1 : 0
        }
        ERR_clear_error()
        let count = SSL_read(session, buffer.baseAddress, Int32(buffer.count))
        if count > 0 { return Int(count) }
        return SSL_get_error(session, count) == SSL_ERROR_WANT_READ ? -1 : 0
    }

    /// Waits, unless the client goes before.
    ///
    /// - Returns: Whether the client is still there.
    func pause(milliseconds: Int) -> Bool {
        #if canImport(Darwin)
        let goesAway = Int16(POLLHUP)
        #else
        let goesAway: Int16 = 0x2000  // POLLRDHUP, which Glibc's module hides.
        #endif
        return !wait(for: goesAway, milliseconds: milliseconds)
    }

    /// Waits until the client's system has all that was written: a reset does not take it back any more.
    func flush() {
        var unsent: Int32 = 1
        for _ in 0..<1_000 {
            guard ioctl(descriptor, UInt(TIOCOUTQ), &unsent) == 0, unsent > 0 else { return }
            usleep(500)
        }
    }

    private func wait(for events: Int16, milliseconds: Int) -> Bool {
        var entry = pollfd(fd: descriptor, events: events, revents: 0)
        return poll(&entry, 1, Int32(milliseconds)) > 0
    }
}

// MARK: - Writing

extension Wire {
    /// Writes all of it, through TLS where there is such; false where that failed.
    func write(_ bytes: [UInt8]) -> Bool {
        guard let session else { return writeToSocket(bytes) }
        guard !bytes.isEmpty else { return true }
        ERR_clear_error()
        return SSL_write(session, bytes, Int32(bytes.count)) == Int32(bytes.count)
    }

    func write(_ text: String) -> Bool { write(Array(text.utf8)) }

    /// Writes past TLS.
    func writeToSocket(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Self.sendFlags) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// Reads past TLS.
    func readFromSocket(within milliseconds: Int) -> [UInt8]? {
        guard wait(for: Int16(POLLIN), milliseconds: milliseconds) else { return nil }
        var buffer = [UInt8](repeating: 0, count: 16_384)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return count > 0 ? Array(buffer.prefix(count)) : nil
    }

    /// Lets what is written within arrive as one piece, as far as it is small.
    func inOnePiece(_ body: () -> Bool) -> Bool {
        #if canImport(Darwin)
        return body()
        #else
        var isHeld: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_CORK, &isHeld, socklen_t(MemoryLayout<Int32>.size))
        defer {
            isHeld = 0
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_CORK, &isHeld, socklen_t(MemoryLayout<Int32>.size))
        }
        return body()
        #endif
    }

    #if canImport(Darwin)
    private static let sendFlags: Int32 = 0
    #else
    private static let sendFlags = Int32(MSG_NOSIGNAL)
    #endif
}

// MARK: - Ends

extension Wire {
    enum Ending: CaseIterable {
        case inOrder
        /// FIN, though TLS has not said farewell.
        case withoutNotify
        case reset
    }

    /// Nothing more is written; what comes is still read.
    func endWriting(_ ending: Ending = .inOrder) {
        if let session, ending == .inOrder { SSL_shutdown(session) }
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Closes the connection. The system makes a reset of it where bytes of the client were not read.
    func end(_ ending: Ending) {
        guard !hasEnded else { return }
        hasEnded = true
        if let session {
            if ending == .inOrder, SSL_in_init(session) == 0 { SSL_shutdown(session) }
            SSL_free(session)
        }
        session = nil
        if ending == .reset {
            var setting = linger(l_onoff: 1, l_linger: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &setting, socklen_t(MemoryLayout<linger>.size))
        }
        close(descriptor)
    }
}
