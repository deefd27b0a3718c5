import COpenSSL

/// One TLS connection over a connected, non-blocking socket, which stays the caller's: to be watched, and to be closed
/// after the session is gone.
///
/// Every call answers at once. Where it names what it waits for, the caller waits for that, whatever the call was, and
/// calls again: a read may have to write (a change of keys), a write to read. The socket says nothing of bytes that are
/// inside the session, so a reader goes on until `wantsRead`, or asks `hasBufferedBytes`. A connection that is idle may
/// become readable for the session's own ends, for a ticket: then a read wants to read again, and all is well.
///
/// Writing to a socket that the peer has closed raises no SIGPIPE.
package final class TLSSession {
    package enum Progress: Equatable, Sendable {
        /// So many bytes; 0 for a handshake or a shutdown.
        case done(Int)
        case wantsRead
        case wantsWrite
        /// The peer ends its side: cleanly with TLS's own closing message, or else cut by whoever ended the connection.
        case closed(cleanly: Bool)
        /// Nothing more will come or go, but for this: after a write that the socket refused, what the peer sent
        /// before can still be read.
        case failed(TLSError)
    }

    static let http11 = "http/1.1"

    let context: TLSContext
    let handle: OpaquePointer
    /// Lower case, without a dot at its end; empty for a server.
    let hostName: String
    let peer: UnsafeMutablePointer<c_tls_socket>
    var refusedCertificate: TLSError?
    var wasAskedForCertificate = false
    private var failure: TLSError?
    private var hasSocketFailed = false

    /// A client's session, which believes nobody but `hostName`: a host's name, or an IP address.
    package convenience init(_ context: TLSContext, descriptor: Int32, hostName: String) throws(TLSError) {
        let name = try HostName(hostName)
        try self.init(context, descriptor: descriptor, host: name.text)
        guard name.expect(in: handle) else { throw TLSError(.invalidHostName, "\(name.text) cannot be checked") }
        if let ticket = context.tickets?.take(for: name.text) { SSL_set_session(handle, ticket.session) }
        SSL_set_connect_state(handle)
    }

    /// A server's session.
    package convenience init(server context: TLSContext, descriptor: Int32) throws(TLSError) {
        try self.init(context, descriptor: descriptor, host: "")
        SSL_set_accept_state(handle)
    }

    private init(_ context: TLSContext, descriptor: Int32, host: String) throws(TLSError) {
        ERR_clear_error()
        guard let handle = SSL_new(context.handle) else { throw TLSError(.protocolFailure, "out of memory") }
        self.context = context
        self.handle = handle
        hostName = host
        peer = .allocate(capacity: 1)
        peer.initialize(
            to: c_tls_socket(
                descriptor: descriptor,
                error: 0,
                is_at_end: 0,
                first_byte: -1,
                is_reading: 0,
                bytes_written: 0
            )
        )
        guard c_tls_attach(handle, Self.socketMethods, peer) == 1 else {
            throw TLSError(.protocolFailure, "out of memory")
        }
        // The callbacks of the context find their session by it.
        SSL_set_ex_data(handle, 0, Unmanaged.passUnretained(self).toOpaque())
    }

    deinit {
        SSL_free(handle)
        peer.deallocate()
    }

    /// Made once, never changed, and used by all sessions.
    private nonisolated(unsafe) static let socketMethods = c_tls_socket_methods()

    /// Goes on with the handshake; done(0) at its end.
    package func handshake() -> Progress {
        let progress = progress { SSL_do_handshake($0) == 1 ? 0 : nil }
        guard case .done = progress, let chosen = applicationProtocol, chosen != Self.http11 else { return progress }
        failure = TLSError(.protocolFailure, "the peer chose a protocol that was not offered")
        return failure.map { .failed($0) } ?? progress
    }

    /// Reads at least one byte into a buffer that has room.
    package func read(into buffer: UnsafeMutableRawBufferPointer) -> Progress {
        peer.pointee.is_reading = 1
        defer { peer.pointee.is_reading = 0 }
        return progress { handle in
            var count = 0
            return SSL_read_ex(handle, buffer.baseAddress, buffer.count, &count) == 1 ? count : nil
        }
    }

    /// Writes a part of the bytes, of which there may be none.
    ///
    /// After `wantsRead` or `wantsWrite` the next write must begin with the same bytes, wherever they are by then: some
    /// of them may have left.
    package func write(_ bytes: UnsafeRawBufferPointer) -> Progress {
        if bytes.isEmpty { return .done(0) }
        return progress { handle in
            var count = 0
            return SSL_write_ex(handle, bytes.baseAddress, bytes.count, &count) == 1 ? count : nil
        }
    }

    /// Tells the peer that nothing more will come, where a handshake has been made and nothing has failed; does not wait
    /// for its answer.
    package func shutdown() -> Progress {
        let isShutdownSent = SSL_get_shutdown(handle) & SSL_SENT_SHUTDOWN != 0
        if failure != nil || isShutdownSent || hasSocketFailed || SSL_in_init(handle) == 1 { return .done(0) }
        return progress { SSL_shutdown($0) >= 0 ? 0 : nil }
    }

    /// Whether bytes of the peer are inside the session, of which the socket says nothing any more.
    ///
    /// They may be a part of a record, or nothing for the reader: only a read can tell.
    package var hasBufferedBytes: Bool { SSL_has_pending(handle) == 1 }

    /// Whether the keys of an earlier session were taken up, and with them what was verified then.
    package var isResumed: Bool { SSL_session_reused(handle) == 1 }

    /// `TLSv1.3` for example.
    package var version: String { SSL_get_version(handle).map { String(cString: $0) } ?? "" }

    /// The protocol above TLS that both agreed on; nil where the server knows nothing of such.
    package var applicationProtocol: String? {
        var name: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        SSL_get0_alpn_selected(handle, &name, &count)
        return name.map { String(decoding: UnsafeBufferPointer(start: $0, count: Int(count)), as: UTF8.self) }
    }

    private func progress(of call: (OpaquePointer) -> Int?) -> Progress {
        if let failure { return .failed(failure) }
        // An error that another session left in this thread's queue would be taken for this one's.
        ERR_clear_error()
        peer.pointee.error = 0
        let isInHandshake = SSL_in_init(handle) == 1
        if let count = call(handle) { return .done(count) }
        let reason = c_first_error_reason()
        if reason == 0 {
            if peer.pointee.error != 0 {
                hasSocketFailed = true
                return .failed(.socket(peer.pointee.error))
            }
            switch SSL_get_error(handle, 0) {
            case SSL_ERROR_WANT_READ: return .wantsRead
            case SSL_ERROR_WANT_WRITE: return .wantsWrite
            case SSL_ERROR_ZERO_RETURN: return .closed(cleanly: true)
            default: break
            }
        }
        if peer.pointee.is_at_end == 1, reason == 0 || reason == SSL_R_UNEXPECTED_EOF_WHILE_READING {
            return .closed(cleanly: false)
        }
        let error = error(for: reason, isInHandshake: isInHandshake)
        failure = error
        ERR_clear_error()
        return .failed(error)
    }
}
