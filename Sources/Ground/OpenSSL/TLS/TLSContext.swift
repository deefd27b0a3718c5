import COpenSSL

/// The settings that TLS connections of a client, or of a server, have in common, and a client's session tickets.
///
/// TLS 1.2 is the least, `http/1.1` the only protocol above it.
///
/// `@unchecked Sendable`: nothing in an `SSL_CTX` is changed once it is set up, and OpenSSL makes sessions of it on any
/// thread; the tickets have a lock of their own.
package final class TLSContext: @unchecked Sendable {
    let handle: OpaquePointer
    let tickets: TLSTickets?
    /// Nothing is trusted: neither the system nor a file has a certificate.
    let trustsNobody: Bool

    private init(_ handle: OpaquePointer, tickets: TLSTickets? = nil, trustsNobody: Bool = false) {
        self.handle = handle
        self.tickets = tickets
        self.trustsNobody = trustsNobody
    }

    deinit { SSL_CTX_free(handle) }

    /// The roots that the system trusts, for the message of a start that finds nothing.
    package static var systemRoots: SystemRoots { SystemRoots.found() }

    /// A client that trusts what the system trusts, and the certificates in a file besides.
    ///
    /// The file is read now, the system's when the first client is made.
    package static func client(caFile: String? = nil) throws(TLSError) -> TLSContext {
        let trusted: CertificateFile? = if let caFile { try CertificateFile(caFile) } else { nil }
        if let caFile, trusted?.count == 0 { throw TLSError(.file, "\(caFile) holds no certificate") }
        let handle = try newHandle(of: TLS_client_method())
        SystemRoots.trust(in: handle)
        trusted?.add(to: SSL_CTX_get_cert_store(handle))
        let context = TLSContext(
            handle,
            tickets: TLSTickets(),
            trustsNobody: trusted == nil && !systemRoots.hasCertificates
        )
        // A certificate that is trusted ends the chain, be it an authority's own, one between, or a server's. The
        // trusted ones are looked at first, so that an old path which has expired does no harm.
        X509_VERIFY_PARAM_set_flags(
            SSL_CTX_get0_param(handle),
            UInt(X509_V_FLAG_PARTIAL_CHAIN) | UInt(X509_V_FLAG_TRUSTED_FIRST)
        )
        SSL_CTX_set_verify(handle, SSL_VERIFY_PEER) { isGood, store in
            if isGood == 0 { TLSSession.of(verification: store)?.noteRefusedCertificate(in: store) }
            return isGood
        }
        SSL_CTX_set_client_cert_cb(handle) { session, _, _ in
            TLSSession.of(session)?.wasAskedForCertificate = true
            return 0
        }
        c_tls_keep_no_sessions_inside(handle)
        SSL_CTX_sess_set_new_cb(handle) { session, ticket in
            if let ticket { TLSSession.of(session)?.keep(ticket: ticket) }
            // Not kept as it is: the copy is.
            return 0
        }
        let protocols: [UInt8] = [8] + Array(TLSSession.http11.utf8)
        SSL_CTX_set_alpn_protos(handle, protocols, UInt32(protocols.count))
        return context
    }

    /// A server with the certificates in a file, its own first, and its private key; both PEM.
    package static func server(certificateChainFile: String, privateKeyFile: String) throws(TLSError) -> TLSContext {
        let context = TLSContext(try newHandle(of: TLS_server_method()))
        ERR_clear_error()
        defer { ERR_clear_error() }
        guard SSL_CTX_use_certificate_chain_file(context.handle, certificateChainFile) == 1 else {
            throw TLSError(.file, "\(certificateChainFile) is no readable file of certificates (PEM)")
        }
        guard SSL_CTX_use_PrivateKey_file(context.handle, privateKeyFile, SSL_FILETYPE_PEM) == 1,
            SSL_CTX_check_private_key(context.handle) == 1
        else {
            throw TLSError(.file, "\(privateKeyFile) is not the private key (PEM) of \(certificateChainFile)")
        }
        SSL_CTX_set_alpn_select_cb(
            context.handle,
            { _, chosen, chosenCount, offered, count, _ in TLSContext.choose(offered, count, chosen, chosenCount) },
            nil
        )
        return context
    }

    private static func newHandle(of method: OpaquePointer?) throws(TLSError) -> OpaquePointer {
        OpenSSLLibrary.prepare()
        ERR_clear_error()
        defer { ERR_clear_error() }
        guard let handle = SSL_CTX_new(method) else {
            throw TLSError(.protocolFailure, "OpenSSL cannot be set up; check openssl.cnf")
        }
        c_tls_set_up(handle)
        return handle
    }

    /// Chooses `http/1.1` where the client offers it, and nothing where it does not.
    private static func choose(
        _ offered: UnsafePointer<UInt8>?,
        _ count: UInt32,
        _ chosen: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
        _ chosenCount: UnsafeMutablePointer<UInt8>?
    ) -> Int32 {
        let list = UnsafeBufferPointer(start: offered, count: Int(count))
        var place = 0
        while place < list.count {
            let name = list[(place + 1)...].prefix(Int(list[place]))
            if name.elementsEqual(TLSSession.http11.utf8), let start = offered {
                chosen?.pointee = start + place + 1
                chosenCount?.pointee = list[place]
                return SSL_TLSEXT_ERR_OK
            }
            place += 1 + Int(list[place])
        }
        return SSL_TLSEXT_ERR_NOACK
    }
}
