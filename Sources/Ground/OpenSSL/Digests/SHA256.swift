import COpenSSL

/// SHA-256 (FIPS 180-4).
package enum SHA256 {
    /// The number of bytes of a digest.
    package static let byteCount = 32

    package static func hash(_ bytes: [UInt8]) -> [UInt8] { hash(concatenating: [bytes]) }

    /// The digest of the parts one behind the other, which are not copied for it.
    package static func hash(concatenating parts: [[UInt8]]) -> [UInt8] {
        OpenSSLLibrary.prepare()
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        var isGood = EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1
        for part in parts { isGood = isGood && EVP_DigestUpdate(context, part, part.count) == 1 }
        let digest = [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
            isGood = isGood && EVP_DigestFinal_ex(context, buffer.baseAddress, nil) == 1
            count = isGood ? byteCount : 0
        }
        // Neither memory nor a provider that knows SHA-256: nothing in this process can be trusted any more.
        precondition(isGood, "OpenSSL has no SHA-256; check openssl.cnf")
        return digest
    }
}
