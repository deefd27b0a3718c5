import COpenSSL

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

extension TLSSession {
    /// Returns what ended the session, by the reason in OpenSSL's queue of errors and by what was noted on the way.
    func error(for reason: Int32, isInHandshake: Bool) -> TLSError {
        if let refusedCertificate { return refusedCertificate }
        // Of TLS, only its kinds of records begin a connection.
        let first = peer.pointee.first_byte
        if isInHandshake, first >= 0, !(20...23).contains(first) {
            return TLSError(.notTLS, "the server answers in plain text; does it speak TLS on this port?")
        }
        switch reason {
        case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, SSL_R_WRONG_SSL_VERSION,
            SSL_R_NO_PROTOCOLS_AVAILABLE, SSL_R_WRONG_VERSION_NUMBER:
            return TLSError(.protocolVersion, "the peer knows no version of TLS that is allowed here: 1.2 and up")
        case SSL_R_NO_SHARED_CIPHER:
            return TLSError(.protocolFailure, "the peers have no cipher in common")
        case Int32(SSL_AD_REASON_OFFSET)..<Int32(SSL_AD_REASON_OFFSET) + 256:
            return error(forAlert: reason - Int32(SSL_AD_REASON_OFFSET))
        default:
            return TLSError(
                .protocolFailure,
                isInHandshake
                    ? "the handshake failed: the peer does not keep to the protocol"
                    : "the peer does not keep to the protocol, or its bytes were changed on the way"
            )
        }
    }

    private func error(forAlert alert: Int32) -> TLSError {
        let name = SSL_alert_desc_string_long(alert).map { String(cString: $0) } ?? "alert \(alert)"
        switch alert {
        case SSL_AD_BAD_CERTIFICATE, SSL_AD_UNSUPPORTED_CERTIFICATE, SSL_AD_CERTIFICATE_REVOKED,
            SSL_AD_CERTIFICATE_EXPIRED, SSL_AD_CERTIFICATE_UNKNOWN, SSL_AD_UNKNOWN_CA, SSL_AD_ACCESS_DENIED:
            return TLSError(.clientCertificateRefused, "the peer refuses the certificate that it was shown: \(name)")
        case SSL_AD_CERTIFICATE_REQUIRED where wasAskedForCertificate,
            SSL_AD_HANDSHAKE_FAILURE where wasAskedForCertificate:
            return TLSError(.clientCertificateRefused, "the server asks for a client's certificate and gets none")
        case SSL_AD_UNRECOGNIZED_NAME:
            return TLSError(.wrongHost, "the server does not know the name \(hostName)")
        default:
            return TLSError(.protocolFailure, "the peer ended the session: \(name)")
        }
    }
}

extension TLSError {
    static func socket(_ code: Int32) -> TLSError {
        switch code {
        case ECONNRESET, EPIPE: TLSError(.socket(errno: code), "the connection was reset")
        case ETIMEDOUT: TLSError(.socket(errno: code), "the connection timed out")
        default: TLSError(.socket(errno: code), "the connection failed: \(String(cString: strerror(code)))")
        }
    }
}
