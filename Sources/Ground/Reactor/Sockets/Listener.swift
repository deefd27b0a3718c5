#if canImport(Darwin)
import Darwin
#else
import CEpoll
import Glibc
#endif

extension Socket {
    /// The outcome of looking for a new connection.
    package enum Acceptance: Sendable {
        case accepted(Int32, from: SocketAddress)
        /// One came and went again; there may be others.
        case gone
        case wouldBlock
        /// The connection still waits. Whoever asks again at once asks for ever: stop watching and pause.
        case outOfDescriptors(Int32)
        case failed(Int32)
    }

    /// Listens on an address; port 0 lets the system choose, and `localAddress` tells.
    ///
    /// An address in TIME_WAIT is taken over, one on which somebody listens is not. An IPv6 address is for IPv6 only.
    package static func listen(on address: SocketAddress, backlog: Int32 = 1_024) throws(ReactorError) -> Int32 {
        let attempt = "listen on \(address)"
        let descriptor = try open(address.family, for: attempt)
        setOption(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        if address.family == .v6 { setOption(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1) }
        guard address.withSockAddr({ bind(descriptor, $0, $1) }) == 0, listenDescriptor(descriptor, backlog) == 0 else {
            let code = errno
            closeDescriptor(descriptor)
            throw ReactorError(attempt: attempt, code: code)
        }
        return descriptor
    }

    /// Takes one of the connections that wait at a listener.
    package static func accept(_ listener: Int32) -> Acceptance {
        let (descriptor, peer) = SocketAddress.read { address, length in acceptDescriptor(listener, address, &length) }
        guard descriptor >= 0 else { return refusal(errno) }
        guard let peer else {
            closeDescriptor(descriptor)
            return .gone
        }
        setNoDelay(descriptor)
        return .accepted(descriptor, from: peer)
    }

    /// Linux hands on errors of the connection that waited; they say nothing about the listener.
    private static func refusal(_ code: Int32) -> Acceptance {
        switch code {
        case EAGAIN, EWOULDBLOCK: return .wouldBlock
        case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .outOfDescriptors(code)
        case EBADF, EINVAL, ENOTSOCK, EOPNOTSUPP, EFAULT: return .failed(code)
        default: return .gone
        }
    }
}

private func listenDescriptor(_ descriptor: Int32, _ backlog: Int32) -> Int32 { listen(descriptor, backlog) }

private func acceptDescriptor(
    _ listener: Int32,
    _ address: UnsafeMutablePointer<sockaddr>,
    _ length: inout socklen_t
) -> Int32 {
    #if canImport(Darwin)
    let descriptor = accept(listener, address, &length)
    if descriptor >= 0 { Socket.prepare(descriptor) }
    return descriptor
    #else
    return c_accept4(listener, address, &length, Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue))
    #endif
}
