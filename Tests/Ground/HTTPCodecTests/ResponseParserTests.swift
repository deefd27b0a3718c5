import HTTPCodec
import Testing

/// Responses as the parser reads them, whole and in pieces.
@Suite struct ResponseParserTests {
    private func expect(
        _ text: String,
        _ expected: String,
        to methods: [HTTPMethod] = [.post],
        limits: HTTPLimits = HTTPLimits(),
        location: SourceLocation = #_sourceLocation
    ) {
        for sizes in [Reader.whole, Reader.single, [2, 3]] {
            let reading = Reader.responses(Array(text.utf8), to: methods, sizes: sizes, limits: limits)
            #expect(reading.description == expected, sourceLocation: location)
        }
    }

    @Test func readsAResponseWithALength() {
        expect(
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello",
            "200 length(5) kept Content-Type=text/plain Content-Length=5; body hello; end"
        )
        expect("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "200 length(0) kept Content-Length=0; end")
        expect(
            "HTTP/1.1 200 OK\r\ncontent-length:\t 007 \r\n\r\n0123456",
            "200 length(7) kept content-length=007; body 0123456; end"
        )
    }

    @Test func readsAStatusWithoutAReason() {
        expect("HTTP/1.1 599\r\nContent-Length: 0\r\n\r\n", "599 length(0) kept Content-Length=0; end")
        expect("HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", "200 length(0) kept Content-Length=0; end")
        expect("HTTP/1.7 200 Ça va\r\nContent-Length: 0\r\n\r\n", "200 1.7 length(0) kept Content-Length=0; end")
    }

    @Test func readsChunksAndDropsExtensionsAndTrailers() {
        expect(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n"
                + "5;a=\"b\"\r\nhello\r\n000000000000000A\r\n, world!!!\r\n0;last\r\nX: y\r\nContent-Length: 3\r\n\r\n",
            "200 chunked kept Transfer-Encoding=Chunked; body hello, world!!!; end"
        )
    }

    @Test func dropsInterimResponses() {
        expect(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nContent-Length: 7\r\nLink: x\r\n\r\n"
                + "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n!",
            "interim 100; interim 103; 200 length(1) kept Content-Length=1; body !; end"
        )
    }

    @Test func takesAnUnaskedSwitchOfProtocolsForAnError() {
        expect("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n", "error switchingProtocols")
    }

    @Test func boundsInterimResponsesInNumberAndBytes() {
        var limits = HTTPLimits()
        limits.interimResponses = 2
        let interim = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
        let last = "HTTP/1.1 204 OK\r\n\r\n"
        expect(interim + interim + last, "interim 103; interim 103; 204 none kept; end", limits: limits)
        expect(interim + interim + interim, "interim 103; interim 103; error tooManyInterimResponses", limits: limits)
        limits.headBytes = 2 * interim.utf8.count + 5
        expect(interim + interim + last, "interim 103; interim 103; error headTooLong", limits: limits)
        limits.headBytes = 1_000
        limits.fieldCount = 1
        expect(interim + interim + last, "interim 103; error tooManyFields", limits: limits)
    }

    @Test func countsEachResponseForItself() {
        var limits = HTTPLimits()
        let response = "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        limits.headBytes = response.utf8.count
        limits.fieldCount = 1
        limits.interimResponses = 1
        let read = "interim 103; 200 length(0) kept Content-Length=0; end"
        expect(response + response, read + "; " + read, to: [.get, .get], limits: limits)
    }

    @Test func readsUntilTheConnectionEndsWhereNoLengthIsNamed() {
        expect("HTTP/1.0 200 OK\r\n\r\nhello", "200 1.0 untilClose; body hello; endsBody")
        expect("HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n\r\n", "200 untilClose Connection=keep-alive; endsBody")
    }

    @Test func endsAtTheBlankLineWhereNoBodyIsAllowed() {
        let length = "Content-Length: 5\r\n\r\n"
        expect("HTTP/1.1 200 OK\r\n" + length, "200 none kept Content-Length=5; end", to: [.head])
        expect("HTTP/1.1 304 Not Modified\r\n" + length, "304 none kept Content-Length=5; end")
        let chunks = "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        expect("HTTP/1.1 200 OK\r\n" + chunks, "200 none kept Transfer-Encoding=chunked; end; left 5", to: [.head])
        expect("HTTP/1.1 304 Not Modified\r\n" + chunks, "304 none kept Transfer-Encoding=chunked; end; left 5")
        expect("HTTP/1.1 204 No Content\r\n\r\n0\r\n\r\n", "204 none kept; end; left 5")
    }

    @Test func keepsNoConnectionBehindA204ThatNamesABody() {
        expect("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", "204 none kept Content-Length=0; end")
        expect("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello", "204 none Content-Length=5; end; left 5")
        expect("HTTP/1.1 204 No Content\r\nContent-Length: x\r\n\r\n", "204 none Content-Length=x; end")
        expect(
            "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n",
            "204 none Transfer-Encoding=chunked; end"
        )
    }

    @Test func opensATunnelWithAnySuccessOfConnect() {
        expect(
            "HTTP/1.1 200 Connection established\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n\u{16}\u{3}\u{1}",
            "200 none Content-Length=3 Transfer-Encoding=chunked; end; left 3",
            to: [.connect]
        )
        expect(
            "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 2\r\n\r\nno",
            "407 length(2) kept Content-Length=2; body no; end",
            to: [.connect]
        )
    }

    @Test(arguments: [
        ("HTTP/1.1", "", true),
        ("HTTP/1.1", "Connection: close\r\n", false),
        ("HTTP/1.1", "Connection: Close\r\n", false),
        ("HTTP/1.1", "connection: keep-alive, close\r\n", false),
        ("HTTP/1.1", "Connection: close\r\nConnection: keep-alive\r\n", false),
        ("HTTP/1.1", "Connection: keep-alive\r\nConnection: x ,,CLOSE ,y\r\n", false),
        ("HTTP/1.1", "Connection: closed, not-close\r\n", true),
        ("HTTP/1.0", "", false),
        ("HTTP/1.0", "Connection: Keep-Alive\r\n", true),
        ("HTTP/1.0", "Connection: keep-alive, close\r\n", false),
    ])
    func keepsTheConnection(version: String, fields: String, isKept: Bool) {
        for status in ["200", "404"] {
            let head = "\(version) \(status) X\r\nContent-Length: 0\r\n\(fields)\r\n"
            let reading = Reader.responses(Array(head.utf8))
            #expect(reading.events.first?.contains("length(0) kept") == isKept)
        }
    }

    @Test(
        arguments: [
            ("timeout=5", 5), ("max=100, Timeout=60", 60), ("timeout=5, timeout=3", 3), ("timeout=", nil),
            ("timeout", nil),
            ("timeout=-1", nil), ("timeout=5s", nil), ("xtimeout=5", nil), ("timeout=99999999999999999999", nil),
        ] as [(String, Int?)]
    )
    func readsForHowLongAnIdleConnectionIsKept(value: String, seconds: Int?) throws {
        let text = "HTTP/1.1 204 No Content\r\nKeep-Alive: \(value)\r\n\r\n"
        var parser = ResponseParser()
        parser.begin(answering: .get)
        var position = 0
        #expect(try parser.next(in: Array(text.utf8).span, at: &position) == .head)
        #expect(parser.head.keepAliveTimeout == seconds)
    }

    @Test func readsOneResponseAfterTheOtherAndNoneThatNobodyAskedFor() {
        let one = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1"
        let two = "HTTP/1.1 200 OK\r\nA: b\r\n\r\n"
        expect(
            one + two,
            "200 length(1) kept Content-Length=1; body 1; end; 200 none kept A=b; end",
            to: [.post, .head]
        )
        var parser = ResponseParser()
        var position = 0
        #expect(throws: HTTPParseError.self) { try parser.next(in: Array(one.utf8).span, at: &position) }
    }

    @Test func keepsTheHeadUntilTheNextOneBegins() throws {
        var parser = ResponseParser()
        parser.begin(answering: .get)
        let bytes = Array(
            "HTTP/1.1 200 OK\r\nA: b\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nA: c\r\nD: e\r\n\r\n".utf8
        )
        var position = 0
        var event = HTTPEvent.needMore
        while event != .end { event = try parser.next(in: bytes.span, at: &position) }
        #expect(parser.head.headers.map(\.value) == ["b", "chunked"])
        #expect(parser.head.headers.first("a") == "b")
        let copy = parser.head.headers
        parser.begin(answering: .get)
        #expect(parser.head.headers.isEmpty)
        #expect(copy.first("A") == "b")
    }

    @Test(arguments: [
        ("", "betweenMessages"), ("HTTP/1.1 2", "cutsMessage"), ("HTTP/1.1 100 Continue\r\n\r\n", "cutsMessage"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nx", "cutsMessage"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n", "cutsMessage"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "cutsMessage"),
        ("HTTP/1.1 200 OK\r\n\r\nx", "endsBody"),
    ])
    func tellsAWholeMessageFromACutOne(text: String, end: String) throws {
        var parser = ResponseParser()
        parser.begin(answering: .get)
        let bytes = Array(text.utf8)
        var position = 0
        while try parser.next(in: bytes.span, at: &position) != .needMore {}
        #expect("\(parser.endOfConnection())" == end)
    }

    @Test(
        arguments: [
            ("HTTP/1.1 429 Too", nil), ("HTTP/1.1 429 Too Many Requests\r\n", 429),
            ("HTTP/1.1 103 Early Hints\r\n\r\n", nil),
            ("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 429\r\nA : b\r\n", 429), ("HTTP/1.1 101 Switching\r\n\r\n", nil),
            ("HTTP/1.1 429 X\r\nContent-Length: 5, 5\r\n\r\n", 429), ("HTTP/1.1 4290 X\r\n", nil),
        ] as [(String, Int?)]
    )
    func keepsTheStatusOfABrokenResponse(text: String, status: Int?) {
        var parser = ResponseParser()
        parser.begin(answering: .get)
        var position = 0
        while case .some(let event) = try? parser.next(in: Array(text.utf8).span, at: &position), event != .needMore {}
        #expect(parser.finalStatus == status)
    }

    @Test func boundsTheBody() {
        var limits = HTTPLimits()
        limits.bodyBytes = 4
        let head = "HTTP/1.1 200 OK\r\n"
        expect(
            head + "Content-Length: 5\r\n\r\nhello",
            "200 length(5) kept Content-Length=5; error bodyTooLong",
            limits: limits
        )
        expect(head + "\r\nhell", "200 untilClose; body hell; endsBody", limits: limits)
        expect(head + "\r\nhello", "200 untilClose; body hell; error bodyTooLong", limits: limits)
        expect(
            head + "Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n",
            "200 chunked kept Transfer-Encoding=chunked; body hel; error bodyTooLong",
            limits: limits
        )
    }
}
