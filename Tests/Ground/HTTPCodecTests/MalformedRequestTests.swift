import HTTPCodec
import Testing

/// Requests that no strict reader may take, each with the fault that is named and the status that answers it.
@Suite struct MalformedRequestTests {
    private func expect(_ text: String, _ kind: HTTPParseError.Kind, _ status: Int?, limits: HTTPLimits = HTTPLimits())
    {
        for sizes in [Reader.whole, Reader.single, [3, 1, 7]] {
            let error = Reader.requests(Array(text.utf8), sizes: sizes, limits: limits).error
            #expect(error?.kind == kind, "\(text.debugDescription)")
            #expect(error?.status == status, "\(text.debugDescription)")
        }
    }

    @Test(
        arguments: [
            ("GET /\r\n", .requestLine, 400), ("GET\r\n", .requestLine, 400),
            (" GET / HTTP/1.1\r\n", .requestLine, 400),
            ("GET  / HTTP/1.1\r\n", .requestLine, 400), ("GET /  HTTP/1.1\r\n", .requestLine, 400),
            ("GET / HTTP/1.1 \r\n", .requestLine, 400),
            ("GET\t/ HTTP/1.1\r\n", .requestLine, 400), ("GET /a b HTTP/1.1\r\n", .requestLine, 400),
            ("G@T / HTTP/1.1\r\n", .requestLine, 400),
            ("GET / http/1.1\r\n", .requestLine, 400), ("GET / HTTP/1\r\n", .requestLine, 400),
            ("GET / HTTP/1.10\r\n", .requestLine, 400),
            ("GET / HTTP/1.1\u{0}\r\n", .requestLine, 400), ("GET / HTTP/1.1\r\r\n", .requestLine, 400),
            ("GET / HTTPS/1.1\r\n", .requestLine, 400),
            ("GET / HTTP/2\r\n", .version, 505), ("GET / HTTP/2.0\r\n", .version, 505),
            ("GET / HTTP/0.9\r\n", .version, 505),
            ("GET / HTTP/9.1\r\n", .version, 505), ("GET / HTTP/1.1\n", .bareLineFeed, 400),
            ("G\rET / HTTP/1.1\r\n", .requestLine, 400),
            ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .http2Preface, nil),
            ("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}", .tlsHandshake, nil),
        ] as [(String, HTTPParseError.Kind, Int?)]
    )
    func refusesTheRequestLine(text: String, kind: HTTPParseError.Kind, status: Int?) { expect(text, kind, status) }

    @Test(arguments: [
        "GET a", "GET *", "GET a.test:80", "GET ftp://a/", "GET http://", "GET http:///a", "GET http://u@a/",
        "GET /a#b", "GET /a\"",
        "GET /<", "GET /\u{0}", "GET /\u{1F}", "GET /\u{7F}", "GET /ä", "CONNECT a.test", "CONNECT a.test:",
        "CONNECT /",
        "CONNECT http://a/", "CONNECT a:65536", "OPTIONS **", "GET http://a:b/", "GET http:/a", "GET ?a",
    ])
    func refusesTheTarget(start: String) {
        let error = Reader.requests(Array("\(start) HTTP/1.1\r\nHost: h\r\n\r\n".utf8)).error
        #expect(error?.kind == .target || error?.kind == .requestLine)
        #expect(error?.status == 400)
    }

    @Test(
        arguments: [
            ("Content-Length: 5\r\nContent-Length: 5\r\n", .severalLengths, 400),
            ("Content-Length: 5, 5\r\n", .contentLength, 400),
            ("Content-Length: -268435455700\r\n", .contentLength, 400), ("Content-Length: +3\r\n", .contentLength, 400),
            ("Content-Length: \r\n", .contentLength, 400),
            ("Content-Length: 999999999999999999999999999999\r\n", .contentLength, 400),
            ("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", .lengthWithCoding, 400),
            ("Transfer-Encoding: chunked,\r\n", .transferCoding, 400),
            ("Transfer-Encoding: chunked, gzip\r\n", .transferCoding, 400),
            ("Transfer-Encoding: chunked, chunked\r\n", .transferCoding, 400),
            ("Transfer-Encoding: identity\r\n", .transferCoding, 400),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", .transferCoding, 400),
            ("Transfer-Encoding: gzip, chunked\r\n", .unsupportedCoding, 501),
            ("Transfer-Encoding: gzip\r\n", .transferCoding, 400),
            ("Transfer-Encoding : chunked\r\n", .spaceBeforeColon, 400),
            ("Transfer-Encoding: \u{B}chunked\r\n", .controlCharacter, 400),
            ("A: b\r\n c\r\n", .foldedLine, 400), (" A: b\r\n", .foldedLine, 400),
            ("A: b\rGET / HTTP/1.1\r\n", .controlCharacter, 400),
            ("A: b\u{0}c\r\n", .controlCharacter, 400), ("A\r\n", .fieldName, 400),
        ] as [(String, HTTPParseError.Kind, Int?)]
    )
    func refusesFields(fields: String, kind: HTTPParseError.Kind, status: Int?) {
        expect("POST / HTTP/1.1\r\nHost: h\r\n\(fields)\r\nGET /hidden HTTP/1.1\r\nHost: h\r\n\r\n", kind, status)
    }

    @Test func refusesChunksInHTTP10() {
        expect("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", .codingInOldVersion, 400)
    }

    @Test func answersALongRequestLineWith414AndALongHeadWith431() {
        var limits = HTTPLimits()
        limits.requestLineBytes = 30
        limits.headBytes = 60
        expect("GET /" + String(repeating: "a", count: 40), .requestLineTooLong, 414, limits: limits)
        expect("GET /" + String(repeating: "a", count: 40) + " HTTP/1.1\r\n", .requestLineTooLong, 414, limits: limits)
        expect("GET / HTTP/1.1\r\nA: " + String(repeating: "a", count: 60), .headTooLong, 431, limits: limits)
        expect("GET / HTTP/1.1\r\n" + String(repeating: "A:\r\n", count: 20), .headTooLong, 431, limits: limits)
        limits.fieldCount = 3
        expect("GET / HTTP/1.1\r\n" + String(repeating: "A:\r\n", count: 4), .tooManyFields, 431, limits: limits)
        limits.headBytes = 20
        expect("GET /" + String(repeating: "a", count: 40), .headTooLong, 431, limits: limits)
    }

    @Test func takesARequestLineOfExactlyTheLimit() {
        var limits = HTTPLimits()
        let line = "GET / HTTP/1.1\r\n"
        limits.requestLineBytes = line.utf8.count
        #expect(Reader.requests(Array("\(line)Host: h\r\n\r\n".utf8), limits: limits).error == nil)
        limits.requestLineBytes -= 1
        expect(line, .requestLineTooLong, 414, limits: limits)
    }

    @Test func countsEachRequestForItself() {
        var limits = HTTPLimits()
        let request = "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
        limits.headBytes = request.utf8.count
        limits.fieldCount = 1
        let reading = Reader.requests(Array(String(repeating: request, count: 5).utf8), limits: limits)
        #expect(reading.error == nil)
        #expect(reading.events.count == 10)
    }

    @Test func answersAKnownRequestBeforeAMalformedOne() {
        let text = "GET / HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\nHost: h\r\n\r\n"
        #expect(Reader.requests(Array(text.utf8)).description == "GET / @h none kept; end; error bareLineFeed")
    }

    @Test func takesTokensAndTextAndNothingElse() {
        let tokens = Set("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
        for byte in UInt8.min...UInt8.max {
            let start = Array("GET / HTTP/1.1\r\nHost: h\r\n".utf8)
            let name = Reader.requests(start + [0x41, byte, 0x41, 0x3A, 0x41] + Array("\r\n\r\n".utf8))
            #expect((name.error == nil) == (tokens.contains(byte) || byte == 0x3A), "name \(byte)")
            let isText = byte >= 0x20 && byte != 0x7F || byte == 0x09
            for count in [0, 3, 8, 20] {
                let blanks = [UInt8](repeating: 0x41, count: count)
                let value = Reader.requests(start + [0x41, 0x3A] + blanks + [byte] + blanks + Array("\r\n\r\n".utf8))
                #expect((value.error == nil) == isText, "value \(byte) between \(count)")
            }
        }
    }
}
