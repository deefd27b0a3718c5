/// HTTP headers in one text, as OpenTelemetry writes them: `name=value,name2=value2`. A comma and what else cannot stand
/// in a value is percent-encoded.
package enum HeaderList {
    /// The headers; nil where the text is malformed.
    package static func parse(_ text: String) -> [(String, String)]? {
        var members: [(String, String)] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let sign = part.firstIndex(of: "=") else { return nil }
            let name = part[..<sign].trimmingSpace
            let value = decoded(part[part.index(after: sign)...].trimmingSpace)
            guard !name.isEmpty, name.utf8.allSatisfy(isAllowedInName), !value.isEmpty,
                value.allSatisfy({ (0x20...0x7E).contains($0) })
            else { return nil }
            members.append((String(name), String(decoding: value, as: UTF8.self)))
        }
        return members
    }

    /// Whether the client sets such a header by itself.
    package static func isReserved(_ name: String) -> Bool {
        ["content-type", "content-length", "transfer-encoding", "host", "connection"].contains(name.lowercased())
    }

    /// The bytes that a value stands for; a percent sign without two hexadecimal digits behind it stands for itself.
    private static func decoded(_ text: Substring) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2)
            if byte == UInt8(ascii: "%"), digits.count == 2,
                let value = Hexadecimal.value(of: digits.map { $0 < 0x41 ? $0 : $0 | 0x20 })
            {
                bytes.append(UInt8(value))
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return bytes
    }

    private static func isAllowedInName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
