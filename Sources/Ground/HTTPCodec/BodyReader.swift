/// Finds the end of a message's body.
///
/// | state | reads | then |
/// | --- | --- | --- |
/// | counted | bytes of the body, as many as `Content-Length` says | ended |
/// | chunkSize | 1 to 16 hexadecimal digits | chunkExtension at `;`, chunkSizeEnd at CR |
/// | chunkExtension | text up to CR | chunkSizeEnd |
/// | chunkSizeEnd | LF | chunkData; trailers if the size is 0 |
/// | chunkData | bytes of the body, as many as the size says | chunkDataEnd |
/// | chunkDataEnd, chunkDataLineFeed | CR, LF | chunkSize |
/// | trailers | fields, which are dropped, up to the blank line | ended |
/// | untilClose | bytes of the body | ended at the end of the connection |
/// | ended | nothing | |
struct BodyReader {
    private enum State {
        case counted, untilClose, ended
        case chunkSize, chunkExtension, chunkSizeEnd, chunkData, chunkDataEnd, chunkDataLineFeed, trailers
    }

    private let limits: HTTPLimits
    private var state = State.ended
    /// The bytes still to come of the body or of the chunk.
    private var remaining = 0
    /// The bytes that the body may still have.
    private var room = 0
    private var extensionRoom = 0
    private var size: UInt64 = 0
    private var digits = 0

    init(_ limits: HTTPLimits) { self.limits = limits }

    /// Whether the end of the connection is the end of the body.
    var endsWithConnection: Bool { state == .untilClose }

    mutating func begin(_ framing: HTTPFraming) {
        room = limits.bodyBytes
        extensionRoom = limits.chunkExtensionBytes
        size = 0
        digits = 0
        switch framing {
        case .none: state = .ended
        case .length(let length):
            state = .counted
            remaining = length
        case .chunked: state = .chunkSize
        case .untilClose: state = .untilClose
        }
    }

    /// Bounds the body that has begun, of which nothing was read.
    mutating func limit(to bytes: Int) { room = bytes }

    /// Reads on: gives `.body`, `.end` or `.needMore`.
    mutating func next(
        in bytes: Span<UInt8>,
        at position: inout Int,
        fields: inout FieldReader,
        headers: inout HTTPHeaders
    ) throws(HTTPParseError.Kind) -> HTTPEvent {
        while true {
            switch state {
            case .ended: return .end
            case .counted:
                guard remaining <= room else { throw .bodyTooLong }
                guard remaining > 0 else {
                    state = .ended
                    continue
                }
                return data(in: bytes, at: &position)
            case .chunkData:
                guard remaining > 0 else {
                    state = .chunkDataEnd
                    continue
                }
                return data(in: bytes, at: &position)
            case .untilClose:
                guard position < bytes.count else { return .needMore }
                guard room > 0 else { throw .bodyTooLong }
                return data(in: bytes, at: &position)
            case .trailers:
                guard try readTrailer(in: bytes, at: &position, fields: &fields, headers: &headers) else {
                    return .needMore
                }
            default:
                guard position < bytes.count else { return .needMore }
                try readFraming(bytes[position])
                position += 1
            }
        }
    }

    /// The bytes of the body that are there.
    private mutating func data(in bytes: Span<UInt8>, at position: inout Int) -> HTTPEvent {
        let isCounted = state != .untilClose
        let count = min(bytes.count - position, isCounted ? remaining : room)
        guard count > 0 else { return .needMore }
        if isCounted { remaining -= count }
        room -= count
        position += count
        return .body(position - count..<position)
    }

    /// Takes in one byte of a chunk's first line or of the line end behind its data.
    private mutating func readFraming(_ byte: UInt8) throws(HTTPParseError.Kind) {
        switch state {
        case .chunkSize: try readSize(byte)
        case .chunkExtension:
            if byte == HTTPCharacters.carriageReturn {
                state = .chunkSizeEnd
            } else {
                try readExtension(byte)
            }
        case .chunkSizeEnd:
            guard byte == HTTPCharacters.lineFeed else { throw .chunkSize }
            try beginChunk()
        case .chunkDataEnd:
            guard byte == HTTPCharacters.carriageReturn else { throw .chunkEnd }
            state = .chunkDataLineFeed
        default:
            guard byte == HTTPCharacters.lineFeed else { throw .chunkEnd }
            state = .chunkSize
        }
    }

    private mutating func readSize(_ byte: UInt8) throws(HTTPParseError.Kind) {
        if let digit = HTTPCharacters.hexadecimalValue(byte) {
            digits += 1
            guard digits <= 16 else { throw .chunkSize }
            size = size << 4 | UInt64(digit)
            return
        }
        guard digits > 0 else { throw .chunkSize }
        switch byte {
        case HTTPCharacters.carriageReturn: state = .chunkSizeEnd
        case HTTPCharacters.semicolon:
            try readExtension(byte)
            state = .chunkExtension
        default: throw .chunkSize
        }
    }

    private mutating func readExtension(_ byte: UInt8) throws(HTTPParseError.Kind) {
        guard HTTPCharacters.isText(byte) else { throw .chunkExtension }
        guard extensionRoom > 0 else { throw .chunkExtensionsTooLong }
        extensionRoom -= 1
    }

    private mutating func beginChunk() throws(HTTPParseError.Kind) {
        guard size <= UInt64(max(room, 0)) else { throw .bodyTooLong }
        remaining = Int(size)
        state = size == 0 ? .trailers : .chunkData
        size = 0
        digits = 0
    }

    /// Reads one trailer and drops it; false where more bytes are needed.
    private mutating func readTrailer(
        in bytes: Span<UInt8>,
        at position: inout Int,
        fields: inout FieldReader,
        headers: inout HTTPHeaders
    ) throws(HTTPParseError.Kind) -> Bool {
        // Its bytes stay behind the head's until the next message; no line leads to them.
        switch try fields.field(in: bytes, at: &position, into: &headers.bytes) {
        case .needMore: return false
        case .field: break
        case .end: state = .ended
        }
        return true
    }
}
