/// The head of a request, as far as a server must know it.
package struct HTTPRequestHead: Sendable {
    package fileprivate(set) var method = HTTPMethod.get
    package fileprivate(set) var target = HTTPTarget()
    /// The x of HTTP/1.x.
    package fileprivate(set) var minorVersion = 1
    /// The host, with a port where there is one, that the target or else `Host` names; nil where neither does (HTTP/1.0).
    package fileprivate(set) var authority: String?
    package fileprivate(set) var framing = HTTPFraming.none
    /// Whether the client may send another request on the connection.
    package fileprivate(set) var keepAlive = false
    /// Whether the client waits for a 100 before it sends the body.
    package fileprivate(set) var expectsContinue = false
    package fileprivate(set) var headers = HTTPHeaders()

    init() {}
}

/// Reads the requests of one connection, pipelined or not, in pieces of any size.
///
/// Call `next` until it says `.needMore`, also with no bytes left: `.end` needs none. Behind `.end` the next request begins
/// by itself; what comes behind a head without `keepAlive`, or behind CONNECT, is not to be read as one. After a thrown error
/// the parser is of no more use and throws the same again.
///
/// | state | reads | gives | then |
/// | --- | --- | --- | --- |
/// | requestLine | a few empty lines, the first line | | fields |
/// | fields | fields up to the blank line | `.head` | body |
/// | body | the body, by the head's framing | `.body` … `.end` | requestLine |
package struct RequestParser: Sendable {
    private enum State {
        case requestLine, fields, body
        case failed(HTTPParseError)
    }

    /// The empty lines that are taken before a request: old clients send one behind a body.
    private static let allowedEmptyLines = 4

    /// The head of the request that is being read; whole from `.head` until the next call behind `.end`.
    package private(set) var head = HTTPRequestHead()
    private var state = State.requestLine
    private var emptyLines = 0
    private var awaitsMessage = true
    private var facts = HTTPHeadFacts()
    private var fields: FieldReader
    private var body: BodyReader

    package init(limits: HTTPLimits = HTTPLimits()) {
        fields = FieldReader(limits)
        body = BodyReader(limits)
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
            let error = HTTPParseError(kind: error, line: fields.lineNumber)
            state = .failed(error)
            throw error
        }
    }

    /// Whether the request before is whole and no byte of the next one has come but empty lines.
    package var isBetweenMessages: Bool {
        guard case .requestLine = state else { return false }
        return awaitsMessage || fields.isAtLineStart(head.headers.bytes)
    }

    /// Bounds the body of the request whose head has just come, in place of the limit for all.
    package mutating func limitBody(to bytes: Int) { body.limit(to: bytes) }

    /// Returns the meaning of the end of the connection here.
    package func endOfConnection() -> HTTPConnectionEnd { isBetweenMessages ? .betweenMessages : .cutsMessage }

    private mutating func read(
        _ bytes: Span<UInt8>,
        _ position: inout Int
    ) throws(HTTPParseError.Kind) -> HTTPEvent {
        while true {
            switch state {
            case .requestLine:
                guard try readRequestLine(bytes, &position) else { return .needMore }
            case .fields:
                switch try fields.field(in: bytes, at: &position, into: &head.headers.bytes) {
                case .needMore: return .needMore
                case .field(let line):
                    head.headers.lines.append(line)
                    facts.record(line, in: head.headers.bytes)
                case .end:
                    try endHead()
                    return .head
                }
            case .body:
                let event = try body.next(in: bytes, at: &position, fields: &fields, headers: &head.headers)
                if event == .end {
                    state = .requestLine
                    awaitsMessage = true
                }
                return event
            case .failed: return .needMore
            }
        }
    }

    private mutating func beginMessage() {
        awaitsMessage = false
        head.headers.removeAll()
        facts = HTTPHeadFacts()
        emptyLines = 0
        fields.beginMessage()
    }

    /// Reads `GET /path HTTP/1.1`, or an empty line before it; false where more bytes are needed.
    private mutating func readRequestLine(
        _ bytes: Span<UInt8>,
        _ position: inout Int
    ) throws(HTTPParseError.Kind) -> Bool {
        guard position < bytes.count else { return false }
        if awaitsMessage { beginMessage() }
        if fields.isAtLineStart(head.headers.bytes), bytes[position] == 0x16 { throw .tlsHandshake }
        guard let line = try fields.requestLine(in: bytes, at: &position, into: &head.headers.bytes) else {
            return false
        }
        guard !line.isEmpty else {
            emptyLines += 1
            guard emptyLines <= Self.allowedEmptyLines else { throw .requestLine }
            head.headers.removeAll()
            fields.beginHead()
            return true
        }
        (head.method, head.target, head.minorVersion) = try Self.splitRequestLine(head.headers.bytes.span, line.count)
        state = .fields
        return true
    }

    private static func splitRequestLine(
        _ text: Span<UInt8>,
        _ count: Int
    ) throws(HTTPParseError.Kind) -> (HTTPMethod, HTTPTarget, minorVersion: Int) {
        let methodEnd = text.tokenEnd(in: 0..<count)
        guard methodEnd > 0, methodEnd < count, text[methodEnd] == HTTPCharacters.space else { throw .requestLine }
        let targetStart = methodEnd + 1
        var targetEnd = targetStart
        while targetEnd < count, text[targetEnd] > HTTPCharacters.space { targetEnd += 1 }
        guard targetEnd > targetStart, targetEnd < count, text[targetEnd] == HTTPCharacters.space else {
            throw .requestLine
        }
        let method = HTTPMethod(rawValue: text.text(0..<methodEnd))
        let version = targetEnd + 1..<count
        if text.equals(0..<targetEnd, "PRI *"), text.equals(version, "HTTP/2.0") { throw .http2Preface }
        let minorVersion = try HTTPVersion.minor(of: text, version, malformed: .requestLine)
        guard let target = HTTPTarget(text, targetStart..<targetEnd, method: method) else { throw .target }
        return (method, target, minorVersion)
    }

    private mutating func endHead() throws(HTTPParseError.Kind) {
        guard facts.hostLines <= 1 else { throw .severalHosts }
        guard facts.hostLines == 1 || head.minorVersion == 0 else { throw .missingHost }
        let authority = head.headers.bytes.span.text(facts.host)
        guard facts.host.isEmpty || HTTPTarget.isAuthority(head.headers.bytes.span, facts.host) else { throw .host }
        head.authority = head.target.authority ?? (facts.hostLines == 1 ? authority : nil)
        head.framing = try facts.framing(minorVersion: head.minorVersion, absent: .none)
        head.keepAlive = facts.keepsConnection(minorVersion: head.minorVersion)
        let hasBody = head.framing != .none && head.framing != .length(0)
        head.expectsContinue = facts.expectsContinue && head.minorVersion > 0 && hasBody
        body.begin(head.framing)
        state = .body
    }
}
