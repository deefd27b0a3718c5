/// A place as libyaml counts it: from 0, in characters.
struct SourceMark: Sendable, Hashable {
    var index: Int
    var line: Int
    var column: Int

    var place: YAMLPlace { YAMLPlace(line: line + 1, column: column + 1) }
}

/// The bytes of a document and the way from characters, which libyaml counts, to bytes.
struct SourceText {
    /// All of the source.
    let bytes: [UInt8]
    /// The offset at which the text begins: behind a byte order mark, if there is one.
    let start: Int
    /// The escapes that libyaml is given in place of JSON's; nil where there are none.
    let pairs: SurrogatePairs?
    /// The offset of each 256th character; nil where every character is one byte.
    private let checkpoints: [Int]?

    private static let stride = 256

    /// - Throws: Where the bytes are no UTF-8, or hold control characters.
    init(_ bytes: [UInt8]) throws(YAMLError) {
        self.bytes = bytes
        start = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
        checkpoints = try Self.check(bytes, from: start)
        pairs = SurrogatePairs(bytes[start...])
    }

    /// The bytes that libyaml reads.
    var parsed: ArraySlice<UInt8> { pairs?.bytes[...] ?? bytes[start...] }

    /// Returns the place in the source of what stands at a mark in what libyaml reads.
    func original(_ mark: SourceMark) -> SourceMark { pairs?.original(mark) ?? mark }

    /// The offset of the byte that a mark stands before.
    func offset(of mark: SourceMark) -> Int {
        guard let checkpoints else { return min(start + mark.index, bytes.count) }
        let checkpoint = mark.index / Self.stride
        guard checkpoint < checkpoints.count else { return bytes.count }
        var offset = checkpoints[checkpoint]
        for _ in 0..<mark.index % Self.stride where offset < bytes.count {
            offset += Self.width(bytes[offset])
        }
        return min(offset, bytes.count)
    }

    /// The byte at a mark; nil at the end.
    func byte(at mark: SourceMark) -> UInt8? {
        let offset = offset(of: mark)
        return offset < bytes.count ? bytes[offset] : nil
    }

    /// Whether `key:value` stands at a mark.
    func isMemberWithoutSpace(at mark: SourceMark) -> Bool {
        let rest = bytes[offset(of: mark)...]
        guard let colon = rest.firstIndex(where: { !$0.isPartOfKey }), colon > rest.startIndex,
            bytes[colon] == UInt8(ascii: ":"), colon + 1 < bytes.count
        else { return false }
        return !bytes[colon + 1].isBlank && !bytes[colon + 1].isLineEnd
    }

    /// Whether blanks follow at an offset, then a `#` that touches the next character.
    func isHash(behind offset: Int) -> Bool {
        let rest = bytes[offset...]
        guard let hash = rest.firstIndex(where: { !$0.isBlank }), bytes[hash] == UInt8(ascii: "#"),
            hash + 1 < bytes.count
        else { return false }
        return !bytes[hash + 1].isBlank && !bytes[hash + 1].isLineEnd
    }

    /// The offset behind the colon that follows a key, where one does.
    func offset(behindColonFrom offset: Int) -> Int {
        let colon = bytes[offset...].firstIndex { !$0.isBlank && !$0.isLineEnd } ?? offset
        return colon < bytes.count && bytes[colon] == UInt8(ascii: ":") ? colon + 1 : offset
    }

    /// Returns the offset at which the text of a scalar begins: behind its anchor and its tag.
    func textStart(in range: Range<Int>) -> Int {
        var offset = range.lowerBound
        while offset < range.upperBound {
            switch bytes[offset] {
            case UInt8(ascii: "&"):
                offset += 1
                while offset < range.upperBound, bytes[offset].isPartOfKey, bytes[offset] != UInt8(ascii: ".") {
                    offset += 1
                }
            case UInt8(ascii: "!"):
                offset = tagEnd(from: offset, before: range.upperBound)
            case UInt8(ascii: "#"):
                while offset < range.upperBound, bytes.lineEnd(at: offset) == nil { offset += 1 }
            case let byte where byte.isBlank:
                offset += 1
            default:
                guard let width = bytes.lineEnd(at: offset) else { return offset }
                offset += width
                // libyaml takes a byte order mark at the beginning of any line.
                if bytes[offset...].starts(with: [0xef, 0xbb, 0xbf]) { offset += 3 }
            }
        }
        return range.upperBound
    }

    private func tagEnd(from start: Int, before end: Int) -> Int {
        let isVerbatim = start + 1 < end && bytes[start + 1] == UInt8(ascii: "<")
        if isVerbatim { return bytes[start..<end].firstIndex(of: UInt8(ascii: ">")).map { $0 + 1 } ?? end }
        return (start..<end).first { offset in
            bytes[offset].isBlank || bytes[offset] == UInt8(ascii: ",") || bytes.lineEnd(at: offset) != nil
        } ?? end
    }

    private static func width(_ first: UInt8) -> Int {
        switch first {
        case 0xf0...: 4
        case 0xe0...: 3
        case 0xc0...: 2
        default: 1
        }
    }

    /// Looks at every character once.
    private static func check(_ bytes: [UInt8], from start: Int) throws(YAMLError) -> [Int]? {
        if bytes[start...].allSatisfy({ (0x20..<0x7f).contains($0) || $0.isLineEnd || $0.isBlank }) { return nil }
        var (checkpoints, offset, mark) = ([Int](), start, SourceMark(index: 0, line: 0, column: 0))
        var iterator = bytes[start...].makeIterator()
        var decoder = UTF8()
        while true {
            if mark.index.isMultiple(of: stride) { checkpoints.append(offset) }
            switch decoder.decode(&iterator) {
            case .emptyInput: return checkpoints
            case .error: throw YAMLError(.notUTF8, at: mark.place, "is not UTF-8 text")
            case .scalarValue(let scalar):
                guard isAllowed(scalar) else {
                    throw YAMLError(.syntax, at: mark.place, "is not YAML: control characters are not allowed")
                }
                let isBreak = scalar == "\n" || (scalar == "\r" && bytes[safe: offset + 1] != UInt8(ascii: "\n"))
                offset += UTF8.width(scalar)
                mark.index += 1
                mark.column = isBreak ? 0 : mark.column + 1
                mark.line += isBreak ? 1 : 0
            }
        }
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0a, 0x0d, 0x20...0x7e, 0x85, 0xa0...0xfffd, 0x10000...: true
        default: false
        }
    }
}

extension [UInt8] {
    /// The width of a line end at an offset: that of Unicode's three (NEL, LS, PS) is more than a byte.
    func lineEnd(at offset: Int) -> Int? {
        if self[offset].isLineEnd { return 1 }
        let rest = self[offset...]
        if rest.starts(with: [0xc2, 0x85]) { return 2 }
        return rest.starts(with: [0xe2, 0x80, 0xa8]) || rest.starts(with: [0xe2, 0x80, 0xa9]) ? 3 : nil
    }
}

extension [UInt8] {
    /// The width of a blank or a line end before an offset; nil where something else stands there.
    func whiteSpace(before offset: Int) -> Int? {
        if self[offset - 1].isBlank { return 1 }
        return (1...3).first { offset >= $0 && lineEnd(at: offset - $0) == $0 }
    }
}

extension Array {
    fileprivate subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
