import COpenSSL

/// The notes that the context's callbacks make in the session they concern.
extension TLSSession {
    static func of(_ session: OpaquePointer?) -> TLSSession? {
        guard let session, let pointer = SSL_get_ex_data(session, 0) else { return nil }
        return Unmanaged<TLSSession>.fromOpaque(pointer).takeUnretainedValue()
    }

    static func of(verification: OpaquePointer?) -> TLSSession? {
        guard let session = X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx()) else {
            return nil
        }
        return of(OpaquePointer(session))
    }

    func keep(ticket: OpaquePointer) {
        guard let tickets = context.tickets, let copy = TLSTicket(copying: ticket) else { return }
        tickets.add(copy, for: hostName)
    }

    /// Notes why a certificate of the peer's chain is refused; the first reason counts.
    func noteRefusedCertificate(in verification: OpaquePointer?) {
        guard refusedCertificate == nil, let certificate = X509_STORE_CTX_get_current_cert(verification) else { return }
        refusedCertificate =
            RefusedCertificate(
                code: X509_STORE_CTX_get_error(verification),
                certificate: certificate,
                isServers: X509_STORE_CTX_get_error_depth(verification) == 0,
                hostName: hostName,
                trustsNobody: context.trustsNobody
            ).error
    }
}
