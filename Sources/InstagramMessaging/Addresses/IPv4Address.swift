/// An IPv4 address, and whether it belongs to somebody on the public internet.
package struct IPv4Address: Sendable, Hashable {
    /// The address as a number, the first octet highest.
    package var number: UInt32

    package init(number: UInt32) {
        self.number = number
    }

    /// False for every range that IANA's special-purpose registry does not call globally reachable: loopback,
    /// link-local, private, shared, documentation, benchmarking, multicast, reserved and "this network".
    package var isPublic: Bool {
        !Self.specialRanges.contains { number >> (32 - $0.prefix) == $0.network >> (32 - $0.prefix) }
    }

    private static let specialRanges: [(network: UInt32, prefix: UInt32)] = [
        (0x0000_0000, 8), (0x0A00_0000, 8), (0x6440_0000, 10), (0x7F00_0000, 8), (0xA9FE_0000, 16),
        (0xAC10_0000, 12), (0xC000_0000, 24), (0xC000_0200, 24), (0xC058_6300, 24), (0xC0A8_0000, 16),
        (0xC612_0000, 15), (0xC633_6400, 24), (0xCB00_7100, 24), (0xE000_0000, 4), (0xF000_0000, 4),
    ]
}

extension IPv4Address {
    /// How a number with a leading zero is read. Programs differ, and each reading may lead to another machine.
    enum LeadingZero {
        case octal
        case decimal
    }

    /// Reads a host as programs read addresses: 1 to 4 numbers with points between, decimal, octal (`0…`) or
    /// hexadecimal (`0x…`), the last one filling the rest of the address.
    init?(host: some StringProtocol, leadingZero: LeadingZero) {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...4).contains(parts.count) else { return nil }
        var number: UInt64 = 0
        for (index, part) in parts.enumerated() {
            guard let value = Self.number(part, leadingZero: leadingZero) else { return nil }
            let octets = index == parts.count - 1 ? 5 - parts.count : 1
            guard value < 1 << (8 * UInt64(octets)) else { return nil }
            number = number << (8 * UInt64(octets)) | value
        }
        self.init(number: UInt32(number))
    }

    /// Reads exactly four decimal numbers from 0 to 255 without leading zeros.
    init?(dottedDecimal text: some StringProtocol) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var number: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy(\.isDigit), let octet = UInt8(part),
                part.utf8.count == 1 || part.utf8.first != UInt8(ascii: "0")
            else { return nil }
            number = number << 8 | UInt32(octet)
        }
        self.init(number: number)
    }

    private static func number(_ part: some StringProtocol, leadingZero: LeadingZero) -> UInt64? {
        guard part.utf8.allSatisfy(\.isLetterOrDigit) else { return nil }
        if part.hasPrefix("0x") || part.hasPrefix("0X") {
            return part.utf8.count == 2 ? 0 : UInt64(part.dropFirst(2), radix: 16)
        }
        let isOctal = leadingZero == .octal && part.utf8.count > 1 && part.utf8.first == UInt8(ascii: "0")
        return UInt64(part, radix: isOctal ? 8 : 10)
    }
}

extension UInt8 {
    /// True for the ASCII digits.
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

    /// The value of an ASCII hexadecimal digit; nil for every other byte.
    var hexDigitValue: UInt8? {
        if isDigit { return self - UInt8(ascii: "0") }
        let letter = self | 0x20
        return (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(letter) ? letter - UInt8(ascii: "a") + 10 : nil
    }

    /// True for the ASCII letters and digits.
    var isLetterOrDigit: Bool {
        isDigit || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20)
    }
}
