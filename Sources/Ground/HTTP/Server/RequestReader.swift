import HTTPCodec

/// The bytes of a connection that wait to be read, and the parser that reads them.
struct RequestReader {
    private var parser: RequestParser
    private var bytes: [UInt8] = []
    private var position = 0

    init(settings: HTTPServerSettings) {
        var limits = HTTPLimits()
        limits.headBytes = settings.maxHeadBytes
        limits.requestLineBytes = settings.maxRequestLineBytes
        limits.fieldCount = settings.maxHeaders
        limits.chunkExtensionBytes = settings.maxChunkExtensionBytes
        parser = RequestParser(limits: limits)
    }

    /// Whether nothing of a further request has been read.
    var isBetweenRequests: Bool { parser.endOfConnection() == .betweenMessages }

    /// Bytes that wait.
    var count: Int { bytes.count - position }

    mutating func append(_ new: some Collection<UInt8>) {
        if position == bytes.count {
            bytes.removeAll(keepingCapacity: true)
            position = 0
        } else if position > 32_768 {
            bytes.removeFirst(position)
            position = 0
        }
        bytes.append(contentsOf: new)
    }

    /// Drops what waits; nothing more is read.
    mutating func removeAll() {
        bytes = []
        position = 0
    }

    /// The head of the next request; nil where it is not whole.
    mutating func nextHead() throws(HTTPParseError) -> HTTPRequestHead? {
        switch try Self.next(&parser, bytes, &position) {
        case .head: parser.head
        default: nil
        }
    }

    /// Bounds the body of the request whose head has just come.
    mutating func limitBody(to bytes: Int) { parser.limitBody(to: bytes) }

    /// Takes what has come of the body; true where that is all of it.
    mutating func readBody(into body: inout [UInt8]) throws(HTTPParseError) -> Bool {
        while true {
            switch try Self.next(&parser, bytes, &position) {
            case .body(let range): body.append(contentsOf: bytes[range])
            case .end: return true
            default: return false
            }
        }
    }

    /// Passes the end of a request that has no body: no byte is read, so nothing can be wrong.
    mutating func finishRequest() {
        _ = try? Self.next(&parser, bytes, &position)
    }

    /// Static, since a span of the bytes keeps the whole reader from being changed.
    private static func next(
        _ parser: inout RequestParser,
        _ bytes: [UInt8],
        _ position: inout Int
    ) throws(HTTPParseError) -> HTTPEvent {
        try parser.next(in: bytes.span, at: &position)
    }
}
