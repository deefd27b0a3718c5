import HTTPCodec
import Testing

/// Requests as the parser reads them, whole and in pieces.
@Suite struct RequestParserTests {
    private func expect(
        _ text: String,
        _ expected: String,
        limits: HTTPLimits = HTTPLimits(),
        location: SourceLocation = #_sourceLocation
    ) {
        for sizes in [Reader.whole, Reader.single, [2, 3]] {
            let reading = Reader.requests(Array(text.utf8), sizes: sizes, limits: limits)
            #expect(reading.description == expected, sourceLocation: location)
        }
    }

    @Test func readsPipelinedRequests() {
        expect(
            "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabcGET /b?c=d HTTP/1.1\r\nhost: h:80\r\n\r\n"
                + "PUT /?? HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nxy\r\n0\r\n\r\n",
            "POST /a @h length(3) kept Content-Length=3; body abc; end; GET /b?c=d @h:80 none kept; end; "
                + "PUT /?? @h chunked kept Transfer-Encoding=chunked; body xy; end"
        )
    }

    @Test func takesAFewEmptyLinesBeforeARequest() {
        let request = "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
        let read = "GET / @h none kept; end"
        expect("\r\n" + request + "\r\n\r\n" + request, read + "; " + read)
        let lines = "\r\n\r\n\r\n"
        expect(lines + request + lines + request, read + "; " + read)
        expect("\r\n\r\n\r\n\r\n", "")
        expect("\r\n\r\n\r\n\r\n\r\n", "error requestLine")
        expect("\n" + request, "error bareLineFeed")
        expect("\r\r\n" + request, "error requestLine")
    }

    @Test func readsEveryFormOfTarget() {
        expect("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", "OPTIONS * @h none kept; end")
        expect("CONNECT a.test:443 HTTP/1.1\r\nHost: h\r\n\r\n", "CONNECT  @a.test:443 none kept; end")
        expect("GET http://a.test HTTP/1.1\r\nHost: h\r\n\r\n", "GET / @a.test none kept; end")
        expect("GET HTTP://a.test:81/b?c HTTP/1.1\r\nHost: h\r\n\r\n", "GET /b?c @a.test:81 none kept; end")
        expect("GET https://[::1]?c HTTP/1.0\r\n\r\n", "GET /?c @[::1] 1.0 none; end")
        expect(
            "GET /a%20b|{}? HTTP/1.1\r\nHost: \r\n\r\n",
            "GET /a%20b|{}? @ none kept; end"
        )
        expect("GET //a HTTP/1.1\r\nHost: [::1]:9000\r\n\r\n", "GET //a @[::1]:9000 none kept; end")
    }

    @Test func asksForAHostInHTTP11Only() {
        expect("GET / HTTP/1.0\r\n\r\n", "GET / 1.0 none; end")
        expect("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "GET / 1.0 none kept Connection=keep-alive; end")
        expect("GET / HTTP/1.0\r\nHost: h\r\n\r\n", "GET / @h 1.0 none; end")
        expect("GET / HTTP/1.1\r\n\r\n", "error missingHost")
        expect("GET http://a/ HTTP/1.1\r\n\r\n", "error missingHost")
        expect("GET / HTTP/1.1\r\nHost: h\r\nhost: h\r\n\r\n", "error severalHosts")
        expect("GET / HTTP/1.0\r\nHost: h\r\nhost: h\r\n\r\n", "error severalHosts")
    }

    @Test(arguments: [
        ("h", true), ("a.test", true), ("a.test.", true), ("127.0.0.1:80", true), ("h:", true), ("h:65535", true),
        ("[fe80::1]", true),
        ("_sip", true), ("a%20b", true), ("h:65536", false), ("h:x", false), ("h:1:2", false), ("::1", false),
        (":80", false),
        ("[::1", false), ("[]", false), ("[::1]x", false), ("::1]", false), ("a[b]", false), ("u@h", false),
        ("h/p", false),
        ("h?q", false), ("a b", false), ("a, b", false), ("a\\b", false), ("h#f", false), ("ä", false),
        ("h:000080", true),
    ])
    func checksTheHost(host: String, isTaken: Bool) {
        let reading = Reader.requests(Array("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n".utf8))
        #expect(reading.error?.kind == (isTaken ? nil : .host))
    }

    @Test func saysWhetherTheClientWaitsForA100() {
        let head = "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\n"
        expect(
            head + "Content-Length: 1\r\n\r\nx",
            "POST / @h length(1) kept expects Expect=100-Continue Content-Length=1; body x; end"
        )
        expect(head + "\r\n", "POST / @h none kept Expect=100-Continue; end")
        expect(
            head.replacing("1.1", with: "1.0") + "Content-Length: 1\r\n\r\nx",
            "POST / @h 1.0 length(1) Expect=100-Continue Content-Length=1; body x; end"
        )
    }

    @Test func givesTheHeadBeforeItRefusesTheBody() {
        var limits = HTTPLimits()
        limits.bodyBytes = 4
        expect(
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n",
            "POST / @h length(5) kept Content-Length=5; error bodyTooLong",
            limits: limits
        )
    }

    @Test(arguments: [
        ("", true), ("\r\n", true), ("\r", false), ("G", false), ("GET / HTTP/1.1\r\n", false),
        ("GET / HTTP/1.1\r\nHost: h\r\n\r\n", true), ("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n", false),
    ])
    func knowsWhetherARequestIsUnderWay(text: String, isBetween: Bool) throws {
        var parser = RequestParser()
        let bytes = Array(text.utf8)
        var position = 0
        while try parser.next(in: bytes.span, at: &position) != .needMore {}
        #expect(parser.isBetweenMessages == isBetween)
        #expect(parser.endOfConnection() == (isBetween ? .betweenMessages : .cutsMessage))
    }
}
