/// The head of a response, as far as a client must know it.
package struct HTTPResponseHead: Sendable {
    package fileprivate(set) var status = 0
    /// The x of HTTP/1.x.
    package fileprivate(set) var minorVersion = 1
    package fileprivate(set) var framing = HTTPFraming.none
    /// Whether the connection may carry another request once the message is whole.
    package fileprivate(set) var keepAlive = false
    /// The seconds for which the server keeps an idle connection, where it says so.
    package fileprivate(set) var keepAliveTimeout: Int?
    package fileprivate(set) var headers = HTTPHeaders()

    init() {}
}

/// Reads the responses of one connection, in pieces of any size.
///
/// Call `next` until it says `.needMore`, also with no bytes left: `.end` needs none. After a thrown error the parser is of
/// no more use and throws the same again.
///
/// | state | reads | gives | then |
/// | --- | --- | --- | --- |
/// | idle | nothing: any byte is an error | | statusLine by `begin` |
/// | statusLine | the first line | | fields |
/// | fields | fields up to the blank line | `.interim` | statusLine |
/// | | | `.head` | body |
/// | body | the body, by the head's framing | `.body` … `.end` | idle |
///
/// The storage of a head is used again for the next one. No line is copied out of it before somebody asks.
package struct ResponseParser: Sendable {
    private enum State {
        case idle, statusLine, fields, body
        case failed(HTTPParseError)
    }

    /// The head of the response that is being read; whole from `.head` until `begin`.
    package private(set) var head = HTTPResponseHead()
    /// The final status from its line's end on, also where what follows is broken or missing; nil before, and for a 1xx.
    package private(set) var finalStatus: Int?
    private var state = State.idle
    private var method = HTTPMethod.get
    private var interimResponses = 0
    private var facts = HTTPHeadFacts()
    private var fields: FieldReader
    private var body: BodyReader
    private let limits: HTTPLimits

    package init(limits: HTTPLimits = HTTPLimits()) {
        self.limits = limits
        fields = FieldReader(limits)
        body = BodyReader(limits)
    }

    /// Expects the response to a request of this method. After an error it changes nothing.
    ///
    /// - Precondition: the response before it is whole.
    package mutating func begin(answering method: HTTPMethod) {
        if case .failed = state { return }
        guard case .idle = state else { preconditionFailure("the response before is not whole") }
        self.method = method
        finalStatus = nil
        interimResponses = 0
        fields.beginMessage()
        beginHead()
    }

    /// Returns the meaning of the bytes from the position on; moves it behind what was read.
    package mutating func next(
        in bytes: Span<UInt8>,
        at position: inout Int
    ) throws(HTTPParseError) -> HTTPEvent {
        if case .failed(let error) = state { throw error }
        do throws(HTTPParseError.Kind) {
            return try read(bytes, &position)
        } catch {
            throw fail(error)
        }
    }

    /// Returns the meaning of the end of the connection here.
    package mutating func endOfConnection() -> HTTPConnectionEnd {
        switch state {
        case .idle: return .betweenMessages
        case .statusLine where fields.isUntouched && head.headers.bytes.isEmpty: return .betweenMessages
        case .body where body.endsWithConnection:
            state = .idle
            return .endsBody
        default: return .cutsMessage
        }
    }

    private mutating func fail(_ kind: HTTPParseError.Kind) -> HTTPParseError {
        let error = HTTPParseError(kind: kind, line: fields.lineNumber)
        state = .failed(error)
        return error
    }

    private mutating func beginHead() {
        head.headers.removeAll()
        facts = HTTPHeadFacts()
        fields.beginHead()
        state = .statusLine
    }

    private mutating func read(
        _ bytes: Span<UInt8>,
        _ position: inout Int
    ) throws(HTTPParseError.Kind) -> HTTPEvent {
        while true {
            switch state {
            case .statusLine:
                guard try readStatusLine(bytes, &position) else { return .needMore }
                state = .fields
            case .fields:
                switch try fields.field(in: bytes, at: &position, into: &head.headers.bytes) {
                case .needMore: return .needMore
                case .field(let line):
                    head.headers.lines.append(line)
                    facts.record(line, in: head.headers.bytes)
                case .end: return try endHead()
                }
            case .body:
                let event = try body.next(in: bytes, at: &position, fields: &fields, headers: &head.headers)
                if event == .end { state = .idle }
                return event
            case .idle, .failed:
                guard position == bytes.count else { throw .unsolicited }
                return .needMore
            }
        }
    }

    /// Reads `HTTP/1.1 200 OK`; false where more bytes are needed. The reason, and the space before it, may be missing.
    private mutating func readStatusLine(
        _ bytes: Span<UInt8>,
        _ position: inout Int
    ) throws(HTTPParseError.Kind) -> Bool {
        if position < bytes.count, fields.isAtLineStart(head.headers.bytes), bytes[position] != UInt8(ascii: "H") {
            throw .notHTTP
        }
        guard let line = try fields.statusLine(in: bytes, at: &position, into: &head.headers.bytes) else {
            return false
        }
        (head.minorVersion, head.status) = try Self.splitStatusLine(head.headers.bytes.span, line)
        if head.status >= 200 { finalStatus = head.status }
        return true
    }

    private static func splitStatusLine(
        _ text: Span<UInt8>,
        _ line: Range<Int>
    ) throws(HTTPParseError.Kind) -> (minorVersion: Int, status: Int) {
        guard line.count >= 12 else { throw .statusLine }
        let minorVersion = try HTTPVersion.minor(of: text, 0..<8, malformed: .statusLine)
        guard text[8] == HTTPCharacters.space, let status = text.decimal(9..<12), status >= 100 else {
            throw .statusLine
        }
        guard line.count == 12 || text[12] == HTTPCharacters.space else { throw .statusLine }
        guard text.isText(12..<line.count) else { throw .controlCharacter }
        return (minorVersion, status)
    }

    private mutating func endHead() throws(HTTPParseError.Kind) -> HTTPEvent {
        let status = head.status
        guard status >= 200 else {
            guard status != 101 else { throw .switchingProtocols }
            interimResponses += 1
            guard interimResponses <= limits.interimResponses else { throw .tooManyInterimResponses }
            beginHead()
            return .interim(status: status)
        }
        let isTunnel = method == .connect && status < 300
        if method == .head || status == 204 || status == 304 || isTunnel {
            head.framing = .none
        } else {
            head.framing = try facts.framing(minorVersion: head.minorVersion, absent: .untilClose)
        }
        head.keepAlive =
            facts.keepsConnection(minorVersion: head.minorVersion) && head.framing != .untilClose && !isTunnel
            && !announcesForbiddenBody
        head.keepAliveTimeout = facts.keepAliveTimeout
        body.begin(head.framing)
        state = .body
        return .head
    }

    /// Whether a 204 names a body, which it must not have: a server that does so may send one.
    private var announcesForbiddenBody: Bool {
        guard head.status == 204 else { return false }
        if case .none = facts.coding { return facts.lengthLines > 0 && facts.length != 0 }
        return true
    }
}
