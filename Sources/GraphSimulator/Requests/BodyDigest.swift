/// FNV-1a with 128 bits: not for secrets, but two different bodies of one run do not share a digest by chance.
enum BodyDigest {
    static func of(_ bytes: [UInt8]) -> UInt128 {
        let prime: UInt128 = 0x0100_0000_0000_0000_0000_013B
        var digest: UInt128 = 0x6C62_272E_07BB_0142_62B8_2175_6295_C58D
        for byte in bytes {
            digest = (digest ^ UInt128(byte)) &* prime
        }
        return digest
    }

    /// 32 hexadecimal digits.
    static func text(_ digest: UInt128) -> String {
        let digits = String(digest, radix: 16)
        return String(repeating: "0", count: 32 - digits.count) + digits
    }
}
