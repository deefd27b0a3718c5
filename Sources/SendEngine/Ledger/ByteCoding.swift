/// Appends numbers to bytes in the form that `ByteReader` reads.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    mutating func write(_ byte: UInt8) { bytes.append(byte) }

    mutating func write(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

    /// 7 bits per byte, low ones first.
    mutating func writeVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// Small numbers of either sign are short.
    mutating func writeSigned(_ value: Int64) {
        writeVarint(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
    }

    /// The bytes with their checksum behind them.
    func sealed() -> [UInt8] {
        let sum = CRC32.checksum(of: bytes)
        return bytes + (0..<4).map { UInt8(truncatingIfNeeded: sum >> (8 * $0)) }
    }
}

/// Reads what `ByteWriter` wrote; answers nil, and never traps, where the bytes hold something else.
struct ByteReader {
    private var rest: ArraySlice<UInt8>

    /// Nil where the checksum does not match.
    init?(sealed bytes: [UInt8]) {
        guard bytes.count >= 4 else { return nil }
        let body = bytes.dropLast(4)
        let sum = bytes.suffix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard CRC32.checksum(of: body) == sum else { return nil }
        rest = body
    }

    var count: Int { rest.count }

    mutating func read() -> UInt8? { rest.popFirst() }

    /// The next bytes as something to read by itself; nil where there are not so many.
    mutating func readBytes(_ count: UInt64) -> ByteReader? {
        guard count <= UInt64(rest.count) else { return nil }
        let part = rest.prefix(Int(count))
        rest = rest.dropFirst(Int(count))
        return ByteReader(part)
    }

    private init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    mutating func readVarint() -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while let byte = rest.popFirst() {
            let part = UInt64(byte & 0x7F)
            guard shift < 63 || part <= 1, shift <= 63 else { return nil }
            value |= part << shift
            if byte & 0x80 == 0 { return value }
            shift += 7
        }
        return nil
    }

    mutating func readSigned() -> Int64? {
        guard let value = readVarint() else { return nil }
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }
}
