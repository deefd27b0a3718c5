#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// TCP sockets as plain descriptors: never blocking, closed in children, without SIGPIPE.
///
/// Each descriptor has one owner, who closes it once.
package enum Socket {
    /// The outcome of moving bytes.
    package enum Transfer: Sendable, Equatable {
        /// So many bytes were moved; of a read that is never 0.
        case moved(Int)
        /// The peer sends nothing any more.
        case ended
        case wouldBlock
        case failed(Int32)
    }

    /// A socket whose connection has begun.
    package struct Connecting: Sendable {
        package var descriptor: Int32
        /// Whether it is there already. Else the descriptor becomes writable, and `pendingError` tells how it ended.
        package var isConnected: Bool
    }

    /// Begins to connect.
    ///
    /// - Throws: Also what is known at once, such as that there is no route. The descriptor is closed then.
    package static func connect(to address: SocketAddress) throws(ReactorError) -> Connecting {
        let descriptor = try open(address.family, for: "connect to \(address)")
        setNoDelay(descriptor)
        let result = address.withSockAddr { connectDescriptor(descriptor, $0, $1) }
        if result == 0 { return Connecting(descriptor: descriptor, isConnected: true) }
        let code = errno
        // After EINTR the connection goes on as well.
        if code == EINPROGRESS || code == EINTR { return Connecting(descriptor: descriptor, isConnected: false) }
        closeDescriptor(descriptor)
        throw ReactorError(attempt: "connect to \(address)", code: code)
    }

    /// The `errno` that is noted at a descriptor, which takes it away; 0 where there is none.
    package static func pendingError(_ descriptor: Int32) -> Int32 {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) == 0 else { return errno }
        return code
    }

    /// Sends at once what is written. A socket that is dead already refuses; its owner hears of that when it reads.
    package static func setNoDelay(_ descriptor: Int32) { setOption(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1) }

    /// Lets a connection fail if what was sent is not acknowledged in so many milliseconds. Linux only.
    package static func setUserTimeout(_ descriptor: Int32, milliseconds: Int) {
        #if !canImport(Darwin)
        setOption(descriptor, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, Int32(clamping: milliseconds))
        #endif
    }

    /// Makes the close to come a reset: unsent bytes are dropped, and the peer's next read fails.
    package static func setResetOnClose(_ descriptor: Int32) {
        var setting = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &setting, socklen_t(MemoryLayout<linger>.size))
    }

    /// Closes a descriptor, which is closed whatever the system answers.
    package static func close(_ descriptor: Int32) { closeDescriptor(descriptor) }

    /// Tells the peer that nothing more comes; reading goes on.
    package static func shutDownWriting(_ descriptor: Int32) { _ = shutdown(descriptor, Int32(SHUT_WR)) }

    package static func receive(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
        while true {
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count > 0 { return .moved(count) }
            if count == 0 { return .ended }
            if errno != EINTR { return failure(errno) }
        }
    }

    /// Whether there is nothing to read: no byte, no end, no error.
    package static func isQuiet(_ descriptor: Int32) -> Bool {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_PEEK)) < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)
    }

    package static func send(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Transfer {
        #if canImport(Darwin)
        let flags: Int32 = 0
        #else
        let flags = Int32(MSG_NOSIGNAL)
        #endif
        while true {
            let count = sendBytes(descriptor, bytes.baseAddress, bytes.count, flags)
            if count >= 0 { return .moved(count) }
            if errno != EINTR { return failure(errno) }
        }
    }

    /// The own end's address; nil where the socket is dead.
    package static func localAddress(_ descriptor: Int32) -> SocketAddress? {
        SocketAddress.read { getsockname(descriptor, $0, &$1) }.1
    }

    /// The other end's address; nil where the socket is dead or not connected.
    package static func peerAddress(_ descriptor: Int32) -> SocketAddress? {
        SocketAddress.read { getpeername(descriptor, $0, &$1) }.1
    }

    static func failure(_ code: Int32) -> Transfer {
        code == EAGAIN || code == EWOULDBLOCK ? .wouldBlock : .failed(code)
    }

    static func setOption(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    static func open(_ family: SocketAddress.Family, for attempt: String) throws(ReactorError) -> Int32 {
        let domain = family == .v4 ? AF_INET : AF_INET6
        #if canImport(Darwin)
        let descriptor = socket(domain, SOCK_STREAM, 0)
        guard descriptor >= 0 else { throw ReactorError(attempt: attempt, code: errno) }
        prepare(descriptor)
        #else
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(domain, kind, 0)
        guard descriptor >= 0 else { throw ReactorError(attempt: attempt, code: errno) }
        #endif
        return descriptor
    }

    #if canImport(Darwin)
    /// Does what Linux does in the call that makes the socket.
    static func prepare(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        setOption(descriptor, SOL_SOCKET, SO_NOSIGPIPE, 1)
    }
    #endif
}

// The system's calls, where members of these names hide them.
private func connectDescriptor(_ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Int32 {
    connect(descriptor, address, length)
}

private func sendBytes(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int, _ flags: Int32) -> Int {
    send(descriptor, bytes, count, flags)
}
