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
    /// The reading of a number with a leading zero. Programs differ, and each reading may lead to another machine.
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

/// An IPv6 address, and whether it belongs to somebody on the public internet.
package struct IPv6Address: Sendable, Hashable {
    /// The eight groups of 16 bits.
    package var groups: [UInt16]

    /// Creates an address from its eight groups; nil for any other number of them.
    package init?(groups: [UInt16]) {
        guard groups.count == 8 else { return nil }
        self.groups = groups
    }

    /// Reads the textual forms of RFC 4291, without brackets and without a zone.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.allSatisfy({ $0.isLetterOrDigit || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") })
        else { return nil }
        let halves = Self.halves(of: String(text))
        guard let head = Self.groups(of: halves.head, mayEndInIPv4: halves.tail == nil) else { return nil }
        guard let tailText = halves.tail else {
            self.init(groups: head)
            return
        }
        guard let tail = Self.groups(of: tailText, mayEndInIPv4: true), head.count + tail.count < 8 else { return nil }
        self.init(groups: head + [UInt16](repeating: 0, count: 8 - head.count - tail.count) + tail)
    }

    /// True for addresses out of 2000::/3 that are neither for documentation nor for protocols, and for those whose
    /// embedded IPv4 address is public.
    package var isPublic: Bool {
        if let embedded = embeddedIPv4 { return embedded.isPublic }
        guard groups[0] & 0xE000 == 0x2000 else { return false }
        let isProtocolAssignment = groups[0] == 0x2001 && groups[1] < 0x0200
        let isDocumentation = (groups[0] == 0x2001 && groups[1] == 0x0DB8) || groups[0] & 0xFFF0 == 0x3FF0
        return !isProtocolAssignment && !isDocumentation
    }

    /// The IPv4 address that packets for this address end up at: v4-mapped, v4-compatible, NAT64 and 6to4.
    private var embeddedIPv4: IPv4Address? {
        let lastTwo = UInt32(groups[6]) << 16 | UInt32(groups[7])
        if groups[0] == 0x2002 { return IPv4Address(number: UInt32(groups[1]) << 16 | UInt32(groups[2])) }
        if groups[0..<6] == [0x0064, 0xFF9B, 0, 0, 0, 0] { return IPv4Address(number: lastTwo) }
        guard groups[0..<4].allSatisfy({ $0 == 0 }) else { return nil }
        let isMapped = groups[4] == 0 && (groups[5] == 0xFFFF || groups[5] == 0)
        let isTranslated = groups[4] == 0xFFFF && groups[5] == 0
        return isMapped || isTranslated ? IPv4Address(number: lastTwo) : nil
    }

    /// The parts before and behind the first `::`; no tail where there is none.
    private static func halves(of text: String) -> (head: Substring, tail: Substring?) {
        var index = text.startIndex
        while index < text.endIndex {
            let next = text.index(after: index)
            if text[index] == ":", next < text.endIndex, text[next] == ":" {
                return (text[..<index], text[text.index(after: next)...])
            }
            index = next
        }
        return (text[...], nil)
    }

    private static func groups(of text: Substring, mayEndInIPv4: Bool) -> [UInt16]? {
        if text.isEmpty { return [] }
        var groups: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if mayEndInIPv4, index == parts.count - 1, let ipv4 = IPv4Address(dottedDecimal: part) {
                groups.append(UInt16(ipv4.number >> 16))
                groups.append(UInt16(ipv4.number & 0xFFFF))
            } else if (1...4).contains(part.utf8.count), let group = UInt16(part, radix: 16) {
                groups.append(group)
            } else {
                return nil
            }
        }
        return groups
    }
}
