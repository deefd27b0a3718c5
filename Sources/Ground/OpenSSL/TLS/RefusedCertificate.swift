import COpenSSL

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The reason why a certificate of a server's chain is refused, in words.
///
/// Its contents were written by whoever is at the other end: they are shortened, and only printable ASCII is shown.
struct RefusedCertificate {
    /// As `X509_V_ERR_…` numbers it.
    let code: Int32
    let certificate: OpaquePointer
    /// The server's own certificate, not one of an authority.
    let isServers: Bool
    let hostName: String
    let trustsNobody: Bool

    var error: TLSError {
        switch code {
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return TLSError(.expired, "\(subject) expired at \(text(X509_get0_notAfter(certificate))); \(clock)")
        case X509_V_ERR_CERT_NOT_YET_VALID:
            let start = text(X509_get0_notBefore(certificate))
            return TLSError(.notYetValid, "\(subject) is not yet valid: only from \(start) on; \(clock)")
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH:
            return TLSError(.wrongHost, "the server's certificate is for \(names), not for \(hostName)")
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
            return TLSError(.notTrusted, "the server's certificate is not trusted: it is signed by itself\(emptiness)")
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT,
            X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
            let issuer = commonName(of: X509_get_issuer_name(certificate))
            return TLSError(
                .notTrusted,
                "the server's certificate is not trusted: its issuer \(issuer) is not among the authorities trusted here"
                    + emptiness
            )
        case X509_V_ERR_EE_KEY_TOO_SMALL, X509_V_ERR_CA_KEY_TOO_SMALL, X509_V_ERR_CA_MD_TOO_WEAK:
            return TLSError(.notTrusted, "\(subject) is not trusted: its key or its signature is too weak")
        case X509_V_ERR_CERT_REVOKED:
            return TLSError(.notTrusted, "\(subject) is not trusted: it has been revoked")
        default:
            let reason = X509_verify_cert_error_string(Int(code)).map { String(cString: $0) } ?? "it is not fit"
            return TLSError(.notTrusted, "\(subject) is not trusted: \(reason)")
        }
    }

    private var subject: String {
        if isServers { return "the server's certificate" }
        return "the certificate of the authority \(commonName(of: X509_get_subject_name(certificate)))"
    }

    private var emptiness: String {
        trustsNobody ? "; \(TLSContext.systemRoots)" : ""
    }

    private var clock: String {
        var now = time(nil)
        var parts = tm()
        gmtime_r(&now, &parts)
        return "this machine's clock says \(text(parts))"
    }

    private func text(_ date: UnsafePointer<ASN1_TIME>?) -> String {
        var parts = tm()
        return ASN1_TIME_to_tm(date, &parts) == 1 ? text(parts) : "an unreadable date"
    }

    private func text(_ parts: tm) -> String {
        func padded(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let date = "\(parts.tm_year + 1900)-\(padded(parts.tm_mon + 1))-\(padded(parts.tm_mday))"
        return "\(date)T\(padded(parts.tm_hour)):\(padded(parts.tm_min)):\(padded(parts.tm_sec))Z"
    }

    /// The hosts that the certificate is for, the first five of them.
    private var names: String {
        var names: [String] = []
        withUnsafeMutablePointer(to: &names) { list in
            c_certificate_each_name(certificate, list) { state, isAddress, bytes, count in
                let value = UnsafeBufferPointer(start: bytes, count: Int(count))
                let name = isAddress == 1 ? RefusedCertificate.address(value) : RefusedCertificate.printable(value)
                state?.assumingMemoryBound(to: [String].self).pointee.append(name)
            }
        }
        if names.isEmpty { return "no host" }
        let rest = names.count > 5 ? " and \(names.count - 5) others" : ""
        return names.prefix(5).joined(separator: ", ") + rest
    }

    private func commonName(of name: OpaquePointer?) -> String {
        let place = X509_NAME_get_index_by_NID(name, NID_commonName, -1)
        guard let value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, place)) else { return "without a name" }
        let bytes = UnsafeBufferPointer(start: ASN1_STRING_get0_data(value), count: Int(ASN1_STRING_length(value)))
        return "\"\(Self.printable(bytes))\""
    }

    private static func printable(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        let shown = bytes.prefix(100).map { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "\"") ? $0 : 0x3F }
        return String(decoding: shown, as: UTF8.self)
    }

    private static func address(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        guard bytes.count == 4 || bytes.count == 16 else { return "?" }
        return String(unsafeUninitializedCapacity: 46) { text in
            text.withMemoryRebound(to: CChar.self) { buffer in
                inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes.baseAddress, buffer.baseAddress, 46)
                return buffer.firstIndex(of: 0) ?? 0
            }
        }
    }
}
