import COpenSSL

/// The settings of TLS with which the server meets a connection, each with tickets of its own: a ticket of one is refused
/// by the others.
///
/// `@unchecked Sendable`: nothing in an `SSL_CTX` is changed once it is set up.
final class ServerContexts: @unchecked Sendable {
    enum Variety: CaseIterable {
        case usual
        case version12
        case withoutTickets
        /// Asks for a client's certificate; with TLS 1.3 the client hears of it only after it is connected.
        case clientCertificate
        case wrongHost
    }

    private let contexts: [Variety: OpaquePointer]

    init(_ certificates: TrialCertificates) throws {
        var contexts: [Variety: OpaquePointer] = [:]
        for variety in Variety.allCases {
            let own = variety == .wrongHost ? certificates.other : certificates.origin
            contexts[variety] = try Self.context(own)
        }
        self.contexts = contexts
        set(.version12) { SSL_CTX_ctrl($0, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(TLS1_2_VERSION), nil) }
        set(.withoutTickets) { SSL_CTX_set_num_tickets($0, 0) }
        set(.withoutTickets) { SSL_CTX_set_options($0, 1 << 14) }  // SSL_OP_NO_TICKET
        set(.clientCertificate) {
            SSL_CTX_set_verify($0, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
        }
    }

    deinit { for context in contexts.values { SSL_CTX_free(context) } }

    subscript(variety: Variety) -> OpaquePointer {
        guard let context = contexts[variety] else { preconditionFailure("all have a context") }
        return context
    }

    private func set<Result>(_ variety: Variety, _ change: (OpaquePointer) -> Result) { _ = change(self[variety]) }

    private static func context(_ certificate: TrialCertificates.Pair) throws -> OpaquePointer {
        guard let context = SSL_CTX_new(TLS_server_method()) else { throw TrialError("OpenSSL cannot be set up") }
        // What is no data for the reader ends a read.
        SSL_CTX_ctrl(context, SSL_CTRL_CLEAR_MODE, Int(SSL_MODE_AUTO_RETRY), nil)
        guard SSL_CTX_use_certificate_chain_file(context, certificate.certificate) == 1,
            SSL_CTX_use_PrivateKey_file(context, certificate.key, SSL_FILETYPE_PEM) == 1
        else { throw TrialError("\(certificate.certificate) is no certificate") }
        return context
    }
}

extension ServerContexts {
    /// What a server sends in answer to a client's first message: its side of the handshake, up to its Finished.
    static func flight(_ context: OpaquePointer, hello: [UInt8]) -> [UInt8] {
        ERR_clear_error()
        guard let session = SSL_new(context), let input = BIO_new(BIO_s_mem()), let output = BIO_new(BIO_s_mem()) else {
            return []
        }
        defer { SSL_free(session) }
        SSL_set_bio(session, input, output)
        SSL_set_accept_state(session)
        BIO_write(input, hello, Int32(hello.count))
        SSL_do_handshake(session)
        var flight = [UInt8](repeating: 0, count: 65_536)
        let count = BIO_read(output, &flight, Int32(flight.count))
        return Array(flight.prefix(Int(max(count, 0))))
    }
}
