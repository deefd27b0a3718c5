/// Hexadecimal digits, as trace headers and OTLP's JSON have them.
enum Hexadecimal {
    private static let digits = Array("0123456789abcdef".utf8)

    /// The value of 1 to 16 digits; nil where one of them is no lower-case hexadecimal digit.
    static func value(of text: some Collection<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for byte in text {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt64(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt64(byte - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return value
    }

    /// The lowest digits of a value in lower case, with leading zeros.
    static func text(_ value: UInt64, digits count: Int) -> String {
        String(unsafeUninitializedCapacity: count) { buffer in
            for index in 0..<count {
                buffer[index] = digits[Int(value >> UInt64(4 * (count - 1 - index)) & 0xF)]
            }
            return count
        }
    }
}
