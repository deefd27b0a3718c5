import COpenSSL

/// HMAC with SHA-256 (RFC 2104), keyed once for any number of messages.
package struct HMACSHA256: Sendable {
    private let key: Key

    package init(key: [UInt8]) { self.key = Key(key) }

    package func authenticationCode(for message: [UInt8]) -> [UInt8] {
        let context = EVP_MAC_CTX_dup(key.context)
        defer { EVP_MAC_CTX_free(context) }
        var isGood = context != nil && EVP_MAC_update(context, message, message.count) == 1
        let code = [UInt8](unsafeUninitializedCapacity: SHA256.byteCount) { buffer, count in
            isGood = isGood && EVP_MAC_final(context, buffer.baseAddress, &count, buffer.count) == 1
            if !isGood { count = 0 }
        }
        precondition(isGood, "OpenSSL could not compute an HMAC-SHA256")
        return code
    }

    /// `@unchecked Sendable`: the keyed context is only copied from, which OpenSSL allows on any thread; it wipes the
    /// key when it frees it.
    private final class Key: @unchecked Sendable {
        let context: OpaquePointer

        init(_ bytes: [UInt8]) {
            OpenSSLLibrary.prepare()
            guard let context = c_hmac_sha256(bytes, bytes.count) else {
                preconditionFailure("OpenSSL has no HMAC-SHA256; check openssl.cnf")
            }
            self.context = context
        }

        deinit { EVP_MAC_CTX_free(context) }
    }
}
