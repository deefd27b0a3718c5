/// The host of a web URL.
package enum WebHost: Sendable, Hashable {
    /// A name in lower case without a trailing point.
    case name(String)
    /// An IPv4 address, in whatever form; the two ways of reading a leading zero where they differ.
    case ipv4([IPv4Address])
    case ipv6(IPv6Address)

    /// Reads a host as it stands in a URL, IPv6 addresses in brackets; nil where it is none.
    ///
    /// - Parameter allowsUnicode: accept international names as people type them, not only in their ASCII form.
    package init?(_ text: Substring, allowsUnicode: Bool = false) {
        if text.utf8.first == UInt8(ascii: "[") {
            guard text.utf8.last == UInt8(ascii: "]"),
                let address = IPv6Address(text.dropFirst().dropLast())
            else { return nil }
            self = .ipv6(address)
            return
        }
        var name = text.lowercased()
        if name.utf8.last == UInt8(ascii: ".") { name.removeLast() }
        guard let lastLabel = Self.lastLabel(ofChecked: name, allowsUnicode: allowsUnicode) else { return nil }
        guard Self.isNumeric(lastLabel) else {
            self = .name(name)
            return
        }
        // A host that ends in a number is an address for every program, or an error.
        let octal = IPv4Address(host: name, leadingZero: .octal)
        let decimal = IPv4Address(host: name, leadingZero: .decimal)
        let readings = octal == decimal ? [octal] : [octal, decimal]
        self = .ipv4(readings.compactMap(\.self))
        if octal == nil, decimal == nil { return nil }
    }

    /// False for addresses and names that lead to this machine or into a private network, or nowhere: loopback, link-local,
    /// private and reserved addresses, `localhost`, names without a point, the private top-level names, and the special
    /// ones that the public DNS never holds (RFC 6761, RFC 7686).
    package var isPublic: Bool {
        switch self {
        case .ipv4(let readings): readings.allSatisfy(\.isPublic)
        case .ipv6(let address): address.isPublic
        case .name(let name):
            if let point = name.utf8.lastIndex(of: UInt8(ascii: ".")) {
                !Self.privateTopLevelNames.contains(name[name.utf8.index(after: point)...])
                    && !name.hasSuffix(".home.arpa")
            } else {
                false
            }
        }
    }

    private static let privateTopLevelNames: Set<Substring> = [
        "localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp", "private",
        "test", "invalid", "onion",
    ]

    /// The last label of a name whose labels are all well-formed.
    private static func lastLabel(ofChecked name: String, allowsUnicode: Bool) -> Substring? {
        guard (1...253).contains(name.utf8.count) else { return nil }
        let labels = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        for label in labels {
            guard (1...63).contains(label.count), label.first != UInt8(ascii: "-"), label.last != UInt8(ascii: "-"),
                label.allSatisfy({ isAllowedInLabel($0) || (allowsUnicode && $0 >= 0x80) })
            else { return nil }
        }
        return labels.last.map(Substring.init)
    }

    private static func isAllowedInLabel(_ byte: UInt8) -> Bool {
        byte.isLetterOrDigit || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }

    private static func isNumeric(_ label: Substring) -> Bool {
        if label.utf8.allSatisfy(\.isDigit) { return true }
        guard label.utf8.starts(with: "0x".utf8) else { return false }
        return label.utf8.dropFirst(2).allSatisfy { $0.hexDigitValue != nil }
    }
}
