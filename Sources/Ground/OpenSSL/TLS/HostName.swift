import COpenSSL

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The host that a client wants to speak to: a name, or an IP address.
struct HostName {
    /// Lower case, without brackets, zone, or a dot at the end.
    let text: String
    let isAddress: Bool

    init(_ host: String) throws(TLSError) {
        var bytes = host.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        if bytes.first == UInt8(ascii: "["), bytes.last == UInt8(ascii: "]") {
            bytes = Array(bytes[1..<(bytes.count - 1)])
        }
        // OpenSSL takes no name for "whatever host", and a dot in front for "any host below".
        guard let first = bytes.first, first != UInt8(ascii: "."), bytes.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw TLSError(.invalidHostName, "a host's name holds printable ASCII only, and begins with no dot")
        }
        let zoneless = String(decoding: bytes.prefix { $0 != UInt8(ascii: "%") }, as: UTF8.self)
        if Self.isAddress(zoneless) {
            text = zoneless
            isAddress = true
        } else {
            if bytes.last == UInt8(ascii: ".") { bytes.removeLast() }
            guard bytes.count <= 253 else { throw TLSError(.invalidHostName, "a host's name has at most 253 bytes") }
            text = String(decoding: bytes, as: UTF8.self)
            isAddress = false
        }
    }

    /// Has a session ask for this host, unless it is an address, and check the server's certificate against it.
    ///
    /// Only the subject alternative names count, never the subject's common name; a star stands for a whole label.
    func expect(in session: OpaquePointer) -> Bool {
        let parameters = SSL_get0_param(session)
        let flags = X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT
        X509_VERIFY_PARAM_set_hostflags(parameters, UInt32(flags))
        if isAddress { return X509_VERIFY_PARAM_set1_ip_asc(parameters, text) == 1 }
        return X509_VERIFY_PARAM_set1_host(parameters, text, 0) == 1 && c_tls_set_server_name(session, text) == 1
    }

    private static func isAddress(_ text: String) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: 16, alignment: 4) { address in
            inet_pton(AF_INET, text, address.baseAddress) == 1 || inet_pton(AF_INET6, text, address.baseAddress) == 1
        }
    }
}
