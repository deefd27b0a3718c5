import HTTPCodec
import Testing

/// Responses that no strict reader may take, each with the fault that is named.
@Suite struct MalformedResponseTests {
    private static func ok(_ rest: String) -> String { "HTTP/1.1 200 OK\r\n" + rest }
    private static func chunked(_ body: String) -> String { ok("Transfer-Encoding: chunked\r\n\r\n") + body }

    private func expect(_ text: String, _ kind: HTTPParseError.Kind, limits: HTTPLimits = HTTPLimits()) {
        for sizes in [Reader.whole, Reader.single, [3, 1, 7]] {
            let error = Reader.responses(Array(text.utf8), sizes: sizes, limits: limits).error
            #expect(error?.kind == kind, "\(text.debugDescription)")
        }
    }

    @Test(
        arguments: [
            ("hello", .notHTTP), ("\r\nHTTP/1.1 200 OK\r\n\r\n", .notHTTP), (" HTTP/1.1 200 OK\r\n\r\n", .notHTTP),
            ("\u{15}\u{3}\u{3}", .notHTTP), ("http/1.1 200 OK\r\n\r\n", .notHTTP),
            ("HTTP/1.1\r\n", .statusLine), ("HTTP/1.1 200OK\r\n", .statusLine), ("HTTP/1.1  200 OK\r\n", .statusLine),
            ("HTTP/1.1 20 OK\r\n", .statusLine), ("HTTP/1.1 2000 OK\r\n", .statusLine),
            ("HTTP/1.1 2x0 OK\r\n", .statusLine),
            ("HTTP/1.1 099 OK\r\n", .statusLine), ("HTTP/1.1 +20 OK\r\n", .statusLine),
            ("HTTP/1.1\t200 OK\r\n", .statusLine),
            ("HTTP/11 200 OK\r\n", .statusLine), ("HTTP/1.x 200 OK\r\n", .statusLine),
            ("HTTP/1.11 200 OK\r\n", .statusLine),
            ("HTTP/2.0 200 OK\r\n", .version), ("HTTP/0.9 200 OK\r\n", .version), ("HTTP 1.1 200 OK\r\n", .statusLine),
            ("HTTP/1.1 200 O\u{0}K\r\n", .controlCharacter), ("HTTP/1.1 200 O\rK\r\n", .controlCharacter),
            ("HTTP/1.1 200 O\u{7F}K\r\n", .controlCharacter), ("HTTP/1.1 200 OK\n", .bareLineFeed),
        ] as [(String, HTTPParseError.Kind)]
    )
    func refusesTheStatusLine(text: String, kind: HTTPParseError.Kind) { expect(text, kind) }

    @Test(
        arguments: [
            ("A: b\n\r\n", .bareLineFeed), ("A: b\r\n\n", .bareLineFeed), ("\n", .bareLineFeed),
            ("A: b\r\r\n\r\n", .controlCharacter),
            ("A: b\rC: d\r\n\r\n", .controlCharacter), ("A: b\u{0}\r\n\r\n", .controlCharacter),
            ("A: b\u{8}c\r\n\r\n", .controlCharacter),
            ("A: b\u{7F}\r\n\r\n", .controlCharacter), ("A: 0123456789\u{1}0123456789\r\n\r\n", .controlCharacter),
            (" A: b\r\n\r\n", .foldedLine), ("A: b\r\n c\r\n\r\n", .foldedLine), ("A: b\r\n\tc\r\n\r\n", .foldedLine),
            ("A: b\r\n \r\n\r\n", .foldedLine),
            ("A : b\r\n\r\n", .spaceBeforeColon), ("A\t: b\r\n\r\n", .spaceBeforeColon),
            ("A B: c\r\n\r\n", .spaceBeforeColon),
            (": b\r\n\r\n", .fieldName), ("A\r\n\r\n", .fieldName), ("A\u{0}: b\r\n\r\n", .fieldName),
            ("Ä: b\r\n\r\n", .fieldName),
            ("A(: b\r\n\r\n", .fieldName), ("A\"B: b\r\n\r\n", .fieldName), ("A\rB: b\r\n\r\n", .fieldName),
            ("\rA: b\r\n\r\n", .fieldName),
        ] as [(String, HTTPParseError.Kind)]
    )
    func refusesFields(text: String, kind: HTTPParseError.Kind) { expect(Self.ok(text), kind) }

