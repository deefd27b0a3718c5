/// Reads a JSON document (RFC 8259) in one pass and remembers the bytes of every value.
///
/// Foundation's decoder can neither see duplicate members nor hand back the bytes that a value was written with; a
/// request's `context` and its Graph body are passed on byte for byte, and two `request_id`s must not pass as one.
/// So this reader refuses duplicate members, lone surrogates, invalid UTF-8, a byte order mark, trailing data and
/// deep nesting besides everything else that is not JSON.
///
/// Answers are read leniently: what is wrong with a text in one must not hide the number or the id beside it. Bytes that
/// are no UTF-8, halves of surrogate pairs and unknown escapes are replaced or kept as they stand, of two members with the
/// same name the later one counts, a value that is none is `null`, and what follows the document is left alone.
package struct JSONReader {
    /// The most levels of arrays and objects that a document may have.
    package static let maximumDepth = 32
    /// Room for so many members is made at once.
    private static let usualMembers = 6

    let bytes: [UInt8]
    let isLenient: Bool
    var position: Int

    /// After a failure: the members of the outermost object that had been read completely before it, without one that
    /// occurs twice.
    package private(set) var completedMembers: [JSONMember] = []

    /// Prepares to read a document that begins at an offset.
    package init(_ bytes: [UInt8], from start: Int = 0, isLenient: Bool = false) {
        self.bytes = bytes
        self.isLenient = isLenient
        position = start
    }

    /// Reads bytes that hold exactly one JSON value.
    package static func read(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
        var reader = JSONReader(bytes)
        return try reader.readDocument()
    }

    /// Reads an object of an answer, as far as it can be understood.
    ///
    /// - Returns: The members that are whole, and whether the object came to its end; nil where there is no object.
    package static func readLeniently(_ bytes: [UInt8]) -> (object: JSONValue, isWhole: Bool)? {
        var reader = JSONReader(bytes, isLenient: true)
        if let value = try? reader.readDocument() { return value.members == nil ? nil : (value, true) }
        guard !reader.completedMembers.isEmpty else { return nil }
        return (JSONValue(content: .object(reader.completedMembers), range: 0..<bytes.count), false)
    }

    /// Reads the document; to be called once.
    package mutating func readDocument() throws(JSONError) -> JSONValue {
        if bytes[position...].starts(with: [0xEF, 0xBB, 0xBF]) {
            guard isLenient else { throw JSONError(.byteOrderMark, at: position) }
            position += 3
        }
        skipWhitespace()
        guard position < bytes.count else { throw JSONError(.empty, at: position) }
        let value = try readValue(depth: 0)
        skipWhitespace()
        if position < bytes.count, !isLenient {
            completedMembers = value.members ?? []
            throw JSONError(.trailingData, at: position)
        }
        return value
    }

    private mutating func readValue(depth: Int) throws(JSONError) -> JSONValue {
        guard position < bytes.count else { throw JSONError(.unexpectedEnd(expected: "a value"), at: position) }
        let start = position
        do {
            let content = try readContent(depth: depth)
            return JSONValue(content: content, range: start..<position)
        } catch {
            // What is wrong within an object, an array or a string does not end at the next comma.
            guard isLenient, !Array("{[\"".utf8).contains(bytes[start]) else { throw error }
            skipWord()
            return JSONValue(content: .null, range: start..<position)
        }
    }

    /// Steps over what is no value (`NaN`, `undefined`), up to what can follow one.
    private mutating func skipWord() {
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: "\""): return
            default: position += 1
            }
        }
    }

    private mutating func readContent(depth: Int) throws(JSONError) -> JSONValue.Content {
        switch bytes[position] {
        case UInt8(ascii: "\""): return .string(try readString())
        case UInt8(ascii: "{"): return .object(try readObject(depth: depth + 1))
        case UInt8(ascii: "["): return .array(try readArray(depth: depth + 1))
        case UInt8(ascii: "t"): return try readWord("true", .bool(true))
        case UInt8(ascii: "f"): return try readWord("false", .bool(false))
        case UInt8(ascii: "n"): return try readWord("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try readNumber())
        case let byte: throw JSONError(.unexpectedByte(byte, expected: "a value"), at: position)
        }
    }

    private mutating func readObject(depth: Int) throws(JSONError) -> [JSONMember] {
        var members: [JSONMember] = []
        do {
            try readMembers(into: &members, depth: depth)
        } catch {
            if depth == 1 { completedMembers = members }
            throw error
        }
        return members
    }

    private mutating func readMembers(into members: inout [JSONMember], depth: Int) throws(JSONError) {
        try enter(depth: depth)
        if skip(UInt8(ascii: "}")) { return }
        members.reserveCapacity(Self.usualMembers)
        var names = MemberNames()
        while true {
            let start = position
            guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
                throw unexpected("a member name in quotation marks")
            }
            let name = try readString()
            let nameRange = start..<position
            if !names.insert(name, after: members) {
                // Of two values neither is to be trusted.
                members.removeAll { $0.name.utf8.elementsEqual(name.utf8) }
                if !isLenient { throw JSONError(.duplicateMember(name: name), at: start) }
            }
            skipWhitespace()
            guard skip(UInt8(ascii: ":")) else { throw unexpected("':'") }
            skipWhitespace()
            let value = try readValue(depth: depth)
            members.append(JSONMember(name: name, nameRange: nameRange, value: value))
            skipWhitespace()
            if skip(UInt8(ascii: "}")) { return }
            guard skip(UInt8(ascii: ",")) else { throw unexpected("',' or '}'") }
            skipWhitespace()
        }
    }

    private mutating func readArray(depth: Int) throws(JSONError) -> [JSONValue] {
        try enter(depth: depth)
        var elements: [JSONValue] = []
        if skip(UInt8(ascii: "]")) { return elements }
        while true {
            elements.append(try readValue(depth: depth))
            skipWhitespace()
            if skip(UInt8(ascii: "]")) { return elements }
            guard skip(UInt8(ascii: ",")) else { throw unexpected("',' or ']'") }
            skipWhitespace()
        }
    }

    /// Steps over the opening bracket or brace at the current position.
    private mutating func enter(depth: Int) throws(JSONError) {
        guard depth <= Self.maximumDepth else {
            throw JSONError(.tooDeep(maximum: Self.maximumDepth), at: position)
        }
        position += 1
        skipWhitespace()
    }

    private mutating func readWord(
        _ word: StaticString,
        _ content: JSONValue.Content
    ) throws(JSONError) -> JSONValue.Content {
        for byte in "\(word)".utf8 {
            guard position < bytes.count, bytes[position] == byte else { throw unexpected("\"\(word)\"") }
            position += 1
        }
        return content
    }

    private mutating func skipWhitespace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    private mutating func skip(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private func unexpected(_ expected: String) -> JSONError {
        guard position < bytes.count else { return JSONError(.unexpectedEnd(expected: expected), at: position) }
        return JSONError(.unexpectedByte(bytes[position], expected: expected), at: position)
    }
}

