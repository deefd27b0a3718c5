/// Percent escapes in paths and queries (RFC 3986, 2.1).
package enum PercentEncoding {
    package struct DecodingError: Error, Hashable, Sendable, CustomStringConvertible {
        package enum Kind: Hashable, Sendable { case escape, controlCharacter, encoding, dotSegment }

        package let kind: Kind

        package var description: String {
            switch kind {
            case .escape: "a percent sign is not followed by two hexadecimal digits"
            case .controlCharacter: "it has a control character"
            case .encoding: "it is not UTF-8"
            case .dotSegment: "a segment of the path is . or .."
            }
        }
    }

    /// A path with its escapes resolved, once.
    package static func decodePath(_ path: String) throws(DecodingError) -> String {
        let decoded = try decode(path.utf8)
        guard decoded.contains(".") else { return decoded }
        for segment in decoded.split(separator: "/") where segment == "." || segment == ".." {
            throw DecodingError(kind: .dotSegment)
        }
        return decoded
    }

    /// The pairs of a query such as `limit=10&name=a+b`, escapes resolved once, a plus sign read as a space.
    package static func decodeQuery(_ query: String) throws(DecodingError) -> [(name: String, value: String)] {
        var pairs: [(name: String, value: String)] = []
        for pair in query.utf8.split(separator: UInt8(ascii: "&")) {
            let name = pair.prefix { $0 != UInt8(ascii: "=") }
            let value = pair.dropFirst(name.count + 1)
            pairs.append((try decode(name, plusIsSpace: true), try decode(value, plusIsSpace: true)))
        }
        return pairs
    }

    private static func decode(
        _ text: some Sequence<UInt8>,
        plusIsSpace: Bool = false
    ) throws(DecodingError) -> String {
        var bytes: [UInt8] = []
        var rest = text.makeIterator()
        while let byte = rest.next() {
            var decoded = byte
            if byte == UInt8(ascii: "%") {
                guard let high = rest.next().flatMap(HTTPCharacters.hexadecimalValue),
                    let low = rest.next().flatMap(HTTPCharacters.hexadecimalValue)
                else { throw DecodingError(kind: .escape) }
                decoded = high << 4 | low
            } else if plusIsSpace, byte == UInt8(ascii: "+") {
                decoded = HTTPCharacters.space
            }
            guard decoded >= 0x20, decoded != 0x7F else { throw DecodingError(kind: .controlCharacter) }
            bytes.append(decoded)
        }
        guard let string = String(validating: bytes, as: UTF8.self) else { throw DecodingError(kind: .encoding) }
        return string
    }
}