    @Test(
        arguments: [
            ("Content-Length: 4\r\nContent-Length: 5\r\n\r\n", .severalLengths),
            ("Content-Length: 5\r\nContent-Length: 5\r\n\r\n", .severalLengths),
            ("Content-Length: 5, 5\r\n\r\n", .contentLength), ("Content-Length: 5,\r\n\r\n", .contentLength),
            ("Content-Length: +5\r\n\r\n", .contentLength), ("Content-Length: -5\r\n\r\n", .contentLength),
            ("Content-Length: 4 2\r\n\r\n", .contentLength), ("Content-Length: \r\n\r\n", .contentLength),
            ("Content-Length: 0x5\r\n\r\n", .contentLength), ("Content-Length: 5.0\r\n\r\n", .contentLength),
            ("Content-Length: 5_0\r\n\r\n", .contentLength), ("Content-Length: ٥\r\n\r\n", .contentLength),
            ("Content-Length: 100000000000000000000000000000\r\n\r\n", .contentLength),
            ("Content-Length: 18446744073709551621\r\n\r\n", .contentLength),
            ("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n", .lengthWithCoding),
            ("Transfer-Encoding: chunked\r\nContent-Length: x\r\n\r\n", .lengthWithCoding),
            ("Transfer-Encoding: chunked,\r\n\r\n", .transferCoding), ("Transfer-Encoding: \r\n\r\n", .transferCoding),
            ("Transfer-Encoding: chunked, gzip\r\n\r\n", .transferCoding),
            ("Transfer-Encoding: identity\r\n\r\n", .transferCoding),
            ("Transfer-Encoding: chunked, chunked\r\n\r\n", .transferCoding),
            ("Transfer-Encoding: chunked;q=1\r\n\r\n", .transferCoding),
            ("Transfer-Encoding: \"chunked\"\r\n\r\n", .transferCoding),
            ("Transfer-Encoding: xchunked\r\n\r\n", .transferCoding),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", .transferCoding),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n", .transferCoding),
            ("Transfer-Encoding: gzip, chunked\r\n\r\n", .unsupportedCoding),
            ("Transfer-Encoding: chunKed\r\nContent-Length: 5\r\n\r\n", .lengthWithCoding),
        ] as [(String, HTTPParseError.Kind)]
    )
    func refusesTheFraming(text: String, kind: HTTPParseError.Kind) { expect(Self.ok(text), kind) }

    @Test func refusesChunksInHTTP10() {
        expect("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", .codingInOldVersion)
    }

    @Test(
        arguments: [
            ("\r\n", .chunkSize), ("0x1\r\n", .chunkSize), ("0_0\r\n", .chunkSize), ("1X\r\n", .chunkSize),
            ("1 \r\n", .chunkSize),
            (" 1\r\n", .chunkSize), ("+1\r\n", .chunkSize), ("-1\r\n", .chunkSize), (";a\r\n", .chunkSize),
            ("1\n", .chunkSize),
            ("1\r\r\n", .chunkSize), ("00000000000000001\r\n", .chunkSize), ("ffffffffffffffff\r\n", .bodyTooLong),
            ("7fffffffffffffff\r\n", .bodyTooLong), ("8000000000000000\r\n", .bodyTooLong),
            ("10000000000000001\r\n", .chunkSize),
            (String(repeating: "0", count: 1_000), .chunkSize),
            ("1\r\nxy", .chunkEnd), ("1\r\nx\n", .chunkEnd), ("1\r\nx\ry", .chunkEnd), ("1\r\nx\r\r\n", .chunkEnd),
            ("1;a\rb\r\n", .chunkSize), ("1;a\nb\r\n", .chunkExtension), ("1;a\u{0}\r\n", .chunkExtension),
            ("1;a=\"\r\n", nil), ("0\r\nA : b\r\n\r\n", .spaceBeforeColon), ("0\r\n a\r\n\r\n", .foldedLine),
            ("0\r\nA: b\n\r\n", .bareLineFeed), ("0\r\n\n", .bareLineFeed), ("0\r\nHTTP/1.1 200 OK\r\n", .fieldName),
            ("0\r\n\rX", nil),
        ] as [(String, HTTPParseError.Kind?)]
    )
    func refusesChunks(text: String, kind: HTTPParseError.Kind?) {
        guard let kind else {
            #expect(Reader.responses(Array(Self.chunked(text).utf8)).error == nil)
            return
        }
        expect(Self.chunked(text), kind)
    }

    @Test func boundsTheExtensionsOfAllChunksTogether() {
        var limits = HTTPLimits()
        limits.chunkExtensionBytes = 10
        expect(Self.chunked("1;234567890a\r\nx"), .chunkExtensionsTooLong, limits: limits)
        let each = "1;ab\r\nx\r\n"
        expect(Self.chunked(each + each + each + each), .chunkExtensionsTooLong, limits: limits)
        #expect(Reader.responses(Array(Self.chunked(each + each + each).utf8), limits: limits).error == nil)
    }

    @Test func boundsTheHeadAndItsFields() {
        var limits = HTTPLimits()
        limits.headBytes = 64
        expect("HTTP/1.1 200 " + String(repeating: "x", count: 60), .headTooLong, limits: limits)
        expect(Self.ok("A: " + String(repeating: "x", count: 60)), .headTooLong, limits: limits)
        expect(Self.ok(String(repeating: "A: b\r\n", count: 20)), .headTooLong, limits: limits)
        expect(Self.chunked("0\r\n" + String(repeating: "A: b\r\n", count: 20)), .headTooLong, limits: limits)
        limits = HTTPLimits()
        limits.fieldCount = 3
        expect(Self.ok(String(repeating: "A:\r\n", count: 4)), .tooManyFields, limits: limits)
        expect(Self.chunked("0\r\n" + String(repeating: "A:\r\n", count: 3)), .tooManyFields, limits: limits)
    }

    @Test func takesAHeadOfExactlyTheLimit() {
        var limits = HTTPLimits()
        let text = Self.ok("Content-Length: 0\r\nA: b\r\n\r\n")
        limits.headBytes = text.utf8.count
        #expect(Reader.responses(Array(text.utf8), limits: limits).error == nil)
        limits.headBytes -= 1
        expect(text, .headTooLong, limits: limits)
        limits.headBytes = .max
        limits.bodyBytes = .max
        #expect(Reader.responses(Array(text.utf8), limits: limits).error == nil)
    }

    @Test func saysWhatIsWrongAndWhere() {
        let error = Reader.responses(Array(Self.ok("A: b\r\nC : secret\r\n\r\n").utf8)).error
        #expect(error?.line == 3)
        #expect(error?.description == "line 3: white space stands before the colon")
        let lengths = Reader.responses(Array(Self.ok("Content-Length: x\r\n\r\n").utf8)).error
        #expect(lengths?.description == "Content-Length is not a number of at most 18 digits")
    }

    @Test func throwsTheSameErrorAgain() throws {
        var parser = ResponseParser()
        parser.begin(answering: .get)
        let bytes = Array("HTTP/1.1 200 OK\r\nA\r\n".utf8)
        var position = 0
        let first = #expect(throws: HTTPParseError.self) { _ = try parser.next(in: bytes.span, at: &position) }
        parser.begin(answering: .get)
        position = 0
        let second = #expect(throws: HTTPParseError.self) { _ = try parser.next(in: bytes.span, at: &position) }
        #expect(first == second)
        #expect(parser.endOfConnection() == .cutsMessage)
    }
}
