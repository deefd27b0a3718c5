/// Where producers put a key: the partition that the usual hash functions name for it.
enum KeyPlacement {
    /// The partition of the Java client's default partitioner, and of librdkafka's `murmur2_random`.
    static func murmur2(_ key: some Collection<UInt8>, of partitions: Int) -> Int32 {
        Int32(truncatingIfNeeded: Int(murmur2Hash(Array(key)) & 0x7fff_ffff) % max(partitions, 1))
    }

    /// The partition of librdkafka's default partitioner, `consistent_random`.
    static func crc32(_ key: some Collection<UInt8>, of partitions: Int) -> Int32 {
        Int32(truncatingIfNeeded: Int(crc32Hash(key)) % max(partitions, 1))
    }

    /// MurmurHash2 with the seed and the byte order of Kafka's `Utils.murmur2`.
    static func murmur2Hash(_ key: [UInt8]) -> UInt32 {
        let multiplier: UInt32 = 0x5bd1_e995
        var hash = 0x9747_b28c ^ UInt32(truncatingIfNeeded: key.count)
        let whole = key.count & ~3
        for start in stride(from: 0, to: whole, by: 4) {
            var word = (0..<4).reduce(UInt32(0)) { $0 | UInt32(key[start + $1]) << UInt32(8 * $1) }
            word = word &* multiplier
            word ^= word >> 24
            word = word &* multiplier
            hash = hash &* multiplier ^ word
        }
        if whole < key.count {
            for index in whole..<key.count { hash ^= UInt32(key[index]) << UInt32(8 * (index - whole)) }
            hash = hash &* multiplier
        }
        hash ^= hash >> 13
        hash = hash &* multiplier
        return hash ^ hash >> 15
    }

    private static func crc32Hash(_ key: some Collection<UInt8>) -> UInt32 {
        ~key.reduce(~UInt32(0)) { value, byte in
            (0..<8).reduce(value ^ UInt32(byte)) { value, _ in
                value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1
            }
        }
    }
}
