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

    /// What stands before and behind the first `::`; no tail where there is none.
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