/// Finds duplicates among the member names of one object, in linear time however many there are.
///
/// Names are compared byte by byte: Swift's `String` would take two spellings of one accented letter as equal, JSON
/// does not.
private struct MemberNames {
    private static let limitOfLinearSearch = 16
    private var seen: Set<[UInt8]> = []

    /// Adds a name; false where it is among the members read so far.
    mutating func insert(_ name: String, after members: [JSONMember]) -> Bool {
        if members.count < Self.limitOfLinearSearch {
            return !members.contains { $0.name.utf8.count == name.utf8.count && $0.name.utf8.elementsEqual(name.utf8) }
        }
        if seen.isEmpty { seen = Set(members.map { Array($0.name.utf8) }) }
        return seen.insert(Array(name.utf8)).inserted
    }
}

extension JSONReader {
    /// Reads a number and gives its text; no value is lost to rounding.
    private mutating func readNumber() throws(JSONError) -> String {
        let start = position
        if byteHere == UInt8(ascii: "-") { position += 1 }
        let integerStart = position
        let integerDigits = skipDigits()
        if integerDigits == 0 || (integerDigits > 1 && bytes[integerStart] == UInt8(ascii: "0")) {
            throw JSONError(.invalidNumber, at: start)
        }
        if byteHere == UInt8(ascii: ".") {
            position += 1
            if skipDigits() == 0 { throw JSONError(.invalidNumber, at: start) }
        }
        if byteHere == UInt8(ascii: "e") || byteHere == UInt8(ascii: "E") {
            position += 1
            if byteHere == UInt8(ascii: "+") || byteHere == UInt8(ascii: "-") { position += 1 }
            if skipDigits() == 0 { throw JSONError(.invalidNumber, at: start) }
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private var byteHere: UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    /// Steps over decimal digits and tells how many there were.
    private mutating func skipDigits() -> Int {
        let start = position
        while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) {
            position += 1
        }
        return position - start
    }
}

/// The reason for which bytes are not a JSON document, and the place.
package struct JSONError: Error, Sendable, Hashable {
    /// The kinds of fault.
    package enum Reason: Sendable, Hashable {
        case empty
        case byteOrderMark
        case unexpectedEnd(expected: String)
        case unexpectedByte(UInt8, expected: String)
        case invalidUTF8
        case controlCharacter(UInt8)
        case invalidEscape
        case loneSurrogate
        case invalidNumber
        case duplicateMember(name: String)
        case tooDeep(maximum: Int)
        case trailingData
    }

    package var reason: Reason
    /// The offset of the first byte that is wrong; the length of the document where more was expected.
    package var offset: Int

    package init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}

extension JSONError: CustomStringConvertible {
    /// One sentence with the byte offset. It repeats no content but a member's name, shortened.
    package var description: String {
        "\(sentence) (byte \(offset))"
    }

    private var sentence: String {
        switch reason {
        case .empty: "there is no JSON value, only white space or nothing"
        case .byteOrderMark: "a byte order mark precedes the JSON value; write UTF-8 without one"
        case .unexpectedEnd(let expected): "the JSON ends where \(expected) is expected"
        case .unexpectedByte(let byte, let expected): "\(Self.naming(byte)) stands where \(expected) is expected"
        case .invalidUTF8: "a string is not valid UTF-8"
        case .controlCharacter(let byte):
            "the control character \(Self.naming(byte)) stands unescaped in a string; write it as \\u00XX"
        case .invalidEscape: "a string holds an unknown escape; JSON knows \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX"
        case .loneSurrogate: "a \\u escape is half of a surrogate pair"
        case .invalidNumber: "a number is not written as JSON numbers are (no leading zero, plus sign or bare point)"
        case .duplicateMember(let name): "the member \"\(name.shortened(to: 64))\" occurs twice in one object"
        case .tooDeep(let maximum): "arrays and objects are nested more than \(maximum) levels deep"
        case .trailingData: "more data follows the JSON value"
        }
    }

    private static func naming(_ byte: UInt8) -> String {
        if byte > 0x20, byte < 0x7F {
            return "'\(Character(Unicode.Scalar(byte)))'"
        }
        let digits = String(byte, radix: 16, uppercase: true)
        return byte < 16 ? "byte 0x0\(digits)" : "byte 0x\(digits)"
    }
}
