/// Reads the lines of heads and trailers out of pieces and counts them against the limits.
///
/// A line is gathered in the storage of the head it belongs to: the caller's bytes need not stay, and nothing is looked at
/// again when the next piece comes.
struct FieldReader {
    enum Step {
        case needMore
        case field(HTTPHeaders.Line)
        /// The blank line.
        case end
    }

    private let limits: HTTPLimits
    /// The place in the storage at which the line under way begins.
    private var start = 0
    /// The bytes of the message's whole lines.
    private var spent = 0
    private var fields = 0
    /// The line that was looked at last, from 1 in each head and on through the trailers.
    private(set) var lineNumber = 0

    init(_ limits: HTTPLimits) { self.limits = limits }

    /// Whether no byte of the line under way has come.
    func isAtLineStart(_ storage: [UInt8]) -> Bool { storage.count == start }
    /// Whether no line of the message has come.
    var isUntouched: Bool { spent == 0 }

    /// Begins a message: its limits count from here.
    mutating func beginMessage() { self = FieldReader(limits) }

    /// Begins a head of the same message in an empty storage.
    mutating func beginHead() {
        start = 0
        lineNumber = 0
    }

    /// Reads the first line of a request.
    mutating func requestLine(
        in bytes: Span<UInt8>,
        at position: inout Int,
        into storage: inout [UInt8]
    ) throws(HTTPParseError.Kind) -> Range<Int>? {
        let room = limits.headBytes - spent
        guard limits.requestLineBytes < room else {
            return try line(in: bytes, at: &position, into: &storage, room: room, beyond: .headTooLong)
        }
        return try line(
            in: bytes,
            at: &position,
            into: &storage,
            room: limits.requestLineBytes,
            beyond: .requestLineTooLong
        )
    }

    /// Reads the first line of a response.
    mutating func statusLine(
        in bytes: Span<UInt8>,
        at position: inout Int,
        into storage: inout [UInt8]
    ) throws(HTTPParseError.Kind) -> Range<Int>? {
        let room = limits.headBytes - spent
        return try line(in: bytes, at: &position, into: &storage, room: room, beyond: .headTooLong)
    }

    /// Reads one field, or the blank line behind the last one.
    mutating func field(
        in bytes: Span<UInt8>,
        at position: inout Int,
        into storage: inout [UInt8]
    ) throws(HTTPParseError.Kind) -> Step {
        let room = limits.headBytes - spent
        let read = try line(in: bytes, at: &position, into: &storage, room: room, beyond: .headTooLong)
        guard let range = read else { return .needMore }
        if range.isEmpty { return .end }
        fields += 1
        guard fields <= limits.fieldCount else { throw .tooManyFields }
        return .field(try Self.split(range, of: storage.span))
    }

    /// The range of the next line in the storage, without its CR LF; nil where its end has not come.
    private mutating func line(
        in bytes: Span<UInt8>,
        at position: inout Int,
        into storage: inout [UInt8],
        room: Int,
        beyond excess: HTTPParseError.Kind
    ) throws(HTTPParseError.Kind) -> Range<Int>? {
        let left = room - (storage.count - start)
        // One byte beyond the room is enough to see that the line is too long.
        let border = left < bytes.count - position ? position + left + 1 : bytes.count
        var end = bytes.lineFeed(in: position..<border)
        let isWhole = end < border
        if isWhole { end += 1 }
        guard end - position <= left else { throw excess }
        storage.append(bytes, position..<end)
        position = end
        guard isWhole else { return nil }
        lineNumber += 1
        let length = storage.count - start
        guard length > 1, storage[storage.count - 2] == HTTPCharacters.carriageReturn else { throw .bareLineFeed }
        let range = start..<storage.count - 2
        start = storage.count
        spent += length
        return range
    }

    /// The name and the value that stand in a line (RFC 9112, 5).
    private static func split(
        _ range: Range<Int>,
        of bytes: Span<UInt8>
    ) throws(HTTPParseError.Kind) -> HTTPHeaders.Line {
        guard !HTTPCharacters.isBlank(bytes[range.lowerBound]) else { throw .foldedLine }
        let colon = bytes.tokenEnd(in: range)
        guard colon < range.upperBound, colon > range.lowerBound else { throw .fieldName }
        guard bytes[colon] == HTTPCharacters.colon else {
            throw HTTPCharacters.isBlank(bytes[colon]) ? .spaceBeforeColon : .fieldName
        }
        let value = bytes.trimmingBlanks(colon + 1..<range.upperBound)
        guard bytes.isText(value) else { throw .controlCharacter }
        return HTTPHeaders.Line(name: range.lowerBound..<colon, value: value)
    }
}
