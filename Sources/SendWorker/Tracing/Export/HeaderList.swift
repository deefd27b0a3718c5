/// HTTP headers in one text, as `tracing.headers` has them: `name=value,name2=value2`. Values are taken as they stand,
/// so none can hold a comma.
enum HeaderList {
    /// The headers; nil where the text is malformed.
    static func parse(_ text: String) -> [(String, String)]? {
        var members: [(String, String)] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let sign = part.firstIndex(of: "=") else { return nil }
            let name = part[..<sign].trimmed
            let value = part[part.index(after: sign)...].trimmed
            guard !name.isEmpty, name.utf8.allSatisfy(isAllowedInName), !value.isEmpty,
                value.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
            else { return nil }
            members.append((String(name), String(value)))
        }
        return members
    }

    /// The headers of a text that was checked when it was loaded.
    static func members(of text: String) -> [(String, String)] { parse(text) ?? [] }

    /// Whether the client sets such a header by itself.
    static func isReserved(_ name: String) -> Bool {
        ["content-type", "content-length", "transfer-encoding", "host", "connection"].contains(name.lowercased())
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
